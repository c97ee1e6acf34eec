"""From the modem's store to the inbox, without threads: durable first, polled as often as the modem needs it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from config.settings import Modem
from gateway.collecting import DELETE_REST_CEILING_SECONDS, Collector
from gateway.store.database import Store
from gateway.store.models import Pdu
from modem.types import BROADCAST, DIRECT, ModemAbsent, ModemRefused, StoredPdu
from tests.gateway.fakes import FakeModem
from tests.sms import pdus

SETTINGS = Modem(poll_seconds=30, quick_poll_seconds=2)


class Desk:
    def __init__(self, store: Store) -> None:
        self.store, self.modem, self.ticks, self.woken = store, FakeModem(), 100.0, 0
        self.collector = Collector(
            "modem", store, SETTINGS, clock=lambda: 1000, on_stored=self._woken, tick=lambda: self.ticks
        )

    def _woken(self) -> None:
        self.woken += 1

    def stored(self) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(Pdu)) or 0

    def poll(self, *, opening: bool = False) -> float:
        """Read everything; returns the pause until the next time."""
        self.ticks = max(self.ticks, self.collector.due)
        self.collector.poll(self.modem, opening=opening)
        return self.collector.due - self.ticks

    def fill_disk(self, full: bool = True) -> None:
        trigger = "CREATE TRIGGER full BEFORE INSERT ON pdu BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        with self.store.write() as session:
            session.execute(text(trigger if full else "DROP TRIGGER full"))


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def direct(words: str) -> StoredPdu:
    return StoredPdu(None, pdus(words)[0], DIRECT)


def test_an_announcement_reads_only_the_storage_it_names(desk: Desk) -> None:
    desk.collector.announced(desk.modem, "ME")
    desk.poll()
    assert desk.modem.asked == ["list ME", "list"]


def test_a_modem_that_announces_is_polled_seldom_and_another_quickly(desk: Desk) -> None:
    assert desk.poll() == SETTINGS.poll_seconds
    desk.modem.notifies = False
    assert desk.poll() == SETTINGS.quick_poll_seconds


def test_one_that_only_claims_to_announce_is_polled_quickly_until_it_does(desk: Desk) -> None:
    desk.poll(opening=True)
    desk.modem.arrive(pdus("satu")[0], announced=False)
    assert desk.poll() == SETTINGS.quick_poll_seconds
    assert desk.poll() == SETTINGS.quick_poll_seconds
    desk.collector.announced(desk.modem, "SM")
    assert desk.poll() == SETTINGS.poll_seconds


def test_what_waited_in_the_sim_at_the_start_says_nothing_about_announcing(desk: Desk) -> None:
    desk.modem.arrive(pdus("satu")[0], announced=False)
    assert desk.poll(opening=True) == SETTINGS.poll_seconds


def test_a_store_that_refuses_to_delete_is_read_less_and_less_often(desk: Desk) -> None:
    def refuse(slot: int) -> None:
        raise ModemRefused("AT+CMGD", "+CMS ERROR: 320", 320)

    desk.modem.on_delete = refuse
    desk.modem.arrive(pdus("satu")[0])
    pauses = [desk.poll(opening=True) for _ in range(5)]
    assert pauses == [60, 120, 120, 120, 120]
    assert max(pauses) == DELETE_REST_CEILING_SECONDS
    assert desk.collector.refuses_to_delete
    desk.collector.poll_now()
    assert desk.collector.due > desk.ticks
    assert (desk.stored(), desk.woken) == (1, 1)  # kept once, processed once
    desk.modem.on_delete = lambda slot: None
    assert desk.poll() == SETTINGS.poll_seconds
    assert not desk.collector.refuses_to_delete


def test_a_full_sim_is_read_at_once(desk: Desk) -> None:
    desk.poll()
    desk.collector.poll_now()
    assert desk.collector.due == desk.ticks


def test_a_write_that_fails_deletes_nothing(desk: Desk) -> None:
    desk.fill_disk()
    desk.modem.arrive(pdus("satu")[0])
    with pytest.raises(IntegrityError):
        desk.poll()
    assert desk.modem.slots


def test_what_comes_directly_is_on_disk_before_it_is_acknowledged(desk: Desk) -> None:
    seen: list[int] = []
    desk.modem.on_acknowledge = lambda: seen.append(desk.stored())
    desk.collector.came_directly(desk.modem, direct("satu"))
    assert seen == [1]
    with desk.store.read() as session:
        assert session.scalars(select(Pdu.storage)).all() == [DIRECT]


def test_what_came_directly_and_could_not_be_written_is_not_acknowledged_and_not_forgotten(desk: Desk) -> None:
    desk.fill_disk()
    with pytest.raises(IntegrityError):
        desk.collector.came_directly(desk.modem, direct("satu"))
    assert desk.modem.asked == []
    desk.fill_disk(full=False)
    desk.collector.keep_unkept()
    assert desk.stored() == 1


def test_an_acknowledgement_that_fails_is_no_loss(desk: Desk) -> None:
    def refuse() -> None:
        raise ModemRefused("AT+CNMA", "+CMS ERROR: 340", 340)

    desk.modem.on_acknowledge = refuse
    desk.collector.came_directly(desk.modem, direct("satu"))
    desk.collector.came_directly(desk.modem, direct("satu"))  # the network delivers it again
    assert desk.stored() == 1


def test_a_modem_lost_at_the_acknowledgement_is_heard_of(desk: Desk) -> None:
    def fall() -> None:
        raise ModemAbsent("gone")

    desk.modem.on_acknowledge = fall
    with pytest.raises(ModemAbsent):
        desk.collector.came_directly(desk.modem, direct("satu"))
    assert desk.stored() == 1


def test_a_cell_broadcast_page_is_kept_too(desk: Desk) -> None:
    desk.collector.came_directly(desk.modem, StoredPdu(None, "00010032011155AA", BROADCAST))
    assert desk.stored() == 1


def test_noise_in_place_of_a_pdu_is_neither_deleted_nor_kept_and_read_again_soon(desk: Desk) -> None:
    desk.modem.slots = {1: "\x15\ufffd\ufffd", 2: pdus("dua")[0]}
    assert desk.poll(opening=True) == 2 * SETTINGS.quick_poll_seconds
    assert (list(desk.modem.slots), desk.stored()) == ([1], 1)
    desk.modem.slots[1] = pdus("satu")[0]
    desk.poll(opening=True)
    assert (desk.modem.slots, desk.stored()) == ({}, 2)
    assert desk.poll(opening=True) == SETTINGS.poll_seconds


def test_what_stays_unreadable_is_kept_for_a_person_but_not_deleted(desk: Desk) -> None:
    desk.modem.slots = {1: "LAPOR GESEK LAMBUR II 4 0"}  # a modem that fell back to text mode
    pauses = [desk.poll(opening=True) for _ in range(6)]
    assert pauses == [4, 8, 16, 30, 30, 30]
    assert (list(desk.modem.slots), desk.stored()) == ([1], 1)


def test_noise_that_came_directly_is_not_acknowledged(desk: Desk) -> None:
    desk.collector.came_directly(desk.modem, StoredPdu(None, "\x15\ufffd", DIRECT))
    assert "acknowledge" not in desk.modem.asked
