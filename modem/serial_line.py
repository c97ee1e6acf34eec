"""A serial port through pyserial, with the differences between its kinds kept here. No AT in it."""

from __future__ import annotations

import contextlib
import os
import sys

import serial

from .types import ModemAbsent

SLICE_SECONDS = 0.1
"""Longest blocking read on lines whose read cannot be interrupted (`socket://`): how late `interrupt` may be noticed."""
_TERMIOS_ERROR: type[Exception] = getattr(sys.modules.get("termios"), "error", OSError)
_GONE = (serial.SerialException, OSError, TypeError, _TERMIOS_ERROR)
"""What pyserial raises when the port is gone. TypeError: closed under its feet; termios.error, loaded by it where the
system has it, is neither of the first two."""


class SerialLine:
    """An open port. Every method but `close` and `interrupt` raises ModemAbsent when the port is gone."""

    def __init__(self, port: str, baud: int, write_seconds: float) -> None:
        """Open it, for us alone where the system can. `write_seconds`: a port that takes no octets so long is gone."""
        self._port = port
        self._is_socket = port.startswith("socket://")
        try:
            self._serial = serial.serial_for_url(
                port, baudrate=baud, timeout=0, write_timeout=write_seconds, do_not_open=True
            )
            if os.name == "posix" and not self._is_socket:
                self._serial.exclusive = True
            self._serial.open()
        except (*_GONE, ValueError) as error:
            raise ModemAbsent(f"the port {port} cannot be opened: {error}", operator=_sentence(error)) from None

    def close(self) -> None:
        """Close it; never raises."""
        # pyserial forgets the socket of socket:// without closing it when the other end is gone already.
        left_over = getattr(self._serial, "_socket", None)
        with contextlib.suppress(serial.SerialException, OSError):  # it is gone, which is what was wanted
            self._serial.close()
        if left_over is not None:
            left_over.close()

    def interrupt(self) -> None:
        """End a running `read`, from another thread."""
        if hasattr(self._serial, "cancel_read"):
            # Errors: closed at this very moment; then `read` returns by itself.
            with contextlib.suppress(serial.SerialException, OSError, AttributeError, TypeError):
                self._serial.cancel_read()

    def read(self, seconds: float) -> bytes:
        """What is there, or comes first within `seconds`; b'' when nothing did, `interrupt` was called, or earlier where the line
        cannot be interrupted."""
        if self._is_socket:
            seconds = min(seconds, SLICE_SECONDS)
        try:
            self._serial.timeout = seconds
            first: bytes = self._serial.read(1)
            if not first:
                return b""
            if self._is_socket:
                self._serial.timeout = 0
                rest: bytes = self._serial.read(65536)
            else:
                rest = self._serial.read(self._serial.in_waiting)
            return first + rest
        except _GONE as error:
            raise self._gone(error) from None

    def write(self, octets: bytes) -> None:
        """Hand octets to the port."""
        try:
            self._serial.write(octets)
        except _GONE as error:
            raise self._gone(error) from None

    def discard_input(self) -> None:
        """Forget what came and was not read."""
        try:
            self._serial.reset_input_buffer()
        except _GONE as error:
            raise self._gone(error) from None

    def _gone(self, error: Exception) -> ModemAbsent:
        return ModemAbsent(f"the port {self._port} is gone: {error}")


def _sentence(error: Exception) -> str | None:
    if getattr(error, "errno", None) == 13 or "Permission" in str(error):
        return "Waspada tidak berhak membuka modem. Masukkan pengguna ini ke grup dialout."
    if getattr(error, "errno", None) == 16 or "busy" in str(error).lower() or "lock" in str(error).lower():
        return "Modem sedang dipakai program lain. Tutup program itu."
    return None
