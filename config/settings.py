"""Where the settings come from, and what is said of a wrong one. What settings there are: sections.py.

Precedence, written once, highest first: command-line flag, environment (`WASPADA_MODEM_PORT`), TOML file, default.
`load` returns frozen typed settings or raises `SettingError`, whose text is one sentence that names the setting, where it
was set, what is wrong and what to do. `waspada settings` prints `effective`.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from config import StartError
from config.sections import (
    Central,
    Console,
    General,
    Messages,
    Modem,
    ModemLine,
    Replies,
    Section,
    Sending,
    Settings,
    Sync,
)

__all__ = [
    "CONFIG_FILE_NAME",
    "ENVIRONMENT_PREFIX",
    "Central",
    "Console",
    "Effective",
    "General",
    "Messages",
    "Modem",
    "ModemLine",
    "Replies",
    "Section",
    "Sending",
    "Setting",
    "SettingError",
    "Settings",
    "Sync",
    "all_settings",
    "effective",
    "example_file",
    "load",
]

ENVIRONMENT_PREFIX = "WASPADA_"
CONFIG_FILE_NAME = "waspada.toml"
MORE = "modem.more"
"""The one setting whose values are tables of settings."""


class SettingError(StartError):
    """A setting that cannot be used. The text is complete: print it and stop."""


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
    rows: list[Effective] = []
    for name, setting in known.items():
        section, key = name.split(".")
        source = values[name][1] if name in values else "default"
        if name == MORE and settings.modem.more:
            rows.extend(_rows_of_more(settings.modem.more, *values[name]))
        else:
            rows.append(Effective(setting, getattr(getattr(settings, section), key), source))
    return settings, rows


def _rows_of_more(lines: Sequence[ModemLine], tables: Any, source: str) -> Iterator[Effective]:
    """What each of [[modem.more]] says, as `modem.more.1.port` and so on."""
    of_first = {setting.name: setting for setting in all_settings()}
    for place, (line, table) in enumerate(zip(lines, tables, strict=True), start=1):
        for info in msgspec.structs.fields(ModemLine):
            first = of_first[f"modem.{info.name}"]
            setting = Setting(f"{MORE}.{place}.{info.name}", "", first.default, first.help)
            yield Effective(setting, getattr(line, info.name), source if info.name in table else "default")


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
    settings = Settings(**sections)
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    """What is right by itself and wrong beside another setting. Raises SettingError."""
    sending = settings.sending
    if 0 < sending.per_day < sending.alert_reserve:
        raise SettingError(
            f"Setting sending.alert_reserve is {sending.alert_reserve}, more than sending.per_day, {sending.per_day}: no answer "
            "would ever leave; lower the first or raise the second."
        )
    names = [line.name for line in settings.modem.lines if line.name]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(
                f"Two modems have the name {name!r} (modem.name, [[modem.more]] name); rename one of them."
            )


def _more_modems(tables: Any, source: str) -> tuple[ModemLine, ...]:
    """The tables [[modem.more]]. Raises SettingError naming `modem.more.1.role`, say."""
    if not tables:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingError(
            f"Setting {MORE} ({_where(source)}) is {tables!r}, but further modems are tables: write a line [[modem.more]] for "
            "each at the end of the settings file, its settings below."
        )
    hints = get_type_hints(ModemLine, include_extras=True)
    keys = [info.name for info in msgspec.structs.fields(ModemLine)]
    lines = []
    for place, table in enumerate(tables, start=1):
        for key in table:
            if key not in keys:
                known = {f"{MORE}.{place}.{known_key}": None for known_key in keys}
                name = f"{MORE}.{place}.{key}"
                raise SettingError(f"{source}: there is no setting {name}; {_nearest(name, known)}.")
        chosen = {key: _convert(f"{MORE}.{place}.{key}", value, source, hints[key]) for key, value in table.items()}
        lines.append(ModemLine(**chosen))
    return tuple(lines)


def _where(source: str) -> str:
    return "on the command line" if source == "flag" else f"in {source}"


def _convert(name: str, value: Any, source: str, wanted: Any) -> Any:
    if name == MORE:
        return _more_modems(value, source)
    from_text = isinstance(value, str)
    if from_text and _is_tuple(wanted):
        value = [piece.strip() for piece in value.split(",") if piece.strip()]
    try:
        found = msgspec.convert(value, wanted, strict=not from_text)
        if isinstance(found, float) and math.isinf(found):
            raise msgspec.ValidationError("Expected a finite number")
        return found
    except msgspec.ValidationError as error:
        reason = str(error).split(" - at ")[0].replace("`", "")
        section, key = name.split(".")[0], name.split(".")[-1]
        help_text = next(setting.help for setting in all_settings() if setting.name == f"{section}.{key}")
        raise SettingError(
            f"Setting {name} ({_where(source)}) is {value!r}, but: {reason}. It means: {help_text}; correct it there."
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
