"""Taking a stick off the USB and putting it back by software, for a modem that stays mute. Linux.

The kernel's `authorized` file of a USB device (Documentation/usb/authorization.rst): 0 unbinds all its drivers as if it
were pulled out, 1 configures it anew. Power stays on at most hubs, but the stick's USB side and its ports begin afresh.
Only root may write it, unless a udev rule says otherwise (`docs/udev/60-waspada-modem.rules`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

AWAY_SECONDS = 1.0
"""How long it stays off: its drivers must have let go of the ports."""


@dataclass(frozen=True)
class Reauthorized:
    """Whether it was done (that is its truth value); otherwise `reason` says in English why not."""

    done: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.done


def reauthorize(
    port: str, sysfs: Path = Path("/sys"), *, sleep: Callable[[float], object] = time.sleep
) -> Reauthorized:
    """Take the USB device behind a serial port off and put it back. Never raises OSError; close the port first.

    Its ports vanish and come back, perhaps under other names.
    """
    device = _usb_device(port, sysfs)
    if device is None:
        return Reauthorized(False, f"{port} is no port of a USB device here")
    switch = device / "authorized"
    try:
        switch.write_text("0")
    except OSError as error:
        return Reauthorized(False, f"{switch} cannot be written ({error.strerror}); docs/modem.md says who may")
    try:
        sleep(AWAY_SECONDS)
    finally:
        failed = _put_back(switch)
    if failed is not None:
        return Reauthorized(
            False, f"{switch} cannot be set back to 1 ({failed.strerror}); unplug the stick, plug it in again"
        )
    return Reauthorized(True)


def _put_back(switch: Path) -> OSError | None:
    """The device exists as long as the stick is plugged in; once more where the kernel was not ready."""
    failed: OSError | None = None
    for _ in range(2):
        try:
            switch.write_text("1")
        except OSError as error:
            failed = error
        else:
            return None
    return failed


def _usb_device(port: str, sysfs: Path) -> Path | None:
    """The folder of the USB device: the first one above the port that has a vendor. Interfaces have `authorized` too."""
    if os.name != "posix" or "://" in port:
        return None
    name = os.path.basename(os.path.realpath(port))
    folder = Path(os.path.realpath(sysfs / "class" / "tty" / name / "device"))
    root = Path(os.path.realpath(sysfs))
    for above in (folder, *folder.parents):
        if above == root:
            break
        if (above / "idVendor").is_file() and (above / "authorized").exists():
            return above
    return None
