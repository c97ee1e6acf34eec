"""Joining long SMS (3GPP TS 23.040 9.2.3.24.1 and .8). Pure: which parts make one message, and the joined text.

A phone counts its long messages with 8 or 16 bits, or always gives the same number, and parts come in any order, twice,
hours apart or never. So among parts of one sender, reference and number of parts, those nearest in service-centre time
belong together. The order in which they came does not matter: the same parts always make the same messages, and a part
that went to the wrong message because the right one was not there yet finds its place when the others come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

REUSE_SECONDS = 24 * 3600
"""Parts of one message lie closer together than this (service-centre time); a busy phone reuses 8-bit references."""
GAP = "[…]"


@dataclass(frozen=True)
class Part:
    """One part that came. `id` grows in the order of coming; `number` counts from 1; `sent_at` in seconds, or None."""

    id: int
    number: int
    text: str
    sent_at: int | None


Group = tuple[Part, ...]
"""Parts of one message by `id`. The same number twice is a repetition by the network, with the same words."""


def sort_out(found: Sequence[Part]) -> list[Group]:
    """The messages that these parts of one sender, reference and number of parts make, that of the oldest part first.

    Nearest pairs are joined first, as long as no number would have two texts and no message spans more than
    `REUSE_SECONDS`. A part without a time counts as that far from every other; there the order of coming decides.
    """
    group_of = {part.id: [part] for part in found}
    nearest = sorted(
        (_apart(one, other), abs(one.id - other.id), one.id, other.id) for one, other in combinations(found, 2)
    )
    for seconds, _, one_id, other_id in nearest:
        if seconds > REUSE_SECONDS:
            break
        mine, others = group_of[one_id], group_of[other_id]
        if mine is not others and _are_one(mine, others):
            mine += others
            group_of.update((part.id, mine) for part in others)
    groups = {id(group): tuple(sorted(group, key=lambda part: part.id)) for group in group_of.values()}
    return sorted(groups.values(), key=lambda group: group[0].id)


def texts(group: Iterable[Part]) -> dict[int, str]:
    """Texts of a message by number of part."""
    return {part.number: part.text for part in group}


def join(held: Mapping[int, str], parts: int) -> str:
    """The text of the parts that are there, in order. A gap is shown as `[…]`; split surrogate pairs become one sign."""
    pieces: list[str] = []
    for number in range(1, parts + 1):
        if number in held:
            pieces.append(held[number])
        elif not pieces or pieces[-1] != GAP:
            pieces.append(GAP)
    return mend_surrogates("".join(pieces))


def mend_surrogates(text: str) -> str:
    """Bring halves of surrogate pairs together; a half without its other becomes U+FFFD."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def missing(held: Iterable[int], parts: int) -> list[int]:
    """Numbers of the parts that are not there."""
    there = set(held)
    return [number for number in range(1, parts + 1) if number not in there]


def _apart(one: Part, other: Part) -> int:
    return REUSE_SECONDS if one.sent_at is None or other.sent_at is None else abs(one.sent_at - other.sent_at)


def _are_one(mine: Sequence[Part], others: Sequence[Part]) -> bool:
    held = texts(mine)
    times = [part.sent_at for part in (*mine, *others) if part.sent_at is not None]
    near = not times or max(times) - min(times) <= REUSE_SECONDS
    return near and all(held.get(part.number, part.text) == part.text for part in others)
