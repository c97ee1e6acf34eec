"""What a modem is to the rest of Waspada: records, the `Modem` protocol and its errors. No I/O.

    ModemError
    ├── ModemAbsent      no port, or it went away        retryable: the driver is reopened
    ├── ModemSilent      it does not answer              retryable: probe, reset, reopen
    ├── ModemRefused     it answered with an error       depends on the code; carries it
    └── PduError         a PDU that cannot be read or built (never retried)

Every error says in `operator` what the person at the laptop should do, in Bahasa Indonesia.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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
        self, command: str, answer: str, code: int | None = None, *, retryable: bool = True, operator: str | None = None
    ) -> None:
        super().__init__(f"the modem answered {answer!r} to {command}", operator=operator)
        self.command, self.answer, self.code, self.retryable = command, answer, code, retryable

    @property
    def no_service(self) -> bool:
        """Whether SIM or network are missing for now: nothing is wrong with what was asked."""
        codes = _NO_SERVICE_CMS if self.answer.startswith("+CMS") else _NO_SERVICE_CME
        return self.code in codes


_NO_SERVICE_CMS = frozenset([310, 311, 312, 313, 314, 315, 316, 317, 318, 331, 332])
"""27.005 3.2.5: SIM missing, locked, busy or wrong; no network, network time-out."""
_NO_SERVICE_CME = frozenset([5, 10, 11, 12, 13, 14, 15, 17, 18, 30, 31, 32])
"""The same in 27.007 9.2.1, where the numbers mean other things: 30 is no network, in 27.005 an unknown subscriber."""


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


@dataclass(frozen=True)
class StoredPdu:
    """One message in the modem's store, exactly as the modem gave it. `hex` begins with the SMSC octets (27.005 3.1)."""

    slot: int
    hex: str
    storage: str = "SM"


@dataclass(frozen=True)
class Notification:
    """Something happened: `arrived` (new SMS stored), `delivered` (a PDU came directly, in `hex`), `woken` (by `wake()`)."""

    what: str
    slot: int | None = None
    hex: str | None = None


@dataclass(frozen=True)
class ReceivedSms:
    """One decoded SMS-DELIVER or SMS-STATUS-REPORT (TS 23.040 9.2.2)."""

    sender: str
    text: str
    sent_at: int | None
    """Service-centre time stamp, seconds since 1970; None where it makes no sense."""
    sent_offset: int
    """Offset of that time stamp's zone from UTC, minutes."""
    sender_is_number: bool = True
    """False for alphanumeric senders."""
    coding: str = "gsm7"
    """`gsm7`, `ucs2` or `octets`."""
    smsc: str = ""
    reference: int | None = None
    """Concatenation reference (TS 23.040 9.2.3.24.1 and .8); None for a message in one part."""
    part: int = 1
    parts: int = 1
    kind: str = "deliver"
    """`deliver` or `status_report`."""
    message_reference: int | None = None
    """TP-MR a status report belongs to."""
    delivery_status: int | None = None
    """TP-ST of a status report (9.2.3.15)."""
    octets: bytes = b""
    """User data of an 8-bit message."""
    port: int | None = None
    """Destination port of an application-port addressed message (9.2.3.24.3/4)."""


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


class Modem(Protocol):
    """The seam between a modem and the gateway. One thread uses it; only `wake` may be called from others.

    Every method raises a `ModemError`; after `ModemAbsent` or `ModemSilent` call `close` and later `open` again.
    """

    def open(self) -> None:
        """Open the port and prepare the modem. Raises ModemAbsent, ModemSilent or ModemRefused."""

    def close(self) -> None:
        """Close the port; never raises."""

    def status(self) -> ModemStatus:
        """Ask for signal, operator and store fill; what the modem does not tell stays None."""

    def list_stored(self) -> list[StoredPdu]:
        """Everything in the store; an empty list where the modem says there is nothing."""

    def delete(self, slots: list[int]) -> None:
        """Delete slots of the current store. A slot that is already empty is no error."""

    def send(self, pdu: OutgoingPdu) -> SendResult:
        """Hand one PDU to the network and wait for its answer. An error with `submitted` set leaves the outcome open."""

    def ussd(self, code: str) -> str:
        """Send a USSD code and return the network's text."""

    def wait(self, timeout: float) -> Notification | None:
        """Sleep until the modem has something to say, `wake` is called, or `timeout` seconds pass (None)."""

    def wake(self) -> None:
        """End a running `wait` at once. Callable from any thread."""
