"""Which modem takes an SMS. Pure: what is known of the modems comes in, the key of one of them goes out.

Able to send, and readiest now ─▶ longest matching beginning of the number ─▶ idle ─▶ least used in 24 hours
─▶ first in the settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

_COUNTRY = "+62"
"""In place of the 0 of numbers written as at home."""


class Readiness(IntEnum):
    """How ready a modem is to send."""

    AWAY = 0
    """Absent, mute, or resting because the network refused."""
    OPEN = 1
    """It answers, but knows no network: taken only where no other is ready, for some modems do not tell the truth."""
    READY = 2


@dataclass(frozen=True)
class Candidate:
    """A modem as far as sending goes. `used`: parts it took in the last 24 hours, with those under way."""

    key: str
    sends: bool = True
    prefixes: tuple[str, ...] = ()
    readiness: Readiness = Readiness.READY
    used: int = 0
    busy: bool = False
    """It is sending another SMS now: waiting for it saves nothing but where its prefix fits."""


def choose(recipient: str, candidates: Sequence[Candidate], *, urgent: bool = False) -> str | None:
    """Key of the modem for `recipient` (E.164); None where none can take it now. `candidates` in the order of the settings.

    What is `urgent` goes to one that is idle, whatever the prefixes: a modem may take a minute to notice that it is mute.
    """
    able = [one for one in candidates if one.sends and one.readiness is not Readiness.AWAY]
    if not able:
        return None

    def rank(one: Candidate) -> tuple[int, bool, int, bool, int]:
        return -one.readiness, urgent and one.busy, -matching(recipient, one.prefixes), one.busy, one.used

    return min(able, key=rank).key


def matching(recipient: str, prefixes: Sequence[str]) -> int:
    """Length of the longest of `prefixes` that `recipient` begins with; 0 where none fits."""
    written = [_COUNTRY + prefix[1:] if prefix.startswith("0") else prefix for prefix in prefixes]
    return max((len(prefix) for prefix in written if prefix and recipient.startswith(prefix)), default=0)
