"""What a laptop says of itself in a sign of life (`docs/wire.md`, Beat): numbers and states, never a phone number."""

from __future__ import annotations

import shutil
from typing import Any

from sqlalchemy import func, select

from .board import Board
from .store import ledger
from .store.database import Store
from .store.models import Message, MessageState, Outgoing, OutgoingState, Pdu, PduState

MEGABYTE = 1_000_000


def health(store: Store, board: Board, now: int) -> dict[str, Any]:
    """The fields of a beat; what is unknown is left out. `now`: milliseconds since 1970."""
    modem = board.modem
    with store.read() as session:
        inbox = session.scalar(select(func.count()).select_from(Pdu).where(Pdu.state == PduState.NEW)) or 0
        inbox += session.scalar(
            select(func.count())
            .select_from(Message)
            .where(Message.state.in_([MessageState.READY, MessageState.WAITING_PARTS]))
        ) or 0  # fmt: skip
        queued = select(func.count()).select_from(Outgoing).where(Outgoing.state == OutgoingState.QUEUED)
        found = {
            "modem": str(modem.state),
            "signal": modem.signal_percent,
            "operator": modem.operator,
            "sim_used": modem.sim_used,
            "sim_total": modem.sim_capacity,
            "inbox": inbox,
            "outgoing": session.scalar(queued) or 0,
            "waiting": ledger.position(session).waiting,
            "oldest_seconds": _age(ledger.oldest_waiting_at(session), now),
            "disk_free_mb": shutil.disk_usage(store.folder).free // MEGABYTE,
        }
    return {name: value for name, value in found.items() if value is not None}


def _age(at: int | None, now: int) -> int | None:
    return None if at is None else max(0, now // 1000 - at)
