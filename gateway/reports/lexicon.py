"""Words: from how people write them to the one way the vocabulary writes them. Pure.

`Lexicon.resolve` reads one word by, in this order: known word, known short form, letters drawn out ("laporrr"), vowels
dropped ("lmbur"), one or two letters wrong ("bentork"). Two equally good readings are none. `Phrases` finds the longest
known phrase at a place in a list of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

Meaning = TypeVar("Meaning")

KNOWN, SHORT, VOWELS, TYPO, ENDING = "", "singkatan", "huruf hidup hilang", "salah ketik", "akhiran"
REMEMBERED_WORDS = 4096
"""Readings kept so that frequent unknown words are compared once; bounded because texts come from anybody."""
SEGMENT_SHORTEST = 4
SHORTEST_STEM = 4
SEGMENTED_LONGEST = 60

_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_VOWELS = re.compile(r"[aeiou]")


class Phrases(Generic[Meaning]):
    """Phrases and their meanings, found by their first word."""

    def __init__(self) -> None:
        self._by_words: dict[tuple[str, ...], Meaning] = {}
        self._longest: dict[str, int] = {}

    def add(self, words: Sequence[str], meaning: Meaning) -> None:
        """Add a phrase; the first meaning given to a phrase stays."""
        key = tuple(words)
        if key:
            self._by_words.setdefault(key, meaning)
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def at(self, words: Sequence[str], start: int) -> tuple[Meaning, int] | None:
        """The longest phrase beginning at `start`, with its length in words."""
        longest = self._longest.get(words[start])
        if longest is None:
            return None
        for length in range(min(longest, len(words) - start), 0, -1):
            meaning = self._by_words.get(tuple(words[start : start + length]))
            if meaning is not None:
                return meaning, length
        return None

    def everywhere(self, words: Sequence[str]) -> Iterator[tuple[int, int, Meaning]]:
        """(start, length, meaning) of every phrase, left to right, not overlapping."""
        position = 0
        while position < len(words):
            found = self.at(words, position)
            if found is None:
                position += 1
            else:
                yield position, found[1], found[0]
                position += found[1]

    def first_words(self) -> set[str]:
        """The first word of every phrase."""
        return set(self._longest)


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
        self._by_skeleton: dict[str, set[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._targets):
            self._by_skeleton.setdefault(_skeleton(word), set()).add(word)
            self._by_length.setdefault(len(word), []).append(word)
        self._remembered: dict[str, tuple[str, str]] = {}

    def spells(self, word: str) -> bool:
        """Whether misspellings are corrected to this very word."""
        return word in self._targets

    def knows(self, word: str) -> bool:
        """Whether the word is written as the vocabulary writes it, or is a known short form."""
        return word in self._known or word in self._short

    def resolve(self, word: str) -> tuple[str, str]:
        """The vocabulary's word, and how it was reached (one of KNOWN, SHORT, VOWELS, TYPO, ENDING). Unknown words stay."""
        found = self._remembered.get(word)
        if found is None:
            found = self._resolve(word)
            if len(self._remembered) < REMEMBERED_WORDS:
                self._remembered[word] = found
        return found

    def _resolve(self, word: str) -> tuple[str, str]:
        if word in self._short:
            return self._short[word], SHORT
        if word in self._known or not word.isascii():
            return word, KNOWN
        plain = _DRAWN_OUT.sub(r"\1", word)
        if plain != word and len(plain) > 1:
            read, how = self._resolve(plain)
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
        allowed = 0 if len(word) < 5 else 1 if len(word) < 8 else 2
        if not allowed or len(word) > 20:
            return None
        best: list[str] = []
        nearest = allowed
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            targets = self._by_length.get(length, ())
            for target, distance, _ in process.extract(
                word, targets, scorer=OSA.distance, processor=None, score_cutoff=nearest, limit=None
            ):
                if len(target) < 5 or (len(target) < 7 and target[0] != word[0] and {target[0], word[0]} != {"i", "l"}):
                    continue
                if distance > nearest or not self._slipped(word, target, int(distance)):
                    continue
                if distance < nearest:
                    best, nearest = [target], int(distance)
                else:
                    best.append(target)
        return (best[0], TYPO) if len(best) == 1 else None

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
            if start not in reached:
                continue
            for end in range(start + SEGMENT_SHORTEST, len(word) + 1):
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
