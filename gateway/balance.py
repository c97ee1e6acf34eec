"""Credit and validity of one modem's SIM: asked for by USSD, kept in its row, warned of before it hurts.

Operator notices that come by SMS have the same effect (`take_notice`); they are never answered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.operators import load_operators
from config.settings import ModemLine, Settings
from modem.types import Modem, ModemRefused, ModemSilent

from . import credit, numbers
from .board import Board
from .standing import SWAPPED
from .store import modems
from .store.database import Store
from .store.models import Message, ModemRecord, Pdu

FIRST_ASKED_SECONDS = 180.0
"""After the start: network and SIM have settled by then, and a restart in a loop asks nobody."""
URGENT_SECONDS = 600.0
"""How often credit is asked for at most while the operator takes no SMS."""
FAILED_SECONDS = 900.0
"""First wait after a question that failed; doubles up to `balance_hours`."""
_HOUR_SECONDS = 3600.0

log = structlog.get_logger("modem")


class BalanceQuestion:
    """When and how one SIM's credit is asked for. Its modem's thread uses it; `learnt` may come from any."""

    def __init__(
        self,
        key: str,
        line: ModemLine,
        store: Store,
        board: Board,
        settings: Settings,
        *,
        clock: Callable[[], int],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = key
        self._line = line
        self._store = store
        self._board = board
        self._settings = settings
        self._clock = clock
        self._tick = tick
        self._every = settings.modem.balance_hours * _HOUR_SECONDS
        self._due = tick() + FIRST_ASKED_SECONDS
        self._urgent_due = 0.0
        self._failures = 0
        self._begun = False
        """Whether it was asked for since the start."""
        self._news = threading.Event()
        self._balance = self._row_balance()
        """Credit as it was when it was asked for or heard of last: is it more now?"""

    def due(self, *, urgent: bool = False) -> bool:
        """Whether to ask now; `urgent` where the operator takes no SMS for want of credit."""
        if not self._every:
            return False
        return self._tick() >= (self._urgent_due if urgent else self._due)

    def ask(self, modem: Modem, *, urgent: bool = False) -> bool:
        """Ask, and keep what was understood; True where there is more credit than was known before.

        Raises ModemAbsent, and ModemSilent where the modem says nothing at all any more.
        """
        self._urgent_due = self._tick() + URGENT_SECONDS
        self._due = self._tick() + self._every
        with self._store.read() as session:
            known = session.get(ModemRecord, self._key)
            operator = credit.operator_of(known.imsi, known.operator) if known else None
            before, asked_at = (known.balance, known.credit_at) if known else (None, None)
        code = credit.balance_code(self._line.balance_code, operator)
        if not code:
            return False
        fresh, self._begun = not self._begun, True
        if fresh and not urgent and asked_at is not None and 0 <= self._clock() - asked_at < self._every * 1000:
            self._due = self._tick() + self._every - (self._clock() - asked_at) / 1000  # asked before a restart
            return False
        found = self._answer(modem, code, operator)
        if found is None:
            self._failures += 1
            self._due = self._tick() + min(self._every, FAILED_SECONDS * 2.0 ** (self._failures - 1))
            return False
        self._failures = 0
        with self._store.write() as session:
            keep(modems.record(session, self._key), found, self._clock())
        self._balance = self._row_balance()
        self.warn()
        return _more(before, found.balance)

    def learnt(self) -> None:
        """A notice of the operator changed what is known."""
        self._news.set()

    def take_news(self) -> bool:
        """Heed the notices that came: the warnings are renewed; True where there is more credit than was known before.

        Most notices tell that there is too little: each SMS that is refused brings one, and must not cause the next.
        """
        if not self._news.is_set():
            return False
        self._news.clear()
        before, self._balance = self._balance, self._row_balance()
        self.warn()
        return _more(before, self._balance)

    def forget(self) -> None:
        """Another SIM: ask soon."""
        self._due = min(self._due, self._tick() + FIRST_ASKED_SECONDS)
        self._failures = 0
        self._balance = None

    def warn(self, *, swapped: bool = False) -> None:
        """Put on the board what the operator should know of this SIM's credit."""
        with self._store.read() as session:
            known = session.get(ModemRecord, self._key)
            held = kept(known) if known else None
        today = local_day(self._clock(), self._settings.general.utc_offset_minutes)
        sentences = credit.warnings(
            held,
            today=today,
            low_credit=self._settings.modem.low_credit,
            expiry_days=self._settings.modem.expiry_days,
        ) if held else ()  # fmt: skip
        unknown = swapped and (known is None or known.credit_at is None)
        self._board.post_warnings(self._key, (*([SWAPPED] if unknown else []), *sentences))

    def _row_balance(self) -> int | None:
        with self._store.read() as session:
            known = session.get(ModemRecord, self._key)
            return known.balance if known else None

    def _answer(self, modem: Modem, code: str, operator: credit.Operator | None) -> credit.Credit | None:
        try:
            found = credit.read_balance(modem.ussd(code), operator)
        except ModemRefused as error:
            log.info("credit is not told", modem=self._key, code=error.code)
            return None
        except ModemSilent:  # the network's silence is not the modem's: that one would be heard here
            modem.status()
            return None
        if found is None:
            log.info("the operator's words about credit are not understood", modem=self._key)
        return found


def take_notice(session: Session, message: Message, now: int) -> str | None:
    """Keep what an operator's notice tells of credit; the key of the modem that got it, None where it is no such notice."""
    if message.sender_is_number and numbers.is_subscriber(message.sender):
        return None
    key = session.scalar(select(Pdu.modem).where(Pdu.message_id == message.id).order_by(Pdu.id.desc()).limit(1))
    row = session.get(ModemRecord, key) if key else None
    if row is None:
        return None
    found = credit.read_notice(message.sender, message.sender_is_number, message.text, load_operators())
    if found is None:
        return None
    keep(row, found, now)
    return row.key


def keep(row: ModemRecord, found: credit.Credit, now: int) -> None:
    """Write down what was told; what was not told stays as it was known. Grace period and blocking stand in the operator's
    words, which stay until the validity is told anew or there is more credit: a top-up ends both."""
    topped_up = _more(row.balance, found.balance)
    row.balance = row.balance if found.balance is None else found.balance
    row.valid_until = row.valid_until if found.valid_until is None else _moment(found.valid_until)
    news = topped_up or found.valid_until is not None or found.grace or found.blocked
    if news or not credit.tells_of_standing(row.credit_text):
        row.credit_text = found.text
    row.credit_at = now


def _more(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after > before


def kept(row: ModemRecord) -> credit.Credit:
    """What is known of this SIM's credit."""
    until = None if row.valid_until is None else _day(row.valid_until)
    return credit.Credit(balance=row.balance, valid_until=until, text=row.credit_text)


def local_day(now: int, utc_offset_minutes: int) -> date:
    """The day it is there. `now`: milliseconds since 1970."""
    return _day(now + utc_offset_minutes * 60_000)


def _moment(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _day(moment: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).date()
