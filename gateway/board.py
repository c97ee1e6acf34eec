"""What the running service shows of itself: threads post, pages read. Nothing here lasts; the database does."""

from __future__ import annotations

import threading
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


@dataclass
class Board:
    """Latest states of the threads, and a counter that moves whenever something worth showing changed."""

    _lock: threading.Condition = field(default_factory=threading.Condition)
    _modem: ModemStatus = field(default_factory=lambda: ModemStatus(ModemState.ABSENT, "Modem belum dicari."))
    _sync: SyncStatus = field(default_factory=SyncStatus)
    _change: int = 0

    @property
    def modem(self) -> ModemStatus:
        """Latest state of the modem."""
        return self._modem

    @property
    def sync(self) -> SyncStatus:
        """Latest state of the sync."""
        return self._sync

    @property
    def change(self) -> int:
        """Moves on with every change; a page that knows this number is up to date."""
        return self._change

    def post_modem(self, status: ModemStatus) -> None:
        """Show a new modem state."""
        with self._lock:
            if status != self._modem:
                self._modem = status
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
