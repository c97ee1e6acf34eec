"""Conversations through a real store: what people write one after the other, and what becomes of the report."""

from __future__ import annotations

from typing import Any

import pytest

from config.knowledge import load_knowledge
from config.settings import Settings
from gateway import processing, replies
from gateway.pseudonyms import reporter_of
from gateway.reports import dialogue
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.store import amending, inbox
from gateway.store.database import Store
from gateway.store.models import Amendment, Message, MessageState, Outgoing, Registration, Report, ReporterStatus
from sync.entries import AmendBody, MessageBody, ReportBody
from tests.gateway.test_processing import Desk
from tests.sms import SENT_AT, VILLAGER, pdus, stored

MINUTE, HOUR = 60, 3600
NEIGHBOUR, OFFICER, STRANGER = "+6281373000102", "+6285266000303", "+6281990000404"
LAMBUR_II = "15.07.01.2012"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return compile_knowledge(load_knowledge())


class Talk(Desk):
    """People who write to the desk, one minute after the other."""

    def __init__(self, store: Store, knowledge: Knowledge, settings: Settings = Settings()) -> None:  # noqa: B008
        super().__init__(store, knowledge, settings)
        self.sent_at = SENT_AT

    def say(self, text: str, sender: str = VILLAGER, after: int = MINUTE) -> str:
        """Send a text (`{}` is the first report's ticket); returns the answer, '' where none was made."""
        self.sent_at += after
        self.now += after * 1000
        reports = self.rows(Report)
        text = text.replace("{}", reports[0].ticket) if reports else text
        self.receive(*pdus(text, sender=sender, sent_at=self.sent_at))
        message = self.rows(Message)[-1]
        return next((row.text for row in self.rows(Outgoing) if row.message_id == message.id), "")

    def register(self, number: str, role: str, status: str = ReporterStatus.REGISTERED, village: str = "") -> None:
        with self.store.write() as session:
            person = reporter_of(session, number, self.now)
            person.role, person.status, person.village = role, status, village

    @property
    def report(self) -> Report:
        row = self.rows(Report)[0]
        assert isinstance(row, Report)
        return row

    @property
    def last(self) -> Message:
        row = self.rows(Message)[-1]
        assert isinstance(row, Message)
        return row

    def amends(self) -> list[AmendBody]:
        return [body for body in self.bodies() if isinstance(body, AmendBody)]


@pytest.fixture
def talk(store: Store, knowledge: Knowledge) -> Talk:
    return Talk(store, knowledge)


def test_a_dialogue_of_six_messages(talk: Talk) -> None:
    talk.register(OFFICER, "kapolsek")
    asked = talk.say("LAPOR GESEK 14 0 adu mulut")
    assert "desa mana" in asked
    assert (talk.report.asked, talk.report.outcome) == ("desa", "lengkapi")
    answer = talk.say("lambur ii")
    assert "Lambur II" in answer
    assert talk.report.ticket in answer
    assert (talk.report.fields["desa"], talk.report.missing, talk.report.asked) == (LAMBUR_II, [], "")
    assert "massa 40" in talk.say("RALAT massa 40 bukan 14")
    assert talk.report.fields["massa"] == 40
    assert talk.report.ticket in talk.say("CEK")
    assert "YA" in talk.say("VERIF {} YA", OFFICER)
    assert talk.report.state == "verifikasi"
    assert talk.report.ticket in talk.say("BATAL")
    assert talk.report.state == "dibatalkan"
    assert len(talk.rows(Report)) == 1
    said = [(row.action, row.by, row.state_before, row.state_after) for row in talk.rows(Amendment)]
    assert said == [
        ("jawab", "pelapor", "baru", "baru"),
        ("koreksi", "pelapor", "baru", "baru"),
        ("verif", "petugas", "baru", "verifikasi"),
        ("batal", "pelapor", "verifikasi", "dibatalkan"),
    ]
    assert talk.report.derived["massa"] == 14  # what was read first is still there
    assert talk.report.derived["desa"] is None
    entries = talk.amends()
    assert [entry.action for entry in entries] == ["jawab", "koreksi", "verif", "batal"]
    assert {entry.ticket for entry in entries} == {talk.report.ticket}
    assert entries[1].fields == {"jenis": "GESEK", "desa": LAMBUR_II, "massa": 40, "korban": 0, "ket": "adu mulut"}
    assert entries[2].fields == {"hasil": "YA"}
    assert all(entry.message > 0 for entry in entries)


def test_what_was_amended_is_derived_with_its_amendments(talk: Talk) -> None:
    for text in ("LAPOR GESEK 14 0 adu mulut", "lambur ii", "RALAT massa 40", "SUSUL polisi datang"):
        talk.say(text)
    with talk.store.read() as session:
        report = session.get_one(Report, talk.report.id)
        assert amending.fields_of(report.derived, amending.said_about(session, report)) == report.fields
    assert talk.report.fields["ket"] == "adu mulut / polisi datang"


@pytest.mark.parametrize("table", [Amendment, Outgoing])
def test_a_step_commits_with_its_entry_and_answer_or_not_at_all(
    talk: Talk, table: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.say("LAPOR GESEK 14 0")
    before, entries = len(talk.rows(table)), len(talk.bodies())

    def cut(name: str) -> None:
        if name == "message.before_commit":
            raise KeyboardInterrupt

    monkeypatch.setattr(processing, "reach", cut)
    with pytest.raises(KeyboardInterrupt):
        talk.say("lambur ii")
    assert (len(talk.rows(table)), len(talk.bodies())) == (before, entries)
    assert (talk.report.fields["desa"], talk.report.asked) == (None, "desa")
    monkeypatch.undo()
    talk.gateway.process_waiting()
    assert len(talk.rows(table)) == before + 1
    assert talk.report.fields["desa"] == LAMBUR_II
    assert [entry.action for entry in talk.amends()] == ["jawab"]


def test_a_dialogue_that_fails_sends_the_message_to_a_person(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.say("LAPOR GESEK 14 0")

    def fails(*_: object) -> None:
        raise ZeroDivisionError("boom")

    with monkeypatch.context() as patched:
        patched.setattr(dialogue, "next_step", fails)
        talk.say("lambur ii")
    with monkeypatch.context() as patched:
        patched.setattr(amending, "write", fails)
        talk.say("RALAT massa 3")
    first, second = talk.rows(Message)[1:]
    assert (first.state, second.state) == (MessageState.SET_ASIDE, MessageState.SET_ASIDE)
    assert (first.outcome, second.outcome) == ("triase", "triase")
    assert [row.fields["ket"] for row in talk.rows(Report)[1:]] == ["lambur ii", "RALAT massa 3"]
    assert talk.rows(Amendment) == []


# who


def test_a_stranger_with_the_right_ticket_learns_and_changes_nothing(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    before = dict(talk.report.fields)
    answers = {talk.say(text, STRANGER) for text in ("CEK {}", "RALAT {} massa 99", "SUSUL {} md 9", "BATAL {}")}
    made_up = talk.say("CEK K4PT", STRANGER)
    assert {answer.replace(talk.report.ticket, "K4PT") for answer in answers} == {made_up}
    assert (talk.report.fields, talk.report.state, talk.rows(Amendment)) == (before, "baru", [])
    assert "Lambur" not in "".join(answers)


@pytest.mark.parametrize("status", [ReporterStatus.GUEST, ReporterStatus.DOUBTFUL, ReporterStatus.GONE])
def test_a_role_counts_only_while_registered(talk: Talk, status: str) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.register(OFFICER, "kapolsek", status)
    talk.say("VERIF {} YA", OFFICER)
    assert (talk.report.state, talk.rows(Amendment)) == ("baru", [])
    talk.register(OFFICER, "kapolsek")
    talk.say("VERIF {} YA", OFFICER)
    assert talk.report.state == "verifikasi"


def test_the_village_of_a_guest_settles_no_tie(talk: Talk) -> None:
    talk.register(VILLAGER, "kades", ReporterStatus.GONE, "15.07.11.2002")
    talk.say("LAPOR GESEK RANTAU RASAU 14 0")
    assert talk.report.fields["desa"] is None
    talk.register(NEIGHBOUR, "kades", village="15.07.11.2002")
    talk.say("LAPOR GESEK RANTAU RASAU 15 0", NEIGHBOUR)
    assert talk.rows(Report)[1].fields["desa"] == "15.07.11.2002"


def test_a_name_that_reads_like_a_number_owns_nothing(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    with talk.store.write() as session:
        session.add(
            Message(
                sender=VILLAGER,
                sender_is_number=False,
                text=f"BATAL {talk.report.ticket}",
                received_at=talk.now,
                state=MessageState.READY,
                fingerprint=bytes(32),
            )
        )
    talk.gateway.process_waiting()
    assert talk.report.state == "baru"


def test_two_reporters_at_once_answer_each_their_own_question(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    talk.say("LAPOR BENTROK 40 2", NEIGHBOUR, after=1)
    talk.sent_at += 60
    talk.now += 60_000
    both = [pdus("lambur 1", NEIGHBOUR, talk.sent_at)[0], pdus("lambur ii", VILLAGER, talk.sent_at)[0]]
    talk.receive(*both)
    assert [report.fields["desa"] for report in talk.rows(Report)] == [LAMBUR_II, "15.07.01.2011"]


# when


def test_an_expired_question_takes_no_answer_and_the_message_goes_to_a_person(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    talk.say("lambur ii", after=25 * HOUR)
    assert talk.report.fields["desa"] is None
    assert (talk.last.intent, talk.last.outcome) == ("konfirmasi", "triase")


def test_an_answer_after_a_new_report_still_belongs_to_the_question(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    talk.say("LAPOR RUSAK LAMBUR 3 0")
    talk.say("lambur ii")
    first, second = talk.rows(Report)
    assert (first.fields["desa"], second.fields["desa"]) == (LAMBUR_II, "15.07.01.2002")


def test_a_clock_set_back_costs_at_most_the_question(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    talk.now -= 2 * HOUR * 1000
    talk.say("lambur ii")
    assert talk.report.fields["desa"] == LAMBUR_II
    talk.say("LAPOR BENTROK 40 2")
    talk.now -= 400 * 24 * HOUR * 1000
    talk.say("lambur 1", after=25 * HOUR)
    assert talk.rows(Report)[1].fields["desa"] is None
    assert talk.last.outcome == "triase"


def test_the_same_sms_read_twice_answers_once(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    (answer,) = pdus("lambur ii, korban 3", sent_at=talk.sent_at + 60)
    talk.receive(answer)
    talk.receive(answer)
    assert len(talk.rows(Amendment)) == 1
    assert len(talk.rows(Message)) == 2


def test_the_same_addition_sent_again_adds_nothing(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("SUSUL {} polisi sudah datang")
    talk.say("SUSUL {} polisi sudah datang")
    assert talk.report.fields["ket"] == "polisi sudah datang"
    assert len(talk.rows(Amendment)) == 1


# the report


def test_the_same_report_with_other_figures_replaces_and_the_history_shows_both(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    answer = talk.say("LAPOR GESEK LAMBUR II 140 0")
    assert len(talk.rows(Report)) == 1
    assert talk.report.ticket in answer
    (row,) = talk.rows(Amendment)
    assert (row.action, row.before, row.after) == ("ganti", {"massa": 14}, {"massa": 140})
    assert (row.level_before, row.level_after, talk.report.level) == (2, 3, 3)
    assert [body.level for body in talk.amends()] == [3]
    again = talk.say("lapor gesek 0112 140 0")
    assert "sudah kami terima" in again
    assert len(talk.rows(Report)) == len(talk.rows(Amendment)) == 1


def test_the_rest_of_a_message_hangs_on_it_for_a_person(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0 warga berkumpul di")
    talk.say("...dermaga dan pompong dibakar, 2 luka")
    assert talk.last.continues_id == talk.rows(Message)[0].id
    assert (talk.last.outcome, talk.report.outcome) == ("triase", "triase")
    assert "pompong dibakar" in talk.report.fields["ket"]
    assert talk.report.level > 2
    assert len(talk.rows(Report)) == 1


def test_the_second_report_of_a_kecamatan_within_a_day_weighs_more(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("LAPOR GESEK LAMBUR I 14 0", NEIGHBOUR)
    assert [report.level for report in talk.rows(Report)] == [2, 3]
    assert any("laporan kedua dari kecamatan" in line for line in talk.last.trace)
    assert [body.level for body in talk.bodies() if isinstance(body, ReportBody)] == [2, 3]
    talk.say("LAPOR GESEK LAMBUR I 15 0", STRANGER, after=25 * HOUR)
    assert talk.rows(Report)[2].level == 2


def test_repetitions_zero_reports_and_withdrawn_ones_raise_no_level(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    assert [report.level for report in talk.rows(Report)] == [2, 2]
    talk.say("BATAL {}")
    talk.say("NIHIL LAMBUR I", NEIGHBOUR)
    talk.say("LAPOR GESEK LAMBUR I 14 0", STRANGER)
    assert talk.rows(Report)[-1].level == 2


def test_a_village_learnt_by_an_answer_counts_for_its_kecamatan(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    talk.say("LAPOR GESEK LAMBUR I 14 0", NEIGHBOUR)
    talk.say("lambur ii")
    assert talk.report.level == 3
    assert any("laporan kedua dari kecamatan" in line for line in talk.last.trace)


def test_a_late_part_keeps_what_was_said_meanwhile(talk: Talk) -> None:
    text = "LAPOR BENTROK KAMPUNG LAUT " + "warga berkumpul di dermaga dan saling dorong, " * 4 + "korban 2 massa 40"
    first, second = pdus(text, sent_at=talk.sent_at)
    talk.receive(first)
    talk.now += 31 * MINUTE * 1000
    talk.gateway.process_waiting()
    talk.say("RALAT massa 55")
    talk.say("SUSUL polisi datang")
    talk.receive(second)
    assert (talk.report.fields["massa"], talk.report.fields["korban"]) == (55, 2)
    assert talk.report.derived["massa"] == 40
    assert talk.report.fields["ket"].endswith("polisi datang")
    assert [row.action for row in talk.rows(Amendment)] == ["koreksi", "susul", "lengkap"]
    assert talk.rows(Amendment)[-1].by == "program"
    assert (talk.amends()[-1].action, talk.amends()[-1].fields["massa"]) == ("lengkap", 55)


def test_a_corrected_report_keeps_the_weight_of_its_neighbour(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR I 14 0", NEIGHBOUR)
    talk.say("LAPOR RUSAK LAMBUR II 14 0")
    assert talk.rows(Report)[1].level == 4
    talk.say("RALAT jenis GESEK")
    assert (talk.rows(Report)[1].level, talk.last.outcome) == (3, "triase")


def test_an_answer_that_comes_after_all_is_taken(talk: Talk) -> None:
    talk.say("LAPOR GESEK 14 0")
    talk.say("tidak tahu pak")
    talk.say("lambur ii")
    assert (talk.report.fields["desa"], talk.report.asked, talk.report.missing) == (LAMBUR_II, "", [])


def test_a_closed_report_is_not_called_withdrawn(talk: Talk) -> None:
    talk.register(OFFICER, "kapolsek")
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("TL {} SELESAI", OFFICER)
    assert "selesai ditangani" in talk.say("BATAL")
    assert "sudah dibatalkan" not in talk.say("BATAL {}")


def test_an_answer_nobody_waits_for_is_asked_what_it_is_for(talk: Talk) -> None:
    assert "untuk apa?" in talk.say("14")
    assert "untuk apa?" in talk.say("lambur ii")
    assert "untuk apa?" not in talk.say("ya")


def test_a_report_hidden_later_is_hidden_at_the_central_too(talk: Talk) -> None:
    talk.say("LAPOR UANG LAMBUR II kades bagi amplop")
    answer = talk.say("rahasia ya pak")
    assert (talk.report.secret, talk.amends()[-1].secret, talk.last.outcome) == (True, True, "triase")
    assert "UANG" not in answer + talk.say("CEK")


def test_a_late_part_of_an_addition_takes_the_place_of_what_was_read_without_it(talk: Talk) -> None:
    talk.say("LAPOR BENTROK LAMBUR II 40 2 ribut di pasar")
    text = (
        "SUSUL {} ".replace("{}", talk.report.ticket)
        + "polisi sudah datang dan mengamankan dua orang, " * 4
        + "selesai"
    )
    first, second = pdus(text, sent_at=talk.sent_at + 60)
    talk.receive(first)
    talk.now += 31 * MINUTE * 1000
    talk.gateway.process_waiting()
    talk.say("SUSUL warga sudah pulang", after=31 * MINUTE)
    assert len(talk.rows(Amendment)) == 2
    talk.receive(second)
    ket = talk.report.fields["ket"]
    assert ket.startswith("ribut di pasar / ")
    assert "warga sudah pulang" in ket
    assert ket.count("polisi sudah datang") == 4
    assert ket.endswith("selesai")
    with talk.store.read() as session:
        report = session.get_one(Report, talk.report.id)
        assert amending.fields_of(report.derived, amending.said_about(session, report)) == report.fields


def test_a_withdrawn_emergency_stays_with_a_person(talk: Talk) -> None:
    talk.say("DARURAT rumah dibakar di lambur 2")
    level = talk.report.level
    talk.say("BATAL")
    assert (talk.report.state, talk.report.outcome, talk.report.level) == ("dibatalkan", "triase", level)
    assert talk.last.outcome == "triase"


def test_rahasia_in_an_addition_hides_the_report(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("SUSUL {} RAHASIA ya pak, pelakunya tetangga saya")
    assert talk.report.secret


def test_no_phone_number_of_an_addition_is_in_the_ledger(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("SUSUL {} hubungi pak RT 0812-3456-7890")
    assert "[nomor]" in talk.amends()[-1].fields["ket"]
    assert "0812-3456-7890" in talk.report.fields["ket"]


def test_a_village_taken_back_is_told_to_the_central_as_unknown(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("RALAT bukan lambur 2")
    entry = talk.amends()[-1]
    assert "desa" in entry.fields
    assert entry.fields["desa"] is None
    assert (talk.report.missing, talk.report.asked) == (["desa"], "desa")


def test_a_command_without_a_number_is_no_incomplete_message(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    talk.say("CEK")
    assert talk.last.outcome == "terima"
    assert [b.outcome for b in talk.bodies() if isinstance(b, MessageBody)] == ["terima", "terima"]


# others


def test_an_echo_is_confirmed_by_yes_and_taken_back_by_no(talk: Talk) -> None:
    for answer, desa, asked in (("ya", "15.07.08.1001", ""), ("bukan", None, "desa")):
        talk.say("LAPOR GESEK KAMPUNG LAUD 14 0", NEIGHBOUR if desa else STRANGER, after=HOUR)
        assert talk.rows(Report)[-1].asked == "desa"
        talk.say(answer, NEIGHBOUR if desa else STRANGER)
        report = talk.rows(Report)[-1]
        assert (report.fields["desa"], report.asked) == (desa, asked)


def test_daftar_waits_for_a_person(talk: Talk) -> None:
    talk.say("DAFTAR KADES LAMBUR II Budi")
    (wish,) = talk.rows(Registration)
    assert (wish.number, wish.role, wish.village, wish.state) == (VILLAGER, "kades", LAMBUR_II, "menunggu")


def test_still_you_is_answered_before_the_dialogue_and_the_newest_question_wins(talk: Talk) -> None:
    talk.register(VILLAGER, "kades")
    talk.say("LAPOR GESEK 14 0")
    with talk.store.write() as session:
        reporter_of(session, VILLAGER, talk.now).asked_at = talk.now + 1000
    talk.say("ya masih saya pak")
    with talk.store.read() as session:
        person = reporter_of(session, VILLAGER, talk.now)
        assert (person.asked_at, person.confirmed_at) == (None, talk.now)
    talk.say("lambur ii")
    assert talk.report.fields["desa"] == LAMBUR_II


def test_a_message_without_an_answer_says_why(talk: Talk) -> None:
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    assert talk.say("ok makasih pak") == ""
    assert talk.last.unanswered
    assert talk.rows(Message)[0].unanswered == ""


def test_an_answer_that_cannot_be_worded_holds_up_no_step(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.say("LAPOR GESEK 14 0")

    def fails(*_: object, **__: object) -> None:
        raise KeyError("template")

    monkeypatch.setattr(replies, "compose_step", fails)
    talk.say("lambur ii")
    assert talk.report.fields["desa"] == LAMBUR_II
    assert "KeyError" in talk.last.error


def test_time_words_are_counted_from_the_local_time_of_sending(talk: Talk) -> None:
    """20:53 on 23 November at +07:00 is still the 23rd; an hour before midnight UTC it would be the next day there."""
    talk.say("LAPOR GESEK LAMBUR II 14 0 kemarin", after=5 * HOUR)  # 01:52 on the 24th, 18:52 on the 23rd in UTC
    assert talk.report.fields["waktu"] == "2026-11-23"


def test_many_decoded_at_once_keep_their_order(talk: Talk) -> None:
    hexes = [*pdus("LAPOR GESEK 14 0", sent_at=SENT_AT), *pdus("lambur ii", sent_at=SENT_AT + 60)]
    with talk.store.write() as session:
        inbox.keep(session, stored(*hexes), "1234", talk.now)
    talk.gateway.process_waiting()
    assert talk.report.fields["desa"] == LAMBUR_II


def messages(talk: Talk) -> list[MessageBody]:
    return [body for body in talk.bodies() if isinstance(body, MessageBody)]


def test_who_somebody_is_stays_on_this_laptop(talk: Talk) -> None:
    """DAFTAR and the answer to "still you?" hold names: beside a pseudonym they would say who reports."""
    talk.say("DAFTAR KADES LAMBUR II Budi Santoso")
    talk.register(VILLAGER, "kades")
    with talk.store.write() as session:
        reporter_of(session, VILLAGER, talk.now).asked_at = talk.now
    talk.say("ya pak masih saya Budi Santoso")
    talk.say("LAPOR GESEK LAMBUR II 14 0")
    assert [body.text is None for body in messages(talk)] == [True, True, False]
    assert messages(talk)[0].reporter


def test_who_asks_to_be_hidden_has_no_pseudonym_in_the_ledger(talk: Talk) -> None:
    talk.register(OFFICER, "camat")
    talk.say("RAHASIA LAPOR GESEK LAMBUR II 14 0")
    talk.say("RALAT {} massa 40")
    talk.say("CEK {}")
    talk.say("VERIF {} YA", OFFICER)
    talk.say("NIHIL LAMBUR II", NEIGHBOUR)
    assert [bool(body.reporter) for body in messages(talk)] == [False, False, False, True, True]


def test_a_late_yes_gives_an_officer_no_rights_back_and_is_read_by_a_person(talk: Talk) -> None:
    """The number may be a stranger's by now."""
    for role, status, answer in (("camat", "ragu", "menelepon"), ("kades", "terdaftar", "tetap terdaftar")):
        talk.register(OFFICER, role, "ragu")
        with talk.store.write() as session:
            reporter_of(session, OFFICER, talk.now).asked_at = talk.now
        assert answer in talk.say("YA", OFFICER)
        with talk.store.read() as session:
            assert reporter_of(session, OFFICER, talk.now).status == status
        assert (talk.last.outcome == "triase") is (status == "ragu")
