"""The inbox: raw PDUs made durable, then decoded and joined to messages. Promises P1 to P3.

    keep ── commit ──▶ (the caller deletes the SIM's copy) ──▶ decode ──▶ message `ready` or `waiting_parts`
                                                                     └─▶ filed (no message), undecodable

A PDU is marked before it is decoded. One that a start of the program finds marked but undone was being decoded when the last
run ended, by a power cut or by its own doing: such ones are first decoded in a child process, and set aside if that dies.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.failpoint import reach
from gateway import delivery
from modem import pdu
from modem.types import BROADCAST, PduError, ReceivedSms, StoredPdu

from . import filing, joining
from .database import Store, StoreError
from .models import Message, MessageState, Pdu, PduState

BATCH = 100
"""PDUs decoded in one transaction."""
TRIAL = (sys.executable, "-m", "gateway.store.trial")
"""The child process: takes PDUs on stdin, one a line, and prints each one's index before it decodes it."""
_CLOCK_SLACK_MILLISECONDS = 60_000
TRIAL_SECONDS = 60.0
"""Longest time for all suspects; a codec that hangs is as bad as one that dies."""


@dataclass(frozen=True)
class Decoded:
    """What a round of decoding did."""

    messages_ready: int = 0
    undecodable: int = 0
    looked_at: int = 0


def keep(session: Session, stored: Sequence[StoredPdu], modem: str, now: int) -> int:
    """Add raw PDUs as they came; returns how many are new. The same SMS read twice is one row (P3)."""
    new = 0
    for pdu_ in stored:
        row = {
            "fingerprint": _fingerprint(pdu_),
            "hex": pdu_.hex,
            "modem": modem,
            "storage": pdu_.storage,
            "received_at": now,
            "state": PduState.NEW,
            "begun": False,
            "error": "",
            "part": 1,
        }
        result = session.execute(insert(Pdu).values(row).on_conflict_do_nothing(index_elements=["fingerprint"]))
        new += result.rowcount  # type: ignore[attr-defined]  # a CursorResult
    return new


def _fingerprint(pdu_: StoredPdu) -> bytes:
    return pdu.broadcast_fingerprint(pdu_.hex) if pdu_.storage == BROADCAST else pdu.fingerprint(pdu_.hex)


def recover(store: Store) -> int:
    """At start: decode what the last run began and did not finish; returns how many PDUs were set aside."""
    with store.read() as session:
        begun = select(Pdu).where(Pdu.state == PduState.NEW, Pdu.begun).order_by(Pdu.id)
        suspects = [(row.id, row.hex) for row in session.scalars(begun)]
    aside = 0
    while suspects and (culprit := _culprit([hex_ for _, hex_ in suspects])) is not None:
        with store.write() as session:
            row = session.get_one(Pdu, suspects.pop(culprit)[0])
            row.state, row.error = PduState.SET_ASIDE, "Membaca SMS ini menghentikan program."
        aside += 1
    if suspects:
        _decode(store, [id_ for id_, _ in suspects])
    return aside


def _culprit(hexes: Sequence[str]) -> int | None:
    """Which of these PDUs ends the process that decodes it; None where none does."""
    # Garbage may hold signs that the pipe's encoding lacks (Windows): they are no hexadecimal anyway.
    lines = "".join(f"{''.join(hex_.encode('ascii', 'replace').decode().split())}\n" for hex_ in hexes)
    try:
        trial = subprocess.run(TRIAL, input=lines, capture_output=True, text=True, timeout=TRIAL_SECONDS, check=False)  # noqa: S603
        output, survived = trial.stdout, trial.returncode == 0
    except subprocess.TimeoutExpired as error:
        printed = error.stdout or b""  # bytes even with text=True, on some systems
        output, survived = printed.decode() if isinstance(printed, bytes) else printed, False
    begun = output.split()
    if survived:
        return None
    if not begun:
        raise StoreError(f"The trial decoder does not start ({' '.join(TRIAL)}); install Waspada again.")
    return int(begun[-1])


def decode_new(store: Store) -> Decoded:
    """Decode a batch of new PDUs. `looked_at` is 0 when nothing was left to do."""
    with store.read() as session:
        ids = list(session.scalars(select(Pdu.id).where(Pdu.state == PduState.NEW).order_by(Pdu.id).limit(BATCH)))
    if not ids:
        return Decoded()
    with store.write() as session:
        session.execute(update(Pdu).where(Pdu.id.in_(ids)).values(begun=True))
    reach("inbox.decode.marked")
    return _decode(store, ids)


def release_overdue(store: Store, now: int, wait_milliseconds: int) -> int:
    """Give up waiting for missing parts: the message goes on, marked incomplete. Returns how many."""
    too_old, of_a_clock_set_back = now - wait_milliseconds, now + max(wait_milliseconds, _CLOCK_SLACK_MILLISECONDS)
    overdue = (Message.state == MessageState.WAITING_PARTS) & or_(
        Message.received_at <= too_old, Message.received_at > of_a_clock_set_back
    )
    with store.read() as session:
        if session.scalar(select(Message.id).where(overdue).limit(1)) is None:
            return 0
    with store.write() as session:
        result = session.execute(update(Message).where(overdue).values(state=MessageState.READY))
        return int(result.rowcount)  # type: ignore[attr-defined]


def retry(store: Store, pdu_id: int) -> None:
    """Put a PDU that could not be decoded back in line (after a new version, or by the operator's wish)."""
    with store.write() as session:
        row = session.get(Pdu, pdu_id)
        if row is not None and row.state in (PduState.UNDECODABLE, PduState.SET_ASIDE):
            row.state, row.begun, row.error = PduState.NEW, False, ""


def _decode(store: Store, ids: Sequence[int]) -> Decoded:
    try:
        return _decode_together(store, ids)
    except OperationalError:  # disk full, or locked: nobody's PDU is to blame
        raise
    except Exception as error:
        if len(ids) == 1:
            with store.write() as session:
                row = session.get_one(Pdu, ids[0])
                row.state, row.error = PduState.UNDECODABLE, f"{type(error).__name__} while it was decoded"
            return Decoded(0, 1, 1)
    each = [_decode(store, [id_]) for id_ in ids]  # one by one, so that the culprit holds up nobody (P2)
    return Decoded(sum(one.messages_ready for one in each), sum(one.undecodable for one in each), len(ids))


def _decode_together(store: Store, ids: Sequence[int]) -> Decoded:
    ready = undecodable = 0
    with store.write() as session:
        for row in session.scalars(select(Pdu).where(Pdu.id.in_(ids)).order_by(Pdu.id)):
            try:
                sms = pdu.decode_broadcast(row.hex) if row.storage == BROADCAST else pdu.decode(row.hex)
            except PduError as error:
                row.state, row.error = PduState.UNDECODABLE, str(error)
                undecodable += 1
                continue
            row.state, row.error = PduState.DECODED, ""
            if sms.kind == "deliver":
                ready += joining.place(session, row, sms)
                continue
            row.error = _no_message(session, row, sms)
            if row.error:
                row.state = PduState.FILED
        reach("inbox.decode.before_commit")
    return Decoded(ready, undecodable, len(ids))


def _no_message(session: Session, row: Pdu, sms: ReceivedSms) -> str:
    """The sentence under which this is filed; '' for a delivery report that found its SMS."""
    if sms.kind == "status_report":
        return delivery.take_report(session, row, sms, row.received_at)
    return filing.sentence(sms)
