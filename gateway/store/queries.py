"""Everything that pages and commands read from the laptop's database: typed questions, frozen answers (`records`).

Nothing here changes a row. Times are milliseconds since 1970 as in `models`, None where unknown; the `*_as_json`
functions turn them into ISO 8601 with the region's offset. Lists are newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from config.regions import Region
from gateway import delivery
from gateway.reports.understanding import FIELDS, Outcome

from .models import (
    LedgerEntry,
    Message,
    MessageState,
    Outgoing,
    OutgoingPart,
    OutgoingState,
    Pdu,
    PduState,
    Report,
    SyncState,
)
from .records import MessageDetail, MessageRow, OutgoingRow, Page, PartRow, PduRow, ReportRow, SyncFacts, Tally


def messages_page(
    session: Session,
    *,
    text: str = "",
    state: str = "",
    intent: str = "",
    outcome: str = "",
    number: int = 1,
    size: int = 50,
) -> Page[MessageRow]:
    """Messages whose text contains `text` (any case), with this state, intent and outcome; '' leaves a filter out."""
    conditions: list[ColumnElement[bool]] = []
    if text:
        conditions.append(Message.text.icontains(text, autoescape=True))
    if state:
        conditions.append(Message.state == state)
    if intent:
        conditions.append(Message.intent == intent)
    if outcome:
        conditions.append(Message.outcome == outcome)
    total = session.scalar(select(func.count(Message.id)).where(*conditions)) or 0
    query = _messages().where(*conditions)
    number = _within(number, total, size)
    found = session.execute(query.limit(size).offset((number - 1) * size))
    return Page(tuple(_message_row(message, ticket) for message, ticket in found), total, number, size)


def reports_page(
    session: Session,
    *,
    jenis: str = "",
    place: str = "",
    level: int | None = None,
    outcome: str = "",
    number: int = 1,
    size: int = 50,
) -> Page[ReportRow]:
    """Reports of a type, place, level and outcome; '' or None leaves a filter out.

    `jenis` may also be NIHIL or DARURAT, which are forms of their own; `place` is the code of a village or kecamatan.
    """
    conditions: list[ColumnElement[bool]] = []
    if jenis in ("NIHIL", "DARURAT"):
        conditions.append(Report.intent == jenis.lower())
    elif jenis:
        conditions.append(Report.fields["jenis"].as_string() == jenis)
    if place:
        village = Report.fields["desa"].as_string()
        conditions.append(or_(village == place, village.startswith(place + ".", autoescape=True)))
    if level is not None:
        conditions.append(Report.level == level)
    if outcome:
        conditions.append(Report.outcome == outcome)
    total = session.scalar(select(func.count(Report.id)).where(*conditions)) or 0
    number = _within(number, total, size)
    found = session.execute(_reports().where(*conditions).limit(size).offset((number - 1) * size))
    return Page(tuple(_report_row(*columns) for columns in found), total, number, size)


def outgoing_page(session: Session, *, state: str = "", number: int = 1, size: int = 50) -> Page[OutgoingRow]:
    """What we send, in this state ('' is every state)."""
    conditions = [Outgoing.state == state] if state else []
    total = session.scalar(select(func.count(Outgoing.id)).where(*conditions)) or 0
    number = _within(number, total, size)
    query = select(Outgoing).where(*conditions).order_by(Outgoing.id.desc()).limit(size).offset((number - 1) * size)
    return Page(_outgoing_rows(session, session.scalars(query).all()), total, number, size)


def message_detail(session: Session, message_id: int) -> MessageDetail | None:
    """One message with its PDUs, report and replies; None where there is none with this id."""
    found = session.execute(_messages().where(Message.id == message_id)).one_or_none()
    if found is None:
        return None
    message, ticket = found
    pdus = session.scalars(select(Pdu).where(Pdu.message_id == message_id).order_by(Pdu.part, Pdu.id))
    replies = session.scalars(select(Outgoing).where(Outgoing.message_id == message_id).order_by(Outgoing.id))
    report = session.execute(_reports().where(Report.message_id == message_id)).one_or_none()
    state = session.get(SyncState, 1)
    return MessageDetail(
        row=_message_row(message, ticket),
        trace=tuple(message.trace),
        pdus=tuple(_pdu_row(pdu) for pdu in pdus),
        report=_report_row(*report) if report else None,
        outgoing=_outgoing_rows(session, replies.all()),
        at_central=None if message.entry is None else bool(state and message.entry <= state.ack),
    )


def report_by_ticket(session: Session, ticket: str) -> ReportRow | None:
    """The report with this ticket, or None."""
    found = session.execute(_reports().where(Report.ticket == ticket)).one_or_none()
    return _report_row(*found) if found else None


def troubled_pdus(session: Session, limit: int = 100) -> tuple[PduRow, ...]:
    """PDUs that could not be decoded or were set aside."""
    wanted = (PduState.UNDECODABLE, PduState.SET_ASIDE)
    query = select(Pdu).where(Pdu.state.in_(wanted)).order_by(Pdu.id.desc()).limit(limit)
    return tuple(_pdu_row(pdu) for pdu in session.scalars(query))


def filed_pdus(session: Session, *, number: int = 1, size: int = 20) -> Page[PduRow]:
    """PDUs that were kept and are no message of a person."""
    total = session.scalar(select(func.count(Pdu.id)).where(Pdu.state == PduState.FILED)) or 0
    number = _within(number, total, size)
    newest = select(Pdu).where(Pdu.state == PduState.FILED).order_by(Pdu.id.desc())
    found = session.scalars(newest.limit(size).offset((number - 1) * size))
    return Page(tuple(_pdu_row(pdu) for pdu in found), total, number, size)


def pdu_by_id(session: Session, pdu_id: int) -> PduRow | None:
    """One raw PDU, or None."""
    pdu = session.get(Pdu, pdu_id)
    return _pdu_row(pdu) if pdu else None


def sync_facts(session: Session) -> SyncFacts:
    """Where the ledger stands; an installation that has no ledger yet has nothing waiting."""
    state = session.get(SyncState, 1)
    if state is None:
        return SyncFacts()
    waiting = select(func.count(), func.min(LedgerEntry.at)).where(
        LedgerEntry.epoch == state.epoch, LedgerEntry.number > state.ack
    )
    count, oldest = session.execute(waiting).one()
    return SyncFacts(
        enrolled=state.key is not None,
        central=state.central,
        waiting=count,
        oldest_waiting_at=None if oldest is None else oldest * 1000,
        last_contact_at=state.last_contact_at,
        alarm=state.alarm,
    )


def written_from_outside(session: Session) -> str:
    """Changes when another process wrote what pages show: `waspada send` queues an SMS, `waspada enroll` sets a key.

    Two looks at an index; nobody has to wake the page.
    """
    newest_sms = session.scalar(select(func.max(Outgoing.id))) or 0
    state = session.get(SyncState, 1)
    return f"{newest_sms}-{int(state is not None and state.key is not None)}"


def tally(session: Session, since: int, lately: int = 0) -> Tally:
    """Counts of what came since `since`, of what needs a person at any time, and of what we failed to send since `lately`.

    Both in milliseconds since 1970.
    """
    levels = session.execute(
        select(Report.level, func.count())
        .where(Report.created_at >= since, Report.repeats_id.is_(None))  # the same news sent again is one event
        .group_by(Report.level)
    ).all()
    by_level = dict(levels)
    pdus = _by_state(session, Pdu.state, PduState.UNDECODABLE, PduState.SET_ASIDE)
    messages = _by_state(session, Message.state, MessageState.SET_ASIDE)
    outgoing = session.execute(select(Outgoing.state, func.count()).group_by(Outgoing.state)).all()
    unsent = _by_state(
        session,
        Outgoing.state,
        OutgoingState.FAILED,
        OutgoingState.UNCERTAIN,
        OutgoingState.UNDELIVERED,
        also=Outgoing.created_at >= lately,
    )
    return Tally(
        messages=session.scalar(select(func.count(Message.id)).where(Message.received_at >= since)) or 0,
        for_a_person=session.scalar(
            select(func.count(Message.id)).where(Message.received_at >= since, Message.outcome == Outcome.TRIASE)
        )
        or 0,
        reports=sum(by_level.values()),
        reports_by_level=by_level,
        last_message_at=session.scalar(select(func.max(Message.received_at))),
        undecodable=pdus.get(PduState.UNDECODABLE, 0),
        pdus_set_aside=pdus.get(PduState.SET_ASIDE, 0),
        messages_set_aside=messages.get(MessageState.SET_ASIDE, 0),
        outgoing_by_state=dict(outgoing),
        failed_lately=unsent.get(OutgoingState.FAILED, 0),
        uncertain_lately=unsent.get(OutgoingState.UNCERTAIN, 0),
        undelivered_lately=unsent.get(OutgoingState.UNDELIVERED, 0),
    )


def messages_as_json(session: Session, *, utc_offset_minutes: int, limit: int | None = None) -> list[dict[str, Any]]:
    """Messages as plain data (`waspada messages --json`), newest first."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    rows = [_message_row(message, ticket) for message, ticket in session.execute(_messages().limit(limit))]
    return [
        {
            "id": row.id,
            "sender": row.sender,
            "text": row.text,
            "sent_at": iso_time(row.sent_at, zone),
            "received_at": iso_time(row.received_at, zone),
            "state": row.state,
            "intent": row.intent or None,
            "outcome": row.outcome or None,
            "ticket": row.ticket or None,
            "parts": row.parts,
            "parts_missing": row.parts_missing,
        }
        for row in rows
    ]


def reports_as_json(
    session: Session, region: Region, *, utc_offset_minutes: int, limit: int | None = None
) -> list[dict[str, Any]]:
    """Reports as plain data (`waspada reports --json`), newest first; unknown fields are null."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    rows = [_report_row(*columns) for columns in session.execute(_reports().limit(limit))]
    return [_report_as_json(row, region, zone) for row in rows]


def iso_time(milliseconds: int | None, zone: timezone) -> str | None:
    """ISO 8601 with the zone's offset, whole seconds; None stays None."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, zone).isoformat(timespec="seconds")


def _report_as_json(row: ReportRow, region: Region, zone: timezone) -> dict[str, Any]:
    place = region.by_code.get(row.field("desa") or "")
    return {
        "id": row.id,
        "ticket": row.ticket,
        "message_id": row.message_id,
        "sender": row.sender,
        "intent": row.intent,
        **{name: row.field(name) for name in FIELDS},
        "desa_nama": place.name if place else None,
        "level": row.level,
        "outcome": row.outcome,
        "missing": list(row.missing),
        "doubts": list(row.doubts),
        "rahasia": row.secret,
        "sent_at": iso_time(row.sent_at, zone),
        "received_at": iso_time(row.received_at, zone),
        "repeats": row.repeats or None,
    }


def _messages() -> Select[*tuple[Any, ...]]:
    return (
        select(Message, Report.ticket)
        .outerjoin(Report, Report.message_id == Message.id)
        .order_by(Message.received_at.desc(), Message.id.desc())
    )


def _reports() -> Select[*tuple[Any, ...]]:
    earlier = aliased(Report)
    return (
        select(Report, Message, earlier.ticket)
        .join(Message, Message.id == Report.message_id)
        .outerjoin(earlier, earlier.id == Report.repeats_id)
        .order_by(Report.created_at.desc(), Report.id.desc())
    )


def _within(number: int, total: int, size: int) -> int:
    return min(max(number, 1), max(1, -(-total // size)))


def _by_state(session: Session, column: Any, *states: str, also: ColumnElement[bool] | None = None) -> dict[str, int]:
    query = select(column, func.count()).where(column.in_(states)).group_by(column)
    return dict(session.execute(query if also is None else query.where(also)).all())


def _message_row(message: Message, ticket: str | None) -> MessageRow:
    return MessageRow(
        id=message.id,
        sender=message.sender,
        sender_is_number=message.sender_is_number,
        text=message.text,
        sent_at=message.sent_at,
        received_at=message.received_at,
        state=message.state,
        intent=message.intent,
        outcome=message.outcome,
        ticket=ticket or "",
        parts=message.parts,
        parts_missing=message.parts_missing,
        repeats_id=message.repeats_id,
        error=message.error,
    )


def _report_row(report: Report, message: Message, repeats: str | None) -> ReportRow:
    return ReportRow(
        id=report.id,
        ticket=report.ticket,
        message_id=report.message_id,
        sender=message.sender,
        sender_is_number=message.sender_is_number,
        text=message.text,
        intent=report.intent,
        form=report.form,
        version=report.version,
        fields=dict(report.fields),
        missing=tuple(report.missing),
        doubts=tuple(report.doubts),
        outcome=report.outcome,
        level=report.level,
        secret=report.secret,
        sent_at=message.sent_at,
        received_at=message.received_at,
        created_at=report.created_at,
        repeats=repeats or "",
    )


def _outgoing_rows(session: Session, rows: Sequence[Outgoing]) -> tuple[OutgoingRow, ...]:
    """`rows` with their parts; where one was sent again, its newest try counts."""
    parts: dict[int, dict[int, PartRow]] = {}
    tried = select(OutgoingPart).where(OutgoingPart.outgoing_id.in_([row.id for row in rows]))
    for part in session.scalars(tried.order_by(OutgoingPart.part, OutgoingPart.id)):
        arrived = None if part.status is None else delivery.fate(part.status) is delivery.Fate.DELIVERED
        known = PartRow(part.part, part.sent_at, arrived, part.reported_at)
        parts.setdefault(part.outgoing_id, {})[part.part] = known
    return tuple(_outgoing_row(row, tuple(parts.get(row.id, {}).values())) for row in rows)


def _outgoing_row(row: Outgoing, parts: tuple[PartRow, ...]) -> OutgoingRow:
    return OutgoingRow(
        id=row.id,
        purpose=row.purpose,
        kind=row.kind,
        recipient=row.recipient,
        text=row.text,
        message_id=row.message_id,
        state=row.state,
        attempts=row.attempts,
        parts_sent=row.parts_sent,
        not_before=row.not_before,
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
        parts=parts,
    )


def _pdu_row(pdu: Pdu) -> PduRow:
    return PduRow(
        id=pdu.id,
        hex=pdu.hex,
        modem=pdu.modem,
        received_at=pdu.received_at,
        state=pdu.state,
        error=pdu.error,
        message_id=pdu.message_id,
        part=pdu.part,
    )
