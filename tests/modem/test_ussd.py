"""USSD: codes plain or packed, texts in every form modems give them, and what the network says instead of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem import gsm7, ussd
from modem.types import Fault, ModemRefused, Notification

from .scripted import ERROR, OK, Scripted, final, lines

BALANCE = "Sisa pulsa Rp5.000 s.d. 31/12/2026"
UCS2 = BALANCE.encode("utf-16-be").hex().upper()
PACKED = ussd.pack(BALANCE)


@pytest.mark.parametrize(
    ("code", "packed"),
    [("*888#", "2A1C0E3702"), ("*144#", "AA188D3602"), ("*123*7#", "AA986CA6BA8D1A")],
)
def test_a_code_is_packed_as_23_038_says(code: str, packed: str) -> None:
    assert ussd.pack(code) == packed


@given(st.text(alphabet=sorted(gsm7.BASIC - {"\r", "@"}), min_size=1, max_size=182))
def test_what_is_packed_can_be_read(text: str) -> None:
    assert ussd.read(f'0,"{ussd.pack(text)}",15', "*1#", packed=True).text == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (f'0,"{BALANCE}",15', BALANCE),
        (f'0,"{BALANCE}"', BALANCE),
        (f'0,"{BALANCE}",0', BALANCE),
        (f'0, "{BALANCE}", 15', BALANCE),
        (f'0,"{UCS2}",72', BALANCE),
        (f'0,"{UCS2}",15', BALANCE),  # a terminal set to UCS-2
        (f'0,"{UCS2.lower()}",72', BALANCE),
        (f'0,"{PACKED}",15', BALANCE),
        (f"0,{PACKED},15", BALANCE),
        (f'0,"{BALANCE.encode().hex().upper()}",68', BALANCE),  # 8-bit data
        (f'0,"{BALANCE.encode("utf-16-be").hex()}",17', BALANCE),
        ('0,"250000",15', "250000"),
        ('0,"1234567890",15', "1234567890"),
        ('0,"Menu "A"\n1. Pulsa\nOK",15', 'Menu "A"\n1. Pulsa\nOK'),
        (f'2,"{BALANCE}",15', BALANCE),  # ended by the network, with its text
        ("something else", "something else"),
    ],
)
def test_texts_come_in_many_forms(line: str, text: str) -> None:
    assert ussd.read(line, "*888#").text == text


@pytest.mark.parametrize(
    ("line", "fault", "words"),
    [
        ("2", Fault.TEMPORARY, "tidak menjawab"),
        ("4", Fault.PERMANENT, "tidak mengenal"),
        ("5", Fault.TEMPORARY, "tidak menjawab"),
        ('4,"",15', Fault.PERMANENT, "tidak mengenal"),
    ],
)
def test_the_network_may_refuse(scripted: Scripted, line: str, fault: Fault, words: str) -> None:
    modem, _ = scripted(lambda command: OK + final(f"+CUSD: {line}") if command.startswith("AT+CUSD=1") else OK)
    modem.open()
    with pytest.raises(ModemRefused) as caught:
        modem.ussd("*888#")
    assert (caught.value.fault, words in caught.value.operator) == (fault, True)


@pytest.mark.parametrize("answer", [ERROR, final("+CME ERROR: 100"), final("+CME ERROR: 50")])
def test_a_modem_that_takes_only_packed_codes_is_found_out_once(scripted: Scripted, answer: bytes) -> None:
    modem, other_end = scripted(
        {'AT+CUSD=1,"*888#"': answer, 'AT+CUSD=1,"2A1C0E3702"': OK + final(f'+CUSD: 0,"{PACKED}",15')}
    )
    modem.open()
    assert modem.ussd("*888#") == BALANCE
    before = len(other_end.said)
    assert modem.ussd("*888#") == BALANCE
    assert other_end.said_since(before) == ['AT+CUSD=1,"2A1C0E3702",15']


def test_a_plain_code_that_the_network_could_not_read_is_sent_packed(scripted: Scripted) -> None:
    modem, _ = scripted(
        {'AT+CUSD=1,"*888#"': OK + final("+CUSD: 4"), 'AT+CUSD=1,"2A1C0E3702"': OK + final(f'+CUSD: 0,"{PACKED}",15')}
    )
    modem.open()
    assert modem.ussd("*888#") == BALANCE


def test_no_network_is_no_question_of_form(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CUSD": final("+CME ERROR: 30")})
    modem.open()
    with pytest.raises(ModemRefused) as caught:
        modem.ussd("*888#")
    assert caught.value.fault is Fault.NO_SERVICE
    assert len([command for command in other_end.said if "+CUSD=1" in command]) == 1


def test_a_text_that_comes_later_is_waited_for_and_other_news_are_kept(scripted: Scripted) -> None:
    late = OK + b'\r\n+CMTI: "SM",4\r\n' + final(f'+CUSD: 0,"{BALANCE}",15')
    modem, _ = scripted({"AT+CUSD=1": late})
    modem.open()
    assert modem.ussd("*888#") == BALANCE
    assert modem.wait(0) == Notification("arrived", "SM")


def test_a_text_that_comes_before_the_ok_is_heard(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CUSD=1": lines(f'+CUSD: 0,"{BALANCE}",15')})
    modem.open()
    assert modem.ussd("*888#") == BALANCE


def test_the_late_answer_to_an_earlier_code_is_not_the_answer_to_this_one(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CUSD=1": OK + final(f'+CUSD: 0,"{BALANCE}",15')})
    modem.open()
    other_end.announce('+CUSD: 0,"LAMA",15')
    modem.status()
    assert modem.ussd("*888#") == BALANCE


def test_a_network_that_keeps_silent_is_no_silent_modem(scripted: Scripted) -> None:
    modem, other_end = scripted({}, send_seconds=0.1)
    modem.open()
    with pytest.raises(ModemRefused) as caught:
        modem.ussd("*888#")
    assert caught.value.fault is Fault.TEMPORARY
    assert other_end.said[-1] == "AT+CUSD=2"


def test_a_menu_is_closed_again(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CUSD=1": OK + final('+CUSD: 1,"1. Pulsa\r\n2. Paket",15')})
    modem.open()
    assert modem.ussd("*888#") == "1. Pulsa\n2. Paket"
    assert other_end.said[-1] == "AT+CUSD=2"


def test_a_coding_that_is_no_octet_is_not_believed() -> None:
    assert "Pulsa" in ussd.read('0,"Pulsa Rp900",' + "9" * 5000, "*888#").text
