"""Tables of the central. Every primary key begins with the gateway, so that the tables can be split by it.

Three groups: the registry (`gateway`, `enrolment`), the ledger as received (`cursor`, `ledger`), and projections, which
`sync.central.projector` makes from the ledger and can make again (`PROJECTIONS`). Times end in `_at`; they are
milliseconds of the central's clock unless a comment says laptop seconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Root of the central's tables."""


class Gateway(Base):
    """A laptop that may send, or is invited to."""

    __tablename__ = "gateway"
    gateway: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(Text)
    key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    revoked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(BigInteger)
    enrolled_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number is never given twice


class Enrolment(Base):
    """A one-time code. The code itself is shown once and not kept."""

    __tablename__ = "enrolment"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    issued_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[int | None] = mapped_column(BigInteger)


class Fact(Base):
    """Small lasting facts by name; gateway 0 is the central itself."""

    __tablename__ = "fact"
    gateway: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class Cursor(Base):
    """What the central holds of one epoch of one laptop: entries 1..ack without a gap."""

    __tablename__ = "cursor"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ack: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[bytes] = mapped_column(LargeBinary(8))
    safe: Mapped[int] = mapped_column(BigInteger, default=0)
    contact_at: Mapped[int] = mapped_column(BigInteger)
    forked_at: Mapped[int | None] = mapped_column(BigInteger)
    """When this epoch was last contradicted (a copied or restored laptop)."""


class LedgerEntry(Base):
    """An entry exactly as received. Rows are only ever added."""

    __tablename__ = "ledger"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[int] = mapped_column()
    at: Mapped[int] = mapped_column(BigInteger)
    """Laptop seconds."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary(8))
    received_at: Mapped[int] = mapped_column(BigInteger)


class Folded(Base):
    """How far the projector has read an epoch."""

    __tablename__ = "folded"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class _FromEntry:
    """Columns of a projection row that stands for one entry."""

    gateway: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    """Laptop seconds."""
    central_received_at: Mapped[int] = mapped_column(BigInteger)


class _Foldable(_FromEntry):
    """…and that may repeat another one: sent again under a new epoch. Nothing is dropped, the repetition points home."""

    duplicate_epoch: Mapped[int | None] = mapped_column(BigInteger)
    duplicate_number: Mapped[int | None] = mapped_column(BigInteger)


class Message(_Foldable, Base):
    """An SMS as a laptop received it."""

    __tablename__ = "message"
    fingerprint: Mapped[int] = mapped_column(BigInteger)
    reporter: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[int] = mapped_column(BigInteger)
    """Service-centre time, seconds."""
    received_at: Mapped[int] = mapped_column(BigInteger)
    """Laptop seconds."""
    text: Mapped[str | None] = mapped_column(Text)
    intent: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    parts_missing: Mapped[int] = mapped_column(BigInteger)
    modem: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_message_same", "gateway", "fingerprint", "sent_at"),)


class Report(_Foldable, Base):
    """A report with its amendments applied."""

    __tablename__ = "report"
    message_number: Mapped[int | None] = mapped_column(BigInteger)
    reporter: Mapped[int] = mapped_column(BigInteger)
    """Pseudonym; 0 where the reporter asked to be hidden: with the pseudonym of other reports comes a role and a village."""
    secret: Mapped[bool] = mapped_column(default=False)
    ticket: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger)
    original: Mapped[dict[str, Any]] = mapped_column(JSON)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    jenis: Mapped[str] = mapped_column(Text)
    """'' where unknown; so are `desa` and `kecamatan`."""
    desa: Mapped[str] = mapped_column(Text)
    kecamatan: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(Text)
    doubts: Mapped[list[Any]] = mapped_column(JSON)
    missing: Mapped[list[Any]] = mapped_column(JSON)
    repeats: Mapped[str] = mapped_column(Text)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[int] = mapped_column(BigInteger)
    """Service-centre time of its message, seconds: the time lists and windows go by."""
    received_at: Mapped[int] = mapped_column(BigInteger)
    """Laptop seconds."""
    __table_args__ = (
        Index("ix_report_newest", "sent_at"),
        Index("ix_report_ticket", "gateway", "ticket"),
        Index("ix_report_message", "gateway", "epoch", "message_number"),
        Index("ix_report_place", "kecamatan", "sent_at"),
    )

    @property
    def still_missing(self) -> list[str]:
        """What was missing when it came and no amendment told since."""
        return [str(name) for name in self.missing if self.fields.get(str(name)) is None]


class Amendment(_FromEntry, Base):
    """What was said later about a report."""

    __tablename__ = "amendment"
    ticket: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    level: Mapped[int | None] = mapped_column(BigInteger)
    """New level it proposes, None where it proposes none."""
    secret: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index("ix_amendment_ticket", "gateway", "ticket"),)


class Reporter(Base):
    """Who stands behind a pseudonym, as the newest entry says."""

    __tablename__ = "reporter"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    reporter: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    village: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    central_received_at: Mapped[int] = mapped_column(BigInteger)


class Health(Base):
    """The newest sign of life of a laptop."""

    __tablename__ = "health"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(Text)
    health: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    central_received_at: Mapped[int] = mapped_column(BigInteger)


class Unfolded(Base):
    """An entry that could not be folded; it stays in the ledger, and a rebuild by a newer version tries again."""

    __tablename__ = "unfolded"
    gateway: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[int] = mapped_column()
    why: Mapped[str] = mapped_column(Text)


PROJECTIONS: tuple[type[Base], ...] = (Message, Report, Amendment, Reporter, Health, Unfolded)
"""Everything a rebuild throws away and makes again (with `Folded`)."""
