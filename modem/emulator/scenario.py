"""A scenario: who is on the air and what they send when, and the thread that plays it."""

from __future__ import annotations

import re
import threading
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from modem.emulator.network import Network
from modem.emulator.subscribers import Phone

SHIPPED = Path(__file__).with_name("scenario.toml")
DIALOGUE = Path(__file__).with_name("dialogue.toml")
"""A conversation of six messages."""
ANSWER_SECONDS = 20.0
"""How long an answer is waited for; then the scenario goes on without it."""
_LOOK_SECONDS = 0.1
_TICKET = re.compile(r"\b(?:No\. |Laporan )([A-Z0-9]{4})\b")


class ScenarioError(Exception):
    """A scenario file that cannot be used; the text says why."""


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """One SMS of a scenario. `delay`: seconds since the message before."""

    delay: float
    sender: str
    text: str
    answered: bool = False
    """Wait, before the delay, until the message before has had its answer."""
    ticket_of: str = ""
    """`{}` in the text is the ticket in the newest answer to this phone that names one."""


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a phone."""

    number: str
    name: str
    role: str = ""
    officer: bool = False


class Scenario(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"people": "phone", "messages": "message"}
):
    """People with phones, and messages in the order they are sent."""

    people: tuple[Person, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it takes to play."""
        return sum(message.delay for message in self.messages)

    def phones(self, network: Network) -> list[Phone]:
        """The people's phones in this network, villagers first."""
        people = sorted(self.people, key=lambda person: person.officer)
        return [network.phone(person.number, person.name, person.role) for person in people]


def load_scenario(file: Path = SHIPPED) -> Scenario:
    """Read a scenario from TOML. Raises ScenarioError."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Scenario)
    except (OSError, ValueError) as error:
        raise ScenarioError(f"The scenario {file} cannot be used: {error}") from error


@dataclass(frozen=True)
class Progress:
    """How far the playing is."""

    running: bool
    sent: int
    total: int


class ScenarioPlayer:
    """Plays messages to one number. Any thread may start, stop and ask."""

    def __init__(self, network: Network, to: str, messages: Sequence[Message]) -> None:
        self._network, self._to = network, to
        self._messages = self._all = tuple(messages)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._sent = 0

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        running = self._thread is not None and self._thread.is_alive() and not self._stop.is_set()
        return Progress(running, self._sent, len(self._messages))

    def start(self, messages: Sequence[Message] | None = None) -> None:
        """Play from the beginning, these `messages` or the usual ones; nothing happens while it is playing."""
        with self._lock:
            if self.progress.running:
                return
            self._join()
            self._messages = self._all if messages is None else tuple(messages)
            self._stop.clear()
            self._sent = 0
            self._thread = threading.Thread(target=self._play, name="scenario", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Send no more; what is sent stays sent."""
        with self._lock:
            self._stop.set()
            self._join()

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _play(self) -> None:
        before, had = "", 0
        for message in self._messages:
            if message.answered and before:
                self._wait_for_answer(before, had)
            if self._stop.wait(message.delay):
                return
            text = message.text.replace("{}", self._ticket(message.ticket_of)) if message.ticket_of else message.text
            before, had = message.sender, len(self._answers(message.sender))
            self._network.phone(message.sender).send(text, self._to)
            self._sent += 1

    def _wait_for_answer(self, number: str, had: int) -> None:
        patience = time.monotonic() + ANSWER_SECONDS
        while len(self._answers(number)) <= had and time.monotonic() < patience:
            if self._stop.wait(_LOOK_SECONDS):
                return

    def _answers(self, number: str) -> list[str]:
        phone = self._network.phone(number)
        with self._network.lock:
            return [received.text for received in phone.inbox]

    def _ticket(self, number: str) -> str:
        named = (_TICKET.search(text) for text in reversed(self._answers(number)))
        return next((found[1] for found in named if found), "")
