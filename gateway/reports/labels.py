"""Words that make a number a count, and of what: "massa 14", "2 orang luka", "K0". Pure."""

from __future__ import annotations

from collections.abc import Sequence

from config.knowledge import Numbers
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import Token

MASSA, KORBAN, DEAD, INJURED, LOST = COUNTED = ("massa", "korban", "md", "luka", "hilang")
_BETWEEN = frozenset(["yang", "jadi", "menjadi"])


def read(phrase: str, lexicon: Lexicon) -> list[str]:
    """The words of a phrase as the vocabulary writes them."""
    return [lexicon.resolve(word)[0] for word in phrase.split()]


def single(words: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """Words as listed and as the vocabulary writes them."""
    return frozenset(words) | {lexicon.resolve(word)[0] for word in words}


def broken(tokens: Sequence[Token], text: str, end: int) -> bool:
    """Whether a comma or full stop cuts the number from what follows."""
    if end >= len(tokens):
        return False
    gap = text[tokens[end - 1].end : tokens[end].start]
    return any(mark in gap for mark in ",;") or ". " in gap


class Labels:
    """The labels of counts, compiled once."""

    def __init__(self, numbers: Numbers, lexicon: Lexicon) -> None:
        self.fillers = frozenset(numbers.fillers.words)
        """May stand between a label and its number."""
        self._instead = single(numbers.instead.words, lexicon)
        self.people = single(numbers.people.words, lexicon)
        self.sure_people = single(numbers.people.sure, lexicon)
        self.phrases: Phrases[str] = Phrases()
        for name in COUNTED:
            for phrase in numbers.labels[name]:
                self.phrases.add(read(phrase, lexicon), name)
        self.words = frozenset(self.people | self.phrases.first_words() | single(numbers.labels["victims"], lexicon))
        """Words that make the number beside them a count."""
        letters = frozenset(label for label in self.words if len(label) == 1)  # the M of "Lambur 2 M. Yusuf"
        self.sure = frozenset((self.words - self.people - letters) | self.sure_people)
        """Those that do so even where the number could end the name of a village: "Lambur 2 orang", not "Lambur 2 warga"."""

    def is_people(self, words: Sequence[str], index: int) -> bool:
        """Whether a word for people stands at `index`."""
        return index < len(words) and words[index] in self.people

    def before(self, words: list[str], index: int) -> tuple[str, int] | None:
        """The label that ends directly before `index`, fillers like "sekitar" or "ada" between allowed: name and its start."""
        end = index
        for _ in range(4):
            if end > 1 and words[end - 1].isdigit() and (words[end - 2] == "bukan" or words[end] in self._instead):
                end -= 2 if words[end - 2] in ("bukan", "dari") else 1
            elif end and words[end - 1] in self.fillers:
                end -= 1
        for start in range(max(0, end - 3), end):
            found = self.phrases.at(words, start) if words[start] else None
            if found is not None and start + found[1] == end:
                return found[0], start
        return None

    def after(self, words: list[str], index: int) -> tuple[str, int, int] | None:
        """The label directly behind `index`, one word for people between allowed: name, start, end."""
        start = index
        while start < len(words) and start < index + 2 and words[start] in _BETWEEN:
            start += 1
        found = self.phrases.at(words, start) if start < len(words) and words[start] else None
        if found is None and start == index and self.is_people(words, start):
            return self.after(words, start + 1) if words[start] != "massa" else (MASSA, start, start + 1)
        return (found[0], start, start + found[1]) if found else None

    def replaced(self, tokens: Sequence[Token], words: list[str], start: int, end: int) -> bool:
        """Whether a correction takes this number back: "bukan 14", "14 jadi 40"."""
        before = words[start - 1] if start else ""
        follows = end + 1 < len(words) and tokens[end + 1].number is not None
        return before == "bukan" or (end < len(words) and words[end] in self._instead and follows)
