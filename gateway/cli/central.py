"""`waspada central`: the central server, and what its admin does from a terminal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.central.database import Database

DATA_FOLDER = "waspada-central"


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
    from config.settings import SettingError, load

    flags = {"central.database": database, "central.host": host, "central.port": port}
    try:
        settings = load(config, flags=flags)
    except SettingError as error:
        raise click.ClickException(str(error)) from None
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
    from config.regions import RegionError, load_region
    from config.settings import SettingError
    from sync.central.app import close_central, create_central
    from sync.central.serve import CentralServer

    with _open(settings, data) as database:
        try:
            app = create_central(database, settings, load_region(settings.general.region))
            server = CentralServer(app, settings.central.host, settings.central.port)
        except (RegionError, SettingError) as error:
            raise click.ClickException(str(error)) from None
        signal.signal(signal.SIGTERM, _end)
        try:
            server.run(lambda address: click.echo(f"central ready: {address}"))
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            server.close()
            close_central(app)


def _end(*_args: object) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _open(settings: Settings, data: Path | None) -> Iterator[Database]:
    from sync.central.database import DatabaseError, open_database, sqlite_url

    from .common import default_data_folder

    try:
        url = settings.central.database
        if not url or data is not None:
            url = sqlite_url(data or default_data_folder().with_name(DATA_FOLDER))
        database = open_database(url)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield database
    finally:
        database.close()
