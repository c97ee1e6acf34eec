"""Forms and vocabulary: the shipped ones load; a mistake is named with file and key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from config.knowledge import CONFIG_FOLDER, KnowledgeError, load_form, load_knowledge


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG_FOLDER, tmp_path / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path / "config"


def test_the_shipped_files_load() -> None:
    knowledge = load_knowledge()
    assert [form.id for form in knowledge.forms] == ["emergency", "event", "nihil"]
    assert sum(len(form.jenis) for form in knowledge.forms) == 15


MISTAKES: list[tuple[str, Callable[[str], str], str]] = [
    (
        "forms/event.toml",
        lambda text: text.replace('level = 3\nwords = ["bentrok"', 'level = "x"\nwords = ["bentrok"'),
        "jenis",
    ),
    ("forms/event.toml", lambda text: text.replace("number = 2", "number = 1"), "number 1 is used twice"),
    ("forms/nihil.toml", lambda text: text.replace('required = ["desa"]', 'required = ["dessa"]'), "'dessa'"),
    ("forms/nihil.toml", lambda text: "colour = 1\n" + text, "colour"),
    ("vocabulary/junk.toml", lambda text: text.replace("limit = 3", "limit ="), "no valid TOML"),
    ("vocabulary/numbers.toml", lambda text: text.replace("satu = 1", 'satu = "eins"'), "words"),
    ("levels.toml", lambda text: text.replace("crowd = 50", "crowd = 0"), "crowd"),
    ("regions/15.07/alias.toml", lambda text: text.replace('"15.07.05.2002" =', '"15.07.99.2002" ='), "15.07.99.2002"),
]


@pytest.mark.parametrize(("name", "spoil", "named"), MISTAKES, ids=[f"{m[0]}-{m[2]}" for m in MISTAKES])
def test_a_mistake_is_named_with_file_and_key(copied: Path, name: str, spoil: Callable[[str], str], named: str) -> None:
    file = copied / name
    before = file.read_text(encoding="utf-8")
    file.write_text(spoil(before), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != before
    with pytest.raises(KnowledgeError) as error:
        load_knowledge("15.07", copied, copied / "regions")
    assert str(file) in str(error.value)
    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="is missing"):
        load_form(tmp_path / "flood.toml")
