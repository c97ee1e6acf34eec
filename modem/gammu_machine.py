"""How libgammu's state machine is set up, kept within time and kept quiet: what its API leaves to others."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_GAMMURC = "[gammu]\natgen_setcnmi = ,0,0,2\n"
"""Without a configuration file libgammu enables no notifications at all. Left to choose, it takes direct deliveries over AT
from whoever has nothing better, and reads them into memory it never cleared: messages are lost, and the program may crash. So
over AT messages and reports are stored in silence (AT+CNMI=…,0,0,2, 27.005 3.4.1), and the store is polled."""


def configure(machine: Any, port: str, connection: str, model: str) -> None:
    """Say where the telephone is and how it is spoken to; words as in gammurc."""
    with tempfile.TemporaryDirectory(prefix="waspada-") as folder:
        file = Path(folder) / "gammurc"
        file.write_text(_GAMMURC, encoding="ascii")
        machine.ReadConfig(0, 0, str(file))
    machine.SetConfig(
        0,
        {
            "Device": port,
            "Connection": connection,
            "Model": model,
            "SyncTime": False,
            "LockDevice": False,
            "StartInfo": False,
            "DebugFile": "",
            "DebugLevel": "",
            "UseGlobalDebugFile": False,
        },
    )


@contextlib.contextmanager
def ended_after(seconds: float, machine: Any) -> Iterator[None]:
    """Abort libgammu's running call after `seconds`; `Abort` is the one function it allows from another thread."""
    limit = threading.Timer(seconds, machine.Abort)
    limit.daemon = True
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


_muting = threading.Lock()


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Keep the line python-gammu prints for every USSD answer off the standard output, where the system allows it."""
    if os.name != "posix":
        yield
        return
    import ctypes

    library = ctypes.CDLL(None)
    with _muting:
        try:
            kept = os.dup(1)
        except OSError:  # there is no standard output
            yield
            return
        library.fflush(None)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
        try:
            yield
        finally:
            library.fflush(None)
            os.dup2(kept, 1)
            os.close(kept)
