"""Where a modem keeps messages (3GPP TS 27.005 3.2.2): choosing a store, reading it, and deleting from that one and no other.

A slot number means nothing without its store. Before anything is listed or deleted on a modem that has several, it is asked which
one it is on: a modem that began anew is on its default again, and a delete there would hit a message nobody has read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .answers import (
    INVALID_INDEX,
    Listed,
    Listing,
    StoreFill,
    groups,
    is_busy,
    is_text_mode,
    read_listing,
    refusal,
    store_fills,
)
from .at import Answer
from .at_line import AtLine
from .types import ModemRefused, StoredPdu

_PREFERRED = ("SM", "ME", "MT")
"""SIM, modem, either: the SIM first, for it survives the modem and other software expects messages there."""

LISTINGS = 3
"""How often a store is listed at most until a listing is believed."""


class Storages:
    """The stores of one modem. `receive`: where new messages go; '' where the modem does not tell."""

    def __init__(self, at: AtLine) -> None:
        self._at = at
        self._offered: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self.receive = ""

    def choose(self) -> None:
        """Find out what there is and have new messages stored on the SIM, or else where the modem can."""
        mem1, mem3 = self._ask_what_there_is()
        candidates = [name for name in _PREFERRED if name in mem3] or list(mem3[:1])
        for name in candidates or ["SM"]:
            if self._use_for_everything(name):
                break
        fills = self._fills()
        named = [fill.name for fill in fills if fill.name]
        self._offered = mem1 or tuple(dict.fromkeys(named))
        self.receive = named[-1] if named else ""
        both = tuple(name for name in ("SM", "ME") if name in self._offered)
        names = both or (("MT",) if "MT" in self._offered else self._offered[:1])
        # The store of new messages first: its refusal is an error, that of the other is not.
        self._names = tuple(sorted(names, key=lambda name: name != self.receive))

    def renew(self) -> None:
        """Have new messages stored in the same place again, where the modem forgot it."""
        if self.receive and self._names and (fills := self._fills()) and fills[-1].name not in ("", self.receive):
            self._use_for_everything(self.receive)

    def fill(self) -> StoreFill | None:
        """How full the store of new messages is; None where the modem does not tell."""
        fills = self._fills()
        return next((fill for fill in reversed(fills) if fill.name == self.receive), fills[0] if fills else None)

    # -- reading ---------------------------------------------------------------------------------------------------

    def list_stored(self, storage: str) -> list[StoredPdu]:
        """Everything in one store, or in all of them; see `Modem.list_stored`."""
        if not self._names:
            return self._read("")
        found: list[StoredPdu] = []
        for name in (storage,) if storage in self._offered else self._names:
            if name == self._names[0]:
                self._switch_to(name)
                found += self._read(name)
            else:
                found += self._read_if_possible(name)
        return found

    def _read_if_possible(self, name: str) -> list[StoredPdu]:
        """A second store is read where it can be; one that refuses for good is not asked again."""
        try:
            self._switch_to(name)
            return self._read(name)
        except ModemRefused as error:
            if error.code is None or error.code not in (14, 314):
                self._names = tuple(kept for kept in self._names if kept != name)
            return []

    def _read(self, name: str) -> list[StoredPdu]:
        """All messages of the current store (27.005 4.1); slots are what the modem says.

        Of a listing with anything odd in it (octets were lost, or the modem counts lengths differently) only what a second
        one says too is believed. What has no PDU at all stays where it is.
        """
        entries = [entry if entry.hex else self._read_one(entry) for entry in self._believed()]
        return [StoredPdu(entry.slot, entry.hex, name) for entry in entries if entry.hex]

    def _believed(self) -> list[Listed]:
        """The entries of a listing without fault, or of two that agree; else those entries that were read alike twice."""
        times: Counter[Listed] = Counter()
        before: list[list[Listed]] = []
        for _ in range(LISTINGS):
            listing = self._list()
            if listing.faultless or listing.entries in before:
                return listing.entries
            before.append(listing.entries)
            times.update(set(listing.entries))
        return [entry for entry, count in times.items() if count > 1]

    def _read_one(self, entry: Listed) -> Listed:
        answer = self._at.optional(f"AT+CMGR={entry.slot}")
        found = read_listing(answer).entries if answer is not None else []
        return next((one for one in found if one.hex), entry)

    def _list(self) -> Listing:
        answer = self._at.command("AT+CMGL=4")
        if is_text_mode(answer) or (not answer.ok and not answer.lines):
            self._at.optional("AT+CMGF=0")  # a modem that began anew may be in text mode, and then refuses the 4
            answer = self._at.command("AT+CMGL=4")
        listing = read_listing(answer)
        if not answer.ok and not listing.entries and not _says_empty(answer):
            raise refusal(answer)
        return Listing([], True) if is_text_mode(answer) else listing

    # -- deleting --------------------------------------------------------------------------------------------------

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        """Delete, one by one (27.005 3.5.4), those of these that still lie where they were read; an empty slot is no error.

        Raises ModemRefused for the first other one, after the rest was tried: one bad slot must not let the SIM fill up.
        """
        refused: ModemRefused | None = None
        for name in dict.fromkeys(pdu.storage for pdu in stored if pdu.slot is not None):
            slots = [pdu for pdu in stored if pdu.slot is not None and pdu.storage == name]
            try:
                self._delete_from(name, slots)
            except ModemRefused as error:
                refused = refused or error
        if refused is not None:
            raise refused

    def _delete_from(self, name: str, stored: Sequence[StoredPdu]) -> None:
        """Delete what lies there as it was read. A slot that holds something else was read wrongly, is another card's or was
        used again meanwhile: what is in it nobody has kept."""
        if name or self.receive:
            self._switch_to(name or self.receive)
        there = set(self._read(name))
        failed: list[tuple[StoredPdu, Answer]] = []
        for pdu in (pdu for pdu in stored if pdu in there):
            answer = self._at.command(f"AT+CMGD={pdu.slot}")
            if not answer.ok and answer.code != INVALID_INDEX:
                failed.append((pdu, answer))
        if not failed:
            return
        # A bare ERROR may mean that the slot was empty already.
        left = {pdu.slot for pdu in self._read(name)} if any(answer.code is None for _, answer in failed) else set()
        for pdu, answer in failed:
            if answer.code is not None or pdu.slot in left:
                raise refusal(answer)

    # -- which store -----------------------------------------------------------------------------------------------

    def _switch_to(self, name: str) -> None:
        """Be on this store for reading and deleting. Raises ModemRefused where the modem will not."""
        if self._offered in ((), (name,)):
            return
        fills = self._fills()
        if fills and fills[0].name == name:
            return
        answer = self._at.command(f'AT+CPMS="{name}"')
        if not answer.ok:
            raise refusal(answer)

    def _ask_what_there_is(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Stores for reading and stores for new messages, as +CPMS=? lists them."""
        found = [_names(group) for group in groups(self._at.value("AT+CPMS=?", "+CPMS") or "")]
        return found[0], found[-1]

    def _use_for_everything(self, name: str) -> bool:
        for stores in (f'"{name}","{name}","{name}"', f'"{name}"'):
            answer = self._at.optional(f"AT+CPMS={stores}")
            if answer is None or answer.ok or is_busy(answer):
                return answer is not None and answer.ok
        return False

    def _fills(self) -> list[StoreFill]:
        return store_fills(self._at.value("AT+CPMS?", "+CPMS"))


def _names(group: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\b([A-Z]{2})\b", group)))


def _says_empty(answer: Answer) -> bool:
    return answer.code in (None, INVALID_INDEX)
