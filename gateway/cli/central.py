"""`waspada central`: the central server, and what its admin does from a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import EndRequest, default_data_folder, one_sentence, settings_file

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.central.database import Database

DATA_FOLDER = "waspada-central"
THREADS = 8
"""Laptops and readers at once; for many of them: gunicorn (`docs/central.md`)."""


@click.group(invoke_without_command=True)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder of a trial database (SQLite).")
@click.option("--database", metavar="URL", help="Address of the database, e.g. postgresql+psycopg://user@host/waspada.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 lets the system choose.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (TOML).")
@click.pass_context
def central(
    ctx: click.Context, data: Path | None, database: str | None, host: str | None, port: int | None, config: Path | None
) -> None:
    """Run the central server: takes what the laptops send, and shows it. Prints `central ready: ADDRESS`."""
    from config.settings import load

    flags = {"central.database": database, "central.host": host, "central.port": port}
    with one_sentence():
        settings = load(settings_file(data or _usual_folder(), config), flags=flags)
    ctx.obj = (settings, data)
    if ctx.invoked_subcommand is None:
        _serve(settings, data)


@central.command()
@click.option("--name", default="Laptop", show_default=True, help="What the laptop is called on the pages.")
@click.pass_obj
def code(obj: tuple[Settings, Path | None], name: str) -> None:
    """Issue a one-time code for `waspada enroll`; prints nothing but the code."""
    import time

    from sync.central import enrolment

    settings, data = obj
    with _open(settings, data) as database:
        click.echo(enrolment.issue(database, name, settings.central.code_hours, int(time.time() * 1000)).text)


@central.command()
@click.pass_obj
def rebuild(obj: tuple[Settings, Path | None]) -> None:
    """Throw all projections away and make them again from the ledger."""
    from sync.central import projector

    with _open(*obj) as database:
        click.echo(f"rebuilt from {projector.rebuild(database)} entries")


def _serve(settings: Settings, data: Path | None) -> None:
    from config.regions import load_region
    from sync.central.app import close_central, create_central

    from .pages import PageServer

    end = EndRequest()
    with one_sentence(), _open(settings, data) as database:
        app = create_central(database, settings, load_region(settings.general.region))
        server = PageServer(app, settings.central.host, settings.central.port, threads=THREADS, only_port=True)
        server.start()
        click.echo(f"central ready: {server.address.rstrip('/')}")
        end.wait()
        server.close()
        close_central(app)


def _usual_folder() -> Path:
    return default_data_folder().with_name(DATA_FOLDER)


@contextmanager
def _open(settings: Settings, data: Path | None) -> Iterator[Database]:
    from sync.central.database import open_database, sqlite_url

    with one_sentence():
        url = settings.central.database
        if not url or data is not None:
            url = sqlite_url(data or _usual_folder())
        database = open_database(url)
    try:
        yield database
    finally:
        database.close()
