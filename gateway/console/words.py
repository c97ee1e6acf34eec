"""Words and colours of the pages for every code in the database. Data only: no request, no database, no formatting.

A `Tone` names a colour *and* goes with a word wherever it is shown. Codes not listed here are shown as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from gateway.board import SyncPhase
from gateway.reports.dialogue import Act
from gateway.reports.understanding import Intent, Outcome
from gateway.store.models import MessageState, OutgoingState, PduState, ReportState
from modem.types import ModemState


class Tone(StrEnum):
    """Colours, as classes of the style sheet."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    CALM = "calm"


@dataclass(frozen=True)
class Word:
    """What stands on a page for a code."""

    text: str | LazyString
    tone: str = Tone.CALM
    help: str | LazyString = ""


MODEM: dict[str, Word] = {
    ModemState.READY: Word(_("Siap"), Tone.GOOD, _("Modem siap menerima dan mengirim SMS.")),
    ModemState.OPENING: Word(_("Menyambung"), Tone.WARN, _("Modem sedang disiapkan; tunggu sebentar.")),
    ModemState.SEARCHING: Word(
        _("Mencari jaringan"), Tone.WARN, _("Modem mencari jaringan. Bila lama, pindahkan ke dekat jendela.")
    ),
    ModemState.RESETTING: Word(_("Menyetel ulang"), Tone.WARN, _("Modem sedang disetel ulang; tunggu sebentar.")),
    ModemState.ABSENT: Word(
        _("Tidak ada"), Tone.BAD, _("Modem tidak terhubung. Periksa kabel USB; Waspada menyambung lagi sendiri.")
    ),
    ModemState.PIN_NEEDED: Word(_("Minta PIN"), Tone.BAD, _("Kartu SIM meminta PIN. Matikan PIN kartu dengan ponsel.")),
    ModemState.NO_SIM: Word(_("Tanpa SIM"), Tone.BAD, _("Kartu SIM tidak terbaca. Pasang kembali kartu SIM.")),
    ModemState.DENIED: Word(
        _("Ditolak jaringan"), Tone.BAD, _("Jaringan menolak kartu SIM. Periksa masa aktif dan registrasi kartu.")
    ),
    ModemState.HUNG: Word(
        _("Macet"), Tone.BAD, _("Modem tidak menjawab. Bila berlanjut, cabut dan pasang kembali modem.")
    ),
    ModemState.FULL: Word(_("SIM penuh"), Tone.BAD, _("Kartu SIM penuh: SMS baru belum bisa masuk.")),
}

MODEM_IMPAIRED = Word(_("Terganggu"), Tone.WARN)
"""For a modem that works, but says of itself what it cannot do."""

SYNC: dict[str, Word] = {
    SyncPhase.IDLE: Word(_("Siap"), Tone.GOOD, _("Semua yang perlu dikirim dikirim sendiri pada waktunya.")),
    SyncPhase.SENDING: Word(_("Mengirim"), Tone.GOOD, _("Laporan sedang dikirim ke pusat.")),
    SyncPhase.WAITING: Word(
        _("Menunggu"), Tone.WARN, _("Pusat belum dapat dihubungi; Waspada mencoba lagi sendiri. Laporan aman di sini.")
    ),
    SyncPhase.UNENROLLED: Word(_("Belum terdaftar"), Tone.WARN, _("Belum terdaftar di pusat.")),
    SyncPhase.REFUSED: Word(
        _("Ditolak pusat"), Tone.BAD, _("Pusat tidak mengenal laptop ini. Hubungi pusat untuk kode pendaftaran baru.")
    ),
    SyncPhase.ALARM: Word(
        _("Perlu diperiksa"), Tone.BAD, _("Data laptop ini pernah dipulihkan atau disalin. Beri tahu petugas pusat.")
    ),
}

MESSAGE: dict[str, Word] = {
    MessageState.WAITING_PARTS: Word(_("menunggu bagian"), Tone.WARN),
    MessageState.READY: Word(_("menunggu dibaca"), Tone.CALM),
    MessageState.UNDERSTOOD: Word(_("dibaca"), Tone.GOOD),
    MessageState.SET_ASIDE: Word(_("disisihkan"), Tone.BAD),
}

PDU: dict[str, Word] = {
    PduState.NEW: Word(_("baru"), Tone.CALM),
    PduState.DECODED: Word(_("terbaca"), Tone.GOOD),
    PduState.UNDECODABLE: Word(_("tidak terbaca"), Tone.BAD),
    PduState.SET_ASIDE: Word(_("disisihkan"), Tone.BAD),
    PduState.FILED: Word(_("disimpan"), Tone.CALM),
}

OUTGOING: dict[str, Word] = {
    OutgoingState.QUEUED: Word(_("antre"), Tone.WARN, _("Menunggu giliran dikirim.")),
    OutgoingState.ATTEMPTED: Word(_("sedang dikirim"), Tone.WARN, _("Modem sedang mengirimnya.")),
    OutgoingState.SENT: Word(_("terkirim"), Tone.GOOD, _("Sudah diterima jaringan.")),
    OutgoingState.DELIVERED: Word(_("sampai"), Tone.GOOD, _("Sudah sampai di ponsel penerima.")),
    OutgoingState.UNDELIVERED: Word(
        _("tidak sampai"), Tone.BAD, _("Ponsel penerima mati terlalu lama, atau nomornya tidak ada.")
    ),
    OutgoingState.UNCERTAIN: Word(
        _("belum pasti"), Tone.WARN, _("Waspada terhenti saat mengirim; mungkin sudah sampai, mungkin belum.")
    ),
    OutgoingState.FAILED: Word(_("gagal"), Tone.BAD, _("Tidak dapat dikirim.")),
    OutgoingState.HELD: Word(_("ditahan"), Tone.CALM, _("Tidak dikirim karena aturan.")),
}

PURPOSE: dict[str, Word] = {
    "alert": Word(_("peringatan")),
    "reply": Word(_("balasan")),
    "message": Word(_("pesan petugas")),
}

INTENT: dict[str, Word] = {
    Intent.LAPOR: Word(_("laporan")),
    Intent.NIHIL: Word(_("laporan nihil")),
    Intent.DARURAT: Word(_("darurat"), Tone.BAD),
    Intent.SUSUL: Word(_("susulan")),
    Intent.KOREKSI: Word(_("koreksi")),
    Intent.BATAL: Word(_("pembatalan")),
    Intent.CEK: Word(_("tanya status")),
    Intent.DAFTAR: Word(_("pendaftaran")),
    Intent.BANTUAN: Word(_("minta bantuan cara")),
    Intent.VERIF: Word(_("verifikasi")),
    Intent.TL: Word(_("tindak lanjut")),
    Intent.TERIMA: Word(_("terima kasih")),
    Intent.KONFIRMASI: Word(_("jawaban")),
    Intent.BEBAS: Word(_("tulisan bebas")),
    Intent.OPERATOR: Word(_("dari operator seluler")),
    Intent.SPAM: Word(_("spam")),
    Intent.SALAH_KIRIM: Word(_("salah kirim")),
    Intent.KOSONG: Word(_("kosong")),
    Intent.KACAU: Word(_("tidak jelas")),
}

OUTCOME: dict[str, Word] = {
    Outcome.TERIMA: Word(_("diterima"), Tone.GOOD),
    Outcome.KONFIRMASI: Word(_("diterima, tunggu ralat"), Tone.GOOD),
    Outcome.LENGKAPI: Word(_("belum lengkap, ditanya"), Tone.WARN),
    Outcome.TRIASE: Word(_("perlu dilihat petugas"), Tone.WARN),
    Outcome.TOLAK: Word(_("dijawab cara melapor"), Tone.CALM),
    Outcome.ABAIKAN: Word(_("diabaikan"), Tone.CALM),
}

JENIS: dict[str, Word] = {
    "ISU": Word(_("Isu atau ujaran kebencian")),
    "ANCAM": Word(_("Ancaman, intimidasi")),
    "UANG": Word(_("Politik uang")),
    "NETRAL": Word(_("Ketidaknetralan aparat")),
    "APK": Word(_("Perusakan alat peraga")),
    "MASSA": Word(_("Kumpulan massa")),
    "GESEK": Word(_("Cekcok, gesekan")),
    "BENTROK": Word(_("Bentrok antarkelompok")),
    "SERANG": Word(_("Penyerangan orang")),
    "RUSAK": Word(_("Perusakan, pembakaran")),
    "TPS": Word(_("Gangguan tahapan pemilihan")),
    "LAHAN": Word(_("Sengketa lahan atau batas")),
    "SARA": Word(_("Ketegangan agama, suku, adat")),
    "LAIN": Word(_("Lainnya")),
    "DAMAI": Word(_("Perdamaian, mediasi")),
    "NIHIL": Word(_("Nihil (aman)")),
    "DARURAT": Word(_("Darurat")),
}

LEVEL: dict[int, Word] = {
    0: Word(_("Catat"), "level-0"),
    1: Word(_("Pantau"), "level-1"),
    2: Word(_("Waspada"), "level-2"),
    3: Word(_("Siaga"), "level-3"),
    4: Word(_("Awas"), "level-4"),
}

FIELD: dict[str, Word] = {
    "jenis": Word(_("jenis")),
    "desa": Word(_("desa/kelurahan")),
    "massa": Word(_("massa")),
    "korban": Word(_("korban")),
    "md": Word(_("meninggal")),
    "luka": Word(_("luka")),
    "hilang": Word(_("hilang")),
    "fase": Word(_("fase")),
    "waktu": Word(_("waktu")),
    "waktu_teks": Word(_("waktu (ditulis)")),
    "pihak": Word(_("pihak")),
    "senjata": Word(_("senjata")),
    "tiket": Word(_("tiket")),
    "hasil": Word(_("hasil")),
    "status": Word(_("status")),
    "peran": Word(_("peran")),
    "nama": Word(_("nama")),
    "ket": Word(_("keterangan")),
}

PHASE: dict[str, Word] = {
    "POTENSI": Word(_("mungkin terjadi")),
    "TERJADI": Word(_("sedang terjadi")),
    "REDA": Word(_("sudah reda")),
}

STATE: dict[str, Word] = {
    ReportState.NEW: Word(_("baru"), Tone.CALM),
    ReportState.VERIFYING: Word(_("diverifikasi"), Tone.WARN),
    ReportState.HANDLED: Word(_("ditangani"), Tone.GOOD),
    ReportState.CLOSED: Word(_("selesai"), Tone.GOOD),
    ReportState.WITHDRAWN: Word(_("dibatalkan pelapor"), Tone.BAD),
}

ACTION: dict[str, Word] = {
    Act.ANSWER: Word(_("jawaban atas pertanyaan kita")),
    Act.CORRECT: Word(_("koreksi"), Tone.WARN),
    Act.REPLACE: Word(_("dikirim lagi dengan isi lain"), Tone.WARN),
    Act.ADD: Word(_("tambahan")),
    Act.CONTINUE: Word(_("sambungan pesan")),
    Act.WITHDRAW: Word(_("pembatalan"), Tone.BAD),
    Act.VERIFY: Word(_("verifikasi"), Tone.GOOD),
    Act.FOLLOW_UP: Word(_("tindak lanjut"), Tone.GOOD),
    Act.TAKE: Word(_("ditangani petugas"), Tone.GOOD),
    "lengkap": Word(_("bagian SMS yang terlambat")),
    "turunan": Word(_("dibaca ulang")),
}

BY: dict[str, Word] = {
    "pelapor": Word(_("pelapor")),
    "petugas": Word(_("petugas")),
    "operator": Word(_("operator")),
    "program": Word(_("program")),
}

COUNT_FIELDS = ("massa", "korban", "md", "luka", "hilang")

_BOOK: dict[str, dict[str, Word]] = {
    "modem": MODEM,
    "sync": SYNC,
    "message": MESSAGE,
    "pdu": PDU,
    "outgoing": OUTGOING,
    "purpose": PURPOSE,
    "intent": INTENT,
    "outcome": OUTCOME,
    "jenis": JENIS,
    "field": FIELD,
    "fase": PHASE,
    "state": STATE,
    "action": ACTION,
    "by": BY,
}


def word(subject: str, code: str) -> Word:
    """The word for a code of `modem`, `sync`, `message`, `pdu`, `outgoing`, `purpose`, `intent`, `outcome`, `jenis`,
    `field`, `fase`, `state`, `action` or `by`; an unknown code stands for itself."""
    return _BOOK[subject].get(code) or Word(code)


def level_word(level: int) -> Word:
    """Word and colour of a level; outside 0..4 the number itself."""
    return LEVEL.get(level) or Word(str(level))
