"""The main job on real processes: what breaks in the field, and what comes out at the central all the same."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sms import pdus
from tests.world import OWN, Central, Laptop, Program, laptop, until

REPORT = "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga"
VILLAGER = "+6281272000101"


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Central]:
    made = Central(tmp_path_factory.mktemp("central"))
    yield made
    made.program.close()


@pytest.fixture
def site(tmp_path: Path, central: Central) -> Iterator[Laptop]:
    with laptop(tmp_path, central) as made:
        yield made


def texts(site: Laptop) -> list[str]:
    return sorted(row["text"] for row in site.central.reports(site.gateway) if row["duplicate_of"] is None)


def command(*arguments: str) -> Any:
    run = subprocess.run([sys.executable, "-m", "gateway", *arguments], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_a_report_is_answered_with_a_ticket_and_stands_at_the_central(site: Laptop) -> None:
    site.start().ready_line()
    phone = site.phone(VILLAGER)
    phone.send(REPORT, OWN)
    (answer,) = phone.wait_for_texts(1, timeout=30)
    (report,) = until(lambda: site.central.reports(site.gateway), "the report at the central")
    assert report["ticket"] in answer.text
    assert "Kampung Laut" in answer.text
    assert (report["jenis"], report["desa"], report["massa"], report["korban"]) == ("BENTROK", "15.07.08.1001", 40, 2)
    (message,) = command("messages", "--json", "--data", str(site.data))
    assert (message["text"], message["sender"], message["state"]) == (REPORT, VILLAGER, "understood")
    (row,) = command("reports", "--json", "--data", str(site.data))
    assert row["ticket"] == report["ticket"]


def test_the_ready_line_names_pages_that_answer(site: Laptop) -> None:
    line = site.start().ready_line()
    assert line.startswith(f"gateway ready: data {site.data}, modem {site.line.address}, console http://127.0.0.1:")
    console = line.split("console ")[1].split(",")[0]
    assert requests.get(f"{console}health", timeout=10).json()["modem"]


def test_an_sms_typed_by_the_operator_leaves(site: Laptop) -> None:
    site.start().ready_line()
    subprocess.run(
        [sys.executable, "-m", "gateway", "send", "--data", str(site.data), "0812 7200 0101", "Terima kasih, Pak."],
        check=True,
        capture_output=True,
    )
    (received,) = site.phone(VILLAGER).wait_for_texts(1, timeout=30)
    assert received.text == "Terima kasih, Pak."


def test_a_modem_absent_at_the_start_is_found_when_it_comes(site: Laptop) -> None:
    site.line.unplug()
    site.phone(VILLAGER).send(REPORT, OWN)
    assert site.start().ready_line().startswith("gateway ready")
    site.line.plug()
    until(lambda: texts(site) == [REPORT], "the report after the modem came")


def test_unplugged_again_and_again_nothing_is_lost(site: Laptop) -> None:
    site.start().ready_line()
    sent = [f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}" for number in range(8)]
    for text in sent:
        site.phone(VILLAGER).send(text, OWN)
        site.line.unplug()
        site.line.plug()
    until(lambda: texts(site) == sorted(sent), "all reports")


def test_a_full_sim_is_emptied_and_what_waited_follows(tmp_path: Path, central: Central) -> None:
    with laptop(tmp_path, central, capacity=5) as site:
        sent = [f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}" for number in range(17)]
        for number, text in enumerate(sent):
            site.phone(f"+62812720{number:05d}").send(text, OWN)
        assert site.sim.full
        site.start().ready_line()
        until(lambda: texts(site) == sorted(sent), "all reports")
        until(lambda: not site.sim.slots, "an empty SIM")


def test_an_undecodable_pdu_between_good_ones_is_kept_and_shown(site: Laptop) -> None:
    good = [f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}" for number in range(4)]
    for text in good[:2]:
        site.phone(VILLAGER).send(text, OWN)
    site.network.deliver_raw(site.sim, "07912618010000F0FF0102")
    for text in good[2:]:
        site.phone(VILLAGER).send(text, OWN)
    line = site.start().ready_line()
    until(lambda: texts(site) == good, "the good ones")
    until(lambda: not site.sim.slots, "an empty SIM")
    console = line.split("console ")[1].split(",")[0]
    assert "07912618010000F0FF0102" in requests.get(f"{console}problems", timeout=10).text


def test_ten_parts_in_wrong_order_with_one_missing_become_one_report_that_the_late_part_completes(
    tmp_path: Path, central: Central
) -> None:
    text = (
        "LAPOR BENTROK KAMPUNG LAUT "
        + "warga berkumpul di dermaga dan saling dorong lalu lari. " * 25
        + "korban 2 massa 40"
    )
    parts = pdus(text, VILLAGER)
    assert len(parts) >= 10
    with laptop(tmp_path, central) as site:
        site.start(WASPADA_MESSAGES_PARTS_WAIT_SECONDS="1").ready_line()
        for hex_ in reversed(parts[:-1]):
            site.network.deliver_raw(site.sim, hex_)
        (incomplete,) = until(lambda: site.central.reports(site.gateway), "the incomplete report")
        assert incomplete["massa"] is None
        site.network.deliver_raw(site.sim, parts[-1])
        (complete,) = until(
            lambda: [row for row in site.central.reports(site.gateway) if row["massa"] == 40], "the completed report"
        )
        assert (complete["ticket"], complete["korban"], complete["text"]) == (incomplete["ticket"], 2, text)
        assert len(site.central.reports(site.gateway)) == 1


def test_an_empty_sms_is_a_message_and_harms_nobody(site: Laptop) -> None:
    site.start().ready_line()
    site.phone(VILLAGER).send("", OWN)
    site.phone(VILLAGER).send(REPORT, OWN)
    until(lambda: texts(site) == [REPORT], "the report behind it")
    assert [row["text"] for row in command("messages", "--json", "--data", str(site.data))] == [REPORT, ""]


def test_the_central_down_then_up(tmp_path: Path) -> None:
    central = Central(tmp_path / "central")
    try:
        with laptop(tmp_path / "laptop", central) as site:
            central.program.kill()
            site.start().ready_line()
            sent = [f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}" for number in range(5)]
            for text in sent:
                site.phone(VILLAGER).send(text, OWN)
            assert len(site.phone(VILLAGER).wait_for_texts(5, timeout=30)) == 5
            central.start()
            until(lambda: texts(site) == sent, "all reports after the central came back")
    finally:
        central.program.close()


@contextmanager
def portal(port: int) -> Iterator[list[str]]:
    """A captive portal on the central's port: 200 and HTML to everything. Yields what was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><body>Selamat datang di WiFi gratis</body></html>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_portal_that_says_200_to_everything_takes_nothing(tmp_path: Path) -> None:
    central = Central(tmp_path / "central")
    try:
        with laptop(tmp_path / "laptop", central) as site:
            central.program.close()
            with portal(int(central.address.rsplit(":", 1)[1])) as asked:
                site.start().ready_line()
                site.phone(VILLAGER).send(REPORT, OWN)
                until(lambda: len(asked) >= 3, "three tries at the portal")
            central.start()
            until(lambda: texts(site) == [REPORT], "the report at the real central")
    finally:
        central.program.close()


def test_no_number_and_no_text_is_in_a_log(site: Laptop) -> None:
    program = site.start(WASPADA_GENERAL_LOG_LEVEL="debug")
    program.ready_line()
    site.phone(VILLAGER).send(REPORT, OWN)
    site.phone(VILLAGER).wait_for_texts(1, timeout=30)
    until(lambda: texts(site) == [REPORT], "the report")
    site.line.unplug()
    program.close()
    log = (site.data / "waspada.log").read_text(encoding="utf-8")
    assert "pdus=1" in log
    for secret in (VILLAGER[3:], OWN[3:], "dermaga", "Kampung Laut"):
        assert secret not in log


def test_a_second_gateway_on_the_same_folder_is_refused(site: Laptop) -> None:
    site.start().ready_line()
    run = subprocess.run(
        [sys.executable, "-m", "gateway", "gateway", "--data", str(site.data), "--modem", "x", "--console", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "Another waspada gateway" in run.stderr


def test_it_ends_cleanly_when_asked(site: Laptop) -> None:
    program = site.start()
    program.ready_line()
    program.process.terminate()
    assert program.dies() == 0
    program.close()


@pytest.mark.skipif(os.name != "posix", reason="the demo's line is a PTY here")
def test_the_demo_serves_its_three_pages_and_ends_cleanly() -> None:
    demo = Program("demo")
    try:
        assert demo.process.stdout is not None
        head = [demo.process.stdout.readline() for _ in range(6)]
        addresses = [word for line in head for word in line.split() if word.startswith("http://")]
        assert len(addresses) == 3, head
        for address in addresses:
            assert requests.get(address, timeout=10).status_code == 200
        demo.process.terminate()
        assert demo.dies() == 0
    finally:
        demo.close()


def test_the_central_learns_that_the_modem_is_ready(tmp_path: Path) -> None:
    central = Central(tmp_path / "central")
    try:
        with laptop(tmp_path / "laptop", central) as site:
            site.start().ready_line()
            page = f"{central.address}/gateways"
            until(lambda: "TELKOMSEL" in requests.get(page, timeout=10).text, "the modem's operator")
    finally:
        central.program.close()
