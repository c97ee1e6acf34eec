"""From a message to its report, reply and ledger entries: one transaction for all of them (promise P4)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.failpoint import reach
from config.settings import Settings
from sync.entries import AmendBody, MessageBody, ReportBody

from . import balance, budgets, numbers, replies
from .pseudonyms import reporter_of
from .reports.knowledge import Knowledge
from .reports.parser import understand
from .reports.ticket import make_ticket
from .reports.understanding import FIELDS, Doubt, Intent, Outcome, Sender, Understanding
from .store import ledger, outgoing
from .store.database import Store
from .store.models import Message, MessageState, OutgoingState, Report, Reporter

REPEAT_MILLISECONDS = 6 * 3600 * 1000
"""The same words from the same sender within this time are the same news: people resend when no answer comes."""
COMPLETED = "lengkap"
"""Action of the AMEND entry for a long message whose missing part came after its report."""


@dataclass(frozen=True)
class Processed:
    """What became of one message, for the threads that act on it."""

    message_id: int
    urgent: bool


class Processor:
    """Understands messages that are ready, one after the other. `clock`: milliseconds since 1970.

    `on_credit` is called with a modem's key after a notice of its operator changed what is known of its credit.
    """

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        settings: Settings,
        clock: Callable[[], int],
        on_credit: Callable[[str], None] = lambda modem: None,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._settings = settings
        self._clock = clock
        self._on_credit = on_credit

    def process_next(self) -> Processed | None:
        """Take the oldest message that is ready through to its ledger entries; None when there is none."""
        with self._store.read() as session:
            id_ = session.scalar(
                select(Message.id).where(Message.state == MessageState.READY).order_by(Message.id).limit(1)
            )
        if id_ is None:
            return None
        try:
            urgent = self._take(id_)
        except OperationalError:  # disk full, or locked: it is tried again
            raise
        except Exception as error:  # it must not hold up those behind it: a person reads it
            urgent = self._take_for_a_person(id_, f"not processed: {type(error).__name__}")
        reach("message.after_commit")
        return Processed(id_, urgent)

    def _take(self, id_: int, failed: str = "") -> bool:
        """One message in one transaction; whether it is urgent. `failed` says why nothing is to be read out of it."""
        with self._store.write() as session:
            message = session.get_one(Message, id_)
            urgent = self._process(session, message, self._clock(), failed)
            told_credit = None if failed else balance.take_notice(session, message, self._clock())
            reach("message.before_commit")
        if told_credit is not None:
            self._on_credit(told_credit)
        return urgent

    def _take_for_a_person(self, id_: int, failed: str) -> bool:
        try:
            return self._take(id_, failed)
        except OperationalError:
            raise
        except Exception as error:  # not even that: it stays here, shown among the problems
            with self._store.write() as session:
                message = session.get_one(Message, id_)
                message.state, message.error = MessageState.SET_ASIDE, f"{failed}; {type(error).__name__}"
            return False

    def _process(self, session: Session, message: Message, now: int, failed: str) -> bool:
        # A name of letters and digits may read like a number, but anybody can choose one.
        known_by_number = message.sender_is_number and numbers.is_subscriber(message.sender)
        reporter = reporter_of(session, message.sender, now) if known_by_number else None
        if failed:
            understanding, error = _for_a_person(message.text, self._knowledge), failed
        else:
            understanding, error = self._understand(message, reporter)
        message.intent, message.outcome = str(understanding.intent), str(understanding.outcome)
        message.trace, message.error = list(understanding.trace), error
        message.state = MessageState.SET_ASIDE if error else MessageState.UNDERSTOOD
        known = session.scalar(select(Report).where(Report.message_id == message.id))
        if message.entry is not None:
            self._process_late_part(session, message, known, understanding, reporter, now)
            return understanding.urgent
        message.repeats_id = self._earlier(session, message)
        message.entry = ledger.append(session, self._message_body(message, reporter, understanding, now), now // 1000)
        report = self._report(session, message, understanding, now) if understanding.is_report else None
        self._reply(session, message, understanding, report, reporter, now)
        return understanding.urgent

    def _understand(self, message: Message, reporter: Reporter | None) -> tuple[Understanding, str]:
        sender = Sender(
            number=message.sender,
            role=reporter.role if reporter else "",
            village=reporter.village if reporter else "",
            language=reporter.language if reporter else self._settings.general.language,
        )
        sent_at = None if message.sent_at is None else datetime.fromtimestamp(message.sent_at / 1000, UTC)
        try:
            return understand(message.text, sender, self._knowledge, sent_at), ""
        except Exception as error:  # whatever the parser does, the message goes to a person
            return _for_a_person(message.text, self._knowledge), f"{type(error).__name__}: {error}"

    def _earlier(self, session: Session, message: Message) -> int | None:
        """An earlier message with the same words from the same sender: linked, never dropped (P3)."""
        same = session.execute(
            select(Message.id, Message.text)
            .where(
                Message.sender == message.sender,
                Message.id != message.id,
                Message.received_at > message.received_at - REPEAT_MILLISECONDS,
                Message.received_at < message.received_at + REPEAT_MILLISECONDS,  # not of a clock set back since
                Message.state.in_([MessageState.UNDERSTOOD, MessageState.SET_ASIDE]),
            )
            .order_by(Message.id)
        )
        words = message.text.casefold().split()
        return next((id_ for id_, text in same if words and text.casefold().split() == words), None)

    def _message_body(
        self, message: Message, reporter: Reporter | None, understanding: Understanding, now: int
    ) -> MessageBody:
        # What the operator or a swindler wrote is nobody's business at the central; that it came is.
        private = understanding.outcome == Outcome.ABAIKAN
        return MessageBody(
            fingerprint=int.from_bytes(message.fingerprint[:4], "big"),
            reporter=reporter.pseudonym if reporter else 0,
            sent_before=(now - (message.sent_at if message.sent_at is not None else message.received_at)) // 1000,
            received_before=(now - message.received_at) // 1000,
            text=None if private else numbers.mask_in_text(message.text),
            intent=message.intent,
            outcome=message.outcome,
            parts_missing=message.parts_missing,
        )

    def _report(self, session: Session, message: Message, understanding: Understanding, now: int) -> Report:
        repeated = (
            session.scalar(select(Report).where(Report.message_id == message.repeats_id))
            if message.repeats_id
            else None
        )
        report = Report(
            message_id=message.id,
            ticket=_free_ticket(session),
            created_at=now,
            repeats_id=repeated.id if repeated else None,
        )
        _fill(report, understanding)
        session.add(report)
        session.flush()
        body = ReportBody(
            message=ledger.distance_to(session, message.entry),
            form=report.form,
            version=report.version,
            fields=_ledger_fields(report.fields),
            ticket=report.ticket,
            level=report.level,
            outcome=report.outcome,
            doubts=list(report.doubts),
            missing=report.missing,
            repeats=repeated.ticket if repeated else "",
            secret=report.secret,
        )
        ledger.append(session, body, now // 1000)
        return report

    def _process_late_part(
        self,
        session: Session,
        message: Message,
        report: Report | None,
        found: Understanding,
        reporter: Reporter | None,
        now: int,
    ) -> None:
        """A part came after the message went on without it: the report is derived again and keeps its ticket."""
        if report is None:
            if found.is_report:
                report = self._report(session, message, found, now)
                self._reply(session, message, found, report, reporter, now)
            return
        _fill(report, found)
        body = AmendBody(
            message=ledger.distance_to(session, message.entry),
            ticket=report.ticket,
            action=COMPLETED,
            fields=_ledger_fields(report.fields),
            text=numbers.mask_in_text(message.text),
            level=report.level,
            parts_missing=message.parts_missing,
        )
        ledger.append(session, body, now // 1000)

    def _reply(
        self,
        session: Session,
        message: Message,
        understanding: Understanding,
        report: Report | None,
        reporter: Reporter | None,
        now: int,
    ) -> None:
        repeated = session.get(Report, report.repeats_id) if report and report.repeats_id else None
        try:
            reply = replies.compose(
                understanding,
                report.ticket if report else None,
                self._knowledge,
                language=reporter.language if reporter else self._settings.general.language,
                police_number=self._settings.replies.police_number,
                repeats_ticket=repeated.ticket if repeated else None,
            )
        except Exception as error:  # an answer that cannot be worded must not hold up the report
            message.error = message.error or f"no reply: {type(error).__name__}: {error}"
            return
        if reply is None:
            return
        held = budgets.why_not(session, message, reply.text, self._settings, now)
        row = outgoing.new(message.sender, reply.text, "reply", reply.kind, now, message.id)
        if held:
            row.state, row.error = OutgoingState.HELD, held
        outgoing.queue(session, row, now)


def _fill(report: Report, found: Understanding) -> None:
    report.intent, report.outcome = str(found.intent), str(found.outcome)
    report.form, report.version = found.form, found.version
    report.derived = {**dict.fromkeys(FIELDS), **found.fields}
    report.fields = dict(report.derived)
    report.missing = list(found.missing)
    report.doubts = found.as_dict()["doubts"]
    report.level, report.secret = found.level, found.secret


def _ledger_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Known fields only, free text without phone numbers."""
    return {
        name: numbers.mask_in_text(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if value is not None
    }


def _free_ticket(session: Session) -> str:
    while True:
        ticket = make_ticket(secrets.randbelow)
        if session.scalar(select(Report.id).where(Report.ticket == ticket)) is None:
            return ticket


def _for_a_person(text: str, knowledge: Knowledge) -> Understanding:
    """What stands in for an understanding that failed: everything unknown, a person reads it."""
    form = next(form for form in knowledge.files.forms if form.jenis)
    return Understanding(
        intent=Intent.BEBAS,
        outcome=Outcome.TRIASE,
        fields={**dict.fromkeys(FIELDS), "ket": text},
        doubts=(Doubt("ket", "Pesan ini tidak dapat dibaca program; mohon dibaca petugas."),),
        trace=("Pembacaan gagal; pesan diteruskan ke petugas apa adanya.",),
        urgent=True,
        form=form.id,
        version=form.version,
    )
