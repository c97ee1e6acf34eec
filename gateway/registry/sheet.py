"""Lists of people from a file: CSV and XLSX to rows and problems. Pure: octets and knowledge in, frozen records out.

What spreadsheets and people do to such lists is undone or told, line by line: `;`, `,` or tab; UTF-8 with or without mark,
UTF-16, Windows-1252; numbers turned to floats or without their zero; formulas and dates; empty lines; columns in any order.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

LARGEST_OCTETS = 2 * 1024 * 1024
LARGEST_UNPACKED = 40 * 1024 * 1024
"""Octets an XLSX may unpack to; a list of 5,000 people is about 2 MB."""
LARGEST_RATIO = 200
MOST_ROWS = 5000
MOST_SHEETS = 20
MOST_LINES = 200_000
"""Empty ones and all; what stands below (a stray sign in the last line of a sheet) is no part of a list."""
MOST_COLUMNS = 40
HEADER_WITHIN = 15
"""Titles and logos may stand above the names of the columns: so many lines are looked at."""
LONGEST_CELL = 200

COLUMNS: dict[str, tuple[str, ...]] = {
    "nomor": (
        "no hp", "nohp", "nomor hp", "no hp wa", "no telepon", "no telp", "no tlp", "nomor telepon", "nomor ponsel", "telepon",
        "telp", "tlp", "hp", "handphone", "ponsel", "no wa", "nomor wa", "whatsapp", "wa", "kontak", "phone", "number", "nomor",
    ),
    "nama": ("nama", "nama lengkap", "nama pelapor", "nama pejabat", "name"),
    "peran": ("peran", "jabatan", "tugas", "posisi", "role"),
    "desa": (
        "desa", "kelurahan", "desa kelurahan", "kelurahan desa", "desa kel", "nama desa", "kode desa", "kode wilayah", "wilayah",
        "kel desa", "village",
    ),
    "kecamatan": ("kecamatan", "kec", "nama kecamatan"),
    "bahasa": ("bahasa", "language", "lang"),
}  # fmt: skip
"""Names a column may have, the surest first (`nomor` alone may count the lines)."""
NEEDED = ("nomor", "peran")


class SheetError(ValueError):
    """The file as a whole cannot be read; the text says why and what to do (Bahasa Indonesia)."""


@dataclass(frozen=True)
class Line:
    """One line of the list, cell by cell as text. `number` counts lines of the file from 1."""

    number: int
    cells: dict[str, str]
    spoilt: dict[str, str]
    """Columns whose cell holds no text of a person: `rumus` or `tanggal`."""


@dataclass(frozen=True)
class Sheet:
    """What a file holds: its lines below the header, and what was noticed about the file itself."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


_Cell = tuple[str, str]
"""Text, and `rumus` or `tanggal` where it is no text of a person."""


def read_sheet(octets: bytes) -> Sheet:
    """The lines of a CSV or XLSX file; which of both it is, is seen from the octets. Raises SheetError."""
    if len(octets) > LARGEST_OCTETS:
        raise SheetError(
            f"Berkas ini lebih besar dari {LARGEST_OCTETS // 1024 // 1024} MB. Bagi menjadi beberapa berkas."
        )
    if octets.startswith(b"PK\x03\x04"):
        return _from_tables(_xlsx_tables(octets))
    if octets.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError(
            "Ini berkas Excel lama (.xls) atau berkata sandi. Simpan sebagai .xlsx tanpa sandi, lalu ulangi."
        )
    return _from_tables(_csv_tables(_decoded(octets)))


def _from_tables(tables: Iterable[tuple[str, Iterator[tuple[int, list[_Cell]]]]]) -> Sheet:
    """The first table that has the names of the columns."""
    missing: tuple[str, ...] = NEEDED
    for name, rows in tables:
        header: dict[str, int] = {}
        lines: list[Line] = []
        notes: list[str] = []
        for seen, (number, cells) in enumerate(rows):
            if not header:
                found, twice = _header([text for text, _ in cells])
                if all(column in found for column in NEEDED):
                    header, notes = found, [f"Kolom kedua untuk {column} tidak dibaca." for column in twice]
                elif len(found) > len(NEEDED) - len(missing):
                    missing = tuple(column for column in NEEDED if column not in found) or missing
                if not header and seen + 1 >= HEADER_WITHIN:
                    break
                continue
            line = _line(number, cells, header)
            if line is not None:
                lines.append(line)
            if len(lines) > MOST_ROWS:
                raise SheetError(f"Berkas ini memuat lebih dari {MOST_ROWS} baris. Bagi menjadi beberapa berkas.")
        if header:
            notes += [f"Hanya lembar pertama yang berisi daftar dibaca: {name}."] if name else []
            return Sheet(tuple(lines), tuple(notes))
    raise SheetError(
        f"Nama kolom tidak ditemukan: {', '.join(missing)}. Baris pertama harus memuat: nomor; nama; peran; desa; bahasa."
    )


def _header(cells: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Where each known column stands, and columns that stand there twice."""
    names = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    twice = []
    for column, known in COLUMNS.items():
        places = [names.index(name) for name in known if name in names]
        doubled = [name for name in known if names.count(name) > 1]
        if places:
            found[column] = places[0]
        others = [place for place in places[1:] if names[place] != "nomor"]
        if others or doubled:
            twice.append(column)
    return found, twice


def _plain(cell: str) -> str:
    folded = unicodedata.normalize("NFKC", cell).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")))


def _line(number: int, cells: Sequence[_Cell], header: dict[str, int]) -> Line | None:
    """The line, or None where all its cells are empty."""
    taken = {column: cells[place] if place < len(cells) else ("", "") for column, place in header.items()}
    if not any(text for text, _ in taken.values()):
        return None
    return Line(
        number,
        {column: text for column, (text, _) in taken.items()},
        {column: spoilt for column, (_, spoilt) in taken.items() if spoilt},
    )


def _cell(value: object) -> _Cell:
    """What stands in a cell, as a person typed it where that can be told."""
    if value is None:
        return "", ""
    if isinstance(value, datetime | date | time):
        return value.isoformat(), "tanggal"
    if isinstance(value, bool):
        return str(value), ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value)), ""
    text = (str(value) if isinstance(value, str | int | float) else "=" + type(value).__name__).strip()
    if unwrapped := re.fullmatch(r'="?([^"=()&]*)"', text):
        text = unwrapped[1]  # the trick that keeps a zero in Excel
    return text[:LONGEST_CELL], "rumus" if text.startswith(("=", "@")) else ""


# CSV


def _decoded(octets: bytes) -> str:
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = octets.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise SheetError("Berkas ini bukan CSV atau XLSX. Simpan daftarnya sebagai CSV (UTF-8) atau XLSX, lalu ulangi.")


def _csv_tables(text: str) -> Iterator[tuple[str, Iterator[tuple[int, list[_Cell]]]]]:
    """The text split by each separator that may be meant, the one that the header knows best in front."""
    first = re.match(r"\s*sep=(.)\s*\r?\n", text)
    separators = [first[1]] if first else sorted(";,\t|", key=lambda one: -_known_columns(text, one))
    yield "", _csv_rows(text, separators[0])


def _known_columns(text: str, separator: str) -> int:
    best = 0
    for _, cells in _csv_rows(text, separator, HEADER_WITHIN):
        best = max(best, len(_header([cell for cell, _ in cells])[0]))
    return best


def _csv_rows(text: str, separator: str, limit: int | None = None) -> Iterator[tuple[int, list[_Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    begins = 1
    while reader.line_num < (limit or MOST_LINES):
        try:
            cells = next(reader, None)
        except csv.Error:
            raise SheetError(
                f"Baris {begins} tidak dapat dibaca: mungkin tanda kutip tidak ditutup. Betulkan, lalu ulangi."
            ) from None
        if cells is None:
            return
        yield begins, [_cell(cell) for cell in cells[:MOST_COLUMNS]]
        begins = reader.line_num + 1


# XLSX


def _xlsx_tables(octets: bytes) -> Iterator[tuple[str, Iterator[tuple[int, list[_Cell]]]]]:
    """The visible sheets of a workbook, read without unpacking more than was declared and checked."""
    _check_unpacked_size(octets)
    import openpyxl  # takes a tenth of a second to import, and only this needs it

    try:
        book = openpyxl.load_workbook(io.BytesIO(octets), read_only=True, data_only=False, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets[:MOST_SHEETS]:
            yield str(sheet.title) if len(sheets) > 1 else "", _xlsx_rows(sheet)
    except SheetError:
        raise
    except Exception as error:  # whatever a damaged or hostile workbook makes of the reader
        raise _damaged(error) from None


def _xlsx_rows(sheet: Any) -> Iterator[tuple[int, list[_Cell]]]:
    """Line after line, those without any value left out: a workbook may name a million of them."""
    try:
        rows = sheet.iter_rows(max_row=MOST_LINES, max_col=MOST_COLUMNS, values_only=True)
        for number, values in enumerate(rows, start=1):
            if number <= HEADER_WITHIN or any(value is not None for value in values):
                yield number, [_cell(value) for value in values]
    except Exception as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> SheetError:
    return SheetError(
        f"Berkas XLSX ini rusak atau tidak dapat dibaca ({type(error).__name__}). Simpan ulang atau pakai CSV."
    )


def _check_unpacked_size(octets: bytes) -> None:
    """Refuse a zip bomb. `zipfile` never unpacks more of a member than it declares here."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise SheetError("Berkas XLSX ini rusak. Simpan ulang, lalu ulangi.") from None
    unpacked = sum(member.file_size for member in members)
    swollen = any(member.file_size > 1_000_000 and member.file_size > LARGEST_RATIO * max(member.compress_size, 1)
                  for member in members)  # fmt: skip
    if unpacked > LARGEST_UNPACKED or swollen or len(members) > 1000:
        raise SheetError("Berkas XLSX ini terlalu besar bila dibuka. Simpan hanya daftarnya, lalu ulangi.")
