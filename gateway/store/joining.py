"""From decoded PDUs to messages: `modem.parts` says which parts belong together, here that becomes rows.

A part that comes later may show that an earlier one went to the wrong message. Then both messages are put right; one that
was understood already becomes ready again and is understood anew, as with every late part.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import numbers
from modem import parts, pdu
from modem.types import ReceivedSms

from .models import Message, MessageState, Pdu, PduState

MOST_MESSAGES = 16
"""So many newest long messages of one sender and reference are looked at: a bound on what a flood of parts can cost."""


@dataclass
class _Came:
    """A part with the message it was in so far, and the rows it was read from: the first, and its repetitions there."""

    part: parts.Part
    message: Message | None
    rows: list[Pdu] = field(default_factory=list)


def place(session: Session, row: Pdu, sms: ReceivedSms) -> int:
    """Attach a decoded PDU to its message; returns how many messages that made ready."""
    sender = sender_of(sms)
    row.part = sms.part
    if sms.parts == 1:
        message = _new_message(session, row, sms, sender)
        message.text, message.parts_missing, message.state = parts.mend_surrogates(sms.text), 0, MessageState.READY
        return 1
    came = _parts_so_far(session, sender, sms)
    came[row.id] = _Came(_part(row, sms), None, [row])
    before = {one.message.id: (one.message, one) for one in came.values() if one.message is not None}
    taken: dict[int, Message] = {}
    ready = 0
    for group in parts.sort_out([one.part for one in came.values()]):
        members = [came[part.id] for part in group]
        message = _message_of(members, taken) or _new_message(session, members[0].rows[0], sms, sender)
        taken[message.id] = message
        ready += _fill(message, members, row)
    session.flush()
    for emptied, one in (before[id_] for id_ in before.keys() - taken.keys()):
        _give_up(session, emptied, one.rows[0].message_id)
    return ready


def sender_of(sms: ReceivedSms) -> str:
    """The sender as it is stored: E.164 for numbers; a name, a short code, or what holds `*#abc`, as it came."""
    return numbers.normal(sms.sender, is_number=sms.sender_is_number and sms.sender.removeprefix("+").isdigit())


def _part(row: Pdu, sms: ReceivedSms) -> parts.Part:
    return parts.Part(row.id, sms.part, sms.text, sms.sent_at)


def _parts_so_far(session: Session, sender: str, sms: ReceivedSms) -> dict[int, _Came]:
    """Parts of this sender's long messages with this reference, decoded from the raw PDUs (a text column could not hold
    half a surrogate pair), by the id of the first row."""
    newest = (
        select(Message.id)
        .where(Message.sender == sender, Message.reference == sms.reference, Message.parts == sms.parts)
        .order_by(Message.id.desc())
        .limit(MOST_MESSAGES)
    )
    rows = session.execute(
        select(Pdu, Message)
        .join(Message, Pdu.message_id == Message.id)
        .where(Message.id.in_(newest), Pdu.state == PduState.DECODED)
        .order_by(Pdu.id)
    )
    first: dict[tuple[int, int, str], _Came] = {}
    for row, message in rows:
        read = _read(row.hex)
        first.setdefault((message.id, read.part, read.text), _Came(_part(row, read), message)).rows.append(row)
    return {one.part.id: one for one in first.values()}


@functools.lru_cache(maxsize=256)
def _read(hex_: str) -> ReceivedSms:
    """A PDU that was read before: every further part of its message reads it again."""
    return pdu.decode(hex_)


def _message_of(members: Sequence[_Came], taken: Mapping[int, Message]) -> Message | None:
    """The message that the oldest of these parts is in, unless an older group has it."""
    known = (one.message for one in members if one.message is not None)
    return next((message for message in known if message.id not in taken), None)


def _fill(message: Message, members: Sequence[_Came], new: Pdu) -> int:
    """Make this the message of these parts; returns 1 where that made it ready."""
    for one in members:
        for row in one.rows:
            row.message_id = message.id
    held = parts.texts(one.part for one in members)
    text, missing = parts.join(held, message.parts), len(parts.missing(held, message.parts))
    if (text, missing) == (message.text, message.parts_missing):
        return 0
    message.text, message.parts_missing = text, missing
    if new.message_id == message.id:
        message.received_at = new.received_at
    if missing and message.state == MessageState.WAITING_PARTS:
        return 0
    # Complete; or a part came or went after it was released: it is understood again.
    message.state = MessageState.READY
    return 1


def _give_up(session: Session, emptied: Message, heir: int | None) -> None:
    """A message whose parts turned out to be another's: forgotten, or linked to that one where somebody may have seen it."""
    if emptied.state == MessageState.WAITING_PARTS:
        session.delete(emptied)
        session.flush()
    else:
        emptied.repeats_id = heir


def _new_message(session: Session, row: Pdu, sms: ReceivedSms, sender: str) -> Message:
    read = sms if row.message_id is None else _read(row.hex)
    message = Message(
        sender=sender,
        sender_is_number=sms.sender_is_number,
        text="",
        sent_at=None if read.sent_at is None else read.sent_at * 1000,
        received_at=row.received_at,
        state=MessageState.WAITING_PARTS,
        reference=sms.reference,
        parts=sms.parts,
        parts_missing=sms.parts - 1,
        fingerprint=row.fingerprint,
        trace=[],
    )
    session.add(message)
    session.flush()
    row.message_id = message.id
    return message
