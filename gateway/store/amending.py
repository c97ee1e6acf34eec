"""What is said about a report after it was made: written as an amendment, with the report as it stands and a ledger entry.

Amendments are only ever added. `Report.fields` is always `Report.derived` with every amendment of a person applied in its order
(`fields_of`), so a report can be derived again, from a late part or by a newer form, and loses nothing that was said about it.
Every function works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway import numbers
from gateway.reports import amended
from gateway.reports.dialogue import Act, Earlier, Step, echoed
from gateway.reports.knowledge import Knowledge
from gateway.reports.understanding import Doubt, Intent, Outcome, Understanding
from sync.entries import AmendBody

from . import ledger
from .models import Amendment, Message, Report, ReportState

COMPLETED = "lengkap"
"""Action of the amendment for a long message whose missing part came after its report."""
DERIVED_AGAIN = "turunan"
_NOT_SAID = (COMPLETED, DERIVED_AGAIN)
"""Actions that change what is derived from the message, not what was said about the report since."""
BY_PROGRAM = "program"
_WORDS_ONLY = (Act.VERIFY, Act.FOLLOW_UP, Act.TAKE)
"""Officers' commands: they move the report's state and leave its fields alone."""
MOST_OWN = 20
"""So many newest reports of a sender the dialogue looks at."""
NEARBY_MILLISECONDS = 24 * 3600 * 1000
LONGEST_UNDER_WAY = 8 * NEARBY_MILLISECONDS
"""An SMS centre keeps an SMS for a week at most: what was reported earlier than that need not be looked at."""
_KECAMATAN = len("15.07.08")


def event_time(message: Message) -> int:
    """When a message was sent, as far as the network told; else when it was received."""
    return message.received_at if message.sent_at is None else message.sent_at


def own_reports(session: Session, sender: str, but: int) -> list[Earlier]:
    """The newest reports of a sender, those of message `but` and mere repetitions left out."""
    rows = session.execute(
        select(Report, Message)
        .join(Message, Report.message_id == Message.id)
        .where(Message.sender == sender, Message.sender_is_number, Message.id != but, Report.repeats_id.is_(None))
        .order_by(Message.id.desc())  # as the index on the sender has them: 20 are read, not all
        .limit(MOST_OWN)
    )
    return [_earlier(report, message, own=True) for report, message in rows]


def untold(session: Session, message: Message, own: Iterable[Earlier]) -> list[Earlier]:
    """Reports without the free text that `message` added while a part of it was missing: it is told anew, as a whole."""
    query = select(Amendment, Report.ticket).join(Report, Amendment.report_id == Report.id)
    added: dict[str, list[str]] = {}
    for row, ticket in session.execute(query.where(Amendment.message_id == message.id)):
        before, after = row.before.get("ket"), row.after.get("ket")
        if isinstance(after, str):
            added.setdefault(ticket, []).append(after.removeprefix(f"{before}{amended.BETWEEN}" if before else ""))
    return [replace(one, fields=_without(one.fields, added.get(one.ticket, ()))) for one in own]


def _without(fields: dict[str, Any], added: Iterable[str]) -> dict[str, Any]:
    """Fields whose free text has lost these additions, wherever they stand in it."""
    ket = fields.get("ket") or ""
    for told in added:
        for piece in (amended.BETWEEN + told, told + amended.BETWEEN, told):
            if piece in ket:
                ket = ket.replace(piece, "", 1)
                break
    return {**fields, "ket": ket or None} if "ket" in fields else fields


def with_ticket(session: Session, ticket: str, sender: str) -> Earlier | None:
    """The report with this ticket, whoever sent it."""
    query = (
        select(Report, Message).join(Message, Report.message_id == Message.id).where(Report.ticket == ticket.upper())
    )
    found = session.execute(query).first()
    return found and _earlier(found[0], found[1], own=found[1].sender_is_number and found[1].sender == sender)


def _earlier(report: Report, message: Message, *, own: bool) -> Earlier:
    doubts = tuple(Doubt(one["field"], one["why"], tuple(one.get("candidates", ()))) for one in report.doubts)
    offered = (code for doubt in doubts if doubt.field == report.asked for code in doubt.candidates)
    return Earlier(
        ticket=report.ticket,
        intent=report.intent,
        form=report.form,
        fields=dict(report.fields),
        missing=tuple(report.missing),
        state=report.state,
        at=event_time(message),
        own=own,
        asked=report.asked,
        asked_at=report.asked_at,
        candidates=tuple(dict.fromkeys(offered)),
        message_id=message.id,
        secret=report.secret,
        level=report.level,
        outcome=report.outcome,
        doubts=doubts,
        noted_at=report.created_at,
        text=message.text,
    )


def second_nearby(session: Session, message: Message, desa: str | None, now: int) -> bool:
    """Whether another event was reported from the kecamatan of `desa` within 24 hours of this message.

    Zero reports, withdrawn ones and mere repetitions do not count. Event time decides, so that a backlog counts too.
    """
    if not desa:
        return False
    at = event_time(message)
    near = range(at - NEARBY_MILLISECONDS, at + NEARBY_MILLISECONDS + 1)
    sent = Message.sent_at.between(near.start, near.stop - 1)
    received = Message.sent_at.is_(None) & Message.received_at.between(near.start, near.stop - 1)
    others = select(Report.id).join(Message, Report.message_id == Message.id).where(
        Report.created_at > now - LONGEST_UNDER_WAY,
        Report.message_id != message.id,
        Report.intent != Intent.NIHIL,
        Report.level > 0,
        Report.state != ReportState.WITHDRAWN,
        Report.repeats_id.is_(None),
        Report.fields["desa"].as_string().like(f"{desa[:_KECAMATAN]}.%"),
        or_(sent, received),
    )  # fmt: skip
    return session.scalar(others.limit(1)) is not None


def write(session: Session, message: Message, step: Step, knowledge: Knowledge, now: int) -> tuple[str, ...]:
    """Put a step into the report it is about; returns further lines for the trace. `now`: milliseconds since 1970."""
    report = session.scalars(select(Report).where(Report.ticket == step.ticket)).one()
    row = _begun(report, message, str(step.act), step.by or BY_PROGRAM, now)
    row.before = {name: report.fields.get(name) for name in step.changed}
    row.after = dict(step.changed)
    trace: tuple[str, ...] = ()
    if step.act in _WORDS_ONLY:
        row.before = {}
        fields = masked(step.changed)
    else:
        trace = _stand(session, report, message, step, knowledge, now)
        fields = as_it_stands(report, row)
    if step.state:
        report.state = step.state
    if step.act is Act.CONTINUE:
        message.continues_id = report.message_id
    _end(session, report, row, now)
    body = AmendBody(
        message=ledger.distance_to(session, message.entry),
        ticket=report.ticket,
        action=str(step.act),
        fields=fields,
        level=report.level if report.level != row.level_before else None,
        secret=report.secret,
    )
    ledger.append(session, body, now // 1000)
    return trace


def as_it_stands(report: Report, row: Amendment) -> dict[str, Any]:
    """Fields of a report for the ledger after an amendment: those known, and None for those that became unknown."""
    return {**masked(report.fields), **{name: None for name, value in row.after.items() if value is None}}


def _begun(report: Report, message: Message | None, action: str, by: str, now: int) -> Amendment:
    return Amendment(
        report_id=report.id,
        message_id=message.id if message else None,
        action=action,
        by=by,
        at=now,
        level_before=report.level,
        state_before=report.state,
    )


def _end(session: Session, report: Report, row: Amendment, now: int) -> None:
    report.changed_at = now
    row.level_after, row.state_after = report.level, report.state
    session.add(row)
    session.flush()


def _stand(
    session: Session, report: Report, message: Message, step: Step, knowledge: Knowledge, now: int
) -> tuple[str, ...]:
    """The report as it is after the step, the level of its new place included."""
    after = step.after
    if after is None:
        return ()
    report.fields, report.missing = dict(after.fields), list(after.missing)
    report.doubts, report.outcome = after.as_dict()["doubts"], str(after.outcome)
    report.secret = after.secret
    _ask(report, after, step, now)
    made_by = session.get_one(Message, report.message_id)
    level, trace = after.level, after.trace
    moved, falls = "desa" in step.changed, level < report.level
    if (moved or falls) and second_nearby(session, made_by, after.fields.get("desa"), now):
        texts = (message.text, made_by.text)
        raised, why = amended.propose(report.intent, report.form, after.fields, texts, knowledge, second_nearby=True)
        raised = raised if moved else min(raised, report.level)
        level, trace = max(level, raised), why if raised > level else trace
    report.level = level
    return trace


def _ask(report: Report, after: Understanding, step: Step, now: int) -> None:
    """Which question is open now. One that was not answered stays open and is not asked again."""
    if step.act is Act.WITHDRAW:
        report.asked = ""
        return
    if asked := step.ask or echoed(after):
        if asked != report.asked or step.ask:
            report.asked, report.asked_at = asked, now
    elif report.asked and after.fields.get(report.asked) is not None:
        report.asked = ""


# derived again


def said_about(session: Session, report: Report) -> Sequence[Amendment]:
    """What people said about a report since it was made, in its order."""
    query = select(Amendment).where(Amendment.report_id == report.id, Amendment.action.not_in(_NOT_SAID))
    return session.scalars(query.order_by(Amendment.id)).all()


def fields_of(derived: dict[str, Any], amendments: Iterable[Amendment]) -> dict[str, Any]:
    """`derived` with amendments applied in their order: what `Report.fields` has to be."""
    fields = dict(derived)
    for one in amendments:
        if one.action not in _WORDS_ONLY and one.action not in _NOT_SAID:
            fields = amended.overlay(fields, one.before, one.after)
    return fields


def derive_again(
    session: Session,
    report: Report,
    found: Understanding,
    message: Message | None,
    action: str,
    knowledge: Knowledge,
    now: int,
) -> Amendment:
    """Derive a report anew from its message as now understood; what was said about it since is applied again.

    Writes report and amendment (`action`: COMPLETED or DERIVED_AGAIN), not the ledger entry. `message` is None where no SMS
    did it. Ticket, state and an open question stay.
    """
    said = said_about(session, report)
    row = _begun(report, message, action, BY_PROGRAM, now)
    before = dict(report.fields)
    report.intent, report.form, report.version = str(found.intent), found.form, found.version
    settled = _settled(report, found, said)
    report.derived = dict(found.fields)
    report.fields = fields_of(report.derived, said)
    spoken = any(one.action not in _WORDS_ONLY for one in said)
    report.missing = list(amended.missing(report.form, report.fields, knowledge) if spoken else found.missing)
    kept = [doubt for doubt in report.doubts if doubt["field"] in settled]
    report.doubts = [doubt for doubt in found.as_dict()["doubts"] if doubt["field"] not in settled] + kept
    report.secret = report.secret or found.secret
    report.level = _level_again(session, report, found, said, knowledge, now)
    report.outcome = str(_outcome_again(report, found, spoken))
    if report.asked and report.fields.get(report.asked) is not None and report.outcome != Outcome.KONFIRMASI:
        report.asked = ""
    names = [name for name in {**before, **report.fields} if before.get(name) != report.fields.get(name)]
    row.before = {name: before.get(name) for name in names}
    row.after = {name: report.fields.get(name) for name in names}
    _end(session, report, row, now)
    return row


def _settled(report: Report, found: Understanding, said: Iterable[Amendment]) -> set[str]:
    """Fields whose doubts stay as people left them: they spoke of them, or of the report, and these read as before."""
    spoken = [one for one in said if one.action not in _WORDS_ONLY]
    if not spoken:
        return set()
    alike = {name for name in {**report.derived, **found.fields} if report.derived.get(name) == found.fields.get(name)}
    return alike.union(*(one.after for one in spoken))


def _level_again(
    session: Session, report: Report, found: Understanding, said: Sequence[Amendment], knowledge: Knowledge, now: int
) -> int:
    """The level after a new reading: what people raised does not fall, what neighbours did since changes nothing."""
    floor, before = 0, report.level
    for one in said:
        if one.level_after > one.level_before:
            floor = one.level_after
        elif one.level_after < one.level_before:
            floor = min(floor, one.level_after)
    made_by = session.get_one(Message, report.message_id)
    ids = [one.message_id for one in said if one.message_id is not None]
    texts = [made_by.text, *session.scalars(select(Message.text).where(Message.id.in_(ids)))]
    told = report.intent, report.form, report.fields, texts, knowledge
    alone = max(amended.propose(*told)[0] if said else found.level, floor)
    raised = max(amended.propose(*told, second_nearby=True)[0], alone)
    if alone <= before <= raised:
        return before
    return raised if second_nearby(session, made_by, report.fields.get("desa"), now) else alone


def _outcome_again(report: Report, found: Understanding, spoken: bool) -> Outcome:
    if not spoken:
        return found.outcome
    if report.state == ReportState.WITHDRAWN:
        return Outcome(report.outcome)
    placed = found.fields.get("desa") is None and report.fields.get("desa") is not None  # somebody said where since
    if report.outcome == Outcome.TRIASE or (found.outcome is Outcome.TRIASE and not placed):
        return Outcome.TRIASE
    if report.missing:
        return Outcome.LENGKAPI if report.asked else Outcome.TRIASE
    return Outcome.KONFIRMASI if report.doubts else Outcome.TERIMA


def masked(fields: dict[str, Any]) -> dict[str, Any]:
    """Known fields only, free text without phone numbers: what the ledger may hold (promise P9)."""
    return {
        name: numbers.mask_in_text(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if value is not None
    }
