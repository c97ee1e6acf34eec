"""The registry as pages, commands and the service use it: each act in a transaction of its own."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping

import structlog

from gateway.store.database import Store
from gateway.store.models import Reporter

from . import importing, still_you
from .importing import Plan
from .people import Entry, Registry
from .sheet import Sheet, read_sheet

SHEETS_KEPT = 4
"""Lists that wait between preview and apply; an older one has to be given again."""
CHECK_MILLISECONDS = 10 * 60 * 1000
"""How often it is looked who is to be asked."""

log = structlog.get_logger("gateway.registry")


class PeopleDesk:
    """Acts on people. `clock`: milliseconds since 1970; `on_change` is called after each commit, from the caller's thread.

    Every method may raise ValueError (RegistryError, NumberError, SheetError) with a sentence for the operator. Log lines
    name pseudonyms only.
    """

    def __init__(
        self, store: Store, registry: Registry, clock: Callable[[], int], on_change: Callable[[], None] = lambda: None
    ) -> None:
        self.registry = registry
        self._store = store
        self._clock = clock
        self._on_change = on_change
        self._sheets: dict[str, Sheet] = {}
        self._sheets_lock = threading.Lock()
        self._checked_at: int | None = None

    @property
    def roles(self) -> Mapping[str, tuple[str, ...]]:
        """Every role with the words for it."""
        return self.registry.roles

    def is_officer(self, role: str) -> bool:
        """Whether the role has officer's rights."""
        return self.registry.is_officer(role)

    def approve(self, registration_id: int, entry: Entry) -> int:
        """Accept a wish as corrected; returns the person's pseudonym."""
        with self._store.write() as session:
            person = self.registry.approve(
                session,
                registration_id,
                role=entry.role,
                village=entry.village,
                name=entry.name,
                language=entry.language,
                now=self._clock(),
            )
        return self._done("registered", person, registration=registration_id)

    def reject(self, registration_id: int, reason: str) -> None:
        """Refuse a wish."""
        with self._store.write() as session:
            self.registry.reject(session, registration_id, reason, self._clock())
        log.info("registration_refused", registration=registration_id)
        self._on_change()

    def register(self, number: str, entry: Entry) -> int:
        """Register a number that a person typed; returns the pseudonym."""
        with self._store.write() as session:
            person = self.registry.register(session, number, entry, self._clock())
        return self._done("registered", person)

    def change(self, pseudonym: int, entry: Entry) -> int:
        """Correct what stands there about a person."""
        with self._store.write() as session:
            person = self.registry.change(session, pseudonym, entry, self._clock())
        return self._done("person_changed", person)

    def confirm(self, pseudonym: int) -> int:
        """A person made sure whose number it is."""
        with self._store.write() as session:
            person = self.registry.confirm(session, pseudonym, self._clock())
        return self._done("person_confirmed", person)

    def leave(self, pseudonym: int) -> int:
        """The number is theirs no longer, or a person saw that they said so."""
        with self._store.write() as session:
            person = self.registry.leave(session, pseudonym, self._clock())
        return self._done("person_left", person)

    def preview(self, octets: bytes) -> tuple[str, Plan]:
        """What importing this file would do, and the word to apply it with. Nothing is written."""
        sheet = read_sheet(octets)
        with self._store.read() as session:
            known = importing.known_people(session)
        planned = importing.plan(sheet, self.registry, known)
        word = secrets.token_urlsafe(16)
        with self._sheets_lock:
            self._sheets[word] = sheet
            while len(self._sheets) > SHEETS_KEPT:
                del self._sheets[next(iter(self._sheets))]
        return word, planned

    def import_previewed(self, word: str, *, checked: bool = False) -> Plan:
        """Import the list of a preview. Raises ValueError where it is no longer known."""
        with self._sheets_lock:
            sheet = self._sheets.pop(word, None)
        if sheet is None:
            raise ValueError("Berkas ini sudah diimpor atau tidak lagi disimpan. Pilih berkasnya sekali lagi.")
        return self.import_sheet(sheet, checked=checked)

    def import_sheet(self, sheet: Sheet, *, checked: bool = False) -> Plan:
        """Write the good rows of a list; those of officers only where somebody `checked` whose numbers they are."""
        with self._store.write() as session:
            planned = importing.apply(session, sheet, self.registry, self._clock(), checked=checked)
        log.info("people_imported", new=planned.counted(importing.NEW), changed=planned.counted(importing.CHANGED))
        self._on_change()
        return planned

    def look_after(self) -> int:
        """Ask "still you?" where it is time; how many SMS were queued. Looks no more often than CHECK_MILLISECONDS."""
        now = self._clock()
        if self._checked_at is not None and 0 <= now - self._checked_at < CHECK_MILLISECONDS:
            return 0
        self._checked_at = now
        asked = still_you.look_after(self._store, self.registry.knowledge, self.registry.settings, now)
        if asked:
            log.info("still_you_asked", people=asked)
        return asked

    def _done(self, what: str, person: Reporter, **more: int) -> int:
        log.info(what, person=f"{person.pseudonym:08x}", role=person.role, status=str(person.status), **more)
        self._on_change()
        return person.pseudonym
