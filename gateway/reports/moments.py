"""Time words: "tadi malam jam 9", "Jumat kemarin", "tgl 27", "2 jam yg lalu", "habis magrib". Pure.

`Calendar.pieces` finds them in a message; gateway/reports/when.py says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.knowledge import Times
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import CLOCK, DATE, NUMBER, WORD, Token

Spelled = Callable[[int], tuple[int, int] | None]
"""Number in words that begins at a token: (value, end)."""
NIGHT = 18
"""The hour from which "malam" counts."""
DAY, WEEKDAY, ON_DATE, PART, AT_CLOCK, SPAN, WEEK, MONTH, NOW, JUST, EARLIER, LATER = (
    "day", "weekday", "date", "part", "clock", "span", "week", "month", "now", "just", "earlier", "later",
)  # fmt: skip
_LAST_NIGHT = frozenset(["semalam", "smlm", "semalem", "semalaman"])
_EARLIER_WORDS, _LATER_WORDS = frozenset(["tadi", "tadinya"]), frozenset(["nanti", "entar", "ntar"])
_BEFORE_WORDS = frozenset(["sebelum", "menjelang", "jelang"])
_AT_WORDS = frozenset(["waktu", "pas", "saat"])
_UNTIL = frozenset(["sampai", "hingga", "sd", "s"])
_LINKS = frozenset(["yang"])
_KINDS = frozenset([WORD, NUMBER, CLOCK, DATE])
_HOUR_SUFFIXES = frozenset(["wib", "wit", "wita"])


@dataclass(frozen=True)
class Piece:
    """One time word or group: tokens `start` to `end` (excluded)."""

    start: int
    end: int
    kind: str
    days: int = 0
    """Days, weeks or months from now; of a weekday -1 for the last, 1 for the next, 0 where it is not said."""
    weekday: int = 0
    day: int = 0
    month: int = 0
    year: int = 0
    hours: tuple[int, int] = (0, 0)
    """Of a part of the day."""
    hour: int = 0
    minute: int = 0
    exact: bool = False
    """Of a clock: counted to 24."""
    unit: str = ""
    weak: bool = False
    """Alone it says nothing: "malam pak"."""
    until: bool = False


class Calendar:
    """times.toml, compiled once."""

    def __init__(self, times: Times, lexicon: Lexicon) -> None:
        def read(phrase: str) -> list[str]:
            return [lexicon.resolve(word)[0] for word in phrase.casefold().split()]

        def single(words: Sequence[str]) -> frozenset[str]:
            return frozenset(words) | frozenset(found[0] for word in words if len(found := read(word)) == 1)

        def phrases(words: Sequence[str]) -> Phrases[bool]:
            compiled: Phrases[bool] = Phrases()
            for phrase in words:
                compiled.add(read(phrase), True)
            return compiled

        self._days: Phrases[int] = Phrases()
        for phrase, offset in times.days.items():
            self._days.add(read(phrase), offset)
        self._parts: Phrases[tuple[int, int]] = Phrases()
        for phrase, hours in times.parts.items():
            self._parts.add(read(phrase), hours)
        self._weekdays = {word: number for number, names in enumerate(times.weekdays) for word in single(names)}
        self._units = {word: unit for unit, names in times.units.items() for word in single(names)}
        self._months = {name: number for number, names in enumerate(_by_month(times.months), 1) for name in names}
        self._ago, self._ahead = phrases(times.ago), phrases(times.ahead)
        self._now, self._just = phrases(times.now), phrases(times.just)
        self._this, self._half, self._around = single(times.this), single(times.half), single(times.around)
        self._clock, self._date = single(times.clock), single(times.date)
        self._weak = frozenset(word for phrase in times.weak for word in read(phrase))
        self._begins = frozenset(
            self._days.first_words()
            | self._parts.first_words()
            | self._now.first_words()
            | self._just.first_words()
            | set(self._weekdays)
            | set(self._units)
            | {"se" + unit for unit in self._units}
            | self._half
            | self._around
            | self._clock
            | self._date
            | _LAST_NIGHT
            | _EARLIER_WORDS
            | _LATER_WORDS
            | {"hari"}
        )

    def pieces(self, tokens: Sequence[Token], words: Sequence[str], text: str, spelled: Spelled) -> list[Piece]:
        """The time words of a message, left to right."""
        scan = _Scan(self, tokens, words, text, spelled)
        found: list[Piece] = []
        counted = not self._units.keys().isdisjoint(words)  # "dua jam lalu" begins with any number in words
        behind = 0
        for index, word in enumerate(words):
            if index < behind:
                continue
            if word in self._begins:
                piece = scan.at(index)
            elif tokens[index].kind != WORD or (counted and spelled(index) is not None):
                piece = scan.from_number(index)
            else:
                continue
            if piece is not None:
                found.append(piece)
                behind = piece.end
        return found


def _by_month(names: Sequence[str]) -> list[list[str]]:
    """Names of months by month: each begins with the same three letters as a full name, whose order counts."""
    full = names[:12]
    other = {"ags": 7, "agus": 7, "agt": 7, "nop": 10, "peb": 1, "dese": 11}
    months: list[list[str]] = [[name] for name in full]
    for name in names[12:]:
        position = other.get(name[:3], other.get(name, -1))
        if position < 0:
            position = next((n for n, long in enumerate(full) if long[:3] == name[:3]), -1)
        if position >= 0:
            months[position].append(name)
    return months


class _Scan:
    """One message on the way to its pieces."""

    def __init__(
        self, calendar: Calendar, tokens: Sequence[Token], words: Sequence[str], text: str, spelled: Spelled
    ) -> None:
        self.calendar, self.tokens, self.words, self.text, self.spelled = calendar, tokens, words, text, spelled

    def at(self, index: int) -> Piece | None:
        """The piece that begins at a token."""
        return (
            self.from_number(index)
            or self._now(index)
            or self._weekday(index)
            or self._week(index)
            or self._day(index)
            or self._part(index)
        )

    def from_number(self, index: int) -> Piece | None:
        """The piece that begins at a token, of those kinds that can begin with a number."""
        if self.tokens[index].kind not in _KINDS:
            return None
        return self._full_date(index) or self._clock(index) or self._day_and_month(index) or self._span(index)

    def _word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def _number(self, index: int) -> int | None:
        return (
            self.tokens[index].number if 0 <= index < len(self.tokens) and self.tokens[index].kind == NUMBER else None
        )

    def _value(self, index: int) -> tuple[int, int] | None:
        """A number in digits or words and where it ends."""
        if index >= len(self.words):
            return None
        number = self._number(index)
        return (number, index + 1) if number is not None else self.spelled(index)

    def _gap(self, index: int) -> str:
        """What stands between the token before and this one."""
        if not 0 < index < len(self.tokens):
            return ""
        return self.text[self.tokens[index - 1].end : self.tokens[index].start].strip()

    def _direction(self, index: int) -> tuple[int, int]:
        """(-1, end) behind "lalu", (1, end) behind "depan", else (0, index)."""
        start = index + 1 if self._word(index) in _LINKS else index
        if start < len(self.words):
            if found := self.calendar._ago.at(self.words, start):
                return -1, start + found[1]
            if found := self.calendar._ahead.at(self.words, start):
                return 1, start + found[1]
        return 0, index

    # clocks

    def _clock(self, index: int) -> Piece | None:
        token = self.tokens[index]
        if token.kind == CLOCK:
            hour, minute = (int(part) for part in token.word.replace(":", ".").split("."))
            return self._finish_clock(index, index + 1, hour, minute, exact=True)
        if self._word(index) not in self.calendar._clock:
            return self._bare_clock(index)
        at = index + 1
        half = self._word(at) in self.calendar._half
        at += half
        if at < len(self.tokens) and self.tokens[at].kind == CLOCK:
            hour, minute = (int(part) for part in self.tokens[at].word.replace(":", ".").split("."))
            exact = self.words[index] == "pukul" or self.tokens[at].word.startswith("0") or self._suffixed(at + 1)
            return self._finish_clock(index, at + 1, hour, minute, exact=exact)
        found = self._value(at)
        if found is None or not 0 <= found[0] <= 24:
            return None
        hour, end = found
        minute = 0
        zero = self._word(at).startswith("0")
        if half:
            hour, minute = (hour - 1) % 24, 30
        elif (parts := self._minutes(end)) is not None:
            minute, end, late = parts
            hour = hour if late >= 0 else (hour - 1) % 24
        exact = zero or self._suffixed(end)
        return self._finish_clock(index, end, hour, minute, exact=exact)

    def _bare_clock(self, index: int) -> Piece | None:
        """ "Rabu 06.30", "27/11/2026 21.15": hours and minutes behind a day."""
        hour, minute = self._number(index), self._number(index + 1)
        if hour is None or minute is None or self._gap(index + 1) != "." or len(self._word(index + 1)) != 2:
            return None
        behind = self._word(index - 1) in self.calendar._weekdays or (index > 0 and self.tokens[index - 1].kind == DATE)
        return self._finish_clock(index, index + 2, hour, minute, exact=True) if behind else None

    def _minutes(self, index: int) -> tuple[int, int, int] | None:
        """Minutes behind the hour: ".30", "lewat 15", "kurang 10" (sign -1: of the hour before)."""
        number = self._number(index)
        if number is not None and self._gap(index) in (".", ":") and number < 60 and len(self._word(index)) == 2:
            return number, index + 1, 1
        if self._word(index) in ("lewat", "lebih", "liwat", "kurang"):
            found = self._value(index + 1)
            quarter = self._word(index + 1) in ("seperempat", "prapat")
            value, end = (15, index + 2) if quarter else found or (0, 0)
            if 0 < value < 60:
                late = self._word(index) != "kurang"
                return (value, end, 1) if late else (60 - value, end, -1)
        return None

    def _suffixed(self, index: int) -> bool:
        return self._word(index) in _HOUR_SUFFIXES

    def _finish_clock(self, start: int, end: int, hour: int, minute: int, *, exact: bool) -> Piece | None:
        if hour > 24 or minute > 59:
            return None
        end += self._suffixed(end)
        until = self._word(start - 1) in _UNTIL or (self._word(start - 1) == "d" and self._word(start - 2) == "s")
        return Piece(
            start, end, AT_CLOCK, hour=hour % 24, minute=minute, exact=exact or hour > 12 or hour == 0, until=until
        )

    # days

    def _full_date(self, index: int) -> Piece | None:
        at = index + 1 if self._word(index) in self.calendar._date else index
        if at >= len(self.tokens) or self.tokens[at].kind != DATE:
            return None
        mark = next(mark for mark in "/.-" if mark in self.tokens[at].word)
        day, month, year = (int(part) for part in self.tokens[at].word.split(mark))
        return Piece(index, at + 1, ON_DATE, day=day, month=month, year=year % 2000 + 2000)

    def _day_and_month(self, index: int) -> Piece | None:
        """ "tgl 27", "27 Nov 2026", "tgl 27/11", "Senin 24/11"."""
        said = self._word(index) in self.calendar._date
        at = index + said
        day = self._number(at)
        if day is None or not 1 <= day <= 31:
            return None
        month = self.calendar._months.get(self._word(at + 1), 0)
        end = at + 2 if month else at + 1
        behind = self._number(at + 1)
        dated = said or self._word(index - 1) in self.calendar._weekdays
        if not month and behind is not None and 1 <= behind <= 12 and self._gap(at + 1) in ("/", "-", ".") and dated:
            month, end = behind, at + 2
        if not month and not said:
            return None
        year = self._number(end) if month else None
        known = year is not None and 2020 <= year <= 2060
        return Piece(index, end + known, ON_DATE, day=day, month=month, year=(year or 0) if known else 0)

    def _span(self, index: int) -> Piece | None:
        """ "2 jam yang lalu", "sejam lalu", "tiga hari lagi"."""
        word = self._word(index)
        joined = self.calendar._units.get(word.removeprefix("se"), "") if word.startswith("se") else ""
        half = word in self.calendar._half and self._word(index + 1) in self.calendar._units
        if joined:
            amount, unit, end = 1, joined, index + 1
        elif half:
            amount, unit, end = 30, "minute", index + 2
        elif (found := self._value(index)) and (unit := self.calendar._units.get(self._word(found[1]), "")):
            amount, end = found[0], found[1] + 1
        else:
            return None
        direction, end = self._direction(end)
        if not direction or not 0 < amount < 400:
            return None
        return Piece(index, end, SPAN, days=direction * amount, unit=unit)

    def _weekday(self, index: int) -> Piece | None:
        night = self._word(index) == "malam"
        at = index + 1 if night or self._word(index) == "hari" else index
        number = self.calendar._weekdays.get(self._word(at))
        if number is None:
            return None
        direction, end = self._direction(at + 1)
        if self._word(at) == "minggu" and at == index:  # a week, unless a time or date follows
            after = self.calendar._parts.at(self.words, at + 1) if at + 1 < len(self.words) else None
            if after is None and self._number(at + 1) is None:
                return None
            direction, end = 0, at + 1
        hours = (NIGHT, 29) if night else (0, 0)
        return Piece(index, end, WEEKDAY, days=direction, weekday=(number - 1) % 7 if night else number, hours=hours)

    def _week(self, index: int) -> Piece | None:
        unit = self.calendar._units.get(self._word(index))
        if unit not in ("week", "month"):
            return None
        direction, end = self._direction(index + 1)
        if not direction and self._word(index + 1) == "ini":
            end = index + 2
        elif not direction:
            return None
        return Piece(index, end, WEEK if unit == "week" else MONTH, days=direction)

    def _now(self, index: int) -> Piece | None:
        for phrases, kind in ((self.calendar._now, NOW), (self.calendar._just, JUST)):
            if found := phrases.at(self.words, index):
                return Piece(index, index + found[1], kind)
        word = self._word(index)
        if word in _LAST_NIGHT:
            return Piece(index, index + 1, DAY, days=-1, hours=(NIGHT, 29))
        kind = EARLIER if word in _EARLIER_WORDS else LATER if word in _LATER_WORDS else ""
        if kind != LATER:
            return Piece(index, index + 1, kind) if kind else None
        followed = index + 1 < len(self.words) and self._part(index + 1) is not None
        return Piece(index, index + 1, kind, weak=not followed)

    def _day(self, index: int) -> Piece | None:
        found = self.calendar._days.at(self.words, index)
        return Piece(index, index + found[1], DAY, days=found[0]) if found else None

    def _part(self, index: int) -> Piece | None:
        around = self._word(index) if self._word(index) in self.calendar._around else ""
        at = index + 1 if around else index
        found = self.calendar._parts.at(self.words, at) if at < len(self.words) else None
        if found is None:
            return None
        (first, last), end = found[0], at + found[1]
        if around in _BEFORE_WORDS:
            first, last = first - 1, first
        elif around and around not in _AT_WORDS and last - first <= 2:
            last += 1
        if around and last - first > 2:
            return None  # "waktu siang" says no more than "siang"
        if self._word(end) == "hari":
            end += 1
        weak = not around and all(word in self.calendar._weak for word in self.words[index:end])
        if self._word(end) == "ini":
            return Piece(index, end + 1, PART, hours=(first, last), days=0, unit="ini")
        return Piece(index, end, PART, hours=(first, last), weak=weak)
