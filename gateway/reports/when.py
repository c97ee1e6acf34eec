"""What time words mean, in ISO 8601 and local time. Pure.

Counted from the time of sending and never more exact than the words: a date, a time, or an interval. Where the words leave two
times twelve hours apart ("jam 9") and neither is near, the answer is the interval between them; where nothing can be said it
is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from gateway.reports.moments import (
    AT_CLOCK,
    DAY,
    EARLIER,
    JUST,
    LATER,
    MONTH,
    NOW,
    ON_DATE,
    PART,
    SPAN,
    WEEK,
    WEEKDAY,
    Piece,
)

Span = tuple[datetime, datetime]

NEAR = timedelta(hours=6)
"""Of two times twelve hours apart the nearer one is meant when it is no further than this."""
NEAREST_DATE_DAYS = 45
"""A date without a year, and one without a month, is looked for so many days around the time of sending."""


def resolve(pieces: Sequence[Piece], sent_at: datetime, *, ahead: bool | None = None) -> str | None:
    """What time words mean. `sent_at` is local time; `ahead` says that the event is still to come (None: not known)."""
    told = [piece for piece in pieces if not piece.until]
    if not told:
        return None
    now = sent_at.replace(second=0, microsecond=0, tzinfo=None)
    return _Resolution(told, now, ahead).result()


class _Resolution:
    """One set of time words, counted from the time of sending."""

    def __init__(self, pieces: Sequence[Piece], now: datetime, ahead: bool | None) -> None:
        self.now = now
        by_kind = {piece.kind: piece for piece in reversed(pieces)}
        self.day, self.weekday, self.date = by_kind.get(DAY), by_kind.get(WEEKDAY), by_kind.get(ON_DATE)
        self.part, self.clock, self.span = by_kind.get(PART), by_kind.get(AT_CLOCK), by_kind.get(SPAN)
        self.week, self.month = by_kind.get(WEEK), by_kind.get(MONTH)
        self.is_now, self.just = NOW in by_kind, JUST in by_kind
        self.earlier, self.later = EARLIER in by_kind, LATER in by_kind
        said_ahead = self.later or any(
            piece is not None and piece.days > 0 for piece in (self.day, self.weekday, self.span, self.week, self.month)
        )
        said_past = (
            self.earlier
            or self.just
            or any(
                piece is not None and piece.days < 0
                for piece in (self.day, self.weekday, self.span, self.week, self.month)
            )
        )
        self.known = said_ahead or said_past or ahead is not None
        self.ahead = said_ahead or (bool(ahead) and not said_past)

    def result(self) -> str | None:
        if self.span is not None and self.span.unit in ("minute", "hour"):
            return self._ago(self.span)
        day, certain = self._date_said()
        hours = self._hours()
        if self.clock is not None:
            return self._at_clock(self.clock, day, hours)
        if not certain:
            return None
        if hours is not None:
            return self._within(hours, day)
        if self.span is not None and self.span.unit in ("week", "month", "year"):
            return self._long_ago(self.span)
        if day is not None:
            return day.isoformat()
        return self._loose()

    def _loose(self) -> str | None:
        """Words that name neither day nor hour."""
        if self.week is not None:
            monday = self.now.date() - timedelta(days=self.now.weekday()) + timedelta(weeks=self.week.days)
            return self._dates(monday, monday + timedelta(days=6))
        if self.month is not None:
            return self._dates(*_month(self.now.date(), self.month.days))
        if self.just:
            return _interval(self.now - timedelta(hours=1), self.now)
        if self.is_now:
            return _minute(self.now)
        if self.earlier:
            start = datetime.combine(self.now.date(), time())
            return (
                self.now.date().isoformat() if self.now.hour >= 6 else _interval(start - timedelta(hours=6), self.now)
            )
        return None

    def _dates(self, first: date, last: date) -> str:
        if not self.ahead and last > self.now.date():
            last = self.now.date()
        return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"

    def _ago(self, span: Piece) -> str:
        unit = timedelta(minutes=1) if span.unit == "minute" else timedelta(hours=1)
        middle = self.now + span.days * unit
        if span.unit == "minute":
            return _minute(middle)
        start, end = middle - unit / 2, middle + unit / 2
        return _interval(start, end if self.ahead else min(end, self.now))

    def _long_ago(self, span: Piece) -> str | None:
        today = self.now.date()
        if span.unit == "week":
            middle = today + timedelta(weeks=span.days)
            return self._dates(middle - timedelta(days=3), middle + timedelta(days=3))
        if span.unit == "month":
            return self._dates(*_month(today, span.days))
        year = today.year + span.days
        return f"{year}-01-01/{year}-12-31" if 1 < year < 9999 else None

    def _date_said(self) -> tuple[date | None, bool]:
        """The day that is named (None: none is), and whether it is certain."""
        today = self.now.date()
        if self.date is not None:
            found = self._nearest(self.date)
            return found, found is not None
        if self.weekday is not None:
            return self._weekday_said(self.weekday), True
        if self.span is not None and self.span.unit == "day":
            return today + timedelta(days=self.span.days), True
        if self.day is not None:
            return today + timedelta(days=self.day.days), True
        return None, True

    def _weekday_said(self, said: Piece) -> date:
        today = self.now.date()
        if self.ahead:
            forward = (said.weekday - today.weekday()) % 7
            return today + timedelta(days=forward or (7 if said.days > 0 else 0))
        back = (today.weekday() - said.weekday) % 7
        return today - timedelta(days=back or (7 if said.days < 0 else 0))

    def _nearest(self, said: Piece) -> date | None:
        """The day that a date without year or month means: the last one, or the next one for what is to come."""
        today = self.now.date()
        if said.year:
            return _day(said.year, said.month, said.day)
        if said.month:
            years = (today.year - 1, today.year, today.year + 1)
            days = [found for year in years if (found := _day(year, said.month, said.day))]
        else:
            firsts = [_month(today, offset)[0] for offset in (-1, 0, 1)]
            days = [found for first in firsts if (found := _day(first.year, first.month, said.day))]
        before = max((day for day in days if day <= today), default=None)
        after = min((day for day in days if day >= today), default=None)
        if self.ahead:
            return after
        if self.known:
            return before
        near = [day for day in (before, after) if day and abs((day - today).days) <= NEAREST_DATE_DAYS]
        nearest = min(near, key=lambda day: abs((day - today).days), default=None)
        return nearest if said.month or nearest == before else None

    def _hours(self) -> tuple[int, int] | None:
        """The part of the day, in hours from midnight of its day."""
        for piece in (self.part, self.weekday, self.day):
            if piece is not None and piece.hours != (0, 0):
                return piece.hours
        return None

    def _within(self, hours: tuple[int, int], day: date | None) -> str | None:
        start, end = self._span_of(hours, day)
        if self.ahead:
            return _interval(max(start, self.now) if start < self.now < end else start, end)
        if start > self.now:
            return None if day is not None and self.known else _interval(start, end)
        return _interval(start, min(end, self.now))

    def _span_of(self, hours: tuple[int, int], day: date | None) -> Span:
        """A part of the day on the day that is named, or the last one that has begun, or the next that is not over."""
        first, last = (timedelta(hours=hour) for hour in hours)
        if day is not None:
            midnight = datetime.combine(day, time())
            return midnight + first, midnight + last
        midnight = datetime.combine(self.now.date(), time()) - timedelta(days=1)
        spans = [(midnight + timedelta(days=n) + first, midnight + timedelta(days=n) + last) for n in range(3)]
        if self.ahead or (self.part is not None and self.part.unit == "ini"):
            return next(span for span in spans if span[1] > self.now)
        return max(span for span in spans if span[0] <= self.now)

    def _at_clock(self, clock: Piece, day: date | None, hours: tuple[int, int] | None) -> str | None:
        times = [clock.hour] if clock.exact else sorted({clock.hour % 12, clock.hour % 12 + 12})
        if day is not None:
            days = [day]
        else:
            days = [self.now.date() + timedelta(days=offset) for offset in (-2, -1, 0, 1, 2)]
        found = [_on(one, hour, clock.minute) for one in days for hour in times]
        if hours is not None:
            found = self._in_part(clock, hours, days, times)
        if not found:
            return None
        kept = [at for at in found if (at >= self.now if self.ahead else at <= self.now)]
        if day is not None and (self.ahead or not kept):
            kept = found if self.ahead or not self.known else []
        if not kept:
            return None
        return self._one_of(
            sorted(kept, reverse=not self.ahead), named=day is not None, alone=len(times) == 1 or hours is not None
        )

    def _in_part(
        self, clock: Piece, hours: tuple[int, int], days: Sequence[date], times: Sequence[int]
    ) -> list[datetime]:
        """The times of a clock that lie in a part of the day, or near it ("jam 7 pagi", "jam 5 sore", "jam 2 malam")."""
        first, last = hours
        found = []
        for one in days:
            midnight = datetime.combine(one, time())
            for hour in times:
                for late in (0, 24):
                    if first - 1 <= hour + late <= last + (1 if last < 24 else 0):
                        found.append(midnight + timedelta(hours=hour + late, minutes=clock.minute))
        if not found:  # "jam 2 pagi"
            found = [_on(one, hour, clock.minute) for one in days for hour in times if (hour < 12) == (first < 12)]
        if len(found) > len(days) and last - first < 12:  # "jam 11 siang" is 11, not 23
            found = [at for at in found if first <= at.hour <= last] or found
        return found

    def _one_of(self, times: list[datetime], *, named: bool, alone: bool) -> str:
        """The time that is meant, nearest first in `times`; the interval of the two nearest where it may be either."""
        nearest = times[0]
        if alone or len(times) == 1 or (not named and abs(nearest - self.now) <= NEAR):
            return _minute(nearest)
        first, second = sorted(times[:2])
        return _interval(first, second)


def _on(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(today: date, offset: int) -> tuple[date, date]:
    """First and last day of the month so many months from today's."""
    months = today.year * 12 + today.month - 1 + offset
    first = date(months // 12, months % 12 + 1, 1)
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return first, following - timedelta(days=1)


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def _interval(start: datetime, end: datetime) -> str:
    return _minute(start) if start >= end else f"{_minute(start)}/{_minute(end)}"
