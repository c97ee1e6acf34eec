"""`waspada demo`: the whole way of a message on one machine, with an emulated network and nothing else emulated.

The gateway's modem is a real serial line (a PTY; TCP where there is none), its database real SQLite, its central a real HTTP
server. Everything lies in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import EndRequest, one_sentence

if TYPE_CHECKING:
    from config.settings import Settings
    from modem.emulator.at_server import AtServer
    from modem.emulator.lines import Line
    from modem.emulator.network import Network

    from .run import RunningGateway

OWN_NUMBER = "+6281168000100"
SIM_CAPACITY = 40
LAPTOP_NAME = "Kesbangpol Tanjung Jabung Timur"
PORTS = {"telepon": 8310, "laptop": 8311, "pusat": 8312}
"""Wished ports; a taken one is replaced by a free one."""
REGISTERED = (
    ("+6281574000107", "kades", "15.07.01.2012", "Karim"),
    ("+6281266000202", "kapolsek", "15.07.01", ""),
)
"""Who stands in the registry from the start: number, role, village (of officers also a kecamatan), name."""
SYNC_WAIT_SECONDS = 1.0
"""The demo syncs at once; on a real link entries wait for company (`sync.wait_seconds`)."""
PATIENCE = {"replies.loop_messages": 100, "replies.per_sender_per_day": 500, "replies.identical_per_sender": 100}
"""Who shows the demo answers faster than people do, from a few phones all day: not to be taken for a machine."""


@click.command()
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the data in this folder.")
def demo(keep: Path | None) -> None:
    """Show everything on this machine: phones, radio network, modem, laptop and central.

    Needs no modem and no network. Ctrl-C ends it.
    """
    end = EndRequest()
    with one_sentence(), ExitStack() as stack:
        folder = keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="waspada-", ignore_cleanup_errors=True))
        )
        addresses = start(folder, stack)
        click.echo("Waspada demo is running. Open these pages in a browser:\n")
        click.echo(f"  1. phones of villagers and officers  {addresses['telepon']}")
        click.echo(f"  2. the laptop at the district        {addresses['laptop']}")
        click.echo(f"  3. the central                       {addresses['pusat']}\n")
        click.echo("Type an SMS on page 1, for example: LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga")
        click.echo("or let it play a scenario or a conversation. Pak Karim and the Kapolsek are registered already.")
        click.echo(f"Data: {folder}{'' if keep else ' (removed at the end)'}. Ctrl-C ends the demo.")
        end.wait()
        click.echo("\nStopping ...")
    click.echo("Stopped.")


def start(folder: Path, stack: ExitStack) -> dict[str, str]:
    """Start all parts; everything is stopped by `stack`. Returns the addresses of the three pages by name."""
    from config.settings import load
    from gateway.store.queries import sync_facts
    from modem.emulator.at_server import AtServer
    from modem.emulator.network import Network
    from modem.emulator.scenario import DIALOGUE, load_scenario
    from modem.emulator.subscribers import Sim
    from modem.emulator.web import create_phone_page

    from .pages import PageServer
    from .run import RunningGateway

    folder.mkdir(parents=True, exist_ok=True)
    network = Network()
    _run(network, stack)
    sim = network.add_sim(Sim(OWN_NUMBER, capacity=SIM_CAPACITY))
    line = _line(AtServer(sim, network), folder, stack)
    central = _central(folder / "central", load(), stack)
    flags = {
        "general.log_level": "warning",
        "modem.port": line.address,
        "modem.reopen_seconds": 0.5,
        "console.port": PORTS["laptop"],
        "replies.own_numbers": OWN_NUMBER,
        "sync.central": central.address,
        "sync.wait_seconds": SYNC_WAIT_SECONDS,
        "sync.backoff_seconds": 1.0,
        **PATIENCE,
    }
    settings = load(flags=flags)
    gateway = RunningGateway(folder / "laptop", settings, stack)
    with gateway.gateway.store.read() as session:
        enrolled = sync_facts(session).enrolled
    if not enrolled:  # a kept folder knows its central; enrolled again, all its reports would stand there twice
        gateway.enroll(central.address, central.code)
    _register(gateway)
    gateway.start()
    scenario, dialogue = load_scenario(), load_scenario(DIALOGUE)
    links = {"Laptop": gateway.address, "Pusat": central.address}
    phones = create_phone_page(
        network, OWN_NUMBER, scenario.phones(network), scenario.messages, links, dialogue=dialogue.messages
    )
    stack.callback(phones.extensions["scenario"].stop)
    pages = PageServer(phones, "127.0.0.1", PORTS["telepon"])
    pages.start()
    stack.callback(pages.close)
    return {"telepon": pages.address, "laptop": gateway.address, "pusat": central.address}


def _register(gateway: RunningGateway) -> None:
    """Enter the people of REGISTERED; in a folder that was kept they stay as they were left."""
    from gateway.registry.people import Entry
    from gateway.store.models import Reporter

    for number, role, village, name in REGISTERED:
        with gateway.gateway.store.read() as session:
            known = session.get(Reporter, number) is not None
        if not known:
            gateway.gateway.people.register(number, Entry(role, village, name))


@dataclass(frozen=True)
class _Central:
    """The running central and a code with which one laptop may enrol."""

    address: str
    code: str


def _central(folder: Path, settings: Settings, stack: ExitStack) -> _Central:
    from config.regions import load_region
    from sync.central import enrolment
    from sync.central.app import close_central, create_central
    from sync.central.database import open_database, sqlite_url

    from .pages import PageServer

    database = open_database(sqlite_url(folder))
    stack.callback(database.close)
    app = create_central(database, settings, load_region(settings.general.region))
    stack.callback(close_central, app)
    server = PageServer(app, settings.central.host, PORTS["pusat"])
    server.start()
    stack.callback(server.close)
    now = time.time_ns() // 1_000_000
    return _Central(server.address, enrolment.issue(database, LAPTOP_NAME, settings.central.code_hours, now).text)


def _run(network: Network, stack: ExitStack) -> None:
    """The network's own clockwork: it delivers what had to wait."""
    ended = threading.Event()
    clockwork = threading.Thread(target=network.run, args=(ended,), name="network", daemon=True)
    clockwork.start()
    stack.callback(clockwork.join, 5)
    stack.callback(ended.set)


def _line(server: AtServer, folder: Path, stack: ExitStack) -> Line:
    from modem.emulator.lines import PtyLine, TcpLine

    line: Line = PtyLine(server, folder / "modem") if os.name == "posix" else TcpLine(server, "127.0.0.1", 0)
    return stack.enter_context(line)
