"""`kill -9` at every point where it could hurt (`-m crash`). The table is printed at the end of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.killing import CENTRAL_POINTS, DIRECT_POINTS, GATEWAY_POINTS, Result, kill_central, kill_gateway
from tests.world import Central

pytestmark = pytest.mark.crash
HERE = Path(__file__).parent


def unharmed(result: Result) -> None:
    assert (result.lost, result.doubled, result.answers_doubled) == (0, 0, 0)


@pytest.mark.parametrize("point", GATEWAY_POINTS)
def test_a_killed_gateway_loses_and_doubles_nothing(point: str, tmp_path: Path, central: Central) -> None:
    unharmed(kill_gateway(tmp_path, central, point))


@pytest.mark.parametrize("point", DIRECT_POINTS)
def test_what_came_directly_survives_a_kill(point: str, tmp_path: Path, central: Central) -> None:
    unharmed(kill_gateway(tmp_path, central, point, personality="direct"))


@pytest.mark.parametrize("point", CENTRAL_POINTS)
def test_a_killed_central_loses_and_doubles_nothing(point: str, tmp_path: Path) -> None:
    unharmed(kill_central(tmp_path, point))


def test_the_referee_catches_a_gateway_that_deletes_before_it_stores(tmp_path: Path, central: Central) -> None:
    result = kill_gateway(tmp_path, central, "inbox.before_commit", (str(HERE / "wrong" / "deletes_first.py"),))
    assert result.lost > 0


def test_the_referee_catches_a_gateway_without_fingerprints(tmp_path: Path, central: Central) -> None:
    result = kill_gateway(tmp_path, central, "inbox.after_commit", (str(HERE / "wrong" / "no_fingerprint.py"),))
    assert result.doubled > 0
