"""From message to report, reply and ledger: all or nothing (P4), no storm (P8), no number (P9)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from config.knowledge import load_knowledge
from config.settings import Replies, Settings
from gateway import numbers, processing
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.service import Gateway
from gateway.store import amending, inbox, ledger, queries
from gateway.store.database import Store
from gateway.store.models import LedgerEntry, Message, MessageState, Outgoing, Report, Reporter
from sync.entries import AmendBody, MessageBody, OutgoingBody, ReportBody, decode_body
from tests.gateway.fakes import FakeModem, source
from tests.sms import SENT_AT, VILLAGER, pdus, stored

MINUTE = 60_000
REPORT = "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return compile_knowledge(load_knowledge())


class Desk:
    """A gateway without threads: SMS in, what it made of them out."""

    def __init__(self, store: Store, knowledge: Knowledge, settings: Settings = Settings()) -> None:  # noqa: B008
        self.store = store
        self.now = (SENT_AT + 60) * 1000
        self.gateway = Gateway(store, [source(FakeModem())], knowledge, settings, clock=lambda: self.now)

    def receive(self, *hexes: str) -> None:
        with self.store.write() as session:
            inbox.keep(session, stored(*hexes), "1234", self.now)
        self.gateway.process_waiting()

    def rows(self, table: type[Any]) -> list[Any]:
        with self.store.read() as session:
            return list(session.scalars(select(table).order_by(table.id)))

    def bodies(self) -> list[Any]:
        with self.store.read() as session:
            return [decode_body(entry) for entry in ledger.read(session, 1, 1000)]


@pytest.fixture
def desk(store: Store, knowledge: Knowledge) -> Desk:
    return Desk(store, knowledge)


def test_a_report_is_understood_answered_and_ledgered(desk: Desk) -> None:
    desk.receive(*pdus(REPORT))
    (report,) = desk.rows(Report)
    assert report.fields["jenis"] == "BENTROK"
    assert report.fields["desa"] == "15.07.08.1001"
    assert (report.fields["massa"], report.fields["korban"]) == (40, 2)
    (reply,) = desk.rows(Outgoing)
    assert reply.recipient == VILLAGER
    assert report.ticket in reply.text
    assert "Kampung Laut" in reply.text
    message, told, answered = desk.bodies()
    assert isinstance(message, MessageBody)
    assert message.text == REPORT
    assert message.received_before == 0
    assert message.sent_before == 60
    assert isinstance(told, ReportBody)
    assert (told.message, told.ticket) == (1, report.ticket)
    assert isinstance(answered, OutgoingBody)
    assert (answered.message, answered.state) == (2, "queued")


@pytest.mark.parametrize("table", [Report, Outgoing, LedgerEntry])
def test_all_of_it_commits_or_nothing(desk: Desk, table: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(name: str) -> None:
        if name == "message.before_commit":
            raise KeyboardInterrupt

    monkeypatch.setattr(processing, "reach", cut)
    with pytest.raises(KeyboardInterrupt):
        desk.receive(*pdus(REPORT))
    with desk.store.read() as session:
        assert session.scalar(select(func.count()).select_from(table)) == 0
    monkeypatch.undo()
    desk.gateway.process_waiting()
    with desk.store.read() as session:
        assert session.scalar(select(func.count()).select_from(table)) == (3 if table is LedgerEntry else 1)


def test_the_same_words_again_are_linked_not_lost(desk: Desk) -> None:
    desk.receive(*pdus(REPORT))
    desk.now += 5 * MINUTE
    desk.receive(*pdus(REPORT.lower(), sent_at=SENT_AT + 300))
    first, second = desk.rows(Report)
    assert second.repeats_id == first.id
    assert desk.rows(Message)[1].repeats_id == desk.rows(Message)[0].id
    assert first.ticket in desk.rows(Outgoing)[1].text
    reports = [body for body in desk.bodies() if isinstance(body, ReportBody)]
    assert [body.repeats for body in reports] == ["", first.ticket]
    with desk.store.read() as session:
        assert queries.tally(session, since=0).reports_by_level == {first.level: 1}


def test_the_same_words_the_next_day_are_news(desk: Desk) -> None:
    desk.receive(*pdus("NIHIL LAMBUR II"))
    desk.now += 24 * 60 * MINUTE
    desk.receive(*pdus("NIHIL LAMBUR II", sent_at=SENT_AT + 24 * 3600))
    assert [report.repeats_id for report in desk.rows(Report)] == [None, None]


@pytest.mark.parametrize("sender", ["TELKOMSEL", "3636", "88"])
def test_services_are_never_answered(desk: Desk, sender: str) -> None:
    desk.receive(*pdus("BANTUAN", sender=sender), *pdus(REPORT, sender=sender, sent_at=SENT_AT + 1))
    assert all(row.state == "held" for row in desk.rows(Outgoing))
    assert len(desk.rows(Message)) == 2


def test_our_own_number_is_never_answered(store: Store, knowledge: Knowledge) -> None:
    desk = Desk(store, knowledge, Settings(replies=Replies(own_numbers=("0812-7200-0101",))))
    desk.receive(*pdus(REPORT))
    (reply,) = desk.rows(Outgoing)
    assert reply.state == "held"
    assert "nomor kita" in reply.error


def test_one_sender_gets_only_so_many_answers_a_day(store: Store, knowledge: Knowledge) -> None:
    desk = Desk(store, knowledge, Settings(replies=Replies(per_sender_per_day=3, identical_per_sender=99)))
    for number in range(6):
        desk.receive(*pdus(f"LAPOR GESEK LAMBUR II {number + 3} 0", sent_at=SENT_AT + number * 1200))
    assert [row.state for row in desk.rows(Outgoing)] == ["queued"] * 3 + ["held"] * 3
    assert "3 balasan" in desk.rows(Outgoing)[-1].error
    assert len(desk.rows(Report)) == 6
    desk.now += 25 * 60 * MINUTE
    desk.receive(*pdus("LAPOR GESEK LAMBUR II 77 0", sent_at=SENT_AT + 90_000))
    assert desk.rows(Outgoing)[-1].state == "queued"


def test_two_machines_cannot_keep_each_other_talking(desk: Desk) -> None:
    for number in range(10):
        desk.receive(*pdus("BANTUAN", sent_at=SENT_AT + number))
    assert sum(row.state == "queued" for row in desk.rows(Outgoing)) == Replies().identical_per_sender


def test_no_phone_number_is_in_the_ledger(desk: Desk) -> None:
    desk.receive(*pdus("LAPOR ANCAM LAMBUR II 3 0 hubungi saya 0812-3456-7890 atau +62 813 7300 0102"))
    with desk.store.read() as session:
        octets = b"".join(entry.body for entry in ledger.read(session, 1, 100))
    for digits in (VILLAGER, VILLAGER[3:], "3456", "7300"):
        assert digits.encode() not in octets
    assert b"[nomor]" in octets
    assert "0812-3456-7890" in desk.rows(Message)[0].text


def test_a_reporter_keeps_one_pseudonym(desk: Desk) -> None:
    desk.receive(*pdus(REPORT), *pdus("NIHIL LAMBUR", sent_at=SENT_AT + 1))
    desk.receive(*pdus("NIHIL LAMBUR", sender="+6281373000102"))
    who = [body.reporter for body in desk.bodies() if isinstance(body, MessageBody)]
    assert who[0] == who[1] != who[2]
    assert all(who)


def test_what_the_operator_advertises_stays_here(desk: Desk) -> None:
    desk.receive(*pdus("Paket internet murah! Tekan *123# sekarang", sender="TELKOMSEL"))
    (message,) = [body for body in desk.bodies() if isinstance(body, MessageBody)]
    assert message.text is None
    assert desk.rows(Report) == []


def test_a_parser_that_fails_sends_the_message_to_a_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(processing, "understand", fails)
    desk.receive(*pdus(REPORT))
    (message,) = desk.rows(Message)
    (report,) = desk.rows(Report)
    assert message.state == MessageState.SET_ASIDE
    assert "ZeroDivisionError" in message.error
    assert report.outcome == "triase"
    assert report.fields["ket"] == REPORT


def test_a_report_that_cannot_be_written_goes_to_a_person_and_to_the_central(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    masked = amending.masked

    def chokes(fields: dict[str, Any]) -> dict[str, Any]:
        if fields.get("jenis"):
            raise TypeError
        return masked(fields)

    monkeypatch.setattr(amending, "masked", chokes)
    desk.receive(*pdus(REPORT), *pdus("NIHIL LAMBUR II", sent_at=SENT_AT + 1))
    first, second = desk.rows(Message)
    assert (first.state, second.state) == (MessageState.SET_ASIDE, MessageState.UNDERSTOOD)
    assert "TypeError" in first.error
    told = [body for body in desk.bodies() if isinstance(body, ReportBody)]
    assert [body.outcome for body in told] == ["triase", "terima"]
    assert [body.text for body in desk.bodies() if isinstance(body, MessageBody)] == [REPORT, "NIHIL LAMBUR II"]


def test_a_late_part_completes_the_report_under_its_ticket(desk: Desk) -> None:
    text = "LAPOR BENTROK KAMPUNG LAUT " + "warga berkumpul di dermaga dan saling dorong, " * 4 + "korban 2 massa 40"
    first, second = pdus(text)[0], pdus(text)[1]
    desk.receive(first)
    assert desk.rows(Report) == []
    desk.now += 31 * MINUTE
    desk.gateway.process_waiting()
    (report,) = desk.rows(Report)
    assert report.fields["massa"] is None
    desk.receive(second)
    (completed,) = desk.rows(Report)
    assert completed.ticket == report.ticket
    assert (completed.fields["massa"], completed.fields["korban"]) == (40, 2)
    amend = desk.bodies()[-1]
    assert isinstance(amend, AmendBody)
    assert (amend.ticket, amend.action, amend.fields["massa"]) == (report.ticket, "lengkap", 40)
    assert len([body for body in desk.bodies() if isinstance(body, MessageBody)]) == 1


def test_an_empty_sms_and_a_million_signs_stop_nobody(desk: Desk) -> None:
    desk.receive(*pdus(""), *pdus("\n\r \n", sent_at=SENT_AT + 1), *pdus("9" * 1000, sent_at=SENT_AT + 2))
    assert all(m.state == MessageState.UNDERSTOOD for m in desk.rows(Message))
    assert len(desk.rows(Message)) == 3


def test_a_message_that_cannot_be_processed_holds_up_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    append = ledger.append

    def stumble(session: Any, body: Any, at: int) -> int:
        if isinstance(body, MessageBody) and "RACUN" in (body.text or ""):
            raise RuntimeError("a surprise")
        return append(session, body, at)

    monkeypatch.setattr(ledger, "append", stumble)
    desk.receive(*pdus("RACUN " + REPORT), *pdus(REPORT))
    poisoned, good = desk.rows(Message)
    assert (poisoned.state, good.state) == (MessageState.SET_ASIDE, MessageState.UNDERSTOOD)
    assert "RuntimeError" in poisoned.error


def test_a_full_disk_sets_no_message_aside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> int:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "append", full)
        with pytest.raises(OperationalError):
            desk.receive(*pdus(REPORT))
    assert desk.rows(Message)[0].state == MessageState.READY
    desk.gateway.process_waiting()
    assert desk.rows(Message)[0].state == MessageState.UNDERSTOOD


def test_a_name_that_reads_like_a_number_is_nobody(desk: Desk) -> None:
    with desk.store.write() as session:
        session.add(
            Message(
                sender=VILLAGER,
                sender_is_number=False,
                text=REPORT,
                received_at=desk.now,
                state=MessageState.READY,
                fingerprint=bytes(32),
            )
        )
    desk.gateway.process_waiting()
    assert desk.rows(Message)[0].state == MessageState.UNDERSTOOD
    with desk.store.read() as session:
        assert session.get(Reporter, VILLAGER) is None


def test_the_same_words_under_a_clock_once_years_ahead_are_no_repetition(desk: Desk) -> None:
    desk.now += 14 * 365 * 24 * 60 * MINUTE
    desk.receive(*pdus("NIHIL LAMBUR"))
    desk.now -= 14 * 365 * 24 * 60 * MINUTE
    desk.receive(*pdus("NIHIL LAMBUR", sent_at=SENT_AT + 1))
    assert [message.repeats_id for message in desk.rows(Message)] == [None, None]


@pytest.mark.parametrize(
    "written", ["hp081272000101", "(0812)72000101", "0812  7200  0101", "WA +62-812-7200-0101", "(0812) 7200-0101"]
)
def test_numbers_are_masked_however_they_are_written(written: str) -> None:
    masked = numbers.mask_in_text(f"hubungi {written} ya")
    assert "7200" not in masked
    assert masked.endswith(" ya")
