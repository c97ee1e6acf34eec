"""Serving the central with waitress: a trial, or a small office. For many laptops: gunicorn (`docs/central.md`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server

from config.settings import SettingError
from sync.frame import MAX_FRAME_OCTETS

_THREADS = 8


class CentralServer:
    """Bound on construction; `run` serves until `close` is called from another thread or a signal interrupts it."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        try:
            self._server: Any = create_server(
                app, host=host, port=port, threads=_THREADS, ident=None, max_request_body_size=MAX_FRAME_OCTETS
            )
        except OSError as error:
            raise SettingError(
                f"The central cannot listen on {host} port {port} ({error.strerror}); set central.port to another, or 0."
            ) from None
        self.address = f"http://{host}:{self._server.effective_port}"

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve; `ready` gets the address once connections are taken."""
        ready(self.address)
        self._server.run()

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
