"""Delivery reports: an SMS-STATUS-REPORT (TS 23.040 9.2.2.3) finds the part it belongs to and says what became of it."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from modem import pdu
from modem.types import PduError, ReceivedSms

from . import numbers
from .store import outgoing
from .store.models import Outgoing, OutgoingPart, OutgoingState, Pdu

LONGEST_MILLISECONDS = 64 * 7 * outgoing.DAY_MILLISECONDS
"""No network keeps an SMS for more than 63 weeks (9.2.3.12.1); a report that comes later belongs to another."""
NEAR_MILLISECONDS = outgoing.DAY_MILLISECONDS
"""Laptop and service centre may differ so much and still mean the same moment; more is a clock that was wrong."""
BEFORE_US = 1_767_225_600_000
"""1 January 2026: what was sent before was sent by a clock that was wrong, for there was no Waspada."""
DIGITS_THAT_TELL = 9
"""Last digits that make a subscriber's number, whatever stands before them."""
_MOST_COMPARED = 200
_NOBODY = "Laporan pengiriman ini tidak cocok dengan SMS kita yang mana pun."
_UNDELIVERED = "Jaringan tidak dapat menyampaikan SMS ini."


class Fate(Enum):
    """What TP-ST says (9.2.3.15)."""

    DELIVERED = "delivered"
    TRYING = "trying"
    FAILED = "failed"


def fate(status: int) -> Fate:
    """The class of a TP-ST; what is reserved counts as refused by the service, as the clause wants."""
    if status < 0x20:
        return Fate.DELIVERED
    return Fate.TRYING if status < 0x40 else Fate.FAILED


def take_report(session: Session, pdu_row: Pdu, sms: ReceivedSms, now: int) -> str:
    """Let a status report have its effect, in the caller's transaction. `now`: milliseconds since 1970.

    Returns '' where it belongs to an SMS of ours, also when it tells nothing new, else a sentence that says it does not.
    """
    recipient = numbers.normal(sms.sender, is_number=sms.sender_is_number)
    parts = _parts(session, recipient, sms, now)
    if not parts:
        return _NOBODY
    part = min(parts, key=lambda part: (_likeness(part, pdu_row.modem, sms), part.status is not None, -part.id))
    status = sms.delivery_status if sms.delivery_status is not None else 0xFF
    if part.status is not None or fate(status) is Fate.TRYING:
        return ""
    part.status, part.reference = status, sms.message_reference
    part.reported_at = now if sms.discharged_at is None else sms.discharged_at * 1000
    session.flush()
    settle(session, session.get_one(Outgoing, part.outgoing_id), now)
    return ""


def settle(session: Session, row: Outgoing, now: int) -> None:
    """Give an SMS that has left the state its parts' reports make: delivered when all are, undelivered when one failed."""
    if row.state not in (OutgoingState.SENT, OutgoingState.UNCERTAIN):
        return
    fates: dict[int, Fate | None] = {}
    for part in session.scalars(_tries_of(row)):
        # An alert that was sent twice arrived, whichever of the two it was.
        if fates.get(part.part) is not Fate.DELIVERED:
            fates[part.part] = None if part.status is None else fate(part.status)
    if Fate.FAILED in fates.values():
        outgoing.finish(session, row, OutgoingState.UNDELIVERED, now, error=_UNDELIVERED)
    elif all(fates.get(part) is Fate.DELIVERED for part in range(1, _parts_of(row) + 1)):
        outgoing.finish(session, row, OutgoingState.DELIVERED, now)


def _tries_of(row: Outgoing) -> Select[OutgoingPart]:
    """What its last modem sent of an SMS, oldest first: a phone joins parts by sender."""
    mine = (OutgoingPart.outgoing_id == row.id) & (OutgoingPart.modem == row.modem)
    return select(OutgoingPart).where(mine).order_by(OutgoingPart.id)


def _parts_of(row: Outgoing) -> int:
    if row.state == OutgoingState.SENT:
        return row.parts_sent
    try:
        return len(pdu.submit(row.recipient, row.text))
    except PduError:
        return row.parts_sent


def _parts(session: Session, recipient: str, sms: ReceivedSms, now: int) -> list[OutgoingPart]:
    """Parts to this recipient under this reference or none (the modem told none, or fell silent), the newest ones."""
    sent_at = OutgoingPart.sent_at
    lately = (sent_at >= now - LONGEST_MILLISECONDS) | (sent_at < BEFORE_US)
    if sms.sent_at is not None:
        lately |= sent_at.between(sms.sent_at * 1000 - NEAR_MILLISECONDS, sms.sent_at * 1000 + NEAR_MILLISECONDS)
    same = (OutgoingPart.reference == sms.message_reference) | OutgoingPart.reference.is_(None)
    query = select(OutgoingPart).where(same, lately).order_by(OutgoingPart.id.desc()).limit(_MOST_COMPARED)
    found = list(session.scalars(query.where(OutgoingPart.recipient == recipient)))
    if not found and len(_tail(recipient)) == DIGITS_THAT_TELL:
        found = list(session.scalars(query.where(OutgoingPart.recipient.endswith(_tail(recipient)))))
    return found


def _likeness(part: OutgoingPart, modem: str, sms: ReceivedSms) -> tuple[bool, bool, bool, int]:
    """How little a part fits a report; references wrap at 256, so when the service centre took the SMS (TP-SCTS) counts
    most, unless a clock was wrong; then the modem that got the report, then the reference."""
    distance = NEAR_MILLISECONDS if sms.sent_at is None else abs(part.sent_at - sms.sent_at * 1000)
    far = distance >= NEAR_MILLISECONDS
    return far, part.modem != modem, part.reference is None, 0 if far else distance


def _tail(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())[-DIGITS_THAT_TELL:]
