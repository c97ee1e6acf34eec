"""What a message does to earlier reports: labelled steps, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.knowledge import load_knowledge
from gateway.reports.answers import DENIED, NOT_KNOWN
from gateway.reports.continuing import continues
from gateway.reports.dialogue import Act, Earlier, Limits, Refusal, Step, next_step, open_question, question
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import Doubt, Outcome, Question, Sender, Understanding

LAMBUR, LAMBUR_I, LAMBUR_II = "15.07.01.2002", "15.07.01.2011", "15.07.01.2012"
RASAU = ("15.07.11.2002", "15.07.04.2004", "15.07.04.2005")
DURI = ("15.07.03.2001", "15.07.03.2018")
MINE, OTHER = "K4PT", "X7PF"
NOW = 1_795_441_918_000
MINUTE, HOUR = 60_000, 3_600_000
LIMITS = Limits(answer_hours=24, replace_minutes=15, correct_hours=24, continue_minutes=60)
REPORTER = Sender("+6281272000101")
OFFICER = Sender("+6281373000102", role="kapolsek")


def earlier(**other: Any) -> Earlier:
    """A report of the sender, ten minutes old."""
    said = {"jenis": "GESEK", "desa": LAMBUR_II, "massa": 14, "korban": 0}
    made = Earlier(
        ticket=MINE, intent="lapor", form="event", fields=said, missing=(), state="baru", at=NOW - 10 * MINUTE, own=True,
        outcome="terima", level=2, noted_at=NOW - 10 * MINUTE, text="LAPOR GESEK LAMBUR II 14 0", message_id=1,
    )  # fmt: skip
    return replace(made, **other)


def asking(field: str, *candidates: str, **known: Any) -> Earlier:
    """A report whose reporter was asked for `field` a minute ago."""
    fields = {"jenis": "GESEK", "desa": LAMBUR_II, "massa": 14, "korban": None, field: None, **known}
    doubts = (Doubt(field, "belum jelas", candidates),) if candidates else ()
    missing = tuple(name for name in ("jenis", "desa") if fields[name] is None)
    return earlier(
        fields=fields, missing=missing, asked=field, asked_at=NOW - MINUTE, candidates=candidates, doubts=doubts,
        outcome="lengkapi", text="LAPOR",
    )  # fmt: skip


def take(
    knowledge: Knowledge,
    text: str,
    *reports: Earlier,
    sender: Sender = REPORTER,
    limits: Limits = LIMITS,
    now: int = NOW,
) -> tuple[Step, Understanding]:
    asked = open_question(reports, now, limits)
    found = understand(text, sender, knowledge, None, question(asked) if asked else None)
    return next_step(found, text, sender, reports, knowledge, now, limits), found


# answers

ANSWERS: list[tuple[str, Earlier, str, dict[str, Any]]] = [
    ("a name", asking("desa"), "lambur ii", {"desa": LAMBUR_II}),
    ("a short code", asking("desa"), "0112", {"desa": LAMBUR_II}),
    ("politeness around it", asking("desa"), "desa lambur 2 pak makasih", {"desa": LAMBUR_II}),
    ("more than was asked", asking("desa"), "lambur 2, korbannya 3", {"desa": LAMBUR_II, "korban": 3}),
    ("a landmark behind it", asking("desa"), "di lambur 2 dekat masjid jamik", {"desa": LAMBUR_II}),
    ("the kecamatan narrows", asking("desa", *RASAU), "yang di berbak", {"desa": RASAU[0]}),
    ("an ordinal", asking("desa", *RASAU), "yang pertama", {"desa": RASAU[0]}),
    ("another ordinal", asking("desa", *RASAU), "yg kedua pak", {"desa": RASAU[1]}),
    ("the end of a name", asking("desa", *RASAU), "ii", {"desa": RASAU[2]}),
    ("a word of a name", asking("desa", *DURI), "yg ilir", {"desa": DURI[1]}),
    ("a number where no name has one", asking("desa", *DURI), "1", {"desa": DURI[0]}),
    ("spelled", asking("desa", *DURI), "yg satu", {"desa": DURI[0]}),
    ("yes to the only one", asking("desa", LAMBUR), "iya benar pak", {"desa": LAMBUR}),
    ("no, and the right one", asking("desa", LAMBUR), "bukan, lambur 2", {"desa": LAMBUR_II}),
    ("a type", asking("jenis"), "ribut mulut", {"jenis": "GESEK"}),
    ("its number", asking("jenis"), "07", {"jenis": "GESEK"}),
    ("a weak word is enough", asking("jenis"), "massa", {"jenis": "MASSA"}),
    ("type and count", asking("jenis"), "bentrok 2 orang luka", {"jenis": "BENTROK", "korban": 2, "luka": 2}),
    ("a number", asking("korban"), "14", {"korban": 14}),
    ("about", asking("korban"), "sekitar 20 org", {"korban": 20}),
    ("none", asking("korban"), "tidak ada", {"korban": 0}),
    ("none in dialect", asking("korban"), "ga ada pak alhamdulillah", {"korban": 0}),
    ("nihil is no zero report here", asking("korban"), "nihil", {"korban": 0}),
    ("the other count too", asking("korban"), "massa 20 korban 3", {"massa": 20, "korban": 3}),
    ("the event told again", asking("desa"), "ribut di lambur 2 pak", {"desa": LAMBUR_II}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("report", "text", "changed"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS]
)
def test_a_short_message_answers_the_open_question(
    knowledge: Knowledge, report: Earlier, text: str, changed: dict[str, Any]
) -> None:
    step, _ = take(knowledge, text, report)
    assert (step.act, step.ticket, step.refusal) == (Act.ANSWER, MINE, Refusal.NONE)
    assert {name: value for name, value in step.changed.items() if name != "ket"} == changed
    assert step.after is not None
    assert changed.items() <= step.after.fields.items()


NO_ANSWERS = [
    ("a new report", asking("desa"), "LAPOR RUSAK LAMBUR 3 0"),
    ("an emergency", asking("desa"), "tolong rumah kami dibakar di lambur 2"),
    ("a zero report", asking("korban"), "NIHIL LAMBUR"),
    ("a command", asking("desa"), "CEK"),
    ("help", asking("desa"), "BANTUAN"),
    ("a private message", asking("desa"), "pak jemput adek di sekolah ya"),
    ("junk with a village in it", asking("desa"), "isikan pulsa mama ya di lambur"),
    ("thanks", asking("desa"), "ok makasih"),
    ("another event in another place", asking("desa"), "rumah warga dibakar di lambur 2 pak"),
    ("a bare number for a village", asking("desa"), "14"),
    ("yes to several", asking("desa", *RASAU), "ya"),
    ("a place further than was offered", asking("desa", *DURI), "3"),
    ("a bare no to how many", asking("korban"), "tidak"),
]


@pytest.mark.parametrize(("report", "text"), [case[1:] for case in NO_ANSWERS], ids=[case[0] for case in NO_ANSWERS])
def test_what_is_something_else_is_no_answer(knowledge: Knowledge, report: Earlier, text: str) -> None:
    step, _ = take(knowledge, text, report)
    assert step.act is not Act.ANSWER or step.refusal
    assert not step.amends


def test_a_bare_word_that_says_nothing_of_what_was_asked_is_asked_again(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "tidak", asking("desa"))
    assert (step.act, step.ticket, step.ask, step.refusal) == (Act.ANSWER, MINE, "desa", Refusal.NOTHING)
    assert (step.amends, step.person) == (False, False)
    assert take(knowledge, "14", asking("desa"))[0].person  # it says something, a person reads what


def test_a_long_text_is_no_answer(knowledge: Knowledge) -> None:
    text = "lambur ii pak " + "dan ada lagi yang mau saya ceritakan " * 10
    assert take(knowledge, text, asking("jenis", desa=None))[0].act is not Act.ANSWER
    assert understand("lambur 2 " * 60, REPORTER, knowledge, None, Question("desa")).intent != "konfirmasi"


@pytest.mark.parametrize("text", ["1", "2", "yg satu"])
def test_a_number_that_may_belong_to_a_name_picks_none(knowledge: Knowledge, text: str) -> None:
    step, _ = take(knowledge, text, asking("desa", *RASAU))
    assert "desa" not in step.changed
    assert step.ask == ""
    assert step.after is not None
    assert step.after.outcome is Outcome.TRIASE or step.after.outcome is Outcome.LENGKAPI


def test_a_village_that_does_not_exist_is_not_guessed(knowledge: Knowledge) -> None:
    step, found = take(knowledge, "lambur 3", asking("desa"))
    assert found.fields["desa"] is None
    assert "desa" not in step.changed
    assert step.ask == "desa"
    assert set(next(d for d in found.doubts if d.field == "desa").candidates) == {LAMBUR, LAMBUR_I, LAMBUR_II}


@pytest.mark.parametrize("text", ["gak tau pak", "belum tau pak", "tidak tahu", "entah pak", "kurang tau"])
def test_who_does_not_know_is_not_asked_again_and_unknown_is_not_zero(knowledge: Knowledge, text: str) -> None:
    step, found = take(knowledge, text, asking("korban"))
    assert step.act is Act.ANSWER
    assert step.changed == {}
    assert step.ask == ""
    assert found.fields["korban"] is None
    assert [doubt.why for doubt in found.doubts] == [NOT_KNOWN]


def test_after_an_answer_the_next_missing_field_is_asked_then_nothing(knowledge: Knowledge) -> None:
    first = asking("jenis", desa=None)
    step, _ = take(knowledge, "gesek", first)
    assert step.ask == "desa"
    assert step.after is not None
    assert step.after.outcome is Outcome.LENGKAPI
    step, _ = take(knowledge, "lambur ii", asking("desa"))
    assert step.ask == ""
    assert step.after is not None
    assert (step.after.outcome, step.after.missing) == (Outcome.TERIMA, ())


def test_an_ignorant_answer_passes_to_the_next_field_and_ends_with_a_person(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "gak tau pak", asking("jenis", desa=None))
    assert step.ask == "desa"
    step, _ = take(knowledge, "gak tau", asking("desa", jenis="GESEK"))
    assert step.ask == ""
    assert step.after is not None
    assert step.after.outcome is Outcome.TRIASE


def test_an_ambiguous_place_is_asked_once_more_with_candidates_and_never_again(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "rantau rasau", asking("desa"))
    assert step.ask == "desa"
    step, _ = take(knowledge, "rantau rasau", asking("desa", *RASAU))
    assert step.ask == ""


def test_no_to_the_only_candidate_takes_the_village_back_and_does_not_offer_it_again(knowledge: Knowledge) -> None:
    report = asking("desa", LAMBUR, korban=0)
    step, _ = take(
        knowledge, "bukan pak", replace(report, fields={**report.fields, "desa": LAMBUR}, outcome="konfirmasi")
    )
    assert step.changed == {"desa": None}
    assert step.ask == "desa"
    assert step.after is not None
    assert [(d.why, d.candidates) for d in step.after.doubts if d.field == "desa"] == [(DENIED, ())]


def test_yes_to_an_echo_settles_its_doubt(knowledge: Knowledge) -> None:
    report = asking("desa", LAMBUR, korban=0)
    step, _ = take(knowledge, "ya", replace(report, fields={**report.fields, "desa": LAMBUR}, outcome="konfirmasi"))
    assert (step.act, step.changed) == (Act.ANSWER, {})
    assert step.after is not None
    assert (step.after.outcome, step.after.doubts) == (Outcome.TERIMA, ())


def test_an_answer_to_something_else_leaves_the_question_open_and_unasked(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "lambur 2", asking("jenis", desa=None))
    assert step.changed == {"desa": LAMBUR_II}
    assert step.ask == ""


def test_an_outside_place_is_for_a_person(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "kuala tungkal", asking("desa"))
    assert step.after is not None
    assert step.after.fields["desa"] is None
    assert any("luar kabupaten" in doubt.why for doubt in step.after.doubts)


# questions in time


def test_the_newest_question_is_meant(knowledge: Knowledge) -> None:
    old = replace(asking("korban"), ticket=OTHER, asked_at=NOW - HOUR)
    step, _ = take(knowledge, "lambur ii", old, asking("desa"))
    assert step.ticket == MINE
    assert open_question([asking("desa"), old], NOW, LIMITS) == asking("desa")


@pytest.mark.parametrize(
    ("asked_at", "sent_at", "waits"),
    [
        (NOW - 23 * HOUR, None, True),
        (NOW - 25 * HOUR, None, False),
        (NOW - 25 * HOUR, NOW - 5 * HOUR, True),  # the answer itself was a day under way
        (NOW + 2 * HOUR, None, True),  # the clock was set back a little
        (NOW + 9000 * HOUR, NOW, False),  # by a year: no question of another life
    ],
)
def test_a_question_expires(asked_at: int, sent_at: int | None, waits: bool) -> None:
    one = replace(asking("desa"), asked_at=asked_at, at=asked_at - MINUTE)
    assert (open_question([one], NOW, LIMITS, sent_at) is not None) is waits


def test_an_answer_sent_before_a_newer_report_belongs_to_the_older_question(knowledge: Knowledge) -> None:
    older = replace(asking("desa"), at=NOW - HOUR, asked_at=NOW - HOUR)
    newer = replace(asking("korban"), ticket=OTHER, message_id=2)
    sent_at = newer.at - MINUTE
    assert open_question([older, newer], NOW, LIMITS, sent_at) == older
    assert open_question([newer], NOW, LIMITS, sent_at) is None


def test_a_withdrawn_report_and_one_of_somebody_else_ask_nothing() -> None:
    assert open_question([replace(asking("desa"), state="dibatalkan")], NOW, LIMITS) is None
    assert open_question([replace(asking("desa"), own=False)], NOW, LIMITS) is None


def test_an_answer_nobody_waits_for_goes_to_a_person(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "lambur ii", replace(asking("desa"), asked_at=NOW - 25 * HOUR))
    assert (step.act, step.person) == (Act.NEW, True)
    assert take(knowledge, "ya", earlier())[0].person is False


# who may do what

COMMANDS = {
    Act.CORRECT: "RALAT {} massa 40",
    Act.ADD: "SUSUL {} korban 3",
    Act.WITHDRAW: "BATAL {}",
    Act.STATUS: "CEK {}",
    Act.VERIFY: "VERIF {} YA",
    Act.FOLLOW_UP: "TL {} dimediasi",
    Act.TAKE: "TERIMA {}",
}
DONE, UNKNOWN, OFFICERS = Refusal.NONE, Refusal.UNKNOWN, Refusal.OFFICERS
MAY = {  # act: reporter on own, reporter on another's, officer on own, officer on another's, nobody's ticket (reporter, officer)
    Act.CORRECT: (DONE, UNKNOWN, DONE, DONE, UNKNOWN, UNKNOWN),
    Act.ADD: (DONE, UNKNOWN, DONE, DONE, UNKNOWN, UNKNOWN),
    Act.WITHDRAW: (DONE, UNKNOWN, DONE, UNKNOWN, UNKNOWN, UNKNOWN),
    Act.STATUS: (DONE, UNKNOWN, DONE, DONE, UNKNOWN, UNKNOWN),
    Act.VERIFY: (OFFICERS, OFFICERS, DONE, DONE, OFFICERS, UNKNOWN),
    Act.FOLLOW_UP: (OFFICERS, OFFICERS, DONE, DONE, OFFICERS, UNKNOWN),
    Act.TAKE: (OFFICERS, OFFICERS, DONE, DONE, OFFICERS, UNKNOWN),
}


@pytest.mark.parametrize("act", list(MAY))
def test_who_may_do_what(knowledge: Knowledge, act: Act) -> None:
    text = COMMANDS[act].format(MINE)
    own, another = [earlier()], [earlier(own=False)]
    cases = [(REPORTER, own), (REPORTER, another), (OFFICER, own), (OFFICER, another), (REPORTER, []), (OFFICER, [])]
    steps = [take(knowledge, text, *reports, sender=sender)[0] for sender, reports in cases]
    assert {step.act for step in steps} == {act}
    assert tuple(step.refusal for step in steps) == MAY[act]


def test_a_strangers_right_ticket_and_a_made_up_one_look_alike(knowledge: Knowledge) -> None:
    right, _ = take(knowledge, f"CEK {MINE}", earlier(own=False))
    wrong, _ = take(knowledge, f"CEK {MINE}")
    assert right == wrong


def test_officers_word_is_marked_as_theirs(knowledge: Knowledge) -> None:
    assert take(knowledge, f"RALAT {MINE} massa 40", earlier(own=False), sender=OFFICER)[0].by == "petugas"
    assert take(knowledge, f"RALAT {MINE} massa 40", earlier())[0].by == "pelapor"


def test_a_role_nobody_confirmed_gives_no_rights(knowledge: Knowledge) -> None:
    warga = Sender("+6281373000102", role="warga")
    assert take(knowledge, f"VERIF {MINE} YA", earlier(own=False), sender=warga)[0].refusal is Refusal.OFFICERS


@pytest.mark.parametrize("text", ["VERIF YA", "TL dimediasi SELESAI"])
def test_officers_commands_need_a_ticket(knowledge: Knowledge, text: str) -> None:
    assert take(knowledge, text, earlier(), sender=OFFICER)[0].refusal is Refusal.NO_TICKET


def test_a_bare_terima_of_a_villager_is_politeness(knowledge: Knowledge) -> None:
    assert take(knowledge, "terima", earlier())[0].act is Act.NEW


# commands without or with a wrong ticket


@pytest.mark.parametrize(
    ("text", "act"), [("RALAT massa 40", Act.CORRECT), ("BATAL", Act.WITHDRAW), ("CEK", Act.STATUS)]
)
def test_without_a_ticket_the_last_report_is_meant_and_the_trace_says_which(
    knowledge: Knowledge, text: str, act: Act
) -> None:
    old = earlier(ticket=OTHER, at=NOW - HOUR, noted_at=NOW - HOUR)
    step, _ = take(knowledge, text, old, earlier())
    assert (step.act, step.ticket) == (act, MINE)
    assert any(MINE in line for line in step.trace)


def test_without_a_ticket_an_old_report_is_not_meant(knowledge: Knowledge) -> None:
    old = earlier(at=NOW - 25 * HOUR, noted_at=NOW - 25 * HOUR)
    step, _ = take(knowledge, "RALAT massa 40", old)
    assert (step.refusal, step.person) == (Refusal.NO_TICKET, True)
    told_lately = earlier(at=NOW - 60 * HOUR, noted_at=NOW - HOUR)  # it was two days under way
    assert take(knowledge, "RALAT massa 40", told_lately)[0].ticket == MINE


def test_one_mistyped_sign_is_repaired_to_the_senders_own_report_with_a_doubt(knowledge: Knowledge) -> None:
    mine = earlier(ticket="5A3G")
    step, _ = take(knowledge, "RALAT SA3G massa 40", mine)
    assert (step.ticket, step.refusal, step.changed) == ("5A3G", Refusal.NONE, {"massa": 40})
    assert any("SA3G" in line and "5A3G" in line for line in step.trace)
    for other in (replace(mine, own=False), earlier()):
        assert take(knowledge, "RALAT SA3G massa 40", other)[0].refusal is Refusal.UNKNOWN


# corrections

CORRECTIONS: list[tuple[str, dict[str, Any]]] = [
    ("RALAT massa 40 bukan 14", {"massa": 40}),
    ("KOREKSI korban 2", {"korban": 2}),
    ("ralat jenisnya RUSAK", {"jenis": "RUSAK"}),
    ("RALAT bukan lambur 2 tapi lambur", {"desa": LAMBUR}),
    ("RALAT luka 2", {"luka": 2, "korban": 2}),
    (f"RALAT {MINE} lambur 1 massa 20", {"desa": LAMBUR_I, "massa": 20}),
]


@pytest.mark.parametrize(("text", "changed"), CORRECTIONS)
def test_a_correction_changes_what_it_names(knowledge: Knowledge, text: str, changed: dict[str, Any]) -> None:
    step, _ = take(knowledge, text, earlier())
    assert (step.act, step.refusal, step.changed) == (Act.CORRECT, Refusal.NONE, changed)


def test_a_village_taken_back_without_another_is_asked_for(knowledge: Knowledge) -> None:
    for text in ("RALAT bukan lambur 2", "RALAT rantau rasau"):
        step, _ = take(knowledge, text, earlier())
        assert (step.changed, step.ask) == ({"desa": None}, "desa")


@pytest.mark.parametrize(
    ("text", "person"), [("RALAT", False), (f"RALAT {MINE}", False), ("RALAT salah semua pak mohon dilihat", True)]
)
def test_a_correction_of_nothing_changes_nothing(knowledge: Knowledge, text: str, person: bool) -> None:
    step, _ = take(knowledge, text, earlier())
    assert (step.act, step.refusal, step.changed, step.person) == (Act.CORRECT, Refusal.NOTHING, {}, person)
    assert step.ticket == MINE


def test_a_correction_may_lower_the_level_an_addition_may_not(knowledge: Knowledge) -> None:
    grave = earlier(level=4, fields={**earlier().fields, "massa": 140})
    corrected, _ = take(knowledge, "RALAT massa 14", grave)
    added, _ = take(knowledge, "SUSUL massa 14", grave)
    assert corrected.after is not None and corrected.after.level == 2  # noqa: PT018
    assert added.after is not None and added.after.level == 4  # noqa: PT018


# additions


def test_an_addition_with_figures_updates_them_and_the_level(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, f"SUSUL {MINE} korban 3 md 1 luka 2", earlier())
    assert step.changed == {"korban": 3, "md": 1, "luka": 2}
    assert step.after is not None
    assert step.after.level == 4
    assert step.urgent


def test_an_addition_without_figures_adds_text(knowledge: Knowledge) -> None:
    step, _ = take(
        knowledge, f"SUSUL {MINE} polisi sudah datang", earlier(fields={**earlier().fields, "ket": "adu mulut"})
    )
    assert step.changed == {"ket": "adu mulut / polisi sudah datang"}


def test_an_addition_moves_no_event_and_hides_no_victims(knowledge: Knowledge) -> None:
    known = earlier(fields={**earlier().fields, "korban": 3})
    step, _ = take(knowledge, f"SUSUL {MINE} warga lambur 1 juga ikut, luka 2", known)
    assert "desa" not in step.changed
    assert "korban" not in step.changed
    assert step.changed["luka"] == 2
    assert step.after is not None
    assert any(doubt.field == "desa" for doubt in step.after.doubts)
    step, _ = take(knowledge, f"SUSUL {MINE} massa 5", known)
    assert step.after is not None
    assert [doubt.field for doubt in step.after.doubts] == ["massa"]


def test_danger_in_an_addition_is_urgent_even_where_it_is_refused(knowledge: Knowledge) -> None:
    for reports in ([earlier()], [earlier(own=False)], []):
        step, _ = take(knowledge, f"SUSUL {MINE} rumah warga dibakar, 2 orang luka", *reports)
        assert step.urgent
        assert step.person


def test_an_addition_of_nothing_is_refused(knowledge: Knowledge) -> None:
    assert take(knowledge, f"SUSUL {MINE}", earlier())[0].refusal is Refusal.NOTHING


# withdrawal


@pytest.mark.parametrize(
    ("change", "grave", "read"),
    [
        ({"level": 0}, False, False),
        ({"level": 2}, False, True),  # somebody may have been made to, and our answer promises it
        ({"level": 4}, True, True),
        ({"intent": "darurat"}, True, True),
    ],
)
def test_a_withdrawn_event_keeps_its_level_and_is_read_by_a_person_a_grave_one_at_once(
    knowledge: Knowledge, change: dict[str, Any], grave: bool, read: bool
) -> None:
    report = earlier(**change)
    step, _ = take(knowledge, "BATAL", report)
    assert (step.state, step.changed) == ("dibatalkan", {})
    assert step.after is not None
    assert step.after.level == report.level
    assert (step.urgent, step.person, step.after.outcome is Outcome.TRIASE) == (grave, read, read)


@pytest.mark.parametrize("state", ["dibatalkan", "selesai"])
def test_what_is_over_is_not_withdrawn_again_and_news_about_it_is_read_by_a_person(
    knowledge: Knowledge, state: str
) -> None:
    assert take(knowledge, f"BATAL {MINE}", earlier(state=state))[0].refusal is Refusal.NOTHING
    step, _ = take(knowledge, f"SUSUL {MINE} korban 3", earlier(state=state))
    assert (step.state, step.person, step.changed) == (state, True, {"korban": 3})


# officers


@pytest.mark.parametrize(
    ("text", "before", "state", "word"),
    [
        (f"VERIF {MINE} YA", "baru", "verifikasi", {"hasil": "YA"}),
        (f"VERIF {MINE} TIDAK", "ditangani", "ditangani", {"hasil": "TIDAK"}),
        (f"TL {MINE} sudah dimediasi SELESAI", "verifikasi", "selesai", {"status": "SELESAI"}),
        (f"TL {MINE} patroli ke lokasi", "baru", "ditangani", {}),
        (f"TERIMA {MINE}", "baru", "ditangani", {}),
        (f"TERIMA {MINE}", "selesai", "selesai", {}),
    ],
)
def test_officers_move_the_state_and_leave_the_fields(
    knowledge: Knowledge, text: str, before: str, state: str, word: dict[str, str]
) -> None:
    report = earlier(own=False, state=before)
    step, _ = take(knowledge, text, report, sender=OFFICER)
    assert step.state == state
    assert word.items() <= step.changed.items()
    assert step.after is not None
    assert (step.after.fields, step.after.level) == (report.fields, report.level)


def test_a_verification_without_a_result_does_nothing(knowledge: Knowledge) -> None:
    assert take(knowledge, f"VERIF {MINE}", earlier(own=False), sender=OFFICER)[0].refusal is Refusal.NOTHING


# the same report again


def test_the_same_report_with_other_figures_replaces(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "LAPOR GESEK LAMBUR II 40 0", earlier())
    assert (step.act, step.ticket, step.changed) == (Act.REPLACE, MINE, {"massa": 40})


def test_a_village_known_only_now_replaces_too(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "LAPOR GESEK LAMBUR II 14 0", asking("desa", korban=0))
    assert (step.act, step.changed, step.ask) == (Act.REPLACE, {"desa": LAMBUR_II}, "")


@pytest.mark.parametrize(
    "text",
    [
        "LAPOR GESEK LAMBUR II 14 0",  # the same words: a repetition
        "LAPOR RUSAK LAMBUR II 14 0",  # another type
        "LAPOR GESEK LAMBUR I 14 0",  # another village
        "NIHIL LAMBUR II",
        "DARURAT gesek di lambur 2 massa 40",
    ],
)
def test_other_reports_are_reports_of_their_own(knowledge: Knowledge, text: str) -> None:
    assert take(knowledge, text, earlier())[0].act is Act.NEW


def test_only_within_minutes_and_only_what_still_stands_is_replaced(knowledge: Knowledge) -> None:
    for report in (
        earlier(at=NOW - 16 * MINUTE),
        earlier(state="dibatalkan"),
        earlier(own=False),
        earlier(intent="bebas"),
    ):
        assert take(knowledge, "LAPOR GESEK LAMBUR II 40 0", report)[0].act is Act.NEW
    never = replace(LIMITS, replace_minutes=0)
    assert take(knowledge, "LAPOR GESEK LAMBUR II 40 0", earlier(at=NOW), limits=never)[0].act is Act.NEW


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("LAPOR BENTROK LAMBUR II 200 3", "LAPOR BENTROK LAMBUR II 15 1"),
        ("LAPOR BENTROK LAMBUR II 20 0 di pasar", "LAPOR BENTROK LAMBUR II 30 0 dekat masjid"),
        ("LAPOR BENTROK LAMBUR II 20 0", "LAPOR BENTROK LAGI DI LAMBUR II 30 0"),
        ("LAPOR GESEK LAMBUR II 10 0 dusun 1", "LAPOR GESEK LAMBUR II 12 0 dusun 2"),
        ("LAPOR RUSAK LAMBUR II 10 0 rumah RT 3", "LAPOR RUSAK LAMBUR II 10 0 rumah RT 5"),
    ],
)
def test_two_events_of_one_kind_in_one_village_are_two_reports(knowledge: Knowledge, first: str, second: str) -> None:
    told = understand(first, REPORTER, knowledge)
    step, _ = take(knowledge, second, earlier(fields=told.fields, level=told.level, text=first))
    assert step.act is Act.NEW
    assert any(MINE in line for line in step.trace)


def test_the_same_event_told_better_is_one_report(knowledge: Knowledge) -> None:
    first = "LAPOR GESEK LAMBUR II 14 0 adu mulut di lapangan"
    told = understand(first, REPORTER, knowledge)
    for second in ("LAPOR GESEK LAMBUR II 40 2 adu mulut di lapangan bola", "LAPOR GESEK LAMBUR II 14 3"):
        step, _ = take(knowledge, second, earlier(fields=told.fields, text=first))
        assert step.act is Act.REPLACE


def test_older_figures_that_come_late_replace_nothing_and_are_read_by_a_person(knowledge: Knowledge) -> None:
    found = understand("LAPOR GESEK LAMBUR II 40 0", REPORTER, knowledge)
    one = earlier(at=NOW + MINUTE)
    step = next_step(found, "LAPOR GESEK LAMBUR II 40 0", REPORTER, [one], knowledge, NOW, LIMITS, NOW)
    assert (step.act, step.refusal, step.person, step.amends) == (Act.REPLACE, Refusal.NOTHING, True, False)


def test_no_level_falls_without_a_person(knowledge: Knowledge) -> None:
    grave = earlier(fields={**earlier().fields, "jenis": "BENTROK", "massa": 140}, level=4)
    step, _ = take(knowledge, "RALAT massa 14", grave)
    assert step.after is not None
    assert (step.after.level < 4, step.person, step.after.outcome) == (True, True, Outcome.TRIASE)
    assert take(knowledge, "RALAT massa 200", grave)[0].person is False


@pytest.mark.parametrize("desa", [None, LAMBUR])
def test_a_village_that_is_denied_is_never_put_in(knowledge: Knowledge, desa: str | None) -> None:
    one = earlier(fields={**earlier().fields, "desa": desa})
    step, _ = take(knowledge, "RALAT bukan kampung laut", one)
    assert (step.changed, step.refusal, step.person) == ({}, Refusal.NOTHING, True)


def test_an_answer_to_something_else_takes_nothing_back(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "cekcok", asking("desa", LAMBUR, jenis="NETRAL"))
    assert (step.amends, step.ask, step.person) == (False, "desa", True)


def test_a_correction_that_says_what_was_asked_is_followed_by_the_next_question(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "RALAT jenis RUSAK", asking("jenis", desa=None))
    assert step.after is not None
    assert (step.ask, step.after.outcome) == ("desa", Outcome.LENGKAPI)


def test_a_command_without_a_number_means_no_report_that_was_sent_after_it(knowledge: Knowledge) -> None:
    older, newer = earlier(at=NOW - HOUR), earlier(ticket=OTHER, at=NOW + MINUTE, message_id=2)
    found = understand("BATAL", REPORTER, knowledge)
    assert next_step(found, "BATAL", REPORTER, [older, newer], knowledge, NOW, LIMITS, NOW).ticket == MINE


def test_the_words_of_an_officer_about_a_report_that_names_his_office_are_read_by_another(knowledge: Knowledge) -> None:
    one = earlier(own=False, text="LAPOR NETRAL LAMBUR II kapolsek ikut kampanye")
    for text in (f"VERIF {MINE} TIDAK", f"TL {MINE} SELESAI", f"RALAT {MINE} massa 99"):
        assert take(knowledge, text, one, sender=OFFICER)[0].person
        assert not take(knowledge, text, earlier(own=False), sender=OFFICER)[0].person
        assert not take(knowledge, text, one, sender=replace(OFFICER, role="babinsa"))[0].person


# hidden


@pytest.mark.parametrize(
    "text", ["rahasia ya pak", "tolong jangan sebut nama saya pak", "SUSUL rahasia", "RALAT rahasia"]
)
def test_who_asks_later_to_be_hidden_is_hidden(knowledge: Knowledge, text: str) -> None:
    step, _ = take(knowledge, text, earlier())
    assert (step.ticket, step.amends, step.changed) == (MINE, True, {})
    assert step.after is not None
    assert (step.after.secret, step.after.fields, step.after.level) == (True, earlier().fields, earlier().level)


def test_hidden_with_the_village_we_had_asked_for(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "rahasia ya pak, lambur ii", asking("desa"))
    assert (step.act, step.changed) == (Act.ANSWER, {"desa": LAMBUR_II})
    assert step.after is not None
    assert step.after.secret


def test_nobody_hides_the_report_of_another(knowledge: Knowledge) -> None:
    assert not take(knowledge, "rahasia ya pak", earlier(own=False))[0].amends


def test_the_same_report_in_other_words_changes_nothing(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "lapor gesek 0112 14 0", earlier())
    assert (step.act, step.refusal) == (Act.REPLACE, Refusal.NOTHING)


def test_the_trace_of_another_report_names_the_earlier_one(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "LAPOR RUSAK LAMBUR II 14 0", earlier())
    assert any(MINE in line for line in step.trace)


# the rest of a message

RESTS = [
    "lanjutannya pak, warga sudah bubar",
    "(2/2) korban 3 orang di pasar",
    "2/3. massa mulai datang",
    "sambungan: massa bubar",
    "dan massa mulai bubar",
    "...di dermaga dekat gudang",
    "mf pak lanjutan td warga sudah pulang",
]


@pytest.mark.parametrize("text", RESTS)
def test_the_rest_of_a_message_is_offered_to_a_person(knowledge: Knowledge, text: str) -> None:
    assert continues(text)
    step, _ = take(knowledge, text, earlier())
    assert (step.act, step.ticket, step.person) == (Act.CONTINUE, MINE, True)
    assert step.changed == {"ket": text}


@pytest.mark.parametrize(
    "text",
    ["14 orang", "Dandang hilang", "1/2 kilo gula", "2/11 ada pertemuan", "lambur 2", "danau meluap", "4/2 warga"],
)
def test_other_beginnings_are_no_rest(text: str) -> None:
    assert not continues(text)


def test_no_rest_after_an_hour_or_without_a_message(knowledge: Knowledge) -> None:
    for reports in ([earlier(at=NOW - 61 * MINUTE)], [earlier(own=False)], []):
        assert take(knowledge, "dan massa mulai bubar", *reports)[0].act is Act.NEW
    assert take(knowledge, "dan massa bubar", earlier(), limits=replace(LIMITS, continue_minutes=0))[0].act is Act.NEW


def test_news_of_another_place_is_no_rest(knowledge: Knowledge) -> None:
    text = "terus di kampung laut ada bentrok juga 40 orang 2 luka"
    assert continues(text)
    assert take(knowledge, text, earlier())[0].act is Act.NEW
    assert take(knowledge, text.replace("kampung laut", "lambur 2"), earlier())[0].act is Act.CONTINUE


def test_a_story_that_reads_like_junk_is_kept_where_we_asked_what_happened(knowledge: Knowledge) -> None:
    text = "calon bagi amplop 50rb tiap rumah, transfer pulsa gratis"
    step, found = take(knowledge, text, asking("jenis"))
    assert found.intent == "spam"
    assert (step.act, step.person, step.changed) == (Act.CONTINUE, True, {"ket": text})
    assert take(knowledge, text, asking("desa"))[0].act is Act.NEW


def test_a_story_with_its_type_answers_what_happened(knowledge: Knowledge) -> None:
    text = "bagi2 sembako dan uang 100rb dari paslon 2, hadiah undian motor"
    assert take(knowledge, text, asking("jenis"))[0].changed["jenis"] == "UANG"


def test_danger_in_the_rest_is_never_lost(knowledge: Knowledge) -> None:
    step, _ = take(knowledge, "...di dermaga dan pompong dibakar, 2 luka", earlier())
    assert step.urgent
    assert step.after is not None
    assert step.after.level > earlier().level
    assert step.after.outcome is Outcome.TRIASE
    assert take(knowledge, "lanjutan: DARURAT rumah dibakar di lambur 2", earlier())[0].act is Act.NEW


def test_a_question_of_an_unknown_field_takes_no_answer(knowledge: Knowledge) -> None:
    found = understand("lambur 2", REPORTER, knowledge, None, Question("warna", "event"))
    assert found == understand("lambur 2", REPORTER, knowledge)


# a form of the district's own


@pytest.fixture(scope="module")
def flooded() -> Knowledge:
    return compile_knowledge(load_knowledge(forms=[Path(__file__).parent / "forms" / "flood.toml"]))


def flood(asked: str = "tinggi_air", **fields: Any) -> Earlier:
    known = {"desa": LAMBUR_II, "tinggi_air": None, **fields}
    return earlier(
        intent="banjir", form="flood", fields=known, missing=("tinggi_air",), outcome="lengkapi", asked=asked,
        asked_at=NOW - MINUTE, text="BANJIR LAMBUR II", level=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "text", "changed"),
    [
        ("tinggi_air", "80", {"tinggi_air": 80}),
        ("tinggi_air", "1 meter pak", {"tinggi_air": 100}),
        ("tinggi_air", "setinggi 80, listrik padam", {"tinggi_air": 80, "listrik_padam": True}),
        ("mengungsi", "14 orang", {"mengungsi": 14}),
        ("mengungsi", "tidak ada", {"mengungsi": 0}),
        ("arus", "makin turun pak", {"arus": "TURUN"}),
        ("listrik_padam", "ya", {"listrik_padam": True}),
        ("listrik_padam", "tidak", {"listrik_padam": False}),
    ],
)
def test_fields_of_an_own_form_are_answered(flooded: Knowledge, asked: str, text: str, changed: dict[str, Any]) -> None:
    step, _ = take(flooded, text, flood(asked))
    assert (step.act, step.changed) == (Act.ANSWER, changed)


def test_an_own_form_is_corrected_added_to_and_replaced(flooded: Knowledge) -> None:
    known = flood("", tinggi_air=80)
    assert take(flooded, "RALAT tinggi air 90", known)[0].changed == {"tinggi_air": 90}
    assert take(flooded, f"SUSUL {MINE} 14 mengungsi", known)[0].changed["mengungsi"] == 14
    step, _ = take(flooded, "BANJIR LAMBUR II 150 cm", known)
    assert (step.act, step.changed) == (Act.REPLACE, {"tinggi_air": 150})
    assert step.after is not None
    assert step.after.level > 1
    assert take(flooded, "BANJIR LAMBUR I 150 cm", known)[0].act is Act.NEW


def test_an_own_form_takes_no_fields_of_others(flooded: Knowledge) -> None:
    assert take(flooded, f"SUSUL {MINE} massa 14", flood(""))[0].changed.keys() <= {"ket"}
