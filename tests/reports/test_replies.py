"""Answers fit one SMS, say back what was read, ask one thing, and are not sent where none may be."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.regions import load_region
from gateway.replies import LONGEST, SILENT, compose, grouped
from gateway.reports.knowledge import Knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import FIELDS, Doubt, Intent, Outcome, Sender, Understanding
from modem.gsm7 import BASIC

FORMS = {Intent.LAPOR: "event", Intent.NIHIL: "nihil", Intent.DARURAT: "emergency"}


def answer(knowledge: Knowledge, text: str, ticket: str | None = "K4PT", **options: Any) -> str | None:
    reply = compose(understand(text, Sender("+6281274000111"), knowledge), ticket, knowledge, **options)
    return reply.text if reply else None


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
            "DARURAT diterima. No. K4PT. Polisi: 110. Di desa mana? Balas nama desa. Utamakan keselamatan.",
        ),
        ("CEK", "Tulis juga nomor laporan, misalnya CEK K4PT. Nomor itu ada di jawaban kami yang lalu."),
    ],
)
def test_answer_says_it_back(knowledge: Knowledge, text: str, expected: str) -> None:
    assert answer(knowledge, text) == expected


@pytest.mark.parametrize(
    "text",
    ["Mama minta pulsa", "sayang lagi dimana udah makan", "sisa pulsa Anda Rp100", "terima kasih pak", "TERIMA K4PT"],
)
def test_no_answer_where_none_may_be(knowledge: Knowledge, text: str) -> None:
    assert answer(knowledge, text) is None


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


def test_a_repeated_emergency_still_names_the_police(knowledge: Knowledge) -> None:
    assert "110" in (answer(knowledge, "DARURAT LAMBUR", repeats_ticket="7HXB") or "")


def test_long_numbers_are_written_in_groups(knowledge: Knowledge) -> None:
    assert grouped("081274000111") == "081 274 000 111"
    assert grouped("1200") == "1 200"
    assert grouped("110") == "110"
    assert "081 274 000 111" in (answer(knowledge, "DARURAT LAMBUR", police_number="081274000111") or "")


def test_no_digit_run_longer_than_three_and_no_link(knowledge: Knowledge) -> None:
    for text in (
        "LAPOR GESEK LAMBUR 12000 1500",
        "LAPOR BENTROK 0801 40 2 www.x.com",
        "DAFTAR KADES LAMBUR Budi 081274000111",
    ):
        said = answer(knowledge, text) or ""
        assert not re.search(r"\d{4}", said)
        assert "www" not in said


COUNT = st.none() | st.integers(0, 50_000)
VILLAGES = [village.code for village in load_region("15.07").villages]


@st.composite
def fillings(draw: st.DrawFn) -> Understanding:
    """Anything a parser could ever say, and more."""
    intent, outcome = draw(st.sampled_from(list(Intent))), draw(st.sampled_from(list(Outcome)))
    fields: dict[str, Any] = dict.fromkeys(FIELDS)
    fields["jenis"] = draw(st.sampled_from([None, "BENTROK", "ISU", "NETRAL", "DAMAI"]))
    fields["desa"] = draw(st.none() | st.sampled_from(VILLAGES))
    for name in ("massa", "korban", "md", "luka", "hilang"):
        fields[name] = draw(COUNT)
    fields["nama"], fields["ket"] = draw(st.none() | st.text(max_size=60)), draw(st.none() | st.text(max_size=60))
    fields["tiket"], fields["hasil"] = (
        draw(st.sampled_from([None, "K4PT"])),
        draw(st.sampled_from([None, "YA", "BELUM"])),
    )
    offered = tuple(draw(st.lists(st.sampled_from(VILLAGES), max_size=6)))
    missing = tuple(draw(st.lists(st.sampled_from(["jenis", "desa", "tiket", "hasil", "peran"]), max_size=2)))
    form = draw(st.sampled_from([FORMS.get(intent, ""), "", "event", "nihil", "emergency", "dropped"]))
    return Understanding(intent, outcome, fields, missing, (Doubt("desa", "x", offered),), form=form, version=1)


@settings(max_examples=400, deadline=None)
@given(
    fillings(),
    st.sampled_from([None, "K4PT"]),
    st.sampled_from(["id", "en"]),
    st.text("0123456789+", min_size=3, max_size=15),
)
def test_every_possible_filling_fits_one_sms(
    knowledge: Knowledge, found: Understanding, ticket: str | None, language: str, police: str
) -> None:
    reply = compose(found, ticket, knowledge, language, police)
    if reply is None:
        return
    assert 0 < len(reply.text) <= LONGEST
    assert set(reply.text) <= BASIC
    assert not re.search(r"\d{4}", reply.text)
    assert "{" not in reply.text
    if found.is_report and ticket:
        assert ticket in reply.text


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("form", ["", "event", "nihil", "emergency", "dropped"])
def test_every_intent_and_outcome_has_an_answer_or_none_with_any_form(
    knowledge: Knowledge, form: str, language: str
) -> None:
    for intent in Intent:
        for outcome in Outcome:
            found = Understanding(intent, outcome, dict.fromkeys(FIELDS), form=form)
            reply = compose(found, "K4PT" if form else None, knowledge, language)
            if reply is None:
                assert intent in SILENT or outcome is Outcome.ABAIKAN
            else:
                assert 0 < len(reply.text) <= LONGEST
                assert ("K4PT" in reply.text) or not form


def test_a_story_without_keyword_gets_a_ticket_and_the_way_to_call_for_help(knowledge: Knowledge) -> None:
    said = answer(knowledge, "spanduk paslon 2 di desa suka maju dirusak orang") or ""
    assert "K4PT" in said
    assert "DARURAT" in said
