"""What time words mean, counted from the time of sending, and never more exact than they are."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.reports.knowledge import Knowledge
from gateway.reports.reading import read
from gateway.reports.text import clean
from gateway.reports.understanding import Sender

MORNING = datetime(2026, 11, 24, 10, 30)
"""A Tuesday."""
EARLY = datetime(2026, 11, 24, 8, 0)
NIGHT = datetime(2026, 11, 24, 21, 10)
SMALL_HOURS = datetime(2026, 11, 24, 1, 30)

TABLE = [
    # parts of the day gone by
    (MORNING, "tadi malam", "2026-11-23T18:00/2026-11-24T05:00"),
    (MORNING, "malam tadi", "2026-11-23T18:00/2026-11-24T05:00"),
    (MORNING, "semalam", "2026-11-23T18:00/2026-11-24T05:00"),
    (MORNING, "smlm", "2026-11-23T18:00/2026-11-24T05:00"),
    (SMALL_HOURS, "tadi malam", "2026-11-23T18:00/2026-11-24T01:30"),
    (NIGHT, "tadi malam", "2026-11-24T18:00/2026-11-24T21:10"),
    (NIGHT, "semalam", "2026-11-23T18:00/2026-11-24T05:00"),
    (MORNING, "tadi pagi", "2026-11-24T05:00/2026-11-24T10:30"),
    (NIGHT, "tadi pagi", "2026-11-24T05:00/2026-11-24T11:00"),
    (NIGHT, "tadi siang", "2026-11-24T11:00/2026-11-24T15:00"),
    (NIGHT, "sore tadi", "2026-11-24T15:00/2026-11-24T18:00"),
    (EARLY, "sore tadi", "2026-11-23T15:00/2026-11-23T18:00"),
    (MORNING, "tadi subuh", "2026-11-24T04:00/2026-11-24T06:00"),
    (MORNING, "dini hari", "2026-11-24T00:00/2026-11-24T04:00"),
    (MORNING, "tengah malam", "2026-11-23T23:00/2026-11-24T02:00"),
    (NIGHT, "pagi ini", "2026-11-25T05:00/2026-11-25T11:00"),
    (MORNING, "pagi ini", "2026-11-24T05:00/2026-11-24T10:30"),
    (NIGHT, "malam ini", "2026-11-24T18:00/2026-11-24T21:10"),
    # days
    (MORNING, "hari ini", "2026-11-24"),
    (MORNING, "kemarin", "2026-11-23"),
    (MORNING, "kmrn", "2026-11-23"),
    (MORNING, "kemarin malam", "2026-11-23T18:00/2026-11-24T05:00"),
    (MORNING, "kemarin sore", "2026-11-23T15:00/2026-11-23T18:00"),
    (MORNING, "kemarin pagi", "2026-11-23T05:00/2026-11-23T11:00"),
    (MORNING, "kemarin lusa", "2026-11-22"),
    (MORNING, "kemarin dulu", "2026-11-22"),
    (MORNING, "besok", "2026-11-25"),
    (MORNING, "bsk pagi", "2026-11-25T05:00/2026-11-25T11:00"),
    (MORNING, "besok malam", "2026-11-25T18:00/2026-11-26T05:00"),
    (MORNING, "lusa", "2026-11-26"),
    (MORNING, "nanti malam", "2026-11-24T18:00/2026-11-25T05:00"),
    (MORNING, "ntar malam", "2026-11-24T18:00/2026-11-25T05:00"),
    # near
    (MORNING, "barusan", "2026-11-24T09:30/2026-11-24T10:30"),
    (MORNING, "baru saja", "2026-11-24T09:30/2026-11-24T10:30"),
    (MORNING, "sekarang", "2026-11-24T10:30"),
    (MORNING, "tadi", "2026-11-24"),
    (SMALL_HOURS, "tadi", "2026-11-23T18:00/2026-11-24T01:30"),
    # so long ago
    (MORNING, "2 jam yg lalu", "2026-11-24T08:00/2026-11-24T09:00"),
    (MORNING, "dua jam lalu", "2026-11-24T08:00/2026-11-24T09:00"),
    (MORNING, "sejam lalu", "2026-11-24T09:00/2026-11-24T10:00"),
    (MORNING, "setengah jam lalu", "2026-11-24T10:00"),
    (MORNING, "15 menit yang lalu", "2026-11-24T10:15"),
    (MORNING, "tiga hari lalu", "2026-11-21"),
    (MORNING, "3 hari yg lalu", "2026-11-21"),
    (MORNING, "sehari lalu", "2026-11-23"),
    (MORNING, "2 hari lagi", "2026-11-26"),
    (MORNING, "2 malam lalu", "2026-11-22"),
    (MORNING, "minggu lalu", "2026-11-16/2026-11-22"),
    (MORNING, "minggu depan", "2026-11-30/2026-12-06"),
    (MORNING, "minggu ini", "2026-11-23/2026-11-24"),
    (MORNING, "2 minggu lalu", "2026-11-07/2026-11-13"),
    (MORNING, "bulan lalu", "2026-10-01/2026-10-31"),
    (MORNING, "bulan depan", "2026-12-01/2026-12-31"),
    # weekdays
    (MORNING, "hari Selasa", "2026-11-24"),
    (MORNING, "hari Senin", "2026-11-23"),
    (MORNING, "hari Rabu", "2026-11-18"),
    (MORNING, "Jumat kemarin", "2026-11-20"),
    (MORNING, "jum'at lalu", "2026-11-20"),
    (MORNING, "Selasa lalu", "2026-11-17"),
    (MORNING, "Senin depan", "2026-11-30"),
    (MORNING, "hari minggu", "2026-11-22"),
    (MORNING, "malam minggu", "2026-11-21T18:00/2026-11-22T05:00"),
    (MORNING, "malam jumat", "2026-11-19T18:00/2026-11-20T05:00"),
    (MORNING, "jumat malam", "2026-11-20T18:00/2026-11-21T05:00"),
    (MORNING, "minggu pagi", "2026-11-22T05:00/2026-11-22T11:00"),
    (MORNING, "akan demo hari Kamis", "2026-11-26"),
    # dates
    (MORNING, "tgl 23/11", "2026-11-23"),
    (MORNING, "27-11-2024", "2024-11-27"),
    (MORNING, "22/11/26", "2026-11-22"),
    (MORNING, "22 Nov", "2026-11-22"),
    (MORNING, "22 november 2026", "2026-11-22"),
    (MORNING, "tanggal 20", "2026-11-20"),
    (MORNING, "akan demo tgl 27", "2026-11-27"),
    (MORNING, "akan demo 3 desember", "2026-12-03"),
    (MORNING, "tgl 31 nov", None),
    (MORNING, "hari Senin tgl 23 Nov", "2026-11-23"),
    # clocks
    (MORNING, "jam 9", "2026-11-24T09:00"),
    (EARLY, "jam 9", "2026-11-23T09:00/2026-11-23T21:00"),
    (NIGHT, "jam 9", "2026-11-24T21:00"),
    (MORNING, "jam 9 malam", "2026-11-23T21:00"),
    (MORNING, "jam 9 tadi malam", "2026-11-23T21:00"),
    (MORNING, "tadi malam jam 9", "2026-11-23T21:00"),
    (MORNING, "tadi malam jam 2", "2026-11-24T02:00"),
    (MORNING, "semalam jam 11", "2026-11-23T23:00"),
    (MORNING, "jam 12 malam", "2026-11-24T00:00"),
    (NIGHT, "jam 1 siang", "2026-11-24T13:00"),
    (NIGHT, "jam 5 sore", "2026-11-24T17:00"),
    (NIGHT, "jam 11 siang", "2026-11-24T11:00"),
    (NIGHT, "jam 2 pagi", "2026-11-24T02:00"),
    (NIGHT, "jam 7 pagi", "2026-11-24T07:00"),
    (MORNING, "pkl 21.30 wib", "2026-11-23T21:30"),
    (MORNING, "pukul 09.15", "2026-11-24T09:15"),
    (MORNING, "jam setengah 10", "2026-11-24T09:30"),
    (MORNING, "jam stgh 10 malam", "2026-11-23T21:30"),
    (MORNING, "jam 9 lewat 20", "2026-11-24T09:20"),
    (MORNING, "jam 10 kurang seperempat", "2026-11-24T09:45"),
    (MORNING, "jam sembilan malam", "2026-11-23T21:00"),
    (MORNING, "kemarin jam 4 sore", "2026-11-23T16:00"),
    (MORNING, "kemarin jam 9", "2026-11-23T09:00/2026-11-23T21:00"),
    (MORNING, "besok jam 13.00", "2026-11-25T13:00"),
    (MORNING, "besok jam 8", "2026-11-25T08:00/2026-11-25T20:00"),
    (MORNING, "besok pagi jam 8", "2026-11-25T08:00"),
    (MORNING, "nanti jam 2", "2026-11-24T14:00"),
    (MORNING, "tgl 23 november pukul 20.00 wib", "2026-11-23T20:00"),
    (MORNING, "Senin 06.30", "2026-11-23T06:30"),
    # prayers
    (NIGHT, "habis magrib", "2026-11-24T18:00/2026-11-24T20:00"),
    (NIGHT, "ba'da isya", "2026-11-24T19:00/2026-11-24T21:00"),
    (MORNING, "subuh", "2026-11-24T04:00/2026-11-24T06:00"),
    (NIGHT, "menjelang magrib", "2026-11-24T17:00/2026-11-24T18:00"),
    (NIGHT, "waktu ashar", "2026-11-24T15:00/2026-11-24T16:00"),
    (MORNING, "kemarin habis isya", "2026-11-23T19:00/2026-11-23T21:00"),
    # nothing said
    (MORNING, "malam pak", None),
    (MORNING, "jam berapa", None),
    (MORNING, "sampai jam segini", None),
]


@pytest.mark.parametrize(("sent_at", "said", "meant"), TABLE, ids=[f"{sent:%H}h {said}" for sent, said, _ in TABLE])
def test_time_words_are_resolved(sent_at: datetime, said: str, meant: str | None, knowledge: Knowledge) -> None:
    text = f"lapor ribut di rano {said}"
    assert read(clean(text), knowledge, Sender(), sent_at).when == meant


def test_table_is_long_enough() -> None:
    assert len(TABLE) >= 80


def test_time_of_sending_unknown_leaves_the_words_as_typed(knowledge: Knowledge) -> None:
    reading = read("lapor ribut di rano tadi malam jam 9", knowledge, Sender())
    assert reading.when is None
    assert reading.typed(*reading.times[0]) == "tadi malam jam 9"


def test_what_happened_is_never_later_than_the_message(knowledge: Knowledge) -> None:
    for said in ("masih ribut jam 11", "masih ribut jam 11 siang", "sudah bubar tgl 27", "sudah bubar hari Rabu"):
        when = read(f"lapor gesek rano {said}", knowledge, Sender(), MORNING).when
        assert when is None or when.split("/")[0] <= MORNING.isoformat(), (said, when)


def test_two_pieces_apart_are_one_time(knowledge: Knowledge) -> None:
    reading = read("lapor tadi malam ribut di rano sekitar jam 9", knowledge, Sender(), MORNING)
    assert reading.when == "2026-11-23T21:00"


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("lapor ribut di rano pendukung 01 vs 02", "pendukung 01 vs 02"),
        ("lapor bentrok rano pemuda parit 3 lawan pemuda parit 5", "pemuda parit 3 lawan pemuda parit 5"),
        ("lapor cekcok antara warga lama dan warga baru di rano", "warga lama dan warga baru"),
        ("lapor bentrok rano 40 2", None),
        ("lapor rano bagi sembako antara jam 8 dan jam 9", None),
    ],
)
def test_sides_are_kept_as_typed(text: str, sides: str | None, knowledge: Knowledge) -> None:
    assert read(text, knowledge, Sender()).sides == sides


@pytest.mark.parametrize(
    ("text", "armed"),
    [
        ("lapor ribut rano 20 orang bawa parang", True),
        ("lapor ribut rano pakai bambu runcing", True),
        ("lapor ribut rano tanpa senjata", False),
        ("lapor ribut rano tidak bawa sajam", False),
        ("lapor ribut rano tdk ada yg bawa senjata tajam", False),
        ("lapor ribut rano", None),
    ],
)
def test_weapons_are_noticed_and_their_denial_too(text: str, armed: bool | None, knowledge: Knowledge) -> None:
    assert read(text, knowledge, Sender()).armed is armed
