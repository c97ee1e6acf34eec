"""Commands with stable output that people and scripts use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.store.database import open_store
from tests.sms import VILLAGER, pdus


def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_a_pdu_is_decoded_to_json() -> None:
    code, output, _ = run("pdu", "decode", pdus("NIHIL LAMBUR II")[0], "--json")
    row = json.loads(output)
    assert code == 0
    assert (row["sender"], row["text"], row["sent_at"]) == (VILLAGER, "NIHIL LAMBUR II", "2026-11-23T20:51:58+07:00")


def test_a_line_that_is_no_pdu_is_named_and_the_others_go_on() -> None:
    lines = "\n".join([pdus("satu")[0], "bukan pdu", "", pdus("dua")[0]])
    code, output, errors = run("pdu", "decode", "--json", stdin=lines)
    rows = [json.loads(line) for line in output.splitlines()]
    assert code == 1
    assert [row.get("text") for row in rows] == ["satu", None, "dua"]
    assert rows[1]["error"]
    assert errors.startswith("line 2:")


def test_the_way_a_message_is_read_is_printed_as_stable_json() -> None:
    code, output, _ = run("understand", "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga", "--json")
    row = json.loads(output)
    assert code == 0
    assert {"intent", "fields", "missing", "doubts", "outcome", "trace"} <= set(row)
    assert row["fields"]["desa"] == "15.07.08.1001"


def test_settings_are_printed_with_their_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "waspada.toml").write_text("[modem]\nbaud = 9600\n")
    monkeypatch.setenv("WASPADA_CONSOLE_PORT", "0")
    code, output, _ = run("settings", "--json", "--data", str(tmp_path))
    rows = {row["name"]: row for row in json.loads(output)}
    assert code == 0
    assert (rows["modem.baud"]["value"], rows["modem.baud"]["source"]) == (9600, str(tmp_path / "waspada.toml"))
    assert (rows["console.port"]["value"], rows["console.port"]["source"]) == (0, "WASPADA_CONSOLE_PORT")


@pytest.mark.parametrize("arguments", [("messages", "--json"), ("reports",), ("send", "0812", "halo")])
def test_a_folder_without_data_is_said_and_not_made(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _, errors = run(*arguments, "--data", str(tmp_path / "none"))
    assert code == 1
    assert "no Waspada database" in errors
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("number", "text"), [("12", "halo"), ("TELKOMSEL", "halo"), ("081272000101", "  ")])
def test_an_sms_that_cannot_be_sent_is_refused_with_a_sentence(tmp_path: Path, number: str, text: str) -> None:
    open_store(tmp_path).close()
    code, _, errors = run("send", "--data", str(tmp_path), number, text)
    assert code == 1
    assert errors.startswith("Error: ")


def test_a_gateway_without_a_modem_says_how_to_name_one(tmp_path: Path) -> None:
    code, _, errors = run("gateway", "--data", str(tmp_path))
    assert code == 1
    assert "--modem" in errors


def test_light_commands_start_without_heavy_libraries() -> None:
    heavy = ("sqlalchemy", "flask", "requests", "gammu", "alembic")
    program = (
        "import sys; from click.testing import CliRunner; from gateway.cli import main; "
        "CliRunner().invoke(main, ['settings']); CliRunner().invoke(main, ['understand', 'NIHIL LAMBUR', '--json']); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
