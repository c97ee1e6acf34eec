"""The next step for a person, by the state of a modem, by what it says of itself, and by what is said of its SIM. Data only.

Keys of the last two are sentences of `said.SAID`, as the threads say them.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from modem.types import ModemState

Steps = Mapping[str, str | LazyString]

OF_STATE: Steps = {
    ModemState.ABSENT: _("Colokkan modem atau periksa kabelnya. Tidak perlu memulai ulang Waspada."),
    ModemState.PIN_NEEDED: _("Pasang kartu di ponsel, matikan permintaan PIN, lalu pasang kembali di modem."),
    ModemState.NO_SIM: _("Cabut modem, pasang kembali kartu SIM, colokkan lagi."),
    ModemState.DENIED: _("Periksa masa aktif dan registrasi kartu di operator, atau pasang kartu lain."),
    ModemState.HUNG: _("Cabut modem, tunggu sepuluh detik, colokkan lagi."),
}

OF_SENTENCE: Steps = {
    "Modem menolak menghapus SMS yang sudah disimpan; bila SIM penuh, hapus lewat ponsel.": _(
        "Cabut modem dan pasang kembali. Bila tetap begini, hapus SMS di kartu lewat ponsel."
    ),
    "Kartu SIM penuh dan modem menolak menghapus: SMS baru tidak bisa masuk. Kosongkan kartu lewat ponsel.": _(
        "Pasang kartu di ponsel, hapus semua SMS di kartu, lalu pasang kembali di modem."
    ),
    "Operator menolak SMS, mungkin pulsa habis. Isi pulsa kartu ini; SMS menunggu dan dikirim sendiri.": _(
        "Isi pulsa kartu ini. SMS yang menunggu dikirim sendiri setelah itu."
    ),
    "Nomor pusat SMS (SMSC) belum diatur di SIM; SMS menunggu. Atur nomornya lewat ponsel.": _(
        "Pasang kartu di ponsel dan atur nomor pusat SMS operator, lalu pasang kembali di modem."
    ),
    "Modem sedang dipakai program lain. Tutup program itu.": _(
        "Biasanya ModemManager atau aplikasi bawaan modem. Bila tidak tahu, panggil teknisi (docs/modem.md)."
    ),
    "Waspada tidak berhak membuka modem. Masukkan pengguna ini ke grup dialout.": _(
        "Minta teknisi memberi hak itu (docs/modem.md), lalu mulai ulang laptop."
    ),
    "Modem ini tidak mengenal mode PDU dan tidak dapat dipakai.": _(
        "Minta teknisi mencari port lain dengan waspada modem scan, atau pakai modem lain."
    ),
    "SIM meminta PIN, tetapi berkas PIN belum ada. Isi pin_file di pengaturan, atau matikan PIN lewat ponsel.": _(
        "Paling mudah: pasang kartu di ponsel, matikan permintaan PIN, lalu pasang kembali di modem."
    ),
    "Berkas PIN tidak dapat dipakai. Periksa isinya (4 sampai 8 angka) dan haknya, atau matikan PIN lewat ponsel.": _(
        "Minta teknisi memeriksa berkas PIN; Waspada membacanya lagi sendiri."
    ),
    "PIN ditolak kartu SIM dan tidak dicoba lagi. Betulkan isi berkas PIN.": _(
        "Tanyakan PIN yang benar kepada pemilik kartu. PIN baru di berkas itu dicoba satu kali."
    ),
    "PIN belum pasti benar dan tidak dicoba lagi. Buka kartu SIM dengan PIN di ponsel, atau matikan PIN.": _(
        "Pasang kartu di ponsel, masukkan PIN yang benar di sana, lalu pasang kembali di modem."
    ),
    "Tinggal satu percobaan PIN; Waspada tidak memakainya. Masukkan PIN yang benar lewat ponsel.": _(
        "Pasang kartu di ponsel, masukkan PIN yang benar di sana, lalu pasang kembali di modem."
    ),
    "Kartu SIM terkunci (PUK). Buka dengan kode PUK di ponsel, atau hubungi operator.": _(
        "PUK ada di kemasan kartu atau di gerai operator. Jangan menebak: sepuluh kali salah mematikan kartu."
    ),
    "Modem terkunci untuk operator lain. Pakai kartu SIM operator itu atau modem lain.": _(
        "Pakai kartu dari operator yang menjual modem ini, atau modem lain."
    ),
    "Jaringan menolak modem ini (IMEI). Daftarkan IMEI-nya atau pakai modem lain.": _(
        "Pakai modem lain, atau tanyakan pendaftaran IMEI ke gerai operator."
    ),
    "Ada gangguan pada laptop ini (mungkin disk penuh); SMS tetap di kartu SIM, dan Waspada mencoba lagi sendiri.": _(
        "Periksa ruang kosong di disk. Bila berlanjut, panggil teknisi."
    ),
}
"""Where the step differs from that of the state, or where the modem works all the same."""

SWAPPED = "Kartu SIM di modem ini diganti. Periksa nomor dan PIN-nya di pengaturan."
BLOCKED = "Kartu SIM diblokir operator. Hubungi gerai operator; sementara pakai kartu lain."
OF_SIM: Steps = {
    SWAPPED: _("Bila disengaja, minta teknisi menyesuaikan nomornya; bila tidak, pasang kembali kartu lama."),
    BLOCKED: _("Beri tahu para pelapor bila nomor laptop ini berganti."),
}
"""Where topping up is not the step."""

SENDS_NOTHING = (
    BLOCKED,
    "Kartu SIM dalam masa tenggang: menerima SMS, tetapi tidak dapat mengirim. Isi ulang sekarang.",
    "Masa aktif kartu SIM sudah habis. Isi ulang sekarang, sebelum nomornya hangus.",
    "Pulsa habis. Isi ulang agar laptop ini dapat mengirim SMS.",
)
"""What is said of a SIM that sends nothing any more; the rest is said before it is too late."""
