"""Phone numbers: one way to write them, who may be answered, and keeping them out of what leaves the laptop."""

from __future__ import annotations

import re

import phonenumbers

HOME = "ID"
SHORTEST_SUBSCRIBER = 8
"""Digits; what is shorter is a service's short code."""
_IN_TEXT = re.compile(r"(?<!\d)\(?(?:\+?62[\s.()-]{0,2}|0)8\d(?:[\s.()-]{0,2}\d){6,11}(?!\d)")
"""Also behind letters (`hp0812…`), in parentheses and with two signs between the digits."""
MASK = "[nomor]"


def normal(number: str, *, is_number: bool = True) -> str:
    """A subscriber's number as E.164; anything else (short code, name) as it came."""
    if not is_number or sum(sign.isdigit() for sign in number) < SHORTEST_SUBSCRIBER:
        return number
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_subscriber(number: str) -> bool:
    """Whether a normalised number belongs to a person's phone, so that an answer makes sense."""
    return number.startswith("+") and number[1:].isdigit() and len(number) > SHORTEST_SUBSCRIBER


def check_recipient(number: str) -> str:
    """A number typed by a person, normalised. Raises ValueError with the sentence to show."""
    found = normal(number.strip())
    if not is_subscriber(found) or not phonenumbers.is_possible_number(phonenumbers.parse(found)):
        raise ValueError("Nomor tidak dikenali. Tulis seperti 0812xxxxxxx atau +62812xxxxxxx.")
    return found


def mask_in_text(text: str) -> str:
    """The text with Indonesian mobile numbers replaced: numbers stay on the laptop (promise P9)."""
    return _IN_TEXT.sub(MASK, text)
