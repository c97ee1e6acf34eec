"""Text mode: what a client that knows no PDUs sees and sends."""

from __future__ import annotations

import pytest

from modem.emulator import tpdu
from modem.emulator.at_server import AtServer
from modem.emulator.network import Network
from modem.emulator.subscribers import Sim

OWN, VILLAGER = "+6281215070001", "+6281272000101"


@pytest.fixture
def server() -> AtServer:
    network = Network(clock=lambda: 1_732_330_000.0)
    made = AtServer(network.add_sim(Sim(OWN)), network, clock=lambda: 0.0)
    made.feed(b"ATE0;+CMGF=1\r")
    return made


def ask(server: AtServer, command: str) -> list[str]:
    return [line for line in server.feed(command.encode() + b"\r").decode("latin-1").split("\r\n") if line]


def receive(server: AtServer, text: str, sender: str = VILLAGER) -> None:
    server.network.phone(sender).send(text, OWN)


def test_messages_are_listed_and_read_with_sender_time_and_text(server: AtServer) -> None:
    receive(server, "LAPOR satu")
    receive(server, "promo", "TELKOMSEL")
    assert ask(server, 'AT+CMGL="ALL"') == [
        f'+CMGL: 1,"REC UNREAD","{VILLAGER}",,"24/11/23,09:46:40+28"',
        "LAPOR satu",
        '+CMGL: 2,"REC UNREAD","TELKOMSEL",,"24/11/23,09:46:40+28"',
        "promo",
        "OK",
    ]
    assert ask(server, "AT+CMGL") == ["OK"]
    assert ask(server, "AT+CMGR=1") == [f'+CMGR: "REC READ","{VILLAGER}",,"24/11/23,09:46:40+28"', "LAPOR satu", "OK"]
    assert ask(server, "AT+CSDH=1;+CMGR=2")[0].endswith(',208,4,0,0,"",129,5')
    assert ask(server, 'AT+CMGL="NIX"') == ["ERROR"]


def test_the_gsm_alphabet_goes_out_code_by_code_and_other_alphabets_as_hexadecimal(server: AtServer) -> None:
    receive(server, "a@b$")
    receive(server, "“ya”")
    heard = server.feed(b"AT+CMGR=1\r")
    assert b"a\x00b\x02" in heard
    assert ask(server, "AT+CMGR=2")[1] == "201C00790061201D"


def test_a_text_is_sent_as_typed(server: AtServer) -> None:
    assert server.feed(b'AT+CMGS="+6281272000101"\r\n') == b"\r\n> "
    assert server.feed(b"baris satu\nuang \x02\x1a") == b"\r\n+CMGS: 0\r\n\r\nOK\r\n"
    assert [row["text"] for row in server.network.received()] == ["baris satu\nuang $"]


def test_the_settings_for_submits_are_used(server: AtServer) -> None:
    ask(server, "AT+CNMI=2,1,0,1")
    assert ask(server, "AT+CSMP=49,0;+CSMP?") == ["+CSMP: 49,0,0,0", "OK"]
    server.feed(b'AT+CMGS="081272000101"\r')
    lines = server.feed(b"halo\x1a").decode().split("\r\n")
    assert lines[-2].startswith(f'+CDS: 6,0,"{VILLAGER}",145,"24/11/23,09:46:40+28",')
    assert lines[-2].endswith(",0")
    assert server.network.sent[-1].report_wanted


@pytest.mark.parametrize(
    ("to", "body"), [("+62812", b"x" * 161), ("+62" + "8" * 24, b"halo")], ids=["too long", "no number"]
)
def test_what_does_not_fit_is_refused(server: AtServer, to: str, body: bytes) -> None:
    server.feed(f'AT+CMGS="{to}"\r'.encode())
    assert server.feed(body + b"\x1a") == b"\r\n+CMS ERROR: 305\r\n"


def test_a_destination_that_is_no_number_is_refused_before_the_prompt(server: AtServer) -> None:
    assert ask(server, 'AT+CMGS="PEMDA"') == ["+CMS ERROR: 305"]


def test_direct_delivery_and_unreadable_pdus(server: AtServer) -> None:
    ask(server, "AT+CNMI=2,2")
    receive(server, "halo")
    assert server.take_output().decode() == f'\r\n+CMT: "{VILLAGER}",,"24/11/23,09:46:40+28"\r\nhalo\r\n'
    server.place("SM", "0011")
    assert ask(server, "AT+CMGR=1") == ['+CMGR: "REC UNREAD","",,""', "0011", "OK"]


def test_a_status_report_reads_back() -> None:
    report = tpdu.StatusReport(7, VILLAGER, 1_732_330_000, 1_732_330_060, 0x46)
    assert tpdu.decode_status_report(tpdu.encode_status_report(report)) == report
    with pytest.raises(tpdu.TpduError, match="STATUS-REPORT"):
        tpdu.decode_status_report(b"\x00" * 20)
