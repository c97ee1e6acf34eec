"""`waspada send`: queue one SMS for the running gateway."""

from __future__ import annotations

import time
from pathlib import Path

import click

from .common import data_option, open_existing_store


@click.command()
@data_option
@click.argument("number")
@click.argument("text")
def send(data: Path, number: str, text: str) -> None:
    """Queue an SMS with TEXT to NUMBER (0812…, +62812…); the gateway running on the same data sends it."""
    from gateway.numbers import check_recipient
    from gateway.store.outgoing import queue_typed

    with open_existing_store(data) as store:
        try:
            id_ = queue_typed(store, check_recipient(number), text, time.time_ns() // 1_000_000)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"queued as {id_}")
