"""How facts look on a page: masked numbers, unknown counts, times, texts of strangers. Pure but for the language.

An SMS may hold anything: markup (Jinja escapes it), terminal escapes and right-to-left marks (`visible` shows them).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from babel.dates import format_date, format_datetime

from config.regions import Region

from . import language
from .language import ngettext
from .language import say as _

MASK = "•"
_KEPT = "\n\t"
_ZONES = {420: "WIB", 480: "WITA", 540: "WIT"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def masked(sender: str, is_number: bool = True) -> str:
    """A subscriber's number with its middle hidden (`0812•••4567`); names and short codes as they are."""
    digits = sender.removeprefix("+")
    if not is_number or not digits.isascii() or not digits.isdigit() or len(digits) <= 6:
        return visible(sender)
    local = "0" + sender[3:] if sender.startswith("+62") else sender
    keep = 4 if len(local) >= 11 else 2
    return local[:keep] + MASK * 3 + local[-keep:]


def mask_pdu(pdu: str) -> str:
    """A PDU's hex with the digits of the subscriber's address hidden (TS 23.040 9.1.2.5, 9.2.2.1, 9.2.2.3).

    A PDU that has no address where one belongs is returned as it is: nothing in it can be told to be a number.
    """
    try:
        start = 2 + 2 * int(pdu[:2], 16)
        kind = int(pdu[start : start + 2], 16) & 0x03
        start += {0: 2, 2: 4}[kind]  # SMS-DELIVER; SMS-STATUS-REPORT has TP-MR in front
        length = int(pdu[start : start + 2], 16)
    except (ValueError, KeyError):
        return pdu
    first, octets = start + 4, (length + 1) // 2
    if not 0 < length <= 20 or len(pdu) < first + 2 * octets:
        return pdu
    return pdu[:first] + MASK * (2 * octets) + pdu[first + 2 * octets :]


def visible(text: str) -> str:
    """Text with control and direction-changing characters written out, so that they can do nothing."""
    return "".join(_visible_letter(letter) for letter in text)


def count(value: Any) -> str:
    """A number of people; unknown is `?` and never 0."""
    return "?" if value is None else visible(str(value))


@dataclass(frozen=True)
class Clock:
    """Writes times as the district's clock shows them. `offset` in minutes ahead of UTC."""

    offset: int

    @property
    def zone(self) -> timezone:
        """The zone of all times on the pages."""
        return timezone(timedelta(minutes=self.offset))

    @property
    def zone_name(self) -> str:
        """WIB, WITA, WIT or the offset."""
        return _ZONES.get(self.offset) or self.zone.tzname(None)

    def when(self, milliseconds: int | None, now: float) -> str:
        """Time of day for today, with the date for other days; `?` where unknown. `now` in seconds since 1970."""
        if milliseconds is None:
            return "?"
        moment = datetime.fromtimestamp(milliseconds / 1000, self.zone)
        today = datetime.fromtimestamp(now, self.zone).date()
        return self._write(moment, "HH.mm" if moment.date() == today else "d MMM HH.mm")

    def exact(self, milliseconds: int | None) -> str:
        """Date and time to the second with the zone; `?` where unknown."""
        if milliseconds is None:
            return "?"
        moment = datetime.fromtimestamp(milliseconds / 1000, self.zone)
        return f"{self._write(moment, 'd MMM y HH.mm.ss')} {self.zone_name}"

    def start_of_day(self, now: float) -> int:
        """Last midnight of the district, milliseconds since 1970."""
        today = datetime.fromtimestamp(now, self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(today.timestamp() * 1000)

    def _write(self, moment: datetime, pattern: str) -> str:
        if language.code() == "en":
            pattern = pattern.replace(".", ":")
        return format_datetime(moment, pattern, locale=language.code())


def day(milliseconds: int) -> str:
    """A calendar day that is kept as its midnight in UTC."""
    return format_date(datetime.fromtimestamp(milliseconds / 1000, UTC), "d MMM y", locale=language.code())


def spoken_time(meant: str) -> str:
    """The time a report tells (`waktu`: an ISO 8601 date, time or interval, local), never more exact than it was said."""
    first, interval, last = meant.partition("/")
    if not interval:
        return _moment(first, _("%(day)s sekitar %(time)s"))
    exactly = _("%(day)s %(time)s")
    return _("antara %(first)s dan %(last)s", first=_moment(first, exactly), last=_moment(last, exactly))


def _moment(meant: str, pattern: str) -> str:
    try:
        moment = datetime.fromisoformat(meant)
    except ValueError:
        return visible(meant)
    date = format_date(moment, "d MMM y", locale=language.code())
    if "T" not in meant:
        return date
    return pattern % {"day": date, "time": f"{moment:%H:%M}" if language.code() == "en" else f"{moment:%H.%M}"}


def age(milliseconds: int | None, now: float) -> str:
    """How long ago, in one unit; `?` where unknown, and 'just now' for times ahead of the clock."""
    if milliseconds is None:
        return "?"
    seconds = int(now - milliseconds / 1000)
    if seconds < _MINUTE:
        return _("baru saja")
    if seconds < _HOUR:
        return ngettext("%(num)d menit lalu", "%(num)d menit lalu", seconds // _MINUTE)
    if seconds < 2 * _DAY:
        return ngettext("%(num)d jam lalu", "%(num)d jam lalu", seconds // _HOUR)
    return ngettext("%(num)d hari lalu", "%(num)d hari lalu", seconds // _DAY)


def village(region: Region, code: Any) -> str:
    """Name of a village or kecamatan by its code; `?` where unknown, the code where it is not of this region."""
    if not code:
        return "?"
    place = region.by_code.get(str(code))
    return place.name if place else visible(str(code))


def candidate(region: Region, code: Any) -> str:
    """A doubt's candidate: places with their kecamatan, because names repeat; anything else as it is."""
    place = region.by_code.get(str(code))
    if place is None:
        return visible(str(code))
    parent = region.by_code.get(place.parent)
    return f"{place.title} ({parent.name})" if parent else place.title


def _visible_letter(letter: str) -> str:
    if letter in _KEPT or unicodedata.category(letter) not in ("Cc", "Cf", "Co", "Cs"):
        return letter
    return "" if letter == "\r" else f"⟨U+{ord(letter):04X}⟩"
