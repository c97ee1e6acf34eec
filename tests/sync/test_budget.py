"""Octets on the wire, on a fixed synthetic set (`docs/wire.md`, Budgets). Raising a number here needs a reason."""

from __future__ import annotations

import pytest

from sync import dictionary
from sync.entries import EMPTY_HASH, Entry, MessageBody
from sync.frame import Frame, encode, open_frame, read_header
from sync.protocol import Reply, seal_reply

from .corpus import entries_of, messages_with_reports, reports

KEY = bytes(range(32))
SEAL = 16
SETS = 8


def payload_octets(entries: tuple[Entry, ...]) -> int:
    octets = encode(Frame(300, 1, 1, EMPTY_HASH, entries), KEY)
    _, sealed = read_header(octets)
    return len(sealed) - SEAL


def average(count: int, *, whole: bool) -> float:
    """Payload octets per report, over several sets."""
    make = messages_with_reports if whole else reports
    return sum(payload_octets(entries_of(list(make(count, seed)))) for seed in range(SETS)) / SETS / count


@pytest.mark.parametrize(("count", "budget"), [(1, 45), (25, 17), (100, 15)])
def test_a_report_entry_keeps_its_budget(count: int, budget: int) -> None:
    assert average(count, whole=False) <= budget


@pytest.mark.parametrize(("count", "budget"), [(1, 85), (25, 38), (100, 32)])
def test_a_report_with_its_whole_message_keeps_its_budget(count: int, budget: int) -> None:
    """Message and report together: 8 of these octets are fingerprint and pseudonym, most others the text itself."""
    assert average(count, whole=True) <= budget


def test_in_a_batch_a_report_with_its_whole_message_costs_less_than_its_text() -> None:
    texts = [body.text or "" for body, _ in messages_with_reports(100, 0) if isinstance(body, MessageBody)]
    assert average(25, whole=True) < sum(len(text) for text in texts) / len(texts)


def test_header_and_seal_together_are_small() -> None:
    octets = encode(Frame(300, 1, 5000, EMPTY_HASH, ()), KEY)
    header, _ = read_header(octets)
    assert len(header.octets) + SEAL <= 35


def test_an_empty_poll_and_its_reply_are_small() -> None:
    poll = encode(Frame(300, 1, 5000, EMPTY_HASH, ()), KEY)
    assert len(poll) <= 60
    assert len(seal_reply(Reply(ack=4999, safe=4000, dictionary=1), poll, KEY)) <= 80


def test_the_dictionary_earns_its_place() -> None:
    entries = entries_of(list(reports(1, 3)))
    frame = Frame(1, 1, 1, EMPTY_HASH, entries)
    assert len(encode(frame, KEY, 1)) < 0.7 * len(encode(frame, KEY, 0))
    assert open_frame(encode(frame, KEY, 0), KEY) == open_frame(encode(frame, KEY, 1), KEY)


def test_the_shipped_dictionary_is_what_its_script_makes() -> None:
    """Fails when the corpus was changed without `python -m sync.dictionary.build`, or when a released file would change."""
    from sync.dictionary.build import build

    known = dictionary.load(1)
    assert known is not None
    assert (dictionary._FOLDER / "1.bin").read_bytes() == build()
