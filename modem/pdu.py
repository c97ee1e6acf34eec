"""SMS PDUs (3GPP TS 23.040) through libgammu's codec, with its known faults kept inside this module.

- Behind a NUL its text holds stale memory whenever extension signs occur: the text is cut at the first NUL.
- It replaces halves of surrogate pairs at the edge of a part: UCS-2 user data are read here, from the octets.
- It does not say whether a sender is alphanumeric: the type-of-address octet (9.1.2.5) is read here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import gammu

from .gsm7 import is_gsm7
from .types import OutgoingPdu, PduError, ReceivedSms

_ALPHANUMERIC = 0b101
_FLAGS_OF_ONE_DELIVERY = 0x04 | 0x08
"""TP-MMS and TP-LP (9.2.3.2, 9.2.3.28): the network may set them differently when it delivers again."""
_TIMESTAMP_OCTETS = 7
_PART_HEADER_OCTETS = 6
"""05 00 03, reference, parts, part (9.2.3.24.1)."""


@dataclass(frozen=True)
class _Deliver:
    """Where things stand in an SMS-DELIVER (9.2.2.1)."""

    alphanumeric: bool
    udh: bool
    user_data: bytes


def fingerprint(hex_: str) -> bytes:
    """SHA-256 over the TPDU: equal for the same SMS read or delivered twice, whatever service centre relayed it.

    Works on anything, also on what is no PDU at all (then over the characters).
    """
    text = hex_.strip().upper()
    try:
        tpdu = bytearray(_without_smsc(bytes.fromhex(text)))
    except ValueError:
        return hashlib.sha256(b"text:" + text.encode("utf-8", "replace")).digest()
    if not tpdu:  # service centre octets that claim more than there is: tell such ones apart by what they are
        return hashlib.sha256(b"text:" + text.encode()).digest()
    tpdu[0] &= ~_FLAGS_OF_ONE_DELIVERY & 0xFF
    return hashlib.sha256(bytes(tpdu)).digest()


def decode(hex_: str) -> ReceivedSms:
    """Read a PDU as `AT+CMGL` gives it (SMSC octets in front). Raises PduError with what is wrong, never another error."""
    octets = _octets(hex_)
    try:
        sms = gammu.DecodePDU(octets, True)
    except gammu.GSMError as error:
        raise PduError(f"the codec cannot read it: {_reason(error)}") from None
    except (ValueError, OverflowError, UnicodeError, SystemError) as error:
        raise PduError(f"the codec cannot read it: {error}") from None
    tpdu = _without_smsc(octets)
    if sms["Type"] == "Status_Report":
        return _status_report(sms)
    if sms["Type"] != "Deliver" or tpdu[0] & 0x03:
        raise PduError(f"an SMS of type {sms['Type']} is no received message")
    return _received(sms, _deliver(tpdu))


def submit(number: str, text: str, *, reference: int | None = None, delivery_report: bool = False) -> list[OutgoingPdu]:
    """The PDUs that carry `text` to `number` (digits, `+` in front of international ones), one or several parts.

    GSM-7 where every sign is in it, else UCS-2. The service centre is the SIM's own. `reference` (0..255) joins the parts
    (9.2.3.24.1); the codec's own is another one each time, so whoever sends parts again must name it. Raises PduError.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise PduError(f"an SMS can be sent to a number only ({len(number)} signs that are none)")
    entry = {"ID": "ConcatenatedTextLong", "Buffer": text}
    try:
        parts = gammu.EncodeSMS({"Class": -1, "Unicode": not is_gsm7(text), "Entries": [entry]})
        pdus = []
        for part in parts:
            part.update(Number=number, SMSC={"Location": 1}, Type="Status_Report" if delivery_report else "Submit")
            if reference is not None and len(part["UDH"]["Text"]) == _PART_HEADER_OCTETS:
                header = part["UDH"]["Text"]
                part["UDH"]["Text"] = header[:3] + bytes([reference]) + header[4:]
            tpdu = _without_smsc(gammu.EncodePDU(part, "Submit"))
            pdus.append(OutgoingPdu("00" + tpdu.hex().upper(), len(tpdu)))
    except gammu.GSMError as error:
        raise PduError(f"the codec cannot build it: {_reason(error)}") from None
    except (ValueError, OverflowError, UnicodeError, SystemError, MemoryError) as error:
        raise PduError(f"the codec cannot build it: {error}") from None
    return pdus


def _octets(hex_: str) -> bytes:
    try:
        octets = bytes.fromhex(hex_.strip())
    except ValueError:
        raise PduError("it is no hexadecimal text") from None
    if len(_without_smsc(octets)) < 2:
        raise PduError(f"it is too short ({len(octets)} octets)")
    return octets


def _without_smsc(octets: bytes) -> bytes:
    return octets[1 + octets[0] :] if octets else octets


def _reason(error: Any) -> str:
    detail = error.args[0] if error.args else {}
    return str(detail.get("Text", error)) if isinstance(detail, dict) else str(error)


def _deliver(tpdu: bytes) -> _Deliver:
    digits = tpdu[1]
    at = 3 + (digits + 1) // 2 + 2 + _TIMESTAMP_OCTETS
    length = tpdu[at] if at < len(tpdu) else 0
    return _Deliver((tpdu[2] >> 4) & 0b111 == _ALPHANUMERIC, bool(tpdu[0] & 0x40), tpdu[at + 1 : at + 1 + length])


def _received(sms: dict[str, Any], deliver: _Deliver) -> ReceivedSms:
    header = sms["UDH"] or {}
    coding = {"8bit": "octets"}.get(sms["Coding"], "ucs2" if sms["Coding"].startswith("Unicode") else "gsm7")
    text, octets = "", b""
    if coding == "octets":
        octets = bytes(sms["Text"]) if isinstance(sms["Text"], bytes) else deliver.user_data
    elif coding == "ucs2":
        body = deliver.user_data[1 + deliver.user_data[0] :] if deliver.udh and deliver.user_data else deliver.user_data
        text = body[: len(body) // 2 * 2].decode("utf-16-be", "surrogatepass")
    else:
        text = sms["Text"].split("\0", 1)[0]
    sent_at, offset = _time(sms["DateTime"])
    return ReceivedSms(
        sender=sms["Number"],
        text=text,
        sent_at=sent_at,
        sent_offset=offset,
        sender_is_number=not deliver.alphanumeric,
        coding=coding,
        smsc=(sms["SMSC"] or {}).get("Number", ""),
        octets=octets,
        port=_port(bytes(header.get("Text") or b"")),
        **_part(header),
    )


def _status_report(sms: dict[str, Any]) -> ReceivedSms:
    sent_at, offset = _time(sms["DateTime"])
    return ReceivedSms(
        sender=sms["Number"],
        text="",
        sent_at=sent_at,
        sent_offset=offset,
        kind="status_report",
        message_reference=sms["MessageReference"],
        delivery_status=sms["DeliveryStatus"],
    )


def _time(stamp: datetime | None) -> tuple[int | None, int]:
    if stamp is None:
        return None, 0
    offset = stamp.utcoffset()
    return int(stamp.timestamp()), int(offset.total_seconds()) // 60 if offset else 0


def _part(header: dict[str, Any]) -> dict[str, Any]:
    total, number = header.get("AllParts") or 0, header.get("PartNumber") or 0
    reference = header.get("ID16bit", -1)
    if reference in (-1, 0):
        reference = header.get("ID8bit", -1)
    if total < 2 or not 1 <= number <= total:
        return {}
    # 8 and 16 bit references are counted apart by phones: keep them apart here too.
    wide = "16bit" in header.get("Type", "")
    return {"reference": reference | (1 << 16 if wide else 0), "part": number, "parts": total}


def _port(header: bytes) -> int | None:
    """Destination port among the elements of a user data header (9.2.3.24.3 and .4), None where there is none."""
    at = 1
    while at + 1 < len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if element == 0x05 and len(value) == 4:
            return int.from_bytes(value[:2], "big")
        if element == 0x04 and len(value) == 2:
            return value[0]
        at += 2 + length
    return None
