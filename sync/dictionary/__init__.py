"""What both ends know beforehand, so that it need not be sent: texts by number, and octets deflate can point back to.

A dictionary has a version of one octet, named in every frame; 0 is "none". The files are made by
`python -m sync.dictionary.build` and never change once released: a better dictionary gets the next version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

NEWEST = 1
"""Version a sender of this release prefers."""
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Dictionary:
    """`texts`: up to 255, numbered from 1. `preset`: preset dictionary of the deflate stream (RFC 1951 window)."""

    version: int
    texts: tuple[str, ...]
    preset: bytes


NONE = Dictionary(0, (), b"")


@cache
def load(version: int) -> Dictionary | None:
    """The dictionary of this version, None where this release does not have it."""
    if version == 0:
        return NONE
    path = _FOLDER / f"{version}.bin"
    if not path.is_file():
        return None
    texts, preset = msgspec.msgpack.decode(path.read_bytes(), type=tuple[tuple[str, ...], bytes])
    return Dictionary(version, texts, preset)
