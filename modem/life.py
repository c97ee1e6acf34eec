"""The life of a modem as a table: what happened, the state that follows, and the step to take. Pure: no port, no clock.

What lives here: which step follows which fault, and how long to pause. What does not: how a step is done (`SerialModem`,
`usb.py`) and who waits (`gateway/modem_loop.py`).

    OPENING ──▶ SEARCHING ◀──▶ READY ◀──▶ FULL, DENIED          the modem answers: the state is the network's and the SIM's
    any ──GONE──▶ ABSENT        look for the port, open again
    any ──MUTE──▶ RESETTING     restart the modem, open again; still mute: climb the LADDER, round and round
    any ──PIN_ASKED──▶ PIN_NEEDED, ──SIM_MISSING──▶ NO_SIM      ask again, without ever trying a PIN twice

A modem that is restarted leaves the USB for some seconds: the rung of the ladder outlives ABSENT, else a modem that stays mute
would be restarted for ever and never lose its power. Pauses double up to a ceiling (a low one while there is no port). Both begin
anew once the modem works. Nothing is ever given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .types import ModemAbsent, ModemError, ModemSilent, ModemState, PinNeeded, SimMissing


class Event(StrEnum):
    """What happened to the modem."""

    GONE = "gone"
    MUTE = "mute"
    REFUSED = "refused"
    """It answers, but cannot be used as it is."""
    PIN_ASKED = "pin_asked"
    SIM_MISSING = "sim_missing"
    OPENED = "opened"
    SEARCHES = "searches"
    DENIED = "denied"
    REGISTERED = "registered"
    FILLED = "filled"
    LOST_LONG = "lost_long"
    """No network for so long that a restart of the modem may help."""
    RESTARTED = "restarted"
    """It began anew by itself (brown-out) and forgot its settings."""


class Step(StrEnum):
    """What to do next."""

    SERVE = "serve"
    """Go on collecting and sending."""
    REOPEN = "reopen"
    """Close, pause, open."""
    RESET = "reset"
    """Ask the modem to start anew, pause, open."""
    POWER = "power"
    """Take the modem off the USB and put it back, pause, open."""


_S = ModemState
LADDER: tuple[tuple[ModemState, Step], ...] = (
    (_S.RESETTING, Step.RESET),
    (_S.HUNG, Step.REOPEN),
    (_S.RESETTING, Step.POWER),
    (_S.HUNG, Step.REOPEN),
)
"""What a modem that stays mute goes through: the state shown and the step, one rung for each silence."""
TABLE: Mapping[Event, tuple[ModemState, Step]] = {
    Event.OPENED: (_S.SEARCHING, Step.SERVE),
    Event.SEARCHES: (_S.SEARCHING, Step.SERVE),
    Event.REGISTERED: (_S.READY, Step.SERVE),
    Event.DENIED: (_S.DENIED, Step.SERVE),
    Event.FILLED: (_S.FULL, Step.SERVE),
    Event.RESTARTED: (_S.OPENING, Step.REOPEN),
    Event.LOST_LONG: (_S.RESETTING, Step.RESET),
    Event.GONE: (_S.ABSENT, Step.REOPEN),
    Event.PIN_ASKED: (_S.PIN_NEEDED, Step.REOPEN),
    Event.SIM_MISSING: (_S.NO_SIM, Step.REOPEN),
    Event.REFUSED: (_S.HUNG, Step.REOPEN),
    Event.MUTE: LADDER[0],
}
"""Event → (state that follows, step), from any state; further silences take the next rung of `LADDER`."""

_BY_STATUS = {
    _S.READY: Event.REGISTERED,
    _S.SEARCHING: Event.SEARCHES,
    _S.DENIED: Event.DENIED,
    _S.FULL: Event.FILLED,
}


ABSENT_CEILING_SECONDS = 3.0
"""Longest pause between two looks for a port: it disturbs no modem, and whoever plugged one in waits for it."""


class Life:
    """One modem's state. `first_pause` and `ceiling`: seconds between two tries to open it."""

    def __init__(self, first_pause: float, ceiling: float) -> None:
        self.state = ModemState.OPENING
        self._first_pause, self._ceiling = first_pause, ceiling
        self._pause = first_pause
        self._rung = 0

    def on(self, event: Event) -> Step:
        """Take an event; returns what to do."""
        self.state, step = TABLE[event]
        if event is Event.MUTE:
            self.state, step = LADDER[self._rung % len(LADDER)]
            self._rung += 1
        return step

    def next_pause(self) -> float:
        """Seconds to wait before the next try; twice as long each time until `worked`, but never long for an absent modem."""
        pause = self._pause
        self._pause = min(self._ceiling, pause * 2)
        return min(pause, ABSENT_CEILING_SECONDS) if self.state is ModemState.ABSENT else pause

    def worked(self) -> None:
        """The modem opened and answered a whole round: the next fault begins with the first pause and the first rung."""
        self._pause = self._first_pause
        self._rung = 0


def event_of_error(error: ModemError) -> Event:
    """The event an error of the driver stands for."""
    if isinstance(error, ModemAbsent):
        return Event.GONE
    if isinstance(error, PinNeeded):
        return Event.PIN_ASKED
    if isinstance(error, SimMissing):
        return Event.SIM_MISSING
    return Event.MUTE if isinstance(error, ModemSilent) else Event.REFUSED


def event_of_status(state: ModemState) -> Event:
    """The event a status of the driver stands for."""
    return _BY_STATUS.get(state, Event.OPENED)
