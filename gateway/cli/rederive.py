"""`waspada reports rederive`: read messages again with today's forms and words."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import data_option, load_settings, one_sentence, open_existing_store

if TYPE_CHECKING:
    from gateway.rederive import Difference, Rederiver, Tally

VALUE_WIDTH = 40
_REASONS = {
    "answer": "answered a question of ours; kept as they are, for they can be read with that question only",
    "amended": "corrected, added to, continued or repeated a report; they stand there",
    "not_in_ledger": "would become a report, but the central has not heard of the message",
    "unreadable": "cannot be read by this version",
}


@click.command()
@data_option
@click.option(
    "--since", required=True, metavar="DATE", help="First day (2026-11-20, local) or time (2026-11-20T18:00)."
)
@click.option("--until", metavar="DATE", help="Last day (all of it), or a time. Default: now.")
@click.option("--apply", is_flag=True, help="Let the reports follow. Without it nothing is changed.")
@click.option("--json", "as_json", is_flag=True, help="One object instead of lines to read.")
def rederive(data: Path, since: str, until: str | None, apply: bool, as_json: bool) -> None:
    """Read the messages since DATE again, with today's forms, words and registrations.

    Shows what would be otherwise, report by report; with --apply reports follow and the central is told. What people said
    about a report stays above what is read from its message. Nobody gets an SMS. The gateway may run or be stopped.
    """
    from gateway.rederive import Rederiver, Tally

    from .knowing import know

    with one_sentence():
        settings = load_settings(data)
        knowledge = know(settings.general.region, data)
    zone = timezone(timedelta(minutes=settings.general.utc_offset_minutes))
    first, last = _moment(since, zone, "--since"), _moment(until, zone, "--until", end=True) if until else None
    if last is not None and last <= first:
        raise click.BadParameter("it lies before --since.", param_hint="--until")
    with open_existing_store(data) as store:
        rederiver, tally = Rederiver(store, knowledge, settings, lambda: time.time_ns() // 1_000_000), Tally()
        if as_json:
            _print_json(rederiver, first, last, apply, tally)
        else:
            _print_lines(rederiver, first, last, apply, tally)


def _moment(text: str, zone: timezone, option: str, *, end: bool = False) -> int:
    """A day or a time in milliseconds since 1970; the `end` of a day is the beginning of the next."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no date; write it like 2026-11-20 or 2026-11-20T18:00.", param_hint=option
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if end and len(text.strip()) == len("2026-11-20"):
        moment += timedelta(days=1)
    return int(moment.timestamp() * 1000)


def _print_json(rederiver: Rederiver, first: int, last: int | None, apply: bool, tally: Tally) -> None:
    from gateway.rederive import Kind

    found = list(rederiver.run(first, last, apply=apply, tally=tally))
    answer = {
        "applied": apply,
        "read": tally.read,
        "changes": [_as_json(one) for one in found if one.kind is not Kind.LEFT],
        "left": [_as_json(one) for one in found if one.kind is Kind.LEFT],
        "skipped": {str(why): count for why, count in tally.skipped.items()},
        "summary": tally.summary,
    }
    click.echo(json.dumps(answer, indent=1))


def _as_json(one: Difference) -> dict[str, Any]:
    return {
        "kind": str(one.kind),
        "ticket": one.ticket or None,
        "message_id": one.message_id,
        "changes": {name: {"before": before, "after": after} for name, (before, after) in one.changes.items()},
    }


def _print_lines(rederiver: Rederiver, first: int, last: int | None, apply: bool, tally: Tally) -> None:
    from gateway.rederive import Kind

    heads = {
        Kind.CHANGED: "changed",
        Kind.NEW: "is a report now" if apply else "would be a report",
        Kind.LEFT: "would be no report any more; it is left as it is",
    }
    shown = 0
    for one in rederiver.run(first, last, apply=apply, tally=tally):
        shown += 1
        click.echo(f"{one.ticket or '(new)':8}message {one.message_id}: {heads[one.kind]}")
        for name, (before, after) in one.changes.items():
            click.echo(f"        {name}: {_value(before)} -> {_value(after)}")
    click.echo(f"{tally.read} messages read again, {shown} with a difference.")
    for why, count in sorted(tally.skipped.items()):
        click.echo(f"{count} skipped: {_REASONS[why]}.")
    if tally.summary:
        click.echo("By field: " + ", ".join(f"{name} {count}" for name, count in sorted(tally.summary.items())))
    if shown and not apply:
        click.echo("Nothing was changed. Run it with --apply to let the reports follow.")


def _value(value: Any) -> str:
    """A value on one line, without escapes a terminal could obey; unknown is `?`."""
    if value is None:
        return "?"
    if isinstance(value, list):
        value = ", ".join(one["field"] if isinstance(one, dict) else str(one) for one in value) or "-"
    plain = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return plain if len(plain) <= VALUE_WIDTH else plain[: VALUE_WIDTH - 1] + "…"
