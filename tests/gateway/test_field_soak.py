"""A season in the field in seconds: modems that fail in every way there is, one fault upon the other, while SMS come.

What happens is drawn from a seed. `WASPADA_SOAK=200:50` in the environment runs fifty seeds from 200 on as well, five to fifteen
seconds each.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import msgspec
import pytest
import structlog
from sqlalchemy import select

from config.knowledge import load_knowledge
from config.settings import Modem, ModemLine, Sending, Settings
from gateway.fleet import keys
from gateway.modem_loop import ModemSource
from gateway.reports.knowledge import compile_knowledge
from gateway.service import Gateway
from gateway.store.database import Store
from gateway.store.models import Message, MessageState
from modem.emulator.at_server import AtServer
from modem.emulator.lines import TcpLine
from modem.emulator.network import Conditions, Network
from modem.emulator.personalities import PERSONALITIES
from modem.emulator.subscribers import Sim
from modem.serial_modem import SerialModem
from modem.types import ModemState

STEPS = 25
PATIENCE_SECONDS = 60.0
MOST_LOG_LINES = 40
"""For each fault; a loop that logs every try would write hundreds."""
FAULTS: dict[str, dict[str, Any]] = {
    "hang": {},
    "deep_hang": {},
    "half_answers": {},
    "late_answers": {"by": 0.15},
    "garbage": {},
    "wrong_lengths": {},
    "refuse_delete": {},
    "sim_busy": {},
    "sim_out": {},
    "no_network": {},
    "denied": {},
    "no_smsc": {},
    "no_credit": {},
    "duplicates": {},
    "reordering": {},
    "delay": {"low": 0.05, "high": 0.3},
    "brown_out": {},
    "lost_settings": {},
    "unplug": {},
    "swap_sim": {},
}
SETTINGS = Modem(
    answer_seconds=0.6, send_seconds=1.0, reopen_seconds=0.05, reopen_max_seconds=0.3, poll_seconds=0.5,
    quick_poll_seconds=0.1, balance_hours=0, search_minutes=0.02,
)  # fmt: skip
ALWAYS = (1, 8)
"""Quick ones."""
_first, _, _count = os.environ.get("WASPADA_SOAK", "0:0").partition(":")
SEEDS = [*ALWAYS, *range(int(_first), int(_first) + int(_count))]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modem.at_line.SETTLE_SECONDS", 0.02)
    monkeypatch.setattr("modem.at_line.OPTIONAL_SECONDS", 0.4)
    monkeypatch.setattr("modem.setup.OPTIONAL_SECONDS", 0.4)
    monkeypatch.setattr("modem.at_line.PROBE_SECONDS", 0.3)
    monkeypatch.setattr("modem.at_line.PROMPT_SECONDS", 1.0)
    monkeypatch.setattr("modem.setup.SIM_SECONDS", 1.0)
    monkeypatch.setattr("modem.setup.SIM_POLL_SECONDS", 0.05)
    monkeypatch.setattr("modem.serial_modem.RESET_SECONDS", 0.2)
    monkeypatch.setattr("gateway.modem_loop.STATUS_SECONDS", 0.7)
    monkeypatch.setattr("gateway.modem_loop.SEARCH_STATUS_SECONDS", 0.3)
    monkeypatch.setattr("gateway.modem_loop.LONGEST_SEARCH_SECONDS", 3.0)
    monkeypatch.setattr("gateway.collecting.DELETE_REST_CEILING_SECONDS", 0.5)


class Season:
    """A gateway with three modems of different make, and what happens to them."""

    def __init__(self, seed: int, store: Store, stack: ExitStack) -> None:
        self.random = random.Random(seed)
        self.store = store
        self.sent: dict[str, str] = {}
        """Number of the SIM each text was sent to."""
        self.done: list[str] = []
        """What was done, for whoever reads of a failure."""
        self.network = Network(
            randomness=random.Random(seed), conditions=Conditions(hold_seconds=0.5), open_numbers=True
        )
        makes = self.random.sample(sorted(PERSONALITIES), 3)
        self.done.append(f"makes {makes}")
        lines = [ModemLine(number=f"+62812150700{place:02}") for place in range(3)]
        self.sims = [
            self.network.add_sim(
                Sim(line.number, imsi=f"51010150700000{place}", capacity=self.random.choice([3, 6, 30]))
            )
            for place, line in enumerate(lines)
        ]
        self.servers = [
            AtServer(sim, self.network, PERSONALITIES[make]) for sim, make in zip(self.sims, makes, strict=True)
        ]
        self.lines = [TcpLine(server, "127.0.0.1", 0) for server in self.servers]
        settings = Settings(
            modem=msgspec.structs.replace(SETTINGS, number=lines[0].number, more=tuple(lines[1:])),
            sending=Sending(attempts=50, retry_seconds=0.05),
        )
        for line in self.lines:
            stack.enter_context(line)
        stop = threading.Event()
        radio = threading.Thread(target=self.network.run, args=(stop, 0.02))
        radio.start()
        stack.callback(radio.join)
        stack.callback(stop.set)
        sources = [
            ModemSource(key, line, partial(self._address, place), self._modem, partial(self._power, place))
            for place, (key, line) in enumerate(keys(settings).items())
        ]
        self.gateway = Gateway(store, sources, compile_knowledge(load_knowledge()), settings)
        stack.callback(self.gateway.stop)

    def _address(self, place: int) -> str:
        return self.lines[place].address

    def _modem(self, port: str) -> SerialModem:
        return SerialModem(port, answer_seconds=SETTINGS.answer_seconds, send_seconds=SETTINGS.send_seconds)

    def _power(self, place: int, port: str) -> bool:
        line = self.lines[place]
        was = line.plugged
        line.unplug()
        if was:
            line.plug()
        return was

    def step(self) -> None:
        place = self.random.randrange(3)
        match self.random.choice(
            ["write", "write", "long", "burst", "send", "fault", "fault", "fault", "mend", "plug"]
        ):
            case "write":
                self.write(place, 1)
            case "long":
                self.write(place, self.random.randint(2, 4))
            case "burst":
                for _ in range(self.random.randint(3, 9)):
                    self.write(place, 1)
            case "send":
                self.gateway.send_sms(f"+62813720001{self.random.randrange(99):02}", "pengumuman")
            case "fault":
                self.break_(place)
            case "mend":
                self.mend(place)
            case _:
                self.lines[place].plug()
        time.sleep(self.random.choice([0.0, 0.02, 0.1, 0.3]))

    def write(self, place: int, parts: int) -> None:
        text = f"pesan {len(self.sent)} " + "".join(self.random.choices("abcdefgh ", k=150 * (parts - 1) + 20)) + "."
        self.sent[text] = self.sims[place].number
        self.network.phone(f"+6281272{self.random.randrange(1000):06}").send(text, self.sims[place].number)

    def break_(self, place: int) -> None:
        name = self.random.choice(sorted(FAULTS))
        self.done.append(f"{name} at {place}")
        self.servers[place].faults.start(name, **FAULTS[name])

    def mend(self, place: int) -> None:
        self.done.append(f"mended {place}")
        self.servers[place].faults.clear()
        self.lines[place].plug()
        sim = self.sims[place]
        if sim.removed:
            self.servers[place].swap_sim(sim.number, sim.imsi)
            sim.removed = False
            self.network.hand_over()

    def messages(self) -> list[Message]:
        with self.store.read() as session:
            return list(session.scalars(select(Message)))

    def complete(self) -> bool:
        whole = [message.text for message in self.messages() if message.state != MessageState.WAITING_PARTS]
        return set(whole) >= self.sent.keys() and not any(sim.slots for sim in self.sims)

    def until(self, what: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if what():
                return True
            time.sleep(0.05)
        return False


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_season_of_faults_every_message_is_there_once(seed: int, store: Store) -> None:
    with structlog.testing.capture_logs() as logs, ExitStack() as stack:
        season = Season(seed, store, stack)
        season.gateway.start()
        for _ in range(STEPS):
            season.step()
        for place in range(3):
            season.mend(place)
        done = season.until(season.complete)
        ready = season.until(lambda: {s.state for s in season.gateway.board.modems.values()} == {ModemState.READY})
    came = Counter(message.text for message in season.messages())
    story = "\n".join([*season.done, *map(str, logs)])
    lost = {text: to for text, to in season.sent.items() if not came[text]}
    assert lost == {}, story
    assert done, f"left {[s.slots for s in season.sims]}\n{story}"
    assert {text for text, count in came.items() if count > 1 and text in season.sent} == set(), story
    assert came.keys() - season.sent.keys() == set(), story
    assert ready, f"{season.gateway.board.modems}\n{story}"
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical") or "exc_info" in entry] == [], story
    told = " ".join(map(str, logs))
    secrets = [*(sim.number[1:] for sim in season.sims), *(sim.imsi for sim in season.sims), *season.sent]
    assert [secret for secret in secrets if secret in told] == []
    assert len(logs) <= MOST_LOG_LINES * (STEPS + 3), story
