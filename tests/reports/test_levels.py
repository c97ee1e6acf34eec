"""The proposed level follows the district's rules."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.levels import is_urgent, propose_level, relevel
from gateway.reports.parser import understand
from gateway.reports.understanding import Sender

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
    ("nobody was armed after all", 2, {"jenis": "ANCAM", "senjata": False}, {"parang"}, {}, 2),
    ("armed, in words we do not list", 2, {"jenis": "ANCAM", "senjata": True}, {"cangkul"}, {}, 3),
    ("armed is one step, not two", 2, {"jenis": "ANCAM", "senjata": True}, {"parang"}, {}, 3),
    ("a weapon of two words", 2, {"jenis": "ANCAM"}, {"bambu", "runcing"}, {}, 3),
    ("half of such a weapon", 2, {"jenis": "ANCAM"}, {"bambu"}, {}, 2),
    (
        "the injured are at least siaga, one step above that stays",
        3,
        {"jenis": "SERANG", "luka": 1, "massa": 50},
        set(),
        {},
        4,
    ),
    ("emergency of a peaceful meeting", 0, {"jenis": "DAMAI"}, set(), {"emergency": True}, 4),
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


def test_the_trace_tells_each_rule_that_moved_it(knowledge: Knowledge) -> None:
    fields = {"jenis": "GESEK", "massa": 60, "md": 1}
    _, trace = propose_level(knowledge.files.levels, 2, fields, {"parang"}, second_nearby=True)
    assert trace == (
        "tingkat: dasar 2",
        "tingkat: +1, massa 50 atau lebih",
        "tingkat: +1, senjata disebut",
        "tingkat: +1, laporan kedua dari kecamatan ini dalam 24 jam",
    )
    assert (
        propose_level(knowledge.files.levels, 2, {"md": 1}, set())[1][1]
        == "tingkat: paling rendah 4, ada yang meninggal"
    )


def test_a_report_is_levelled_again_when_its_fields_or_its_neighbourhood_change(knowledge: Knowledge) -> None:
    text = "LAPOR GESEK LAMBUR 14 0 adu mulut"
    found = understand(text, Sender("+6281274000111"), knowledge)
    again = relevel(found.fields, text, found.form, False, False, knowledge)
    assert again == (found.level, tuple(line for line in found.trace if line.startswith("tingkat")))
    assert relevel({**found.fields, "luka": 1}, text, "event", False, False, knowledge)[0] == 3
    assert relevel(found.fields, text, "event", False, True, knowledge)[0] == 3
    assert relevel(found.fields, text + " bawa parang", "event", False, False, knowledge)[0] == 3
    assert relevel(found.fields, {"parang"}, knowledge.forms["lapor"], False, False, knowledge)[0] == 3
    assert relevel(found.fields, text, "emergency", True, False, knowledge)[0] == 4
    assert relevel(found.fields, text, "no longer there", False, False, knowledge)[0] == 2


def test_a_zero_report_has_no_level(knowledge: Knowledge) -> None:
    assert relevel({"desa": "15.07.01.2012"}, "NIHIL LAMBUR II", "nihil", False, True, knowledge) == (0, ())


def test_what_must_not_wait(knowledge: Knowledge) -> None:
    rules, form = knowledge.files.levels, knowledge.forms["lapor"]
    assert is_urgent(form, {"jenis": "BENTROK"}, 3, rules)
    assert not is_urgent(form, {"jenis": "BENTROK", "fase": "REDA"}, 3, rules)
    assert is_urgent(form, {"jenis": "BENTROK", "fase": "REDA", "luka": 1}, 3, rules)
    assert not is_urgent(form, {"jenis": "GESEK", "luka": 0}, 2, rules)
