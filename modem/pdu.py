"""SMS PDUs (3GPP TS 23.040) as AT commands carry them: service-centre octets in front, hexadecimal (27.005 3.1).

Reading is `received`'s; building is libgammu's, with what it does wrong put right here: it lets every SMS expire after five
minutes (TP-VP 0), and ends a text at a NUL.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import Any

import gammu

from . import received
from .gsm7 import is_gsm7, transliterate
from .types import OutgoingPdu, PduError, ReceivedSms

_FLAGS_OF_ONE_DELIVERY = 0x04 | 0x08
"""TP-MMS and TP-LP (9.2.3.2, 9.2.3.28): the network may set them differently when it delivers again."""
_PART_HEADER_OCTETS = 6
"""05 00 03, reference, parts, part (9.2.3.24.1)."""
_VALIDITY_FORMAT, _RELATIVE = 0x18, 0x10
"""TP-VPF (9.2.3.3) in the first octet of an SMS-SUBMIT."""
_MOST_SMSC_OCTETS = 12


def fingerprint(hex_: str) -> bytes:
    """SHA-256 over the TPDU: equal for the same SMS read or delivered twice, whatever service centre relayed it.

    Works on anything, also on what is no PDU at all (then over the characters).
    """
    text = hex_.strip().upper()
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return hashlib.sha256(b"text:" + text.encode("utf-8", "replace")).digest()
    tpdu = bytearray(_without_smsc(octets))
    if not tpdu:  # service centre octets that claim more than there is: tell such ones apart by what they are
        return hashlib.sha256(b"text:" + text.encode()).digest()
    tpdu[0] &= ~_FLAGS_OF_ONE_DELIVERY & 0xFF
    return hashlib.sha256(bytes(tpdu)).digest()


def broadcast_fingerprint(hex_: str) -> bytes:
    """The fingerprint of a cell broadcast page, which has no service-centre octets: over all of it."""
    return hashlib.sha256(b"broadcast:" + hex_.strip().upper().encode("utf-8", "replace")).digest()


def decode(hex_: str) -> ReceivedSms:
    """Read a PDU as `AT+CMGL` gives it (SMSC octets in front). Raises PduError with what is wrong, never another error."""
    octets = _octets(hex_)
    tpdu = _without_smsc(octets)
    if not received.is_exact(tpdu):  # a modem may count the SMSC's digits instead of octets, or leave it out
        starts = range(min(_MOST_SMSC_OCTETS, len(octets)))
        tpdu = next((octets[at:] for at in starts if received.is_exact(octets[at:])), tpdu)
    if len(tpdu) < 2:
        raise PduError(f"it is too short ({len(octets)} octets)")
    try:
        return replace(received.read(tpdu), smsc=received.service_centre(octets[: len(octets) - len(tpdu)]))
    except received.Unreadable as error:
        raise PduError(f"the codec cannot read it: {error}") from None


def decode_broadcast(hex_: str) -> ReceivedSms:
    """Read a cell broadcast page as `+CBM` gives it: `kind` broadcast, its serial number in `reference`, its message
    identifier in `port`, its page in `part`. Raises PduError."""
    try:
        return received.read_broadcast(_octets(hex_))
    except received.Unreadable as error:
        raise PduError(f"the codec cannot read it: {error}") from None


def submit(
    number: str,
    text: str,
    *,
    reference: int | None = None,
    delivery_report: bool = False,
    validity_hours: float | None = None,
) -> list[OutgoingPdu]:
    """The PDUs that carry `text` to `number` (digits, `+` in front of international ones), one or several parts.

    GSM-7 where every sign is in it or has a plain form (`gsm7.transliterate`), else UCS-2; `gsm7.parts_needed` tells both
    beforehand. The service centre is the SIM's own. `reference` (0..255) joins the parts (9.2.3.24.1); the codec's own is
    another one each time, so whoever sends parts again must name it. The network gives up after `validity_hours`, rounded
    up to what 9.2.3.12.1 can say; None leaves that to the service centre. Raises PduError.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise PduError(f"an SMS can be sent to a number only ({len(number)} signs that are none)")
    validity = None if validity_hours is None else _validity(validity_hours)
    words = transliterate(text.replace("\0", ""))
    entry = {"ID": "ConcatenatedTextLong", "Buffer": words}
    try:
        parts = gammu.EncodeSMS({"Class": -1, "Unicode": not is_gsm7(words), "Entries": [entry]})
        pdus = []
        for part in parts:
            part.update(Number=number, SMSC={"Location": 1}, Type="Status_Report" if delivery_report else "Submit")
            if reference is not None and len(part["UDH"]["Text"]) == _PART_HEADER_OCTETS:
                header = part["UDH"]["Text"]
                part["UDH"]["Text"] = header[:3] + bytes([reference]) + header[4:]
            tpdu = _valid_for(_without_smsc(gammu.EncodePDU(part, "Submit")), validity)
            pdus.append(OutgoingPdu("00" + tpdu.hex().upper(), len(tpdu)))
    except gammu.GSMError as error:
        raise PduError(f"the codec cannot build it: {_reason(error)}") from None
    except (ValueError, OverflowError, UnicodeError, SystemError, MemoryError) as error:
        raise PduError(f"the codec cannot build it: {error}") from None
    return pdus


def _validity(hours: float) -> int:
    """TP-VP in the relative format (9.2.3.12.1), the shortest that is long enough; 63 weeks is the longest there is."""
    if not hours > 0:
        raise PduError(f"a validity of {hours} hours is none")
    minutes = math.ceil(round(hours * 60, 6))
    if minutes <= 12 * 60:
        return max(math.ceil(minutes / 5), 1) - 1
    if minutes <= 24 * 60:
        return 143 + math.ceil((minutes - 12 * 60) / 30)
    days = math.ceil(minutes / (24 * 60))
    return 166 + days if days <= 30 else min(192 + math.ceil(days / 7), 255)


def _valid_for(tpdu: bytes, validity: int | None) -> bytes:
    """This SMS-SUBMIT with that TP-VP, or without one."""
    at = 4 + (tpdu[2] + 1) // 2 + 2
    behind = at + 1 if tpdu[0] & _VALIDITY_FORMAT else at
    first = tpdu[0] & ~_VALIDITY_FORMAT | (0 if validity is None else _RELATIVE)
    return bytes([first]) + tpdu[1:at] + (b"" if validity is None else bytes([validity])) + tpdu[behind:]


def _octets(hex_: str) -> bytes:
    try:
        return bytes.fromhex(hex_.strip())
    except ValueError:
        raise PduError("it is no hexadecimal text") from None


def _without_smsc(octets: bytes) -> bytes:
    return octets[1 + octets[0] :] if octets else octets


def _reason(error: Any) -> str:
    detail = error.args[0] if error.args else {}
    return str(detail.get("Text", error)) if isinstance(detail, dict) else str(error)
