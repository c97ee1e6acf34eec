"""How many: massa, korban, meninggal, luka, hilang. Pure.

Numbers with a label (`massa 14`, `2 md`, `M14 K0`) first; then the first two free numbers are massa and korban. A number that
belongs to an RT, a TPS, a clock, a date, money, a distance … is not free. What is not said stays unknown and is never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from config.knowledge import Numbers
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import NUMBER, UNKNOWN, WORD, Token
from gateway.reports.understanding import Doubt

MASSA, KORBAN, DEAD, INJURED, LOST = COUNTED = ("massa", "korban", "md", "luka", "hilang")
LARGEST_COUNT = 50_000
"""More people than the largest kecamatan has: such a number counts something else."""
YEARS = range(2015, 2040)
CHAINED = {"/", "-", "&", ",", "+"}
"""Between "TPS 01" and the next number these carry the exclusion on."""


@dataclass
class Number:
    """A number in words or digits: tokens `start` to `end` (excluded)."""

    start: int
    end: int
    value: int
    approximate: bool = False
    spelled: bool = False


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
        def read(phrase: str) -> list[str]:
            return [lexicon.resolve(word)[0] for word in phrase.split()]

        def single(words: Sequence[str]) -> frozenset[str]:
            return frozenset(words) | {lexicon.resolve(word)[0] for word in words}

        self._words = dict(numbers.words)
        self._tens = dict(numbers.tens)
        self._before, self._people = single(numbers.before.words), single(numbers.people.words)
        self._hard, self._soft = single(numbers.after.hard), single(numbers.after.soft)
        self._glued, self._vague = frozenset(numbers.after.glued), single(numbers.vague.words)
        self._about: Phrases[bool] = Phrases()
        for phrase in numbers.about.words:
            self._about.add(read(phrase), True)
        self._labels: Phrases[str] = Phrases()
        for name in COUNTED:
            for phrase in numbers.labels[name]:
                self._labels.add(read(phrase), name)
        self._says: Phrases[str] = Phrases()
        for name in ("victims", "none", "unknown"):
            for phrase in numbers.labels[name]:
                self._says.add(read(phrase), name)
        self.labels = frozenset(self._people | self._labels.first_words() | single(numbers.labels["victims"]))
        """Words that make the number beside them a count."""

    def count(self, tokens: Sequence[Token], text: str, taken: set[int], pair_after: set[int]) -> Counts:
        """All counts. `taken` tokens are something else already; behind one of `pair_after` the pair massa, korban begins."""
        counts = Counts()
        words = [token.word if index not in taken else "" for index, token in enumerate(tokens)]
        numbers = self._numbers(tokens, words, text, taken, pair_after)
        self._say_none(words, counts)
        self._labelled(tokens, words, text, numbers, counts)
        self._free(tokens, words, text, numbers, counts, pair_after)
        self._say_vague(words, counts)
        _sum_up(counts)
        return counts

    def _numbers(
        self, tokens: Sequence[Token], words: list[str], text: str, taken: set[int], pair_after: set[int]
    ) -> list[Number]:
        found: list[Number] = []
        index, excluded = 0, -2
        while index < len(tokens):
            number = self._number_at(tokens, words, index) if index not in taken else None
            if number is None:
                index += 1
                continue
            gap = text[tokens[index - 1].end : tokens[index].start].strip() if index else ""
            chained = excluded == index - 1 and (gap in CHAINED) and not self._is_people(words, number.end)
            chained = chained or (excluded == index - 2 and words[index - 1] in ("dan", "sampai", "sd", "s"))
            if chained or self._belongs_elsewhere(tokens, words, text, number, found, pair_after):
                excluded = number.end - 1
            else:
                found.append(number)
            index = number.end
        return found

    def _number_at(self, tokens: Sequence[Token], words: list[str], index: int) -> Number | None:
        token = tokens[index]
        if token.kind == NUMBER:
            if token.number is None or token.number > LARGEST_COUNT:
                return None
            about = index + 1 < len(words) and words[index + 1] == "an"
            approximate = token.approximate or about or self._is_about(words, index)
            return Number(index, index + 1 + about, token.number, approximate)
        if words[index] == "o" and index and tokens[index - 1].kind == NUMBER:
            return Number(index, index + 1, 0)
        if token.kind != WORD or words[index] not in self._words or token.repeated:
            return None
        value, end = self._words[words[index]], index + 1
        while end < len(words):
            if words[end] in self._tens and value < self._tens[words[end]]:
                value, end = value * self._tens[words[end]], end + 1
            elif words[end] == "belas" and value < 10:
                value, end = value + 10, end + 1
            elif words[end] in self._words and value % 10 == 0 and 0 < self._words[words[end]] < value:
                value, end = value + self._words[words[end]], end + 1
            else:
                break
        return Number(index, end, value, self._is_about(words, index), spelled=True)

    def _is_about(self, words: list[str], index: int) -> bool:
        return any(
            (found := self._about.at(words, start)) is not None and start + found[1] == index
            for start in range(max(0, index - 2), index)
        )

    def _is_people(self, words: list[str], index: int) -> bool:
        return index < len(words) and words[index] in self._people

    def _belongs_elsewhere(
        self,
        tokens: Sequence[Token],
        words: list[str],
        text: str,
        number: Number,
        found: list[Number],
        pair_after: set[int],
    ) -> bool:
        """Whether a number is no count of people."""
        before = words[number.start - 1] if number.start else ""
        after = words[number.end] if number.end < len(words) else ""
        after_token = tokens[number.end] if number.end < len(words) else None
        if before in self._before and not (
            before in ("unit", "kelompok", "ke", "hari") and self._is_people(words, number.end)
        ):
            return True
        if after_token is not None and after_token.glued and after in self._glued:
            return not (after == "k" and number.end + 1 < len(words) and tokens[number.end + 1].number is not None)
        if after in self._hard:
            return True
        if number.value in YEARS and not self._is_people(words, number.end) and before not in ("massa", "korban"):
            return True
        paired = self._in_pair(tokens, text, number, found, pair_after)
        if number.spelled and after in self._soft:
            return True
        if number.spelled:
            labelled = self._labels.at(words, number.end) is not None if after else False
            about = number.approximate or self._label_before(words, number.start) is not None
            return not (self._is_people(words, number.end) or labelled or about or paired)
        if after in self._soft:
            follows = (
                after_token is not None and number.end + 1 < len(words) and tokens[number.end + 1].number is not None
            )
            clock = after in ("jam", "tps", "hari", "minggu", "bulan", "tahun") and (follows or after != "tps")
            return not (paired and (number.start - 1 not in pair_after or clock or follows))
        return False

    def _in_pair(
        self, tokens: Sequence[Token], text: str, number: Number, found: list[Number], pair_after: set[int]
    ) -> bool:
        """Whether the number is first or second directly behind place or type."""
        if number.start - 1 in pair_after:
            return True
        return bool(found) and found[-1].end == number.start and found[-1].start - 1 in pair_after

    def _label_before(self, words: list[str], index: int) -> tuple[str, int] | None:
        """The label that ends directly before `index`, fillers like "sekitar" or "ada" between allowed: name and its start."""
        end = index
        for _ in range(3):
            if end and words[end - 1] in _FILLERS:
                end -= 1
        for start in range(max(0, end - 3), end):
            found = self._labels.at(words, start) if words[start] else None
            if found is not None and start + found[1] == end:
                return found[0], start
        return None

    def _label_after(self, words: list[str], index: int) -> tuple[str, int, int] | None:
        """The label directly behind `index`, one word for people between allowed: name, start, end."""
        start = index
        while start < len(words) and start < index + 2 and words[start] in _BETWEEN:
            start += 1
        found = self._labels.at(words, start) if start < len(words) and words[start] else None
        if found is None and start == index and self._is_people(words, start):
            return self._label_after(words, start + 1) if words[start] != "massa" else (MASSA, start, start + 1)
        return (found[0], start, start + found[1]) if found else None

    def _labelled(
        self, tokens: Sequence[Token], words: list[str], text: str, numbers: list[Number], counts: Counts
    ) -> None:
        """Give numbers to the labels beside them."""
        shared: set[str] = set()
        for index, number in enumerate(list(numbers)):
            before = self._label_before(words, number.start)
            after = self._label_after(words, number.end) if not _broken(tokens, text, number.end) else None
            before = None if before and before[0] in counts.blocked else before
            after = None if after and after[0] in counts.blocked else after
            if after and not before and self._belongs_to_next(words, numbers, index, after):
                continue
            if before and after:
                following = numbers[index + 1] if index + 1 < len(numbers) else None
                owns_next = (
                    following is not None and (self._label_before(words, following.start) or ("", -1))[1] == after[1]
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

    def _belongs_to_next(
        self, words: list[str], numbers: list[Number], index: int, label: tuple[str, int, int]
    ) -> bool:
        """ "14 korban 0": the label behind this number is the label of the next, which has no other."""
        rest = [number for number in numbers if number.start >= label[2]]
        if not rest or (self._label_before(words, rest[0].start) or ("", -1))[1] != label[1]:
            return False
        its_own = self._label_after(words, rest[0].end)
        return its_own is None or (label[0] == KORBAN and its_own[0] in (DEAD, INJURED, LOST))

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
            end = number.end + 1 if self._is_people(words, number.end) else number.end
            victims = self._says.at(words, end) if end < len(words) and words[end] else None
            struck = victims is not None and victims[0] == "victims" and not _broken(tokens, text, number.end)
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
        for start, length, name in self._labels.everywhere([word or "\0" for word in words]):
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
            if word in self._vague and counts.values[MASSA] is None and not (index and words[index - 1] in self._tens):
                counts.doubts.append(Doubt(MASSA, f"hanya disebut {word}"))
                counts.trace.append(f"massa: {word}, tidak dijadikan angka")
                return


_FILLERS = frozenset(
    (
        *(
            "ada",
            "jadi",
            "menjadi",
            "sebanyak",
            "jumlah",
            "sementara",
            "sekitar",
            "kurang",
            "lebih",
            "mencapai",
            "sampai",
        ),
        *("total", "dari", "hampir", "kira", "sudah", "yang", "diperkirakan", "kurleb", "perkiraan"),
    )
)
_BETWEEN = frozenset(["yang", "jadi", "menjadi"])


def _broken(tokens: Sequence[Token], text: str, end: int) -> bool:
    """Whether a comma or full stop cuts the number from what follows."""
    if end >= len(tokens):
        return False
    gap = text[tokens[end - 1].end : tokens[end].start]
    return any(mark in gap for mark in ",;") or ". " in gap


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
