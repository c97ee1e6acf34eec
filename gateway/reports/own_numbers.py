"""Numbers of a form's own fields: by a label beside them, by a unit behind them, or free, in the order of the form. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.forms import Form, NumberField
from gateway.reports.labels import broken
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import NUMBER, Token
from gateway.reports.understanding import Doubt

if TYPE_CHECKING:
    from gateway.reports.counts import Counter
    from gateway.reports.reading import Reading

BETWEEN = frozenset(["yang", "sudah", "telah", "jadi", "ada", "kk", "keluarga", "jiwa"])
"""May stand, besides words for people, between a number and the label behind it: "14 KK sudah mengungsi"."""
BETWEEN_AT_MOST = 3


@dataclass
class OwnReading:
    """What a form's own fields say, and which tokens said so."""

    values: dict[str, Any] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    """Fields said to be unknown, or with a value that cannot be: no free number fills them."""


@dataclass
class _Amount:
    """A number in the message: tokens `start` to `end` (excluded), the unit behind it up to `unit_end`."""

    start: int
    end: int
    value: float
    approximate: bool = False
    unit: str = ""
    unit_end: int = 0


@dataclass(frozen=True)
class _Label:
    """A field's name, and the tokens of a label that may belong to a number."""

    name: str
    start: int
    end: int


class OwnNumbers:
    """The number fields of one form, compiled once."""

    def __init__(self, form: Form, lexicon: Lexicon, counter: Counter) -> None:
        own = form.fields_by_name
        ordered = [own[name] for name in form.fields if name in own]
        self._counter = counter
        self._numbers = {one.name: one for one in ordered if isinstance(one, NumberField)}
        self.free = tuple(name for name, one in self._numbers.items() if one.free)
        """Fields that take a number nothing else claims."""
        self.labels = phrases(lexicon, ((one.name, one.labels) for one in self._numbers.values()))
        units = {unit for one in self._numbers.values() for unit in one.units}
        self._units = phrases(lexicon, ((unit, [unit]) for unit in sorted(units)))

    def read_free(self, reading: Reading, taken: set[int], found: OwnReading) -> None:
        """Give the numbers that nothing claims to the fields that take such, in the form's order.

        A number before a unit of something else ("80 14 rumah") counts that and is left alone.
        """
        open_fields = [
            one
            for one in self._numbers.values()
            if one.free and found.values[one.name] is None and one.name not in found.closed
        ]
        out = taken | found.used
        words = [word if index not in out else "" for index, word in enumerate(reading.words)]
        for number in self._counter.countable.numbers(reading.tokens, words, reading.text, out, set()):
            if not open_fields:
                return
            amount = _Amount(number.start, number.end, number.value, number.approximate)
            self._take(reading, open_fields.pop(0), amount, "angka bebas", found)

    def read(self, reading: Reading, words: list[str], found: OwnReading) -> None:
        """Numbers with a label or a unit, and what is said to be none or unknown. `words`: taken ones are "\\0"."""
        self._say_none(words, found)
        amounts = self._amounts(reading, words)
        beside = [(self._before(words, one), self._behind(reading, words, one)) for one in amounts]
        in_front = bool(beside and beside[0][0])
        left = []
        for amount, (before, behind) in zip(amounts, beside, strict=True):
            for label in (before, behind) if in_front else (behind, before):
                if label and self._fits(label, amount, found):
                    found.used.update(range(label.start, label.end))
                    self._take(reading, self._numbers[label.name], amount, "menurut kata di dekatnya", found)
                    break
            else:
                left.append(amount)
        for amount in left:
            open_fields = [one for one in self._numbers.values() if self._is_open(one, found)]
            owner = next((one for one in open_fields if amount.unit and amount.unit in one.units), None)
            if owner is not None:
                self._take(reading, owner, amount, f"menurut satuan {amount.unit}", found)

    def is_amount(self, reading: Reading, index: int) -> bool:
        """Whether a number begins at this token that a fraction and a unit follow: "1,5 meter"."""
        amount = self._amount_at(reading.tokens, reading.words, reading.text, index)
        return amount is not None and amount.end > index + 1 and reading.tokens[index].kind == NUMBER

    def _is_open(self, one: NumberField, found: OwnReading) -> bool:
        return found.values[one.name] is None and one.name not in found.closed

    def _fits(self, label: _Label, amount: _Amount, found: OwnReading) -> bool:
        """Whether a label may claim a number: both still free, and no unit of another kind behind it."""
        one = self._numbers[label.name]
        if not self._is_open(one, found) or found.used & {*range(label.start, label.end), amount.start}:
            return False
        return not (amount.unit and one.units and amount.unit not in one.units)

    def _take(self, reading: Reading, one: NumberField, amount: _Amount, why: str, found: OwnReading) -> None:
        end = amount.unit_end if amount.unit in one.units else amount.end
        found.used.update(range(amount.start, end))
        value = round(amount.value * one.units.get(amount.unit, 1))
        typed = reading.typed(amount.start, end)
        if not one.least <= value <= one.most:
            found.closed.add(one.name)
            found.doubts.append(Doubt(one.name, f"{value} di luar {one.least} sampai {one.most}"))
            found.trace.append(f"{one.name}: {typed} di luar {one.least} sampai {one.most}, tidak dipakai")
            return
        found.values[one.name] = value
        found.trace.append(f"{one.name}: {typed} dibaca {value}, {why}")
        if amount.approximate:
            found.doubts.append(Doubt(one.name, f"kira-kira {value}"))

    def _amounts(self, reading: Reading, words: list[str]) -> list[_Amount]:
        """Every number, whatever it counts."""
        amounts = []
        index = 0
        while index < len(words):
            amount = self._amount_at(reading.tokens, words, reading.text, index)
            if amount is not None:
                unit = self._units.at(words, amount.end) if amount.end < len(words) else None
                if unit is not None and not broken(reading.tokens, reading.text, amount.end):
                    amount.unit, amount.unit_end = unit[0], amount.end + unit[1]
                amounts.append(amount)
            index = amount.end if amount is not None else index + 1
        return amounts

    def _amount_at(self, tokens: list[Token], words: list[str], text: str, index: int) -> _Amount | None:
        if words[index] == "\0":
            return None
        token = tokens[index]
        if token.number is not None and token.kind == NUMBER:
            behind = index + 1
            fraction = tokens[behind] if behind < len(words) and words[behind] != "\0" else None
            if fraction is not None and self._is_fraction(fraction, words, text[token.end : fraction.start], behind):
                return _Amount(index, behind + 1, float(f"{token.word}.{fraction.word}"))
            return _Amount(index, index + 1, token.number, token.approximate)
        spelled = self._counter.countable.numerals.spelled_at(tokens, words, index)
        return _Amount(index, spelled[1], spelled[0]) if spelled is not None else None

    def _is_fraction(self, token: Token, words: list[str], gap: str, index: int) -> bool:
        """ "1,5 meter": only before a unit, because elsewhere a comma parts two numbers."""
        if gap not in (",", ".") or token.kind != NUMBER or len(token.word) > 2:
            return False
        return index + 1 < len(words) and self._units.at(words, index + 1) is not None

    def _before(self, words: list[str], amount: _Amount) -> _Label | None:
        """The label in front of a number, fillers like "sekitar" between allowed."""
        end = amount.start
        for _ in range(BETWEEN_AT_MOST):
            for start in range(max(0, end - 3), end):
                found = self.labels.at(words, start)
                if found is not None and start + found[1] == end:
                    return _Label(found[0], start, amount.start)
            if not end or words[end - 1] not in self._counter.marks.fillers:
                return None
            end -= 1
        return None

    def _behind(self, reading: Reading, words: list[str], amount: _Amount) -> _Label | None:
        """The label behind a number and its unit, words for people between allowed."""
        first = start = max(amount.end, amount.unit_end)
        for _ in range(BETWEEN_AT_MOST):
            if start >= len(words) or broken(reading.tokens, reading.text, start):
                return None
            found = self.labels.at(words, start)
            if found is not None:
                return _Label(found[0], first, start + found[1])
            if words[start] not in self._counter.marks.people and words[start] not in BETWEEN:
                return None
            start += 1
        return None

    def _say_none(self, words: list[str], found: OwnReading) -> None:
        """ "tidak ada yang mengungsi", "mengungsi nihil": 0. "mengungsi belum diketahui": unknown, whatever else is said."""
        for start, length, name in self.labels.everywhere(words):
            end = start + length
            after = self._counter.says.at(words, end) if end < len(words) else None
            before = self._denied_before(words, start)
            denied = after is not None and after[0] == "none" and self._ends(words, end, after[1])
            if after is not None and after[0] == "unknown":
                found.closed.add(name)
                found.used.update(range(start, end + after[1]))
                found.trace.append(f"{name}: disebut belum diketahui")
            elif (before < start or denied) and self._numbers[name].least <= 0 and found.values[name] is None:
                found.values[name] = 0
                found.used.update(range(before, end + (after[1] if after and denied else 0)))
                found.trace.append(f"{name}: disebut tidak ada")

    def _denied_before(self, words: list[str], start: int) -> int:
        """Where "tidak ada (yang)" begins that stands in front of a label; `start` itself where there is none."""
        end = start - 1 if start and words[start - 1] == "yang" else start
        for first in range(max(0, end - 3), end):
            said = self._counter.says.at(words, first)
            if said is not None and said[0] == "none" and first + said[1] == end:
                return first
        return start

    def _ends(self, words: list[str], start: int, length: int) -> bool:
        """ "mengungsi tidak ada", but not "mengungsi tidak mau"."""
        return length > 1 or words[start] in ("nihil", "kosong", "nol")


def phrases(lexicon: Lexicon, groups: Iterable[tuple[str, Iterable[str]]]) -> Phrases[str]:
    """Phrases of a form, as the vocabulary writes their words, with their meanings."""
    compiled: Phrases[str] = Phrases()
    for meaning, listed in groups:
        for phrase in listed:
            compiled.add(spelled(phrase, lexicon), meaning)
    return compiled


def spelled(phrase: str, lexicon: Lexicon) -> list[str]:
    """The words of a phrase as the vocabulary writes them."""
    return [lexicon.resolve(word)[0] for word in phrase.casefold().split()]
