"""Lists of people as offices keep them: what is read, what is told, what is refused."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date

import openpyxl
import pytest

from gateway.registry import Registry
from gateway.registry.importing import Plan, export_csv
from gateway.registry.sheet import LARGEST_OCTETS, MOST_ROWS, SheetError, read_sheet
from gateway.store.database import Store
from gateway.store.models import Outgoing, Reporter
from tests.console_seed import shipped_knowledge
from tests.gateway.registry_desk import ANI, BUDI, CAMAT, KADES, KAMPUNG_LAUT, LAMBUR, Office, entry

HEAD = "nomor;nama;peran;desa\n"
GOOD = HEAD + "081274000111;Budi Santoso;Kades;Lambur\n"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def xlsx(*rows: list[object], **sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def preview(office: Office, octets: bytes | str) -> Plan:
    return office.people.preview(octets.encode() if isinstance(octets, str) else octets)[1]


def one(office: Office, octets: bytes | str):
    planned = preview(office, octets)
    assert [p for p in planned.problems if p.blocking] == []
    (row,) = planned.rows
    return row


def blocked(office: Office, octets: bytes | str) -> list[tuple[int, str, str]]:
    return [(p.line, p.column, p.wrong) for p in preview(office, octets).problems if p.blocking]


@pytest.mark.parametrize(
    "octets",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace(";", ",").encode(),
        GOOD.replace(";", "\t").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        b"sep=;\r\n" + GOOD.encode(),
        b"\n\nDATA KEPALA DESA 2026;;;\n;;;\n" + GOOD.encode(),
        b"NO;Desa/Kelurahan;JABATAN;Nama Lengkap;No. HP (WA)\n1;Desa Lambur;Kepala Desa;Budi Santoso;0812-7400-0111\n",
        b'"Telepon";"Nama";"Peran";"Desa"\n"=""081274000111""";"Budi Santoso";"kades";"15.07.01.2002"\n',
        GOOD.replace("081274000111", "81274000111.0").replace("Lambur", "102").encode(),
        GOOD.replace("081274000111", "81274000111").replace("Lambur", "1507012002").encode(),
        GOOD.encode() + b";;;\n   \n;;;\n",
        xlsx(["nomor", "nama", "peran", "desa"], [81274000111.0, "Budi Santoso", "kades", "Lambur"]),
        xlsx(["Nama", "Peran", "Desa", "No HP"], [], ["Budi Santoso", "Kades", 102, 81274000111]),
        xlsx(["catatan"], data=[["nomor", "nama", "peran", "desa"], ["081274000111", "Budi Santoso", "Kades", "Lambur"]]),
    ],
)  # fmt: skip
def test_one_person_in_every_dress(office: Office, octets: bytes) -> None:
    row = one(office, octets)
    assert (row.number, row.entry.role, row.entry.village, row.entry.name) == (BUDI, "kades", LAMBUR, "Budi Santoso")


def test_windows_1252_keeps_its_letters(office: Office) -> None:
    row = one(office, GOOD.replace("Budi Santoso", "José Müller").encode("cp1252"))
    assert row.entry.name == "José Müller"


def test_language_is_read_and_what_is_unknown_becomes_indonesian_with_a_word(office: Office) -> None:
    text = "nomor;nama;peran;desa;bahasa\n081274000111;A;rt;Lambur;English\n081274000222;B;rt;Lambur;Bugis\n"
    planned = preview(office, text)
    assert [row.entry.language for row in planned.rows] == ["en", "id"]
    assert [(p.line, p.column) for p in planned.problems] == [(3, "bahasa")]


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("", "Nomor kosong."),
        ("4444", "Ini nomor layanan atau nama, bukan nomor ponsel orang."),
        ("0741 23456", "Ini nomor telepon tetap dan tidak dapat menerima SMS."),
        ("081274000111/081366112233", "Ada dua nomor di sini."),
        ("8.1274E+10", "Excel menyingkat nomor ini."),
        ("=A2", "Sel ini berisi rumus, bukan tulisan."),
        ("@SUM(A1)", "Sel ini berisi rumus, bukan tulisan."),
    ],
)
def test_what_is_wrong_with_a_number_is_said_with_line_and_column_and_what_to_do(
    office: Office, number: str, wrong: str
) -> None:
    planned = preview(office, HEAD + f"081274000222;Ani;lurah;Kampung Laut\n{number};Budi;kades;Lambur\n")
    (problem,) = planned.problems
    assert (problem.line, problem.column, problem.wrong, problem.blocking) == (3, "nomor", wrong, True)
    assert problem.remedy
    assert planned.refused == (3,)
    assert [row.number for row in planned.rows] == [ANI]


def test_dates_and_formulas_of_excel_are_told(office: Office) -> None:
    octets = xlsx(
        ["nomor", "nama", "peran", "desa"],
        [date(2026, 1, 2), "Budi", "kades", "Lambur"],
        ['="0"&B2', "Budi", "kades", "Lambur"],
        ["081274000111", "Budi", "kades", date(2026, 5, 1)],
    )
    assert blocked(office, octets) == [
        (2, "nomor", "Sel ini berisi tanggal, bukan tulisan."),
        (3, "nomor", "Sel ini berisi rumus, bukan tulisan."),
        (4, "desa", "Sel ini berisi tanggal, bukan tulisan."),
    ]


@pytest.mark.parametrize(
    ("village", "role", "code"),
    [
        ("Kp. Laut", "lurah", KAMPUNG_LAUT),
        ("Kelurahan Kampung Laut", "lurah", KAMPUNG_LAUT),
        ("lambur 2", "kades", "15.07.01.2012"),
        ("0801", "lurah", KAMPUNG_LAUT),
        ("801", "lurah", KAMPUNG_LAUT),
        ("15.07.08.1001", "lurah", KAMPUNG_LAUT),
        ("Kecamatan Sadu", "camat", "15.07.05"),
        ("Sadu", "kapolsek", "15.07.05"),
        ("15.07", "petugas", "15.07"),
        ("", "petugas", ""),
    ],
)
def test_places_by_name_and_code(office: Office, village: str, role: str, code: str) -> None:
    assert one(office, HEAD + f"081274000111;Budi;{role};{village}\n").entry.village == code


@pytest.mark.parametrize(
    ("village", "wrong"),
    [
        ("Rantau Rasau", "Nama ini dapat berarti beberapa desa."),
        ("Kecamatan Sadu", "Nama ini dapat berarti beberapa desa."),
        ("Kuala Tungkal", "Desa ini tidak dikenal."),
        ("xyzzy", "Desa ini tidak dikenal."),
        ("9999", "Desa ini tidak dikenal."),
        ("", "Desa atau kelurahan kosong."),
        ("<script>alert(1)</script>", "Desa ini tidak dikenal."),
    ],
)
def test_no_village_is_guessed(office: Office, village: str, wrong: str) -> None:
    assert blocked(office, HEAD + f"081274000111;Budi;kades;{village}\n") == [(2, "desa", wrong)]


def test_several_villages_are_offered_with_their_codes_and_the_kecamatan_settles_it(office: Office) -> None:
    text = "nomor;nama;peran;desa;kecamatan\n081274000111;Budi;kades;Rantau Rasau;{}\n"
    (problem,) = preview(office, text.format("")).problems
    assert "Rantau Rasau (15.07.11.2002)" in problem.remedy
    assert one(office, text.format("Kec. Berbak")).entry.village == "15.07.11.2002"
    wrong = "nomor;nama;peran;desa;kecamatan\n081274000111;Budi;kades;Lambur;Sadu\n"
    assert blocked(office, wrong) == [(2, "desa", "Desa Lambur tidak ada di Kecamatan Sadu.")]


def test_an_unknown_role_is_refused_with_the_list(office: Office) -> None:
    (problem,) = preview(office, HEAD + "081274000111;Budi;Gubernur;Lambur\n").problems
    assert (problem.column, problem.blocking) == ("peran", True)
    assert "kades, kadus, kapolsek" in problem.remedy


def test_officers_of_a_list_are_taken_only_when_somebody_called_them(office: Office) -> None:
    """A line slipped into a list must not be a way to officer's rights."""
    office.people.register(BUDI, KADES)
    rows = "0812 7400 0111;Budi;camat;\n0812 7400 0222;Ani;kapolsek;\n0812 7400 0333;Siti;rt;Lambur\n"
    octets = f"nomor;nama;peran;desa\n{rows}".encode()
    word, planned = office.people.preview(octets)
    assert (planned.officers, len(planned.rows)) == (2, 3)
    done = office.people.import_previewed(word)
    assert (len(done.rows), done.refused) == (1, (2, 3))
    assert [person.role for person in office.rows(Reporter)] == ["kades", "rt"]
    office.people.import_previewed(office.people.preview(octets)[0], checked=True)
    assert sorted(person.role for person in office.rows(Reporter)) == ["camat", "kapolsek", "rt"]
    again = office.people.preview(octets)[1]
    assert (again.officers, again.refused) == (0, ())


def test_a_long_workbook_with_gaps_is_read_to_its_end_or_refused(office: Office) -> None:
    people: list[list[object]] = [[f"0812740{n:05}", "A", "rt", "Lambur"] for n in range(MOST_ROWS - 1)]
    head: list[object] = ["nomor", "nama", "peran", "desa"]
    gaps = [row for person in people for row in (person, [])]
    assert len(read_sheet(xlsx(head, *gaps)).lines) == MOST_ROWS - 1
    with pytest.raises(SheetError, match="lebih dari"):
        read_sheet(xlsx(head, *gaps, *people))


def test_a_workbook_of_many_empty_sheets_is_refused_in_no_time() -> None:
    book = openpyxl.Workbook()
    for n in range(150):
        book.create_sheet(f"s{n}").cell(5000, 40, "x")
    stream = io.BytesIO()
    book.save(stream)
    started = time.process_time()
    with pytest.raises(SheetError):
        read_sheet(stream.getvalue())
    assert time.process_time() - started < 3


def test_what_was_understood_loosely_and_officers_are_pointed_out(office: Office) -> None:
    planned = preview(office, HEAD + "081274000111;Budi;Kepala Desa Lambur;Desa Lmbur\n081274000222;Ani;camat;Sadu\n")
    told = [(p.line, p.column) for p in planned.problems]
    assert (2, "peran") in told
    assert (3, "peran") in told
    assert planned.refused == ()
    assert planned.rows[0].entry.village == LAMBUR


def test_the_same_line_twice_is_one_person_and_two_people_with_one_number_are_none(office: Office) -> None:
    twice = preview(office, GOOD + "0812-7400-0111;Budi Santoso;kades;Desa Lambur\n")
    assert len(twice.rows) == 1
    assert twice.refused == ()
    clash = preview(office, GOOD + "0812-7400-0111;Ani;rt;Lambur\n081274000222;Siti;rt;Lambur\n")
    assert clash.refused == (2, 3)
    assert [row.entry.name for row in clash.rows] == ["Siti"]


def test_one_person_with_two_numbers_is_pointed_out_and_registered_twice(office: Office) -> None:
    planned = preview(office, GOOD + "081274000222;budi  santoso;kades;Lambur\n")
    assert len(planned.rows) == 2
    assert [(p.line, p.wrong) for p in planned.problems] == [(3, "Orang yang sama ada di baris 2 dengan nomor lain.")]


def test_what_the_database_has_is_compared(office: Office) -> None:
    office.people.register(BUDI, KADES)
    assert one(office, GOOD).effect == "sama"
    changed = preview(office, GOOD.replace("Kades", "sekdes"))
    assert [row.effect for row in changed.rows] == ["ubah"]
    assert "Sudah terdaftar" in changed.problems[0].wrong
    elsewhere = preview(office, GOOD.replace("000111", "000333"))
    assert "sudah terdaftar dengan nomor lain" in elsewhere.problems[0].wrong


def test_a_preview_writes_nothing_and_applying_writes_the_good_rows_once(office: Office) -> None:
    octets = (GOOD + "4444;X;kades;Lambur\n081274000222;Ani;lurah;Kampung Laut\n").encode()
    word, planned = office.people.preview(octets)
    assert len(planned.rows) == 2
    assert office.rows(Reporter) == []
    done = office.people.import_previewed(word)
    assert done.refused == (3,)
    assert [(one.number, one.status, one.role) for one in office.rows(Reporter)] == [
        (BUDI, "terdaftar", "kades"),
        (ANI, "terdaftar", "lurah"),
    ]
    assert len(office.told()) == 2
    assert office.rows(Outgoing) == []
    with pytest.raises(ValueError, match="sekali lagi"):
        office.people.import_previewed(word)


def test_a_list_neither_confirms_nor_brings_back(office: Office) -> None:
    gone = office.people.register(ANI, entry(role="lurah", village=KAMPUNG_LAUT, name="Ani"))
    office.people.leave(gone)
    office.people.register(BUDI, CAMAT)
    office.pass_time(days=200)
    office.people.look_after()
    office.send_waiting()
    office.pass_time(days=15)
    office.people.look_after()
    sheet = HEAD + "081274000111;Siti;camat;Sadu\n081274000222;Ani;lurah;Kampung Laut\n"
    word, planned = office.people.preview(sheet.encode())
    assert planned.refused == (3,)
    office.people.import_previewed(word)
    assert (office.person().status, office.person().village) == ("ragu", "15.07.05")
    assert office.person(ANI).status == "berhenti"


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"", "Nama kolom tidak ditemukan"),
        (b"nama;desa\nBudi;Lambur\n", "Nama kolom tidak ditemukan: nomor, peran"),
        (b"nomor;nama\n0812;Budi\n", "Nama kolom tidak ditemukan: peran"),
        (b"\x00\x01\x02binary\x00", "bukan CSV atau XLSX"),
        (b"\xd0\xcf\x11\xe0old excel", "Excel lama"),
        (b"PK\x03\x04 cut off", "rusak"),
        (b"x" * (LARGEST_OCTETS + 1), "lebih besar dari 2 MB"),
        (HEAD.encode() + b'"' + b"x" * 200_000, "tidak dapat dibaca"),
        (HEAD.encode() + b"081274000111;A;rt;Lambur\n" * (MOST_ROWS + 1), "lebih dari 5000 baris"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_a_sentence(octets: bytes, sentence: str) -> None:
    with pytest.raises(SheetError, match=sentence):
        read_sheet(octets)


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(SheetError, match="terlalu besar bila dibuka"):
        read_sheet(_zip(bomb=b"0" * 60_000_000))
    with pytest.raises(SheetError, match="rusak"):
        read_sheet(_zip(nothing=b""))


def test_a_workbook_with_growing_entities_is_refused() -> None:
    good = xlsx(["nomor", "nama", "peran", "desa"], ["081274000111", "Budi", "kades", "Lambur"])

    def with_head(head: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w") as target:
            for member in source.namelist():
                content = source.read(member)
                target.writestr(member, head + content if member.endswith("sheet1.xml") else content)
        return out.getvalue()

    assert len(read_sheet(with_head(b"<!-- harmless -->")).lines) == 1
    with pytest.raises(SheetError, match="rusak atau tidak dapat dibaca"):
        read_sheet(with_head(b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'))
    assert openpyxl.DEFUSEDXML


def test_an_export_is_harmless_in_a_spreadsheet_and_reads_back_the_same(office: Office) -> None:
    office.people.register(BUDI, entry(name='Budi; "Kecil" Santoso'))
    office.people.register(ANI, CAMAT)
    with office.store.read() as session:
        octets = export_csv(session, Registry(shipped_knowledge(), office.settings))
    assert octets.startswith(b"\xef\xbb\xbf")
    for line in octets.decode("utf-8-sig").splitlines():
        for cell in line.split(";"):
            assert cell.strip('"')[:1] not in ("=", "+", "-", "@")
    planned = preview(office, octets)
    assert [row.effect for row in planned.rows] == ["sama", "sama"]
    assert planned.refused == ()


def test_a_cell_that_would_run_gets_an_apostrophe() -> None:
    from gateway.registry.importing import _harmless

    for cell in ("=1+1", "+6281", "-1", "@SUM", "\t=1"):
        assert _harmless(cell) == "'" + cell
    assert _harmless("Budi") == "Budi"
