"""All settings of Waspada: name, default, help and check side by side.

Precedence, written once, highest first: command-line flag, environment (`WASPADA_MODEM_PORT`), TOML file, default.
`load` returns frozen typed settings or raises `SettingError`, whose text is one sentence that names the setting, where it
was set, what is wrong and what to do. `waspada settings` prints `effective`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from config import StartError

ENVIRONMENT_PREFIX = "WASPADA_"
CONFIG_FILE_NAME = "waspada.toml"

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class SettingError(StartError):
    """A setting that cannot be used. The text is complete: print it and stop."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all sections."""


class General(Section, frozen=True):
    """What holds for every part."""

    region: Annotated[
        str, Meta(pattern=r"^\d\d\.\d\d$", description="Code of the kabupaten, a folder in config/regions")
    ] = "15.07"
    language: Annotated[str, Meta(pattern="^(id|en)$", description="Language of pages and replies: id or en")] = "id"
    utc_offset_minutes: Annotated[
        int, Meta(ge=-720, le=840, description="Local time: minutes ahead of UTC (WIB 420, WITA 480, WIT 540)")
    ] = 420
    log_level: Annotated[
        str,
        Meta(pattern="^(debug|info|warning|error)$", description="How much is logged: debug, info, warning or error"),
    ] = "info"


class ModemLine(Section, frozen=True):
    """What is said of each modem by itself."""

    name: Annotated[
        str,
        Meta(pattern=r"^[\w -]{0,24}$", description="What the pages call this modem, e.g. utama; empty = its number"),
    ] = ""
    port: Annotated[
        str,
        Meta(
            description="Serial port: auto (look for it), /dev/ttyUSB0, /dev/serial/by-id/..., COM5, or socket://HOST:PORT"
        ),
    ] = ""
    driver: Annotated[
        str,
        Meta(
            pattern="^(at|gammu)$", description="How it is spoken to: at, or gammu for phones that speak no usable AT"
        ),
    ] = "at"
    baud: Annotated[int, Meta(ge=300, le=4_000_000, description="Speed of the serial line, bits a second")] = 115_200
    number: Annotated[
        str, Meta(pattern=r"^(\+?[0-9]{5,15})?$", description="Telephone number of its SIM; never answered")
    ] = ""
    role: Annotated[str, Meta(pattern="^(both|receive|send)$", description="What it is for: both, receive or send")] = (
        "both"
    )
    prefixes: Annotated[
        tuple[str, ...],
        Meta(description="Beginnings of numbers it is preferred for, e.g. +62811, +62812 (comma between them)"),
    ] = ()
    pin_file: Annotated[
        str, Meta(description="File with the SIM's PIN and nothing else, readable by this user only; empty = no PIN")
    ] = ""
    balance_code: Annotated[
        str,
        Meta(
            pattern=r"^([*#0-9]*|none)$",
            description="USSD code that tells credit, e.g. *888#; empty = the operator's usual one, none = never ask",
        ),
    ] = ""


class Modem(ModemLine, frozen=True):
    """The GSM modem; several in [[modem.more]]."""

    more: Annotated[
        tuple[ModemLine, ...],
        Meta(description="Further modems: tables [[modem.more]] with name, port, number, role ..."),
    ] = ()
    candidates: Annotated[
        tuple[str, ...],
        Meta(description="Where port = auto looks: ports or patterns such as /dev/ttyUSB*; empty = all serial ports"),
    ] = ()
    poll_seconds: Annotated[
        float, Meta(gt=0, description="How often the store is read even if the modem announced nothing")
    ] = 30.0
    quick_poll_seconds: Annotated[float, Meta(gt=0, description="The same for a modem that announces no messages")] = (
        2.0
    )
    answer_seconds: Annotated[float, Meta(gt=0, description="How long a modem may think about a command")] = 15.0
    send_seconds: Annotated[float, Meta(gt=0, description="How long the network may think about a message we send")] = (
        60.0
    )
    reopen_seconds: Annotated[float, Meta(gt=0, description="First wait before a lost modem is tried again")] = 1.0
    reopen_max_seconds: Annotated[float, Meta(gt=0, description="Longest wait before a lost modem is tried again")] = (
        30.0
    )
    search_minutes: Annotated[
        float,
        Meta(gt=0, description="Without network for so long, the modem is restarted; then again after twice that"),
    ] = 15.0
    usb_reset: Annotated[
        bool,
        Meta(description="Whether a modem that stays mute may be taken off the USB and put back by software (Linux)"),
    ] = True
    balance_hours: Annotated[float, Meta(ge=0, description="How often credit is asked for by USSD; 0 never")] = 24.0
    low_credit: Annotated[
        Count, Meta(description="Credit in rupiah below which the operator of this laptop is warned")
    ] = 10_000
    expiry_days: Annotated[Count, Meta(description="Days before the SIM's validity ends at which warnings begin")] = 7
    transcript: Annotated[
        str,
        Meta(
            pattern="^(off|masked|full)$",
            description="Record what passes on the line: off, masked (no numbers, no texts) or full",
        ),
    ] = "off"

    @property
    def lines(self) -> tuple[ModemLine, ...]:
        """Every modem there is, the first one first."""
        return (self, *self.more)


class Messages(Section, frozen=True):
    """Receiving."""

    parts_wait_seconds: Annotated[
        Seconds, Meta(description="How long a long SMS waits for its missing parts before it is shown incomplete")
    ] = 1800.0


class Replies(Section, frozen=True):
    """Answers that leave by themselves, and their limits."""

    enabled: Annotated[bool, Meta(description="Whether senders get answers")] = True
    police_number: Annotated[
        str, Meta(pattern=r"^[0-9+]{3,15}$", description="Number named in the answer to DARURAT")
    ] = "110"
    per_sender_per_day: Annotated[Count, Meta(description="Answers to one sender in 24 hours")] = 20
    per_day: Annotated[Count, Meta(description="Answers to everybody in 24 hours")] = 500
    identical_per_sender: Annotated[Count, Meta(description="Equal answers to one sender in 24 hours")] = 3
    own_numbers: Annotated[
        tuple[str, ...], Meta(description="Numbers of our own SIMs; never answered (comma between them)")
    ] = ()


class Sending(Section, frozen=True):
    """Everything that leaves by SMS."""

    attempts: Annotated[int, Meta(ge=1, description="How often one SMS is tried before it is given up")] = 5
    retry_seconds: Annotated[
        Seconds, Meta(description="First wait before an SMS is tried again; doubles each time")
    ] = 30.0
    pause_seconds: Annotated[
        Seconds, Meta(description="Pause between two SMS, so that the operator does not block us")
    ] = 0.0
    delivery_reports: Annotated[
        str, Meta(pattern="^(all|alerts|none)$", description="Ask the network whether SMS arrived: all, alerts or none")
    ] = "all"
    validity_hours: Annotated[
        float,
        Meta(gt=0, le=1512, description="How long the network keeps an SMS for a phone that is off (at most 63 days)"),
    ] = 24.0
    alert_validity_hours: Annotated[
        float, Meta(gt=0, le=1512, description="The same for alerts: what comes later helps nobody")
    ] = 2.0
    per_day: Annotated[Count, Meta(description="SMS parts all modems together may send in 24 hours; 0 no limit")] = 1000
    alert_reserve: Annotated[Count, Meta(description="Of sending.per_day, so many parts are kept for alerts")] = 200


class Console(Section, frozen=True):
    """The operator's pages on the laptop."""

    host: Annotated[str, Meta(description="Address the pages are served on; keep 127.0.0.1 unless you know why")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, Meta(description="Port of the pages; 0 lets the system choose")] = 8315


class Sync(Section, frozen=True):
    """From the laptop to the central."""

    central: Annotated[
        str, Meta(pattern="^(https?://.+)?$", description="Address of the central, e.g. https://pusat.example.go.id")
    ] = ""
    batch_entries: Annotated[int, Meta(ge=1, description="So many waiting entries start a sync")] = 20
    wait_seconds: Annotated[
        Seconds, Meta(description="A sync starts this long after the first waiting entry at the latest")
    ] = 900.0
    beat_seconds: Annotated[
        float, Meta(gt=0, description="When nothing else happens, a sign of life is sent this often")
    ] = 900.0
    backoff_seconds: Annotated[float, Meta(gt=0, description="First wait after a failed sync; doubles each time")] = (
        30.0
    )
    backoff_max_seconds: Annotated[float, Meta(gt=0, description="Longest wait after a failed sync")] = 900.0
    connect_seconds: Annotated[float, Meta(gt=0, description="Time allowed for a connection")] = 30.0
    read_seconds: Annotated[float, Meta(gt=0, description="Time allowed for an answer")] = 60.0


class Central(Section, frozen=True):
    """The central server."""

    database: Annotated[
        str, Meta(description="SQLAlchemy address: postgresql+psycopg://...; empty = SQLite in the data folder")
    ] = ""
    host: Annotated[str, Meta(description="Address the central listens on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="Port the central listens on; 0 lets the system choose")] = 8316
    silent_minutes: Annotated[
        int, Meta(ge=1, description="A gateway without contact for so many minutes is shown as silent")
    ] = 45
    code_hours: Annotated[int, Meta(ge=1, description="How long an enrolment code is valid")] = 72


class Settings(Section, frozen=True):
    """Everything, by section."""

    general: General = General()
    modem: Modem = Modem()
    messages: Messages = Messages()
    replies: Replies = Replies()
    sending: Sending = Sending()
    console: Console = Console()
    sync: Sync = Sync()
    central: Central = Central()


@dataclass(frozen=True)
class Setting:
    """One setting as a person sees it. `name` is `section.key`; `environment` its variable."""

    name: str
    environment: str
    default: Any
    help: str


@dataclass(frozen=True)
class Effective:
    """A setting's value and where it came from."""

    setting: Setting
    value: Any
    source: str


def all_settings() -> Iterator[Setting]:
    """Every setting there is, in the order of the sections above."""
    for section_name, section in _sections():
        hints = get_type_hints(section, include_extras=True)
        for info in msgspec.structs.fields(section):
            metas = [meta for meta in get_args(hints[info.name]) if isinstance(meta, Meta)]
            yield Setting(
                name=f"{section_name}.{info.name}",
                environment=f"{ENVIRONMENT_PREFIX}{section_name}_{info.name}".upper(),
                default=info.default,
                help=next((m.description for m in reversed(metas) if m.description), ""),
            )


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Settings from their four sources. `flags` maps `section.key` to a value; None in it means not given."""
    return effective(file, environment, flags)[0]


def effective(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> tuple[Settings, list[Effective]]:
    """Like `load`, with every value's source (`default`, the file's name, the variable's name, `flag`)."""
    known = {setting.name: setting for setting in all_settings()}
    values: dict[str, tuple[Any, str]] = {}
    if file is not None:
        values.update(_from_file(file, known))
    values.update(_from_environment(os.environ if environment is None else environment, known))
    values.update({name: (value, "flag") for name, value in (flags or {}).items() if value is not None})
    settings = _build(values)
    rows = []
    for name, setting in known.items():
        section, key = name.split(".")
        source = values[name][1] if name in values else "default"
        rows.append(Effective(setting, getattr(getattr(settings, section), key), source))
    return settings, rows


def _sections() -> Iterator[tuple[str, type[Section]]]:
    for info in msgspec.structs.fields(Settings):
        yield info.name, info.type


def _from_file(file: Path, known: Mapping[str, Setting]) -> dict[str, tuple[Any, str]]:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingError(
            f"The settings file {file} does not exist; create it or name another with --config."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"The settings file {file} cannot be read ({error}); mend its rights or its content."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"The settings file {file} is no valid TOML: {error}; mend that line.") from None
    values: dict[str, tuple[Any, str]] = {}
    for section, keys in tree.items():
        if not isinstance(keys, dict):
            raise SettingError(f"{file}: {section!r} stands outside a section; write it below a line like [modem].")
        for key, value in keys.items():
            name = f"{section}.{key}"
            if name not in known:
                raise SettingError(f"{file}: there is no setting {name}; {_nearest(name, known)}.")
            values[name] = (value, str(file))
    return values


def _from_environment(environment: Mapping[str, str], known: Mapping[str, Setting]) -> dict[str, tuple[Any, str]]:
    by_variable = {setting.environment: setting.name for setting in known.values()}
    ours = tuple(f"{ENVIRONMENT_PREFIX}{section}_".upper() for section, _ in _sections())
    values: dict[str, tuple[Any, str]] = {}
    for variable, value in environment.items():
        if variable in by_variable:
            values[by_variable[variable]] = (value, variable)
        elif variable.startswith(ours):
            raise SettingError(
                f"The environment has {variable}, which is no setting; {_nearest(variable, by_variable)}."
            )
    return values


def _build(values: Mapping[str, tuple[Any, str]]) -> Settings:
    sections: dict[str, Any] = {}
    for section_name, section in _sections():
        hints = get_type_hints(section, include_extras=True)
        chosen = {}
        for info in msgspec.structs.fields(section):
            name = f"{section_name}.{info.name}"
            if name in values:
                chosen[info.name] = _convert(name, *values[name], hints[info.name])
        sections[section_name] = section(**chosen)
    return Settings(**sections)


def _convert(name: str, value: Any, source: str, wanted: Any) -> Any:
    from_text = isinstance(value, str)
    if from_text and _is_tuple(wanted):
        value = [piece.strip() for piece in value.split(",") if piece.strip()]
    try:
        return msgspec.convert(value, wanted, strict=not from_text)
    except msgspec.ValidationError as error:
        where = {"flag": "on the command line"}.get(source, f"in {source}")
        reason = str(error).split(" - at ")[0].replace("`", "")
        help_text = next(setting.help for setting in all_settings() if setting.name == name)
        raise SettingError(
            f"Setting {name} ({where}) is {value!r}, but: {reason}. It means: {help_text}; correct it there."
        ) from None


def _is_tuple(wanted: Any) -> bool:
    return "tuple" in str(get_args(wanted)[0] if get_args(wanted) else wanted)


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}? Otherwise remove it" if close else "remove it; `waspada settings` lists all"


def example_file() -> str:
    """A settings file with every setting, its help and its default, commented out; parses as it is."""
    lines = ["# Settings of Waspada. Remove the # in front of a setting to change it.", ""]
    section = ""
    for setting in all_settings():
        name, key = setting.name.split(".")
        if name != section:
            lines += ([""] if section else []) + [f"[{name}]"]
            section = name
        lines += [f"# {setting.help}. Environment: {setting.environment}", f"# {key} = {_toml(setting.default)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)
