"""The worker between a real laptop database and a real central, with faults in between."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.board import SyncPhase
from gateway.store import ledger
from gateway.store.database import open_store
from modem.types import ModemState, ModemStatus
from sync import dictionary
from sync.carriers import Busy, CarrierError, Refused, StrangeAnswer, TooLarge, Unreachable
from sync.central.models import Cursor, Gateway, LedgerEntry
from sync.entries import Kind
from sync.frame import open_frame, read_header

from .ends import KEY, PACE, Pair, enrol_directly, eventually, pair, write

PORTAL = b"<!doctype html><html><title>Wi-Fi login</title></html>"


def held(pair: Pair) -> int:
    """Entries at the central."""
    with pair.database.read() as session:
        return session.query(LedgerEntry).count()


def test_entries_arrive_and_are_acknowledged(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(3)
        both.worker.wake(urgent=True)
        both.worker.step()
        assert (both.position().ack, held(both)) == (3, 3)
        assert both.board.sync.phase is SyncPhase.IDLE
        assert both.board.sync.last_success_at is not None
        assert both.board.sync.sentence == "Semua data sudah diterima pusat."


def test_an_unhurried_entry_waits_for_company(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.worker.sync_now()
        both.worker.step()
        both.write(1)
        both.worker.wake()
        assert both.worker.step() > 0
        assert held(both) == 0
        both.write(4)
        both.worker.wake()
        both.worker.step()
        assert held(both) == 5


def test_a_lost_reply_doubles_nothing(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.carrier.faults = ["lose reply"]
        both.write(3)
        both.worker.sync_now()
        both.worker.step()
        assert (both.position().ack, held(both)) == (0, 3)
        both.time.seconds += 1000
        both.worker.step()
        assert both.position().waiting == 0
        with both.database.read() as session:
            numbers = [row.number for row in session.query(LedgerEntry).order_by(LedgerEntry.number)]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("answer", [PORTAL, b"", b"\x00" * 40])
def test_a_portal_that_answers_never_moves_a_mark(tmp_path: Path, answer: bytes) -> None:
    with pair(tmp_path) as both:
        both.write(3)
        both.carrier.faults = [answer]
        both.worker.sync_now()
        both.worker.step()
        assert both.position().ack == 0
        assert both.board.sync.phase is SyncPhase.WAITING
        assert both.board.sync.sentence == StrangeAnswer.sentence
        assert both.board.sync.next_try_at is not None


def test_a_change_of_the_modem_while_a_sign_of_life_waits_is_told_once_that_has_left(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.carrier.faults = [Unreachable("no route")] * 4
        both.board.post_modem(ModemStatus(ModemState.SEARCHING))
        for _ in range(4):
            both.time.seconds += 100
            both.worker.step()
        assert both.position().waiting == 1
        both.board.post_modem(ModemStatus(ModemState.READY))
        both.carrier.faults = []
        for _ in range(5):
            both.time.seconds += 100
            both.worker.step()
        assert (both.position().last, both.position().waiting) == (2, 0)


def test_an_old_answer_never_moves_a_mark(tmp_path: Path) -> None:
    from sync.central.ledger import ingest

    with pair(tmp_path) as both:
        both.write(2)
        both.worker.sync_now()
        both.worker.step()
        old = ingest(both.database, both.carrier.sent[0], 0)
        both.write(1)
        both.carrier.faults = [old]
        both.worker.sync_now()
        both.worker.step()
        assert both.position().ack == 2


def test_refused_stops_sending_and_goes_on_once_the_central_knows_us_again(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(10)
        both.carrier.faults = [Refused("status 403")]
        both.worker.sync_now()
        both.worker.step()
        assert both.board.sync.phase is SyncPhase.REFUSED
        both.worker.wake(urgent=True)
        both.time.seconds += 3000
        both.worker.step()
        assert len(both.carrier.sent) == 1
        both.time.seconds += 1000
        both.worker.step()
        asked = open_frame(both.carrier.sent[1], KEY)
        assert asked.entries == (), "only the question whether it still holds"
        assert both.position().waiting == 0
        assert both.board.sync.phase is SyncPhase.IDLE


def test_too_large_and_time_out_halve_down_to_one_entry(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(200)
        for fault in [TooLarge("413")] * 4 + [Unreachable("slow", timed_out=True)] * 4:
            both.carrier.faults = [fault]
            both.worker.sync_now()
            both.worker.step()
        sizes = [len(open_frame(octets, KEY).entries) for octets in both.carrier.sent]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] < 5
        both.worker.sync_now()
        both.worker.step()
        assert both.position().waiting == 0
        assert both.carrier.closed == 9, "one connection a session"


def test_retry_after_holds_the_worker_back(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(10)
        both.carrier.faults = [Busy("503", retry_after=600)]
        both.worker.sync_now()
        both.worker.step()
        both.time.seconds += 599
        both.worker.step()
        assert len(both.carrier.sent) == 1
        both.time.seconds += 2
        both.worker.step()
        assert both.position().waiting == 0


def test_a_sign_of_life_is_written_when_idle_but_never_piles_up(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.carrier.faults = [CarrierError("down")] * 6
        for _ in range(6):
            both.time.seconds += 1001
            both.worker.step()
        assert both.position().last == 1
        both.time.seconds += 1001
        both.worker.step()
        assert both.position().waiting == 0
        both.time.seconds += 1001
        both.worker.step()
        assert both.position().last == both.position().ack == 2


def test_a_restored_laptop_begins_a_new_epoch_and_says_so(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(3)
        both.worker.sync_now()
        both.worker.step()
        both.store.close()
        backup = tmp_path / "backup"
        shutil.copytree(tmp_path / "laptop", backup)
        write(both.store, 2, "after the back-up")
        both.worker.sync_now()
        both.worker.step()
        both.store.close()
        for file in backup.iterdir():
            shutil.copy(file, tmp_path / "laptop" / file.name)
        before = both.position().epoch
        write(both.store, 4, "after the restore")
        both.worker.sync_now()
        both.worker.step()
        position = both.position()
        assert position.epoch != before
        assert (position.ack, position.last) == (8, 8), "the reason, then all seven again"
        assert both.board.sync.phase is SyncPhase.ALARM
        assert "dipulihkan" in both.board.sync.sentence
        assert held(both) == 5 + 8
        with both.database.read() as session:
            first = session.get(LedgerEntry, (1, position.epoch, 1))
            assert first is not None
            assert first.kind == Kind.BEAT


def test_a_restored_central_is_refilled(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(6)
        both.worker.sync_now()
        both.worker.step()
        with both.database.write() as session:
            session.query(LedgerEntry).filter(LedgerEntry.number > 2).delete()
            cursor = session.query(Cursor).one()
            second = session.query(LedgerEntry).filter(LedgerEntry.number == 2).one()
            cursor.ack, cursor.hash = 2, second.hash
        both.write(1)
        both.worker.sync_now()
        both.worker.step()
        assert (both.position().ack, held(both)) == (7, 7)


def test_two_workers_on_one_laptop_double_nothing(tmp_path: Path) -> None:
    from sync.worker import SyncWorker

    with pair(tmp_path) as both:
        both.write(300)
        other_store = open_store(tmp_path / "laptop")
        other = SyncWorker(other_store, both.board, PACE, lambda _url: both.carrier, clock=both.time.clock())
        workers = [both.worker, other]
        for worker in workers:
            worker.start()
            worker.sync_now()
        eventually(lambda: both.position().waiting == 0)
        for worker in workers:
            worker.stop()
        other_store.close()
        assert held(both) == both.position().last


def test_an_older_central_gets_a_dictionary_it_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sync.central.ledger as central_ledger
    from sync import frame

    real = dictionary.load
    with pair(tmp_path) as both:
        both.write(3)
        both.worker.sync_now()
        with monkeypatch.context() as patch:
            patch.setattr(central_ledger.dictionary, "NEWEST", 0)
            patch.setattr(
                central_ledger,
                "open_frame",
                lambda octets, key: (
                    _raise(frame.UnknownDictionary("1"))
                    if read_header(octets)[0].dictionary
                    else frame.open_frame(octets, key)
                ),
            )
            both.worker.step()
        assert real is dictionary.load
        assert [read_header(octets)[0].dictionary for octets in both.carrier.sent] == [1, 0]
        assert both.position().ack == 3


def _raise(error: Exception) -> None:
    raise error


def test_a_central_that_takes_nothing_is_not_asked_without_end(tmp_path: Path) -> None:
    from sync.protocol import Reply, seal_reply

    with pair(tmp_path) as both:
        both.write(3)
        both.carrier.exchange = lambda frame: seal_reply(Reply(0, dictionary=1), frame, KEY)  # type: ignore[method-assign]
        both.worker.sync_now()
        both.worker.step()
        assert both.board.sync.phase is SyncPhase.WAITING


def test_an_unenrolled_laptop_sends_nothing_and_says_so(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        with both.store.write() as session:
            ledger.sync_state(session).gateway = None
        both.write(30)
        both.worker.sync_now()
        both.worker.step()
        assert both.carrier.sent == []
        assert both.board.sync.phase is SyncPhase.UNENROLLED


def test_a_revoked_laptop_keeps_everything(tmp_path: Path) -> None:
    from sync.central.ledger import UnknownGateway

    with pair(tmp_path) as both:
        with both.database.write() as session:
            session.get_one(Gateway, 1).revoked = True
        both.write(2)
        both.worker.sync_now()
        with pytest.raises(UnknownGateway):
            both.worker.step()
        assert (both.position().ack, both.position().last, held(both)) == (0, 2, 0)


def test_the_thread_survives_a_fault_of_its_own_and_tries_again(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        broken = [True]
        real = both.carrier.exchange

        def exchange(frame: bytes) -> bytes:
            if broken.pop() if broken else False:
                raise RuntimeError("a bug")
            return real(frame)

        both.carrier.exchange = exchange  # type: ignore[method-assign]
        both.write(2)
        both.worker.start()
        both.worker.sync_now()
        eventually(lambda: both.board.sync.phase is SyncPhase.WAITING)
        both.worker.sync_now()
        eventually(lambda: both.position().waiting == 0)
        both.worker.stop()


def test_enrolled_anew_it_does_not_wait_out_the_refusal_of_its_old_key(tmp_path: Path) -> None:
    with pair(tmp_path) as both:
        both.write(3)
        both.carrier.faults = [Refused("status 403")]
        both.worker.sync_now()
        both.worker.step()
        assert both.board.sync.phase is SyncPhase.REFUSED
        enrol_directly(both.store, both.database)
        both.worker.step()
        assert both.position().waiting == 0
        assert both.board.sync.phase is SyncPhase.IDLE
