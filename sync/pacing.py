"""When to send and how much: pure decisions. Times are seconds of one monotonic clock, randomness comes in as numbers.

    idle ──trigger──▶ send ──all sent──▶ idle
                       │ failure                          401/403
                       ▼                                     │
                    back off ──time──▶ send              refused: ask only now and then, with an empty frame

A trigger is: an urgent entry, `batch_entries` waiting ones, `wait_seconds` after the first unsent one, `beat_seconds`
without a sign of life, or the operator's button. Urgent and button do not wait for the back-off to end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

FIRST_BATCH_OCTETS = 4 * 1024
LARGEST_BATCH_OCTETS = 32 * 1024
SMALLEST_BATCH_OCTETS = 64
"""No frame with an entry is smaller, so this means one entry a frame."""
REFUSED_ASK_SECONDS = 3600.0
"""After 401/403 nothing is sent but, so seldom, the question whether it still holds."""
FIRST_BEAT_SECONDS = 5.0
"""After the start: the modem should be open before a laptop tells how it is."""
SOONEST_BEAT_SECONDS = 60.0
"""A laptop whose state changes all the time tells so no more often than this."""
LONGEST_RETRY_AFTER_SECONDS = 3600.0
"""No server may silence a laptop longer than this."""


@dataclass(frozen=True)
class Rules:
    """Settings of the pacing, in seconds and entries (`[sync]`)."""

    batch_entries: int = 20
    wait_seconds: float = 900.0
    beat_seconds: float = 900.0
    backoff_seconds: float = 30.0
    backoff_max_seconds: float = 900.0


class Action(StrEnum):
    """What is to be done now."""

    REST = "rest"
    SEND = "send"
    BEAT = "beat"
    """Write a sign of life into the ledger, then send."""
    ASK = "ask"
    """An empty frame, to learn whether the refusal still holds."""


@dataclass(frozen=True)
class Pace:
    """State of the pacing."""

    batch_octets: int = FIRST_BATCH_OCTETS
    failures: int = 0
    not_before: float = 0.0
    """No try before this, but for urgent ones and the button."""
    first_waiting_at: float | None = None
    beat_at: float = 0.0
    """When the next sign of life is due."""
    beat_wanted: bool = False
    """It has something new to tell, so data that was sent does not stand in for it."""
    beaten_at: float = float("-inf")
    """When the last sign of life was written."""
    at_once: bool = False
    """Urgent entry or button: not yet tried."""
    refused: bool = False


def start(now: float, rules: Rules, random: float) -> Pace:
    """The state at start: a first contact after `backoff_seconds` at most, spread by `random` (0 ≤ random < 1)."""
    first = now + rules.backoff_seconds * random
    return Pace(not_before=first, beat_at=first + FIRST_BEAT_SECONDS, beat_wanted=True)


def noticed(pace: Pace, now: float, waiting: int) -> Pace:
    """Take note of how many entries wait now."""
    if waiting == 0:
        return replace(pace, first_waiting_at=None)
    return pace if pace.first_waiting_at is not None else replace(pace, first_waiting_at=now)


def hurried(pace: Pace, *, person: bool = False) -> Pace:
    """An urgent entry waits, or a person pressed the button (which also lifts a refusal for one try)."""
    return replace(pace, at_once=True, refused=pace.refused and not person)


def unsettled(pace: Pace, now: float) -> Pace:
    """The laptop's state changed (its modem vanished, say): tell it soon."""
    return replace(pace, beat_wanted=True, beat_at=min(pace.beat_at, max(now, pace.beaten_at + SOONEST_BEAT_SECONDS)))


def plan(pace: Pace, now: float, waiting: int, rules: Rules) -> tuple[Action, float]:
    """What to do now, and for REST until when (monotonic seconds)."""
    if pace.refused:
        return (Action.ASK, now) if now >= pace.not_before else (Action.REST, pace.not_before)
    if pace.at_once:
        return Action.SEND, now
    due = max(pace.not_before, min(_data_due(pace, waiting, rules), pace.beat_at))
    if now < due:
        return Action.REST, due
    return (Action.BEAT if now >= pace.beat_at else Action.SEND), now


def _data_due(pace: Pace, waiting: int, rules: Rules) -> float:
    if waiting == 0 or pace.first_waiting_at is None:
        return float("inf")
    if waiting >= rules.batch_entries or pace.failures:
        return pace.first_waiting_at
    return pace.first_waiting_at + rules.wait_seconds


def beaten(pace: Pace, now: float, rules: Rules) -> Pace:
    """A sign of life was written."""
    return replace(pace, beat_at=now + rules.beat_seconds, beat_wanted=False, beaten_at=now)


def tried(pace: Pace) -> Pace:
    """A try begins: urgency is served by it, whatever comes of it."""
    return replace(pace, at_once=False)


def succeeded(pace: Pace, now: float, rules: Rules, *, sent: int) -> Pace:
    """A valid reply came. Carrying entries, it lets the next batch be twice as large."""
    grown = min(LARGEST_BATCH_OCTETS, pace.batch_octets * 2) if sent else pace.batch_octets
    return replace(
        pace,
        batch_octets=grown,
        failures=0,
        not_before=now,
        refused=False,
        beat_at=pace.beat_at if pace.beat_wanted else max(pace.beat_at, now + rules.beat_seconds),
    )


def failed(pace: Pace, now: float, rules: Rules, random: float, *, halve: bool, retry_after: float | None) -> Pace:
    """No valid reply. Waits a random part (0 ≤ random < 1, "full jitter") of a time that doubles with each failure."""
    span = min(rules.backoff_max_seconds, rules.backoff_seconds * 2.0 ** min(pace.failures, 30))
    wait = span * random
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER_SECONDS))
    smaller = shrunk(pace) if halve else pace
    return replace(smaller, failures=pace.failures + 1, not_before=now + wait)


def shrunk(pace: Pace) -> Pace:
    """Half the batch, down to one entry."""
    return replace(pace, batch_octets=max(SMALLEST_BATCH_OCTETS, pace.batch_octets // 2))


def turned_away(pace: Pace, now: float) -> Pace:
    """401/403: stop sending."""
    return replace(pace, refused=True, failures=pace.failures + 1, not_before=now + REFUSED_ASK_SECONDS)
