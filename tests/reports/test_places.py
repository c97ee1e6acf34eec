"""Every village of the region, however people write it: that village, or a doubt that offers it; never another for certain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.knowledge import CONFIG_FOLDER, load_knowledge
from config.regions import Place, load_region
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import Outcome, Sender, Understanding

REGION = load_region("15.07")
VILLAGES = {village.name: village for village in REGION.villages}
SHARED_NAMES = {place.name for place in REGION.districts} & set(VILLAGES)
"""A kecamatan and a village: the bare name must be asked."""
VILLAGER = Sender("+6281274000111")
LETTERS_OF_A_LONG_NAME = 9

SHORT = {
    "sungai": ("sei", "s.", "sgai"), "muara": ("ma.", "mra", "muaro"), "kampung": ("kp", "kmp", "kpg", "kp."),
    "tanjung": ("tj", "tg", "tjg", "tj."), "teluk": ("tlk", "tl"), "simpang": ("simp", "sp", "simp."), "kuala": ("kl", "kl."),
    "bukit": ("bkt",), "mulyo": ("mulya", "mulia"), "mulya": ("mulyo", "mulia"), "koto": ("kota",), "kota": ("koto",),
    "ilir": ("hilir",), "ulu": ("hulu",), "i": ("1", "satu"), "ii": ("2", "dua", "duo"),
}  # fmt: skip
"""How words inside names are written (domain notes, section 9)."""


def read(knowledge: Knowledge, text: str, sender: Sender = VILLAGER) -> Understanding:
    return understand(text, sender, knowledge)


def place_doubts(found: Understanding) -> list[str]:
    return [code for doubt in found.doubts if doubt.field == "desa" for code in doubt.candidates]


def named(found: Understanding) -> str | None:
    return REGION.by_code[found.fields["desa"]].name if found.fields["desa"] else None


def counts(found: Understanding) -> tuple[int | None, int | None]:
    return found.fields["massa"], found.fields["korban"]


def official(village: Place) -> Iterator[str]:
    name = village.name
    yield from (name, name.upper(), name.lower(), name.swapcase())
    yield from (f"desa {name}", f"DS. {name}", f"kel {name}", f"Kelurahan {name}", f"di {name}")
    yield from (name.replace(" ", mark) for mark in "-_.")
    yield from (name.replace(" ", "").replace("-", ""), name.replace(" ", "").upper(), "  ".join(name.split()))


def codes(village: Place) -> tuple[str, ...]:
    return village.short_code, village.code, village.code.replace(".", ""), village.code.replace(".", " ")


def spelled(village: Place) -> Iterator[str]:
    words = village.name.casefold().split()
    for index, word in enumerate(words):
        for short in SHORT.get(word, ()) if len(words) > 1 else ():
            yield " ".join((*words[:index], short, *words[index + 1 :]))


def misspelt(village: Place) -> Iterator[str]:
    """The name with one letter lost, doubled, or swapped with the next; not where that is another village's name."""
    name = village.name.casefold()
    slips = set()
    for index, letter in enumerate(name):
        following = name[index + 1 : index + 2]
        if letter.isalpha():
            slips |= {name[:index] + name[index + 1 :], name[:index] + letter + name[index:]}
        if letter.isalpha() and following.isalpha():
            slips.add(name[:index] + following + letter + name[index + 2 :])
    yield from sorted({slip.strip() for slip in slips} - {name.casefold() for name in VILLAGES})


@pytest.mark.parametrize("village", REGION.villages, ids=lambda village: village.name)
def test_a_village_by_name_and_by_code(village: Place, knowledge: Knowledge) -> None:
    ways = codes(village) if village.name in SHARED_NAMES else (*official(village), *codes(village))
    for written in ways:
        found = read(knowledge, f"LAPOR GESEK {written} 14 0")
        assert (named(found), counts(found), found.outcome) == (village.name, (14, 0), Outcome.TERIMA), written


@pytest.mark.parametrize("village", [v for v in REGION.villages if list(spelled(v))], ids=lambda village: village.name)
def test_a_village_in_the_spellings_people_use(village: Place, knowledge: Knowledge) -> None:
    for written in spelled(village):
        for cased in (written, written.upper(), written.title()):
            found = read(knowledge, f"LAPOR GESEK {cased} 14 0")
            assert counts(found) == (14, 0), cased
            if village.name in SHARED_NAMES:
                assert named(found) is None, cased
            else:
                assert named(found) == village.name, cased


@pytest.mark.parametrize(
    "village",
    [v for v in REGION.villages if sum(map(str.isalpha, v.name)) >= LETTERS_OF_A_LONG_NAME],
    ids=lambda village: village.name,
)
def test_a_long_name_with_one_slip_is_that_village_or_offered(village: Place, knowledge: Knowledge) -> None:
    for written in misspelt(village):
        for text in (f"LAPOR GESEK {written} 14 0", f"lapor ada ribut di {written}"):
            found = read(knowledge, text)
            assert named(found) in (village.name, None), text
            assert named(found) or village.code in place_doubts(found), text


@pytest.mark.parametrize("village", REGION.villages, ids=lambda village: village.name)
def test_a_short_name_with_one_slip_is_never_another_village_for_certain(village: Place, knowledge: Knowledge) -> None:
    for written in misspelt(village):
        found = read(knowledge, f"LAPOR GESEK {written} 14 0")
        assert named(found) in (village.name, None) or place_doubts(found), written


@pytest.mark.parametrize("village", REGION.villages, ids=lambda village: village.name)
def test_a_village_in_its_own_kecamatan_and_in_another(village: Place, knowledge: Knowledge) -> None:
    own, other = REGION.by_code[village.parent], next(d for d in REGION.districts if d.code != village.parent)
    assert named(read(knowledge, f"LAPOR GESEK {village.name} KEC {own.name} 14 0")) == village.name
    if village.name not in SHARED_NAMES:
        found = read(knowledge, f"LAPOR GESEK {village.name} KEC {other.name} 14 0")
        assert (named(found), village.code in place_doubts(found)) == (None, True)


@pytest.mark.parametrize("district", REGION.districts, ids=lambda district: district.name)
def test_a_kecamatan_alone_is_no_village_but_offers_its_own(district: Place, knowledge: Knowledge) -> None:
    own = {village.code for village in REGION.villages if village.parent == district.code}
    for written in (f"KEC {district.name}", f"kecamatan {district.name.lower()}", f"camat {district.name}"):
        found = read(knowledge, f"LAPOR GESEK {written} 14 0")
        assert (named(found), found.outcome, counts(found)) == (None, Outcome.LENGKAPI, (14, 0)), written
        assert set(place_doubts(found)) <= own, written
        assert place_doubts(found), written


def test_two_kecamatan_offer_the_villages_of_both(knowledge: Knowledge) -> None:
    found = read(knowledge, "LAPOR GESEK KEC SADU KEC BERBAK 14 0")
    assert (named(found), found.outcome) == (None, Outcome.LENGKAPI)
    assert {code[:8] for code in place_doubts(found)} == {"15.07.05", "15.07.11"}


@pytest.mark.parametrize(
    ("written", "name", "counted"),
    [
        ("LAMBUR 14 0", "Lambur", (14, 0)),
        ("LAMBUR 1 14 0", "Lambur I", (14, 0)),
        ("LAMBUR 2 14 0", "Lambur II", (14, 0)),
        ("LAMBUR. II 14 0", "Lambur II", (14, 0)),
        ("LAMBUR, II 14 0", "Lambur II", (14, 0)),
        ("LAMBUR, 2 0", "Lambur", (2, 0)),
        ("LAMBUR 3 14 0", None, (14, 0)),
        ("LAMBUR TIGA 14 0", None, (14, 0)),
        ("LAMBUR III 14 0", None, (14, 0)),
        ("LAMBUR IV 14 0", None, (14, 0)),
        ("PARIT CULUM 20 0", None, (20, 0)),
        ("PARIT CULUM 1 20 0", "Parit Culum I", (20, 0)),
        ("PARIT CULUM SATU 20 0", "Parit Culum I", (20, 0)),
        ("PARIT CULUM 3 20 0", None, (20, 0)),
        ("PARIT CULM 2 20 0", "Parit Culum II", (20, 0)),
        ("RANTAU RASAU II 40 2", "Rantau Rasau II", (40, 2)),
        ("RANTAU RASU 2 40 2", "Rantau Rasau II", (40, 2)),
        ("RANTAU RASAU III 40 2", None, (40, 2)),
        ("NIPAH PANJANG 40 2", None, (40, 2)),
        ("KOTO KANDIS DENDANG 40 2", "Koto Kandis Dendang", (40, 2)),
        ("KOTO KANDIS 40 2", "Koto Kandis", (40, 2)),
        ("PANGKAL DURI ILIR 40 2", "Pangkal Duri Ilir", (40, 2)),
        ("PANGKAL DURI LIR 40 2", "Pangkal Duri Ilir", (40, 2)),
        ("PANGKAL DURI 40 2", "Pangkal Duri", (40, 2)),
        ("SIMPANG 40 2", "Simpang", (40, 2)),
        ("SIMPANG TUAN 40 2", "Simpang Tuan", (40, 2)),
        ("SIMPANG TUA 40 2", "Simpang Tuan", (40, 2)),
        ("SIMPANG DATUK 40 2", "Simpang Datuk", (40, 2)),
        ("SIMPANG JELITA 40 2", "Simpang Jelita", (40, 2)),
        ("SIMPANG LIMA 40 2", None, (40, 2)),
        ("3 MULYO 14 0", "Tri Mulyo", (14, 0)),
    ],
)
def test_names_that_begin_alike(written: str, name: str | None, counted: tuple[int, int], knowledge: Knowledge) -> None:
    found = read(knowledge, f"LAPOR GESEK {written}")
    assert (named(found), counts(found)) == (name, counted)


@pytest.mark.parametrize("written", ["LAMBUR 3 14 0", "LAMBUR III", "lambur tiga 14 0"])
def test_a_number_no_village_has_offers_the_whole_family(written: str, knowledge: Knowledge) -> None:
    found = read(knowledge, f"LAPOR GESEK {written}")
    assert [REGION.by_code[code].name for code in place_doubts(found)] == ["Lambur", "Lambur I", "Lambur II"]


@pytest.mark.parametrize(
    ("registered", "name"),
    [
        ("", None),
        ("15.07.11.2002", "Rantau Rasau"),
        ("15.07.11.2004", "Rantau Rasau"),
        ("15.07.11", "Rantau Rasau"),
        ("15.07.04.2005", "Rantau Rasau II"),
        ("15.07.04.2007", None),
        ("15.07.04", None),
        ("15.07.01.2002", None),
    ],
)
def test_where_the_sender_is_registered_decides_about_rantau_rasau(
    registered: str, name: str | None, knowledge: Knowledge
) -> None:
    found = read(knowledge, "LAPOR BENTROK RANTAU RASAU 40 2", Sender(VILLAGER.number, "", registered))
    assert named(found) == name
    if name is None and registered.startswith("15.07.04"):
        assert all(code.startswith("15.07.04") for code in place_doubts(found)[:2])  # the nearest are offered first


@pytest.mark.parametrize("text", ["LAPOR GESEK LAMBUR I DAN LAMBUR II 14 0", "LAPOR GESEK LAMBUR / SIMBUR NAIK 14 0"])
def test_two_villages_side_by_side_are_doubtful(text: str, knowledge: Knowledge) -> None:
    found = read(knowledge, text)
    assert found.outcome is not Outcome.TERIMA
    assert len(set(place_doubts(found))) == 2


@pytest.mark.parametrize(
    "place",
    ["Kuala Tungkal", "KUALATUNGKAL", "Kuala Tungkl", "Kuwala Tungkal", "Tanjung Jabung Barat", "Tanjab Barat", "Tanjab Brt",
     "Muaro Jambi", "Muara Jambi", "Muaro Jmbi", "Kota Jambi", "Batanghari", "Batang Hari", "Muara Bulian", "Muaro Bungo",
     "Sarolangun", "Merangin", "Kerinci", "Sungai Penuh", "Muara Tebo", "Betara", "Tebing Tinggi", "Sengeti", "Bayung Lencir",
     "Palembang", "Tembilahan", "Indragiri"],
)  # fmt: skip
def test_a_place_outside_is_kept_for_a_person(place: str, knowledge: Knowledge) -> None:
    for text in (f"LAPOR BENTROK {place} 40 2", f"lapor bentrok di {place.lower()} 40 orang 2 korban"):
        found = read(knowledge, text)
        assert (named(found), found.outcome, counts(found)) == (None, Outcome.TRIASE, (40, 2)), text
        assert any("luar kabupaten" in doubt.why for doubt in found.doubts)


@pytest.mark.parametrize(
    "text", ["lapor warga Kuala Tungkal ribut di Lambur", "LAPOR MASSA LAMBUR 200 0 rombongan dari Kuala Tungkal"]
)
def test_people_from_outside_leave_the_place_but_raise_a_doubt(text: str, knowledge: Knowledge) -> None:
    found = read(knowledge, text)
    assert (named(found), found.outcome) == ("Lambur", Outcome.KONFIRMASI)
    assert any("Kuala Tungkal" in doubt.why for doubt in found.doubts)


@pytest.mark.parametrize(
    "text",
    [
        "kami lagi di simpang, ada pohon tumbang",
        "baju yang mencolok dipakai orang itu",
        "lapor ribut di simpang dekat pasar",
        "lapor ribut di simpang empat",
        "semoga harapan makmur bersama",
        "harapan makmur untuk kita semua",
        "ayo suka maju terus",
        "pohon merbau tumbang di jalan",
        "lapor ada ribut di kota baru jambi",
        "bawa parang ke kebun karet",
    ],
)
def test_everyday_words_are_no_village(text: str, knowledge: Knowledge) -> None:
    assert named(read(knowledge, text)) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lapor gesek desa simpang 14 0", "Simpang"),
        ("LAPOR#GESEK#MERBAU#14#0", "Merbau"),
        ("lapor ribut di desa mencolok", "Mencolok"),
        ("nihil rano", "Rano"),
        ("lapor gesek suka maju 14 0", "Suka Maju"),
        ("lapor ribut di kelurahan rano", "Rano"),
    ],
)
def test_everyday_words_in_the_place_of_a_village_are_one(text: str, name: str, knowledge: Knowledge) -> None:
    assert named(read(knowledge, text)) == name


MADE_UP = {
    "wilayah.csv": "code,level,parent_code,name\n99.01,kabupaten,,Antah\n99.01.01,kecamatan,99.01,Berantah\n"
    "99.01.01.2001,desa,99.01.01,Wonosari\n99.01.01.2002,desa,99.01.01,Blok Cemara A\n"
    "99.01.01.2003,desa,99.01.01,Blok Cemara B\n",
    "titik.csv": "code,name,level,parent_code,lat,lon\n",
    "alias.toml": """
[spellings]
blok = ["blk"]
cemara = ["cmr"]
[numerals]
A = ["a", "alfa"]
B = ["b", "beta"]
[aliases]
"99.01.01.2001" = ["sari lor"]
[ambiguous]
"blok cemara" = ["99.01.01.2002", "99.01.01.2003"]
[ordinary]
names = []
aliases = []
not_before = []
crossroads = []
[own]
names = ["antah"]
[outside]
names = ["negeri sebelah"]
[words]
here = ["desa", "di"]
desa = ["desa"]
away = ["warga", "dari"]
kecamatan = ["kecamatan", "kec"]
numbered = ["rt"]
""",
}


@pytest.fixture
def antah(tmp_path: Path) -> Knowledge:
    """A region of three villages that exists nowhere."""
    folder = tmp_path / "99.01"
    folder.mkdir()
    for name, text in MADE_UP.items():
        (folder / name).write_text(text, encoding="utf-8")
    return compile_knowledge(load_knowledge("99.01", CONFIG_FOLDER, tmp_path))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("WONOSARI", "99.01.01.2001"),
        ("sari lor", "99.01.01.2001"),
        ("wonosri", "99.01.01.2001"),
        ("0101", "99.01.01.2001"),
        ("BLOK CEMARA A", "99.01.01.2002"),
        ("blk cmr beta", "99.01.01.2003"),
        ("blok cemra b", "99.01.01.2003"),
        ("blokcemarab", "99.01.01.2003"),
        ("BLOK CEMARA", None),
        ("KEC BERANTAH", None),
        ("NEGERI SEBELAH", None),
        ("LAMBUR II", None),
    ],
)
def test_another_region_needs_only_its_files(written: str, code: str | None, antah: Knowledge) -> None:
    found = read(antah, f"LAPOR GESEK {written} 14 0")
    assert (found.fields["desa"], counts(found)) == (code, (14, 0))


def test_the_places_of_another_region_are_offered_and_told_apart(antah: Knowledge) -> None:
    assert place_doubts(read(antah, "LAPOR GESEK BLOK CEMARA 14 0")) == ["99.01.01.2002", "99.01.01.2003"]
    assert read(antah, "LAPOR GESEK NEGERI SEBELAH 14 0").outcome is Outcome.TRIASE
