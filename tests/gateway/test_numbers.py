"""Phone numbers as people write them."""

from __future__ import annotations

import time

import pytest

from gateway import numbers

HERE = "+6281274000111"


@pytest.mark.parametrize(
    "written",
    [
        "081274000111",
        "0812-7400-0111",
        "0812 7400 0111",
        "0812.7400.0111",
        "0812/7400/0111",
        "(0812) 74000111",
        "(0812)74000111",
        "+6281274000111",
        "+62 812-7400-0111",
        "+62 (812) 7400 0111",
        "+62 (0) 812 7400 0111",
        "+62 0812-7400-0111",
        "62 0812 7400 0111",
        "6281274000111",
        "006281274000111",
        "0062 812 7400 0111",
        "0062 0812 7400 0111",
        "81274000111",
        "812 7400 0111",
        "81274000111.0",
        "81274000111,00",
        "8.1274000111E10",
        "8,1274000111E+10",
        "'081274000111",
        "O8I2 74OO O111",
        "0812-74oo-0l11",
        "hp. 0812-7400-0111 (WA)",
        "WA: 081274000111",
        "0812 7400 0111 (pribadi)",
        "\u200b0812\u00a07400\u202f0111\u202c",
        "０８１２－７４００－０１１１",
        "٠٨١٢٧٤٠٠٠١١١",
        "081274000111 / 0812-7400-0111",
    ],
)
def test_all_writings_of_one_number_are_one_number(written: str) -> None:
    assert numbers.check_recipient(written) == HERE


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("0812 7400 0111 / 0813 6611 2233", numbers.TWO_NUMBERS),
        ("081274000111, 081366112233", numbers.TWO_NUMBERS),
        ("081274000111 atau 081366112233", numbers.TWO_NUMBERS),
        ("081274000111 081366112233", numbers.TWO_NUMBERS),
        ("0812-7400-0111/12", numbers.TWO_NUMBERS),
        ("8.1274E+10", numbers.SHORTENED),
        ("8,13E10", numbers.SHORTENED),
        ("0741 23456", numbers.FIXED_LINE),
        ("(021) 555 1234", numbers.FIXED_LINE),
        ("+62 741 23456", numbers.FIXED_LINE),
        ("4444", numbers.SHORT_CODE),
        ("110", numbers.SHORT_CODE),
        ("TELKOMSEL", numbers.SHORT_CODE),
        ("08127", numbers.SHORT_CODE),
        ("0812740", numbers.SHORT_CODE),
        ("0812740001112223", numbers.WRONG_LENGTH),
        ("081 274 00", numbers.WRONG_LENGTH),
        ("0841 2345 6789", numbers.WRONG_LENGTH),
        ("", numbers.NOT_A_NUMBER),
        ("--", numbers.NOT_A_NUMBER),
        ("+", numbers.NOT_A_NUMBER),
        ("1507081001001", numbers.NOT_A_NUMBER),
        ("3174012345670001", numbers.NOT_A_NUMBER),
        ("0812" + "7" * 80, numbers.NOT_A_NUMBER),
        ("+999123456789", numbers.NOT_A_NUMBER),
    ],
)
def test_what_is_not_one_persons_phone_is_refused_with_the_reason(written: str, sentence: str) -> None:
    with pytest.raises(numbers.NumberError) as refused:
        numbers.check_recipient(written)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("written", "number"),
    [("+60 12-345 6789", "+60123456789"), ("0060 12 345 6789", "+60123456789"), ("+65 8123 4567", "+6581234567")],
)
def test_a_foreign_mobile_number_needs_its_country(written: str, number: str) -> None:
    assert numbers.check_recipient(written) == number
    assert not numbers.is_home(number)


def test_the_number_of_the_network_and_the_typed_one_are_the_same() -> None:
    for from_network in (HERE, "6281274000111", "081274000111", "006281274000111"):
        assert numbers.normal(from_network) == numbers.check_recipient("0812 7400 0111")


@pytest.mark.parametrize("name", ["4444", "TELKOMSEL", "1818"])
def test_short_codes_and_names_stay_as_they_are_and_are_nobodys_phone(name: str) -> None:
    assert numbers.normal(name) == name
    assert not numbers.is_subscriber(numbers.normal(name))
    assert numbers.normal("6281274000111", is_number=False) == "6281274000111"


@pytest.mark.parametrize("number", [HERE, "+628115551234", "+62812345678", "+60123456789"])
def test_the_written_form_reads_back_and_no_spreadsheet_takes_it_for_a_number(number: str) -> None:
    written = numbers.written(number)
    assert numbers.check_recipient(written) == number
    assert written[0] == "0"
    assert "-" in written[1:]


@pytest.mark.parametrize(
    "written",
    [
        "081274000111",
        "+62 0812-7400-0111",
        "0062 812 7400 0111",
        "０８１２７４０００１１１",
        "0812\u200b7400\u200b0111",
        "0812–7400–0111",
        "0812_7400_0111",
        "0812/7400/0111",
        "0812*7400*0111",
        "0812 - 7400 - 0111",
        "0812\n7400\n0111",
        "0 8 1 2 7 4 0 0 0 1 1 1",
        "08 12 74 00 01 11",
        "O81274OOO111",
        "08l2-7400-0l11",
        "81274000111",
        "(0812) 7400 0111",
        "+60 12-345 6789",
        "1507012304560001",
    ],
)
def test_every_writing_is_masked_in_a_text(written: str) -> None:
    assert numbers.mask_in_text(f"hubungi {written}, ya") == f"hubungi {numbers.MASK}, ya"


def test_a_text_without_numbers_is_left_as_it_is() -> None:
    for text in (
        "LAPOR 07 0415 14 0, é１２ 15.07.08.1001",
        "LAPOR 07 0811 14 0 120 3",
        "NIHIL 1507012002",
        "tgl 08-12-2026 19.30, 08/12 jam 08.30 tps 12 massa 400",
        "0 8 1 2 3 4 5 6 orang",
        "kpps 081 tps 012 suara 812 345 678",
    ):
        assert numbers.mask_in_text(text) == text


def test_counts_beside_a_number_stay() -> None:
    assert numbers.mask_in_text("massa 14 korban 0\n0812 7400 0111 12 0") == f"massa 14 korban 0\n{numbers.MASK} 12 0"
    assert numbers.mask_in_text("hp0812 7400 0111/0813 1111 2222.") == f"hp{numbers.MASK}/{numbers.MASK}."


@pytest.mark.parametrize("text", ["1 ", "+", "0 8 ", "0", "0812 ", "(", "0 0 8 1 "])
def test_a_hostile_text_is_masked_in_no_time(text: str) -> None:
    started = time.process_time()
    numbers.mask_in_text(text * (40_000 // len(text)))
    assert time.process_time() - started < 3
