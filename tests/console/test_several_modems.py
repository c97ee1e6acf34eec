"""The pages with several modems: one box each, troubles by name, credit where it is known."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from gateway.collecting import FULL_AND_REFUSES, REFUSES_TO_DELETE
from gateway.sending import NO_CREDIT, NO_SMSC
from gateway.store import modems
from modem.types import ModemState, ModemStatus
from tests.console_seed import Office

READY = ModemStatus(ModemState.READY, "Modem siap.", operator="TELKOMSEL")


def two(office: Office, second: ModemStatus) -> None:
    office.board.expect_modems({"modem": "utama", "modem.more.1": "cadangan"})
    office.board.post_modem(READY)
    office.board.post_modem(second, "modem.more.1")


def headings(page: str) -> list[str]:
    section = page.split('data-live="modem"')[1].split("</section>")[0]
    return [re.sub(r"<[^>]+>", " ", heading).split()[0] for heading in re.findall(r"<h2.*?</h2>", section)]


def test_each_modem_has_a_box_with_its_name(office: Office, client: FlaskClient) -> None:
    two(office, ModemStatus(ModemState.ABSENT, "Modem tidak terhubung."))
    assert headings(client.get("/live").text) == ["utama", "cadangan"]
    office.board.expect_modems({"modem": "utama"})
    assert headings(client.get("/live").text) == ["Modem"]


def test_a_trouble_says_whose_it_is(office: Office, client: FlaskClient) -> None:
    two(office, ModemStatus(ModemState.ABSENT))
    problems = client.get("/problems").text
    assert "cadangan: Modem" in problems
    assert "utama: " not in problems


@pytest.mark.parametrize("said", [REFUSES_TO_DELETE, FULL_AND_REFUSES, NO_CREDIT, NO_SMSC])
def test_what_a_working_modem_says_is_a_problem_with_a_next_step(
    office: Office, client: FlaskClient, said: str
) -> None:
    office.board.post_modem(ModemStatus(ModemState.READY, said))
    problems = client.get("/problems").text
    assert said in problems
    assert "→" in problems


def test_warnings_of_a_sim_are_problems(office: Office, client: FlaskClient) -> None:
    two(office, READY)
    office.board.post_warnings("modem.more.1", ["Pulsa tinggal Rp1500. Isi ulang sebelum habis."])
    problems = client.get("/problems").text
    assert "cadangan: Kartu SIM" in problems
    assert "Rp1500" in problems
    office.board.post_warnings("modem.more.1", [])
    assert "Kartu SIM" not in client.get("/problems").text


def test_known_credit_stands_in_the_box(office: Office, client: FlaskClient) -> None:
    office.board.post_modem(READY)
    assert "Pulsa" not in client.get("/live").text
    with office.store.write() as session:
        row = modems.record(session, "modem")
        row.balance, row.valid_until = 25_000, 1_798_675_200_000  # 31 December 2026
    office.board.touch()
    live = client.get("/live").text
    assert "Rp25.000" in live
    assert "31 Des 2026" in live


def test_health_names_every_modem(office: Office, client: FlaskClient) -> None:
    two(office, ModemStatus(ModemState.PIN_NEEDED))
    told = client.get("/health").get_json()
    assert told["modem"] == "pin_needed"
    assert told["modems"] == {"modem": "ready", "modem.more.1": "pin_needed"}
