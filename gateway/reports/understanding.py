"""The result of understanding one message: frozen records only. Pure.

`Understanding.as_dict()` is what `waspada understand --json` prints and scripts rely on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Intent(StrEnum):
    """What the sender wants. The values are stable output (`waspada understand --json`)."""

    LAPOR = "lapor"
    NIHIL = "nihil"
    DARURAT = "darurat"
    SUSUL = "susul"
    KOREKSI = "koreksi"
    BATAL = "batal"
    CEK = "cek"
    DAFTAR = "daftar"
    BANTUAN = "bantuan"
    VERIF = "verif"
    TL = "tl"
    TERIMA = "terima"
    KONFIRMASI = "konfirmasi"
    BEBAS = "bebas"
    OPERATOR = "operator"
    SPAM = "spam"
    SALAH_KIRIM = "salah_kirim"
    KOSONG = "kosong"
    KACAU = "kacau"


class Outcome(StrEnum):
    """What happens with the message (domain notes, section 4)."""

    TERIMA = "terima"
    KONFIRMASI = "konfirmasi"
    LENGKAPI = "lengkapi"
    TRIASE = "triase"
    TOLAK = "tolak"
    ABAIKAN = "abaikan"


FIELDS = (
    "jenis", "desa", "massa", "korban", "md", "luka", "hilang", "fase",
    "waktu_teks", "waktu", "pihak", "senjata", "tiket", "hasil", "status", "peran", "nama", "ket",
)  # fmt: skip
"""Every field the shipped forms and commands have, in the order they are printed. Unknown is None and is not 0.

`waktu_teks` are the time words as typed; `waktu` is what they mean, in local time: an ISO 8601 date (`2026-11-22`), time
(`2026-11-22T21:00`) or interval (`2026-11-22T18:00/2026-11-23T05:00`), never more exact than the words. A form may define
fields of its own; they follow these.
"""


@dataclass(frozen=True)
class Sender:
    """What is known of who wrote. `number` is E.164, or the sender's name or short code as received; '' is unknown."""

    number: str = ""
    role: str = ""
    village: str = ""
    """Kemendagri code of the village (or kecamatan) the sender is registered for."""
    language: str = "id"


@dataclass(frozen=True)
class Question:
    """What we asked this sender last about a report: a short message that fits is its answer."""

    field: str
    form: str = ""
    """Id of the form the report follows."""
    candidates: tuple[str, ...] = ()
    """What was offered (codes), in the order it was said."""


@dataclass(frozen=True)
class Doubt:
    """Something a person should look at: the field, why in words, and candidates (codes) in order of likelihood."""

    field: str
    why: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understanding:
    """Pure function of text, sender and knowledge."""

    intent: str
    """An `Intent`, or the intent that a form of the district's own names."""
    outcome: Outcome
    fields: dict[str, Any]
    """Has every name of FIELDS, then the form's own."""
    missing: tuple[str, ...] = ()
    """Required fields that are unknown, the one to ask first in front."""
    doubts: tuple[Doubt, ...] = ()
    trace: tuple[str, ...] = ()
    """How it was read, one decision a line, Bahasa Indonesia."""
    secret: bool = False
    """The sender asked for RAHASIA."""
    urgent: bool = False
    """Must not wait: DARURAT, dead or injured, violence."""
    level: int = 0
    """Proposed level 0..4 (domain notes, section 5); a person sets the final one."""
    form: str = ""
    """Id of the form the report follows ('' where the message is no report)."""
    version: int = 0
    basis: dict[str, str] = field(default_factory=dict)
    """What `intent` and each known field rest on: a key of config/confidence.toml ("exact", "typo", "pair" …)."""
    confidence: dict[str, float] = field(default_factory=dict)
    """Share of messages with the same basis that were read rightly (measured: docs/benchmarks.md), by field."""

    @property
    def is_report(self) -> bool:
        """Whether this message makes a report (an event, a zero report or an emergency)."""
        return self.form != ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, keys in a fixed order."""
        return {
            "intent": str(self.intent),
            "fields": {name: self.fields.get(name) for name in (*FIELDS, *(n for n in self.fields if n not in FIELDS))},
            "missing": list(self.missing),
            "doubts": [{"field": d.field, "why": d.why, "candidates": list(d.candidates)} for d in self.doubts],
            "outcome": str(self.outcome),
            "rahasia": self.secret,
            "tingkat": self.level,
            "yakin": self.confidence,
            "trace": list(self.trace),
        }


@dataclass(frozen=True)
class Reply:
    """An answer to a message: at most 160 GSM-7 characters. `kind` groups like answers for the budgets."""

    text: str
    kind: str
