"""How makes of modem differ, as data: each is a file in `personalities/`, and a user may bring one of his own.

A file names only what differs from the clean modem. Keys and their meaning are the fields of `Personality`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

FOLDER = Path(__file__).with_name("personalities")

_Seconds = Annotated[float, msgspec.Meta(ge=0, le=600)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1000)]
_Storage = Literal["SM", "ME"]


class PersonalityError(Exception):
    """A personality that does not exist or cannot be used. The text names file and key and says what is wrong."""


@dataclass(frozen=True)
class Personality:
    """How one make of modem behaves."""

    manufacturer: str = "Waspada"
    model: str = "Emulated GSM modem"
    revision: str = "1.0"
    imei: Annotated[str, msgspec.Meta(pattern=r"^\d{14,16}$")] = "356938035643809"
    imei_prefix: str = ""
    """Stands before the number in the answer to +CGSN, such as `+CGSN: `."""
    operator: str = "TELKOMSEL"
    signal: Annotated[int, msgspec.Meta(ge=0, le=99)] = 21
    """+CSQ <rssi>, 0..31 or 99 (27.007 8.5)."""

    echo: bool = True
    """Echo after power-on."""
    line_form: Literal["crlf", "tight", "lf", "doubled"] = "crlf"
    """Before and after a line: CR LF both, `tight` nothing before it, `lf` LF both, `doubled` CR CR LF both."""
    prompt: str = "\r\n> "
    unknown: frozenset[str] = frozenset()
    """Commands it answers as unknown although others know them, such as `+CNMI`."""
    unknown_answer: str = "ERROR"
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Fixed answers by whole command in capitals, such as `+CSQ` → `+CSQ: 5,99`."""
    error_codes: bool = True
    """False: plain ERROR where others give a +CMS or +CME code."""

    greeting: tuple[str, ...] = ()
    """Lines it sends by itself after power-on."""
    noise: tuple[str, ...] = ()
    """Vendor lines it sends by itself, in turn."""
    noise_seconds: _Seconds = 0.0
    """Time between two of them; 0 is never."""
    noise_every: _Count = 0
    """One stands after so many lines of answers, also inside an answer; 0 is never."""

    boot_seconds: _Seconds = 0.0
    """Deaf so long after power-on."""
    sim_ready_seconds: _Seconds = 0.0
    """The SIM is busy so long after that."""
    sim_busy_silent: bool = False
    """While the SIM is busy nothing is answered, instead of +CME ERROR: 14."""
    answer_seconds: _Seconds = 0.0
    """Time from a command to the beginning of its answer."""
    line_seconds: _Seconds = 0.0
    """Time between two lines of an answer."""

    storages: tuple[_Storage, ...] = ("SM",)
    """Names of its message stores; the first is used after power-on."""
    capacities: Mapping[_Storage, Annotated[int, msgspec.Meta(ge=1, le=1000)]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Slots of a store where it is another number than the SIM's."""
    first_slot: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 1
    slot_step: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    """2 numbers the slots 1, 3, 5, …"""
    slot_digits: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    """Slot numbers are filled up with zeros to so many digits."""
    length_error: Annotated[int, msgspec.Meta(ge=-20, le=300)] = 0
    """Added to the lengths it tells of stored PDUs."""
    empty_list: str = ""
    """Final line of +CMGL with nothing to list, such as `ERROR`; '' is OK."""
    delete_flags: bool = True
    """Whether AT+CMGD takes its second number."""
    text_mode: bool = True
    """Whether it knows AT+CMGF=1."""

    notifies: bool = True
    """Whether it can announce arrivals (+CNMI works)."""
    arrivals: tuple[Annotated[int, msgspec.Meta(ge=0, le=3)], ...] = (0, 1, 2, 3)
    """Values it takes as <mt> of +CNMI (27.005 3.4.1)."""
    reports: tuple[Annotated[int, msgspec.Meta(ge=0, le=2)], ...] = (0, 1, 2)
    """Values it takes as <ds> of +CNMI."""
    services: tuple[Annotated[int, msgspec.Meta(ge=0, le=1)], ...] = (0, 1)
    """Values it takes as +CSMS <service>; with 1 direct deliveries want +CNMA (3.2.1)."""
    acknowledge_seconds: _Seconds = 15.0
    """A direct delivery that is not acknowledged so long goes back to the network, and routing is switched off (3.4.4)."""

    reference: bool = True
    """Whether +CMGS tells the message reference."""
    no_credit: Annotated[int, msgspec.Meta(ge=0, le=511)] = 38
    """+CMS ERROR code when the operator refuses for want of credit. Networks have no cause of their own for it."""
    ussd: Literal["plain", "ucs2", "packed"] = "plain"
    """How +CUSD gives texts: as they are, UCS-2 in hexadecimal, GSM-7 packed in hexadecimal."""
    ussd_packed_only: bool = False
    """Codes too are taken only packed in hexadecimal."""
    ussd_seconds: _Seconds = 0.0
    """Time the network takes to answer a code."""


def load_personality(name_or_file: str) -> Personality:
    """A shipped personality by its name, or one from a user's TOML file. Raises PersonalityError."""
    if name_or_file in PERSONALITIES:
        return PERSONALITIES[name_or_file]
    if not name_or_file.endswith(".toml"):
        names = ", ".join(PERSONALITIES)
        raise PersonalityError(f"There is no personality {name_or_file}; there are: {names}, or name a .toml file.")
    return _read(Path(name_or_file))


def _read(file: Path) -> Personality:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PersonalityError(f"{file} cannot be read ({error.strerror or error}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PersonalityError(f"{file} is no TOML: {error}.") from error
    known = [field.name for field in fields(Personality)]
    for key in content:
        if key not in known:
            raise PersonalityError(f"{file}: {key} is no key of a personality; there are: {', '.join(known)}.")
    for key, value in content.items():
        _check(file, key, {key: value})
    made = msgspec.convert(content, Personality)
    if not made.storages:
        raise PersonalityError(f"{file}: storages names no store; a modem has at least one.")
    return made


def _check(file: Path, key: str, alone: dict[str, Any]) -> None:
    try:
        msgspec.convert(alone, Personality)
    except msgspec.ValidationError as error:
        reason = str(error).partition(" - at `$")[0]
        raise PersonalityError(f"{file}: {key}: {reason[:1].lower()}{reason[1:]}.") from error


CLEAN = Personality()

PERSONALITIES: Mapping[str, Personality] = MappingProxyType(
    {
        file.stem: _read(file)
        for file in sorted(FOLDER.glob("*.toml"), key=lambda file: (file.stem != "clean", file.stem))
    }
)
"""By the name `waspada emulate --personality` takes; clean first."""
