"""What this laptop knows of each modem and its SIM: identity, last state, credit. Written when it changes, not every minute."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from modem.types import ModemStatus

from . import outgoing
from .models import ModemRecord


def record(session: Session, key: str) -> ModemRecord:
    """The row of a modem, made where there is none."""
    row = session.get(ModemRecord, key)
    if row is None:
        row = ModemRecord(
            key=key, imei="", imsi="", port="", operator="", state="", sentence="", changed_at=0, credit_text=""
        )
        session.add(row)
        session.flush()
    return row


def all_records(session: Session) -> dict[str, ModemRecord]:
    """Every modem ever known here, by key."""
    return {row.key: row for row in session.scalars(select(ModemRecord))}


def note_status(session: Session, key: str, status: ModemStatus, now: int) -> bool:
    """Write down what changed; True where another SIM is in the modem than before: its credit is forgotten.

    What the modem does not tell now stays as it was known.
    """
    row = record(session, key)
    if row.state != str(status.state):
        row.state, row.changed_at = str(status.state), now
    row.sentence = status.sentence
    row.imei = status.imei or row.imei
    row.port = status.port or row.port
    row.operator = status.operator or row.operator
    swapped = bool(row.imsi and status.imsi and row.imsi != status.imsi)
    row.imsi = status.imsi or row.imsi
    if swapped:
        row.balance = row.valid_until = row.credit_at = None
        row.operator, row.credit_text = status.operator or "", ""
        outgoing.begin_anew(session, key)
    return swapped
