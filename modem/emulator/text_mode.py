"""Messages as the text mode of AT commands shows and takes them (3GPP TS 27.005 clause 3). Pure.

With character set `GSM` each octet on the line is a code of the default alphabet; what is written in another alphabet is shown as
hexadecimal (3.1 <data>).
"""

from __future__ import annotations

import time

from modem.emulator import tpdu

_REPORT_WANTED, _HAS_VALIDITY = 0x20, 0x10
_DELIVER, _STATUS_REPORT = 0, 2


def describe(pdu: bytes, with_details: bool) -> tuple[str, str | None]:
    """What +CMGL, +CMGR and +CMT say behind index and status, and the text below it; None where nothing stands below.

    `with_details` as +CSDH=1. A PDU that cannot be read is shown as its hexadecimal, from nobody.
    """
    octets = pdu[1 + pdu[0] :] if pdu else b""
    try:
        if octets and octets[0] & 3 == _STATUS_REPORT:
            report = tpdu.decode_status_report(octets)
            stamps = ",".join(f'"{_stamp(at, report.offset_minutes)}"' for at in (report.sent_at, report.done_at))
            return f'6,{report.reference},"{report.recipient}",{_kind(report.recipient)},{stamps},{report.status}', None
        message = tpdu.decode_deliver(octets)
    except (tpdu.TpduError, IndexError):
        return '"",,""', pdu.hex().upper()
    head = f'"{message.sender}",,"{_stamp(message.sent_at, message.offset_minutes)}"'
    content = message.content
    if with_details:
        details = (_kind(message.sender), octets[0], message.protocol, content.dcs)
        head += "," + ",".join(map(str, details)) + f',"",129,{content.length}'
    return head, _shown(content)


def submit(to: str, typed: str, charset: str, first: int, validity: int, protocol: int, dcs: int) -> bytes:
    """The TPDU of a text typed after the prompt, by the settings of +CSMP. Raises TpduError where it does not fit one SMS."""
    text = typed if charset == "IRA" else tpdu.decode_septets([ord(char) & 0x7F for char in typed])
    if tpdu.UserData(dcs, 0, b"").alphabet == tpdu.UCS2:
        try:
            octets = bytes.fromhex(typed)
        except ValueError as error:
            raise tpdu.TpduError("a UCS-2 text is typed in hexadecimal") from error
        content = tpdu.UserData(dcs, len(octets), octets)
    else:
        parts = tpdu.split_text("".join(char if tpdu.is_gsm7(char) else "?" for char in text))
        if len(parts) > 1:
            raise tpdu.TpduError("the text is longer than one SMS")
        content = parts[0]
    seconds = tpdu.seconds_of_relative(validity) if first & _HAS_VALIDITY else None
    return tpdu.encode_submit(tpdu.Submit(to, content, 0, bool(first & _REPORT_WANTED), protocol, seconds))


def _shown(content: tpdu.UserData) -> str:
    body = content.octets[content.header_octets :]
    if content.alphabet != tpdu.GSM7 or content.has_header:
        return body.hex().upper() if content.alphabet != tpdu.GSM7 else content.text.encode("ascii", "replace").decode()
    return "".join(chr(code) for code in tpdu.unpack_septets(content.octets, content.length))


def _kind(number: str) -> int:
    """<toda>: 145 international, 129 otherwise, 208 a name (24.011 8.2.5.2)."""
    return 145 if number.startswith("+") else 129 if number.isdigit() else 208


def _stamp(moment: int, offset_minutes: int) -> str:
    """`yy/MM/dd,hh:mm:ss±zz`, zone in quarters of an hour (27.005 3.1 <scts>)."""
    local = time.gmtime(moment + offset_minutes * 60)
    return time.strftime("%y/%m/%d,%H:%M:%S", local) + f"{offset_minutes // 15:+03}"
