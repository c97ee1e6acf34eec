"""What goes out, and when: order, delays and the speed of the line; and what records it."""

from __future__ import annotations

from pathlib import Path

import pytest
import serial

from modem.emulator.at_server import AtServer
from modem.emulator.lines import TcpLine
from modem.emulator.network import Network
from modem.emulator.output import TimedOutput
from modem.emulator.subscribers import Sim
from modem.transcript import FROM_MODEM, TO_MODEM, Recorder, load


class Clock:
    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


def test_nothing_overtakes_what_was_said_before() -> None:
    clock = Clock()
    output = TimedOutput(clock)
    output.put(b"late", 2)
    output.put(b" soon")
    assert (output.take(), output.seconds_to_next()) == (b"", 2)
    clock.seconds += 2
    assert (output.take(), output.seconds_to_next()) == (b"late soon", None)


def test_a_paced_line_lets_out_ten_bits_an_octet() -> None:
    clock = Clock()
    output = TimedOutput(clock, baud=1000)
    output.put(b"x" * 250)
    assert output.take() == b""
    clock.seconds += 0.5
    assert len(output.take()) == 50
    clock.seconds += 1
    assert len(output.take()) == 100
    assert output.seconds_to_next() == pytest.approx(0.01)
    clock.seconds += 60
    assert len(output.take()) == 100
    assert output.seconds_to_next() is None


def test_a_line_that_was_idle_has_saved_up_no_speed() -> None:
    clock = Clock()
    output = TimedOutput(clock, baud=1000)
    clock.seconds += 100
    output.put(b"xy")
    assert output.take() == b""


def test_what_is_forgotten_does_not_delay_what_comes() -> None:
    output = TimedOutput(Clock())
    output.put(b"never", 100)
    output.clear()
    output.put(b"now")
    assert output.take() == b"now"


def test_a_paced_answer_arrives_whole_on_a_real_line() -> None:
    network = Network()
    server = AtServer(network.add_sim(Sim("+628")), network)
    server.output.baud = 9600
    with TcpLine(server, "127.0.0.1", 0) as line, serial.serial_for_url(line.address, timeout=5) as port:
        port.write(b"ATE0;+CSQ\r")
        assert port.read_until(b"OK\r\n") == b"ATE0;+CSQ\r\r\n+CSQ: 21,99\r\n\r\nOK\r\n"


def test_everything_that_passes_on_a_line_goes_through_its_tap(tmp_path: Path) -> None:
    network = Network()
    line = TcpLine(AtServer(network.add_sim(Sim("+628")), network), "127.0.0.1", 0)
    with Recorder(tmp_path / "log", masked=False) as recorder:
        line.tap = recorder
        with line, serial.serial_for_url(line.address, timeout=5) as port:
            port.write(b"ATE0\r")
            port.read_until(b"OK\r\n")
            port.write(b"AT+CMGS=20\r")
            port.read_until(b"> ")
    passed = load(tmp_path / "log")
    assert b"".join(record.octets for record in passed if record.direction == TO_MODEM) == b"ATE0\rAT+CMGS=20\r"
    said = b"".join(record.octets for record in passed if record.direction == FROM_MODEM)
    assert said == b"ATE0\r\r\nOK\r\n\r\n> "
