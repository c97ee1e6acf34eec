""" "Still you?": old registrations are asked by SMS whether the number is still theirs, because operators recycle numbers.

`due` and `overdue` decide (pure); `look_after` writes what they decided; `answer_still_you` takes the answer.

    terdaftar ──long not heard of──▶ asked ──YA──▶ terdaftar, confirmed
                                       ├──BUKAN──▶ berhenti (the question stays open until a person has seen it)
                                       └──no answer──▶ ragu ──YA, or a person makes sure──▶ terdaftar

Roles with officer's rights are heard of by a confirmation only: a stranger with a recycled number may report, too. Once such
a person is `ragu` a late YA is not enough either, for it may be the stranger's: somebody has to call. For everybody else
any report counts, and closes an open question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from config.settings import Settings
from gateway import budgets, replies
from gateway.reports.knowledge import Knowledge
from gateway.reports.understanding import Intent, Understanding
from gateway.store import outgoing
from gateway.store.database import Store
from gateway.store.models import Message, Outgoing, OutgoingState, Report, Reporter, ReporterStatus

from . import people

KIND = "still_you"
"""`Outgoing.kind` of these questions."""
FIRST_HOUR, LAST_HOUR = 9, 17
"""Local hours between which we ask; the last one excluded."""
DAY_MILLISECONDS = outgoing.DAY_MILLISECONDS
MOST_PASSED_OVER = 50
"""So many whom a rule keeps back are tried at a time: where nobody may be written to today, it is noticed soon."""
_SHORT_ANSWER = 12
"""Words; what is longer says more than yes or no, and a person reads it."""
_NO = re.compile(
    r"\b(bukan|bkn|sanes|dudu|salah (orang|sambung|nomor|no|kirim|alamat)|ganti (orang|nomor)|wrong number|no)\b"
)
_YES = re.compile(r"\b(ya|iya|iyo|y|yo|yes|benar|betul|bener|masih|msh|nggih|inggih|still me)\b")
_ANSWERS = (Intent.KONFIRMASI, Intent.SALAH_KIRIM, Intent.BEBAS, Intent.TERIMA, Intent.KACAU)


@dataclass(frozen=True)
class Known:
    """What the planner must know of somebody. Times in milliseconds since 1970, None where it never was."""

    pseudonym: int
    role: str
    status: str
    confirmed_at: int | None = None
    reported_at: int | None = None
    """Their last report."""
    asked_at: int | None = None
    left_at: int | None = None
    """When the SMS with the question left; None as long as it waits in the queue, or where it never could leave."""
    failed_at: int | None = None
    """When it was given up: they were never asked."""


@dataclass(frozen=True)
class Plan:
    """What is to be done now, by pseudonym."""

    ask: tuple[int, ...] = ()
    """In this order, as many as today's limit allows."""
    waiting: tuple[int, ...] = ()
    """These and all behind them, who take the place of those whom a rule keeps back."""
    doubt: tuple[int, ...] = ()
    heard: tuple[int, ...] = ()
    """Their report answers the question."""


def due(
    known: Sequence[Known], settings: Settings, now: int, *, officers: Collection[str] = (), asked_today: int = 0
) -> Plan:
    """What is due at `now` (milliseconds since 1970). `officers`: roles with rights; `asked_today`: questions since midnight."""
    left = max(0, settings.registry.confirm_per_day - asked_today)
    waiting = _to_ask(known, settings, now, officers) if left else ()
    return Plan(
        ask=waiting[:left],
        waiting=waiting,
        doubt=tuple(one.pseudonym for one in known if _overdue(one, settings, now, officers)),
        heard=tuple(one.pseudonym for one in known if _heard_since(one, officers)),
    )


def start_of_day(settings: Settings, now: int) -> int:
    """Last midnight of the district, milliseconds since 1970."""
    local = _local(settings, now).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(local.timestamp() * 1000)


def _local(settings: Settings, now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, timezone(timedelta(minutes=settings.general.utc_offset_minutes)))


def _to_ask(known: Sequence[Known], settings: Settings, now: int, officers: Collection[str]) -> tuple[int, ...]:
    rules = settings.registry
    open_now = FIRST_HOUR <= _local(settings, now).hour < LAST_HOUR
    if not rules.confirm_days or not settings.replies.enabled or not open_now:
        return ()
    silent = [
        (one.role not in officers, _heard_at(one, officers), one.pseudonym)
        for one in known
        if one.status == ReporterStatus.REGISTERED
        and (one.asked_at is None or _failed_long_ago(one, settings, now))
        and (not rules.confirm_roles or one.role in rules.confirm_roles)
        and now - _heard_at(one, officers) >= rules.confirm_days * DAY_MILLISECONDS
    ]
    return tuple(pseudonym for _, _, pseudonym in sorted(silent))


def _failed_long_ago(one: Known, settings: Settings, now: int) -> bool:
    """Whether the question could not be sent, and enough time went by to try again without keeping out others."""
    return one.failed_at is not None and now - one.failed_at >= settings.registry.confirm_wait_days * DAY_MILLISECONDS


def _heard_at(one: Known, officers: Collection[str]) -> int:
    reported = 0 if one.role in officers else one.reported_at or 0
    return max(one.confirmed_at or 0, reported)


def _heard_since(one: Known, officers: Collection[str]) -> bool:
    waiting = one.status in (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL) and one.asked_at is not None
    return waiting and one.role not in officers and (one.reported_at or 0) > (one.asked_at or 0)


def _overdue(one: Known, settings: Settings, now: int, officers: Collection[str]) -> bool:
    return (
        one.status == ReporterStatus.REGISTERED
        and one.asked_at is not None
        and one.left_at is not None
        and not _heard_since(one, officers)
        and now - one.left_at >= settings.registry.confirm_wait_days * DAY_MILLISECONDS
    )


def look_after(store: Store, knowledge: Knowledge, settings: Settings, now: int) -> int:
    """Ask whom it is time to ask and mark who did not answer; how many SMS were queued. Cheap when nothing is due."""
    with store.read() as session:
        if not _anything(_plan(session, knowledge, settings, now)):
            return 0
    with store.write() as session:
        plan = _plan(session, knowledge, settings, now)  # what another process did meanwhile counts
        for pseudonym in plan.heard:
            person = people.person_of(session, pseudonym)
            person.status, person.asked_at = ReporterStatus.REGISTERED, None
        for pseudonym in plan.doubt:
            people.person_of(session, pseudonym).status = ReporterStatus.DOUBTFUL
        session.flush()
        return _ask_all(session, knowledge, settings, now)


def _ask_all(session: Session, knowledge: Knowledge, settings: Settings, now: int) -> int:
    """Ask everybody who is due; whom a rule of ours keeps back today leaves the place to the next."""
    plan = _plan(session, knowledge, settings, now)
    asked = 0
    for pseudonym in plan.waiting[: len(plan.ask) + MOST_PASSED_OVER]:
        if asked == len(plan.ask):
            break
        asked += _ask(session, people.person_of(session, pseudonym), knowledge, settings, now)
    return asked


def _anything(plan: Plan) -> bool:
    return bool(plan.ask or plan.doubt or plan.heard)


def _plan(session: Session, knowledge: Knowledge, settings: Settings, now: int) -> Plan:
    since = start_of_day(settings, now)
    today = select(func.count(Outgoing.id)).where(
        Outgoing.kind == KIND, Outgoing.created_at >= since, Outgoing.created_at < since + DAY_MILLISECONDS
    )
    asked_today = session.scalar(today) or 0
    return due(_known(session), settings, now, officers=knowledge.officers, asked_today=asked_today)


def _known(session: Session) -> list[Known]:
    asked = (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL)
    sms = aliased(Outgoing)
    reported = select(func.max(Report.created_at)).join(Message).where(Message.sender == Reporter.number)
    question = select(func.max(sms.id)).where(sms.recipient == Reporter.number, sms.kind == KIND)
    rows = session.execute(
        select(Reporter, reported.scalar_subquery(), Outgoing.state, Outgoing.finished_at)
        .outerjoin(Outgoing, Outgoing.id == question.scalar_subquery())
        .where(Reporter.status.in_(asked))
    )
    known = []
    for one, reported_at, state, finished_at in rows:
        left_at, failed_at = (None, finished_at) if state == OutgoingState.FAILED else (finished_at, None)
        known.append(
            Known(one.pseudonym, one.role, one.status, one.confirmed_at, reported_at, one.asked_at, left_at, failed_at)
        )
    return known


def _ask(session: Session, person: Reporter, knowledge: Knowledge, settings: Settings, now: int) -> bool:
    """Queue the question; False where a rule of ours keeps it back today."""
    reply = replies.still_you(person.role, person.village, person.name, knowledge, person.language)
    if budgets.why_not(session, people.recipient(person.number, now), reply.text, settings, now):
        return False
    outgoing.queue(session, outgoing.new(person.number, reply.text, "message", KIND, now), now)
    person.asked_at = now
    session.flush()
    return True


def answer_still_you(
    session: Session,
    reporter: Reporter,
    understanding: Understanding,
    now: int,
    text: str = "",
    *,
    officers: Collection[str] = (),
) -> bool:
    """Take a message as the answer to an open "still you?"; False where it is none, or says neither yes nor no.

    `text` is the message's own; without it only what the parser made of it counts. BUKAN leaves the question open
    (`asked_at`), so that the pages show it until a person has seen it. Whoever has one of the roles `officers` and is `ragu`
    stays so after YA.
    """
    if reporter.asked_at is None or reporter.status not in (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL):
        return False
    yes = says_yes(understanding, text)
    if yes is None:
        return False
    if yes and reporter.status == ReporterStatus.DOUBTFUL and reporter.role in officers:
        return True
    if yes:
        reporter.status, reporter.confirmed_at, reporter.asked_at = ReporterStatus.REGISTERED, now, None
    else:
        people.end(session, reporter, now)
    return True


def says_yes(understanding: Understanding, text: str = "") -> bool | None:
    """Whether a short message says that the number is still theirs; None where it is about something else or unclear."""
    fields = understanding.fields
    if understanding.intent not in _ANSWERS or understanding.urgent:
        return None
    if any(fields.get(name) is not None for name in ("jenis", "massa", "korban", "tiket")):
        return None
    words = re.findall(r"[^\W\d_]+", (text or fields.get("ket") or "").casefold())
    if len(words) > _SHORT_ANSWER:
        return None
    said = " ".join(words)
    no = bool(_NO.search(said)) or fields.get("hasil") == "TIDAK"
    yes = bool(_YES.search(said)) or fields.get("hasil") == "YA"
    return None if yes == no else yes
