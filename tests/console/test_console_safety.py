"""What keeps the pages safe, whoever asks."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from config.settings import Console, Settings
from gateway.console import show
from gateway.console.safety import is_own_name
from gateway.store.database import Store
from tests.console_seed import REPORTER, SMALLEST_DELIVER, Office, fill, make_office

POSTS = ("/outgoing", "/sync-now", "/messages/1/reveal", "/pdus/1/retry", "/pdus/1/reveal")


@pytest.mark.parametrize("address", POSTS)
def test_a_form_without_its_token_is_refused_and_does_nothing(
    office: Office, client: FlaskClient, address: str
) -> None:
    fill(office)
    answer = client.post(address, data={"number": REPORTER, "text": "halo"})
    assert answer.status_code == 400
    assert "Muat ulang halamannya" in answer.text
    assert REPORTER not in answer.text
    assert (office.actions.sent, office.actions.syncs, office.actions.retried) == ([], 0, [])


def test_a_page_left_open_still_works_after_a_restart(office: Office, store: Store) -> None:
    assert make_office(store).app.config["SECRET_KEY"] == office.app.config["SECRET_KEY"]
    assert len(office.app.config["SECRET_KEY"]) == 32


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.9", "localhost.evil:8315", ""])
def test_a_foreign_name_is_refused_before_anything_is_read(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8315", "localhost:8315", "LOCALHOST", "[::1]:8315", "localhost."])
def test_the_laptops_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("192.168.1.9:8315", True),
        ("localhost", True),
        ("kantor.lan", False),
        ("evil.example", False),
        ("[fe80::1]:80", True),
        ("[bad", False),
    ],
)
def test_on_the_network_addresses_are_own_names_and_others_are_not(host: str, own: bool) -> None:
    assert is_own_name(host, "0.0.0.0") is own
    assert is_own_name("kantor.lan:8315", "Kantor.lan")


def test_a_console_bound_to_the_network_answers_to_its_address(store: Store) -> None:
    settings = Settings(console=Console(host="192.168.1.9"))
    client = make_office(store, settings).app.test_client()
    assert client.get("/health", headers={"Host": "192.168.1.9:8315"}).status_code == 200
    assert client.get("/health", headers={"Host": "evil.example"}).status_code == 403


def test_every_answer_forbids_everything_from_elsewhere(office: Office, client: FlaskClient) -> None:
    fill(office)
    for address in ("/", "/live", "/messages/1", "/nowhere", "/health", "/static/live.js"):
        with client.get(address) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), address
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
    assert client.get("/messages").headers["Cache-Control"] == "no-store"


def test_no_page_has_inline_script_or_style_or_an_address_elsewhere(office: Office, client: FlaskClient) -> None:
    fill(office)
    for address in ("/", "/messages", "/messages/1", "/reports", "/reports/K4PT", "/outgoing", "/problems"):
        text = client.get(address).text
        assert "<script>" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "https://" not in text.replace("https://pusat.example.go.id", "")
        assert "http://" not in text


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert cookie.startswith("waspada_console=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_an_endless_form_is_refused(client: FlaskClient, post) -> None:
    assert post("/outgoing", "/outgoing", number="0812", text="x" * 100_000).status_code == 413


@pytest.mark.parametrize(
    ("sender", "is_number", "shown"),
    [
        ("+6281234564567", True, "0812•••4567"),
        ("+628117654321", True, "0811•••4321"),
        ("+15551234567", True, "+155•••4567"),
        ("02741234567", True, "0274•••4567"),
        ("12345678", True, "12•••78"),
        ("4444", True, "4444"),
        ("TELKOMSEL", False, "TELKOMSEL"),
        ("+6281234564567", False, "+6281234564567"),
        ("", True, ""),
        ("\u202eBMKG", False, "⟨U+202E⟩BMKG"),
    ],
)
def test_numbers_are_masked_and_names_are_not(sender: str, is_number: bool, shown: str) -> None:
    assert show.masked(sender, is_number) == shown


@pytest.mark.parametrize(
    ("pdu", "masked"),
    [
        (SMALLEST_DELIVER, "07912618485400F9040D91" + "•" * 14 + SMALLEST_DELIVER[36:]),
        ("00040891214365870000" + "00" * 8, "00040891" + "•" * 8 + "0000" + "00" * 8),
        ("0006210D91261832545476F7" + "00" * 15, "0006210D91" + "•" * 14 + "00" * 15),  # status report: TP-MR first
        ("", ""),
        ("xyz", "xyz"),
        ("00040D91", "00040D91"),
        ("0004FF91" + "21" * 40, "0004FF91" + "21" * 40),
        ("FF", "FF"),
    ],
)
def test_the_number_inside_a_pdu_is_covered_where_there_is_one(pdu: str, masked: str) -> None:
    assert show.mask_pdu(pdu) == masked
