"""From a message to its report, reply and ledger entries: one transaction for all of them (promise P4)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.failpoint import reach
from config.settings import Settings
from sync.entries import AmendBody, MessageBody, ReportBody

from . import balance, budgets, numbers, registry, replies
from .pseudonyms import reporter_of
from .reports import amended, dialogue
from .reports.dialogue import Act, Earlier, Limits, Step
from .reports.knowledge import Knowledge
from .reports.parser import understand
from .reports.ticket import make_ticket
from .reports.understanding import FIELDS, Doubt, Intent, Outcome, Sender, Understanding
from .store import amending, ledger, outgoing
from .store.database import Store
from .store.models import Message, MessageState, OutgoingState, Report, Reporter, ReporterStatus

REPEAT_MILLISECONDS = 6 * 3600 * 1000
"""The same words from the same sender within this time are the same news: people resend when no answer comes."""

_CONFIRMED: dict[str, str] = {ReporterStatus.REGISTERED: "YA", ReporterStatus.DOUBTFUL: "BELUM"}
"""What an answer to "still you?" came to, by the status after it; a late YA of an officer waits for a telephone call."""


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
        self._zone = timezone(timedelta(minutes=settings.general.utc_offset_minutes))
        told = settings.dialogue
        self._limits = Limits(told.answer_hours, told.replace_minutes, told.correct_hours, told.continue_minutes)

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
        step = Step(Act.NEW)
        if failed:
            understanding, error = _for_a_person(message.text, self._knowledge), failed
        else:
            understanding, step, error = self._read(session, message, reporter, now)
        message.intent, message.outcome = str(understanding.intent), str(_outcome(understanding, step))
        message.trace, message.error = [*understanding.trace, *step.trace], error
        message.state = MessageState.SET_ASIDE if error else MessageState.UNDERSTOOD
        urgent = understanding.urgent or step.urgent
        known = session.scalar(select(Report).where(Report.message_id == message.id))
        if message.entry is not None:
            self._process_late_part(session, message, known, understanding, step, reporter, now)
            return urgent
        message.repeats_id = self._earlier(session, message)
        body = self._message_body(message, reporter, understanding, step, now)
        message.entry = ledger.append(session, body, now // 1000)
        report = self._take_step(session, message, understanding, step, now)
        self._reply(session, message, understanding, step, report, reporter, now)
        return urgent

    def _read(
        self, session: Session, message: Message, reporter: Reporter | None, now: int
    ) -> tuple[Understanding, Step, str]:
        """What the message says and does; a failure is told in the third place."""
        own = amending.own_reports(session, message.sender, message.id) if reporter else []
        if message.entry is not None:  # a part came late
            own = amending.untold(session, message, own)
        sender = self.sender_of(message, reporter)
        local = None if message.sent_at is None else datetime.fromtimestamp(message.sent_at / 1000, self._zone)
        try:
            asked = dialogue.open_question(own, now, self._limits, message.sent_at)
            question = dialogue.question(asked) if asked else None
            found = understand(message.text, sender, self._knowledge, local, question)
            if reporter is not None and self._is_still_you(session, message, reporter, found, asked, now):
                hasil = _CONFIRMED.get(reporter.status, "TIDAK")
                step = Step(Act.STILL_YOU, person=hasil == "BELUM")
                return replace(found, fields={**found.fields, "hasil": hasil}), step, ""
            earlier = self._with_named(session, message, own, found) if reporter else own
            step = dialogue.next_step(
                found, message.text, sender, earlier, self._knowledge, now, self._limits, message.sent_at
            )
            return found, step, ""
        except OperationalError:
            raise
        except Exception as error:  # whatever the parser does, the message goes to a person
            return _for_a_person(message.text, self._knowledge), Step(Act.NEW), f"{type(error).__name__}: {error}"

    def sender_of(self, message: Message, reporter: Reporter | None) -> Sender:
        """Role and village count only while the registration stands."""
        registered = reporter if reporter and reporter.status == ReporterStatus.REGISTERED else None
        return Sender(
            number=message.sender,
            role=registered.role if registered else "",
            village=registered.village if registered else "",
            language=reporter.language if reporter else self._settings.general.language,
        )

    def _is_still_you(
        self,
        session: Session,
        message: Message,
        reporter: Reporter,
        found: Understanding,
        asked: Earlier | None,
        now: int,
    ) -> bool:
        """Whether this answers "still you?"; of that question and one about a report the newest is meant."""
        if reporter.asked_at is None or (asked is not None and (asked.asked_at or 0) > reporter.asked_at):
            return False
        officers = self._knowledge.officers
        return registry.answer_still_you(session, reporter, found, now, message.text, officers=officers)

    def _with_named(
        self, session: Session, message: Message, own: Sequence[Earlier], found: Understanding
    ) -> list[Earlier]:
        """The sender's own reports and the one whose ticket the message names."""
        ticket = str(found.fields.get("tiket") or "").upper()
        if not ticket or any(one.ticket == ticket for one in own):
            return list(own)
        named = amending.with_ticket(session, ticket, message.sender)
        return [*own, named] if named else list(own)

    def _take_step(
        self, session: Session, message: Message, understanding: Understanding, step: Step, now: int
    ) -> Report | None:
        """Do what the message asks for; the report it makes, if any."""
        if step.act is Act.REGISTER:
            registry.request(session, message, understanding, now)
        if step.amends:
            message.trace = [*message.trace, *amending.write(session, message, step, self._knowledge, now)]
        if step.act is not Act.NEW or not understanding.is_report:
            return None
        return self.make_report(session, message, understanding, step, now)

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
        self, message: Message, reporter: Reporter | None, understanding: Understanding, step: Step, now: int
    ) -> MessageBody:
        # What the operator or a swindler wrote is nobody's business at the central, nor a name beside a pseudonym; that
        # something came is.
        private = understanding.outcome == Outcome.ABAIKAN or step.act in (Act.REGISTER, Act.STILL_YOU)
        about_hidden = step.after is not None and step.after.secret and step.by != "petugas"
        hidden = understanding.secret or about_hidden
        return MessageBody(
            fingerprint=int.from_bytes(message.fingerprint[:4], "big"),
            reporter=reporter.pseudonym if reporter and not hidden else 0,
            sent_before=(now - (message.sent_at if message.sent_at is not None else message.received_at)) // 1000,
            received_before=(now - message.received_at) // 1000,
            text=None if private else numbers.mask_in_text(message.text),
            intent=message.intent,
            outcome=message.outcome,
            parts_missing=message.parts_missing,
        )

    def make_report(
        self, session: Session, message: Message, understanding: Understanding, step: Step, now: int
    ) -> Report:
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
        asked = step.ask or dialogue.echoed(understanding)
        if asked and repeated is None:
            report.asked, report.asked_at = asked, now
        session.add(report)
        session.flush()
        if repeated is None:
            self._raise_level(session, message, report, now)
        body = ReportBody(
            message=ledger.distance_to(session, message.entry),
            form=report.form,
            version=report.version,
            fields=amending.masked(report.fields),
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

    def _raise_level(self, session: Session, message: Message, report: Report, now: int) -> None:
        """The second report from a kecamatan within 24 hours weighs more."""
        if report.intent == Intent.NIHIL or not amending.second_nearby(
            session, message, report.fields.get("desa"), now
        ):
            return
        level, why = amended.propose(
            report.intent, report.form, report.fields, [message.text], self._knowledge, second_nearby=True
        )
        if level > report.level:
            report.level = level
            message.trace = [*message.trace, *(line for line in why if line not in message.trace)]

    def _process_late_part(
        self,
        session: Session,
        message: Message,
        report: Report | None,
        found: Understanding,
        step: Step,
        reporter: Reporter | None,
        now: int,
    ) -> None:
        """A part came after the message went on without it: what it made is derived again, a report keeps its ticket."""
        if report is None:
            report = self._take_step(session, message, found, step, now)
            if report is not None:
                self._reply(session, message, found, step, report, reporter, now)
            return
        row = amending.derive_again(session, report, found, message, amending.COMPLETED, self._knowledge, now)
        body = AmendBody(
            message=ledger.distance_to(session, message.entry),
            ticket=report.ticket,
            action=row.action,
            fields=amending.as_it_stands(report, row),
            text=numbers.mask_in_text(message.text),
            level=report.level,
            parts_missing=message.parts_missing,
            secret=report.secret,
        )
        ledger.append(session, body, now // 1000)

    def _reply(
        self,
        session: Session,
        message: Message,
        understanding: Understanding,
        step: Step,
        report: Report | None,
        reporter: Reporter | None,
        now: int,
    ) -> None:
        repeated = session.get(Report, report.repeats_id) if report and report.repeats_id else None
        language = reporter.language if reporter else self._settings.general.language
        police = self._settings.replies.police_number
        try:
            again = step.ticket if step.act is Act.REPLACE and step.refusal else None
            if step.act is Act.NEW or again:
                ticket, repeats = report.ticket if report else None, repeated.ticket if repeated else again
                reply = replies.compose(understanding, ticket, self._knowledge, language, police, repeats)
            else:
                reply = replies.compose_step(step, understanding, self._knowledge, language, police)
        except Exception as error:  # an answer that cannot be worded must not hold up the report
            message.error = message.error or f"no reply: {type(error).__name__}: {error}"
            return
        if reply is None:
            message.unanswered = replies.why_silent(understanding)
            return
        held = budgets.why_not(session, message, reply.text, self._settings, now)
        row = outgoing.new(message.sender, reply.text, "reply", reply.kind, now, message.id)
        if held:
            row.state, row.error = OutgoingState.HELD, held
        outgoing.queue(session, row, now)


def _outcome(understanding: Understanding, step: Step) -> Outcome:
    """What happens with the message, as far as the dialogue knows more than the parser."""
    if step.person:
        return Outcome.TRIASE
    without_number = understanding.outcome is Outcome.LENGKAPI and understanding.missing == ("tiket",)
    return Outcome.TERIMA if without_number and step.ticket and not step.refusal else understanding.outcome


def _fill(report: Report, found: Understanding) -> None:
    report.intent, report.outcome = str(found.intent), str(found.outcome)
    report.form, report.version = found.form, found.version
    report.derived = {**dict.fromkeys(FIELDS), **found.fields}
    report.fields = dict(report.derived)
    report.missing = list(found.missing)
    report.doubts = found.as_dict()["doubts"]
    report.level, report.secret = found.level, found.secret


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
