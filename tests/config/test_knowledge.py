"""Forms and vocabulary: the shipped ones load; a mistake is named with file and key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from config.forms import Form
from config.knowledge import CONFIG_FOLDER, KnowledgeError, load_form, load_knowledge
from config.tables import Place, Source, place_of

FLOOD = Path(__file__).parents[1] / "reports" / "forms" / "flood.toml"


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
        lambda text: text.replace("level = 3", 'level = "x"', 1),
        "jenis 8: level",
    ),
    ("forms/event.toml", lambda text: text.replace("number = 2", "number = 1"), "number 1 is used twice"),
    ("forms/nihil.toml", lambda text: text.replace('required = ["desa"]', 'required = ["dessa"]'), "'dessa'"),
    ("forms/nihil.toml", lambda text: "colour = 1\n" + text, "colour"),
    ("vocabulary/junk.toml", lambda text: text.replace("limit = 3", "limit ="), "no valid TOML"),
    ("vocabulary/numbers.toml", lambda text: text.replace("satu = 1", 'satu = "eins"'), "words"),
    ("levels.toml", lambda text: text.replace("minimum = 3", "minimum = 7"), "7 is out of range"),
    ("levels.toml", lambda text: text.replace('types = ["violent"]', 'types = ["violnt"]'), "'violnt'"),
    ("levels.toml", lambda text: text.replace('field = "luka"', 'field = "lukka"'), "'lukka'"),
    ("levels.toml", lambda text: text.replace("emergency = true\n", ""), "holds always"),
    (
        "levels.toml",
        lambda text: text.replace("minimum = 4\nfield", "minimum = 4\nstep = 1\nfield"),
        "either step or minimum",
    ),
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


# a district's own folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "knowledge" / "forms").mkdir(parents=True)
    (tmp_path / "knowledge" / "vocabulary").mkdir()
    return tmp_path / "knowledge"


def shipped(name: str) -> str:
    return (CONFIG_FOLDER / name).read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert load_knowledge(own=tmp_path / "none") == load_knowledge()


def test_a_file_of_the_district_replaces_the_shipped_one_of_the_same_name(own: Path) -> None:
    (own / "forms" / "nihil.toml").write_text(shipped("forms/nihil.toml").replace("version = 1", "version = 7"))
    (own / "vocabulary" / "junk.toml").write_text(shipped("vocabulary/junk.toml").replace("limit = 3", "limit = 5"))
    (own / "levels.toml").write_text(shipped("levels.toml").replace("unknown_type = 1 ", "unknown_type = 2 "))
    (own / "regions" / "15.07").mkdir(parents=True)
    alias = shipped("regions/15.07/alias.toml").replace('"15.07.07.1007" = ["dawan"]', '"15.07.07.1007" = ["dawanan"]')
    (own / "regions" / "15.07" / "alias.toml").write_text(alias)
    replies = shipped("replies.toml").replace("Balas RALAT bila masih salah.", "Salah? Balas RALAT.")
    (own / "replies.toml").write_text(replies)
    known = load_knowledge(own=own)
    assert [form.version for form in known.forms if form.id == "nihil"] == [7]
    assert (known.vocabulary.junk.limit, known.levels.unknown_type) == (5, 2)
    assert known.places.aliases["15.07.07.1007"] == ("dawanan",)
    assert known.replies["id"]["still_wrong"] == "Salah? Balas RALAT."
    assert [form.id for form in known.forms] == [form.id for form in load_knowledge().forms]


def test_a_new_form_of_the_district_stands_beside_the_shipped_ones(own: Path) -> None:
    shutil.copy(FLOOD, own / "forms")
    known = load_knowledge(own=own)
    assert [form.id for form in known.forms] == ["emergency", "event", "nihil", "flood"]
    assert known.vocabulary.keywords.keywords["banjir"].first[0] == "banjir"
    assert "lapor" in known.vocabulary.keywords.keywords


@pytest.mark.parametrize("name", ["form/flood.toml", "vocabulary/slang.toml", "level.toml", "forms/more/flood.toml"])
def test_a_file_that_nothing_would_read_is_named(own: Path, name: str) -> None:
    (own / name).parent.mkdir(parents=True, exist_ok=True)
    (own / name).write_text("")
    with pytest.raises(KnowledgeError, match="no file of that name") as error:
        load_knowledge(own=own)
    assert str(own / name) in str(error.value)


OWN_REPLIES: list[tuple[str, str, str]] = [
    ('help = "Tulis', 'hlep = "Tulis', "the answer help is missing"),
    ("jawaban dicatat.", "jawaban {n} dicatat.", "{n} is no placeholder"),
    ("jawaban dicatat.", "jawaban { dicatat.", "braces"),
    ("[en]", "[fr]", "'en' are missing"),
]


@pytest.mark.parametrize(("old", "new", "named"), OWN_REPLIES, ids=[row[2] for row in OWN_REPLIES])
def test_a_mistake_in_the_districts_replies_is_named(own: Path, old: str, new: str, named: str) -> None:
    text = shipped("replies.toml")
    assert old in text
    (own / "replies.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(KnowledgeError) as error:
        load_knowledge(own=own)
    assert f"{own / 'replies.toml'}, line " in str(error.value)
    assert named in str(error.value)


# where mistakes stand


def test_a_key_is_found_in_tables_lists_of_tables_and_lists_over_several_lines() -> None:
    text = (
        'top = 1\n[[field]]\nname = "a # = b"\n[field.words]\nNAIK = [\n  "x", # y = 1\n  "naik",\n]\n'
        '[[field]]\nname = "b"\n  "odd key" = 2\n'
    )
    assert place_of(text, ("top",)) == Place(1, 1)
    assert place_of(text, ("field", 0, "name")) == Place(3, 1)
    assert place_of(text, ("field", 0, "words", "NAIK"), "naik") == Place(7, 3)
    assert place_of(text, ("field", 1, "name")) == Place(10, 1)
    assert place_of(text, ("field", 1, "odd key")) == Place(11, 3)
    assert place_of(text, ("field", 1, "missing")) == Place(9, 1)
    assert place_of(text, ("nowhere",)) == Place(1, 1)


def test_every_malformed_key_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    types = 'name = "n"\nenglish = "e"\nwords = ["w"]\n'
    file.write_text(
        'id = "flood"\nversion = 0\nintent = "banjir"\nname = "n"\nfields = ["desa", ""]\nrequired = []\n[replies.id]\n'
        f'[[jenis]]\nnumber = 1\ncode = "A1"\nlevel = 1\n{types}'
        f'[[jenis]]\nnumber = "2"\ncode = "AB"\nlevel = 1\n{types}'
        f'[[jenis]]\nnumber = 3\ncode = "CD"\n{types}'
    )
    found, mistakes = Source(file).read(Form)
    assert found is None
    assert sorted((mistake.place.line, mistake.key) for mistake in mistakes) == [
        (2, "version"), (5, "fields 2"), (10, "jenis 1: code"), (16, "jenis 2: number"), (22, "jenis 3"),
    ]  # fmt: skip


def test_what_is_no_toml_is_named_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    file.write_text('id = "flood"\nversion = = 1\n')
    with pytest.raises(KnowledgeError, match=r"form\.toml, line 2, column 11: no valid TOML"):
        load_form(file)
