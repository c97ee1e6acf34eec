"""What keeps the pages safe: which names they answer to, and what a browser may do with them."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    # Everything from this server alone and no inline script or style: a text that slipped through could do nothing.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guard(app: Flask, bound_to: str) -> None:
    """Refuse foreign Host names on every request and put `HEADERS` on every answer. `bound_to`: `console.host`."""

    @app.before_request
    def _refuse_foreign_host() -> None:
        if not is_own_name(request.host, bound_to):
            abort(403)

    @app.after_request
    def _add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        if not request.path.startswith(("/static/", "/bootstrap/")):
            response.headers["Cache-Control"] = "no-store"
        return response


def is_own_name(host: str, bound_to: str) -> bool:
    """Whether a Host header names this console.

    On the loopback only its own names do, so that a page elsewhere cannot reach us under a name it points at us (DNS
    rebinding). Bound to the network, bare addresses and the laptop's own name are right too: no rebinding has those.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in LOOPBACK_NAMES:
        return True
    if bound_to in LOOPBACK_NAMES:
        return False
    return name in (bound_to.lower(), socket.gethostname().lower()) or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
