"""The page with the basic phone: through Flask, and typed on in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from modem.emulator import tpdu, web
from modem.emulator.network import Network
from modem.emulator.scenario import DIALOGUE, Message, ScenarioError, ScenarioPlayer, load_scenario
from modem.emulator.subscribers import Phone, Sim
from modem.emulator.web import create_phone_page

OWN, VILLAGER, LURAH = "+6281215070001", "+6281272000101", "+6281373000102"
LINKS = {"Konsol operator": "http://127.0.0.1:8315/", "Pusat": "http://127.0.0.1:8316/"}


class World:
    def __init__(self, messages: tuple[Message, ...] = ()) -> None:
        self.network = Network()
        self.sim = self.network.add_sim(Sim(OWN))
        self.phones = [
            self.network.phone(VILLAGER, "Pak Rusdi", "Kepala Desa"),
            self.network.phone(LURAH, "Bu <Halimah>", "Lurah"),
        ]
        self.app: Flask = create_phone_page(self.network, OWN, self.phones, messages, LINKS)
        self.player: ScenarioPlayer = self.app.extensions["scenario"]

    @property
    def villager(self) -> Phone:
        return self.phones[0]

    def answer(self, text: str) -> None:
        for content in tpdu.split_text(text):
            self.sim.submit(tpdu.encode_submit(tpdu.Submit(VILLAGER, content)))


@pytest.fixture
def world() -> Iterator[World]:
    made = World((Message(0, VILLAGER, "satu"), Message(0, "TELKOMSEL", "promo"), Message(3600, VILLAGER, "nanti")))
    yield made
    made.player.stop()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app.test_client()


def token(client: FlaskClient) -> dict[str, str]:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
    assert found
    return {"X-CSRFToken": found[1]}


def test_the_page_shows_people_links_and_only_local_files(client: FlaskClient) -> None:
    page = client.get("/")
    assert "Pak Rusdi" in page.text
    assert "Bu &lt;Halimah&gt;" in page.text
    for address in LINKS.values():
        assert f'href="{address}"' in page.text
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page.text):
        assert address in LINKS.values() or address.startswith(("/", "data:"))
    for address in re.findall(r'(?:src|href)="(/[^"]+(?:css|js))"', page.text):
        assert client.get(address, buffered=True).status_code == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_a_text_goes_from_the_chosen_phone_to_the_gateway(client: FlaskClient, world: World) -> None:
    sent = client.post("/send", data={"phone": LURAH, "text": "LAPOR satu\r\ndua"}, headers=token(client))
    assert sent.json == {"id": 1, "parts": 1}
    (sms,) = world.network.sent
    assert (sms.sender, sms.recipient, sms.text) == (LURAH, OWN, "LAPOR satu\ndua")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"phone": "+628999", "text": "x"}, "Pilih dulu telepon pengirim."),
        ({"phone": VILLAGER, "text": "x" * 1531}, "Pesan terlalu panjang."),
    ],
)
def test_what_cannot_be_sent_is_told(client: FlaskClient, world: World, fields: dict[str, str], told: str) -> None:
    refused = client.post("/send", data=fields, headers=token(client))
    assert (refused.status_code, refused.json) == (400, {"error": told})
    assert world.network.sent == []


@pytest.mark.parametrize("path", ["/send", "/scenario/start", "/scenario/stop"])
def test_nothing_is_done_without_the_token(client: FlaskClient, world: World, path: str) -> None:
    refused = client.post(path, data={"phone": VILLAGER, "text": "x"})
    assert refused.status_code == 400
    assert world.network.sent == []
    assert not world.player.progress.running


def test_the_state_tells_the_thread_of_one_phone_and_counts_all(client: FlaskClient, world: World) -> None:
    world.villager.send("NIHIL", OWN)
    world.sim.delete([1])
    world.answer("Terima kasih.")
    state = client.get("/state", query_string={"phone": VILLAGER}).json
    assert state is not None
    assert [(row["mine"], row["text"], row["state"]) for row in state["thread"]] == [
        (True, "NIHIL", "deleted"),
        (False, "Terima kasih.", ""),
    ]
    assert state["received"] == {VILLAGER: 1, LURAH: 0}
    assert client.get("/state?phone=+628999").json["thread"] == []  # type: ignore[index]


def test_the_scenario_is_played_and_stopped(client: FlaskClient, world: World) -> None:
    headers = token(client)
    assert client.post("/scenario/start", headers=headers).json == {"running": True}
    assert world.network.wait_for(lambda: len(world.network.sent) == 2, 10)
    client.post("/scenario/start", headers=headers)
    assert client.post("/scenario/stop", headers=headers).json == {"running": False}
    assert [(sms.sender, sms.text) for sms in world.network.sent] == [(VILLAGER, "satu"), ("TELKOMSEL", "promo")]
    assert client.get("/state").json["scenario"] == {"running": False, "sent": 2, "total": 3}  # type: ignore[index]
    assert client.post("/scenario/nix", headers=headers).status_code == 404


def test_english_is_one_click_away(client: FlaskClient) -> None:
    assert "Tulis pesan" in client.get("/").text
    client.get("/bahasa/en")
    page = client.get("/").text
    assert 'lang="en"' in page
    assert "Write message" in page
    assert "3 messages in 3600 seconds" in page
    assert "Tulis pesan" not in page
    assert ">Central</a>" in page
    assert client.get("/bahasa/xx").status_code == 404


def test_every_sentence_has_its_english() -> None:
    folder = Path(web.__file__).parent
    texts = (folder / "translations/en/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    template = (folder / "templates/phone.html").read_text(encoding="utf-8")
    for sentence in re.findall(r'_\(["\']([^"\']+)["\']', template):
        assert f'msgid "{sentence}"\nmsgstr "' in texts
    assert 'msgstr ""\n\n' not in texts


def test_the_shipped_scenario_is_a_busy_minute() -> None:
    scenario = load_scenario()
    assert len(scenario.messages) == 20
    assert 50 <= scenario.seconds <= 65
    texts = [message.text for message in scenario.messages]
    assert len(set(texts)) == 19, "one message is sent twice"
    assert max(len(tpdu.split_text(text)) for text in texts) == 2
    assert any(tpdu.split_text(text)[0].alphabet == tpdu.UCS2 for text in texts)
    for word in ("BANTUAN", "DARURAT", "NIHIL"):
        assert any(text.startswith(word) for text in texts)
    numbers = {person.number for person in scenario.people}
    assert {message.sender for message in scenario.messages} - numbers == {"TELKOMSEL", "3636"}
    phones = scenario.phones(Network())
    assert [phone.role for phone in phones][-3:] == ["Petugas"] * 3


def test_a_conversation_waits_for_answers_and_names_the_ticket_in_them(world: World) -> None:
    talk = (
        Message(0, VILLAGER, "LAPOR GESEK"),
        Message(0, LURAH, "VERIF {} YA", answered=True, ticket_of=VILLAGER),
    )
    world.player.start(talk)
    assert world.network.wait_for(lambda: len(world.network.sent) == 1, 10)
    assert world.player.progress.running
    world.answer("Terima kasih. No. K4PT. Di desa mana?")
    assert world.network.wait_for(lambda: len(world.network.sent) == 2 + 1, 10)
    texts = [sms.text for sms in world.network.sent if sms.recipient == OWN]
    assert texts == ["LAPOR GESEK", "VERIF K4PT YA"]


def test_the_page_offers_the_conversation_and_plays_it(world: World) -> None:
    talk = (Message(0, LURAH, "LAPOR GESEK"), Message(3600, LURAH, "CEK"))
    app = create_phone_page(world.network, OWN, world.phones, (Message(0, VILLAGER, "satu"),), dialogue=talk)
    client = app.test_client()
    assert f'id="converse" data-number="{LURAH}"' in client.get("/").text
    try:
        assert client.post("/scenario/dialogue", headers=token(client)).json == {"running": True}
        assert world.network.wait_for(lambda: len(world.network.sent) == 1, 10)
        assert world.network.sent[0].text == "LAPOR GESEK"
        assert client.get("/state").json["scenario"]["total"] == 2  # type: ignore[index]
    finally:
        app.extensions["scenario"].stop()
    assert 'id="converse"' not in world.app.test_client().get("/").text


def test_after_a_conversation_the_usual_scenario_is_played_again(world: World) -> None:
    world.player.start((Message(0, LURAH, "CEK"),))
    assert world.network.wait_for(lambda: len(world.network.sent) == 1, 10)
    world.player.stop()
    world.player.start()
    assert world.network.wait_for(lambda: len(world.network.sent) == 3, 10)
    assert [sms.text for sms in world.network.sent] == ["CEK", "satu", "promo"]


def test_the_shipped_conversation_has_its_phones_in_the_scenario() -> None:
    dialogue, people = load_scenario(DIALOGUE), {person.number for person in load_scenario().people}
    assert len(dialogue.messages) == 6
    assert {message.sender for message in dialogue.messages} <= people
    assert all(message.answered for message in dialogue.messages[1:])


@pytest.mark.parametrize("content", ["nix = 1", "[[message]]\ndelay = 'x'", "[["])
def test_a_scenario_that_cannot_be_used_names_its_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(content)
    with pytest.raises(ScenarioError, match=r"mine\.toml"):
        load_scenario(file)
