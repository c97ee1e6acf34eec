"""One central for all laptops that are killed, and the table of what the killing did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.killing import RESULTS
from tests.world import Central


@pytest.fixture(scope="session")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Central]:
    made = Central(tmp_path_factory.mktemp("central"))
    yield made
    made.program.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table the tests filled."""
    if RESULTS:
        terminalreporter.section("kill test")
        terminalreporter.write_line(
            f"{'point':<34} {'killed':>6} {'sent':>5} {'lost':>5} {'doubled':>8} {'answers doubled':>16}"
        )
        for result in RESULTS:
            terminalreporter.write_line(
                f"{result.point:<34} {result.killed:>6} {result.sent:>5} {result.lost:>5} {result.doubled:>8} "
                f"{result.answers_doubled:>16}{'   (wrong on purpose: must be caught)' if result.wrong else ''}"
            )
