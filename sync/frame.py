"""The frame: the same octets on every carrier (`docs/wire.md`, Frame). Pure; decoding raises only `FrameError`.

    magic and version 1 · gateway varint · epoch 4 · first varint · prev 8 · dictionary 1 · sealed payload

Sealed is AES-SIV (RFC 5297) with the gateway's 32-octet key and the header as associated data: deterministic, needs
neither nonce nor clock nor randomness, and a frame that arrives twice is the same frame. The payload is the rows of
`sync.rows`, deflated (RFC 1951) with the preset dictionary the header names.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from . import dictionary
from .entries import HASH_OCTETS, Entry
from .rows import MAX_BODIES_OCTETS, FrameError, Reader, pack, put_varint, unpack

__all__ = [
    "KEY_OCTETS", "MAX_FRAME_OCTETS", "Frame", "FrameError", "Header", "UnknownDictionary", "encode", "open_frame",
    "read_header", "seal", "unseal",
]  # fmt: skip

MAGIC = 0xA1
"""First octet: magic (1010) and version of the frame format (0001)."""
KEY_OCTETS = 32
SEAL_OCTETS = 16
MAX_FRAME_OCTETS = 256 * 1024
"""Nothing larger is looked at."""
_MAX_ROWS_OCTETS = 4 * MAX_BODIES_OCTETS
_GATEWAY_BITS, _NUMBER_BITS = 31, 48


class UnknownDictionary(FrameError):
    """Sealed by the right key, but with a dictionary this release does not have; the sender must use an older one."""


@dataclass(frozen=True)
class Header:
    """What stands before the seal. `octets` are its exact bytes, `prev` the running hash of entry `first - 1`."""

    gateway: int
    epoch: int
    first: int
    prev: bytes
    dictionary: int
    octets: bytes


@dataclass(frozen=True)
class Frame:
    """An opened frame. No entries: the sender only asks where the other side stands."""

    gateway: int
    epoch: int
    first: int
    prev: bytes
    entries: tuple[Entry, ...]


def encode(frame: Frame, key: bytes, version: int = dictionary.NEWEST) -> bytes:
    """The octets of a frame. A dictionary version this release does not have is replaced by none.

    Raises FrameError where the entries cannot be one frame (numbers, sizes).
    """
    if frame.entries and frame.entries[0].number != frame.first:
        raise FrameError("the first entry is not the first")
    chosen = dictionary.load(version) or dictionary.NONE
    header = bytearray([MAGIC])
    _put_checked(header, frame.gateway, _GATEWAY_BITS)
    header += frame.epoch.to_bytes(4, "big")
    _put_checked(header, frame.first, _NUMBER_BITS)
    if len(frame.prev) != HASH_OCTETS:
        raise FrameError("a hash has 8 octets")
    header += frame.prev
    header.append(chosen.version)
    return bytes(header) + seal(key, bytes(header), _payload(frame.entries, chosen))


def read_header(octets: bytes) -> tuple[Header, bytes]:
    """Header and sealed rest, before anything is believed: the gateway's number says which key to try."""
    if len(octets) > MAX_FRAME_OCTETS:
        raise FrameError("too large")
    reader = Reader(octets)
    if reader.octet() != MAGIC:
        raise FrameError("no frame of this version")
    gateway = reader.varint(_GATEWAY_BITS)
    epoch = int.from_bytes(reader.take(4), "big")
    first = reader.varint(_NUMBER_BITS)
    if first == 0:
        raise FrameError("entries are numbered from 1")
    header = Header(gateway, epoch, first, reader.take(HASH_OCTETS), reader.octet(), octets[: reader.position])
    return header, octets[reader.position :]


def open_frame(octets: bytes, key: bytes) -> Frame:
    """The frame in these octets, if this key sealed it. Raises FrameError (UnknownDictionary where only that lacks)."""
    header, sealed = read_header(octets)
    payload = unseal(key, header.octets, sealed)
    known = dictionary.load(header.dictionary)
    if known is None:
        raise UnknownDictionary(f"dictionary {header.dictionary} is not known here")
    reader = Reader(payload)
    dense = reader.take(reader.varint(32))
    rows = _inflate(payload[reader.position :], known.preset)
    entries = unpack(rows, dense, known.texts, header.first)
    return Frame(header.gateway, header.epoch, header.first, header.prev, entries)


def seal(key: bytes, context: bytes, plain: bytes) -> bytes:
    """AES-SIV (RFC 5297): 16 octets longer than `plain`, bound to `context`."""
    return AESSIV(key).encrypt(plain, [context])


def unseal(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """What `seal` was given; FrameError where key, context or a single bit differ."""
    if len(sealed) < SEAL_OCTETS:
        raise FrameError("cut short")
    try:
        return AESSIV(key).decrypt(sealed, [context])
    except (InvalidTag, ValueError) as error:
        raise FrameError("the seal does not fit") from error


def _payload(entries: Sequence[Entry], chosen: dictionary.Dictionary) -> bytes:
    rows, dense = pack(entries, chosen.texts)
    payload = bytearray()
    put_varint(payload, len(dense))
    return bytes(payload) + dense + _deflate(rows, chosen.preset)


def _deflate(octets: bytes, preset: bytes) -> bytes:
    squeeze = (
        zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, preset)
        if preset
        else zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    )
    return squeeze.compress(octets) + squeeze.flush()


def _inflate(octets: bytes, preset: bytes) -> bytes:
    stretch = zlib.decompressobj(-15, preset) if preset else zlib.decompressobj(-15)
    try:
        rows = stretch.decompress(octets, _MAX_ROWS_OCTETS)
    except zlib.error as error:
        raise FrameError("not deflated") from error
    if not stretch.eof or stretch.unused_data:
        raise FrameError("not deflated, or too much")
    return rows


def _put_checked(out: bytearray, value: int, bits: int) -> None:
    if value < 0 or value >> bits:
        raise FrameError("number out of range")
    put_varint(out, value)
