"""From the modem's store to the inbox: list, keep durably, only then delete (promise P1). Also what comes directly.

What is no hexadecimal text is no PDU but noise on the line, or a modem that forgot its mode: it is never deleted, for the
message still lies there, and kept only when it is read the same way twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from config.failpoint import reach
from config.settings import Modem as ModemSettings
from modem.types import Modem, ModemRefused, StoredPdu

from .store import inbox
from .store.database import Store

DELETE_REST_CEILING_SECONDS = 120.0
"""Longest pause between two readings of a store that refuses to delete: everything in it is listed again each time."""
REFUSES_TO_DELETE = "Modem menolak menghapus SMS yang sudah disimpan; bila SIM penuh, hapus lewat ponsel."
FULL_AND_REFUSES = (
    "Kartu SIM penuh dan modem menolak menghapus: SMS baru tidak bisa masuk. Kosongkan kartu lewat ponsel."
)

log = structlog.get_logger("modem")


class Collector:
    """Empties one modem's store. Only that modem's thread uses it. `on_stored` is called after PDUs became durable."""

    def __init__(
        self,
        key: str,
        store: Store,
        settings: ModemSettings,
        *,
        clock: Callable[[], int],
        on_stored: Callable[[], None],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = key
        self._store = store
        self._settings = settings
        self._clock = clock
        self._on_stored = on_stored
        self._tick = tick
        self._due = 0.0
        self._announces = True
        """False once a poll found what was never announced, until something is."""
        self._refusals = 0
        """Readings in a row after which the modem refused to delete."""
        self._unreadable: set[StoredPdu] = set()
        """What the last reading gave that was no PDU."""
        self._noisy = 0
        """Readings in a row with such in them."""
        self._unkept: list[StoredPdu] = []
        """Came directly and could not be written: nowhere else on this laptop."""
        self.last_arrival_at: float | None = None
        """When something new came last, in ticks."""

    @property
    def refuses_to_delete(self) -> bool:
        """Whether the modem refused when it was asked last."""
        return self._refusals > 0

    @property
    def due(self) -> float:
        """When the whole store is to be read next, in ticks."""
        return self._due

    def poll_now(self) -> None:
        """The SIM is full, say: do not wait for the next poll, unless deleting is refused anyway."""
        if not self._refusals:
            self._due = self._tick()

    def announced(self, modem: Modem, storage: str) -> None:
        """A message was announced: read the storage it is in, or all where the modem does not say."""
        self._announces = True
        self._collect(modem, storage)

    def poll(self, modem: Modem, *, opening: bool = False) -> None:
        """Read every storage. What is found while the modem should have announced it shows that it does not."""
        new = self._collect(modem, "")
        if new and not opening and modem.notifies:
            self._announces = False
        self._due = self._tick() + self._pause(modem)

    def came_directly(self, modem: Modem, stored: StoredPdu) -> None:
        """Keep what the modem handed over without storing it, and only then say so to the network."""
        self._unkept.append(stored)
        self.keep_unkept()
        reach("inbox.direct.kept")
        if not _is_hexadecimal(stored):
            return  # the network delivers it once more
        try:
            modem.acknowledge()
        except ModemRefused:  # it is kept; delivered again it is the same message (P3)
            log.info("the modem refused an acknowledgement", modem=self._key)

    def keep_unkept(self) -> None:
        """Write what came directly; what fails stays in memory for the next time."""
        if self._unkept:
            self._keep(self._unkept)
            self._unkept = []

    def _collect(self, modem: Modem, storage: str) -> int:
        """How many new PDUs a reading brought."""
        listed = modem.list_stored(storage)
        stored = self._without_noise(listed)
        if not stored:
            self._refusals = 0
            return 0
        new = self._keep(stored)
        try:
            modem.delete([pdu for pdu in stored if _is_hexadecimal(pdu)])
            self._refusals = 0
        except ModemRefused:
            # They are read again and again but kept once (P3); sending must go on meanwhile.
            self._refusals += 1
        reach("inbox.deleted")
        if new:
            log.info("emptied the modem's store", modem=self._key, pdus=len(stored), new=new)
        return new

    def _without_noise(self, listed: list[StoredPdu]) -> list[StoredPdu]:
        before, self._unreadable = self._unreadable, {pdu for pdu in listed if not _is_hexadecimal(pdu)}
        if self._unreadable:
            self._noisy += 1
            self._due = min(self._due, self._tick() + self._settings.quick_poll_seconds)
        else:
            self._noisy = 0
        return [pdu for pdu in listed if pdu not in self._unreadable or pdu in before]

    def _keep(self, stored: list[StoredPdu]) -> int:
        with self._store.write() as session:
            new = inbox.keep(session, stored, self._key, self._clock())
            reach("inbox.before_commit")
        reach("inbox.after_commit")
        if new:
            self.last_arrival_at = self._tick()
            self._on_stored()
        return new

    def _pause(self, modem: Modem) -> float:
        silent = not (modem.notifies and self._announces)
        usual = self._settings.quick_poll_seconds if silent else self._settings.poll_seconds
        if self._noisy:
            usual = min(self._settings.poll_seconds, self._settings.quick_poll_seconds * 2.0**self._noisy)
        if not self._refusals:
            return usual
        return max(usual, min(DELETE_REST_CEILING_SECONDS, usual * 2.0**self._refusals))


def _is_hexadecimal(pdu: StoredPdu) -> bool:
    try:
        return len(bytes.fromhex(pdu.hex)) > 0
    except ValueError:
        return False
