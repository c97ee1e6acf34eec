"""Delivery reports: an SMS-STATUS-REPORT (TS 23.040 9.2.2.3) finds the part it belongs to and says what became of it."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from modem import pdu
from modem.types import PduError, ReceivedSms

from . import numbers
from .store import outgoing
from .store.models import Outgoing, OutgoingPart, OutgoingState, Pdu

LONGEST_MILLISECONDS = 64 * outgoing.DAY_MILLISECONDS
"""No network keeps an SMS for more than 63 days (9.2.3.12.1); a report that comes later belongs to another."""
CLOCK_SLACK_MILLISECONDS = outgoing.DAY_MILLISECONDS
"""A part may carry the time of a clock that was set back since."""
DIGITS_THAT_TELL = 9
"""Last digits that make a subscriber's number, whatever stands before them."""
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
    parts = _parts(session, recipient, sms.message_reference, now)
    part = _best([part for part in parts if part.status is None], pdu_row.modem, sms)
    status = sms.delivery_status if sms.delivery_status is not None else 0xFF
    if part is None and not parts:
        part = _part_of_uncertain(session, recipient, sms, pdu_row.modem, now)
        if part is None:
            return _NOBODY
    if part is None or fate(status) is Fate.TRYING:
        return ""
    part.status = status
    part.reported_at = now if sms.discharged_at is None else sms.discharged_at * 1000
    session.flush()
    settle(session, session.get_one(Outgoing, part.outgoing_id), now)
    return ""


def settle(session: Session, row: Outgoing, now: int) -> None:
    """Give an SMS that has left the state its parts' reports make: delivered when all are, undelivered when one failed."""
    if row.state not in (OutgoingState.SENT, OutgoingState.UNCERTAIN):
        return
    newest = select(OutgoingPart).where(OutgoingPart.outgoing_id == row.id).order_by(OutgoingPart.id)
    fates = {part.part: None if part.status is None else fate(part.status) for part in session.scalars(newest)}
    if Fate.FAILED in fates.values():
        outgoing.finish(session, row, OutgoingState.UNDELIVERED, now, error=_UNDELIVERED)
    elif all(fates.get(part) is Fate.DELIVERED for part in range(1, _parts_of(row) + 1)):
        outgoing.finish(session, row, OutgoingState.DELIVERED, now)


def _parts_of(row: Outgoing) -> int:
    if row.state == OutgoingState.SENT:
        return row.parts_sent
    try:
        return len(pdu.submit(row.recipient, row.text))
    except PduError:
        return row.parts_sent


def _parts(session: Session, recipient: str, reference: int | None, now: int) -> list[OutgoingPart]:
    """Parts to this recipient under this reference; where there is none, of modems that tell no references."""
    lately = OutgoingPart.sent_at.between(now - LONGEST_MILLISECONDS, now + CLOCK_SLACK_MILLISECONDS)
    wanted: list[ColumnElement[bool]] = [OutgoingPart.reference == reference, OutgoingPart.reference.is_(None)]
    for same_reference in wanted:
        query = select(OutgoingPart).where(same_reference, lately).order_by(OutgoingPart.id)
        found = list(session.scalars(query.where(OutgoingPart.recipient == recipient)))
        if not found and len(_tail(recipient)) == DIGITS_THAT_TELL:
            found = list(session.scalars(query.where(OutgoingPart.recipient.endswith(_tail(recipient)))))
        if found:
            return found
    return []


def _best(parts: list[OutgoingPart], modem: str, sms: ReceivedSms) -> OutgoingPart | None:
    """Among parts with the same reference, which wraps at 256: of the modem that got the report; nearest to the time the
    service centre took the SMS (TP-SCTS), or the newest where it does not say."""

    def rank(part: OutgoingPart) -> tuple[bool, int, int]:
        distance = abs(part.sent_at - sms.sent_at * 1000) if sms.sent_at is not None else 0
        return part.modem != modem, distance, -part.id

    return min(parts, key=rank, default=None)


def _part_of_uncertain(session: Session, recipient: str, sms: ReceivedSms, modem: str, now: int) -> OutgoingPart | None:
    """A report for an SMS of which we only know that we were about to send it proves that it left."""
    tail = _tail(recipient)
    to_them = Outgoing.recipient.endswith(tail) if len(tail) == DIGITS_THAT_TELL else Outgoing.recipient == recipient
    lately = Outgoing.finished_at.between(now - LONGEST_MILLISECONDS, now + CLOCK_SLACK_MILLISECONDS)
    query = select(Outgoing).where(Outgoing.state == OutgoingState.UNCERTAIN, lately, to_them)
    row = session.scalar(query.order_by((Outgoing.modem == modem).desc(), Outgoing.id.desc()).limit(1))
    if row is None:
        return None
    return outgoing.took(session, row, row.parts_sent + 1, sms.message_reference, True, row.finished_at or now)


def _tail(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())[-DIGITS_THAT_TELL:]
