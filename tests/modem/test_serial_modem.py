"""The serial driver against the emulator, over a PTY and over TCP: the same contract on both."""

from __future__ import annotations

import os
import threading
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
from modem.types import Modem, ModemAbsent, ModemRefused, ModemSilent, ModemState, Notification, OutgoingPdu

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
    bench.modem.delete([stored.slot])
    assert bench.modem.list_stored() == []
    bench.modem.delete([stored.slot])  # deleting what is not there is no error


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
        bench.modem.delete([stored.slot])
        bench.modem.send(pdu.submit(VILLAGER, "ok")[0])
        assert bench.phone.wait_for_texts(1, timeout=5)[0].text == "ok"
        assert bench.modem.status().state == ModemState.READY
    finally:
        bench.close()


BARE_REFUSES = ["E", "+CMEE", "+CPIN", "+CPMS", "+CNMI", "+CGMI", "+CGMM", "+CGSN", "+CIMI", "+CREG", "+CSQ", "+COPS"]
