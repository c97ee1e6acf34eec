"""Serving Flask pages in a thread with waitress: the laptop's, the demo's, and the central's where no gunicorn does."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from waitress.server import create_server

from config import StartError

if TYPE_CHECKING:
    from flask import Flask

THREADS = 4
"""A laptop has one operator with a few tabs."""


class PageServer:
    """Pages served from a thread of this process until `close`."""

    def __init__(self, pages: Flask, host: str, port: int, *, threads: int = THREADS, only_port: bool = False) -> None:
        """Open the listening socket. A port that is taken is replaced by a free one, as collecting matters more than the
        address; with `only_port` (others know the address) it is an error instead. Raises StartError."""
        self._socket = _listening_socket(host, (port,) if only_port else (port, 0))
        self.address = f"http://{host}:{self._socket.getsockname()[1]}/"
        self._server = create_server(
            pages,
            sockets=[self._socket],
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=pages.config["MAX_CONTENT_LENGTH"]
            + 1,  # from here on refused, before it fills the disk
        )
        self._thread = threading.Thread(target=self._server.run, name="pages", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering and give the port back."""
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=1)
        self._socket.close()


def _listening_socket(host: str, ports: tuple[int, ...]) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wished in ports:
        listener = socket.socket(family, socket.SOCK_STREAM)
        if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows SO_REUSEADDR would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wished))
            return listener
        except OSError as error:
            listener.close()
            reason = error.strerror or str(error)
    raise StartError(
        f"The pages cannot be served on {host} port {ports[0]} ({reason}); choose another port, 0 for any, or 127.0.0.1."
    )
