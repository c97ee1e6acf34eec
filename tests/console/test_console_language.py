"""Bahasa Indonesia first, English complete."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from config.settings import General, Settings
from gateway.console.language import FOLDER, update_catalogues
from gateway.console.said import PDU_FAULTS, SAID, known_sentence, pdu_sentence
from gateway.store.database import Store
from modem.pdu import decode
from modem.types import PduError
from tests.console_seed import Office, add_message, fill, make_office

PO = FOLDER / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


def test_every_text_has_an_english_one() -> None:
    with PO.open("rb") as stream:
        catalogue = read_po(stream, locale="en")
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")]
    keywords = {"_": None, "ngettext": (1, 2)}
    texts = [found[2] for found in extract_from_dir(str(FOLDER), methods, keywords=keywords)]
    assert len(texts) > 200
    for text in texts:
        message = catalogue.get(_forms(text)[0])
        assert message is not None, f"not in the catalogue: {text}"
        assert all(_forms(message.string)), f"not translated: {text}"
        for english in _forms(message.string):
            assert set(re.findall(r"%\(\w+\)d|%\(\w+\)s", english)) == set(
                re.findall(r"%\(\w+\)d|%\(\w+\)s", _forms(text)[0])
            ), text


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with PO.open("rb") as written, PO.with_suffix(".mo").open("rb") as compiled:
        source, binary = read_po(written, locale="en"), read_mo(compiled)
    expected = {_forms(m.id)[0]: _forms(m.string) for m in source if m.id}
    assert {_forms(m.id)[0]: _forms(m.string) for m in binary if m.id} == expected


def test_updating_an_up_to_date_catalogue_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from gateway.console import language

    copy = tmp_path / "console"
    shutil.copytree(FOLDER, copy)
    monkeypatch.setattr(language, "FOLDER", copy)
    assert update_catalogues() == 0
    for name in ("messages.po", "messages.mo"):
        assert (copy / PO.parent.relative_to(FOLDER) / name).read_bytes() == (PO.parent / name).read_bytes()


def test_the_language_is_kept_once_chosen(client: FlaskClient) -> None:
    assert "Belum ada pesan." in client.get("/").text
    assert "No messages yet." in client.get("/?lang=en").text
    english = client.get("/")
    assert "No messages yet." in english.text
    assert '<html lang="en">' in english.text
    assert "Belum ada pesan." in client.get("/?lang=id").text
    assert "Belum ada pesan." in client.get("/?lang=xx").text


def test_the_language_of_the_settings_is_where_one_begins(store: Store) -> None:
    client = make_office(store, Settings(general=General(language="en"))).app.test_client()
    assert "No messages yet." in client.get("/").text


def test_changing_the_language_keeps_the_filters(client: FlaskClient) -> None:
    text = client.get("/messages?q=a%26b&state=ready").text
    assert 'href="/messages?q=a%26b&amp;state=ready&amp;lang=en"' in text


def test_every_sentence_listed_as_said_is_said_somewhere() -> None:
    root = FOLDER.parent.parent
    said = set()
    for part in ("gateway", "modem", "sync"):
        for file in (root / part).rglob("*.py"):
            if file.name != "said.py":
                said |= set(_texts(ast.parse(file.read_text(encoding="utf-8"))))
    assert [sentence for sentence in SAID if sentence not in said] == []


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "%(n)s" for part in node.values)


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("6 catatan menunggu kiriman berikutnya.", "6 entries wait for the next sync."),
        ("Mengirim data ke pusat …", "Sending data to the central …"),
        ("Sesuatu yang belum diterjemahkan 7 kali, 50 %.", "our own words"),
        ("", "our own words"),
    ],
)
def test_what_threads_say_is_translated_where_it_is_known(office: Office, said: str, english: str) -> None:
    with office.app.test_request_context("/?lang=en"):
        assert known_sentence(said, "our own words") == english
    with office.app.test_request_context("/?lang=id"):
        assert known_sentence(said, "kata kami") == (said or "kata kami")


def test_a_reason_without_translation_is_shown_as_it_is(office: Office, client: FlaskClient) -> None:
    fill(office)
    page = client.get("/outgoing?lang=en").text
    assert "Pulsa habis (CMS 513)." in page


def test_english_pages_show_english_sentences_for_the_modem(office: Office, client: FlaskClient) -> None:
    fill(office)
    home = client.get("/?lang=en").text
    assert "The modem is ready to receive and send SMS." in home
    assert "Modem siap." not in home
    assert "Modem siap." in client.get("/?lang=id").text


def test_ages_and_times_are_written_as_the_language_does(office: Office, client: FlaskClient) -> None:
    fill(office)
    assert "11 minutes ago" in client.get("/?lang=en").text
    message = add_message(office.store, "x", minutes_ago=0)
    assert "17:33:20" in client.get(f"/messages/{message}").text
    assert "17.33.20" in client.get(f"/messages/{message}?lang=id").text


@pytest.mark.parametrize(
    "octets", ["", "zz", "00", "07912618485400F9FFFF00", "0791261848540000", "00010005912143F50000AA"]
)
def test_why_a_pdu_cannot_be_read_is_said_in_the_language_of_the_page(office: Office, octets: str) -> None:
    with pytest.raises(PduError) as fault:
        decode(octets)
    assert any(str(fault.value).startswith(start) for start in PDU_FAULTS), str(fault.value)
    with office.app.test_request_context("/?lang=id"):
        indonesian = pdu_sentence(str(fault.value))
    with office.app.test_request_context("/?lang=en"):
        english = pdu_sentence(str(fault.value))
    assert re.search("bukan|rusak|terpotong", indonesian)
    assert re.search("no |damaged|cut off", english)


def test_other_reasons_of_a_pdu_are_said_as_every_sentence(office: Office) -> None:
    with office.app.test_request_context("/?lang=en"):
        assert pdu_sentence("Membaca SMS ini menghentikan program.") == "Reading this SMS stopped the program."
