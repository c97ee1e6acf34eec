"""What codes and values mean."""

from __future__ import annotations

import pytest

from modem import codes
from modem.answers import digits, groups, numbers_of, refusal, signal_percent, store_fills
from modem.at import Answer, Dialogue
from modem.types import Fault, ModemRefused, PinNeeded, SimMissing


def refused(final: str, command: str = "AT+CMGS=20") -> ModemRefused:
    dialogue = Dialogue()
    dialogue.command(command)
    (answer,) = dialogue.feed(f"\r\n{final}\r\n".encode())
    assert isinstance(answer, Answer)
    return refusal(answer)


@pytest.mark.parametrize(
    ("final", "fault", "retryable", "words"),
    [
        ("+CMS ERROR: 1", Fault.PERMANENT, False, "Nomor tujuan"),
        ("+CMS ERROR: 8", Fault.NO_CREDIT, True, "pulsa"),
        ("+CMS ERROR: 21", Fault.NO_CREDIT, True, "pulsa"),
        ("+CMS ERROR: 38", Fault.NO_CREDIT, True, "pulsa"),
        ("+CMS ERROR: 50", Fault.NO_CREDIT, True, "pulsa"),
        ("+CMS ERROR: 69", Fault.NO_CREDIT, True, "pulsa"),
        ("+CMS ERROR: 41", Fault.TEMPORARY, True, ""),
        ("+CMS ERROR: 42", Fault.TEMPORARY, True, ""),
        ("+CMS ERROR: 192", Fault.TEMPORARY, True, ""),
        ("+CMS ERROR: 195", Fault.PERMANENT, False, "Nomor tujuan"),
        ("+CMS ERROR: 304", Fault.PERMANENT, False, ""),
        ("+CMS ERROR: 330", Fault.NO_SMSC, True, "SMSC"),
        ("+CMS ERROR: 331", Fault.NO_SERVICE, True, "sinyal"),
        ("+CMS ERROR: 500", Fault.TEMPORARY, True, ""),
        ("+CMS ERROR: 512", Fault.TEMPORARY, True, ""),
        ("+CME ERROR: 21", Fault.TEMPORARY, True, ""),  # an index, no refused SMS
        ("+CME ERROR: 30", Fault.NO_SERVICE, True, "sinyal"),
        ("+CME ERROR: 103", Fault.NO_SERVICE, True, "masa aktif"),
        ("ERROR", Fault.TEMPORARY, True, ""),
    ],
)
def test_the_kind_and_the_sentence_of_a_refusal(final: str, fault: Fault, retryable: bool, words: str) -> None:
    error = refused(final)
    assert (error.fault, error.retryable) == (fault, retryable)
    assert words in error.operator


@pytest.mark.parametrize(
    ("final", "kind"),
    [
        ("+CMS ERROR: 310", SimMissing),
        ("+CME ERROR: 10", SimMissing),
        ("+CMS ERROR: 10", ModemRefused),
        ("+CMS ERROR: 311", PinNeeded),
        ("+CME ERROR: 11", PinNeeded),
        ("+CMS ERROR: 11", ModemRefused),
        ("+CME ERROR: 17", ModemRefused),  # PIN2 has nothing to do with SMS
    ],
)
def test_the_sort_of_error(final: str, kind: type[ModemRefused]) -> None:
    assert type(refused(final)) is kind


def test_no_error_tells_a_pin() -> None:
    assert "4321" not in str(refused("ERROR", 'AT+CPIN="4321"'))


@pytest.mark.parametrize("family", ["CMS", "CME"])
def test_words_mean_what_their_number_means(family: str) -> None:
    table = codes.CMS if family == "CMS" else codes.CME
    for number, meaning in table.items():
        found = codes.number_of(family, meaning.words.upper())
        assert found is not None
        assert table[found].words == meaning.words
        assert table[found].fault is table[number].fault


@pytest.mark.parametrize(
    ("family", "text", "number"),
    [("CMS", "SIM PIN required", 311), ("CMS", "USIM not inserted", 310), ("CMS", "no network", 331), ("CMS", "?", None),
     ("CME", "SIM PIN required", 11), ("CME", "PH-SIM PIN required", 5), ("CME", " 14 ", 14), ("CME", "\u00b2", None)],
)  # fmt: skip
def test_words_and_digits_give_the_number(family: str, text: str, number: int | None) -> None:
    assert codes.number_of(family, text) == number


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0-2", {0, 1, 2}),
        ("0,1,3", {0, 1, 3}),
        ("0-1, 4", {0, 1, 4}),
        ("", set()),
        ("x", set()),
        ("0-99999", set(range(256))),
    ],
)
def test_ranges(text: str, numbers: set[int]) -> None:
    assert numbers_of(text) == numbers


def test_groups_of_a_test_answer() -> None:
    assert groups("(0-2),(0,1)") == ["0-2", "0,1"]
    assert groups("0,1") == ["0,1"]


@pytest.mark.parametrize(
    ("text", "fills"),
    [
        ('"SM",3,20,"ME",0,255,"SM",3,20', [("SM", 3, 20), ("ME", 0, 255), ("SM", 3, 20)]),
        ("3,20,3,20,3,20", [("", 3, 20), ("", 3, 20), ("", 3, 20)]),
        ('"SM", 3, 20', [("SM", 3, 20)]),
        (None, []),
        ("nonsense", []),
    ],
)
def test_store_fills(text: str | None, fills: list[tuple[str, int, int]]) -> None:
    assert [(fill.name, fill.used, fill.capacity) for fill in store_fills(text)] == fills


@pytest.mark.parametrize(
    ("text", "percent"),
    [("31,99", 100), ("0,0", 0), ("16,99", 52), ("99,99", None), ("199,99", None), ("", None), (None, None)],
)
def test_signal(text: str | None, percent: int | None) -> None:
    assert signal_percent(text) == percent


def test_digits_are_read_whatever_stands_around_them() -> None:
    assert digits(("garbage", '+CCID: "8962101234567890123F"'), 18) == "8962101234567890123"
    assert digits(("123",), 14) is None
    assert digits(None, 14) is None


@pytest.mark.parametrize("number", [8, 10, 193, 310, 330, 331])
def test_what_bars_the_sim_is_no_end_of_an_sms(number: int) -> None:
    assert codes.CMS[number].fault in (Fault.NO_CREDIT, Fault.NO_SMSC, Fault.NO_SERVICE)
