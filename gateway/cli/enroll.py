"""`waspada enroll`: makes this laptop known to a central."""

from __future__ import annotations

from pathlib import Path

import click

from .common import data_option


@click.command()
@click.argument("url")
@click.argument("code")
@data_option
def enroll(url: str, code: str, data: Path) -> None:
    """Enrol this laptop at the central at URL with the one-time CODE its admin issued."""
    from gateway.store.database import StoreError, open_store
    from sync.enroll import EnrolError
    from sync.enroll import enroll as enroll_laptop

    try:
        store = open_store(data)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    try:
        gateway = enroll_laptop(store, url, code)
    except EnrolError as error:
        raise click.ClickException(str(error)) from None
    finally:
        store.close()
    click.echo(f"enrolled: gateway {gateway}")
