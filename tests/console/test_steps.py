"""What a person is told to do: a step for every trouble of a modem, and the right one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from gateway.console.said import SAID
from gateway.console.steps import OF_SENTENCE, OF_SIM, SENDS_NOTHING, SWAPPED
from gateway.store import modems
from modem.types import ModemState, ModemStatus
from tests.console_seed import NOW, Office

IN_USE = "Modem sedang dipakai program lain. Tutup program itu."


@pytest.mark.parametrize("sentence", [*OF_SENTENCE, *OF_SIM, *SENDS_NOTHING])
def test_steps_belong_to_sentences_that_are_said(sentence: str) -> None:
    assert sentence in SAID


def test_a_port_that_is_taken_is_not_answered_with_the_cable(office: Office, client: FlaskClient) -> None:
    office.board.post_modem(ModemStatus(ModemState.ABSENT, IN_USE))
    problems = client.get("/problems").text
    assert str(OF_SENTENCE[IN_USE]) in problems
    assert "Colokkan modem" not in problems


def test_another_sim_is_not_answered_with_credit(office: Office, client: FlaskClient) -> None:
    office.board.post_modem(ModemStatus(ModemState.READY, "Modem siap."))
    office.board.post_warnings("modem", [SWAPPED])
    problems = client.get("/problems").text
    assert str(OF_SIM[SWAPPED]) in problems
    assert "Isi ulang" not in problems


@pytest.mark.parametrize(
    ("warning", "word"),
    [("Pulsa habis. Isi ulang agar laptop ini dapat mengirim SMS.", "Segera"),
     ("Pulsa tinggal Rp1500. Isi ulang sebelum habis.", "Perhatikan")],
)  # fmt: skip
def test_a_sim_that_sends_nothing_is_urgent_and_one_that_soon_will_not_is_not_yet(
    office: Office, client: FlaskClient, warning: str, word: str
) -> None:
    office.board.post_modem(ModemStatus(ModemState.READY, "Modem siap."))
    office.board.post_warnings("modem", [warning])
    before = client.get("/problems").text.partition("Kartu SIM")[0]
    assert before.rstrip("<b> \n").endswith(f"{word}</span")


@pytest.mark.parametrize(("seconds", "told"), [(60, False), (300, True)])
def test_a_search_for_the_network_is_a_trouble_once_it_lasts(
    office: Office, client: FlaskClient, seconds: int, told: bool
) -> None:
    with office.store.write() as session:
        modems.record(session, "modem").changed_at = (NOW - seconds) * 1000
    office.board.post_modem(ModemStatus(ModemState.SEARCHING, "Mencari jaringan. Pindahkan modem ke tempat bersinyal."))
    assert ("Dekat jendela" in client.get("/live").text) is told


def test_a_modem_that_says_what_it_cannot_do_is_not_called_ready(office: Office, client: FlaskClient) -> None:
    sentence = "Modem menolak menghapus SMS yang sudah disimpan; bila SIM penuh, hapus lewat ponsel."
    office.board.post_modem(ModemStatus(ModemState.READY, sentence))
    box = client.get("/live").text.split('data-live="modem"')[1].split("</section>")[0]
    assert "Terganggu" in box
    assert ">Siap<" not in box
