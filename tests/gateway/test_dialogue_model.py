"""Many people at once, at random: nothing they write is lost, and the central shows what stands here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.knowledge import load_knowledge
from config.settings import Settings
from gateway.rederive import Rederiver
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.store import amending, inbox, ledger
from gateway.store.database import Store
from gateway.store.models import Amendment, Message, MessageState, Outgoing, Report
from sync.central import enrolment, models, projector
from sync.central.database import Database, open_database, sqlite_url
from sync.central.ledger import ingest
from sync.entries import EMPTY_HASH, Entry
from sync.frame import Frame, encode
from tests.gateway.test_dialogue import OFFICER, STRANGER, Talk
from tests.sms import pdus, stored

MESSAGES = 150
SEED = 4
KEY = bytes(range(32))
PEOPLE = [f"+62812720001{number:02}" for number in range(8)] + [STRANGER, OFFICER]
PLACES = ["lambur ii", "LAMBUR I", "kampung laut", "rantau rasau", "kampung laud", "", "kuala tungkal", "0112"]
TYPES = ["GESEK", "BENTROK", "RUSAK", "UANG", "gontok", "", "NETRAL kades"]
OFFICERS = ("VERIF", "TL", "TERIMA")
SAYINGS = [
    "LAPOR {type} {place} {n} {m}", "LAPOR {type} {place} {n} {m} di pasar", "LAPOR {type} {place} {n} {m} RAHASIA", "{place}",
    "LAPOR {type} {place}", "{n}", "ya", "tidak", "bukan", "tidak tahu", "NIHIL {place}", "DARURAT {place}", "RALAT massa {n}",
    "tolong rumah dibakar di {place}", "RALAT {ticket} desa {place}", "RALAT {ticket} korban {m}", "RALAT bukan {place}",
    "RALAT jenis {type}", "SUSUL {ticket} korban {m} luka {n}", "SUSUL polisi datang", "SUSUL {ticket} rahasia", "rahasia ya pak",
    "BATAL", "BATAL {ticket}", "CEK", "CEK {ticket}", "VERIF {ticket} YA", "VERIF {ticket}", "TL {ticket} patroli",
    "TL {ticket} SELESAI", "TERIMA {ticket}", "lanjutannya pak, massa {n} orang", "(2/2) warga bubar", "terus di {place} {type}",
    "dan hubungi 0812-3456-7890", "ok makasih pak", "pinjaman cepat cair klik bit.ly/x", "BANTUAN", "DAFTAR KADES {place} Budi",
    "cekcok", "???", "lambur 2, korbannya {m}", "ribut di {place}",
]  # fmt: skip


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return compile_knowledge(load_knowledge())


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(sqlite_url(tmp_path))
    yield opened
    opened.close()


class Crowd(Talk):
    """Ten people whose messages are now and then lost for hours, or come while the laptop loses power."""

    def __init__(self, store: Store, knowledge: Knowledge, seed: int) -> None:
        super().__init__(store, knowledge)
        self.random = random.Random(seed)
        self.tickets: dict[str, list[str]] = {}
        self.register(OFFICER, "kapolsek")

    def write(self, count: int) -> None:
        """So many messages, in batches, some of them older than those before them."""
        late: list[str] = []
        while count > 0:
            batch = [self._message() for _ in range(min(count, self.random.randint(1, 12)))]
            count -= len(batch)
            self.random.shuffle(batch)
            keep = self.random.randint(0, 2)
            self._deliver([*late, *batch[keep:]])
            late = batch[:keep]
        self._deliver(late)

    def _message(self) -> str:
        pick = self.random.choice
        step = pick([2, 30, 60, 120, 300, 900, 5000])
        self.sent_at += step
        self.now += step * 1000
        saying, person = pick(SAYINGS), pick(PEOPLE)
        if saying.startswith(OFFICERS) and self.random.random() < 0.7:
            person = OFFICER
        own = self.tickets.get(person, []) if person != OFFICER else []
        ticket = pick(own[-2:] if own and self.random.random() < 0.8 else ["K4PT", *chain(*self.tickets.values())])
        values = {"place": pick(PLACES), "type": pick(TYPES), "n": self.random.randint(0, 150), "m": pick([0, 1, 4])}
        (one,) = pdus(saying.format(ticket=ticket, **values).strip() or "?", person, self.sent_at)
        return one

    def _deliver(self, hexes: list[str]) -> None:
        with self.store.write() as session:
            inbox.keep(session, stored(*hexes), "1234", self.now)
        self.gateway.process_waiting()
        with self.store.read() as session:
            made = select(Message.sender, Report.ticket).join(Report, Report.message_id == Message.id)
            self.tickets = {}
            for sender, ticket in session.execute(made.order_by(Report.id)):
                self.tickets.setdefault(sender, []).append(ticket)

    def entries(self) -> tuple[Entry, ...]:
        with self.store.read() as session:
            return tuple(ledger.read(session, 1, 10_000))


@pytest.fixture
def crowd(store: Store, knowledge: Knowledge) -> Crowd:
    crowd = Crowd(store, knowledge, SEED)
    crowd.write(MESSAGES)
    return crowd


def test_after_a_random_dialogue_the_central_shows_what_stands_on_the_laptop(
    crowd: Crowd, central: Database, knowledge: Knowledge
) -> None:
    check_laptop(crowd)
    before = [(row.id, row.fields, row.level) for row in crowd.rows(Report)]
    rederived = Rederiver(crowd.store, knowledge, Settings(), lambda: crowd.now)
    assert list(rederived.run(0, None, apply=True)) == []
    assert [(row.id, row.fields, row.level) for row in crowd.rows(Report)] == before
    check_central(crowd, central)


def check_laptop(crowd: Crowd) -> None:
    """Every message was understood, every report is what was read with what was said, every step has its message."""
    messages, reports, amendments = crowd.rows(Message), crowd.rows(Report), crowd.rows(Amendment)
    assert len(messages) == MESSAGES
    assert {(row.state, row.error) for row in messages} == {(MessageState.UNDERSTOOD, "")}
    assert {"jawab", "koreksi", "susul", "batal", "tl"} <= {row.action for row in amendments}
    with crowd.store.read() as session:
        for row in reports:
            report = session.get_one(Report, row.id)
            assert amending.fields_of(report.derived, amending.said_about(session, report)) == report.fields
    owner = {row.id: row.sender for row in messages}
    by_report = {row.id: row for row in reports}
    for row in amendments:
        sender = owner[row.message_id]
        assert sender == OFFICER or sender == owner[by_report[row.report_id].message_id]
    answered = {row.message_id for row in crowd.rows(Outgoing)}
    assert all(row.id in answered or row.unanswered for row in messages)
    dropped = [row for row in messages if row.intent == "darurat" and row.id not in {one.message_id for one in reports}]
    assert dropped == []


def check_central(crowd: Crowd, central: Database) -> None:
    """The projection of the ledger and the laptop's tables agree, report by report."""
    gateway = enrolment.redeem(central, enrolment.issue(central, "Sadu", 1, crowd.now).text, KEY, crowd.now)
    ingest(central, encode(Frame(gateway, 1, 1, EMPTY_HASH, crowd.entries()), KEY), crowd.now)
    projector.fold(central)
    with central.read() as session:
        shown = {row.ticket: row for row in session.scalars(select(models.Report))}
        told = {
            ticket: (known(row.fields), row.level, row.secret, row.withdrawn, row.reporter == 0)
            for ticket, row in shown.items()
        }
    stands: dict[str, Any] = {
        row.ticket: (amending.masked(row.fields), row.level, row.secret, row.state == "dibatalkan", row.secret)
        for row in crowd.rows(Report)
    }
    assert told == stands


def known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
