"""The queue of SMS that leave: marked before the modem is touched, finished after (promise P7), counted for the budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true, update
from sqlalchemy.orm import Session

from sync.entries import OutgoingBody

from . import ledger
from .database import Store
from .models import Message, Outgoing, OutgoingPart, OutgoingState

ALERT = "alert"
EMERGENCY = "darurat"
"""Intent of the messages whose answers are counted apart."""
PRIORITY = {ALERT: 0, "reply": 1, "message": 2}
DAY_MILLISECONDS = 24 * 3600 * 1000
LONGEST_WAIT_MILLISECONDS = 3600 * 1000
"""Between two tries. What is put off for longer was put off by a clock that has been set back since."""
_READ_TOGETHER = 50


def queue(session: Session, row: Outgoing, now: int) -> Outgoing:
    """Add an SMS, queued or held, with its ledger entry, in the caller's transaction."""
    session.add(row)
    session.flush()
    _tell(session, row, now)
    return row


def queue_typed(store: Store, recipient: str, text: str, now: int) -> int:
    """Queue an SMS typed by a person, `recipient` normalised; returns its id. Raises ValueError for an empty text."""
    if not text.strip():
        raise ValueError("Isi SMS masih kosong.")
    with store.write() as session:
        return queue(session, new(recipient, text, "message", "typed", now), now).id


def new(recipient: str, text: str, purpose: str, kind: str, now: int, message_id: int | None = None) -> Outgoing:
    """A queued SMS that is not in the database yet."""
    return Outgoing(
        purpose=purpose,
        kind=kind,
        recipient=recipient,
        text=text,
        message_id=message_id,
        created_at=now,
        state=OutgoingState.QUEUED,
        attempts=0,
        parts_sent=0,
        not_before=0,
        error="",
    )


class Waiting(NamedTuple):
    """What must be known of a queued SMS to say which modem sends it."""

    id: int
    recipient: str
    modem: str
    parts_sent: int


def due(session: Session, now: int, *, alerts: bool | None = None) -> Iterator[Waiting]:
    """SMS that may go now: alerts first, then answers, then messages typed by people; oldest first.

    `alerts`: only these, or only the others.
    """
    order = case(PRIORITY, value=Outgoing.purpose, else_=len(PRIORITY))
    rows = session.execute(
        select(Outgoing.id, Outgoing.recipient, Outgoing.modem, Outgoing.parts_sent)
        .where(
            Outgoing.state == OutgoingState.QUEUED,
            _purpose(alerts),
            or_(Outgoing.not_before <= now, Outgoing.not_before > now + LONGEST_WAIT_MILLISECONDS),
        )
        .order_by(order, Outgoing.id)
        .execution_options(yield_per=_READ_TOGETHER)
    )
    try:
        yield from map(Waiting._make, rows)
    finally:
        rows.close()


def next_due_at(session: Session, now: int) -> int | None:
    """When the next SMS that is put off becomes due; None where none is."""
    return session.scalar(
        select(func.min(Outgoing.not_before)).where(Outgoing.state == OutgoingState.QUEUED, Outgoing.not_before > now)
    )


def any_waits(session: Session) -> bool:
    """Whether any SMS is queued, due or put off."""
    return session.scalar(select(Outgoing.id).where(Outgoing.state == OutgoingState.QUEUED).limit(1)) is not None


def mark_attempted(row: Outgoing, modem: str) -> None:
    """Say that `modem` is about to be asked; commit before touching it.

    What another modem has sent of it is sent again: a phone joins parts by sender.
    """
    if row.modem not in ("", modem):
        row.parts_sent = 0
    row.modem, row.state = modem, OutgoingState.ATTEMPTED
    row.attempts += 1


def took(
    session: Session, row: Outgoing, number: int, reference: int | None, report_wanted: bool, now: int
) -> OutgoingPart:
    """The network took part `number` (from 1 on)."""
    row.parts_sent = number
    return _add_part(session, row, number, reference, report_wanted, now)


def perhaps_took(session: Session, row: Outgoing, now: int) -> OutgoingPart:
    """The network may have the part behind those it has: it was handed over, and no answer came.

    It counts for the budget, which would know no end where a modem never answers; a delivery report proves that it left.
    """
    return _add_part(session, row, row.parts_sent + 1, None, False, now)


def parts_taken(session: Session, now: int) -> dict[str, int]:
    """Parts that each modem sent in the last 24 hours, with those that perhaps left."""
    since = now - DAY_MILLISECONDS
    query = (
        select(OutgoingPart.modem, func.count())
        .where(OutgoingPart.sent_at > since, OutgoingPart.sent_at <= since + 2 * DAY_MILLISECONDS)
        .group_by(OutgoingPart.modem)
    )
    return dict(session.execute(query).all())


def under_way(session: Session) -> list[Outgoing]:
    """SMS that some modem is being asked to send now."""
    return list(session.scalars(select(Outgoing).where(Outgoing.state == OutgoingState.ATTEMPTED)))


def explain_waiting(store: Store, sentence: str, *, alerts: bool | None = None) -> bool:
    """Write on every queued SMS (only alerts, or only the others) why it waits; whether that was news."""
    silent = (Outgoing.state == OutgoingState.QUEUED) & _purpose(alerts) & (Outgoing.error != sentence)
    with store.read() as session:
        if session.scalar(select(Outgoing.id).where(silent).limit(1)) is None:
            return False
    with store.write() as session:
        session.execute(update(Outgoing).where(silent).values(error=sentence))
    return True


def begin_anew(session: Session, modem: str) -> None:
    """Another SIM is in `modem`: what it had sent of queued SMS belongs to another sender."""
    session.execute(
        update(Outgoing).where(Outgoing.state == OutgoingState.QUEUED, Outgoing.modem == modem).values(parts_sent=0)
    )


def finish(session: Session, row: Outgoing, state: OutgoingState, now: int, *, error: str = "") -> None:
    """The end of an SMS: sent, failed, uncertain or held; told to the ledger."""
    row.state, row.error, row.finished_at = state, error, now
    session.flush()
    _tell(session, row, now)


def try_later(row: Outgoing, error: str, not_before: int) -> None:
    """Back into the queue after a failure that may pass."""
    row.state, row.error, row.not_before = OutgoingState.QUEUED, error, not_before


def any_interrupted(session: Session, modem: str) -> bool:
    """Whether an SMS is marked for `modem` but not finished. Only for its own thread, and not while sending."""
    return session.scalar(_interrupted(modem).limit(1)) is not None


def recover(session: Session, now: int, attempts: int, modem: str | None = None) -> int:
    """At start: what was marked but not finished is uncertain. Alerts go again, courtesy is not repeated (P7).

    An alert that was cut off `attempts` times is uncertain too: what ends us each time must not hold up the queue. `modem`:
    only what this one had taken up.
    """
    interrupted = list(session.scalars(_interrupted(modem)))
    for row in interrupted:
        perhaps_took(session, row, now)
        if row.purpose == ALERT and row.attempts < attempts:
            try_later(row, "Program berhenti saat mengirim; dikirim lagi.", now)
        else:
            finish(
                session,
                row,
                OutgoingState.UNCERTAIN,
                now,
                error="Program berhenti saat mengirim; mungkin sudah terkirim.",
            )
    return len(interrupted)


def answers_since(
    session: Session,
    since: int,
    recipient: str | None = None,
    text: str | None = None,
    *,
    emergencies: bool | None = None,
) -> int:
    """How many answers were queued since a time, to one recipient or all, with one text or any (budgets, promise P8).

    `emergencies`: only answers to emergencies, or only the others.
    """
    where = [
        Outgoing.purpose == "reply",
        Outgoing.created_at > since,
        Outgoing.created_at <= since + 2 * DAY_MILLISECONDS,  # not what a clock years ahead once wrote
        Outgoing.state != OutgoingState.HELD,
    ]
    if recipient is not None:
        where.append(Outgoing.recipient == recipient)
    if text is not None:
        where.append(Outgoing.text == text)
    query = select(func.count()).select_from(Outgoing).where(*where)
    if emergencies is not None:
        query = query.outerjoin(Message, Message.id == Outgoing.message_id)
        cried = func.coalesce(Message.intent, "") == EMERGENCY
        query = query.where(cried if emergencies else ~cried)
    return session.scalar(query) or 0


def answers_to(session: Session, recipient: str, since: int, most: int) -> list[str]:
    """Texts of the last answers that left, or are to leave, for one recipient since a time; newest first."""
    query = (
        select(Outgoing.text)
        .where(
            Outgoing.recipient == recipient,
            Outgoing.purpose == "reply",
            Outgoing.state != OutgoingState.HELD,
            Outgoing.created_at > since,
        )
        .order_by(Outgoing.id.desc())
        .limit(most)
    )
    return list(session.scalars(query))


def answers_left(session: Session, recipient: str, first: int) -> list[int]:
    """When the network took answers to one recipient's messages from id `first` on; those that perhaps left among them."""
    query = (
        select(OutgoingPart.sent_at)
        .join(Outgoing, Outgoing.id == OutgoingPart.outgoing_id)
        .where(
            Outgoing.recipient == recipient,
            Outgoing.purpose == "reply",
            Outgoing.message_id >= first,
            OutgoingPart.part == 1,
        )
    )
    return list(session.scalars(query))


def last_held(session: Session, recipient: str, why: str) -> int | None:
    """When an answer to this recipient was last held for this very reason; None where none was."""
    query = (
        select(Outgoing.created_at)
        .where(Outgoing.recipient == recipient, Outgoing.state == OutgoingState.HELD, Outgoing.error == why)
        .order_by(Outgoing.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def _add_part(
    session: Session, row: Outgoing, number: int, reference: int | None, report_wanted: bool, now: int
) -> OutgoingPart:
    part = OutgoingPart(
        outgoing_id=row.id,
        part=number,
        modem=row.modem,
        recipient=row.recipient,
        reference=reference,
        sent_at=now,
        report_wanted=report_wanted,
    )
    session.add(part)
    session.flush()
    return part


def _interrupted(modem: str | None) -> Select[Outgoing]:
    marked = select(Outgoing).where(Outgoing.state == OutgoingState.ATTEMPTED)
    return marked if modem is None else marked.where(Outgoing.modem == modem)


def _purpose(alerts: bool | None) -> ColumnElement[bool]:
    if alerts is None:
        return true()
    return Outgoing.purpose == ALERT if alerts else Outgoing.purpose != ALERT


def _tell(session: Session, row: Outgoing, now: int) -> None:
    answered = session.get(Message, row.message_id) if row.message_id else None
    distance = ledger.distance_to(session, answered.entry if answered else None)
    ledger.append(session, OutgoingBody(distance, row.id, row.purpose, row.state), now // 1000)
