"""Which numbers of a message may count people: not those of an RT, a TPS, a candidate, a clock, money, a distance. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from config.knowledge import Numbers
from gateway.reports.labels import Labels, read, single
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.numerals import Number, Numerals, alike, numbered_from_zero
from gateway.reports.text import NUMBER, WORD, Token

LARGEST_COUNT = 50_000
"""More people than the largest kecamatan has: such a number counts something else."""
YEARS = range(2015, 2040)
CHAINED = {"/", "-", "&", ",", "+"}
"""Between "TPS 01" and the next number these carry the exclusion on."""


class Countable:
    """What is known of numbers and their units, compiled once."""

    def __init__(self, numbers: Numbers, lexicon: Lexicon, labels: Labels) -> None:
        self._marks = labels
        self.numerals = Numerals(numbers.words, numbers.tens)
        self._camps, self._before = single(numbers.camps.words, lexicon), single(numbers.before.words, lexicon)
        self._hard, self._soft = single(numbers.after.hard, lexicon), single(numbers.after.soft, lexicon)
        self._glued = frozenset(numbers.after.glued)
        self._about: Phrases[bool] = Phrases()
        for phrase in numbers.about.words:
            self._about.add(read(phrase, lexicon), True)

    def numbers(
        self, tokens: Sequence[Token], words: list[str], text: str, taken: set[int], pair_after: set[int]
    ) -> list[Number]:
        """Numbers that may be counts, left to right. `pair_after`: see `Counter.count`."""
        found: list[Number] = []
        index, excluded = 0, -2
        while index < len(tokens):
            number = self._number_at(tokens, words, index) if index not in taken else None
            if number is None:
                index += 1
                continue
            gap = text[tokens[index - 1].end : tokens[index].start].strip() if index else ""
            chained = excluded == index - 1 and (gap in CHAINED) and not self._marks.is_people(words, number.end)
            chained = chained or (excluded == index - 2 and words[index - 1] in ("dan", "sampai", "sd", "s"))
            number.approximate = number.approximate or gap.endswith(("+-", "+/-", "\u00b1", "~"))
            if chained or self._belongs_elsewhere(tokens, words, text, number, found, pair_after):
                excluded = number.end - 1
            else:
                found.append(number)
            index = number.end
        return found

    def _number_at(self, tokens: Sequence[Token], words: list[str], index: int) -> Number | None:
        token = tokens[index]
        if token.kind == NUMBER:
            if len(token.word) == 1 and index + 1 < len(words) and self.numerals.multiplies(words[index + 1]):
                written = self._spelled_at(tokens, words, index)
                if written is not None and self._marks.is_people(words, written.end):
                    return written
            if token.number is None or token.number > LARGEST_COUNT:
                return None
            about = index + 1 < len(words) and words[index + 1] == "an"
            approximate = token.approximate or about or self._is_about(words, index)
            return Number(index, index + 1 + about, token.number, approximate)
        counted = words[index] in ("ll", "lo") and self._marks.is_people(words, index + 1)
        counted = counted or (index > 0 and words[index] == "o" and words[index - 1] in self._marks.words)
        meant = alike(words, index, counted=counted, after_number=index > 0 and tokens[index - 1].kind == NUMBER)
        if meant is not None:
            return Number(index, index + 1, meant)
        return self._spelled_at(tokens, words, index) if token.kind == WORD else None

    def _spelled_at(self, tokens: Sequence[Token], words: list[str], index: int) -> Number | None:
        found = self.numerals.spelled_at(tokens, words, index)
        if found is None:
            return None
        return Number(index, found[1], found[0], self._is_about(words, index), spelled=True)

    def _is_about(self, words: list[str], index: int) -> bool:
        return any(
            (found := self._about.at(words, start)) is not None and start + found[1] == index
            for start in range(max(0, index - 2), index)
        )

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
            before in ("unit", "kelompok", "ke", "hari") and self._marks.is_people(words, number.end)
        ):
            return True
        if after_token is not None and after_token.glued and after in self._glued:
            return not (after == "k" and number.end + 1 < len(words) and tokens[number.end + 1].number is not None)
        if after in self._hard or self._marks.replaced(tokens, words, number.start, number.end):
            return True
        if self._is_candidate(
            tokens, words, number, before, paired=self._in_pair(tokens, text, number, found, pair_after)
        ):
            return True
        if number.value in YEARS and not self._marks.is_people(words, number.end) and before not in ("massa", "korban"):
            return True
        paired = self._in_pair(tokens, text, number, found, pair_after)
        if number.spelled and after in self._soft:
            return True
        if number.spelled:
            labelled = self._marks.phrases.at(words, number.end) is not None if after else False
            about = number.approximate or self._marks.before(words, number.start) is not None
            people = self._marks.is_people(words, number.end) or before in self._marks.sure_people  # "wong limo"
            whole = number.start == 0 and number.end == len(tokens)
            return not (people or labelled or about or paired or whole)
        if after in self._soft:
            follows = (
                after_token is not None and number.end + 1 < len(words) and tokens[number.end + 1].number is not None
            )
            clock = after in ("jam", "tps", "hari", "minggu", "bulan", "tahun") and (follows or after != "tps")
            return not (paired and (number.start - 1 not in pair_after or clock))
        return False

    def _is_candidate(
        self, tokens: Sequence[Token], words: list[str], number: Number, before: str, *, paired: bool
    ) -> bool:
        """The number of a candidate: "pendukung 01 dan 02", "kubu 2"."""
        if (
            number.spelled
            or number.value > 9
            or self._marks.is_people(words, number.end)
            or self._marks.after(words, number.end)
        ):
            return False
        if before in self._camps:
            return True
        labelled = self._marks.before(words, number.start) is not None
        return numbered_from_zero(tokens[number.start]) and not paired and not labelled

    def _in_pair(
        self, tokens: Sequence[Token], text: str, number: Number, found: list[Number], pair_after: set[int]
    ) -> bool:
        """Whether the number is first or second directly behind place or type."""
        if number.start - 1 in pair_after:
            return True
        return bool(found) and found[-1].end == number.start and found[-1].start - 1 in pair_after
