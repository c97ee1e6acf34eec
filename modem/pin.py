"""The SIM's PIN: read from a file only this service can read, and never tried twice where that could lock the card.

What lives here: which PIN may be entered now. What does not: asking the modem and entering it (`setup.py`). A card locks after
three wrong tries (TS 31.101 9.5), so before each try its PIN is durably marked as `trying`; a crash in between leaves that mark.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from config import StartError

_DIGITS = range(4, 9)
"""Length of a PIN (TS 31.101 9.5.1)."""
_ROUNDS = 50_000
"""Of PBKDF2: slow enough to hurt and quick enough for each start. Four digits can be found by trying all the same, so the file is
for its owner only."""
_REMEMBERED = 32
"""Entries kept; the oldest go first."""


class Denial(StrEnum):
    """Why no PIN may be entered now."""

    REFUSED = "refused"
    """This card refused this PIN before."""
    IN_DOUBT = "in_doubt"
    """It was being tried when the program ended, and nothing says that the card has all its tries left."""
    UNREADABLE = "unreadable"
    """The file is missing, readable by others or holds no PIN."""


class Pin(Protocol):
    """What a driver asks when the SIM wants its PIN. `card` is the SIM's ICCID, '' where the modem does not tell it."""

    def to_try(self, card: str, all_tries_left: bool) -> str | Denial:
        """The PIN to enter now, marked as `trying`, or why there is none. `all_tries_left`: says the modem."""

    def accepted(self) -> None:
        """The card took it."""

    def refused(self) -> None:
        """The card did not take it: it is never tried again on this card."""

    def not_tried(self) -> None:
        """The modem was too busy to ask the card."""


class PinFile:
    """A file with a PIN and nothing else. Its text never appears in an error."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> str:
        """The PIN, 4 to 8 digits. Raises config.StartError where the file is missing, open to others or holds something else."""
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(64)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StartError(
                f"The PIN file {self.path} cannot be read ({reason}); create it or clear pin_file."
            ) from None
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StartError(f"The PIN file {self.path} is open to other users; run: chmod 600 {self.path}")
        pin = content.strip()
        if not (pin.isdigit() and len(pin) in _DIGITS):
            raise StartError(
                f"The PIN file {self.path} must hold 4 to 8 digits and nothing else; write the PIN into it."
            )
        return pin.decode("ascii")


@dataclass(frozen=True)
class _Entry:
    """One PIN on one card: hashes of both, what became of it, and whether it was accepted before that."""

    pin: str
    card: str
    state: str
    accepted_before: bool = False


class PinMemory:
    """Remembers what became of PINs, across restarts, in a JSON file of salted hashes. Any thread may use it.

    All modems share one: a card that moves to another modem keeps its tries.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._salt, self._entries = self._load()

    def begin(self, pin: str, card: str, all_tries_left: bool) -> Denial | None:
        """Mark it as `trying` where it may be tried; else why not. Of two modems that ask at once the second sees the first's."""
        with self._lock:
            if self.is_refused(pin, card):
                return Denial.REFUSED
            if not all_tries_left and self.is_in_doubt(pin, card):
                return Denial.IN_DOUBT
            self.trying(pin, card)
            return None

    def is_refused(self, pin: str, card: str) -> bool:
        """Whether the card refused it before. A card that is not known may be any of those that did."""
        return any(entry.state == "refused" for entry in self._found(pin, card))

    def is_in_doubt(self, pin: str, card: str) -> bool:
        """Whether it was being tried when the program ended, and was not accepted before that."""
        return any(entry.state == "trying" and not entry.accepted_before for entry in self._found(pin, card))

    def trying(self, pin: str, card: str) -> None:
        """It is about to be tried; durable when this returns. What was accepted before gets one try more after a crash."""
        with self._lock:
            before = any(entry.state == "accepted" for entry in self._found(pin, card))
            self._remember(pin, card, "trying", accepted_before=before)

    def accepted(self, pin: str, card: str) -> None:
        """The card took it."""
        self._remember(pin, card, "accepted")

    def refused(self, pin: str, card: str) -> None:
        """The card did not take it."""
        self._remember(pin, card, "refused")

    def not_tried(self, pin: str, card: str) -> None:
        """The try did not reach the card: as if it had never been made."""
        with self._lock:
            for entry in self._found(pin, card):
                if entry.state == "trying":
                    self._forget(entry)
                    if entry.accepted_before:
                        self._entries.append(replace(entry, state="accepted", accepted_before=False))
            self._save()

    def _found(self, pin: str, card: str) -> list[_Entry]:
        pin_hash, card_hash = self._hash("pin", pin), self._card(card)
        return [
            entry
            for entry in self._entries
            if entry.pin == pin_hash and (entry.card == card_hash or not entry.card or not card_hash)
        ]

    def _remember(self, pin: str, card: str, state: str, *, accepted_before: bool = False) -> None:
        entry = _Entry(self._hash("pin", pin), self._card(card), state, accepted_before)
        with self._lock:
            others = [old for old in self._entries if (old.pin, old.card) != (entry.pin, entry.card)]
            self._entries = [*others, entry][-_REMEMBERED:]
            self._save()

    def _forget(self, entry: _Entry) -> None:
        self._entries = [old for old in self._entries if old != entry]

    def _card(self, card: str) -> str:
        return self._hash("card", card) if card else ""

    def _hash(self, what: str, text: str) -> str:
        salt = bytes.fromhex(self._salt) + what.encode()
        return hashlib.pbkdf2_hmac("sha256", text.encode(), salt, _ROUNDS).hex()

    def _load(self) -> tuple[str, list[_Entry]]:
        try:
            content = json.loads(self._path.read_text(encoding="ascii"))
            return str(bytes.fromhex(content["salt"]).hex()), [_entry(row) for row in content["pins"]]
        except FileNotFoundError:
            return secrets.token_hex(16), []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StartError(
                f"The memory of PINs tried {self._path} cannot be read ({type(error).__name__}); "
                "make sure the PIN is right, then delete that file."
            ) from None

    def _save(self) -> None:
        """Write it durably: a temporary file, synced, in the place of the old one; then the directory."""
        content = {"salt": self._salt, "pins": [asdict(entry) for entry in self._entries]}
        temporary = self._path.with_name(self._path.name + ".new")
        try:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
            if os.name == "posix":
                directory = os.open(self._path.parent, os.O_RDONLY)
                try:
                    os.fsync(directory)
                finally:
                    os.close(directory)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StartError(
                f"The memory of PINs tried {self._path} cannot be written ({reason}); free the disk or mend its rights."
            ) from None


def _entry(row: Mapping[str, object]) -> _Entry:
    if row["state"] not in ("trying", "accepted", "refused"):
        raise ValueError("no such state")
    return _Entry(str(row["pin"]), str(row["card"]), str(row["state"]), row["accepted_before"] is True)


class StoredPin:
    """The PIN of one modem's SIM: what its file says, within what the memory allows. The file is read anew for each try."""

    def __init__(self, file: PinFile, memory: PinMemory) -> None:
        self._file, self._memory = file, memory
        self._tried: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"StoredPin({str(self._file.path)!r})"

    def to_try(self, card: str, all_tries_left: bool) -> str | Denial:
        """See `Pin`. A memory that cannot be written denies too: a try that may be forgotten may lock the card."""
        self._tried = None
        try:
            pin = self._file.read()
            if (denial := self._memory.begin(pin, card, all_tries_left)) is not None:
                return denial
        except StartError:
            return Denial.UNREADABLE
        self._tried = (pin, card)
        return pin

    def accepted(self) -> None:
        """See `Pin`."""
        self._became(self._memory.accepted)

    def refused(self) -> None:
        """See `Pin`."""
        self._became(self._memory.refused)

    def not_tried(self) -> None:
        """See `Pin`."""
        self._became(self._memory.not_tried)

    def _became(self, remember: Callable[[str, str], None]) -> None:
        tried, self._tried = self._tried, None
        if tried is not None:
            with contextlib.suppress(StartError):  # what cannot be written stays `trying`, which is the careful reading
                remember(*tried)
