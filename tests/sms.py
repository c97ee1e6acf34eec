"""Received PDUs for tests, made by the emulator's own codec (independent of libgammu)."""

from __future__ import annotations

from modem.emulator import tpdu
from modem.types import StoredPdu

SENT_AT = 1_795_441_918
"""2026-11-23 20:51:58 at +07:00, seconds since 1970."""
VILLAGER = "+6281272000101"


def pdus(text: str, sender: str = VILLAGER, sent_at: int = SENT_AT, reference: int = 7) -> list[str]:
    """Hex of the SMS-DELIVERs that carry `text`, service-centre octets in front."""
    return [
        (tpdu.encode_smsc("+62811000000") + tpdu.encode_deliver(tpdu.Deliver(sender, content, sent_at))).hex().upper()
        for content in tpdu.split_text(text, reference)
    ]


def stored(*hexes: str) -> list[StoredPdu]:
    """A listing with these PDUs in slots 1, 2, 3 …"""
    return [StoredPdu(slot, hex_) for slot, hex_ in enumerate(hexes, start=1)]
