"""Both real ends in one process: a laptop's store, and the central behind real HTTP or behind a direct call."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from config.settings import Sync
from gateway.board import Board
from gateway.store import ledger
from gateway.store.database import Store, open_store
from sync.carriers import CarrierError
from sync.central import enrolment
from sync.central.database import Database, open_database, sqlite_url
from sync.central.ledger import ingest
from sync.entries import BeatBody
from sync.worker import Clock, SyncWorker

KEY = bytes(range(32))
NOW = 1_795_000_000
PACE = Sync(central="http://central.invalid", batch_entries=5, wait_seconds=100, beat_seconds=1000)


@dataclass
class FakeTime:
    """A clock a test moves; chance is always one half."""

    seconds: float = 1000.0

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.seconds, now=lambda: NOW + self.seconds, random=lambda: 0.5)


@dataclass
class DirectCarrier:
    """Hands frames to the central's ingest; `faults` are raised, called or answered before it, one an exchange."""

    database: Database
    faults: list[Any] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    closed: int = 0

    def exchange(self, frame: bytes) -> bytes:
        self.sent.append(frame)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, CarrierError):
            raise fault
        if isinstance(fault, bytes):
            return fault
        answer = ingest(self.database, frame, NOW * 1000)
        if fault == "lose reply":
            raise CarrierError("reply lost")
        return answer

    def close(self) -> None:
        self.closed += 1


@dataclass
class Pair:
    """An enrolled laptop with its worker, and its central."""

    store: Store
    database: Database
    board: Board
    time: FakeTime
    carrier: DirectCarrier
    worker: SyncWorker

    def write(self, count: int = 1) -> None:
        write(self.store, count)

    def position(self) -> ledger.Position:
        with self.store.read() as session:
            return ledger.position(session)


def write(store: Store, count: int = 1, word: str = "x") -> None:
    """Append small entries to the ledger."""
    with store.write() as session:
        for number in range(count):
            ledger.append(session, BeatBody("0", {"word": word, "n": number}), NOW)


def enrol_directly(store: Store, database: Database) -> int:
    """What `sync.enroll` does, without HTTP."""
    code = enrolment.issue(database, "Laptop", 1, NOW * 1000)
    gateway = enrolment.redeem(database, code.text, KEY, NOW * 1000)
    with store.write() as session:
        state = ledger.sync_state(session)
        state.gateway, state.key, state.central = gateway, KEY, PACE.central
    return gateway


@contextmanager
def pair(folder: Path, settings: Sync = PACE) -> Iterator[Pair]:
    """A fresh pair in `folder`, closed afterwards."""
    store, database = open_store(folder / "laptop"), open_database(sqlite_url(folder / "central"))
    try:
        enrol_directly(store, database)
        fake, board = FakeTime(), Board()
        carrier = DirectCarrier(database)
        worker = SyncWorker(store, board, settings, lambda _url: carrier, clock=fake.clock())
        yield Pair(store, database, board, fake, carrier, worker)
    finally:
        store.close()
        database.close()


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Content-Length to claim, where it is not the body's."""


class ScriptedServer:
    """A loopback HTTP server that gives the same answer to every request and keeps what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections: set[Any] = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 0.5  # a client that keeps its connection must not hold up the end

            def _reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.requests.append((self.path, dict(self.headers), body))
                server.connections.add(self.client_address)
                answer = server.answer
                self.send_response(answer.status)
                length = len(answer.body) if answer.length is None else answer.length
                for name, value in {"Content-Length": str(length), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)
                if answer.length is not None:
                    self.close_connection = True

            do_POST = do_GET = _reply  # noqa: N815

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def eventually(condition: Any, timeout: float = 10.0) -> None:
    """Wait for what another thread will make true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)
