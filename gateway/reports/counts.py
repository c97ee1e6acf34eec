"""How many: massa, korban, meninggal, luka, hilang. Pure.

Numbers with a label (`massa 14`, `2 md`, `M14 K0`) first; then the first two free numbers are massa and korban. A number that
belongs to an RT, a TPS, a clock, a date, money, a distance … is not free. What is not said stays unknown and is never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from config.knowledge import Numbers
from gateway.reports.countable import Countable
from gateway.reports.labels import COUNTED, DEAD, INJURED, KORBAN, LOST, MASSA, Labels, broken, read, single
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.numerals import Number
from gateway.reports.text import UNKNOWN, Token
from gateway.reports.understanding import Doubt


@dataclass
class Counts:
    """What was counted, and which tokens said so."""

    values: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(COUNTED))
    used: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    """Counts the sender said to be unknown."""

    def put(self, name: str, number: Number, tokens: Sequence[Token], why: str) -> None:
        """Set a count once."""
        self.values[name] = number.value
        self.used.update(range(number.start, number.end))
        typed = " ".join(token.word for token in tokens[number.start : number.end])
        looks = (
            " (angka mirip huruf)"
            if any(t.how == "angka mirip huruf" for t in tokens[number.start : number.end])
            else ""
        )
        self.trace.append(f"{name}: {typed} dibaca {number.value}{looks}, {why}")
        if number.approximate:
            self.doubts.append(Doubt(name, f"kira-kira {number.value}"))


class Counter:
    """The vocabulary of numbers, compiled once."""

    def __init__(self, numbers: Numbers, lexicon: Lexicon) -> None:
        self.marks = Labels(numbers, lexicon)
        self.countable = Countable(numbers, lexicon, self.marks)
        self._vague = single(numbers.vague.words, lexicon)
        self._says: Phrases[str] = Phrases()
        for name in ("victims", "none", "unknown"):
            for phrase in numbers.labels[name]:
                self._says.add(read(phrase, lexicon), name)

    def count(self, tokens: Sequence[Token], text: str, taken: set[int], pair_after: set[int]) -> Counts:
        """All counts. `taken` tokens are something else already; behind one of `pair_after` the pair massa, korban begins."""
        counts = Counts()
        words = [token.word if index not in taken else "" for index, token in enumerate(tokens)]
        numbers = self.countable.numbers(tokens, words, text, taken, pair_after)
        self._say_none(words, counts)
        numbers = [number for number in numbers if number.start not in counts.used]
        self._labelled(tokens, words, text, numbers, counts)
        self._free(tokens, words, text, numbers, counts, pair_after)
        self._say_vague(words, counts)
        _sum_up(counts)
        return counts

    def _labelled(
        self, tokens: Sequence[Token], words: list[str], text: str, numbers: list[Number], counts: Counts
    ) -> None:
        """Give numbers to the labels beside them."""
        shared: set[str] = set()
        for index, number in enumerate(list(numbers)):
            before = self.marks.before(words, number.start)
            after = self.marks.after(words, number.end) if not broken(tokens, text, number.end) else None
            if (
                after
                and after[0] in (DEAD, INJURED, LOST)
                and any(broken(tokens, text, end) for end in range(number.end, after[1] + 1))
            ):
                after = None
            before = None if before and before[0] in counts.blocked else before
            after = None if after and after[0] in counts.blocked else after
            if after and not before and self._belongs_to_next(words, numbers, after):
                continue
            if before and after:
                following = numbers[index + 1] if index + 1 < len(numbers) else None
                owns_next = (
                    following is not None and (self.marks.before(words, following.start) or ("", -1))[1] == after[1]
                )
                first_free = counts.values[before[0]] is None
                if before[0] == KORBAN and after[0] in (DEAD, INJURED, LOST) and not owns_next:
                    counts.put(after[0], number, tokens, "menurut kata di dekatnya")
                    if first_free:
                        counts.values[KORBAN] = number.value
                        shared.add(KORBAN)
                    numbers.remove(number)
                    continue
                chosen = (
                    before[0]
                    if first_free and (owns_next or not self._wants(words, tokens, before, number))
                    else after[0]
                )
            elif before or after:
                chosen = before[0] if before else after[0] if after else ""
            else:
                continue
            if chosen in counts.blocked or counts.values[chosen] is not None:
                if counts.values[chosen] is not None and chosen == INJURED:
                    counts.values[chosen] = (counts.values[chosen] or 0) + number.value
                    counts.used.update(range(number.start, number.end))
                    numbers.remove(number)
                continue
            counts.put(chosen, number, tokens, "menurut kata di dekatnya")
            numbers.remove(number)
        parts = [name for name in (DEAD, INJURED, LOST) if counts.values[name] is not None]
        if shared and len(parts) > 1:
            counts.values[KORBAN] = None

    def _belongs_to_next(self, words: list[str], numbers: list[Number], label: tuple[str, int, int]) -> bool:
        """ "14 korban 0": the label behind this number is the label of the next, which has no other."""
        rest = [number for number in numbers if number.start >= label[2]]
        if not rest or (self.marks.before(words, rest[0].start) or ("", -1))[1] != label[1]:
            return False
        its_own = self.marks.after(words, rest[0].end)
        if its_own is None or (label[0] == KORBAN and its_own[0] in (DEAD, INJURED, LOST)):
            return True
        return self._belongs_to_next(words, numbers, its_own)

    def _wants(self, words: list[str], tokens: Sequence[Token], before: tuple[str, int], number: Number) -> bool:
        """Whether the label before was already served by a number in front of it ("14 massa 2 korban")."""
        start = before[1]
        return start > 0 and tokens[start - 1].number is not None

    def _free(
        self,
        tokens: Sequence[Token],
        words: list[str],
        text: str,
        numbers: list[Number],
        counts: Counts,
        pair_after: set[int],
    ) -> None:
        """The first two free numbers are massa and korban."""
        slots = [name for name in (MASSA, KORBAN) if counts.values[name] is None and name not in counts.blocked]
        for index, token in enumerate(tokens):
            if token.kind == UNKNOWN and index - 1 in pair_after and MASSA in slots:
                slots.remove(MASSA)
                counts.trace.append("massa: ? dibaca tidak diketahui")
        for number in numbers:
            if not slots:
                break
            end = number.end + 1 if self.marks.is_people(words, number.end) else number.end
            while end < len(words) and end > number.end and words[end] in self.marks.fillers:
                end += 1
            victims = self._says.at(words, end) if end < len(words) and words[end] else None
            struck = victims is not None and victims[0] == "victims" and not broken(tokens, text, number.end)
            if struck and KORBAN in slots:
                counts.put(KORBAN, number, tokens, "orang yang terkena")
                slots.remove(KORBAN)
                continue
            name = slots.pop(0)
            if name == KORBAN and _is_range(tokens, text, number):
                counts.used.update(range(number.start, number.end))
                counts.doubts.append(Doubt(MASSA, f"antara {counts.values[MASSA]} dan {number.value}"))
                slots.insert(0, KORBAN)
                continue
            counts.put(name, number, tokens, "angka bebas pertama" if name == MASSA else "angka bebas berikutnya")

    def _say_none(self, words: list[str], counts: Counts) -> None:
        """ "tidak ada korban", "korban nihil", "korban belum diketahui"."""
        for start, length, name in self.marks.phrases.everywhere([word or "\0" for word in words]):
            after = self._said_at(words, start + length)
            if name not in (KORBAN, DEAD):
                if name == MASSA and after == "unknown":
                    counts.blocked.add(MASSA)
                continue
            before = next((s for b in (3, 2, 1) if start >= b and (s := self._said_at(words, start - b, b))), None)
            counted = start + length < len(words) and words[start + length].isdigit()
            if after == "unknown" or (before == "unknown" and not counted):
                counts.blocked.add(name)
            elif before == "none" or (after == "none" and self._none_ends(words, start + length)):
                counts.values[name] = 0
                if after == "none" and self._says.at(words, start + length) is not None:
                    counts.used.add(start + length)
                counts.trace.append(f"{name}: disebut tidak ada")

    def _said_at(self, words: list[str], start: int, length: int = 0) -> str | None:
        if not 0 <= start < len(words) or not words[start]:
            return None
        found = self._says.at(words, start)
        return found[0] if found is not None and length in (0, found[1]) else None

    def _none_ends(self, words: list[str], start: int) -> bool:
        """ "korban tidak ada", but not "korban tidak mau pulang"."""
        found = self._says.at(words, start)
        return found is not None and (found[1] > 1 or words[start] in ("nihil", "kosong", "nol"))

    def _say_vague(self, words: list[str], counts: Counts) -> None:
        """ "puluhan orang" is no number, but worth a doubt."""
        for index, word in enumerate(words):
            if (
                word in self._vague
                and counts.values[MASSA] is None
                and not (index and self.countable.numerals.multiplies(words[index - 1]))
            ):
                counts.doubts.append(Doubt(MASSA, f"hanya disebut {word}"))
                counts.trace.append(f"massa: {word}, tidak dijadikan angka")
                return


def _is_range(tokens: Sequence[Token], text: str, number: Number) -> bool:
    """ "40-50 orang": the second number is the other end of the first."""
    if number.start == 0 or number.end >= len(tokens) or tokens[number.end].word not in ("orang", "massa", "warga"):
        return False
    gap = text[tokens[number.start - 1].end : tokens[number.start].start]
    before = tokens[number.start - 1]
    return (gap == "-" and before.number is not None and before.number < number.value) or before.word in (
        "sampai",
        "sd",
    )


def _sum_up(counts: Counts) -> None:
    """Without a total, the dead, injured and missing together are the victims."""
    parts = [value for name in (DEAD, INJURED, LOST) if (value := counts.values[name]) is not None]
    if not parts:
        return
    total, together = counts.values[KORBAN], sum(parts)
    if total is None and (together > 0 or len(parts) > 1):
        counts.values[KORBAN] = together
        counts.trace.append(f"korban: {together}, jumlah meninggal, luka dan hilang")
    elif total is not None and total < together:
        counts.doubts.append(Doubt(KORBAN, f"disebut {total}, tetapi rincian berjumlah {together}"))
