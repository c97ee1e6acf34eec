"""From the lines of a list to registered people: what is read, what is wrong, and what would change. Nothing is guessed.

`plan` is pure: lines, rules and what is known come in. `apply` plans once more in its own transaction and writes the good rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.regions import Place
from gateway import budgets, numbers
from gateway.reports.parser import understand
from gateway.reports.understanding import Sender
from gateway.store.models import Reporter, ReporterStatus

from .people import Entry, Registry, RegistryError, tidy_name
from .sheet import Line, Sheet

Value = TypeVar("Value")

NEW, CHANGED, SAME = "baru", "ubah", "sama"
"""What applying a row does."""
_LANGUAGES = {"": "id", "id": "id", "indonesia": "id", "bahasa indonesia": "id", "ind": "id", "en": "en", "eng": "en",
              "english": "en", "inggris": "en", "bahasa inggris": "en"}  # fmt: skip
_REMEDIES = {
    "rumus": "Ganti rumus dengan nilainya (Salin, Tempel Khusus, Nilai).",
    "tanggal": "Jadikan kolomnya Teks, lalu tulis lagi isinya.",
}


@dataclass(frozen=True)
class Problem:
    """Something a person should see about a line: which column, what is wrong and what to do. `blocking`: not imported."""

    line: int
    column: str
    wrong: str
    remedy: str = ""
    blocking: bool = True


@dataclass(frozen=True)
class Row:
    """One person as the list says. `effect`: NEW, CHANGED or SAME."""

    line: int
    number: str
    entry: Entry
    effect: str = NEW
    officer: bool = False
    """Whether importing it gives somebody officer's rights who had none."""


@dataclass(frozen=True)
class Plan:
    """What importing a list would do."""

    rows: tuple[Row, ...] = ()
    """Good rows; those that change nothing are among them."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """About the file as a whole."""

    @property
    def refused(self) -> tuple[int, ...]:
        """Lines that are not imported."""
        return tuple(sorted({problem.line for problem in self.problems if problem.blocking}))

    def counted(self, effect: str) -> int:
        """How many rows have this effect."""
        return sum(row.effect == effect for row in self.rows)

    @property
    def officers(self) -> int:
        """How many rows give officer's rights to somebody."""
        return sum(row.officer for row in self.rows)


@dataclass(frozen=True)
class Known:
    """Somebody the database has."""

    entry: Entry
    status: str


@dataclass
class _Reader:
    """Reads line after line; problems pile up."""

    registry: Registry
    problems: list[Problem] = field(default_factory=list)

    def row(self, line: Line) -> Row | None:
        """What a line says; None, with a problem, where it cannot be taken."""
        before = len(self.problems)
        for column, spoilt in line.spoilt.items():
            if column != "kecamatan":
                self._wrong(line, column, f"Sel ini berisi {spoilt}, bukan tulisan.", _REMEDIES[spoilt])
        if len(self.problems) > before:
            return None
        number = self._read(line, "nomor", lambda: numbers.check_recipient(line.cells["nomor"]))
        role = self._role(line)
        village = self.village(line, role or "")
        language = self._language(line)
        name = tidy_name(line.cells.get("nama", ""))
        if any(problem.blocking for problem in self.problems[before:]) or number is None or role is None:
            return None
        entry = self._read(line, "peran", lambda: self.registry.checked(Entry(role, village, name, language)))
        if entry is None:
            return None
        if number in budgets.own_numbers(self.registry.settings):
            self._wrong(line, "nomor", "Ini nomor kartu SIM kita sendiri.", "Hapus baris ini.")
            return None
        if not numbers.is_home(number):
            self._note(line, "nomor", "Nomor luar negeri.", "Pastikan nomornya benar.")
        if not name:
            self._note(line, "nama", "Nama kosong.", "Boleh dilengkapi nanti.")
        return Row(line.number, number, entry, officer=self.registry.is_officer(role))

    def _read(self, line: Line, column: str, reading: Callable[[], Value]) -> Value | None:
        if column == "nomor" and not line.cells["nomor"]:
            self._wrong(line, column, "Nomor kosong.", "Isi nomor ponselnya.")
            return None
        try:
            return reading()
        except ValueError as error:
            wrong, _, remedy = str(error).partition(". ")
            self._wrong(line, column, wrong.rstrip(".") + ".", remedy)
            return None

    def _role(self, line: Line) -> str | None:
        typed = _words(line.cells.get("peran", ""))
        if not typed:
            self._wrong(line, "peran", "Peran kosong.", f"Isi salah satu: {', '.join(sorted(self.registry.roles))}.")
            return None
        named = {_words(word): role for role, words in self.registry.roles.items() for word in (role, *words)}
        if typed in named:
            return named[typed]
        begins = [words for words in named if typed.startswith(words + " ")]
        if begins:
            role = named[max(begins, key=len)]
            self._note(line, "peran", f"Dibaca sebagai {role}.", "Betulkan bila salah.")
            return role
        known = ", ".join(sorted(self.registry.roles))
        self._wrong(line, "peran", "Peran tidak dikenal.", f"Pilih salah satu: {known}.")
        return None

    def village(self, line: Line, role: str) -> str:
        """Code of the place in a line; '' where none is needed, or with a problem."""
        typed = line.cells.get("desa", "").strip()
        region, officer = self.registry.knowledge.region, self.registry.is_officer(role)
        district = self._district(line.cells.get("kecamatan", ""))
        if not typed:
            if officer:
                return district.code if district else ""
            self._wrong(line, "desa", "Desa atau kelurahan kosong.", "Isi nama atau kode desanya.")
            return ""
        place = self._by_code(typed) or (self._district(typed) if officer else None)
        if place is not None:
            return place.code
        alike = [one for one in region.villages if _words(typed) in (_words(one.name), _words(one.title))]
        if district and len(within := [one for one in alike if one.parent == district.code]) == 1:
            return within[0].code
        return self._by_words(line, typed, district)

    def _by_words(self, line: Line, typed: str, district: Place | None) -> str:
        """The village a name means, as the parser of messages would read it."""
        region = self.registry.knowledge.region
        found = understand(f"NIHIL {typed[:80]}", Sender(), self.registry.knowledge)
        village = region.by_code.get(found.fields.get("desa") or "")
        offered = [code for doubt in found.doubts if doubt.field == "desa" for code in doubt.candidates]
        if village is None:
            wrong = "Nama ini dapat berarti beberapa desa." if len(offered) > 1 else "Desa ini tidak dikenal."
            names = ", ".join(f"{region.by_code[code].name} ({code})" for code in offered[:6] if code in region.by_code)
            self._wrong(
                line, "desa", wrong, f"Tulis kodenya: {names}." if names else "Tulis nama lengkap atau kodenya."
            )
            return ""
        if district and village.parent != district.code:
            self._wrong(
                line, "desa", f"{village.title} tidak ada di {district.title}.", "Periksa desa dan kecamatannya."
            )
            return ""
        if _words(typed) not in (_words(village.name), _words(village.title)):
            self._note(line, "desa", f"Dibaca sebagai {village.title}.", "Betulkan bila salah.")
        return village.code

    def _by_code(self, typed: str) -> Place | None:
        """A full code, with or without dots, or a short code, with its zero or without."""
        region, gazetteer = self.registry.knowledge.region, self.registry.knowledge.gazetteer
        digits = re.sub(r"[.\s-]", "", typed)
        if not digits.isdecimal():
            return None
        by_digits = {code.replace(".", ""): place for code, place in region.by_code.items()}
        return by_digits.get(digits) or gazetteer.by_short_code.get(digits.zfill(4))

    def _district(self, typed: str) -> Place | None:
        words = re.sub(r"^(kecamatan|kec) ", "", _words(typed))
        return next((one for one in self.registry.knowledge.region.districts if _words(one.name) == words), None)

    def _language(self, line: Line) -> str:
        typed = _words(line.cells.get("bahasa", ""))
        if typed not in _LANGUAGES:
            self._note(line, "bahasa", "Bahasa tidak dikenal; dipakai Bahasa Indonesia.", "Tulis id atau en.")
        return _LANGUAGES.get(typed, "id")

    def _wrong(self, line: Line, column: str, wrong: str, remedy: str) -> None:
        self.problems.append(Problem(line.number, column, wrong, remedy))

    def _note(self, line: Line, column: str, wrong: str, remedy: str) -> None:
        self.problems.append(Problem(line.number, column, wrong, remedy, blocking=False))


def plan(sheet: Sheet, registry: Registry, known: Mapping[str, Known], *, checked: bool = True) -> Plan:
    """What importing `sheet` would do. `known`: who is in the database, by number. `checked`: those that give rights, too."""
    reader = _Reader(registry)
    rows = [row for line in sheet.lines if (row := reader.row(line)) is not None]
    rows, doubled = _without_doubles(rows)
    good, told = [], list(doubled)
    people = {(_words(row.entry.name), row.entry.village): row for row in reversed(rows) if row.entry.name}
    elsewhere = {(_words(one.entry.name), one.entry.village): number for number, one in known.items() if one.entry.name}
    for row in rows:
        there, person = known.get(row.number), (_words(row.entry.name), row.entry.village)
        if there and there.status == ReporterStatus.GONE:
            told.append(Problem(row.line, "nomor", "Pemilik nomor ini sudah bilang bukan dia lagi, atau sudah berhenti.",
                                "Telepon dulu, lalu daftarkan satu per satu."))  # fmt: skip
            continue
        first = people.get(person)
        if first is not None and first.line != row.line:
            told.append(
                _note(row, f"Orang yang sama ada di baris {first.line} dengan nomor lain.", "Keduanya didaftarkan.")
            )
        elif elsewhere.get(person, row.number) != row.number:
            told.append(
                _note(row, "Orang ini sudah terdaftar dengan nomor lain.", "Bila ganti nomor, hentikan yang lama.")
            )
        registered = there is not None and there.status != ReporterStatus.GUEST
        effect = NEW if not registered else SAME if there and there.entry == row.entry else CHANGED
        if effect == CHANGED:
            told.append(_note(row, "Sudah terdaftar dengan isi lain.", "Isi lama diganti dengan isi berkas ini."))
        gains = row.officer and not (registered and there and there.entry.role == row.entry.role)
        if gains:
            told.append(Problem(row.line, "peran", "Peran petugas: boleh memakai VERIF dan TL.",
                                "Pastikan lewat telepon bahwa nomor ini miliknya.", blocking=not checked))  # fmt: skip
        if checked or not gains:
            good.append(Row(row.line, row.number, row.entry, effect, gains))
    problems = sorted([*reader.problems, *told], key=lambda one: (one.line, not one.blocking))
    return Plan(tuple(good), tuple(problems), sheet.notes)


def _note(row: Row, wrong: str, remedy: str) -> Problem:
    return Problem(row.line, "nomor", wrong, remedy, blocking=False)


def _without_doubles(rows: list[Row]) -> tuple[list[Row], list[Problem]]:
    """Each number once. Two people with one number: neither is taken, for nobody can say whose it is."""
    by_number: dict[str, list[Row]] = {}
    for row in rows:
        by_number.setdefault(row.number, []).append(row)
    kept, problems = [], []
    for row in rows:
        first, *others = by_number[row.number]
        if all(other.entry == first.entry for other in others):
            if row is first:
                kept.append(row)
            else:
                problems.append(_note(row, f"Sama dengan baris {first.line}.", "Dibaca satu kali saja."))
            continue
        lines = ", ".join(str(other.line) for other in by_number[row.number] if other is not row)
        problems.append(Problem(row.line, "nomor", f"Nomor ini juga ada di baris {lines} dengan isi lain.",
                                "Pastikan nomor ini milik siapa, lalu hapus yang salah."))  # fmt: skip
    return kept, problems


def village_named(registry: Registry, typed: str, role: str) -> str:
    """Code of the place that a name, full code or short code means for this role. Raises RegistryError with the candidates."""
    reader = _Reader(registry)
    code = reader.village(Line(0, {"desa": typed}, {}), role)
    for problem in reader.problems:
        if problem.blocking:
            raise RegistryError(f"{problem.wrong} {problem.remedy}")
    return code


def known_people(session: Session) -> dict[str, Known]:
    """Everybody in the database, by number."""
    return {
        one.number: Known(Entry(one.role, one.village, one.name, one.language), one.status)
        for one in session.scalars(select(Reporter))
    }


def apply(session: Session, sheet: Sheet, registry: Registry, now: int, *, checked: bool = False) -> Plan:
    """Write the good rows of a list in the caller's transaction; returns what was planned, and so done.

    `checked`: a person says that the officers on the list were called; without it their rows are refused.
    """
    planned = plan(sheet, registry, known_people(session), checked=checked)
    for row in planned.rows:
        if row.effect == NEW:
            registry.register(session, row.number, row.entry, now)
        elif row.effect == CHANGED:  # a list does not make sure whose number it is: the status stays
            registry.change(session, session.get_one(Reporter, row.number).pseudonym, row.entry, now)
    return planned


def export_csv(session: Session, registry: Registry) -> bytes:
    """Everybody registered as CSV (`;`, UTF-8 with mark) that a spreadsheet opens harmlessly and `read_sheet` reads back."""
    region = registry.knowledge.region
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["nomor", "nama", "peran", "desa", "nama wilayah", "bahasa", "status"])
    asked = (ReporterStatus.REGISTERED, ReporterStatus.DOUBTFUL)
    for one in session.scalars(
        select(Reporter).where(Reporter.status.in_(asked)).order_by(Reporter.village, Reporter.name)
    ):
        place = region.by_code.get(one.village)
        cells = [
            numbers.written(one.number),
            one.name,
            one.role,
            one.village,
            place.title if place else "",
            one.language,
        ]
        writer.writerow([_harmless(cell) for cell in (*cells, one.status)])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe stands in front of what begins like a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
