"""The shipped knowledge, compiled once for all tests of this folder."""

from __future__ import annotations

import pytest

from config.knowledge import load_knowledge
from gateway.reports.knowledge import Knowledge, compile_knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return compile_knowledge(load_knowledge())
