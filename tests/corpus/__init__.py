"""The labelled messages and how a reading of them is scored. README.md says what the columns mean."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.reports.understanding import Intent, Outcome, Sender, Understanding

FOLDER = Path(__file__).parent
SCORED = ("jenis", "desa", "massa", "korban", "fase", "tiket")
"""With the intent, the fields whose share of right ones is the measure."""
COUNTS = ("massa", "korban", "md", "luka", "hilang")
ALL_FIELDS = ("jenis", "desa", *COUNTS, "fase", "tiket", "hasil", "status")
JUNK = frozenset([Intent.OPERATOR, Intent.SPAM, Intent.SALAH_KIRIM, Intent.KOSONG, Intent.KACAU])
ORDINARY_NUMBER = "+6281200000042"


@dataclass(frozen=True)
class Labelled:
    """One message with what a careful person reads in it; several values of a field are all right."""

    id: str
    hand: str
    text: str
    sender: Sender
    intents: tuple[str, ...]
    fields: dict[str, tuple[Any, ...]]
    secret: tuple[bool, ...]

    @property
    def junk(self) -> bool:
        """No report by any reading."""
        return JUNK.issuperset(self.intents)

    @property
    def emergency(self) -> bool:
        """An emergency by every reading."""
        return self.intents == (Intent.DARURAT,)


def load(name: str) -> list[Labelled]:
    """The messages of `development` or `locked`."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return [_labelled(row) for row in csv.DictReader(stream)]


def _labelled(row: dict[str, str]) -> Labelled:
    return Labelled(
        id=row["id"],
        hand=row["hand"],
        text=row["text"],
        sender=Sender(row["sender"] or ORDINARY_NUMBER, row["role"], row["village"]),
        intents=tuple(row["intent"].split("|")),
        fields={name: tuple(_value(name, said) for said in row[name].split("|")) for name in ALL_FIELDS},
        secret=tuple(said == "ya" for said in row["rahasia"].split("|")),
    )


def _value(name: str, said: str) -> Any:
    if not said.strip():
        return None
    return int(said) if name in COUNTS else said.strip()


@dataclass
class Score:
    """What a reader got right. A cell counts where the label or the reading says something: empty beside empty is no merit."""

    right: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    intents: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(label, reading)."""
    types: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """`id field label reading`, never a text."""
    junk: int = 0
    junk_accepted: list[str] = field(default_factory=list)
    """Junk that became a report without a person."""
    junk_shown: list[str] = field(default_factory=list)
    """Junk that a person is asked to read."""
    emergencies: int = 0
    emergencies_missed: list[str] = field(default_factory=list)
    """Emergencies that neither are called so nor are urgent."""
    wrong_villages: list[str] = field(default_factory=list)
    for_a_person: int = 0
    messages: int = 0

    def add(self, labelled: Labelled, found: Understanding) -> None:
        """Score one reading."""
        self.messages += 1
        self._add_intent(labelled, str(found.intent))
        for name in ALL_FIELDS:
            self._add_field(labelled, name, found.fields.get(name))
        if found.secret or False not in labelled.secret:
            self._cell("rahasia", found.secret in labelled.secret, labelled.id, labelled.secret, found.secret)
        self.for_a_person += found.outcome is Outcome.TRIASE
        if labelled.junk:
            self.junk += 1
            if found.is_report:
                (self.junk_shown if found.outcome is Outcome.TRIASE else self.junk_accepted).append(labelled.id)
        if labelled.emergency:
            self.emergencies += 1
            if found.intent != Intent.DARURAT and not found.urgent:
                self.emergencies_missed.append(labelled.id)

    def _add_intent(self, labelled: Labelled, read: str) -> None:
        right = read in labelled.intents
        self._cell("intent", right, labelled.id, "|".join(labelled.intents), read)
        self.intents[(read if right else labelled.intents[0], read)] += 1

    def _add_field(self, labelled: Labelled, name: str, value: Any) -> None:
        meant = labelled.fields[name]
        right = value in meant
        if value is not None or None not in meant:
            self._cell(name, right, labelled.id, "|".join("-" if m is None else str(m) for m in meant), value)
        if name == "jenis" and (value is not None or None not in meant):
            self.types[(str((value if right else meant[0]) or "-"), str(value or "-"))] += 1
        if name == "desa" and value is not None and not right:
            self.wrong_villages.append(labelled.id)

    def _cell(self, name: str, right: bool, id_: str, meant: Any, read: Any) -> None:
        self.cells[name] += 1
        self.right[name] += right
        if not right:
            self.wrong.append(f"{id_} {name} {meant} {'-' if read is None else read}")

    def share(self, *names: str) -> float:
        """Right cells of these fields (`intent` is one), together."""
        cells = sum(self.cells[name] for name in names)
        return sum(self.right[name] for name in names) / cells if cells else 1.0

    @property
    def fields_right(self) -> float:
        """The measure: intent, jenis, desa, massa, korban, fase and tiket together."""
        return self.share("intent", *SCORED)


def score(messages: Iterable[Labelled], read: Callable[[Labelled], Understanding]) -> Score:
    """Score a reader on all of them."""
    total = Score()
    for labelled in messages:
        total.add(labelled, read(labelled))
    return total
