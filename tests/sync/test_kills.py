"""Real processes killed at each named point of the sync; afterwards one calm run, and nothing is lost or doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.store import ledger
from gateway.store.database import open_store
from sync.central.database import open_database, sqlite_url
from sync.central.models import LedgerEntry

from .ends import enrol_directly, write

POINTS = (
    "sync.frame.before_send",
    "central.ingest.before_commit",
    "central.ingest.after_commit",
    "sync.ack.before_commit",
    "sync.ack.after_commit",
)
PROGRAM = """
import sys
from pathlib import Path
from gateway.board import Board
from gateway.store.database import open_store
from sync.central.database import open_database, sqlite_url
from sync.worker import SyncWorker
from tests.sync.ends import DirectCarrier, FakeTime, PACE
folder = Path(sys.argv[1])
database = open_database(sqlite_url(folder / "central"))
carrier = DirectCarrier(database)
worker = SyncWorker(open_store(folder / "laptop"), Board(), PACE, lambda _url: carrier, clock=FakeTime().clock())
worker.sync_now()
worker.step()
print("lived")
"""


def run(folder: Path, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WASPADA_FAILPOINT": failpoint}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)], env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.crash
@pytest.mark.parametrize("point", [*POINTS, "central.ingest.after_commit:2", "sync.ack.after_commit:2"])
def test_a_kill_loses_and_doubles_nothing(tmp_path: Path, point: str) -> None:
    store, database = open_store(tmp_path / "laptop"), open_database(sqlite_url(tmp_path / "central"))
    enrol_directly(store, database)
    write(store, 1200)  # more than one frame
    killed = run(tmp_path, point)
    assert killed.returncode in (-9, 137), killed.stderr
    assert "lived" not in killed.stdout
    calm = run(tmp_path)
    assert calm.stdout == "lived\n", calm.stderr
    with store.read() as session:
        position = ledger.position(session)
        told = [entry.body for entry in ledger.read(session, 1, 2000)]
    with database.read() as session:
        held = [row.body for row in session.query(LedgerEntry).order_by(LedgerEntry.number)]
    assert (position.ack, position.last) == (1200, 1200)
    assert held == told
    store.close()
    database.close()


def test_without_the_variable_or_under_another_name_nothing_happens(tmp_path: Path) -> None:
    for failpoint in ("", "another.point", "sync.frame.before_send:99"):
        program = "from config.failpoint import reach; reach('sync.frame.before_send'); print('lived')"
        shown = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "WASPADA_FAILPOINT": failpoint},
            capture_output=True,
            text=True,
        )
        assert shown.stdout == "lived\n"
