"""Reading what lies on a SIM: a TPDU (3GPP TS 23.040 9.2) into a `ReceivedSms`, a cell broadcast page (TS 23.041 9.4.1.2). Pure.

Written for what networks and phones really send. Whatever leaves a person's words readable is read: reserved codings are the
default alphabet (TS 23.038 clause 4), a header element nobody knows is passed over, a time that is none is unknown. Only
where the words cannot be found does it raise `Unreadable`, whose text says why.

libgammu's reader is not used here, since it loses such messages: it refuses UCS-2 of odd length or announced as a waiting
message, does not see parts whose header holds anything else beside their number, takes reserved codings for data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from . import gsm7
from .types import ReceivedSms

GSM7, OCTETS, UCS2, COMPRESSED = "gsm7", "octets", "ucs2", "compressed"
CUT = "[…]"
"""Stands where a text ends before the length it claims."""
MOST_DIGITS = 20
"""An address has ten octets at most (9.1.2.5)."""
FARTHEST_ZONE_MINUTES = 14 * 60
BROADCAST_OCTETS = 6
"""Header of a cell broadcast page: serial number, message identifier, coding, page (TS 23.041 9.4.1.2)."""
_DIGITS = "0123456789*#abc"  # 9.1.2.3; 0xF fills up
_ALPHANUMERIC, _INTERNATIONAL = 0b101, 0b001
_DELIVER, _SUBMIT, _STATUS_REPORT = 0, 1, 2
_PARTS_8, _WAITING, _PORTS_8, _PORTS_16, _PARTS_16, _SINGLE_SHIFT, _LOCKING_SHIFT = (
    0x00,
    0x01,
    0x04,
    0x05,
    0x08,
    0x24,
    0x25,
)
_TYPE_0 = 0x40
_FOR_THE_SIM = range(0x7C, 0x80)
"""TP-PID for the telephone or the card itself: ANSI-136, terminal and SIM data download, de-personalisation (9.2.3.9)."""


class Unreadable(ValueError):
    """Octets that hold no SMS."""


@dataclass(frozen=True)
class Coding:
    """What TP-DCS says (TS 23.038 clause 4). `waiting`: it announces voice mail and the like."""

    alphabet: str
    message_class: int | None = None
    waiting: bool = False


def coding(dcs: int) -> Coding:
    """The meaning of a data coding scheme; reserved ones are the default alphabet."""
    group = dcs >> 4
    if group < 0x8:
        class_ = dcs & 0x03 if dcs & 0x10 else None
        return Coding(COMPRESSED if dcs & 0x20 else (GSM7, OCTETS, UCS2, GSM7)[dcs >> 2 & 3], class_)
    if group == 0xF:
        return Coding(OCTETS if dcs & 0x04 else GSM7, dcs & 0x03)
    return Coding(UCS2 if group == 0xE else GSM7, waiting=group in (0xC, 0xD, 0xE))


def read(tpdu: bytes) -> ReceivedSms:
    """An SMS-DELIVER, SMS-SUBMIT (a draft) or SMS-STATUS-REPORT. Raises Unreadable."""
    octets = _Octets(tpdu)
    first = octets.one()
    kind = first & 0x03
    if kind == _STATUS_REPORT:
        return _status_report(octets)
    if kind == _SUBMIT:
        return _submit(octets, first)
    return _deliver(octets, first)  # the reserved type too: 9.2.3.1 wants it read so


def is_exact(tpdu: bytes) -> bool:
    """Whether this is an SMS-DELIVER to the last octet: type of address, time and length all agree.

    Tells where a TPDU begins among octets whose service centre has a wrong length, or is left out.
    """
    octets = _Octets(tpdu)
    try:
        first, length, kind = octets.one(), octets.one(), octets.one()
        octets.take((length + 1) // 2)
        dcs = octets.take(2)[1]
        sent_at, _ = octets.time()
        announced = octets.one()
    except Unreadable:
        return False
    expected = -(-announced * 7 // 8) if coding(dcs).alphabet == GSM7 else announced
    sound = first & 0x03 == _DELIVER and kind & 0x80 != 0 and 0 < length <= MOST_DIGITS
    return sound and sent_at is not None and len(octets.rest()) == expected


def service_centre(octets: bytes) -> str:
    """The number in the octets that AT commands put in front of a TPDU (27.005 3.1); '' where there is none."""
    return _number(octets[1], octets[2:], 2 * MOST_DIGITS) if len(octets) > 2 else ""


def read_broadcast(page: bytes) -> ReceivedSms:
    """One page of a cell broadcast, `kind` broadcast. Its serial number is the `reference`, its identifier the `port`."""
    if len(page) <= BROADCAST_OCTETS:
        raise Unreadable("a cell broadcast page that ends within its header")
    serial, identifier = int.from_bytes(page[:2], "big"), int.from_bytes(page[2:4], "big")
    part, parts = page[5] >> 4, page[5] & 0x0F
    if not 1 <= part <= parts:  # TS 23.041 9.4.1.2.4: then it is one page
        part = parts = 1
    return ReceivedSms(
        sender="",
        text=_broadcast_text(page[4], page[BROADCAST_OCTETS:]),
        sent_at=None,
        sent_offset=0,
        sender_is_number=False,
        kind="broadcast",
        reference=serial,
        part=part,
        parts=parts,
        port=identifier,
    )


def _deliver(octets: _Octets, first: int) -> ReceivedSms:
    sender, is_number = octets.address()
    protocol, dcs = octets.one(), octets.one()
    sent_at, offset = octets.time()
    sms = ReceivedSms(sender, "", sent_at, offset, sender_is_number=is_number, protocol=protocol)
    return _with_user_data(sms, octets, dcs, bool(first & 0x40))


def _submit(octets: _Octets, first: int) -> ReceivedSms:
    reference = octets.one()
    recipient, is_number = octets.address()
    protocol, dcs = octets.one(), octets.one()
    octets.take((0, 7, 1, 7)[first >> 3 & 3])  # validity period by TP-VPF, 9.2.3.3
    sms = ReceivedSms(
        recipient, "", None, 0, sender_is_number=is_number, protocol=protocol, message_reference=reference
    )
    return replace(_with_user_data(sms, octets, dcs, bool(first & 0x40)), kind="submit")


def _status_report(octets: _Octets) -> ReceivedSms:
    reference = octets.one()
    recipient, is_number = octets.address()
    sent_at, offset = octets.time()
    discharged_at, _ = octets.time()
    return ReceivedSms(
        sender=recipient,
        text="",
        sent_at=sent_at,
        sent_offset=offset,
        sender_is_number=is_number,
        kind="status_report",
        message_reference=reference,
        delivery_status=octets.one(),
        discharged_at=discharged_at,
    )


def _with_user_data(sms: ReceivedSms, octets: _Octets, dcs: int, has_header: bool) -> ReceivedSms:
    said, length, user_data = coding(dcs), octets.one(), octets.rest()
    if length and not user_data:
        raise Unreadable(f"it ends before its user data ({length} announced)")
    whole = user_data[: -(-length * 7 // 8) if said.alphabet == GSM7 else length]
    header = _elements(whole) if has_header and whole else _NO_HEADER
    skip = 1 + whole[0] if has_header and whole else 0
    if skip > len(whole):
        raise Unreadable(f"its header claims {skip} octets, the user data have {len(whole)}")
    text = _text(said.alphabet, whole, length, skip, header)
    sms = replace(
        sms,
        text=text,
        coding=said.alphabet,
        message_class=said.message_class,
        octets=whole[skip:] if said.alphabet in (OCTETS, COMPRESSED) else b"",
        port=_port(header),
    )
    if place := _place(header):
        sms = replace(sms, reference=place[0], parts=place[1], part=place[2])
    return replace(sms, kind=_kind(sms, said.waiting or _WAITING in header))


def _kind(sms: ReceivedSms, waiting: bool) -> str:
    if sms.protocol in _FOR_THE_SIM:
        return "sim"
    if sms.protocol == _TYPE_0:
        return "silent"
    if sms.coding in (OCTETS, COMPRESSED) or sms.port is not None:
        return "data"
    return "waiting" if waiting and not sms.text.strip() else "deliver"


_Elements = Mapping[int, bytes]
_NO_HEADER: _Elements = MappingProxyType({})


def _elements(user_data: bytes) -> _Elements:
    """Elements of the user data header by identifier (9.2.3.24); of a repeated one the last counts, a cut one does not."""
    header = user_data[1 : 1 + user_data[0]]
    found: dict[int, bytes] = {}
    while len(header) >= 2:
        identifier, size = header[0], header[1]
        value, header = header[2 : 2 + size], header[2 + size :]
        if len(value) == size:
            found[identifier] = value
    return found


def _place(header: _Elements) -> tuple[int, int, int] | None:
    """Reference, part and parts of a long message. Nonsense in them makes it a message of its own (9.2.3.24.1)."""
    narrow, wide = header.get(_PARTS_8, b""), header.get(_PARTS_16, b"")
    if len(wide) == 4:
        # 8 and 16 bit references are counted apart by phones: they are kept apart here too.
        reference, parts, part = 1 << 16 | wide[0] << 8 | wide[1], wide[2], wide[3]
    elif len(narrow) == 3:
        reference, parts, part = narrow[0], narrow[1], narrow[2]
    else:
        return None
    return (reference, parts, part) if 1 <= part <= parts and parts > 1 else None


def _port(header: _Elements) -> int | None:
    """Destination port (9.2.3.24.3 and .4), None where there is none."""
    if len(wide := header.get(_PORTS_16, b"")) == 4:
        return int.from_bytes(wide[:2], "big")
    return narrow[0] if len(narrow := header.get(_PORTS_8, b"")) == 2 else None


def _text(alphabet: str, whole: bytes, length: int, skip: int, header: _Elements) -> str:
    if alphabet == GSM7:
        skipped = -(-skip * 8 // 7)
        septets = gsm7.unpack(whole, length, skipped)
        language = {name: (header.get(name) or b"\0")[0] for name in (_LOCKING_SHIFT, _SINGLE_SHIFT)}
        text = gsm7.read(septets, language[_LOCKING_SHIFT], language[_SINGLE_SHIFT])
        return text + CUT if skipped + len(septets) < length else text
    if alphabet == UCS2:
        body = whole[skip:]
        text = body[: len(body) // 2 * 2].decode("utf-16-be", "surrogatepass")
        return text + CUT if len(whole) // 2 < length // 2 else text
    return ""


def _broadcast_text(dcs: int, content: bytes) -> str:
    """The words of a page, padding taken off (TS 23.038 clause 5; TS 23.041 9.4.1.2.5); '' where it holds data."""
    if dcs == 0x11:  # UCS-2 behind a language of two letters
        alphabet, content = UCS2, content[2:]
    elif dcs >> 4 in (0x4, 0x5, 0x6, 0x7, 0xF):
        alphabet = coding(dcs).alphabet
    else:
        alphabet = OCTETS if dcs >> 4 in (0x9, 0xE) else GSM7  # 0x9: with user data header; 0xE: WAP
    if alphabet == GSM7:
        text = gsm7.read(gsm7.unpack(content, len(content) * 8 // 7))
        text = text[3:] if dcs == 0x10 else text  # the language, two letters and CR
    elif alphabet == UCS2:
        text = content[: len(content) // 2 * 2].decode("utf-16-be", "replace")
    else:
        return ""
    return text.rstrip("\r\0 @") if alphabet == GSM7 else text.rstrip("\r\0 ")


def _moment(octets: bytes) -> tuple[int | None, int]:
    """A time stamp (9.2.3.11): seconds since 1970, None where it is no time, and minutes ahead of UTC."""
    swapped = [(octet & 0x0F, octet >> 4) for octet in octets]
    zone = (swapped[6][0] & 0x07, swapped[6][1])
    if any(digit > 9 for pair in (*swapped[:6], zone) for digit in pair):
        return None, 0
    year, month, day, hour, minute, second, quarters = (tens * 10 + ones for tens, ones in (*swapped[:6], zone))
    offset = -15 * quarters if octets[6] & 0x08 else 15 * quarters
    if abs(offset) > FARTHEST_ZONE_MINUTES:
        return None, 0
    try:
        local = datetime(2000 + year - 100 * (year >= 90), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None, 0
    return int((local - timedelta(minutes=offset)).timestamp()), offset


def _number(kind: int, octets: bytes, length: int) -> str:
    nibbles = [nibble for octet in octets for nibble in (octet & 0x0F, octet >> 4)][:length]
    digits = "".join(_DIGITS[nibble] for nibble in nibbles if nibble != 0x0F)
    return ("+" if kind >> 4 & 0x07 == _INTERNATIONAL and digits else "") + digits


class _Octets:
    """Takes a TPDU apart from the left; running out of octets is Unreadable."""

    def __init__(self, octets: bytes) -> None:
        self._left = octets

    def take(self, count: int) -> bytes:
        if len(self._left) < count:
            raise Unreadable(f"it ends {count - len(self._left)} octets too early")
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def one(self) -> int:
        return self.take(1)[0]

    def rest(self) -> bytes:
        return self.take(len(self._left))

    def time(self) -> tuple[int | None, int]:
        return _moment(self.take(7))

    def address(self) -> tuple[str, bool]:
        """Number or name, and whether it is a number."""
        length, kind = self.one(), self.one()
        if length > MOST_DIGITS:
            raise Unreadable(f"an address of {length} digits")
        octets = self.take((length + 1) // 2)
        if kind >> 4 & 0x07 == _ALPHANUMERIC:
            name = gsm7.read(gsm7.unpack(octets, length * 4 // 7))
            # Eight septets in seven octets: where the name has seven signs, the last one is padding.
            return (name[:-1] if length == 14 and name.endswith("@") else name), False
        return _number(kind, octets, length), True
