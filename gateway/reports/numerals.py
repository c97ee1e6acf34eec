"""Numbers as people type them: in words ("dua ratus lima puluh"), mixed ("2 ratus"), in look-alikes ("ll", "O"). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.reports.text import NUMBER, WORD, Token

_LETTERS_ALIKE = {"o": 0, "l": 1, "ll": 11, "lo": 10}
_ZERO_IN_FRONT = re.compile(r"0\d")


@dataclass
class Number:
    """A number in words or digits: tokens `start` to `end` (excluded)."""

    start: int
    end: int
    value: int
    approximate: bool = False
    spelled: bool = False


class Numerals:
    """`words` are values ("dua" 2, "seratus" 100), `tens` multipliers ("puluh" 10, "ribu" 1000)."""

    def __init__(self, words: Mapping[str, int], tens: Mapping[str, int]) -> None:
        self._words, self._tens = dict(words), dict(tens)

    def multiplies(self, word: str) -> bool:
        """Whether the word is a multiplier."""
        return word in self._tens

    def spelled_at(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> tuple[int, int] | None:
        """(value, end) of the number that begins at `start` with a word, or with one digit and a multiplier behind it."""
        total = part = 0
        digit: int | None = None
        below = 1001
        index = start
        while index < len(words):
            word, value = words[index], self._value(tokens, words, index, start)
            if value is not None and digit is None and value < below:
                if value >= 100:
                    total, part, below = (total + value, 0, 1000) if value == 1000 else (total, part + value, 100)
                else:
                    digit = value
            elif word == "belas" and digit is not None and 0 < digit < 10:
                part, digit, below = part + 10 + digit, None, 0
            elif word in self._tens and self._tens[word] == 1000 and not total and (part or digit):
                total, part, digit, below = (part + (digit or 0)) * 1000, 0, None, 1000
            elif word in self._tens and digit is not None and 0 < digit < 10 and self._tens[word] < below:
                below = self._tens[word]
                part, digit = part + digit * below, None
            else:
                break
            index += 1
        return (total + part + (digit or 0), index) if index > start else None

    def _value(self, tokens: Sequence[Token], words: Sequence[str], index: int, start: int) -> int | None:
        token = tokens[index]
        if token.kind == WORD and not token.repeated:
            value = self._words.get(words[index])
            return 1001 if value == 1000 and index > start else value
        small = token.kind == NUMBER and words[index] == token.word and len(token.word) == 1
        return token.number if small and index + 1 < len(words) and words[index + 1] in self._tens else None


def alike(words: Sequence[str], index: int, *, counted: bool, after_number: bool) -> int | None:
    """The number somebody meant with letters that look like digits: "ll org", "korban O", "14 O"."""
    if after_number and words[index] == "o":
        return 0
    return _LETTERS_ALIKE.get(words[index]) if counted else None


def numbered_from_zero(token: Token) -> bool:
    """ "01", "02": how candidates and polling stations are numbered, hardly how people are counted."""
    return _ZERO_IN_FRONT.fullmatch(token.word) is not None
