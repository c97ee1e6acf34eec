"""What the running service shows of itself: threads post, pages read. Nothing here lasts; the database does."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from modem.types import ModemState, ModemStatus


class SyncPhase(StrEnum):
    """Where the sync stands."""

    UNENROLLED = "unenrolled"
    IDLE = "idle"
    SENDING = "sending"
    WAITING = "waiting"
    """After a failure, until `next_try_at`."""
    REFUSED = "refused"
    """The central does not know our key (401/403): collecting goes on, sending stopped."""
    ALARM = "alarm"
    """This laptop's data was restored or copied; a new epoch was begun."""


@dataclass(frozen=True)
class SyncStatus:
    """State of the sync for people. Times in milliseconds since 1970, None is never."""

    phase: SyncPhase = SyncPhase.UNENROLLED
    sentence: str = "Belum terdaftar di pusat."
    """One sentence, Bahasa Indonesia: what is the matter and what to do."""
    last_success_at: int | None = None
    next_try_at: int | None = None


_NOT_SOUGHT = ModemStatus(ModemState.ABSENT, "Modem belum dicari.")
_WORST_FIRST = (
    ModemState.ABSENT,
    ModemState.HUNG,
    ModemState.NO_SIM,
    ModemState.PIN_NEEDED,
    ModemState.DENIED,
    ModemState.FULL,
    ModemState.RESETTING,
    ModemState.OPENING,
    ModemState.SEARCHING,
    ModemState.READY,
)


@dataclass
class Board:
    """Latest states of the threads, and a counter that moves whenever something worth showing changed."""

    _lock: threading.Condition = field(default_factory=threading.Condition)
    _modems: Mapping[str, ModemStatus] = field(default_factory=dict)
    _names: Mapping[str, str] = field(default_factory=dict)
    _warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _sync: SyncStatus = field(default_factory=SyncStatus)
    _change: int = 0

    @property
    def modems(self) -> Mapping[str, ModemStatus]:
        """Latest state of every modem by its key (`ModemRecord.key`), in the order of the settings. Never changed: replaced."""
        return self._modems

    @property
    def modem(self) -> ModemStatus:
        """One state for all modems: the worst, of equals the first."""
        return min(self._modems.values(), key=lambda status: _WORST_FIRST.index(status.state), default=_NOT_SOUGHT)

    @property
    def names(self) -> Mapping[str, str]:
        """What people call each modem, by key."""
        return self._names

    @property
    def warnings(self) -> Mapping[str, tuple[str, ...]]:
        """Sentences about each modem's SIM (credit, validity, swapped), by key."""
        return self._warnings

    @property
    def sync(self) -> SyncStatus:
        """Latest state of the sync."""
        return self._sync

    @property
    def change(self) -> int:
        """Moves on with every change; a page that knows this number is up to date."""
        return self._change

    def expect_modems(self, names: Mapping[str, str]) -> None:
        """Say which modems there are, by key and name, before the first of them posts."""
        with self._lock:
            self._names = dict(names)
            self._modems = {key: self._modems.get(key, _NOT_SOUGHT) for key in names}
            self._changed()

    def post_modem(self, status: ModemStatus, key: str = "modem") -> None:
        """Show a new state of a modem."""
        with self._lock:
            if status != self._modems.get(key):
                self._modems = {**self._modems, key: status}
                self._changed()

    def post_warnings(self, key: str, sentences: Iterable[str]) -> None:
        """Show what should be known of a modem's SIM; replaces what was said before."""
        with self._lock:
            said = tuple(sentences)
            if said != self._warnings.get(key, ()):
                self._warnings = {**self._warnings, key: said}
                self._changed()

    def post_sync(self, status: SyncStatus) -> None:
        """Show a new sync state."""
        with self._lock:
            if status != self._sync:
                self._sync = status
                self._changed()

    def touch(self) -> None:
        """Say that the database changed."""
        with self._lock:
            self._changed()

    def wait_for_change(self, known: int, timeout: float) -> int:
        """Sleep until `change` differs from `known` or `timeout` seconds pass; returns it."""
        with self._lock:
            self._lock.wait_for(lambda: self._change != known, timeout)
            return self._change

    def _changed(self) -> None:
        self._change += 1
        self._lock.notify_all()
