"""Reads stored messages again with today's forms, words and registry, and lets their reports follow.

    message ─understand─▶ what it says today ─▶ report: `derived` anew, every amendment of a person on top of it again

What is only looked at is done in full and rolled back: the look and the deed are one code. Each report changes in one
transaction of its own, so a run may be killed and repeated, and the gateway may run beside it. No SMS is ever made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.failpoint import reach
from config.settings import Settings
from sync.entries import AmendBody

from . import numbers
from .processing import Processor
from .reports.dialogue import Act, Step
from .reports.knowledge import Knowledge
from .reports.parser import understand
from .reports.understanding import Intent, Outcome, Understanding
from .store import amending, ledger
from .store.database import Store
from .store.models import Amendment, Message, MessageState, Report, Reporter

_READ = (MessageState.UNDERSTOOD, MessageState.SET_ASIDE)


class Kind(StrEnum):
    """What reading a message again comes to."""

    CHANGED = "changed"
    NEW = "new"
    """A message that made no report makes one now."""
    LEFT = "left"
    """A report whose message reads like none any more: shown, and left as it is."""


class Skip(StrEnum):
    """Why a message is left alone."""

    ANSWER = "answer"
    """It answered a question of ours and can be read with that question only."""
    AMENDED = "amended"
    """It corrected, added to, continued or repeated a report, and stands there."""
    NOT_IN_LEDGER = "not_in_ledger"
    """The central has not heard of it, so it could not be told of a report."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Difference:
    """What is otherwise about one report. `ticket` is '' for a report that is not made yet."""

    kind: Kind
    message_id: int
    ticket: str
    changes: dict[str, tuple[Any, Any]]
    """Before and after: of fields by their names, then of `level`, `outcome`, `form`, `missing`, `doubts`, `rahasia`."""


@dataclass
class Tally:
    """How many messages were read again, and how many were left alone, by reason."""

    read: int = 0
    skipped: dict[Skip, int] = field(default_factory=dict)
    summary: dict[str, int] = field(default_factory=dict)
    """In how many reports each field (or level, outcome ...) changes; `new` and `left` count reports."""

    def skip(self, why: Skip) -> None:
        """Count a message that was left alone."""
        self.skipped[why] = self.skipped.get(why, 0) + 1

    def count(self, difference: Difference) -> None:
        """Count what changes in one report."""
        names = difference.changes if difference.kind is Kind.CHANGED else [str(difference.kind)]
        for name in names:
            self.summary[name] = self.summary.get(name, 0) + 1


class _Undone(Exception):
    """Ends a transaction of which nothing is to be kept."""


class Rederiver:
    """Reads messages again. `clock`: milliseconds since 1970."""

    def __init__(self, store: Store, knowledge: Knowledge, settings: Settings, clock: Callable[[], int]) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self._processor = Processor(store, knowledge, settings, clock)
        self._zone = timezone(timedelta(minutes=settings.general.utc_offset_minutes))
        self._intents = frozenset(form.intent for form in knowledge.files.forms)

    def run(self, since: int, until: int | None, *, apply: bool, tally: Tally | None = None) -> Iterator[Difference]:
        """The differences of all messages sent (else received) in [since, until), oldest message first.

        Milliseconds since 1970. With `apply` each difference but `left` is written before it is told.
        """
        tally = tally if tally is not None else Tally()
        for id_ in self._messages(since, until):
            found = self._look(id_)
            if found is None:
                tally.read += 1
            elif isinstance(found, Skip):
                tally.skip(found)
            else:
                tally.read += 1
                told = self._take(id_, apply)
                if isinstance(told, Difference):
                    tally.count(told)
                    yield told

    def _messages(self, since: int, until: int | None) -> list[int]:
        at = func.coalesce(Message.sent_at, Message.received_at)
        query = select(Message.id).where(Message.state.in_(_READ), at >= since)
        if until is not None:
            query = query.where(at < until)
        with self._store.read() as session:
            return list(session.scalars(query.order_by(Message.id)))

    def _look(self, id_: int) -> Understanding | Skip | None:
        """What the message says today where that may change something; None where nothing can."""
        with self._store.read() as session:
            message, report = _with_report(session, id_)
            found = self._read(session, message, report)
            if isinstance(found, Skip) or (report is None and found.is_report):
                return found
            if report is None or (found.is_report and _same(session, report, found)):
                return None
            return found

    def _take(self, id_: int, apply: bool) -> Difference | None:
        """Look again inside one transaction that writes, and keep what it wrote only with `apply`."""
        told: Difference | None = None
        try:
            with self._store.write() as session:
                told = self._judge(session, id_)
                reach("rederive.before_commit")
                if not apply or told is None or told.kind is Kind.LEFT:
                    raise _Undone
        except _Undone:
            pass
        if told is not None and told.kind is Kind.NEW and not apply:
            return replace(told, ticket="")
        return told

    def _judge(self, session: Session, id_: int) -> Difference | None:
        message, report = _with_report(session, id_)
        found = self._read(session, message, report)
        if isinstance(found, Skip):
            return None
        if report is None:
            return self._make(session, message, found) if found.is_report else None
        if not found.is_report:
            return Difference(Kind.LEFT, id_, report.ticket, {"intent": (report.intent, str(found.intent))})
        return self._change(session, message, report, found)

    def _read(self, session: Session, message: Message, report: Report | None) -> Understanding | Skip:
        """The message read as it would be today; how it was part of a conversation decides whether it may be."""
        if report is None and (why := self._part_of_conversation(session, message)):
            return why
        person = session.get(Reporter, message.sender) if _is_subscriber(message) else None
        local = None if message.sent_at is None else datetime.fromtimestamp(message.sent_at / 1000, self._zone)
        try:
            found = understand(message.text, self._processor.sender_of(message, person), self._knowledge, local)
        except Exception:  # what stands there came from a reading that worked
            return Skip.UNREADABLE
        if report is None and found.is_report and message.entry is None:
            return Skip.NOT_IN_LEDGER
        return found

    def _part_of_conversation(self, session: Session, message: Message) -> Skip | None:
        """Whether a message without a report said something about another one, be it the same once more."""
        done = set(session.scalars(select(Amendment.action).where(Amendment.message_id == message.id)))
        if Act.ANSWER in done or message.intent == Intent.KONFIRMASI:
            return Skip.ANSWER
        return Skip.AMENDED if done or message.intent in self._intents else None

    # writing

    def _make(self, session: Session, message: Message, found: Understanding) -> Difference:
        """The report of a message that made none. Nobody is asked anything, so a person looks at what is missing."""
        now = self._clock()
        if found.outcome is Outcome.LENGKAPI:
            found = replace(found, outcome=Outcome.TRIASE)
        self._follow(message, found, now, "kini menjadi laporan; tidak ada SMS dikirim")
        report = self._processor.make_report(session, message, found, Step(Act.NEW), now)
        report.asked, report.asked_at = "", None
        known = {name: (None, value) for name, value in report.fields.items() if value is not None}
        changes = {**known, "level": (None, report.level), "outcome": (None, report.outcome)}
        return Difference(Kind.NEW, message.id, report.ticket, changes)

    def _change(self, session: Session, message: Message, report: Report, found: Understanding) -> Difference | None:
        """The report as derived anew; None where nothing is otherwise (the transaction is then undone)."""
        now, before = self._clock(), _standing(report)
        row = amending.derive_again(session, report, found, None, amending.DERIVED_AGAIN, self._knowledge, now)
        if report.outcome == Outcome.LENGKAPI and not report.asked and before["outcome"] != Outcome.LENGKAPI:
            report.outcome = str(Outcome.TRIASE)  # nobody was asked
        after = _standing(report)
        changes = {
            name: (before.get(name), after.get(name)) for name in before | after if before.get(name) != after.get(name)
        }
        if not changes:
            return None
        for_a_person = (
            message.outcome == Outcome.TRIASE != before["outcome"]
        )  # the conversation wanted one, not the form
        self._follow(message, found, now, f"formulir {report.form} versi {report.version}")
        if for_a_person:
            message.outcome = str(Outcome.TRIASE)
        body = AmendBody(
            message=0,
            ticket=report.ticket,
            action=row.action,
            fields={**dict.fromkeys(row.after), **amending.masked(row.after)},
            level=report.level if report.level != row.level_before else None,
            secret=report.secret,
        )
        ledger.append(session, body, now // 1000)
        return Difference(Kind.CHANGED, message.id, report.ticket, changes)

    def _follow(self, message: Message, found: Understanding, now: int, what: str) -> None:
        """The message is shown as it reads now."""
        day = datetime.fromtimestamp(now / 1000, self._zone)
        message.intent, message.outcome = str(found.intent), str(found.outcome)
        message.trace = [*found.trace, f"dibaca ulang {day:%d-%m-%Y}: {what}"]
        if message.state == MessageState.SET_ASIDE:
            message.state, message.error = MessageState.UNDERSTOOD, ""


def _with_report(session: Session, id_: int) -> tuple[Message, Report | None]:
    message = session.get_one(Message, id_)
    return message, session.scalar(select(Report).where(Report.message_id == id_))


def _is_subscriber(message: Message) -> bool:
    return message.sender_is_number and numbers.is_subscriber(message.sender)


def _same(session: Session, report: Report, found: Understanding) -> bool:
    """Whether nothing can have changed: as read today it is what stands there, and nobody said anything about it since."""
    spoken = session.scalar(select(Amendment.id).where(Amendment.report_id == report.id).limit(1)) is not None
    outcome = Outcome.TRIASE if _unasked(report, found) else found.outcome
    about = (found.intent, found.form, found.level, outcome, found.missing, found.as_dict()["doubts"], found.secret)
    return not spoken and _standing(report) == _known(found.fields) | _beside(*about)


def _unasked(report: Report, found: Understanding) -> bool:
    """Whether a person looks at what today's reading would ask for: nobody was asked when the report was made."""
    return found.outcome is Outcome.LENGKAPI and not report.asked and report.outcome == Outcome.TRIASE


def _standing(report: Report) -> dict[str, Any]:
    """All of a report that may come out otherwise."""
    about = (report.intent, report.form, report.level, report.outcome, report.missing, report.doubts, report.secret)
    return _known(report.fields) | _beside(*about)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _beside(
    intent: str,
    form: str,
    level: int,
    outcome: str,
    missing: Iterable[str],
    doubts: Iterable[dict[str, Any]],
    secret: bool,
) -> dict[str, Any]:
    # Of a doubt its words do not count: that a sentence was worded better changes no report. Nor does a version alone.
    return {
        "intent": str(intent),
        "form": form,
        "level": level,
        "outcome": str(outcome),
        "missing": sorted(missing),  # asked for in another order is no difference
        "doubts": [{"field": one["field"], "candidates": list(one.get("candidates", ()))} for one in doubts],
        "rahasia": secret,
    }
