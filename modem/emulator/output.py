"""What an emulated modem says, and when: octets in order, none before its time, none faster than the line. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

BITS_PER_OCTET = 10
"""Start bit, eight data bits, stop bit."""
_BURST_SECONDS = 0.005
"""At a paced line so much is let out at once: a wake-up for every octet would cost more than it shows."""


class TimedOutput:
    """Octets on their way out. `clock` counts seconds; `baud` is the speed of the line in bit/s, None is no limit."""

    def __init__(self, clock: Callable[[], float], baud: int | None = None) -> None:
        self.baud = baud
        self._clock = clock
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._last_due = 0.0
        self._line_free = 0.0

    def put(self, octets: bytes, delay: float = 0.0) -> None:
        """Say this `delay` seconds from now, and not before what was put earlier."""
        if octets:
            self._last_due = max(self._last_due, self._clock() + delay)
            self._pieces.append((self._last_due, octets))

    def take(self) -> bytes:
        """Everything whose time has come."""
        now = self._clock()
        taken = bytearray()
        while self._pieces and self._pieces[0][0] <= now:
            due, octets = self._pieces.popleft()
            if self.baud is None:
                taken += octets
                continue
            rate = self.baud / BITS_PER_OCTET
            start = max(due, self._line_free)
            count = min(len(octets), int((now - start) * rate + 1e-6))
            taken += octets[: max(0, count)]
            self._line_free = start + max(0, count) / rate
            if count < len(octets):
                self._pieces.appendleft((due, octets[max(0, count) :]))
                break
        return bytes(taken)

    def seconds_to_next(self) -> float | None:
        """How long until `take` has something; None when there is nothing on its way."""
        if not self._pieces:
            return None
        due, octets = self._pieces[0]
        if self.baud is not None:
            burst = min(len(octets) * BITS_PER_OCTET / self.baud, _BURST_SECONDS)
            due = max(due, self._line_free) + max(burst, BITS_PER_OCTET / self.baud)
        return max(0.0, due - self._clock())

    def clear(self) -> None:
        """Forget what was not said yet."""
        self._pieces.clear()
        self._last_due = 0.0
