"""The pages about people in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.store.database import Store
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.console.test_people import HOSTILE_NAME, person, register, wish
from tests.console_seed import HOSTILE, Office, fill, make_office, new_store

pytestmark = pytest.mark.chromium


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = new_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def office(store: Store) -> Office:
    office = make_office(store)
    fill(office)
    wish(office, "DAFTAR CAMAT SADU " + HOSTILE, sender="+6281300000008")
    register(office, "+6281300000001", name=HOSTILE_NAME)
    return office


@pytest.fixture
def site(office: Office, serve: Callable[..., Served]) -> Served:
    return serve(office.app)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_pages_fit_and_can_be_read(
    office: Office, site: Served, page_factory: Callable[..., Visit], language: str, size: tuple[int, int]
) -> None:
    visit = page_factory(*size)
    someone = person(office, "+6281300000001").pseudonym
    for address in ("/people", f"/people/{someone}", "/people/import"):
        visit.page.goto(f"{site.address}{address}?lang={language}")
        visit.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert visit.overflow == 0, f"{address} at {size[0]} pixels"
        assert visit.accessibility_faults == [], address


def test_a_list_is_chosen_looked_through_and_imported(
    office: Office, site: Served, page_factory: Callable[..., Visit], tmp_path: Path
) -> None:
    file = tmp_path / "daftar.csv"
    file.write_text(f"nomor;nama;peran;desa\n081299991111;{HOSTILE_NAME};kades;Lambur\n4444;X;kades;Lambur\n")
    visit = page_factory(*PHONE)
    page = visit.page
    page.goto(site.address + "/people/import")
    page.get_by_label("Berkas CSV atau XLSX").set_input_files(file)
    page.get_by_role("button", name="Periksa berkas").click()
    expect(page.locator("main")).to_contain_text("Ini nomor layanan atau nama")
    assert visit.overflow == 0
    page.get_by_role("button", name="Impor baris yang baik").click()
    expect(page.get_by_role("status")).to_contain_text("1 orang didaftarkan, 0 diubah, 1 baris ditolak.")
    assert person(office, "+6281299991111").status == "terdaftar"
