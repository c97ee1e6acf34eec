"""The mobile operators of Indonesia, read from operators.toml: how a SIM is known, and how its operator speaks of credit."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from config.knowledge import CONFIG_FOLDER, KnowledgeError, Table, Words, read_table

FILE = CONFIG_FOLDER / "operators.toml"
GROUPS: Mapping[str, str] = {
    "balance": r"(?:(?:rp|idr)\.?\s?)?(?P<balance>\d+(?:[.,]\d+)*)(?![\d])(?!\s?(?:rb|ribu|k|jt|juta|gb|mb|hari|/)(?![a-z]))",
    "until": (
        r"(?P<until>\d{4}-\d\d-\d\d(?!\d)|\d{1,2}(?P<mark>[-/. ])\d{1,2}(?P=mark)(?:\d{4}|\d\d)(?!\d)"
        r"|\d{1,2}[- ]?[a-z]{3,9}[- ]?(?:\d{4}|\d\d)(?!\d))"
    ),
}
"""What `{balance}` and `{until}` stand for in a pattern."""
_NEEDED: Mapping[str, str] = {"balance": "balance", "until": "until", "low": "balance", "ending": "until"}
"""Which of the two a pattern cannot do without."""


class Patterns(Table, frozen=True):
    """How an operator speaks of credit; see the head of operators.toml."""

    balance: Words = ()
    until: Words = ()
    low: Words = ()
    empty: Words = ()
    ending: Words = ()
    grace: Words = ()
    blocked: Words = ()


class _Entry(Patterns, frozen=True, kw_only=True):
    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*$")]
    name: str
    networks: Annotated[tuple[Annotated[str, Meta(pattern=r"^[0-9]{5,6}$")], ...], Meta(min_length=1)]
    names: Words
    balance_code: Annotated[str, Meta(pattern=r"^[*#0-9]+#$")]
    senders: Words


class _File(Table, frozen=True):
    every: Patterns
    operator: tuple[_Entry, ...]


@dataclass(frozen=True)
class Operator:
    """One operator. `networks`: MCC and MNC as digits; `names` and `senders` as `plain` writes them."""

    key: str
    name: str
    networks: tuple[str, ...]
    names: frozenset[str]
    balance_code: str
    senders: frozenset[str]
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    """By what they tell (`balance`, `until`, `low`, `empty`, `ending`, `grace`, `blocked`): its own, then everybody's."""


def plain(name: str) -> str:
    """A name for comparing: small letters and digits only."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


@functools.lru_cache(maxsize=4)
def load_operators(file: Path = FILE) -> tuple[Operator, ...]:
    """All operators. Raises KnowledgeError naming file, key and mistake."""
    read = read_table(file, _File)
    used: dict[str, str] = {}
    for entry in read.operator:
        for code in (entry.key, *entry.networks):
            if code in used:
                raise KnowledgeError(f"{file}: {entry.name}: {code} is {used[code]}'s already; give it to one of them.")
            used[code] = entry.name
    return tuple(
        Operator(
            key=entry.key,
            name=entry.name,
            networks=entry.networks,
            names=frozenset(map(plain, (entry.name, *entry.names))),
            balance_code=entry.balance_code,
            senders=frozenset(map(plain, entry.senders)),
            patterns={
                info.name: _compiled(file, info.name, (*getattr(entry, info.name), *getattr(read.every, info.name)))
                for info in msgspec.structs.fields(Patterns)
            },
        )
        for entry in read.operator
    )


def _compiled(file: Path, what: str, patterns: Words) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in patterns:
        whole = pattern
        for name, group in GROUPS.items():
            whole = whole.replace(f"{{{name}}}", group)
        try:
            found = re.compile(whole, re.IGNORECASE)
        except re.error as error:
            raise KnowledgeError(f"{file}: {what}: {pattern!r} is no regular expression ({error}); mend it.") from None
        needed = _NEEDED.get(what)
        if needed and needed not in found.groupindex:
            raise KnowledgeError(f"{file}: {what}: {pattern!r} lacks {{{needed}}}, so nothing can be read by it.")
        compiled.append(found)
    return tuple(compiled)
