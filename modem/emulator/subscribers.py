"""Who takes part in the emulated network: phones with people, and SIM cards in modems.

Everything here is guarded by the lock of the `Network` the subscriber belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from modem.emulator import tpdu
from modem.emulator.account import Account
from modem.emulator.stores import MessageStore, Slot


class PartState(StrEnum):
    """Where one part of an SMS is."""

    WAITING = "waiting"
    """At the service centre: delayed, or the recipient is off or full."""
    OFFERED = "offered"
    """Handed to the modem's user, who has not acknowledged it (27.005 3.4.4)."""
    SLOT = "slot"
    """In a slot of the recipient's SIM."""
    DELETED = "deleted"
    """It was in a slot and the modem's user deleted it."""
    DIRECT = "direct"
    """Handed to the modem's user as +CMT or +CDS, never stored."""
    RECEIVED = "received"
    """On a phone."""
    LOST = "lost"
    """The network lost it, or the modem had no use for it."""
    EXPIRED = "expired"
    """Its validity period passed before the recipient could be reached."""
    UNKNOWN_NUMBER = "unknown_number"
    """Nobody has the recipient's number."""


@dataclass(eq=False)
class Part:
    """One TPDU on its way from the service centre to a recipient. `report` marks an SMS-STATUS-REPORT."""

    sms: Sms
    recipient: str
    pdu: bytes
    """With the service-centre octets, as AT commands carry it."""
    number: int = 1
    state: PartState = PartState.WAITING
    slot: int | None = None
    due: float = 0.0
    """Clock time from which it may be handed over."""
    expires: float | None = None
    """Clock time from which the service centre does not try any more."""
    held: bool = False
    """Held back until another part has overtaken it."""
    in_hand: bool = False
    """Being handed over just now."""
    report: bool = False


@dataclass(eq=False)
class Sms:
    """One message as its sender gave it: a whole text of a phone, or one SMS-SUBMIT of a modem."""

    id: int
    sender: str
    recipient: str
    text: str
    at: float
    reference: int | None = None
    report_wanted: bool = False
    parts: list[Part] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The least finished of its parts' states; `unsent` when every part was left out."""
        states = {part.state for part in self.parts if not part.report}
        return next((state.value for state in PartState if state in states), "unsent")


class Refused(Exception):
    """The network or the card refuses; `code` as in +CMS ERROR (27.005 3.2.5)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class ServiceCentre(Protocol):
    """What subscribers need of the network."""

    def send_text(self, sender: str, to: str, text: str, order: tuple[int, ...] | None = None) -> Sms: ...
    def submit(self, sender: str, octets: bytes) -> Sms: ...
    def hand_over(self) -> None: ...
    def now(self) -> float: ...
    def wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool: ...


@dataclass(frozen=True)
class ReceivedText:
    """A complete text on a phone. `at` is when its last part came, seconds since 1970."""

    sender: str
    text: str
    at: float
    parts: int = 1


@dataclass(eq=False)
class Phone:
    """A basic phone and the person who holds it. Get one from `Network.phone`."""

    number: str
    centre: ServiceCentre
    name: str = ""
    role: str = ""
    inbox: list[ReceivedText] = field(default_factory=list)
    outbox: list[Sms] = field(default_factory=list)
    on_received: Callable[[ReceivedText], object] | None = None
    """Called with the network locked: return quickly and do not block."""
    _switched_on: bool = True
    _pieces: dict[tuple[str, int, int], dict[int, str]] = field(default_factory=dict)

    def send(self, text: str, to: str, order: tuple[int, ...] | None = None) -> Sms:
        """Send a text. `order` lists part numbers (from 1) as they leave; parts not in it are never sent, some may repeat."""
        return self.centre.send_text(self.number, to, text, order)

    @property
    def switched_on(self) -> bool:
        """Whether the network reaches the phone; texts wait while it does not."""
        return self._switched_on

    @switched_on.setter
    def switched_on(self, on: bool) -> None:
        self._switched_on = on
        self.centre.hand_over()

    def wait_for_texts(self, count: int, timeout: float = 10.0) -> list[ReceivedText]:
        """Wait until `count` texts are in the inbox; returns what is there at the end of the wait."""
        self.centre.wait_for(lambda: len(self.inbox) >= count, timeout)
        return list(self.inbox)

    def accept(self, part: Part) -> PartState:
        """Take a part from the network; the text appears in the inbox once all parts are here."""
        if not self._switched_on:
            return PartState.WAITING
        if part.report:
            return PartState.RECEIVED
        deliver = tpdu.decode_deliver(part.pdu[part.pdu[0] + 1 :])
        place = deliver.content.concatenation or tpdu.Concatenation(0, 1, 1)
        key = (deliver.sender, place.reference, place.parts)
        pieces = self._pieces.setdefault(key, {})
        pieces[place.part] = deliver.content.text
        if len(pieces) == place.parts:
            del self._pieces[key]
            text = tpdu.join_texts([pieces[number] for number in sorted(pieces)])
            received = ReceivedText(deliver.sender, text, self.centre.now(), place.parts)
            self.inbox.append(received)
            if self.on_received is not None:
                self.on_received(received)
        return PartState.RECEIVED


class Equipment(Protocol):
    """The modem a SIM is in."""

    @property
    def receiving(self) -> MessageStore:
        """Where arriving messages are stored."""

    def route(self, report: bool) -> PartState:
        """What becomes of an arriving part: SLOT, DIRECT, LOST (no use for it) or WAITING (cannot take it now)."""

    def stored(self, store: MessageStore, slot: int, report: bool) -> None:
        """A part was stored in this slot."""

    def direct(self, part: Part) -> PartState:
        """A part arrives without being stored: DIRECT, or OFFERED where an acknowledgement has to come first."""


@dataclass(eq=False)
class Sim:
    """A SIM card: number, identity, slots and what its operator knows of it. Put it in with `Network.add_sim`.

    `pin`: None or the digits it asks for. `ussd` maps codes to answers of their own, before those of the operator; `refusal`: a
    +CMS ERROR code that every submit gets (for example 38 network out of order), None when the operator takes them.
    """

    number: str
    imsi: str = "510101507000001"
    capacity: int = 40
    pin: str | None = None
    pin_tries: int = 3
    ussd: dict[str, str] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    refusal: int | None = None
    equipment: Equipment | None = None
    centre: ServiceCentre | None = None
    removed: bool = False
    """Taken out of its modem: nothing reaches it."""
    store: MessageStore = field(init=False)
    """The memory on the card itself."""

    def __post_init__(self) -> None:
        self.store = MessageStore("SM", self.capacity)

    @property
    def receiving(self) -> MessageStore:
        """Where arriving messages go: the card, unless the modem stores elsewhere."""
        return self.equipment.receiving if self.equipment else self.store

    @property
    def slots(self) -> dict[int, Slot]:
        """Slots of the store that receives."""
        return self.receiving.slots

    @property
    def full(self) -> bool:
        """No free slot: the network keeps what comes (TP-FCS D0, 23.040 9.2.3.22) until one is freed."""
        return self.receiving.full

    def accept(self, part: Part) -> PartState:
        """Take a part from the network into the lowest free slot, or past the store where the modem says so."""
        if self.removed:
            return PartState.WAITING
        state = self.equipment.route(part.report) if self.equipment else PartState.SLOT
        if state is PartState.DIRECT and self.equipment:
            return self.equipment.direct(part)
        if state is not PartState.SLOT:
            return state
        part.slot = self.receiving.put(part)
        if part.slot is None:
            return PartState.WAITING
        if self.equipment:
            self.equipment.stored(self.receiving, part.slot, part.report)
        return PartState.SLOT

    def delete(self, slots: list[int], store: MessageStore | None = None) -> None:
        """Free these slots (empty ones too), of the receiving store unless another is named; then what waits comes."""
        for slot in (store or self.receiving).take_out(slots):
            slot.part.state, slot.part.slot = PartState.DELETED, None
        if self.centre:
            self.centre.hand_over()

    def answer_ussd(self, code: str) -> str | None:
        """What the operator says to this code; None when it does not know it."""
        return self.ussd.get(code) or (self.account.balance_text() if code == self.account.code else None)

    def submit(self, octets: bytes, no_credit: int = 38) -> Sms:
        """Hand an SMS-SUBMIT to the network, which costs the tariff; `no_credit` is the code without enough. Raises Refused."""
        if self.centre is None:
            raise Refused(331, "no network service")
        if self.refusal is not None:
            raise Refused(self.refusal, "the operator refuses to send")
        if not self.account.can_pay(self.centre.now()):
            raise Refused(no_credit, "no credit")
        sms = self.centre.submit(self.number, octets)
        self.account.pay()
        return sms
