"""An SMS network in memory: a service centre between phones and SIM cards, with the faults of real radio.

Everything that passes is a real TPDU (TS 23.040): phones and modems hand in SMS-SUBMIT, the service centre hands out
SMS-DELIVER and SMS-STATUS-REPORT. Safe to use from any thread; `lock` guards the whole network with its subscribers.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from modem.emulator import tpdu
from modem.emulator.faults import Troubles
from modem.emulator.subscribers import Part, PartState, Phone, Refused, Sim, Sms

INVALID_DESTINATION = 21
INVALID_PDU = 304
"""+CMS ERROR codes, 27.005 3.2.5."""


@dataclass(frozen=True)
class Conditions:
    """How bad the radio is. Shares are probabilities 0..1 for each part."""

    delay_seconds: tuple[float, float] = (0.0, 0.0)
    """Shortest and longest time a part is under way."""
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    """Share of parts that are held back until the next part to the same recipient has overtaken them."""
    hold_seconds: float = 10.0
    """A part that nothing overtakes is handed over after this time."""


class Network:
    """Phones, SIM cards and the service centre between them.

    `clock` gives seconds since 1970 and stamps every SMS, in a zone `offset_minutes` ahead of UTC. With delays, somebody has to
    call `hand_over` as time passes: `run` does it in a thread. `open_numbers`: a number nobody has yet gets a phone when
    somebody writes to it; otherwise such an SMS is reported as not obtainable.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        *,
        conditions: Conditions | None = None,
        randomness: random.Random | None = None,
        offset_minutes: int = 420,
        smsc: str = "+6281100000",
        country: str = "62",
        open_numbers: bool = True,
    ) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.conditions = conditions or Conditions()
        self.troubles = Troubles(clock)
        """Faults of the network started on command, on top of the conditions: see `faults.py`."""
        self.smsc = smsc
        self.sent: list[Sms] = []
        """Everything ever handed in, in order; `Sms.id` counts from 1."""
        self.phones: dict[str, Phone] = {}
        self.sims: dict[str, Sim] = {}
        self._clock, self._random = clock, randomness or random.Random()
        self._offset, self._country, self._open_numbers = offset_minutes, country, open_numbers
        self._under_way: dict[int, Part] = {}
        """Parts at the service centre by `id`, in the order they came: a dict, so that taking one out of many is quick."""
        self._references: dict[str, int] = {}

    def now(self) -> float:
        """The network's time, seconds since 1970."""
        return self._clock()

    def phone(self, number: str, name: str = "", role: str = "") -> Phone:
        """The phone with this number, name or short code (`+62812...`, `0812...`, `TELKOMSEL`, `3636`); made on first use.

        Raises TpduError for what can be no sender.
        """
        with self.lock:
            number = self.full_number(number)
            phone = self.phones.get(number)
            if phone is None:
                tpdu.encode_address(number)
                phone = self.phones[number] = Phone(number, self, name, role)
            elif name or role:
                phone.name, phone.role = name, role
            return phone

    def add_sim(self, sim: Sim) -> Sim:
        """Register a SIM; SMS to its number now go there."""
        with self.lock:
            sim.number = self.full_number(sim.number)
            sim.centre = self
            self.sims[sim.number] = sim
            return sim

    def full_number(self, number: str) -> str:
        """A number as the network knows it: `0812` and `62812` become `+62812`; names and short codes stay."""
        if number[:1] not in ("+", "0") and not (number.startswith(self._country) and len(number) >= 10):
            return number
        digits = "".join(digit for digit in number if digit.isdigit())
        if number.startswith("+") or digits.startswith(self._country):
            return "+" + digits
        return "+" + (digits[2:] if digits.startswith("00") else self._country + digits[1:])

    def send_text(self, sender: str, to: str, text: str, order: Iterable[int] | None = None) -> Sms:
        """A text from a phone. `order`: part numbers (from 1) as they leave; left-out parts never leave, repeated ones twice.

        Raises TpduError when the text is too long, KeyError for a part that does not exist.
        """
        with self.lock:
            phone = self.phone(sender)
            reference = self._references[phone.number] = self._references.get(phone.number, 0) % 255 + 1
            contents = tpdu.split_text(text, reference)
            submits = [tpdu.Submit(to, content, reference) for content in contents]
            chosen = submits
            if order is not None:
                by_number = dict(enumerate(submits, 1))
                chosen = [by_number[number] for number in order]
            sms = self._new_sms(phone.number, to, text)
            phone.outbox.append(sms)
            for submit in chosen:
                self._pass_on(sms, tpdu.decode_submit(tpdu.encode_submit(submit)))
            self.hand_over()
            return sms

    def submit(self, sender: str, octets: bytes) -> Sms:
        """Take one SMS-SUBMIT of a SIM; `Sms.reference` is its TP-MR. Raises Refused with a +CMS ERROR code."""
        with self.lock:
            try:
                submit = tpdu.decode_submit(octets, self.now())
                tpdu.encode_address(submit.destination)
            except tpdu.TpduError as error:
                raise Refused(INVALID_PDU, str(error)) from error
            if not submit.destination.strip("+").isdigit():
                raise Refused(INVALID_DESTINATION, "the destination is no number")
            sms = self._new_sms(sender, submit.destination, tpdu.join_texts([submit.content.text]))
            sms.reference = self._references[sender] = (self._references.get(sender, -1) + 1) % 256
            sms.report_wanted = submit.report_wanted
            self._pass_on(sms, submit)
            self.hand_over()
            return sms

    def deliver_raw(self, sim: Sim, hexadecimal: str) -> Sms:
        """Hand these octets, service-centre octets first, to a SIM as they are. Raises ValueError when they are no octets."""
        with self.lock:
            part = self.raw_part(sim, hexadecimal)
            self._send_off(part, Conditions())
            self.hand_over()
            return part.sms

    def raw_part(self, sim: Sim, hexadecimal: str) -> Part:
        """These octets as the only part of an SMS to a SIM, not yet anywhere. Raises ValueError when they are no octets."""
        pdu = bytes.fromhex(hexadecimal)
        if not pdu:
            raise ValueError("a PDU has at least one octet")
        with self.lock:
            sms = self._new_sms("", sim.number, "")
            sms.parts.append(Part(sms, sim.number, pdu))
            return sms.parts[0]

    def hand_over(self) -> None:
        """Hand every part that is due to its recipient, if that takes it."""
        with self.changed:
            moved = True
            while moved:  # a delivered part may release a held one or cause a report
                moved = False
                unwilling: set[tuple[str, bool]] = set()
                now = self.now()
                self._expire(now)
                for part in list(self._under_way.values()):
                    kind = (part.recipient, part.report)
                    if part.due > now or kind in unwilling or id(part) not in self._under_way or part.in_hand:
                        continue
                    if self._try(part):
                        moved = True
                    else:
                        unwilling.add(kind)
            self.changed.notify_all()

    def settle(self, part: Part, taken: bool, retry_seconds: float = 0.0) -> None:
        """An offered part was acknowledged, or goes back and is tried again, after `retry_seconds`."""
        with self.lock:
            if part.state is not PartState.OFFERED:
                return
            part.in_hand = False
            part.state = PartState.DIRECT if taken else PartState.WAITING
            if taken:
                self._arrived(part)
            elif retry_seconds:
                part.due = self.now() + retry_seconds
            self.hand_over()

    def seconds_to_next(self) -> float | None:
        """How long until something is due, 0 when it is; None when nothing has a time."""
        with self.lock:
            now = self.now()
            moments = [part.due for part in self._under_way.values() if part.due > now]
            moments += [part.expires for part in self._under_way.values() if part.expires is not None]
            return max(0.0, min(moments) - now) if moments else None

    def wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool:
        """Wait until something in the network makes `predicate` true; False when `timeout` seconds passed."""
        with self.changed:
            return self.changed.wait_for(predicate, timeout)

    def run(self, stop: threading.Event, step_seconds: float = 0.05) -> None:
        """Hand over delayed parts as they come due, until `stop`. Meant for a thread."""
        while not stop.wait(step_seconds):
            self.hand_over_due()

    def hand_over_due(self) -> None:
        """`hand_over`, where some part waits for nothing but time."""
        with self.lock:
            now = self.now()
            if any(
                (part.due and part.due <= now) or (part.expires is not None and part.expires <= now)
                for part in self._under_way.values()
            ):
                self.hand_over()

    def waiting(self, number: str) -> list[Part]:
        """Parts that are still at the service centre for this number."""
        with self.lock:
            return [part for part in self._under_way.values() if part.recipient == number]

    def snapshot(self) -> dict[str, Any]:
        """Everything that was sent and where it is now, as plain lists and dicts; times in seconds since 1970."""
        with self.lock:
            return {
                "sims": [
                    {
                        "number": sim.number,
                        "capacity": sim.receiving.capacity,
                        "used": len(sim.slots),
                        "waiting": len(self.waiting(sim.number)),
                        "slots": {str(number): slot.part.sms.id for number, slot in sorted(sim.slots.items())},
                    }
                    for sim in self.sims.values()
                ],
                "sent_by_phones": [_as_row(sms) for sms in self.sent if sms.sender and sms.sender not in self.sims],
                "injected": [_as_row(sms) for sms in self.sent if not sms.sender],
                "submitted_by_modem": [_as_row(sms) for sms in self.sent if sms.sender in self.sims],
                "received_by_phones": self.received(),
            }

    def received(self) -> list[dict[str, Any]]:
        """All complete texts on phones, oldest first: `to, sender, text, at, parts`."""
        with self.lock:
            rows = [
                {"to": phone.number, "sender": text.sender, "text": text.text, "at": text.at, "parts": text.parts}
                for phone in self.phones.values()
                for text in phone.inbox
            ]
        return sorted(rows, key=lambda row: float(str(row["at"])))

    def _new_sms(self, sender: str, recipient: str, text: str) -> Sms:
        sms = Sms(len(self.sent) + 1, sender, self.full_number(recipient), text, self.now())
        self.sent.append(sms)
        return sms

    def _pass_on(self, sms: Sms, submit: tpdu.Submit) -> None:
        deliver = tpdu.Deliver(sms.sender, submit.content, int(self.now()), self._offset, submit.protocol)
        place = submit.content.concatenation
        pdu = tpdu.encode_smsc(self.smsc) + tpdu.encode_deliver(deliver)
        part = Part(sms, sms.recipient, pdu, place.part if place else 1)
        sms.parts.append(part)
        if sms.recipient not in self.sims and sms.recipient not in self.phones:
            if not self._open_numbers:
                part.state = PartState.UNKNOWN_NUMBER
                self._report(part, tpdu.STATUS_NOT_OBTAINABLE)
                return
            self.phone(sms.recipient)
        part.expires = None if submit.validity_seconds is None else self.now() + submit.validity_seconds
        if self._mishap("lost_parts", self.conditions.loss):
            part.state = PartState.LOST
            return
        self._send_off(part, self.conditions)
        if self._mishap("duplicates", self.conditions.duplication):
            copy = replace(part)
            sms.parts.append(copy)
            self._send_off(copy, self.conditions)

    def _mishap(self, fault: str, share: float) -> bool:
        ordered = self.troubles.options(fault)
        if ordered is not None:
            share = float(ordered["share"])
        if not self._random.random() < share:
            return False
        self.troubles.strikes(fault)
        return True

    def _send_off(self, part: Part, conditions: Conditions) -> None:
        low, high = conditions.delay_seconds
        if not part.report and part.sms.sender and (ordered := self.troubles.strikes("delay")):
            low, high = float(ordered["low"]), float(ordered["high"])
        part.due = self.now() + self._random.uniform(low, high) if high else 0.0
        reordered = self.troubles.on("reordering") or conditions.reordering
        if part.sms.sender and not part.report and reordered and self._mishap("reordering", conditions.reordering):
            part.held, part.due = True, self.now() + self.conditions.hold_seconds
        self._under_way[id(part)] = part

    def _try(self, part: Part) -> bool:
        recipient = self.sims.get(part.recipient) or self.phones[part.recipient]
        part.in_hand = True  # the recipient may answer at once and come back to `hand_over`
        part.state = recipient.accept(part)
        part.in_hand = False
        if part.state is PartState.WAITING:
            return False
        if part.state is PartState.OFFERED:
            part.in_hand = True
        else:
            self._arrived(part)
        return True

    def _arrived(self, part: Part) -> None:
        del self._under_way[id(part)]
        for other in self._under_way.values():
            if other.held and other.recipient == part.recipient:
                other.held, other.due = False, 0.0
        if part.state in (PartState.RECEIVED, PartState.SLOT, PartState.DIRECT):
            self._report(part, tpdu.STATUS_RECEIVED)

    def _expire(self, now: float) -> None:
        """Give up what is past its validity period (23.040 9.2.3.12)."""
        for part in list(self._under_way.values()):
            if part.expires is not None and part.expires <= now and not part.in_hand:
                del self._under_way[id(part)]
                part.state = PartState.EXPIRED
                self._report(part, tpdu.STATUS_EXPIRED)

    def _report(self, part: Part, status: int) -> None:
        sms = part.sms
        if not sms.report_wanted or part.report or sms.reference is None:
            return
        now = int(self.now())
        report = tpdu.StatusReport(sms.reference, sms.recipient, int(sms.at), now, status, self._offset)
        pdu = tpdu.encode_smsc(self.smsc) + tpdu.encode_status_report(report)
        answer = Part(sms, sms.sender, pdu, report=True)
        sms.parts.append(answer)
        self._send_off(answer, Conditions())


def _as_row(sms: Sms) -> dict[str, Any]:
    rows = [
        {"part": part.number, "state": part.state.value, "slot": part.slot} | ({"report": True} if part.report else {})
        for part in sms.parts
    ]
    row = {"id": sms.id, "sender": sms.sender, "recipient": sms.recipient, "text": sms.text, "at": sms.at}
    return row | {"reference": sms.reference, "state": sms.state, "parts": rows}
