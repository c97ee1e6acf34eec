"""One command, one answer, with a time limit: AT over a serial line for tools that need no driver (scan, shell).

What lives here: writing a command and waiting for its answer. What does not: which commands, and what answers mean
(`discovery.py`, `gateway/cli/modem.py`), and everything a modem in service needs (`serial_modem.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .at import Answer, Dialogue, Event, Prompt
from .serial_line import SerialLine

WRITE_SECONDS = 2.0
"""A port that takes no octets for so long is as good as gone."""
WAKE_SECONDS = 1.2
"""How long a bare AT may take. V.250 names no limit; a modem that is awake answers within some milliseconds."""
QUIET_SECONDS = 0.2
"""After an answer that never came, the line must be quiet this long: a late one must not be taken for the next."""


class AtPort:
    """An open port that commands are given to. `heard` gets every other line, as it comes.

    Opening raises ModemAbsent, as does every method when the port vanishes.
    """

    def __init__(
        self,
        port: str,
        *,
        baud: int = 115_200,
        heard: Callable[[Event], None] = lambda event: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._heard = heard
        self._monotonic = monotonic
        self._dialogue = Dialogue()
        self._line = SerialLine(port, baud, WRITE_SECONDS)

    def __enter__(self) -> AtPort:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port; never raises."""
        self._line.close()

    def wake(self, tries: int = 2) -> bool:
        """Whether a bare AT is answered with OK. A try without an answer gives up a prompt that was left open (ESC)."""
        for _ in range(tries):
            answer = self.command("AT", WAKE_SECONDS)
            if answer is not None and answer.ok:
                return True
        return False

    def command(self, command: str, seconds: float, *, body: Callable[[], str | None] | None = None) -> Answer | None:
        """The answer to a command; None where none came within `seconds`.

        `body` is asked for when the modem shows its prompt; None from it gives the command up.
        """
        self._line.write(self._dialogue.command(command, body=body is not None))
        deadline = self._monotonic() + seconds
        while (left := deadline - self._monotonic()) > 0:
            answer: Answer | None = None
            prompted = False
            for event in self._dialogue.feed(self._line.read(left)):
                if isinstance(event, Answer) and answer is None:
                    answer = event
                elif isinstance(event, Prompt):
                    prompted = True
                else:
                    self._heard(event)
            if answer is not None:
                return answer
            if prompted and body is not None:
                text = body()
                if text is None:
                    break
                self._line.write(self._dialogue.body(text))
                deadline = self._monotonic() + seconds
        self._line.write(self._dialogue.abandon())
        self._settle()
        return None

    def listen(self, seconds: float) -> None:
        """Wait up to `seconds` for something to hear."""
        for event in self._dialogue.feed(self._line.read(seconds)):
            self._heard(event)

    def _settle(self) -> None:
        quiet_at = self._monotonic() + QUIET_SECONDS
        end = quiet_at + 4 * QUIET_SECONDS
        while (now := self._monotonic()) < min(quiet_at, end):
            if octets := self._line.read(quiet_at - now):
                for event in self._dialogue.feed(octets):
                    self._heard(event)
                quiet_at = self._monotonic() + QUIET_SECONDS
