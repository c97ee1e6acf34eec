""" "Still you?": who is asked, when, how often, and what an answer or silence does."""

from __future__ import annotations

import threading

import pytest

from config.settings import Settings
from gateway.registry import answer_still_you
from gateway.registry.still_you import Known, due, says_yes
from gateway.service import Gateway
from gateway.store.database import Store
from gateway.store.models import Outgoing, Reporter
from tests.console_seed import shipped_knowledge
from tests.gateway.fakes import FakeModem, source
from tests.gateway.registry_desk import (
    ANI,
    BUDI,
    CAMAT,
    DAY,
    HOUR,
    KADES,
    MORNING,
    SITI,
    Office,
    entry,
    replace_section,
    with_registry,
)

OFFICERS = ("camat", "babinsa")


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def known(pseudonym: int = 1, role: str = "kades", status: str = "terdaftar", **days_ago: float) -> Known:
    return Known(pseudonym, role, status, **{name: int(MORNING - days * DAY) for name, days in days_ago.items()})


def plan(*people: Known, now: int = MORNING, asked_today: int = 0, settings: Settings | None = None):
    return due(people, settings or Settings(), now, officers=OFFICERS, asked_today=asked_today)


@pytest.mark.parametrize(
    ("person", "asked"),
    [
        (known(confirmed_at=180), True),
        (known(confirmed_at=179.9), False),
        (known(), True),
        (known(confirmed_at=400, reported_at=20), False),
        (known(confirmed_at=400, reported_at=200), True),
        (known(role="camat", confirmed_at=400, reported_at=1), True),
        (known(role="camat", confirmed_at=20), False),
        (known(role="warga", confirmed_at=400), False),
        (known(confirmed_at=400, asked_at=1), False),
        (known(confirmed_at=400, asked_at=300), False),
        (known(status="ragu", confirmed_at=400), False),
        (known(status="berhenti", confirmed_at=400), False),
        (known(status="tamu", confirmed_at=400), False),
        (known(confirmed_at=-3000), False),
    ],
)
def test_who_is_asked(person: Known, asked: bool) -> None:
    assert plan(person).ask == ((1,) if asked else ())


@pytest.mark.parametrize(
    ("hour", "asked"), [(-0.01, False), (0, True), (7.99, True), (8, False), (15, False), (23.9, False)]
)
def test_only_between_nine_and_five_of_the_district(hour: float, asked: bool) -> None:
    assert bool(plan(known(), now=int(MORNING + hour * HOUR)).ask) is asked


def test_the_days_limit_counts_what_was_asked_before_officers_and_the_longest_silent_first() -> None:
    people = [known(n, confirmed_at=200 + n) for n in range(1, 30)] + [known(50, "camat", confirmed_at=190)]
    assert plan(*people).ask == (50, 29, 28, 27, 26, 25, 24, 23, 22, 21)
    assert plan(*people, asked_today=8).ask == (50, 29)
    assert plan(*people, asked_today=12).ask == ()


def test_settings_switch_it_off_or_widen_it() -> None:
    old, villager = known(confirmed_at=400), known(2, "warga", confirmed_at=400)
    assert plan(old, settings=with_registry(confirm_days=0)).ask == ()
    assert plan(old, settings=with_registry(confirm_per_day=0)).ask == ()
    assert plan(old, settings=replace_section(Settings(), "replies", enabled=False)).ask == ()
    assert set(plan(old, villager, settings=with_registry(confirm_roles=())).ask) == {1, 2}


@pytest.mark.parametrize(
    ("person", "doubtful"),
    [
        (known(asked_at=14, left_at=14), True),
        (known(asked_at=13.9, left_at=13.9), False),
        (known(asked_at=30, left_at=2), False),
        (known(asked_at=30), False),
        (known(asked_at=20, left_at=20, reported_at=3), False),
        (known(role="camat", asked_at=20, left_at=20, reported_at=3), True),
        (known(status="berhenti", asked_at=20, left_at=20), False),
    ],
)
def test_who_becomes_doubtful(person: Known, doubtful: bool) -> None:
    assert plan(person).doubt == ((1,) if doubtful else ())


def test_a_report_answers_the_question_for_everybody_but_officers() -> None:
    assert plan(known(asked_at=3, reported_at=1)).heard == (1,)
    assert plan(known(status="ragu", asked_at=30, reported_at=1)).heard == (1,)
    assert plan(known(asked_at=3, reported_at=4)).heard == ()
    assert plan(known(role="camat", asked_at=3, reported_at=1)).heard == ()


def test_the_question_is_one_sms_and_is_not_repeated_after_a_restart(office: Office) -> None:
    office.people.register(BUDI, KADES)
    office.pass_time(days=180)
    assert office.people.look_after() == 1
    (sms,) = office.rows(Outgoing)
    assert (sms.recipient, sms.purpose, sms.kind, sms.state) == (BUDI, "message", "still_you", "queued")
    assert len(sms.text) <= 160
    assert "YA" in sms.text
    assert office.person().asked_at == office.now
    for _ in range(3):
        office.people = office.started()
        office.pass_time(days=1)
        assert office.people.look_after() == 0
    assert len(office.rows(Outgoing)) == 1


def test_the_days_limit_holds_over_restarts_and_ends_at_midnight(office: Office) -> None:
    office.turn_to(with_registry(confirm_per_day=2))
    for number in (BUDI, ANI, SITI):
        office.people.register(number, KADES)
    office.pass_time(days=200)
    assert office.people.look_after() == 2
    office.people = office.started()
    office.pass_time(hours=3)
    assert office.people.look_after() == 0
    office.pass_time(hours=21)
    assert office.people.look_after() == 1


def test_whom_a_rule_keeps_back_leaves_the_place_to_the_next(office: Office) -> None:
    office.people.register(BUDI, KADES)
    office.pass_time(days=1)
    office.people.register(ANI, KADES)
    office.pass_time(days=200)
    own = replace_section(with_registry(confirm_per_day=1), "replies", own_numbers=(BUDI,))
    office.turn_to(own)
    assert office.people.look_after() == 1
    assert [sms.recipient for sms in office.rows(Outgoing)] == [ANI]
    assert office.person(BUDI).asked_at is None


def test_it_is_looked_at_every_ten_minutes_and_again_after_the_clock_was_set_back(office: Office) -> None:
    office.people.register(BUDI, KADES)
    office.pass_time(days=200, hours=-0.1)
    assert office.people.look_after() == 0
    office.pass_time(hours=0.15)
    assert office.people.look_after() == 0
    office.pass_time(hours=0.1)
    assert office.people.look_after() == 1
    office.people.register(ANI, KADES)
    office.pass_time(days=-20)
    assert office.people.look_after() == 0


def asked(office: Office, who=KADES) -> Reporter:
    office.people.register(BUDI, who)
    office.pass_time(days=200)
    assert office.people.look_after() == 1
    office.send_waiting()
    return office.person()


def answer(office: Office, text: str, *, with_text: bool = True) -> bool:
    with office.store.write() as session:
        reporter = session.get_one(Reporter, BUDI)
        return answer_still_you(session, reporter, office.read(text), office.now, text if with_text else "")


@pytest.mark.parametrize("with_text", [True, False])
def test_ya_confirms(office: Office, with_text: bool) -> None:
    asked(office, CAMAT)
    office.pass_time(days=2)
    assert answer(office, "YA", with_text=with_text)
    person = office.person()
    assert (person.status, person.confirmed_at, person.asked_at) == ("terdaftar", office.now, None)


@pytest.mark.parametrize("text", ["BUKAN", "SALAH ORANG", "maaf salah sambung"])
def test_bukan_ends_the_registration_tells_the_central_and_waits_for_a_person_to_see_it(
    office: Office, text: str
) -> None:
    from gateway.registry import lists

    pseudonym = asked(office, CAMAT).pseudonym
    assert answer(office, text)
    assert office.person().status == "berhenti"
    assert office.told()[-1].role == ""
    with office.store.read() as session:
        assert lists.to_decide(session) == 1
        assert lists.person_by_pseudonym(session, pseudonym).to_see
    assert not answer(office, "YA")
    assert office.person().status == "berhenti"
    office.people.leave(pseudonym)
    with office.store.read() as session:
        assert lists.to_decide(session) == 0


def test_without_an_answer_a_person_is_doubtful_and_a_late_ya_ends_it(office: Office) -> None:
    asked(office)
    office.pass_time(days=15)
    office.people.look_after()
    assert office.person().status == "ragu"
    assert len(office.rows(Outgoing)) == 1
    assert answer(office, "ya masih pak")
    assert office.person().status == "terdaftar"


def test_a_question_that_never_left_makes_nobody_doubtful(office: Office) -> None:
    office.people.register(BUDI, CAMAT)
    office.pass_time(days=200)
    office.people.look_after()
    office.pass_time(days=40)
    office.people.look_after()
    assert office.person().status == "terdaftar"
    office.send_waiting()
    office.pass_time(days=15)
    office.people.look_after()
    assert office.person().status == "ragu"


def test_a_question_that_could_not_be_sent_makes_nobody_doubtful_and_is_asked_again(office: Office) -> None:
    office.people.register(BUDI, CAMAT)
    office.pass_time(days=200)
    office.people.look_after()
    with office.store.write() as session:
        (sms,) = session.query(Outgoing).all()
        sms.state, sms.finished_at = "failed", office.now
    office.pass_time(days=13)
    assert office.people.look_after() == 0
    office.pass_time(days=2)
    assert office.people.look_after() == 1
    assert office.person().status == "terdaftar"


def test_where_nobody_may_be_written_to_today_it_is_noticed_soon(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.registry import still_you

    for n in range(300):
        office.people.register(f"0812740{n:05}", CAMAT)
    office.pass_time(days=200)
    tried: list[str] = []
    monkeypatch.setattr(still_you.budgets, "why_not", lambda _, message, *__: tried.append(message.sender) or "penuh")
    assert office.people.look_after() == 0
    assert len(tried) == len(set(tried)) < 100


def test_a_report_closes_the_question_but_not_for_officers(office: Office) -> None:
    asked(office)
    office.pass_time(days=1)
    office.report()
    office.people.look_after()
    assert office.person().asked_at is None
    office.people.register(BUDI, CAMAT)
    office.pass_time(days=200)
    office.people.look_after()
    office.report()
    office.pass_time(days=1)
    office.people.look_after()
    assert office.person().asked_at is not None


def test_a_telephone_call_settles_doubt(office: Office) -> None:
    pseudonym = asked(office, CAMAT).pseudonym
    office.pass_time(days=15)
    office.people.look_after()
    office.people.confirm(pseudonym)
    person = office.person()
    assert (person.status, person.confirmed_at, person.asked_at) == ("terdaftar", office.now, None)


def test_without_an_open_question_ya_is_not_for_us(office: Office) -> None:
    office.people.register(BUDI, KADES)
    assert not answer(office, "YA")
    assert not answer(office, "BUKAN")
    assert office.person().status == "terdaftar"


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("YA", True),
        ("ya masih pak", True),
        ("iya betul saya", True),
        ("masih", True),
        ("benar pak masih saya", True),
        ("ya pak kades lambur", True),
        ("nggih", True),
        ("bukan", False),
        ("bukan pak, salah orang", False),
        ("sudah bukan kades lagi", False),
        ("salah nomor", False),
        ("tidak", False),
        ("ok", None),
        ("siapa ini?", None),
        ("belum", None),
        ("ya bukan", None),
        ("LAPOR GESEK LAMBUR 14 0", None),
        ("ya ada bentrok di lambur", None),
        ("DARURAT ya tolong", None),
        ("CEK K4PT ya", None),
        ("ya ya tapi kemarin itu saya sudah bilang ke pak camat soal rapat di kantor desa itu lho", None),
        ("", None),
    ],
)
def test_how_answers_are_read(office: Office, text: str, yes: bool | None) -> None:
    assert says_yes(office.read(text), text) is yes


def test_the_running_gateway_asks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(store)
    office.people.register(BUDI, KADES)
    office.pass_time(days=200)
    gateway = Gateway(store, [source(FakeModem())], shipped_knowledge(), Settings(), clock=lambda: office.now)
    looked, look = threading.Event(), gateway.people.look_after
    monkeypatch.setattr(gateway.people, "look_after", lambda: (look(), looked.set())[0])
    gateway.start()
    try:
        assert looked.wait(20)
    finally:
        gateway.stop()
    (sms,) = office.rows(Outgoing)
    assert (sms.kind, sms.recipient) == ("still_you", BUDI)


def test_nobody_is_asked_twice_for_two_registrations_of_one_number(office: Office) -> None:
    office.people.register(BUDI, KADES)
    office.people.register("0812-7400-0111", entry(role="sekdes"))
    assert len(office.rows(Reporter)) == 1
