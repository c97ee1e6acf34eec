"""The AT dialogue (3GPP TS 27.005, 27.007; ITU-T V.250) as a state machine fed with bytes. No I/O, no clock.

What lives here: cutting the byte stream into lines, telling what kind of line each is, and the table of what it does. What does
not: which commands to send, time-outs, retries (`at_line.py`), what answers mean (`answers.py`).

    IDLE ──command()──▶ ANSWERING ──final code──▶ IDLE
    IDLE ──command(body)──▶ PROMPTING ──">"──▶ PROMPTED ──body()──▶ SENDING ──final code──▶ IDLE
                            PROMPTING, PROMPTED ──final code──▶ IDLE      (the modem refused before the body)

The caller writes what `command` and `body` return, feeds what it reads, and acts on the events. `abandon` forgets a
command that was never answered; its late answer is then reported as `Stray` lines, never as somebody else's answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from .codes import number_of

CTRL_Z = b"\x1a"
ESCAPE = b"\x1b"
LINE_LIMIT = 4096
"""Longest line kept, octets; the longest legal one, a PDU with its SMSC, has 352. More is noise and is cut."""
TEXT_LIMIT = 1024
"""Longest text over several lines kept, characters; a USSD text has 182 signs (TS 23.038 5), in hexadecimal 728."""


class State(Enum):
    """Where the dialogue stands."""

    IDLE = auto()
    ANSWERING = auto()
    """A command is out; its answer is gathered."""
    PROMPTING = auto()
    """A command is out that will ask for a body."""
    PROMPTED = auto()
    """It asked."""
    SENDING = auto()
    """The body is out; the answer is gathered."""


class Kind(Enum):
    """What a line is."""

    PROMPT = auto()
    ECHO = auto()
    """What we wrote ourselves, whole or a piece."""
    INFORMATION = auto()
    """Anything else: part of an answer, or nothing."""
    FINAL = auto()
    ANNOUNCEMENT = auto()
    """A line the modem may send at any time."""
    HEADER = auto()
    """The same, and its PDU follows on the next line (27.005 3.4.1)."""
    PDU = auto()
    """That next line."""
    OPENING = auto()
    """An announcement whose quoted text goes on in the next line."""
    TEXT = auto()
    """That text."""


class Act(Enum):
    """What is done with a line."""

    DROP = auto()
    ASK = auto()
    """Report a Prompt."""
    GATHER = auto()
    """It is a line of the answer."""
    ANSWER = auto()
    """It ends the answer, which is reported."""
    REPORT = auto()
    """Report it as Unsolicited."""
    HOLD = auto()
    """Wait for its PDU."""
    DELIVER = auto()
    """Report what was held with this PDU."""
    OPEN = auto()
    """Wait for the rest of its text."""
    CONTINUE = auto()
    """Add it to the text, which is reported once it is whole."""
    STRAY = auto()
    """Report it as Stray."""


_ANY = None
TABLE: Mapping[tuple[State | None, Kind], tuple[State | None, Act]] = {
    (State.PROMPTING, Kind.PROMPT): (State.PROMPTED, Act.ASK),
    (_ANY, Kind.PROMPT): (_ANY, Act.DROP),
    (State.IDLE, Kind.ECHO): (_ANY, Act.STRAY),
    (_ANY, Kind.ECHO): (_ANY, Act.DROP),
    (State.IDLE, Kind.INFORMATION): (_ANY, Act.STRAY),
    (_ANY, Kind.INFORMATION): (_ANY, Act.GATHER),
    (State.IDLE, Kind.FINAL): (_ANY, Act.STRAY),
    (_ANY, Kind.FINAL): (State.IDLE, Act.ANSWER),
    (_ANY, Kind.ANNOUNCEMENT): (_ANY, Act.REPORT),
    (_ANY, Kind.HEADER): (_ANY, Act.HOLD),
    (_ANY, Kind.PDU): (_ANY, Act.DELIVER),
    (_ANY, Kind.OPENING): (_ANY, Act.OPEN),
    (_ANY, Kind.TEXT): (_ANY, Act.CONTINUE),
}
"""(state, kind of line) → (state that follows, act). A row for any state holds where the state has none of its own; a state that
follows of None is the same one."""


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
    """A line the modem sent by itself: `name` (such as `+CMTI`), what follows, and the PDU of a two-line one.

    `pdu` is '' where the announced PDU never came, and the message's text where the modem is in text mode.
    """

    name: str
    text: str
    pdu: str = ""


@dataclass(frozen=True)
class Stray:
    """A line that belongs to nothing: garbage, the late answer of an abandoned command."""

    line: str


Event = Answer | Prompt | Unsolicited | Stray

_FINAL = re.compile(r"(?:OK|ERROR|ABORTED|COMMAND NOT SUPPORT(?:ED)?|TOO MANY PARAMETERS)$")
_ERROR = re.compile(r"\+(CM[ES]) ERROR ?:? ?(.*)$")
_CALL_ENDED = frozenset(["NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"])
"""Final codes of a dialled call only; else somebody who rang us hung up, which must end no other command."""
_DIALS = ("ATD", "ATA", "ATO")
_HEX = re.compile(r"[0-9A-Fa-f]{4,}$")
_WRITTEN_BY_US = re.compile(r"AT[+^*%$#&][A-Z]")
_NAME = re.compile(r"([+^*%&$#][A-Z][A-Z0-9_ ]*)(?::|$)")
_WITH_PDU = frozenset(["+CMT", "+CDS", "+CBM"])
_TEXT_MODE = re.compile(r'"[^"]*",.*"\d\d/\d\d/\d\d,')
"""A +CMT of text mode (27.005 3.4.1): sender and time stamp stand in the header."""
_STATUS_QUERIES = frozenset(["+CREG", "+CGREG", "+CEREG", "+CPIN", "+CFUN", "+CUSD"])
"""Names that also answer a query; then they belong to the answer of `AT<name>?`."""
_REGISTRATIONS = frozenset(["+CREG", "+CGREG", "+CEREG"])
_ASKED_REGISTRATION = re.compile(r" ?\d ?, ?\d{1,2} ?(?:,|$)")
"""`<n>,<stat>` of an answer; an unsolicited one has the state first and then, if anything, an area of four digits or quoted."""
_BANNERS = frozenset(
    [
        "RING", "RDY", "Call Ready", "SMS Ready", "SMS DONE", "PB DONE", "NORMAL POWER DOWN", "MODEM:STARTUP", "+PBREADY",
        "UNDER-VOLTAGE POWER DOWN", "UNDER-VOLTAGE WARNING", "UNDER-VOLTAGE WARNNING", "OVER-VOLTAGE POWER DOWN",
    ]
)  # fmt: skip
"""Lines without a name of the usual form that modems send by themselves: SIMCom, Quectel, Telit."""
_TEXT_ENDS = re.compile(r'"\s*,\s*\d*\s*$')
_LONGEST_IDENTITY = 20
"""Digits of the longest number a modem is asked for (ICCID): a line of digits that long may be an answer and no PDU."""


class Dialogue:
    """One modem's dialogue. Not thread-safe: one thread owns it."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self.echoes = False
        """Whether the modem repeated the last command."""
        self._command = ""
        self._body = ""
        self._echo_left = ""
        self._lines: list[str] = []
        self._buffer = bytearray()
        self._header: tuple[str, str] | None = None
        self._text: tuple[str, str] | None = None

    @property
    def gathered(self) -> int:
        """How many lines of the answer came so far."""
        return len(self._lines)

    def command(self, command: str, *, body: bool = False) -> bytes:
        """Begin a command (without its line end); returns the bytes to write. `body`: it will ask for one."""
        if self.state is not State.IDLE:
            raise RuntimeError(f"{self._command.partition('=')[0]} is not answered yet")  # behind = may stand a PIN
        self.state = State.PROMPTING if body else State.ANSWERING
        self._command, self._echo_left, self._body, self._lines = command, command, "", []
        self.echoes = False
        return command.encode("ascii") + b"\r"

    def body(self, body: str) -> bytes:
        """The body after a `Prompt`; returns the bytes to write."""
        if self.state is not State.PROMPTED:
            raise RuntimeError("no command asked for a body")
        self.state = State.SENDING
        self._body = body
        return body.encode("ascii") + CTRL_Z

    def abandon(self) -> bytes:
        """Forget the command under way and half a line; returns the bytes that make the modem forget a prompt too.

        A message that is just being delivered is nowhere else and is not forgotten.
        """
        self.state = State.IDLE
        self._lines = []
        self._echo_left = self._body = ""
        self._text = None
        if self._header is None:
            self._buffer.clear()
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
                # 27.005 3.5.1 promises CR LF > SP; many modems leave out the space, so the bare sign at a line's start counts.
                if octet == 0x3E and self.state is State.PROMPTING and not self._buffer[:-1].strip():
                    self._buffer.clear()
                    self._act(Kind.PROMPT, "", events)
        return events

    # -- lines -----------------------------------------------------------------------------------------------------

    def _line_ended(self, events: list[Event]) -> None:
        line = bytes(self._buffer).decode("ascii", "replace").strip()
        self._buffer.clear()
        if line:
            self._act(*self._kind_of(line), events)

    def _act(self, kind: Kind, line: str, events: list[Event]) -> None:
        following, act = TABLE.get((self.state, kind)) or TABLE[(_ANY, kind)]
        self.state = following or self.state
        if kind in (Kind.HEADER, Kind.FINAL) or (kind is Kind.INFORMATION and act is Act.STRAY):
            self._give_up_header(events)
        match act:
            case Act.ASK:
                events.append(Prompt())
            case Act.GATHER:
                self._lines.append(line)
            case Act.ANSWER:
                self._answered(line, events)
            case Act.REPORT:
                events.append(Unsolicited(*_named(line)))
            case Act.HOLD:
                self._header = _named(line)
            case Act.DELIVER:
                assert self._header is not None
                events.append(Unsolicited(*self._header, line.upper() if _HEX.match(line) else line))
                self._header = None
            case Act.OPEN:
                self._text = _named(line)
            case Act.CONTINUE:
                self._continue(line, events)
            case Act.STRAY:
                events.append(Stray(line))
            case Act.DROP:
                pass

    def _answered(self, final: str, events: list[Event]) -> None:
        error = _ERROR.match(final)
        events.append(
            Answer(self._command, tuple(self._lines), final, number_of(error[1], error[2]) if error else None)
        )
        self._lines = []
        self._body = self._echo_left = ""

    def _give_up_header(self, events: list[Event]) -> None:
        if self._header is not None:
            events.append(Unsolicited(*self._header))
            self._header = None

    def _continue(self, line: str, events: list[Event]) -> None:
        assert self._text is not None
        name, text = self._text[0], f"{self._text[1]}\n{line}"
        self._text = (name, text)
        if not _is_open(text) or len(text) > TEXT_LIMIT:
            self._text = None
            events.append(Unsolicited(name, text))

    # -- what kind of line -----------------------------------------------------------------------------------------

    def _kind_of(self, line: str) -> tuple[Kind, str]:
        """The kind of a line, and the line without what does not belong to it."""
        if self._text is not None:
            return Kind.TEXT, line
        if self._header is not None and self._is_its_pdu(line):
            return Kind.PDU, line
        if not line.strip("> "):
            return Kind.PROMPT, line
        line = self._without_echo(line)
        if not line:
            return Kind.ECHO, line
        if (kind := self._unsolicited_kind(line)) is not None:
            return kind, line
        if _FINAL.match(line) or _ERROR.match(line) or line in _CALL_ENDED:
            return Kind.FINAL, line
        return Kind.INFORMATION, line

    def _is_its_pdu(self, line: str) -> bool:
        """Whether this line is the PDU that the header announced. Lengths are not trusted, they only decide where two fit."""
        assert self._header is not None
        name, text = self._header
        if _TEXT_MODE.match(text):
            return True
        if not _HEX.match(line) or (self._body and line in self._body):
            return False
        if _announced(line, text, with_smsc=name != "+CBM") or self.state is State.IDLE:
            return True
        if len(line) <= _LONGEST_IDENTITY:
            return False
        listed = self._lines[-1] if self._lines else ""
        return not (listed.startswith(("+CMGL:", "+CMGR:")) and _announced(line, listed, with_smsc=True))

    def _without_echo(self, line: str) -> str:
        """The line without what is only our own words coming back; '' where nothing else is in it."""
        if self.state is State.IDLE:
            return line
        if self.state in (State.PROMPTED, State.SENDING):
            line = line.removeprefix(">").strip()
        bare = line.rstrip("\x1a")
        if not bare or (self._body and (bare in self._body or _HEX.match(bare))):
            return ""
        if line.endswith(self._command):
            self._echo_left, self.echoes = "", True
            return self._piece_before(line)
        line = self._without_piece(line)
        return "" if _WRITTEN_BY_US.match(line) else line  # a command that was given up

    def _piece_before(self, line: str) -> str:
        """What stands before our whole command in a line: an announcement without a line end, or nothing we want."""
        before = line.removesuffix(self._command)
        return before if self._unsolicited_kind(before) is not None else ""

    def _without_piece(self, line: str) -> str:
        """The line without the piece of the echo it begins with, where an announcement cut the echo in two."""
        left = self._echo_left
        common = next(
            (at for at in range(min(len(line), len(left))) if line[at] != left[at]), min(len(line), len(left))
        )
        begun = left != self._command
        if common == len(line) and (begun or common >= 2):
            self._echo_left, self.echoes = left[common:], True
            return ""
        for length in range(common, 0, -1):
            if self._unsolicited_kind(line[length:]) is not None and self._unsolicited_kind(line) is None:
                self._echo_left, self.echoes = left[length:], True
                return line[length:]
        return line

    def _unsolicited_kind(self, line: str) -> Kind | None:
        if line in _BANNERS or (line in _CALL_ENDED and not self._command.startswith(_DIALS)):
            return Kind.ANNOUNCEMENT
        found = _NAME.match(line)
        if found is None or _ERROR.match(line):
            return None
        name = found[1]
        if self.state is not State.IDLE and self._belongs_to_answer(name, line[found.end() :]):
            return None
        if not found[0].endswith(":"):
            return Kind.ANNOUNCEMENT if name[0] != "+" else None
        if name in _WITH_PDU:
            return Kind.HEADER
        return Kind.OPENING if name == "+CUSD" and _is_open(line) else Kind.ANNOUNCEMENT

    def _belongs_to_answer(self, name: str, rest: str) -> bool:
        if name in _STATUS_QUERIES:
            asked = f"AT{name}?" == self._command
            return asked and (name not in _REGISTRATIONS or _ASKED_REGISTRATION.match(rest) is not None)
        if name in _WITH_PDU or name == "+CMTI" or name == "+CDSI":
            return False
        # `*CIMI:` answers AT+CIMI; ATI answers with lines of any name.
        return self._command.startswith("ATI") or name[1:].strip() in self._command


def _named(line: str) -> tuple[str, str]:
    """Name and text of an announcement."""
    if line in _BANNERS:
        return line, ""
    name, _, text = line.partition(":")
    return name.strip(), text.strip()


def _is_open(text: str) -> bool:
    """Whether a quoted text is not closed yet. A text may itself hold quotes, so their number alone does not tell."""
    if '"' not in text or _TEXT_ENDS.search(text):
        return False
    return not (text.rstrip().endswith('"') and text.count('"') % 2 == 0)


def _announced(hex_: str, header: str, *, with_smsc: bool) -> bool:
    """Whether a PDU is as long as its header says (last number, octets; those of the service centre do not count)."""
    length = header.rsplit(",", 1)[-1].rpartition(":")[2].strip()
    if not length.isdigit() or len(hex_) % 2:
        return False
    return len(hex_) // 2 - (1 + int(hex_[:2], 16) if with_smsc else 0) == int(length)
