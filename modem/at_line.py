"""Commands and answers on a serial line: one at a time, each with a time limit, nothing that comes in between lost.

What lives here: writing, waiting, giving up, finding out whether the modem still answers, and the news that gather meanwhile.
What does not: which commands, and what answers mean. All waiting is measured with `monotonic` and done by reading the port.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from .answers import is_unknown, matters
from .at import Answer, Dialogue, Event, Prompt, Stray, Unsolicited
from .serial_line import SerialLine
from .types import ModemAbsent, ModemSilent

Tap = Callable[[str, bytes], None]
"""Told every piece of the line: `>` what we wrote or `<` what came, and the octets; a PIN is starred out."""
Heard = Callable[[Event], None]

PROBES = 3
PROBE_SECONDS = 2.0
PATIENCE_FACTOR = 8
"""Longest time for one answer, as a multiple of the silence allowed."""
PROMPT_SECONDS = 10.0
"""27.005 names no limit; slow phones show the prompt after some seconds."""
OPTIONAL_SECONDS = 5.0
"""Patience with commands we can do without."""
SETTLE_SECONDS = 0.2
"""After the first answer the line must be quiet this long: what a booting modem still has to say is no answer to the next."""
SETTLE_FACTOR = 5
"""It is not waited longer than so many times that, however much it chatters."""
WAKE_SECONDS = 1.2
"""How long a bare AT may take where a port is only looked at. V.250 names no limit; a modem that is awake takes milliseconds."""
MARKER = "AT+WASPADA?"
"""A command no modem has. Its ERROR shows that the answers before it have all come."""


class AtLine:
    """The line to one modem. Every method but `close`, `wake` and `interrupt` raises ModemAbsent when the port is gone."""

    def __init__(
        self,
        port: str,
        *,
        baud: int,
        answer_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
        tap: Tap | None = None,
        heard: Heard | None = None,
        patience_factor: int = PATIENCE_FACTOR,
    ) -> None:
        """`heard` gets what is no answer, and then no news are kept; `patience_factor`: 1 for who waits no longer than asked."""
        self.port = port
        self.news: deque[Unsolicited] = deque()
        """What the modem said by itself and nobody took yet."""
        self.woken = False
        self.monotonic = monotonic
        self.answer_seconds = answer_seconds
        self.echo_is_off = False
        """Set once the modem stopped repeating our commands: if it begins again, it began anew."""
        self.echo_came_back = False
        self._baud = baud
        self._tap = tap
        self._heard = heard
        self._patience_factor = patience_factor
        self._interrupted = False
        self._secret = ""
        self._held_back = b""
        self._line: SerialLine | None = None
        self._dialogue = Dialogue()
        self._useless: set[str] = set()

    def open(self) -> None:
        """Open the port. A message that came directly is nowhere else: it outlives the line it came on."""
        self.close()
        self._dialogue = Dialogue()
        self.news = deque(event for event in self.news if event.pdu)
        self._useless.clear()
        self.echo_is_off = self.echo_came_back = False
        self._line = SerialLine(self.port, self._baud, self.answer_seconds)

    def __enter__(self) -> AtLine:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port; never raises."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    @property
    def is_open(self) -> bool:
        """Whether the port is open."""
        return self._line is not None

    def wake(self) -> None:
        """End a running `listen`. Callable from any thread."""
        self.woken = True
        line = self._line
        if line is not None:
            line.interrupt()

    def interrupt(self) -> None:
        """End what is under way with ModemAbsent, and all that follows, but for the answer to a secret. From any thread."""
        self._interrupted = True
        line = self._line
        if line is not None:
            line.interrupt()

    # -- commands --------------------------------------------------------------------------------------------------

    def command(self, command: str, seconds: float | None = None, *, secret: str = "") -> Answer:
        """Ask and wait for the answer, whatever it is. `secret`: a part of the command no record may show.

        Raises ModemSilent after `seconds` without a line of it.
        """
        seconds = seconds or self.answer_seconds
        shown = command.replace(secret, "*" * len(secret)) if secret else command
        self._secret = secret
        try:
            self._write(self._dialogue.command(command))
            event = self._until((Answer,), seconds, shown)
        finally:
            self._secret = ""
            self._show_held_back(secret)
        assert isinstance(event, Answer)
        self._watch_echo()
        return event

    def optional(self, command: str) -> Answer | None:
        """The answer to a command we can do without; None where the modem stays silent, then it is not asked again.

        Raises ModemSilent where it does not answer a plain AT afterwards either.
        """
        if command in self._useless:
            return None
        try:
            answer = self.command(command, OPTIONAL_SECONDS)
        except ModemSilent:
            self._useless.add(command)
            self.probe(in_doubt=True)
            return None
        if is_unknown(answer):
            self._useless.add(command)
        return answer

    def lines(self, command: str) -> tuple[str, ...] | None:
        """The information lines of an optional command; None where it was refused or not answered."""
        answer = self.optional(command)
        return answer.lines if answer is not None and answer.ok else None

    def value(self, command: str, prefix: str) -> str | None:
        """What stands behind `prefix:` in the answer to an optional command."""
        lines = self.lines(command) or ()
        return next((line[len(prefix) + 1 :].strip() for line in lines if line.startswith(prefix + ":")), None)

    def ask(self, command: str, seconds: float, *, body: Callable[[], str | None] | None = None) -> Answer | None:
        """The answer to a command for tools that need no driver; None where none came within `seconds`.

        `body` is asked for when the modem shows its prompt; None from it gives the command up.
        """
        try:
            if body is None:
                return self.command(command, seconds)
            if (answer := self.prompt(command, seconds)) is not None:
                return answer
            if (text := body()) is not None:
                return self.body(text, seconds, command)
            self.give_up()
        except ModemSilent:
            pass
        self._settle()  # a late answer must not be taken for the next
        return None

    def answers(self, tries: int = 2) -> bool:
        """Whether a bare AT is answered with OK. A try without an answer gives up a prompt that was left open (ESC)."""
        asked = (self.ask("AT", WAKE_SECONDS) for _ in range(tries))
        return any(answer is not None and answer.ok for answer in asked)

    def prompt(self, command: str, seconds: float | None = None) -> Answer | None:
        """Begin a command that asks for a body; None once it asks, else its answer."""
        self._write(self._dialogue.command(command, body=True))
        event = self._until((Prompt, Answer), PROMPT_SECONDS if seconds is None else seconds, command)
        self._watch_echo()
        return event if isinstance(event, Answer) else None

    def body(self, body: str, seconds: float, command: str) -> Answer:
        """Hand over the body and wait for the answer."""
        self._write(self._dialogue.body(body))
        event = self._until((Answer,), seconds, command)
        assert isinstance(event, Answer)
        return event

    def give_up(self) -> None:
        """Forget a command under way, and make the modem forget its prompt."""
        self._write(self._dialogue.abandon())

    def probe(self, *, in_doubt: bool = False) -> None:
        """Find out whether the modem answers. Raises ModemSilent. `in_doubt`: an earlier answer may still come."""
        for _ in range(PROBES):
            self._write(self._dialogue.abandon() + b"\r")
            self._hear_what_is_there()
            try:
                answered = self.command("AT", PROBE_SECONDS).ok
            except ModemSilent:
                answered = False
            if answered and not in_doubt:
                self._settle()
                return
            if answered:
                self._catch_up()
                return
            in_doubt = True
        raise ModemSilent(f"nothing on {self.port} answers AT")

    def _catch_up(self) -> None:
        """Wait until no late answer can be taken for the next command's.

        Answers come in the order of the commands, so once the marker's ERROR is here, no other is under way. A modem that says
        OK to everything is believed after it was quiet for a while.
        """
        try:
            answer = self.command(MARKER, PROBE_SECONDS)
        except ModemSilent:
            return
        for _ in range(PROBES):
            if not answer.ok:
                return
            late = self._late_answer()
            if late is None:
                return
            answer = late

    def _late_answer(self) -> Answer | None:
        deadline = self.monotonic() + PROBE_SECONDS
        while self.monotonic() < deadline:
            for event in self._hear(deadline):
                if isinstance(event, Stray) and (event.line == "OK" or "ERROR" in event.line):
                    return Answer(MARKER, (), event.line)
        return None

    def _settle(self) -> None:
        now = self.monotonic()
        quiet_at, cap = now + SETTLE_SECONDS, now + SETTLE_FACTOR * SETTLE_SECONDS
        while (now := self.monotonic()) < min(quiet_at, cap):
            if self._hear(quiet_at):
                quiet_at = now + SETTLE_SECONDS

    def _hear_what_is_there(self) -> None:
        # What came unasked is heard and not thrown away: a message delivered directly is nowhere else.
        cap = self.monotonic() + PROBE_SECONDS
        while self.monotonic() < cap and self._feed(self._read(self.monotonic())):
            pass

    # -- waiting ---------------------------------------------------------------------------------------------------

    def listen(self, deadline: float) -> None:
        """Wait until something comes, `wake` is called or the deadline passes; what matters is then in `news`. May end early."""
        self._feed(self._read(deadline))

    def pause(self, seconds: float) -> None:
        """Let time pass, hearing what comes."""
        deadline = self.monotonic() + seconds
        while self.monotonic() < deadline:
            self.listen(deadline)

    def take(self, name: str) -> Unsolicited | None:
        """The first news of this name, removed; None where there is none."""
        found = next((event for event in self.news if event.name == name), None)
        if found is not None:
            self.news.remove(found)
        return found

    def _until(self, wanted: tuple[type[Event], ...], seconds: float, shown: str) -> Event:
        """The next event of a wanted kind.

        A slow line is no silent modem (40 messages at 9600 baud take 15 s): every line of the answer renews the patience, up to
        a cap. What a modem says by itself does not: many chatter on while they answer nothing.
        """
        deadline = self.monotonic() + seconds
        cap = self.monotonic() + self._patience_factor * seconds
        while True:
            gathered = self._dialogue.gathered
            events = self._feed(self._read(deadline))
            found = next((event for event in events if isinstance(event, wanted)), None)
            if found is not None:
                return found
            now = self.monotonic()
            if self._dialogue.gathered > gathered and now < cap:
                deadline = max(deadline, min(now + seconds, cap))
            if now >= deadline:
                self.give_up()
                raise ModemSilent(f"no answer to {shown} within {seconds:g} s")

    def notice_echo(self) -> None:
        """Remember whether the modem repeats commands; from now on a change is a restart."""
        self.echo_is_off = not self._dialogue.echoes

    def _watch_echo(self) -> None:
        if self.echo_is_off and self._dialogue.echoes:
            self.echo_came_back = True

    # -- octets ----------------------------------------------------------------------------------------------------

    def _hear(self, deadline: float) -> list[Event]:
        return self._feed(self._read(deadline))

    def _feed(self, octets: bytes) -> list[Event]:
        events = self._dialogue.feed(octets)
        if self._heard is not None:
            for event in events:
                if not isinstance(event, Answer | Prompt):
                    self._heard(event)
            return events
        self.news.extend(event for event in events if isinstance(event, Unsolicited) and matters(event))
        return events

    def _read(self, deadline: float) -> bytes:
        left = max(0.0, deadline - self.monotonic())
        try:
            if self._interrupted and not self._secret:
                raise ModemAbsent(f"the port {self.port} was left")
            octets = self._open_line().read(left)
        except ModemAbsent:
            self._dialogue.abandon()
            raise
        if octets and self._tap is not None:
            if self._secret:
                self._held_back += octets
            else:
                self._tap("<", octets)
        return octets

    def _write(self, octets: bytes) -> None:
        if self._tap is not None:
            self._tap(">", _starred(octets, self._secret))
        try:
            self._open_line().write(octets)
        except ModemAbsent:
            self._dialogue.abandon()
            raise

    def _show_held_back(self, secret: str) -> None:
        """Tell the tap what came while a secret was on the line; an echo cut in two is only now in one piece."""
        held, self._held_back = self._held_back, b""
        if held and self._tap is not None:
            self._tap("<", _starred(held, secret))

    def _open_line(self) -> SerialLine:
        if self._line is None:
            raise ModemAbsent(f"the port {self.port} is not open")
        return self._line


def _starred(octets: bytes, secret: str) -> bytes:
    return octets.replace(secret.encode(), b"*" * len(secret)) if secret else octets
