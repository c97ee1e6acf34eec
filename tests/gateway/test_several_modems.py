"""Several modems on one laptop: nothing is lost, nothing leaves twice, each takes what is its own."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from config.knowledge import load_knowledge
from config.settings import Modem, ModemLine, Sending, Settings
from gateway import sending
from gateway.board import Board
from gateway.fleet import Fleet
from gateway.reports.knowledge import compile_knowledge
from gateway.routing import Readiness
from gateway.sending import NOBODY_SENDS, Sender
from gateway.service import Gateway
from gateway.store import modems, outgoing
from gateway.store.database import Store
from gateway.store.models import Message, MessageState, Outgoing, OutgoingState, Pdu
from modem.types import Fault, ModemAbsent, ModemRefused, ModemState, ModemStatus, OutgoingPdu
from tests.gateway.fakes import FakeModem, source
from tests.sms import SENT_AT, VILLAGER, pdus

FIRST, SECOND = "modem", "modem.more.1"
OTHER = "+6281772000101"
PATIENCE_SECONDS = 10.0


class Laptop:
    """A gateway with two modems, running."""

    def __init__(self, store: Store, first: ModemLine | None = None, second: ModemLine | None = None) -> None:
        more = second or ModemLine(name="cadangan")
        line = first or ModemLine()
        self.store = store
        self.modems = {FIRST: FakeModem(), SECOND: FakeModem()}
        settings = Settings(
            modem=Modem(
                name=line.name, role=line.role, prefixes=line.prefixes, number=line.number, more=(more,),
                reopen_seconds=0.01, reopen_max_seconds=0.02, poll_seconds=0.05,
            ),
            sending=Sending(attempts=2, retry_seconds=0),
        )  # fmt: skip
        self.gateway = Gateway(
            store,
            [source(self.modems[FIRST], FIRST, line), source(self.modems[SECOND], SECOND, more)],
            compile_knowledge(load_knowledge()),
            settings,
        )
        self.board = self.gateway.board

    def until(self, what: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if found := what():
                return found
            self.board.wait_for_change(self.board.change, 0.01)
        raise AssertionError("it never happened")

    def ready(self) -> None:
        self.gateway.start()
        self.until(lambda: {status.state for status in self.board.modems.values()} == {ModemState.READY})

    def outgoing(self) -> list[Outgoing]:
        with self.store.read() as session:
            return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))

    def all_sent(self) -> dict[str, str]:
        """Which modem sent what to whom, once everything is gone."""
        self.until(lambda: {row.state for row in self.outgoing()} == {OutgoingState.SENT})
        return {row.recipient: row.modem for row in self.outgoing()}


@pytest.fixture
def start(store: Store) -> Iterator[Callable[..., Laptop]]:
    begun: list[Laptop] = []

    def begin(**lines: ModemLine) -> Laptop:
        begun.append(Laptop(store, **lines))
        return begun[0]

    yield begin
    for laptop in begun:
        laptop.gateway.stop()


def test_the_board_shows_every_modem_by_name_and_the_worst_for_all(start: Callable[..., Laptop]) -> None:
    laptop = start()
    laptop.modems[SECOND].absent = True
    laptop.gateway.start()
    laptop.until(lambda: laptop.board.modems[FIRST].state == ModemState.READY)
    laptop.until(lambda: "kabel" in laptop.board.modems[SECOND].sentence)
    assert list(laptop.board.modems) == [FIRST, SECOND]
    assert laptop.board.names == {FIRST: "Modem 1", SECOND: "cadangan"}
    assert laptop.board.modem == laptop.board.modems[SECOND]


def test_each_sends_what_its_prefix_fits(start: Callable[..., Laptop]) -> None:
    laptop = start(first=ModemLine(prefixes=("0817",)), second=ModemLine(prefixes=("+62812",)))
    laptop.ready()
    for number in (VILLAGER, OTHER):
        laptop.gateway.send_sms(number, "halo")
    assert laptop.all_sent() == {VILLAGER: SECOND, OTHER: FIRST}


def test_without_prefixes_the_load_is_shared(start: Callable[..., Laptop]) -> None:
    laptop = start()
    laptop.ready()
    for place in range(6):
        laptop.gateway.send_sms(f"+628127200010{place}", "halo")
        laptop.all_sent()
    assert Counter(row.modem for row in laptop.outgoing()) == {FIRST: 3, SECOND: 3}


def test_a_modem_for_sending_is_emptied_all_the_same(start: Callable[..., Laptop]) -> None:
    laptop = start(second=ModemLine(role="send"))
    laptop.modems[SECOND].slots = {1: pdus("NIHIL LAMBUR")[0]}
    laptop.ready()
    laptop.until(lambda: not laptop.modems[SECOND].slots)
    with laptop.store.read() as session:
        assert session.scalars(select(Pdu.modem)).all() == [SECOND]


def test_a_modem_for_receiving_leaves_sending_to_the_other(start: Callable[..., Laptop]) -> None:
    laptop = start(first=ModemLine(role="receive"))
    laptop.ready()
    laptop.gateway.send_sms(VILLAGER, "halo")
    assert laptop.all_sent() == {VILLAGER: SECOND}


def test_where_no_modem_may_send_the_queue_says_so(start: Callable[..., Laptop]) -> None:
    laptop = start(first=ModemLine(role="receive"), second=ModemLine(role="receive"))
    outgoing.queue_typed(laptop.store, VILLAGER, "halo", 1)
    laptop.ready()
    laptop.until(lambda: laptop.outgoing()[0].error == NOBODY_SENDS)
    assert laptop.outgoing()[0].state == OutgoingState.QUEUED


def test_the_other_takes_over_what_one_cannot_send_for_want_of_credit(start: Callable[..., Laptop]) -> None:
    laptop = start(first=ModemLine(prefixes=("+62812",)))

    def no_credit(pdu: OutgoingPdu) -> None:
        raise ModemRefused("AT+CMGS", "+CMS ERROR: 38", 38, fault=Fault.NO_CREDIT)

    laptop.modems[FIRST].on_send = no_credit
    laptop.ready()
    laptop.gateway.send_sms(VILLAGER, "halo")
    assert laptop.all_sent() == {VILLAGER: SECOND}
    laptop.until(lambda: laptop.board.modems[FIRST].sentence == sending.NO_CREDIT)


def test_the_other_takes_over_while_one_is_unplugged(
    start: Callable[..., Laptop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "NO_SERVICE_SECONDS", 0)
    laptop = start(first=ModemLine(prefixes=("+62812",)))

    def unplug(pdu: OutgoingPdu) -> None:
        laptop.modems[FIRST].absent = True
        raise ModemAbsent("gone")

    laptop.modems[FIRST].on_send = unplug
    laptop.ready()
    laptop.gateway.send_sms(VILLAGER, "halo")
    assert laptop.all_sent() == {VILLAGER: SECOND}


def test_our_own_modems_never_answer_each_other(start: Callable[..., Laptop]) -> None:
    laptop = start(second=ModemLine(number=OTHER))
    laptop.modems[FIRST].slots = {1: pdus("LAPOR BENTROK KAMPUNG LAUT 40 2", sender=OTHER)[0]}
    laptop.gateway.start()
    laptop.until(lambda: laptop.outgoing() and laptop.outgoing()[0].state == OutgoingState.HELD)
    assert "nomor kita sendiri" in laptop.outgoing()[0].error


def test_a_notice_of_the_operator_is_the_credit_of_the_modem_that_got_it(start: Callable[..., Laptop]) -> None:
    laptop = start()
    laptop.ready()
    notice = "Sisa pulsa Anda Rp1.500, berlaku s.d 30/11/2026. Segera isi ulang."
    laptop.modems[SECOND].arrive(pdus(notice, sender="TELKOMSEL")[0])
    laptop.until(lambda: laptop.board.warnings.get(SECOND))
    assert any("1500" in said for said in laptop.board.warnings[SECOND])
    assert not laptop.board.warnings.get(FIRST)
    with laptop.store.read() as session:
        known = modems.all_records(session)
        (message,) = session.scalars(select(Message))
    assert (known[SECOND].balance, known[FIRST].balance) == (1500, None)
    assert message.sender == "TELKOMSEL"
    assert [row for row in laptop.outgoing() if row.state != OutgoingState.HELD] == []


def test_notices_that_credit_is_gone_cause_no_further_tries(start: Callable[..., Laptop]) -> None:
    """The network refuses, its operator writes that the credit is gone: were that a reason to try again, it would never end."""
    laptop = start(second=ModemLine(role="receive"))
    notices = iter(
        pdus("Maaf, pulsa Anda tidak cukup.", sender="TELKOMSEL", sent_at=SENT_AT + n)[0] for n in range(100)
    )

    def no_credit(pdu: OutgoingPdu) -> None:
        laptop.modems[FIRST].arrive(next(notices))
        raise ModemRefused("AT+CMGS", "+CMS ERROR: 38", 38, fault=Fault.NO_CREDIT)

    def heard() -> int:
        with laptop.store.read() as session:
            return len(session.scalars(select(Message.id).where(Message.state == MessageState.UNDERSTOOD)).all())

    laptop.modems[FIRST].on_send = no_credit
    laptop.ready()
    laptop.gateway.send_sms(VILLAGER, "halo")
    for count in (1, 2, 3):
        laptop.until(partial(lambda wanted: heard() >= wanted, count))
        laptop.until(lambda: any("Pulsa habis" in said for said in laptop.board.warnings.get(FIRST, ())))
        laptop.modems[FIRST].arrive(next(notices))
    assert laptop.modems[FIRST].asked.count("send") == 1
    (row,) = [row for row in laptop.outgoing() if row.purpose == "message"]
    assert (row.state, row.attempts) == (OutgoingState.QUEUED, 0)


def test_two_threads_never_take_the_same_sms(store: Store) -> None:
    lines = {FIRST: ModemLine(), SECOND: ModemLine()}
    fleet = Fleet(lines)
    fakes = {key: FakeModem() for key in lines}
    for key in lines:
        fleet.tell(key, Readiness.READY)
    count = 40
    with store.write() as session:
        for number in range(count):
            outgoing.queue(session, outgoing.new(f"+62812720{number:05d}", "halo", "reply", "", 1), 1)
    together = threading.Barrier(len(lines))

    def work(key: str) -> None:
        sender = Sender(key, store, Board(), Settings(), fleet, clock=lambda: 1000)
        together.wait()
        while waiting():
            sender.send_next(fakes[key])

    def waiting() -> bool:
        with store.read() as session:
            return outgoing.any_waits(session)

    threads = [threading.Thread(target=work, args=(key,)) for key in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    sent = [hex_ for fake in fakes.values() for hex_ in fake.sent]
    assert len(sent) == len(set(sent)) == count
    assert all(fake.sent for fake in fakes.values())


def test_another_sim_is_noticed_and_its_credit_unknown(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    def status(imsi: str | None) -> ModemStatus:
        return ModemStatus(ModemState.READY, "Modem siap.", port="p", imei="356938035643809", imsi=imsi)

    with store.write() as session:
        row = outgoing.queue(session, outgoing.new(VILLAGER, "halo", "reply", "", 1), 1)
        row.modem, row.parts_sent = FIRST, 2
        assert not modems.note_status(session, FIRST, status("510100000000001"), 1)
        known = modems.record(session, FIRST)
        known.balance, known.credit_at = 20_000, 1
        assert not modems.note_status(session, FIRST, status(None), 2)  # not told is not another
        assert known.balance == 20_000
        assert modems.note_status(session, FIRST, status("510110000000002"), 3)
        assert (known.balance, known.credit_at, known.imsi) == (None, None, "510110000000002")
        session.refresh(row)
        assert row.parts_sent == 0  # the rest would come from another number


def test_when_a_modem_changed_its_state_is_kept(store: Store) -> None:
    with store.write() as session:
        for now, state in ((1, ModemState.READY), (2, ModemState.READY), (3, ModemState.ABSENT)):
            modems.note_status(session, FIRST, ModemStatus(state, "x", port="p", operator="TSEL"), now)
        known = modems.record(session, FIRST)
        assert (known.state, known.changed_at, known.port, known.operator) == ("absent", 3, "p", "TSEL")
