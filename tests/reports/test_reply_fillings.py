"""Whatever is filled into whatever template: one SMS of plain letters that no operator stops, and that says something."""

from __future__ import annotations

import re
import string
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.replies import SILENT, compose, compose_step, why_silent
from gateway.reports.dialogue import Act, Refusal, Step
from gateway.reports.knowledge import Knowledge
from gateway.reports.understanding import FIELDS, Doubt, Intent, Outcome, Understanding
from gateway.wording import STOPPED
from modem.gsm7 import BASIC
from tests.reports.replying import (
    FORMS,
    LANGUAGES,
    LONGEST_POLICE,
    LONGEST_VILLAGES,
    MANY,
    NASTY,
    SECRET,
    TICKET,
    VILLAGES,
    answer,
    check,
    found,
    nothing_is_cut,
)

# every template, every filling


def templates(knowledge: Knowledge, language: str) -> dict[str, str]:
    files = knowledge.files
    own = {f"{form.id}.{kind}": text for form in files.forms for kind, text in form.replies[language].items()}
    return {**files.replies[language], **own}


def test_both_languages_have_the_same_templates(knowledge: Knowledge) -> None:
    texts = {language: templates(knowledge, language) for language in LANGUAGES}
    for language in LANGUAGES:
        print(f"{language}: {len(set(texts[language].values()))} distinct template texts")
    assert texts["id"].keys() == texts["en"].keys()
    for key, text in texts["id"].items():
        names = [{name for _, name, _, _ in string.Formatter().parse(one) if name} for one in (text, texts["en"][key])]
        assert names[0] == names[1], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_holds_what_operators_stop(knowledge: Knowledge, language: str) -> None:
    for key, text in templates(knowledge, language).items():
        bare = re.sub(r"\{\w+\}", "", text).casefold()
        assert not [word for word in (*STOPPED, "kode verif", "http", "://", ".com") if word in bare], key
        assert not re.search(r"\d{4}", bare), key
        assert set(bare) <= BASIC, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_place_or_type_holds_what_operators_stop(knowledge: Knowledge, language: str) -> None:
    for said in (*(place.title for place in knowledge.region.places), *knowledge.types):
        assert not re.search(rf"\b({'|'.join(STOPPED)})\b", said, re.IGNORECASE)
        assert set(said) <= BASIC


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("police", ["110", LONGEST_POLICE])
@pytest.mark.parametrize("intent", list(FORMS))
def test_every_template_of_a_form_fits_with_every_village_and_type(
    knowledge: Knowledge, intent: Intent, police: str, language: str
) -> None:
    """Lengths add up, so every village goes with the longest type and every type with the longest village."""
    form = knowledge.forms[intent]
    longest_type = max(knowledge.types, key=len)
    where = [(code, longest_type) for code in VILLAGES] + [(LONGEST_VILLAGES[-1], jenis) for jenis in knowledge.types]
    where += [("", longest_type), (LONGEST_VILLAGES[-1], ""), ("", "")]
    kinds = [(kind, "") for kind in (Outcome.TERIMA, Outcome.KONFIRMASI, Outcome.TRIASE)]
    kinds += [(Outcome.LENGKAPI, field) for field in form.required]
    seen = set()
    with nothing_is_cut():
        for (desa, jenis), (outcome, missing), counts in product(where, kinds, ({}, MANY)):
            fields: dict[str, Any] = {"desa": desa or None, "jenis": jenis or None, **counts}
            doubts = (Doubt("desa", "", LONGEST_VILLAGES),)
            about = found(intent, outcome, **fields, missing=(missing,) * bool(missing), doubts=doubts)
            reply = compose(about, TICKET, knowledge, language, police)
            check(reply, TICKET)
            seen.add(reply.kind)  # type: ignore[union-attr]
            for act in (Act.CORRECT, Act.REPLACE, Act.ADD, Act.STATUS, Act.WITHDRAW):
                step = Step(act, TICKET, {"massa": 1}, about, "baru", ask=missing)
                check(compose_step(step, about, knowledge, language, police), TICKET)
    assert seen == {f"{form.id}.{kind}" for kind in form.replies[language]}


def test_as_much_as_fits_is_said(knowledge: Knowledge) -> None:
    said = answer(knowledge, "LAPOR BENTROK KAMPUNG LAUT 40 2", police_number=LONGEST_POLICE) or ""
    assert "Kelurahan Kampung Laut, massa 40, korban 2" in said
    crowded = compose(found(jenis="BENTROK", desa=LONGEST_VILLAGES[-1], **MANY), TICKET, knowledge)
    assert crowded is not None
    assert "massa 50 000" in crowded.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("police", ["110", LONGEST_POLICE])
def test_every_act_and_refusal_has_an_answer_that_fits(knowledge: Knowledge, police: str, language: str) -> None:
    afters = [None, *(found(i, desa=LONGEST_VILLAGES[-1], jenis="BENTROK", **MANY) for i in FORMS), found(**SECRET)]
    kinds = set()
    with nothing_is_cut():
        for act, refusal, after in product(Act, Refusal, afters):
            for ticket, ask, changed, hasil in product(
                ("", TICKET), ("", "desa", "jenis"), ({}, {"md": 1}), ("YA", "TIDAK", None)
            ):
                step = Step(act, ticket, changed, after, "baru", ask, refusal)
                said = found(
                    Intent.KOREKSI,
                    hasil=hasil,
                    status="SELESAI" if hasil == "YA" else None,
                    tiket="K4PT" if ask else None,
                )
                reply = compose_step(step, said, knowledge, language, police)
                check(reply)
                kinds.add(reply.kind)  # type: ignore[union-attr]
                named = ticket or said.fields["tiket"]
                if named and refusal in (Refusal.NONE, Refusal.NOTHING) and act in (Act.CORRECT, Act.ADD, Act.STATUS):
                    assert named in reply.text  # type: ignore[union-attr]
    assert {"corrected", "replaced", "added", "unknown", "nothing", "still_bukan", "terima", "secret"} <= kinds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["", "event", "nihil", "emergency", "dropped"])
def test_every_intent_and_outcome_has_an_answer_or_a_reason_for_none(
    knowledge: Knowledge, form: str, language: str
) -> None:
    for intent, outcome, tiket in product((*Intent, "of a form that is gone"), Outcome, (None, "K4PT")):
        about = found(intent, outcome, form=form, tiket=tiket)
        reply = compose(about, "K4PT" if form else None, knowledge, language)
        silent = why_silent(about)
        assert (reply is None) == bool(silent)
        if reply is None:
            assert intent in SILENT or outcome is Outcome.ABAIKAN
            assert silent.endswith(".")
        else:
            check(reply, "K4PT" if form else "")


@pytest.mark.parametrize(
    "text",
    ["Mama minta pulsa", "sayang lagi dimana udah makan", "sisa pulsa Anda Rp100", "terima kasih pak", "TERIMA K4PT"],
)
def test_no_answer_where_none_may_be(knowledge: Knowledge, text: str) -> None:
    assert answer(knowledge, text) is None


# anything at all


ANYTHING = st.none() | st.text(max_size=60) | st.sampled_from(NASTY) | st.integers(-5, 10**12) | st.booleans()


@st.composite
def fillings(draw: st.DrawFn) -> Understanding:
    """Anything a parser could ever say, and more."""
    intent, outcome = draw(st.sampled_from(list(Intent))), draw(st.sampled_from(list(Outcome)))
    fields: dict[str, Any] = dict.fromkeys(FIELDS)
    fields["jenis"] = draw(st.sampled_from([None, "BENTROK", "ISU", "NETRAL", "DAMAI", "<b>"]))
    fields["desa"] = draw(st.none() | st.sampled_from([*VILLAGES, "15.07.05", "99"]))
    for name in ("massa", "korban", "md", "luka", "hilang"):
        fields[name] = draw(st.none() | st.integers(0, 50_000) | st.integers(-3, 10**9) | st.booleans())
    for name in ("nama", "ket", "tiket", "hasil", "status", "pihak", "waktu_teks"):
        fields[name] = draw(
            st.none() | st.text(max_size=60) | st.sampled_from(["K4PT", "YA", "BELUM", "SELESAI", *NASTY])
        )
    offered = tuple(draw(st.lists(st.sampled_from([*VILLAGES, "nowhere"]), max_size=6)))
    missing = tuple(draw(st.lists(st.sampled_from(["jenis", "desa", "tiket", "hasil", "peran"]), max_size=2)))
    form = draw(st.sampled_from([FORMS.get(intent, ""), "", "event", "nihil", "emergency", "dropped"]))
    secret, urgent = draw(st.booleans()), draw(st.booleans())
    return Understanding(
        intent,
        outcome,
        fields,
        missing,
        (Doubt("desa", "x", offered),),
        secret=secret,
        urgent=urgent,
        form=form,
        version=1,
    )


POLICE = st.text("0123456789+", min_size=3, max_size=15)


@settings(max_examples=400, deadline=None)
@given(fillings(), st.sampled_from([None, "K4PT"]), st.sampled_from(LANGUAGES), POLICE)
def test_any_understanding_is_answered_in_one_sms(
    knowledge: Knowledge, about: Understanding, ticket: str | None, language: str, police: str
) -> None:
    with nothing_is_cut():
        reply = compose(about, ticket, knowledge, language, police)
    if reply is None:
        assert why_silent(about)
    else:
        check(reply, ticket if about.is_report and ticket else "")


@settings(max_examples=400, deadline=None)
@given(
    st.builds(
        Step,
        act=st.sampled_from(Act),
        ticket=st.sampled_from(["", TICKET]),
        changed=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=3),
        after=st.none() | fillings(),
        state=st.sampled_from(["", "baru", "selesai", "{x}"]),
        ask=st.sampled_from(["", "desa", "jenis", "massa", "strange"]),
        refusal=st.sampled_from(Refusal),
    ),
    fillings(),
    st.sampled_from(LANGUAGES),
    POLICE,
)
def test_any_step_is_answered_in_one_sms(
    knowledge: Knowledge, step: Step, about: Understanding, language: str, police: str
) -> None:
    with nothing_is_cut():
        reply = compose_step(step, about, knowledge, language, police)
    if reply is None:
        assert why_silent(about)
    else:
        check(reply)


@settings(max_examples=200, deadline=None)
@given(st.text("qxzQXZ", min_size=8, max_size=40), st.sampled_from(Act), st.sampled_from(Refusal))
def test_free_text_of_the_sender_is_never_quoted(knowledge: Knowledge, said: str, act: Act, refusal: Refusal) -> None:
    words: dict[str, Any] = dict.fromkeys(
        ("ket", "waktu_teks", "pihak", "tiket", "hasil", "status", "peran", "jenis", "desa"), said
    )
    about = found(**words)
    step = Step(act, TICKET, words, about, said, said, refusal)
    for reply in (compose_step(step, about, knowledge), compose(about, TICKET, knowledge)):
        assert reply is not None
        assert said.casefold() not in reply.text.casefold()
