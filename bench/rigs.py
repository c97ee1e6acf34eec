"""One emulated modem, and the programs that can collect from it: Waspada, gammu-smsd, smstools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.store import outgoing
from gateway.store.database import open_store
from modem.emulator.at_server import AtServer
from modem.emulator.lines import PtyLine
from modem.emulator.network import Network
from modem.emulator.personalities import CLEAN, Personality
from modem.emulator.subscribers import Phone, Sim

OWN, VILLAGER = "+6281168000100", "+6281272000101"
PATIENCE_SECONDS = 120.0


class Radio:
    """Network, SIM with `capacity` slots, and the modem's PTY at `port`; notes when commands arrive."""

    def __init__(self, folder: Path, capacity: int = 40, personality: Personality = CLEAN) -> None:
        self.network = Network()
        self.sim = self.network.add_sim(Sim(OWN, capacity=capacity))
        self.phone: Phone = self.network.phone(VILLAGER)
        self.server = AtServer(self.sim, self.network, personality)
        self.first_read_at: float | None = None
        """When the program first asked for stored messages, `time.perf_counter` seconds."""
        self.first_send_at: float | None = None
        """When it first wanted to send one."""
        feed = self.server.feed

        def noting(received: bytes) -> bytes:
            if self.first_read_at is None and (b"CMGL" in received or b"CMGR" in received):
                self.first_read_at = time.perf_counter()
            if self.first_send_at is None and b"CMGS=" in received:
                self.first_send_at = time.perf_counter()
            return feed(received)

        self.server.feed = noting  # type: ignore[method-assign]
        self.line = PtyLine(self.server, folder / "modem")
        self.line.plug()
        self.port = self.line.address


@dataclass(frozen=True)
class Collector:
    """A program that collects and sends. `start` gets folder and port; `stored` counts what it has kept durably in the folder;
    `queue` puts texts to a number in line before it starts."""

    name: str
    start: Callable[[Path, str], subprocess.Popen[bytes]]
    stored: Callable[[Path], int]
    queue: Callable[[Path, str, list[str]], None]


def _run(*command: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )


def _waspada(folder: Path, port: str) -> subprocess.Popen[bytes]:
    """As shipped, but for where it looks for a modem that changed its name: pseudo-terminals are on no list of serial ports."""
    command = (
        sys.executable,
        "-m",
        "gateway",
        "gateway",
        "--data",
        str(folder / "data"),
        "--modem",
        port,
        "--console",
        "0",
    )
    return _run(*command, WASPADA_MODEM_CANDIDATES=f"{port}*")


_STORED = """SELECT count(*) FROM pdu
    WHERE instr('26AE', substr(hex, 2 * instr('0123456789ABCDEF', substr(hex, 2, 1)) + 2, 1)) = 0"""
"""Delivery reports of what Waspada answered lie there too; they are no SMS from a phone (TP-MTI, TS 23.040 9.2.3.1)."""


def _waspada_stored(folder: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{folder / 'data' / 'waspada.sqlite'}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        return 0
    try:
        return int(connection.execute(_STORED).fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def _waspada_queue(folder: Path, number: str, texts: list[str]) -> None:
    store = open_store(folder / "data")
    for text in texts:
        outgoing.queue_typed(store, number, text, time.time_ns() // 1_000_000)
    store.close()


def _gammu_config(folder: Path, port: str, tuning: str) -> Path:
    for name in ("inbox", "outbox", "sent", "error"):
        (folder / name).mkdir(exist_ok=True)
    paths = "\n".join(
        f"{key}path = {folder / name}/"
        for key, name in (("inbox", "inbox"), ("outbox", "outbox"), ("sentsms", "sent"), ("errorsms", "error"))
    )
    config = folder / "smsdrc"
    config.write_text(f"[gammu]\nport = {port}\nconnection = at\n[smsd]\nservice = files\n{paths}\n{tuning}")
    return config


def _gammu(tuning: str) -> Callable[[Path, str], subprocess.Popen[bytes]]:
    return lambda folder, port: _run("gammu-smsd", "-c", str(_gammu_config(folder, port, tuning)))


def _gammu_queue(folder: Path, number: str, texts: list[str]) -> None:
    config = _gammu_config(folder, "/dev/null", "")
    for text in texts:
        command = ["gammu-smsd-inject", "-c", str(config), "TEXT", number, "-text", text]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _files(name: str) -> Callable[[Path], int]:
    return lambda folder: len(list((folder / name).iterdir())) if (folder / name).is_dir() else 0


def _smstools_folders(folder: Path) -> None:
    for name in ("incoming", "outgoing", "checked", "failed", "sent", "log"):
        (folder / name).mkdir(exist_ok=True)


def _smstools_queue(folder: Path, number: str, texts: list[str]) -> None:
    _smstools_folders(folder)
    for place, text in enumerate(texts):
        (folder / "outgoing" / f"sms{place:03}").write_text(f"To: {number.removeprefix('+')}\n\n{text}")


def _smstools(folder: Path, port: str) -> subprocess.Popen[bytes]:
    _smstools_folders(folder)
    config = folder / "smsd.conf"
    config.write_text(
        f"devices = M\nincoming = {folder}/incoming\noutgoing = {folder}/outgoing\nchecked = {folder}/checked\n"
        f"failed = {folder}/failed\nsent = {folder}/sent\nlogfile = {folder}/log/smsd.log\nloglevel = 3\n"
        f"infofile = {folder}/smsd.running\npidfile = {folder}/smsd.pid\ndelaytime = 1\n"
        f"[M]\ndevice = {port}\nincoming = yes\nbaudrate = 115200\ninit = AT\nmemory_start = 1\n"
    )
    return _run(shutil.which("smsd") or "/usr/sbin/smsd", "-t", f"-c{config}")


TUNED = """
ReceiveFrequency = 1
LoopSleep = 1
StatusFrequency = 0
CommTimeout = 1
CheckSecurity = 0
CheckBattery = 0
CheckSignal = 0
CheckNetwork = 0
ResetFrequency = 0
"""
"""The shortest polling gammu-smsd allows, and nothing else asked of the modem."""
WASPADA = Collector("Waspada", _waspada, _waspada_stored, _waspada_queue)
GAMMU = Collector("gammu-smsd as shipped", _gammu(""), _files("inbox"), _gammu_queue)
GAMMU_TUNED = Collector("gammu-smsd tuned", _gammu(TUNED), _files("inbox"), _gammu_queue)
SMSTOOLS = Collector("smstools", _smstools, _files("incoming"), _smstools_queue)


def available() -> list[Collector]:
    """Waspada and the peers that are installed."""
    found = [WASPADA]
    if shutil.which("gammu-smsd"):
        found += [GAMMU_TUNED, GAMMU]
    if shutil.which("smsd") or Path("/usr/sbin/smsd").exists():
        found.append(SMSTOOLS)
    return found


@contextmanager
def collecting(collector: Collector, folder: Path, port: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program, running; ended afterwards."""
    process = collector.start(folder, port)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(what: Callable[[], bool], describe: str, step: float = 0.002, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once `what` is true; TimeoutError naming it otherwise."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError(describe)
        time.sleep(step)
