"""Answers say back what was read or done, ask one thing, keep secrets, name the police, and are not sent where none may be."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from config.knowledge import load_knowledge
from gateway.replies import compose, compose_registered, compose_step, still_you, why_silent
from gateway.reports.dialogue import Act, Refusal, Step
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.reports.understanding import Intent, Outcome, Understanding
from gateway.wording import LONGEST, fit, grouped, said_name
from tests.reports.replying import (
    FORMS,
    LANGUAGES,
    LONGEST_POLICE,
    LONGEST_VILLAGES,
    NASTY,
    REPORT,
    SECRET,
    TICKET,
    VILLAGES,
    answer,
    check,
    found,
    nothing_is_cut,
    stepped,
)

# what is said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "LAPOR GESEK PEMATANG MAYAN 14 0 adu mulut",
            "Terima kasih. Laporan GESEK di Desa Pematang Mayan, massa 14, korban 0. No. K4PT. Balas RALAT bila salah.",
        ),
        (
            "NIHIL LAMBUR II",
            "Terima kasih. Laporan NIHIL Desa Lambur II dicatat: tidak ada kejadian. No. K4PT. Balas RALAT bila salah.",
        ),
        (
            "LAPOR GESEK PARIT CULUM 14 0",
            "Laporan GESEK, massa 14, korban 0 diterima. No. K4PT. Di desa mana? Balas nama desa, "
            "misalnya Parit Culum I atau Parit Culum II.",
        ),
        (
            "DARURAT",
            "DARURAT diterima. No. K4PT. Polisi: 110. Di desa mana? Balas nama desa. Jauhi bahaya.",
        ),
        ("CEK", "Tulis juga nomor laporannya, misalnya CEK K4PT. Nomor itu ada di SMS jawaban kami."),
    ],
)
def test_answer_says_it_back(knowledge: Knowledge, text: str, expected: str) -> None:
    assert answer(knowledge, text) == expected


def test_help_and_rejection_differ(knowledge: Knowledge) -> None:
    assert answer(knowledge, "format", None) != answer(knowledge, "asdfgh", None)


def test_english(knowledge: Knowledge) -> None:
    assert (answer(knowledge, "LAPOR GESEK LAMBUR 14 0", language="en") or "").startswith(
        "Thank you. Report GESEK in Desa Lambur"
    )
    assert (answer(knowledge, "LAPOR GESEK LAMBUR 14 0", language="xx") or "").startswith("Terima kasih")


def test_a_repeated_report_names_the_first_ticket(knowledge: Knowledge) -> None:
    said = answer(knowledge, "LAPOR GESEK LAMBUR 14 0", repeats_ticket="7HXB") or ""
    assert "7HXB" in said
    assert "K4PT" not in said


def test_long_numbers_are_written_in_groups(knowledge: Knowledge) -> None:
    assert grouped("081274000111") == "081 274 000 111"
    assert grouped("1200") == "1 200"
    assert grouped("110") == "110"
    assert "081 274 000 111" in (answer(knowledge, "DARURAT LAMBUR", police_number="081274000111") or "")


def test_a_story_without_keyword_gets_a_ticket_and_the_way_to_call_for_help(knowledge: Knowledge) -> None:
    said = answer(knowledge, "spanduk paslon 2 di desa suka maju dirusak orang") or ""
    assert "K4PT" in said
    assert "DARURAT" in said


# what was done


@pytest.mark.parametrize(
    ("act", "about", "expected"),
    [
        (
            Act.ANSWER,
            {"after": found(**REPORT)},
            "Terima kasih. Laporan GESEK di Desa Lambur II, massa 40. No. K4PT. Balas RALAT bila salah.",
        ),
        (
            Act.ANSWER,
            {"after": found(outcome=Outcome.LENGKAPI, jenis="GESEK", missing=("desa",)), "ask": "desa"},
            "Laporan GESEK diterima. No. K4PT. Di desa mana? Balas nama desa.",
        ),
        (
            Act.CORRECT,
            {"after": found(**REPORT), "changed": {"massa": 40}},
            "Laporan K4PT sudah diperbaiki: GESEK di Desa Lambur II, massa 40. Balas RALAT bila masih salah.",
        ),
        (
            Act.CORRECT,
            {"after": found(jenis="GESEK", massa=40), "changed": {"massa": 40}, "ask": "desa"},
            "Laporan K4PT sudah diperbaiki: GESEK, massa 40. Di desa mana? Balas nama desa.",
        ),
        (
            Act.CORRECT,
            {"after": found(Intent.NIHIL, desa="15.07.01.2012"), "changed": {"desa": "15.07.01.2012"}},
            "Laporan K4PT sudah diperbaiki: NIHIL di Desa Lambur II. Balas RALAT bila masih salah.",
        ),
        (
            Act.REPLACE,
            {"after": found(**REPORT), "changed": {"massa": 40}},
            "Laporan K4PT sudah diganti: GESEK di Desa Lambur II, massa 40. Balas RALAT bila masih salah.",
        ),
        (
            Act.ADD,
            {"after": found(**REPORT, korban=3), "changed": {"korban": 3}},
            "Kabar tambahan laporan K4PT dicatat: GESEK di Desa Lambur II, massa 40, korban 3. Balas RALAT bila masih salah.",
        ),
        (Act.ADD, {"after": found(**REPORT)}, "Terima kasih. Kabar tambahan untuk laporan No. K4PT sudah dicatat."),
        (
            Act.CONTINUE,
            {"after": found(**REPORT)},
            "Terima kasih. Sambungan laporan No. K4PT diterima, petugas akan membacanya.",
        ),
        (
            Act.WITHDRAW,
            {"after": found(**REPORT), "state": "dibatalkan"},
            "Laporan No. K4PT dibatalkan sesuai permintaan Anda. Petugas tetap memeriksanya.",
        ),
        (
            Act.STATUS,
            {"after": found(**REPORT), "state": "verifikasi"},
            "Laporan K4PT, GESEK di Desa Lambur II: sedang diperiksa petugas. Kabar baru: SUSUL K4PT.",
        ),
    ],
)
def test_a_step_is_said_back(knowledge: Knowledge, act: Act, about: dict[str, Any], expected: str) -> None:
    assert stepped(knowledge, act, **about) == expected


@pytest.mark.parametrize("state", ["baru", "verifikasi", "ditangani", "selesai", "dibatalkan", "what is to come"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_state_is_said_in_words(knowledge: Knowledge, state: str, language: str) -> None:
    said = stepped(knowledge, Act.STATUS, after=found(**REPORT), state=state, language=language)
    others = [
        stepped(knowledge, Act.STATUS, after=found(**REPORT), state=other, language=language)
        for other in ("baru", "verifikasi", "ditangani", "selesai", "dibatalkan", "what is to come")
        if other != state
    ]
    assert said not in others
    assert "Lambur II" in said
    assert "40" not in said
    assert "what is to come" not in said


@pytest.mark.parametrize(
    ("act", "said", "about", "expected"),
    [
        (Act.VERIFY, found("verif", hasil="TIDAK"), {}, "Terima kasih. Hasil periksa laporan No. K4PT dicatat: TIDAK."),
        (Act.VERIFY, found("verif"), {}, "Tulis hasil periksa: VERIF K4PT YA, TIDAK atau BELUM."),
        (
            Act.FOLLOW_UP,
            found("tl", ket="mediasi"),
            {},
            "Tindak lanjut laporan No. K4PT dicatat. Terima kasih. Bila tuntas: TL K4PT SELESAI.",
        ),
        (
            Act.FOLLOW_UP,
            found("tl", status="SELESAI"),
            {"state": "selesai"},
            "Tindak lanjut laporan No. K4PT dicatat: SELESAI. Terima kasih.",
        ),
        (
            Act.TAKE,
            found("terima"),
            {},
            "Laporan No. K4PT Anda tangani. Terima kasih. Kabarkan dengan TL K4PT lalu isinya; bila tuntas TL K4PT SELESAI.",
        ),
        (
            Act.STILL_YOU,
            found("konfirmasi", hasil="YA"),
            {"ticket": ""},
            "Terima kasih, nomor Anda tetap terdaftar. Bila ada kejadian tulis LAPOR jenis desa massa korban.",
        ),
        (
            Act.STILL_YOU,
            found("konfirmasi", hasil="TIDAK"),
            {"ticket": ""},
            "Terima kasih, mohon maaf mengganggu. Nomor ini kami hapus dari daftar kami.",
        ),
        (
            Act.STILL_YOU,
            found("konfirmasi", hasil="BELUM"),
            {"ticket": ""},
            "Terima kasih. Petugas akan menelepon Anda dulu untuk memastikan.",
        ),
        (
            Act.REGISTER,
            found("daftar", nama="Budi"),
            {"ticket": ""},
            "Terima kasih. Pendaftaran Budi sudah kami terima dan akan diperiksa petugas. "
            "Sambil menunggu, Anda sudah boleh melapor.",
        ),
        (
            Act.REGISTER,
            found("daftar", missing=("peran",)),
            {"ticket": ""},
            "Untuk mendaftar, tulis: DAFTAR peran desa nama. Contoh: DAFTAR KADES LAMBUR Budi.",
        ),
    ],
)
def test_commands_and_answers_about_people(
    knowledge: Knowledge, act: Act, said: Understanding, about: dict[str, Any], expected: str
) -> None:
    assert stepped(knowledge, act, said, **about) == expected


@pytest.mark.parametrize(
    ("act", "refusal", "expected"),
    [
        (Act.CORRECT, Refusal.NO_TICKET, "misalnya RALAT K4PT."),
        (Act.ADD, Refusal.NO_TICKET, "misalnya SUSUL K4PT."),
        (Act.WITHDRAW, Refusal.NO_TICKET, "misalnya BATAL K4PT."),
        (Act.TAKE, Refusal.NO_TICKET, "misalnya TERIMA K4PT."),
        (Act.VERIFY, Refusal.OFFICERS, "hanya untuk petugas terdaftar"),
        (Act.FOLLOW_UP, Refusal.OFFICERS, "hanya untuk petugas terdaftar"),
        (Act.CORRECT, Refusal.NOTHING, "belum berubah. Tulis yang benar, misalnya: RALAT K4PT massa 40."),
        (Act.ADD, Refusal.NOTHING, "misalnya: SUSUL K4PT korban 3."),
        (Act.WITHDRAW, Refusal.NOTHING, "Laporan K4PT sudah dibatalkan."),
        (Act.FOLLOW_UP, Refusal.NOTHING, "misalnya: TL K4PT mediasi SELESAI."),
        (Act.VERIFY, Refusal.NOTHING, "VERIF K4PT YA, TIDAK atau BELUM"),
    ],
)
def test_a_refusal_says_what_to_write(knowledge: Knowledge, act: Act, refusal: Refusal, expected: str) -> None:
    ticket = "" if refusal is Refusal.NO_TICKET else "K4PT"
    assert expected in stepped(knowledge, act, refusal=refusal, ticket=ticket, after=found(**REPORT))


def test_a_zero_report_is_not_asked_for_a_crowd(knowledge: Knowledge) -> None:
    after = found(Intent.NIHIL, desa="15.07.01.2012")
    assert "RALAT K4PT desa LAMBUR" in stepped(knowledge, Act.CORRECT, refusal=Refusal.NOTHING, after=after)


def test_an_answer_that_says_nothing_is_asked_again(knowledge: Knowledge) -> None:
    after = found(outcome=Outcome.LENGKAPI, jenis="GESEK", missing=("desa",))
    assert "Di desa mana?" in stepped(knowledge, Act.ANSWER, refusal=Refusal.NOTHING, ask="desa", after=after)


def test_nobody_learns_whether_somebody_elses_ticket_exists(knowledge: Knowledge) -> None:
    """The dialogue says UNKNOWN for both; whatever else it knows of the report must not change the sentence."""
    strangers = stepped(
        knowledge, Act.STATUS, found("cek", tiket="K4PT"), ticket="", refusal=Refusal.UNKNOWN, state="", after=None
    )
    somebodys = stepped(
        knowledge,
        Act.STATUS,
        found("cek", tiket="K4PT"),
        refusal=Refusal.UNKNOWN,
        state="selesai",
        after=found(**REPORT),
    )
    assert strangers == somebodys
    assert "K4PT" in strangers


@pytest.mark.parametrize("typed", ["=1+1", "0812", "K4PTX", "www.x.id", "{x}"])
def test_what_was_typed_for_a_ticket_is_not_quoted_unless_it_may_be_one(knowledge: Knowledge, typed: str) -> None:
    said = stepped(knowledge, Act.STATUS, found("cek", tiket=typed), ticket="", refusal=Refusal.UNKNOWN)
    assert typed not in said
    assert "tidak kami temukan" in said


def test_a_step_that_concerns_no_earlier_report_is_answered_as_a_report(knowledge: Knowledge) -> None:
    said = stepped(knowledge, Act.NEW, found(**REPORT))
    assert said.startswith("Terima kasih. Laporan GESEK di Desa Lambur II")


def test_thanks_for_an_answer_are_never_answered(knowledge: Knowledge) -> None:
    thanks = found(Intent.KONFIRMASI, Outcome.ABAIKAN)
    assert compose_step(Step(Act.ANSWER, ticket="K4PT"), thanks, knowledge) is None
    assert compose(thanks, None, knowledge) is None
    assert "terima kasih" in why_silent(thanks)


def test_what_was_asked_once_is_not_asked_again(knowledge: Knowledge) -> None:
    """Where the dialogue has no further question the report goes to a person as it is."""
    after = found(outcome=Outcome.LENGKAPI, jenis="GESEK", missing=("desa",))
    said = stepped(knowledge, Act.ANSWER, found("konfirmasi"), after=after, ask="")
    assert "?" not in said
    assert "K4PT" in said


def test_wrong_number_answers_still_you(knowledge: Knowledge) -> None:
    wrong = found(Intent.SALAH_KIRIM, Outcome.ABAIKAN, hasil="TIDAK")
    assert "hapus dari daftar" in stepped(knowledge, Act.STILL_YOU, wrong, ticket="")


# secrets and danger


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", list(FORMS))
@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.ABAIKAN])
def test_an_answer_to_a_secret_report_says_nothing_of_it(
    knowledge: Knowledge, intent: Intent, outcome: Outcome, language: str
) -> None:
    about = found(intent, outcome, **SECRET, missing=("jenis",))
    plainest = found(Intent.NIHIL, Outcome.TERIMA, secret=True)
    for repeats in (None, TICKET):
        said = compose(about, TICKET, knowledge, language, repeats_ticket=repeats)
        assert said == compose(plainest, TICKET, knowledge, language)
    check(said, TICKET)


@pytest.mark.parametrize("act", [Act.ANSWER, Act.CORRECT, Act.REPLACE, Act.ADD, Act.CONTINUE, Act.WITHDRAW])
@pytest.mark.parametrize("refusal", [Refusal.NONE, Refusal.NOTHING])
def test_nor_does_the_answer_to_a_later_step(knowledge: Knowledge, act: Act, refusal: Refusal) -> None:
    said = stepped(knowledge, act, after=found(**SECRET), changed={"md": 2}, refusal=refusal)
    assert said == "Terima kasih. Pesan diterima. No. K4PT. Bila bahaya telepon polisi: 110."


def test_the_state_of_a_secret_report_is_told_without_type_and_place(knowledge: Knowledge) -> None:
    said = stepped(knowledge, Act.STATUS, after=found(**SECRET), state="ditangani")
    assert said == "Laporan K4PT: sedang ditangani petugas. Terima kasih."


def test_a_secret_call_from_nowhere_is_asked_for_the_village_only(knowledge: Knowledge) -> None:
    said = answer(knowledge, "tolong rahasia pak kami dibacok") or ""
    assert said.endswith("Di desa mana? Balas nama desa.")
    assert not re.search("SERANG|DARURAT|apor", said)


DANGERS = [
    found(Intent.DARURAT),
    found(Intent.DARURAT, Outcome.LENGKAPI, missing=("desa",), desa=None),
    found(Intent.DARURAT, Outcome.KONFIRMASI, desa=VILLAGES[0]),
    found(jenis="BENTROK", desa=VILLAGES[0]),
    found(jenis="SERANG", outcome=Outcome.LENGKAPI, missing=("desa",)),
    found(outcome=Outcome.LENGKAPI, missing=("jenis",), luka=3),
    found(jenis="RUSAK", outcome=Outcome.TRIASE),
    found(jenis="GESEK", md=1, outcome=Outcome.KONFIRMASI, desa=VILLAGES[0]),
    found(Intent.BEBAS, Outcome.TRIASE, form="event", urgent=True),
]


@pytest.mark.parametrize("about", DANGERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_names_the_police_in_every_answer(knowledge: Knowledge, about: Understanding, language: str) -> None:
    for police in ("110", LONGEST_POLICE):
        for repeats in (None, TICKET):
            reply = compose(about, TICKET, knowledge, language, police, repeats)
            check(reply, TICKET)
            assert grouped(police) in reply.text  # type: ignore[union-attr]
        for act in (Act.ANSWER, Act.CORRECT, Act.REPLACE, Act.ADD, Act.CONTINUE, Act.WITHDRAW, Act.STATUS):
            for refusal in (Refusal.NONE, Refusal.NOTHING):
                for changed in ({}, {"massa": 1}):
                    step = Step(act, TICKET, changed, about, "dibatalkan", refusal=refusal)
                    reply = compose_step(step, found("batal"), knowledge, language, police)
                    check(reply, TICKET)
                    assert grouped(police) in reply.text, reply.text  # type: ignore[union-attr]


def test_a_quarrel_does_not_call_the_police(knowledge: Knowledge) -> None:
    assert "olisi" not in (answer(knowledge, "LAPOR GESEK LAMBUR 14 0") or "")


def test_a_repeated_emergency_still_names_the_police(knowledge: Knowledge) -> None:
    assert "110" in (answer(knowledge, "DARURAT LAMBUR", repeats_ticket="7HXB") or "")


# people


@pytest.mark.parametrize(
    ("role", "village", "name", "who"),
    [
        ("kades", "15.07.01.2012", "Budi", "KADES Desa Lambur II (Budi)"),
        ("camat", "15.07.05", "", "CAMAT Kecamatan Sadu"),
        ("petugas", "", "Ani", "PETUGAS (Ani)"),
        ("", "15.07.01.2012", "Budi", "orang yang terdaftar"),
        ("warga", "15.07.01.2012", "Budi", "orang yang terdaftar"),
        ("tokoh", "15.07.01.2012", "Budi", "orang yang terdaftar"),
        ("", "", "", "orang yang terdaftar"),
    ],
)
def test_still_you_names_office_holders_only(
    knowledge: Knowledge, role: str, village: str, name: str, who: str
) -> None:
    """A number may belong to a stranger now; that a villager writes to us is nobody's business."""
    said = still_you(role, village, name, knowledge).text
    assert said == f"Waspada bertanya: apakah nomor ini masih dipakai {who}? Balas YA atau BUKAN."


def test_an_approved_person_is_told_as_what(knowledge: Knowledge) -> None:
    said = compose_registered("kades", "15.07.01.2012", knowledge).text
    assert said.startswith("Nomor ini terdaftar sebagai KADES Desa Lambur II. Lapor: LAPOR")
    assert compose_registered("", "", knowledge).text.startswith("Nomor ini terdaftar. Lapor:")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NASTY)
def test_names_from_sms_and_spreadsheets_are_harmless(knowledge: Knowledge, name: str, language: str) -> None:
    with nothing_is_cut():
        for village in ("", *LONGEST_VILLAGES):
            for role in ("bhabinkamtibmas", "kades", "", name):
                check(still_you(role, village, name, knowledge, language))
                check(compose_registered(role, village, knowledge, language))
        check(compose_step(Step(Act.REGISTER), found("daftar", nama=name), knowledge, language))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("H. Budi, S.Pd", "H Budi S Pd"),
        ("Siti Nur'aini", "Siti Nur'aini"),
        ("Dana", ""),
        ("José", "Jose"),
        ("-- x", "x"),
    ],
)
def test_a_name_is_said_in_letters(typed: str, said: str) -> None:
    assert said_name(typed) == said


# a district's own form and words


@pytest.fixture(scope="session")
def flooded() -> Knowledge:
    return compile_knowledge(load_knowledge(forms=[Path(__file__).parent / "forms" / "flood.toml"]))


FLOOD: dict[str, Any] = {
    "desa": "15.07.01.2012", "tinggi_air": 120, "mengungsi": 12_000, "arus": "NAIK", "listrik_padam": True,
    "jalan_putus": "klik www.x.id",
}  # fmt: skip


def test_own_fields_of_a_form_are_said_in_its_words(flooded: Knowledge) -> None:
    about = found("banjir", form="flood", **FLOOD)
    reply = compose(about, TICKET, flooded)
    assert reply is not None
    assert reply.text == (
        "Terima kasih. Banjir di Desa Lambur II, tinggi air 120 cm, mengungsi 12 000, air NAIK, listrik padam. "
        "No. W8MW. Balas RALAT bila salah."
    )
    calmer = found("banjir", form="flood", **{**FLOOD, "listrik_padam": False, "arus": "mendidih"})
    corrected = compose_step(Step(Act.CORRECT, TICKET, {"arus": "TURUN"}, calmer), calmer, flooded, "en")
    assert corrected is not None
    assert corrected.text == (
        "Report W8MW corrected: BANJIR in Desa Lambur II, water level 120 cm, displaced 12 000, power is off: no. "
        "Reply RALAT if still wrong."
    )


def test_an_unknown_own_field_is_asked_for_with_the_ticket(flooded: Knowledge) -> None:
    about = found("banjir", Outcome.LENGKAPI, form="flood", desa="15.07.01.2012", missing=("tinggi_air",))
    reply = compose(about, TICKET, flooded)
    assert reply is not None
    assert reply.text.endswith("Berapa cm tinggi air? Balas angkanya saja. No. W8MW.")
    step = Step(Act.CORRECT, TICKET, {"desa": "15.07.01.2012"}, about, ask="tinggi_air")
    again = compose_step(step, about, flooded)
    assert again is not None
    assert (
        again.text
        == "Laporan W8MW sudah diperbaiki: BANJIR di Desa Lambur II. Berapa cm tinggi air? Balas angkanya saja."
    )
    unworded = compose_step(replace(step, ask="mengungsi"), about, flooded)
    assert unworded is not None
    assert unworded.text.endswith("BANJIR di Desa Lambur II. mengungsi? Mohon dibalas.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_added_by_data_fits_as_well(flooded: Knowledge, language: str) -> None:
    with nothing_is_cut():
        for desa, outcome in product(VILLAGES, Outcome):
            about = found("banjir", outcome, form="flood", **{**FLOOD, "desa": desa}, missing=("desa",))
            if outcome is not Outcome.ABAIKAN:
                check(compose(about, TICKET, flooded, language), TICKET)
                for act in (Act.CORRECT, Act.ADD, Act.STATUS):
                    check(compose_step(Step(act, TICKET, {"arus": "NAIK"}, about), about, flooded, language), TICKET)


def test_a_template_that_needs_a_place_is_not_used_without_one(flooded: Knowledge) -> None:
    reply = compose(found("banjir", form="flood", tinggi_air=80), TICKET, flooded)
    assert reply is not None
    assert reply.text.startswith("Terima kasih. Laporan banjir diterima, No. W8MW.")


def test_a_district_s_too_long_template_is_cut_between_words_and_keeps_the_ticket() -> None:
    said = fit("laporan " * 25 + "No. {ticket}.", {"ticket": TICKET})
    assert said.endswith("laporan No. W8MW.")
    assert len(said) <= LONGEST
    assert len(fit("x" * 300, {})) == LONGEST
