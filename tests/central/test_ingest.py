"""Frames into the central's ledger, on SQLite and on PostgreSQL: stored once, never changed, refused only when unsealed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from sync.central import enrolment
from sync.central.database import Database
from sync.central.ledger import UnknownGateway, Unreadable, ingest
from sync.central.models import Base, Cursor, Gateway, LedgerEntry
from sync.entries import EMPTY_HASH, Entry, running_hash
from sync.frame import Frame, encode
from sync.protocol import Reply, open_reply

KEY = bytes(range(32))
EPOCH = 0xFFFFFFFF
NOW = 1_795_000_000_000


@pytest.fixture
def gateway(database: Database) -> int:
    code = enrolment.issue(database, "Sadu", 1, NOW)
    return enrolment.redeem(database, code.text, KEY, NOW)


def entries(first: int, last: int, word: str = "") -> tuple[Entry, ...]:
    return tuple(Entry(number, 99, -5, f"{word}{number}".encode()) for number in range(first, last + 1))


def request(gateway: int, first: int, last: int, prev: bytes | None = None, word: str = "") -> bytes:
    if prev is None:
        prev = EMPTY_HASH
        for entry in entries(1, first - 1):
            prev = running_hash(prev, entry)
    return encode(Frame(gateway, EPOCH, first, prev, entries(first, last, word)), KEY)


def send(database: Database, octets: bytes, now: int = NOW) -> Reply:
    return open_reply(ingest(database, octets, now), octets, KEY)


def ledger_of(database: Database) -> list[tuple[int, bytes, int]]:
    with database.read() as session:
        rows = session.scalars(select(LedgerEntry).order_by(LedgerEntry.number))
        return [(row.number, row.body, row.received_at) for row in rows]


def test_entries_of_unknown_kinds_are_stored_and_acknowledged(database: Database, gateway: int) -> None:
    assert send(database, request(gateway, 1, 3)).ack == 3
    assert send(database, request(gateway, 4, 5), NOW + 9).ack == 5
    assert [number for number, _, _ in ledger_of(database)] == [1, 2, 3, 4, 5]


def test_the_same_request_again_changes_nothing(database: Database, gateway: int) -> None:
    octets = request(gateway, 1, 3)
    send(database, octets)
    before = ledger_of(database)
    assert send(database, octets, NOW + 1).ack == 3
    assert send(database, request(gateway, 2, 5), NOW + 2).ack == 5
    assert ledger_of(database)[:3] == before


def test_a_gap_is_not_stored_and_the_laptop_learns_where_to_go_on(database: Database, gateway: int) -> None:
    send(database, request(gateway, 1, 2))
    reply = send(database, request(gateway, 4, 6))
    assert (reply.ack, reply.fork) == (2, False)
    assert len(ledger_of(database)) == 2


def test_another_history_is_a_fork_and_changes_nothing(database: Database, gateway: int) -> None:
    send(database, request(gateway, 1, 3))
    before = ledger_of(database)
    for octets in (request(gateway, 4, 5, prev=b"otherone"), request(gateway, 2, 5, word="other")):
        reply = send(database, octets)
        assert (reply.ack, reply.fork) == (3, True)
    assert ledger_of(database) == before
    with database.read() as session:
        assert session.get_one(Cursor, (gateway, EPOCH)).forked_at == NOW


def test_five_copies_of_a_first_contact_at_once_store_it_once(database: Database, gateway: int) -> None:
    octets = request(gateway, 1, 40)
    together = threading.Barrier(5)

    def copy(_: int) -> int:
        together.wait()
        return send(database, octets).ack

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(copy, range(5))) == [40] * 5
    assert [number for number, _, _ in ledger_of(database)] == list(range(1, 41))


def test_different_requests_at_once_leave_no_gap(database: Database, gateway: int) -> None:
    requests = [request(gateway, first, first + 9) for first in (1, 5, 11, 3, 21)]
    together = threading.Barrier(5)

    def contend(octets: bytes) -> None:
        together.wait()
        send(database, octets)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(contend, requests))
    numbers = [number for number, _, _ in ledger_of(database)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_unsealed_cut_and_altered_requests_store_nothing(database: Database, gateway: int) -> None:
    octets = request(gateway, 1, 3)
    for bad in (octets[:-1], octets[:40], b"", b"<html>", octets[:-1] + bytes([octets[-1] ^ 1])):
        with pytest.raises(Unreadable):
            ingest(database, bad, NOW)
    assert ledger_of(database) == []


def test_unknown_and_revoked_gateways_are_refused(database: Database, gateway: int) -> None:
    with pytest.raises(UnknownGateway):
        ingest(database, request(gateway + 1, 1, 1), NOW)
    with database.write() as session:
        session.get_one(Gateway, gateway).revoked = True
    with pytest.raises(UnknownGateway):
        ingest(database, request(gateway, 1, 1), NOW)
    assert ledger_of(database) == []


def test_every_primary_key_begins_with_the_gateway() -> None:
    for table in Base.metadata.tables.values():
        assert next(iter(table.primary_key.columns)).name == "gateway", table.name


def test_the_schema_of_the_models_is_that_of_the_migrations(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import text

    from sync.central.migrate import HEAD

    with database.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
        assert compare_metadata(MigrationContext.configure(session.connection()), Base.metadata) == []
