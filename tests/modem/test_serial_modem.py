"""The serial driver against the emulator, over a PTY and over TCP: the same contract on both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from modem import pdu
from modem.emulator.at_server import CLEAN, AtServer, Personality
from modem.emulator.lines import Line, PtyLine, TcpLine
from modem.emulator.network import Network
from modem.emulator.subscribers import Sim
from modem.serial_modem import SerialModem
from modem.types import (
    DIRECT,
    Fault,
    Modem,
    ModemAbsent,
    ModemRefused,
    ModemSilent,
    ModemState,
    Notification,
    OutgoingPdu,
    SendResult,
    StoredPdu,
)

from .scripted import ERROR, OK, Scripted, final, lines, prompting

OWN = "+628117400000"
VILLAGER = "+628127400001"


class Bench:
    """An emulated modem on a line, and the driver on it."""

    def __init__(self, line_kind: str, folder: Path, personality: Personality = CLEAN, capacity: int = 20) -> None:
        self.network = Network()
        self.sim = self.network.add_sim(Sim(OWN, capacity=capacity))
        self.phone = self.network.phone(VILLAGER)
        server = AtServer(self.sim, self.network, personality)
        self.line: Line = PtyLine(server, folder / "modem") if line_kind == "pty" else TcpLine(server, "127.0.0.1", 0)
        self.line.plug()
        port = self.line.address if line_kind == "pty" else f"socket://{self.line.address.removeprefix('socket://')}"
        self.modem: Modem = SerialModem(port, answer_seconds=2, send_seconds=5)

    def close(self) -> None:
        self.modem.close()
        self.line.unplug()


@pytest.fixture(params=["pty", "tcp"] if os.name == "posix" else ["tcp"])
def line_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bench(line_kind: str, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        made = Bench(line_kind, tmp_path)
        stack.callback(made.close)
        yield made


def test_a_line_that_went_away_stays_absent_whatever_is_asked(bench: Bench) -> None:
    bench.modem.open()
    bench.line.unplug()
    for _ in range(2):
        with pytest.raises(ModemAbsent):
            bench.modem.list_stored()
        with pytest.raises(ModemAbsent):
            bench.modem.status()


def test_a_message_that_arrives_while_another_is_sent_is_not_forgotten(bench: Bench) -> None:
    bench.modem.open()
    bench.phone.send("satu", OWN)
    bench.modem.send(pdu.submit(VILLAGER, "jawaban")[0])
    notification = bench.modem.wait(5)
    assert notification is not None
    assert notification.what == "arrived"


def test_a_port_that_is_not_there_is_absent(tmp_path: Path) -> None:
    with pytest.raises(ModemAbsent):
        SerialModem(str(tmp_path / "no-such-port")).open()


@pytest.mark.skipif(os.name != "posix", reason="PTYs are POSIX")
def test_a_port_where_nobody_answers_is_silent() -> None:
    import pty

    ours, theirs = pty.openpty()
    modem = SerialModem(os.ttyname(theirs), monotonic=FastClock().now)
    try:
        with pytest.raises(ModemSilent, match="answers AT"):
            modem.open()
    finally:
        modem.close()
        os.close(ours)
        os.close(theirs)


class FastClock:
    """A clock on which every look costs a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        self.seconds += 1
        return self.seconds


def test_a_modem_that_knows_only_the_four_commands_works(line_kind: str, tmp_path: Path) -> None:
    bare = replace(CLEAN, unknown=frozenset(BARE_REFUSES))
    bench = Bench(line_kind, tmp_path, bare)
    try:
        bench.modem.open()
        bench.phone.send("NIHIL LAMBUR", OWN)
        assert bench.network.wait_for(lambda: len(bench.sim.slots) == 1, 5)
        (stored,) = bench.modem.list_stored()
        bench.modem.delete([stored])
        bench.modem.send(pdu.submit(VILLAGER, "ok")[0])
        assert bench.phone.wait_for_texts(1, timeout=5)[0].text == "ok"
        assert bench.modem.status().state == ModemState.READY
    finally:
        bench.close()


BARE_REFUSES = ["E", "+CMEE", "+CPIN", "+CPMS", "+CNMI", "+CGMI", "+CGMM", "+CGSN", "+CIMI", "+CREG", "+CSQ", "+COPS"]


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ones(scripted: Scripted, impatient: None) -> None:
    late = [b'\r\n+COPS: 0,0,"LAMBAT"\r\nOK\r\n']

    def say(command: str) -> bytes:
        if command == "AT+COPS?":
            return b""
        if command == "AT" and "AT+COPS?" in other_end.said and late:
            return late.pop() + OK
        return {"AT+CPMS?": lines('+CPMS: "SM",3,20,"SM",3,20'), "AT+CSQ": lines("+CSQ: 31,99")}.get(command, OK)

    modem, other_end = scripted(say)
    modem.open()
    status = modem.status()
    assert (status.sim_used, status.sim_capacity, status.signal_percent) == (3, 20, 100)


def test_several_late_answers_shift_nothing(scripted: Scripted, impatient: None) -> None:
    """Each command after a silent one is answered one place too late until the driver has noticed."""
    owed: list[bytes] = []

    def say(command: str) -> bytes:
        answer = {"AT+COPS?": lines('+COPS: 0,0,"LAMBAT"'), "AT+CSQ": lines("+CSQ: 31,99")}.get(command, OK)
        if command.startswith("AT+WASPADA"):
            answer = ERROR
        if command == "AT+COPS?" and not owed:
            owed.append(answer)
            return b""
        if owed and command == "AT":
            return owed.pop() + answer
        return answer

    modem, _ = scripted(say)
    modem.open()
    assert modem.status().signal_percent == 100


def test_an_ok_before_the_pdu_was_handed_over_is_no_sent_sms(scripted: Scripted) -> None:
    modem, _ = scripted(lambda command: OK)
    modem.open()
    with pytest.raises(ModemSilent) as caught:
        modem.send(pdu.submit(VILLAGER, "halo")[0])
    assert not caught.value.submitted


@pytest.mark.parametrize(
    ("answer", "retryable", "no_service"),
    [
        (b"+CMS ERROR: 30", False, False),  # unknown subscriber
        (b"+CME ERROR: 30", True, True),  # no network
        (b"+CME ERROR: 10", True, True),  # no SIM; +CMS ERROR: 10 is a barred call
        (b"+CMS ERROR: no network service", True, True),
        (b"+CMS ERROR: 41", True, False),
        (b"ERROR", True, False),
    ],
)
def test_codes_mean_what_their_standard_says(
    scripted: Scripted, answer: bytes, retryable: bool, no_service: bool
) -> None:
    modem, _ = scripted(lambda command: b"\r\n" + answer + b"\r\n" if command.startswith("AT+CMGS") else OK)
    modem.open()
    with pytest.raises(ModemRefused) as caught:
        modem.send(pdu.submit(VILLAGER, "halo")[0])
    assert (caught.value.retryable, caught.value.fault is Fault.NO_SERVICE) == (retryable, no_service)


def test_a_command_refused_while_the_sim_was_busy_is_asked_again(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CSQ": [final("+CME ERROR: 14"), lines("+CSQ: 31,99")]})
    modem.open()
    assert modem.status().signal_percent is None
    assert modem.status().signal_percent == 100


def test_a_command_the_modem_does_not_know_is_not_asked_again(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CSQ": ERROR})
    modem.open()
    modem.status()
    modem.status()
    assert other_end.said.count("AT+CSQ") == 1


def test_a_message_that_came_directly_outlives_a_line_that_broke(scripted: Scripted) -> None:
    def say(command: str) -> bytes:
        return OK + b"\r\n+CMT: ,24\r\n07912618010000F0FF\r\n" if command == "AT+CSQ" else OK

    modem, _ = scripted(say)
    modem.open()
    modem.status()
    modem.open()
    assert modem.wait(2) == Notification("delivered", stored=StoredPdu(None, "07912618010000F0FF", DIRECT))


def test_a_ussd_answer_that_comes_with_the_ok_is_heard(scripted: Scripted) -> None:
    def say(command: str) -> bytes:
        return b'\r\n+CUSD: 0,"Pulsa 5000",15\r\nOK\r\n' if command.startswith("AT+CUSD=1,") else OK

    modem, _ = scripted(say)
    modem.open()
    assert modem.ussd("*888#") == "Pulsa 5000"


def test_a_submit_without_reference_is_a_result(scripted: Scripted) -> None:
    modem, _ = scripted(prompting({"0011": OK}))
    modem.open()
    assert modem.send(OutgoingPdu("0011", 1)) == SendResult(None)


def test_the_reference_is_read_whatever_else_the_modem_tells(scripted: Scripted) -> None:
    modem, _ = scripted(prompting({"0011": lines("+CMGS: 42,0005")}))
    modem.open()
    assert modem.send(OutgoingPdu("0011", 1)) == SendResult(42)


def test_once_the_pdu_is_handed_over_silence_leaves_the_outcome_open(scripted: Scripted) -> None:
    modem, _ = scripted(prompting({"0011": b""}), send_seconds=0.2)
    modem.open()
    with pytest.raises(ModemSilent) as caught:
        modem.send(OutgoingPdu("0011", 1))
    assert caught.value.submitted


def test_a_modem_that_began_anew_is_put_into_pdu_mode_before_anything_is_sent(
    scripted: Scripted, impatient: None
) -> None:
    """In text mode the length would be taken for the recipient's number."""
    echoes = [False]

    def say(command: str) -> bytes:
        if command.startswith("ATE0"):
            echoes[0] = False
        elif command.startswith("AT+CMGS"):
            return (command.encode() + b"\r" if echoes[0] else b"") + b"\r\n> "
        return lines("+CMGS: 7") if command == "0011" else OK

    modem, other_end = scripted(say)
    modem.open()
    echoes[0] = True
    before = len(other_end.said)
    assert modem.send(OutgoingPdu("0011", 1)) == SendResult(7)
    said = other_end.said_since(before)
    assert said.index("AT+CMGF=0") < said.index("0011")
    assert modem.wait(1) == Notification("restarted")


RESTARTS = {
    "SIMCom": ["RDY", "+CFUN: 1", "+CPIN: READY"],
    "Cinterion": ["^SYSSTART"],
    "the SIM taken away": ["+CPIN: NOT READY"],
    "asks its PIN again": ["+CPIN: SIM PIN"],
    "brown-out": ["UNDER-VOLTAGE POWER DOWN"],
}


@pytest.mark.parametrize("banner", RESTARTS.values(), ids=RESTARTS.keys())
def test_a_restart_is_noticed(scripted: Scripted, banner: list[str]) -> None:
    modem, other_end = scripted({})
    modem.open()
    other_end.announce(*banner)
    assert modem.wait(2) == Notification("restarted")


@pytest.mark.parametrize(
    "chatter", ["^BOOT:18340265,0,0,0,75", "^RSSI:20", "^MODE:5,4", "^SIMST:1", "+CREG: 1", "RING"]
)
def test_chatter_is_no_restart(scripted: Scripted, chatter: str) -> None:
    modem, other_end = scripted({})
    modem.open()
    other_end.announce(chatter, '+CMTI: "SM",1')
    assert modem.wait(2) == Notification("arrived", "SM")
    assert modem.wait(0) is None


def test_what_may_be_a_restart_makes_the_settings_again(scripted: Scripted) -> None:
    modem, other_end = scripted({})
    modem.open()
    before = len(other_end.said)
    other_end.announce("Call Ready", '+CMTI: "SM",1')
    assert modem.wait(2) == Notification("arrived", "SM")
    assert {"AT+CMGF=0", "AT+CNMI=2,1,0,2,0"} <= set(other_end.said_since(before))
    assert modem.wait(0) is None


def test_an_echo_that_comes_back_is_a_restart(scripted: Scripted) -> None:
    modem, other_end = scripted({})
    modem.open()
    other_end.say = lambda command: f"{command}\r".encode() + OK
    modem.status()
    assert modem.wait(2) == Notification("restarted")


def test_a_modem_that_always_echoes_does_not_always_restart(scripted: Scripted) -> None:
    modem, _ = scripted(lambda command: f"{command}\r".encode() + OK)
    modem.open()
    modem.status()
    assert modem.wait(0) is None


def test_a_modem_that_starts_while_it_is_set_up_is_set_up_again(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CGSN": [OK + b"\r\nRDY\r\n", lines("356938035643809")]})
    modem.open()
    assert other_end.said.count("AT+CMGF=0") == 2
    assert modem.status().imei == "356938035643809"
    assert modem.wait(0) is None


@pytest.mark.parametrize(
    ("creg", "cereg", "state"),
    [
        ("+CREG: 0,1", "+CEREG: 0,0", ModemState.READY),
        ("+CREG: 0,5", "+CEREG: 0,0", ModemState.READY),
        ("+CREG: 2,6", "+CEREG: 0,0", ModemState.READY),  # for SMS only
        ("+CREG: 0,2", "+CEREG: 0,0", ModemState.SEARCHING),
        ("+CREG: 0,0", "+CEREG: 0,1", ModemState.READY),  # on LTE only
        ("+CREG: 0,3", "+CEREG: 0,0", ModemState.DENIED),
        ("", "+CEREG: 0,5", ModemState.READY),
        ("", "", ModemState.READY),  # it does not tell, and may well work
    ],
)
def test_the_networks_state(scripted: Scripted, creg: str, cereg: str, state: ModemState) -> None:
    modem, _ = scripted({"AT+CREG?": lines(creg) if creg else ERROR, "AT+CEREG?": lines(cereg) if cereg else ERROR})
    modem.open()
    assert modem.status().state is state


@pytest.mark.parametrize(
    ("csca", "smsc", "missing"),
    [
        (lines('+CSCA: "+62811000000",145'), "+62811000000", False),
        (lines('+CSCA: "",129'), "", True),
        (ERROR, None, False),
    ],
)
def test_a_missing_service_centre_is_said(scripted: Scripted, csca: bytes, smsc: str | None, missing: bool) -> None:
    modem, _ = scripted({"AT+CSCA?": csca})
    modem.open()
    status = modem.status()
    assert status.smsc == smsc
    assert ("SMSC" in status.sentence) is missing


def test_the_operator_may_be_a_number(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+COPS?": lines('+COPS: 0,2,"51010"')})
    modem.open()
    assert modem.status().operator == "51010"


@pytest.mark.parametrize("answer", ["356938035643809", '+CGSN: "356938035643809"', "IMEI: 35-693803-564380-9"])
def test_the_imei_is_read_from_any_form(scripted: Scripted, answer: str) -> None:
    modem, _ = scripted({"AT+CGSN": lines(answer)})
    modem.open()
    assert modem.status().imei == "356938035643809"


def test_the_imsi_is_asked_again_once_the_sim_is_ready(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CIMI": [final("+CME ERROR: 14"), lines("510101234567890")]})
    modem.open()
    assert modem.status().imsi == "510101234567890"


def test_a_radio_that_is_off_is_switched_on(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CFUN?": lines("+CFUN: 4")})
    modem.open()
    assert "AT+CFUN=1" in other_end.said


def test_a_modem_without_pdu_mode_is_refused_with_a_sentence(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CMGF=0": ERROR})
    with pytest.raises(ModemRefused, match="AT\\+CMGF=0") as caught:
        modem.open()
    assert "PDU" in caught.value.operator


def test_a_reset_is_sent_even_when_the_line_is_closed(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CFUN": OK})
    modem.reset()
    assert other_end.said == ["AT+CFUN=1,1"]


def test_a_reset_of_a_mute_modem_does_not_raise(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modem.serial_modem.RESET_SECONDS", 0.1)
    modem, other_end = scripted({})
    modem.open()
    other_end.say = lambda command: b""
    modem.reset()
    assert other_end.said[-1] == "AT+CFUN=1,1"
    with pytest.raises(ModemAbsent):
        modem.status()


def test_a_reset_without_a_port_does_not_raise(tmp_path: Path) -> None:
    SerialModem(str(tmp_path / "no-such-port")).reset()


def test_a_tap_sees_what_passes(scripted: Scripted) -> None:
    seen: list[tuple[str, bytes]] = []
    modem, _ = scripted({"AT+CSQ": lines("+CSQ: 9,99")}, tap=lambda way, octets: seen.append((way, octets)))
    modem.open()
    modem.status()
    assert (">", b"AT+CSQ\r") in seen
    assert b"+CSQ: 9,99" in b"".join(octets for way, octets in seen if way == "<")


def test_a_message_handed_over_while_the_driver_gives_up_is_heard(scripted: Scripted, impatient: None) -> None:
    pdu_hex = "07912618010000F0" + "040B917238880900F1" + "0000" + "62113232410282" + "02" + "C834"
    modem, other_end = scripted({})
    modem.open()
    halves = {"AT+CSQ": f"\r\n+CMT: ,21\r\n{pdu_hex[:20]}".encode(), "AT": f"{pdu_hex[20:]}\r\n".encode() + OK}
    other_end.say = lambda command: halves.pop(command, OK)
    modem.status()
    assert modem.wait(0) == Notification("delivered", stored=StoredPdu(None, pdu_hex, DIRECT))
