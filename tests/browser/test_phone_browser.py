"""The basic phone in a real browser: multi-tap typing, reading, changing hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from modem.emulator.scenario import Message
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.emulator.test_phone_page import LURAH, VILLAGER, World

pytestmark = pytest.mark.chromium


@pytest.fixture
def world() -> Iterator[World]:
    made = World((Message(0, VILLAGER, "satu"),))
    yield made
    made.player.stop()


@pytest.fixture
def site(world: World, serve: Callable[..., Served]) -> Served:
    return serve(world.app)


def press_keys(page: Page, keys: str) -> None:
    """Press keypad keys while the browser's clock stands still, so that no pause between two taps can end a letter."""
    page.clock.pause_at(60_000)
    for key in keys:
        page.locator(f'[data-key="{key}"]').click()
    page.clock.resume()


def test_a_villager_types_on_the_keypad_and_reads_the_answer(
    world: World, site: Served, page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory(*PHONE)
    page = visit.page
    page.clock.install(time=0)
    page.goto(site.address)
    press_keys(page, "66444")
    expect(page.locator("#text")).to_have_value("Ni")
    expect(page.locator("#counter")).to_have_text("158/1")
    page.locator("#text").press_sequentially("hil [1]")
    expect(page.locator("#counter")).to_have_text("149/1")
    page.locator("#key-right").click()
    expect(page.locator("#text")).to_have_value("Nihil [1")
    page.locator("#key-left").click()
    expect(page.locator("#thread li.mine")).to_contain_text("Nihil [1")
    assert world.network.sent[0].text == "Nihil [1"
    world.answer("Terima kasih. <b>NIHIL</b>")
    expect(page.locator("#thread li.theirs")).to_contain_text("Terima kasih. <b>NIHIL</b>")
    expect(page.locator("#soft-left")).to_have_text("Baca")
    page.locator("#key-left").click()
    expect(page.locator("#reading-text")).to_have_text("Terima kasih. <b>NIHIL</b>")
    assert visit.overflow == 0


def test_choosing_the_phone_in_hand_keeps_what_was_typed(site: Served, page_factory: Callable[..., Visit]) -> None:
    page = page_factory().page
    page.goto(site.address)
    page.locator("#text").fill("LAPOR GESEK")
    page.locator(f'[data-number="{VILLAGER}"]').click()
    expect(page.locator("#text")).to_have_value("LAPOR GESEK")
    page.locator(f'[data-number="{LURAH}"]').click()
    expect(page.locator("#text")).to_have_value("")


def test_a_notice_stays_with_its_phone(site: Served, page_factory: Callable[..., Visit]) -> None:
    page = page_factory().page
    page.clock.install(time=0)
    page.goto(site.address)
    page.clock.pause_at(60_000)  # a notice goes away by itself; not here
    page.locator("#key-left").click()
    expect(page.locator("#notice")).to_have_text("Pesan masih kosong.")
    page.locator(f'[data-number="{LURAH}"]').click()
    expect(page.locator("#notice")).to_be_hidden()


def test_an_unread_badge_does_not_push_the_list(world: World, site: Served, page_factory: Callable[..., Visit]) -> None:
    page = page_factory().page
    world.villager.role = "Kepala Desa dengan nama yang panjang sekali"
    page.goto(site.address)
    button = page.locator(f'[data-number="{VILLAGER}"]')
    before = button.bounding_box()
    world.answer("Terima kasih.")
    expect(button.locator(".unread")).to_be_visible()
    assert button.bounding_box() == before


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_phone_fits_both_screens_in_both_languages(
    site: Served, page_factory: Callable[..., Visit], language: str
) -> None:
    for name, size in (("phone", PHONE), ("desktop", DESKTOP)):
        visit = page_factory(*size)
        visit.page.goto(f"{site.address}/bahasa/{language}")
        expect(visit.page.locator("#soft-left")).to_have_text({"id": "Kirim", "en": "Send"}[language])
        assert visit.overflow == 0, name
        assert visit.accessibility_faults == [], name
        visit.shot(f"telephone-{name}-{language}")
