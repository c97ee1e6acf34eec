"""Ingest: one frame, one transaction. Authenticate, compare, append, commit, reply, and nothing else (`docs/wire.md`).

FrameRefused
├── UnknownGateway   no such gateway, or revoked: 403
└── Unreadable       no frame, or not sealed by this gateway's key (cut, altered, wrong key): 400, sending again may help
"""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import failpoint
from sync import dictionary, protocol
from sync.entries import EMPTY_HASH, Entry
from sync.frame import Frame, FrameError, Header, UnknownDictionary, open_frame, read_header
from sync.protocol import Append, Fork, Reply, Stored, decide, needed, seal_reply

from .database import Database
from .models import Cursor, Gateway, LedgerEntry


class FrameRefused(Exception):
    """The frame was not taken, and nothing was changed."""


class UnknownGateway(FrameRefused):
    """Nobody by that number may send."""


class Unreadable(FrameRefused):
    """These octets are no frame of this gateway."""


def ingest(database: Database, octets: bytes, now: int) -> bytes:
    """Take one frame and return the sealed reply. `now`: milliseconds since 1970. Raises FrameRefused."""
    try:
        header, _ = read_header(octets)
    except FrameError as error:
        raise Unreadable(str(error)) from None
    with database.write() as session:
        key, frame = _opened(session, header, octets)
        if frame is None:
            reply = _reply(_locked_cursor(session, header.gateway, header.epoch, now), fork=False)
        else:
            reply = _take(session, frame, now)
        failpoint.reach("central.ingest.before_commit")
    failpoint.reach("central.ingest.after_commit")
    return seal_reply(reply, octets, key)


def _opened(session: Session, header: Header, octets: bytes) -> tuple[bytes, Frame | None]:
    """Key and content of the frame; no content where only its dictionary is unknown here.

    A revoked gateway learns that it is revoked only if it holds the key.
    """
    found = session.execute(select(Gateway.key, Gateway.revoked).where(Gateway.gateway == header.gateway)).first()
    if found is None or found.key is None:
        raise UnknownGateway(f"gateway {header.gateway}")
    frame: Frame | None
    try:
        frame = open_frame(octets, found.key)
    except UnknownDictionary:
        frame = None
    except FrameError as error:
        raise Unreadable(str(error)) from None
    if found.revoked:
        raise UnknownGateway(f"gateway {header.gateway} is revoked")
    return found.key, frame


def _take(session: Session, frame: Frame, now: int) -> Reply:
    row = _locked_cursor(session, frame.gateway, frame.epoch, now)
    cursor = protocol.Cursor(row.ack, row.hash)
    verdict = decide(cursor, frame, _stored(session, frame, needed(cursor, frame)))
    if isinstance(verdict, Append):
        session.execute(insert(LedgerEntry), [_columns(frame, stored, now) for stored in verdict.rows])
        row.ack, row.hash = verdict.cursor.ack, verdict.cursor.hash
    elif isinstance(verdict, Fork):
        row.forked_at = now
    row.contact_at = now
    return _reply(row, fork=isinstance(verdict, Fork))


def _reply(cursor: Cursor, *, fork: bool) -> Reply:
    return Reply(ack=cursor.ack, safe=min(cursor.safe, cursor.ack), fork=fork, dictionary=dictionary.NEWEST)


def _locked_cursor(session: Session, gateway: int, epoch: int, now: int) -> Cursor:
    """The cursor, ours alone until the commit. Two first contacts at once make one row: the primary key sees to it."""
    new = {"gateway": gateway, "epoch": epoch, "ack": 0, "hash": EMPTY_HASH, "safe": 0, "contact_at": now}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Cursor).values(new).on_conflict_do_nothing())
    mine = select(Cursor).where(Cursor.gateway == gateway, Cursor.epoch == epoch)
    return session.scalars(mine.with_for_update()).one()


def _stored(session: Session, frame: Frame, numbers: range) -> dict[int, Stored]:
    if not numbers:
        return {}
    rows = session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.gateway == frame.gateway,
            LedgerEntry.epoch == frame.epoch,
            LedgerEntry.number.between(numbers.start, numbers.stop - 1),
        )
    )
    return {row.number: Stored(Entry(row.number, row.kind, row.at, row.body), row.hash) for row in rows}


def _columns(frame: Frame, stored: Stored, now: int) -> dict[str, object]:
    entry = stored.entry
    return {
        "gateway": frame.gateway,
        "epoch": frame.epoch,
        "number": entry.number,
        "kind": entry.kind,
        "at": entry.at,
        "body": entry.body,
        "hash": stored.hash,
        "received_at": now,
    }
