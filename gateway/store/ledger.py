"""The laptop's ledger: append, read, and move the two marks `ack` and `safe`. Rules: `docs/wire.md`.

Every function works inside the caller's transaction, so that an entry commits with what it tells about (promise P4).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from sync.entries import EMPTY_HASH, BeatBody, Body, Entry, encode_body, running_hash

from .models import LedgerEntry, Message, SyncState

_COPIED_TOGETHER = 1000


@dataclass(frozen=True)
class Position:
    """Where the ledger stands: numbers of the last entry, of the last acknowledged and of the last safe one."""

    epoch: int
    last: int
    ack: int
    safe: int

    @property
    def waiting(self) -> int:
        """Entries the central has not acknowledged."""
        return self.last - self.ack


def sync_state(session: Session) -> SyncState:
    """The one row of `sync_state`, made with a random epoch when the database is new."""
    state = session.get(SyncState, 1)
    if state is None:
        state = SyncState(id=1, epoch=_new_epoch_number(), ack=0, safe=0, central="", commands_applied=0, alarm="")
        session.add(state)
        session.flush()
    return state


def position(session: Session) -> Position:
    """Where the ledger stands now."""
    state = sync_state(session)
    last = session.scalar(select(func.max(LedgerEntry.number)).where(LedgerEntry.epoch == state.epoch)) or 0
    return Position(state.epoch, last, state.ack, state.safe)


def append(session: Session, body: Body, at: int) -> int:
    """Add an entry and return its number. `at`: laptop clock, seconds since 1970."""
    epoch = sync_state(session).epoch
    last = _last_row(session, epoch)
    kind, octets = encode_body(body)
    entry = Entry(number=(last.number if last else 0) + 1, kind=kind, at=at, body=octets)
    session.add(_row(epoch, entry, last.hash if last else EMPTY_HASH))
    session.flush()
    return entry.number


def distance_to(session: Session, number: int | None) -> int:
    """How far entry `number` lies before the next one to be appended: how a body refers to it. 0 where there is none."""
    return position(session).last + 1 - number if number else 0


def read(session: Session, first: int, limit: int) -> list[Entry]:
    """Up to `limit` entries of the present epoch from number `first` on."""
    epoch = sync_state(session).epoch
    rows = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.epoch == epoch, LedgerEntry.number >= first)
        .order_by(LedgerEntry.number)
        .limit(limit)
    )
    return [Entry(number=row.number, kind=row.kind, at=row.at, body=row.body) for row in rows]


def hash_before(session: Session, first: int) -> bytes | None:
    """Running hash of entry `first - 1`; the empty hash for 1; None where that entry is no longer there."""
    if first == 1:
        return EMPTY_HASH
    row = session.get(LedgerEntry, (sync_state(session).epoch, first - 1))
    return row.hash if row else None


def move_marks(session: Session, ack: int, safe: int) -> None:
    """Take the central's word for what it has, even if that is less than before (it may have been restored)."""
    state = sync_state(session)
    state.ack = ack
    state.safe = safe


def start_new_epoch(session: Session, reason: str, at: int, missing: tuple[int, int] | None = None) -> int:
    """Begin a new epoch: its first entry says why, then everything still here follows under new numbers.

    For a ledger the central knows differently (restored or cloned laptop, `fork`), or whose next entry is gone; then
    `missing` names the first and last number that cannot be sent. Returns the new epoch's number.
    """
    state = sync_state(session)
    before_epoch = state.epoch
    oldest = session.scalar(select(func.min(LedgerEntry.number)).where(LedgerEntry.epoch == before_epoch)) or 1
    health: dict[str, object] = {"epoch_reason": reason, "previous_epoch": state.epoch}
    if missing:
        health["missing"] = list(missing)
    state.epoch, state.ack, state.safe = _new_epoch_number(), 0, 0
    append(session, BeatBody(version="", health=health), at)
    before = _last_row(session, state.epoch).hash  # type: ignore[union-attr]  # just appended
    shift = 2 - oldest
    session.execute(update(Message).values(entry=Message.entry + shift))
    session.execute(update(Message).where(Message.entry < 2).values(entry=None))  # their entries are gone
    _copy_entries(session, before_epoch, state.epoch, before)
    return state.epoch


def _copy_entries(session: Session, source: int, target: int, before: bytes) -> None:
    """All entries of an epoch under the numbers 2, 3, 4 … of another, some at a time: a ledger may be larger than memory."""
    columns = (LedgerEntry.number, LedgerEntry.kind, LedgerEntry.at, LedgerEntry.body)
    copied, number = 0, 1
    while True:
        waiting = select(*columns).where(LedgerEntry.epoch == source, LedgerEntry.number > copied)
        rows = session.execute(waiting.order_by(LedgerEntry.number).limit(_COPIED_TOGETHER)).all()
        if not rows:
            return
        copies = []
        for number, (_, kind, at, body) in enumerate(rows, start=number + 1):  # noqa: B020  # goes on where it was
            before = running_hash(before, Entry(number, kind, at, body))
            copies.append({"epoch": target, "number": number, "kind": kind, "at": at, "body": body, "hash": before})
        session.execute(insert(LedgerEntry), copies)
        copied = rows[-1].number


def oldest_waiting_at(session: Session) -> int | None:
    """When the oldest unacknowledged entry was written (seconds since 1970), None where nothing waits."""
    state = sync_state(session)
    return session.scalar(
        select(func.min(LedgerEntry.at)).where(LedgerEntry.epoch == state.epoch, LedgerEntry.number > state.ack)
    )


def _row(epoch: int, entry: Entry, before: bytes) -> LedgerEntry:
    return LedgerEntry(
        epoch=epoch,
        number=entry.number,
        kind=entry.kind,
        at=entry.at,
        body=entry.body,
        hash=running_hash(before, entry),
    )


def _last_row(session: Session, epoch: int) -> LedgerEntry | None:
    return session.scalar(
        select(LedgerEntry).where(LedgerEntry.epoch == epoch).order_by(LedgerEntry.number.desc()).limit(1)
    )


def _new_epoch_number() -> int:
    return secrets.randbits(32)
