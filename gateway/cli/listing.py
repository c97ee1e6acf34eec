"""`waspada messages` and `waspada reports`: what is in the database, for people (a table) and for scripts (`--json`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import Command, data_option, open_existing_store

if TYPE_CHECKING:
    from config.settings import Settings

TABLE_ROWS = 50
TEXT_WIDTH = 60


def _list_options(command: Command) -> Command:
    command = click.option(
        "--limit",
        type=click.IntRange(min=1),
        help=f"Only the newest so many. Default: all with --json, {TABLE_ROWS} in the table.",
    )(command)
    command = click.option("--json", "as_json", is_flag=True, help="A list of objects instead of a table.")(command)
    return data_option(command)


@click.command()
@_list_options
def messages(data: Path, as_json: bool, limit: int | None) -> None:
    """Messages that came in, newest first."""
    from gateway.store.queries import messages_as_json

    offset = _settings(data).general.utc_offset_minutes
    with open_existing_store(data) as store, store.read() as session:
        rows = messages_as_json(session, utc_offset_minutes=offset, limit=_limit(limit, as_json))
    _print(
        rows, as_json, (("id", 6), ("received_at", 19), ("sender", 16), ("state", 13), ("intent", 11), ("text", None))
    )


@click.command()
@_list_options
def reports(data: Path, as_json: bool, limit: int | None) -> None:
    """Reports understood from messages, newest first. `?` and null are unknown, which is not 0."""
    from config.regions import RegionError, load_region
    from gateway.store.queries import reports_as_json

    general = _settings(data).general
    try:
        region = load_region(general.region)
    except RegionError as error:
        raise click.ClickException(str(error)) from None
    with open_existing_store(data) as store, store.read() as session:
        rows = reports_as_json(
            session, region, utc_offset_minutes=general.utc_offset_minutes, limit=_limit(limit, as_json)
        )
    columns = (("ticket", 8), ("received_at", 19), ("jenis", 8), ("desa_nama", 22), ("massa", 6), ("korban", 6))
    _print(rows, as_json, (*columns, ("level", 5), ("outcome", 10), ("missing", None)))


def _settings(data: Path) -> Settings:
    from config.settings import CONFIG_FILE_NAME, SettingError, load

    file = data / CONFIG_FILE_NAME
    try:
        return load(file if file.is_file() else None)
    except SettingError as error:
        raise click.ClickException(str(error)) from None


def _limit(limit: int | None, as_json: bool) -> int | None:
    return limit if as_json or limit else TABLE_ROWS


def _print(rows: list[dict[str, Any]], as_json: bool, columns: Sequence[tuple[str, int | None]]) -> None:
    if as_json:
        # ASCII only: any terminal and any Windows code page takes it, and no escape sequence of an SMS reaches either.
        click.echo(json.dumps(rows, indent=1))
        return
    shown: Callable[[Any, int | None], str] = lambda value, width: _cell(value)[: width or TEXT_WIDTH].ljust(width or 0)  # noqa: E731
    click.echo("  ".join(name.ljust(width or 0) for name, width in columns).rstrip())
    for row in rows:
        click.echo("  ".join(shown(row[name], width) for name, width in columns).rstrip())
    if not rows:
        click.echo("(nothing yet)")


def _cell(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, list):
        return ", ".join(str(piece) for piece in value)
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
