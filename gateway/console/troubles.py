"""What needs a person, in words: each trouble with a sentence and the next step. Pure: facts in, troubles out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.board import SyncPhase, SyncStatus
from gateway.collecting import FULL_AND_REFUSES, REFUSES_TO_DELETE
from gateway.sending import NO_CREDIT, NO_SMSC
from gateway.store.records import SyncFacts, Tally
from modem.types import ModemState, ModemStatus

from .language import ngettext
from .language import say as _
from .said import known_sentence
from .words import MODEM, SYNC, Tone

NEARLY_FULL = 0.8
"""Share of the SIM's places from which the operator is told."""
UNSENT_SECONDS = 48 * 3600
"""SMS that were not sent are a trouble for so long; later they are only history."""
LATE_SECONDS = 24 * 3600
"""Entries waiting longer than this for the central are worth a telephone call."""


@dataclass(frozen=True)
class Trouble:
    """`tone` bad needs somebody now, warn soon. `address` is the endpoint of the page that shows more, or ''."""

    tone: Tone
    title: str
    sentence: str
    next_step: str
    address: str = ""
    filters: tuple[tuple[str, str], ...] = ()


_MODEM_STEPS = {
    ModemState.ABSENT: lambda: _("Colokkan modem atau periksa kabelnya. Tidak perlu memulai ulang Waspada."),
    ModemState.PIN_NEEDED: lambda: _("Pasang kartu di ponsel, matikan permintaan PIN, lalu pasang kembali di modem."),
    ModemState.NO_SIM: lambda: _("Cabut modem, pasang kembali kartu SIM, colokkan lagi."),
    ModemState.DENIED: lambda: _("Periksa pulsa, masa aktif, dan registrasi kartu di operator."),
    ModemState.HUNG: lambda: _("Cabut modem, tunggu sepuluh detik, colokkan lagi."),
}


_SAID_STEPS = {
    REFUSES_TO_DELETE: lambda: _("Cabut modem dan pasang kembali. Bila tetap begini, hapus SMS di kartu lewat ponsel."),
    FULL_AND_REFUSES: lambda: _("Pasang kartu di ponsel, hapus semua SMS di kartu, lalu pasang kembali di modem."),
    NO_CREDIT: lambda: _("Isi pulsa kartu ini. SMS yang menunggu dikirim sendiri setelah itu."),
    NO_SMSC: lambda: _("Pasang kartu di ponsel dan atur nomor pusat SMS operator, lalu pasang kembali di modem."),
}
"""Next steps for what a modem that works otherwise says of itself."""


@dataclass(frozen=True)
class ModemShown:
    """One modem as the pages show it."""

    key: str
    name: str
    """'' where there is only one."""
    status: ModemStatus
    warnings: tuple[str, ...] = ()
    """Of its SIM: credit, validity, swapped."""
    balance: int | None = None
    valid_until: int | None = None

    @property
    def sentence(self) -> str:
        """How it stands, in the page's language."""
        return known_sentence(self.status.sentence, str(MODEM[self.status.state].help))


def all_troubles(
    modems: Sequence[ModemShown], sync: SyncStatus, facts: SyncFacts, tally: Tally, now: float
) -> list[Trouble]:
    """Everything a person should look at, the worst first. `now` in seconds since 1970."""
    of_modems = [trouble for shown in modems for trouble in _named(shown)]
    found = [*of_modems, *_stored(tally), *_outgoing(tally), *_sync(sync, facts, now)]
    return sorted(found, key=lambda trouble: trouble.tone != Tone.BAD)


def _named(shown: ModemShown) -> list[Trouble]:
    """The troubles of one modem; with its name where there are several."""
    found = [*_modem(shown.status), *_sim(shown)]
    if not shown.name:
        return found
    return [replace(trouble, title=f"{shown.name}: {trouble.title}") for trouble in found]


def _sim(shown: ModemShown) -> list[Trouble]:
    step = _("Isi ulang atau ganti kartunya; Waspada menanyakan pulsa lagi sendiri.")
    return [Trouble(Tone.WARN, _("Kartu SIM"), known_sentence(said), step) for said in shown.warnings]


def _modem(status: ModemStatus) -> list[Trouble]:
    if status.sentence in _SAID_STEPS:
        said = known_sentence(status.sentence)
        return [Trouble(Tone.BAD, _("Modem"), said, _SAID_STEPS[status.sentence]())]
    known = MODEM[status.state]
    sentence = known_sentence(status.sentence, str(known.help))
    if status.state == ModemState.FULL or (
        status.sim_used is not None and status.sim_capacity and status.sim_used >= status.sim_capacity
    ):
        full = _("Kartu SIM penuh: SMS baru belum bisa masuk.")
        step = _("Tunggu semenit: Waspada mengosongkannya sendiri. Bila tetap penuh, cabut dan pasang kembali modem.")
        return [Trouble(Tone.BAD, _("SIM penuh"), full, step)]
    if status.state in _MODEM_STEPS:
        return [Trouble(Tone.BAD, _("Modem"), sentence, _MODEM_STEPS[status.state]())]
    if status.sim_used and status.sim_capacity and status.sim_used >= NEARLY_FULL * status.sim_capacity:
        full = _(
            "Kartu SIM hampir penuh: %(used)d dari %(all)d tempat terisi.",
            used=status.sim_used,
            all=status.sim_capacity,
        )
        return [
            Trouble(Tone.WARN, _("SIM hampir penuh"), full, _("Waspada mengosongkannya sendiri; amati beberapa menit."))
        ]
    return []


def _stored(tally: Tally) -> list[Trouble]:
    found = []
    if tally.undecodable:
        sentence = ngettext(
            "%(num)d SMS tidak dapat dibaca; aslinya disimpan.", "%(num)d SMS tidak dapat dibaca; aslinya disimpan.",
            tally.undecodable,
        )  # fmt: skip
        step = _("Buka daftarnya; coba baca lagi setelah Waspada diperbarui.")
        found.append(Trouble(Tone.WARN, _("SMS tidak terbaca"), sentence, step, "pages.problems"))
    if tally.pdus_set_aside:
        sentence = ngettext(
            "%(num)d SMS disisihkan karena menghentikan Waspada; aslinya disimpan.",
            "%(num)d SMS disisihkan karena menghentikan Waspada; aslinya disimpan.", tally.pdus_set_aside,
        )  # fmt: skip
        step = _("Jangan dihapus. Laporkan ke pembuat Waspada, lalu coba baca lagi setelah diperbarui.")
        found.append(Trouble(Tone.BAD, _("SMS disisihkan"), sentence, step, "pages.problems"))
    if tally.messages_set_aside:
        sentence = ngettext(
            "%(num)d pesan tidak dapat diolah sendiri.", "%(num)d pesan tidak dapat diolah sendiri.",
            tally.messages_set_aside,
        )  # fmt: skip
        step = _("Baca sendiri pesannya dan hubungi pengirim bila penting.")
        filters = (("state", "set_aside"),)
        found.append(Trouble(Tone.BAD, _("Pesan disisihkan"), sentence, step, "pages.messages", filters))
    return found


def _outgoing(tally: Tally) -> list[Trouble]:
    found = []
    failed = tally.failed_lately
    if failed:
        sentence = ngettext("%(num)d SMS gagal dikirim.", "%(num)d SMS gagal dikirim.", failed)
        step = _("Lihat alasannya; periksa pulsa dan nomor, lalu kirim lagi bila masih perlu.")
        filters = (("state", "failed"),)
        found.append(Trouble(Tone.WARN, _("Gagal dikirim"), sentence, step, "pages.outgoing", filters))
    uncertain = tally.uncertain_lately
    if uncertain:
        sentence = ngettext(
            "%(num)d SMS belum pasti sampai.", "%(num)d SMS belum pasti sampai.", uncertain
        )  # fmt: skip
        step = _("Waspada terhenti saat mengirimnya. Telepon penerima bila isinya penting.")
        filters = (("state", "uncertain"),)
        found.append(Trouble(Tone.WARN, _("Belum pasti"), sentence, step, "pages.outgoing", filters))
    return found


def _sync(status: SyncStatus, facts: SyncFacts, now: float) -> list[Trouble]:
    sentence = known_sentence(status.sentence, str(SYNC[status.phase].help))
    if facts.alarm or status.phase == SyncPhase.ALARM:
        said = known_sentence(facts.alarm, sentence)
        step = _("Beri tahu petugas pusat. Pengumpulan laporan berjalan terus.")
        return [Trouble(Tone.BAD, _("Peringatan sinkronisasi"), said, step)]
    if status.phase == SyncPhase.REFUSED:
        step = _("Minta kode pendaftaran baru dari pusat. Pengumpulan laporan berjalan terus.")
        return [Trouble(Tone.BAD, _("Ditolak pusat"), sentence, step)]
    if facts.oldest_waiting_at is not None and facts.enrolled and now - facts.oldest_waiting_at / 1000 > LATE_SECONDS:
        late = _("Sudah lebih dari sehari tidak ada yang sampai di pusat.")
        step = _("Periksa sambungan internet, atau telepon pusat untuk laporan penting.")
        return [Trouble(Tone.WARN, _("Lama tidak tersambung"), late, step)]
    return []
