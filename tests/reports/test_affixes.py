"""Forms of verb roots (gateway/reports/affixes.py), and that the shipped vocabulary reads them."""

from __future__ import annotations

import pytest

from gateway.reports.affixes import active, inflected, passive
from gateway.reports.knowledge import Knowledge


@pytest.mark.parametrize(
    ("root", "form"),
    [("pukul", "memukul"), ("bakar", "membakar"), ("tusuk", "menusuk"), ("dobrak", "mendobrak"), ("culik", "menculik"),
     ("serang", "menyerang"), ("keroyok", "mengeroyok"), ("gebuk", "menggebuk"), ("ancam", "mengancam"), ("rusak", "merusak")],
)  # fmt: skip
def test_first_letter_of_a_root_becomes_what_the_nasal_makes_of_it(root: str, form: str) -> None:
    assert active(root) == form


def test_passive_forms_lead_to_the_passive_and_active_ones_to_the_active() -> None:
    forms = dict(inflected({"pukul": ["gebuk"]}))
    for form in ("dipukulin", "dpukuli", "dipunpukul", "digebuki", "kegebuk"):
        assert forms[form] == passive("pukul") == "dipukul"
    for form in ("mukulin", "nggebuki", "ngegebuk", "memukuli", "pukulin"):
        assert forms[form] == "memukul"


def test_a_short_d_stands_for_di_only_before_a_consonant() -> None:
    forms = dict(inflected({"ancam": []}))
    assert "diancam" in forms
    assert "dancam" not in forms


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("dikeplaki", "dipukul"),
        ("nggebuki", "memukul"),
        ("nabakar", "dibakar"),
        ("diduruk", "dibakar"),
        ("nyopoti", "mencopot"),
    ],
)
def test_forms_no_list_has_are_read_as_the_standard_one(knowledge: Knowledge, typed: str, read: str) -> None:
    assert knowledge.lexicon.resolve(typed)[0] == read


def test_words_with_a_meaning_of_their_own_stay(knowledge: Knowledge) -> None:
    for word in ("serangan", "tembakan", "bagi", "tangkap"):
        assert knowledge.lexicon.resolve(word)[0] == word
