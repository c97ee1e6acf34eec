"""Sending through one modem: which SMS is next, what the network's answer means for it and for those behind it.

    queued ──claim──▶ attempted ──▶ sent (▶ delivered, undelivered: `delivery.py`)
                          ├─ temporary ─▶ queued again, later, up to `sending.attempts`
                          ├─ no service, no service centre, no credit ─▶ queued as before; the whole modem rests
          │     (no credit is a guess: an SMS refused so again after another one passed counts as temporary)
                          ├─ permanent ─▶ failed
                          └─ no answer after the PDU was handed over ─▶ uncertain (alerts: queued again, promise P7)

Alerts leave first, then answers, then what people typed. The daily budget counts parts over all modems.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from config.failpoint import reach
from config.settings import Settings
from modem import pdu
from modem.gsm7 import parts_needed
from modem.types import Fault, Modem, ModemError, ModemRefused, OutgoingPdu, PduError

from . import delivery
from .board import Board
from .fleet import ALERT_GONE_SECONDS, GONE_SECONDS, Fleet
from .routing import Candidate, choose
from .store import outgoing
from .store.database import Store
from .store.models import Outgoing, OutgoingState

NO_SERVICE_SECONDS = 15.0
"""How long a modem rests whose network refused; the next SMS would fail the same way."""
NO_SMSC_SECONDS = 60.0
NO_CREDIT_SECONDS = 30.0
"""First rest of a SIM without credit: short, for some networks say so when they are only busy. It doubles up to
`NO_CREDIT_CEILING_SECONDS`, for some operators bar who tries too often."""
NO_CREDIT_CEILING_SECONDS = 7200.0
MOST_DOUBLINGS = 20
"""Of the wait between two tries: beyond that every wait is the longest."""
NO_CREDIT = "Operator menolak SMS, mungkin pulsa habis. Isi pulsa kartu ini; SMS menunggu dan dikirim sendiri."
NO_SMSC = "Nomor pusat SMS (SMSC) belum diatur di SIM; SMS menunggu. Atur nomornya lewat ponsel."
NOBODY_SENDS = "Tidak ada modem yang boleh mengirim (modem.role); SMS ini menunggu."


@dataclass(frozen=True)
class _Claim:
    """An SMS this modem has taken up, as it was then."""

    id: int
    alert: bool
    recipient: str
    text: str
    parts_sent: int
    attempts: int


class Sender:
    """Sends what is due through the modem `key`. Only that modem's thread uses it. `clock`: milliseconds since 1970."""

    def __init__(
        self,
        key: str,
        store: Store,
        board: Board,
        settings: Settings,
        fleet: Fleet,
        *,
        clock: Callable[[], int],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = key
        self._store = store
        self._board = board
        self._settings = settings.sending
        self._fleet = fleet
        self._clock = clock
        self._tick = tick
        self._rest_until = 0.0
        self._pause_until = 0.0
        self._credit_rest = NO_CREDIT_SECONDS
        self._blamed_at: dict[int, float] = {}
        """SMS refused as for want of credit, with when that was first."""
        self._stands_back: int | None = None
        """The SMS refused so last: others are tried first, for it may be its own fault."""
        self.trouble = ""
        """Why this modem sends nothing though it is ready, for the operator; '' while it does."""
        self.out_of_credit = False
        self.last_sent_at: float | None = None
        """When the network took something from this modem last, in ticks."""

    @property
    def resting(self) -> bool:
        """Whether the network refused so that this modem does not try for a while."""
        return self._tick() < self._rest_until

    def network_came(self) -> None:
        """There is network again: a rest for want of it ends. One for want of credit or service centre goes on."""
        if not self.trouble:
            self._rest_until = 0.0

    def credit_came(self) -> None:
        """The operator told of more credit: try at once. That it suffices is only proved by an SMS that passes."""
        if self.out_of_credit:
            self.trouble, self.out_of_credit, self._credit_rest = "", False, NO_CREDIT_SECONDS
            self._rest_until = 0.0

    def seconds_to_wait(self, longest: float) -> float:
        """How long nothing needs to be sent, at most `longest`."""
        quiet_until = max(self._rest_until, self._pause_until)
        if (quiet := quiet_until - self._tick()) > 0:
            return min(longest, quiet)
        with self._store.read() as session:
            next_at = outgoing.next_due_at(session, self._clock())
        return longest if next_at is None else max(0.0, min(longest, (next_at - self._clock()) / 1000))

    def recover_interrupted(self) -> None:
        """An SMS whose end could not be written (disk full, say) must not stay `attempted` until the next start."""
        with self._store.read() as session:
            if not outgoing.any_interrupted(session, self._key):
                return
        with self._store.write() as session:
            outgoing.recover(session, self._clock(), self._settings.attempts, self._key)
        self._board.touch()

    def send_next(self, modem: Modem) -> bool:
        """Send the SMS that is due and this modem's to send; True if there was one.

        Raises ModemAbsent or ModemSilent, after what is known of the SMS was written.
        """
        if self.resting or self._tick() < self._pause_until or not self._fleet.sends(self._key):
            return False
        claim = self._claim()
        if claim is None:
            return False
        reach("outgoing.attempted")
        try:
            self._submit(modem, claim)
        except PduError as error:
            self._finish(claim, OutgoingState.FAILED, str(error))
        except ModemRefused as error:
            self._refused(claim, error)
        except ModemError as error:
            self._unanswered(claim, error)
            raise
        else:
            self._pause_until = self._tick() + self._settings.pause_seconds
        return True

    # -- choosing --------------------------------------------------------------------------------------------------

    def _claim(self) -> _Claim | None:
        """Choose and mark in one transaction: two modems never take the same SMS (BEGIN IMMEDIATE)."""
        with self._store.read() as session:
            mine, spent = self._choose(session)
        for alerts, sentence in spent:
            if outgoing.explain_waiting(self._store, sentence, alerts=alerts):
                self._board.touch()
        if mine is None:
            return None
        with self._store.write() as session:
            mine, _ = self._choose(session)
            if mine is None:
                return None
            outgoing.mark_attempted(mine, self._key)
            alert = mine.purpose == outgoing.ALERT
            return _Claim(mine.id, alert, mine.recipient, mine.text, mine.parts_sent, mine.attempts)

    def _choose(self, session: Session) -> tuple[Outgoing | None, list[tuple[bool, str]]]:
        """The SMS to send now, and for which kinds (alerts or not) the budget is spent, with the sentence."""
        used = outgoing.parts_taken(session, self._clock())
        under_way = outgoing.under_way(session)
        for row in under_way:
            used[row.modem] = used.get(row.modem, 0) + _parts_left(row)
        candidates = self._fleet.candidates(used, {row.modem for row in under_way})
        spent: list[tuple[bool, str]] = []
        last_choice: Outgoing | None = None
        for alerts in (True, False):
            limit = self._limit(alerts)
            for waiting in outgoing.due(session, self._clock(), alerts=alerts):
                if not self._is_mine(waiting, candidates, alerts):
                    continue
                row = session.get_one(Outgoing, waiting.id)
                if limit is not None and not _fits(_parts_left(row), sum(used.values()), limit):
                    spent.append((alerts, _spent_sentence(limit, alerts)))
                    break
                if row.id != self._stands_back:
                    return row, spent
                last_choice = row
        return last_choice, spent

    def _is_mine(self, waiting: outgoing.Waiting, candidates: Sequence[Candidate], alert: bool) -> bool:
        """Whether this modem sends it: who has sent a part sends the rest, unless it is gone for longer than can be waited."""
        patience = ALERT_GONE_SECONDS if alert else GONE_SECONDS
        if waiting.parts_sent and waiting.modem and not self._fleet.gone(waiting.modem, patience):
            return waiting.modem == self._key
        return choose(waiting.recipient, candidates, urgent=alert) == self._key

    def _limit(self, alerts: bool) -> int | None:
        """Parts that may leave in 24 hours; None without a limit."""
        if not self._settings.per_day:
            return None
        return self._settings.per_day if alerts else max(0, self._settings.per_day - self._settings.alert_reserve)

    # -- the network's answer --------------------------------------------------------------------------------------

    def _submit(self, modem: Modem, claim: _Claim) -> None:
        pdus = self._pdus(claim)
        for number, part in enumerate(pdus, start=1):
            if number <= claim.parts_sent:
                continue  # sent before the network failed on a later part
            result = modem.send(part)
            reach("outgoing.sent")
            self._took(claim, number, result.reference, last=number == len(pdus))
            reach("outgoing.part.kept")
        if claim.parts_sent >= len(pdus):  # fewer parts than an earlier version made of it, all of them sent
            self._finish(claim, OutgoingState.SENT, "")

    def _pdus(self, claim: _Claim) -> list[OutgoingPdu]:
        hours = self._settings.alert_validity_hours if claim.alert else self._settings.validity_hours
        return pdu.submit(
            claim.recipient,
            claim.text,
            reference=claim.id & 0xFF,
            delivery_report=self._report_wanted(claim),
            validity_hours=hours,
        )

    def _report_wanted(self, claim: _Claim) -> bool:
        return self._settings.delivery_reports == "all" or (self._settings.delivery_reports == "alerts" and claim.alert)

    def _took(self, claim: _Claim, number: int, reference: int | None, *, last: bool) -> None:
        """The network has this part: durable before the next one is tried."""
        self.last_sent_at = self._tick()
        self.trouble, self.out_of_credit, self._credit_rest = "", False, NO_CREDIT_SECONDS
        self._stands_back = None
        self._blamed_at.pop(claim.id, None)
        now = self._clock()
        with self._store.write() as session:
            row = session.get_one(Outgoing, claim.id)
            outgoing.took(session, row, number, reference, self._report_wanted(claim), now)
            if last:
                outgoing.finish(session, row, OutgoingState.SENT, now)
                delivery.settle(session, row, now)
        self._board.touch()

    def _refused(self, claim: _Claim, error: ModemRefused) -> None:
        """The network said no: later again, or never, by the kind of error and the tries left."""
        if error.fault is Fault.NO_SERVICE:
            self._rest(NO_SERVICE_SECONDS)
            self._put_back(claim, error.operator)
        elif error.fault is Fault.NO_SMSC:
            self.trouble = NO_SMSC
            self._rest(NO_SMSC_SECONDS)
            self._put_back(claim, NO_SMSC)
        elif error.fault is Fault.NO_CREDIT and not self._credit_proved_since_blamed(claim):
            self._stands_back = claim.id
            self.trouble, self.out_of_credit = NO_CREDIT, True
            self._rest(self._credit_rest)
            self._credit_rest = min(NO_CREDIT_CEILING_SECONDS, 2 * self._credit_rest)
            self._put_back(claim, NO_CREDIT)
        elif error.fault is Fault.PERMANENT or claim.attempts >= self._settings.attempts:
            self._finish(claim, OutgoingState.FAILED, error.operator)
        else:
            wait = self._settings.retry_seconds * 1000 * 2 ** min(claim.attempts - 1, MOST_DOUBLINGS)
            self._try_later(claim, error.operator, self._clock() + min(int(wait), outgoing.LONGEST_WAIT_MILLISECONDS))

    def _credit_proved_since_blamed(self, claim: _Claim) -> bool:
        """Whether there evidently is credit: another SMS passed since this one was refused first. The operator's words do
        not count: a top-up may not suffice, and anybody can write in the operator's name."""
        blamed_at = self._blamed_at.setdefault(claim.id, self._tick())
        return self.last_sent_at is not None and self.last_sent_at > blamed_at

    def _unanswered(self, claim: _Claim, error: ModemError) -> None:
        """The modem vanished or fell silent. Once the PDU was handed over nobody knows whether it left (promise P7)."""
        if not error.submitted:
            # Later, so that an SMS that silences the modem each time does not hold up those behind it.
            self._try_later(claim, error.operator, self._clock() + int(NO_SERVICE_SECONDS * 1000), tried=False)
        elif claim.alert and claim.attempts < self._settings.attempts:
            self._try_later(claim, error.operator, self._clock(), perhaps_taken=True)
        else:
            self._finish(claim, OutgoingState.UNCERTAIN, error.operator, perhaps_taken=True)

    def _rest(self, seconds: float) -> None:
        self._rest_until = self._tick() + seconds

    def _put_back(self, claim: _Claim, error: str) -> None:
        """Modem, SIM or network are missing: this was no try of the SMS, which waits for as long as they do (P10)."""
        self._try_later(claim, error, self._clock(), tried=False)

    def _try_later(
        self, claim: _Claim, error: str, not_before: int, *, tried: bool = True, perhaps_taken: bool = False
    ) -> None:
        with self._store.write() as session:
            row = session.get_one(Outgoing, claim.id)
            row.attempts -= not tried
            if perhaps_taken:
                outgoing.perhaps_took(session, row, self._clock())
            outgoing.try_later(row, error, not_before)
        self._board.touch()

    def _finish(self, claim: _Claim, state: OutgoingState, error: str, *, perhaps_taken: bool = False) -> None:
        self._blamed_at.pop(claim.id, None)
        with self._store.write() as session:
            row = session.get_one(Outgoing, claim.id)
            if perhaps_taken:
                outgoing.perhaps_took(session, row, self._clock())
            outgoing.finish(session, row, state, self._clock(), error=error)
        self._board.touch()


def _parts_left(row: Outgoing) -> int:
    """Parts of an SMS that the network has not taken."""
    return max(0, parts_needed(row.text)[1] - row.parts_sent)


def _fits(parts: int, used: int, limit: int) -> bool:
    """Whether the budget has room; an SMS longer than all of it goes when nothing else went."""
    return 0 < limit >= used + min(parts, limit)


def _spent_sentence(limit: int, alerts: bool) -> str:
    if alerts:
        return f"Batas {limit} SMS per hari tercapai (sending.per_day); SMS ini menunggu."
    return f"Jatah {limit} SMS per hari selain peringatan terpakai (sending.per_day); SMS ini menunggu."
