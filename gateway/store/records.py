"""What pages and commands get to see of the database: frozen records, filled by `queries`.

Times are milliseconds since 1970 as in `models`, None where unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a longer list. `number` counts from 1 and lies within the list."""

    rows: tuple[Row, ...]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """Number of the last page; 1 for an empty list."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class MessageRow:
    """A message as lists show it. `ticket` is '' where it made no report."""

    id: int
    sender: str
    sender_is_number: bool
    text: str
    sent_at: int | None
    received_at: int
    state: str
    intent: str
    outcome: str
    ticket: str
    parts: int
    parts_missing: int
    repeats_id: int | None
    error: str
    continues_id: int | None = None
    unanswered: str = ""
    """Why no answer was made; '' where one was, and in messages of older versions."""


@dataclass(frozen=True)
class AmendmentRow:
    """One change of a report. `message_id` is None where no SMS did it."""

    id: int
    report_id: int
    ticket: str
    message_id: int | None
    action: str
    by: str
    at: int
    before: dict[str, Any]
    after: dict[str, Any]
    level_before: int
    level_after: int
    state_before: str
    state_after: str


@dataclass(frozen=True)
class ReportRow:
    """A report with what lists need of its message. `repeats` is the ticket of the report it repeats, or ''."""

    id: int
    ticket: str
    message_id: int
    sender: str
    sender_is_number: bool
    text: str
    intent: str
    form: str
    version: int
    fields: dict[str, Any]
    missing: tuple[str, ...]
    doubts: tuple[dict[str, Any], ...]
    outcome: str
    level: int
    secret: bool
    sent_at: int | None
    received_at: int
    created_at: int
    repeats: str
    derived: dict[str, Any]
    """As read from its message; `fields` is what stands now."""
    state: str
    asked: str
    """The field its reporter was asked for and has not told yet; ''."""
    changed_at: int | None
    corrected: bool
    """Whether its reporter or an officer corrected or replaced it."""

    def field(self, name: str) -> Any:
        """Value of a field; None is unknown, which is not 0."""
        return self.fields.get(name)


@dataclass(frozen=True)
class PartRow:
    """What became of one part the network took: `arrived` is None as long as no delivery report told."""

    part: int
    sent_at: int
    arrived: bool | None
    reported_at: int | None


@dataclass(frozen=True)
class OutgoingRow:
    """An SMS we send, will send, or did not send; `error` says why not. `parts`: the last try of each, by number."""

    id: int
    purpose: str
    kind: str
    recipient: str
    text: str
    message_id: int | None
    state: str
    attempts: int
    parts_sent: int
    not_before: int
    created_at: int
    finished_at: int | None
    error: str
    parts: tuple[PartRow, ...] = ()

    @property
    def arrived(self) -> int:
        """How many parts reached the phone, as far as the network told."""
        return sum(part.arrived is True for part in self.parts)

    @property
    def settled_at(self) -> int | None:
        """When the last delivery report said that parts arrived, or did not; None where none came."""
        return max((part.reported_at for part in self.parts if part.reported_at is not None), default=None)


@dataclass(frozen=True)
class PduRow:
    """A raw PDU as it came."""

    id: int
    hex: str
    modem: str
    received_at: int
    state: str
    error: str
    message_id: int | None
    part: int

    @property
    def reason(self) -> str:
        """Why it is no message or cannot be read: the first line of `error`."""
        return self.error.partition("\n")[0]

    @property
    def words(self) -> str:
        """What a filed SMS says, where it says anything."""
        return self.error.partition("\n")[2]


@dataclass(frozen=True)
class MessageDetail:
    """All there is about one message. `at_central` is None where it is not in the ledger yet."""

    row: MessageRow
    trace: tuple[str, ...]
    pdus: tuple[PduRow, ...]
    report: ReportRow | None
    outgoing: tuple[OutgoingRow, ...]
    at_central: bool | None
    amended: tuple[AmendmentRow, ...]
    """What it said about reports that were there already."""


@dataclass(frozen=True)
class SyncFacts:
    """Where this laptop stands with the central, as far as the database knows. `oldest_waiting_at` in milliseconds."""

    enrolled: bool = False
    central: str = ""
    waiting: int = 0
    oldest_waiting_at: int | None = None
    last_contact_at: int | None = None
    alarm: str = ""


@dataclass(frozen=True)
class Tally:
    """Counts: messages and reports since a moment, and what needs a person now."""

    messages: int
    for_a_person: int
    """Messages that only a person can decide on (outcome triase)."""
    reports: int
    """Without those that repeat an earlier one."""
    reports_by_level: dict[int, int]
    last_message_at: int | None
    undecodable: int
    pdus_set_aside: int
    messages_set_aside: int
    outgoing_by_state: dict[str, int]
    failed_lately: int
    uncertain_lately: int
    undelivered_lately: int
