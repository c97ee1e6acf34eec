"""Words that are nearly alike. Pure.

Two words are at most n slips apart (a letter lost, added or replaced, two neighbours swapped) only if deleting at most n
letters from the beginning of each can leave the same. So the remainders of all known words are listed once, and a word is
compared only with those it shares a remainder with: a handful instead of hundreds (symmetric deletion, W. Garbe's SymSpell).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from rapidfuzz.distance import OSA

BEGINNING = 6
"""Letters from which letters are deleted. Fewer are looked up faster and then more words are compared."""


class Nearby:
    """The known words and their remainders."""

    def __init__(self, words: Iterable[str], reach: int) -> None:
        """`reach`: slips up to which words can be found, 1 or 2."""
        self._reach = reach
        listed: dict[str, list[str]] = {}
        for word in words:
            for remainder in set(_remainders(word[:BEGINNING], reach)):
                listed.setdefault(remainder, []).append(word)
        self._by_remainder = {remainder: tuple(known) for remainder, known in listed.items()}  # half as large as lists

    def of(self, word: str, reach: int) -> list[tuple[str, int]]:
        """(known word, slips between) for every known word at most `reach` slips away, in no certain order."""
        reach = min(reach, self._reach)
        listed = self._by_remainder
        shared = {known for rest in _remainders(word[:BEGINNING], reach) if rest in listed for known in listed[rest]}
        shortest, longest = len(word) - reach, len(word) + reach
        near = [(k, int(OSA.distance(k, word, score_cutoff=reach))) for k in shared if shortest <= len(k) <= longest]
        return [(known, slips) for known, slips in near if slips <= reach]


def _remainders(beginning: str, deletions: int) -> Iterator[str]:
    """The letters, and what is left of them without any one, or any two."""
    for left in range(len(beginning), max(len(beginning) - deletions, 0) - 1, -1):
        yield from map("".join, combinations(beginning, left))
