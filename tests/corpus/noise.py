"""Typing errors by the dice: what fingers, old phones and haste do to a text. Seeded, so that a run can be repeated.

Digits, tickets and words of less than four letters stay as they are: they carry what the label says (`Lambur II`, `14`).
"""

from __future__ import annotations

import random
import re

NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "ol",
    "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil", "l": "ko",
    "z": "ax", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bmh", "m": "nj",
}  # fmt: skip
KEYS = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
SEPARATORS = (" ", ",", ", ", ".", " . ", "#", "/", "-", "*", "  ", "\n")
VOWELS = "aeiou"
_WORD = re.compile(r"[A-Za-z]{4,}")
_GAP = re.compile(r"(?<=\w) (?=\w)")


def noisy(text: str, rate: float, dice: random.Random) -> str:
    """The text with about `rate` of its longer words mistyped once, and as many of its blanks changed."""
    text = _WORD.sub(lambda word: _slip(word.group(), dice) if dice.random() < rate else word.group(), text)
    return _GAP.sub(lambda gap: dice.choice(SEPARATORS) if dice.random() < rate / 2 else " ", text)


def _slip(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word) - 1)
    kind = dice.choice(("drop", "double", "swap", "neighbour", "key", "vowel", "capital"))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    if kind == "drop":
        return before + after
    if kind == "double":
        return before + letter * 2 + after
    if kind == "swap":
        return before + after[0] + letter + after[1:]
    if kind == "neighbour":
        return before + dice.choice(NEIGHBOURS[letter.lower()]) + after
    if kind == "key":
        return before + dice.choice(next(key for key in KEYS if letter.lower() in key)) + after
    if kind == "vowel":
        return word[0] + "".join(sign for sign in word[1:] if sign.lower() not in VOWELS)
    return word.swapcase()
