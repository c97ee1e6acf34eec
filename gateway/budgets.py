"""Why an automatic answer must not leave (promise P8): nothing that answers by itself may storm or be lured into it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from config.settings import Settings

from . import numbers
from .store import outgoing
from .store.models import Message


def why_not(session: Session, message: Message, text: str, settings: Settings, now: int) -> str:
    """The reason, as a sentence for the operator, why this answer is held; '' if it may go. `now`: milliseconds."""
    sender, limits = message.sender, settings.replies
    since = now - outgoing.DAY_MILLISECONDS
    if not limits.enabled:
        return "Balasan otomatis dimatikan (replies.enabled)."
    if not message.sender_is_number or not numbers.is_subscriber(sender):
        return "Pengirim bukan nomor pelanggan; tidak pernah dibalas."
    if sender in own_numbers(settings):
        return "Pengirim adalah nomor kita sendiri; tidak pernah dibalas."
    if outgoing.answers_since(session, since) >= limits.per_day:
        return f"Batas {limits.per_day} balasan per hari tercapai (replies.per_day)."
    if outgoing.answers_since(session, since, sender) >= limits.per_sender_per_day:
        return f"Batas {limits.per_sender_per_day} balasan per hari untuk pengirim ini tercapai."
    if outgoing.answers_since(session, since, sender, text) >= limits.identical_per_sender:
        return f"Balasan yang sama sudah {limits.identical_per_sender} kali dikirim ke pengirim ini."
    return ""


def own_numbers(settings: Settings) -> set[str]:
    """Numbers of our own SIMs, normalised: two modems that answer each other would never end."""
    named = (*settings.replies.own_numbers, *(line.number for line in settings.modem.lines if line.number))
    return {numbers.normal(number) for number in named}
