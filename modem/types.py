"""What a modem is to the rest of Waspada: records, the `Modem` protocol and its errors. No I/O.

    ModemError
    ├── ModemAbsent      no port, or it went away        retryable: the driver is reopened
    ├── ModemSilent      it does not answer              retryable: probe, reset, reopen
    ├── ModemRefused     it answered with an error       depends on `fault`; carries the code
    │   ├── PinNeeded    the SIM is locked               stays until somebody does something
    │   └── SimMissing   no SIM, or an unreadable one    the same
    └── PduError         a PDU that cannot be read or built (never retried)

Every error says in `operator` what the person at the laptop should do, in Bahasa Indonesia.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Fault(StrEnum):
    """What kind of refusal it was, which decides what happens next."""

    TEMPORARY = "temporary"
    """It may work later: the network is busy, a time-out."""
    PERMANENT = "permanent"
    """Trying again cannot help: an impossible number, a barred service."""
    NO_CREDIT = "no_credit"
    """The operator takes nothing more from this SIM, for want of credit as far as one can tell."""
    NO_SERVICE = "no_service"
    """SIM or network are missing for now; nothing is wrong with what was asked."""
    NO_SMSC = "no_smsc"
    """The SIM has no service-centre number: nothing can be sent until somebody sets it."""


class ModemError(Exception):
    """Base of all modem errors. `retryable`: trying again later can succeed without anybody doing anything."""

    retryable = True
    operator = "Modem bermasalah; Waspada mencoba lagi sendiri."
    submitted = False
    """Raised by `send` after the PDU was handed over: the network may have taken it all the same."""

    def __init__(self, message: str, *, operator: str | None = None) -> None:
        super().__init__(message)
        if operator is not None:
            self.operator = operator


class ModemAbsent(ModemError):
    """The port does not exist, cannot be opened, or vanished while in use."""

    operator = "Modem tidak terhubung. Periksa kabel USB; Waspada menyambung lagi sendiri."


class ModemSilent(ModemError):
    """The modem did not answer within the time allowed."""

    operator = "Modem tidak menjawab. Bila berlanjut, cabut dan pasang kembali modem."


class ModemRefused(ModemError):
    """The modem answered with an error. `code` is the number of `+CMS ERROR`/`+CME ERROR` (27.005 3.2.5, 27.007 9.2)."""

    def __init__(
        self,
        command: str,
        answer: str,
        code: int | None = None,
        *,
        fault: Fault = Fault.TEMPORARY,
        operator: str | None = None,
    ) -> None:
        super().__init__(f"the modem answered {answer!r} to {command}", operator=operator)
        self.command, self.answer, self.code, self.fault = command, answer, code, fault
        self.retryable = fault is not Fault.PERMANENT


class PinNeeded(ModemRefused):
    """The SIM asks for a PIN (or PUK), and none is known that may still be tried."""

    operator = "SIM meminta PIN."


class SimMissing(ModemRefused):
    """There is no SIM in the modem, or it cannot be read."""

    operator = "SIM belum terpasang. Pasang kartu SIM."


class PduError(ModemError):
    """A PDU that cannot be read or built."""

    retryable = False
    operator = "Isi SMS tidak dapat dibaca; aslinya disimpan."


class ModemState(StrEnum):
    """States of a modem's life. Issue-independent words: they are shown, logged and sent in beats."""

    ABSENT = "absent"
    OPENING = "opening"
    PIN_NEEDED = "pin_needed"
    NO_SIM = "no_sim"
    SEARCHING = "searching"
    DENIED = "denied"
    READY = "ready"
    HUNG = "hung"
    RESETTING = "resetting"
    FULL = "full"


@dataclass(frozen=True)
class ModemStatus:
    """What is known of a modem now; None is unknown."""

    state: ModemState
    sentence: str = ""
    """One sentence for the operator, Bahasa Indonesia."""
    port: str = ""
    manufacturer: str | None = None
    model: str | None = None
    imei: str | None = None
    imsi: str | None = None
    operator: str | None = None
    signal_percent: int | None = None
    """0..100, from +CSQ (27.007 8.5)."""
    sim_used: int | None = None
    sim_capacity: int | None = None
    smsc: str | None = None
    """Number of the service centre; '' where the SIM has none, and then nothing can be sent."""


@dataclass(frozen=True)
class StoredPdu:
    """One message as the modem gave it. `hex` begins with the SMSC octets (27.005 3.1)."""

    slot: int | None
    """Where it lies, as the modem counts; None for what came directly and lies nowhere."""
    hex: str
    storage: str = ""
    """`SM`, `ME`, `MT` … (27.005 3.2.3); '' where the modem does not tell; DIRECT or BROADCAST for what was never stored."""


DIRECT = "direct"
"""`StoredPdu.storage` of a +CMT or +CDS."""
BROADCAST = "broadcast"
"""The same of a +CBM: a cell broadcast page (TS 23.041), which is no TPDU and has no SMSC octets."""


@dataclass(frozen=True)
class Notification:
    """Something happened.

    `arrived`: an SMS was stored, in `storage` where the modem tells. `delivered`: a PDU came directly, in `stored`; it is
    nowhere else until `acknowledge`. `restarted`: the modem began anew and forgot its settings. `woken`: by `wake()`.
    """

    what: str
    storage: str = ""
    stored: StoredPdu | None = None


@dataclass(frozen=True)
class ReceivedSms:
    """One decoded SMS-DELIVER, SMS-STATUS-REPORT or SMS-SUBMIT (TS 23.040 9.2.2), or a cell broadcast page (TS 23.041)."""

    sender: str
    """Number or name; the recipient of a draft or of what a status report is about."""
    text: str
    sent_at: int | None
    """Service-centre time stamp, seconds since 1970; None where it makes no sense."""
    sent_offset: int
    """Offset of that time stamp's zone from UTC, minutes."""
    sender_is_number: bool = True
    """False for alphanumeric senders."""
    coding: str = "gsm7"
    """`gsm7`, `ucs2`, `octets` or `compressed`."""
    smsc: str = ""
    reference: int | None = None
    """Concatenation reference (TS 23.040 9.2.3.24.1 and .8); None for a message in one part. Serial number of a broadcast."""
    part: int = 1
    parts: int = 1
    kind: str = "deliver"
    """`deliver` is what a person wrote, or may have. Else `status_report`; `submit`, a draft left on the SIM; `data`: 8-bit,
    compressed or for an application's port; `silent`: type 0 (9.2.3.9); `sim`: for the card or the telephone itself;
    `waiting`: announces voice mail and says nothing; `broadcast`: a page of a cell broadcast."""
    message_reference: int | None = None
    """TP-MR a status report belongs to."""
    delivery_status: int | None = None
    """TP-ST of a status report (9.2.3.15)."""
    octets: bytes = b""
    """User data of an 8-bit or compressed message, without header."""
    port: int | None = None
    """Destination port of an application-port addressed message (9.2.3.24.3/4); message identifier of a broadcast."""
    discharged_at: int | None = None
    """When the fate of the message was decided, seconds since 1970 (TP-DT of a status report)."""
    message_class: int | None = None
    """0 to 3 (TS 23.038 clause 4); 0 is shown at once by phones and not kept."""
    protocol: int = 0
    """TP-PID (9.2.3.9)."""


@dataclass(frozen=True)
class OutgoingPdu:
    """One SMS-SUBMIT ready for `AT+CMGS`. `hex` begins with the SMSC octets (`00` = the SIM's own); `tpdu_octets` is the
    length that AT+CMGS wants: octets of the TPDU without the SMSC."""

    hex: str
    tpdu_octets: int


@dataclass(frozen=True)
class SendResult:
    """A submit the network took. `reference` is TP-MR, None for modems that do not tell."""

    reference: int | None = None


@runtime_checkable
class Interruptible(Protocol):
    """A modem that can be left in the middle of whatever it does, as the serial driver can."""

    def interrupt(self) -> None:
        """The program ends: end at once what is under way, and all that follows, with ModemAbsent. Callable from any thread.

        Only the answer to a PIN is still waited for: a try whose outcome nobody knows is not made again.
        """


class Modem(Protocol):
    """The seam between a modem and the gateway. One thread uses it; only `wake` (and `interrupt`) may be called from others.

    Every method raises a `ModemError`; after `ModemAbsent` or `ModemSilent` call `close` and later `open` again.
    """

    notifies: bool
    """Whether the modem announces new messages; without it the store must be polled. Known after `open`."""

    def open(self) -> None:
        """Open the port and prepare the modem. Raises ModemAbsent, ModemSilent, PinNeeded, SimMissing or ModemRefused."""

    def close(self) -> None:
        """Close the port; never raises."""

    def reset(self) -> None:
        """Make the modem start anew (AT+CFUN=1,1), also one that does not answer; the line is closed afterwards. Never raises."""

    def status(self) -> ModemStatus:
        """Ask for signal, operator and store fill; what the modem does not tell stays None.

        Renews the settings a restarted modem would have forgotten.
        """

    def list_stored(self, storage: str = "") -> list[StoredPdu]:
        """Everything in one storage, or in all that the modem has; an empty list where it says there is nothing."""

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        """Delete these from where they lie. A slot that is already empty is no error."""

    def acknowledge(self) -> None:
        """Say that what was `delivered` is kept (AT+CNMA, 27.005 3.4.4); nothing happens where the modem does not wait for it."""

    def send(self, pdu: OutgoingPdu) -> SendResult:
        """Hand one PDU to the network and wait for its answer. An error with `submitted` set leaves the outcome open."""

    def ussd(self, code: str) -> str:
        """Send a USSD code and return the network's text."""

    def wait(self, timeout: float) -> Notification | None:
        """Sleep until the modem has something to say, `wake` is called, or `timeout` seconds pass (None)."""

    def wake(self) -> None:
        """End a running `wait` at once. Callable from any thread."""
