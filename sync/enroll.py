"""Enrolment of a laptop: trades the central's one-time code for a gateway number.

The key is made here and kept in the database before it is sent, so that a lost answer costs nothing: the same code with
the same key may be presented again.

    EnrolError     the text is one sentence in Bahasa Indonesia for the person at the laptop
"""

from __future__ import annotations

import secrets

import requests

from config import __version__
from gateway.store import ledger
from gateway.store.database import Store
from gateway.store.models import Fact

from .carriers.http import plain_session
from .frame import KEY_OCTETS

ENROLL_PATH = "/sync/v1/enroll"
_PENDING_KEY = "enrolment_key"
_TIMEOUTS = (30.0, 60.0)


class EnrolError(Exception):
    """Enrolment did not happen; the text says why and what to do. `retryable`: the same code may still work later."""

    def __init__(self, sentence: str, *, retryable: bool = False) -> None:
        super().__init__(sentence)
        self.retryable = retryable


def enroll(store: Store, url: str, code: str) -> int:
    """Enrol this laptop at the central and return its gateway number. A laptop enrolled before gets a new identity:
    its whole ledger goes to the central again under the new number. Raises EnrolError."""
    if not url.startswith(("https://", "http://")):
        raise EnrolError(f"Alamat pusat {url!r} tidak lengkap; tulis misalnya https://pusat.example.go.id.")
    key = _pending_key(store)
    gateway = _ask(url, code.strip().upper(), key)
    with store.write() as session:
        state = ledger.sync_state(session)
        state.central, state.gateway, state.key = url.rstrip("/"), gateway, key
        state.ack = state.safe = 0
        pending = session.get(Fact, _PENDING_KEY)
        if pending is not None:
            session.delete(pending)
    return gateway


def _pending_key(store: Store) -> bytes:
    with store.write() as session:
        fact = session.get(Fact, _PENDING_KEY)
        if fact is None:
            fact = Fact(name=_PENDING_KEY, value=secrets.token_bytes(KEY_OCTETS))
            session.add(fact)
        return fact.value


def _ask(url: str, code: str, key: bytes) -> int:
    address = url.rstrip("/") + ENROLL_PATH
    question = {"code": code, "key": key.hex(), "version": __version__}
    try:
        with plain_session(address) as session:
            response = session.post(address, json=question, timeout=_TIMEOUTS, allow_redirects=False)
    except requests.RequestException as error:
        raise EnrolError(
            f"Pusat {url} tidak terjangkau ({type(error).__name__}); periksa alamat dan koneksi, lalu ulangi.",
            retryable=True,
        ) from None
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise EnrolError(f"Yang menjawab di {url} bukan pusat Waspada; periksa alamatnya.", retryable=True)
    gateway = answer.get("gateway")
    if response.status_code == 200 and isinstance(gateway, int) and gateway > 0:
        return gateway
    sentence = answer.get("sentence")
    raise EnrolError(str(sentence) if sentence else f"Pusat menolak pendaftaran (status {response.status_code}).")
