"""Records of a conversation: what a message does to reports, and what the dialogue knows of those. Pure; no rule lives here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.reports.understanding import Doubt, Understanding


class Act(StrEnum):
    """What a message does. The values are also the `action` of amendments, here and in the ledger."""

    NEW = "baru"
    """A report of its own, or nothing that concerns an earlier one."""
    ANSWER = "jawab"
    """Says what we had asked."""
    CORRECT = "koreksi"
    REPLACE = "ganti"
    """The same report again within minutes, with other figures: the later one holds."""
    ADD = "susul"
    CONTINUE = "lanjutan"
    """Reads like the rest of an earlier message: offered to a person."""
    WITHDRAW = "batal"
    STATUS = "cek"
    VERIFY = "verif"
    FOLLOW_UP = "tl"
    TAKE = "terima"
    REGISTER = "daftar"
    STILL_YOU = "masih"
    """Answers whether the number still belongs to whom we think."""


class Refusal(StrEnum):
    """Why a step was not taken; the message is kept and shown all the same."""

    NONE = ""
    NO_TICKET = "tanpa_nomor"
    UNKNOWN = "nomor_tidak_dikenal"
    """No such report, or one of somebody else: nobody learns from us that a ticket exists."""
    OFFICERS = "khusus_petugas"
    NOTHING = "tidak_ada_perubahan"
    """Nothing in it that would change the report."""


@dataclass(frozen=True)
class Limits:
    """How long a conversation holds: the [dialogue] settings."""

    answer_hours: float
    replace_minutes: float
    correct_hours: float
    continue_minutes: float


@dataclass(frozen=True)
class Earlier:
    """A report that is there already, as the dialogue sees it. Times in milliseconds since 1970."""

    ticket: str
    intent: str
    form: str
    fields: dict[str, Any]
    missing: tuple[str, ...]
    state: str
    at: int
    """When its message was sent (service-centre time where known)."""
    own: bool
    """From the same number."""
    asked: str = ""
    """The field we asked for last; '' where nothing is open."""
    asked_at: int | None = None
    candidates: tuple[str, ...] = ()
    """What was offered with that question."""
    message_id: int = 0
    secret: bool = False
    level: int = 0
    outcome: str = ""
    doubts: tuple[Doubt, ...] = ()
    noted_at: int | None = None
    """When this laptop made the report; an SMS may have been days under way by then."""
    text: str = ""
    """Its message; words in it raise the level."""


@dataclass(frozen=True)
class Step:
    """What is to be done with a message."""

    act: Act
    ticket: str = ""
    """The report concerned; '' is none."""
    changed: dict[str, Any] = field(default_factory=dict)
    """Fields of that report that get another value (None: unknown again); of officers' commands: `hasil`, `status`, `ket`."""
    after: Understanding | None = None
    """That report as it stands after the step: what the answer says back."""
    state: str = ""
    """State of that report after the step."""
    ask: str = ""
    """The field to ask for next."""
    refusal: Refusal = Refusal.NONE
    trace: tuple[str, ...] = ()
    """Why, one line each, Bahasa Indonesia; follows the parser's trace."""
    by: str = ""
    """`pelapor` or `petugas`."""
    person: bool = False
    """A person should look at this message, whatever else becomes of it."""
    urgent: bool = False
    """What it says must not wait, done or not."""

    @property
    def amends(self) -> bool:
        """Whether it leaves something with an earlier report."""
        return bool(self.ticket) and not self.refusal and self.act not in (Act.NEW, Act.STATUS)
