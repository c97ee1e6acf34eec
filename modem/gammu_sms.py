"""Between SMS as libgammu gives and takes them (dicts, decoded) and PDUs as the rest of Waspada keeps them.

Phones behind libgammu never show a PDU. What it read of a message is written down as the SMS-DELIVER or SMS-STATUS-REPORT
(3GPP TS 23.040 9.2.2) that says the same, so that inbox, fingerprint and `pdu.decode` need to know nothing of drivers. The same
message read twice gives the same octets: nothing goes in that changes between two readings (read or unread, the slot, stale
memory behind a NUL).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import gammu

from .types import OutgoingPdu, PduError

_STATUS_REPORT = 0x06
"""First octet: SMS-STATUS-REPORT, no more messages waiting (9.2.3.1, 9.2.3.2)."""
_NO_MORE_MESSAGES = 0x04
_REPORT_WANTED = 0x20
"""TP-SRR of an SMS-SUBMIT (9.2.3.5)."""
_RELATIVE_VALIDITY = 0b10
_STAMP_OCTETS = 7
_NO_TIME = b"\xff" * _STAMP_OCTETS
_UCS2 = "Unicode"


def stored_hex(sms: Mapping[str, Any]) -> str:
    """The PDU, service-centre octets in front, of a received message or status report as `GetSMS` gives it. Raises PduError."""
    report = sms["Type"] == "Status_Report"
    if not report and sms["Type"] != "Deliver":
        raise PduError(f"an SMS of type {sms['Type']} is no received message")
    plain = {
        "SMSC": {"Number": (sms.get("SMSC") or {}).get("Number", "")},
        "Number": sms["Number"],
        "Type": "Deliver",
        "Folder": 0,
        "Location": 0,
        "Text": "" if report else _content(sms),
        "Coding": "Default_No_Compression" if report else sms["Coding"],
        "UDH": None if report else _header(sms),
        "Class": -1 if report else sms.get("Class", -1),
        "ReplaceMessage": 0 if report else sms.get("ReplaceMessage", 0),
    }
    try:
        octets = gammu.EncodePDU(plain, "Deliver")
    except (gammu.GSMError, ValueError, OverflowError, UnicodeError, SystemError, MemoryError) as error:
        raise PduError(f"what the phone gave cannot be written as a PDU: {type(error).__name__}") from None
    centre, tpdu = _parted(octets)
    address_end = 3 + (tpdu[1] + 1) // 2
    address, rest = tpdu[1:address_end], tpdu[address_end:]
    stamp = _stamp(sms.get("DateTime"))
    if report:
        head = bytes([_STATUS_REPORT, sms["MessageReference"] & 0xFF])
        made = head + address + stamp + _stamp(sms.get("SMSCDateTime")) + bytes([sms["DeliveryStatus"] & 0xFF])
    else:
        made = bytes([tpdu[0] | _NO_MORE_MESSAGES]) + address + rest[:2] + stamp + rest[2 + _STAMP_OCTETS :]
    return (centre + made).hex().upper()


def submission(pdu: OutgoingPdu, centre: str) -> dict[str, Any]:
    """What `SendSMS` wants for one of our SMS-SUBMITs (9.2.2.2). `centre`: number of the service centre, '' = the phone's own.

    With the phone's own, libgammu also takes the phone's own validity period. Raises PduError.
    """
    try:
        octets = bytes.fromhex(pdu.hex)
        sms: dict[str, Any] = gammu.DecodePDU(octets, True)
        tpdu = octets[1 + octets[0] :]
        if sms["Type"] != "Submit" or tpdu[0] & 0x03 != 0x01:
            raise PduError("only an SMS-SUBMIT can be sent")
        user_data, validity = _user_data(tpdu), _validity(tpdu)
    except (gammu.GSMError, ValueError, IndexError, OverflowError, UnicodeError, SystemError) as error:
        raise PduError(f"the PDU cannot be read back: {type(error).__name__}") from None
    header = bytes((sms["UDH"] or {}).get("Text") or b"")
    text = sms["Text"]
    if sms["Coding"].startswith(_UCS2):  # libgammu loses halves of surrogate pairs at the edge of a part
        text = user_data[len(header) :].decode("utf-16-be", "surrogatepass")
    elif isinstance(text, str):
        text = text.split("\0", 1)[0]
    number = (sms["SMSC"] or {}).get("Number") or centre
    return {
        "SMSC": {"Number": number, "Validity": validity} if number else {"Location": 1, "Validity": validity},
        "Number": sms["Number"],
        "Text": text,
        "Coding": sms["Coding"],
        "UDH": sms["UDH"] if header else None,
        "Class": sms["Class"],
        "Type": "Status_Report" if tpdu[0] & _REPORT_WANTED else "Submit",
    }


def _content(sms: Mapping[str, Any]) -> str | bytes:
    text = sms["Text"]
    # The string holds stale memory behind a NUL whenever extension signs occur.
    return bytes(text) if isinstance(text, bytes) else str(text).split("\0", 1)[0]


def _header(sms: Mapping[str, Any]) -> dict[str, Any] | None:
    """The user data header as it came. Its named fields are left out: libgammu guesses them, and not always the same."""
    octets = bytes((sms.get("UDH") or {}).get("Text") or b"")
    return {"Type": "UserUDH", "Text": octets} if octets else None


def _parted(octets: bytes) -> tuple[bytes, bytes]:
    """Service-centre octets and TPDU. libgammu writes an empty number as a lone type octet: that is `00` (27.005 3.1)."""
    end = 1 + octets[0]
    return (octets[:end] if octets[0] > 1 else b"\x00"), octets[end:]


def _stamp(moment: datetime | None) -> bytes:
    """Local time and zone in quarters of an hour (9.2.3.11); seven FF where there is none, which no clock says."""
    if moment is None:
        return _NO_TIME
    offset = moment.utcoffset() or timedelta(0)
    quarters = abs(int(offset.total_seconds())) // 900
    fields = (moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second, quarters)
    octets = bytearray(field % 10 << 4 | field // 10 for field in fields)
    octets[-1] |= 0x08 if offset < timedelta(0) else 0
    return bytes(octets)


def _validity(tpdu: bytes) -> str:
    """The validity period in python-gammu's words.

    It can say none beyond 30 days and none but relative ones (9.2.3.12.1); for those and where there is none it is the longest.
    """
    if tpdu[0] >> 3 & 0b11 != _RELATIVE_VALIDITY:
        return "Max"
    period = tpdu[_after_address(tpdu)]
    if period <= 143:
        return f"{(period + 1) * 5}M"
    if period <= 167:
        return f"{12 * 60 + (period - 143) * 30}M"
    return f"{period - 166}D" if period <= 196 else "Max"


def _user_data(tpdu: bytes) -> bytes:
    period_octets = (0, 7, 1, 7)[tpdu[0] >> 3 & 0b11]  # 9.2.3.3
    return tpdu[_after_address(tpdu) + period_octets + 1 :]


def _after_address(tpdu: bytes) -> int:
    """Where TP-VP, or else TP-UDL, stands in an SMS-SUBMIT: behind type, reference, address, protocol and coding."""
    return 4 + (tpdu[2] + 1) // 2 + 2
