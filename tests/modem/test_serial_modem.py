"""The serial driver against the emulator, over a PTY and over TCP: the same contract on both."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
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
    StoredPdu,
)

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


def test_it_says_what_it_is(bench: Bench) -> None:
    bench.modem.open()
    status = bench.modem.status()
    assert status.state == ModemState.READY
    assert status.imei
    assert status.imsi
    assert status.operator
    assert (status.sim_used, status.sim_capacity) == (0, 20)
    assert status.signal_percent is not None
    assert 0 < status.signal_percent <= 100


def test_a_message_is_announced_listed_and_deleted(bench: Bench) -> None:
    bench.modem.open()
    bench.phone.send("LAPOR BENTROK KAMPUNG LAUT 40 2", OWN)
    notification = bench.modem.wait(5)
    assert notification is not None
    assert notification.what == "arrived"
    (stored,) = bench.modem.list_stored()
    assert pdu.decode(stored.hex).text == "LAPOR BENTROK KAMPUNG LAUT 40 2"
    assert pdu.decode(stored.hex).sender == VILLAGER
    bench.modem.delete([stored])
    assert bench.modem.list_stored() == []
    bench.modem.delete([stored])  # deleting what is not there is no error


def test_what_it_sends_reaches_the_phone(bench: Bench) -> None:
    bench.modem.open()
    text = "Terima kasih. Laporan BENTROK di Kel. Kampung Laut. " * 4
    for part in pdu.submit(VILLAGER, text):
        assert bench.modem.send(part).reference is not None
    (received,) = bench.phone.wait_for_texts(1, timeout=5)
    assert received.text == text
    assert received.sender == OWN


def test_wake_ends_a_wait(bench: Bench) -> None:
    bench.modem.open()
    timer = threading.Timer(0.05, bench.modem.wake)
    timer.start()
    assert bench.modem.wait(30) == Notification("woken")
    timer.join()


def test_a_wait_without_news_ends(bench: Bench) -> None:
    bench.modem.open()
    assert bench.modem.wait(0.05) is None


def test_unplugged_it_is_absent_and_after_replugging_it_works_again(bench: Bench) -> None:
    bench.modem.open()
    bench.line.unplug()
    with pytest.raises(ModemAbsent):
        bench.modem.wait(5)
    with pytest.raises(ModemAbsent):
        bench.modem.open()
    bench.line.plug()
    bench.modem.open()
    assert bench.modem.status().state == ModemState.READY


def test_a_message_that_arrives_while_another_is_sent_is_not_forgotten(bench: Bench) -> None:
    bench.modem.open()
    bench.phone.send("satu", OWN)
    bench.modem.send(pdu.submit(VILLAGER, "jawaban")[0])
    notification = bench.modem.wait(5)
    assert notification is not None
    assert notification.what == "arrived"


def test_a_refusal_carries_the_networks_code(line_kind: str, tmp_path: Path) -> None:
    bench = Bench(line_kind, tmp_path)
    try:
        bench.modem.open()
        with pytest.raises(ModemRefused) as caught:
            bench.modem.send(OutgoingPdu("00FF", 1))
        assert caught.value.code is not None
        assert not caught.value.submitted
        assert bench.modem.status().state == ModemState.READY
    finally:
        bench.close()


def test_a_full_sim_is_a_state(line_kind: str, tmp_path: Path) -> None:
    bench = Bench(line_kind, tmp_path, capacity=3)
    try:
        bench.modem.open()
        for number in range(5):
            bench.phone.send(f"pesan {number}", OWN)
        assert bench.network.wait_for(lambda: bench.sim.full, 5)
        status = bench.modem.status()
        assert status.state == ModemState.FULL
        assert "penuh" in status.sentence
    finally:
        bench.close()


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


class ScriptedModem:
    """A modem on TCP that answers each command with what `say` returns; it stays quiet to what it does not know."""

    def __init__(self, say: Callable[[str], bytes]) -> None:
        self.said: list[str] = []
        self._say = say
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._server, suppress(OSError):
            while True:
                line, _ = self._server.accept()
                with line, suppress(OSError):
                    self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        heard = b""
        while octets := line.recv(4096):
            heard += octets.replace(b"\x1b", b"")
            while (ended := re.match(rb"([^\r\x1a]*)[\r\x1a]", heard)) is not None:
                heard = heard[ended.end() :]
                if command := ended[1].decode():
                    self.said.append(command)
                    line.sendall(self._say(command))

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


OK = b"\r\nOK\r\n"


@pytest.fixture
def scripted() -> Iterator[Callable[[Callable[[str], bytes]], tuple[SerialModem, ScriptedModem]]]:
    with ExitStack() as stack:

        def made(say: Callable[[str], bytes]) -> tuple[SerialModem, ScriptedModem]:
            other_end = ScriptedModem(say)
            stack.callback(other_end.close)
            modem = SerialModem(other_end.port, answer_seconds=2, send_seconds=2)
            stack.callback(modem.close)
            return modem, other_end

        yield made


Scripted = Callable[[Callable[[str], bytes]], tuple[SerialModem, ScriptedModem]]


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ones(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modem.serial_modem.OPTIONAL_SECONDS", 0.2)
    late = [b'\r\n+COPS: 0,0,"LAMBAT"\r\nOK\r\n']

    def say(command: str) -> bytes:
        if command == "AT+COPS?":
            return b""
        if command == "AT" and "AT+COPS?" in other_end.said and late:
            return late.pop() + OK
        return {"AT+CPMS?": b'\r\n+CPMS: "SM",3,20,"SM",3,20\r\nOK\r\n'}.get(command, OK)

    modem, other_end = scripted(say)
    modem.open()
    status = modem.status()
    assert (status.sim_used, status.sim_capacity) == (3, 20)


def test_an_ok_before_the_pdu_was_handed_over_is_no_sent_sms(scripted: Scripted) -> None:
    modem, _ = scripted(lambda command: OK)
    modem.open()
    with pytest.raises(ModemSilent) as caught:
        modem.send(pdu.submit(VILLAGER, "halo")[0])
    assert not caught.value.submitted


def test_a_slot_that_cannot_be_deleted_does_not_keep_the_others(scripted: Scripted) -> None:
    def say(command: str) -> bytes:
        return b"\r\n+CMS ERROR: 320\r\n" if command == "AT+CMGD=1" else OK

    modem, other_end = scripted(say)
    modem.open()
    with pytest.raises(ModemRefused, match="AT\\+CMGD=1"):
        modem.delete([StoredPdu(slot, "00") for slot in (1, 2, 3)])
    assert other_end.said[-3:] == ["AT+CMGD=1", "AT+CMGD=2", "AT+CMGD=3"]


@pytest.mark.parametrize(
    ("answer", "retryable", "no_service"),
    [
        (b"+CMS ERROR: 30", False, False),  # unknown subscriber
        (b"+CME ERROR: 30", True, True),  # no network
        (b"+CME ERROR: 10", True, True),  # no SIM; +CMS ERROR: 10 is a barred call
        (b"+CMS ERROR: 331", True, True),
        (b"+CMS ERROR: 41", True, False),
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
    answers = iter([b"\r\n+CME ERROR: 14\r\n", b'\r\n+CPMS: "SM",3,20\r\nOK\r\n'])
    modem, _ = scripted(lambda command: next(answers) if command == "AT+CPMS?" else OK)
    modem.open()
    assert modem.status().sim_used is None
    assert modem.status().sim_used == 3


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


@pytest.mark.parametrize("cut", ["07912618010000F0FF", "07912618010000F0040"])
def test_a_pdu_that_lost_octets_on_the_line_is_read_once_more(scripted: Scripted, cut: str) -> None:
    whole = "07912618010000F0" + "040B917238880900F1" + "0000" + "62113232410282" + "02" + "C834"
    listings = iter([cut, whole])

    def say(command: str) -> bytes:
        return f"\r\n+CMGL: 4,0,,21\r\n{next(listings)}\r\nOK\r\n".encode() if command == "AT+CMGL=4" else OK

    modem, _ = scripted(say)
    modem.open()
    assert modem.list_stored() == [StoredPdu(4, whole, "")]


def test_a_pdu_that_stays_shorter_than_announced_is_taken_as_it_is(scripted: Scripted) -> None:
    def say(command: str) -> bytes:
        return b"\r\n+CMGL: 4,0,,99\r\n07912618010000F0FF\r\nOK\r\n" if command == "AT+CMGL=4" else OK

    modem, _ = scripted(say)
    modem.open()
    assert modem.list_stored() == [StoredPdu(4, "07912618010000F0FF")]
