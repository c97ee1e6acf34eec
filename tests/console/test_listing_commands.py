"""`waspada messages` and `waspada reports`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.common import default_data_folder
from gateway.cli.listing import messages, reports
from gateway.store.database import Store
from tests.console_seed import HOSTILE, REPORTER, add_message, add_report, fill, make_office, new_store


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = new_store(tmp_path)
    fill(make_office(store))
    store.close()
    return tmp_path


def _run(command, *arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, arguments, env=env)


def test_messages_as_json_have_what_scripts_rely_on(data: Path) -> None:
    rows = json.loads(_run(messages, "--json", "--data", str(data)).output)
    assert len(rows) == 9
    assert rows[0] == {
        "id": 1,
        "sender": REPORTER,
        "text": "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga",
        "sent_at": "2026-11-23T17:29:11+07:00",
        "received_at": "2026-11-23T17:29:20+07:00",
        "state": "understood",
        "intent": "lapor",
        "outcome": "terima",
        "ticket": "K4PT",
        "parts": 1,
        "parts_missing": 0,
        "continues": None,
        "unanswered": None,
    }
    waiting = next(row for row in rows if row["state"] == "waiting_parts")
    assert (waiting["parts"], waiting["parts_missing"], waiting["intent"], waiting["ticket"]) == (3, 1, None, None)
    assert next(row for row in rows if "script" in row["text"])["text"] == HOSTILE


def test_a_missing_service_centre_time_is_null(store: Store, tmp_path: Path) -> None:
    add_message(store, "NIHIL", sent_at=None)
    row = json.loads(_run(messages, "--json", "--data", str(store.folder)).output)[0]
    assert row["sent_at"] is None


def test_reports_as_json_keep_unknown_apart_from_zero(data: Path) -> None:
    rows = {row["ticket"]: row for row in json.loads(_run(reports, "--json", "--data", str(data)).output)}
    clash, crowd = rows["K4PT"], rows["M7XA"]
    assert clash["jenis"] == "BENTROK"
    assert (clash["desa"], clash["desa_nama"]) == ("15.07.08.1001", "Kampung Laut")
    assert (clash["massa"], clash["korban"], clash["md"]) == (40, 2, None)
    assert (clash["level"], clash["outcome"], clash["message_id"], clash["sender"]) == (3, "terima", 1, REPORTER)
    assert (crowd["desa"], crowd["desa_nama"], crowd["massa"], crowd["korban"]) == (None, None, None, None)
    assert crowd["missing"] == ["desa", "massa"]
    assert crowd["doubts"][0]["candidates"][0] == "15.07.01.2002"
    assert clash["received_at"].endswith("+07:00")
    assert clash["repeats"] is None


def test_a_repeated_report_names_the_ticket_it_repeats(store: Store) -> None:
    first = add_report(store, add_message(store, "LAPOR GESEK"), "AAAA", {"jenis": "GESEK"})
    add_report(store, add_message(store, "LAPOR GESEK"), "BBBB", {"jenis": "GESEK"}, repeats_id=first)
    rows = json.loads(_run(reports, "--json", "--data", str(store.folder)).output)
    assert {row["ticket"]: row["repeats"] for row in rows} == {"AAAA": None, "BBBB": "AAAA"}


def test_limit_keeps_the_newest(data: Path) -> None:
    rows = json.loads(_run(messages, "--json", "--limit", "2", "--data", str(data)).output)
    assert [row["id"] for row in rows] == [1, 2]


def test_the_table_shows_unknown_as_a_question_mark_and_no_terminal_escape(data: Path) -> None:
    table = _run(reports, "--data", str(data)).output
    crowd = next(line for line in table.splitlines() if line.startswith("M7XA"))
    assert "?       ?" in crowd
    listing = _run(messages, "--data", str(data)).output
    assert "\x1b" not in listing
    assert "\u202e" not in listing
    assert "<script>" in listing


def test_an_empty_database_lists_nothing(store: Store) -> None:
    assert json.loads(_run(messages, "--json", "--data", str(store.folder)).output) == []
    assert "(nothing yet)" in _run(reports, "--data", str(store.folder)).output


def test_a_folder_without_a_database_is_explained_and_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    for command in (messages, reports):
        result = _run(command, "--json", "--data", str(folder))
        assert result.exit_code == 1
        assert "There is no Waspada database in" in result.output
        assert "--data" in result.output
    assert not folder.exists()


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "waspada.sqlite").write_bytes(b"this is no database, only words" * 40)
    result = _run(messages, "--data", str(tmp_path))
    assert result.exit_code == 1
    assert "cannot be opened" in result.output


def test_the_environment_names_the_folder(data: Path) -> None:
    assert _run(messages, "--json", env={"WASPADA_DATA": str(data)}).exit_code == 0


def test_a_wrong_setting_stops_with_its_sentence(data: Path) -> None:
    (data / "waspada.toml").write_text('[general]\nregion = "99.99"\n', encoding="utf-8")
    result = _run(reports, "--data", str(data))
    assert result.exit_code == 1
    assert "There is no region 99.99" in result.output


def test_the_default_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/tmp/share")
    assert default_data_folder() == Path("/tmp/share/waspada")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/tmp/local")
    assert default_data_folder() == Path("/tmp/local/Waspada")
