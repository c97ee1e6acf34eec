"""What was decided about a message, and small questions about its words that several rules ask. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.reports.gazetteer import OWN
from gateway.reports.understanding import Intent

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge
    from gateway.reports.reading import Reading


@dataclass(frozen=True)
class Decision:
    """An intent and why."""

    intent: Intent
    why: str
    event: bool = False
    """Free text that may be about an event: a person must see it as a report."""
    acute: bool = False
    """Words of mortal danger that nothing takes back: it must not wait."""


def content(reading: Reading, knowledge: Knowledge, start: int = 0) -> list[str]:
    """The words from `start` on that are no greeting or politeness."""
    words, end = reading.words[start:], 0
    kept: list[str] = []
    for at, length, _ in knowledge.skip.everywhere(words):
        kept += words[end:at]
        end = at + length
    return kept + words[end:]


def says(reading: Reading, knowledge: Knowledge, *sayings: str) -> bool:
    """Whether the message holds a phrase of one of these lists of sayings.toml."""
    return any(knowledge.sayings[name].everywhere(reading.words) for name in sayings)


def spans(reading: Reading, knowledge: Knowledge, saying: str) -> list[tuple[int, int]]:
    """Where phrases of a list of sayings.toml stand."""
    return [(start, start + length) for start, length, _ in knowledge.sayings[saying].everywhere(reading.words)]


def placed(reading: Reading) -> bool:
    """Whether a place of the district, or a clear one outside, is named; not the district itself."""
    return any(mention.name.kind != OWN for mention in reading.mentions)


def covered(reading: Reading) -> set[int]:
    """The words that name places."""
    return {i for m in reading.mentions for i in range(m.start, m.end)}


def stands_alone(reading: Reading, knowledge: Knowledge, end: int) -> bool:
    """Whether behind `end` nothing follows, a comma or full stop, or a word of politeness: "bukan pak, ..."."""
    if end >= len(reading.words):
        return True
    gap = reading.text[reading.tokens[end - 1].end : reading.tokens[end].start]
    return any(mark in gap for mark in ",;.!?") or knowledge.polite.at(reading.words, end) is not None


def near(one: tuple[int, int], other: tuple[int, int], reach: int) -> bool:
    """Whether at most `reach` words stand between two spans."""
    return max(one[0] - other[1], other[0] - one[1]) <= reach


def first_content(words: Sequence[str], knowledge: Knowledge, start: int = 0) -> int:
    """The first word from `start` that is no greeting or politeness."""
    while start < len(words):
        found = knowledge.skip.at(words, start)
        if found is None:
            break
        start += found[1]
    return start
