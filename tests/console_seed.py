"""A small district database with one of everything the console has to show, and the fakes beside it.

Numbers, names and events are invented. Times count back from `NOW`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flask import Flask

from config.knowledge import load_knowledge
from config.regions import load_region
from config.settings import Settings
from gateway.board import Board, SyncPhase, SyncStatus
from gateway.console.app import create_console
from gateway.registry import Registry
from gateway.registry.desk import PeopleDesk
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.store import ledger
from gateway.store.database import Store
from gateway.store.models import Message, Outgoing, Pdu, Report
from modem.types import ModemState, ModemStatus
from sync.entries import BeatBody

NOW = 1_795_430_000
"""23 Nov 2026 18.33 WIB."""
REPORTER = "+6281234564567"
MASKED = "0812•••4567"
HOSTILE = "<script>alert('x')</script> \u202ekanan \x1b[31mmerah"
SMALLEST_DELIVER = "07912618485400F9040D91261832545476F700006211328133428204D4F29C0E"
"""SMS-DELIVER from REPORTER."""
BROKEN_PDU = "07912618485400F9FFFF00"


@dataclass
class FakeActions:
    """Remembers what the console asked for; what concerns people is done."""

    people: PeopleDesk
    sent: list[tuple[str, str]] = field(default_factory=list)
    syncs: int = 0
    retried: list[int] = field(default_factory=list)

    def send_sms(self, number: str, text: str) -> int:
        if not number.removeprefix("+").isdigit():
            raise ValueError("Nomor tujuan bukan nomor telepon.")
        self.sent.append((number, text))
        return len(self.sent)

    def sync_now(self) -> None:
        self.syncs += 1

    def retry_pdu(self, pdu_id: int) -> None:
        self.retried.append(pdu_id)


@dataclass
class Office:
    """A console with what stands behind it."""

    store: Store
    board: Board
    actions: FakeActions
    app: Flask


@cache
def shipped_knowledge() -> Knowledge:
    """The words and places as shipped, compiled once."""
    return compile_knowledge(load_knowledge("15.07"))


def make_office(store: Store, settings: Settings | None = None, now: float = NOW) -> Office:
    """A console over `store`, at a fixed time."""
    settings = settings or Settings()
    registry = Registry(shipped_knowledge(), settings)
    board, actions = Board(), FakeActions(PeopleDesk(store, registry, lambda: int(now * 1000)))
    app = create_console(store, board, settings, load_region("15.07"), actions, clock=lambda: now)
    return Office(store, board, actions, app)


def add_message(store: Store, text: str, *, minutes_ago: float = 1, sender: str = REPORTER, **more: object) -> int:
    """A stored message, understood unless told otherwise; returns its id."""
    at = int((NOW - minutes_ago * 60) * 1000)
    values: dict[str, object] = {"state": "understood", "sent_at": at - 9000, "fingerprint": bytes(32), "trace": []}
    with store.write() as session:
        message = Message(sender=sender, text=text, received_at=at, **(values | more))
        session.add(message)
        session.flush()
        return message.id


def add_report(store: Store, message_id: int, ticket: str, fields: dict[str, object], **more: object) -> int:
    """The report of a stored message; returns its id."""
    values: dict[str, object] = {"intent": "lapor", "form": "kejadian", "version": 1, "outcome": "terima", "level": 2}
    with store.write() as session:
        created_at = session.get_one(Message, message_id).received_at
        report = Report(message_id=message_id, ticket=ticket, fields=fields, created_at=created_at, **(values | more))
        session.add(report)
        session.flush()
        return report.id


def add_outgoing(store: Store, text: str, *, minutes_ago: float = 1, **more: object) -> int:
    """An SMS of ours; returns its id."""
    values: dict[str, object] = {"purpose": "reply", "recipient": REPORTER, "state": "sent", "attempts": 1}
    with store.write() as session:
        sms = Outgoing(text=text, created_at=int((NOW - minutes_ago * 60) * 1000), **(values | more))
        session.add(sms)
        session.flush()
        return sms.id


def add_pdu(store: Store, octets: str, *, minutes_ago: float = 1, **more: object) -> int:
    """A raw PDU; returns its id."""
    with store.write() as session:
        count = session.query(Pdu).count()
        pdu = Pdu(
            hex=octets,
            fingerprint=count.to_bytes(32, "big"),
            received_at=int((NOW - minutes_ago * 60) * 1000),
            **({"state": "decoded"} | more),
        )
        session.add(pdu)
        session.flush()
        return pdu.id


def add_waiting_entries(store: Store, count: int, *, minutes_ago: float = 5) -> None:
    """Ledger entries nobody has acknowledged."""
    with store.write() as session:
        for number in range(count):
            ledger.append(session, BeatBody("0", {"n": number}), at=int(NOW - minutes_ago * 60 + number))


def enrol(store: Store) -> None:
    """Give this laptop a key of the central."""
    with store.write() as session:
        state = ledger.sync_state(session)
        state.gateway, state.key, state.central = 7, bytes(32), "https://pusat.example.go.id"


def fill(office: Office) -> None:
    """A lively day."""
    store = office.store
    clash = add_message(
        store,
        "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga",
        minutes_ago=4,
        intent="lapor",
        outcome="terima",
        trace=[
            "'LAPOR' dibaca sebagai kata kunci laporan",
            "'BENTROK' dibaca sebagai jenis BENTROK",
            "'KAMPUNG LAUT' dibaca sebagai Kelurahan Kampung Laut (15.07.08.1001)",
            "'40' dibaca sebagai massa, '2' sebagai korban",
            "sisanya menjadi keterangan: ribut di dermaga",
        ],
        entry=1,
    )
    add_report(
        store, clash, "K4PT",
        {"jenis": "BENTROK", "desa": "15.07.08.1001", "massa": 40, "korban": 2, "ket": "ribut di dermaga", "fase": "TERJADI"},
        level=3,
    )  # fmt: skip
    add_pdu(store, SMALLEST_DELIVER, minutes_ago=4, message_id=clash)
    add_outgoing(
        store,
        "Terima kasih. Laporan BENTROK di Kelurahan Kampung Laut, massa 40, korban 2. No. K4PT. Balas RALAT bila salah.",
        minutes_ago=4,
        message_id=clash,
    )
    add_outgoing(
        store,
        "SIAGA: BENTROK di Kelurahan Kampung Laut, massa 40, korban 2. No. K4PT.",
        minutes_ago=4,
        purpose="alert",
        recipient="+6285266778899",
        state="delivered",
        message_id=clash,
    )
    crowd = add_message(
        store,
        "lapor ado budak kumpul nian di lambur, rame2 bawa parang. tolong pak",
        minutes_ago=12,
        sender="+6282177003456",
        intent="lapor",
        outcome="lengkapi",
        entry=2,
    )
    add_report(
        store, crowd, "M7XA",
        {"jenis": "MASSA", "desa": None, "massa": None, "korban": None, "ket": "bawa parang"},
        outcome="lengkapi",
        missing=["desa", "massa"],
        doubts=[{"field": "desa", "why": "Lambur, Lambur I, atau Lambur II?",
                 "candidates": ["15.07.01.2002", "15.07.01.2011", "15.07.01.2012"]}],
    )  # fmt: skip
    add_outgoing(
        store, "Laporan Anda diterima, No. M7XA. Di desa mana? Balas: DESA <nama desa>", minutes_ago=12,
        recipient="+6282177003456", state="queued", attempts=0, message_id=crowd,
    )  # fmt: skip
    nil = add_message(
        store, "NIHIL SUNGAI ULAR", minutes_ago=55, sender="+6281366112233", intent="nihil", outcome="terima"
    )
    add_report(store, nil, "N2QE", {"jenis": None, "desa": "15.07.01.2016"}, intent="nihil", form="nihil", level=0)
    add_message(
        store, "DARURAT kebakaran pasar", minutes_ago=70, sender="+6285788990011", intent="darurat", outcome="terima"
    )
    emergency = add_message(
        store, "TOLONG rumah diserang warga luka di simpang tuan", minutes_ago=95, sender="+6281990017766",
        intent="darurat", outcome="triase",
    )  # fmt: skip
    add_report(
        store, emergency, "D9RW", {"jenis": "SERANG", "desa": "15.07.05.2004", "luka": 1, "korban": 1},
        intent="darurat", form="darurat", level=4, outcome="triase", secret=True,
    )  # fmt: skip
    add_message(
        store, "Sisa pulsa Anda Rp1.250. Isi ulang sekarang!", minutes_ago=120, sender="TELKOMSEL",
        sender_is_number=False, intent="operator", outcome="abaikan",
    )  # fmt: skip
    add_message(
        store, "lapor massa berkumpul di depan kantor kecamatan sejak pagi, mereka menuntut", minutes_ago=130,
        sender="+6281234567890", state="waiting_parts", parts=3, parts_missing=1, reference=9,
    )  # fmt: skip
    add_message(store, HOSTILE, minutes_ago=1500, sender="+6289512340000", intent="bebas", outcome="triase")
    add_message(store, "", minutes_ago=1600, sender="+6281311110000", intent="kosong", outcome="abaikan")
    add_outgoing(
        store, "Mohon ulangi laporan Bapak dengan nama desa.", minutes_ago=150, purpose="message", state="failed",
        attempts=5, error="Pulsa habis (CMS 513).", recipient="+6281311110000",
    )  # fmt: skip
    add_outgoing(
        store, "Terima kasih.", minutes_ago=160, state="held", attempts=0,
        error="Batas balasan sama per pengirim dalam 24 jam tercapai.",
    )  # fmt: skip
    add_pdu(store, BROKEN_PDU, minutes_ago=200, state="undecodable", begun=True, error="panjang data tidak cocok")
    enrol(store)
    add_waiting_entries(store, 6, minutes_ago=11)
    office.board.post_modem(
        ModemStatus(
            ModemState.READY, "Modem siap.", operator="TELKOMSEL", signal_percent=61, sim_used=2, sim_capacity=40
        )
    )
    office.board.post_sync(
        SyncStatus(
            SyncPhase.WAITING,
            "Pusat belum dapat dihubungi; Waspada mencoba lagi sendiri. Laporan aman di sini.",
            last_success_at=(NOW - 1500) * 1000,
            next_try_at=(NOW + 60) * 1000,
        )
    )


def new_store(folder: Path) -> Store:
    """An empty database with all tables."""
    from gateway.store.database import open_store

    return open_store(folder)
