"""`waspada gateway`: the service on the laptop, with its pages and its sync."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import EndRequest, data_option, load_settings, one_sentence
from .modem_sources import port_names

if TYPE_CHECKING:
    from config.settings import Settings


@click.command()
@data_option
@click.option("--modem", "port", help="Serial port of the (first) modem: auto, /dev/ttyUSB0, COM5, socket://HOST:PORT.")
@click.option("--central", "central", help="Address of the central, e.g. https://pusat.example.go.id.")
@click.option(
    "--console", "console", type=int, metavar="PORT", help="Port of the operator's pages; 0 lets the system choose."
)
@click.option("--config", "config", type=click.Path(dir_okay=False, path_type=Path), help="Settings file (TOML).")
def gateway(data: Path, port: str | None, central: str | None, console: int | None, config: Path | None) -> None:
    """Run the gateway: collect, understand, answer and send on.

    It begins to collect with nothing but --data and --modem. A modem that is absent is waited for.
    """
    flags = {"modem.port": port, "sync.central": central, "console.port": console}
    with one_sentence():
        settings = load_settings(data, config, flags)
        if not settings.modem.port:
            raise click.ClickException("No modem is named; say which with --modem or the setting modem.port.")
        end = EndRequest()
        with ExitStack() as stack:
            running = RunningGateway(data, settings, stack)
            running.start()
            click.echo(
                f"gateway ready: data {data}, modem {port_names(settings)}, console {running.address}, "
                f"central {settings.sync.central or 'none'}"
            )
            end.wait()


class RunningGateway:
    """A gateway with its sync and pages, put together; everything opened is closed by `stack`."""

    def __init__(self, data: Path, settings: Settings, stack: ExitStack) -> None:
        from config.operators import load_operators
        from gateway.board import Board
        from gateway.console.app import create_console
        from gateway.health import health
        from gateway.logs import start_logging
        from gateway.service import Gateway, now_milliseconds
        from gateway.store.database import open_store
        from gateway.store.lock import FolderLock
        from sync.worker import SyncWorker, http_carrier

        from .knowing import know
        from .modem_sources import modem_sources
        from .pages import PageServer

        self._store = store = open_store(data)
        stack.callback(store.close)
        stack.callback(FolderLock(data).release)
        start_logging(data, settings.general.log_level)
        board = Board()
        known = know(settings.general.region, data)
        load_operators()  # a mistake in operators.toml stops the start, not the first notice
        modems = modem_sources(data, settings, store, board, stack)
        self.gateway = Gateway(store, modems, known, settings, board=board)
        self.worker = SyncWorker(
            store,
            board,
            settings.sync,
            http_carrier(settings.sync),
            health=lambda: health(store, board, now_milliseconds()),
        )
        self.gateway.sync = self.worker
        pages = create_console(store, board, settings, known.region, self.gateway)
        server = PageServer(pages, settings.console.host, settings.console.port)
        stack.callback(server.close)
        self.address = server.address
        self._pages = server
        stack.callback(self._stop)

    def enroll(self, central: str, code: str) -> None:
        """Enrol at the central; raises sync.enroll.EnrolError."""
        from sync.enroll import enroll

        enroll(self._store, central, code)

    def start(self) -> None:
        """Start collecting first, then the rest."""
        self.gateway.start()
        self.worker.start()
        self._pages.start()

    def _stop(self) -> None:
        self.worker.stop()
        self.gateway.stop()
