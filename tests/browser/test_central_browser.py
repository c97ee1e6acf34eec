"""The central's pages in a real browser, fed over HTTP as a laptop does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from config.regions import load_region
from config.settings import Settings
from sync.central import enrolment
from sync.central.app import close_central, create_central
from sync.central.database import Database, open_database, sqlite_url
from sync.entries import EMPTY_HASH, BeatBody, Body, MessageBody, ReportBody, running_hash
from sync.frame import Frame, encode
from sync.protocol import open_reply
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.sync.corpus import entries_of

pytestmark = pytest.mark.chromium

KEY = bytes(range(32))
NOW = 1_795_000_000
HOSTILE = "<script>alert('x')</script> "


class Laptop:
    """What the central sees of a laptop: frames over HTTP. `name` is what staff called it."""

    def __init__(self, site: Served, database: Database, name: str) -> None:
        self._address = f"{site.address}/sync/v1/frames"
        code = enrolment.issue(database, name, 1, NOW * 1000)
        self.gateway = enrolment.redeem(database, code.text, KEY, NOW * 1000)
        self._next, self._hash = 1, EMPTY_HASH

    def report(self, ticket: str, text: str, *, jenis: str = "BENTROK", repeats: str = "") -> None:
        """Send a message and the report made from it."""
        found = {"jenis": jenis, "desa": "15.07.08.1001", "massa": 40, "ket": text}
        self.send(
            (MessageBody(self._next, 7, 9, 1, text, "lapor", "terima"), NOW - 60),
            (ReportBody(1, "event", 1, found, ticket, 3, "terima", repeats=repeats), NOW - 60),
        )

    def send(self, *bodies: tuple[Body, int]) -> None:
        """Send entries as one frame; the central must have taken them all."""
        entries = entries_of(list(bodies), self._next)
        octets = encode(Frame(self.gateway, 1, self._next, self._hash, entries), KEY)
        answer = requests.post(self._address, data=octets, timeout=10)
        for entry in entries:
            self._hash = running_hash(self._hash, entry)
        self._next += len(entries)
        assert open_reply(answer.content, octets, KEY).ack == self._next - 1


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(sqlite_url(tmp_path / "central"))
    yield opened
    opened.close()


@pytest.fixture
def site(database: Database, serve: Callable[..., Served]) -> Iterator[Served]:
    app = create_central(database, Settings(), load_region("15.07"), clock=lambda: NOW)
    served = serve(app)
    yield served
    served.stop()
    close_central(app)


@pytest.fixture
def laptop(site: Served, database: Database) -> Laptop:
    return Laptop(site, database, "Kecamatan Kuala Jambi")


def test_the_situation_shows_a_new_report_by_itself(
    site: Served, laptop: Laptop, page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory()
    visit.open(site.address)
    page = visit.page
    expect(page.locator("[data-live=newest]")).to_contain_text("Belum ada laporan.")
    page.evaluate("window.notReloaded = true")
    laptop.report("K4PT", "ribut di dermaga")
    visit.next_question()
    expect(page.locator("[data-live=newest]")).to_contain_text("ribut di dermaga")
    expect(page.locator(".tile.level-3 b")).to_have_text("1")
    expect(page.locator(".map .fill-3")).to_have_count(1)
    expect(page.locator("[data-live=gateways]")).to_contain_text("Terhubung")
    assert page.evaluate("window.notReloaded")


def test_the_page_says_when_the_central_is_away_and_recovers(
    site: Served, laptop: Laptop, serve: Callable[..., Served], page_factory: Callable[..., Visit]
) -> None:
    visit = page_factory()
    visit.expected_complaints = True  # the browser notes every refused connection
    visit.open(site.address)
    site.stop()
    visit.next_question()
    expect(visit.page.locator("#away")).to_be_visible()
    serve(site.server.app, port=site.server.port)
    visit.next_question()
    expect(visit.page.locator("#away")).to_be_hidden()


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_page_scrolls_sideways_and_none_asks_another_host(
    site: Served, laptop: Laptop, page_factory: Callable[..., Visit], language: str
) -> None:
    laptop.report("K4PT", "ribut di dermaga")
    laptop.report("M7XA", "x" * 700, jenis="NETRAL")
    laptop.report("W3ZB", "ribut di dermaga", repeats="K4PT")
    pages = {
        "situation": "/",
        "reports": "/reports",
        "filtered": "/reports?kecamatan=15.07.08&jenis=BENTROK&level=2&since=2026-11-01",
        "report": f"/reports/{laptop.gateway}/W3ZB",
        "endless": f"/reports/{laptop.gateway}/M7XA",
        "gateways": "/gateways",
    }
    for name, size in (("phone", PHONE), ("desktop", DESKTOP)):
        visit = page_factory(*size)
        for page_name, address in pages.items():
            visit.page.goto(f"{site.address}{address}{'&' if '?' in address else '?'}lang={language}")
            assert visit.overflow == 0, f"{address} at {size[0]} pixels"
            assert visit.accessibility_faults == [], address
            visit.shot(f"central-{page_name}-{name}-{language}")


@pytest.mark.parametrize(
    ("language", "kind", "level", "repeated"),
    [("id", "Bentrok, tawuran", "3 Siaga", "ulangan K4PT"), ("en", "Clash of groups", "3 High alert", "repeats K4PT")],
)
def test_a_list_speaks_the_language_of_the_reader(
    site: Served,
    laptop: Laptop,
    page_factory: Callable[..., Visit],
    language: str,
    kind: str,
    level: str,
    repeated: str,
) -> None:
    laptop.report("K4PT", "ribut di dermaga")
    laptop.report("W3ZB", "ribut di dermaga", repeats="K4PT")
    page = page_factory(*PHONE).page
    for address in ("/", "/reports"):
        page.goto(f"{site.address}{address}?lang={language}")
        main = page.locator("main")
        for words in (kind, level, repeated):
            expect(main).to_contain_text(words)


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", "modem tidak ada · SMS belum dibaca 3 · baru 1"), ("en", "modem absent · SMS not read 3 · baru 1")],
)
def test_the_health_of_a_laptop_is_told_in_words(
    site: Served, laptop: Laptop, page_factory: Callable[..., Visit], language: str, words: str
) -> None:
    laptop.send((BeatBody("0.1.0", {"modem": "absent", "inbox": 3, "signal": None, "baru": 1}), NOW))
    page = page_factory().page
    page.goto(f"{site.address}/gateways?lang={language}")
    expect(page.locator("table")).to_contain_text(words)


def test_a_ticket_is_never_broken_into_two_lines(
    site: Served, laptop: Laptop, page_factory: Callable[..., Visit]
) -> None:
    laptop.report("K4PT", "orang tak dikenal membagi amplop " * 8)
    page = page_factory().page
    page.goto(f"{site.address}/reports")
    link = page.get_by_role("link", name="K4PT").bounding_box()
    assert link is not None
    assert link["height"] < 30


def test_hostile_text_runs_nothing(site: Served, laptop: Laptop, page_factory: Callable[..., Visit]) -> None:
    laptop.report("K4PT", HOSTILE, jenis="<b>X")
    visit = page_factory()
    opened: list[str] = []
    visit.page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    for address in ("/", "/reports", f"/reports/{laptop.gateway}/K4PT"):
        visit.page.goto(site.address + address)
        expect(visit.page.locator("main")).to_contain_text(HOSTILE.strip())
    assert opened == []
