"""All modems of this laptop, as their threads tell of them, so that each SMS goes to one of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping

from config.settings import ModemLine, Settings

from .routing import Candidate, Readiness

FIRST = "modem"
"""Key of the first modem (`ModemRecord.key`)."""
GONE_SECONDS = 3600.0
"""A modem that could not send for so long is gone for good for an SMS half of which it had sent."""
ALERT_GONE_SECONDS = 120.0
"""The same for an alert, which is sent again from its first part rather than late."""


def keys(settings: Settings) -> dict[str, ModemLine]:
    """Every modem of the settings by its key: `modem`, `modem.more.1`, `modem.more.2` …"""
    return {f"{FIRST}.more.{place}" if place else FIRST: line for place, line in enumerate(settings.modem.lines)}


def names(settings: Settings) -> dict[str, str]:
    """What the pages call each modem, by key."""
    return {key: line.name or f"Modem {place}" for place, (key, line) in enumerate(keys(settings).items(), start=1)}


class Fleet:
    """Who may send and who can now. Every thread may use it. `tick`: seconds of a clock that never goes back."""

    def __init__(self, lines: Mapping[str, ModemLine], tick: Callable[[], float] = time.monotonic) -> None:
        self._lines = dict(lines)
        self._tick = tick
        self._lock = threading.Lock()
        self._readiness = dict.fromkeys(self._lines, Readiness.AWAY)
        self._away_since = dict.fromkeys(self._lines, tick())

    @property
    def any_sends(self) -> bool:
        """Whether the settings let any modem send at all."""
        return any(self.sends(key) for key in self._lines)

    def sends(self, key: str) -> bool:
        """Whether this modem is one for sending."""
        line = self._lines.get(key)
        return line is not None and line.role != "receive"

    def tell(self, key: str, readiness: Readiness) -> None:
        """Say how ready a modem is."""
        with self._lock:
            if readiness is not Readiness.AWAY:
                self._away_since[key] = self._tick()
            self._readiness[key] = readiness

    def candidates(self, used: Mapping[str, int], busy: Collection[str] = ()) -> list[Candidate]:
        """All modems in the order of the settings; `used`: parts each took lately; `busy`: who is sending now."""
        with self._lock:
            return [
                Candidate(key, self.sends(key), line.prefixes, self._readiness[key], used.get(key, 0), key in busy)
                for key, line in self._lines.items()
            ]

    def gone(self, key: str, patience: float = GONE_SECONDS) -> bool:
        """Whether an SMS need not wait for this modem any more: not in the settings, not for sending, or away for longer
        than `patience` seconds."""
        with self._lock:
            return not self.sends(key) or self._tick() - self._away_since[key] > patience
