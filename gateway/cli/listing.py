"""`waspada messages` and `waspada reports`: what is in the database, for people (a table) and for scripts (`--json`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from .common import Command, data_option, load_settings, one_sentence, open_existing_store
from .rederive import rederive

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
    from gateway.store.plain import messages_as_json

    with one_sentence():
        offset = load_settings(data).general.utc_offset_minutes
    with open_existing_store(data) as store, store.read() as session:
        rows = messages_as_json(session, utc_offset_minutes=offset, limit=_limit(limit, as_json))
    columns = (("id", 6), ("received_at", 19), ("sender", 16), ("state", 13), ("intent", 11), ("text", TEXT_WIDTH))
    _print(rows, as_json, columns)


@click.group(invoke_without_command=True)
@_list_options
@click.pass_context
def reports(ctx: click.Context, data: Path, as_json: bool, limit: int | None) -> None:
    """Reports understood from messages, newest first. `?` and null are unknown, which is not 0."""
    if ctx.invoked_subcommand is None:
        _list_reports(data, as_json, limit)
        return
    typed = [name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if typed:  # a folder named in the wrong place must not leave the command working on another one
        raise click.UsageError(f"Options of {ctx.invoked_subcommand} go behind its name.")


reports.add_command(rederive)


def _list_reports(data: Path, as_json: bool, limit: int | None) -> None:
    from config.regions import load_region
    from gateway.store.plain import reports_as_json

    with one_sentence():
        general = load_settings(data).general
        region = load_region(general.region)
    with open_existing_store(data) as store, store.read() as session:
        rows = reports_as_json(
            session, region, utc_offset_minutes=general.utc_offset_minutes, limit=_limit(limit, as_json)
        )
    columns = (("ticket", 8), ("received_at", 19), ("jenis", 8), ("desa_nama", 22), ("massa", 6), ("korban", 6))
    _print(rows, as_json, (*columns, ("level", 5), ("outcome", 10), ("state", 11), ("missing", TEXT_WIDTH)))


def _limit(limit: int | None, as_json: bool) -> int | None:
    return limit if as_json or limit else TABLE_ROWS


def _print(rows: list[dict[str, Any]], as_json: bool, columns: Sequence[tuple[str, int]]) -> None:
    if as_json:
        # ASCII only: any terminal and any Windows code page takes it, and no escape sequence of an SMS reaches either.
        click.echo(json.dumps(rows, indent=1))
        return
    for cells in ([name for name, _ in columns], *([_cell(row[name]) for name, _ in columns] for row in rows)):
        line = "  ".join(cell[:width].ljust(width) for cell, (_, width) in zip(cells, columns, strict=True))
        click.echo(line.rstrip())
    if not rows:
        click.echo("(nothing yet)")


def _cell(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, list):
        return ", ".join(str(piece) for piece in value)
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
