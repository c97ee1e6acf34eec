"""Every labelled message of cases/*.toml is read as its label says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import FIELDS, Outcome, Sender

CASES = Path(__file__).parent / "cases"
NUMBERS = ("massa", "korban", "md", "luka", "hilang")
FREE = ("ket", "waktu_teks", "waktu", "pihak", "senjata", "nama", "peran", "hasil", "status")
"""Compared only where the label names them."""


def labelled() -> list[Any]:
    rows = []
    for file in sorted(CASES.glob("*.toml")):
        for number, case in enumerate(tomllib.loads(file.read_text(encoding="utf-8"))["cases"], 1):
            rows.append(pytest.param(case, id=f"{file.stem}-{number}"))
    return rows


def expectation(case: dict[str, Any]) -> tuple[str, str | None, dict[str, Any]]:
    words = case["e"].split()
    outcome = next((word for word in words[1:] if word in list(Outcome)), None)
    fields: dict[str, Any] = dict.fromkeys(name for name in FIELDS if name not in FREE)
    for word in words[1:]:
        name, mark, value = word.partition("=")
        if mark:
            fields[name] = int(value) if name in NUMBERS else value
    fields.update({name: case[name] for name in FREE if name in case})
    return words[0], outcome, fields


@pytest.mark.parametrize("case", labelled())
def test_message_is_read_as_labelled(case: dict[str, Any], knowledge: Knowledge) -> None:
    intent, outcome, fields = expectation(case)
    sender = Sender(case.get("sender", "+6281274000111"), case.get("role", ""), case.get("village", ""))
    found = understand(case["t"], sender, knowledge)
    got = {name: found.fields[name] for name in fields}
    if got["desa"]:
        got["desa"] = knowledge.region.by_code[got["desa"]].short_code
    assert (str(found.intent), got) == (intent, fields), "\n".join(found.trace)
    if outcome is not None:
        assert found.outcome == outcome, "\n".join(found.trace)
    assert found.secret is case.get("secret", False)
    if "urgent" in case:
        assert found.urgent is case["urgent"]


def test_there_are_enough_cases() -> None:
    assert len(labelled()) >= 250
