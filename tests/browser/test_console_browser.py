"""The operator's console in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.store.database import Store
from modem.types import ModemState, ModemStatus
from tests.browser.conftest import PHONE, Served, Visit
from tests.console_seed import Office, add_message, fill, make_office, new_store

pytestmark = pytest.mark.chromium

ADDRESSES = {
    "home": "/",
    "messages": "/messages",
    "message": "/messages/1",
    "reports": "/reports",
    "report": "/reports/M7XA",
    "outgoing": "/outgoing",
    "problems": "/problems",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = new_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def office(store: Store) -> Office:
    office = make_office(store)
    fill(office)
    return office


@pytest.fixture
def site(office: Office, serve: Callable[..., Served]) -> Served:
    return serve(office.app)


def test_the_home_page_shows_a_new_message_by_itself(
    office: Office, site: Served, page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory()
    visit.open(site.address)
    add_message(office.store, "LAPOR GESEK PEMATANG MAYAN 14 0", minutes_ago=0, intent="lapor", outcome="terima")
    office.board.touch()
    visit.next_question()
    expect(visit.page.locator("[data-live=messages]")).to_contain_text("LAPOR GESEK PEMATANG MAYAN 14 0")


def test_only_the_part_that_changed_is_replaced(
    office: Office, site: Served, page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory()
    visit.open(site.address)
    page = visit.page
    page.evaluate("document.querySelector('[data-live=reports] li').dataset.mine = 'kept'")
    page.locator("#sync-now-button").focus()
    office.board.post_modem(ModemStatus(ModemState.ABSENT))
    visit.next_question()
    expect(page.locator("[data-live=modem]")).to_contain_text("Tidak ada")
    expect(page.locator("[data-live=problems]")).to_contain_text("Colokkan modem")
    assert page.locator("[data-live=reports] li[data-mine=kept]").count() == 1
    expect(page.locator("#sync-now-button")).to_be_focused()


def test_a_quiet_page_is_not_rendered_again(site: Served, page_factory: Callable[..., Visit]) -> None:
    visit = page_factory()
    visit.open(site.address)
    for _ in range(2):
        with visit.page.expect_response("**/live?known=*") as answer:
            visit.next_question()
        assert answer.value.status == 204


def test_the_page_says_when_the_service_is_away_and_recovers(
    office: Office, site: Served, serve: Callable[..., Served], page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory()
    visit.expected_complaints = True  # the browser notes every refused connection
    visit.open(site.address)
    page = visit.page
    expect(page.locator("#away")).to_be_hidden()
    site.stop()
    visit.next_question()
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#away")).to_contain_text("Sambungan ke Waspada terputus sejak")
    expect(page.locator("[data-live=messages]")).to_contain_text("LAPOR BENTROK KAMPUNG LAUT")
    add_message(office.store, "sesudah mati", minutes_ago=0)
    serve(make_office(office.store).app, port=site.server.port)
    visit.next_question()
    expect(page.locator("#away")).to_be_hidden()
    expect(page.locator("[data-live=messages]")).to_contain_text("sesudah mati")


def test_the_sync_button_works_after_the_page_has_changed_under_it(
    office: Office, site: Served, page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory()
    visit.open(site.address)
    page = visit.page
    add_message(office.store, "baru", minutes_ago=0)
    office.board.touch()
    visit.next_question()
    expect(page.locator("[data-live=messages]")).to_contain_text("baru")
    page.get_by_role("button", name="Sinkronkan sekarang").click()
    expect(page.get_by_role("status")).to_contain_text("Sinkronisasi dimulai.")
    assert office.actions.syncs == 1


def test_an_sms_is_sent_from_the_form(office: Office, site: Served, page_factory: Callable[..., Visit]) -> None:
    page = page_factory().page
    page.goto(site.address + "/outgoing")
    page.get_by_text("Kirim satu SMS").click()
    page.get_by_label("Nomor tujuan").fill("+6281366112233")
    page.get_by_label("Isi pesan").fill("Mohon hubungi kantor.")
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("masuk antrean")
    assert office.actions.sent == [("+6281366112233", "Mohon hubungi kantor.")]


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_page_scrolls_sideways_and_none_asks_another_host(
    site: Served, page_factory: Callable[..., Visit], language: str
) -> None:
    for name, size in (("phone", PHONE), ("desktop", (1366, 768))):
        visit = page_factory(*size)
        for page_name, address in ADDRESSES.items():
            visit.page.goto(f"{site.address}{address}?lang={language}")
            assert visit.overflow == 0, f"{address} at {size[0]} pixels"
            visit.shot(f"console-{page_name}-{name}-{language}")


def test_one_endless_word_does_not_widen_a_phone_page(
    office: Office, site: Served, page_factory: Callable[..., Visit]
) -> None:
    message = add_message(office.store, "x" * 700, minutes_ago=0, trace=["y" * 300])
    visit = page_factory(*PHONE)
    for address in ("/", "/messages", f"/messages/{message}"):
        visit.page.goto(site.address + address)
        assert visit.overflow == 0, address


def test_hostile_text_runs_nothing(site: Served, page_factory: Callable[..., Visit]) -> None:
    visit = page_factory()
    opened: list[str] = []
    visit.page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    for address in ("/", "/messages?q=script"):
        visit.page.goto(site.address + address)
        expect(visit.page.locator("main")).to_contain_text("<script>alert('x')</script>")
    assert opened == []


def test_every_page_has_labels_and_enough_contrast(site: Served, page_factory: Callable[..., Visit]) -> None:
    visit = page_factory()
    for address in ADDRESSES.values():
        visit.page.goto(site.address + address)
        assert visit.accessibility_faults == [], address
