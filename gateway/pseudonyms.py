"""Pseudonyms: what the central sees instead of a phone number (promise P9)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from .store.models import Fact, Reporter

KEY_NAME = "pseudonym_key"


def reporter_of(session: Session, number: str, now: int) -> Reporter:
    """The reporter with this number, added when it is the first we hear of it."""
    reporter = session.get(Reporter, number)
    if reporter is None:
        reporter = Reporter(number=number, pseudonym=_free_pseudonym(session, number), first_seen=now)
        reporter.role = reporter.village = reporter.name = ""
        reporter.language = "id"
        session.add(reporter)
        session.flush()
    return reporter


def _free_pseudonym(session: Session, number: str) -> int:
    """32 bits of a keyed hash, with a counter for the rare case that another number has the same; never 0."""
    key = _key(session)
    counter = 0
    while True:
        digest = hmac.new(key, f"{number}/{counter}".encode(), hashlib.sha256).digest()
        candidate = int.from_bytes(digest[:4], "big")
        if candidate and session.scalar(select(Reporter.number).where(Reporter.pseudonym == candidate)) is None:
            return candidate
        counter += 1


def _key(session: Session) -> bytes:
    fact = session.get(Fact, KEY_NAME)
    if fact is None:
        fact = Fact(name=KEY_NAME, value=secrets.token_bytes(32))
        session.add(fact)
    return fact.value
