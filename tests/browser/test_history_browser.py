"""A report's history in a real browser: on the old laptop's screen and on a phone, in both languages; and how it comes about."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.cli.demo import start
from gateway.store.database import Store, open_store
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.console.test_history import talked
from tests.console_seed import Office, make_office

pytestmark = pytest.mark.chromium

__all__ = ["talked"]


@pytest.fixture
def store(tmp_path: Path):
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def office(store: Store) -> Office:
    return make_office(store)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["laptop", "phone"])
def test_report_and_messages_fit_and_can_be_read(
    office: Office,
    talked: dict[str, int],
    serve: Callable[..., Served],
    page_factory: Callable[..., Visit],
    size: tuple[int, int],
    language: str,
) -> None:
    site = serve(office.app)
    pages = {"report": "reports/K4PT", "message": f"messages/{talked['koreksi']}", "reports": "reports"}
    for name, address in pages.items():
        visit = page_factory(*size)
        visit.page.goto(f"{site.address}/{address}?lang={language}")
        assert visit.overflow == 0, name
        assert visit.accessibility_faults == [], name
        visit.shot(f"history-{name}-{size[0]}-{language}")


def test_the_demo_plays_a_conversation_and_its_report_tells_it(
    tmp_path: Path, page_factory: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Logging belongs to a process: set up here it would stay for all later tests.
    monkeypatch.setattr("gateway.logs.start_logging", lambda folder, level: None)
    with ExitStack() as stack:
        addresses = start(tmp_path, stack)
        phone, laptop = page_factory().page, page_factory().page
        phone.goto(addresses["telepon"])
        phone.locator("#converse").click()
        expect(phone.locator("#talk-name")).to_have_text("Pak Karim")
        expect(phone.locator("#played")).to_have_text("6/6", timeout=60_000)
        expect(phone.locator("#thread li.theirs").last).to_contain_text("sedang diperiksa petugas")
        found = re.search(r"Laporan ([A-Z2-9]{4}),", phone.locator("#thread li.theirs").last.inner_text())
        assert found
        laptop.goto(f"{addresses['laptop']}reports/{found[1]}")
        expect(laptop.locator("#history li").filter(has_text="verifikasi")).not_to_have_count(0)
        expect(laptop.locator("#history")).to_contain_text("Desa Lambur II")
        for page in (phone, laptop):
            page.goto("about:blank")  # no question is under way while the parts end
