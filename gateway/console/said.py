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
    "it is no hexadecimal text": _("Modem memberi tulisan yang bukan SMS."),
    "it is too short": _("SMS ini terpotong: hanya %(n)s oktet."),
}
"""How the texts of `modem.pdu.decode`'s errors begin, and what the operator reads instead."""


SAID = (
    _("Modem belum dicari."),
    _("Modem siap."),
    _("Modem bermasalah; Waspada mencoba lagi sendiri."),
    _("Ada gangguan pada laptop ini (mungkin disk penuh); SMS tetap di kartu SIM, dan Waspada mencoba lagi sendiri."),
    _("Modem tidak terhubung. Periksa kabel USB; Waspada menyambung lagi sendiri."),
    _("Modem tidak menjawab. Bila berlanjut, cabut dan pasang kembali modem."),
    _("Modem menolak menghapus SMS yang sudah disimpan; bila SIM penuh, hapus lewat ponsel."),
    _("Modem ini tidak mengenal mode PDU dan tidak dapat dipakai."),
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
    _("Draf yang tersimpan di kartu SIM, bukan SMS masuk."),
    _("SMS senyap (tipe 0) dari jaringan, bukan tulisan orang."),
    _("SMS untuk kartu SIM atau modem sendiri, bukan tulisan orang."),
    _("Pemberitahuan pesan suara dari operator."),
    _("Siaran sel (cell broadcast) dari jaringan, bukan SMS."),
    _("SMS terkompresi; tulisannya tidak dapat dibuka."),
    _("Pemberitahuan MMS atau WAP; laptop ini tidak dapat membukanya."),
    _("SMS untuk aplikasi (port %(n)s), bukan tulisan orang."),
    _("SMS data (8-bit), bukan tulisan."),
    _("Kartu SIM diblokir operator. Hubungi gerai operator; sementara pakai kartu lain."),
    _("Kartu SIM dalam masa tenggang: menerima SMS, tetapi tidak dapat mengirim. Isi ulang sekarang."),
    _("Masa aktif kartu SIM sudah habis. Isi ulang sekarang, sebelum nomornya hangus."),
    _("Masa aktif kartu SIM habis hari ini. Isi ulang sekarang."),
    _("Masa aktif kartu SIM habis %(n)s hari lagi. Isi ulang sebelum itu."),
    _("Pulsa habis. Isi ulang agar laptop ini dapat mengirim SMS."),
    _("Pulsa tinggal Rp%(n)s. Isi ulang sebelum habis."),
    _("Operator menolak SMS; mungkin pulsa habis. Periksa pulsa."),
    _("Operator memblokir pengiriman dari kartu SIM ini. Periksa pulsa dan masa aktif kartu."),
    _("Nomor tujuan tidak dikenal jaringan. Periksa nomornya."),
    _("Kartu SIM terkunci (PUK). Buka dengan kode PUK di ponsel, atau hubungi operator."),
    _("Modem terkunci untuk operator lain. Pakai kartu SIM operator itu atau modem lain."),
    _("Memori SMS penuh; Waspada mengosongkannya sendiri."),
    _("Kartu SIM ini tidak boleh memakai pusat SMS (SMSC) yang diatur. Periksa nomor SMSC."),
    _("Jaringan menolak modem ini (IMEI). Daftarkan IMEI-nya atau pakai modem lain."),
    _("Kartu SIM belum siap; dicoba lagi sendiri."),
    _("SIM meminta PIN, tetapi berkas PIN belum ada. Isi pin_file di pengaturan, atau matikan PIN lewat ponsel."),
    _("Berkas PIN tidak dapat dipakai. Periksa isinya (4 sampai 8 angka) dan haknya, atau matikan PIN lewat ponsel."),
    _("PIN ditolak kartu SIM dan tidak dicoba lagi. Betulkan isi berkas PIN."),
    _("PIN belum pasti benar dan tidak dicoba lagi. Buka kartu SIM dengan PIN di ponsel, atau matikan PIN."),
    _("Tinggal satu percobaan PIN; Waspada tidak memakainya. Masukkan PIN yang benar lewat ponsel."),
    _("Operator tidak mengenal kode USSD ini. Periksa kode cek pulsa (balance_code) di pengaturan."),
    _("Operator tidak menjawab kode USSD; dicoba lagi nanti."),
    _("Modem tidak ditemukan. Colokkan modem; Waspada terus mencari."),
    _("Lama tanpa jaringan; modem disetel ulang. Pindahkan modem ke tempat bersinyal."),
    _("Modem memulai ulang sendiri dan disiapkan lagi. Bila berulang, pakai port USB lain."),
    _("Kartu SIM penuh dan modem menolak menghapus: SMS baru tidak bisa masuk. Kosongkan kartu lewat ponsel."),
    _("Operator menolak SMS, mungkin pulsa habis. Isi pulsa kartu ini; SMS menunggu dan dikirim sendiri."),
    _("Nomor pusat SMS (SMSC) belum diatur di SIM; SMS menunggu. Atur nomornya lewat ponsel."),
    _("Tidak ada modem yang boleh mengirim (modem.role); SMS ini menunggu."),
    _("Batas %(n)s SMS per hari tercapai (sending.per_day); SMS ini menunggu."),
    _("Jatah %(n)s SMS per hari selain peringatan terpakai (sending.per_day); SMS ini menunggu."),
    _("Kartu SIM di modem ini diganti. Periksa nomor dan PIN-nya di pengaturan."),
    _("Jaringan tidak dapat menyampaikan SMS ini."),
    _("Laporan pengiriman ini tidak cocok dengan SMS kita yang mana pun."),
    _("Ada SMS di HP yang tidak dapat dibaca Waspada. Baca dan hapus di HP itu."),
    _("libgammu tidak mengenal sambungan atau model HP ini. Periksa pengaturan modem."),
    _('HP ini tidak memberikan SMS-nya lewat libgammu. Pakai driver = "at" atau HP lain.'),
    _("Pengirim ada di daftar yang tidak pernah dibalas (replies.never)."),
    _("Pengirim ini seperti mesin: terus membalas jawaban kita. Satu jam tidak dijawab; bacalah pesannya."),
    _("Pengirim ini tadi seperti mesin dan satu jam tidak dijawab; bacalah pesannya."),
    _("Pesan ini berisi jawaban kita sendiri, mungkin dari mesin penjawab; tidak dibalas."),
    _("Kalimat yang sama datang lagi begitu kita menjawab, seperti jawaban otomatis HP; tidak dibalas."),
    _("Pemberitahuan operator atau layanan; tidak pernah dibalas."),
    _("Penipuan atau iklan; tidak pernah dibalas."),
    _("Pesan pribadi atau salah kirim; tidak dibalas."),
    _("Perintah TERIMA tanpa laporan; tidak dibalas."),
    _("Hanya ucapan terima kasih; tidak perlu dibalas."),
    _("Pesan ini tidak memerlukan jawaban."),
    _("Ada dua nomor di sini. Tulis satu nomor saja; nomor kedua di baris sendiri."),
    _("Excel menyingkat nomor ini. Jadikan kolomnya Teks, lalu tulis lagi nomornya."),
    _("Ini nomor telepon tetap dan tidak dapat menerima SMS. Tulis nomor ponsel."),
    _("Ini nomor layanan atau nama, bukan nomor ponsel orang. Tulis nomor ponsel."),
    _("Angka nomor ponsel ini kurang atau lebih. Periksa nomornya."),
    _("Kode desa ini tidak ada di kabupaten ini. Pilih desa atau kelurahan dari daftar."),
    _("Desa atau kelurahan belum diisi; hanya petugas yang boleh tanpa desa."),
    _("Bahasa tidak dikenal. Pilih id (Bahasa Indonesia) atau en (English)."),
    _("Alasan belum diisi. Tulis singkat mengapa pendaftaran ditolak."),
    _("Ini nomor kartu SIM kita sendiri dan tidak dapat didaftarkan."),
    _("Orang ini tidak terdaftar. Daftarkan dulu, lalu ubah."),
    _("Orang ini tidak terdaftar. Daftarkan dulu, lalu pastikan."),
    _("Pendaftaran ini tidak ada."),
    _("Pendaftaran ini sudah diputuskan atau diganti oleh SMS yang lebih baru."),
    _("Orang ini tidak ada di daftar."),
    _("Berkas ini sudah diimpor atau tidak lagi disimpan. Pilih berkasnya sekali lagi."),
    _("Ini berkas Excel lama (.xls) atau berkata sandi. Simpan sebagai .xlsx tanpa sandi, lalu ulangi."),
    _("Berkas ini bukan CSV atau XLSX. Simpan daftarnya sebagai CSV (UTF-8) atau XLSX, lalu ulangi."),
    _("Berkas XLSX ini rusak. Simpan ulang, lalu ulangi."),
    _("Berkas XLSX ini terlalu besar bila dibuka. Simpan hanya daftarnya, lalu ulangi."),
    _("Nomor kosong."),
    _("Isi nomor ponselnya."),
    _("Peran kosong."),
    _("Peran tidak dikenal."),
    _("Desa atau kelurahan kosong."),
    _("Isi nama atau kode desanya."),
    _("Nama ini dapat berarti beberapa desa."),
    _("Desa ini tidak dikenal."),
    _("Tulis nama lengkap atau kodenya."),
    _("Betulkan bila salah."),
    _("Nama kosong."),
    _("Boleh dilengkapi nanti."),
    _("Nomor luar negeri."),
    _("Pastikan nomornya benar."),
    _("Orang ini sudah terdaftar dengan nomor lain."),
    _("Bila ganti nomor, hentikan yang lama."),
    _("Sudah terdaftar dengan isi lain."),
    _("Isi lama diganti dengan isi berkas ini."),
    _("Peran petugas: boleh memakai VERIF dan TL."),
    _("Pastikan lewat telepon bahwa nomor ini miliknya."),
    _("Pemilik nomor ini sudah bilang bukan dia lagi, atau sudah berhenti."),
    _("Telepon dulu, lalu daftarkan satu per satu."),
    _("Dibaca satu kali saja."),
    _("Keduanya didaftarkan."),
    _("Pastikan nomor ini milik siapa, lalu hapus yang salah."),
    _("Ganti rumus dengan nilainya (Salin, Tempel Khusus, Nilai)."),
    _("Jadikan kolomnya Teks, lalu tulis lagi isinya."),
    _("Bahasa tidak dikenal; dipakai Bahasa Indonesia."),
    _("Tulis id atau en."),
    _("Ini nomor kartu SIM kita sendiri."),
    _("Hapus baris ini."),
    _("Periksa desa dan kecamatannya."),
    _("Sama dengan baris %(n)s."),
    _("Orang yang sama ada di baris %(n)s dengan nomor lain."),
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
