"""Joining long SMS (3GPP TS 23.040 9.2.3.24.1 and .8). Pure: which message a part belongs to, and the joined text.

A phone counts its long messages with 8 or 16 bits and starts again, parts come in any order, twice, hours apart or never.
So a part is placed by sender, reference and number of parts, and only where its number is still free: a taken number with
other words means that the reference was used again by a later message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

REUSE_SECONDS = 24 * 3600
"""Parts of one message lie closer together than this (service-centre time); a busy phone reuses 8-bit references."""


@dataclass(frozen=True)
class OpenMessage:
    """A long message that lacks parts: `held` maps part numbers (from 1) to their texts. `sent_at`: seconds, or None."""

    id: int
    held: Mapping[int, str]
    sent_at: int | None


@dataclass(frozen=True)
class Placement:
    """Where a part goes: into message `id`, or a new one where `id` is None. `repeats`: that part was there already."""

    id: int | None
    repeats: bool = False


def place(part: int, text: str, sent_at: int | None, candidates: Sequence[OpenMessage]) -> Placement:
    """Choose among the open messages of the same sender, reference and number of parts, oldest first.

    The newest message within `REUSE_SECONDS` that lacks this part wins; the same words under a taken number are a
    repetition by the network.
    """
    near = [open_ for open_ in candidates if _close(open_.sent_at, sent_at)]
    for open_ in reversed(near):
        if part not in open_.held:
            return Placement(open_.id)
    for open_ in reversed(near):
        if open_.held[part] == text:
            return Placement(open_.id, repeats=True)
    return Placement(None)


def join(held: Mapping[int, str], parts: int) -> str:
    """The text of the parts that are there, in order. A gap is shown as `[…]`; split surrogate pairs become one sign."""
    pieces: list[str] = []
    for number in range(1, parts + 1):
        if number in held:
            pieces.append(held[number])
        elif not pieces or pieces[-1] != GAP:
            pieces.append(GAP)
    return mend_surrogates("".join(pieces))


GAP = "[…]"


def mend_surrogates(text: str) -> str:
    """Bring halves of surrogate pairs together; a half without its other becomes U+FFFD."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def missing(held: Iterable[int], parts: int) -> list[int]:
    """Numbers of the parts that are not there."""
    there = set(held)
    return [number for number in range(1, parts + 1) if number not in there]


def _close(one: int | None, other: int | None) -> bool:
    return one is None or other is None or abs(one - other) <= REUSE_SECONDS
