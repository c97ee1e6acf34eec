"""One-time codes, from both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.store import ledger
from gateway.store.database import open_store
from sync.central import enrolment
from sync.central.database import Database
from sync.central.enrolment import EnrolmentRefused, issue, redeem
from sync.central.models import Enrolment, Gateway
from sync.enroll import EnrolError, enroll
from tests.sync.ends import Answer, ScriptedServer

KEY, OTHER = bytes(range(32)), bytes(32)
NOW = 1_795_000_000_000
HOUR = 3_600_000


def test_a_code_gives_one_laptop_one_number(database: Database) -> None:
    code = issue(database, "Sadu", 72, NOW)
    assert redeem(database, f" {code.text.lower()} ", KEY, NOW) == code.gateway
    with pytest.raises(EnrolmentRefused, match="dipakai"):
        redeem(database, code.text, OTHER, NOW)
    with database.read() as session:
        assert session.get_one(Gateway, code.gateway).key == KEY


def test_the_same_laptop_may_ask_again_because_answers_get_lost(database: Database) -> None:
    code = issue(database, "Sadu", 72, NOW)
    assert redeem(database, code.text, KEY, NOW) == redeem(database, code.text, KEY, NOW + 99 * HOUR)


def test_a_code_ends_with_time(database: Database) -> None:
    code = issue(database, "Sadu", 2, NOW)
    with pytest.raises(EnrolmentRefused, match="kedaluwarsa"):
        redeem(database, code.text, KEY, NOW + 2 * HOUR)


def test_guessing_locks_the_code(database: Database) -> None:
    code = issue(database, "Sadu", 72, NOW)
    for _ in range(enrolment.MAX_ATTEMPTS):
        with pytest.raises(EnrolmentRefused, match="tidak berlaku"):
            redeem(database, f"{code.gateway}-AAAAA-AAAAA", KEY, NOW)
    with pytest.raises(EnrolmentRefused, match="dikunci"):
        redeem(database, code.text, KEY, NOW)


@pytest.mark.parametrize("text", ["", "x", "7-AAAAA-AAAAA", "-", "99999999999-A", "²-AAAAA"])
def test_no_code_is_no_code(database: Database, text: str) -> None:
    with pytest.raises(EnrolmentRefused, match="tidak berlaku"):
        redeem(database, text, KEY, NOW)


def test_half_a_sign_in_a_code_is_a_wrong_guess(database: Database) -> None:
    code = issue(database, "Sadu", 72, NOW)
    with pytest.raises(EnrolmentRefused, match="tidak berlaku"):
        redeem(database, f"{code.gateway}-\ud800", KEY, NOW)


def test_the_code_itself_is_not_kept(database: Database) -> None:
    code = issue(database, "Sadu", 72, NOW)
    letters = code.text.split("-", 1)[1].replace("-", "").encode()
    with database.read() as session:
        row = session.get_one(Enrolment, (code.gateway, NOW))
        assert letters not in row.code_hash + row.salt


def test_a_laptop_keeps_number_and_key_and_its_key_survives_a_lost_answer(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with ScriptedServer(Answer(200, b"<html>portal</html>")) as server:
        with pytest.raises(EnrolError, match="bukan pusat"):
            enroll(store, server.address, "1-abcde-fghjk")
        server.answer = Answer(200, b'{"gateway": 12}')
        assert enroll(store, server.address, "1-abcde-fghjk") == 12
        first, second = (body for _, _, body in server.requests)
    assert first == second, "the same key both times"
    with store.read() as session:
        state = ledger.sync_state(session)
        assert (state.gateway, state.central) == (12, server.address)
        assert state.key is not None
        assert state.key.hex().encode() in first
    store.close()


def test_the_laptop_shows_the_central_own_words(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with (
        ScriptedServer(Answer(403, b'{"sentence": "Kode sudah kedaluwarsa."}')) as server,
        pytest.raises(EnrolError, match=r"^Kode sudah kedaluwarsa\.$"),
    ):
        enroll(store, server.address, "1-X")
    with pytest.raises(EnrolError, match="tidak lengkap"):
        enroll(store, "pusat.example.go.id", "1-X")
    with store.read() as session:
        assert ledger.sync_state(session).gateway is None
    store.close()
