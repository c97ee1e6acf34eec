"""Words: from how people write them to the one way the vocabulary writes them. Pure.

`Lexicon.resolve` reads one word by, in this order: known word, known short form, letters drawn out ("laporrr"), vowels
dropped ("lmbur"), one or two letters wrong ("bentork"). Two equally good readings are none. `Phrases` finds the longest
known phrase at a place in a list of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from rapidfuzz.distance import Levenshtein

from gateway.reports.spelling import Nearby

Meaning = TypeVar("Meaning")

KNOWN, SHORT, VOWELS, TYPO, ENDING = "", "singkatan", "huruf hidup hilang", "salah ketik", "akhiran"
REMEMBERED_WORDS = 4096
"""Readings kept, the latest used ones, so that frequent words are looked up once; bounded because texts come from anybody."""
LONGEST_REMEMBERED = 40
"""Letters of the longest word kept: longer ones do not come again."""
SHORTEST_CORRECTED, LONGEST_CORRECTED = 5, 20
"""Letters of a word that may be a slip of a known one. Shorter ones are like too many others; none of ours is longer."""
TWO_SLIPS_FROM = 8
"""Letters a word must have to be read in spite of two slips."""
FIRST_LETTER_FREE_FROM = 7
"""Letters a known word must have for a slip in its very first one."""
SEGMENT_SHORTEST = 4
SHORTEST_STEM = 4
SEGMENTED_LONGEST = 60

_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_VOWELS = re.compile(r"[aeiou]")


@dataclass(slots=True)
class _Beginning(Generic[Meaning]):
    """The phrases that share a first word."""

    alone: tuple[Meaning, int] | None = None
    """Where the word is a phrase by itself: its meaning, and 1."""
    by_second: dict[str, list[tuple[list[str], tuple[Meaning, int]]]] = field(default_factory=dict)
    """Those of several words by their second one, longest first: the words, and meaning and length."""

    def at(self, words: Sequence[str], start: int) -> tuple[Meaning, int] | None:
        """The longest of them that stands at `start`, where the first word does."""
        if self.by_second and start + 1 < len(words):
            for phrase, meant in self.by_second.get(words[start + 1], ()):
                length = meant[1]
                if length == 2 or list(words[start : start + length]) == phrase:
                    return meant
        return self.alone


class Phrases(Generic[Meaning]):
    """Phrases and their meanings, found by their first words."""

    def __init__(self) -> None:
        self._by_first: dict[str, _Beginning[Meaning]] = {}

    def add(self, words: Sequence[str], meaning: Meaning) -> None:
        """Add a phrase; the first meaning given to a phrase stays."""
        phrase = list(words)
        if not phrase:
            return
        beginning = self._by_first.setdefault(phrase[0], _Beginning())
        if len(phrase) == 1:
            beginning.alone = beginning.alone or (meaning, 1)
            return
        alike = beginning.by_second.setdefault(phrase[1], [])
        if all(phrase != other for other, _ in alike):
            alike.append((phrase, (meaning, len(phrase))))
            alike.sort(key=lambda one: -len(one[0]))

    def at(self, words: Sequence[str], start: int) -> tuple[Meaning, int] | None:
        """The longest phrase beginning at `start`, with its length in words."""
        beginning = self._by_first.get(words[start])
        return beginning.at(words, start) if beginning is not None else None

    def beginnings(self, words: Sequence[str]) -> list[int]:
        """Where first words of phrases stand, whether or not the rest follows."""
        by_first = self._by_first
        return [at for at, word in enumerate(words) if word in by_first]

    def everywhere(self, words: Sequence[str]) -> list[tuple[int, int, Meaning]]:
        """(start, length, meaning) of every phrase, left to right, not overlapping."""
        by_first = self._by_first
        if by_first.keys().isdisjoint(words):  # nearly always: at the price of a look, not of a loop
            return []
        found = []
        behind = 0
        for start in self.beginnings(words):
            if start >= behind and (here := by_first[words[start]].at(words, start)):
                meaning, length = here
                found.append((start, length, meaning))
                behind = start + length
        return found

    def first_words(self) -> set[str]:
        """The first word of every phrase."""
        return set(self._by_first)


class Lexicon:
    """`known` words are never changed; `targets` (a part of them) are what misspellings are corrected to."""

    def __init__(
        self,
        short: Mapping[str, str],
        known: Iterable[str],
        targets: Iterable[str],
        segments: Iterable[str],
        slips: Iterable[str] = (),
        endings: Iterable[str] = (),
    ) -> None:
        """`slips` are groups of letters typed or heard for one another (one key, neighbouring keys, like sounds).

        `endings` may hang on a known word without changing it: "darahnya".
        """
        self._endings = tuple(endings)
        self._short = dict(short)
        self._slips = frozenset(one + other for group in slips for one in group for other in group)
        self._targets = {word for word in targets if word.isascii() and word.isalpha()}
        self._known = set(known) | self._targets
        self._segments = {word for word in segments if len(word) >= SEGMENT_SHORTEST}
        self._segment_starts = {word[:SEGMENT_SHORTEST] for word in self._segments}
        self._longest_segment = max(map(len, self._segments), default=0)
        self._by_skeleton: dict[str, set[str]] = {}
        for word in self._targets:
            self._by_skeleton.setdefault(_skeleton(word), set()).add(word)
        self._nearby = Nearby((word for word in self._targets if len(word) >= SHORTEST_CORRECTED), 2)
        self._remembered_words = lru_cache(maxsize=REMEMBERED_WORDS)(self._words)
        self._remembered = lru_cache(maxsize=REMEMBERED_WORDS)(self._resolve)

    def spells(self, word: str) -> bool:
        """Whether misspellings are corrected to this very word."""
        return word in self._targets

    def knows(self, word: str) -> bool:
        """Whether the word is written as the vocabulary writes it, or is a known short form."""
        return word in self._known or word in self._short

    def words(self, typed: str) -> tuple[tuple[str, str, str], ...]:
        """A word as typed, taken apart where it is several: of each (as typed, the vocabulary's word, how it was reached)."""
        return self._remembered_words(typed) if len(typed) <= LONGEST_REMEMBERED else self._words(typed)

    def _words(self, typed: str) -> tuple[tuple[str, str, str], ...]:
        pieces = [] if self.knows(typed) else self.segment(typed)
        return tuple((piece, *self.resolve(piece)) for piece in pieces or [typed])

    def resolve(self, word: str) -> tuple[str, str]:
        """The vocabulary's word, and how it was reached (one of KNOWN, SHORT, VOWELS, TYPO, ENDING). Unknown words stay."""
        return self._remembered(word) if len(word) <= LONGEST_REMEMBERED else self._resolve(word)

    def _resolve(self, word: str) -> tuple[str, str]:
        if word in self._short:
            return self._short[word], SHORT
        if word in self._known or not word.isascii():
            return word, KNOWN
        if "'" in word:  # "assalamu'alaikum", "jum'at"
            joined, how = self._resolve(word.replace("'", ""))
            return (joined, how) if self.knows(joined) else (word, KNOWN)
        plain = _DRAWN_OUT.sub(r"\1", word)
        if plain != word and len(plain) > 1:
            read, how = self.resolve(plain)
            return (read, how or TYPO) if self.knows(read) else (word, KNOWN)
        return self._by_ending(word) or self._by_vowels(word) or self._by_distance(word) or (word, KNOWN)

    def _by_ending(self, word: str) -> tuple[str, str] | None:
        for ending in self._endings:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= SHORTEST_STEM and stem in self._known:
                return stem, ENDING
        return None

    def _by_vowels(self, word: str) -> tuple[str, str] | None:
        if len(_VOWELS.sub("", word)) < 3 or len(word) > 12:
            return None
        longer = [w for w in self._by_skeleton.get(_skeleton(word), ()) if len(w) > len(word) and _inside(word, w)]
        return (longer[0], VOWELS) if len(longer) == 1 else None

    def _by_distance(self, word: str) -> tuple[str, str] | None:
        if not SHORTEST_CORRECTED <= len(word) <= LONGEST_CORRECTED:
            return None
        best: list[str] = []
        nearest = 2 if len(word) >= TWO_SLIPS_FROM else 1
        for target, slips in self._nearby.of(word, nearest):
            if slips > nearest or not self._may_begin(word, target) or not self._slipped(word, target, slips):
                continue
            best = [*best, target] if slips == nearest else [target]
            nearest = slips
        return (best[0], TYPO) if len(best) == 1 else None

    @staticmethod
    def _may_begin(word: str, target: str) -> bool:
        return len(target) >= FIRST_LETTER_FREE_FROM or target[0] == word[0] or {target[0], word[0]} == {"i", "l"}

    def _slipped(self, word: str, target: str, distance: int) -> bool:
        """Whether fingers or ears turn `target` into `word`: "dibayar" is no slip for "dibakar"."""
        if not self._slips:
            return True
        if distance > 1 and (word[0] != target[0] or word.startswith(target) or target.startswith(word)):
            return False  # "lamburan" is another word, not a slip
        edits = Levenshtein.editops(word, target)
        if len(edits) > distance:  # neighbours swapped
            return True
        return all(edit.tag != "replace" or word[edit.src_pos] + target[edit.dest_pos] in self._slips for edit in edits)

    def segment(self, word: str) -> list[str]:
        """Words written without a space ("laporbentrok"), or [] where the whole cannot be explained."""
        if not 2 * SEGMENT_SHORTEST <= len(word) <= SEGMENTED_LONGEST or word in self._known:
            return []
        reached: dict[int, list[str]] = {0: []}
        for start in range(len(word)):
            if start not in reached or word[start : start + SEGMENT_SHORTEST] not in self._segment_starts:
                continue
            for end in range(start + SEGMENT_SHORTEST, min(start + self._longest_segment, len(word)) + 1):
                piece = word[start:end]
                if piece in self._segments and (end not in reached or len(reached[end]) > len(reached[start]) + 1):
                    reached[end] = [*reached[start], piece]
        pieces = reached.get(len(word), [])
        return pieces if len(pieces) > 1 else []


def _skeleton(word: str) -> str:
    return word[:1] + _VOWELS.sub("", word[1:])


def _inside(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)
