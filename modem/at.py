"""The AT dialogue (3GPP TS 27.005, 27.007; ITU-T V.250) as a state machine fed with bytes. No I/O, no clock.

What lives here: cutting the byte stream into lines, dropping echoes, telling answers from unsolicited lines, the prompt.
What does not: which commands to send, time-outs, retries (`serial_modem.py`).

    IDLE ──command()──▶ ANSWERING ──final code──▶ IDLE
    IDLE ──command(body)──▶ PROMPTING ──"> "──▶ Prompt; body() ──▶ ANSWERING
                            PROMPTING ──final code──▶ IDLE   (the modem refused before the prompt)

The caller writes what `command` and `body` return, feeds what it reads, and acts on the events. `abandon` forgets a
command that was never answered; its late answer is then reported as `Stray` lines, never as somebody else's answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

CTRL_Z = b"\x1a"
ESCAPE = b"\x1b"
LINE_LIMIT = 4096
"""Longest line kept, octets; the longest legal one, a PDU with its SMSC, has 352. More is noise and is cut."""


class State(Enum):
    """Where the dialogue stands."""

    IDLE = auto()
    ANSWERING = auto()
    PROMPTING = auto()


@dataclass(frozen=True)
class Answer:
    """A command's complete answer. `code` is the number of `+CMS ERROR` (27.005 3.2.5) or `+CME ERROR` (27.007 9.2)."""

    command: str
    lines: tuple[str, ...]
    final: str
    code: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the modem said OK."""
        return self.final == "OK"

    def values(self, prefix: str) -> list[str]:
        """What stands behind `prefix:` in the lines that begin with it."""
        return [line[len(prefix) + 1 :].strip() for line in self.lines if line.startswith(prefix + ":")]


@dataclass(frozen=True)
class Prompt:
    """The modem waits for the body."""


@dataclass(frozen=True)
class Unsolicited:
    """A line the modem sent by itself: `name` (such as `+CMTI`), what follows, and the PDU of a two-line one."""

    name: str
    text: str
    pdu: str = ""


@dataclass(frozen=True)
class Stray:
    """A line that belongs to nothing: garbage, a boot banner, the late answer of an abandoned command."""

    line: str


Event = Answer | Prompt | Unsolicited | Stray

_FINAL = re.compile(
    r"^(?:OK|ERROR|ABORTED|COMMAND NOT SUPPORT(?:ED)?|TOO MANY PARAMETERS|NO CARRIER|BUSY|NO ANSWER"
    r"|\+CM[ES] ERROR: ?.*)$"
)
_ERROR_CODE = re.compile(r"^\+CM[ES] ERROR: ?(\d+)$")
_HEX = re.compile(r"^[0-9A-Fa-f]{4,}$")
_UNSOLICITED = frozenset(
    ["+CMTI", "+CMT", "+CDSI", "+CDS", "+CBM", "+CBMI", "+CUSD", "+CREG", "+CGREG", "+CEREG", "+CPIN", "+CRING", "+CLIP",
     "+CTZV", "+CTZE", "+CIEV", "+CFUN"]
)  # fmt: skip
"""Names of lines a modem may send at any time. Vendors' own (`^RSSI:` and the like) are recognised by their first sign."""
_WITH_PDU = frozenset(["+CMT", "+CDS", "+CBM"])
_STATUS_QUERIES = frozenset(["+CREG", "+CGREG", "+CEREG", "+CPIN", "+CFUN"])
"""Names that also answer a query; then they belong to the answer of `AT<name>?`."""
_VENDOR_SIGNS = ("^", "*", "%", "&", "$", "#")
_BANNERS = frozenset(["RING", "RDY", "Call Ready", "SMS Ready", "SMS DONE", "PB DONE", "NORMAL POWER DOWN"])


class Dialogue:
    """One modem's dialogue. Not thread-safe: one thread owns it."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self._command = ""
        self._body = ""
        self._lines: list[str] = []
        self._buffer = bytearray()
        self._awaits_pdu: tuple[str, str] | None = None

    def command(self, command: str, *, body: bool = False) -> bytes:
        """Begin a command (without its line end); returns the bytes to write. `body`: it will ask for one."""
        if self.state is not State.IDLE:
            raise RuntimeError(f"{self._command} is not answered yet")
        self.state = State.PROMPTING if body else State.ANSWERING
        self._command, self._body, self._lines = command, "", []
        return command.encode("ascii") + b"\r"

    def body(self, body: str) -> bytes:
        """The body after a `Prompt`; returns the bytes to write."""
        if self.state is not State.PROMPTING:
            raise RuntimeError("no command asked for a body")
        self.state = State.ANSWERING
        self._body = body
        return body.encode("ascii") + CTRL_Z

    def abandon(self) -> bytes:
        """Forget the command under way and half a line; returns the bytes that make the modem forget a prompt too."""
        self.state = State.IDLE
        self._lines = []
        self._buffer.clear()
        self._awaits_pdu = None
        return ESCAPE

    def feed(self, octets: bytes) -> list[Event]:
        """Take what the modem sent, cut anywhere; returns what it means so far."""
        events: list[Event] = []
        for octet in octets:
            if octet in b"\r\n":
                self._line_ended(events)
            elif octet:
                if len(self._buffer) < LINE_LIMIT:
                    self._buffer.append(octet)
                if self._at_prompt():
                    self._buffer.clear()
                    events.append(Prompt())
        return events

    def _at_prompt(self) -> bool:
        # 27.005 3.5.1 promises CR LF > SP; many modems leave out the space, so the bare sign at a line's start counts.
        return self.state is State.PROMPTING and not self._body and bytes(self._buffer) == b">"

    def _line_ended(self, events: list[Event]) -> None:
        line = bytes(self._buffer).decode("ascii", "replace").strip()
        self._buffer.clear()
        if line:
            self._line(line, events)

    def _line(self, line: str, events: list[Event]) -> None:
        if self._awaits_pdu and _HEX.match(line):
            events.append(Unsolicited(*self._awaits_pdu, line.upper()))
            self._awaits_pdu = None
        elif self._is_echo(line):
            pass
        elif (name := self._unsolicited_name(line)) is not None:
            text = line[len(name) :].removeprefix(":").strip()
            if name in _WITH_PDU:
                self._awaits_pdu = (name, text)
            else:
                events.append(Unsolicited(name, text))
        elif self.state is State.IDLE:
            events.append(Stray(line))
        elif _FINAL.match(line):
            self._answered(line, events)
        else:
            self._lines.append(line)

    def _is_echo(self, line: str) -> bool:
        if self.state is State.IDLE:
            return False
        if line == self._command and not self._lines:
            return True
        return bool(self._body) and line.removeprefix(">").strip().rstrip("\x1a") in (self._body, "")

    def _unsolicited_name(self, line: str) -> str | None:
        if line in _BANNERS:
            return line
        name, colon, rest = line.partition(":")
        if not colon:
            return None
        if name in _STATUS_QUERIES:
            # An answer to AT+CREG? has at least mode and state; the unsolicited form begins with the state alone.
            asked = self.state is not State.IDLE and f"AT{name}?" == self._command
            return None if asked and (name in ("+CPIN", "+CFUN") or "," in rest) else name
        if name in _UNSOLICITED:
            return name
        if name[:1] in _VENDOR_SIGNS and name not in self._command:
            return name
        return None

    def _answered(self, final: str, events: list[Event]) -> None:
        code = _ERROR_CODE.match(final)
        self.state = State.IDLE
        events.append(Answer(self._command, tuple(self._lines), final, int(code[1]) if code else None))
        self._lines = []
