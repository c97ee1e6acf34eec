"""The life of a modem as a table: every fault has its step, nothing is given up."""

from __future__ import annotations

import itertools

import pytest

from modem.life import ABSENT_CEILING_SECONDS, LADDER, TABLE, Event, Life, Step, event_of_error, event_of_status
from modem.types import (
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemSilent,
    ModemState,
    PinNeeded,
    SimMissing,
)

FOLLOWS = {
    Event.GONE: (ModemState.ABSENT, Step.REOPEN),
    Event.REFUSED: (ModemState.HUNG, Step.REOPEN),
    Event.PIN_ASKED: (ModemState.PIN_NEEDED, Step.REOPEN),
    Event.SIM_MISSING: (ModemState.NO_SIM, Step.REOPEN),
    Event.OPENED: (ModemState.SEARCHING, Step.SERVE),
    Event.SEARCHES: (ModemState.SEARCHING, Step.SERVE),
    Event.DENIED: (ModemState.DENIED, Step.SERVE),
    Event.REGISTERED: (ModemState.READY, Step.SERVE),
    Event.FILLED: (ModemState.FULL, Step.SERVE),
    Event.LOST_LONG: (ModemState.RESETTING, Step.RESET),
    Event.RESTARTED: (ModemState.OPENING, Step.REOPEN),
    Event.MUTE: (ModemState.RESETTING, Step.RESET),
}


def life() -> Life:
    return Life(first_pause=1.0, ceiling=8.0)


def in_state(state: ModemState) -> Life:
    made = life()
    made.state = state
    return made


def test_every_event_has_a_row() -> None:
    assert set(TABLE) == set(Event) == set(FOLLOWS)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ModemState, Event)))
def test_from_every_state_every_event_leads_on(state: ModemState, event: Event) -> None:
    made = in_state(state)
    assert (made.on(event), made.state) == (FOLLOWS[event][1], FOLLOWS[event][0])


def test_a_mute_modem_is_reset_reopened_and_then_loses_its_usb_power_round_and_round() -> None:
    made = life()
    steps = [made.on(Event.MUTE) for _ in range(2 * len(LADDER))]
    assert steps == [Step.RESET, Step.REOPEN, Step.POWER, Step.REOPEN] * 2


@pytest.mark.parametrize("between", [Event.GONE, Event.REFUSED, Event.RESTARTED])
def test_the_absence_that_a_reset_brings_does_not_start_the_ladder_anew(between: Event) -> None:
    made = life()
    steps = []
    for _ in range(3):
        steps.append(made.on(Event.MUTE))
        made.on(between)
    assert steps == [Step.RESET, Step.REOPEN, Step.POWER]


def test_a_modem_that_worked_begins_at_the_foot_of_the_ladder() -> None:
    made = life()
    made.on(Event.MUTE)
    made.on(Event.REGISTERED)
    made.worked()
    assert made.on(Event.MUTE) is Step.RESET


def test_pauses_double_up_to_the_ceiling_and_begin_anew_once_it_worked() -> None:
    made = life()
    assert [made.next_pause() for _ in range(6)] == [1, 2, 4, 8, 8, 8]
    made.worked()
    assert made.next_pause() == 1


def test_a_modem_that_is_plugged_in_is_not_kept_waiting() -> None:
    made = life()
    made.on(Event.GONE)
    assert max(made.next_pause() for _ in range(20)) == ABSENT_CEILING_SECONDS
    made.on(Event.MUTE)
    assert made.next_pause() == 8


def test_opening_alone_does_not_shorten_the_pauses() -> None:
    made = life()
    made.next_pause()
    made.on(Event.OPENED)
    assert made.next_pause() == 2


@pytest.mark.parametrize("event", list(Event))
def test_nothing_is_ever_given_up(event: Event) -> None:
    """However often something happens, there is a step that leads back to an open modem."""
    made = life()
    assert {made.on(event) for _ in range(50)} <= {Step.SERVE, Step.REOPEN, Step.RESET, Step.POWER}
    assert made.next_pause() <= 8


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (ModemAbsent("gone"), Event.GONE),
        (ModemSilent("mute"), Event.MUTE),
        (PinNeeded("AT+CPIN?", "SIM PIN"), Event.PIN_ASKED),
        (SimMissing("AT+CPIN?", "+CME ERROR: 10"), Event.SIM_MISSING),
        (ModemRefused("AT+CMGF=0", "ERROR"), Event.REFUSED),
    ],
)
def test_errors_of_the_driver_stand_for_events(error: ModemError, event: Event) -> None:
    assert event_of_error(error) is event


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (ModemState.READY, Event.REGISTERED),
        (ModemState.SEARCHING, Event.SEARCHES),
        (ModemState.DENIED, Event.DENIED),
        (ModemState.FULL, Event.FILLED),
        (ModemState.OPENING, Event.OPENED),
    ],
)
def test_states_that_the_driver_reports_stand_for_events(state: ModemState, event: Event) -> None:
    assert event_of_status(state) is event
