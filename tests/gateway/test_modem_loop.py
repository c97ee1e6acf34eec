"""The modem's thread: durable before deleted, attempted before sent, back after every fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from config.settings import Modem, Sending, Settings
from gateway.balance import FIRST_ASKED_SECONDS
from gateway.board import Board
from gateway.fleet import Fleet
from gateway.modem_loop import ModemLoop, ModemSource
from gateway.sending import NO_CREDIT
from gateway.store import modems, outgoing
from gateway.store.database import Store
from gateway.store.models import Outgoing, OutgoingState, Pdu
from modem.types import (
    DIRECT,
    Fault,
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemSilent,
    ModemState,
    ModemStatus,
    Notification,
    OutgoingPdu,
    PinNeeded,
    SimMissing,
    StoredPdu,
)
from tests.gateway.fakes import FakeModem, source
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
        made = source(self.modem)
        self.loop = ModemLoop(
            made, store, self.board, SETTINGS, Fleet({made.key: made.line}),
            clock=lambda: NOW, on_stored=self.board.touch,
        )  # fmt: skip

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
    rig.until(lambda: rig.board.modem.state == ModemState.READY)
    assert rig.stored() == 1


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
    monkeypatch.setattr("gateway.sending.NO_SERVICE_SECONDS", 0)
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
    monkeypatch.setattr("gateway.sending.NO_SERVICE_SECONDS", 0)
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
    monkeypatch.setattr("gateway.sending.NO_SERVICE_SECONDS", 0)

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
        assert next(outgoing.due(session, NOW), None) is not None


def test_answers_of_a_clock_that_was_years_ahead_use_up_no_budget(store: Store) -> None:
    ahead = NOW + 14 * 365 * outgoing.DAY_MILLISECONDS
    with store.write() as session:
        for at in (ahead, NOW - 1000, NOW + 1000):
            outgoing.queue(session, outgoing.new(VILLAGER, "halo", "reply", "", at), NOW)
    with store.read() as session:
        assert outgoing.answers_since(session, NOW - outgoing.DAY_MILLISECONDS) == 2


# -- the life of the modem, with steps ---------------------------------------------------------------------------------


class Bench(Rig):
    """A rig whose ports, USB power and clock the test holds. Each port has a driver of its own."""

    def __init__(self, store: Store, settings: Settings = SETTINGS) -> None:
        super().__init__(store)
        self.port: str | None = "ttyUSB0"
        self.drivers: dict[str, FakeModem] = {"ttyUSB0": self.modem}
        self.power: list[str] = []
        self.permitted = True
        self.ahead = 0.0
        made = ModemSource("modem", settings.modem, lambda: self.port, self.drivers.__getitem__, self._cut)
        self.loop = ModemLoop(
            made, store, self.board, settings, Fleet({"modem": settings.modem}),
            clock=lambda: NOW, on_stored=self.board.touch, tick=lambda: time.monotonic() + self.ahead,
        )  # fmt: skip

    def _cut(self, port: str) -> bool:
        self.power.append(port)
        return self.permitted

    def steps(self) -> list[str]:
        """What was done about the modem, in order."""
        return [asked for asked in self.modem.asked if asked in ("open", "reset")]

    def state(self) -> ModemState:
        return self.board.modem.state


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    made = Bench(store)
    yield made
    made.loop.stop()
    if made.loop.is_alive():
        made.loop.join(5)


def test_a_mute_modem_is_restarted_reopened_and_then_loses_its_usb_power(bench: Bench) -> None:
    bench.modem.fault = ModemSilent("nothing")
    bench.loop.start()
    bench.until(lambda: len(bench.power) == 2)
    assert bench.steps()[:8] == ["open", "reset", "open", "open", "open", "open", "reset", "open"]
    assert bench.power[0] == "ttyUSB0"


@pytest.mark.parametrize("usb_reset", [True, False])
def test_where_the_power_cannot_be_cut_the_modem_is_restarted_instead(store: Store, usb_reset: bool) -> None:
    settings = msgspec.structs.replace(SETTINGS, modem=msgspec.structs.replace(SETTINGS.modem, usb_reset=usb_reset))
    bench = Bench(store, settings)
    bench.permitted = False
    bench.modem.fault = ModemSilent("nothing")
    bench.loop.start()
    bench.until(lambda: len(bench.steps()) >= 6)
    bench.loop.stop()
    bench.loop.join(5)
    assert bench.steps()[:6] == ["open", "reset", "open", "open", "reset", "open"]
    assert bool(bench.power) is usb_reset


def test_a_modem_renamed_by_a_replug_is_used_under_its_new_name(bench: Bench) -> None:
    bench.loop.start()
    bench.until(lambda: bench.state() == ModemState.READY)
    bench.drivers["ttyUSB3"] = FakeModem()
    bench.drivers["ttyUSB3"].slots = {1: pdus("satu")[0]}

    def pulled() -> None:
        raise ModemAbsent("gone")

    bench.modem.on_list = pulled
    bench.port = None
    bench.until(lambda: bench.state() == ModemState.ABSENT)
    bench.until(lambda: "tidak ditemukan" in bench.board.modem.sentence)
    bench.port = "ttyUSB3"
    bench.until(lambda: bench.stored() == 1)


def test_a_modem_that_began_anew_is_set_up_again(bench: Bench) -> None:
    bench.loop.start()
    bench.until(lambda: bench.state() == ModemState.READY)
    bench.modem.tell(Notification("restarted"))
    bench.until(lambda: bench.steps() == ["open", "open"])
    bench.until(lambda: bench.state() == ModemState.READY)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (PinNeeded("AT+CPIN?", "SIM PIN"), ModemState.PIN_NEEDED),
        (SimMissing("AT+CPIN?", "+CME ERROR: 10"), ModemState.NO_SIM),
        (ModemRefused("AT+CMGF=0", "ERROR"), ModemState.HUNG),
    ],
)
def test_what_only_a_person_can_mend_is_shown_and_mended_without_a_restart(
    bench: Bench, fault: ModemError, state: ModemState
) -> None:
    bench.modem.fault = fault
    bench.loop.start()
    bench.until(lambda: bench.state() == state)
    assert bench.board.modem.sentence == fault.operator
    bench.modem.fault = None
    bench.until(lambda: bench.state() == ModemState.READY)


def test_without_network_for_long_the_modem_is_restarted_and_later_again(store: Store) -> None:
    settings = msgspec.structs.replace(SETTINGS, modem=msgspec.structs.replace(SETTINGS.modem, search_minutes=10))
    bench = Bench(store, settings)
    bench.modem.state = ModemStatus(ModemState.SEARCHING, "Mencari jaringan.")
    bench.loop.start()
    restarted_at: list[float] = []
    bench.modem.reset = lambda: restarted_at.append(bench.ahead / 60)  # type: ignore[method-assign]
    try:
        bench.until(lambda: bench.state() == ModemState.SEARCHING)
        for minute in range(1, 75):
            asked = bench.modem.asked.count("status")
            bench.ahead = minute * 60
            bench.modem.wake()
            bench.until(lambda before=asked: bench.modem.asked.count("status") > before)
        # The clock may go on a little before the step is taken.
        assert restarted_at == pytest.approx([11, 31, 71], abs=2)
        bench.modem.state = ModemStatus(ModemState.READY, "Modem siap.")
        bench.ahead += 60
        bench.modem.wake()
        bench.until(lambda: bench.state() == ModemState.READY)
    finally:
        bench.loop.stop()
        bench.loop.join(5)


def test_the_log_hears_of_a_change_and_not_of_every_try(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    bench.modem.absent = True
    bench.loop.start()
    bench.until(lambda: bench.modem.asked.count("open") > 10)
    bench.modem.absent = False
    bench.until(lambda: bench.state() == ModemState.READY)
    shown = "".join(capfd.readouterr())
    assert shown.count("state=absent") == 1
    assert shown.count("state=ready") == 1


def test_a_direct_delivery_is_kept_and_acknowledged(bench: Bench) -> None:
    bench.loop.start()
    bench.modem.tell(Notification("delivered", stored=StoredPdu(None, pdus("satu")[0], DIRECT)))
    bench.until(lambda: "acknowledge" in bench.modem.asked)
    assert bench.stored() == 1


def test_a_full_sim_that_lets_nothing_be_deleted_is_shown(bench: Bench) -> None:
    def refuse(slot: int) -> None:
        raise ModemRefused("AT+CMGD", "+CMS ERROR: 320", 320)

    bench.modem.on_delete = refuse
    bench.modem.slots = {1: pdus("satu")[0]}
    bench.modem.state = ModemStatus(ModemState.FULL, "Kartu SIM penuh.", sim_used=1, sim_capacity=1)
    bench.loop.start()
    bench.until(lambda: bench.state() == ModemState.FULL)
    assert "menolak menghapus" in bench.board.modem.sentence


def test_credit_is_asked_for_only_while_nothing_waits(store: Store) -> None:
    line = msgspec.structs.replace(SETTINGS.modem, balance_code="*888#")
    bench = Bench(store, msgspec.structs.replace(SETTINGS, modem=line))
    bench.modem.answers = {"*888#": "Sisa pulsa Rp25.000 berlaku s.d 31/12/2026"}
    outgoing.queue_typed(store, VILLAGER, "halo", NOW)
    with store.write() as session:
        session.execute(text("UPDATE outgoing SET not_before = :later"), {"later": NOW + 60_000})
    bench.loop.start()
    try:
        bench.ahead = FIRST_ASKED_SECONDS
        bench.until(lambda: bench.modem.asked.count("list") > 3)
        assert "ussd *888#" not in bench.modem.asked
        with store.write() as session:
            session.execute(text("UPDATE outgoing SET not_before = 0"))
        bench.loop.wake()
        bench.until(lambda: "ussd *888#" in bench.modem.asked)
    finally:
        bench.loop.stop()
        bench.loop.join(5)


def test_without_credit_it_is_asked_for_at_once_and_new_credit_frees_the_queue(store: Store) -> None:
    line = msgspec.structs.replace(SETTINGS.modem, balance_code="*888#")
    bench = Bench(store, msgspec.structs.replace(SETTINGS, modem=line))
    bench.modem.answers = {"*888#": "Sisa pulsa Rp100 berlaku s.d 31/12/2026"}

    def no_credit(pdu: OutgoingPdu) -> None:
        raise ModemRefused("AT+CMGS", "+CMS ERROR: 38", 38, fault=Fault.NO_CREDIT)

    bench.modem.on_send = no_credit
    outgoing.queue_typed(store, VILLAGER, "halo", NOW)
    bench.loop.start()
    try:
        bench.until(lambda: "ussd *888#" in bench.modem.asked)
        bench.until(lambda: bench.board.modem.sentence == NO_CREDIT)
        assert any("100" in said for said in bench.board.warnings["modem"])
        bench.modem.on_send = lambda pdu: None
        with store.write() as session:
            modems.record(session, "modem").balance = 50_000
        bench.loop.credit_learnt()
        bench.until(lambda: bench.outgoing()[0].state == OutgoingState.SENT)
    finally:
        bench.loop.stop()
        bench.loop.join(5)
