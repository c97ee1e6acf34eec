"""A small world of real parts: emulated radio network here, gateway and central as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from gateway.store.database import open_store
from modem.emulator.at_server import AtServer
from modem.emulator.lines import Line, PtyLine, TcpLine
from modem.emulator.network import Network
from modem.emulator.personalities import PERSONALITIES
from modem.emulator.subscribers import Phone, Sim
from sync.enroll import enroll

OWN = "+6281168000100"
PATIENCE_SECONDS = 60.0
"""Generous: the machine may be busy. Nothing waits this long when all is well."""
FAST = {
    "WASPADA_SYNC_WAIT_SECONDS": "0.1",
    "WASPADA_SYNC_BATCH_ENTRIES": "1",
    "WASPADA_SYNC_BACKOFF_SECONDS": "0.2",
    "WASPADA_SYNC_BACKOFF_MAX_SECONDS": "0.5",
    "WASPADA_MODEM_POLL_SECONDS": "0.5",
    "WASPADA_MODEM_REOPEN_SECONDS": "0.1",
    "WASPADA_MODEM_REOPEN_MAX_SECONDS": "0.3",
    "WASPADA_CONSOLE_PORT": "0",
    "WASPADA_GENERAL_LOG_LEVEL": "warning",
    "WASPADA_DIALOGUE_REPLACE_MINUTES": "0",  # one phone sends many like reports, and each must be counted
}


def until(what: Callable[[], Any], describe: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """The first true value of `what`; AssertionError naming what never came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError(f"it never happened: {describe}")


class Program:
    """A `waspada` process and its first line of output (the ready line)."""

    def __init__(self, *arguments: str, script: tuple[str, ...] = ("-m", "gateway"), **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *script, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **FAST, **environment},
        )

    def ready_line(self) -> str:
        """The line that says it serves; '' where it died before."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def dies(self) -> int:
        """Its exit code, once it is gone."""
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """End it politely if it lives, and free its pipe."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


class Central:
    """A central process on a folder and a port that it keeps over restarts."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._port = "0"
        self.program: Program
        self.start(**environment)

    def start(self, **environment: str) -> None:
        """Start it (again)."""
        self.program = Program("central", "--data", str(self.folder), "--port", self._port, **environment)
        line = self.program.ready_line()
        assert line.startswith("central ready: "), line
        self.address = line.split()[2]
        self._port = self.address.rstrip("/").rsplit(":", 1)[1]

    def code(self) -> str:
        """A one-time code for a laptop."""
        run = subprocess.run(
            [sys.executable, "-m", "gateway", "central", "--data", str(self.folder), "code"],
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    def reports(self, gateway: int) -> list[dict[str, Any]]:
        """All reports of a gateway as programs get them; an empty list while the central is down."""
        try:
            answer = requests.get(
                f"{self.address}/api/v1/reports", params={"gateway": gateway, "limit": 10000}, timeout=10
            )
        except requests.RequestException:
            return []
        found: list[dict[str, Any]] = answer.json()
        return found


class Laptop:
    """One laptop: SIM, line, data folder; its gateway process is started and killed at will."""

    def __init__(self, folder: Path, central: Central, capacity: int = 40, personality: str = "clean") -> None:
        self.central = central
        self.data = folder / "data"
        self.network = Network()
        self.sim = self.network.add_sim(Sim(OWN, capacity=capacity))
        server = AtServer(self.sim, self.network, PERSONALITIES[personality])
        self.line: Line = PtyLine(server, folder / "modem") if os.name == "posix" else TcpLine(server, "127.0.0.1", 0)
        self.line.plug()
        self.phones: dict[str, Phone] = {}
        store = open_store(self.data)
        self.gateway = enroll(store, central.address, central.code())
        store.close()
        self.program: Program | None = None

    def start(self, script: tuple[str, ...] = ("-m", "gateway"), **environment: str) -> Program:
        """Start the gateway process."""
        arguments = (
            "gateway",
            "--data",
            str(self.data),
            "--modem",
            self.line.address,
            "--central",
            self.central.address,
        )
        self.program = Program(*arguments, script=script, **environment)
        return self.program

    def phone(self, number: str) -> Phone:
        """A villager's phone."""
        return self.phones.setdefault(number, self.network.phone(number))

    def close(self) -> None:
        """End the process and unplug."""
        if self.program is not None:
            self.program.close()
        self.line.unplug()


@contextmanager
def laptop(folder: Path, central: Central, **options: Any) -> Iterator[Laptop]:
    """A laptop, closed afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        made = Laptop(folder, central, **options)
        stack.callback(made.close)
        yield made
