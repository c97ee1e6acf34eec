"""Everything that pages and commands read from the laptop's database: typed questions, frozen answers (`records`).

Nothing here changes a row. Times are milliseconds since 1970 as in `models`, None where unknown. Lists are newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from gateway import delivery
from gateway.reports.dialogue import Act
from gateway.reports.understanding import Outcome

from .models import (
    Amendment,
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
from .records import (
    AmendmentRow,
    MessageDetail,
    MessageRow,
    OutgoingRow,
    Page,
    PartRow,
    PduRow,
    ReportRow,
    SyncFacts,
    Tally,
)

_CORRECTING = (Act.CORRECT, Act.REPLACE)
_ASKED_TOGETHER = 500
"""Ids in one question; SQLite takes some thousands."""


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
    state: str = "",
    number: int = 1,
    size: int = 50,
) -> Page[ReportRow]:
    """Reports of a type, place, level, outcome and state; '' or None leaves a filter out.

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
    if state:
        conditions.append(Report.state == state)
    total = session.scalar(select(func.count(Report.id)).where(*conditions)) or 0
    number = _within(number, total, size)
    found = session.execute(_reports().where(*conditions).limit(size).offset((number - 1) * size))
    return Page(tuple(_report_row(*columns) for columns in found), total, number, size)


def newest_messages(session: Session, limit: int | None = None) -> tuple[MessageRow, ...]:
    """All messages, or the newest so many."""
    return tuple(_message_row(*columns) for columns in session.execute(_messages().limit(limit)))


def newest_reports(session: Session, limit: int | None = None) -> tuple[ReportRow, ...]:
    """All reports, or the newest so many."""
    return tuple(_report_row(*columns) for columns in session.execute(_reports().limit(limit)))


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
        amended=_amendments(session, Amendment.message_id == message_id, Report.message_id != message_id),
    )


def report_by_ticket(session: Session, ticket: str) -> ReportRow | None:
    """The report with this ticket, or None."""
    found = session.execute(_reports().where(Report.ticket == ticket)).one_or_none()
    return _report_row(*found) if found else None


def history(session: Session, report_id: int) -> tuple[AmendmentRow, ...]:
    """Every change of a report, the first one in front."""
    return _amendments(session, Amendment.report_id == report_id)


def histories(session: Session, reports: Iterable[ReportRow]) -> dict[int, list[AmendmentRow]]:
    """The histories of several reports by their ids; those that nothing changed are left out."""
    changed = {row.id for row in reports if row.changed_at is not None}
    said: dict[int, list[AmendmentRow]] = {}
    for first in range(0, len(changed), _ASKED_TOGETHER):
        some = sorted(changed)[first : first + _ASKED_TOGETHER]
        for one in _amendments(session, Amendment.report_id.in_(some)):
            said.setdefault(one.report_id, []).append(one)
    return said


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
    """Changes when another process wrote what pages show: `waspada send` queues an SMS, `waspada enroll` sets a key,
    `waspada reports rederive` amends reports.

    A few looks at an index; nobody has to wake the page.
    """
    newest = [session.scalar(select(func.max(table.id))) or 0 for table in (Outgoing, Report, Amendment)]
    state = session.get(SyncState, 1)
    return "-".join(map(str, (*newest, int(state is not None and state.key is not None))))


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


def _messages() -> Select[*tuple[Any, ...]]:
    return (
        select(Message, Report.ticket)
        .outerjoin(Report, Report.message_id == Message.id)
        .order_by(Message.received_at.desc(), Message.id.desc())
    )


def _reports() -> Select[*tuple[Any, ...]]:
    earlier = aliased(Report)
    corrected = exists().where(Amendment.report_id == Report.id, Amendment.action.in_(_CORRECTING))
    return (
        select(Report, Message, earlier.ticket, corrected)
        .join(Message, Message.id == Report.message_id)
        .outerjoin(earlier, earlier.id == Report.repeats_id)
        .order_by(Report.created_at.desc(), Report.id.desc())
    )


def _amendments(session: Session, *conditions: ColumnElement[bool]) -> tuple[AmendmentRow, ...]:
    query = select(Amendment, Report.ticket).join(Report, Report.id == Amendment.report_id).where(*conditions)
    return tuple(
        AmendmentRow(
            id=row.id,
            report_id=row.report_id,
            ticket=ticket,
            message_id=row.message_id,
            action=row.action,
            by=row.by,
            at=row.at,
            before=dict(row.before),
            after=dict(row.after),
            level_before=row.level_before,
            level_after=row.level_after,
            state_before=row.state_before,
            state_after=row.state_after,
        )
        for row, ticket in session.execute(query.order_by(Amendment.id))
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
        continues_id=message.continues_id,
        unanswered=message.unanswered,
    )


def _report_row(report: Report, message: Message, repeats: str | None, corrected: bool) -> ReportRow:
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
        derived=dict(report.derived),
        state=report.state,
        asked=report.asked,
        changed_at=report.changed_at,
        corrected=corrected,
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
