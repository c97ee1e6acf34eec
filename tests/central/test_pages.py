"""The central over HTTP: what laptops, staff and programs get."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.regions import load_region
from config.settings import Settings
from gateway.board import Board
from gateway.cli.pages import PageServer
from gateway.store import ledger
from gateway.store.database import open_store
from sync.central import enrolment, projector
from sync.central.app import close_central, create_central
from sync.central.database import Database, open_database, sqlite_url
from sync.central.map import draw
from sync.enroll import enroll
from sync.entries import EMPTY_HASH, AmendBody, Body, MessageBody, ReportBody
from sync.frame import Frame, encode
from sync.protocol import open_reply
from sync.worker import SyncWorker, http_carrier
from tests.sync.corpus import entries_of
from tests.sync.ends import eventually, write

KEY = bytes(range(32))
NOW = 1_795_000_000


@pytest.fixture
def central(tmp_path: Path) -> Iterator[tuple[Flask, Database]]:
    database = open_database(sqlite_url(tmp_path / "central"))
    app = create_central(database, Settings(), load_region("15.07"), clock=lambda: NOW)
    yield app, database
    close_central(app)
    database.close()


@pytest.fixture
def client(central: tuple[Flask, Database]) -> FlaskClient:
    return central[0].test_client()


def fill(database: Database, count: int = 3, *, age: int = 60, repeats: str = "") -> int:
    code = enrolment.issue(database, "Nipah <b>Panjang</b>", 1, NOW * 1000)
    gateway = enrolment.redeem(database, code.text, KEY, NOW * 1000)
    bodies: list[tuple[Body, int]] = []
    for number in range(count):
        fields = {"jenis": "GESEK", "desa": "15.07.08.1001", "massa": 14, "ket": "<script>alert(1)</script>"}
        at = NOW - age + number
        bodies.append((MessageBody(number, 7, 0, 0, "LAPOR <i>GESEK</i>", "lapor", "terima"), at))
        bodies.append(
            (ReportBody(1, "event", 1, fields, f"K{number:03}", 3, "terima", repeats=repeats if number else ""), at)
        )
    frame = encode(Frame(gateway, 1, 1, EMPTY_HASH, entries_of(bodies)), KEY)
    from sync.central.ledger import ingest

    ingest(database, frame, NOW * 1000)
    projector.fold(database)
    return gateway


def told(database: Database, *bodies: Body) -> int:
    """Fold one laptop's entries of this moment; returns its number."""
    from sync.central.ledger import ingest

    enrolled = enrolment.redeem(database, enrolment.issue(database, "B", 1, NOW * 1000).text, KEY, NOW * 1000)
    frame = encode(Frame(enrolled, 1, 1, EMPTY_HASH, entries_of((body, NOW - 60) for body in bodies)), KEY)
    ingest(database, frame, NOW * 1000)
    projector.fold(database)
    return enrolled


def test_a_frame_gets_its_sealed_reply_and_its_report_stands_on_the_pages(central: tuple[Flask, Database]) -> None:
    app, database = central
    gateway = fill(database)
    client = app.test_client()
    octets = encode(Frame(gateway, 1, 1, EMPTY_HASH, ()), KEY)
    answer = client.post("/sync/v1/frames", data=octets)
    assert open_reply(answer.data, octets, KEY).ack == 6
    home = client.get("/").text
    assert "K002" in home
    assert "Kelurahan" in home
    assert "peta skematis, bukan batas resmi" in home.lower()
    assert "<script>alert" not in home
    assert "<b>Panjang" not in home
    assert client.get(f"/reports/{gateway}/k001").status_code == 200
    assert client.get(f"/reports/{gateway}/NONE").status_code == 404


def test_what_an_answer_told_is_not_called_unknown_any_more(central: tuple[Flask, Database]) -> None:
    app, database = central
    gateway = told(
        database,
        ReportBody(0, "event", 1, {"jenis": "GESEK", "massa": 14}, "K4PT", 2, "lengkapi", missing=("desa", "korban")),
        AmendBody(0, "K4PT", "jawab", {"desa": "15.07.01.2012"}),
    )
    page = app.test_client().get(f"/reports/{gateway}/K4PT").text
    assert "Belum diketahui: Korban<" in page
    assert app.test_client().get("/api/v1/reports").json[0]["missing"] == ["korban"]


def test_a_report_of_a_districts_own_form_is_called_by_its_subject_and_asks_for_no_crowd(
    central: tuple[Flask, Database],
) -> None:
    app, database = central
    fields = {"desa": "15.07.01.2012", "tinggi_air": 80, "listrik_padam": True}
    gateway = told(database, ReportBody(0, "flood", 1, fields, "B4NJ", 2, "terima"))
    for page in ("/", "/reports", f"/reports/{gateway}/B4NJ"):
        shown = app.test_client().get(page).text
        assert "Flood" in shown
        assert "massa ?" not in shown
        assert "tinggi_air" not in shown
    assert "tinggi air 80" in app.test_client().get("/reports").text


@pytest.mark.parametrize(("repeats", "events"), [("", 3), ("K000", 1)])
def test_the_same_news_sent_again_is_one_event_on_the_map(
    central: tuple[Flask, Database], repeats: str, events: int
) -> None:
    app, database = central
    fill(database, repeats=repeats)
    assert f"Kuala Jambi: {events} laporan" in app.test_client().get("/").text


@pytest.mark.parametrize("noise", [b"", b"<html>", b"\xa1" * 50])
def test_noise_is_refused_without_a_word_too_much(client: FlaskClient, noise: bytes) -> None:
    answer = client.post("/sync/v1/frames", data=noise)
    assert answer.status_code in (400, 403)
    assert len(answer.data) < 40


def test_an_overlong_request_is_refused(client: FlaskClient) -> None:
    assert client.post("/sync/v1/frames", data=bytes(300_000)).status_code == 413


def test_a_database_away_says_when_to_come_back(
    central: tuple[Flask, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from sync.central import ledger as central_ledger

    def away(*_args: object) -> bytes:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(central_ledger, "ingest", away)
    answer = central[0].test_client().post("/sync/v1/frames", data=b"x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_reports_page_filters_and_pages_by_address(central: tuple[Flask, Database]) -> None:
    app, database = central
    fill(database, 60)
    client = app.test_client()
    assert len(re.findall(r">K0\d\d<", client.get("/reports").text)) == 50
    assert len(re.findall(r">K0\d\d<", client.get("/reports?page=2&level=3&kecamatan=15.07.08").text)) == 10
    for nothing in ("kecamatan=15.07.01", "jenis=TPS", "level=4", "since=2099-01-01"):
        assert "K0" not in client.get(f"/reports?{nothing}").text
    assert client.get("/reports?page=x&level=y&since=z").status_code == 200


def test_the_live_fragment_says_nothing_while_nothing_changed(central: tuple[Flask, Database]) -> None:
    app, database = central
    client = app.test_client()
    first = client.get("/situation")
    known = first.headers["X-Waspada-Mark"]
    assert client.get(f"/situation?known={known}").status_code == 204
    fill(database)
    assert client.get(f"/situation?known={known}").status_code == 200


def test_a_window_leaves_out_what_is_older(central: tuple[Flask, Database]) -> None:
    app, database = central
    fill(database, age=48 * 3600)
    client = app.test_client()
    assert 'class="fill-3"' in client.get("/?hours=72").text
    assert 'class="fill-3"' not in client.get("/?hours=24").text


def test_a_code_is_issued_only_with_the_form_of_our_own_page(central: tuple[Flask, Database]) -> None:
    client = central[0].test_client()
    assert client.post("/gateways", data={"name": "Sadu"}).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/gateways").text)
    assert token is not None
    page = client.post("/gateways", data={"name": "Sadu", "csrf_token": token[1]})
    assert re.search(r"waspada enroll http://localhost \d+-[A-Z2-9]{5}-[A-Z2-9]{5}", page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert client.post("/gateways", data={"name": " ", "csrf_token": token[1]}).status_code == 400


def test_pages_speak_english_on_request_and_remember_it(client: FlaskClient) -> None:
    assert "Situasi" in client.get("/").text
    assert "Newest reports" in client.get("/?lang=en").text
    assert "Newest reports" in client.get("/").text
    assert "Laporan terbaru" in client.get("/?lang=id").text


def test_every_string_has_its_translation() -> None:
    from babel.messages.pofile import read_po

    from sync.central import language

    po = Path(language.__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with po.open("rb") as stream:
        assert [message.id for message in read_po(stream) if message.id and not message.string] == []


def test_pages_allow_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    assert " style=" not in page.text


def test_the_api_lists_every_report_with_its_three_times(central: tuple[Flask, Database]) -> None:
    app, database = central
    gateway = fill(database)
    rows = app.test_client().get("/api/v1/reports").get_json()
    assert [row["ticket"] for row in rows] == ["K000", "K001", "K002"]
    assert rows[0]["gateway"] == gateway
    assert rows[0]["massa"] == 14
    assert rows[0]["korban"] is None
    assert rows[0]["duplicate_of"] is None
    assert rows[0]["text"] == "LAPOR <i>GESEK</i>"
    assert rows[0]["sent_at"].endswith("Z")
    assert rows[0]["central_received_at"] == "2026-11-18T11:06:40Z"
    assert app.test_client().get("/api/v1/reports?limit=1&offset=2").get_json()[0]["ticket"] == "K002"
    health = app.test_client().get("/health").get_json()
    assert (health["status"], health["behind"], health["entries"]) == ("ok", 0, 6)


def test_a_central_that_was_down_gets_everything_once_it_is_up(tmp_path: Path) -> None:
    store, database = open_store(tmp_path / "laptop"), open_database(sqlite_url(tmp_path / "central"))
    app = create_central(database, Settings(), load_region("15.07"))
    server = PageServer(app, "127.0.0.1", 0)
    server.start()
    code = enrolment.issue(database, "Sadu", 1, int(time.time() * 1000))
    enroll(store, server.address, code.text)
    port = int(server.address.rstrip("/").rsplit(":", 1)[1])
    server.close()
    settings = Settings().sync
    board = Board()
    worker = SyncWorker(store, board, settings, http_carrier(settings))
    write(store, 30)
    worker.start()
    worker.sync_now()
    eventually(lambda: board.sync.phase == "waiting")
    server = PageServer(app, "127.0.0.1", port, only_port=True)
    server.start()
    worker.sync_now()

    def drained() -> bool:
        with store.read() as session:
            return ledger.position(session).waiting == 0

    eventually(drained)
    worker.stop()
    server.close()
    close_central(app)
    store.close()
    database.close()


def test_a_central_needs_neither_gateway_nor_modem() -> None:
    program = (
        "import sys, sync.central.app, sync.central.wsgi, sync.central.pages, sync.central.api; "
        "print([name for name in sys.modules if name.split('.')[0] in ('gateway', 'modem', 'gammu', 'serial')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_map_has_every_village_once_and_every_kecamatan() -> None:
    region = load_region("15.07")
    drawn = draw(region)
    assert len(drawn.districts) == 11
    assert len(drawn.villages) == 93
    assert sum(district.cells.count("M") for district in drawn.districts) == 93
    for district in drawn.districts:
        assert 0 < district.label[0] < drawn.width
        assert 0 < district.label[1] < drawn.height
        assert district.outline.count("M") < district.cells.count("L") + district.cells.count("M")


def test_commands_print_code_and_rebuild(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from gateway.cli.central import central
    from gateway.cli.enroll import enroll as enroll_command

    run = CliRunner().invoke
    shown = run(central, ["--data", str(tmp_path), "code", "--name", "Sadu"])
    assert re.fullmatch(r"1-[A-Z2-9]{5}-[A-Z2-9]{5}\n", shown.output), shown.output
    assert run(central, ["--data", str(tmp_path), "rebuild"]).output == "rebuilt from 0 entries\n"
    wrong = run(central, ["--database", "mysql://x/y", "code"])
    assert wrong.exit_code == 1
    refused = run(enroll_command, ["nowhere", "1-A", "--data", str(tmp_path / "laptop")])
    assert refused.exit_code == 1
    assert "tidak lengkap" in refused.output
