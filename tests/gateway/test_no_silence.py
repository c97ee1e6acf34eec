"""The whole way of a message: it is answered, held with a reason, or its row says why not; two gateways soon fall silent."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.knowledge import load_knowledge
from config.settings import Replies, Settings
from gateway import processing
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.reports.understanding import FIELDS, Intent, Outcome, Understanding
from gateway.service import Gateway
from gateway.store import inbox, outgoing
from gateway.store.database import open_store
from gateway.store.models import Message, Outgoing, OutgoingState
from tests.gateway.fakes import FakeModem, source
from tests.sms import SENT_AT, VILLAGER, pdus, stored

OTHER = "+6281373000102"
FORMS = {Intent.LAPOR: "event", Intent.NIHIL: "nihil", Intent.DARURAT: "emergency", Intent.BEBAS: "event"}
GENEROUS = Settings(replies=Replies(per_day=9999, per_sender_per_day=9999, identical_per_sender=9999))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return compile_knowledge(load_knowledge())


class Laptop:
    """A gateway without threads and modem: SMS in, answers out."""

    def __init__(self, folder: Path, knowledge: Knowledge, settings: Settings) -> None:
        self.store = open_store(folder)
        self.now = (SENT_AT + 60) * 1000
        self.gateway = Gateway(self.store, [source(FakeModem())], knowledge, settings, clock=lambda: self.now)

    def receive(self, text: str, sender: str = VILLAGER) -> None:
        with self.store.write() as session:
            inbox.keep(session, stored(*pdus(text, sender, self.now // 1000)), "modem", self.now)
        self.gateway.process_waiting()

    def send(self) -> list[str]:
        """The modem sends what waits; the texts that left."""
        with self.store.write() as session:
            rows = list(session.scalars(select(Outgoing).where(Outgoing.state == OutgoingState.QUEUED)))
            for row in rows:
                outgoing.mark_attempted(row, "modem")
                outgoing.took(session, row, 1, 1, False, self.now)
                outgoing.finish(session, row, OutgoingState.SENT, self.now)
            return [row.text for row in rows]

    def rows(self, table: type[Any]) -> list[Any]:
        with self.store.read() as session:
            return list(session.scalars(select(table).order_by(table.id)))


def test_no_message_is_left_without_answer_or_reason(
    tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All intents with all outcomes, from a person and from a service."""
    laptop = Laptop(tmp_path, knowledge, GENEROUS)
    now_read: list[Understanding] = []
    monkeypatch.setattr(processing, "understand", lambda *_: now_read[-1])
    for intent, outcome, sender in product(Intent, Outcome, (VILLAGER, "3636")):
        laptop.now += 11 * 60_000
        fields = {**dict.fromkeys(FIELDS), "desa": "15.07.01.2012", "jenis": "GESEK"}
        now_read.append(Understanding(intent, outcome, fields, form=FORMS.get(intent, ""), version=1))
        laptop.receive(f"{intent} {outcome}", sender)
    answers = {row.message_id: row for row in laptop.rows(Outgoing)}
    messages = laptop.rows(Message)
    assert len(messages) == 2 * len(Intent) * len(Outcome)
    for message in messages:
        row = answers.get(message.id)
        assert not message.error
        assert (row is None) == bool(message.unanswered), (message.text, message.unanswered)
        if row is None:
            assert message.unanswered.endswith(".")
        else:
            assert (row.state == OutgoingState.HELD) == bool(row.error)
            assert row.state == OutgoingState.QUEUED or message.sender == "3636", row.error
    silent = {message.intent for message in messages if message.unanswered}
    assert {Intent.OPERATOR, Intent.SPAM, Intent.SALAH_KIRIM} <= silent
    laptop.store.close()


@pytest.mark.parametrize("first", ["BANTUAN", "LAPOR GESEK LAMBUR II 14 0", "DARURAT LAMBUR II dibacok", "halo", "CEK"])
def test_two_gateways_fall_silent(tmp_path: Path, knowledge: Knowledge, first: str) -> None:
    """Each takes the other's answers for messages of a person, as they come from an ordinary number."""
    one, two = Laptop(tmp_path / "one", knowledge, Settings()), Laptop(tmp_path / "two", knowledge, Settings())
    one.receive(first, OTHER)
    here, there, number = one, two, VILLAGER
    sent = 0
    for _ in range(60):
        texts = here.send()
        if not texts:
            break
        sent += len(texts)
        one.now, two.now = one.now + 9_000, two.now + 9_000
        for text in texts:
            there.receive(text, number)
        here, there, number = there, here, OTHER if number == VILLAGER else VILLAGER
    assert here.send() == there.send() == []
    assert 1 <= sent <= 2 * (Replies().loop_messages + 1)
    for laptop in (one, two):
        laptop.store.close()
