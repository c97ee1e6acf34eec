"""Words that fit one SMS: the alphabet, the length, digits in groups, names that are safe to say. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from modem.gsm7 import BASIC

LONGEST = 160
"""Characters of one SMS in the GSM 7 bit default alphabet (3GPP TS 23.038 6.2.1), its extension table not used."""
DIGITS_TOGETHER = 3
LONGEST_NAME = 40
STOPPED = (
    "verifikasi", "otp", "pin", "akun", "password", "token", "dana", "selamat", "juta", "http", "www",
)  # fmt: skip
"""Operators drop SMS from ordinary numbers with such words, or with links (domain notes, section 6)."""

_NO_NAME = re.compile(r"[^A-Za-z '-]")
_LONG_DIGITS = re.compile(r"\d{4,}")
_STOPPED = re.compile(rf"\b(?:{'|'.join(STOPPED)})\b", re.IGNORECASE)
_TICKET_SENTENCE = re.compile(r"(?:,? ?(?:No\. |as No\. ))\{ticket\}[.:]?")


def fit(template: str, values: Mapping[str, str], richness: Iterable[Mapping[str, str]] = ({},)) -> str:
    """The template filled with the richest values that fit one SMS. Without a ticket the sentence about it is left out."""
    if not values.get("ticket"):
        template = _TICKET_SENTENCE.sub("", template)
    text = ""
    for more in richness:
        text = plain(template.format_map({**values, **more}))
        if len(text) <= LONGEST:
            return text
    return _cut(text, values.get("ticket", ""))


def _cut(text: str, ticket: str) -> str:
    """The text cut to one SMS between two words, the ticket kept: the last way out for a district's own long template."""
    end = f" No. {ticket}." if ticket and ticket not in text[: LONGEST - 1] else ""
    room = LONGEST - len(end)
    kept = text[:room] if text[room : room + 1] == " " else text[:room].rpartition(" ")[0] or text[:room]
    return kept.rstrip(" ,;:") + end


def plain(text: str) -> str:
    """Only characters of the GSM 7 bit default alphabet; accents are dropped, what remains foreign becomes nothing."""
    if any(character not in BASIC for character in text):
        text = "".join(c if c in BASIC else unicodedata.normalize("NFKD", c) for c in text)
        text = "".join(character for character in text if character in BASIC)
    return re.sub(r" {2,}", " ", text).strip()


def grouped(number: str) -> str:
    """Digits in groups of three, so that no filter takes them for a code: `081 274 000 111`, `1 200`."""
    if len(number) > DIGITS_TOGETHER and number.isdigit() and number[0] != "0" and len(number) < 7:
        head = len(number) % DIGITS_TOGETHER
        return " ".join(([number[:head]] if head else []) + [number[i : i + 3] for i in range(head, len(number), 3)])
    return _LONG_DIGITS.sub(
        lambda run: " ".join(run.group()[i : i + DIGITS_TOGETHER] for i in range(0, len(run.group()), DIGITS_TOGETHER)),
        number,
    )


def said_name(name: str) -> str:
    """A person's name as it may be said in an SMS: letters only, at most LONGEST_NAME; '' where it could be stopped.

    A dot between letters would make it a link to some phones, so it becomes a space ("S.Pd" → "S Pd").
    """
    letters = _NO_NAME.sub("", unicodedata.normalize("NFKD", name).replace(".", " "))
    cleaned = " ".join(letters.split()).strip(" '-")
    return "" if _STOPPED.search(cleaned) else cleaned[:LONGEST_NAME].strip(" '-")
