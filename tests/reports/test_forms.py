"""A second subject by data alone: the flood form of forms/flood.toml, loaded as a district's own, beside the shipped forms."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from config.forms import COMMAND_FIELDS, SHIPPED_FIELDS, Form, NumberField
from config.knowledge import CONFIG_FOLDER, load_knowledge
from config.levels import Condition, LevelRule
from gateway.cli.knowing import know
from gateway.replies import compose
from gateway.reports.knowledge import Knowledge
from gateway.reports.levels import relevel
from gateway.reports.parser import understand
from gateway.reports.understanding import FIELDS, Sender, Understanding
from tests.reports.test_cases import labelled

FLOOD = Path(__file__).parent / "forms" / "flood.toml"
VILLAGER = Sender("+6281274000111")


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """What a laptop knows whose data folder holds the form."""
    data = tmp_path_factory.mktemp("data")
    (data / "knowledge" / "forms").mkdir(parents=True)
    shutil.copy(FLOOD, data / "knowledge" / "forms")
    return know("15.07", data)


def read(knowledge: Knowledge, text: str, sender: Sender = VILLAGER) -> Understanding:
    return understand(text, sender, knowledge)


def known(found: Understanding, *besides: str) -> dict[str, Any]:
    return {name: value for name, value in found.fields.items() if value is not None and name not in ("ket", *besides)}


LAMBUR_II, LAMBUR, KAMPUNG_LAUT = "15.07.01.2012", "15.07.01.2002", "15.07.08.1001"

MESSAGES: list[tuple[str, dict[str, Any]]] = [
    (
        "BANJIR LAMBUR II tinggi air 80 cm mengungsi 14 naik",
        {"desa": LAMBUR_II, "tinggi_air": 80, "mengungsi": 14, "arus": "NAIK"},
    ),
    ("banjir lambur 2 80 14", {"desa": LAMBUR_II, "tinggi_air": 80, "mengungsi": 14}),
    ("BANJIR#KAMPUNG LAUT#80#14", {"desa": KAMPUNG_LAUT, "tinggi_air": 80, "mengungsi": 14}),
    ("BANJIR LAMBUR 14 pengungsi 80 cm", {"desa": LAMBUR, "tinggi_air": 80, "mengungsi": 14}),
    ("Banjir Lambur, mengungsi 14 orang, tinggi air 80", {"desa": LAMBUR, "tinggi_air": 80, "mengungsi": 14}),
    ("BANJIR LAMBUR 14 KK sudah mengungsi, air setinggi 80 cm", {"desa": LAMBUR, "tinggi_air": 80, "mengungsi": 14}),
    ("BANJIR KAMPUNG LAUT 1,5 meter", {"desa": KAMPUNG_LAUT, "tinggi_air": 150}),
    ("BANJIR LAMBUR 1,5 meter", {"tinggi_air": 150}),  # Lambur I, or Lambur: a wrong village is worse than none
    ("BANJIR LAMBUR tinggi air 2 m", {"desa": LAMBUR, "tinggi_air": 200}),
    ("BANJIR LAMBUR delapan puluh cm surut", {"desa": LAMBUR, "tinggi_air": 80, "arus": "TURUN"}),
    ("BANJIR LAMBUR 80 tidak ada yang mengungsi", {"desa": LAMBUR, "tinggi_air": 80, "mengungsi": 0}),
    ("BANJIR LAMBUR 80 mengungsi nihil", {"desa": LAMBUR, "tinggi_air": 80, "mengungsi": 0}),
    ("BANJIR LAMBUR 80 mengungsi belum diketahui 3 rumah", {"desa": LAMBUR, "tinggi_air": 80}),
    ("BANJIR LAMBUR 80 cm 3 rumah terendam", {"desa": LAMBUR, "tinggi_air": 80}),
    ("BANJIR LAMBUR 80 cm air tidak naik", {"desa": LAMBUR, "tinggi_air": 80}),
    ("BANJIR LAMBUR 80 cm listrik padam", {"desa": LAMBUR, "tinggi_air": 80, "listrik_padam": True}),
    ("BANJIR LAMBUR 80 cm tidak ada listrik padam", {"desa": LAMBUR, "tinggi_air": 80, "listrik_padam": False}),
    (
        "BANJIR LAMBUR 80 cm jalan putus di depan masjid, mohon bantuan",
        {"desa": LAMBUR, "tinggi_air": 80, "jalan_putus": "di depan masjid"},
    ),
    ("LAPOR BANJIR LAMBUR 80 14", {"desa": LAMBUR, "tinggi_air": 80, "mengungsi": 14}),
    ("BANJIRLAMBUR 80", {"desa": LAMBUR, "tinggi_air": 80}),
    ("bnjr kp laut 80", {"desa": KAMPUNG_LAUT, "tinggi_air": 80}),
    ("Yth pak, banjir di lambur 80 cm", {"desa": LAMBUR, "tinggi_air": 80}),
]


@pytest.mark.parametrize(("text", "fields"), MESSAGES, ids=[row[0] for row in MESSAGES])
def test_a_flood_is_read_by_the_form_alone(flooded: Knowledge, text: str, fields: dict[str, Any]) -> None:
    found = read(flooded, text)
    assert (found.intent, found.form, found.version) == ("banjir", "flood", 1), found.trace
    assert known(found) == fields, "\n".join(found.trace)


def test_what_nothing_takes_is_kept_as_free_text(flooded: Knowledge) -> None:
    assert read(flooded, "BANJIR LAMBUR II tinggi air 80 cm mengungsi 14 naik").fields["ket"] is None
    assert read(flooded, "BANJIR LAMBUR 80 14, kami kurang perahu").fields["ket"] == "kurang perahu"


def test_every_decision_is_told(flooded: Knowledge) -> None:
    assert read(flooded, "BANJIR LAMBUR II tinggi air 80 cm mengungsi 14 naik").trace == (
        "maksud: banjir, kata BANJIR",
        "kata kunci: BANJIR",
        "tempat: Desa Lambur II (15.07.01.2012)",
        "arus: 'naik' dibaca NAIK",
        "tinggi_air: 80 cm dibaca 80, menurut kata di dekatnya",
        "mengungsi: 14 dibaca 14, menurut kata di dekatnya",
        "tingkat: dasar 1",
        "tingkat: +1, air masih naik",
    )


def test_the_answer_says_it_back_in_words(flooded: Knowledge) -> None:
    found = read(flooded, "BANJIR LAMBUR II tinggi air 80 cm mengungsi 14 naik")
    reply = compose(found, "K4PT", flooded)
    assert reply is not None
    assert reply.text == (
        "Terima kasih. Banjir di Desa Lambur II, tinggi air 80 cm, mengungsi 14, air NAIK. No. K4PT. Balas RALAT bila salah."
    )


@pytest.mark.parametrize(
    ("text", "missing", "asked"),
    [
        ("BANJIR LAMBUR II", ("tinggi_air",), "Berapa cm tinggi air?"),
        ("BANJIR 80 14", ("desa",), "Di desa mana?"),
        ("BANJIR", ("desa", "tinggi_air"), "Di desa mana?"),
        ("BANJIR LAMBUR mengungsi 14", ("tinggi_air",), "Berapa cm tinggi air?"),
    ],
)
def test_the_one_missing_thing_is_asked_for(
    flooded: Knowledge, text: str, missing: tuple[str, ...], asked: str
) -> None:
    found = read(flooded, text)
    assert (found.missing, str(found.outcome)) == (missing, "lengkapi")
    reply = compose(found, "K4PT", flooded)
    assert reply is not None
    assert asked in reply.text
    assert "K4PT" in reply.text


@pytest.mark.parametrize(
    ("text", "level", "urgent"),
    [
        ("BANJIR LAMBUR 80", 1, False),
        ("BANJIR LAMBUR 99", 1, False),
        ("BANJIR LAMBUR 100", 2, False),
        ("BANJIR LAMBUR 100 naik", 3, True),
        ("BANJIR LAMBUR 80 49", 1, False),
        ("BANJIR LAMBUR 80 50", 3, True),
        ("BANJIR LAMBUR 80 parang hanyut di tps", 1, False),
    ],
)
def test_the_level_follows_the_forms_own_rules(flooded: Knowledge, text: str, level: int, urgent: bool) -> None:
    found = read(flooded, text)
    assert (found.level, found.urgent) == (level, urgent), found.trace
    assert relevel(found.fields, text, "flood", False, False, flooded)[0] == level


def test_a_number_that_cannot_be_is_not_taken_and_asked_for(flooded: Knowledge) -> None:
    found = read(flooded, "BANJIR LAMBUR tinggi air 1200 cm")
    assert (found.fields["tinggi_air"], found.missing) == (None, ("tinggi_air",))
    assert ("tinggi_air", "1200 di luar 1 sampai 900") in [(doubt.field, doubt.why) for doubt in found.doubts]


def test_two_values_of_one_choice_are_a_doubt(flooded: Knowledge) -> None:
    found = read(flooded, "BANJIR LAMBUR 80 tadi naik sekarang surut")
    assert [doubt.candidates for doubt in found.doubts if doubt.field == "arus"] == [("NAIK", "TURUN")]
    assert str(found.outcome) == "konfirmasi"


def test_an_inexact_number_is_a_doubt(flooded: Knowledge) -> None:
    assert [doubt.field for doubt in read(flooded, "BANJIR LAMBUR tinggi air 80an cm").doubts] == ["tinggi_air"]


def test_a_doubtful_village_stays_empty(flooded: Knowledge) -> None:
    found = read(flooded, "BANJIR RANTAU RASAU 70")
    assert found.fields["desa"] is None
    assert len(next(doubt for doubt in found.doubts if doubt.field == "desa").candidates) == 3
    assert read(flooded, "BANJIR KUALA TUNGKAL 70").outcome == "triase"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("LAPOR LAIN LAMBUR 40 0 banjir", "lapor"),  # the keyword counts in front, or directly behind LAPOR
        ("LAPOR GESEK LAMBUR 14 0 gara-gara banjir naik", "lapor"),
        ("tolong banjir kami tenggelam di lambur", "darurat"),
        ("DARURAT BANJIR LAMBUR", "darurat"),
        ("SUSUL K4PT banjir 90 cm", "susul"),
        ("NIHIL LAMBUR II", "nihil"),
        ("BANJIR hadiah! klik www.hadiah.com menang undian", "spam"),
        ("di lambur kemarin ada banjir pak, bentrok juga", "bebas"),
    ],
)
def test_other_messages_stay_what_they_are(flooded: Knowledge, text: str, intent: str) -> None:
    found = read(flooded, text)
    assert str(found.intent) == intent, found.trace
    assert found.form in ("", "event", "emergency", "nihil")


def test_a_machine_is_never_a_reporter_of_floods(flooded: Knowledge) -> None:
    assert str(read(flooded, "BANJIR LAMBUR II 80", Sender("BMKG")).intent) == "operator"


def test_the_shipped_cases_read_the_same_beside_the_new_form(knowledge: Knowledge, flooded: Knowledge) -> None:
    for row in labelled():
        case = row.values[0]
        sender = Sender(case.get("sender", "+6281274000111"), case.get("role", ""), case.get("village", ""))
        before, beside = understand(case["t"], sender, knowledge), understand(case["t"], sender, flooded)
        if beside.intent != "banjir":
            assert (beside.intent, beside.fields, beside.outcome) == (before.intent, before.fields, before.outcome), (
                case
            )


def test_secret_time_and_shipped_fields_work_in_an_own_form(flooded: Knowledge) -> None:
    found = read(flooded, "BANJIR LAMBUR 80 sejak tadi malam RAHASIA")
    assert found.secret
    assert (found.fields["waktu_teks"] or "").endswith("tadi malam")
    assert found.fields["massa"] is None


TYPED = """
id = "fire"
version = 2
intent = "api"
name = "Kebakaran lahan"
keywords = ["titik api"]
fields = ["jenis", "desa", "massa", "korban", "luas", "ket"]
required = ["jenis", "desa"]

[[jenis]]
number = 1
code = "GAMBUT"
name = "gambut"
english = "peat"
level = 3
words = ["gambut"]
crossed = [[["semak"], ["kering"]]]

[[jenis]]
number = 2
code = "KEBUN"
name = "kebun"
english = "plantation"
level = 2
words = ["kebun sawit"]
weak = ["sawit"]

[[field]]
name = "luas"
kind = "number"
label = "luas"
english = "area"
units = { ha = 1, hektar = 1 }
unit = "ha"
free = true

[replies.id]
accepted = "Titik api {jenis} di {place}{counts}. No. {ticket}."
check = "Titik api {jenis} di {place}{counts}? No. {ticket}."
ask_jenis = "Apa yang terbakar{at}? No. {ticket}."
ask_desa = "Di desa mana{offer}? No. {ticket}."
triage = "Diterima. No. {ticket}."
"""


@pytest.fixture(scope="module")
def burning(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    file = tmp_path_factory.mktemp("forms") / "fire.toml"
    file.write_text(TYPED)
    return know("15.07", None, [file])


@pytest.mark.parametrize(
    ("text", "fields", "level"),
    [
        ("TITIK API gambut lambur 14 0 3 ha", {"jenis": "GAMBUT", "massa": 14, "korban": 0, "luas": 3}, 3),
        ("TITIK API 02 lambur 14 0 5", {"jenis": "KEBUN", "massa": 14, "korban": 0, "luas": 5}, 2),
        ("TITIK API lambur semak yang kering 2 hektar", {"jenis": "GAMBUT", "luas": 2}, 3),
        ("TITIK API lambur sawit", {"jenis": "KEBUN"}, 2),
        ("TITIK API bukan gambut, kebun sawit lambur", {"jenis": "KEBUN"}, 2),
        ("TITIK API lambur bentrok", {}, 1),
    ],
)
def test_a_form_may_have_types_and_counts_of_its_own(
    burning: Knowledge, text: str, fields: dict[str, Any], level: int
) -> None:
    found = read(burning, text)
    assert (found.intent, found.form) == ("api", "fire")
    assert known(found, "desa") == fields, "\n".join(found.trace)
    assert found.level == level


def test_types_of_one_form_are_used_in_its_messages_only(burning: Knowledge, knowledge: Knowledge) -> None:
    for text in ("LAPOR lambur lahan gambut 14 0", "LAPOR 02 lambur 14 0", "LAPOR semak kering lambur"):
        assert read(burning, text).fields["jenis"] == read(knowledge, text).fields["jenis"]


def test_a_weak_type_of_its_own_is_a_doubt(burning: Knowledge) -> None:
    assert [doubt.field for doubt in read(burning, "TITIK API lambur sawit").doubts] == ["jenis"]


def test_a_form_keeps_only_the_fields_it_names(tmp_path: Path) -> None:
    file = tmp_path / "event.toml"
    shipped = (CONFIG_FOLDER / "forms" / "event.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace('"hilang", "fase",', '"hilang",', 1))
    found = read(know("15.07", None, [file]), "LAPOR GESEK LAMBUR 14 0 sudah reda")
    assert (found.form, found.fields["fase"], found.fields["massa"]) == ("event", None, 14)


def test_forms_may_name_every_field_that_is_no_commands() -> None:
    assert {*SHIPPED_FIELDS, *COMMAND_FIELDS} == set(FIELDS)


def test_the_shipped_kinds_and_types_are_all_there() -> None:
    files = load_knowledge()
    kinds = {
        "lapor",
        "nihil",
        "darurat",
        "susul",
        "koreksi",
        "batal",
        "cek",
        "daftar",
        "bantuan",
        "verif",
        "tl",
        "terima",
    }
    assert set(files.vocabulary.keywords.keywords) == kinds
    (event,) = (form for form in files.forms if form.id == "event")
    assert [(kind.number, kind.code, kind.level) for kind in event.jenis] == [
        (1, "ISU", 1), (2, "ANCAM", 2), (3, "UANG", 1), (4, "NETRAL", 1), (5, "APK", 1), (6, "MASSA", 2), (7, "GESEK", 2),
        (8, "BENTROK", 3), (9, "SERANG", 3), (10, "RUSAK", 3), (11, "TPS", 2), (12, "LAHAN", 2), (13, "SARA", 2), (14, "LAIN", 1),
        (15, "DAMAI", 0),
    ]  # fmt: skip


PAGE = (Path(__file__).parents[2] / "docs" / "forms.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (\w+) \| (.*?) \| (\d) \|$", PAGE, re.MULTILINE)


def test_the_page_shows_the_form_that_is_tested() -> None:
    assert FLOOD.read_text(encoding="utf-8").strip() in PAGE
    assert len(ROWS) >= 5


@pytest.mark.parametrize(("text", "outcome", "fields", "level"), ROWS, ids=[row[0] for row in ROWS])
def test_an_example_of_the_page_is_true(flooded: Knowledge, text: str, outcome: str, fields: str, level: str) -> None:
    found = read(flooded, text)
    assert (str(found.outcome), found.level) == (outcome, int(level))
    assert {name: str(value) for name, value in known(found).items()} == dict(one.split("=") for one in fields.split())


def test_every_key_of_a_form_is_on_the_page() -> None:
    keys = {
        *Form.__struct_fields__,
        *NumberField.__struct_fields__,
        *Condition.__struct_fields__,
        *LevelRule.__struct_fields__,
    }
    for key in keys - {"neutral", "is_"}:
        assert f"`{key}`" in PAGE or f"[[{key}]]" in PAGE or f"`[{key}." in PAGE, key
