"""How many: massa, korban, meninggal, luka, hilang. Pure.

Numbers with a label (`massa 14`, `2 md`, `M14 K0`) first; then the first two free numbers are massa and korban. A number that
belongs to an RT, a TPS, a clock, a date, money, a distance … is not free. What is not said stays unknown and is never 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from config.knowledge import Numbers
from gateway.reports.countable import Countable
from gateway.reports.details import far_label, in_the_roll, of_all, recovered
from gateway.reports.labels import COUNTED, DEAD, INJURED, KORBAN, LOST, MASSA, TREATED, Labels, broken, read, single
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.numerals import Number
from gateway.reports.text import UNKNOWN, Token
from gateway.reports.understanding import Doubt
from gateway.reports.victims import single_victim

FEW = 10
"""So many people at most are looked after over several words: "3 orang warga parit 5 yang lewat dipukul"."""
STRUCK_REACH = 6
HEAD = 8
"""So many words the card's type and place may have in front of its first number."""
SHORT = 4
"""A message of so few words is an answer: its number counts what was asked."""
MOST_PERSONS = 4
_STITCHED = frozenset(["jahit", "dijahit"])
"""What a doctor does to the injured only."""
Label = tuple[str, int]
"""A count's name and the token its label begins at."""


_GATHERED = frozenset(["ada", "datang", "kumpul", "berkumpul", "hadir", "nonton", "antri", "ikut"])
_SOMEBODY = frozenset(
    [
        "yang",
        "jadi",
        "menjadi",
        "sampai",
        "satupun",
        "seorangpun",
        "warga",
        "orang",
        "sempat",
        "mengalami",
        "nu",
        "di",
        "sing",
        "ingkang",
        "nang",
    ]
)
"""Between a denial and what is denied."""
_DASH = re.compile(r"[/#*,;|:]\s*-+\s*[/#*,;|:]")


@dataclass
class Counts:
    """What was counted, and which tokens said so."""

    values: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(COUNTED))
    used: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    how: dict[str, str] = field(default_factory=dict)
    """How each count was found: `labelled`, `pair` (free, directly behind type or place), `free`, `none`, `sum`, `detail`,
    `single` (one person named)."""
    spared: bool = False
    """Somebody says that nobody was hurt, without the word."""
    treated: list[Number] = field(default_factory=list)
    """Numbers of those taken to a doctor: some of the victims, or all where no other number is said."""
    blocked: set[str] = field(default_factory=set)
    """Counts the sender said to be unknown."""

    def put(self, name: str, number: Number, tokens: Sequence[Token], why: str, how: str) -> None:
        """Set a count once."""
        self.values[name], self.how[name] = number.value, how
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
        for name in ("victims", "none", "unknown", "spared"):
            for phrase in numbers.labels[name]:
                self.says.add(read(phrase, lexicon), name)

    def count(self, tokens: Sequence[Token], text: str, taken: set[int], pair_after: set[int]) -> Counts:
        """All counts. `taken` tokens are something else already; behind one of `pair_after` the pair massa, korban begins."""
        counts = Counts()
        words = [token.word if index not in taken else "" for index, token in enumerate(tokens)]
        numbers = self.countable.numbers(tokens, words, text, taken, pair_after)
        self._say_none(words, counts)
        numbers = [n for n in numbers if n.start not in counts.used and not in_the_roll(words, n.end, self.marks)]
        self._labelled(tokens, words, text, numbers, counts)
        self._free(tokens, words, text, numbers, counts, pair_after)
        self._say_vague(words, counts)
        for number in counts.treated:
            if counts.values[INJURED] is None and counts.values[KORBAN] is None and KORBAN not in counts.blocked:
                counts.put(KORBAN, number, tokens, "yang dirawat", "labelled")
                if not _STITCHED.isdisjoint(words[number.end : number.end + MOST_PERSONS]):
                    counts.values[INJURED], counts.how[INJURED] = number.value, "detail"
        for name, value in of_all(words, counts.values, self.marks).items():
            counts.values[name], counts.how[name] = value, "detail"
            counts.trace.append(f"{name}: {value}, semua korban")
        self._say_one(tokens, words, text, counts)
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
        treated: list[Number] = []
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
            if label == TREATED:
                treated.append(number)
                continue
            known = counts.values[label]
            if known is None:
                counts.put(label, number, tokens, "menurut kata di dekatnya", "labelled")
            elif label == INJURED or (label in (DEAD, LOST) and known):  # "3 luka ringan 1 luka berat"
                whole = replace(number, value=known + number.value)
                counts.put(label, whole, tokens, f"bersama {known} yang sudah disebut", "labelled")
            else:
                continue
            numbers.remove(number)
        for number in treated:
            counts.used.update(range(number.start, number.end))
            numbers.remove(number)
        counts.treated = treated
        for number, harm in details:
            if counts.values[harm] is None:
                counts.put(harm, number, tokens, "rincian korban", "detail")

    def _beside(
        self, tokens: Sequence[Token], words: list[str], text: str, number: Number, counts: Counts
    ) -> tuple[Label | None, Label | None]:
        """The labels directly before and behind a number."""
        before = self.marks.before(words, number.start)
        after = self.marks.after(words, number.end) if not broken(tokens, text, number.end) else None
        if after and after[0] in (DEAD, INJURED, LOST):
            cut = any(broken(tokens, text, end) for end in range(number.end, after[1] + 1))
            after = None if cut else after
        if before and before[1] and words[before[1] - 1].isdigit() and broken(tokens, text, number.start):
            before = None  # "3 luka, 1 jatuh ke muara"
        if before is None and after is None:
            before, behind = far_label(tokens, words, text, number, self.marks)
            after = (*behind, behind[1] + 1) if behind else None
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
        """The first two free numbers are massa and korban; the second only beside the first."""
        slots = [name for name in (MASSA, KORBAN) if counts.values[name] is None and name not in counts.blocked]
        if MASSA in slots and _left_open(tokens, text, numbers, pair_after):
            slots.remove(MASSA)
            counts.trace.append("massa: tidak diisi, dibaca tidak diketahui")
        last: Number | None = None
        for number in numbers:
            paired = number.start - 1 in pair_after or (
                last is not None and last.end == number.start and last.start - 1 in pair_after
            )
            paired = paired or _behind_open(tokens, number, pair_after)
            if recovered(words, number, self.marks):
                counts.used.update(range(number.start, number.end))
                continue
            if self._is_struck(tokens, words, text, number, counts):
                dead = counts.values[DEAD]
                more = dead is None or number.value > dead  # "2 pemuda ditikam, 1 meninggal"
                if KORBAN in slots and counts.values[INJURED] is None and more:
                    counts.put(KORBAN, number, tokens, "orang yang terkena", "labelled")
                    slots.remove(KORBAN)
                counts.used.update(range(number.start, number.end))
                continue
            if not slots:
                break
            how = "pair" if paired else "free"
            name = slots[0]
            if name == MASSA and (
                self._is_no_crowd(tokens, number, paired=paired)
                or not self._may_be_crowd(tokens, words, text, number, paired=paired)
            ):
                continue
            if name == KORBAN and _is_range(tokens, text, number):
                counts.used.update(range(number.start, number.end))
                counts.doubts.append(Doubt(MASSA, f"antara {counts.values[MASSA]} dan {number.value}"))
                continue
            if name == KORBAN and not (paired or self._beside_last(words, last, number, pair_after)):
                continue
            slots.remove(name)
            counts.put(name, number, tokens, "angka bebas pertama" if name == MASSA else "angka bebas berikutnya", how)
            last = number

    def _may_be_crowd(
        self, tokens: Sequence[Token], words: list[str], text: str, number: Number, *, paired: bool
    ) -> bool:
        """Whether something says that a free number counts people: its place in the card, a word for people, "sekitar"."""
        ends = number.end == len(tokens) or broken(tokens, text, number.end)
        if (number.end < len(tokens) and tokens[number.end].number is not None) or (
            paired and (ends or number.start <= HEAD)
        ):
            return True
        if number.approximate or number.spelled or number.end - number.start > 1 or len(tokens) <= SHORT:
            return True
        before = words[max(0, number.start - 2) : number.start]
        if before and (self.marks.corrects(before[-1]) or (ends and before[-1] in _GATHERED)):
            return True
        after = words[number.end : number.end + 2]
        return any(word in self.marks.persons or word in self.marks.people for word in (*before, *after))

    def _is_no_crowd(self, tokens: Sequence[Token], number: Number, *, paired: bool) -> bool:
        """ "1 orang datang", "nihil korban": neither one nor none is a crowd, outside the card's pair."""
        if len(tokens) <= 2 and not (number.spelled and number.value == 0):
            return False
        follows = number.end < len(tokens) and tokens[number.end].number is not None
        ends = number.end == len(tokens)
        if number.start and tokens[number.start - 1].word in self.marks.officials and not paired:
            return True  # "petugas KPPS 2 orang mencoblos sendiri"
        return (number.value == 1 or (number.value == 0 and number.spelled)) and not (paired and (follows or ends))

    def _is_struck(self, tokens: Sequence[Token], words: list[str], text: str, number: Number, counts: Counts) -> bool:
        """Whether the people of a number were hit, taken or hurt: "2 orang pemuda dipukul"."""
        reach = STRUCK_REACH if number.value <= FEW else MOST_PERSONS
        for at in range(number.end, min(len(words), number.end + reach)):
            if broken(tokens, text, at):
                return False
            if words[at].isdigit():  # "dua siswa SMA 4 dipukuli"
                if not self.countable.numbers_things(words[at - 1]):
                    return False
                continue
            if self.countable.numbers_things(words[at]):
                continue
            said = self.says.at(words, at) if words[at] else None
            if said is not None and said[0] == "victims" and not words[at].startswith("me"):
                return words[at] != KORBAN or (counts.values[KORBAN] is None and KORBAN not in counts.blocked)
            known = not words[at] or words[at] in self.marks.persons or words[at] in self.marks.fillers
            if not known and (number.value > FEW or not self.marks.is_people(words, number.end)):
                return False
        return False

    def _beside_last(self, words: list[str], last: Number | None, number: Number, pair_after: set[int]) -> bool:
        """Whether a second free number belongs to the first: nothing but a word for people or a filler between."""
        if last is None:
            return False
        between = words[last.end : number.start]
        return all(not word or self.marks.is_people([word], 0) or word in self.marks.fillers for word in between)

    def _say_none(self, words: list[str], counts: Counts) -> None:
        """ "tidak ada korban", "korban nihil", "korban belum diketahui", "orangnya tidak apa apa"."""
        lives_only = any(said == "spared" for _, _, said in self.says.everywhere([word or "\0" for word in words]))
        for start, length, name in self.marks.phrases.everywhere([word or "\0" for word in words]):
            after = self._said_at(words, start + length)
            if name == MASSA:
                if after == "unknown":
                    counts.blocked.add(MASSA)
                continue
            ahead = start
            while ahead and start - ahead < 3 and words[ahead - 1] in _SOMEBODY:  # "tidak ada warga yang luka"
                ahead -= 1
            before = next((s for b in (3, 2, 1) if ahead >= b and (s := self._said_at(words, ahead - b, b))), None)
            counted = start + length < len(words) and words[start + length].isdigit()
            if after == "unknown" or (before == "unknown" and not counted):
                counts.blocked.add(name)
            elif name == TREATED:
                continue
            elif before == "none" or (after == "none" and self._none_ends(words, start + length)):
                counts.values[name], counts.how[name] = 0, "none"
                if name == DEAD and words[start] == KORBAN and length > 1:
                    lives_only = True  # "tidak ada korban jiwa"
                if after == "none" and self.says.at(words, start + length) is not None:
                    counts.used.add(start + length)
                counts.trace.append(f"{name}: disebut tidak ada")
        if lives_only and counts.values[KORBAN] is None and KORBAN not in counts.blocked:
            counts.spared = True

    def _said_at(self, words: list[str], start: int, length: int = 0) -> str | None:
        if not 0 <= start < len(words) or not words[start]:
            return None
        found = self.says.at(words, start)
        return found[0] if found is not None and length in (0, found[1]) else None

    def _none_ends(self, words: list[str], start: int) -> bool:
        """ "korban tidak ada", but not "korban tidak mau pulang"."""
        found = self.says.at(words, start)
        return found is not None and (found[1] > 1 or words[start] in ("nihil", "kosong", "nol"))

    def _say_one(self, tokens: Sequence[Token], words: list[str], text: str, counts: Counts) -> None:
        """ "suami saya ditikam": one victim, where no number of victims is said."""
        known = any(counts.values[name] is not None for name in (KORBAN, DEAD, INJURED, LOST))
        if known or KORBAN in counts.blocked or counts.spared:
            return
        for name, value in single_victim(tokens, words, text, self.marks, self.says).items():
            counts.values[name], counts.how[name] = value, "single"
            counts.trace.append(f"{name}: {value}, satu orang disebut")

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


def _behind_open(tokens: Sequence[Token], number: Number, pair_after: set[int]) -> bool:
    """Whether the number follows a "?" in the card's place for massa."""
    before = number.start - 1
    return before > 0 and tokens[before].kind == UNKNOWN and before - 1 in pair_after


def _left_open(tokens: Sequence[Token], text: str, numbers: Sequence[Number], pair_after: set[int]) -> bool:
    """Whether the card's place for massa holds "?" or "-"."""
    if any(token.kind == UNKNOWN and index - 1 in pair_after for index, token in enumerate(tokens)):
        return True
    first = next((number.start for number in numbers if number.start - 1 in pair_after), None)
    return first is not None and _DASH.search(text[tokens[first - 1].end : tokens[first].start]) is not None


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
    if counts.spared and not any(parts) and counts.values[KORBAN] is None:
        counts.values[KORBAN], counts.how[KORBAN] = 0, "none"
        counts.trace.append("korban: disebut tidak ada yang kena")
    if not parts:
        return
    total, together = counts.values[KORBAN], sum(parts)
    if total is None and (together > 0 or len(parts) > 1):
        counts.values[KORBAN], counts.how[KORBAN] = together, "sum"
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
    if first is not None and last is not None and KORBAN in between:
        at = between.index(KORBAN) + 1
        harms = [*between[at:], last[0]]
        if len(harms) == len(chain) - at and {*harms} <= {DEAD, INJURED, LOST} and len(harms) > 1:
            return list(
                zip(chain, [first[0], *between[: at - 1], *harms], strict=True)
            )  # "massa 80 korban 1 md 5 luka"
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
