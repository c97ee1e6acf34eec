"""The projector's thread: woken after every ingest, with a slow poll behind it. One per process, several do no harm."""

from __future__ import annotations

import os
import threading

import structlog

from .database import Database
from .projector import fold

log = structlog.get_logger()

POLL_SECONDS = 15.0
_PAUSE_AFTER_FAULT_SECONDS = 5.0


class ProjectorThread:
    """Folds in the background. Starts itself with the first `wake` in a process (web servers fork after loading us)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._wakeup = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._process = 0

    def wake(self) -> None:
        """Say that the ledger grew."""
        with self._lock:
            if not self._stopping.is_set() and (self._process != os.getpid() or self._thread is None):
                self._process = os.getpid()
                self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
                self._thread.start()
        self._wakeup.set()

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread and wait for it."""
        self._stopping.set()
        self._wakeup.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wakeup.clear()
            pause = POLL_SECONDS
            try:
                fold(self._database)
            except Exception as error:  # whatever it is: a thread that ended here would never be missed
                log.error("projector_fault", fault=type(error).__name__)
                pause = _PAUSE_AFTER_FAULT_SECONDS
            self._wakeup.wait(pause)
