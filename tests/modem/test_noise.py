"""Noise on the line: whatever it does to a listing, nothing is deleted that was not kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modem.at import Answer, Dialogue
from modem.at_line import AtLine
from modem.storages import Storages
from modem.types import StoredPdu

SMSC = "07912618010000F0"


def pdu(of: object, octets: int = 24) -> str:
    return SMSC + hashlib.shake_128(repr(of).encode()).hexdigest(octets).upper()


class Card:
    """A SIM on a line whose listings are garbled one after the other by `noises`; then the line is clear."""

    def __init__(self, slots: dict[int, str], noises: Iterator[Any]) -> None:
        self.slots = dict(slots)
        self.deleted: list[int] = []
        self._noises = chain(noises, repeat(None))

    def command(self, command: str, seconds: float | None = None) -> Answer:
        dialogue = Dialogue()
        dialogue.command(command)
        answers = [event for event in dialogue.feed(self._say(command)) if isinstance(event, Answer)]
        return answers[0] if answers else Answer(command, (), "ERROR")

    def optional(self, command: str) -> Answer:
        return self.command(command)

    def value(self, command: str, prefix: str) -> None:
        return None

    def _say(self, command: str) -> bytes:
        if command.startswith("AT+CMGD="):
            self.deleted.append(int(command[8:]))
            return b"\r\nOK\r\n" if self.slots.pop(int(command[8:]), "") else b"\r\n+CMS ERROR: 321\r\n"
        if command != "AT+CMGL=4":
            return b"\r\nERROR\r\n"
        said = self.listing()
        noise = next(self._noises)
        return (said if noise is None else noise(said)) + b"\r\nOK\r\n"

    def listing(self) -> bytes:
        entries = (
            f"\r\n+CMGL: {slot},1,,{len(hex_) // 2 - 8}\r\n{hex_}\r\n" for slot, hex_ in sorted(self.slots.items())
        )
        return "".join(entries).encode()


def lost(at: int, count: int) -> Any:
    return lambda said: said[:at] + said[at + count :]


def doubled(at: int, count: int) -> Any:
    return lambda said: said[: at + count] + said[at:]


def changed(at: int, by: bytes) -> Any:
    return lambda said: said[:at] + by + said[at + len(by) :]


places = st.integers(0, 350)
noises = st.one_of(
    st.none(),
    st.builds(lost, places, st.integers(1, 150)),
    st.builds(doubled, places, st.integers(1, 80)),
    st.builds(changed, places, st.binary(min_size=1, max_size=3)),
    st.builds(changed, places, st.sampled_from([b"0", b"1", b"2", b"7", b"A", b"\r", b"\n", b"+", b",", b"1,"])),
)
cards = st.lists(st.integers(1, 12), unique=True, min_size=1, max_size=4).map(
    lambda slots: {slot: pdu(slot) for slot in slots}
)


@settings(max_examples=500)
@given(cards, st.lists(noises, max_size=3), st.sampled_from([0, 1]))
def test_no_slot_is_deleted_whose_message_was_not_kept(slots: dict[int, str], garbling: list[Any], more: int) -> None:
    card = Card(slots, iter(garbling))
    garbled = [noise(card.listing()) for noise in garbling if noise is not None]
    assume(len(set(garbled)) == len(garbled))  # the same at the same place twice cannot be told from a message
    stores = Storages(cast(AtLine, card))
    found = stores.list_stored("")
    card.slots.update({slot: pdu(f"later {slot}") for slot in range(13, 13 + more)})
    stores.delete(found)
    kept = {one.hex for one in found}
    assert [slot for slot in card.deleted if slot in slots and slots[slot] not in kept] == []
    assert [slot for slot in card.deleted if slot not in slots] == []


@given(cards, noises)
def test_after_the_noise_everything_is_read_and_deleted(slots: dict[int, str], noise: Any) -> None:
    card = Card(slots, iter([noise]))
    stores = Storages(cast(AtLine, card))
    kept: set[str] = set()
    for _ in range(2):
        found = stores.list_stored("")
        kept |= {one.hex for one in found}
        stores.delete(found)
    assert card.slots == {}
    assert kept >= set(slots.values())


def read(slots: dict[int, str], *garbling: Any) -> list[StoredPdu]:
    return Storages(cast(AtLine, Card(slots, iter(garbling)))).list_stored("")


def test_a_pdu_below_another_ones_header_is_not_believed() -> None:
    slots = {1: pdu(1), 2: pdu(2)}
    header = b"\r\n+CMGL: 2,1,,24\r\n"
    assert read(slots, lambda said: said.replace(pdu(1).encode(), b"\xff\xfe").replace(header, b"\r\n")) == [
        StoredPdu(1, pdu(1)),
        StoredPdu(2, pdu(2)),
    ]


def test_what_no_two_listings_agree_on_waits_for_the_next_reading() -> None:
    slots = {1: pdu(1), 2: pdu(2)}
    cuts = [lost(30, length) for length in (1, 2, 3)]
    assert read(slots, *cuts) == [StoredPdu(2, pdu(2))]


@pytest.mark.parametrize("now", [pdu("of another card"), None])
def test_a_slot_that_holds_something_else_by_now_is_not_deleted(now: str | None) -> None:
    card = Card({1: pdu(1), 2: pdu(2)}, iter(()))
    stores = Storages(cast(AtLine, card))
    found = stores.list_stored("")
    card.slots = {2: pdu(2)} if now is None else {1: now, 2: pdu(2)}
    stores.delete(found)
    assert card.deleted == [2]
