"""What the pages read: plain records from the projections. No page builds a query itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from .models import Amendment, Cursor, Folded, Gateway, Health, LedgerEntry, Message, Report, Reporter, Unfolded

PAGE_REPORTS = 50
NIHIL = "nihil"


@dataclass(frozen=True)
class Filters:
    """What a list of reports is narrowed to; empty means everything. `level`: at least; `since`: seconds since 1970."""

    kecamatan: str = ""
    jenis: str = ""
    level: int = 0
    since: int | None = None
    gateway: int | None = None
    duplicates: bool = False
    nihil: bool = True


@dataclass(frozen=True)
class DistrictSituation:
    """Reports of one kecamatan in the window: how many, and the highest level."""

    reports: int = 0
    level: int = 0


@dataclass(frozen=True)
class GatewayRow:
    """A gateway with what is known of it. Times in milliseconds, None is never."""

    gateway: int
    name: str
    enrolled_at: int | None
    revoked: bool
    contact_at: int | None
    entries: int
    epochs: int
    forked_at: int | None
    version: str = ""
    health: dict[str, Any] = field(default_factory=dict)

    def is_silent(self, now: int, minutes: int) -> bool:
        """Whether it should have been heard of by now."""
        return self.contact_at is not None and now - self.contact_at > minutes * 60_000


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not filters.duplicates:
        conditions.append(Report.duplicate_epoch.is_(None))
    if filters.kecamatan:
        conditions.append(Report.kecamatan == filters.kecamatan)
    if filters.jenis:
        conditions.append(Report.jenis == filters.jenis)
    if filters.level:
        conditions.append(Report.level >= filters.level)
    if filters.since is not None:
        conditions.append(Report.sent_at >= filters.since)
    if filters.gateway is not None:
        conditions.append(Report.gateway == filters.gateway)
    if not filters.nihil:
        conditions.append(Report.form != NIHIL)
    return conditions


def newest_reports(session: Session, filters: Filters, limit: int, offset: int = 0) -> list[Report]:
    """Reports, newest first by service-centre time."""
    newest_first = (Report.sent_at.desc(), Report.gateway, Report.epoch, Report.number.desc())
    return list(
        session.scalars(select(Report).where(*_conditions(filters)).order_by(*newest_first).limit(limit).offset(offset))
    )


def reports_with_text(session: Session, filters: Filters, limit: int, offset: int) -> list[tuple[Report, str | None]]:
    """Reports in order of arrival, each with the text of its message."""
    query = select(Report, Message.text).outerjoin(
        Message,
        (Message.gateway == Report.gateway)
        & (Message.epoch == Report.epoch)
        & (Message.number == Report.message_number),
    )
    in_order = (Report.central_received_at, Report.gateway, Report.epoch, Report.number)
    rows = session.execute(query.where(*_conditions(filters)).order_by(*in_order).limit(limit).offset(offset))
    return [(report, text) for report, text in rows]


def count_reports(session: Session, filters: Filters) -> int:
    """How many reports there are."""
    return session.scalar(select(func.count()).select_from(Report).where(*_conditions(filters))) or 0


def by_district(session: Session, since: int) -> dict[str, DistrictSituation]:
    """Situation of each kecamatan (code; '' is unknown place) since a time; zero reports and withdrawn ones left out."""
    query = select(Report.kecamatan, func.count(), func.max(Report.level)).where(*_standing(since))
    rows = session.execute(query.group_by(Report.kecamatan))
    return {kecamatan: DistrictSituation(reports, level) for kecamatan, reports, level in rows}


def by_level(session: Session, since: int) -> dict[int, int]:
    """How many reports of each level since a time."""
    rows = session.execute(select(Report.level, func.count()).where(*_standing(since)).group_by(Report.level))
    return {row[0]: row[1] for row in rows}


def _standing(since: int) -> list[ColumnElement[bool]]:
    """Events since a time that nobody withdrew; the same news sent again is one event."""
    return [*_conditions(Filters(since=since, nihil=False)), Report.withdrawn.is_(False), Report.repeats == ""]


def reports_of_ticket(session: Session, gateway: int, ticket: str) -> list[Report]:
    """All reports under a ticket, the original first."""
    query = select(Report).where(Report.gateway == gateway, Report.ticket == ticket.upper())
    return list(
        session.scalars(
            query.order_by(Report.duplicate_epoch.is_not(None), Report.central_received_at, Report.epoch, Report.number)
        )
    )


def message_of(session: Session, report: Report) -> Message | None:
    """The message a report was made from."""
    if report.message_number is None:
        return None
    return session.get(Message, (report.gateway, report.epoch, report.message_number))


def reporter_of(session: Session, report: Report) -> Reporter | None:
    """What is known of who reported."""
    return session.get(Reporter, (report.gateway, report.reporter))


def amendments_of(session: Session, report: Report) -> list[Amendment]:
    """What was said later, in order; said once though it came again under a new epoch."""
    query = select(Amendment).where(Amendment.gateway == report.gateway, Amendment.ticket == report.ticket)
    said: dict[tuple[int, str, str], Amendment] = {}
    for amendment in session.scalars(query.order_by(Amendment.central_received_at, Amendment.epoch, Amendment.number)):
        said.setdefault((amendment.at, amendment.action, repr(amendment.fields)), amendment)
    return list(said.values())


def gateways(session: Session) -> list[GatewayRow]:
    """All gateways by number."""
    contact = (
        select(
            Cursor.gateway,
            func.max(Cursor.contact_at).label("contact_at"),
            func.sum(Cursor.ack).label("entries"),
            func.count().label("epochs"),
            func.max(Cursor.forked_at).label("forked_at"),
        )
        .group_by(Cursor.gateway)
        .subquery()
    )
    rows = session.execute(
        select(Gateway, contact.c.contact_at, contact.c.entries, contact.c.epochs, contact.c.forked_at, Health)
        .outerjoin(contact, contact.c.gateway == Gateway.gateway)
        .outerjoin(Health, Health.gateway == Gateway.gateway)
        .order_by(Gateway.gateway)
    )
    return [
        GatewayRow(
            gateway=gateway.gateway,
            name=gateway.name,
            enrolled_at=gateway.enrolled_at,
            revoked=gateway.revoked,
            contact_at=contact_at,
            entries=int(entries or 0),
            epochs=epochs or 0,
            forked_at=forked_at,
            version=health.version if health else "",
            health=health.health if health else {},
        )
        for gateway, contact_at, entries, epochs, forked_at, health in rows
    ]


def mark(session: Session) -> str:
    """Changes whenever something on the pages may have changed."""
    folded = session.scalar(select(func.sum(Folded.number))) or 0
    contact = session.scalar(select(func.max(Cursor.contact_at))) or 0
    return f"{folded}-{contact}"


def counts(session: Session) -> dict[str, int]:
    """Sizes for the health page: ledger entries, those not folded yet, those that cannot be."""
    return {
        "entries": session.scalar(select(func.count()).select_from(LedgerEntry)) or 0,
        "behind": int(session.scalar(select(func.sum(Cursor.ack))) or 0)
        - int(session.scalar(select(func.sum(Folded.number))) or 0),
        "unfolded": session.scalar(select(func.count()).select_from(Unfolded)) or 0,
    }
