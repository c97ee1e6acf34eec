"""How many: massa, korban, meninggal, luka, hilang. Pure.

Numbers with a label (`massa 14`, `2 md`, `M14 K0`) first; then the first two free numbers are massa and korban. A number that
belongs to an RT, a TPS, a clock, a date, money, a distance … is not free. What is not said stays unknown and is never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from config.knowledge import Numbers
from gateway.reports.countable import Countable
from gateway.reports.labels import COUNTED, DEAD, INJURED, KORBAN, LOST, MASSA, Labels, broken, read, single
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.numerals import Number
from gateway.reports.text import UNKNOWN, Token
from gateway.reports.understanding import Doubt

Label = tuple[str, int]
"""A count's name and the token its label begins at."""


@dataclass
class Counts:
    """What was counted, and which tokens said so."""

    values: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(COUNTED))
    used: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    how: dict[str, str] = field(default_factory=dict)
    """How each count was found: `labelled`, `pair` (free, directly behind type or place), `free`, `none`, `sum`, `detail`."""
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
        self.says: Phrases[str] = Phrases()
        for name in ("victims", "none", "unknown"):
            for phrase in numbers.labels[name]:
                self.says.add(read(phrase, lexicon), name)

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
        beside = [self._beside(tokens, words, text, number, counts) for number in numbers]
        owned: list[tuple[Number, str]] = []
        start = 0
        for end in range(1, len(numbers) + 1):
            after, before = beside[end - 1][1], beside[end][0] if end < len(numbers) else None
            if after is None or before is None or after[1] != before[1]:
                owned += _owners(numbers[start:end], beside[start:end])
                start = end
        owners = {label for _, label in owned}
        behind = {number.start: after for number, (_, after) in zip(numbers, beside, strict=True)}
        details = [  # "korban 2 luka": two victims, and both are injured
            (number, said[0])
            for number, label in owned
            if label == KORBAN
            and (said := behind[number.start])
            and said[0] in (DEAD, INJURED, LOST)
            and said[0] not in owners
        ]
        for number, label in owned:
            known = counts.values[label]
            if known is None:
                counts.put(label, number, tokens, "menurut kata di dekatnya")
            elif label == INJURED:  # "3 luka ringan 1 luka berat"
                counts.put(
                    label, replace(number, value=known + number.value), tokens, f"bersama {known} yang sudah disebut"
                )
            else:
                continue
            numbers.remove(number)
        for number, harm in details:
            if counts.values[harm] is None:
                counts.put(harm, number, tokens, "rincian korban")

    def _beside(
        self, tokens: Sequence[Token], words: list[str], text: str, number: Number, counts: Counts
    ) -> tuple[Label | None, Label | None]:
        """The labels directly before and behind a number."""
        before = self.marks.before(words, number.start)
        after = self.marks.after(words, number.end) if not broken(tokens, text, number.end) else None
        if after and after[0] in (DEAD, INJURED, LOST):
            cut = any(broken(tokens, text, end) for end in range(number.end, after[1] + 1))
            after = None if cut else after
        return (
            None if before and before[0] in counts.blocked else before,
            (after[0], after[1]) if after and after[0] not in counts.blocked else None,
        )

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
            while end < len(words) and end > number.end and (not words[end] or words[end] in self.marks.fillers):
                end += 1
            victims = self.says.at(words, end) if end < len(words) and words[end] else None
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
            if name == MASSA:
                if after == "unknown":
                    counts.blocked.add(MASSA)
                continue
            ahead = start - 1 if start and words[start - 1] == "yang" else start  # "tidak ada yang luka"
            before = next((s for b in (3, 2, 1) if ahead >= b and (s := self._said_at(words, ahead - b, b))), None)
            counted = start + length < len(words) and words[start + length].isdigit()
            if after == "unknown" or (before == "unknown" and not counted):
                counts.blocked.add(name)
            elif before == "none" or (after == "none" and self._none_ends(words, start + length)):
                counts.values[name] = 0
                if after == "none" and self.says.at(words, start + length) is not None:
                    counts.used.add(start + length)
                counts.trace.append(f"{name}: disebut tidak ada")

    def _said_at(self, words: list[str], start: int, length: int = 0) -> str | None:
        if not 0 <= start < len(words) or not words[start]:
            return None
        found = self.says.at(words, start)
        return found[0] if found is not None and length in (0, found[1]) else None

    def _none_ends(self, words: list[str], start: int) -> bool:
        """ "korban tidak ada", but not "korban tidak mau pulang"."""
        found = self.says.at(words, start)
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


def _owners(chain: list[Number], beside: list[tuple[Label | None, Label | None]]) -> list[tuple[Number, str]]:
    """Which label each number of a chain belongs to, where between two neighbours stands one label that both could claim.

    A label in front: each label owns the number behind it ("massa 14 md 1 luka 2"); only behind "korban" the rest may be
    details ("korban 2 luka"). A label at the end only: each owns the number before it ("14 massa 2 luka"). Neither: the first
    number is free ("14 korban 0"), unless victims would outnumber the crowd ("3 luka 20 orang").
    """
    first, last = beside[0][0], beside[-1][1]
    between = [after[0] for _, after in beside[:-1] if after]
    details = last is not None and {*between, last[0]} <= {DEAD, INJURED, LOST}
    if first is not None and not (first[0] == KORBAN and details):
        return list(zip(chain, [first[0], *between], strict=True))
    if last is not None and between[:1] == [KORBAN] and {*between[1:], last[0]} <= {DEAD, INJURED, LOST}:
        return list(zip(chain, [MASSA, *between[1:], last[0]], strict=True))  # "40 korban 2 luka"
    if last is not None:
        return list(zip(chain, [*between, last[0]], strict=True))
    if len(chain) == 2 and between[0] != MASSA and chain[1].value > chain[0].value:
        return [(chain[0], between[0])]
    return list(zip(chain[1:], between, strict=True))
