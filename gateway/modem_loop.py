"""The thread that owns a modem: opens it, empties its store into the inbox, sends what is due, comes back after every fault.

What follows which fault stands in `modem/life.py`; here the steps are done. Receiving is in `collecting.py`, sending in
`sending.py`, what the operator sees in `standing.py`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from config.settings import ModemLine, Settings
from modem.life import Event, Life, Step, event_of_error, event_of_status
from modem.types import Interruptible, Modem, ModemAbsent, ModemError, ModemState, ModemStatus, Notification

from .balance import BalanceQuestion
from .board import Board
from .collecting import FULL_AND_REFUSES, REFUSES_TO_DELETE, Collector
from .fleet import Fleet
from .routing import Readiness
from .sending import NOBODY_SENDS, Sender
from .standing import Standing
from .store import outgoing
from .store.database import Store

QUEUE_POLL_SECONDS = 2.0
"""How soon an SMS queued by another process (`waspada send`) is noticed."""
STATUS_SECONDS = 60.0
"""How often signal and store fill are asked for when nothing else happens."""
SEARCH_STATUS_SECONDS = 10.0
"""The same without network: its return frees the queue."""
LONGEST_SEARCH_SECONDS = 7200.0
"""Without network, the modem is restarted at least this often."""
_FAULT = "Ada gangguan pada laptop ini (mungkin disk penuh); SMS tetap di kartu SIM, dan Waspada mencoba lagi sendiri."
_NOT_FOUND = "Modem tidak ditemukan. Colokkan modem; Waspada terus mencari."
_LOST_LONG = "Lama tanpa jaringan; modem disetel ulang. Pindahkan modem ke tempat bersinyal."
_RESTARTED = "Modem memulai ulang sendiri dan disiapkan lagi. Bila berulang, pakai port USB lain."
_NETWORK = (ModemState.READY, ModemState.FULL)

log = structlog.get_logger("modem")


def _no_power(port: str) -> bool:
    return False


@dataclass(frozen=True)
class ModemSource:
    """Where a modem comes from: its settings, and how to find and make it."""

    key: str
    """`ModemRecord.key`."""
    line: ModemLine
    find_port: Callable[[], str | None]
    """The port to open now; None where none is found. Asked before every opening: a replug may rename it."""
    make_modem: Callable[[str], Modem]
    power: Callable[[str], object] = _no_power
    """Take the closed port's device off the USB and put it back; false where that is not possible."""


class ModemLoop(threading.Thread):
    """Supervises one modem. `on_stored` is called after PDUs became durable. `clock`: milliseconds since 1970."""

    def __init__(
        self,
        source: ModemSource,
        store: Store,
        board: Board,
        settings: Settings,
        fleet: Fleet,
        *,
        clock: Callable[[], int],
        on_stored: Callable[[], None],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name=source.key, daemon=True)
        self._source = source
        self._key = source.key
        self._store = store
        self._settings = settings
        self._fleet = fleet
        self._tick = tick
        self._life = Life(settings.modem.reopen_seconds, settings.modem.reopen_max_seconds)
        self._collector = Collector(self._key, store, settings.modem, clock=clock, on_stored=on_stored, tick=tick)
        self._sender = Sender(self._key, store, board, settings, fleet, clock=clock, tick=tick)
        self._standing = Standing(self._key, store, board, clock)
        self._balance = BalanceQuestion(source.key, source.line, store, board, settings, clock=clock, tick=tick)
        self._modem: Modem | None = None
        self._port = ""
        self._status = ModemStatus(ModemState.OPENING)
        self._trouble = ""
        self._status_due = 0.0
        self._no_network_since: float | None = None
        self._search_seconds = settings.modem.search_minutes * 60
        self._logged_fault = ""
        self._stopping = threading.Event()
        self._opening = False

    def wake(self) -> None:
        """There is something to send."""
        if self._modem is not None:
            self._modem.wake()

    def credit_learnt(self) -> None:
        """The operator told of the credit: an SMS that waits for it may be tried. Callable from any thread."""
        self._balance.learnt()
        self.wake()

    def stop(self) -> None:
        """End the thread; it is gone when `join` returns. What is under way is finished, but not the opening of a modem."""
        self._stopping.set()
        self.wake()
        if self._opening:
            self.interrupt()

    def interrupt(self) -> None:
        """Leave the modem in the middle of what it does; after `stop`, where that takes too long."""
        if isinstance(self._modem, Interruptible):
            self._modem.interrupt()

    def run(self) -> None:
        """Open, serve, and after any fault take the step that the life table says, for ever."""
        while not self._stopping.is_set():
            try:
                step = self._serve(self._open())
            except ModemError as error:
                if self._stopping.is_set():
                    break
                step = self._life.on(event_of_error(error))
                self._show(ModemStatus(self._life.state, error.operator, port=self._port), type(error).__name__)
            except Exception as error:
                step = Step.REOPEN
                self._show_own_fault(error)
            self._fleet.tell(self._key, Readiness.AWAY)
            self._take(step)
            self._stopping.wait(self._life.next_pause())
        self._close()

    # -- opening and closing ---------------------------------------------------------------------------------------

    def _open(self) -> Modem:
        port = self._source.find_port()
        if port is None:
            raise ModemAbsent("no port answers", operator=_NOT_FOUND)
        if self._modem is None or port != self._port:
            self._close()
            self._modem, self._port = self._source.make_modem(port), port
        self._opening = True
        try:
            if self._stopping.is_set():
                raise ModemAbsent("the program ends")
            self._modem.open()
        finally:
            self._opening = False
        return self._modem

    def _take(self, step: Step) -> None:
        if self._modem is None:
            return
        if step is Step.POWER:
            self._close()
            if self._settings.modem.usb_reset and self._source.power(self._port):
                return
            step = Step.RESET
        if step is Step.RESET:
            self._modem.reset()
        self._close()

    def _close(self) -> None:
        if self._modem is not None:
            self._modem.close()

    # -- serving ---------------------------------------------------------------------------------------------------

    def _serve(self, modem: Modem) -> Step:
        """Collect and send until something else must be done; the messages that wait in the SIM come first."""
        self._sender.recover_interrupted()
        self._collector.keep_unkept()
        self._collector.poll(modem, opening=True)
        step = self._ask_status(modem)
        while step is Step.SERVE and not self._stopping.is_set():
            self._tell_fleet()
            sent = self._sender.send_next(modem)
            self._ask_balance(modem)
            if self._tick() >= self._status_due:
                step = self._ask_status(modem)
            elif self._what_troubles() != self._trouble:
                self._show(self._status)
            if step is Step.SERVE:
                step = self._heed(modem, modem.wait(0 if sent else self._seconds_to_wait()))
            self._life.worked()
            self._logged_fault = ""
        return step

    def _heed(self, modem: Modem, news: Notification | None) -> Step:
        """Act on what the modem says; None is its silence, in which it is polled."""
        if news is None:
            if self._tick() >= self._collector.due:
                self._collector.poll(modem)
        elif news.what == "arrived":
            self._collector.announced(modem, news.storage)
        elif news.what == "delivered" and news.stored:
            self._collector.came_directly(modem, news.stored)
        elif news.what == "restarted":
            step = self._life.on(Event.RESTARTED)
            self._show(ModemStatus(self._life.state, _RESTARTED, port=self._port), "restarted")
            return step
        return Step.SERVE

    def _ask_status(self, modem: Modem) -> Step:
        status = modem.status()
        before = self._life.state
        step = self._life.on(event_of_status(status.state))
        self._status_due = self._tick() + (STATUS_SECONDS if self._life.state in _NETWORK else SEARCH_STATUS_SECONDS)
        if self._show(replace(status, state=self._life.state)):
            self._balance.forget()
        if self._life.state in _NETWORK and before not in _NETWORK:
            self._sender.network_came()
        if self._life.state is ModemState.FULL:
            self._collector.poll_now()
        self._balance.warn(swapped=self._standing.swapped)
        if not self._fleet.any_sends:
            outgoing.explain_waiting(self._store, NOBODY_SENDS)
        return self._restart_without_network() if step is Step.SERVE else step

    def _restart_without_network(self) -> Step:
        """A restart for a modem that finds no network for too long; what passed meanwhile shows that there is one."""
        now = self._tick()
        if self._life.state in _NETWORK:
            self._no_network_since, self._search_seconds = None, self._settings.modem.search_minutes * 60
            return Step.SERVE
        passed = [at for at in (self._sender.last_sent_at, self._collector.last_arrival_at) if at is not None]
        self._no_network_since = max([now if self._no_network_since is None else self._no_network_since, *passed])
        if now - self._no_network_since < self._search_seconds:
            return Step.SERVE
        self._no_network_since, self._search_seconds = now, min(LONGEST_SEARCH_SECONDS, 2 * self._search_seconds)
        step = self._life.on(Event.LOST_LONG)
        self._show(ModemStatus(self._life.state, _LOST_LONG, port=self._port), "no network")
        return step

    def _ask_balance(self, modem: Modem) -> None:
        """Credit is asked for while nothing waits, or when nothing leaves for want of it."""
        if not self._balance.due(urgent=self._sender.out_of_credit):
            return
        if not self._sender.out_of_credit:
            with self._store.read() as session:
                if outgoing.any_waits(session):
                    return
        if self._balance.ask(modem, urgent=self._sender.out_of_credit):
            self._sender.credit_came()

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell_fleet(self) -> None:
        if self._balance.take_news():
            self._sender.credit_came()
        readiness = Readiness.READY if self._life.state in _NETWORK else Readiness.OPEN
        self._fleet.tell(self._key, Readiness.AWAY if self._sender.resting else readiness)

    def _what_troubles(self) -> str:
        if self._collector.refuses_to_delete:
            return FULL_AND_REFUSES if self._life.state is ModemState.FULL else REFUSES_TO_DELETE
        return self._sender.trouble

    def _show(self, status: ModemStatus, reason: str = "") -> bool:
        self._status, self._trouble = status, self._what_troubles()
        serving = status.state in (*_NETWORK, ModemState.SEARCHING, ModemState.DENIED)
        return self._standing.show(status, self._trouble if serving else "", reason)

    def _show_own_fault(self, error: Exception) -> None:
        """Not the modem's fault. The log is told once, not at every try."""
        if (fault := f"{type(error).__name__}: {error}") != self._logged_fault:
            log.exception("the modem thread failed and starts again", modem=self._key)
            self._logged_fault = fault
        self._show(ModemStatus(ModemState.HUNG, _FAULT, port=self._port), type(error).__name__)

    def _seconds_to_wait(self) -> float:
        now = self._tick()
        longest = max(0.0, min(self._collector.due - now, self._status_due - now, QUEUE_POLL_SECONDS))
        return self._sender.seconds_to_wait(longest)
