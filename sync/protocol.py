"""The rules of both ends, and the reply. Pure: no clock, no database, no socket; state comes in, a decision goes out.

What may live here: what a frame or a reply *means* given where one stands. What may not: how it is carried, stored,
paced or shown. `docs/wire.md`, Rules, says the same in words; the model test drives both functions below.

    central  decide(cursor, frame, stored)   frame from further on than ack + 1      → Stand   (say ack)
                                             prev is not our hash of first - 1       → Fork
                                             an entry ≤ ack differs from ours        → Fork
                                             nothing new                             → Stand
                                             else                                    → Append
    laptop   on_reply(position, reply)       fork, or ack beyond our last number     → NewEpoch
                                             ack + 1 is no longer here               → NewEpoch naming what is missing
                                             else                                    → Advance (ack may go back)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from .entries import EMPTY_HASH, Entry, running_hash
from .frame import Frame, FrameError, seal, unseal

MAX_REPLY_OCTETS = 64 * 1024


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """What the central says to one frame. Fields are only ever appended, with a default."""

    ack: int
    """Number of the last entry it holds of this epoch without a gap."""
    safe: int = 0
    """Number of the last one that is in a proven back-up; only up to it may a laptop forget."""
    fork: bool = False
    """What was sent contradicts what it holds: this is not the laptop that wrote the first entries, or an older state."""
    dictionary: int = 0
    """Newest dictionary it can read."""
    commands: list[bytes] = []
    """Orders to the laptop, one encoded command each (none exist yet)."""


def seal_reply(reply: Reply, request: bytes, key: bytes) -> bytes:
    """The octets of a reply, valid for exactly this request."""
    return seal(key, hashlib.sha256(request).digest(), msgspec.msgpack.encode(reply))


def open_reply(octets: bytes, request: bytes, key: bytes) -> Reply:
    """The reply to this request. FrameError for anything else: another request's reply, a portal's page, an error page."""
    if len(octets) > MAX_REPLY_OCTETS:
        raise FrameError("too large for a reply")
    plain = unseal(key, hashlib.sha256(request).digest(), octets)
    try:
        reply = msgspec.msgpack.decode(plain, type=Reply)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise FrameError("no reply") from error
    if reply.ack < 0 or not 0 <= reply.safe <= reply.ack:
        raise FrameError("a reply against the rules")
    return reply


# ── the laptop ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """Where a laptop stands in its present epoch: oldest entry still here, last entry, marks."""

    last: int
    ack: int
    safe: int
    oldest: int = 1


@dataclass(frozen=True)
class Advance:
    """Set the marks to this, even backwards; then go on from `ack + 1`."""

    ack: int
    safe: int


@dataclass(frozen=True)
class NewEpoch:
    """Begin a new epoch and send everything again. `missing`: first and last number that are gone for good."""

    reason: str
    missing: tuple[int, int] | None = None
    alarm: bool = True
    """A person must hear of it: this laptop's data was restored or copied."""


REASON_FORK = "fork"
REASON_BEHIND = "behind"
REASON_GONE = "gone"


def on_reply(standing: Standing, reply: Reply) -> Advance | NewEpoch:
    """What the laptop does with a reply that its key has opened. Complete: there is no other case."""
    if reply.fork:
        return NewEpoch(REASON_FORK)
    if reply.ack > standing.last:
        return NewEpoch(REASON_BEHIND)
    if reply.ack + 1 < standing.oldest:
        return NewEpoch(REASON_GONE, missing=(reply.ack + 1, standing.oldest - 1), alarm=False)
    return Advance(reply.ack, reply.safe)


# ── the central ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Cursor:
    """What the central holds of one (gateway, epoch): entries 1..ack and the running hash of the last."""

    ack: int = 0
    hash: bytes = EMPTY_HASH


@dataclass(frozen=True)
class Stored:
    """An entry the central holds, with the running hash up to and including it."""

    entry: Entry
    hash: bytes


@dataclass(frozen=True)
class Append:
    """Store these after `ack`, in one transaction; then the cursor is `cursor`."""

    rows: tuple[Stored, ...]
    cursor: Cursor


@dataclass(frozen=True)
class Stand:
    """Change nothing; say where we stand."""


@dataclass(frozen=True)
class Fork:
    """Change nothing; say that what was sent contradicts what we hold."""


def needed(cursor: Cursor, frame: Frame) -> range:
    """Numbers of the stored entries that `decide` must see: from the one before the frame to its end or ours."""
    if frame.first > cursor.ack + 1:
        return range(0)
    return range(max(1, frame.first - 1), min(cursor.ack, frame.first + len(frame.entries) - 1) + 1)


def decide(cursor: Cursor, frame: Frame, stored: Mapping[int, Stored]) -> Append | Stand | Fork:
    """What the central does with an opened frame. `stored` holds at least the entries of `needed`, by number."""
    if frame.first > cursor.ack + 1:
        return Stand()
    if frame.prev != _hash_before(cursor, frame.first, stored):
        return Fork()
    rows: list[Stored] = []
    running = cursor.hash
    for entry in frame.entries:
        if entry.number <= cursor.ack:
            if stored[entry.number].entry != entry:
                return Fork()
        else:
            running = running_hash(running, entry)
            rows.append(Stored(entry, running))
    return Append(tuple(rows), Cursor(cursor.ack + len(rows), running)) if rows else Stand()


def _hash_before(cursor: Cursor, first: int, stored: Mapping[int, Stored]) -> bytes:
    if first == 1:
        return EMPTY_HASH
    return cursor.hash if first == cursor.ack + 1 else stored[first - 1].hash
