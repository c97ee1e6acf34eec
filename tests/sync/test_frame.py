"""Frames: what goes in comes out, byte for byte; whatever is not exactly a frame is refused with FrameError and nothing else."""

from __future__ import annotations

import contextlib
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import dictionary, rows
from sync.entries import EMPTY_HASH, BeatBody, Entry, Kind, encode_body
from sync.frame import (
    MAX_FRAME_OCTETS,
    Frame,
    FrameError,
    UnknownDictionary,
    encode,
    open_frame,
    read_header,
    seal,
    unseal,
)

from .corpus import entries_of, messages_with_reports, reports

KEY = bytes(range(32))

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=12)
    | st.binary(max_size=12)
    | st.sampled_from(["GESEK", "15.07.08.1001", "desa"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = (
    st.binary(max_size=40)
    | st.lists(values, max_size=6).map(msgspec.msgpack.encode)
    | values.map(msgspec.msgpack.encode)
    | st.sampled_from([entry.body for entry in entries_of(messages_with_reports(5, 9))])
)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    first = draw(st.integers(1, 2**48 - 100))
    lines = draw(
        st.lists(
            st.tuples(
                st.integers(1, 8) | st.integers(0, 65535), st.integers(-(2**62), 2**62) | st.just(1_795_000_000), bodies
            ),
            max_size=8,
        )
    )
    entries = tuple(Entry(first + index, *line) for index, line in enumerate(lines))
    prev = draw(st.binary(min_size=8, max_size=8))
    return Frame(draw(st.integers(0, 2**31 - 1)), draw(st.integers(0, 2**32 - 1)), first, prev, entries)


@settings(max_examples=300)
@given(frames(), st.sampled_from([0, 1]))
def test_every_frame_comes_back_exactly(frame: Frame, version: int) -> None:
    assert open_frame(encode(frame, KEY, version), KEY) == frame


@given(st.lists(values, min_size=2, max_size=6))
def test_equal_looking_values_of_different_types_stay_different(row: list[Any]) -> None:
    bodies = [msgspec.msgpack.encode([value, 1]) for value in [*row, 1, 1.0, True, 0, False, -0.0, 0.0]]
    entries = [Entry(index, 77, 5, body) for index, body in enumerate(bodies, start=1)]
    assert list(rows.unpack(*rows.pack(entries, ()), (), 1)) == entries


def a_frame(count: int = 2) -> Frame:
    return Frame(7, 0xDEADBEEF, 1, EMPTY_HASH, entries_of(messages_with_reports(count, 1)))


def test_each_flipped_bit_is_refused() -> None:
    octets = encode(a_frame(), KEY)
    for place in range(len(octets)):
        for bit in range(8):
            altered = bytearray(octets)
            altered[place] ^= 1 << bit
            with pytest.raises(FrameError):
                open_frame(bytes(altered), KEY)


def test_each_missing_octet_and_each_cut_is_refused() -> None:
    octets = encode(a_frame(), KEY)
    for place in range(len(octets)):
        for altered in (octets[:place], octets[:place] + octets[place + 1 :], octets[: place + 1] + octets[place:]):
            with pytest.raises(FrameError):
                open_frame(altered, KEY)
    with pytest.raises(FrameError):
        open_frame(octets + b"\0", KEY)


@given(st.binary(max_size=200))
def test_noise_raises_nothing_but_frame_error(noise: bytes) -> None:
    for attempt in (noise, b"\xa1" + noise):
        with pytest.raises(FrameError):
            open_frame(attempt, KEY)


@settings(max_examples=300)
@given(st.binary(max_size=120), st.binary(max_size=12), st.sampled_from([0, 1]))
def test_noise_under_the_right_seal_raises_nothing_but_frame_error(noise: bytes, dense: bytes, version: int) -> None:
    known = dictionary.load(version)
    assert known is not None
    for content in (noise, bytes([3]) + noise, rows.pack(entries_of(reports(3, 2)), known.texts)[0][:-1] + noise):
        with contextlib.suppress(FrameError):
            rows.unpack(content, dense, known.texts, 1)
        octets = encode(Frame(1, 1, 1, EMPTY_HASH, ()), KEY, version)
        header, _ = read_header(octets)
        with contextlib.suppress(FrameError):
            open_frame(header.octets + seal(KEY, header.octets, bytes([len(dense)]) + dense + content), KEY)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(FrameError):
        open_frame(encode(a_frame(), KEY), bytes(32))


def test_the_header_is_part_of_the_seal() -> None:
    octets = encode(a_frame(), KEY)
    header, sealed = read_header(octets)
    forged = header.octets.replace((7).to_bytes(1, "big"), (8).to_bytes(1, "big"), 1)
    assert read_header(forged + sealed)[0].gateway == 8
    with pytest.raises(FrameError):
        open_frame(forged + sealed, KEY)


def test_a_varint_with_a_useless_octet_is_refused() -> None:
    header = bytes([0xA1, 0x87, 0x00]) + bytes(4) + bytes([1]) + EMPTY_HASH + bytes([0])
    with pytest.raises(FrameError, match="canonical"):
        read_header(header)


def test_a_bomb_is_refused_before_it_swells() -> None:
    for plain in (bytes(64 << 20), bytes([200, 1]) + bytes([rows.SAME]) * 50):
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        deflated = squeeze.compress(plain) + squeeze.flush()
        header = read_header(encode(Frame(1, 1, 1, EMPTY_HASH, ()), KEY, 0))[0].octets
        with pytest.raises(FrameError):
            open_frame(header + seal(KEY, header, b"\0" + deflated), KEY)


def test_repetition_cannot_swell_beyond_the_bound() -> None:
    text = bytearray([rows.TEXT, 0])
    rows.put_varint(text, 60_000)
    column = bytes([rows.ARRAY, 1, rows.SAME]) + bytes(text) + bytes(60_000)
    packed = bytearray()
    rows.put_varint(packed, rows.MAX_ENTRIES)
    packed += bytes([4]) * rows.MAX_ENTRIES + bytes(rows.MAX_ENTRIES) + column
    with pytest.raises(FrameError, match="swells"):
        rows.unpack(bytes(packed), b"", (), 1)


def test_octets_left_over_are_refused() -> None:
    packed, dense = rows.pack(entries_of(reports(2, 1)), ())
    for content in ((packed + b"\0", dense), (packed, dense + b"\0")):
        with pytest.raises(FrameError, match="left over"):
            rows.unpack(*content, (), 1)


def test_too_much_for_one_frame_is_refused_by_the_sender() -> None:
    many = tuple(Entry(number, 1, 0, b"") for number in range(1, rows.MAX_ENTRIES + 2))
    large = (Entry(1, 1, 0, bytes(rows.MAX_BODIES_OCTETS + 1)),)
    gap = (Entry(1, 1, 0, b""), Entry(3, 1, 0, b""))
    for entries in (many, large, gap):
        with pytest.raises(FrameError):
            encode(Frame(1, 1, 1, EMPTY_HASH, entries), KEY)
    with pytest.raises(FrameError):
        read_header(bytes([0xA1]) * (MAX_FRAME_OCTETS + 1))


def test_a_dictionary_the_receiver_lacks_is_told_apart_and_one_the_sender_lacks_is_not_used() -> None:
    octets = bytearray(encode(a_frame(), KEY, version=200))
    header, _ = read_header(bytes(octets))
    assert header.dictionary == 0
    assert open_frame(bytes(octets), KEY) == a_frame()
    newer = header.octets[:-1] + b"\xc8"
    with pytest.raises(UnknownDictionary):
        open_frame(newer + seal(KEY, newer, b"whatever a later version writes"), KEY)


def test_sealing_is_deterministic_and_bound_to_its_context() -> None:
    assert seal(KEY, b"a", b"text") == seal(KEY, b"a", b"text")
    with pytest.raises(FrameError):
        unseal(KEY, b"b", seal(KEY, b"a", b"text"))


def test_a_beat_with_an_unknown_shape_of_health_passes() -> None:
    kind, octets = encode_body(BeatBody("9.9", {"new": {"deep": [1, [2, {"x": None}]]}, "n": None}))
    assert kind == Kind.BEAT
    frame = Frame(1, 1, 5, EMPTY_HASH, (Entry(5, kind, 0, octets),))
    assert open_frame(encode(frame, KEY), KEY) == frame
