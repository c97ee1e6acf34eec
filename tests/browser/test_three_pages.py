"""The demo's parts together, seen as its users see them: a phone, the laptop's page and the central's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.cli.demo import start
from tests.browser.conftest import PHONE, Visit

pytestmark = pytest.mark.chromium

EXAMPLE = "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga"


def test_a_report_typed_on_the_phone_is_answered_and_stands_on_both_other_pages(
    tmp_path: Path, page_factory: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Logging belongs to a process: set up here it would stay for all later tests.
    monkeypatch.setattr("gateway.logs.start_logging", lambda folder, level: None)
    with ExitStack() as stack:
        addresses = start(tmp_path, stack)
        phone, laptop, central = page_factory(*PHONE).page, page_factory().page, page_factory().page
        laptop.goto(addresses["laptop"])
        central.goto(addresses["pusat"])
        phone.goto(addresses["telepon"])
        for page in (phone, laptop, central):
            page.evaluate("window.notReloaded = true")
        phone.locator("#text").press_sequentially(EXAMPLE)
        phone.locator("#key-left").click()
        answer = phone.locator("#thread li.theirs")
        expect(answer).to_contain_text("Laporan BENTROK di Kelurahan Kampung Laut, massa 40, korban 2.")
        found = re.search(r"No\. ([A-Z2-9]{4})\.", answer.inner_text())
        assert found
        ticket = found[1]
        expect(laptop.locator("[data-live=reports]")).to_contain_text(ticket)
        expect(laptop.locator("[data-live=messages]")).to_contain_text(EXAMPLE)
        expect(laptop.locator("[data-live=outgoing]")).to_contain_text("sampai")
        expect(central.locator("[data-live=newest]")).to_contain_text(ticket)
        expect(central.locator("[data-live=newest]")).to_contain_text("Kelurahan Kampung Laut")
        for page in (phone, laptop, central):
            assert page.evaluate("window.notReloaded")
            page.goto("about:blank")  # no question is under way while the parts end
