"""How AT command lines and their PDUs are cut (ITU-T V.250 clause 5, 3GPP TS 27.005 3.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer

Handler = Callable[["AtServer", str], list[str]]
"""Gets the server and the arguments as typed, returns information lines; raises `AtError` to end the command line."""

READ, SET, TEST, RUN = "?", "=", "=?", ""
"""The forms of a command."""
_EXTENDED = re.compile(r"([+^$*%#][A-Z][A-Z0-9!%./:_-]*)(=\?|=|\?|)", re.IGNORECASE)  # V.250 5.4
_BASIC = re.compile(r"(S\d+)(=\d*|\?)|(&?[A-Z])(\d*)", re.IGNORECASE)  # V.250 5.3


class AtError(Exception):
    """Ends a command line. `kind` is `CMS` or `CME`; code None is a bare ERROR.

    `unknown`: the command does not exist here; `final`: the line that ends it, whatever the settings for errors are.
    """

    def __init__(self, kind: str = "", code: int | None = None, *, unknown: bool = False, final: str = "") -> None:
        super().__init__(kind, code)
        self.kind, self.code, self.unknown, self.final = kind, code, unknown, final


class NoAnswer(Exception):
    """Ends a command line without a word."""


@dataclass(frozen=True)
class Command:
    """One command. `needs_sim`: refused while the SIM asks for its PIN; `sms`: refusals are +CMS errors."""

    forms: Mapping[str, Handler]
    needs_sim: bool = False
    sms: bool = False


def says(*lines: str) -> Handler:
    """Always these lines."""
    return lambda server, arguments: list(lines)


accepts = says()
"""Takes whatever it gets, in silence."""


def only(*allowed: str) -> Handler:
    """A setting of which these values are possible: taken in silence; anything else is an error."""

    def handler(server: AtServer, arguments: str) -> list[str]:
        if arguments not in allowed:
            raise AtError()
        return []

    return handler


def number(text: str, low: int, high: int, default: int | None = None) -> int:
    """An argument that is a number in this range. Raises AtError."""
    text = text.strip()
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdecimal()) or not low <= int(text) <= high:
        raise AtError()
    return int(text)


def unquoted(text: str) -> str:
    """A string argument without its quotes."""
    return text.strip().strip('"')


def value_range(values: Sequence[int]) -> str:
    """The values a setting takes, as test commands tell them: `(0-3)`, `(0,2,3)`, `(0)`."""
    if len(values) > 2 and list(values) == list(range(values[0], values[-1] + 1)):
        return f"({values[0]}-{values[-1]})"
    return "(" + ",".join(map(str, values)) + ")"


def tpdu_octets(pdu: bytes) -> int:
    """Octets of the TPDU behind the service-centre octets, as +CMGL and +CMGR tell it."""
    return max(0, len(pdu) - 1 - pdu[0])


def without_smsc(pdu: bytes, octets: int) -> bytes:
    """The TPDU of `octets` octets in what followed the prompt, with or without service-centre octets before it.

    Raises ValueError when the length fits neither way.
    """
    if pdu and len(pdu) == octets + 1 + pdu[0]:
        return pdu[1 + pdu[0] :]
    if pdu and len(pdu) == octets:
        return pdu
    raise ValueError("the PDU has another length than announced")


def split_commands(line: str) -> list[tuple[str, str, str]]:
    """A command line after `AT` as (name in capitals, form, arguments); form is '', '?', '=' or '=?' (V.250 5.2 to 5.4).

    Raises AtError where it is no command.
    """
    commands = []
    rest = line.strip()
    while rest:
        if match := _EXTENDED.match(rest):
            end = _end_of_arguments(rest, match.end())
            commands.append((match[1].upper(), match[2], rest[match.end() : end].strip()))
            rest = rest[end + 1 :].strip()
        elif rest[0] in "dD":
            commands.append(("D", "", rest[1:].strip()))
            rest = ""
        elif match := _BASIC.match(rest):
            name, arguments = ("S", match[2]) if match[1] else (match[3], match[4])
            commands.append((name.upper(), "", arguments))
            rest = rest[match.end() :].lstrip("; ")
        else:
            raise AtError(unknown=True)
    return commands


def _end_of_arguments(line: str, start: int) -> int:
    quoted = False
    for place in range(start, len(line)):
        if line[place] == '"':
            quoted = not quoted
        elif line[place] == ";" and not quoted:
            return place
    return len(line)
