"""How a report came to stand as it does: its history on the pages, in words."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import msgspec
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from config.forms import ChoiceField, FlagField, NumberField
from gateway.cli.listing import messages, reports
from gateway.console import show
from gateway.console.history import Wording
from gateway.store import queries
from gateway.store.database import Store
from gateway.store.models import Amendment, Report
from tests.console_seed import HOSTILE, NOW, Office, add_message, add_report

OFFICER = "+6281266000202"
LAMBUR, LAMBUR_II = "15.07.01.2002", "15.07.01.2012"


def words(html: str) -> str:
    """The page's text without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def amend(store: Store, report_id: int, action: str, by: str = "pelapor", **values: object) -> None:
    with store.write() as session:
        report = session.get_one(Report, report_id)
        kept = {"level_before": report.level, "level_after": report.level}
        kept |= {"state_before": report.state, "state_after": report.state}
        row = Amendment(report_id=report_id, action=action, by=by, at=NOW * 1000, **(kept | values))
        report.changed_at, report.state, report.level = NOW * 1000, row.state_after, row.level_after
        session.add(row)


@pytest.fixture
def talked(store: Store) -> dict[str, int]:
    """A report with an answer, a correction and an officer's verification; the messages by what they did."""
    first = add_message(store, "LAPOR GESEK 14 0", minutes_ago=9, intent="lapor", outcome="lengkapi")
    fields = {
        "jenis": "GESEK",
        "desa": LAMBUR_II,
        "massa": 40,
        "korban": 0,
        "senjata": True,
        "pihak": "warga dan nelayan",
    }
    report = add_report(store, first, "K4PT", fields, derived={"jenis": "GESEK", "massa": 14, "korban": 0})
    answer = add_message(store, "lambur ii", minutes_ago=8, intent="konfirmasi")
    ralat = add_message(store, "RALAT massa 40, ada parang", minutes_ago=7, intent="koreksi")
    verif = add_message(store, "VERIF K4PT YA", minutes_ago=6, intent="verif", sender=OFFICER)
    amend(store, report, "jawab", message_id=answer, before={"desa": None}, after={"desa": LAMBUR_II})
    amend(
        store, report, "koreksi", message_id=ralat, level_after=3,
        before={"massa": 14, "senjata": None}, after={"massa": 40, "senjata": True},
    )  # fmt: skip
    amend(store, report, "verif", "petugas", message_id=verif, after={"hasil": "YA"}, state_after="verifikasi")
    return {"report": report, "first": first, "jawab": answer, "koreksi": ralat, "verif": verif}


def test_the_report_page_tells_each_change_with_who_made_it(client: FlaskClient, talked: dict[str, int]) -> None:
    html = client.get("/reports/K4PT").text
    page = words(html)
    assert "laporan dibuat" in page
    assert "jawaban atas pertanyaan kita oleh pelapor" in page
    assert "desa/kelurahan: ? → Desa Lambur II (Muara Sabak Timur)" in page
    assert "massa: 14 → 40" in page
    assert "senjata: ? → ya" in page
    assert "tingkat: Waspada → Siaga" in page
    assert "verifikasi oleh petugas" in page
    assert "hasil: YA" in page
    assert "keadaan: baru → diverifikasi" in page
    assert page.index("jawaban atas") < page.index("koreksi oleh") < page.index("verifikasi oleh")
    for message in ("first", "jawab", "koreksi", "verif"):
        assert f'href="/messages/{talked[message]}"' in html


def test_the_page_shows_the_report_as_it_stands(client: FlaskClient, talked: dict[str, int]) -> None:
    page = words(client.get("/reports/K4PT").text)
    head = page[: page.index("Isi laporan")]
    assert "Siaga diverifikasi dikoreksi" in head
    facts = page[page.index("Isi laporan") : page.index("Riwayat")]
    assert "massa 40 korban 0" in facts
    assert "pihak warga dan nelayan" in facts
    assert "senjata ya" in facts


def test_a_report_nobody_touched_says_so(client: FlaskClient, store: Store) -> None:
    add_report(store, add_message(store, "LAPOR GESEK"), "AAAA", {"jenis": "GESEK"})
    page = words(client.get("/reports/AAAA").text)
    assert "Belum ada perubahan sejak laporan ini dibuat." in page
    assert "dikoreksi" not in page


def test_what_the_program_did_names_no_message(client: FlaskClient, store: Store) -> None:
    report = add_report(store, add_message(store, "LAPOR GESEK"), "AAAA", {"jenis": "GESEK"})
    amend(store, report, "turunan", "program", before={"jenis": "LAIN"}, after={"jenis": "GESEK"})
    history = client.get("/reports/AAAA").text.partition('id="history"')[2].partition("</section>")[0]
    assert "dibaca ulang oleh program jenis: Lainnya → Cekcok, gesekan" in words(history)
    assert history.count("/messages/") == 1  # the message it was made from


def test_a_message_links_to_the_report_it_amended(client: FlaskClient, talked: dict[str, int]) -> None:
    html = client.get(f"/messages/{talked['koreksi']}").text
    assert 'href="/reports/K4PT"' in html
    assert "koreksi oleh pelapor K4PT massa: 14 → 40" in words(html)
    assert "Pesan ini tidak menjadi laporan." not in html


def test_a_message_links_to_the_one_it_continues(client: FlaskClient, store: Store) -> None:
    first = add_message(store, "LAPOR GESEK LAMBUR (1/2)")
    second = add_message(store, "lanjutannya pak", continues_id=first)
    html = client.get(f"/messages/{second}").text
    assert f'href="/messages/{first}"' in html
    assert f"mungkin lanjutan pesan {first}" in html


@pytest.mark.parametrize("page", ["/reports", "/live"])
def test_lists_show_state_and_correction(client: FlaskClient, store: Store, talked: dict[str, int], page: str) -> None:
    add_report(store, add_message(store, "LAPOR GESEK"), "AAAA", {"jenis": "GESEK"})
    shown = words(client.get(page).text)
    touched = shown[shown.index("K4PT") :]
    assert "diverifikasi dikoreksi" in touched
    untouched = shown[shown.index("AAAA") : shown.index("K4PT")]
    assert "dikoreksi" not in untouched


def test_reports_are_found_by_their_state(client: FlaskClient, store: Store, talked: dict[str, int]) -> None:
    add_report(store, add_message(store, "LAPOR GESEK"), "AAAA", {"jenis": "GESEK"})
    found = client.get("/reports?state=verifikasi").text
    assert "K4PT" in found
    assert "AAAA" not in found


def test_texts_of_strangers_do_nothing_in_a_history(client: FlaskClient, store: Store) -> None:
    report = add_report(store, add_message(store, "LAPOR"), "AAAA", {"ket": HOSTILE, "pihak": HOSTILE})
    amend(store, report, "susul", before={"ket": "dulu"}, after={"ket": HOSTILE})
    html = client.get("/reports/AAAA").text
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "\x1b" not in html


@pytest.mark.parametrize(
    ("meant", "indonesian", "english"),
    [
        ("2026-11-22", "22 Nov 2026", "22 Nov 2026"),
        ("2026-11-22T21:00", "22 Nov 2026 sekitar 21.00", "22 Nov 2026"),
        ("2026-11-22T18:00/2026-11-23T05:00", "antara 22 Nov 2026 18.00 dan 23 Nov 2026 05.00", "22 Nov 2026"),
        ("2026-11-20/2026-11-22", "antara 20 Nov 2026 dan 22 Nov 2026", "22 Nov 2026"),
        ("kapan-kapan", "kapan-kapan", "kapan-kapan"),
    ],
)
def test_a_time_is_told_no_more_exactly_than_it_was_said(
    office: Office, meant: str, indonesian: str, english: str
) -> None:
    with office.app.test_request_context("/"):
        assert show.spoken_time(meant) == indonesian
    with office.app.test_request_context("/?lang=en"):
        assert english in show.spoken_time(meant)
    with office.app.test_request_context("/?lang=en"):
        assert "21:00" in show.spoken_time("2026-11-22T21:00")


def test_fields_of_a_districts_own_form_are_called_as_the_form_calls_them(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = office.actions.people.registry
    files = registry.knowledge.files
    own = (
        NumberField(name="tinggi_air", label="tinggi air", english="water level", unit="cm"),
        FlagField(name="listrik_padam", label="listrik padam", english="power is off", words=("padam",)),
        ChoiceField(name="arus", label="air", english="water is", words={"NAIK": ("naik",)}),
    )
    form = msgspec.structs.replace(files.forms[0], id="flood", field=own)
    changed = msgspec.structs.replace(files, forms=(*files.forms, form))
    monkeypatch.setattr(registry, "knowledge", replace(registry.knowledge, files=changed))
    wording = Wording(office.app.extensions["waspada"])
    fields = {"tinggi_air": 80, "listrik_padam": False, "arus": "NAIK", "asing": "x"}
    with office.app.test_request_context("/"):
        assert wording.facts(fields, counts=False) == [
            ("tinggi air", "80 cm"), ("listrik padam", "tidak"), ("air", "NAIK"), ("asing", "x"),
        ]  # fmt: skip
    with office.app.test_request_context("/?lang=en"):
        assert wording.label("tinggi_air") == "water level"


@pytest.mark.parametrize("page", ["/", "/reports", "/reports/B4NJ"])
def test_a_report_of_a_districts_own_form_is_called_by_its_subject_and_asks_for_no_crowd(
    office: Office, client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    registry = office.actions.people.registry
    files = registry.knowledge.files
    depth = NumberField(name="tinggi_air", label="tinggi air", english="water level", unit="cm")
    form = msgspec.structs.replace(
        files.forms[0], id="flood", intent="banjir", name="Laporan banjir", english="Flood report", field=(depth,),
        fields=("desa", "tinggi_air", "ket"), jenis=(),
    )  # fmt: skip
    changed = msgspec.structs.replace(files, forms=(*files.forms, form))
    monkeypatch.setattr(registry, "knowledge", replace(registry.knowledge, files=changed))
    message = add_message(store, "BANJIR LAMBUR II 80", intent="banjir")
    add_report(store, message, "B4NJ", {"desa": LAMBUR_II, "tinggi_air": 80}, intent="banjir", form="flood")
    shown = words(client.get(page).text.partition("<main")[2])
    assert "Laporan banjir" in shown
    assert "tinggi air 80 cm" in shown
    assert "jenis ?" not in shown
    assert "massa ?" not in shown
    assert "Flood report" in client.get(f"{page}?lang=en").text


def test_the_home_page_notices_what_another_process_amended(store: Store, talked: dict[str, int]) -> None:
    with store.read() as session:
        before = queries.written_from_outside(session)
    amend(store, talked["report"], "turunan", "program")
    with store.read() as session:
        assert queries.written_from_outside(session) != before


def test_scripts_get_the_history_too(store: Store, talked: dict[str, int]) -> None:
    add_message(store, "promo", unanswered="Iklan tidak pernah dijawab.", continues_id=talked["first"])
    listed = CliRunner().invoke(reports, ["--json", "--data", str(store.folder)])
    (row,) = json.loads(listed.output)
    assert (row["state"], row["asked"], row["derived"]) == (
        "verifikasi",
        None,
        {"jenis": "GESEK", "massa": 14, "korban": 0},
    )
    assert row["senjata"] is True
    assert [one["action"] for one in row["amendments"]] == ["jawab", "koreksi", "verif"]
    ralat = row["amendments"][1]
    assert (ralat["by"], ralat["message_id"], ralat["level_before"], ralat["level_after"]) == (
        "pelapor",
        talked["koreksi"],
        2,
        3,
    )
    assert (ralat["before"]["massa"], ralat["after"]["massa"]) == (14, 40)
    assert ralat["at"].endswith("+07:00")
    newest = json.loads(CliRunner().invoke(messages, ["--json", "--limit", "1", "--data", str(store.folder)]).output)[0]
    assert (newest["continues"], newest["unanswered"]) == (talked["first"], "Iklan tidak pernah dijawab.")
