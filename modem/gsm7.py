"""The GSM 7 bit default alphabet (3GPP TS 23.038 6.2.1): what fits an SMS of 160 signs. Pure."""

from __future__ import annotations

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Signs of the extension table (6.2.1.1): each takes two septets."""
SEPTETS_ONE = 160
SEPTETS_PART = 153
UCS2_ONE = 70
UCS2_PART = 67


def is_gsm7(text: str) -> bool:
    """Whether every sign is in the default alphabet or its extension."""
    return all(sign in BASIC or sign in EXTENSION for sign in text)


def septets(text: str) -> int:
    """Length in septets; extension signs count two."""
    return sum(2 if sign in EXTENSION else 1 for sign in text)


def parts_of(text: str) -> int:
    """How many SMS a text takes: the figure for price and display (the codec cuts the same way)."""
    if is_gsm7(text):
        length, one, part = septets(text), SEPTETS_ONE, SEPTETS_PART
    else:
        length, one, part = len(text.encode("utf-16-be")) // 2, UCS2_ONE, UCS2_PART
    return 1 if length <= one else -(-length // part)
