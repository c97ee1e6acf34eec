"""Tables of the laptop's database. Times are integer milliseconds since 1970 UTC unless a comment says seconds.

The way of an SMS through them: `pdu` (raw, durable) → `message` (decoded, joined) → `report`, `outgoing`, `ledger`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Root of the laptop's tables."""


class PduState(StrEnum):
    """What became of a raw PDU."""

    NEW = "new"
    DECODED = "decoded"
    UNDECODABLE = "undecodable"
    SET_ASIDE = "set_aside"
    """Decoding it ends the process: a person must look."""
    FILED = "filed"
    """Readable and kept, but no writing of a person: data, a delivery report, a cell broadcast, a draft on the SIM."""


class Pdu(Base):
    """The inbox: every PDU exactly as the modem gave it. Never changed but for its state."""

    __tablename__ = "pdu"
    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hex: Mapped[str] = mapped_column(Text)
    modem: Mapped[str] = mapped_column(String(32), default="")
    """Key (`ModemRecord.key`) of the modem that read it; the end of its IMEI in rows of revision 0001."""
    storage: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Where it lay: `SM`, `ME` …, `direct` or `broadcast`."""
    received_at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default=PduState.NEW, index=True)
    begun: Mapped[bool] = mapped_column(default=False)
    """Decoding was begun, written durably before it is; a start that finds it `new` all the same knows that it was cut off."""
    error: Mapped[str] = mapped_column(Text, default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    part: Mapped[int] = mapped_column(default=1)


class MessageState(StrEnum):
    """What became of a message."""

    WAITING_PARTS = "waiting_parts"
    READY = "ready"
    UNDERSTOOD = "understood"
    SET_ASIDE = "set_aside"
    """Understanding it failed; it went to a person as it is."""


class Message(Base):
    """One SMS as a person wrote it, joined from its parts. `text` never changes once the state is `understood`."""

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(32), index=True)
    """E.164 where it is a subscriber number, else as received."""
    sender_is_number: Mapped[bool] = mapped_column(default=True)
    text: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    """Service-centre time stamp of the first part."""
    received_at: Mapped[int] = mapped_column(BigInteger, index=True)
    """Laptop clock when the last part so far was stored."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    reference: Mapped[int | None] = mapped_column()
    parts: Mapped[int] = mapped_column(default=1)
    parts_missing: Mapped[int] = mapped_column(default=0)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Of the first part that came; stands for the message in the ledger."""
    intent: Mapped[str] = mapped_column(String(16), default="")
    outcome: Mapped[str] = mapped_column(String(16), default="")
    trace: Mapped[list[str]] = mapped_column(JSON, default=list)
    error: Mapped[str] = mapped_column(Text, default="")
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """Earlier message with the same words from the same sender (another service-centre time)."""
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """Earlier message of the same sender whose rest this seems to be ("lanjutannya pak ..."); a person decides."""
    unanswered: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why no answer was made, a sentence for the operator; '' where there is one."""
    entry: Mapped[int | None] = mapped_column()
    """Number of its MESSAGE entry in the ledger's present epoch; None before it has one or when that is gone."""
    __table_args__ = (Index("ix_message_parts", "sender", "reference", "parts"),)


class ReportState(StrEnum):
    """How far a report is (domain notes, section 5)."""

    NEW = "baru"
    VERIFYING = "verifikasi"
    """Somebody who may has said YA, TIDAK or BELUM."""
    HANDLED = "ditangani"
    CLOSED = "selesai"
    WITHDRAWN = "dibatalkan"
    """The reporter took it back; nothing is erased, a person looks why."""


class Report(Base):
    """What a message says, derived from it by a form; can be derived again."""

    __tablename__ = "report"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    ticket: Mapped[str] = mapped_column(String(8), unique=True)
    intent: Mapped[str] = mapped_column(String(16))
    form: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column()
    derived: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Fields as read from its message, before any amendment."""
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Fields as they stand: `derived`, then every amendment in its order."""
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    doubts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    outcome: Mapped[str] = mapped_column(String(16))
    level: Mapped[int] = mapped_column(default=0)
    secret: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(24), default=ReportState.NEW, server_default="baru")
    asked: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """The field its reporter was asked for last; '' where no question is open."""
    asked_at: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    changed_at: Mapped[int | None] = mapped_column(BigInteger)
    """When it was amended last."""
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))


class Amendment(Base):
    """One change of a report: who, when, what it was before and after. Rows are only ever added."""

    __tablename__ = "amendment"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    """The SMS that did it; None where a person at the laptop or the program did."""
    action: Mapped[str] = mapped_column(String(16))
    """A `gateway.reports.dialogue.Act`; `lengkap`: a missing part came; `turunan`: derived again with a newer form."""
    by: Mapped[str] = mapped_column(String(16))
    """`pelapor`, `petugas`, `operator` or `program`."""
    at: Mapped[int] = mapped_column(BigInteger, index=True)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The changed fields; `hasil`, `status` and `ket` of officers' commands stand here only."""
    level_before: Mapped[int] = mapped_column(default=0)
    level_after: Mapped[int] = mapped_column(default=0)
    state_before: Mapped[str] = mapped_column(String(24), default="")
    state_after: Mapped[str] = mapped_column(String(24), default="")


class ReporterStatus(StrEnum):
    """What we know of who stands behind a number."""

    GUEST = "tamu"
    """Wrote to us, is not registered: may report, and is marked."""
    REGISTERED = "terdaftar"
    DOUBTFUL = "ragu"
    """Registered, but asked "still you?" in vain for too long: no officer's rights until confirmed."""
    GONE = "berhenti"
    """The number belongs to somebody else now, or the person left: a guest, marked."""


class Reporter(Base):
    """Somebody who has written to us. The number never leaves this table's database."""

    __tablename__ = "reporter"
    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    pseudonym: Mapped[int] = mapped_column(BigInteger, unique=True)
    """Keyed hash of the number, 32 bits; what the central sees."""
    role: Mapped[str] = mapped_column(String(32), default="")
    village: Mapped[str] = mapped_column(String(16), default="")
    name: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[str] = mapped_column(String(2), default="id")
    status: Mapped[str] = mapped_column(String(16), default=ReporterStatus.GUEST, server_default="tamu", index=True)
    first_seen: Mapped[int] = mapped_column(BigInteger)
    registered_at: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    """When the person last confirmed to be who we think, or was registered."""
    asked_at: Mapped[int | None] = mapped_column(BigInteger)
    """When "still you?" was asked last; None where no such question is open."""


class Registration(Base):
    """A wish to be registered, by DAFTAR. Changes nothing until a person approves it."""

    __tablename__ = "registration"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    role: Mapped[str] = mapped_column(String(32), default="")
    village: Mapped[str] = mapped_column(String(16), default="")
    name: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default="menunggu", index=True)
    """`menunggu`, `diterima`, `ditolak`, or `diganti` by a later wish of the same number."""
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")


class OutgoingState(StrEnum):
    """States of an SMS we send (promise P7)."""

    QUEUED = "queued"
    ATTEMPTED = "attempted"
    """Marked durably before the modem is touched."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """We stopped between the mark and the modem's answer; a courtesy reply stays here."""
    FAILED = "failed"
    HELD = "held"
    """Not sent by rule; `error` says which."""
    DELIVERED = "delivered"
    """Every part reached the recipient's phone, says the network."""
    UNDELIVERED = "undelivered"
    """The network took it and gave up: phone off until the end of validity, number gone."""


class Outgoing(Base):
    """The queue of everything we send by SMS."""

    __tablename__ = "outgoing"
    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    """`alert`, `reply` or `message` (typed by a person); also the priority, in this order."""
    kind: Mapped[str] = mapped_column(String(32), default="")
    """Which prepared text it is; like replies share it (budgets)."""
    recipient: Mapped[str] = mapped_column(String(32), index=True)
    text: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message it answers."""
    state: Mapped[str] = mapped_column(String(16), default=OutgoingState.QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    parts_sent: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    modem: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """Key (`ModemRecord.key`) of the modem that took it up last."""
    error: Mapped[str] = mapped_column(Text, default="")


class OutgoingPart(Base):
    """One part of an SMS that the network took, for the delivery report that may follow."""

    __tablename__ = "outgoing_part"
    id: Mapped[int] = mapped_column(primary_key=True)
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing.id"), index=True)
    part: Mapped[int] = mapped_column()
    modem: Mapped[str] = mapped_column(String(32), default="")
    recipient: Mapped[str] = mapped_column(String(32))
    reference: Mapped[int | None] = mapped_column()
    """TP-MR (TS 23.040 9.2.3.6); None for modems that do not tell."""
    sent_at: Mapped[int] = mapped_column(BigInteger, index=True)
    report_wanted: Mapped[bool] = mapped_column(default=False)
    status: Mapped[int | None] = mapped_column()
    """TP-ST of its report (9.2.3.15); None as long as none came."""
    reported_at: Mapped[int | None] = mapped_column(BigInteger)
    """Discharge time the report tells, else when it came."""
    __table_args__ = (Index("ix_outgoing_part_report", "recipient", "reference"),)


class ModemRecord(Base):
    """A modem this laptop knows, with its SIM: identity, last state, credit."""

    __tablename__ = "modem"
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Its place in the settings: `modem`, or `modem.more.1` and so on."""
    imei: Mapped[str] = mapped_column(String(20), default="")
    imsi: Mapped[str] = mapped_column(String(20), default="")
    port: Mapped[str] = mapped_column(Text, default="")
    """Where it was found last."""
    operator: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[str] = mapped_column(String(16), default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[int] = mapped_column(BigInteger, default=0)
    """When the state changed last."""
    balance: Mapped[int | None] = mapped_column()
    """Credit, rupiah."""
    valid_until: Mapped[int | None] = mapped_column(BigInteger)
    """End of the SIM's validity (masa aktif)."""
    credit_at: Mapped[int | None] = mapped_column(BigInteger)
    """When credit and validity were learnt."""
    credit_text: Mapped[str] = mapped_column(Text, default="")
    """The operator's own words, from USSD or a notice."""


class LedgerEntry(Base):
    """The append-only ledger (`docs/wire.md`). Rows are only ever added."""

    __tablename__ = "ledger"
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[int] = mapped_column()
    at: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970, laptop clock."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary(8))


class SyncState(Base):
    """One row (id 1): where this laptop stands with the central."""

    __tablename__ = "sync_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    ack: Mapped[int] = mapped_column(default=0)
    safe: Mapped[int] = mapped_column(default=0)
    central: Mapped[str] = mapped_column(Text, default="")
    gateway: Mapped[int | None] = mapped_column()
    key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    commands_applied: Mapped[int] = mapped_column(default=0)
    last_contact_at: Mapped[int | None] = mapped_column(BigInteger)
    alarm: Mapped[str] = mapped_column(Text, default="")


class Fact(Base):
    """Small lasting facts of this installation, by name (pseudonym key, start of the service …)."""

    __tablename__ = "fact"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
