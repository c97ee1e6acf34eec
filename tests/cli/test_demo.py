"""The demo: whoever shows it may type as fast as they like, and a kept folder stays as it was left."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from config.settings import Replies, Settings, load
from gateway.cli.demo import REGISTERED, start
from gateway.cli.run import RunningGateway
from gateway.store import ledger
from gateway.store.database import open_store
from gateway.store.models import Reporter, ReporterStatus


def test_a_kept_folder_keeps_who_left_and_who_types_fast_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Logging belongs to a process: set up here it would stay for all later tests.
    monkeypatch.setattr("gateway.logs.start_logging", lambda folder, level: None)
    limits: list[Replies] = []

    class Watched(RunningGateway):
        def __init__(self, folder: Path, settings: Settings, stack: ExitStack) -> None:
            limits.append(settings.replies)
            super().__init__(folder, settings, stack)

    monkeypatch.setattr("gateway.cli.run.RunningGateway", Watched)
    gone, stayed = (person[0] for person in REGISTERED)
    for times_started in (1, 2):
        with ExitStack() as stack:
            for address in start(tmp_path, stack).values():
                assert requests.get(address, timeout=20).ok
        store = open_store(tmp_path / "laptop")
        with store.write() as session:
            assert ledger.sync_state(session).gateway == 1
            assert session.get_one(Reporter, stayed).status == ReporterStatus.REGISTERED
            leaving = session.get_one(Reporter, gone)
            assert leaving.status == (ReporterStatus.REGISTERED if times_started == 1 else ReporterStatus.GONE)
            leaving.status = ReporterStatus.GONE
        store.close()
    shipped = load().replies
    assert limits[0].loop_messages > 5 * shipped.loop_messages
    assert limits[0].identical_per_sender > 5 * shipped.identical_per_sender
