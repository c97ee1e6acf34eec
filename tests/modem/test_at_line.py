"""One line to one modem: how long it is waited for, and how it is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from modem.at import Event, Stray, Unsolicited
from modem.at_line import AtLine
from modem.pin import Denial
from modem.serial_modem import SerialModem
from modem.types import ModemAbsent, ModemSilent

from .scripted import OK, Scripted, ScriptedModem, lines

PATIENCE = 10.0


@contextmanager
def chattering(other_end: ScriptedModem, text: str, every: float) -> Iterator[None]:
    """The modem says this again and again."""
    stop = threading.Event()

    def chatter() -> None:
        while not stop.wait(every):
            other_end.announce(text)

    thread = threading.Thread(target=chatter)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def other_end() -> Iterator[ScriptedModem]:
    made = ScriptedModem(lambda command: b"" if command == "AT+MUTE" else OK)
    yield made
    made.close()


def test_a_modem_that_chatters_and_does_not_answer_is_silent_all_the_same(other_end: ScriptedModem) -> None:
    line = AtLine(other_end.port, baud=115_200, answer_seconds=0.3)
    line.open()
    line.command("AT")
    began = time.monotonic()
    with chattering(other_end, "^RSSI: 17", 0.05), pytest.raises(ModemSilent):
        line.command("AT+MUTE")
    assert time.monotonic() - began < 1.5  # 8 times 0.3 s where every octet counted as progress
    line.close()


def test_a_long_answer_on_a_slow_line_is_waited_for() -> None:
    said = ScriptedModem(lambda command: b"")
    line = AtLine(said.port, baud=115_200, answer_seconds=0.4)
    line.open()
    line.ask("AT", 0.05)  # so that the other end has its line

    def answer() -> None:
        for number in range(6):
            time.sleep(0.15)
            said.announce("OK" if number == 5 else f"+CMGL: {number}")

    slowly = threading.Thread(target=answer)
    slowly.start()
    assert len(line.command("AT+CMGL=4").lines) == 5
    slowly.join()
    line.close()
    said.close()


def test_a_port_that_only_chatters_is_given_up_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modem.at_line.WAKE_SECONDS", 0.3)
    gps = ScriptedModem(lambda command: b"")
    heard: list[Event] = []
    line = AtLine(gps.port, baud=115_200, answer_seconds=2, heard=heard.append, patience_factor=1)
    line.open()
    line.ask("AT", 0.05)
    began = time.monotonic()
    with chattering(gps, "$GPRMC,092204.999,A,4250.5589,S", 0.05):
        assert not line.answers()
    assert time.monotonic() - began < 4.5  # 6.8 s where lines that look like an answer counted
    line.close()
    gps.close()


def test_what_is_no_answer_is_heard_as_it_comes(other_end: ScriptedModem) -> None:
    heard: list[Event] = []
    with AtLine(other_end.port, baud=115_200, answer_seconds=2, heard=heard.append) as line:
        assert line.answers()
        other_end.announce("RING", "nonsense")
        end = time.monotonic() + PATIENCE
        while len(heard) < 2 and time.monotonic() < end:
            line.listen(time.monotonic() + 0.1)
        assert heard == [Unsolicited("RING", ""), Stray("nonsense")]
        assert not line.news


# -- leaving -------------------------------------------------------------------------------------------------------


def test_an_opening_that_takes_long_is_left_at_once(scripted: Scripted) -> None:
    asked = threading.Event()

    def say(command: str) -> bytes:
        if command == "AT+CPIN?":
            asked.set()
            return b""
        return OK

    modem, _ = scripted(say, answer_seconds=30)

    def open_it() -> None:
        with pytest.raises(ModemAbsent):
            modem.open()

    left = threading.Thread(target=open_it)
    left.start()
    assert asked.wait(PATIENCE)
    modem.interrupt()
    left.join(3)
    assert not left.is_alive()
    with pytest.raises(ModemAbsent):
        modem.open()  # nor is it opened again


class OnePin:
    """A PIN, and what became of it."""

    def __init__(self) -> None:
        self.became = ""

    def to_try(self, card: str, all_tries_left: bool) -> str | Denial:
        return "4321"

    def accepted(self) -> None:
        self.became = "accepted"

    def refused(self) -> None:
        self.became = "refused"

    def not_tried(self) -> None:
        self.became = "not tried"


def test_the_answer_to_a_pin_is_waited_for_before_it_is_left(scripted: Scripted) -> None:
    pin = OnePin()
    modems: list[SerialModem] = []

    def say(command: str) -> bytes:
        if command.startswith("AT+CPIN="):
            modems[0].interrupt()
            time.sleep(0.3)
        return lines("+CPIN: SIM PIN") if command == "AT+CPIN?" else OK

    modem, _ = scripted(say, pin=pin)
    modems.append(modem)
    with pytest.raises(ModemAbsent):
        modem.open()
    assert pin.became == "accepted"
