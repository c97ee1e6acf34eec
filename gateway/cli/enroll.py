"""`waspada enroll`: makes this laptop known to a central."""

from __future__ import annotations

from pathlib import Path

import click

from .common import data_option, one_sentence


@click.command()
@click.argument("url")
@click.argument("code")
@data_option
def enroll(url: str, code: str, data: Path) -> None:
    """Enrol this laptop at the central at URL with the one-time CODE its admin issued."""
    from gateway.store.database import open_store
    from sync.enroll import EnrolError
    from sync.enroll import enroll as enroll_laptop

    with one_sentence():
        store = open_store(data)
    try:
        gateway = enroll_laptop(store, url, code)
    except EnrolError as error:
        raise click.ClickException(str(error)) from None
    finally:
        store.close()
    click.echo(f"enrolled: gateway {gateway}")
