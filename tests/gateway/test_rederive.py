"""Reports derived again with newer forms, words or registrations: what people said about them stays, nobody gets an SMS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from config.forms import Form
from config.knowledge import load_knowledge
from config.settings import Settings
from gateway import rederive
from gateway.rederive import Difference, Kind, Rederiver, Skip, Tally
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.store.database import Store
from gateway.store.models import Amendment, Message, MessageState, Outgoing, Report, ReporterStatus
from modem.emulator.scenario import DIALOGUE, SHIPPED, load_scenario
from sync.entries import ReportBody
from tests.gateway.test_dialogue import MINUTE, NEIGHBOUR, OFFICER, Talk
from tests.sms import SENT_AT, pdus

FLOOD = Path(__file__).parents[1] / "reports" / "forms" / "flood.toml"
EVER = 0


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return compile_knowledge(load_knowledge())


@pytest.fixture(scope="module")
def with_floods() -> Knowledge:
    return compile_knowledge(load_knowledge(forms=[FLOOD]))


@pytest.fixture
def talk(store: Store, knowledge: Knowledge) -> Talk:
    return Talk(store, knowledge)


def changed(change: Callable[[Form], Form]) -> Knowledge:
    """Today's knowledge, with the form of events changed."""
    files = load_knowledge()
    forms = tuple(change(form) if form.jenis else form for form in files.forms)
    return compile_knowledge(msgspec.structs.replace(files, forms=forms))


def with_level(code: str, level: int) -> Knowledge:
    """The forms with another base level for a type of event, one version later."""

    def change(form: Form) -> Form:
        kinds = tuple(msgspec.structs.replace(one, level=level) if one.code == code else one for one in form.jenis)
        return msgspec.structs.replace(form, jenis=kinds, version=form.version + 1)

    return changed(change)


def with_word(code: str, word: str) -> Knowledge:
    """The forms with one more word for a type of event, one version later."""

    def change(form: Form) -> Form:
        kinds = tuple(
            msgspec.structs.replace(one, words=(*one.words, word)) if one.code == code else one for one in form.jenis
        )
        return msgspec.structs.replace(form, jenis=kinds, version=form.version + 1)

    return changed(change)


class Again:
    """Runs over everything the desk has."""

    def __init__(self, talk: Talk, knowledge: Knowledge) -> None:
        self.talk = talk
        self.tally = Tally()
        self._rederiver = Rederiver(talk.store, knowledge, Settings(), lambda: talk.now)

    def run(self, *, apply: bool = False, since: int = EVER, until: int | None = None) -> list[Difference]:
        self.tally = Tally()
        return list(self._rederiver.run(since, until, apply=apply, tally=self.tally))


def everything(talk: Talk) -> list[Any]:
    """All rows that a run could touch, as plain data."""
    return [
        {column.name: getattr(row, column.name) for column in row.__table__.columns}
        for table in (Message, Report, Amendment, Outgoing)
        for row in talk.rows(table)
    ] + talk.bodies()


def test_with_the_same_forms_nothing_is_otherwise(talk: Talk, knowledge: Knowledge) -> None:
    talk.register(OFFICER, "kapolsek")
    talk.say("LAPOR GESEK 14 0 adu mulut")
    talk.say("lambur ii")
    talk.say("RALAT {} massa 40")
    talk.say("SUSUL {} korban 2 luka")
    talk.say("VERIF {} YA", sender=OFFICER)
    talk.say("LAPOR BENTROK KAMPUNG LAUT 40 2 tadi malam", sender=NEIGHBOUR)
    talk.say("NIHIL RANTAU RASAU I", sender=NEIGHBOUR)
    talk.say("DARURAT rumah dibakar di simpang tuan", sender=NEIGHBOUR)
    before = everything(talk)
    again = Again(talk, knowledge)
    assert again.run(apply=True) == []
    assert everything(talk) == before


def test_a_busy_minute_and_a_conversation_come_out_as_they_were(talk: Talk, knowledge: Knowledge) -> None:
    for file in (SHIPPED, DIALOGUE):
        for message in load_scenario(file).messages:
            talk.say(message.text, sender=message.sender, after=7)
    assert len(talk.rows(Report)) > 10
    assert Again(talk, knowledge).run() == []


def test_the_same_report_in_other_words_becomes_no_second_one(talk: Talk, knowledge: Knowledge) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("lapor gesek 0112 14 0")
    again = Again(talk, knowledge)
    assert again.run(apply=True) == []
    assert (len(talk.rows(Report)), again.tally.skipped) == (1, {Skip.AMENDED: 1})


def test_what_an_answer_settled_and_what_neighbours_did_since_stays(talk: Talk, knowledge: Knowledge) -> None:
    talk.say("LAPOR GESEK KAMPUNG LAUD 14 0")
    talk.say("ya")
    talk.say("LAPOR UANG LAMBUR II", sender=NEIGHBOUR)
    talk.say("LAPOR UANG LAMBUR I", sender=OFFICER)
    assert talk.rows(Report)[2].level == 2
    talk.say(f"BATAL {talk.rows(Report)[1].ticket}", sender=NEIGHBOUR)
    assert Again(talk, knowledge).run() == []


def test_a_message_that_was_for_a_person_stays_so(talk: Talk) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    with talk.store.write() as session:
        session.get_one(Message, 1).outcome = "triase"
    assert talk.report.outcome != "triase"
    Again(talk, with_word("GESEK", "gontok")).run(apply=True)
    assert (talk.last.outcome, talk.report.outcome == "triase") == ("triase", False)


def test_a_look_shows_the_difference_and_writes_nothing(talk: Talk) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    before = everything(talk)
    again = Again(talk, with_word("GESEK", "gontok"))
    (found,) = again.run()
    assert (found.kind, found.ticket, found.message_id) == (Kind.CHANGED, talk.report.ticket, talk.last.id)
    assert found.changes["jenis"] == (None, "GESEK")
    assert "massa" not in found.changes
    assert again.tally.summary["jenis"] == 1
    assert everything(talk) == before


def test_applied_the_report_follows_and_the_central_is_told(talk: Talk) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    version, sms = talk.report.version, len(talk.rows(Outgoing))
    again = Again(talk, with_word("GESEK", "gontok"))
    (found,) = again.run(apply=True)
    report = talk.report
    assert (report.fields["jenis"], report.derived["jenis"]) == ("GESEK", "GESEK")
    assert (report.version, report.missing) == (version + 1, [])
    (row,) = talk.rows(Amendment)
    assert (row.action, row.by, row.message_id) == ("turunan", "program", None)
    assert (row.before["jenis"], row.after["jenis"]) == (None, "GESEK")
    (told,) = talk.amends()
    assert (told.ticket, told.action, told.message) == (report.ticket, "turunan", 0)
    assert told.fields["jenis"] == "GESEK"
    assert "massa" not in told.fields
    assert len(talk.rows(Outgoing)) == sms
    assert "dibaca ulang" in talk.last.trace[-1]
    assert f"versi {version + 1}" in talk.last.trace[-1]
    assert found.ticket == report.ticket


def test_a_second_run_finds_nothing_and_doubles_nothing(talk: Talk) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    again = Again(talk, with_word("GESEK", "gontok"))
    assert again.run(apply=True)
    before = everything(talk)
    assert again.run(apply=True) == []
    assert everything(talk) == before


def test_what_a_person_said_wins_over_the_form(talk: Talk) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    talk.say("RALAT {} jenis BENTROK massa 40")
    assert talk.report.fields["jenis"] == "BENTROK"
    level = talk.report.level
    Again(talk, with_word("GESEK", "gontok")).run(apply=True)
    report = talk.report
    assert report.derived["jenis"] == "GESEK"
    assert (report.fields["jenis"], report.fields["massa"], report.level) == ("BENTROK", 40, level)


def test_a_field_that_is_no_longer_read_is_told_as_unknown(store: Store, knowledge: Knowledge) -> None:
    talk = Talk(store, with_word("GESEK", "gontok"))
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    assert talk.report.fields["jenis"] == "GESEK"
    Again(talk, knowledge).run(apply=True)
    assert talk.report.fields["jenis"] is None
    assert talk.amends()[-1].fields["jenis"] is None
    assert talk.report.outcome == "triase"  # nobody was asked for it


def test_a_level_follows_the_form_up_and_down(talk: Talk) -> None:
    talk.say("LAPOR LAHAN LAMBUR II 5 0 batas kebun")
    level = talk.report.level
    Again(talk, with_level("LAHAN", level + 1)).run(apply=True)
    assert talk.report.level == level + 1
    assert talk.amends()[-1].level == level + 1
    Again(talk, with_level("LAHAN", level - 1)).run(apply=True)
    assert talk.report.level == level - 1


def test_a_level_that_somebody_raised_does_not_fall_by_itself(talk: Talk) -> None:
    talk.say("LAPOR LAHAN LAMBUR II 5 0 batas kebun")
    before = talk.report.level
    talk.say("SUSUL {} korban 1 luka")
    raised = talk.report.level
    assert raised > before
    with talk.store.write() as session:  # the addition is taken out of the fields, not out of the level
        row = session.query(Amendment).one()
        row.after = {}
    Again(talk, with_level("LAHAN", 1)).run(apply=True)
    assert talk.report.level == raised


def test_neighbours_that_reported_since_do_not_raise_an_older_report(talk: Talk, knowledge: Knowledge) -> None:
    talk.say("LAPOR LAHAN LAMBUR II 5 0 batas kebun")
    level = talk.report.level
    talk.say("LAPOR LAHAN LAMBUR I 5 0 batas kebun", sender=NEIGHBOUR)
    assert talk.rows(Report)[1].level > level
    assert Again(talk, knowledge).run(apply=True) == []


def test_a_message_that_becomes_a_report_gets_a_ticket_and_no_answer(talk: Talk, with_floods: Knowledge) -> None:
    talk.say("bnjr 80 cm", sender=NEIGHBOUR)
    sms = len(talk.rows(Outgoing))
    assert talk.rows(Report) == []
    again = Again(talk, with_floods)
    (seen,) = again.run()
    assert (seen.kind, seen.ticket, seen.changes["tinggi_air"]) == (Kind.NEW, "", (None, 80))
    assert talk.rows(Report) == []
    (found,) = again.run(apply=True)
    report = talk.report
    assert (found.ticket, report.form, report.fields["tinggi_air"]) == (report.ticket, "flood", 80)
    assert len(talk.rows(Outgoing)) == sms
    told = [body for body in talk.bodies() if isinstance(body, ReportBody)]
    assert [(body.ticket, body.fields, body.message) for body in told] == [(report.ticket, {"tinggi_air": 80}, 2)]
    assert talk.last.trace[-1].endswith("kini menjadi laporan; tidak ada SMS dikirim")
    assert talk.last.intent == "banjir"
    assert again.tally.summary == {"new": 1}
    assert again.run(apply=True) == []


def test_what_is_missing_in_such_a_report_goes_to_a_person(talk: Talk, with_floods: Knowledge) -> None:
    talk.say("bnjr 80 cm", sender=NEIGHBOUR)
    Again(talk, with_floods).run(apply=True)
    assert (talk.report.missing, talk.report.outcome, talk.report.asked) == (["desa"], "triase", "")
    talk.say("lambur ii", sender=NEIGHBOUR)
    assert talk.report.fields["desa"] is None  # nothing was asked, so nothing is an answer


def test_a_report_whose_message_reads_like_none_is_shown_and_left(
    store: Store, knowledge: Knowledge, with_floods: Knowledge
) -> None:
    talk = Talk(store, with_floods)
    talk.say("bnjr 80 cm")
    before = everything(talk)
    again = Again(talk, knowledge)
    (found,) = again.run(apply=True)
    assert (found.kind, found.ticket) == (Kind.LEFT, talk.report.ticket)
    assert again.tally.summary == {"left": 1}
    assert everything(talk) == before


def test_answers_and_corrections_stay_what_they_were(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0 adu mulut")
    talk.say("lambur ii")
    talk.say("RALAT {} massa 40")
    again = Again(talk, with_word("GESEK", "gontok"))
    assert again.run(apply=True) == []
    assert again.tally.skipped == {Skip.ANSWER: 1, Skip.AMENDED: 1}
    assert len(talk.rows(Report)) == 1


def test_who_is_registered_since_decides_between_villages(talk: Talk, knowledge: Knowledge) -> None:
    talk.say("LAPOR GESEK RANTAU RASAU 14 0", sender=NEIGHBOUR)
    assert talk.report.fields["desa"] is None
    talk.register(NEIGHBOUR, "kades", ReporterStatus.DOUBTFUL, "15.07.11.2002")
    assert Again(talk, knowledge).run(apply=True) == []
    talk.register(NEIGHBOUR, "kades", ReporterStatus.REGISTERED, "15.07.11.2002")
    (found,) = Again(talk, knowledge).run(apply=True)
    assert found.changes["desa"] == (None, "15.07.11.2002")


def test_only_messages_of_the_wanted_time_are_read(talk: Talk) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0", after=MINUTE)
    talk.say("LAPOR GONTOK PEMATANG MAYAN 20 0", sender=NEIGHBOUR, after=60 * MINUTE)
    first, second = ((SENT_AT + minutes * MINUTE) * 1000 for minutes in (1, 61))
    again = Again(talk, with_word("GESEK", "gontok"))
    assert [found.message_id for found in again.run(since=first)] == [1, 2]
    assert [found.message_id for found in again.run(since=first + 1)] == [2]
    assert [found.message_id for found in again.run(since=first, until=second)] == [1]
    assert again.tally.read == 1


def test_killed_in_the_middle_it_goes_on_where_it_was(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    talk.say("LAPOR GONTOK PEMATANG MAYAN 20 0", sender=NEIGHBOUR)
    again = Again(talk, with_word("GESEK", "gontok"))
    times = iter(range(9))

    def cut(_name: str) -> None:
        if next(times) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(rederive, "reach", cut)
    with pytest.raises(KeyboardInterrupt):
        again.run(apply=True)
    assert [row.fields["jenis"] for row in talk.rows(Report)] == ["GESEK", None]
    monkeypatch.undo()
    (rest,) = again.run(apply=True)
    assert rest.message_id == 2
    assert [row.report_id for row in talk.rows(Amendment)] == [1, 2]
    assert len(talk.amends()) == 2


def test_a_message_whose_reading_failed_then_is_read_now(
    talk: Talk, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("gateway.processing.understand", fails)
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    monkeypatch.undo()
    assert talk.last.state == MessageState.SET_ASIDE
    (found,) = Again(talk, knowledge).run(apply=True)
    assert found.changes["jenis"] == (None, "GESEK")
    assert (talk.last.state, talk.last.error, talk.last.intent) == (MessageState.UNDERSTOOD, "", "lapor")


def test_one_message_that_cannot_be_read_stops_nothing(
    talk: Talk, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.say("LAPOR GONTOK LAMBUR II 14 0")
    talk.say("LAPOR GONTOK PEMATANG MAYAN 20 0", sender=NEIGHBOUR)
    real = rederive.understand

    def fails(text: str, *rest: Any) -> Any:
        if "PEMATANG" not in text:
            raise RuntimeError("boom")
        return real(text, *rest)

    monkeypatch.setattr(rederive, "understand", fails)
    again = Again(talk, with_word("GESEK", "gontok"))
    assert [found.message_id for found in again.run(apply=True)] == [2]
    assert again.tally.skipped == {Skip.UNREADABLE: 1}


def test_a_message_the_central_never_heard_of_makes_no_report(talk: Talk, with_floods: Knowledge) -> None:
    talk.say("bnjr 80 cm")
    with talk.store.write() as session:
        session.get_one(Message, 1).entry = None
    again = Again(talk, with_floods)
    assert again.run(apply=True) == []
    assert again.tally.skipped == {Skip.NOT_IN_LEDGER: 1}


def test_a_doubt_worded_otherwise_changes_nothing(talk: Talk, knowledge: Knowledge) -> None:
    talk.say("LAPOR BENTROK LAMBUR massa 80an")
    assert talk.report.doubts
    with talk.store.write() as session:
        report = session.get_one(Report, 1)
        report.doubts = [{**one, "why": "dulu ditulis lain"} for one in report.doubts]
    assert Again(talk, knowledge).run(apply=True) == []


def test_numbers_in_what_is_read_now_do_not_reach_the_ledger(talk: Talk) -> None:
    talk.receive(*pdus("LAPOR GONTOK LAMBUR II 14 0 hubungi 081272000555", sent_at=SENT_AT + MINUTE))
    Again(talk, with_word("GESEK", "gontok")).run(apply=True)
    assert talk.amends()
    assert not any("72000555" in str(body) for body in talk.bodies())
