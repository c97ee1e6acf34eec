"""One-time codes: issued by a person at the central, presented once by a laptop with the key it made itself.

A code reads `12-ABCDE-FGHJK`: the gateway's number and ten letters of 31 (about 49 bits), so that wrong guesses can be
counted against that code. It ends by use, by time or by too many wrong guesses. The same code with the same key may be
presented again: the first answer can be lost on the way.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.frame import KEY_OCTETS

from .database import Database
from .models import Enrolment, Gateway

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
MAX_ATTEMPTS = 10
_HALF = 5
_HOUR_MILLISECONDS = 3_600_000
_WRONG = "Kode tidak berlaku. Periksa penulisannya, atau minta kode baru kepada admin pusat."
_EXPIRED = "Kode sudah kedaluwarsa; minta kode baru kepada admin pusat."
_USED = "Kode sudah dipakai oleh laptop lain; minta kode baru kepada admin pusat."
_LOCKED = "Kode dikunci karena terlalu sering salah; minta kode baru kepada admin pusat."
_BAD_KEY = "Permintaan pendaftaran tidak lengkap; perbarui Waspada di laptop ini."


class EnrolmentRefused(Exception):
    """No enrolment; the text is one sentence for the person at the laptop, in Bahasa Indonesia."""


@dataclass(frozen=True)
class Code:
    """A new code. `expires_at` in milliseconds since 1970."""

    gateway: int
    text: str
    expires_at: int


def issue(database: Database, name: str, hours: int, now: int) -> Code:
    """A code for a new gateway with this name, valid for `hours`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(2 * _HALF))
    salt = secrets.token_bytes(16)
    with database.write() as session:
        gateway = Gateway(name=name, created_at=now)
        session.add(gateway)
        session.flush()
        expires_at = now + hours * _HOUR_MILLISECONDS
        session.add(
            Enrolment(
                gateway=gateway.gateway,
                issued_at=now,
                salt=salt,
                code_hash=_hash(letters, salt),
                expires_at=expires_at,
            )
        )
        return Code(gateway.gateway, f"{gateway.gateway}-{letters[:_HALF]}-{letters[_HALF:]}", expires_at)


def redeem(database: Database, code: str, key: bytes, now: int) -> int:
    """The number of the gateway this code is for, which from now on has this key. Raises EnrolmentRefused."""
    if len(key) != KEY_OCTETS:
        raise EnrolmentRefused(_BAD_KEY)
    number, _, letters = code.strip().upper().partition("-")
    letters = letters.replace("-", "").replace(" ", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise EnrolmentRefused(_WRONG)
    with database.write() as session:
        refused = _redeem(session, int(number), letters, key, now)
    if refused:
        raise EnrolmentRefused(refused)
    return int(number)


def _redeem(session: Session, number: int, letters: str, key: bytes, now: int) -> str:
    """'' or why not; what it writes (the count of wrong guesses) must be committed either way."""
    newest = select(Enrolment).where(Enrolment.gateway == number).order_by(Enrolment.issued_at.desc()).limit(1)
    enrolment = session.scalars(newest.with_for_update()).first()
    gateway = session.get(Gateway, number)
    if enrolment is None or gateway is None or gateway.revoked:
        return _WRONG
    if enrolment.attempts >= MAX_ATTEMPTS:
        return _LOCKED
    if not hmac.compare_digest(_hash(letters, enrolment.salt), enrolment.code_hash):
        enrolment.attempts += 1
        return _WRONG
    if enrolment.used_at is not None:
        return "" if gateway.key is not None and hmac.compare_digest(gateway.key, key) else _USED
    if now >= enrolment.expires_at:
        return _EXPIRED
    enrolment.used_at = gateway.enrolled_at = now
    gateway.key = key
    return ""


def _hash(letters: str, salt: bytes) -> bytes:
    return hashlib.scrypt(letters.encode("utf-8", "replace"), salt=salt, n=2**13, r=8, p=1, dklen=32)
