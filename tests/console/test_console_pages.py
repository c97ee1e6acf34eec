"""What stands on the operator's pages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import config
from config.settings import General, Settings
from gateway.board import SyncPhase, SyncStatus
from gateway.console import words as words_module
from gateway.reports.understanding import FIELDS, Intent, Outcome
from gateway.store import ledger
from gateway.store.models import OutgoingState
from modem.types import ModemState, ModemStatus
from tests.console_seed import (
    BROKEN_PDU,
    HOSTILE,
    MASKED,
    NOW,
    REPORTER,
    SMALLEST_DELIVER,
    Office,
    add_message,
    add_outgoing,
    add_pdu,
    add_report,
    add_waiting_entries,
    enrol,
    fill,
    make_office,
)

PAGES = ("/", "/live", "/messages", "/messages/1", "/reports", "/reports/K4PT", "/outgoing", "/problems")


def words(html: str) -> str:
    """The page's text without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_an_empty_database_gives_pages_that_say_so(client: FlaskClient) -> None:
    home = client.get("/").text
    assert "Belum ada pesan." in home
    assert "Belum ada laporan." in home
    assert "Belum ada SMS keluar." in home
    for page in ("/messages", "/reports", "/outgoing", "/problems"):
        assert client.get(page).status_code == 200


def test_an_unknown_count_is_a_question_mark_and_never_zero(office: Office, client: FlaskClient) -> None:
    message = add_message(office.store, "LAPOR GESEK LAMBUR", intent="lapor", outcome="konfirmasi")
    add_report(office.store, message, "K4PT", {"jenis": "GESEK", "desa": "15.07.01.2002", "massa": None})
    for page in ("/", "/messages/1"):
        assert "massa ? · korban ?" in words(client.get(page).text)
    assert "Lambur ? ? diterima" in words(client.get("/reports").text)
    assert "massa ? korban ?" in words(client.get("/reports/K4PT").text)


def test_a_known_zero_is_shown_as_zero(office: Office, client: FlaskClient) -> None:
    message = add_message(office.store, "LAPOR GESEK LAMBUR 14 0")
    add_report(office.store, message, "K4PT", {"jenis": "GESEK", "desa": "15.07.01.2002", "massa": 14, "korban": 0})
    assert "massa 14 · korban 0" in words(client.get("/").text)


def test_a_zero_report_asks_for_no_counts(office: Office, client: FlaskClient) -> None:
    message = add_message(office.store, "NIHIL LAMBUR", intent="nihil")
    add_report(office.store, message, "N2QE", {"desa": "15.07.01.2002"}, intent="nihil", level=0)
    for page in ("/live", "/reports/N2QE"):
        page_words = words(client.get(page).text)
        assert "Nihil (aman) · Lambur" in page_words
        assert "massa" not in page_words


def test_a_report_is_shown_in_words_with_its_level_as_a_word(office: Office, client: FlaskClient) -> None:
    fill(office)
    home = words(client.get("/").text)
    assert "Siaga K4PT" in home
    assert "Bentrok antarkelompok · Kampung Laut massa 40 · korban 2" in home
    assert "belum ada: desa/kelurahan, massa · ragu: desa/kelurahan" in home
    doubtful = words(client.get("/reports/m7xa").text)
    assert "Desa Lambur II (Muara Sabak Timur)" in doubtful


def test_no_page_shows_a_number_that_was_not_asked_for(office: Office, client: FlaskClient) -> None:
    fill(office)
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
        text = answer.text
        assert MASKED in text or page in ("/reports", "/problems"), page
        assert "1234564567" not in text, page
        assert "261832545476" not in text, page  # the same digits as semi-octets in a PDU


def test_the_number_is_shown_when_asked_for_and_the_asking_is_logged_without_it(
    office: Office, client: FlaskClient, post, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(office)
    assert client.get("/messages/1/reveal").status_code == 405
    shown = post("/messages/1", "/messages/1/reveal").text
    assert REPORTER in shown
    assert SMALLEST_DELIVER in shown
    logged = capsys.readouterr().out
    assert "number_shown" in logged
    assert "4567" not in logged
    assert REPORTER not in client.get("/messages/1").text


def test_an_undecodable_pdu_is_shown_with_its_hex_and_can_be_tried_again(
    office: Office, client: FlaskClient, post
) -> None:
    pdu = add_pdu(office.store, BROKEN_PDU, state="undecodable", error="panjang data tidak cocok")
    problems = client.get("/problems").text
    assert BROKEN_PDU in problems
    assert "panjang data tidak cocok" in problems
    assert "1 SMS tidak dapat dibaca; aslinya disimpan." in client.get("/").text
    assert post("/problems", f"/pdus/{pdu}/retry").status_code == 302
    assert office.actions.retried == [pdu]


def test_the_whole_hex_of_a_pdu_is_shown_only_when_asked_for(office: Office, client: FlaskClient, post) -> None:
    pdu = add_pdu(office.store, SMALLEST_DELIVER, state="set_aside")
    masked = client.get("/problems").text
    assert SMALLEST_DELIVER not in masked
    assert SMALLEST_DELIVER[26:] not in masked
    assert SMALLEST_DELIVER in post("/problems", f"/pdus/{pdu}/reveal").text
    assert post("/problems", "/pdus/999/reveal").status_code == 404


def test_text_of_a_stranger_can_do_nothing_on_any_page(office: Office, client: FlaskClient) -> None:
    message = add_message(office.store, HOSTILE, sender="<b>X", sender_is_number=False, trace=[HOSTILE], error=HOSTILE)
    add_report(
        office.store, message, "K4PT", {"jenis": "<script>", "desa": "<script>", "ket": HOSTILE, "massa": "<script>"},
        doubts=[{"field": "<script>", "why": HOSTILE, "candidates": ["<script>"]}], missing=["<script>"],
    )  # fmt: skip
    add_outgoing(office.store, HOSTILE, message_id=message, state="held", error=HOSTILE, recipient="<script>")
    add_pdu(office.store, "<script>", state="undecodable", error=HOSTILE, message_id=message)
    office.board.post_modem(ModemStatus(ModemState.READY, HOSTILE, operator="<script>"))
    office.board.post_sync(SyncStatus(SyncPhase.IDLE, HOSTILE))
    for page in (*PAGES, "/messages?q=<script>&state=<script>", "/reports?jenis=<script>", "/outgoing?state=<script>"):
        text = client.get(page).text
        assert "<script>" not in text, page
        assert "<b>X" not in text, page
        assert "\u202e" not in text, page
        assert "\x1b" not in text, page
    assert "&lt;script&gt;" in client.get("/messages").text
    assert "⟨U+202E⟩" in client.get("/messages").text


def test_messages_are_searched_and_filtered_by_the_address(office: Office, client: FlaskClient) -> None:
    fill(office)
    assert "K4PT" in client.get("/messages?q=DERMAGA").text
    assert "NIHIL SUNGAI ULAR" not in client.get("/messages?q=DERMAGA").text
    assert "Tidak ada pesan yang cocok." in client.get("/messages?q=%25").text  # a percent sign is no wildcard
    waiting = words(client.get("/messages?state=waiting_parts").text)
    assert "kurang 1 dari 3 bagian" in waiting
    assert "jumlah 1" in waiting
    assert "jumlah 2" in words(client.get("/messages?intent=darurat").text)


def test_what_only_a_person_can_decide_is_counted_and_one_click_away(office: Office, client: FlaskClient) -> None:
    for number in range(3):
        add_message(office.store, f"pesan {number}", intent="bebas", outcome="triase" if number else "terima")
    assert "Perlu dilihat 2" in words(client.get("/").text)
    assert 'href="/messages?outcome=triase"' in client.get("/").text
    listed = client.get("/messages?outcome=triase").text
    assert "pesan 2" in listed
    assert "pesan 0" not in listed


@pytest.mark.parametrize(
    ("address", "tickets"),
    [
        ("/reports?jenis=BENTROK", {"K4PT"}),
        ("/reports?jenis=NIHIL", {"N2QE"}),
        ("/reports?jenis=DARURAT", {"D9RW"}),
        ("/reports?desa=15.07.08.1001", {"K4PT"}),
        ("/reports?desa=15.07.01", {"N2QE"}),
        ("/reports?level=4", {"D9RW"}),
        ("/reports?level=0", {"N2QE"}),
        ("/reports?outcome=lengkapi", {"M7XA"}),
        ("/reports?outcome=terima&level=3", {"K4PT"}),
        ("/reports?level=x", {"K4PT", "M7XA", "N2QE", "D9RW"}),
    ],
)
def test_reports_are_filtered_by_the_address(
    office: Office, client: FlaskClient, address: str, tickets: set[str]
) -> None:
    fill(office)
    assert set(re.findall(r'href="/reports/(\w{4})"', client.get(address).text)) == tickets


def test_long_lists_have_pages_that_keep_the_filter(office: Office, client: FlaskClient) -> None:
    for number in range(120):
        add_message(office.store, f"pesan ke-{number:03}", minutes_ago=200 - number, intent="bebas")
    first = client.get("/messages?intent=bebas").text
    assert "pesan ke-119" in first
    assert "pesan ke-070" in first
    assert "pesan ke-069" not in first
    assert 'href="/messages?page=2&amp;intent=bebas"' in first
    assert "Halaman 1 dari 3" in first
    assert "pesan ke-000" in client.get("/messages?page=3").text
    assert "pesan ke-000" in client.get("/messages?page=99").text
    assert "pesan ke-119" in client.get("/messages?page=-1").text
    assert "pesan ke-119" in client.get("/messages?page=x").text


def test_a_message_page_tells_parts_times_and_how_it_was_read(office: Office, client: FlaskClient) -> None:
    fill(office)
    page = words(client.get("/messages/1").text)
    assert "23 Nov 2026 " in page
    assert "WIB" in page
    assert "Di pusat menunggu dikirim" in page
    assert "&#39;KAMPUNG LAUT&#39; dibaca sebagai Kelurahan Kampung Laut" in page
    assert "Bagian 1 dari 1 terbaca" in page
    assert "07912618485400F9040D91••••••••••••••0000" in page
    assert "sampai peringatan ke 0852•••8899" in page


def test_a_message_the_central_has_acknowledged_says_so(office: Office, client: FlaskClient) -> None:
    add_message(office.store, "NIHIL", entry=1)
    add_message(office.store, "NIHIL", entry=2)
    add_message(office.store, "NIHIL")
    add_waiting_entries(office.store, 2)
    with office.store.write() as session:
        ledger.move_marks(session, ack=1, safe=1)
    assert "sudah diterima pusat" in client.get("/messages/1").text
    assert "menunggu dikirim" in client.get("/messages/2").text
    assert "belum masuk buku kiriman" in client.get("/messages/3").text


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"state": "waiting_parts"}, "bagian lain dari SMS panjang"),
        ({"state": "ready"}, "menunggu dibaca"),
        ({"state": "set_aside"}, "disisihkan untuk dibaca petugas"),
        ({"outcome": "abaikan", "unanswered": "Iklan tidak pernah dijawab."}, "Iklan tidak pernah dijawab."),
        ({"outcome": "abaikan"}, "Tidak ada balasan untuk pesan ini."),
    ],
)
def test_a_message_without_a_reply_says_why(
    office: Office, client: FlaskClient, message: dict[str, object], why: str
) -> None:
    number = add_message(office.store, "halo", **message)
    assert why in client.get(f"/messages/{number}").text


def test_a_held_reply_shows_its_reason(office: Office, client: FlaskClient) -> None:
    number = add_message(office.store, "halo")
    add_outgoing(office.store, "Terima kasih.", message_id=number, state="held", error="Batas harian tercapai.")
    for page in ("/", f"/messages/{number}", "/outgoing?state=held"):
        assert "Batas harian tercapai." in client.get(page).text


def test_sending_one_sms_puts_it_into_the_queue(office: Office, client: FlaskClient, post) -> None:
    answer = post("/outgoing", "/outgoing", number=" +6281234564567 ", text="Mohon hubungi kantor. ")
    assert answer.status_code == 302
    assert office.actions.sent == [("+6281234564567", "Mohon hubungi kantor.")]
    assert "Pesan 1 masuk antrean." in client.get("/outgoing").text


def test_a_number_that_cannot_be_sent_to_is_explained_and_nothing_typed_is_lost(office: Office, post) -> None:
    answer = post("/outgoing", "/outgoing", number="Pak Camat", text="Mohon hubungi kantor.")
    assert answer.status_code == 422
    assert "Nomor tujuan bukan nomor telepon." in answer.text
    assert 'value="Pak Camat"' in answer.text
    assert "Mohon hubungi kantor." in answer.text
    assert post("/outgoing", "/outgoing", number="0812", text=" ").status_code == 422
    assert office.actions.sent == []


def test_sync_shows_what_waits_and_can_be_started(office: Office, client: FlaskClient, post) -> None:
    enrol(office.store)
    add_waiting_entries(office.store, 3, minutes_ago=130)
    last = SyncStatus(SyncPhase.WAITING, "Pusat tidak menjawab.", last_success_at=(NOW - 600) * 1000)
    office.board.post_sync(last)
    home = words(client.get("/").text)
    assert "Menunggu Pusat tidak menjawab." in home
    assert "terdaftar di pusat" in home
    assert "Menunggu dikirim 3 (tertua 2 jam lalu)" in home
    assert post("/", "/sync-now").status_code == 302
    assert office.actions.syncs == 1


def test_a_laptop_that_is_not_enrolled_cannot_be_told_to_sync(client: FlaskClient) -> None:
    home = client.get("/").text
    assert "belum terdaftar" in home
    assert re.search(r'<button id="sync-now-button"[^>]* disabled', home)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ModemStatus(ModemState.ABSENT), "Colokkan modem"),
        (ModemStatus(ModemState.PIN_NEEDED), "matikan permintaan PIN"),
        (ModemStatus(ModemState.FULL), "SIM penuh"),
        (ModemStatus(ModemState.READY, sim_used=40, sim_capacity=40), "SIM penuh"),
        (ModemStatus(ModemState.READY, sim_used=32, sim_capacity=40), "hampir penuh: 32 dari 40"),
        (ModemStatus(ModemState.READY, sim_used=31, sim_capacity=40), "Tidak ada gangguan."),
        (ModemStatus(ModemState.READY), "Tidak ada gangguan."),
    ],
)
def test_modem_trouble_comes_with_the_next_step(
    office: Office, client: FlaskClient, status: ModemStatus, expected: str
) -> None:
    office.board.post_modem(status)
    assert expected in client.get("/problems").text
    assert expected in client.get("/live").text


def test_every_state_has_words_in_both_languages(office: Office, client: FlaskClient) -> None:
    for state in ModemState:
        office.board.post_modem(ModemStatus(state))
        for language in ("id", "en"):
            assert client.get(f"/?lang={language}").status_code == 200
    for phase in SyncPhase:
        office.board.post_sync(SyncStatus(phase, ""))
        for language in ("id", "en"):
            assert client.get(f"/?lang={language}").status_code == 200


@pytest.mark.parametrize(("state", "title"), [("failed", "Gagal dikirim"), ("uncertain", "Belum pasti")])
def test_what_was_not_sent_is_a_problem_for_two_days(
    office: Office, client: FlaskClient, state: str, title: str
) -> None:
    add_outgoing(office.store, "lama", state=state, minutes_ago=49 * 60)
    assert title not in client.get("/problems").text
    add_outgoing(office.store, "baru", state=state, minutes_ago=47 * 60)
    problems = words(client.get("/problems").text)
    assert title in problems
    assert "1 SMS" in problems


def test_every_type_of_event_has_words() -> None:
    with (Path(config.__file__).parent / "forms" / "event.toml").open("rb") as stream:
        codes = {kind["code"] for kind in tomllib.load(stream)["jenis"]}
    assert codes
    assert codes - set(words_module.JENIS) == set()
    assert set(Intent) - set(words_module.INTENT) == set()
    assert set(Outcome) - set(words_module.OUTCOME) == set()
    assert set(FIELDS) - set(words_module.FIELD) == set()
    assert set(OutgoingState) - set(words_module.OUTGOING) == set()


def test_a_sync_alarm_is_a_problem(office: Office, client: FlaskClient) -> None:
    enrol(office.store)
    office.board.post_modem(ModemStatus(ModemState.READY))
    with office.store.write() as session:
        ledger.sync_state(session).alarm = "Buku kiriman di pusat lain dari yang di laptop ini."
    problems = client.get("/problems").text
    assert "Buku kiriman di pusat lain" in problems
    assert "Segera" in problems


def test_entries_waiting_for_more_than_a_day_are_a_problem(office: Office, client: FlaskClient) -> None:
    office.board.post_modem(ModemStatus(ModemState.READY))
    enrol(office.store)
    add_waiting_entries(office.store, 1, minutes_ago=23 * 60)
    assert "Tidak ada gangguan." in client.get("/problems").text
    add_waiting_entries(office.store, 1, minutes_ago=25 * 60)
    assert "lebih dari sehari" in client.get("/problems").text


def test_the_fragment_is_rendered_only_when_the_board_moved(office: Office, client: FlaskClient) -> None:
    first = client.get("/live")
    mark = first.headers["X-Waspada-Change"]
    assert f'data-mark="{mark}"' in client.get("/").text
    again = client.get("/live", query_string={"known": mark})
    assert (again.status_code, again.text) == (204, "")
    office.board.touch()
    moved = client.get("/live", query_string={"known": mark})
    assert moved.status_code == 200
    assert moved.headers["X-Waspada-Change"] != mark


def test_a_restarted_service_does_not_pass_for_the_old_one(office: Office, client: FlaskClient) -> None:
    mark = client.get("/live").headers["X-Waspada-Change"]
    restarted = make_office(office.store).app.test_client()
    assert restarted.get("/live", query_string={"known": mark}).status_code == 200


def test_times_follow_the_district(office: Office) -> None:
    message = add_message(office.store, "NIHIL", minutes_ago=0)
    west = make_office(office.store).app.test_client().get(f"/messages/{message}").text
    settings = Settings(general=General(utc_offset_minutes=540))
    east = make_office(office.store, settings).app.test_client().get(f"/messages/{message}").text
    assert "17.33.20 WIB" in west
    assert "19.33.20 WIT" in east


def test_health_tells_states_and_counts_and_no_word_of_anybody(office: Office, client: FlaskClient) -> None:
    fill(office)
    answer = client.get("/health")
    assert answer.json["modem"] == "ready"
    assert answer.json["pdus_undecodable"] == 1
    assert answer.json["entries_waiting"] == 6
    assert answer.json["status"] == "attention"
    for secret in ("4567", "ribut", "0812", "Waspada mencoba"):
        assert secret not in answer.text


def test_a_page_that_is_not_there_says_so_in_words(client: FlaskClient) -> None:
    for address in ("/messages/77", "/reports/XXXX", "/nowhere"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "Halaman atau data itu tidak ada." in answer.text


def test_an_sms_queued_by_another_process_is_noticed_by_the_open_page(office: Office, client: FlaskClient) -> None:
    mark = client.get("/live").headers["X-Waspada-Change"]
    assert client.get("/live", query_string={"known": mark}).status_code == 204
    add_outgoing(office.store, "ditulis dari luar", state="queued", purpose="message")
    fresh = client.get("/live", query_string={"known": mark})
    assert "ditulis dari luar" in fresh.text
    assert fresh.headers["X-Waspada-Change"] != mark


def test_an_enrolment_by_another_process_is_noticed_by_the_open_page(office: Office, client: FlaskClient) -> None:
    with office.store.write() as session:
        ledger.sync_state(session).key = None
    mark = client.get("/live").headers["X-Waspada-Change"]
    with office.store.write() as session:
        ledger.sync_state(session).key = bytes(32)
    assert "terdaftar di pusat" in client.get("/live", query_string={"known": mark}).text


def test_a_repeated_report_is_marked_wherever_it_stands(office: Office, client: FlaskClient) -> None:
    first = add_message(office.store, "LAPOR GESEK", intent="lapor", outcome="terima")
    report = add_report(office.store, first, "M7XA", {"jenis": "GESEK"})
    again = add_message(office.store, "LAPOR GESEK", intent="lapor", outcome="terima", repeats_id=first)
    add_report(office.store, again, "W3ZB", {"jenis": "GESEK"}, repeats_id=report)
    assert client.get("/messages").text.count(">ulangan<") == 1
    assert client.get("/reports").text.count(">ulangan M7XA<") == 1
    home = client.get("/").text
    assert ">ulangan<" in home
    assert ">ulangan M7XA<" in home


def test_an_emergency_is_called_one_though_its_kind_is_known(office: Office, client: FlaskClient) -> None:
    message = add_message(office.store, "DARURAT bentrok", intent="darurat", outcome="terima")
    add_report(office.store, message, "M7XA", {"jenis": "BENTROK"}, intent="darurat", form="emergency", level=4)
    for address in ("/", "/reports", "/reports/M7XA"):
        assert "Darurat: Bentrok antarkelompok" in client.get(address).text
