"""The examples of docs/understanding.md are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import Sender

PAGE = Path(__file__).parents[2] / "docs" / "understanding.md"
ROWS = re.findall(r"^\| `(.+?)` \| (\w+) \| (\w+) \| (.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
FREE = ("ket", "waktu_teks")


@pytest.mark.parametrize(("text", "intent", "outcome", "fields"), ROWS, ids=[row[0] for row in ROWS])
def test_example(knowledge: Knowledge, text: str, intent: str, outcome: str, fields: str) -> None:
    found = understand(text, Sender("+6281274000111"), knowledge)
    known = {name: str(value) for name, value in found.fields.items() if value is not None and name not in FREE}
    assert (str(found.intent), str(found.outcome)) == (intent, outcome)
    assert known == dict(pair.split("=") for pair in fields.split())


def test_the_page_has_examples() -> None:
    assert len(ROWS) >= 10
