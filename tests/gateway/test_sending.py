"""Sending through one modem, without threads: what each answer of the network means, and what the budget lets go."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from sqlalchemy import select

from config.settings import ModemLine, Sending, Settings
from gateway import sending
from gateway.board import Board
from gateway.fleet import ALERT_GONE_SECONDS, GONE_SECONDS, Fleet
from gateway.routing import Readiness
from gateway.sending import NO_CREDIT, NO_SMSC, Sender
from gateway.store import outgoing
from gateway.store.database import Store
from gateway.store.models import Outgoing, OutgoingPart, OutgoingState
from modem.types import Fault, ModemAbsent, ModemRefused, ModemSilent, OutgoingPdu
from tests.gateway.fakes import FakeModem
from tests.sms import VILLAGER

NOW = 1_795_442_000_000
LONG = "warga masih berkumpul di simpang jalan dan saling berteriak, " * 6
"""Three parts."""


class Desk:
    """A queue, a modem and its sender, with clocks that the test moves."""

    def __init__(self, store: Store, limits: Sending = Sending(), line: ModemLine = ModemLine()) -> None:  # noqa: B008
        self.store, self.modem, self.now, self.ticks = store, FakeModem(), NOW, 1000.0
        self.fleet = Fleet({"modem": line, "modem.more.1": ModemLine()}, tick=lambda: self.ticks)
        self.fleet.tell("modem", Readiness.READY)
        settings = Settings(sending=limits)
        self.sender = Sender(
            "modem", store, Board(), settings, self.fleet, clock=lambda: self.now, tick=lambda: self.ticks
        )

    def queue(self, text: str = "halo", purpose: str = "reply", recipient: str = VILLAGER) -> int:
        with self.store.write() as session:
            return outgoing.queue(session, outgoing.new(recipient, text, purpose, "", self.now), self.now).id

    def pass_time(self, seconds: float) -> None:
        self.ticks += seconds
        self.now += int(seconds * 1000)

    def send(self) -> bool:
        return self.sender.send_next(self.modem)

    def send_all(self) -> None:
        while self.send():
            pass

    def refuse(self, fault: Fault, times: int = 1_000_000) -> None:
        left = iter(range(times))

        def on_send(pdu: OutgoingPdu) -> None:
            if next(left, None) is not None:
                raise ModemRefused("AT+CMGS", "+CMS ERROR", 41, fault=fault, operator="Gangguan.")

        self.modem.on_send = on_send

    def rows(self) -> list[Outgoing]:
        with self.store.read() as session:
            return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))

    def parts(self) -> list[OutgoingPart]:
        with self.store.read() as session:
            return list(session.scalars(select(OutgoingPart).order_by(OutgoingPart.id)))


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def fall(at: int, error: Callable[[], Exception]) -> Callable[[OutgoingPdu], None]:
    """Raise at the `at`-th part, once."""
    count = 0

    def on_send(pdu: OutgoingPdu) -> None:
        nonlocal count
        count += 1
        if count == at:
            raise error()

    return on_send


def unanswered() -> ModemSilent:
    error = ModemSilent("no answer")
    error.submitted = True
    return error


def test_each_part_is_written_down_with_its_reference(desk: Desk) -> None:
    desk.queue(LONG)
    desk.send()
    (row,) = desk.rows()
    assert (row.state, row.parts_sent, row.modem) == (OutgoingState.SENT, 3, "modem")
    assert [(p.part, p.reference, p.modem, p.recipient, p.report_wanted) for p in desk.parts()] == [
        (number, number, "modem", VILLAGER, True) for number in (1, 2, 3)
    ]


def test_what_was_sent_is_durable_before_the_next_part_is_tried(desk: Desk) -> None:
    seen: list[int] = []
    desk.modem.on_send = lambda pdu: seen.append(desk.rows()[0].parts_sent)
    desk.queue(LONG)
    desk.send()
    assert seen == [0, 1, 2]


def test_after_a_refusal_only_the_missing_parts_are_sent(desk: Desk) -> None:
    desk.modem.on_send = fall(2, lambda: ModemRefused("AT+CMGS", "+CMS ERROR", 41))
    desk.queue(LONG)
    desk.send()
    assert desk.rows()[0].state == OutgoingState.QUEUED
    desk.pass_time(30)
    desk.send()
    assert desk.rows()[0].state == OutgoingState.SENT
    assert len(desk.modem.sent) == len(set(desk.modem.sent)) == 3


@pytest.mark.parametrize(
    ("wish", "purpose", "asked"),
    [("all", "reply", True), ("alerts", "reply", False), ("alerts", "alert", True), ("none", "alert", False)],
)
def test_reports_are_asked_for_as_set(store: Store, wish: str, purpose: str, asked: bool) -> None:
    desk = Desk(store, Sending(delivery_reports=wish))
    desk.queue(purpose=purpose)
    desk.send()
    first_octet = int(desk.modem.sent[0][2:4], 16)
    assert (bool(first_octet & 0x20), desk.parts()[0].report_wanted) == (asked, asked)  # TP-SRR (9.2.3.5)


def test_alerts_and_others_are_kept_by_the_network_for_different_times(desk: Desk) -> None:
    desk.queue(purpose="reply")
    desk.queue(purpose="alert")
    desk.send_all()
    alert, reply = (bytes.fromhex(hex_)[1:] for hex_ in desk.modem.sent)
    validity = 4 + 7 + 2  # behind first octet, reference, length and type; number; PID and DCS (9.2.2.2)
    assert (alert[validity], reply[validity]) == (23, 167)  # 2 hours, 24 hours (9.2.3.12.1)


def test_a_passing_refusal_is_tried_again_after_growing_waits_then_given_up(store: Store) -> None:
    desk = Desk(store, Sending(attempts=3, retry_seconds=10))
    desk.refuse(Fault.TEMPORARY)
    desk.queue()
    desk.send()
    assert desk.rows()[0].not_before == desk.now + 10_000
    assert not desk.send()
    desk.pass_time(10)
    desk.send()
    assert desk.rows()[0].not_before == desk.now + 20_000
    desk.pass_time(20)
    desk.send()
    assert (desk.rows()[0].state, desk.rows()[0].error) == (OutgoingState.FAILED, "Gangguan.")


def test_an_sms_that_waits_for_its_next_try_holds_up_nobody(desk: Desk) -> None:
    desk.refuse(Fault.TEMPORARY, times=1)
    first, second = desk.queue("satu"), desk.queue("dua")
    desk.send_all()
    assert {row.id: row.state for row in desk.rows()} == {first: OutgoingState.QUEUED, second: OutgoingState.SENT}


@pytest.mark.parametrize("fault", [Fault.NO_SERVICE, Fault.NO_SMSC, Fault.NO_CREDIT])
def test_what_is_no_fault_of_the_sms_is_no_try_and_the_whole_queue_rests(desk: Desk, fault: Fault) -> None:
    desk.refuse(fault)
    for _ in range(3):
        desk.queue()
    desk.send_all()
    assert desk.modem.asked.count("send") == 1
    assert [(row.state, row.attempts) for row in desk.rows()] == [(OutgoingState.QUEUED, 0)] * 3
    for _ in range(10):
        desk.pass_time(7200)
        desk.send()
    assert desk.rows()[0].state == OutgoingState.QUEUED
    desk.modem.on_send = lambda pdu: None
    desk.pass_time(7200)
    desk.send_all()
    assert [row.state for row in desk.rows()] == [OutgoingState.SENT] * 3
    assert desk.sender.trouble == ""


def test_a_missing_service_centre_is_said_aloud(desk: Desk) -> None:
    desk.refuse(Fault.NO_SMSC)
    desk.queue()
    desk.send()
    assert (desk.sender.trouble, desk.rows()[0].error) == (NO_SMSC, NO_SMSC)


def test_without_credit_the_pauses_grow_and_alerts_go_first_when_it_is_back(desk: Desk) -> None:
    desk.refuse(Fault.NO_CREDIT)
    desk.queue("balasan")
    desk.send()
    assert desk.sender.out_of_credit
    assert (desk.sender.trouble, desk.rows()[0].error) == (NO_CREDIT, NO_CREDIT)
    desk.pass_time(sending.NO_CREDIT_SECONDS)
    desk.send()
    desk.pass_time(sending.NO_CREDIT_SECONDS)
    assert desk.sender.resting  # twice as long now
    desk.queue("awas", purpose="alert")
    desk.modem.on_send = lambda pdu: None
    desk.sender.credit_came()
    order: list[str] = []
    desk.modem.on_send = lambda pdu: order.extend(r.purpose for r in desk.rows() if r.state == OutgoingState.ATTEMPTED)
    desk.send_all()
    assert order == ["alert", "reply"]
    assert not desk.sender.out_of_credit


def test_one_sms_that_is_always_refused_as_without_credit_does_not_hold_up_the_others(desk: Desk) -> None:
    cursed = desk.queue("awas", purpose="alert", recipient="+6281272000999")

    def refuse_one(pdu: OutgoingPdu) -> None:
        if any(row.id == cursed and row.state == OutgoingState.ATTEMPTED for row in desk.rows()):
            raise ModemRefused("AT+CMGS", "+CMS ERROR: 21", 21, fault=Fault.NO_CREDIT, operator="Ditolak.")

    desk.modem.on_send = refuse_one
    desk.send()
    assert desk.sender.resting
    other = desk.queue("balasan")
    desk.pass_time(sending.NO_CREDIT_SECONDS)
    desk.send_all()
    states = {row.id: row.state for row in desk.rows()}
    assert states[other] == OutgoingState.SENT
    assert not desk.sender.resting
    for _ in range(10):
        desk.pass_time(3600)
        desk.send_all()
    assert desk.rows()[0].state == OutgoingState.FAILED
    assert not desk.sender.out_of_credit


def test_network_that_is_back_ends_a_rest_but_not_one_for_want_of_credit(desk: Desk) -> None:
    desk.refuse(Fault.NO_SERVICE)
    desk.queue()
    desk.send()
    desk.sender.network_came()
    assert not desk.sender.resting
    desk.refuse(Fault.NO_CREDIT)
    desk.send()
    desk.sender.network_came()
    assert desk.sender.resting


def test_pacing_leaves_a_pause_between_two_sms(store: Store) -> None:
    desk = Desk(store, Sending(pause_seconds=4))
    desk.queue("satu")
    desk.queue("dua")
    assert desk.send()
    assert not desk.send()
    assert desk.sender.seconds_to_wait(60) == 4
    desk.pass_time(4)
    assert desk.send()


@pytest.mark.parametrize(
    ("purpose", "attempts", "state"),
    [
        ("reply", 5, OutgoingState.UNCERTAIN),
        ("message", 5, OutgoingState.UNCERTAIN),
        ("alert", 5, OutgoingState.QUEUED),
        ("alert", 1, OutgoingState.UNCERTAIN),
    ],
)
def test_unanswered_after_it_was_handed_over_only_alerts_are_repeated(
    store: Store, purpose: str, attempts: int, state: OutgoingState
) -> None:
    desk = Desk(store, Sending(attempts=attempts))
    desk.modem.on_send = fall(1, unanswered)
    desk.queue(purpose=purpose)
    with pytest.raises(ModemSilent):
        desk.send()
    assert desk.rows()[0].state == state


def test_a_modem_lost_before_the_pdu_was_handed_over_is_no_try(desk: Desk) -> None:
    desk.modem.on_send = fall(1, lambda: ModemAbsent("gone"))
    desk.queue()
    with pytest.raises(ModemAbsent):
        desk.send()
    assert (desk.rows()[0].state, desk.rows()[0].attempts) == (OutgoingState.QUEUED, 0)


def test_an_sms_that_silences_the_modem_each_time_does_not_hold_up_those_behind_it(desk: Desk) -> None:
    desk.modem.on_send = fall(1, lambda: ModemSilent("no prompt"))
    desk.queue("satu")
    second = desk.queue("dua")
    with pytest.raises(ModemSilent):
        desk.send()
    desk.send()
    assert [row.id for row in desk.rows() if row.state == OutgoingState.SENT] == [second]


def test_what_cannot_be_built_fails_without_touching_the_modem(desk: Desk) -> None:
    desk.queue(recipient="bukan nomor")
    desk.send()
    assert desk.rows()[0].state == OutgoingState.FAILED
    assert desk.modem.asked == []


def test_the_last_of_the_daily_budget_is_for_alerts(store: Store) -> None:
    desk = Desk(store, Sending(per_day=3, alert_reserve=1))
    for number in range(3):
        desk.queue(f"balasan {number}")
    desk.send_all()
    assert [row.state for row in desk.rows()] == [OutgoingState.SENT, OutgoingState.SENT, OutgoingState.QUEUED]
    assert (
        desk.rows()[2].error == "Jatah 2 SMS per hari selain peringatan terpakai (sending.per_day); SMS ini menunggu."
    )
    desk.queue("awas", purpose="alert")
    desk.queue("awas lagi", purpose="alert")
    desk.send_all()
    assert [row.state for row in desk.rows()[3:]] == [OutgoingState.SENT, OutgoingState.QUEUED]
    assert desk.rows()[4].error == "Batas 3 SMS per hari tercapai (sending.per_day); SMS ini menunggu."


def test_what_waited_for_the_budget_leaves_when_a_day_has_passed(store: Store) -> None:
    desk = Desk(store, Sending(per_day=1, alert_reserve=0))
    desk.queue("satu")
    desk.queue("dua")
    desk.send_all()
    desk.pass_time(24 * 3600 - 1)
    assert not desk.send()
    desk.pass_time(1)
    assert desk.send()
    assert [(row.state, row.error) for row in desk.rows()] == [(OutgoingState.SENT, "")] * 2


def test_the_budget_counts_parts(store: Store) -> None:
    desk = Desk(store, Sending(per_day=5, alert_reserve=0))
    desk.queue(LONG)
    desk.queue(LONG.upper())
    desk.send_all()
    assert [row.state for row in desk.rows()] == [OutgoingState.SENT, OutgoingState.QUEUED]
    assert len(desk.modem.sent) == 3


def test_an_sms_longer_than_the_whole_budget_does_not_wait_for_ever(store: Store) -> None:
    desk = Desk(store, Sending(per_day=2, alert_reserve=0))
    desk.queue(LONG)
    assert desk.send()


def test_a_modem_that_never_answers_does_not_escape_the_budget(store: Store) -> None:
    desk = Desk(store, Sending(per_day=4, alert_reserve=0, attempts=3))

    def never(pdu: OutgoingPdu) -> None:
        raise unanswered()

    desk.modem.on_send = never
    desk.queue("awas", purpose="alert")
    for number in range(9):
        desk.queue(f"balasan {number}")
    for _ in range(20):
        with contextlib.suppress(ModemSilent):
            desk.send()
    assert desk.modem.asked.count("send") == 4
    assert [row.state for row in desk.rows()[:2]] == [OutgoingState.UNCERTAIN] * 2
    assert "sending.per_day" in desk.rows()[2].error


def test_what_a_killed_program_had_taken_up_counts_for_the_budget(store: Store) -> None:
    desk = Desk(store, Sending(per_day=1, alert_reserve=0))
    id_ = desk.queue()
    with store.write() as session:
        outgoing.mark_attempted(session.get_one(Outgoing, id_), "modem")
        outgoing.recover(session, NOW, attempts=5)
    desk.queue("lagi")
    assert not desk.send()
    desk.pass_time(24 * 3600)
    assert desk.send()


def test_a_clock_set_back_by_hours_does_not_put_off_what_waits(desk: Desk) -> None:
    desk.refuse(Fault.TEMPORARY, times=1)
    desk.queue(purpose="alert")
    desk.send()
    desk.now -= 3 * 3600 * 1000
    assert desk.send()


def test_waits_between_tries_end_at_an_hour_however_many_there_are(store: Store) -> None:
    desk = Desk(store, Sending(attempts=5000))
    desk.refuse(Fault.TEMPORARY)
    id_ = desk.queue()
    for attempts in (15, 3000):
        with store.write() as session:
            session.get_one(Outgoing, id_).attempts = attempts
        desk.send()
        assert desk.rows()[0].not_before == desk.now + outgoing.LONGEST_WAIT_MILLISECONDS
        assert not desk.send()
        desk.pass_time(24 * 3600)


def test_what_the_operator_says_of_credit_makes_no_refusal_the_fault_of_an_sms(desk: Desk) -> None:
    desk.refuse(Fault.NO_CREDIT)
    desk.queue(purpose="alert")
    for _ in range(20):
        desk.send()
        desk.pass_time(1)
        desk.sender.credit_came()
    assert (desk.rows()[0].state, desk.rows()[0].attempts) == (OutgoingState.QUEUED, 0)


def test_while_the_least_used_modem_is_busy_the_other_sends(desk: Desk) -> None:
    desk.fleet.tell("modem.more.1", Readiness.READY)
    others, _ = desk.queue(), desk.queue()
    with desk.store.write() as session:
        outgoing.mark_attempted(session.get_one(Outgoing, others), "modem.more.1")
    desk.queue(LONG)
    desk.send_all()
    assert [row.state for row in desk.rows()] == [OutgoingState.ATTEMPTED, OutgoingState.SENT, OutgoingState.SENT]


def test_an_alert_does_not_wait_for_a_busy_modem_that_its_prefix_fits(desk: Desk) -> None:
    desk.fleet = Fleet({"modem": ModemLine(), "modem.more.1": ModemLine(prefixes=("+62",))}, tick=lambda: desk.ticks)
    desk.sender._fleet = desk.fleet
    for key in ("modem", "modem.more.1"):
        desk.fleet.tell(key, Readiness.READY)
    others = desk.queue()
    with desk.store.write() as session:
        outgoing.mark_attempted(session.get_one(Outgoing, others), "modem.more.1")
    desk.queue()
    assert not desk.send()
    desk.queue(purpose="alert")
    assert desk.send()
    assert desk.rows()[2].state == OutgoingState.SENT


def test_a_half_sent_alert_does_not_wait_long_for_a_modem_that_is_away(desk: Desk) -> None:
    id_ = desk.queue(LONG, purpose="alert")
    with desk.store.write() as session:
        row = session.get_one(Outgoing, id_)
        row.modem, row.parts_sent = "modem.more.1", 2
    desk.pass_time(ALERT_GONE_SECONDS)
    assert not desk.send()
    desk.pass_time(1)
    assert desk.send()
    assert len(desk.modem.sent) == 3


@pytest.mark.parametrize("limits", [Sending(per_day=0), Sending(per_day=0, alert_reserve=0)])
def test_no_limit_is_none(store: Store, limits: Sending) -> None:
    desk = Desk(store, limits)
    desk.queue()
    assert desk.send()


def test_a_reserve_as_large_as_the_budget_leaves_only_alerts(store: Store) -> None:
    desk = Desk(store, Sending(per_day=5, alert_reserve=5))
    desk.queue()
    desk.queue(purpose="alert")
    desk.send_all()
    assert [row.state for row in desk.rows()] == [OutgoingState.QUEUED, OutgoingState.SENT]


def test_a_modem_for_receiving_sends_nothing(store: Store) -> None:
    desk = Desk(store, line=ModemLine(role="receive"))
    desk.queue()
    assert not desk.send()


def test_half_sent_it_stays_with_its_modem_until_that_is_gone_for_good(desk: Desk) -> None:
    id_ = desk.queue(LONG)
    with desk.store.write() as session:
        row = session.get_one(Outgoing, id_)
        row.modem, row.parts_sent = "modem.more.1", 2
    assert not desk.send()
    desk.pass_time(GONE_SECONDS + 1)
    desk.fleet.tell("modem", Readiness.READY)
    assert desk.send()
    assert len(desk.modem.sent) == 3  # from the first part on: a phone joins parts by sender
    assert desk.rows()[0].modem == "modem"


def test_half_sent_by_an_older_version_it_goes_on_where_it_was(desk: Desk) -> None:
    id_ = desk.queue(LONG)
    with desk.store.write() as session:
        session.get_one(Outgoing, id_).parts_sent = 2
    desk.send()
    assert len(desk.modem.sent) == 1


def test_only_its_own_interrupted_sms_are_recovered(desk: Desk) -> None:
    mine, others = desk.queue("satu"), desk.queue("dua")
    with desk.store.write() as session:
        outgoing.mark_attempted(session.get_one(Outgoing, mine), "modem")
        outgoing.mark_attempted(session.get_one(Outgoing, others), "modem.more.1")
    desk.sender.recover_interrupted()
    assert [row.state for row in desk.rows()] == [OutgoingState.UNCERTAIN, OutgoingState.ATTEMPTED]
