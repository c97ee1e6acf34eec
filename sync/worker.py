"""The thread that brings the ledger to the central: takes `sync.pacing`'s decisions and carries them out.

    step ─▶ REST: sleep until due, or until woken
         └▶ SEND / BEAT / ASK: one session = frames over one connection until nothing waits, each
            read ledger ─▶ carrier ─▶ open reply ─▶ `on_reply` ─▶ one transaction that moves the marks

All that must survive lies in the laptop's database; killing this thread anywhere costs at most a repeated frame.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import __version__, failpoint
from config.settings import Sync
from gateway.board import Board, SyncPhase, SyncStatus
from gateway.store import ledger
from gateway.store.database import Store
from gateway.store.models import LedgerEntry

from . import dictionary, pacing
from .carriers import Carrier, CarrierError, Refused, StrangeAnswer, TooLarge
from .carriers.http import HttpCarrier
from .entries import BeatBody, Entry, Kind
from .frame import Frame, FrameError, encode
from .pacing import Action
from .protocol import Advance, NewEpoch, Reply, Standing, on_reply, open_reply

log = structlog.get_logger()

POLL_SECONDS = 60.0
"""The ledger is looked at this often even if nobody woke us."""
UNENROLLED_POLL_SECONDS = 5.0
"""`waspada enroll` runs in another process; this soon its success is noticed."""
_READ_ENTRIES = 1000
_ALARMS = {
    "fork": "Data laptop ini dipulihkan dari cadangan atau disalin; semua dikirim ulang ke pusat. Laporkan ke admin pusat.",
    "behind": "Data laptop ini lebih lama daripada data di pusat (dipulihkan dari cadangan?); semua dikirim ulang. "
    "Laporkan ke admin pusat.",
}
_SENTENCE_OF_FAULT = "Sinkronisasi bermasalah pada laptop ini; Waspada mencoba lagi sendiri."


@dataclass(frozen=True)
class Clock:
    """Time and chance as the worker sees them; tests bring their own."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    random: Callable[[], float] = random.random


@dataclass(frozen=True)
class _Enrolment:
    """What the database says about us and the central, read at the begin of a step."""

    url: str
    gateway: int | None
    key: bytes
    alarm: str
    waiting: int
    last_contact_at: int | None


@dataclass(frozen=True)
class _Request:
    """A frame as it leaves, and what of the ledger it stands for."""

    octets: bytes
    epoch: int
    first: int
    entries: int
    waiting: int
    """Entries not acknowledged when it was made, those in it included."""


def http_carrier(settings: Sync) -> Callable[[str], Carrier]:
    """The usual carrier factory: HTTP with the time-outs of the settings."""
    return lambda url: HttpCarrier(url, settings.connect_seconds, settings.read_seconds)


@dataclass
class SyncWorker:
    """Owns the sync of one laptop. `step` does one round and can be driven without the thread."""

    store: Store
    board: Board
    settings: Sync
    carrier: Callable[[str], Carrier]
    health: Callable[[], dict[str, Any]] = dict
    """Fields of the next sign of life (`docs/wire.md`, Beat)."""
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self._rules = pacing.Rules(
            batch_entries=self.settings.batch_entries,
            wait_seconds=self.settings.wait_seconds,
            beat_seconds=self.settings.beat_seconds,
            backoff_seconds=self.settings.backoff_seconds,
            backoff_max_seconds=self.settings.backoff_max_seconds,
        )
        self._pace = pacing.start(self.clock.monotonic(), self._rules, self.clock.random())
        self._dictionary = dictionary.NEWEST
        self._last_success_at: int | None = None
        self._told = self.board.modem.state
        """State of the modem in the last sign of life."""
        self._fault = ""
        self._identity: tuple[str, int | None, bytes] | None = None
        self._wakeup = threading.Condition()
        self._woken = self._urgent = self._person = self._stopping = False
        self._thread: threading.Thread | None = None

    # ── from other threads ──────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Ask the thread to end and wait for it, at most `timeout` seconds; a request under way may simply be dropped."""
        with self._wakeup:
            self._stopping = True
            self._wakeup.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)

    def wake(self, urgent: bool = False) -> None:
        """Say, after the commit, that the ledger grew; `urgent` entries are tried at once."""
        with self._wakeup:
            self._woken = True
            self._urgent = self._urgent or urgent
            self._wakeup.notify_all()

    def sync_now(self) -> None:
        """The operator's button: try now, even while waiting after a failure or refused."""
        with self._wakeup:
            self._woken = self._person = True
            self._wakeup.notify_all()

    # ── the thread ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while not self._stopping:
            try:
                wait = self.step()
            except Exception as error:
                log.error("sync_fault", fault=type(error).__name__, exc_info=True)
                wait = self._rest_after_fault()
            with self._wakeup:
                self._wakeup.wait_for(lambda: self._woken or self._stopping, wait)

    def step(self) -> float:
        """Do what is due; returns the seconds until something may be due again."""
        self._take_wishes()
        enrolment = self._enrolment()
        if enrolment.gateway is None or not enrolment.url:
            self.board.post_sync(SyncStatus())
            return UNENROLLED_POLL_SECONDS
        self._forget_refusal_of_another(enrolment)
        now = self.clock.monotonic()
        self._pace = pacing.noticed(self._pace, now, enrolment.waiting)
        if self.board.modem.state != self._told:
            self._pace = pacing.unsettled(self._pace, now)
        action, due = pacing.plan(self._pace, now, enrolment.waiting, self._rules)
        if action is Action.REST:
            self._show_rest(enrolment)
            return min(POLL_SECONDS, max(0.0, due - now))
        self._session(enrolment, enrolment.gateway, action)
        return 0.0

    def _forget_refusal_of_another(self, enrolment: _Enrolment) -> None:
        """Enrolled anew (in another process): what the central said to our old key does not count."""
        identity = (enrolment.url, enrolment.gateway, enrolment.key)
        if identity != self._identity:
            if self._identity is not None:
                self._fault = ""
                self._pace = pacing.hurried(self._pace, person=True)
            self._identity = identity

    def _take_wishes(self) -> None:
        with self._wakeup:
            urgent, person = self._urgent, self._person
            self._woken = self._urgent = self._person = False
        if urgent or person:
            self._pace = pacing.hurried(self._pace, person=person)

    def _session(self, enrolment: _Enrolment, gateway: int, action: Action) -> None:
        self._pace = pacing.tried(self._pace)
        self._show(SyncPhase.SENDING, "Mengirim data ke pusat …")
        if action is Action.BEAT:
            self._append_beat()
        carrier = self.carrier(enrolment.url)
        try:
            more = self._exchange(carrier, gateway, enrolment.key, probe=action is Action.ASK)
            while more and not self._stopping:
                more = self._exchange(carrier, gateway, enrolment.key, probe=False)
        except CarrierError as error:
            self._failed(error)
        else:
            self._fault = ""
        finally:
            carrier.close()
        self._show_rest(self._enrolment())

    def _exchange(self, carrier: Carrier, gateway: int, key: bytes, *, probe: bool) -> bool:
        """One frame there and its reply back; True where more should follow at once."""
        request = self._make_request(gateway, key, probe=probe)
        if request is None:
            return True
        failpoint.reach("sync.frame.before_send")
        answer = carrier.exchange(request.octets)
        try:
            reply = open_reply(answer, request.octets, key)
        except FrameError as error:
            raise StrangeAnswer(str(error)) from None
        return self._apply(request, reply)

    def _make_request(self, gateway: int, key: bytes, *, probe: bool) -> _Request | None:
        """The next frame; None where the ledger had to begin a new epoch first."""
        with self.store.read() as session:
            position = ledger.position(session)
            first = position.ack + 1
            entries = [] if probe else ledger.read(session, first, _READ_ENTRIES)
            prev = ledger.hash_before(session, first)
            oldest = _oldest(session, position)
        if prev is None or (entries and entries[0].number != first):
            self._begin_epoch(position.epoch, NewEpoch("gone", missing=(first, max(first, oldest - 1)), alarm=False))
            return None
        octets, count = self._fit(entries, lambda some: Frame(gateway, position.epoch, first, prev, tuple(some)), key)
        return _Request(octets, position.epoch, first, count, position.waiting)

    def _fit(self, entries: list[Entry], frame: Callable[[list[Entry]], Frame], key: bytes) -> tuple[bytes, int]:
        """The frame with as many entries as the batch size allows, at least one where there are any."""
        count = len(entries)
        while True:
            try:
                octets = encode(frame(entries[:count]), key, self._dictionary)
            except FrameError:
                if count <= 1:
                    raise
                count //= 2
                continue
            if count <= 1 or len(octets) <= self._pace.batch_octets:
                return octets, count
            count = max(1, min(count - 1, count * self._pace.batch_octets // len(octets)))

    def _apply(self, request: _Request, reply: Reply) -> bool:
        """Take over what the reply says, in one transaction; True where more should be sent at once."""
        with self.store.write() as session:
            position = ledger.position(session)
            if position.epoch != request.epoch:
                return True
            standing = Standing(position.last, position.ack, position.safe, _oldest(session, position))
            decision = on_reply(standing, reply)
            if isinstance(decision, NewEpoch):
                self._new_epoch(session, decision)
                waiting = True
            else:
                waiting = self._advance(session, decision, position)
            failpoint.reach("sync.ack.before_commit")
        failpoint.reach("sync.ack.after_commit")
        other_dictionary = self._learn_dictionary(reply)
        stood_still = isinstance(decision, Advance) and decision.ack + 1 == request.first
        if stood_still and request.entries and not other_dictionary:
            raise StrangeAnswer("the central took nothing")
        self._pace = pacing.succeeded(self._pace, self.clock.monotonic(), self._rules, sent=request.entries)
        self.board.touch()
        return waiting

    def _advance(self, session: Session, decision: Advance, position: ledger.Position) -> bool:
        ledger.move_marks(session, decision.ack, decision.safe)
        self._last_success_at = int(self.clock.now() * 1000)
        ledger.sync_state(session).last_contact_at = self._last_success_at
        return decision.ack < position.last

    def _learn_dictionary(self, reply: Reply) -> bool:
        known = min(dictionary.NEWEST, max(0, reply.dictionary))
        other, self._dictionary = known != self._dictionary, known
        return other

    def _begin_epoch(self, epoch: int, decision: NewEpoch) -> None:
        with self.store.write() as session:
            if ledger.sync_state(session).epoch == epoch:
                self._new_epoch(session, decision)

    def _new_epoch(self, session: Session, decision: NewEpoch) -> None:
        log.warning("sync_new_epoch", reason=decision.reason)
        ledger.start_new_epoch(session, decision.reason, int(self.clock.now()), decision.missing)
        if decision.alarm:
            ledger.sync_state(session).alarm = _ALARMS[decision.reason]

    def _append_beat(self) -> None:
        """A sign of life, unless one is still on its way: a week offline must not pile them up."""
        self._pace = pacing.beaten(self._pace, self.clock.monotonic(), self._rules)
        told = self.board.modem.state
        beat = BeatBody(version=__version__, health=self.health())  # measured before the write lock is taken
        with self.store.write() as session:
            if _beat_waits(session):
                return
            ledger.append(session, beat, int(self.clock.now()))
        self._told = told

    # ── after failures, and for people ──────────────────────────────────────────────────────────────────────────────

    def _failed(self, error: CarrierError) -> None:
        log.info("sync_failed", kind=type(error).__name__, reason=str(error))
        self._fault = error.sentence
        now = self.clock.monotonic()
        if isinstance(error, Refused):
            self._pace = pacing.turned_away(self._pace, now)
            return
        self._pace = pacing.failed(
            self._pace,
            now,
            self._rules,
            self.clock.random(),
            halve=error.timed_out or isinstance(error, TooLarge),
            retry_after=error.retry_after,
        )

    def _rest_after_fault(self) -> float:
        now = self.clock.monotonic()
        self._pace = pacing.failed(self._pace, now, self._rules, self.clock.random(), halve=False, retry_after=None)
        self._fault = _SENTENCE_OF_FAULT
        self._show(SyncPhase.WAITING, self._fault, self._pace.not_before - now)
        return max(1.0, self._pace.not_before - now)

    def _show_rest(self, enrolment: _Enrolment) -> None:
        wait = self._pace.not_before - self.clock.monotonic()
        self._last_success_at = self._last_success_at or enrolment.last_contact_at
        if self._pace.refused:
            self._show(SyncPhase.REFUSED, Refused.sentence, wait)
        elif self._fault:
            self._show(SyncPhase.WAITING, self._fault, wait)
        elif enrolment.alarm:
            self._show(SyncPhase.ALARM, enrolment.alarm)
        elif enrolment.waiting:
            self._show(SyncPhase.IDLE, f"{enrolment.waiting} catatan menunggu kiriman berikutnya.")
        elif self._last_success_at is None:
            self._show(SyncPhase.IDLE, "Belum pernah terhubung ke pusat; mencoba sebentar lagi.")
        else:
            self._show(SyncPhase.IDLE, "Semua data sudah diterima pusat.")

    def _show(self, phase: SyncPhase, sentence: str, wait: float | None = None) -> None:
        next_try = None if wait is None else int((self.clock.now() + max(0.0, wait)) * 1000)
        self.board.post_sync(SyncStatus(phase, sentence, self._last_success_at, next_try))

    def _enrolment(self) -> _Enrolment:
        with self.store.read() as session:
            state = ledger.sync_state(session)
            return _Enrolment(
                url=self.settings.central or state.central,
                gateway=state.gateway,
                key=state.key or b"",
                alarm=state.alarm,
                waiting=ledger.position(session).waiting,
                last_contact_at=state.last_contact_at,
            )


def _oldest(session: Session, position: ledger.Position) -> int:
    """Number of the oldest entry of the present epoch that is still here."""
    oldest = session.scalar(select(func.min(LedgerEntry.number)).where(LedgerEntry.epoch == position.epoch))
    return oldest or position.last + 1


def _beat_waits(session: Session) -> bool:
    state = ledger.sync_state(session)
    found = select(LedgerEntry.number).where(
        LedgerEntry.epoch == state.epoch, LedgerEntry.number > state.ack, LedgerEntry.kind == Kind.BEAT
    )
    return session.scalar(found.limit(1)) is not None
