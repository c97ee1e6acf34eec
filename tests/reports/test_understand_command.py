"""`waspada understand`: one message, or JSON lines."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from gateway.cli.understand import understand


def run(*arguments: str, lines: str = "") -> Result:
    return CliRunner().invoke(understand, list(arguments), input=lines)


def test_json_of_one_message() -> None:
    found = json.loads(run("LAPOR GESEK PEMATANG MAYAN 14 0 adu mulut", "--json").output)
    assert list(found)[:6] == ["id", "intent", "fields", "missing", "doubts", "outcome"]
    assert found["trace"]
    assert (found["intent"], found["outcome"]) == ("lapor", "terima")
    assert found["fields"]["desa"] == "15.07.04.2015"
    assert found["fields"]["md"] is None


def test_a_short_code_is_never_a_person() -> None:
    assert json.loads(run("LAPOR GESEK LAMBUR 14 0", "--json", "--sender", "3636").output)["intent"] == "operator"


def test_the_registered_village_decides() -> None:
    found = json.loads(run("LAPOR GESEK RANTAU RASAU 14 0", "--json", "--village", "15.07.11.2002").output)
    assert found["fields"]["desa"] == "15.07.11.2002"


def test_readable_in_indonesian() -> None:
    said = run("LAPOR GESEK PARIT CULUM 14 0").output
    assert "Belum ada  : desa" in said
    assert "Parit Culum I" in said


def test_lines_in_lines_out_and_a_bad_one_named() -> None:
    lines = '{"id":7,"sender":"+6281","text":"NIHIL LAMBUR II"}\nnonsense\n[1]\n\n{"id":"b","sender":"","text":""}\n'
    result = run("--json", lines=lines)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["id"], row["intent"]) for row in rows] == [(7, "operator"), ("b", "kosong")]
    assert "Line 2" in result.stderr
    assert "Line 3" in result.stderr
    assert result.exit_code == 1


def test_a_thousand_lines() -> None:
    row = json.dumps({"id": 1, "sender": "+6281274000111", "text": "LAPOR GESEK LAMBUR 14 0 adu mulut"})
    result = run("--json", lines=f"{row}\n" * 1000)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1000


def test_an_unknown_village_is_refused_in_one_sentence() -> None:
    result = run("NIHIL", "--village", "99")
    assert result.exit_code == 1
    assert "There is no place 99" in result.stderr
