"""Which numbers of a message may count people: not those of an RT, a TPS, a candidate, a clock, money, a distance. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from config.knowledge import Numbers
from gateway.reports.labels import Labels, broken, read, single
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.numerals import Number, Numerals, alike, numbered_from_zero
from gateway.reports.text import NUMBER, WORD, Token

LARGEST_COUNT = 50_000
"""More people than the largest kecamatan has: such a number counts something else."""
YEARS = range(2015, 2040)
_LITTLE = frozenset(["cuma", "hanya", "baru", "tinggal", "ber", "saja", "mung"])
_STAYING = frozenset(["sudah", "ada", "datang", "sekitar", "sebanyak", "masih", "yang"])
"""Between "kami" and a number: so few; words that may stand beside these."""
_FACING = (["lawan"], ["vs"], ["melawan"], ["versus"], ["orang", "lawan"])
"""Between the numbers of two sides."""
_SPANS = frozenset(
    ["jauh", "jarak", "jaraknya", "sejauh", "lebar", "panjang", "sepanjang", "radius", "tinggi", "luas", "dalam"]
)
"""In front of a number of metres."""
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
        self._weekdays = frozenset(["senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "ini", "tadi"])
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
        return self._together(words, found)

    def _together(self, words: list[str], found: list[Number]) -> list[Number]:
        """ "5 perempuan 20 laki2" are 25 people, "25 lawan 30" 55."""
        joined: list[Number] = []
        for number in found:
            before = joined[-1] if joined else None
            if before is not None and words[before.end : number.start] in _FACING:
                before.value, before.end = before.value + number.value, number.end
                continue
            if before is not None and self._is_gender(words, before.end) and self._is_gender(words, number.end):
                between = words[before.end : number.start]
                if len(between) <= 3 and all(
                    word in self._marks.genders or word in ("dan", "serta") for word in between
                ):
                    before.value, before.end = before.value + number.value, number.end
                    continue
            if before is not None and self._are_sides(words, before, number):
                before.value, before.end = before.value + number.value, number.end
                continue
            joined.append(number)
        return joined

    def _are_sides(self, words: list[str], one: Number, other: Number) -> bool:
        """ "satpam 9 warga 31": each number behind its own people."""
        persons = self._marks.persons
        named = one.start > 0 and words[one.start - 1] in persons and words[other.start - 1] in persons
        follows = other.end < len(words) and words[other.end] in persons
        return named and one.end == other.start - 1 and not follows

    def _is_gender(self, words: list[str], index: int) -> bool:
        return index < len(words) and words[index] in self._marks.genders

    def _number_at(self, tokens: Sequence[Token], words: list[str], index: int) -> Number | None:
        token = tokens[index]
        if token.kind == NUMBER:
            if len(token.word) == 1 and index + 1 < len(words) and self.numerals.multiplies(words[index + 1]):
                written = self._spelled_at(tokens, words, index)
                sure = written is not None and written.value < 1000  # "2 ratus lebih"; "2 ribu" may be money
                if written is not None and (sure or self._marks.is_people(words, written.end)):
                    return written
            if token.number is None or token.number > LARGEST_COUNT:
                return None
            if token.how and token.chunk[:1].isalpha() and len(token.chunk) > 2 and token.chunk[1:].isdigit():
                return None  # "L300" is a car
            about = index + 1 < len(words) and words[index + 1] == "an"
            more = index + 1 < len(words) and words[index + 1] in ("lebih", "an", "lebihan")
            approximate = token.approximate or more or self._is_about(words, index)
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
        more = found[1] < len(words) and words[found[1]] in ("lebih", "lebihan")
        return Number(index, found[1], found[0], more or self._is_about(words, index), spelled=True)

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
        marks = self._marks
        before = words[number.start - 1] if number.start else ""
        cut = broken(tokens, text, number.end)
        after = words[number.end] if number.end < len(words) and not cut else ""
        after_token = tokens[number.end] if number.end < len(words) else None
        paired = self._in_pair(tokens, text, number, found, pair_after)
        follows = number.end < len(words) and tokens[number.end].number is not None
        if before in self._before and not (
            before in ("unit", "kelompok", "ke", "hari") and marks.is_people(words, number.end)
        ):
            direct = number.start - 1 in pair_after and follows and not numbered_from_zero(tokens[number.start])
            return not direct  # "LAPOR TPS 25 0"
        if before in marks.damage and not follows:  # "kacanya pecah 2"
            return not marks.is_people(words, number.end) and marks.after(words, number.end) is None
        if after_token is not None and after_token.glued and after in self._glued:
            return not (after == "k" and number.end + 1 < len(words) and tokens[number.end + 1].number is not None)
        if _is_age(tokens, text, number) and not marks.is_people(words, number.end):
            return True
        if self._is_measure(tokens, words, text, number, before):
            return True
        if after in self._hard or marks.replaced(tokens, words, number.start, number.end):
            return True
        if self._is_candidate(tokens, words, number, before, paired=paired) or self._is_few(words, number):
            return True
        if self._is_telephone(tokens[number.start], words, number, paired=paired):
            return True
        if (
            numbered_from_zero(tokens[number.start])
            and number.end < len(words)
            and not follows
            and paired
            and not number.spelled
        ):
            return not marks.is_people(words, number.end) and marks.after(words, number.end) is None  # "MERBAU 01 hoax"
        if number.value in YEARS and not marks.is_people(words, number.end) and before not in ("massa", "korban"):
            return True
        if tokens[number.start].glued and marks.before(words, number.start) is not None:  # "M0 spanduk dibakar"
            return False
        if number.spelled and after in self._soft:
            return self._harm(words, number) is None
        if number.spelled:
            card = paired and (follows or number.end == len(tokens))
            return not (card or self._says_people(tokens, words, number, before, after))
        if after in self._soft:
            return not self._counts_all_the_same(tokens, words, number, after, pair_after, paired=paired)
        return False

    def _is_measure(self, tokens: Sequence[Token], words: list[str], text: str, number: Number, before: str) -> bool:
        """ "rugi 2,5jt", "jauh 500 m", "total jadi 9 yang rusak"."""
        at = number.end
        if at >= len(words):
            return False
        comma = text[tokens[at - 1].end : tokens[at].start] == "," and tokens[at].number is not None
        if comma and at + 1 < len(words) and words[at + 1] in self._hard:
            return True
        if words[at] == "m" and before in _SPANS:
            return True
        return words[at] == "yang" and at + 1 < len(words) and words[at + 1] in self._marks.damage

    def numbers_things(self, word: str) -> bool:
        """Whether a number behind this word is one of a thing: RT, TPS, SMA."""
        return word in self._before

    def _harm(self, words: list[str], number: Number) -> str | None:
        """What befell the people of this number, if the words behind say so."""
        found = self._marks.after(words, number.end)
        if found is not None and found[0] not in ("massa", "korban"):
            return found[0]
        at = number.end
        while at < len(words) and at < number.end + 3 and words[at] in self._marks.persons:
            at += 1
        return "victims" if number.end < at < len(words) and words[at] in self._marks.struck else None

    def _is_few(self, words: list[str], number: Number) -> bool:
        """ "kami cuma 3", "aparat hanya 2 orang": how few we are is no crowd."""
        at, little = number.start - 1, False
        while at >= 0 and words[at] in _LITTLE | _STAYING and number.start - at <= 4:
            little = little or words[at] in _LITTLE
            at -= 1
        if at < 0 or not little or self._harm(words, number) is not None:
            return False
        return any(word in self._marks.few for word in words[max(0, at - 1) : at + 1])

    def _is_telephone(self, token: Token, words: list[str], number: Number, *, paired: bool) -> bool:
        """ "110 tidak diangkat"."""
        if paired or token.word not in self._marks.telephones or self._marks.is_people(words, number.end):
            return False
        return self._marks.after(words, number.end) is None and self._marks.before(words, number.start) is None

    def _says_people(self, tokens: Sequence[Token], words: list[str], number: Number, before: str, after: str) -> bool:
        """Whether a number in words counts people: by a label, a word for people, or as the whole message."""
        labelled = bool(after) and self._marks.after(words, number.end) is not None
        about = number.approximate or self._marks.before(words, number.start) is not None
        people = (bool(after) and self._marks.is_people(words, number.end)) or before in self._marks.sure_people
        return people or labelled or about or (number.start == 0 and number.end == len(tokens))

    def _counts_all_the_same(
        self,
        tokens: Sequence[Token],
        words: list[str],
        number: Number,
        after: str,
        pair_after: set[int],
        *,
        paired: bool,
    ) -> bool:
        """Whether a number before a unit is a count nevertheless: in the pair ("40 2 rumah rusak"), or of people hurt."""
        if self._harm(words, number) is not None:
            return True
        at = number.end + 1
        follows = at < len(words) and tokens[at].number is not None
        if after in ("hari", "minggu", "bulan", "tahun", "malam", "pagi", "sore"):
            clock = follows or (at < len(words) and words[at] in self._weekdays)
        else:
            clock = after in ("jam", "tps") and follows
        return paired and (number.start - 1 not in pair_after or clock)

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
        label = self._marks.before(words, number.start)
        more = any(token.number is not None for token in tokens[number.end :])  # "massa 01 sekitar 300 orang"
        if label is not None and label[0] == "massa" and more and number.value:
            return numbered_from_zero(tokens[number.start])
        return numbered_from_zero(tokens[number.start]) and not paired and label is None

    def _in_pair(
        self, tokens: Sequence[Token], text: str, number: Number, found: list[Number], pair_after: set[int]
    ) -> bool:
        """Whether the number is first or second directly behind place or type."""
        if number.start - 1 in pair_after:
            return True
        return bool(found) and found[-1].end == number.start and found[-1].start - 1 in pair_after


def _is_age(tokens: Sequence[Token], text: str, number: Number) -> bool:
    """ "Wagimin (52)": a number alone in brackets behind a name."""
    if number.start == 0 or tokens[number.start - 1].kind != WORD:
        return False
    before = text[tokens[number.start - 1].end : tokens[number.start].start]
    return before.strip() == "(" and text[tokens[number.end - 1].end :].startswith(")")
