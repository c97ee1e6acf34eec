"""The pages about people."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.registry import request as daftar
from gateway.registry.people import Entry
from gateway.reports.parser import understand
from gateway.reports.understanding import Sender
from gateway.store.models import Message, Outgoing, Registration, Reporter
from tests.console_seed import HOSTILE, MASKED, NOW, REPORTER, Office, add_message, add_report, shipped_knowledge

LAMBUR = "15.07.01.2002"
ENTRY = {"role": "kades", "village": LAMBUR, "name": "Budi", "language": "id"}
HOSTILE_NAME = "<b onclick=x>Budi</b> \u202etxt"


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def wish(office: Office, text: str = "DAFTAR KADES LAMBUR BUDI", sender: str = REPORTER) -> int:
    id_ = add_message(office.store, text, sender=sender, intent="daftar", outcome="triase")
    with office.store.write() as session:
        message = session.get_one(Message, id_)
        daftar(session, message, understand(text, Sender(sender), shipped_knowledge()), NOW * 1000)
        return session.query(Registration).order_by(Registration.id.desc()).first().id


def register(office: Office, number: str = REPORTER, **more: str) -> int:
    return office.actions.people.register(number, Entry(**(ENTRY | more)))


def person(office: Office, number: str = REPORTER) -> Reporter:
    with office.store.read() as session:
        return session.get_one(Reporter, number)


def test_an_empty_registry_says_so_and_the_link_stands_on_every_page(client: FlaskClient) -> None:
    assert "Belum ada orang yang terdaftar." in client.get("/people").text
    assert 'href="/people"' in client.get("/").text


def test_a_wish_stands_on_the_page_with_its_words_and_is_counted_beside_the_link(
    office: Office, client: FlaskClient
) -> None:
    wish(office)
    page = client.get("/people").text
    assert "DAFTAR KADES LAMBUR BUDI" in page
    assert MASKED in page
    assert "1234564567" not in page
    assert re.search(r'title="menunggu keputusan">1<', client.get("/messages").text)


def test_what_a_wish_lacks_is_said(office: Office, client: FlaskClient) -> None:
    wish(office, "DAFTAR KADES")
    assert "belum ada: desa/kelurahan, nama" in words(client.get("/people").text)


def test_a_wish_is_approved_as_corrected(office: Office, post) -> None:
    id_ = wish(office)
    answer = post("/people", f"/people/requests/{id_}/approve", **(ENTRY | {"name": "Budi Santoso"}))
    assert answer.status_code == 302
    assert (person(office).status, person(office).name) == ("terdaftar", "Budi Santoso")
    with office.store.read() as session:
        assert session.query(Outgoing).count() == 1


def test_an_officers_role_warns_and_needs_the_tick(office: Office, client: FlaskClient, post) -> None:
    id_ = wish(office, "DAFTAR CAMAT LAMBUR BUDI")
    assert "camat boleh memakai VERIF dan TL. Telepon dulu" in client.get("/people").text
    camat = ENTRY | {"role": "camat"}
    refused = post("/people", f"/people/requests/{id_}/approve", **camat)
    assert refused.status_code == 422
    assert "Telepon dulu orangnya" in refused.text
    assert "<details open>" in refused.text
    assert post("/people", f"/people/requests/{id_}/approve", checked="1", **camat).status_code == 302
    assert person(office).role == "camat"


def test_what_is_refused_comes_back_as_typed(office: Office, post) -> None:
    id_ = wish(office)
    refused = post("/people", f"/people/requests/{id_}/approve", **(ENTRY | {"village": "", "name": "Budi S."}))
    assert refused.status_code == 422
    assert "Desa atau kelurahan belum diisi" in refused.text
    assert 'value="Budi S."' in refused.text


def test_a_wish_is_refused_with_a_reason(office: Office, post) -> None:
    id_ = wish(office)
    assert post("/people", f"/people/requests/{id_}/reject", reason="").status_code == 422
    assert post("/people", f"/people/requests/{id_}/reject", reason="tidak dikenal").status_code == 302
    with office.store.read() as session:
        assert session.get_one(Registration, id_).reason == "tidak dikenal"


def test_somebody_is_registered_by_number(office: Office, post) -> None:
    assert post("/people", "/people", number="4444", **ENTRY).status_code == 422
    answer = post("/people", "/people", number="0812 3456 4567", **ENTRY)
    assert answer.status_code == 302
    assert person(office).status == "terdaftar"
    assert REPORTER[3:] not in answer.location


def test_the_list_shows_role_place_status_reports_and_no_number(office: Office, client: FlaskClient) -> None:
    register(office)
    add_report(office.store, add_message(office.store, "LAPOR GESEK LAMBUR"), "K4PT", {})
    page = words(client.get("/people").text)
    code = f"{person(office).pseudonym:08x}"
    assert f"{code} Budi kades Lambur terdaftar {MASKED} 1 menit lalu 1" in page
    assert "1234564567" not in page


def test_filters_find_and_leave_out(office: Office, client: FlaskClient) -> None:
    register(office)
    with office.store.write() as session:
        session.add(Reporter(number="+6281300000001", pseudonym=9, first_seen=1))
    for query, shown in (
        ("role=kades", True),
        ("role=rt", False),
        ("desa=15.07.01", True),
        ("desa=15.07.02", False),
        ("q=bud", True),
        ("q=%25", False),
        ("status=ragu", False),
    ):
        assert (MASKED in client.get(f"/people?{query}").text) is shown, query
    guests = client.get("/people?status=tamu").text
    assert "00000009" in guests
    assert MASKED not in guests
    assert client.get("/people?page=99&role=%00").status_code == 200


def test_the_number_is_shown_by_a_post_with_a_reason_that_is_logged_without_it(
    office: Office, client: FlaskClient, post, capsys: pytest.CaptureFixture[str]
) -> None:
    pseudonym = register(office)
    page = f"/people/{pseudonym}"
    assert REPORTER not in client.get(page).text
    assert client.get(f"{page}/reveal").status_code == 405
    capsys.readouterr()
    assert REPORTER in post(page, f"{page}/reveal", reason="laporan").text
    logged = capsys.readouterr().out
    assert "person_number_shown" in logged
    assert "reason=laporan" in logged
    assert "4567" not in logged
    id_ = wish(office, sender="+6281300000001")
    assert "+6281300000001" in post("/people", f"/people/requests/{id_}/reveal", reason="identitas").text
    assert "registration_number_shown" in capsys.readouterr().out
    assert client.get("/people/12345").status_code == 404
    assert post(page, "/people/12345/reveal", reason="data").status_code == 404


def test_no_number_is_shown_without_a_reason(office: Office, post, capsys: pytest.CaptureFixture[str]) -> None:
    page = f"/people/{register(office)}"
    id_ = wish(office, sender="+6281300000001")
    for address in (f"{page}/reveal", f"/people/requests/{id_}/reveal"):
        for reason in ("", "iseng"):
            refused = post("/people", address, reason=reason)
            assert refused.status_code == 422
            assert "Pilih dulu untuk apa" in refused.text
            assert REPORTER not in refused.text
            assert "+6281300000001" not in refused.text
    assert "number_shown" not in capsys.readouterr().out


def test_an_id_that_no_database_holds_is_not_found(client: FlaskClient, post) -> None:
    for address in ("/people", "/messages"):
        assert client.get(f"{address}/{10**23}").status_code == 404
    assert post("/people", f"/people/requests/{10**23}/approve", **ENTRY).status_code == 404


def test_officers_of_a_list_need_the_tick(office: Office, client: FlaskClient, post) -> None:
    text = "nomor;nama;peran;desa\n0812 3456 4567;Budi;camat;\n"
    for tick, expected in (({}, 0), ({"checked": "1"}, 1)):
        preview = upload(client, text).text
        assert "1 orang dalam daftar ini berperan petugas" in words(preview)
        word = re.search(r'name="word" value="([^"]+)"', preview)[1]
        assert post("/people/import", "/people/import/apply", word=word, **tick).status_code == 302
        with office.store.read() as session:
            assert session.query(Reporter).count() == expected
    assert "berperan petugas" not in upload(client, text).text


def test_a_person_is_changed_confirmed_and_let_go(office: Office, post) -> None:
    page = f"/people/{register(office)}"
    assert post(page, f"{page}/change", **(ENTRY | {"role": "sekdes"})).status_code == 302
    assert person(office).role == "sekdes"
    assert post(page, f"{page}/change", **(ENTRY | {"role": "camat"})).status_code == 422
    assert post(page, f"{page}/change", **(ENTRY | {"role": "camat", "checked": "1"})).status_code == 302
    assert post(page, f"{page}/change", **(ENTRY | {"role": "camat", "name": "Ani"})).status_code == 302
    assert post(page, f"{page}/change", **(ENTRY | {"role": "raja"})).status_code == 422
    with office.store.write() as session:
        session.get_one(Reporter, REPORTER).status = "ragu"
    assert post(page, f"{page}/confirm").status_code == 302
    assert person(office).status == "terdaftar"
    assert post(page, f"{page}/leave").status_code == 302
    assert person(office).status == "berhenti"


def test_a_number_that_changed_hands_is_told_until_somebody_has_seen_it(
    office: Office, client: FlaskClient, post
) -> None:
    page = f"/people/{register(office)}"
    with office.store.write() as session:
        row = session.get_one(Reporter, REPORTER)
        row.status, row.asked_at = "berhenti", 1
    assert "menjawab BUKAN" in client.get("/people").text
    assert "menunggu keputusan" in client.get("/").text
    post(page, f"{page}/leave")
    assert "menjawab BUKAN" not in client.get("/people").text
    assert "menunggu keputusan" not in client.get("/").text


@pytest.mark.parametrize(
    ("status", "mark"),
    [
        ("", "belum didaftarkan"),
        ("tamu", "belum didaftarkan"),
        ("ragu", "ragu"),
        ("berhenti", "berhenti"),
        ("terdaftar", ""),
    ],
)
def test_messages_of_unknown_senders_are_marked(office: Office, client: FlaskClient, status: str, mark: str) -> None:
    id_ = add_message(office.store, "LAPOR GESEK LAMBUR 14 0")
    add_report(office.store, id_, "K4PT", {"jenis": "GESEK"})
    add_message(office.store, "promo", sender="TELKOMSEL", sender_is_number=False)
    if status:
        register(office)
        with office.store.write() as session:
            session.get_one(Reporter, REPORTER).status = status
    for page in ("/", "/messages", f"/messages/{id_}", "/reports", "/reports/K4PT"):
        marks = re.findall(r'standing"[^>]*>([^<]+)<', client.get(page).text)
        assert marks == ([mark] if mark else []), page


def upload(client: FlaskClient, text: str | bytes) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/people/import").text)[1]
    octets = text.encode() if isinstance(text, str) else text
    head = 'Content-Disposition: form-data; name="{}"'
    body = b"\r\n".join(
        [
            b"--x", head.format("csrf_token").encode(), b"", token.encode(), b"--x",
            head.format('file"; filename="daftar.csv').encode(), b"", octets, b"--x--", b"",
        ]
    )  # fmt: skip
    return client.post("/people/import", data=body, content_type="multipart/form-data; boundary=x")


def test_a_list_is_previewed_line_by_line_and_then_applied(office: Office, client: FlaskClient, post) -> None:
    text = f"nomor;nama;peran;desa\n0812 3456 4567;{HOSTILE_NAME};kades;Lambur\n4444;X;kades;<img src=x>\n"
    preview = upload(client, text)
    assert preview.status_code == 200
    shown = words(preview.text)
    assert "Orang baru 1" in shown
    assert "3 nomor ditolak Ini nomor layanan atau nama" in shown
    assert "3 desa ditolak Desa ini tidak dikenal." in shown
    assert "1234564567" not in preview.text
    assert "<b onclick" not in preview.text
    assert "<img" not in preview.text.replace('<img src="/static', "")
    with office.store.read() as session:
        assert session.query(Reporter).count() == 0
    word = re.search(r'name="word" value="([^"]+)"', preview.text)[1]
    assert post("/people/import", "/people/import/apply", word=word).status_code == 302
    assert person(office).status == "terdaftar"
    assert post("/people/import", "/people/import/apply", word=word).status_code == 422


def test_a_list_may_be_larger_than_other_forms_but_not_endless(client: FlaskClient, post) -> None:
    from gateway.registry.sheet import LARGEST_OCTETS

    rows = "".join(f"0812740{n:05};Orang {n};rt;Lambur\n" for n in range(3000))
    assert "Orang baru 3000" in words(upload(client, "nomor;nama;peran;desa\n" + rows).text)
    assert upload(client, b"x" * (LARGEST_OCTETS + 1)).status_code == 422
    assert upload(client, b"x" * (LARGEST_OCTETS + 200_000)).status_code == 413
    assert upload(client, b"").status_code == 422
    assert upload(client, b"\0").status_code == 422
    assert post("/people", "/people", number="0" * 70_000, **ENTRY).status_code == 413


def test_texts_from_sms_are_shown_harmlessly(office: Office, client: FlaskClient) -> None:
    wish(office, "DAFTAR KADES LAMBUR " + HOSTILE)
    register(office, "+6281300000001", name=HOSTILE_NAME)
    page = client.get("/people").text
    assert "<script>alert" not in page
    assert "<b onclick" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/people", "/people/requests/1/approve", "/people/requests/1/reject", "/people/requests/1/reveal", "/people/1/reveal",
        "/people/1/change", "/people/1/confirm", "/people/1/leave", "/people/import", "/people/import/apply",
    ],
)  # fmt: skip
def test_no_form_works_without_its_token(office: Office, client: FlaskClient, address: str) -> None:
    register(office)
    assert client.post(address, data=ENTRY).status_code == 400
    assert person(office).role == "kades"
