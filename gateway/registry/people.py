"""Registering people: wishes by DAFTAR, a person's decision, changes, leaving; each in the caller's transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from gateway import budgets, numbers, replies
from gateway.pseudonyms import reporter_of
from gateway.reports.knowledge import Knowledge
from gateway.reports.understanding import Understanding
from gateway.store import ledger, outgoing
from gateway.store.models import Message, OutgoingState, Registration, Reporter, ReporterStatus
from sync.entries import ReporterBody

LONGEST_NAME = 64
LANGUAGES = ("id", "en")
WAITING, ACCEPTED, REFUSED, REPLACED = "menunggu", "diterima", "ditolak", "diganti"
"""States of a registration."""


class RegistryError(ValueError):
    """What a person entered cannot be taken; the text is a whole sentence in Bahasa Indonesia."""


@dataclass(frozen=True)
class Entry:
    """What stands in the registry about one person. `village`: Kemendagri code of a village, a kecamatan or the kabupaten."""

    role: str
    village: str
    name: str = ""
    language: str = "id"


def request(session: Session, message: Message, understanding: Understanding, now: int) -> None:
    """Write the wish to be registered that a DAFTAR message is, an incomplete one too. Nothing else changes.

    A later wish of the same number replaces the one that waits; the same message read again only corrects its own.
    Senders that are no subscribers are left out. `now`: milliseconds since 1970.
    """
    if not message.sender_is_number or not numbers.is_subscriber(message.sender):
        return
    row = None
    for earlier in session.scalars(
        select(Registration).where(Registration.number == message.sender, Registration.state == WAITING)
    ):
        if earlier.message_id == message.id:
            row = earlier
        else:
            earlier.state, earlier.decided_at = REPLACED, now
    decided = select(Registration.id).where(Registration.message_id == message.id, Registration.state != WAITING)
    if row is None:
        if session.scalar(decided.limit(1)) is not None:
            return  # a part of a long message came after a person had decided
        row = Registration(number=message.sender, message_id=message.id, at=now, state=WAITING, reason="")
        session.add(row)
    row.role = understanding.fields.get("peran") or ""
    row.village = understanding.fields.get("desa") or ""
    row.name = tidy_name(understanding.fields.get("nama") or "")
    session.flush()


def tidy_name(name: str) -> str:
    """A name in one line without invisible signs and without what would begin a formula, cut to what the table holds."""
    seen = "".join(" " if unicodedata.category(sign) in ("Cc", "Zs", "Zl", "Zp") else sign for sign in name)
    kept = "".join(sign for sign in seen if unicodedata.category(sign)[0] != "C")
    return re.sub(r" +", " ", kept).lstrip(" =+-@|%").strip()[:LONGEST_NAME].strip()


class Registry:
    """The rules of the registry: which roles and places there are, and what is told to whom."""

    def __init__(self, knowledge: Knowledge, settings: Settings) -> None:
        self.knowledge = knowledge
        self.settings = settings

    @property
    def roles(self) -> Mapping[str, tuple[str, ...]]:
        """Every role with the words people use for it (keywords.toml)."""
        return {role: tuple(words) for role, words in self.knowledge.files.vocabulary.keywords.roles.items()}

    def is_officer(self, role: str) -> bool:
        """Whether this role may verify and follow up, so that the person must be checked by telephone."""
        return role in self.knowledge.officers

    def checked(self, entry: Entry) -> Entry:
        """The entry as it will be kept. Raises RegistryError naming what is wrong and what there is to choose from."""
        role, name = entry.role.strip().casefold(), tidy_name(entry.name)
        if role not in self.roles:
            raise RegistryError(f"Peran tidak dikenal. Pilih salah satu: {', '.join(sorted(self.roles))}.")
        village = entry.village.strip()
        if village and village not in self.knowledge.region.by_code:
            raise RegistryError("Kode desa ini tidak ada di kabupaten ini. Pilih desa atau kelurahan dari daftar.")
        if not village and not self.is_officer(role):
            raise RegistryError("Desa atau kelurahan belum diisi; hanya petugas yang boleh tanpa desa.")
        if entry.language not in LANGUAGES:
            raise RegistryError("Bahasa tidak dikenal. Pilih id (Bahasa Indonesia) atau en (English).")
        return Entry(role, village, name, entry.language)

    def approve(
        self,
        session: Session,
        registration_id: int,
        *,
        role: str,
        village: str,
        name: str,
        language: str = "id",
        now: int,
    ) -> Reporter:
        """Accept a wish, as a person corrected it: the number is `terdaftar`, the central is told, one SMS is queued."""
        wish = self._waiting(session, registration_id)
        entry = self.checked(Entry(role, village, name, language))
        person = reporter_of(session, self._others(wish.number), now)
        self._enter(session, person, entry, now)
        wish.state, wish.decided_at = ACCEPTED, now
        wish.role, wish.village, wish.name = entry.role, entry.village, entry.name
        self._greet(session, wish, entry, now)
        return person

    def reject(self, session: Session, registration_id: int, reason: str, now: int) -> None:
        """Refuse a wish; `reason` stays here. Whoever sent it is told nothing: it may be anybody."""
        wish = self._waiting(session, registration_id)
        if not reason.strip():
            raise RegistryError("Alasan belum diisi. Tulis singkat mengapa pendaftaran ditolak.")
        wish.state, wish.decided_at = REFUSED, now
        wish.reason = numbers.mask_in_text(" ".join(reason.split()))[:500]

    def register(self, session: Session, number: str, entry: Entry, now: int) -> Reporter:
        """Register a number that a person typed, or change what stands there already. Raises RegistryError, NumberError."""
        person = reporter_of(session, self._others(numbers.check_recipient(number)), now)
        self._enter(session, person, self.checked(entry), now)
        return person

    def change(self, session: Session, pseudonym: int, entry: Entry, now: int) -> Reporter:
        """Correct what stands there about somebody registered; the status stays."""
        person = person_of(session, pseudonym)
        if person.status not in (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL):
            raise RegistryError("Orang ini tidak terdaftar. Daftarkan dulu, lalu ubah.")
        entry = self.checked(entry)
        told = (person.role, person.village) != (entry.role, entry.village)
        self._write(person, entry)
        session.flush()
        if told:
            tell(session, person, now)
        return person

    def confirm(self, session: Session, pseudonym: int, now: int) -> Reporter:
        """A person made sure, by telephone or face to face, that the number is still theirs."""
        person = person_of(session, pseudonym)
        if person.status not in (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL):
            raise RegistryError("Orang ini tidak terdaftar. Daftarkan dulu, lalu pastikan.")
        person.status, person.confirmed_at, person.asked_at = ReporterStatus.REGISTERED, now, None
        return person

    def leave(self, session: Session, pseudonym: int, now: int) -> Reporter:
        """The number is no longer theirs: `berhenti`. Also how a person says that they saw an answer BUKAN."""
        person = person_of(session, pseudonym)
        if person.status == ReporterStatus.GUEST:
            raise RegistryError("Orang ini tidak terdaftar.")
        if person.status != ReporterStatus.GONE:
            end(session, person, now)
        person.asked_at = None
        return person

    def _others(self, number: str) -> str:
        if number in budgets.own_numbers(self.settings):
            raise RegistryError("Ini nomor kartu SIM kita sendiri dan tidak dapat didaftarkan.")
        return number

    def _waiting(self, session: Session, registration_id: int) -> Registration:
        wish = session.get(Registration, registration_id)
        if wish is None:
            raise RegistryError("Pendaftaran ini tidak ada.")
        if wish.state != WAITING:
            raise RegistryError("Pendaftaran ini sudah diputuskan atau diganti oleh SMS yang lebih baru.")
        return wish

    def _enter(self, session: Session, person: Reporter, entry: Entry, now: int) -> None:
        if person.status != ReporterStatus.REGISTERED or person.registered_at is None:
            person.registered_at = now
        person.status, person.confirmed_at, person.asked_at = ReporterStatus.REGISTERED, now, None
        self._write(person, entry)
        session.flush()
        tell(session, person, now)

    def _write(self, person: Reporter, entry: Entry) -> None:
        person.role, person.village, person.name, person.language = (
            entry.role,
            entry.village,
            entry.name,
            entry.language,
        )

    def _greet(self, session: Session, wish: Registration, entry: Entry, now: int) -> None:
        reply = replies.compose_registered(entry.role, entry.village, self.knowledge, entry.language)
        held = budgets.why_not(session, recipient(wish.number, now), reply.text, self.settings, now)
        row = outgoing.new(wish.number, reply.text, "reply", reply.kind, now, wish.message_id)
        if held:
            row.state, row.error = OutgoingState.HELD, held
        outgoing.queue(session, row, now)


def person_of(session: Session, pseudonym: int) -> Reporter:
    """Who stands behind a pseudonym. Raises RegistryError."""
    person = session.scalar(select(Reporter).where(Reporter.pseudonym == pseudonym))
    if person is None:
        raise RegistryError("Orang ini tidak ada di daftar.")
    return person


def end(session: Session, person: Reporter, now: int) -> None:
    """The number belongs to somebody else now: a guest for all that follows, and the central knows no role of theirs."""
    person.status, person.confirmed_at = ReporterStatus.GONE, None
    session.flush()
    tell(session, person, now)


def tell(session: Session, person: Reporter, now: int) -> None:
    """Append what the central may know of a person: pseudonym, role, village; nothing of who is gone."""
    gone = person.status in (ReporterStatus.GUEST, ReporterStatus.GONE)
    role, village = ("", "") if gone else (person.role, person.village)
    ledger.append(session, ReporterBody(person.pseudonym, role, village), now // 1000)


def recipient(number: str, now: int) -> Message:
    """What stands in for the answered message where we write first, or days later: the budgets ask about its sender."""
    return Message(sender=number, sender_is_number=True, text="", received_at=now)
