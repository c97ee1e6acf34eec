"""What a modem's answers mean (3GPP TS 27.005, 27.007): errors, states and values from their lines. Pure.

What lives here: reading one answer. What does not: the numbers of errors (`codes.py`), the order of commands (`setup.py` …).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import codes
from .at import Answer, Event, Unsolicited
from .types import BROADCAST, DIRECT, ModemRefused, ModemState, Notification, PinNeeded, SimMissing, StoredPdu

INVALID_INDEX = 321
"""`+CMS ERROR` for a slot that is empty (27.005 3.2.5)."""
NO_ACKNOWLEDGEMENT_EXPECTED = 340
FULL = "Kartu SIM penuh; SMS baru tertahan di operator sampai ada tempat."
_BUSY = {"+CMS": frozenset([314, 515]), "+CME": frozenset([14])}
"""It will answer in a moment. 515 is no standard's: `please wait, initialisation in progress` of many modules."""
# Numbers mean one thing in +CMS ERROR (27.005 3.2.5) and another in +CME ERROR (27.007 9.2.1).
_LOCKED = {
    "+CMS": frozenset([311, 312, 316]),
    "+CME": frozenset([5, 6, 7, 11, 12, *range(40, 48)]),
}
_NO_SIM = {"+CMS": frozenset([310, 313, 315]), "+CME": frozenset([10, 13, 15])}
_FORM = frozenset([0, 3, 24, 25, 26, 27, 50, 100])
_IS_HEX = re.compile("[0-9A-Fa-f]+")
_NOT_KNOWN = {"+CMS": frozenset([303]), "+CME": frozenset([4])}


def refusal(answer: Answer, *, operator: str | None = None) -> ModemRefused:
    """The error for an answer that is none of OK, with the kind and the sentence of its code. Never tells a PIN."""
    meaning = codes.meaning_of(answer.final, answer.code)
    kind = PinNeeded if _is(answer, _LOCKED) else SimMissing if _is(answer, _NO_SIM) else ModemRefused
    command = "AT+CPIN=…" if answer.command.startswith("AT+CPIN=") else answer.command
    return kind(command, answer.final, answer.code, fault=meaning.fault, operator=operator or meaning.operator or None)


def is_busy(answer: Answer) -> bool:
    """Whether the SIM or the modem is still starting and will answer the same question later."""
    return _is(answer, _BUSY)


def is_unknown(answer: Answer) -> bool:
    """Whether the modem does not know this command at all and need not be asked again. A bare ERROR says so too."""
    return not answer.ok and (answer.code is None or _is(answer, _NOT_KNOWN))


def may_be_form(answer: Answer) -> bool:
    """Whether a refusal may be about how a command was written, and not about what it asks for."""
    return is_unknown(answer) or (answer.final.startswith("+CME") and answer.code in _FORM)


def _is(answer: Answer, numbers: dict[str, frozenset[int]]) -> bool:
    return answer.code is not None and answer.code in numbers.get(answer.final[:4], ())


# -- what it says by itself ----------------------------------------------------------------------------------------

_RESTARTED = frozenset(
    [
        "RDY", "^SYSSTART", "MODEM:STARTUP", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN", "OVER-VOLTAGE POWER DOWN",
        "^SHUTDOWN",
    ]
)  # fmt: skip
"""Lines of a modem that starts or goes down: SIMCom and Quectel, Cinterion. Not Huawei's `^BOOT`, which comes every few
seconds."""
_MAYBE_RESTARTED = frozenset(
    ["Call Ready", "SMS Ready", "SMS DONE", "PB DONE", "+PBREADY", "*PSUTTZ", "+WIND", "+QIND"]
)
"""Lines of a start which come some time after it, or after the PIN, or with the network's clock: worth a look, no proof."""


def tells_restart(event: Event) -> bool:
    """Whether this line says that the modem began anew, or that its SIM was taken away."""
    if not isinstance(event, Unsolicited):
        return False
    if event.name == "+CPIN":
        return event.text != "READY"
    return event.name.partition(" ")[0] in _RESTARTED or event.name in _RESTARTED or _is_full_function(event)


def hints_restart(event: Event) -> bool:
    """Whether the modem may have begun anew some time ago: its settings should be made again."""
    return isinstance(event, Unsolicited) and (event.name in _MAYBE_RESTARTED or event.name == "+CPIN")


def _is_full_function(event: Unsolicited) -> bool:
    return event.name == "+CFUN" and event.text == "1"


def matters(event: Event) -> bool:
    """Whether an event is worth keeping until somebody asks for news."""
    if not isinstance(event, Unsolicited):
        return False
    return notification(event) is not None or event.name == "+CUSD" or tells_restart(event) or hints_restart(event)


def notification(event: Event) -> Notification | None:
    """What an unsolicited line means for the gateway; None where it means nothing."""
    if not isinstance(event, Unsolicited):
        return None
    if event.name in ("+CMTI", "+CDSI"):
        return Notification("arrived", storage=between_quotes(event.text) or "")
    if event.name in ("+CMT", "+CDS", "+CBM"):
        if not event.pdu:  # its PDU never came; perhaps it was stored
            return Notification("arrived")
        storage = BROADCAST if event.name == "+CBM" else DIRECT
        hex_ = (
            event.pdu if _IS_HEX.fullmatch(event.pdu) else f"{event.text} {event.pdu}"
        )  # text mode: keep the sender too
        return Notification("delivered", stored=StoredPdu(None, hex_, storage))
    return Notification("restarted") if tells_restart(event) else None


# -- listings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """One entry of a +CMGL listing. `hex` is '' where its line is missing."""

    slot: int
    hex: str


@dataclass(frozen=True)
class Listing:
    """What a listing says. `faultless`: nothing in it hints that octets were lost or changed on the line."""

    entries: list[Listed]
    faultless: bool


def read_listing(answer: Answer) -> Listing:
    """The entries of `AT+CMGL` (27.005 4.1) or, with its slot in the command, of `AT+CMGR`.

    Where a header's line was lost, the next message's PDU may stand below a wrong one: faultless is only what has one PDU
    below each header, as long as announced, and each slot once.
    """
    entries: list[Listed] = []
    slot, length = "", ""
    below: list[str] = []
    faultless = answer.ok
    for line in (*answer.lines, "+CMGL:"):
        if line.startswith(("+CMGL:", "+CMGR:")):
            if slot.isdigit():
                # Noise may stand beside the PDU, and is all there is where it replaced it.
                found = next((one for one in below if _IS_HEX.fullmatch(one)), below[-1] if below else "")
                entries.append(Listed(int(slot), found))
                faultless = faultless and len(below) == 1 and _is_announced(found, length)
            elif below or slot:
                faultless = False
            fields = line[6:].split(",")
            slot = fields[0].strip() if line.startswith("+CMGL") else answer.command.rpartition("=")[2]
            length, below = fields[-1].strip(), []
        else:
            below.append(line)
    slots = [entry.slot for entry in entries]
    return Listing(entries, faultless and len(set(slots)) == len(slots))


def is_text_mode(answer: Answer) -> bool:
    """Whether a listing is one of text mode (27.005 3.4.2), where the state is a word."""
    return any(re.match(r'\+CMG[LR]: ?(?:\d+ ?, ?)?"[A-Z]', line) for line in answer.lines)


def _is_announced(hex_: str, announced: str) -> bool:
    """Whether a PDU is hexadecimal and as long as announced (octets without those of the service centre)."""
    try:
        octets = bytes.fromhex(hex_)
    except ValueError:
        return False
    return bool(octets) and announced.isdigit() and len(octets) - 1 - octets[0] == int(announced)


# -- values --------------------------------------------------------------------------------------------------------


def between_quotes(text: str | None) -> str | None:
    """The first quoted piece: the operator's name in `+COPS: 0,0,"TELKOMSEL"`."""
    pieces = (text or "").split('"')
    return pieces[1] if len(pieces) > 2 else None


def groups(text: str) -> list[str]:
    """What stands between the parentheses of a test answer (`+CNMI: (0-2),(0,1)`); all of it where there are none."""
    return re.findall(r"\(([^()]*)\)", text) or [text]


def numbers_of(group: str) -> frozenset[int]:
    """The numbers of one group of a test answer: `0-2,5` is 0, 1, 2, 5 (V.250 5.4.3.1)."""
    found: set[int] = set()
    for piece in group.split(","):
        first, dash, last = (part.strip() for part in piece.partition("-"))
        if first.isdigit() and (not dash or last.isdigit()):
            found.update(range(int(first), min(int(last or first), int(first) + 255) + 1))
    return frozenset(found)


def digits(lines: tuple[str, ...] | None, least: int) -> str | None:
    """The number in an answer such as AT+CGSN or AT+CIMI, whatever stands around it; None where it has fewer digits."""
    for line in lines or ():
        found = re.sub(r"\D", "", line.rpartition(":")[2].split(",")[0])
        if len(found) >= least:
            return found
    return None


def signal_percent(strength: str | None) -> int | None:
    """0..100 of `+CSQ: rssi,ber`; None where it is unknown."""
    first = (strength or "").split(",")[0].strip()
    # 27.007 8.5: 0..31 in steps of 2 dB, 99 is unknown.
    return round(int(first) * 100 / 31) if first.isdigit() and int(first) <= 31 else None


@dataclass(frozen=True)
class StoreFill:
    """One store of a `+CPMS?` answer: its name, '' where the modem leaves it out, and how full it is."""

    name: str
    used: int
    capacity: int


def store_fills(text: str | None) -> list[StoreFill]:
    """`+CPMS: "SM",3,40,"ME",0,255` and the form of a set command without names (27.005 3.2.2)."""
    found = re.findall(r'(?:"?([A-Z]{2})"?\s*,\s*)?(\d+)\s*,\s*(\d+)', text or "")
    return [StoreFill(name, int(used), int(capacity)) for name, used, capacity in found]


_HOME = frozenset([1, 5, 6, 7, 9, 10])
"""27.007 7.2: registered at home, roaming, for SMS only, with CSFB not preferred."""


def registration(text: str | None) -> int | None:
    """The state in `+CREG: n,stat`; None where the modem does not tell."""
    pieces = (text or "").split(",")
    state = pieces[1].strip() if len(pieces) > 1 else ""
    return int(state) if state.isdigit() else None


def is_registered(state: int | None) -> bool:
    """Whether this is a state in which SMS work."""
    return state in _HOME


def registration_state(*states: int | None) -> tuple[ModemState, str]:
    """The state and the sentence for what +CREG, +CEREG and +CGREG say; a modem that tells nothing may well work."""
    known = [state for state in states if state is not None]
    if not known or any(state in _HOME for state in known):
        return ModemState.READY, "Modem siap."
    if 3 in known:
        return ModemState.DENIED, codes.DENIED
    return ModemState.SEARCHING, "Mencari jaringan. Pindahkan modem ke tempat bersinyal."
