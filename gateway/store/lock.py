"""One running gateway for each data folder: two would read one SIM and answer everybody twice."""

from __future__ import annotations

import os
from pathlib import Path

from .database import StoreError

LOCK_NAME = "waspada.lock"


class FolderLock:
    """Held until `release` or the end of the process, however that comes (the system gives it back)."""

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises StoreError where another process has it."""
        self._file = (folder / LOCK_NAME).open("a+b")
        try:
            _lock(self._file.fileno())
        except OSError:
            self._file.close()
            raise StoreError(
                f"Another waspada gateway is running on {folder}; stop it first, or choose another folder with --data."
            ) from None

    def release(self) -> None:
        """Give it back."""
        self._file.close()


def gateway_runs(folder: Path) -> bool:
    """Whether a gateway runs on this folder now."""
    try:
        FolderLock(folder).release()
    except StoreError:
        return True
    return False


def _lock(descriptor: int) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows only
