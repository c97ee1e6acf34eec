"""What became of an SMS on its way to a phone, and what was kept although it is no message."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from gateway.store.database import Store
from gateway.store.models import OutgoingPart, OutgoingState, PduState
from tests.console_seed import NOW, add_outgoing, add_pdu

SILENT = "SMS senyap (tipe 0) dari jaringan, bukan tulisan orang."


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def add_part(store: Store, outgoing_id: int, part: int, status: int | None) -> None:
    with store.write() as session:
        session.add(
            OutgoingPart(
                outgoing_id=outgoing_id,
                part=part,
                modem="modem",
                recipient="+6281272000101",
                reference=part,
                sent_at=NOW * 1000,
                report_wanted=True,
                status=status,
                reported_at=None if status is None else NOW * 1000,
            )
        )


@pytest.mark.parametrize(
    ("state", "statuses", "expected"),
    [
        (OutgoingState.DELIVERED, [0, 0], "2 bagian · sampai"),
        (OutgoingState.SENT, [0, None], "1 dari 2 bagian sampai · diterima jaringan"),
        (OutgoingState.SENT, [None], "diterima jaringan"),
        (OutgoingState.UNDELIVERED, [0x46], "jaringan menyerah"),
    ],
)
def test_an_outgoing_sms_tells_how_far_it_came(
    store: Store, client: FlaskClient, state: OutgoingState, statuses: list[int | None], expected: str
) -> None:
    add_outgoing(store, "Terima kasih.", minutes_ago=1, state=state, finished_at=NOW * 1000)
    for part, status in enumerate(statuses, start=1):
        add_part(store, 1, part, status)
    assert expected in words(client.get("/outgoing").text)


def test_a_part_that_was_sent_again_counts_once(store: Store, client: FlaskClient) -> None:
    add_outgoing(store, "Terima kasih.", minutes_ago=1, state=OutgoingState.SENT)
    for status in (None, 0):
        add_part(store, 1, 1, status)
    add_part(store, 1, 2, None)
    assert "1 dari 2 bagian sampai" in words(client.get("/outgoing").text)


def test_what_is_no_message_is_shown_and_is_no_problem(store: Store, client: FlaskClient) -> None:
    add_pdu(store, "0791", minutes_ago=3, state=PduState.FILED, error=f"{SILENT}\nisi <b>siaran</b>")
    page = client.get("/problems").text
    assert "Disimpan, bukan pesan (1)" in words(page)
    assert SILENT in words(page)
    assert "isi &lt;b&gt;siaran&lt;/b&gt;" in page
    assert SILENT not in client.get("/").text


def test_many_that_are_no_messages_come_in_pages(store: Store, client: FlaskClient) -> None:
    for number in range(45):
        add_pdu(store, f"07{number:02}", minutes_ago=number, state=PduState.FILED, error=SILENT)
    first, second = client.get("/problems").text, client.get("/problems?page=2").text
    assert 0 < first.count(SILENT) < 45
    assert second.count(SILENT) > 0
    assert "<details" in second
    assert re.search(r'<details[^>]*id="filed"[^>]* open', second)
