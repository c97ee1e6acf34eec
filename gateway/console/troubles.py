"""What needs a person, in words: each trouble with a sentence and the next step. Pure: facts in, troubles out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.board import SyncPhase, SyncStatus
from gateway.store.records import SyncFacts, Tally
from modem.types import ModemState, ModemStatus

from .language import ngettext
from .language import say as _
from .said import known_sentence
from .steps import OF_SENTENCE, OF_SIM, OF_STATE, SENDS_NOTHING
from .words import MODEM, MODEM_IMPAIRED, SYNC, Tone, Word

NEARLY_FULL = 0.8
"""Share of the SIM's places from which the operator is told."""
UNSENT_SECONDS = 48 * 3600
"""SMS that were not sent are a trouble for so long; later they are only history."""
LONG_SEARCH_SECONDS = 120
"""A modem that is started anew finds its network sooner; from here on a person may help it."""
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
    since: int = 0
    """When its state changed last, milliseconds since 1970; 0 unknown."""

    @property
    def word(self) -> Word:
        """Its state in a word."""
        impaired = self.status.state == ModemState.READY and self.status.sentence in OF_SENTENCE
        return MODEM_IMPAIRED if impaired else MODEM[self.status.state]

    @property
    def sentence(self) -> str:
        """How it stands, in the page's language."""
        return known_sentence(self.status.sentence, str(MODEM[self.status.state].help))


def all_troubles(
    modems: Sequence[ModemShown], sync: SyncStatus, facts: SyncFacts, tally: Tally, now: float
) -> list[Trouble]:
    """Everything a person should look at, the worst first. `now` in seconds since 1970."""
    of_modems = [trouble for shown in modems for trouble in _named(shown, now)]
    found = [*of_modems, *_stored(tally), *_outgoing(tally), *_sync(sync, facts, now)]
    return sorted(found, key=lambda trouble: trouble.tone != Tone.BAD)


def _named(shown: ModemShown, now: float) -> list[Trouble]:
    """The troubles of one modem; with its name where there are several."""
    found = [*(_modem(shown.status) or _search(shown, now)), *_sim(shown)]
    if not shown.name:
        return found
    return [replace(trouble, title=f"{shown.name}: {trouble.title}") for trouble in found]


def _sim(shown: ModemShown) -> list[Trouble]:
    usual = _("Isi ulang kartu ini; Waspada menanyakan pulsa lagi sendiri.")
    found = []
    for said in shown.warnings:
        tone = Tone.BAD if said in SENDS_NOTHING else Tone.WARN
        step = str(OF_SIM[said]) if said in OF_SIM else usual
        found.append(Trouble(tone, _("Kartu SIM"), known_sentence(said), step))
    return found


def _search(shown: ModemShown, now: float) -> list[Trouble]:
    """A modem that has been looking for its network for so long that somebody should move it."""
    if shown.status.state != ModemState.SEARCHING or not shown.since or now - shown.since / 1000 < LONG_SEARCH_SECONDS:
        return []
    step = _("Dekat jendela, atau dengan kabel sambungan USB. SMS yang datang menunggu di operator.")
    return [Trouble(Tone.WARN, _("Modem"), shown.sentence, step)]


def _modem(status: ModemStatus) -> list[Trouble]:
    if status.sentence in OF_SENTENCE:
        said = known_sentence(status.sentence)
        return [Trouble(Tone.BAD, _("Modem"), said, str(OF_SENTENCE[status.sentence]))]
    known = MODEM[status.state]
    sentence = known_sentence(status.sentence, str(known.help))
    if status.state == ModemState.FULL or (
        status.sim_used is not None and status.sim_capacity and status.sim_used >= status.sim_capacity
    ):
        full = _("Kartu SIM penuh: SMS baru belum bisa masuk.")
        step = _("Tunggu semenit: Waspada mengosongkannya sendiri. Bila tetap penuh, cabut dan pasang kembali modem.")
        return [Trouble(Tone.BAD, _("SIM penuh"), full, step)]
    if status.state in OF_STATE:
        return [Trouble(Tone.BAD, _("Modem"), sentence, str(OF_STATE[status.state]))]
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
    return found + _undelivered(tally.undelivered_lately)


def _undelivered(count: int) -> list[Trouble]:
    if not count:
        return []
    sentence = ngettext(
        "%(num)d SMS tidak sampai di ponsel penerima.", "%(num)d SMS tidak sampai di ponsel penerima.", count
    )
    step = _("Ponselnya mati atau nomornya tidak ada. Telepon penerima bila isinya penting.")
    filters = (("state", "undelivered"),)
    return [Trouble(Tone.WARN, _("Tidak sampai"), sentence, step, "pages.outgoing", filters)]


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
