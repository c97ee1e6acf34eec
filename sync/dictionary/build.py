"""Makes `1.bin` from the forms' words and a synthetic corpus: `python -m sync.dictionary.build`. Deterministic.

The texts are data codes of region 15.07 and of the forms; in another district they help less and harm nothing. The
preset holds rows of invented messages, so that deflate finds the shapes of real ones. No real message is in it.
"""

from __future__ import annotations

from itertools import cycle

import msgspec

from sync.entries import AmendBody, BeatBody, Body, Entry, MessageBody, OutgoingBody, ReportBody, encode_body
from sync.rows import pack

_KINDS_OF_EVENT = "ISU ANCAM UANG NETRAL APK MASSA GESEK BENTROK SERANG RUSAK TPS LAHAN SARA LAIN DAMAI"
_FIELDS = (
    "jenis desa massa korban fase ket md luka hilang waktu_teks tiket hasil status peran nama pihak senjata rahasia"
)
_WORDS = (
    "lapor nihil darurat susul koreksi batal cek daftar bantuan verif tl terima konfirmasi bebas operator spam salah_kirim "
    "kosong kacau lengkapi triase tolak abaikan POTENSI TERJADI REDA reply alert message queued attempted sent uncertain "
    "failed held delivered field why candidates event emergency YA TIDAK BELUM SELESAI"
)
_BEAT_NAMES = (
    "signal operator credit sim_used sim_total inbox outgoing waiting oldest_seconds clock_offset disk_free_mb modem "
    "queue uptime epoch_reason previous_epoch missing"
)
KINDS_OF_EVENT, FIELDS, WORDS, BEAT_NAMES = (words.split() for words in (_KINDS_OF_EVENT, _FIELDS, _WORDS, _BEAT_NAMES))
TEXTS_TYPED = (
    "adu mulut di lapangan", "ribut di dermaga", "warga berkumpul di depan kantor desa", "kelompok pemuda cekcok di pasar",
    "saling dorong dua pendukung calon", "spanduk paslon dirusak orang tidak dikenal", "bagi sembako dan uang",
    "kades mengajak pilih calon", "surat suara kurang di TPS", "batas kebun sawit warga dengan perusahaan",
    "selebaran gelap beredar", "sudah didamaikan Bhabinkamtibmas dan Babinsa", "situasi aman kondusif",
    "mohon bantuan polisi segera", "rumah dilempar batu", "jalan ditutup massa bawa parang", "luka-luka dibawa ke puskesmas",
    "hoaks di grup WA soal agama", "nelayan berebut lokasi jaring", "konvoi motor malam hari", "unjuk rasa di kantor camat",
)  # fmt: skip
EPOCH_OF_EXAMPLES = 1_790_000_000


def texts() -> list[str]:
    """Texts that get a number of one octet, 255 at most."""
    from config.regions import load_region

    villages = [place.code for place in load_region("15.07").villages]
    known = list(dict.fromkeys([*KINDS_OF_EVENT, *FIELDS, *WORDS, *BEAT_NAMES, "", *villages]))
    assert len(known) <= 255
    return known


def bodies() -> list[list[Body]]:
    """Invented batches: single reports, messages with their reports, replies, beats."""
    known = texts()
    villages = [text for text in known if text.startswith("15.")]
    batches: list[list[Body]] = []
    for index, (typed, kind, village) in enumerate(zip(TEXTS_TYPED, cycle(KINDS_OF_EVENT), villages, strict=False)):
        short = village[6:8] + village[-2:]
        message = MessageBody(0, 0, 4, 1, f"LAPOR {kind} {short} {index * 3} {index % 3} {typed}", "lapor", "terima")
        fields = {
            "jenis": kind,
            "desa": village,
            "massa": index * 3,
            "korban": index % 3,
            "fase": "TERJADI",
            "ket": typed,
        }
        report = ReportBody(1, "event", 1, fields, "K4PT", 2, "terima")
        bare = ReportBody(1, "event", 1, {key: fields[key] for key in FIELDS[:4]}, "K7MR", 2, "terima")
        batches += [[message, report, OutgoingBody(2, index, "reply", "sent")], [message, report], [report], [bare]]
    batches.append([MessageBody(0, 0, 3, 1, None, "operator", "abaikan")])
    batches.append([AmendBody(1, "K4PT", "KOREKSI", {"massa": 20, "korban": 1})])
    batches.append([BeatBody("0.1.0", dict.fromkeys(BEAT_NAMES[:12], 0))])
    return batches


def preset(known: list[str]) -> bytes:
    """Rows of the invented batches; what is commonest stands last, where deflate reaches it with the fewest bits."""
    rows = []
    for batch in bodies():
        entries = []
        for number, body in enumerate(batch, start=1):
            kind, octets = encode_body(body)
            entries.append(Entry(number, kind, EPOCH_OF_EXAMPLES, octets))
        rows.append(pack(entries, known)[0])
    return b"".join(dict.fromkeys(reversed(rows)))


def build() -> bytes:
    """The octets of `1.bin`."""
    known = texts()
    return msgspec.msgpack.encode((known, preset(known)))


if __name__ == "__main__":
    from pathlib import Path

    target = Path(__file__).parent / "1.bin"
    target.write_bytes(build())
    print(f"{target}: {target.stat().st_size} octets")
