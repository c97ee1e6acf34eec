"""`docs/wire.md` is the specification: its example is made and read by the code, octet for octet."""

from __future__ import annotations

import re
from pathlib import Path

from sync import rows
from sync.entries import EMPTY_HASH, Kind, MessageBody, ReportBody, running_hash
from sync.frame import Frame, encode, open_frame
from sync.protocol import Reply, open_reply, seal_reply

from .corpus import entries_of

KEY = bytes(range(32))
PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text(encoding="utf-8")
MESSAGE, HASH_1, REPORT, HASH_2, FRAME, REPLY = (
    bytes.fromhex(line) for line in re.findall(r"^    ([0-9a-f]{16,})$", PAGE, flags=re.MULTILINE)
)
ENTRIES = entries_of(
    [
        (MessageBody(0x1A2B3C4D, 0x5E6F7081, 4, 1, "LAPOR GESEK 0801 14 0 adu mulut", "lapor", "terima"), 1_795_000_000),
        (
            ReportBody(
                1, "event", 1,
                {"jenis": "GESEK", "desa": "15.07.08.1001", "massa": 14, "korban": 0, "ket": "adu mulut"},
                "K4PT", 2, "terima",
            ),
            1_795_000_000,
        ),
    ]
)  # fmt: skip


def test_the_bodies_and_hashes_are_those_of_the_page() -> None:
    assert [entry.body for entry in ENTRIES] == [MESSAGE, REPORT]
    assert running_hash(EMPTY_HASH, ENTRIES[0]) == HASH_1
    assert running_hash(HASH_1, ENTRIES[1]) == HASH_2


def test_the_frame_of_the_page_opens_to_its_entries() -> None:
    assert open_frame(FRAME, KEY) == Frame(12, 0xC0FFEE01, 1, EMPTY_HASH, ENTRIES)


def test_the_frame_is_as_small_as_the_page_says() -> None:
    """Another zlib may choose other octets for the same rows; what it makes must open and be no longer than an SMS."""
    octets = encode(Frame(12, 0xC0FFEE01, 1, EMPTY_HASH, ENTRIES), KEY)
    assert open_frame(octets, KEY).entries == ENTRIES
    assert len(octets) <= 100


def test_the_reply_of_the_page_answers_that_frame() -> None:
    assert seal_reply(Reply(ack=2, dictionary=1), FRAME, KEY) == REPLY
    assert open_reply(REPLY, FRAME, KEY) == Reply(ack=2, dictionary=1)


def test_every_kind_and_every_column_is_on_the_page() -> None:
    for kind in Kind:
        assert f"| {kind.value} {kind.name.lower()} |" in PAGE
    for name in ("mixed", "same", "int", "text", "dense", "list", "array", "map", "nullable"):
        assert f"| {getattr(rows, name.upper())} {name} |" in PAGE
