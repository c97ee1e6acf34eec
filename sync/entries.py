"""Ledger entries: what a laptop tells the central, as exact bytes (`docs/wire.md`, Entries). Pure.

An entry is `number, kind, at, body`. `number` counts 1, 2, 3 … within an epoch; `at` is the laptop's clock in whole
seconds since 1970; `body` is the MessagePack encoding of one of the `*Body` structures below. Both ends hash the same
bytes: `Entry.encoded()` is the canonical form, and `running_hash` chains it.

Bodies are arrays, not maps: new fields are only ever appended, with a default, so an older central reads a newer
laptop's entry and a newer central an older one. A kind that is not known here is carried and stored all the same.

Times inside a body are seconds *before* `at` (small numbers, and no absolute clock is repeated); references to other
entries are distances back from the entry's own number, so they survive a new epoch. No body holds a phone number.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from typing import Any

import msgspec

HASH_OCTETS = 8
EMPTY_HASH = bytes(HASH_OCTETS)
"""The running hash before the first entry of an epoch."""


class Kind(IntEnum):
    """What an entry is about. The numbers are on the wire: never reuse one."""

    MESSAGE = 1
    REPORT = 2
    AMEND = 3
    OUTGOING = 4
    REPORTER = 5
    BEAT = 6


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger. `kind` is an int, not a `Kind`: unknown kinds must pass through unharmed."""

    number: int
    kind: int
    at: int
    body: bytes

    def encoded(self) -> bytes:
        """Canonical bytes of this entry without its number (the place in the chain says the number)."""
        return msgspec.msgpack.encode((self.kind, self.at, self.body))


def running_hash(before: bytes, entry: Entry) -> bytes:
    """`h(n) = first 8 octets of SHA-256(h(n-1) || bytes of entry n)`."""
    return hashlib.sha256(before + entry.encoded()).digest()[:HASH_OCTETS]


class MessageBody(msgspec.Struct, array_like=True, frozen=True):
    """An SMS as received: every SMS makes exactly one of these, whatever was understood."""

    fingerprint: int
    """First 32 bits of the message's fingerprint; the central folds an equal one of the same gateway, reporter and sent
    time (`duplicate_of`)."""
    reporter: int
    """Pseudonym of the sender (32 bits, keyed hash that never leaves the laptop); 0 for senders that are no subscriber, and
    for who asked to be hidden."""
    sent_before: int
    """Seconds from the service-centre time stamp (TS 23.040 9.2.3.11) to `at`; negative where the laptop's clock is behind."""
    received_before: int
    """Seconds from the laptop's receipt of the (last) part to `at`."""
    text: str | None
    """Text with phone numbers masked; None where it is the operator's or junk and nobody's business, and where somebody
    says who they are (DAFTAR, an answer to "still you?")."""
    intent: str
    outcome: str
    parts_missing: int = 0
    modem: str = ""
    """Short label of the modem that received it (never an IMEI)."""


class ReportBody(msgspec.Struct, array_like=True, frozen=True):
    """What a message was understood to say. Absent fields are unknown, which is not zero."""

    message: int
    """Distance back to the MESSAGE entry this report was derived from."""
    form: str
    version: int
    fields: dict[str, Any]
    ticket: str
    level: int
    outcome: str
    doubts: list[dict[str, Any]] = []
    missing: list[str] = []
    repeats: str = ""
    """Ticket of the earlier report with the same words from the same sender."""
    secret: bool = False
    """The reporter asked to be hidden (RAHASIA): show neither role nor pseudonym."""


class AmendBody(msgspec.Struct, array_like=True, frozen=True):
    """A correction, addition, withdrawal or officer's command. `ticket` names the report it amends."""

    message: int
    """Distance back to the MESSAGE it came with, or that it completes; 0 is none."""
    ticket: str
    action: str
    """`jawab` (answer to a question), `koreksi`, `ganti` (same report again within minutes), `susul`, `batal`, `verif`, `tl`;
    `terima` (an officer takes it), `lanjutan` (the rest of a message, told apart); `lengkap`: a missing part of the message
    itself came later; `turunan`: derived again with a newer form."""
    fields: dict[str, Any]
    """Fields that have another value now, in full; None is one that became unknown."""
    text: str | None = None
    """`lengkap`: the whole text, phone numbers masked."""
    level: int | None = None
    """New proposed level, None where it stays."""
    parts_missing: int = 0
    secret: bool = False
    """The reporter asked to be hidden, only now: as `ReportBody.secret`."""


class OutgoingBody(msgspec.Struct, array_like=True, frozen=True):
    """A state change of an SMS we send. `message` is the distance back to the MESSAGE it answers; 0 answers none."""

    message: int
    outgoing: int
    purpose: str
    state: str


class ReporterBody(msgspec.Struct, array_like=True, frozen=True):
    """Who stands behind a pseudonym, as far as the central may know."""

    reporter: int
    role: str
    village: str


class BeatBody(msgspec.Struct, array_like=True, frozen=True):
    """Health of a laptop. Names of `health` are those of `docs/wire.md`; unknown ones are shown as they are."""

    version: str
    health: dict[str, Any]


Body = MessageBody | ReportBody | AmendBody | OutgoingBody | ReporterBody | BeatBody

_BODY_OF_KIND: dict[int, type[Body]] = {
    Kind.MESSAGE: MessageBody,
    Kind.REPORT: ReportBody,
    Kind.AMEND: AmendBody,
    Kind.OUTGOING: OutgoingBody,
    Kind.REPORTER: ReporterBody,
    Kind.BEAT: BeatBody,
}
_KIND_OF_BODY: dict[type[Body], Kind] = {body: Kind(kind) for kind, body in _BODY_OF_KIND.items()}


def encode_body(body: Body) -> tuple[Kind, bytes]:
    """The kind and the exact bytes of a body."""
    return _KIND_OF_BODY[type(body)], msgspec.msgpack.encode(body)


def decode_body(entry: Entry) -> Body | None:
    """The body of a known kind, or None where the kind or its shape is not known to this version (keep the entry)."""
    kind = _BODY_OF_KIND.get(entry.kind)
    if kind is None:
        return None
    try:
        return msgspec.msgpack.decode(entry.body, type=kind)
    except msgspec.MsgspecError:
        return None
