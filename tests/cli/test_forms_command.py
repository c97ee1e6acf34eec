"""`waspada forms`: every mistake of a form is named with its place; a form that is fine is used by every command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.knowledge import CONFIG_FOLDER
from gateway.cli import main

FLOOD = Path(__file__).parents[1] / "reports" / "forms" / "flood.toml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "knowledge" / "forms").mkdir(parents=True)
    return folder


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def check(file: Path, data: Path) -> tuple[int, str]:
    code, output, _ = run("forms", "check", file, "--data", data)
    return code, output


def test_a_form_that_is_fine_is_said_to_be(data: Path) -> None:
    assert check(FLOOD, data) == (0, f"{FLOOD}: fine.\n")
    for file in sorted((CONFIG_FOLDER / "forms").glob("*.toml")):
        assert check(file, data) == (0, f"{file}: fine.\n")


LONG = "Dibaca banjir di {place}. " + "Mohon tunggu petugas datang. " * 5 + "No. {ticket}."

MISTAKES: list[tuple[str, str, str, str]] = [
    ("unknown field", 'fields = ["desa", "tinggi_air",', 'fields = ["desa", "dalam", "tinggi_air",', "'dalam'"),
    ("command field", 'fields = ["desa",', 'fields = ["desa", "tiket",', "belongs to commands"),
    ("twice in fields", 'fields = ["desa",', 'fields = ["desa", "desa",', "'desa' stands there twice"),
    ("required not in fields", 'required = ["desa",', 'required = ["desa", "massa",', "'massa' is none of the form's fields"),
    ("own field not in fields", '"arus", "listrik_padam"', '"listrik_padam"', "'arus' is not in the form's fields"),
    ("field of a shipped name", 'name = "arus"', 'name = "massa"', "'massa' is a field that Waspada reads by itself"),
    ("field twice", 'name = "arus"', 'name = "mengungsi"', "'mengungsi' is described twice"),
    ("word of two values", '["turun", "surut"', '["naik", "surut"', "'naik' already says arus NAIK"),
    ("value without a word", 'TETAP = ["tetap", "diam"]', "TETAP = []", "at least one word"),
    ("label of two fields", 'labels = ["mengungsi",', 'labels = ["tinggi",', "'tinggi' already says tinggi_air"),
    ("no way to know a number", 'labels = ["mengungsi", "ngungsi", "pengungsi", "diungsikan"]\nmost = 20000\nfree = true',
     "most = 20000", "give labels, units or free = true"),
    ("least above most", "least = 1\n", "least = 901\n", "must not be above most"),
    ("unknown kind", 'kind = "flag"', 'kind = "flagg"', "flagg"),
    ("keyword of another form", 'keywords = ["banjir",', 'keywords = ["nihil",', "'nihil' is already a keyword of nihil"),
    ("keyword of a command", 'keywords = ["banjir",', 'keywords = ["status",', "'status' is already a keyword of cek"),
    ("intent of a command", 'intent = "banjir"', 'intent = "cek"', "cek is a command"),
    ("intent of another form", 'intent = "banjir"', 'intent = "nihil"', "intent nihil is already that of nihil.toml"),
    ("id of another form", 'id = "flood"', 'id = "event"', "id event is already that of event.toml"),
    ("no keyword", 'keywords = ["banjir", "bnjr", "air pasang", "kebanjiran"]\n', "", "needs words that begin its messages"),
    ("unknown placeholder", "Banjir di {place}", "Banjir di {tempat}", "{tempat} is no placeholder"),
    ("braces", "Banjir di {place}", "Banjir di {place", "braces"),
    ("too long", "Dibaca banjir di {place}{counts}. No. {ticket}.", LONG, "one SMS holds 160"),
    ("foreign sign", "Terima kasih. Banjir", "Terima kasih \u2014 Banjir", "no sign of the SMS alphabet"),
    ("stopped word", "Terima kasih. Banjir", "Selamat siang. Banjir", "operators stop SMS with 'Selamat'"),
    ("long digits", "Terima kasih. Banjir", "Hubungi 08127. Banjir", "more than 3 digits"),
    ("missing answer", 'triage = "Terima kasih. Laporan', 'trriage = "Terima kasih. Laporan', "the answer triage is missing"),
    ("missing question", '[field.ask]\nid = "Berapa cm tinggi air? Balas angkanya saja."\n', "[field.ask]\n",
     "the answer ask_tinggi_air is missing"),
    ("level out of range", "level = 1\n", "level = 5\n", "level 5 is out of range"),
    ("minimum out of range", "minimum = 3", "minimum = 9", "9 is out of range"),
    ("rule of an unknown field", 'field = "mengungsi"', 'field = "pengungsi"', "there is no field 'pengungsi'"),
    ("rule without comparison", 'is = "NAIK"\n', "", "field goes with at_least, is or is_not"),
    ("unknown key", 'unit = "cm"', 'unnit = "cm"', "unnit: there is no such key"),
    ("missing key", 'english = "water level"\n', "", "the key english is missing"),
    ("syntax", "version = 1", "version = = 1", "no valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "named"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_line_and_column(data: Path, tmp_path: Path, old: str, new: str, named: str) -> None:
    text = FLOOD.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "flood.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, output = check(file, data)
    assert code == 1
    line = next(line for line in output.splitlines() if named in line)
    assert line.startswith(f"{file}, line ")


@pytest.mark.parametrize(
    ("old", "new", "named", "column"),
    [
        ('required = ["desa",', 'required = ["desa", "massa",', "'massa'", 21),
        ('["turun", "surut"', '["naik", "surut"', "'naik'", 10),
        ("minimum = 3", "minimum = 9", "out of range", 1),
        ("Banjir di {place}", "Banjir di {tempat}", "{tempat}", 1),
    ],
)
def test_line_and_column_are_those_of_the_mistake(
    data: Path, tmp_path: Path, old: str, new: str, named: str, column: int
) -> None:
    file = tmp_path / "flood.toml"
    wrong = FLOOD.read_text(encoding="utf-8").replace(old, new, 1)
    file.write_text(wrong, encoding="utf-8")
    said = next(said for said in check(file, data)[1].splitlines() if named in said)
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if new in text)
    assert said.startswith(f"{file}, line {line}, column {column}: ")


def test_types_are_checked(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "event.toml"
    text = (CONFIG_FOLDER / "forms" / "event.toml").read_text(encoding="utf-8")
    text = text.replace("number = 2\n", "number = 1\n").replace("level = 0\n", "level = 9\n")
    text = text.replace('code = "SARA"', 'code = "LAHAN"')
    text = text.replace('"damai",', '"bentrok", "damai",', 1)
    file.write_text(text, encoding="utf-8")
    code, output = check(file, data)
    assert code == 1
    for named in (
        "number 1 is used twice",
        "level 9 is out",
        "code LAHAN is used twice",
        "'bentrok' already stands for BENTROK",
    ):
        assert named in output


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "flood.toml"
    text = (
        FLOOD.read_text(encoding="utf-8").replace("level = 1\n", "level = 5\n").replace("{place}{counts}", "{tempat}")
    )
    file.write_text(text.replace('"desa", "tinggi_air"]', '"desa", "massa"]'), encoding="utf-8")
    lines = check(file, data)[1].splitlines()
    numbers = [int(line.partition(", line ")[2].partition(",")[0]) for line in lines]
    assert len(lines) >= 6
    assert numbers == sorted(numbers)


def test_forms_are_listed_and_shown(data: Path) -> None:
    shutil.copy(FLOOD, data / "knowledge" / "forms")
    code, output, _ = run("forms", "list", "--data", data)
    assert code == 0
    assert [line.split()[0] for line in output.splitlines()] == ["id", "emergency", "event", "nihil", "flood"]
    code, output, _ = run("forms", "show", "flood", "--data", data)
    assert code == 0
    for told in (
        "begins with  banjir",
        "desa (required)",
        "one of NAIK (naik",
        "at least 3: 50 orang",
        "ask_tinggi_air",
    ):
        assert told in output
    assert "08 BENTROK: clash of groups, level 3" in run("forms", "show", "event", "--data", data)[1]
    code, _, errors = run("forms", "show", "fire", "--data", data)
    assert (code, "there are emergency, event, nihil, flood" in errors) == (1, True)


def test_understand_uses_the_forms_of_the_data_folder_or_of_a_named_one(data: Path) -> None:
    text = "BANJIR LAMBUR II tinggi air 80 cm mengungsi 14 naik"
    assert json.loads(run("understand", text, "--json", "--data", data)[1])["intent"] == "bebas"
    named = json.loads(run("understand", text, "--json", "--data", data, "--forms", FLOOD.parent)[1])
    assert (named["intent"], named["fields"]["tinggi_air"], named["fields"]["arus"]) == ("banjir", 80, "NAIK")
    shutil.copy(FLOOD, data / "knowledge" / "forms")
    said = run("understand", f"{text}, mati lampu", "--data", data)[1]
    assert "tinggi air : 80" in said
    assert "listrik padam: ya\n" in said


def test_a_wrong_form_stops_the_start_with_one_sentence(data: Path) -> None:
    file = data / "knowledge" / "forms" / "flood.toml"
    file.write_text(FLOOD.read_text(encoding="utf-8").replace("{place}{counts}", "{tempat}", 1), encoding="utf-8")
    starting = [sys.executable, "-m", "gateway", "gateway", "--data", str(data), "--modem", "socket://127.0.0.1:9"]
    ended = subprocess.run(starting, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"Error: {file}, line 82, column 1: replies: id: accepted: {{tempat}} is no placeholder"
    )
    assert len(ended.stderr.strip().splitlines()) == 1
    code, _, errors = run("understand", "NIHIL", "--data", data)
    assert (code, "{tempat}" in errors) == (1, True)
