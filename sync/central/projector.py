"""Folds the ledger into what people read: messages, reports, amendments, reporters, health. Restartable, idempotent.

One folder at a time (a lock), each epoch from where `folded` says: numbers without gaps, committed in order, so nothing
can appear behind the reader. What an entry becomes depends on the ledger alone, never on when it is folded: a rebuild
gives the same rows. An entry that cannot be folded is noted in `unfolded` and holds up nobody.

    ledger ─▶ fold ─┬▶ Message   repeats (same gateway, fingerprint, reporter, sent time) point to the first: duplicate_of
                    ├▶ Report    of its message; amendments applied in order of arrival
                    ├▶ Amendment
                    └▶ Reporter, Health: the newest entry wins
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy import and_, delete, or_, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from sync.entries import AmendBody, BeatBody, Body, Entry, MessageBody, ReportBody, ReporterBody, decode_body

from .database import Database
from .models import PROJECTIONS, Amendment, Cursor, Folded, Health, LedgerEntry, Message, Report, Reporter, Unfolded

log = structlog.get_logger()

BATCH_ENTRIES = 500
_LOCK = 0x57415346
"""Advisory lock of whoever folds (PostgreSQL); SQLite has one writer anyway."""
_DISTRICT_CODE_LENGTH = len("15.07.01")
_MAX_INTEGER = 1 << 62
_WITHDRAW = "batal"
_TAKES_UP = ("tl", "terima")
"""Actions of officers who go on with a report, withdrawn or not."""
_CHANGES_FIELDS = ("koreksi", "lengkap", "jawab", "ganti", "susul", "lanjutan", "turunan")
"""Actions of amendments after which the report itself reads otherwise; the others are told beside it."""


def fold(database: Database) -> int:
    """Fold everything that is new; returns the number of entries folded."""
    total = 0
    while True:
        with database.write() as session:
            _lock(session)
            folded = _fold_batch(session)
        if not folded:
            return total
        total += folded


def rebuild(database: Database) -> int:
    """Throw all projections away and fold the whole ledger again, in one transaction; returns the number of entries."""
    with database.write() as session:
        _lock(session)
        for table in PROJECTIONS:
            session.execute(delete(table))
        session.execute(delete(Folded))
        total = 0
        while folded := _fold_batch(session):
            total += folded
            session.expunge_all()
        return total


def _lock(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _fold_batch(session: Session) -> int:
    behind = session.execute(
        select(Cursor.gateway, Cursor.epoch, Folded.number)
        .outerjoin(Folded, and_(Folded.gateway == Cursor.gateway, Folded.epoch == Cursor.epoch))
        .where((Folded.number < Cursor.ack) | (Folded.number.is_(None) & (Cursor.ack > 0)))
        .order_by(Cursor.gateway, Cursor.epoch)
        .limit(1)
    ).first()
    if behind is None:
        return 0
    gateway, epoch, number = behind
    rows = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.gateway == gateway, LedgerEntry.epoch == epoch, LedgerEntry.number > (number or 0))
        .order_by(LedgerEntry.number)
        .limit(BATCH_ENTRIES)
    ).all()
    for row in rows:
        _fold_one(session, row)
    session.merge(Folded(gateway=gateway, epoch=epoch, number=rows[-1].number))
    session.flush()
    return len(rows)


def _fold_one(session: Session, row: LedgerEntry) -> None:
    """Fold one entry, or note that it cannot be."""
    body = decode_body(Entry(row.number, row.kind, row.at, row.body))
    folder = _FOLDERS.get(type(body))
    if body is not None and folder is None:
        return
    why = "unknown kind or shape"
    if folder is not None:
        try:
            with session.begin_nested():
                folder(session, row, body)
            return
        except (SQLAlchemyError, ValueError, TypeError, OverflowError, RecursionError) as error:
            if isinstance(error, OperationalError) and not _is_about_content(error):
                raise  # the database is in trouble, not the entry: all of it is folded again later
            why = type(error).__name__
            log.warning("entry_not_folded", gateway=row.gateway, kind=row.kind, why=why)
    session.merge(Unfolded(gateway=row.gateway, epoch=row.epoch, number=row.number, kind=row.kind, why=why))


def _is_about_content(error: OperationalError) -> bool:
    """PostgreSQL counts values beyond a limit (class 54) among the operational errors."""
    return str(getattr(error.orig, "sqlstate", "")).startswith("54")


def _fold_message(session: Session, row: LedgerEntry, body: MessageBody) -> None:
    message = Message(
        **_origin(row),
        at=_integer(row.at),
        fingerprint=_integer(body.fingerprint),
        reporter=_integer(body.reporter),
        sent_at=_integer(row.at - body.sent_before),
        received_at=_integer(row.at - body.received_before),
        text=None if body.text is None else plain(body.text),
        intent=plain(body.intent),
        outcome=plain(body.outcome),
        parts_missing=_integer(body.parts_missing),
        modem=plain(body.modem),
    )
    session.merge(message)
    session.flush()
    _point_home(session, message)


def _fold_report(session: Session, row: LedgerEntry, body: ReportBody) -> None:
    number = row.number - body.message
    message = session.get(Message, (row.gateway, row.epoch, number)) if body.message else None
    fields = plain(body.fields)
    report = Report(
        **_origin(row),
        at=_integer(row.at),
        message_number=message.number if message else None,
        reporter=message.reporter if message and not body.secret else 0,
        secret=bool(body.secret),
        ticket=plain(body.ticket).upper(),
        form=plain(body.form),
        version=_integer(body.version),
        original=fields,
        level=_integer(body.level),
        outcome=plain(body.outcome),
        doubts=plain(body.doubts),
        missing=plain(body.missing),
        repeats=plain(body.repeats),
        sent_at=message.sent_at if message else _integer(row.at),
        received_at=message.received_at if message else _integer(row.at),
    )
    _show_fields(report, fields, withdrawn=False)
    session.merge(report)
    session.flush()
    _apply_amendments(session, row.gateway, report.ticket)
    if message is not None:
        _point_home(session, message)


def _fold_amendment(session: Session, row: LedgerEntry, body: AmendBody) -> None:
    ticket = plain(body.ticket).upper()
    session.merge(
        Amendment(
            **_origin(row),
            at=_integer(row.at),
            ticket=ticket,
            action=plain(body.action),
            fields=plain(body.fields),
            level=None if body.level is None else _integer(body.level),
            secret=bool(body.secret),
        )
    )
    session.flush()
    completed = session.get(Message, (row.gateway, row.epoch, row.number - body.message)) if body.message else None
    if completed is not None and body.text is not None:
        completed.text = plain(body.text)
        completed.parts_missing = _integer(body.parts_missing)
    _apply_amendments(session, row.gateway, ticket)


def _fold_reporter(session: Session, row: LedgerEntry, body: ReporterBody) -> None:
    known = session.get(Reporter, (row.gateway, _integer(body.reporter)))
    if known is None or _arrival(known) <= _arrival_of_entry(row):
        session.merge(
            Reporter(**_origin(row), reporter=body.reporter, role=plain(body.role), village=plain(body.village))
        )


def _fold_beat(session: Session, row: LedgerEntry, body: BeatBody) -> None:
    known = session.get(Health, row.gateway)
    if known is None or _arrival(known) <= _arrival_of_entry(row):
        session.merge(
            Health(**_origin(row), at=_integer(row.at), version=plain(body.version), health=plain(body.health))
        )


_FOLDERS: dict[type[Body] | type[None], Callable[[Session, LedgerEntry, Any], None]] = {
    MessageBody: _fold_message,
    ReportBody: _fold_report,
    AmendBody: _fold_amendment,
    ReporterBody: _fold_reporter,
    BeatBody: _fold_beat,
}


def _point_home(session: Session, message: Message) -> None:
    """Let all copies of a message, and the reports made from them, point to the one that arrived first."""
    same = select(Message).where(
        Message.gateway == message.gateway,
        Message.fingerprint == message.fingerprint,
        Message.reporter == message.reporter,
        Message.sent_at == message.sent_at,
    )
    copies = sorted(session.scalars(same), key=_arrival)
    _mark_copies(copies)
    if len(copies) > 1:
        made_from = or_(*(and_(Report.epoch == copy.epoch, Report.message_number == copy.number) for copy in copies))
        reports = select(Report).where(Report.gateway == message.gateway, made_from)
        _mark_copies(sorted(session.scalars(reports), key=_arrival))
    session.flush()


def _mark_copies(copies: Sequence[Message | Report]) -> None:
    for index, copy in enumerate(copies):
        first = copies[0] if index else None
        copy.duplicate_epoch = first.epoch if first else None
        copy.duplicate_number = first.number if first else None


def _apply_amendments(session: Session, gateway: int, ticket: str) -> None:
    reports = session.scalars(select(Report).where(Report.gateway == gateway, Report.ticket == ticket)).all()
    said = sorted(
        session.scalars(select(Amendment).where(Amendment.gateway == gateway, Amendment.ticket == ticket)),
        key=_arrival,
    )
    for report in reports:
        fields, withdrawn = dict(report.original), False
        for amendment in said:
            if amendment.secret:
                report.reporter, report.secret = 0, True
            if amendment.action.lower() in _CHANGES_FIELDS:
                fields |= amendment.fields
                report.level = report.level if amendment.level is None else amendment.level
            if amendment.action.lower() == _WITHDRAW:
                withdrawn = True
            elif amendment.action.lower() in _TAKES_UP:
                withdrawn = False
        _show_fields(report, fields, withdrawn=withdrawn)
    session.flush()


def _show_fields(report: Report, fields: dict[str, Any], *, withdrawn: bool) -> None:
    report.fields = fields
    report.jenis = str(fields.get("jenis") or "")
    report.desa = str(fields.get("desa") or "")
    report.kecamatan = report.desa[:_DISTRICT_CODE_LENGTH]
    report.withdrawn = withdrawn


def _origin(row: LedgerEntry) -> dict[str, Any]:
    return {
        "gateway": row.gateway,
        "epoch": row.epoch,
        "number": row.number,
        "central_received_at": row.received_at,
    }


def _arrival(row: Message | Report | Amendment | Reporter | Health) -> tuple[int, int, int]:
    return row.central_received_at, row.epoch, row.number


def _arrival_of_entry(row: LedgerEntry) -> tuple[int, int, int]:
    return row.received_at, row.epoch, row.number


def _integer(value: int) -> int:
    """A number every database can hold; ValueError for one that is no such thing."""
    if not -_MAX_INTEGER < value < _MAX_INTEGER:
        raise ValueError("number out of range")
    return value


def plain(value: Any) -> Any:
    """The same value with nothing in it that JSON, PostgreSQL or a page could choke on (NUL, octets, NaN)."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {plain(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
