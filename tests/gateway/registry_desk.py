"""A registry over an empty database, with a clock that tests turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from config.settings import Settings
from gateway.registry import Registry, request
from gateway.registry.desk import PeopleDesk
from gateway.registry.people import Entry
from gateway.reports.parser import understand
from gateway.reports.understanding import Sender, Understanding
from gateway.store import ledger
from gateway.store.database import Store
from gateway.store.models import LedgerEntry, Message, Outgoing, OutgoingState, Registration, Report, Reporter
from sync.entries import ReporterBody, decode_body
from tests.console_seed import shipped_knowledge

HOUR, DAY = 3_600_000, 24 * 3_600_000
MORNING = 1_795_399_200_000
"""23 Nov 2026 09.00 WIB."""
BUDI, ANI, SITI = "+6281274000111", "+6281274000222", "+6281274000333"
LAMBUR, KAMPUNG_LAUT = "15.07.01.2002", "15.07.08.1001"
KADES = Entry("kades", LAMBUR, "Budi Santoso")
CAMAT = Entry("camat", "15.07.01", "Siti")
TABLES: dict[type[Any], Any] = {Reporter: Reporter.number, Registration: Registration.id, Outgoing: Outgoing.id}


class Office:
    """What stands in the database after what the test did."""

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        self.store, self.now = store, MORNING
        self.settings = settings or Settings()
        self.people = self.started()

    def started(self) -> PeopleDesk:
        """The desk of a fresh start over the same database."""
        return PeopleDesk(self.store, Registry(shipped_knowledge(), self.settings), lambda: self.now)

    def turn_to(self, settings: Settings) -> None:
        self.settings = settings
        self.people = self.started()

    def pass_time(self, *, days: float = 0, hours: float = 0) -> None:
        self.now += int(days * DAY + hours * HOUR)

    def message(self, text: str, sender: str = BUDI, **more: Any) -> Message:
        values: dict[str, Any] = {"state": "understood", "fingerprint": bytes(32), "trace": [], "sent_at": self.now}
        with self.store.write() as session:
            row = Message(sender=sender, text=text, received_at=self.now, **(values | more))
            session.add(row)
            session.flush()
            return row

    def read(self, text: str, sender: str = BUDI) -> Understanding:
        return understand(text, Sender(sender), shipped_knowledge())

    def daftar(self, text: str, sender: str = BUDI, **more: Any) -> Registration | None:
        """A DAFTAR message comes in; the wish it makes."""
        message = self.message(text, sender, **more)
        with self.store.write() as session:
            request(session, session.get_one(Message, message.id), self.read(text, sender), self.now)
        return next((row for row in self.rows(Registration) if row.message_id == message.id), None)

    def report(self, sender: str = BUDI) -> None:
        message = self.message("LAPOR GESEK LAMBUR 14 0", sender)
        with self.store.write() as session:
            session.add(
                Report(
                    message_id=message.id, ticket=f"T{message.id}", intent="lapor", form="kejadian", version=1, fields={},
                    outcome="terima", created_at=self.now,
                )
            )  # fmt: skip

    def rows(self, table: type[Any]) -> list[Any]:
        with self.store.read() as session:
            return list(session.scalars(select(table).order_by(TABLES[table])))

    def person(self, number: str = BUDI) -> Reporter:
        with self.store.read() as session:
            return session.get_one(Reporter, number)

    def told(self) -> list[ReporterBody]:
        """What the central is told of people."""
        with self.store.read() as session:
            bodies = [decode_body(entry) for entry in ledger.read(session, 1, 1000)]
        return [body for body in bodies if isinstance(body, ReporterBody)]

    def ledger_octets(self) -> bytes:
        with self.store.read() as session:
            return b"".join(session.scalars(select(LedgerEntry.body)))

    def send_waiting(self) -> list[Outgoing]:
        """The modem takes everything that is queued."""
        with self.store.write() as session:
            waiting = list(session.scalars(select(Outgoing).where(Outgoing.state == OutgoingState.QUEUED)))
            for row in waiting:
                row.state, row.finished_at = OutgoingState.SENT, self.now
        return waiting


def with_registry(settings: Settings | None = None, **values: Any) -> Settings:
    settings = settings or Settings()
    return replace_section(settings, "registry", **values)


def replace_section(settings: Settings, section: str, **values: Any) -> Settings:
    import msgspec

    return msgspec.structs.replace(settings, **{section: msgspec.structs.replace(getattr(settings, section), **values)})


def entry(base: Entry = KADES, **values: str) -> Entry:
    return replace(base, **values)
