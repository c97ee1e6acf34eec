"""The modem's thread: durable before deleted, attempted before sent, back after every fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from config.settings import Modem, Sending, Settings
from gateway.board import Board
from gateway.modem_loop import ModemLoop
from gateway.store import outgoing
from gateway.store.database import Store
from gateway.store.models import Outgoing, OutgoingState, Pdu
from modem.types import Fault, ModemAbsent, ModemRefused, ModemSilent, ModemState, OutgoingPdu
from tests.gateway.fakes import FakeModem
from tests.sms import VILLAGER, pdus

SETTINGS = Settings(
    modem=Modem(reopen_seconds=0.01, reopen_max_seconds=0.02, poll_seconds=0.05),
    sending=Sending(attempts=2, retry_seconds=0),
)
NOW = 1_795_442_000_000
PATIENCE_SECONDS = 10.0


class Rig:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.modem = FakeModem()
        self.board = Board()
        self.loop = ModemLoop(
            self.modem, store, self.board, SETTINGS, port="fake", clock=lambda: NOW, on_stored=self.board.touch
        )

    def until(self, what: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if found := what():
                return found
            self.board.wait_for_change(self.board.change, 0.01)
        raise AssertionError("it never happened")

    def stored(self) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(Pdu)) or 0

    def outgoing(self) -> list[Outgoing]:
        with self.store.read() as session:
            return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))


@pytest.fixture
def rig(store: Store) -> Iterator[Rig]:
    made = Rig(store)
    yield made
    made.loop.stop()
    if made.loop.is_alive():
        made.loop.join(5)


def test_what_is_in_the_sim_at_the_start_is_collected(rig: Rig) -> None:
    rig.modem.slots = {3: pdus("satu")[0], 17: pdus("dua")[0]}
    rig.loop.start()
    rig.until(lambda: not rig.modem.slots)
    assert rig.stored() == 2


def test_nothing_is_deleted_before_it_is_on_disk(rig: Rig) -> None:
    seen: list[int] = []
    rig.modem.on_delete = lambda slot: seen.append(rig.stored())
    rig.modem.slots = {1: pdus("satu")[0], 2: pdus("dua")[0]}
    rig.loop.start()
    rig.until(lambda: not rig.modem.slots)
    assert seen == [2, 2]


def test_a_modem_that_is_absent_is_waited_for(rig: Rig) -> None:
    rig.modem.absent = True
    rig.modem.slots = {1: pdus("satu")[0]}
    rig.loop.start()
    rig.until(lambda: rig.modem.asked.count("open") >= 3)
    assert rig.board.modem.state == ModemState.ABSENT
    assert "kabel" in rig.board.modem.sentence
    rig.modem.absent = False
    rig.until(lambda: rig.stored() == 1)
    assert rig.board.modem.state == ModemState.READY


def test_unplugged_in_the_middle_of_a_listing_it_comes_back(rig: Rig) -> None:
    falls = iter([True, True, False])

    def fall() -> None:
        if next(falls, False):
            raise ModemAbsent("gone")

    rig.modem.on_list = fall
    rig.modem.slots = {1: pdus("satu")[0]}
    rig.loop.start()
    rig.until(lambda: rig.stored() == 1)


def test_a_modem_that_refuses_to_delete_is_read_on_and_sends_on(rig: Rig) -> None:
    def refuse(slot: int) -> None:
        raise ModemRefused("AT+CMGD", "+CMS ERROR: 320", 320)

    rig.modem.on_delete = refuse
    rig.modem.slots = {1: pdus("satu")[0]}
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.SENT)
    rig.until(lambda: rig.modem.asked.count("list") > 3)
    assert rig.stored() == 1
    assert "menolak menghapus" in rig.board.modem.sentence


def test_an_sms_is_marked_before_the_modem_is_touched(rig: Rig) -> None:
    states: list[str] = []
    rig.modem.on_send = lambda pdu: states.append(rig.outgoing()[0].state)
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.SENT)
    assert states == [OutgoingState.ATTEMPTED]


def test_a_refusal_that_may_pass_is_tried_again_up_to_the_limit(rig: Rig) -> None:
    def refuse(pdu: OutgoingPdu) -> None:
        raise ModemRefused("AT+CMGS", "+CMS ERROR: 41", 41, operator="Gangguan jaringan.")

    rig.modem.on_send = refuse
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.FAILED)
    assert rig.modem.asked.count("send") == SETTINGS.sending.attempts
    assert rig.outgoing()[0].error == "Gangguan jaringan."


def test_a_refusal_for_good_is_not_repeated(rig: Rig) -> None:
    def refuse(pdu: OutgoingPdu) -> None:
        raise ModemRefused("AT+CMGS", "+CMS ERROR: 1", 1, fault=Fault.PERMANENT)

    rig.modem.on_send = refuse
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.FAILED)
    assert rig.modem.asked.count("send") == 1


@pytest.mark.parametrize(("submitted", "end"), [(True, OutgoingState.UNCERTAIN), (False, OutgoingState.SENT)])
def test_a_modem_lost_while_sending_repeats_only_what_it_surely_did_not_send(
    rig: Rig, submitted: bool, end: OutgoingState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem_loop.NETWORK_DOWN_SECONDS", 0)
    falls = iter([True])

    def fall(pdu: OutgoingPdu) -> None:
        if next(falls, False):
            error = ModemAbsent("gone")
            error.submitted = submitted
            raise error

    rig.modem.on_send = fall
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == end)
    assert len(rig.modem.sent) == (0 if submitted else 1)


def test_alerts_leave_first_then_answers_then_typed_messages(rig: Rig) -> None:
    with rig.store.write() as session:
        for purpose in ("message", "reply", "alert"):
            outgoing.queue(session, outgoing.new(VILLAGER, purpose, purpose, "", NOW), NOW)
    order: list[str] = []
    rig.modem.on_send = lambda pdu: order.extend(
        r.purpose for r in rig.outgoing() if r.state == OutgoingState.ATTEMPTED
    )
    rig.loop.start()
    rig.until(lambda: len(rig.modem.sent) == 3)
    assert order == ["alert", "reply", "message"]


def test_after_a_crash_alerts_go_again_and_courtesy_does_not(store: Store) -> None:
    with store.write() as session:
        for purpose in ("alert", "reply"):
            row = outgoing.new(VILLAGER, purpose, purpose, "", NOW)
            row.state, row.attempts = OutgoingState.ATTEMPTED, 1
            session.add(row)
    with store.write() as session:
        assert outgoing.recover(session, NOW, attempts=2) == 2
    with store.read() as session:
        assert [r.state for r in session.scalars(select(Outgoing).order_by(Outgoing.id))] == ["queued", "uncertain"]


def test_without_network_an_sms_waits_however_long_it_takes(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem_loop.NETWORK_DOWN_SECONDS", 0)
    tries = iter(range(4 * SETTINGS.sending.attempts))

    def no_network(pdu: OutgoingPdu) -> None:
        if next(tries, None) is not None:
            raise ModemRefused("AT+CMGS", "+CMS ERROR: 331", 331, fault=Fault.NO_SERVICE)

    rig.modem.on_send = no_network
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.SENT)
    assert rig.outgoing()[0].attempts == 1


def test_without_network_the_whole_queue_rests(rig: Rig) -> None:
    def no_network(pdu: OutgoingPdu) -> None:
        raise ModemRefused("AT+CMGS", "+CMS ERROR: 331", 331, fault=Fault.NO_SERVICE)

    rig.modem.on_send = no_network
    for _ in range(3):
        outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.modem.asked.count("list") > 3)
    assert rig.modem.asked.count("send") == 1


def test_an_alert_that_ends_the_modem_each_time_is_given_up(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem_loop.NETWORK_DOWN_SECONDS", 0)

    def hang(pdu: OutgoingPdu) -> None:
        error = ModemSilent("no answer")
        error.submitted = True
        raise error

    rig.modem.on_send = hang
    with rig.store.write() as session:
        outgoing.queue(session, outgoing.new(VILLAGER, "awas", "alert", "", NOW), NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.UNCERTAIN)
    assert rig.modem.asked.count("send") == SETTINGS.sending.attempts


def test_an_sms_whose_end_could_not_be_written_does_not_stay_attempted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, full = outgoing.finish, iter([True])

    def disk_full(*args: Any, **options: Any) -> None:
        if next(full, False):
            raise OperationalError("UPDATE", {}, Exception("database or disk is full"))
        finish(*args, **options)

    monkeypatch.setattr(outgoing, "finish", disk_full)
    outgoing.queue_typed(rig.store, VILLAGER, "halo", NOW)
    rig.loop.start()
    rig.until(lambda: rig.outgoing()[0].state == OutgoingState.UNCERTAIN)
    assert len(rig.modem.sent) == 1


def test_a_fault_of_the_laptop_is_shown_and_its_log_holds_no_text(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with rig.store.write() as session:
        session.execute(text("CREATE TRIGGER full BEFORE INSERT ON pdu BEGIN SELECT RAISE(ABORT, 'disk full'); END"))
    hex_ = pdus("RAHASIA BENAR")[0]
    rig.modem.slots = {1: hex_}
    rig.loop.start()
    rig.until(lambda: rig.board.modem.state == ModemState.HUNG)
    assert "disk penuh" in rig.board.modem.sentence
    assert rig.modem.slots
    shown = "".join(capfd.readouterr())
    assert "disk full" in shown
    assert hex_ not in shown


def test_a_clock_that_was_years_ahead_does_not_hold_back_sms(store: Store) -> None:
    with store.write() as session:
        row = outgoing.queue(session, outgoing.new(VILLAGER, "halo", "reply", "", NOW), NOW)
        row.not_before = NOW + 14 * 365 * outgoing.DAY_MILLISECONDS
    with store.read() as session:
        assert outgoing.next_due(session, NOW) is not None


def test_answers_of_a_clock_that_was_years_ahead_use_up_no_budget(store: Store) -> None:
    ahead = NOW + 14 * 365 * outgoing.DAY_MILLISECONDS
    with store.write() as session:
        for at in (ahead, NOW - 1000, NOW + 1000):
            outgoing.queue(session, outgoing.new(VILLAGER, "halo", "reply", "", at), NOW)
    with store.read() as session:
        assert outgoing.answers_since(session, NOW - outgoing.DAY_MILLISECONDS) == 2
