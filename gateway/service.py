"""The gateway on a laptop: its threads, and the whole way of a message through them.

    modem threads     SIM ─▶ inbox (raw PDU, durable) ─▶ delete from SIM              collecting.py, store/inbox.py
    processor thread  inbox ─▶ decode ─▶ join ─▶ understand ─▶ report + reply + ledger  store/inbox.py, processing.py
    modem threads     outgoing ─▶ one of the modems ─▶ SMS                             sending.py, routing.py, store/outgoing.py
    processor thread  delivery report ─▶ what became of an SMS                         delivery.py
    processor thread  long not heard of ─▶ "still you?" in outgoing                   registry/still_you.py
    sync thread       ledger ─▶ frames ─▶ central                                      sync/worker.py (started by the CLI)

A modem thread's life (open, serve, come back after a fault) is in modem_loop.py.

Each step commits, then wakes the next; a slow poll stands behind every wake-up, so a lost one costs seconds, not data.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from config.settings import Settings

from . import fleet, numbers
from .board import Board
from .modem_loop import ModemLoop, ModemSource
from .processing import Processor
from .registry import Registry
from .registry.desk import PeopleDesk
from .reports.knowledge import Knowledge
from .store import inbox, ledger, outgoing
from .store.database import Store

POLL_SECONDS = 5.0
"""How long the processor sleeps when nobody wakes it."""
STOP_SECONDS = 8.0
"""How long the threads may take to finish: an SMS that is just being sent takes the network three to five seconds."""
INTERRUPTED_SECONDS = 2.0
"""The same once their modems were interrupted."""
FAULT_SECONDS = 1.0
"""Pause after a fault of the processor (a full disk, say) before it tries again."""

log = structlog.get_logger("gateway")


def now_milliseconds() -> int:
    """The laptop's clock."""
    return time.time_ns() // 1_000_000


def _join(threads: Sequence[threading.Thread], seconds: float) -> None:
    """Wait for these to end, so long at most for all together."""
    end = time.monotonic() + seconds
    for thread in threads:
        if thread.is_alive():
            thread.join(max(0.0, end - time.monotonic()))


class SyncLink(Protocol):
    """What the gateway needs of the sync (`sync.worker.SyncWorker`): both return at once, from any thread."""

    def wake(self, urgent: bool = False) -> None:
        """Ledger entries were committed; `urgent` ones are tried at once."""

    def sync_now(self) -> None:
        """A person asked for a sync."""


class Gateway:
    """One laptop's service: give it its modems and an open store, then `start` and `stop`.

    `sync` is set by who puts the parts together; None as long as no central is wanted.
    """

    def __init__(
        self,
        store: Store,
        modems: Sequence[ModemSource],
        knowledge: Knowledge,
        settings: Settings,
        *,
        board: Board | None = None,
        clock: Callable[[], int] = now_milliseconds,
    ) -> None:
        self.store = store
        self.board = board or Board()
        self.sync: SyncLink | None = None
        self._settings = settings
        self._clock = clock
        self._processor = Processor(store, knowledge, settings, clock, on_credit=self._credit_learnt)
        self.people = PeopleDesk(store, Registry(knowledge, settings), clock, on_change=self._people_changed)
        self._awake = threading.Event()
        self._stopping = threading.Event()
        names = fleet.names(settings)
        self.board.expect_modems({source.key: names.get(source.key, source.key) for source in modems})
        together = fleet.Fleet({source.key: source.line for source in modems})
        self._loops = {
            source.key: ModemLoop(
                source, store, self.board, settings, together, clock=clock, on_stored=self._awake.set
            )
            for source in modems
        }  # fmt: skip
        self._thread = threading.Thread(target=self._run, name="processor", daemon=True)

    def start(self) -> None:
        """Finish what the last run left, then begin."""
        aside = inbox.recover(self.store)
        with self.store.write() as session:
            ledger.sync_state(session)
            interrupted = outgoing.recover(session, self._clock(), self._settings.sending.attempts)
        if aside or interrupted:
            log.warning("recovered after an interruption", set_aside=aside, sms_interrupted=interrupted)
        self._thread.start()
        for loop in self._loops.values():
            loop.start()

    def stop(self) -> None:
        """End the threads; what is under way is finished or repeated at the next start."""
        self._stopping.set()
        self._awake.set()
        for loop in self._loops.values():
            loop.stop()
        threads = (self._thread, *self._loops.values())
        _join(threads, STOP_SECONDS)
        for loop in self._loops.values():
            loop.interrupt()
        _join(threads, INTERRUPTED_SECONDS)

    def process_waiting(self) -> bool:
        """Decode, join and understand everything that is waiting; True if there was anything."""
        worked = False
        while decoded := inbox.decode_new(self.store).looked_at:
            worked = bool(decoded)
        wait = int(self._settings.messages.parts_wait_seconds * 1000)
        inbox.release_overdue(self.store, self._clock(), wait)
        while (processed := self._processor.process_next()) is not None:
            worked = True
            self._wake_modems()
            if self.sync is not None:
                self.sync.wake(processed.urgent)
        return worked

    def send_sms(self, number: str, text: str) -> int:
        """Queue an SMS typed by a person; returns its id. Raises ValueError with the sentence to show."""
        recipient = numbers.check_recipient(number)
        id_ = outgoing.queue_typed(self.store, recipient, text, self._clock())
        self._wake_modems()
        self.board.touch()
        return id_

    def sync_now(self) -> None:
        """Start a sync without waiting for its time."""
        if self.sync is not None:
            self.sync.sync_now()

    def retry_pdu(self, pdu_id: int) -> None:
        """Decode a kept PDU once more."""
        inbox.retry(self.store, pdu_id)
        self._awake.set()

    def _wake_modems(self) -> None:
        for loop in self._loops.values():
            loop.wake()

    def _people_changed(self) -> None:
        """An SMS may have been queued, ledger entries were written, and pages show something else."""
        self._wake_modems()
        if self.sync is not None:
            self.sync.wake()
        self.board.touch()

    def _look_after_people(self) -> None:
        if self.people.look_after():
            self._people_changed()

    def _credit_learnt(self, modem: str) -> None:
        if modem in self._loops:
            self._loops[modem].credit_learnt()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                if self.process_waiting():
                    self.board.touch()
                self._look_after_people()
            except Exception:
                log.exception("processing failed and is tried again")
                self._stopping.wait(FAULT_SECONDS)
                continue
            self._awake.wait(POLL_SECONDS)
