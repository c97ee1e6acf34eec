"""Rules of reading that a labelled message alone would not show."""

from __future__ import annotations

import time

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.parser import understand
from gateway.reports.text import LONGEST_TEXT, tokenise
from gateway.reports.understanding import Intent, Outcome, Sender, Understanding

VILLAGER = Sender("+6281274000111")


def reading(knowledge: Knowledge, text: str, sender: Sender = VILLAGER) -> Understanding:
    return understand(text, sender, knowledge)


# free text


@pytest.mark.parametrize(
    "text",
    [
        "spanduk paslon 2 di desa suka maju dirusak orang semalam",
        "di lambur warga resah pak",
        "ado budak ditikam di pasar pak",
        "orang sungai itik kemarin kena pukul preman",
    ],
)
def test_a_story_that_may_be_an_event_is_a_report_for_a_person(knowledge: Knowledge, text: str) -> None:
    found = reading(knowledge, text)
    assert (found.intent, found.outcome, found.form) == (Intent.BEBAS, Outcome.TRIASE, "event")


@pytest.mark.parametrize(
    "text",
    [
        "mas nanti pulang jam brp",
        "bu beras 2 karung sudah saya antar ke rumah",
        "bang ayam bakar 2 porsi diantar ya",
        "kak bahan bakar solar ada gak",
        "pak rt iuran sampah bulan ini udah dibayar ya",
        "halo",
        "api kompor mati terus gasnya habis",
        "bos ikan 3 keranjang sudah sampe di kp laut",
        "Pak saya mau tanya soal KTP",
    ],
)
def test_everyday_talk_is_no_report(knowledge: Knowledge, text: str) -> None:
    assert not reading(knowledge, text, Sender()).is_report


@pytest.mark.parametrize(
    "text", ["ya allah pak orang bunuh2an di pasar", "anggota kpps disandera warga", "pak darahnyo banyak, dibacok"]
)
def test_mortal_danger_without_a_call_is_urgent(knowledge: Knowledge, text: str) -> None:
    assert reading(knowledge, text).urgent


# asking to report


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("TOLONG LAPOR cekcok di lambur 10 orang", Intent.LAPOR),
        ("tolong lapor ada ribut di lambur", Intent.LAPOR),
        ("tolong laporkan ada politik uang di lambur", Intent.LAPOR),
        ("TOLONG LAPOR di lambur ada yang dibacok", Intent.DARURAT),
        ("tolong ada ribut di lambur", Intent.DARURAT),
    ],
)
def test_please_report_is_an_emergency_only_with_danger(knowledge: Knowledge, text: str, intent: Intent) -> None:
    assert reading(knowledge, text).intent is intent


def test_please_report_is_not_part_of_the_note(knowledge: Knowledge) -> None:
    assert reading(knowledge, "TOLONG LAPOR cekcok LAMBUR 10 0 di pasar").fields["ket"] == "pasar"


# tickets


@pytest.mark.parametrize("text", ["K4PT YA", "ya K4PT", "k4pt ya pak"])
def test_a_ticket_with_yes_is_a_verification_by_an_officer_and_an_answer_of_anybody_else(
    knowledge: Knowledge, text: str
) -> None:
    officer = reading(knowledge, text, Sender("+6281274000222", role="camat"))
    assert (officer.intent, officer.fields["tiket"], officer.fields["hasil"]) == (Intent.VERIF, "K4PT", "YA")
    other = reading(knowledge, text)
    assert (other.intent, other.fields["tiket"], other.fields["hasil"]) == (Intent.KONFIRMASI, "K4PT", "YA")


@pytest.mark.parametrize(
    ("text", "massa", "korban"),
    [
        ("RALAT K4PT massa 40 bukan 14", 40, None),
        ("RALAT K4PT massa bukan 14 tapi 40", 40, None),
        ("RALAT K4PT massa 14 jadi 40", 40, None),
        ("RALAT K4PT massa dari 14 menjadi 40", 40, None),
        ("RALAT K4PT korban bukan 3 tapi 2", None, 2),
    ],
)
def test_a_correction_takes_the_new_number(
    knowledge: Knowledge, text: str, massa: int | None, korban: int | None
) -> None:
    found = reading(knowledge, text).fields
    assert (found["massa"], found["korban"]) == (massa, korban)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ("massa 14 md 1 luka 2", {"massa": 14, "md": 1, "luka": 2, "korban": 3}),
        ("14 massa 2 korban", {"massa": 14, "korban": 2}),
        ("14 korban 0", {"massa": 14, "korban": 0}),
        ("40 luka 3", {"massa": 40, "luka": 3, "korban": 3}),
        ("3 luka 20 orang", {"massa": 20, "luka": 3, "korban": 3}),
        ("korban 2 luka", {"luka": 2, "korban": 2}),
        ("korban 3 luka 2 md", {"luka": 3, "md": 2, "korban": 5}),
        ("korban 3 luka 2 md 1", {"luka": 2, "md": 1, "korban": 3}),
        ("luka berat 2 luka ringan 3 meninggal 1", {"luka": 5, "md": 1, "korban": 6}),
        ("40 korban 2 luka", {"massa": 40, "luka": 2, "korban": 2}),
        ("massa 14, 2 luka", {"massa": 14, "luka": 2, "korban": 2}),
    ],
)
def test_each_number_goes_to_its_own_label(knowledge: Knowledge, counts: str, expected: dict[str, int]) -> None:
    found = reading(knowledge, f"lapor bentrok kelurahan rano {counts}").fields
    assert {name: found[name] for name in ("massa", "korban", "md", "luka") if found[name] is not None} == expected


# places


def test_a_name_with_a_number_that_no_village_has_is_offered_not_guessed(knowledge: Knowledge) -> None:
    found = reading(knowledge, "lapor cekcok lambur 3 massa 4 korban 0")
    assert found.fields["desa"] is None
    assert found.outcome is Outcome.LENGKAPI
    offered = next(doubt.candidates for doubt in found.doubts if doubt.field == "desa")
    assert offered == ("15.07.01.2002", "15.07.01.2011", "15.07.01.2012")


def test_a_number_between_name_and_people_is_said_back(knowledge: Knowledge) -> None:
    found = reading(knowledge, "lapor ribut di lambur 2 warga resah")
    assert found.fields["desa"] == "15.07.01.2012"
    assert found.outcome is Outcome.KONFIRMASI


@pytest.mark.parametrize("text", ["lapor bentrok simpang tan 40 1", "lapor bentrok SIMPANG TUN 40 1"])
def test_a_misspelt_long_name_is_not_the_short_one_in_it(knowledge: Knowledge, text: str) -> None:
    assert reading(knowledge, text).fields["desa"] in ("15.07.09.1001", None)


def test_a_kecamatan_behind_a_name_decides_without_the_word_kecamatan(knowledge: Knowledge) -> None:
    assert reading(knowledge, "lapor gesek rantau rasau berbak 6 0").fields["desa"] == "15.07.11.2002"
    assert reading(knowledge, "lapor gesek lambur berbak 6 0").fields["desa"] is None


# words


@pytest.mark.parametrize(
    "word", ["dibayar", "terbuka", "perusahaan", "ditahan", "bekal", "simpan", "berkas", "lamburan", "penuh"]
)
def test_everyday_words_are_not_corrected_to_something_else(knowledge: Knowledge, word: str) -> None:
    assert knowledge.lexicon.resolve(word)[0] == word


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("bemtrok", "bentrok"),
        ("bentrokk", "bentrok"),
        ("lspor", "lapor"),
        ("Iapor".casefold(), "lapor"),
        ("darahnyo", "darah"),
    ],
)
def test_slips_of_the_finger_and_endings_are_read(knowledge: Knowledge, typed: str, word: str) -> None:
    assert knowledge.lexicon.resolve(typed)[0] == word


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("dua ratus lima puluh", 250),
        ("seribu lima ratus", 1500),
        ("tujuh belas", 17),
        ("dua puluh satu", 21),
        ("2 ratus", 200),
        ("selawe", 25),
        ("rong puluh", 20),
        ("tiga ribu dua ratus dua belas", 3212),
        ("ll", 11),
    ],
)
def test_numbers_in_words(knowledge: Knowledge, words: str, value: int) -> None:
    assert reading(knowledge, f"lapor demo di pemusiran {words} orang").fields["massa"] == value


@pytest.mark.parametrize("about", ["+-40", "+- 40", "+/-40", "\u00b140", "~40", "sekitar 40", "40an"])
def test_about_forty_is_forty_with_a_doubt(knowledge: Knowledge, about: str) -> None:
    found = reading(knowledge, f"lapor gesek pemusiran {about} orang")
    assert found.fields["massa"] == 40
    assert [doubt.field for doubt in found.doubts] == ["massa"]


@pytest.mark.parametrize(
    ("text", "jenis"),
    [
        ("lapor kades lambur pakai baju paslon", "NETRAL"),
        ("lapor kades lambur diancam pendukung paslon 2", "ANCAM"),
        ("lapor panwas lambur dipukul orang", "SERANG"),
        ("lapor didamaikan tokoh adat di lambur", "DAMAI"),
        ("lapor baliho paslon 2 di desa suka maju dekat pasar disobek orang", "APK"),
    ],
)
def test_what_was_done_says_the_type_more_than_who_did_it(knowledge: Knowledge, text: str, jenis: str) -> None:
    assert reading(knowledge, text).fields["jenis"] == jenis


def test_a_weak_sign_alone_gives_a_type_with_a_doubt(knowledge: Knowledge) -> None:
    found = reading(knowledge, "lapor orang datang ke gereja di lambur")
    assert (found.fields["jenis"], found.outcome) == ("SARA", Outcome.KONFIRMASI)


@pytest.mark.parametrize(("text", "korban"), [("korban nihil", 0), ("tidak ada korban", 0)])
def test_no_victims_is_an_answer_and_no_zero_report(knowledge: Knowledge, text: str, korban: int) -> None:
    found = reading(knowledge, text)
    assert (found.intent, found.fields["korban"]) == (Intent.KONFIRMASI, korban)


# phases


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("lapor besok demo di pemusiran", "POTENSI"),
        ("lapor mau ada demo di pemusiran", "POTENSI"),
        ("lapor lagi demo di pemusiran", "TERJADI"),
        ("lapor tadi malam bentrok di pemusiran, besok mediasi", None),
        ("lapor bentrok di pemusiran", None),
    ],
)
def test_the_phase_is_read_from_what_surrounds_the_event(knowledge: Knowledge, text: str, phase: str | None) -> None:
    assert reading(knowledge, text).fields["fase"] == phase


# length


def test_a_message_longer_than_ten_parts_is_cut_and_says_so(knowledge: Knowledge) -> None:
    text = "LAPOR GESEK PEMATANG MAYAN 14 0 " + "panjang sekali " * 200
    found = reading(knowledge, text)
    assert found.fields["massa"] == 14
    assert f"teks: hanya {LONGEST_TEXT} huruf pertama dibaca" in found.trace
    assert not any(line.startswith("teks:") for line in reading(knowledge, text[:LONGEST_TEXT]).trace)


def test_a_hundred_kilobytes_of_unknown_words_cost_no_more_than_a_long_message(knowledge: Knowledge) -> None:
    def seconds(first: int) -> float:
        text = " ".join(f"qx{number:x}zav{first}".translate(letters) for number in range(first, first + 9000))
        started = time.perf_counter()
        reading(knowledge, text)
        return time.perf_counter() - started

    letters = str.maketrans("0123456789", "ghijklmnop")
    assert min(seconds(first) for first in (10_000, 20_000, 30_000)) < 0.05


@pytest.mark.parametrize(
    "written",
    ["(0812)3456-7890", "0812 3456 7890", "0812 3456 789", "+62 812 3456 789", "08123456789", "0812-3456-7890"],
)
@pytest.mark.parametrize("counts", [{}, {"massa": 14, "korban": 0}])
def test_a_telephone_number_is_no_count(knowledge: Knowledge, written: str, counts: dict[str, int]) -> None:
    after = " ".join(str(count) for count in counts.values())
    found = reading(knowledge, f"LAPOR GESEK LAMBUR II hub {written} {after}")
    assert {name: found.fields[name] for name in ("massa", "korban")} == {"massa": None, "korban": None, **counts}


def test_a_crossroads_is_named_by_the_village_it_lies_in(knowledge: Knowledge) -> None:
    assert reading(knowledge, "lapor kelahi di simpang pandan jaya 30 org").fields["desa"] == "15.07.10.1010"
    assert reading(knowledge, "LAPOR GESEK SIMPANG 14 0").fields["desa"] == "15.07.11.1001"


def test_the_kind_of_harm_said_of_all_victims_counts_for_the_level(knowledge: Knowledge) -> None:
    found = reading(knowledge, "LAPOR GESEK PARIT CULUM II massa 25 org korban 2 luka")
    assert (found.fields["korban"], found.fields["luka"], found.level) == (2, 2, 3)
    listed = reading(knowledge, "LAPOR BENTROK LAMBUR 40 korban 5 md 1 luka 4")
    assert [listed.fields[name] for name in ("korban", "md", "luka")] == [5, 1, 4]


# danger


@pytest.mark.parametrize(
    "text",
    [
        "mohon bantuan, rumah kami dikepung massa bawa parang",
        "bapak saya ditusuk, blm ada ambulan",
        "massa sudah dobrak pintu, kami sembunyi di belakang",
        "tlg anak saya hanyut di sungai",
        "woi pak bentrok pak bentrok cepeetttt",
        "orang mengamuk bawa golok di pasar",
    ],
)
def test_danger_that_presses_is_an_emergency_without_keyword(knowledge: Knowledge, text: str) -> None:
    found = reading(knowledge, text)
    assert (found.intent, found.urgent) == (Intent.DARURAT, True)


@pytest.mark.parametrize(
    "text",
    [
        "lampu darurat di puskesmas rusak",
        "nomor darurat pemadam berapa ya",
        "tolong kirim pulsa 20rb",
        "minggu lalu di rano ada yg kena bacok tapi sudah damai",
        "latihan simulasi kebakaran di kantor desa rano besok",
    ],
)
def test_what_is_over_asked_or_rehearsed_is_no_emergency(knowledge: Knowledge, text: str) -> None:
    assert reading(knowledge, text).intent != Intent.DARURAT


def test_danger_behind_lapor_stays_a_report_and_is_urgent(knowledge: Knowledge) -> None:
    found = reading(knowledge, "lapor rano 3 orang dikejar massa bawa parang sekarang")
    assert (found.intent, found.urgent) == (Intent.LAPOR, True)


@pytest.mark.parametrize(
    "text", ["anak saya dipukul orang waktu pulang sekolah", "jangan bilang siapa2 ya bu saya yg lapor, balas sms saja"]
)
def test_what_may_be_danger_or_fear_is_never_thrown_away_as_private(knowledge: Knowledge, text: str) -> None:
    assert reading(knowledge, text).outcome is not Outcome.ABAIKAN


# commands in everyday words


@pytest.mark.parametrize(
    ("text", "role", "intent"),
    [
        ("laporan saya yg tadi gimana pak nomornya K4PT", "", Intent.CEK),
        ("tolong dicek pak K4PT blm ada yg turun", "", Intent.CEK),
        ("tolong batalkan laporan K4PT", "", Intent.BATAL),
        ("sy tarik laporan sy K4PT, takut sy pak", "", Intent.BATAL),
        ("tidak jadi lapor pak, sudah selesai sendiri", "", Intent.BATAL),
        ("ada kekeliruan pada laporan K4PT, yang benar desa rano", "", Intent.KOREKSI),
        ("mau daftar jadi pelapor pak, saya ketua rt 05 desa merbau", "", Intent.DAFTAR),
        ("siap, K4PT saya yang tangani", "", Intent.TERIMA),
        ("K4PT selesai ditangani", "kapolsek", Intent.TL),
        ("K4PT hoax pak, sudah saya cek", "babinsa", Intent.VERIF),
        ("K4PT massa tambah banyak di rano", "", Intent.SUSUL),
        ("K4PT rantau rasau satu", "", Intent.KONFIRMASI),
        ("cara lapor gmn", "", Intent.BANTUAN),
        ("bukan pak, bukan di situ", "", Intent.KONFIRMASI),
    ],
)
def test_commands_are_understood_in_everyday_words(knowledge: Knowledge, text: str, role: str, intent: Intent) -> None:
    assert reading(knowledge, text, Sender("+6281274000111", role)).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "lapor baliho paslon dicabut di rano",
        "lapor surat suara ditarik lagi di merbau",
        "lapor daftar pemilih di rano kacau",
    ],
)
def test_words_of_commands_inside_a_report_are_none(knowledge: Knowledge, text: str) -> None:
    assert reading(knowledge, text).intent == Intent.LAPOR


# numbers


@pytest.mark.parametrize(
    ("text", "massa", "korban"),
    [
        ("lapor rano massa 120an org. anggota baru 4 di TKP", 120, None),
        ("lapor ribut rano sekitar 70. polisi sudah jaga", 70, None),
        ("lapor ribut rano 5 perempuan 20 laki2", 25, None),
        ("lapor ribut rano 1 polisi dan 2 warga luka", None, 3),
        ("lapor ribut rano massa 14 seharusnya 40", 40, None),
        ("lapor ribut rano pak 110 tidak diangkat", None, None),
        ("lapor ribut rano 5 jam lampu padam", None, None),
        ("lapor rusak rano kacanya pecah 2", None, None),
        ("lapor ribut rano orangnya tidak apa apa", None, 0),
        ("lapor ribut rano tidak ada korban jiwa", None, 0),
        ("LAPOR / GESEK / RANO / - / 0 / adu mulut", None, 0),
    ],
)
def test_only_numbers_of_people_count(knowledge: Knowledge, text: str, massa: int | None, korban: int | None) -> None:
    fields = reading(knowledge, text).fields
    assert (fields["massa"], fields["korban"]) == (massa, korban)


def test_counts_say_how_they_were_found(knowledge: Knowledge) -> None:
    def how(text: str) -> dict[str, str]:
        tokens = tokenise(text, knowledge.lexicon, knowledge.countable)
        return knowledge.counter.count(tokens, text, set(), {0}).how

    assert how("rano 14 0") == {"massa": "pair", "korban": "pair"}
    assert how("rano ada 2 md 3 luka") == {"md": "labelled", "luka": "labelled", "korban": "sum"}
    assert how("rano ribut 14 orang, tidak ada korban") == {"massa": "free", "korban": "none"}
    assert how("rano massa 20 korban 2 luka") == {"massa": "labelled", "korban": "labelled", "luka": "detail"}


@pytest.mark.parametrize(
    ("text", "korban", "luka", "md"),
    [
        ("suami saya ditikam di rano", 1, 1, None),
        ("lapor seorang saksi dipukul di rano", 1, None, None),
        ("lapor penikaman an. Sahrul di rano, meninggal di jalan", 1, None, 1),
        ("lapor rumah pak rt dilempari batu di rano", None, None, None),
        ("lapor anak pak kades mau dipukul di rano", None, None, None),
        ("lapor warga dipukul di rano", None, None, None),
        ("lapor 2 saksi dipukul di rano", 2, None, None),
    ],
)
def test_one_victim_is_counted_without_a_number(
    knowledge: Knowledge, text: str, korban: int | None, luka: int | None, md: int | None
) -> None:
    fields = reading(knowledge, text).fields
    assert (fields["korban"], fields["luka"], fields["md"]) == (korban, luka, md)


@pytest.mark.parametrize(
    ("text", "massa", "korban"),
    [
        ("lapor bentrok rano massa 80 orang korban 1 meninggal 5 luka-luka", 80, 6),
        ("lapor ribut rano 3 luka, 1 hilang di sungai", None, 4),
        ("lapor ribut rano, 20 lawan 15", 35, None),
        ("lapor ribut rano awalnya 12, kini 40 org", 40, None),
        ("lapor rano warga geruduk kantor desa sekitar 70", 70, None),
        ("lapor politik uang di rano dikasih 150 per kepala di acara pengajian ibu ibu", None, None),
    ],
)
def test_numbers_that_belong_together(knowledge: Knowledge, text: str, massa: int | None, korban: int | None) -> None:
    fields = reading(knowledge, text).fields
    assert (fields["massa"], fields["korban"]) == (massa, korban)
