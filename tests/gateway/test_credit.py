"""What operators say of credit and validity. The wordings are after their manner, not copied."""

from __future__ import annotations

import time
from datetime import date

import pytest

from config.operators import load_operators
from gateway import credit
from gateway.credit import Credit

OPERATORS = {operator.key: operator for operator in load_operators()}
LAST = date(2026, 12, 31)
LONGEST_SMS_LETTERS = 255 * 153


@pytest.mark.parametrize(
    ("imsi", "name", "key"),
    [
        ("510101234567890", "", "telkomsel"),
        ("510011234567890", "TELKOMSEL", "indosat"),  # the SIM decides, not the network it is guest of
        ("510891234567890", None, "tri"),
        ("510111234567890", None, "xl"),
        ("510081234567890", None, "xl"),
        ("510281234567890", None, "smartfren"),
        ("", "51010", "telkomsel"),
        (None, "IND INDOSAT OOREDOO", "indosat"),
        (None, "T-SEL", "telkomsel"),
        (None, "3", "tri"),
        (None, "XL Axiata", "xl"),
    ],
)
def test_a_sim_is_known_by_its_imsi_else_by_the_name_of_its_network(
    imsi: str | None, name: str | None, key: str
) -> None:
    found = credit.operator_of(imsi, name)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(("imsi", "name"), [(None, None), ("", ""), ("262011234567890", "Vodafone"), ("", "Extra")])
def test_other_sims_belong_to_nobody_we_know(imsi: str | None, name: str | None) -> None:
    assert credit.operator_of(imsi, name) is None


def test_the_code_is_the_setting_else_the_operators_usual_one() -> None:
    assert credit.balance_code("*123*7#", OPERATORS["xl"]) == "*123*7#"
    assert credit.balance_code("", OPERATORS["telkomsel"]) == "*888#"
    assert credit.balance_code("none", OPERATORS["telkomsel"]) == ""
    assert credit.balance_code("", None) == ""


@pytest.mark.parametrize(
    ("text", "balance", "until"),
    [
        ("Sisa Pulsa Rp25.000. Aktif s.d. 31-12-2026. Info: *888*1#", 25_000, LAST),
        ("Pulsa Rp.25000.Aktif s/d 31.12.26.Mau kuota lebih? 1 Paket 2 Info", 25_000, LAST),
        ("Pulsa: Rp25000,00, berlaku s/d 31/12/26", 25_000, LAST),
        ("Pulsa Rp 7.500 s.d. 31-12-2026 1.Paket Internet", 7_500, LAST),
        ("Pulsa Anda Rp1.250.000,50\nMasa aktif: 31 Des 2026", 1_250_000, LAST),
        ("Saldo anda IDR 25,000.00 aktif hingga 31DEC2026", 25_000, LAST),
        ("Main Balance: Rp 0, valid until 2026-12-31", 0, LAST),
        ("Pulsa utama Rp 900", 900, None),
        ("Pulsa Rp.10.500,- s/d 31/12/2026", 10_500, LAST),
        ("Sisa Pulsa Rp 3.000,00 berlaku sampai dengan tgl 2026-12-31", 3_000, LAST),
        ("Aktif s/d 1 Agt 2026", None, date(2026, 8, 1)),
        ("Sisa pulsa Rp5000. Aktif s/d 31-13-2026", 5_000, None),
        ("Sisa pulsa Rp5000. Aktif s/d 31 Abc 2026", 5_000, None),
    ],
)
def test_the_answer_to_the_code_is_read(text: str, balance: int | None, until: date | None) -> None:
    found = credit.read_balance(text, OPERATORS["telkomsel"])
    assert found is not None
    assert (found.balance, found.valid_until) == (balance, until)
    assert found == credit.read_balance(text, None), "an unknown operator is read as any"
    assert "\n" not in found.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Menu: 1 Paket 2 Info",
        "1. Cek pulsa 2. Beli paket",
        "1) Isi pulsa 2) Info",
        "Beli pulsa 50rb dapat bonus",
        "Kode salah",
    ],
)
def test_an_answer_without_credit_is_none(text: str) -> None:
    assert credit.read_balance(text, OPERATORS["xl"]) is None


@pytest.mark.parametrize(
    ("sender", "is_number", "text", "expected"),
    [
        ("TELKOMSEL", False, "Pulsa Anda tinggal Rp1.500. Segera isi ulang.", (1_500, None, False, False)),
        ("888", True, "Sisa pulsa Anda Rp900. Isi ulang di *888#", (900, None, False, False)),
        ("XL-Axiata", False, "Maaf, pulsa Anda tidak mencukupi untuk mengirim SMS.", (0, None, False, False)),
        ("TELKOMSEL", False, "Sisa pulsa utama Anda Rp3.000", (3_000, None, False, False)),
        ("TELKOMSEL", False, "Isi ulang berhasil. Pulsa Anda sekarang Rp 26.500.", (26_500, None, False, False)),
        ("Indosat", False, "Pulsa kamu sudah habis nih!", (0, None, False, False)),
        ("3", False, "Masa aktif kartu Tri kamu habis 31/12/2026.", (None, LAST, False, False)),
        ("Smartfren", False, "Kartu kamu aktif s/d 31-12-26. Isi pulsa ya.", (None, LAST, False, False)),
        (
            "TELKOMSEL",
            False,
            "Masa aktif kartu Anda berakhir 01/12/2026. Anda dalam masa tenggang s.d. 31/12/2026.",
            (None, None, True, False),
        ),
        ("IM3", False, "Nomor Anda telah diblokir. Hubungi gerai.", (None, None, False, True)),
    ],
)
def test_notices_are_read(
    sender: str, is_number: bool, text: str, expected: tuple[int | None, date | None, bool, bool]
) -> None:
    found = credit.read_notice(sender, is_number, text, OPERATORS.values())
    assert found is not None
    assert (found.balance, found.valid_until, found.grace, found.blocked) == expected
    assert found.text == text


@pytest.mark.parametrize(
    ("sender", "is_number", "text"),
    [
        ("TELKOMSEL", False, "Paket 5GB Rp15.000 berlaku s/d 31-12-2026. Beli di *363#"),
        ("TELKOMSEL", False, "Isi pulsa Rp50.000 sekarang, bonus 2GB aktif s/d 31-12-2026!"),
        ("TELKOMSEL", False, "Jika pulsa habis, beli paket darurat di *505#"),
        ("TELKOMSEL", False, "Kartu Anda aktif dan tidak dalam masa tenggang."),
        ("XL-Axiata", False, "Isi ulang agar kartu tidak akan masuk masa tenggang"),
        ("+6281272000101", True, "Pulsa Anda tinggal Rp1.500."),
        ("PENIPU", False, "Pulsa Anda tinggal Rp1.500."),
        ("TELKOMSEL", True, "Pulsa Anda tinggal Rp1.500."),
    ],
)
def test_advertising_and_other_senders_say_nothing_of_credit(sender: str, is_number: bool, text: str) -> None:
    assert credit.read_notice(sender, is_number, text, OPERATORS.values()) is None


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Credit(50_000, date(2027, 6, 1)), []),
        (Credit(), []),
        (Credit(balance=10_000), []),
        (Credit(balance=9_999), ["Pulsa tinggal Rp9999. Isi ulang sebelum habis."]),
        (Credit(balance=0), ["Pulsa habis. Isi ulang agar laptop ini dapat mengirim SMS."]),
        (Credit(valid_until=date(2026, 12, 8)), []),
        (Credit(valid_until=date(2026, 12, 7)), ["Masa aktif kartu SIM habis 7 hari lagi. Isi ulang sebelum itu."]),
        (Credit(valid_until=date(2026, 11, 30)), ["Masa aktif kartu SIM habis hari ini. Isi ulang sekarang."]),
        (
            Credit(0, date(2026, 11, 29)),
            [
                "Masa aktif kartu SIM sudah habis. Isi ulang sekarang, sebelum nomornya hangus.",
                "Pulsa habis. Isi ulang agar laptop ini dapat mengirim SMS.",
            ],
        ),
        (
            Credit(valid_until=date(2026, 11, 29), text="Anda dalam masa tenggang s.d. 31/12/2026."),
            ["Kartu SIM dalam masa tenggang: menerima SMS, tetapi tidak dapat mengirim. Isi ulang sekarang."],
        ),
        (
            Credit(grace=True, blocked=True),
            ["Kartu SIM diblokir operator. Hubungi gerai operator; sementara pakai kartu lain."],
        ),
    ],
)
def test_warnings_come_in_time_the_worst_first(known: Credit, said: list[str]) -> None:
    assert credit.warnings(known, today=date(2026, 11, 30), low_credit=10_000, expiry_days=7) == said


@pytest.mark.parametrize("digits", ["1" * 10, "9" * 5000, "1.000.000.000.000.000"])
def test_what_is_too_much_for_a_sim_is_no_credit(digits: str) -> None:
    assert credit.read_balance(f"Pulsa Rp{digits}", None) is None
    assert credit.read_notice("TELKOMSEL", False, f"Sisa pulsa Rp{digits}", OPERATORS.values()) is None


@pytest.mark.parametrize(
    "piece", ["pulsa ", "masa aktif ", "kartu anda ", "s/d ", "1.", "sisa pulsa anda saat ini ", "31 ", "1.1", "1,"]
)
def test_no_words_keep_the_reader_busy(piece: str) -> None:
    text = piece * (LONGEST_SMS_LETTERS // len(piece))
    began = time.process_time()
    credit.read_balance(text, None)
    credit.read_notice("123", True, text, OPERATORS.values())
    assert time.process_time() - began < 1
