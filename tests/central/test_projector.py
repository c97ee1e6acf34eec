"""Folding the ledger: reports with their messages, amendments, copies, and the same result however often it is done."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from sync.central import background, enrolment, projector
from sync.central.database import Database
from sync.central.ledger import ingest
from sync.central.migrate import upgrade
from sync.central.models import PROJECTIONS, Folded, Health, Message, Report, Reporter, Unfolded
from sync.entries import EMPTY_HASH, AmendBody, BeatBody, Body, Entry, MessageBody, ReportBody, ReporterBody
from sync.frame import Frame, encode
from tests.sync.corpus import entries_of, messages_with_reports

KEY = bytes(range(32))
NOW = 1_795_000_000_000


@pytest.fixture
def gateway(database: Database) -> int:
    code = enrolment.issue(database, "Sadu", 1, NOW)
    return enrolment.redeem(database, code.text, KEY, NOW)


def send(database: Database, gateway: int, epoch: int, entries: tuple[Entry, ...], now: int = NOW) -> None:
    ingest(database, encode(Frame(gateway, epoch, 1, EMPTY_HASH, entries), KEY), now)


def dump(database: Database) -> dict[str, list[Any]]:
    """Every row of every projection, in order."""
    found: dict[str, list[Any]] = {}
    with database.read() as session:
        for table in (*PROJECTIONS, Folded):
            keys = list(table.__table__.primary_key.columns)
            found[table.__tablename__] = [
                tuple(row) for row in session.execute(select(table.__table__).order_by(*keys))
            ]
    return found


def message(fingerprint: int = 5, words: str | None = "LAPOR GESEK 0801") -> MessageBody:
    return MessageBody(fingerprint, 77, 30, 10, words, "lapor", "terima")


def report(**fields: Any) -> ReportBody:
    return ReportBody(1, "event", 1, {"jenis": "GESEK", "desa": "15.07.08.1001", **fields}, "K4PT", 2, "terima")


def only(database: Database, table: Any) -> Any:
    with database.read() as session:
        return session.scalars(select(table)).one()


def test_a_report_has_the_times_and_the_reporter_of_its_message(database: Database, gateway: int) -> None:
    send(database, gateway, 1, entries_of([(message(), 1000), (report(massa=14), 1000)]))
    assert projector.fold(database) == 2
    found = only(database, Report)
    assert (found.sent_at, found.received_at, found.central_received_at) == (970, 990, NOW)
    assert (found.reporter, found.kecamatan, found.fields["massa"]) == (77, "15.07.08", 14)
    assert projector.fold(database) == 0


def test_a_withdrawn_report_that_an_officer_goes_on_with_is_no_longer_withdrawn(
    database: Database, gateway: int
) -> None:
    said = [(AmendBody(2 + n, "K4PT", action, {}), 1000) for n, action in enumerate(["batal", "tl"])]
    send(database, gateway, 1, entries_of([(message(), 1000), (report(), 1000), *said]))
    projector.fold(database)
    assert only(database, Report).withdrawn is False


def test_who_asked_to_be_hidden_has_no_pseudonym_here(database: Database, gateway: int) -> None:
    told = ReportBody(1, "event", 1, {"jenis": "ISU"}, "K4PT", 1, "terima", secret=True)
    known = ReporterBody(77, "kades", "15.07.08.1001")
    send(database, gateway, 1, entries_of([(known, 999), (message(), 1000), (told, 1000)]))
    projector.fold(database)
    found = only(database, Report)
    assert (found.reporter, found.secret) == (0, True)


def test_a_database_of_the_first_revision_is_folded_anew_and_hides_its_reporters(
    database: Database, gateway: int
) -> None:
    told = ReportBody(1, "event", 1, {"jenis": "ISU"}, "K4PT", 1, "terima", secret=True)
    send(database, gateway, 1, entries_of([(message(), 1000), (told, 1000)]))
    projector.fold(database)
    with database.write() as session:
        for table in ("report", "amendment"):
            session.execute(text(f"ALTER TABLE {table} DROP COLUMN secret"))
        session.execute(text("UPDATE report SET reporter = 77"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    upgrade(database)
    projector.fold(database)
    found = only(database, Report)
    assert (found.reporter, found.secret, found.ticket) == (0, True, "K4PT")


def test_corrections_apply_in_order_and_a_withdrawal_stays_visible(database: Database, gateway: int) -> None:
    said: list[tuple[Body, int]] = [
        (message(), 1000),
        (report(massa=14, korban=1), 1000),
        (AmendBody(0, "k4pt", "koreksi", {"massa": 20}), 1001),
        (AmendBody(0, "K4PT", "koreksi", {"massa": 30}), 1002),
        (AmendBody(0, "K4PT", "batal", {}), 1003),
    ]
    send(database, gateway, 1, entries_of(said))
    projector.fold(database)
    found = only(database, Report)
    assert (found.fields["massa"], found.fields["korban"], found.original["massa"]) == (30, 1, 14)
    assert found.withdrawn


@pytest.mark.parametrize("action", ["jawab", "koreksi", "ganti", "susul", "lanjutan", "lengkap", "turunan"])
def test_what_people_add_later_changes_the_report_and_its_level(database: Database, gateway: int, action: str) -> None:
    said: list[tuple[Body, int]] = [
        (message(), 1000),
        (report(massa=14), 1000),
        (AmendBody(0, "K4PT", action, {"desa": "15.07.01.2002", "massa": 60}, level=3), 1001),
    ]
    send(database, gateway, 1, entries_of(said))
    projector.fold(database)
    found = only(database, Report)
    assert (found.desa, found.kecamatan, found.fields["massa"], found.level) == ("15.07.01.2002", "15.07.01", 60, 3)
    assert not found.withdrawn


def test_a_field_can_become_unknown_again(database: Database, gateway: int) -> None:
    said: list[tuple[Body, int]] = [
        (message(), 1000),
        (report(massa=14), 1000),
        (AmendBody(0, "K4PT", "koreksi", {"desa": None}), 1001),
    ]
    send(database, gateway, 1, entries_of(said))
    projector.fold(database)
    found = only(database, Report)
    assert (found.desa, found.fields["desa"], found.fields["massa"]) == ("", None, 14)


def test_who_asks_to_be_hidden_later_is_hidden(database: Database, gateway: int) -> None:
    said: list[tuple[Body, int]] = [
        (message(), 1000),
        (report(), 1000),
        (AmendBody(0, "K4PT", "susul", {}, secret=True), 1001),
    ]
    send(database, gateway, 1, entries_of(said))
    projector.fold(database)
    assert (only(database, Report).reporter, only(database, Report).secret) == (0, True)
    assert projector.rebuild(database) == 3
    assert only(database, Report).secret


@pytest.mark.parametrize("action", ["verif", "tl", "terima"])
def test_what_officers_say_stands_beside_the_report(database: Database, gateway: int, action: str) -> None:
    said: list[tuple[Body, int]] = [
        (message(), 1000),
        (report(massa=14), 1000),
        (AmendBody(0, "K4PT", action, {"hasil": "YA", "massa": 60}), 1001),
    ]
    send(database, gateway, 1, entries_of(said))
    projector.fold(database)
    found = only(database, Report)
    assert "hasil" not in found.fields
    assert found.fields["massa"] == 14


def test_a_copy_under_a_new_epoch_points_to_the_first_and_nothing_is_dropped(database: Database, gateway: int) -> None:
    told: list[tuple[Body, int]] = [(message(), 1000), (report(), 1000)]
    send(database, gateway, 9, entries_of(told))
    send(database, gateway, 4, entries_of([(BeatBody("", {"epoch_reason": "fork"}), 2000), *told]), NOW + 5)
    projector.fold(database)
    with database.read() as session:
        for table in (Message, Report):
            first, copy = session.scalars(select(table).order_by(table.central_received_at)).all()
            assert first.duplicate_epoch is None
            assert (copy.duplicate_epoch, copy.duplicate_number) == (first.epoch, first.number)


def test_two_messages_with_the_same_words_are_two(database: Database, gateway: int) -> None:
    send(database, gateway, 1, entries_of([(message(5), 1000), (message(5), 1001), (message(6), 1000)]))
    projector.fold(database)
    with database.read() as session:
        assert [row.duplicate_epoch for row in session.scalars(select(Message))] == [None] * 3


def test_a_rebuild_gives_the_same_rows_though_epochs_came_mixed(database: Database, gateway: int) -> None:
    batch = messages_with_reports(40, 3)
    for step, epoch in ((10, 7), (20, 2), (30, 7), (60, 2), (80, 5)):
        send(database, gateway, epoch, entries_of(batch[:step]), NOW + step)
        projector.fold(database)
    send(database, gateway, 8, entries_of([(ReporterBody(77, "kades", "15.07.08.1001"), 5), (BeatBody("1", {}), 6)]))
    projector.fold(database)
    before = dump(database)
    assert len(before["report"]) == 15 + 30 + 40
    assert projector.rebuild(database) == 30 + 60 + 80 + 2
    assert dump(database) == before


def test_folding_in_small_steps_gives_the_same_rows(
    database: Database, gateway: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(database, gateway, 1, entries_of(messages_with_reports(20, 3)))
    projector.fold(database)
    before = dump(database)
    monkeypatch.setattr(projector, "BATCH_ENTRIES", 3)
    projector.rebuild(database)
    assert dump(database) == before


def test_a_fold_that_was_killed_half_way_goes_on_where_it_was(
    database: Database, gateway: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(database, gateway, 1, entries_of(messages_with_reports(6, 3)))
    real, calls = projector._fold_one, []

    def dies(session: Any, row: Any) -> None:
        calls.append(row.number)
        if row.number == 9 and len(calls) == 9:
            raise KeyboardInterrupt
        real(session, row)

    monkeypatch.setattr(projector, "_fold_one", dies)
    monkeypatch.setattr(projector, "BATCH_ENTRIES", 4)
    with pytest.raises(KeyboardInterrupt):
        projector.fold(database)
    projector.fold(database)
    half_way = dump(database)
    projector.rebuild(database)
    assert dump(database) == half_way
    assert len(half_way["report"]) == 6


@pytest.mark.parametrize(
    "poison",
    [
        Entry(1, 1, 5, b"\xc1"),
        Entry(1, 1, 2**62 + 5, entries_of([(message(), 0)])[0].body),
        Entry(1, 1, 5, entries_of([(message(fingerprint=2**63), 0)])[0].body),
        Entry(1, 40_000, 5, b""),
        Entry(1, 2, 5, msgspec.msgpack.encode([1, "event", 1, {"a": b"\x00", "b": "\x00", "c": float("nan")}, "A", 2, ""])),
    ],
)  # fmt: skip
def test_what_cannot_be_folded_holds_up_nobody(database: Database, gateway: int, poison: Entry) -> None:
    rest = entries_of(
        [(message(words="a\x00b"), 1000), (report(ket="nul \x00"), 1000), (BeatBody("1", {"signal": 9}), 1)], 2
    )
    send(database, gateway, 1, (poison, *rest))
    assert projector.fold(database) == 4
    with database.read() as session:
        assert session.scalars(select(Report).where(Report.number == 3)).one().fields["ket"] == "nul "
        assert session.get_one(Health, gateway).health == {"signal": 9}
        unfolded = session.scalars(select(Unfolded)).all()
        assert len(unfolded) == (0 if poison.kind == 2 else 1)


def test_the_newest_word_on_a_reporter_wins(database: Database, gateway: int) -> None:
    send(database, gateway, 1, entries_of([(ReporterBody(7, "warga", ""), 9), (ReporterBody(7, "kades", "x"), 5)]))
    projector.fold(database)
    assert only(database, Reporter).role == "kades"


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    from sqlalchemy import text

    from sync.central.database import DatabaseError, open_database, sqlite_url

    opened = open_database(sqlite_url(tmp_path))
    with opened.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    with pytest.raises(DatabaseError, match="newest version"):
        open_database(sqlite_url(tmp_path))


def test_a_database_in_trouble_makes_no_entry_unreadable(
    database: Database, gateway: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(database, gateway, 1, entries_of([(message(), 1000), (report(massa=14), 1000)]))

    def deadlock(*_args: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("deadlock detected"))

    with monkeypatch.context() as patched:
        patched.setitem(projector._FOLDERS, ReportBody, deadlock)
        with pytest.raises(OperationalError):
            projector.fold(database)
    projector.fold(database)
    assert only(database, Report).ticket == "K4PT"
    with database.read() as session:
        assert session.scalars(select(Unfolded)).all() == []


def test_the_thread_outlives_every_fault(database: Database, gateway: int, monkeypatch: pytest.MonkeyPatch) -> None:
    folded, faults = threading.Event(), iter([IndexError("a surprise")])

    def stumbles(_database: Database) -> int:
        for fault in faults:
            raise fault
        folded.set()
        return 0

    monkeypatch.setattr(background, "fold", stumbles)
    monkeypatch.setattr(background, "_PAUSE_AFTER_FAULT_SECONDS", 0)
    thread = background.ProjectorThread(database)
    thread.wake()
    try:
        assert folded.wait(10)
    finally:
        thread.stop()
