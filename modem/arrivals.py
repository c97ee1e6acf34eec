"""How a modem tells of new messages (3GPP TS 27.005 3.4): stored and announced where it can, else handed over directly.

A message handed over is nowhere else until it is acknowledged, so direct delivery is only for modems that know nothing better.
Cell broadcasts are not asked for; status reports are, stored before handed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from .answers import NO_ACKNOWLEDGEMENT_EXPECTED, groups, numbers_of
from .at_line import AtLine

_STORED = ("2,1,0,2,0", "2,1,0,1,0", "2,1,0,0,0", "2,1", "1,1,0,1,0", "1,1")
_DIRECT = ("2,2,0,1,0", "2,2,0,0,0", "2,2", "1,2")
"""Arguments of AT+CNMI (27.005 3.4.1) for a modem that does not tell what it takes, from the best to the most modest."""
_ACKNOWLEDGEMENTS = ("AT+CNMA=0", "AT+CNMA")
"""27.005 3.4.4: the first is the form of PDU mode; some modems know the second only."""


class Arrivals:
    """The announcing of one modem. `notifies`: whether there is any."""

    def __init__(self, at: AtLine) -> None:
        self._at = at
        self._setting = ""
        self._direct = False
        self._waits_for_us = False
        self._acknowledgement: str | None = None
        self.notifies = False

    def choose(self) -> None:
        """Find the best setting that the modem takes."""
        test = self._at.optional("AT+CNMI=?")
        if test is None:  # a modem that does not even answer the question is not asked ten more
            return
        stored, direct = _settings(next(iter(test.values("+CNMI")), ""))
        self._setting = self._first_taken(stored)
        if not self._setting:
            # With service 1 the modem keeps a message with the network until we acknowledge it (27.005 3.2.1).
            phase_2_plus = self._at.lines("AT+CSMS=1") is not None
            self._setting = self._first_taken(direct)
            self._direct = bool(self._setting)
            self._waits_for_us = phase_2_plus and self._direct
        elif self._setting.split(",")[3:4] == ["1"]:
            self._waits_for_us = (self._at.value("AT+CSMS?", "+CSMS") or "").startswith("1")
        self.notifies = bool(self._setting)

    def renew(self) -> None:
        """Make the setting again: a restart forgets it, and a missed acknowledgement switches it off (27.005 3.4.4)."""
        if self._direct and self._waits_for_us:
            self._at.optional("AT+CSMS=1")
        if self._setting:
            self._at.optional(f"AT+CNMI={self._setting}")

    def acknowledge(self) -> None:
        """Say that one message handed over is kept. Where the modem knows no way to, its routing is switched on again."""
        if not self._waits_for_us:
            return
        for command in (self._acknowledgement,) if self._acknowledgement else _ACKNOWLEDGEMENTS:
            answer = self._at.command(command)
            if answer.ok:
                self._acknowledgement = command
                return
            if answer.code == NO_ACKNOWLEDGEMENT_EXPECTED:
                break
        self.renew()

    def _first_taken(self, settings: tuple[str, ...]) -> str:
        for setting in settings:
            answer = self._at.optional(f"AT+CNMI={setting}")
            if answer is None:
                return ""
            if answer.ok:
                return setting
        return ""


def _settings(offered: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Settings that store and announce, and settings that hand over, best first, among those offered (`(0-2),(0-3),…`)."""
    fields = [numbers_of(group) for group in groups(offered)]
    if len(fields) < 4 or not all(fields):
        return _STORED, _DIRECT
    modes, arrivals, broadcasts, reports = fields[:4]
    # 2: announced at once, or when the line is free; 3 mixes announcements into data; 0 would keep them in the modem.
    mode = next((mode for mode in (2, 1, 3) if mode in modes), None)
    if mode is None:
        return _STORED, _DIRECT

    def each(arrival: int, kinds: tuple[int, ...]) -> Iterator[str]:
        for report in kinds if arrival in arrivals else ():
            if report in reports:
                ends = [min(broadcasts), report, *(min(field) for field in fields[4:5])]
                yield ",".join(map(str, [mode, arrival, *ends]))

    return tuple(each(1, (2, 1, 0))), tuple(each(2, (1, 0)))
