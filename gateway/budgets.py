"""Why an automatic answer must not leave (promise P8): nothing that answers by itself may storm or be lured into it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from config.settings import Replies

from . import numbers
from .store import outgoing
from .store.models import Message


def why_not(session: Session, message: Message, text: str, limits: Replies, now: int) -> str:
    """The reason, as a sentence for the operator, why this answer is held; '' if it may go. `now`: milliseconds."""
    sender = message.sender
    since = now - outgoing.DAY_MILLISECONDS
    if not limits.enabled:
        return "Balasan otomatis dimatikan (replies.enabled)."
    if not message.sender_is_number or not numbers.is_subscriber(sender):
        return "Pengirim bukan nomor pelanggan; tidak pernah dibalas."
    if sender in {numbers.normal(own) for own in limits.own_numbers}:
        return "Pengirim adalah nomor kita sendiri; tidak pernah dibalas."
    if outgoing.answers_since(session, since) >= limits.per_day:
        return f"Batas {limits.per_day} balasan per hari tercapai (replies.per_day)."
    if outgoing.answers_since(session, since, sender) >= limits.per_sender_per_day:
        return f"Batas {limits.per_sender_per_day} balasan per hari untuk pengirim ini tercapai."
    if outgoing.answers_since(session, since, sender, text) >= limits.identical_per_sender:
        return f"Balasan yang sama sudah {limits.identical_per_sender} kali dikirim ke pengirim ini."
    return ""
