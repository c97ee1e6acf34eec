"""A conversation of six messages on the phones of the demo: through the emulated network to the laptop's page and the central."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from gateway.cli.demo import REGISTERED
from modem.emulator.scenario import DIALOGUE, ScenarioPlayer, load_scenario
from tests.world import OWN, Central, Laptop, laptop, until

KADES, OFFICER = (person[0] for person in REGISTERED)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Laptop]:
    central = Central(tmp_path / "central")
    with laptop(tmp_path / "laptop", central) as made:
        yield made
    central.program.close()


def waspada(*arguments: str) -> str:
    run = subprocess.run([sys.executable, "-m", "gateway", *arguments], capture_output=True, text=True, check=True)
    return run.stdout


def words(html: str) -> str:
    """A page's text without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def register(site: Laptop) -> None:
    for number, role, village, name in REGISTERED:
        options = ("--role", role, "--village", village, "--checked", *(("--name", name) if name else ()))
        waspada("reporters", "add", "--data", str(site.data), number, *options)


def play(site: Laptop) -> list[str]:
    """Play the demo's conversation without its pauses for readers; the answers on both phones, in their order."""
    scenario = load_scenario(DIALOGUE)
    scenario.phones(site.network)
    player = ScenarioPlayer(
        site.network, OWN, [msgspec.structs.replace(message, delay=0) for message in scenario.messages]
    )
    player.start()
    try:
        mine = site.phone(KADES).wait_for_texts(5, timeout=60)
        theirs = site.phone(OFFICER).wait_for_texts(1, timeout=60)
    finally:
        player.stop()
    texts = [received.text for received in (*mine, *theirs)]
    assert len(texts) == len(scenario.messages), texts
    return texts


def test_a_conversation_of_six_messages_from_the_phones_to_the_central(site: Laptop) -> None:
    register(site)
    console = site.start().ready_line().split("console ")[1].split(",")[0]
    asked, answered, corrected, waiting, checked, verified = play(site)

    (row,) = json.loads(waspada("reports", "--json", "--data", str(site.data)))
    ticket = row["ticket"]
    assert "Di desa mana?" in asked
    assert all(ticket in answer for answer in (asked, answered, corrected, waiting, checked, verified))
    assert "Desa Lambur II, massa 14" in answered
    assert "massa 40" in corrected
    assert "menunggu petugas" in waiting
    assert "dicatat: YA" in verified
    assert "sedang diperiksa" in checked

    assert (row["desa"], row["massa"], row["state"]) == ("15.07.01.2012", 40, "verifikasi")
    assert (row["derived"]["desa"], row["derived"]["massa"]) == (None, 14)
    assert [(one["action"], one["by"]) for one in row["amendments"]] == [
        ("jawab", "pelapor"),
        ("koreksi", "pelapor"),
        ("verif", "petugas"),
    ]

    page = words(requests.get(f"{console}reports/{ticket}", timeout=10).text)
    for told in ("desa/kelurahan: ? → Desa Lambur II", "massa: 14 → 40", "hasil: YA", "keadaan: baru → diverifikasi"):
        assert told in page, told
    message = row["amendments"][1]["message_id"]
    assert f"koreksi oleh pelapor {ticket}" in words(requests.get(f"{console}messages/{message}", timeout=10).text)

    def told_everything() -> Any:
        found = site.central.reports(site.gateway)
        return [one for one in found if one["massa"] == 40 and one["desa"] == "15.07.01.2012"]

    (report,) = until(told_everything, "the report as it stands, at the central")
    assert report["ticket"] == ticket
    listed = requests.get(f"{site.central.address}/reports", timeout=10).text
    found = re.search(rf'href="([^"]*)"[^>]*>\s*{ticket}', listed)
    assert found
    address = f"{site.central.address}{found[1]}"
    until(lambda: "Verifikasi" in words(requests.get(address, timeout=10).text), "the verification at the central")
    history = words(requests.get(address, timeout=10).text)
    assert "Jawaban pelapor" in history
    assert "Koreksi" in history


def test_reports_are_read_again_while_the_gateway_runs(site: Laptop) -> None:
    site.start().ready_line()
    site.phone(KADES).send("LAPOR GESEK LAMBUR II 14 0 adu mulut", OWN)
    site.phone(KADES).wait_for_texts(1, timeout=30)
    told = json.loads(
        waspada("reports", "rederive", "--since", "2020-01-01", "--apply", "--json", "--data", str(site.data))
    )
    assert (told["read"], told["changes"], told["left"]) == (1, [], [])
    site.phone(KADES).send("NIHIL LAMBUR II", OWN)
    assert len(site.phone(KADES).wait_for_texts(2, timeout=30)) == 2
