"""The result of understanding one message: frozen records only. Pure.

`Understanding.as_dict()` is what `waspada understand --json` prints and scripts rely on.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    "waktu_teks", "tiket", "hasil", "status", "peran", "nama", "ket",
)  # fmt: skip
"""Every field there is, in the order they are printed. Unknown is None and is not 0."""


@dataclass(frozen=True)
class Sender:
    """What is known of who wrote. `number` is E.164, or the sender's name or short code as received; '' is unknown."""

    number: str = ""
    role: str = ""
    village: str = ""
    """Kemendagri code of the village (or kecamatan) the sender is registered for."""
    language: str = "id"


@dataclass(frozen=True)
class Doubt:
    """Something a person should look at: the field, why in words, and candidates (codes) in order of likelihood."""

    field: str
    why: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understanding:
    """Pure function of text, sender and knowledge."""

    intent: Intent
    outcome: Outcome
    fields: dict[str, Any]
    """Has every name of FIELDS."""
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

    @property
    def is_report(self) -> bool:
        """Whether this message makes a report (an event, a zero report or an emergency)."""
        return self.form != ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, keys in a fixed order."""
        return {
            "intent": str(self.intent),
            "fields": {name: self.fields.get(name) for name in FIELDS},
            "missing": list(self.missing),
            "doubts": [{"field": d.field, "why": d.why, "candidates": list(d.candidates)} for d in self.doubts],
            "outcome": str(self.outcome),
            "rahasia": self.secret,
            "tingkat": self.level,
            "trace": list(self.trace),
        }


@dataclass(frozen=True)
class Reply:
    """An answer to a message: at most 160 GSM-7 characters. `kind` groups like answers for the budgets."""

    text: str
    kind: str
