"""The queue of SMS that leave: chosen, marked before the modem is touched, finished after (promise P7)."""

from __future__ import annotations

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from sync.entries import OutgoingBody

from . import ledger
from .database import Store
from .models import Message, Outgoing, OutgoingState

PRIORITY = {"alert": 0, "reply": 1, "message": 2}
DAY_MILLISECONDS = 24 * 3600 * 1000
LONGEST_WAIT_MILLISECONDS = DAY_MILLISECONDS
"""What is put off for longer was put off by a clock that has been set back since."""
_COUNTED = [state for state in OutgoingState if state != OutgoingState.HELD]


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


def next_due(session: Session, now: int) -> Outgoing | None:
    """The SMS to send now: alerts first, then answers, then messages typed by people; oldest first."""
    order = case(PRIORITY, value=Outgoing.purpose, else_=len(PRIORITY))
    return session.scalar(
        select(Outgoing)
        .where(
            Outgoing.state == OutgoingState.QUEUED,
            or_(Outgoing.not_before <= now, Outgoing.not_before > now + LONGEST_WAIT_MILLISECONDS),
        )
        .order_by(order, Outgoing.id)
        .limit(1)
    )


def next_due_at(session: Session) -> int | None:
    """When the next queued SMS becomes due; None where none is queued."""
    return session.scalar(select(func.min(Outgoing.not_before)).where(Outgoing.state == OutgoingState.QUEUED))


def mark_attempted(session: Session, row: Outgoing) -> None:
    """Say durably that the modem is about to be asked; commit before touching it."""
    row.state = OutgoingState.ATTEMPTED
    row.attempts += 1


def finish(session: Session, row: Outgoing, state: OutgoingState, now: int, *, error: str = "") -> None:
    """The end of an SMS: sent, failed, uncertain or held; told to the ledger."""
    row.state, row.error, row.finished_at = state, error, now
    session.flush()
    _tell(session, row, now)


def try_later(row: Outgoing, error: str, not_before: int) -> None:
    """Back into the queue after a failure that may pass."""
    row.state, row.error, row.not_before = OutgoingState.QUEUED, error, not_before


def any_interrupted(session: Session) -> bool:
    """Whether an SMS is marked but not finished. Only for who sends, and not while sending."""
    return session.scalar(select(Outgoing.id).where(Outgoing.state == OutgoingState.ATTEMPTED).limit(1)) is not None


def recover(session: Session, now: int, attempts: int) -> int:
    """At start: what was marked but not finished is uncertain. Alerts go again, courtesy is not repeated (P7).

    An alert that was cut off `attempts` times is uncertain too: what ends us each time must not hold up the queue.
    """
    interrupted = list(session.scalars(select(Outgoing).where(Outgoing.state == OutgoingState.ATTEMPTED)))
    for row in interrupted:
        if row.purpose == "alert" and row.attempts < attempts:
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


def answers_since(session: Session, since: int, recipient: str | None = None, text: str | None = None) -> int:
    """How many answers were queued since a time, to one recipient or all, with one text or any (budgets, promise P8)."""
    where = [
        Outgoing.purpose == "reply",
        Outgoing.created_at > since,
        Outgoing.created_at <= since + 2 * DAY_MILLISECONDS,  # not what a clock years ahead once wrote
        Outgoing.state.in_(_COUNTED),
    ]
    if recipient is not None:
        where.append(Outgoing.recipient == recipient)
    if text is not None:
        where.append(Outgoing.text == text)
    return session.scalar(select(func.count()).select_from(Outgoing).where(*where)) or 0


def _tell(session: Session, row: Outgoing, now: int) -> None:
    answered = session.get(Message, row.message_id) if row.message_id else None
    distance = ledger.distance_to(session, answered.entry if answered else None)
    ledger.append(session, OutgoingBody(distance, row.id, row.purpose, row.state), now // 1000)
