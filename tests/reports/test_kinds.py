"""Which type of event a message is about, where it speaks of several."""

from __future__ import annotations

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import Sender, Understanding

SOMEBODY = Sender("+6281200000042")


def read(knowledge: Knowledge, text: str) -> Understanding:
    return understand(text, SOMEBODY, knowledge)


@pytest.mark.parametrize(
    ("text", "jenis"),
    [
        pytest.param("LAPOR GESEK LAMBUR tadi ada yang dibacok", "GESEK", id="written behind LAPOR"),
        pytest.param("LAPOR MASSA RANO mau bakar kantor", "MASSA", id="written, though a weak word elsewhere"),
        pytest.param("pak baliho calon nomor 2 di lambur tadi malam sudah dibakar orang", "APK", id="object and deed"),
        pytest.param("rumah panwas di lambur dilempari batu", "RUSAK", id="what is owned, not its owner"),
        pytest.param("panwas di lambur dilempari batu oleh pemuda", "SERANG", id="a person"),
        pytest.param("kantor bpd lambur dihantam kapak", "RUSAK", id="a blow on a thing"),
        pytest.param("saksi dipukul di warung depan pos ronda lambur", "SERANG", id="where it was done"),
        pytest.param("lapor 2 pemuda dibacok karena rebutan lahan di lambur", "SERANG", id="deed before cause"),
        pytest.param("lapor rebutan lahan di lambur", "LAHAN", id="cause where nothing else happened"),
        pytest.param("warga lambur demo, takut jadi bentrok", "MASSA", id="a fear"),
        pytest.param("yang kemarin berkelahi di lambur sudah berdamai", "DAMAI", id="a settled quarrel"),
        pytest.param(
            "lapor di lambur bentrok dua kubu, 3 luka, tadi sudah didamaikan", "BENTROK", id="a clash, settled"
        ),
        pytest.param("katanya rumah kami akan dibakar kalau tidak pilih nomor 1, lambur", "ANCAM", id="a threat"),
        pytest.param("kelompok tani lambur antem-anteman sama pemuda", "BENTROK", id="a verb doubled"),
        pytest.param("orang lambur jambak-jambakan di pasar", "GESEK", id="a harmless verb doubled"),
        pytest.param("lapor perkelahian pemuda di lambur, satu kepala bocor", "BENTROK", id="the deed, not its result"),
        pytest.param("lapor di lambur satu orang kepala bocor", "SERANG", id="a result alone"),
        pytest.param("tokoh agama lambur deklarasi tolak hoaks", "DAMAI", id="what is declined"),
        pytest.param("pompong kami terbalik di lambur", "LAIN", id="an accident"),
        pytest.param("jembatan lambur tidak pernah diperbaiki", "LAIN", id="what is missing"),
    ],
)
def test_the_type_is_what_was_done(knowledge: Knowledge, text: str, jenis: str) -> None:
    assert read(knowledge, text).fields["jenis"] == jenis


def test_a_small_margin_is_a_doubt_with_the_candidates_in_order(knowledge: Knowledge) -> None:
    found = read(knowledge, "pak di lambur ada isu dan ada demo dan orang ribut")
    doubts = [doubt for doubt in found.doubts if doubt.why == "beberapa jenis disebut"]
    assert len(doubts) == 1
    assert doubts[0].candidates[0] == found.fields["jenis"]
    assert set(doubts[0].candidates) >= {"MASSA", "GESEK"}


def test_a_wide_margin_is_no_doubt(knowledge: Knowledge) -> None:
    found = read(knowledge, "di lambur 2 orang dibacok waktu kampanye")
    assert found.fields["jenis"] == "SERANG"
    assert not [doubt for doubt in found.doubts if doubt.field == "jenis"]


def test_the_trace_names_choice_runner_up_and_why(knowledge: Knowledge) -> None:
    found = read(knowledge, "di lambur 2 orang dibacok karena rebutan lahan")
    assert any(
        line.startswith("jenis: SERANG ") and "berikutnya LAHAN" in line and "sebab" in line for line in found.trace
    ), found.trace


def test_what_is_denied_is_no_sign(knowledge: Knowledge) -> None:
    assert (
        read(knowledge, "lapor di lambur cekcok, tidak ada yang memukul, tidak ada baliho dirobek").fields["jenis"]
        == "GESEK"
    )


def test_a_clock_hits_nobody(knowledge: Knowledge) -> None:
    assert read(knowledge, "lapor cekcok antar tetangga lambur pukul 21.00").fields["jenis"] == "GESEK"
