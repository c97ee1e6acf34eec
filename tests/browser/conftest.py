"""Real pages in Debian's Chromium, for the console, the central and the phone alike.

`serve(app)` serves a WSGI application on a free port and returns its address; `page_factory(width, height)` opens a
page that notes every request and every complaint of the browser and fails the test if it made one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1366, 768)
"""The old laptop the console is made for."""
PHONE = (360, 740)
PATIENCE = 20_000
"""Milliseconds until something that was expected is given up."""
ACCESSIBLE = Path(__file__).parent / "accessible.js"
SHOTS = Path(__file__).parent / "shots"


@dataclass
class Visit:
    """An open page with what happened on it. `foreign`: requests to any host but this machine."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected_complaints: bool = False

    @property
    def foreign(self) -> list[str]:
        """Requests that left this machine."""
        return [url for url in self.requests if urlsplit(url).hostname not in ("127.0.0.1", "localhost", None)]

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than the window; 0 means no sideways scrolling."""
        wider = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
        return int(self.page.evaluate(wider))

    @property
    def accessibility_faults(self) -> list[str]:
        """Controls without a name and texts too faint to read (WCAG AA), by `accessible.js`."""
        found = self.page.evaluate(ACCESSIBLE.read_text(encoding="utf-8"))
        return [*found["unlabelled"], *found["faint"]]

    def open(self, address: str) -> None:
        """Show a page whose clock `next_question` can push on."""
        self.page.clock.install()
        self.page.goto(address)

    def next_question(self) -> None:
        """Let the page ask the server now instead of at its next time; only after `open`."""
        self.page.clock.fast_forward(4_000)

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page in `shots/`."""
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@dataclass
class Served:
    """A running server; `stop` ends it early, `address` has no slash at the end."""

    server: BaseWSGIServer
    thread: threading.Thread
    address: str

    def stop(self) -> None:
        """Stop answering and free the port; again does nothing."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; every page has a context of its own. `expect` waits as long as a busy machine needs."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def page_factory(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open pages: `page_factory(width, height, lang="en")`. After the test none of them may have complained."""
    visits: list[Visit] = []

    def open_page(width: int = DESKTOP[0], height: int = DESKTOP[1], **context: object) -> Visit:
        page = browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        page.set_default_timeout(PATIENCE)
        visit = Visit(page)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on(
            "console", lambda line: visit.complaints.append(line.text) if line.type in ("error", "warning") else None
        )
        visits.append(visit)
        return visit

    yield open_page
    for visit in visits:
        visit.page.context.close()
    for visit in visits:
        assert not visit.foreign, f"requests left the machine: {visit.foreign}"
        assert visit.expected_complaints or not visit.complaints, visit.complaints


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Serve WSGI applications on free ports of the loopback until the test ends."""
    running: list[Served] = []

    def start(app: WSGIApplication, port: int = 0) -> Served:
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        served = Served(server, thread, f"http://127.0.0.1:{server.port}")
        running.append(served)
        return served

    yield start
    for served in running:
        served.stop()
