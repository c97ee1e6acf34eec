"""The thread that owns a modem: empties its store into the inbox, sends what is due, and comes back after every fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from config.failpoint import reach
from config.settings import Settings
from modem import pdu
from modem.types import (
    Fault,
    Modem,
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemState,
    ModemStatus,
    PduError,
    PinNeeded,
    SimMissing,
    StoredPdu,
)

from .board import Board
from .store import inbox, outgoing
from .store.database import Store
from .store.models import Outgoing, OutgoingState

QUEUE_POLL_SECONDS = 2.0
"""How soon an SMS queued by another process (`waspada send`) is noticed."""
STATUS_SECONDS = 60.0
"""How often signal and store fill are asked for when nothing else happens."""
NETWORK_DOWN_SECONDS = 15.0
"""How long an SMS rests that could not be tried for want of modem, SIM or network."""
_FAULT = "Ada gangguan pada laptop ini (mungkin disk penuh); SMS tetap di kartu SIM, dan Waspada mencoba lagi sendiri."

log = structlog.get_logger("modem")


class ModemLoop(threading.Thread):
    """Supervises one modem. `on_stored` is called after PDUs became durable. `clock`: milliseconds since 1970."""

    def __init__(
        self,
        modem: Modem,
        store: Store,
        board: Board,
        settings: Settings,
        *,
        port: str,
        clock: Callable[[], int],
        on_stored: Callable[[], None],
    ) -> None:
        super().__init__(name="modem", daemon=True)
        self._modem = modem
        self._store = store
        self._board = board
        self._settings = settings
        self._port = port
        self._clock = clock
        self._on_stored = on_stored
        self._stopping = threading.Event()
        self._label = ""
        self._trouble = ""
        self._status_due = 0.0
        self._drain_due = 0.0
        self._rest_until = 0.0

    def wake(self) -> None:
        """There is something to send."""
        self._modem.wake()

    def stop(self) -> None:
        """End the thread; it is gone when `join` returns."""
        self._stopping.set()
        self._modem.wake()

    def run(self) -> None:
        """Open, serve, and after any fault close and open again, for ever, with growing pauses up to the ceiling."""
        pause = self._settings.modem.reopen_seconds
        while not self._stopping.is_set():
            try:
                self._modem.open()
                pause = self._settings.modem.reopen_seconds
                self._serve()
            except ModemError as error:
                self._show_fault(error)
            except Exception:
                log.exception("the modem thread failed and starts again")
                self._board.post_modem(ModemStatus(ModemState.HUNG, _FAULT, port=self._port))
            self._modem.close()
            self._stopping.wait(pause)
            pause = min(pause * 2, self._settings.modem.reopen_max_seconds)

    def _serve(self) -> None:
        self._recover_interrupted()
        self._show_status()
        self._drain()
        while not self._stopping.is_set():
            sent = self._send_next()
            if self._tick() >= self._status_due:
                self._show_status()
            notification = self._modem.wait(0 if sent else self._seconds_to_wait())
            if notification is None or notification.what == "arrived":
                if notification is not None or self._tick() >= self._drain_due:
                    self._drain()
            elif notification.what == "delivered" and notification.stored:
                self._keep([notification.stored])

    def _recover_interrupted(self) -> None:
        """An SMS whose end could not be written (disk full, say) must not stay `attempted` until the next start."""
        with self._store.read() as session:
            if not outgoing.any_interrupted(session):
                return
        with self._store.write() as session:
            outgoing.recover(session, self._clock(), self._settings.sending.attempts)

    def _drain(self) -> None:
        """Store the whole listing durably, and only then delete it from the SIM (promise P1)."""
        self._drain_due = self._tick() + self._settings.modem.poll_seconds
        stored = self._modem.list_stored()
        if not stored:
            return
        self._keep(stored)
        try:
            self._modem.delete(stored)
            self._trouble = ""
        except ModemRefused:
            # They are read again and again but kept once (P3); sending must go on meanwhile.
            self._trouble = "Modem menolak menghapus SMS yang sudah disimpan; bila SIM penuh, hapus lewat ponsel."
            self._status_due = 0.0
        reach("inbox.deleted")
        log.info("emptied the modem's store", pdus=len(stored))

    def _keep(self, stored: list[StoredPdu]) -> None:
        with self._store.write() as session:
            inbox.keep(session, stored, self._label, self._clock())
            reach("inbox.before_commit")
        reach("inbox.after_commit")
        self._on_stored()

    def _send_next(self) -> bool:
        """Send the SMS that is due; True if there was one."""
        if self._tick() < self._rest_until:
            return False
        with self._store.read() as session:
            if outgoing.next_due(session, self._clock()) is None:
                return False
        with self._store.write() as session:
            row = outgoing.next_due(session, self._clock())
            if row is None:
                return False
            outgoing.mark_attempted(session, row)
        reach("outgoing.attempted")
        try:
            self._submit(row)
        except PduError as error:
            self._finish(row, OutgoingState.FAILED, str(error))
        except ModemRefused as error:
            self._failed(row, error)
        except ModemError as error:
            self._finish_unanswered(row, error)
            raise
        else:
            reach("outgoing.sent")
            self._finish(row, OutgoingState.SENT, "")
            if self._settings.sending.pause_seconds:
                self._stopping.wait(self._settings.sending.pause_seconds)
        return True

    def _submit(self, row: Outgoing) -> None:
        pdus = pdu.submit(row.recipient, row.text, reference=row.id & 0xFF)
        for number, part in enumerate(pdus):
            if number < row.parts_sent:
                continue  # sent before the network failed on a later part
            self._modem.send(part)
            row.parts_sent = number + 1

    def _failed(self, row: Outgoing, error: ModemRefused) -> None:
        """The network said no: later again, or never, by the kind of error and the tries left."""
        if error.fault is Fault.NO_SERVICE:
            self._rest_until = self._tick() + NETWORK_DOWN_SECONDS  # the next SMS would fail the same way
            self._not_tried(row, error)
            return
        if not error.retryable or row.attempts >= self._settings.sending.attempts:
            self._finish(row, OutgoingState.FAILED, error.operator)
            return
        wait = self._settings.sending.retry_seconds * 2 ** (row.attempts - 1)
        with self._store.write() as session:
            kept = session.merge(row)
            outgoing.try_later(kept, error.operator, self._clock() + int(wait * 1000))
        self._board.touch()

    def _finish_unanswered(self, row: Outgoing, error: ModemError) -> None:
        """The modem vanished or fell silent. Once the PDU was handed over nobody knows whether it left (promise P7)."""
        if not error.submitted:
            self._not_tried(row, error)
        elif row.purpose != "alert" or row.attempts >= self._settings.sending.attempts:
            self._finish(row, OutgoingState.UNCERTAIN, error.operator)
        else:
            self._put_off(row, error)

    def _not_tried(self, row: Outgoing, error: ModemError) -> None:
        """Modem, SIM or network are missing: this is no try of the SMS, which waits for as long as they do (P10)."""
        row.attempts -= 1
        self._put_off(row, error)

    def _put_off(self, row: Outgoing, error: ModemError) -> None:
        with self._store.write() as session:
            outgoing.try_later(session.merge(row), error.operator, self._clock() + int(NETWORK_DOWN_SECONDS * 1000))
        self._board.touch()

    def _finish(self, row: Outgoing, state: OutgoingState, error: str) -> None:
        with self._store.write() as session:
            outgoing.finish(session, session.merge(row), state, self._clock(), error=error)
        self._board.touch()

    def _show_status(self) -> None:
        self._status_due = self._tick() + STATUS_SECONDS
        status = self._modem.status()
        self._label = (status.imei or "")[-4:]
        self._board.post_modem(replace(status, sentence=self._trouble) if self._trouble else status)

    def _show_fault(self, error: ModemError) -> None:
        state = ModemState.HUNG
        if isinstance(error, ModemAbsent):
            state = ModemState.ABSENT
        elif isinstance(error, PinNeeded):
            state = ModemState.PIN_NEEDED
        elif isinstance(error, SimMissing):
            state = ModemState.NO_SIM
        if self._board.modem.state != state:
            log.warning("modem not usable", state=str(state), reason=type(error).__name__)
        self._board.post_modem(ModemStatus(state, error.operator, port=self._port))

    def _seconds_to_wait(self) -> float:
        due = min(self._drain_due - self._tick(), self._status_due - self._tick(), QUEUE_POLL_SECONDS)
        if self._tick() < self._rest_until:
            return max(0.0, due)
        with self._store.read() as session:
            next_at = outgoing.next_due_at(session)
        if next_at is not None:
            due = min(due, (next_at - self._clock()) / 1000)
        return max(0.0, due)

    @staticmethod
    def _tick() -> float:
        return time.monotonic()
