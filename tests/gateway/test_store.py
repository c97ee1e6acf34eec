"""The database refuses to start half-safe."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from gateway.store import ledger, migrate, outgoing
from gateway.store.database import DATABASE_NAME, Store, StoreError, open_store
from gateway.store.lock import FolderLock
from gateway.store.models import Base, Message, Outgoing, Pdu
from sync.entries import EMPTY_HASH, BeatBody, running_hash


def beat(number: int) -> BeatBody:
    return BeatBody("1", {"n": number})


def test_the_safe_settings_are_in_force_on_every_connection(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.read() as session, store.write() as other:
        for connection in (session.connection(), other.connection()):
            found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
            assert found == ["delete", 3]
    store.close()


def test_the_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.write() as session:
        connection = session.connection()
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    store.close()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match=DATABASE_NAME):
        open_store(tmp_path)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / DATABASE_NAME)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        open_store(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="POSIX rights")
def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--data"):
        open_store(tmp_path / "file" / "data")


def test_only_one_gateway_runs_on_a_folder(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(StoreError, match="Another waspada gateway"):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_the_ledger_is_numbered_and_chained(store: Store) -> None:
    with store.write() as session:
        assert [ledger.append(session, beat(n), at=100 + n) for n in range(3)] == [1, 2, 3]
    with store.read() as session:
        entries = ledger.read(session, 1, 10)
        before = EMPTY_HASH
        for entry in entries:
            assert ledger.hash_before(session, entry.number) == before
            before = running_hash(before, entry)
        assert ledger.position(session).waiting == 3


def test_what_is_rolled_back_was_never_in_the_ledger(store: Store) -> None:
    def fails() -> None:
        with store.write() as session:
            ledger.append(session, beat(1), at=1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with store.write() as session:
        assert ledger.append(session, beat(2), at=2) == 1


def test_a_new_epoch_says_why_and_carries_everything_on(store: Store) -> None:
    with store.write() as session:
        for number in range(3):
            ledger.append(session, beat(number), at=number)
        before = ledger.read(session, 1, 10)
        old = ledger.position(session).epoch
        ledger.move_marks(session, ack=3, safe=2)
        new = ledger.start_new_epoch(session, "fork", at=50)
    with store.read() as session:
        found = ledger.read(session, 1, 10)
        assert new != old
        assert [entry.body for entry in found[1:]] == [entry.body for entry in before]
        position = ledger.position(session)
        assert (position.last, position.ack, position.safe) == (4, 0, 0)


def test_a_long_ledger_is_carried_on_whole_and_chained(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_COPIED_TOGETHER", 2)
    with store.write() as session:
        for number in range(5):
            ledger.append(session, beat(number), at=number)
        before = ledger.read(session, 1, 10)
        ledger.start_new_epoch(session, "fork", at=50)
        assert ledger.append(session, beat(9), at=9) == 7
    with store.read() as session:
        found = ledger.read(session, 1, 10)
        assert [entry.body for entry in found[1:6]] == [entry.body for entry in before]
        running = EMPTY_HASH
        for entry in found:
            assert ledger.hash_before(session, entry.number) == running
            running = running_hash(running, entry)


def test_an_error_of_the_database_shows_no_values(store: Store) -> None:
    insert = text("INSERT INTO fact (name, value) VALUES ('k', :value)")
    with store.write() as session:
        session.execute(insert, {"value": b"+6281272000101"})
        with pytest.raises(IntegrityError) as caught:
            session.execute(insert, {"value": b"+6281272000101"})
    assert "6281272000101" not in str(caught.value)


def test_counting_the_answers_of_a_day_reads_only_that_day(store: Store) -> None:
    """Each answer counts them; with the years there are a hundred thousand rows."""
    asked: list[tuple[str, Any]] = []
    with store.read() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *about: asked.append((about[2], about[3])))
        outgoing.answers_since(session, 1)
        statement, values = asked[0]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert "ix_outgoing_created_at" in str(plan)


def test_a_database_of_the_first_revision_is_brought_up_with_all_its_rows(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.write() as session:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0001")
        for statement in (
            "INSERT INTO message (id, sender, sender_is_number, text, received_at, state, parts, parts_missing, "
            "fingerprint, intent, outcome, trace, error) VALUES (5, '+6281272000101', 1, 'NIHIL LAMBUR', 7, "
            "'understood', 1, 0, x'00', 'nihil', 'terima', '[]', '')",
            "INSERT INTO pdu (id, fingerprint, hex, modem, received_at, state, begun, error, message_id, part) "
            "VALUES (9, x'01', '07AA', '3809', 7, 'decoded', 1, '', 5, 1)",
            "INSERT INTO outgoing (id, purpose, kind, recipient, text, message_id, state, attempts, parts_sent, "
            "not_before, created_at, error, reference) "
            "VALUES (3, 'reply', 'nihil', '+6281272000101', 'Terima kasih', 5, 'queued', 1, 1, 0, 7, '', 77)",
        ):
            session.execute(text(statement))
    store.close()
    store = open_store(tmp_path)
    with store.write() as session:
        pdu, row = session.get_one(Pdu, 9), session.get_one(Outgoing, 3)
        assert (pdu.hex, pdu.modem, pdu.storage, pdu.message_id) == ("07AA", "3809", "", 5)
        assert (row.text, row.state, row.parts_sent, row.message_id, row.modem) == ("Terima kasih", "queued", 1, 5, "")
        assert session.get_one(Message, 5).text == "NIHIL LAMBUR"
        outgoing.took(session, row, 2, 12, True, 8)  # the new tables are there
    store.close()
