"""Sentences that threads and rules say in Bahasa Indonesia, listed so that the English catalogue has them.

Pages pass what was said through `known_sentence`; a number in it stands here as `%(n)s`. A test finds every one of
these in the source, so a sentence that was changed there is noticed here.
"""

from __future__ import annotations

import re

from . import language
from .language import say


def known_sentence(said: str, own: str | None = None) -> str:
    """`said` in the page's language. Where it has no translation, or nothing was said: `own`, by default what was said."""
    own = said if own is None else own
    if not said:
        return own
    if language.code() == "id":
        return said
    translated = say(said)
    number = re.search(r"\d+", said)
    if translated == said and number and "%" not in said:
        template = said[: number.start()] + "%(n)s" + said[number.end() :]
        translated = say(template, n=number[0])
    return own if translated == said else translated


def pdu_sentence(error: str) -> str:
    """Why a PDU could not be read, in the page's language; the codec's own English words are for programmers."""
    sentence = next((own for start, own in PDU_FAULTS.items() if error.startswith(start)), "")
    return say(sentence, n=_first_number(error)) if sentence else known_sentence(error)


def _first_number(text: str) -> str:
    found = re.search(r"\d+", text)
    return found[0] if found else "?"


def _(text: str) -> str:
    return text


PDU_FAULTS = {
    "the codec cannot read it": _("Isinya rusak atau bukan SMS."),
    "an SMS of type": _("Ini bukan SMS masuk."),
    "it is no hexadecimal text": _("Modem memberi tulisan yang bukan SMS."),
    "it is too short": _("SMS ini terpotong: hanya %(n)s oktet."),
}
"""How the texts of `modem.pdu.decode`'s errors begin, and what the operator reads instead."""


SAID = (
    _("Modem belum dicari."),
    _("Modem bermasalah; Waspada mencoba lagi sendiri."),
    _("Modem tidak terhubung. Periksa kabel USB; Waspada menyambung lagi sendiri."),
    _("Modem tidak menjawab. Bila berlanjut, cabut dan pasang kembali modem."),
    _("Modem menolak menghapus SMS yang sudah disimpan; bila SIM penuh, hapus lewat ponsel."),
    _("Modem ini tidak mengenal mode PDU dan tidak dapat dipakai."),
    _("Modem siap, mencari jaringan."),
    _("Modem sedang dipakai program lain. Tutup program itu."),
    _("Waspada tidak berhak membuka modem. Masukkan pengguna ini ke grup dialout."),
    _("Mencari jaringan. Pindahkan modem ke tempat bersinyal."),
    _("Jaringan menolak kartu SIM. Periksa masa aktif kartu."),
    _("Kartu SIM penuh; SMS baru tertahan di operator sampai ada tempat."),
    _("SIM belum terpasang. Pasang kartu SIM."),
    _("SIM meminta PIN."),
    _("Kartu SIM rusak atau tidak terbaca. Periksa kartu SIM."),
    _("Tidak ada jaringan. Pindahkan modem ke tempat bersinyal."),
    _("Nomor pusat SMS (SMSC) belum diatur di SIM."),
    _("Jaringan tidak menjawab; dicoba lagi sendiri."),
    _("Isi SMS tidak dapat dibaca; aslinya disimpan."),
    _("Membaca SMS ini menghentikan program."),
    _("Isi SMS masih kosong."),
    _("Nomor tidak dikenali. Tulis seperti 0812xxxxxxx atau +62812xxxxxxx."),
    _("Program berhenti saat mengirim; dikirim lagi."),
    _("Program berhenti saat mengirim; mungkin sudah terkirim."),
    _("Balasan otomatis dimatikan (replies.enabled)."),
    _("Pengirim bukan nomor pelanggan; tidak pernah dibalas."),
    _("Pengirim adalah nomor kita sendiri; tidak pernah dibalas."),
    _("Batas %(n)s balasan per hari tercapai (replies.per_day)."),
    _("Batas %(n)s balasan per hari untuk pengirim ini tercapai."),
    _("Balasan yang sama sudah %(n)s kali dikirim ke pengirim ini."),
    _("Belum terdaftar di pusat."),
    _("Mengirim data ke pusat …"),
    _("%(n)s catatan menunggu kiriman berikutnya."),
    _("Belum pernah terhubung ke pusat; mencoba sebentar lagi."),
    _("Semua data sudah diterima pusat."),
    _("Sinkronisasi bermasalah pada laptop ini; Waspada mencoba lagi sendiri."),
    _("Pengiriman ke pusat gagal; Waspada mencoba lagi sendiri."),
    _("Pusat tidak terjangkau. Periksa koneksi internet; data tetap tersimpan dan dikirim lagi sendiri."),
    _("Pusat sedang sibuk; Waspada mencoba lagi sendiri."),
    _("Kiriman terlalu besar untuk jalur ini; Waspada mengirim bagian yang lebih kecil."),
    _(
        "Pusat menolak laptop ini (kunci tidak dikenal atau dicabut). Data tetap dikumpulkan; "
        "hubungi admin pusat dan daftarkan ulang dengan kode baru."
    ),
    _(
        "Jawaban bukan dari pusat (mungkin halaman login Wi-Fi atau proxy). Buka browser untuk masuk ke jaringan, "
        "atau periksa alamat pusat; data tetap tersimpan."
    ),
    _("Data laptop ini dipulihkan dari cadangan atau disalin; semua dikirim ulang ke pusat. Laporkan ke admin pusat."),
    _(
        "Data laptop ini lebih lama daripada data di pusat (dipulihkan dari cadangan?); semua dikirim ulang. "
        "Laporkan ke admin pusat."
    ),
)
