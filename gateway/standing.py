"""How one modem stands, told to everybody who asks: the board (now), its row in the database (lastingly), the log.

The log and the row hear of a change, not of every minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from modem.types import ModemState, ModemStatus

from .board import Board
from .store import modems
from .store.database import Store

SWAPPED = "Kartu SIM di modem ini diganti. Periksa nomor dan PIN-nya di pengaturan."
_WELL = (ModemState.READY, ModemState.OPENING, ModemState.SEARCHING)

log = structlog.get_logger("modem")


class Standing:
    """What is told of the modem `key`. `clock`: milliseconds since 1970. One thread uses it."""

    def __init__(self, key: str, store: Store, board: Board, clock: Callable[[], int]) -> None:
        self._key = key
        self._store = store
        self._board = board
        self._clock = clock
        self._noted: ModemStatus | None = None
        self._logged: ModemState | None = None
        self.swapped = False
        """Whether another SIM was put in since this program started."""

    def show(self, status: ModemStatus, trouble: str = "", reason: str = "") -> bool:
        """Tell how it stands; `trouble` is more urgent than the status' own sentence. True where the SIM was swapped."""
        status = replace(status, sentence=trouble) if trouble else status
        if status.state != self._logged:
            tell = log.info if status.state in _WELL else log.warning
            tell("modem state", modem=self._key, state=str(status.state), **({"reason": reason} if reason else {}))
            self._logged = status.state
        swapped = self._note(status)
        self._board.post_modem(status, self._key)
        return swapped

    def _note(self, status: ModemStatus) -> bool:
        lasting = replace(status, signal_percent=None, sim_used=None, sim_capacity=None)
        if lasting == self._noted:
            return False
        try:
            with self._store.write() as session:
                swapped = modems.note_status(session, self._key, status, self._clock())
        except SQLAlchemyError:  # a full disk, say: the board shows it meanwhile, and the next change is written
            return False
        self._noted = lasting
        if swapped:
            self.swapped = True
            log.warning("another SIM is in the modem", modem=self._key)
        return swapped
