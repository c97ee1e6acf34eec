"""`waspada reports rederive`: what it prints, what it refuses, and the group that still lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.knowledge import load_knowledge
from gateway.cli import main
from gateway.reports.knowledge import compile_knowledge
from gateway.store.database import open_store
from gateway.store.models import Amendment, Report
from tests.gateway.test_dialogue import Talk
from tests.sms import VILLAGER

SENT_DAY = "2026-11-23"
"""The local day of tests.sms.SENT_AT."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A laptop's data with a report whose type somebody lost, as if the form had not known the word then."""
    folder = tmp_path / "data"
    store = open_store(folder)
    talk = Talk(store, compile_knowledge(load_knowledge()))
    talk.say("LAPOR GESEK LAMBUR II 14 0 adu mulut")
    talk.say("LAPOR BENTROK 40 2", sender="+6281373000102")
    talk.say("kampung laut", sender="+6281373000102")
    with store.write() as session:
        report = session.get_one(Report, 1)
        report.fields, report.derived = {**report.fields, "jenis": None}, {**report.derived, "jenis": None}
    store.close()
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["reports", *arguments])


def amendments(data: Path) -> list[str]:
    store = open_store(data)
    with store.read() as session:
        actions = [row.action for row in session.query(Amendment).order_by(Amendment.id)]
    store.close()
    return actions


def test_without_a_subcommand_it_lists_as_ever(data: Path) -> None:
    assert len(json.loads(run("--json", "--data", str(data)).output)) == 2
    assert len(json.loads(run("--json", "--limit", "1", "--data", str(data)).output)) == 1
    assert "LAMBUR" in run("--data", str(data)).output.upper()


def test_it_shows_what_would_change_and_changes_nothing(data: Path) -> None:
    result = run("rederive", "--since", SENT_DAY, "--data", str(data))
    assert result.exit_code == 0
    assert "message 1: changed" in result.output
    assert "jenis: ? -> GESEK" in result.output
    assert "2 messages read again, 1 with a difference." in result.output
    assert "1 skipped: answered a question of ours" in result.output
    assert "By field: jenis 1" in result.output
    assert "Nothing was changed." in result.output
    assert VILLAGER[3:] not in result.output
    assert amendments(data) == ["jawab"]


def test_applied_and_run_again(data: Path) -> None:
    arguments = ("rederive", "--since", SENT_DAY, "--apply", "--json", "--data", str(data))
    first = json.loads(run(*arguments).output)
    assert (first["applied"], first["read"], first["skipped"], first["left"]) == (True, 2, {"answer": 1}, [])
    (change,) = first["changes"]
    assert (change["kind"], change["message_id"]) == ("changed", 1)
    assert change["changes"]["jenis"] == {"before": None, "after": "GESEK"}
    assert amendments(data) == ["jawab", "turunan"]
    second = json.loads(run(*arguments).output)
    assert (second["changes"], second["summary"]) == ([], {})
    assert amendments(data) == ["jawab", "turunan"]
    row = next(row for row in json.loads(run("--json", "--data", str(data)).output) if row["message_id"] == 1)
    assert (row["jenis"], row["derived"]["jenis"], row["state"]) == ("GESEK", "GESEK", "baru")
    (told,) = row["amendments"]
    assert (told["action"], told["by"], told["message_id"]) == ("turunan", "program", None)
    assert (told["before"]["jenis"], told["after"]["jenis"]) == (None, "GESEK")


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (("--since", "2026-11-24"), 0),
        (("--since", SENT_DAY, "--until", SENT_DAY), 2),
        (("--since", "2026-11-20", "--until", "2026-11-22"), 0),
        (("--since", "2026-11-23T20:53:30"), 1),
        (("--since", "2026-11-23T13:53:30+00:00"), 1),
    ],
)
def test_days_and_times_are_local_unless_they_say_otherwise(data: Path, arguments: tuple[str, ...], read: int) -> None:
    found = json.loads(run("rederive", *arguments, "--json", "--data", str(data)).output)
    assert found["read"] == read


def test_a_wrong_date_is_explained(data: Path) -> None:
    result = run("rederive", "--since", "kemarin", "--data", str(data))
    assert result.exit_code == 2
    assert "is no date; write it like 2026-11-20" in result.output
    result = run("rederive", "--since", "2026-11-23", "--until", "2026-11-20", "--data", str(data))
    assert "it lies before --since" in result.output


def test_a_folder_named_in_front_of_the_subcommand_is_refused(data: Path) -> None:
    result = run("--data", str(data), "rederive", "--since", SENT_DAY, "--apply")
    assert result.exit_code == 2
    assert "Options of rederive go behind its name." in result.output
    assert amendments(data) == ["jawab"]


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    result = run("rederive", "--since", SENT_DAY, "--data", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "There is no Waspada database" in result.output
    assert not (tmp_path / "none").exists()


def test_a_mistake_in_the_districts_own_forms_stops_it_before_anything_is_read(data: Path) -> None:
    forms = data / "knowledge" / "forms"
    forms.mkdir(parents=True)
    (forms / "banjir.toml").write_text("id = 3\n", encoding="utf-8")
    result = run("rederive", "--since", SENT_DAY, "--apply", "--data", str(data))
    assert result.exit_code == 1
    assert "banjir.toml" in result.output
    assert amendments(data) == ["jawab"]
