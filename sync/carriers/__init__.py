"""Ways a frame can travel, behind one seam: `exchange` takes a frame's octets and brings the answer's.

    CarrierError
    ├── Unreachable     no link, no name, no connection, time-out           retryable; `timed_out` halves the batch
    ├── Refused         the central says 401 or 403                         not retryable: a person must act
    ├── TooLarge        413                                                 retryable with a smaller batch
    ├── Busy            429 or 503, perhaps with Retry-After                retryable, after `retry_after` seconds
    └── StrangeAnswer   anything that is no answer of our central           retryable (a portal, a proxy, an error page)

Every error says in `sentence` what the person at the laptop should know and do, in Bahasa Indonesia.
"""

from __future__ import annotations

from typing import Protocol


class CarrierError(Exception):
    """A frame got no valid answer. Nothing is known about whether it arrived; sending it again is harmless."""

    retryable = True
    timed_out = False
    retry_after: float | None = None
    """Seconds the other side asked us to wait."""
    sentence = "Pengiriman ke pusat gagal; Waspada mencoba lagi sendiri."


class Unreachable(CarrierError):
    """No connection, or it broke."""

    sentence = "Pusat tidak terjangkau. Periksa koneksi internet; data tetap tersimpan dan dikirim lagi sendiri."

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class Refused(CarrierError):
    """The central does not know this gateway, or has revoked its key."""

    retryable = False
    sentence = (
        "Pusat menolak laptop ini (kunci tidak dikenal atau dicabut). Data tetap dikumpulkan; "
        "hubungi admin pusat dan daftarkan ulang dengan kode baru."
    )


class TooLarge(CarrierError):
    """The frame is larger than something on the way allows."""

    sentence = "Kiriman terlalu besar untuk jalur ini; Waspada mengirim bagian yang lebih kecil."


class Busy(CarrierError):
    """The central asks for patience."""

    sentence = "Pusat sedang sibuk; Waspada mencoba lagi sendiri."

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StrangeAnswer(CarrierError):
    """Somebody answered, but not our central: its seal is missing."""

    sentence = (
        "Jawaban bukan dari pusat (mungkin halaman login Wi-Fi atau proxy). Buka browser untuk masuk ke jaringan, "
        "atau periksa alamat pusat; data tetap tersimpan."
    )


class Carrier(Protocol):
    """One way to the central. Not thread-safe: one worker owns it."""

    def exchange(self, frame: bytes) -> bytes:
        """Bring the frame there and the answer back, unopened. Raises CarrierError."""

    def close(self) -> None:
        """End the connection; the next `exchange` opens a new one."""
