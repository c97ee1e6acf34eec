"""The proposed level follows the district's rules."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.levels import propose_level

CASES: list[tuple[str, int | None, dict[str, Any], set[str], dict[str, bool], int]] = [
    ("base", 1, {"jenis": "ISU"}, set(), {}, 1),
    ("unknown type", None, {}, set(), {}, 1),
    ("crowd of 49", 2, {"jenis": "GESEK", "massa": 49}, set(), {}, 2),
    ("crowd of 50", 2, {"jenis": "GESEK", "massa": 50}, set(), {}, 3),
    ("weapon", 2, {"jenis": "ANCAM"}, {"parang"}, {}, 3),
    ("organisers", 2, {"jenis": "ANCAM"}, {"kpps"}, {}, 3),
    ("a polling station is no news in a TPS report", 2, {"jenis": "TPS"}, {"tps"}, {}, 2),
    ("second report nearby", 2, {"jenis": "GESEK"}, set(), {"second_nearby": True}, 3),
    ("injured", 1, {"jenis": "UANG", "luka": 1}, set(), {}, 3),
    ("no injured", 1, {"jenis": "UANG", "luka": 0}, set(), {}, 1),
    ("dead", 2, {"jenis": "GESEK", "md": 1}, set(), {}, 4),
    ("emergency", None, {}, set(), {"emergency": True}, 4),
    ("violent crowd of 100", 3, {"jenis": "BENTROK", "massa": 100}, set(), {}, 4),
    ("peaceful crowd of 100", 2, {"jenis": "MASSA", "massa": 100}, set(), {}, 3),
    ("peace stays low", 0, {"jenis": "DAMAI", "massa": 200}, {"parang"}, {}, 0),
    ("never above the highest", 3, {"jenis": "SERANG", "massa": 60}, {"parang", "kpps"}, {}, 4),
    ("calming down lowers nothing", 3, {"jenis": "BENTROK", "fase": "REDA"}, set(), {}, 3),
]


@pytest.mark.parametrize(
    ("base", "fields", "words", "flags", "level"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_level(
    knowledge: Knowledge, base: int | None, fields: dict[str, Any], words: set[str], flags: dict[str, bool], level: int
) -> None:
    found, trace = propose_level(knowledge.files.levels, base, fields, words, **flags)
    assert found == level
    assert trace[0].startswith("tingkat: dasar")
