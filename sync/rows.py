"""Ledger entries as compact rows: column after column instead of entry after entry. Pure; `docs/wire.md`, Rows.

`pack` and `unpack` are exact inverses for every list of entries with numbers that follow each other. A body that is
canonical MessagePack of an array is taken apart into columns (values of one field stand together, equal and small ones
cost next to nothing after deflate); any other body travels as it is. Integers that look random (fingerprints,
pseudonyms) go into a second stream, `dense`, because deflate would only make them longer.

Columns, each beginning with its tag:

    0 MIXED   per value: varint length, MessagePack        5 LIST   column of lengths, then one column of all elements
    1 SAME    a column of one value, meant for all         6 ARRAY  varint length, then one column per position
    2 INT     per value: zigzag varint                     7 MAP    varint keys, column of keys, then per key:
    3 TEXT    per value: 0 + varint length + UTF-8,                 0 and its column, or 1 + bitmap + column of those present
              or the number of a known text (1..255)       8 NULLABLE bitmap of those not null, then their column
    4 DENSE   per value four octets in the dense stream
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from .entries import Entry

MAX_ENTRIES = 4096
"""Entries in one frame."""
MAX_BODIES_OCTETS = 1 << 20
"""All bodies of one frame together, as the sender knows them."""
KINDS = 1 << 16
"""Kinds are smaller than this."""
_BUDGET_OCTETS = 4 * MAX_BODIES_OCTETS
"""What unpacking may build; every value costs its size, so that no few octets swell without end."""
_MAX_DEPTH = 6
_MAX_VARINT_BITS = 70
_DENSE_FROM, _DENSE_BELOW = 1 << 28, 1 << 32
_KNOWN_TEXTS = 255

MIXED, SAME, INT, TEXT, DENSE, LIST, ARRAY, MAP, NULLABLE = range(9)


class FrameError(Exception):
    """These octets are no frame of ours. The only thing that decoding a frame, rows or a reply ever raises."""


def put_varint(out: bytearray, value: int) -> None:
    """Append an unsigned integer, seven bits an octet, low bits first, the high bit on all but the last octet."""
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


class Reader:
    """Takes octets from the front of a buffer; FrameError where they do not suffice."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.position = 0

    @property
    def finished(self) -> bool:
        """Whether nothing is left."""
        return self.position == len(self._octets)

    def take(self, count: int) -> bytes:
        """The next `count` octets."""
        end = self.position + count
        if end > len(self._octets):
            raise FrameError("cut short")
        taken = self._octets[self.position : end]
        self.position = end
        return taken

    def octet(self) -> int:
        """The next octet as a number."""
        return self.take(1)[0]

    def varint(self, bits: int = 64) -> int:
        """The next varint; refuses one with a useless last octet (only one spelling per number) or beyond `bits`."""
        value = shift = 0
        while True:
            octet = self.octet()
            value |= (octet & 0x7F) << shift
            shift += 7
            if not octet & 0x80:
                break
            if shift >= _MAX_VARINT_BITS:
                raise FrameError("varint too long")
        if (octet == 0 and shift > 7) or value >> bits:
            raise FrameError("varint not canonical or too large")
        return value


def pack(entries: Sequence[Entry], texts: Sequence[str]) -> tuple[bytes, bytes]:
    """Rows and dense stream. `texts`: texts both sides know, at most 255, in an order both sides know.

    Raises FrameError where the entries cannot be one frame: too many, too large, or numbers with a gap.
    """
    if len(entries) > MAX_ENTRIES or sum(len(entry.body) for entry in entries) > MAX_BODIES_OCTETS:
        raise FrameError("too many or too large entries for one frame")
    if any(after.number != before.number + 1 for before, after in pairwise(entries)):
        raise FrameError("numbers do not follow each other")
    if not all(0 <= entry.kind < KINDS and not abs(entry.at) >> 63 for entry in entries):
        raise FrameError("kind or time out of range")
    writer = _Writer(texts)
    put_varint(writer.rows, len(entries))
    if not entries:
        return bytes(writer.rows), b""
    trees = [_tree(entry.body) for entry in entries]
    shapes = [entry.kind * 2 + (tree is None) for entry, tree in zip(entries, trees, strict=True)]
    writer.integers(shapes)
    ats = [entry.at for entry in entries]
    writer.integers([ats[0], *(after - before for before, after in pairwise(ats))])
    for shape in dict.fromkeys(shapes):
        chosen = [index for index, other in enumerate(shapes) if other == shape]
        if shape & 1:
            for index in chosen:
                writer.octets(entries[index].body)
        else:
            writer.column([trees[index] for index in chosen])
    return bytes(writer.rows), bytes(writer.dense)


def unpack(rows: bytes, dense: bytes, texts: Sequence[str], first: int) -> tuple[Entry, ...]:
    """The entries that `pack` was given; `first` is the number of the first. Raises only FrameError."""
    reader = _Columns(rows, dense, texts)
    count = reader.rows.varint()
    if count > MAX_ENTRIES:
        raise FrameError("too many entries")
    bodies: list[bytes] = [b""] * count
    shapes: list[int] = []
    ats: list[int] = []
    if count:
        shapes = reader.integers(count)
        at = 0
        for step in reader.integers(count):
            at += step
            ats.append(at)
        if not all(0 <= shape >> 1 < KINDS for shape in shapes) or any(abs(at) >> 63 for at in ats):
            raise FrameError("kind or time out of range")
        for shape in dict.fromkeys(shapes):
            chosen = [index for index, other in enumerate(shapes) if other == shape]
            for index, body in zip(chosen, _bodies(reader, shape, len(chosen)), strict=True):
                bodies[index] = body
    if not reader.finished:
        raise FrameError("octets left over")
    return tuple(
        Entry(number=first + index, kind=shapes[index] >> 1, at=ats[index], body=bodies[index])
        for index in range(count)
    )


def _bodies(reader: _Columns, shape: int, count: int) -> Iterable[bytes]:
    if shape & 1:
        return [reader.octets() for _ in range(count)]
    try:
        return [msgspec.msgpack.encode(tree) for tree in reader.column(count)]
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise FrameError("a body that cannot be") from error


def _tree(body: bytes) -> list[Any] | None:
    """The values of a body that is the one MessagePack spelling of an array, else None."""
    try:
        tree = msgspec.msgpack.decode(body)
        exact = isinstance(tree, list) and msgspec.msgpack.encode(tree) == body
    except (msgspec.MsgspecError, RecursionError, ValueError, TypeError, OverflowError):
        return None
    return tree if exact else None


class _Writer:
    def __init__(self, texts: Sequence[str]) -> None:
        self.rows = bytearray()
        self.dense = bytearray()
        self._known = {text: number for number, text in enumerate(texts[:_KNOWN_TEXTS], start=1)}

    def octets(self, octets: bytes) -> None:
        put_varint(self.rows, len(octets))
        self.rows += octets

    def integers(self, values: Sequence[int]) -> None:
        """Zigzag varints without a tag: the reader knows what comes."""
        for value in values:
            put_varint(self.rows, value << 1 if value >= 0 else (-value << 1) - 1)

    def column(self, values: Sequence[Any], depth: int = 0) -> None:
        if len(values) > 1 and all(_identical(values[0], value) for value in values):
            self.rows.append(SAME)
            values = values[:1]
        tag = _tag(values, depth)
        self.rows.append(tag)
        write: Callable[[Sequence[Any], int], None] = (
            self._mixed, self._mixed, self._int, self._text, self._dense, self._list, self._array, self._map, self._nullable,
        )[tag]  # fmt: skip
        write(values, depth + 1)

    def _mixed(self, values: Sequence[Any], _depth: int) -> None:
        for value in values:
            self.octets(msgspec.msgpack.encode(value))

    def _int(self, values: Sequence[int], _depth: int) -> None:
        self.integers(values)

    def _text(self, values: Sequence[str], _depth: int) -> None:
        for value in values:
            number = self._known.get(value, 0)
            self.rows.append(number)
            if not number:
                self.octets(value.encode())

    def _dense(self, values: Sequence[int], _depth: int) -> None:
        for value in values:
            self.dense += value.to_bytes(4, "big")

    def _list(self, values: Sequence[list[Any]], depth: int) -> None:
        self.integers([len(value) for value in values])
        self.column([element for value in values for element in value], depth)

    def _array(self, values: Sequence[list[Any]], depth: int) -> None:
        put_varint(self.rows, len(values[0]))
        for position in range(len(values[0])):
            self.column([value[position] for value in values], depth)

    def _map(self, values: Sequence[dict[str, Any]], depth: int) -> None:
        keys = list(dict.fromkeys(key for value in values for key in value))
        put_varint(self.rows, len(keys))
        if keys:
            self.column(keys, depth)
        for key in keys:
            present = [key in value for value in values]
            self.rows.append(not all(present))
            if not all(present):
                self.rows += _bitmap(present)
            self.column([value[key] for value in values if key in value], depth)

    def _nullable(self, values: Sequence[Any], depth: int) -> None:
        present = [value is not None for value in values]
        self.rows += _bitmap(present)
        self.column([value for value in values if value is not None], depth)


def _tag(values: Sequence[Any], depth: int) -> int:
    types = {type(value) for value in values}
    if type(None) in types and len(types) > 1:
        return NULLABLE if depth < _MAX_DEPTH else MIXED
    if types == {int}:
        return DENSE if max(values) >= _DENSE_FROM and all(0 <= v < _DENSE_BELOW for v in values) else INT
    if types == {str}:
        return TEXT
    if depth >= _MAX_DEPTH:
        return MIXED
    if types == {list} and values:
        lengths = {len(value) for value in values}
        if len(lengths) == 1:
            return ARRAY
        return LIST
    return MAP if types == {dict} and _keys_in_common_order(values) else MIXED


def _keys_in_common_order(values: Sequence[dict[Any, Any]]) -> bool:
    """Whether each map lists its keys in the order of their first appearance over all maps (so it can be rebuilt)."""
    if not all(type(key) is str for value in values for key in value):
        return False
    place = {key: index for index, key in enumerate(dict.fromkeys(key for value in values for key in value))}
    return all(sorted(value, key=place.__getitem__) == list(value) for value in values)


def _identical(one: Any, other: Any) -> bool:
    """Equal in value, type and order (1, 1.0 and True are three different things on the wire)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(_identical(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return list(one) == list(other) and all(_identical(value, other[key]) for key, value in one.items())
    if isinstance(one, float):
        return repr(one) == repr(other) and one == one
    return bool(one == other)


def _bitmap(present: Sequence[bool]) -> bytes:
    bits = sum(1 << index for index, is_present in enumerate(present) if is_present)
    return bits.to_bytes((len(present) + 7) // 8, "little")


class _Columns:
    """The reading side of `_Writer`. `_charge` bounds what is built."""

    def __init__(self, rows: bytes, dense: bytes, texts: Sequence[str]) -> None:
        self.rows = Reader(rows)
        self._dense_octets = Reader(dense)
        self._texts = texts[:_KNOWN_TEXTS]
        self._spent = 0

    @property
    def finished(self) -> bool:
        return self.rows.finished and self._dense_octets.finished

    def _charge(self, octets: int) -> None:
        self._spent += octets
        if self._spent > _BUDGET_OCTETS:
            raise FrameError("swells beyond all measure")

    def octets(self) -> bytes:
        octets = self.rows.take(self.rows.varint())
        self._charge(len(octets) + 1)
        return octets

    def integers(self, count: int) -> list[int]:
        self._charge(count)
        raw = [self.rows.varint(_MAX_VARINT_BITS) for _ in range(count)]
        return [value >> 1 if not value & 1 else -((value + 1) >> 1) for value in raw]

    def column(self, count: int, depth: int = 0, *, single: bool = False) -> list[Any]:
        if depth > _MAX_DEPTH + 1:
            raise FrameError("too deep")
        tag = self.rows.octet()
        if tag == SAME:
            if count < 2 or single:
                raise FrameError("nothing to be the same as")
            before = self._spent
            value = self.column(1, depth, single=True)[0]
            self._charge((count - 1) * max(1, self._spent - before))
            return [value] * count
        read: dict[int, Callable[[int, int], list[Any]]] = {
            MIXED: self._mixed, INT: self._int, TEXT: self._text, DENSE: self._dense,
            LIST: self._list, ARRAY: self._array, MAP: self._map, NULLABLE: self._nullable,
        }  # fmt: skip
        if tag not in read:
            raise FrameError("unknown column")
        return read[tag](count, depth + 1)

    def _mixed(self, count: int, _depth: int) -> list[Any]:
        try:
            return [msgspec.msgpack.decode(self.octets()) for _ in range(count)]
        except (msgspec.MsgspecError, RecursionError, ValueError, TypeError, OverflowError) as error:
            raise FrameError("a value that is none") from error

    def _int(self, count: int, _depth: int) -> list[Any]:
        return self.integers(count)

    def _text(self, count: int, _depth: int) -> list[Any]:
        return [self._one_text() for _ in range(count)]

    def _one_text(self) -> str:
        number = self.rows.octet()
        try:
            text = self._texts[number - 1] if number else self.octets().decode()
        except (IndexError, UnicodeDecodeError) as error:
            raise FrameError("no text") from error
        self._charge(len(text) + 1)
        return text

    def _dense(self, count: int, _depth: int) -> list[Any]:
        self._charge(count * 4)
        return [int.from_bytes(self._dense_octets.take(4), "big") for _ in range(count)]

    def _list(self, count: int, depth: int) -> list[Any]:
        lengths = self.integers(count)
        if min(lengths, default=0) < 0:
            raise FrameError("negative length")
        self._charge(sum(lengths))
        elements = iter(self.column(sum(lengths), depth))
        return [[next(elements) for _ in range(length)] for length in lengths]

    def _array(self, count: int, depth: int) -> list[Any]:
        width = self.rows.varint()
        self._charge(count * (width + 1))
        columns = [self.column(count, depth) for _ in range(width)]
        return [[column[row] for column in columns] for row in range(count)]

    def _map(self, count: int, depth: int) -> list[Any]:
        width = self.rows.varint()
        self._charge((count + 1) * (width + 1))
        maps: list[dict[Any, Any]] = [{} for _ in range(count)]
        keys = self.column(width, depth) if width else []
        for key in keys:
            if not isinstance(key, str):
                raise FrameError("a key that is no text")
            chosen = self._present(count) if self.rows.octet() else list(range(count))
            self._charge(len(chosen) * len(key))
            for row, value in zip(chosen, self.column(len(chosen), depth), strict=True):
                maps[row][key] = value
        return maps

    def _nullable(self, count: int, depth: int) -> list[Any]:
        values: list[Any] = [None] * count
        chosen = self._present(count)
        for row, value in zip(chosen, self.column(len(chosen), depth), strict=True):
            values[row] = value
        return values

    def _present(self, count: int) -> list[int]:
        bits = int.from_bytes(self.rows.take((count + 7) // 8), "little")
        if bits >> count:
            raise FrameError("more present than there are")
        return [row for row in range(count) if bits >> row & 1]
