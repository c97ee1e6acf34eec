"""A form with an intent of its own: the words that begin its messages, and what its fields say in them. Pure.

Not said is unknown, never 0; "tidak ada" is 0. Types of such a form are read in its own messages only.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

from config.forms import AnyField, ChoiceField, FlagField, Form, NumberField, TextField
from gateway.reports.labels import KORBAN, MASSA, broken
from gateway.reports.lexicon import Lexicon
from gateway.reports.own_numbers import OwnNumbers, OwnReading, phrases, spelled
from gateway.reports.timing import NEGATIONS
from gateway.reports.understanding import Doubt

if TYPE_CHECKING:
    from gateway.reports.counts import Counter
    from gateway.reports.reading import Reading


class OwnForm:
    """One form, compiled once."""

    def __init__(self, form: Form, lexicon: Lexicon, counter: Counter) -> None:
        self.form = form
        self.numbers = OwnNumbers(form, lexicon, counter)
        ordered = [form.fields_by_name[name] for name in form.fields if name in form.fields_by_name]
        self._others = [one for one in ordered if not isinstance(one, NumberField)]
        self._says = {one.name: phrases(lexicon, _said_by(one)) for one in self._others}
        self.begins = phrases(lexicon, [(form.intent, form.keywords)])
        kinds = form.jenis
        self._strong = phrases(lexicon, [("", form.neutral), *((kind.code, kind.words) for kind in kinds)])
        self._weak = phrases(lexicon, ((kind.code, kind.weak) for kind in kinds))
        self._by_number = {kind.number: kind.code for kind in kinds}
        self._pairs = {
            frozenset((spelled(one, lexicon)[0], spelled(other, lexicon)[0])): kind.code
            for kind in kinds
            for one, other in (*kind.pairs, *(pair for ones, more in kind.crossed for pair in product(ones, more)))
        }

    def read(self, reading: Reading, taken: set[int]) -> OwnReading:
        """What labels, units and words say. `taken` tokens are something else already."""
        found = OwnReading(dict.fromkeys(self.form.fields_by_name))
        words = [word if index not in taken else "\0" for index, word in enumerate(reading.words)]
        if self.form.jenis:
            self._read_type(reading, words, found)
        for one in self._others:
            if not isinstance(one, TextField):
                self._read_words(one, reading, words, found)
        self.numbers.read(reading, words, found)
        for one in self._others:
            if isinstance(one, TextField):
                self._read_text(one, reading, words, taken, found)
        return found

    @property
    def free_fields(self) -> tuple[str, ...]:
        """Fields that take numbers without a label, in order."""
        return tuple(name for name in self.form.fields if name in self.numbers.free or name in (MASSA, KORBAN))

    # words

    def _read_words(self, one: AnyField, reading: Reading, words: list[str], found: OwnReading) -> None:
        """A choice or a flag."""
        said: dict[Any, tuple[int, int]] = {}
        for start, length, named in self._says[one.name].everywhere(words):
            negated = _negated(words, start)
            if isinstance(one, FlagField):
                said.setdefault(not negated, (start, start + length))
            elif not negated:
                said.setdefault(named, (start, start + length))
            found.used.update(range(start, start + length))
        if not said:
            return
        value = (True in said) if isinstance(one, FlagField) else next(iter(said))
        found.values[one.name] = value
        found.trace.append(f"{one.name}: '{reading.typed(*said[value])}' dibaca {_shown(value)}")
        if len(said) > 1 and isinstance(one, ChoiceField):
            found.doubts.append(Doubt(one.name, f"beberapa disebut: {', '.join(said)}", tuple(said)))

    def _read_text(
        self, one: TextField, reading: Reading, words: list[str], taken: set[int], found: OwnReading
    ) -> None:
        """What stands behind a label."""
        label = next(iter(self._says[one.name].everywhere(words)), None)
        if label is None:
            return
        start = end = label[0] + label[1]
        stops = taken | found.used | {at for says in self._says.values() for at, _, _ in says.everywhere(words)}
        stops |= {at for at, _, _ in self.numbers.labels.everywhere(words)}
        while end < len(words) and end not in stops and not (broken(reading.tokens, reading.text, end) and end > start):
            end += 1
        found.used.update(range(label[0], end))
        if end > start:
            found.values[one.name] = reading.typed(start, end)
            found.trace.append(f"{one.name}: '{reading.typed(start, end)}'")

    def _read_type(self, reading: Reading, words: list[str], found: OwnReading) -> None:
        """The type, of this form's own: a pair of words, a certain word, the number behind the keyword, a weak word."""
        strong = [hit for hit in self._strong.everywhere(words) if hit[2] and not _negated(words, hit[0])]
        weak = [hit for hit in self._weak.everywhere(words) if not _negated(words, hit[0])]
        present = set(words)
        pair = next(((pair, code) for pair, code in self._pairs.items() if pair <= present), None)
        number = next((i for i, word in enumerate(words) if word != "\0"), None)
        token = reading.tokens[number] if number is not None else None
        if pair is not None:
            found.values["jenis"] = pair[1]
            found.trace.append(f"jenis: '{' ... '.join(sorted(pair[0]))}' dibaca {pair[1]}")
            return
        codes = tuple(dict.fromkeys(hit[2] for hit in strong or weak))
        if not strong and number is not None and token is not None and token.number in self._by_number:
            code = self._by_number[token.number]
            found.values["jenis"] = code
            found.used.add(number)
            found.trace.append(f"jenis: nomor {token.word} dibaca {code}")
            return
        if not codes:
            return
        start, length, code = (strong or weak)[0]
        found.values["jenis"] = code
        found.used.update(range(start, start + length))
        found.trace.append(f"jenis: '{reading.typed(start, start + length)}' dibaca {code}")
        if not strong:
            found.doubts.append(Doubt("jenis", f"hanya tanda lemah untuk {code}", codes))
        elif len(codes) > 1:
            found.doubts.append(Doubt("jenis", "beberapa jenis disebut", codes))


def compile_own_forms(forms: Iterable[Form], lexicon: Lexicon, counter: Counter) -> dict[str, OwnForm]:
    """The forms with an intent of their own, by intent."""
    return {form.intent: OwnForm(form, lexicon, counter) for form in forms if form.own}


def _shown(value: Any) -> str:
    return {True: "ya", False: "tidak"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _negated(words: list[str], start: int) -> bool:
    """Whether "tidak", "bukan" ... stands in front, "ada" between allowed."""
    before = start - 2 if start > 1 and words[start - 1] == "ada" else start - 1
    return start > 0 and words[before] in NEGATIONS


def _said_by(one: AnyField) -> Iterable[tuple[str, Iterable[str]]]:
    if isinstance(one, ChoiceField):
        return one.words.items()
    if isinstance(one, FlagField):
        return [("", one.words)]
    return [("", one.labels)] if isinstance(one, TextField) else []
