"""`waspada reporters`: the people who report, with the gateway running on the same data or stopped.

Numbers are masked unless `--numbers` asks for them; asking is logged, without the number. A PERSON is a pseudonym (eight
hexadecimal digits, as the central shows it) or a number.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import data_option, load_settings, one_sentence, open_existing_store

if TYPE_CHECKING:
    from gateway.registry.desk import PeopleDesk
    from gateway.registry.importing import Plan
    from gateway.registry.lists import PersonRow
    from gateway.store.database import Store

SHOWN_DIGITS = 4
_PSEUDONYM = re.compile(r"[0-9a-fA-F]{8}")
_numbers_option = click.option("--numbers", is_flag=True, help="Show numbers in full; that it was asked is logged.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Objects instead of a table.")
_checked_option = click.option(
    "--checked",
    is_flag=True,
    help="The person's identity was checked by telephone; needed for roles with officer's rights.",
)


@click.group()
def reporters() -> None:
    """People who report: list, register, import, ask whether a number is still theirs."""


def _entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, text in (
        ("language", "id or en: the language of answers."),
        ("name", "Name of the person; stays on this laptop."),
        ("village", "Name, code or short code of the village (a kecamatan for officers)."),
        ("role", "What the person is, e.g. kades; `waspada reporters requests` lists the roles."),
    ):
        command = click.option(f"--{name}", name, help=text)(command)
    return command


@contextmanager
def _open(data: Path) -> Iterator[tuple[Store, PeopleDesk]]:
    """The store and the registry over it; a refused entry ends the command with its sentence."""
    from config.knowledge import load_knowledge
    from gateway.logs import append_to_log
    from gateway.registry import Registry
    from gateway.registry.desk import PeopleDesk
    from gateway.reports.knowledge import compile_knowledge

    with one_sentence():
        settings = load_settings(data)
        knowledge = compile_knowledge(load_knowledge(settings.general.region))
    with open_existing_store(data) as store:
        append_to_log(data, settings.general.log_level)
        try:
            yield store, PeopleDesk(store, Registry(knowledge, settings), lambda: time.time_ns() // 1_000_000)
        except ValueError as error:
            raise click.ClickException(str(error)) from None


@reporters.command("list")
@data_option
@click.option("--status", type=click.Choice(["terdaftar", "ragu", "berhenti", "tamu"]), help="Default: all but tamu.")
@click.option("--role", default="", help="Only this role.")
@click.option("--place", default="", help="Only this village or kecamatan (code).")
@_numbers_option
@_json_option
def list_people(data: Path, status: str | None, role: str, place: str, numbers: bool, as_json: bool) -> None:
    """Everybody registered, doubtful ones first; --status tamu: who wrote without being registered."""
    from gateway.registry import lists

    with _open(data) as (store, _), store.read() as session:
        rows = lists.people_page(session, status=status or "", role=role, place=place, size=1_000_000).rows
    _show(rows, numbers, as_json)


@reporters.command()
@data_option
@click.argument("person")
@_numbers_option
def show(data: Path, person: str, numbers: bool) -> None:
    """All that is known of one PERSON, as JSON."""
    with _open(data) as (store, _):
        row = _find(store, person)
    if numbers:
        _log_shown([row])
    click.echo(json.dumps(_as_json(row, numbers), indent=1))


@reporters.command()
@data_option
@click.argument("number")
@_entry_options
@_checked_option
def add(data: Path, number: str, checked: bool, **given: str | None) -> None:
    """Register NUMBER (0812…, +62812…)."""
    with _open(data) as (_, desk):
        pseudonym = desk.register(number, _entry(desk, given, checked))
    click.echo(f"registered as {pseudonym:08x}")


@reporters.command()
@data_option
@click.argument("person")
@_entry_options
@_checked_option
def change(data: Path, person: str, checked: bool, **given: str | None) -> None:
    """Correct what stands there about a PERSON; what is not named stays."""
    with _open(data) as (store, desk):
        row = _find(store, person)
        desk.change(row.pseudonym, _entry(desk, given, checked, row))
    click.echo(f"changed {row.code}")


@reporters.command()
@data_option
@click.argument("person")
def remove(data: Path, person: str) -> None:
    """The number is no longer the PERSON's, or they left. Nothing is erased; they are a guest from now on."""
    with _open(data) as (store, desk):
        row = _find(store, person)
        desk.leave(row.pseudonym)
    click.echo(f"{row.code} is a guest now")


@reporters.command()
@data_option
@click.argument("person")
def confirm(data: Path, person: str) -> None:
    """You made sure, by telephone or face to face, that the number is still the PERSON's."""
    with _open(data) as (store, desk):
        row = _find(store, person)
        desk.confirm(row.pseudonym)
    click.echo(f"confirmed {row.code}")


@reporters.command()
@data_option
@_numbers_option
def requests(data: Path, numbers: bool) -> None:
    """Wishes to be registered (DAFTAR) that wait for a decision, and the roles there are."""
    from gateway.registry import lists

    with _open(data) as (store, desk):
        with store.read() as session:
            rows = lists.requests(session)
        roles = desk.roles
    if numbers and rows:
        _log_shown([row.person for row in rows if row.person], registrations=[row.id for row in rows])
    for row in rows:
        number = row.number if numbers else _masked(row.number)
        now = f"; now {row.person.role} {row.person.village}" if row.person else ""
        click.echo(_plain(f"{row.id}  {number}  {row.role or '?'}  {row.village or '?'}  {row.name or '?'}{now}"))
    if not rows:
        click.echo("(nothing waits)")
    click.echo("roles: " + ", ".join(f"{role}*" if desk.is_officer(role) else role for role in sorted(roles)))
    click.echo("* has officer's rights: check who it is by telephone first")


@reporters.command()
@data_option
@click.argument("registration", type=int)
@_entry_options
@_checked_option
def approve(data: Path, registration: int, checked: bool, **given: str | None) -> None:
    """Accept the wish REGISTRATION, with what it says or what you name instead; one SMS tells the person."""
    from gateway.registry import lists

    with _open(data) as (store, desk):
        with store.read() as session:
            wish = next((row for row in lists.requests(session, limit=1_000_000) if row.id == registration), None)
        if wish is None:
            raise click.ClickException(f"No wish {registration} waits; `waspada reporters requests` lists them.")
        said = {"role": wish.role, "village": wish.village, "name": wish.name}
        pseudonym = desk.approve(registration, _entry(desk, {**said, **_named(given)}, checked))
    click.echo(f"registered as {pseudonym:08x}")


@reporters.command()
@data_option
@click.argument("registration", type=int)
@click.option("--reason", required=True, help="Why; stays on this laptop.")
def reject(data: Path, registration: int, reason: str) -> None:
    """Refuse the wish REGISTRATION. The sender is told nothing."""
    with _open(data) as (_, desk):
        desk.reject(registration, reason)
    click.echo(f"refused {registration}")


@reporters.command("import")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "applied", is_flag=True, help="Write the good rows; without it, only say what would happen.")
@click.option(
    "--checked", is_flag=True, help="All officers on the list were checked by telephone; else they are refused."
)
def import_people(data: Path, file: Path, applied: bool, checked: bool) -> None:
    """Register everybody in FILE (CSV or XLSX with columns nomor, nama, peran, desa, bahasa)."""
    from gateway.registry.sheet import LARGEST_OCTETS, read_sheet

    with _open(data) as (_, desk):
        with file.open("rb") as stream:
            octets = stream.read(LARGEST_OCTETS + 1)
        planned = desk.import_sheet(read_sheet(octets), checked=checked) if applied else desk.preview(octets)[1]
    _tell(planned, applied)


@reporters.command()
@data_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(data: Path, file: Path) -> None:
    """Write everybody registered, with numbers, to FILE (CSV). Keep it as safe as the laptop."""
    import structlog

    from gateway.registry.importing import export_csv

    with _open(data) as (store, desk), store.read() as session:
        octets = export_csv(session, desk.registry)
        count = octets.count(b"\r\n") - 1  # names hold no line breaks
        structlog.get_logger("gateway.registry").info("people_exported", people=count)
    try:
        # Readable by this user alone: it says who reports.
        with open(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb"
        ) as stream:
            stream.write(octets)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror}); name another file.") from None
    click.echo(f"written to {file}: {count} people")


def _entry(desk: PeopleDesk, given: dict[str, str | None], checked: bool, before: PersonRow | None = None) -> Any:
    """What is to be registered: as given, else as it was. Officers need `checked`."""
    from gateway.registry.importing import village_named
    from gateway.registry.people import Entry

    named = _named(given)
    was = Entry(before.role, before.village, before.name, before.language) if before else Entry("", "")
    village = named.pop("village", None)
    entry = replace(was, **named)
    entry = replace(entry, role=entry.role.strip().casefold())
    if desk.is_officer(entry.role) and not checked and (before is None or entry.role != before.role):
        raise click.ClickException(
            f"The role {entry.role} may verify reports and close cases: call the person back on a number you know, "
            "then repeat with --checked."
        )
    return entry if village is None else replace(entry, village=village_named(desk.registry, village, entry.role))


def _named(given: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value is not None}


def _find(store: Store, person: str) -> PersonRow:
    from gateway.numbers import check_recipient
    from gateway.registry import lists

    with store.read() as session:
        row = lists.person_by_pseudonym(session, int(person, 16)) if _PSEUDONYM.fullmatch(person) else None
        row = row or lists.person_by_number(session, check_recipient(person))
    if row is None:
        raise click.ClickException("Nobody with this pseudonym or number; `waspada reporters list` shows who there is.")
    return row


def _show(rows: Sequence[PersonRow], numbers: bool, as_json: bool) -> None:
    if numbers and rows:
        _log_shown(rows)
    if as_json:
        click.echo(json.dumps([_as_json(row, numbers) for row in rows], indent=1))
        return
    click.echo("person    number           role             village         status     reports  name")
    for row in rows:
        number = row.number if numbers else _masked(row.number)
        cells = (row.code, f"{number:<15}", f"{row.role or '-':<15}", f"{row.village or '-':<14}", f"{row.status:<9}")
        click.echo(_plain("  ".join((*cells, f"{row.reports:>7}", row.name)).rstrip()))
    if not rows:
        click.echo("(nobody yet)")


def _as_json(row: PersonRow, numbers: bool) -> dict[str, Any]:
    from dataclasses import asdict

    facts = asdict(row)
    del facts["pseudonym"]
    return {"person": row.code, **facts, "number": row.number if numbers else _masked(row.number)}


def _log_shown(rows: Sequence[PersonRow], **more: object) -> None:
    import structlog

    structlog.get_logger("gateway.registry").info(
        "numbers_shown", people=[row.code for row in rows], by="command", **more
    )


def _masked(number: str) -> str:
    return "*" * max(0, len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _tell(planned: Plan, applied: bool) -> None:
    """What was done or would be, then every problem with its line."""
    done = "registered" if applied else "would be registered"
    click.echo(
        f"{planned.counted('baru')} {done}, {planned.counted('ubah')} changed, {planned.counted('sama')} as they are, "
        f"{len(planned.refused)} lines refused"
    )
    for note in planned.notes:
        click.echo(_plain(f"- {note}"))
    for problem in planned.problems:
        mark = "!" if problem.blocking else "-"
        click.echo(_plain(f"{mark} line {problem.line}, {problem.column}: {problem.wrong} {problem.remedy}".rstrip()))
    if not applied and planned.officers:
        click.echo(f"{planned.officers} would get officer's rights: call each of them first, then add --checked")
    if not applied and planned.rows:
        click.echo("nothing was written; repeat with --apply to write the good rows")
