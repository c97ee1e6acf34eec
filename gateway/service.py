"""The gateway on a laptop: its threads, and the whole way of a message through them.

    modem thread      SIM ─▶ inbox (raw PDU, durable) ─▶ delete from SIM              modem_loop.py, store/inbox.py
    processor thread  inbox ─▶ decode ─▶ join ─▶ understand ─▶ report + reply + ledger  store/inbox.py, processing.py
    modem thread      outgoing ─▶ SMS                                                  modem_loop.py, store/outgoing.py
    sync thread       ledger ─▶ frames ─▶ central                                      sync/worker.py (started by the CLI)

Each step commits, then wakes the next; a slow poll stands behind every wake-up, so a lost one costs seconds, not data.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from config.settings import Settings
from modem.types import Modem

from . import numbers
from .board import Board
from .modem_loop import ModemLoop
from .processing import Processor
from .reports.knowledge import Knowledge
from .store import inbox, ledger, outgoing
from .store.database import Store

POLL_SECONDS = 5.0
"""How long the processor sleeps when nobody wakes it."""
FAULT_SECONDS = 1.0
"""Pause after a fault of the processor (a full disk, say) before it tries again."""

log = structlog.get_logger("gateway")


def now_milliseconds() -> int:
    """The laptop's clock."""
    return time.time_ns() // 1_000_000


class SyncLink(Protocol):
    """What the gateway needs of the sync (`sync.worker.SyncWorker`): both return at once, from any thread."""

    def wake(self, urgent: bool = False) -> None:
        """Ledger entries were committed; `urgent` ones are tried at once."""

    def sync_now(self) -> None:
        """A person asked for a sync."""


class Gateway:
    """One laptop's service: give it a modem and an open store, then `start` and `stop`.

    `sync` is set by who puts the parts together; None as long as no central is wanted.
    """

    def __init__(
        self,
        store: Store,
        modem: Modem,
        knowledge: Knowledge,
        settings: Settings,
        *,
        port: str = "",
        board: Board | None = None,
        clock: Callable[[], int] = now_milliseconds,
    ) -> None:
        self.store = store
        self.board = board or Board()
        self.sync: SyncLink | None = None
        self._settings = settings
        self._clock = clock
        self._processor = Processor(store, knowledge, settings, clock)
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._modem_loop = ModemLoop(
            modem, store, self.board, settings, port=port, clock=clock, on_stored=self._awake.set
        )
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
        self._modem_loop.start()

    def stop(self) -> None:
        """End the threads; what is under way is finished or repeated at the next start."""
        self._stopping.set()
        self._awake.set()
        self._modem_loop.stop()
        for thread in (self._thread, self._modem_loop):
            if thread.is_alive():
                thread.join(timeout=10)

    def process_waiting(self) -> bool:
        """Decode, join and understand everything that is waiting; True if there was anything."""
        worked = False
        while decoded := inbox.decode_new(self.store).looked_at:
            worked = bool(decoded)
        wait = int(self._settings.messages.parts_wait_seconds * 1000)
        inbox.release_overdue(self.store, self._clock(), wait)
        while (processed := self._processor.process_next()) is not None:
            worked = True
            self._modem_loop.wake()
            if self.sync is not None:
                self.sync.wake(processed.urgent)
        return worked

    def send_sms(self, number: str, text: str) -> int:
        """Queue an SMS typed by a person; returns its id. Raises ValueError with the sentence to show."""
        recipient = numbers.check_recipient(number)
        id_ = outgoing.queue_typed(self.store, recipient, text, self._clock())
        self._modem_loop.wake()
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

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                if self.process_waiting():
                    self.board.touch()
            except Exception:
                log.exception("processing failed and is tried again")
                self._stopping.wait(FAULT_SECONDS)
                continue
            self._awake.wait(POLL_SECONDS)
