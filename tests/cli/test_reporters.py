"""`waspada reporters`: with the gateway stopped or running, numbers only where they are asked for."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from gateway.cli.reporters import reporters
from gateway.logs import LOG_NAME
from gateway.store.database import Store, open_store
from gateway.store.models import Outgoing, Reporter
from tests.gateway.registry_desk import BUDI, LAMBUR, Office

DIGITS = "81274000111"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store: Store = open_store(tmp_path)
    yield Office(store)
    store.close()


def run(office: Office, *arguments: str) -> Result:
    return CliRunner().invoke(reporters, [*arguments, "--data", str(office.store.folder)])


def add(office: Office) -> str:
    """Register Budi; his pseudonym."""
    result = run(office, "add", "0812-7400-0111", "--role", "kades", "--village", "Lambur", "--name", "Budi")
    assert result.exit_code == 0, result.output
    return result.output.split()[-1]


def log_of(office: Office) -> str:
    return (office.store.folder / LOG_NAME).read_text(encoding="utf-8")


def test_somebody_is_added_listed_and_shown_with_a_masked_number(office: Office) -> None:
    code = add(office)
    assert office.person().village == LAMBUR
    listed = run(office, "list").output
    assert code in listed
    assert DIGITS not in listed
    assert "0111" in listed
    shown = json.loads(run(office, "show", code).output)
    assert (shown["person"], shown["role"], shown["status"]) == (code, "kades", "terdaftar")
    assert DIGITS not in str(shown)


def test_numbers_are_shown_when_asked_for_and_the_asking_is_logged_without_them(office: Office) -> None:
    code = add(office)
    assert BUDI in run(office, "list", "--numbers").output
    assert json.loads(run(office, "show", code, "--numbers").output)["number"] == BUDI
    logged = log_of(office)
    assert logged.count("numbers_shown") == 2
    assert code in logged
    assert "0111" not in logged


def test_a_person_is_found_by_number_too(office: Office) -> None:
    code = add(office)
    assert json.loads(run(office, "show", "081274000111").output)["person"] == code
    missing = run(office, "show", "00000000")
    assert missing.exit_code == 1
    assert run(office, "show", "08127400099").exit_code == 1


def test_changing_keeps_what_is_not_named(office: Office) -> None:
    code = add(office)
    assert run(office, "change", code, "--role", "sekdes").exit_code == 0
    person = office.person()
    assert (person.role, person.village, person.name) == ("sekdes", LAMBUR, "Budi")
    assert run(office, "change", code, "--village", "").exit_code == 1
    assert office.person().village == LAMBUR


def test_an_officers_role_needs_a_checked_identity(office: Office) -> None:
    code = add(office)
    for arguments in (("add", "081366112233"), ("change", code)):
        refused = run(office, *arguments, "--role", "camat", "--village", "Sadu")
        assert refused.exit_code == 1
        assert "--checked" in refused.output
    assert run(office, "change", code, "--role", "camat", "--village", "Kecamatan Sadu", "--checked").exit_code == 0
    assert (office.person().role, office.person().village) == ("camat", "15.07.05")
    assert run(office, "change", code, "--name", "Pak Budi").exit_code == 0


def test_who_left_is_a_guest_and_a_call_settles_doubt(office: Office) -> None:
    code = add(office)
    assert run(office, "confirm", code).exit_code == 0
    assert run(office, "remove", code).exit_code == 0
    assert office.person().status == "berhenti"
    assert run(office, "confirm", code).exit_code == 1


def test_wishes_are_listed_approved_with_corrections_and_refused(office: Office) -> None:
    office.daftar("DAFTAR KADES LAMBUR BUDI")
    listed = run(office, "requests").output
    assert "kades" in listed
    assert "camat*" in listed
    assert DIGITS not in listed
    approved = run(office, "approve", "1", "--role", "rt", "--name", "Pak Budi")
    assert approved.exit_code == 0, approved.output
    assert (office.person().role, office.person().name, office.person().village) == ("rt", "Pak Budi", LAMBUR)
    assert len(office.rows(Outgoing)) == 1
    office.daftar("DAFTAR KADES LAMBUR BUDI")
    assert run(office, "reject", "2").exit_code == 2
    assert run(office, "reject", "2", "--reason", "ganda").exit_code == 0
    again = run(office, "approve", "2")
    assert again.exit_code == 1
    assert "requests" in again.output


def test_officers_of_a_list_are_imported_when_they_were_called(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "daftar.csv"
    file.write_text("nomor;nama;peran;desa\n0812 7400 0111;Budi;camat;\n", encoding="utf-8")
    assert "1 would get officer's rights" in run(office, "import", str(file)).output
    assert "0 registered" in run(office, "import", str(file), "--apply").output
    assert office.rows(Reporter) == []
    assert "1 registered" in run(office, "import", str(file), "--apply", "--checked").output


@pytest.mark.skipif(os.name != "posix", reason="permissions are told otherwise")
def test_an_export_is_for_this_user_alone(office: Office, tmp_path: Path) -> None:
    add(office)
    file = tmp_path / "orang.csv"
    assert run(office, "export", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0


def test_an_import_shows_first_and_writes_when_told(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "daftar.csv"
    file.write_text("nomor;nama;peran;desa\n0812 7400 0111;Budi;kades;Lambur\n4444;X;kades;Lambur\n", encoding="utf-8")
    first = run(office, "import", str(file)).output
    assert "1 would be registered" in first
    assert "! line 3, nomor: Ini nomor layanan" in first
    assert "--apply" in first
    assert office.rows(Reporter) == []
    assert "1 registered" in run(office, "import", str(file), "--apply").output
    assert office.person().status == "terdaftar"
    file.write_bytes(b"\0\0")
    refused = run(office, "import", str(file))
    assert refused.exit_code == 1
    assert "bukan CSV atau XLSX" in refused.output


def test_an_export_is_written_once_and_logged(office: Office, tmp_path: Path) -> None:
    add(office)
    file = tmp_path / "orang.csv"
    assert "1 people" in run(office, "export", str(file)).output
    assert b"0812-7400-0111;Budi;kades" in file.read_bytes()
    assert run(office, "export", str(file)).exit_code == 1
    assert re.search(r"people_exported\s+people=1", log_of(office))


def test_refused_entries_are_one_sentence(office: Office) -> None:
    for arguments in (
        ("add", "4444", "--role", "kades", "--village", "Lambur"),
        ("add", "081274000111", "--role", "raja", "--village", "Lambur"),
        ("add", "081274000111", "--role", "kades", "--village", "Rantau Rasau"),
        ("add", "081274000111", "--role", "kades"),
    ):
        result = run(office, *arguments)
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert len(result.output.strip().splitlines()) == 1
    assert office.rows(Reporter) == []


def test_guests_are_listed_apart_and_hostile_names_move_no_terminal(office: Office) -> None:
    with office.store.write() as session:
        session.add(Reporter(number=BUDI, pseudonym=7, name="\x1b[31m\u202eBudi", first_seen=office.now))
    assert "(nobody yet)" in run(office, "list").output
    guests = run(office, "list", "--status", "tamu").output
    assert "00000007" in guests
    assert "\x1b" not in guests
    assert "\u202e" not in guests
