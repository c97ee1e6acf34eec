"""`waspada forms`: what forms there are, what one of them asks, and whether a new one is fine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import Command, data_option, one_sentence

if TYPE_CHECKING:
    from config.forms import AnyField, Form


def _options(command: Command) -> Command:
    command = click.option("--region", default="15.07", show_default=True, help="Code of the kabupaten.")(command)
    return data_option(command)


@click.group()
def forms() -> None:
    """Forms: the kinds of report, with their words, fields, rules and answers."""


@forms.command("list")
@_options
def list_forms(data: Path, region: str) -> None:
    """The forms in use: the shipped ones, and the district's own in the folder knowledge/forms of the data folder."""
    from .knowing import know

    with one_sentence():
        knowledge = know(region, data)
    rows = [("id", "version", "intent", "begins with", "asks for", "name")]
    for form in knowledge.files.forms:
        words = ", ".join(form.keywords or [form.intent]).upper()
        rows.append(
            (form.id, str(form.version), form.intent, words, ", ".join(form.required), form.english or form.name)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@forms.command("show")
@click.argument("id_", metavar="ID")
@_options
def show_form(id_: str, data: Path, region: str) -> None:
    """The form ID in words: what begins it, its fields, types, rules and answers."""
    from .knowing import know

    with one_sentence():
        knowledge = know(region, data)
    form = next((form for form in knowledge.files.forms if form.id == id_), None)
    if form is None:
        known = ", ".join(form.id for form in knowledge.files.forms)
        raise click.ClickException(f"There is no form {id_}; there are {known}.")
    click.echo("\n".join(_told(form)))


@forms.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@_options
def check_forms(files: tuple[Path, ...], data: Path, region: str) -> None:
    """Check form files together with everything else that is known; exit code 1 where something is wrong.

    A file replaces the form whose file has the same name. Every mistake is named with file, line and column.
    """
    from .knowing import examine

    with one_sentence():
        knowledge, mistakes = examine(region, data, files)
    if knowledge is None:
        click.echo("\n".join(mistakes))
        raise click.exceptions.Exit(1)
    for file in files:
        click.echo(f"{file}: fine.")


def _told(form: Form) -> Iterator[str]:
    yield f"{form.id} version {form.version}: {form.english or form.name} (intent {form.intent})"
    if form.keywords:
        yield f"begins with  {', '.join(form.keywords)}"
    yield "fields"
    for name in form.fields:
        needed = " (required)" if name in form.required else ""
        own = form.fields_by_name.get(name)
        yield f"  {name}{needed}{f': {_field(own)}' if own else ''}"
    if form.jenis:
        yield "types"
        yield from (f"  {kind.number:02} {kind.code}: {kind.english}, level {kind.level}" for kind in form.jenis)
    if form.rule:
        yield "level rules"
        for rule in form.rule:
            yield f"  {f'+{rule.step}' if rule.step is not None else f'at least {rule.minimum}'}: {rule.why}"
    for language, templates in form.replies.items():
        yield f"answers ({language})"
        yield from (f"  {kind}: {template}" for kind, template in templates.items())


def _field(field: AnyField) -> str:
    from config.forms import ChoiceField, FlagField, NumberField

    if isinstance(field, NumberField):
        read = [f"beside {', '.join(field.labels)}"] * bool(field.labels)
        read += [f"before {', '.join(field.units)}"] * bool(field.units) + ["or standing free"] * field.free
        return f"number from {field.least} to {field.most}, {', '.join(read)}"
    if isinstance(field, ChoiceField):
        return "one of " + "; ".join(f"{value} ({', '.join(words)})" for value, words in field.words.items())
    if isinstance(field, FlagField):
        return f"yes or no ({', '.join(field.words)})"
    return f"text behind {', '.join(field.labels)}"
