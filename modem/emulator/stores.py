"""Where a modem keeps messages: one store a memory, each with slots of its own (3GPP TS 27.005 3.2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modem.emulator.subscribers import Part

UNREAD, READ, UNSENT, SENT = 0, 1, 2, 3
"""<stat> of PDU mode, 27.005 3.1."""


class Slot:
    """One message in a store. `status`: 0 unread, 1 read, 2 written and unsent, 3 written and sent."""

    def __init__(self, part: Part, status: int = UNREAD) -> None:
        self.part, self.status = part, status


@dataclass(eq=False)
class MessageStore:
    """The memory `name` (`SM` the card, `ME` the equipment). The places are `first`, `first + step`, … `capacity` of them."""

    name: str
    capacity: int
    first: int = 1
    step: int = 1
    slots: dict[int, Slot] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """No place is free."""
        return len(self.slots) >= self.capacity

    @property
    def places(self) -> range:
        """All slot numbers there are."""
        return range(self.first, self.first + self.capacity * self.step, self.step)

    def put(self, part: Part, status: int = UNREAD) -> int | None:
        """Store it in the lowest free place; returns the number, None when the store is full."""
        number = next((place for place in self.places if place not in self.slots), None)
        if number is not None:
            self.slots[number] = Slot(part, status)
        return number

    def take_out(self, numbers: Iterable[int]) -> list[Slot]:
        """Free these places, empty ones too; returns what lay there."""
        return [slot for number in numbers if (slot := self.slots.pop(number, None)) is not None]
