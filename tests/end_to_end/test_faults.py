"""What happens to a modem in the field, one after the other, with a real gateway process: nothing lost, nothing doubled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.store.database import Store, open_store
from gateway.store.models import Message, Pdu
from modem.emulator.at_server import AtServer
from modem.emulator.lines import PtyLine
from modem.emulator.network import Network
from modem.emulator.personalities import PERSONALITIES
from modem.emulator.subscribers import Sim
from tests.world import OWN, Program, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
BEFORE, DURING, AFTER = 1, 3, 2
QUICK = {
    "WASPADA_MODEM_ANSWER_SECONDS": "1",
    "WASPADA_MODEM_SEND_SECONDS": "3",
    "WASPADA_MODEM_BALANCE_HOURS": "0",
    "WASPADA_SENDING_RETRY_SECONDS": "0.5",
}


class Field:
    """A modem in its network, and a gateway process on it."""

    def __init__(self, folder: Path, personality: str) -> None:
        self.network = Network()
        self.sim = self.network.add_sim(Sim(OWN, capacity=20))
        self.server = AtServer(self.sim, self.network, PERSONALITIES[personality])
        self.line = PtyLine(self.server, folder / "ttyUSB0")
        self.line.plug()
        self.data = folder / "data"
        arguments = ("gateway", "--data", str(self.data), "--modem", self.line.address)
        pattern = str(folder / "ttyUSB*")
        self.program = Program(*arguments, WASPADA_MODEM_CANDIDATES=pattern, **QUICK)
        assert self.program.ready_line().startswith("gateway ready: ")
        self._store: Store = open_store(self.data)
        self.senders: list[str] = []

    def report(self, how_many: int) -> None:
        for _ in range(how_many):
            sender = f"+62812720001{len(self.senders):02}"
            self.senders.append(sender)
            self.network.phone(sender).send(f"LAPOR GESEK LAMBUR II {len(self.senders) + 2} 0 adu mulut", OWN)

    def stored(self) -> int:
        with self._store.read() as session:
            return session.scalar(select(func.count()).select_from(Message)) or 0

    def raw(self) -> int:
        with self._store.read() as session:
            return session.scalar(select(func.count()).select_from(Pdu).where(Pdu.message_id.is_not(None))) or 0

    def answers(self) -> list[int]:
        with self.network.lock:
            return [len(self.network.phone(sender).inbox) for sender in self.senders]

    def close(self) -> None:
        self._store.close()
        self.program.close()
        self.line.unplug()


@pytest.fixture
def field(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Field]:
    made = Field(tmp_path, getattr(request, "param", "clean"))
    yield made
    made.close()


@dataclass(frozen=True)
class Case:
    """A fault; `end` is None where the gateway has to get the modem out of it alone."""

    begin: Callable[[Field], object]
    end: Callable[[Field], object] | None


def fault(name: str) -> Case:
    return Case(lambda field: field.server.faults.start(name), lambda field: field.server.faults.clear(name))


def once(name: str) -> Case:
    return Case(lambda field: field.server.faults.start(name), None)


CASES = {
    "unplugged": Case(lambda field: field.line.unplug(), lambda field: field.line.plug()),
    "back under another name": Case(
        lambda field: field.line.unplug(), lambda field: field.line.plug_as(str(field.line.link.with_name("ttyUSB3")))
    ),
    "hung until reset": once("hang"),
    "deaf to everything, pulled and put back": Case(
        lambda field: field.server.faults.start("deep_hang"),
        lambda field: (field.line.unplug(), field.line.plug()),
    ),
    "brown-out": once("brown_out"),
    "settings forgotten": once("lost_settings"),
    "answers break off": fault("half_answers"),
    "noise": fault("garbage"),
    "SIM busy": fault("sim_busy"),
    "SIM out": fault("sim_out"),
    "no network": fault("no_network"),
    "denied": fault("denied"),
    "no credit": fault("no_credit"),
    "deletes nothing": fault("refuse_delete"),
    "wrong lengths": fault("wrong_lengths"),
    "everything twice": fault("duplicates"),
}


# Every fault on a modem that stores and announces; on others those that touch what is different there.
ON_OTHERS = ("unplugged", "hung until reset", "brown-out", "settings forgotten", "noise", "everything twice")
PAIRS = [("clean", name) for name in CASES] + [(make, name) for make in ("direct", "minimal") for name in ON_OTHERS]


@pytest.mark.parametrize(("field", "name"), PAIRS, ids=[" ".join(pair) for pair in PAIRS], indirect=["field"])
def test_nothing_is_lost_and_nothing_doubled(field: Field, name: str) -> None:
    case = CASES[name]
    field.report(BEFORE)
    until(lambda: field.stored() == BEFORE and all(field.answers()), "the first report stored and answered")
    case.begin(field)
    field.report(DURING)
    if case.end is not None:
        field.network.wait_for(lambda: False, timeout=2)  # the fault lasts
        case.end(field)
    field.report(AFTER)
    until(lambda: field.stored() == BEFORE + DURING + AFTER, "all reports stored")
    until(lambda: not field.sim.slots, "the SIM empty")
    until(lambda: sum(field.answers()) >= AFTER + BEFORE, "the reports after the fault answered")
    assert field.stored() == BEFORE + DURING + AFTER
    if name != "everything twice":  # there the network doubles our answers too
        assert max(field.answers()) == 1
