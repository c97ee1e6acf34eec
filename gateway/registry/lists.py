"""What pages and commands read of the registry: frozen rows. Nothing here changes anything. Times in milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from gateway.store.models import Message, Registration, Report, Reporter, ReporterStatus
from gateway.store.records import Page

from .people import WAITING

KNOWN = (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL, ReporterStatus.GONE)
"""Who stands on the list unless guests are asked for."""
_ORDER = {ReporterStatus.DOUBTFUL: 0, ReporterStatus.REGISTERED: 1, ReporterStatus.GONE: 2}


@dataclass(frozen=True)
class PersonRow:
    """One person, guests too."""

    pseudonym: int
    number: str
    role: str
    village: str
    name: str
    language: str
    status: str
    first_seen: int
    registered_at: int | None
    confirmed_at: int | None
    asked_at: int | None
    heard_at: int | None
    """Their last message of any kind."""
    reports: int

    @property
    def code(self) -> str:
        """The pseudonym as the central shows it: eight hexadecimal digits."""
        return f"{self.pseudonym:08x}"

    @property
    def to_see(self) -> bool:
        """They answered BUKAN, and no person has seen it yet."""
        return self.status == ReporterStatus.GONE and self.asked_at is not None


@dataclass(frozen=True)
class RequestRow:
    """A wish to be registered that waits for a person. `person`: what the number is registered as already."""

    id: int
    number: str
    role: str
    village: str
    name: str
    at: int
    message_id: int | None
    text: str
    person: PersonRow | None


def people_page(
    session: Session,
    *,
    status: str = "",
    role: str = "",
    place: str = "",
    text: str = "",
    number: int = 1,
    size: int = 50,
) -> Page[PersonRow]:
    """People with this status ('' is everybody but guests), role, place (village or kecamatan) and name; doubtful first."""
    where: list[ColumnElement[bool]] = [Reporter.status == status if status else Reporter.status.in_(KNOWN)]
    if role:
        where.append(Reporter.role == role)
    if place:
        where.append(or_(Reporter.village == place, Reporter.village.startswith(place + ".", autoescape=True)))
    if text:
        where.append(Reporter.name.icontains(text, autoescape=True))
    total = session.scalar(select(func.count()).select_from(Reporter).where(*where)) or 0
    number = min(max(number, 1), max(1, -(-total // size)))
    order = case(_ORDER, value=Reporter.status, else_=len(_ORDER))
    query = _people().where(*where).order_by(order, Reporter.village, Reporter.name, Reporter.pseudonym)
    return Page(_rows(session.execute(query.limit(size).offset((number - 1) * size))), total, number, size)


def person_by_pseudonym(session: Session, pseudonym: int) -> PersonRow | None:
    """One person, or None."""
    return next(iter(_rows(session.execute(_people().where(Reporter.pseudonym == pseudonym)))), None)


def person_by_number(session: Session, number: str) -> PersonRow | None:
    """Who has this number (E.164), or None."""
    return next(iter(_rows(session.execute(_people().where(Reporter.number == number)))), None)


def requests(session: Session, limit: int = 50) -> tuple[RequestRow, ...]:
    """Wishes that wait, oldest first."""
    query = (
        select(Registration, Message.text)
        .outerjoin(Message, Message.id == Registration.message_id)
        .where(Registration.state == WAITING)
        .order_by(Registration.id)
        .limit(limit)
    )
    return tuple(
        RequestRow(
            one.id, one.number, one.role, one.village, one.name, one.at, one.message_id, text or "",
            _registered(session, one.number),
        )
        for one, text in session.execute(query)
    )  # fmt: skip


def to_decide(session: Session) -> int:
    """How much of the registry waits for a person: wishes, doubtful registrations, numbers that changed hands."""
    wishes = select(func.count()).select_from(Registration).where(Registration.state == WAITING)
    unseen = and_(Reporter.status == ReporterStatus.GONE, Reporter.asked_at.is_not(None))
    doubtful = Reporter.status == ReporterStatus.DOUBTFUL
    people = select(func.count()).select_from(Reporter).where(or_(doubtful, unseen))
    return (session.scalar(wishes) or 0) + (session.scalar(people) or 0)


def standing(session: Session) -> dict[str, str]:
    """Status of everybody who is no guest, by number: who is not in it is not registered."""
    query = select(Reporter.number, Reporter.status).where(Reporter.status != ReporterStatus.GUEST)
    return dict(session.execute(query).all())


def _registered(session: Session, number: str) -> PersonRow | None:
    person = person_by_number(session, number)
    return person if person and person.status != ReporterStatus.GUEST else None


def _people() -> Select[*tuple[Any, ...]]:
    of_them = Message.sender == Reporter.number
    heard = select(func.max(Message.received_at)).where(of_them).scalar_subquery()
    count = select(func.count(Report.id)).join(Message, Message.id == Report.message_id).where(of_them)
    return select(Reporter, heard, count.scalar_subquery())


def _rows(found: Iterable[Any]) -> tuple[PersonRow, ...]:
    return tuple(
        PersonRow(
            pseudonym=one.pseudonym,
            number=one.number,
            role=one.role,
            village=one.village,
            name=one.name,
            language=one.language,
            status=one.status,
            first_seen=one.first_seen,
            registered_at=one.registered_at,
            confirmed_at=one.confirmed_at,
            asked_at=one.asked_at,
            heard_at=heard_at,
            reports=reports,
        )
        for one, heard_at, reports in found
    )
