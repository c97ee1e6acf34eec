"""SMS transfer protocol data units as 3GPP TS 23.040 and TS 23.038 define them. Pure.

Written apart from libgammu on purpose: the emulator is the referee of the gateway's codec, so it must not share its faults.
A TPDU here is `bytes` without the service-centre octets; `TpduError` means that it breaks the standard.
"""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from dataclasses import dataclass

_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)  # TS 23.038 6.2.1
_EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # TS 23.038 6.2.1.1  # fmt: skip
_SEPTETS_OF = {char: (code,) for code, char in enumerate(_BASIC) if code != _ESCAPE} | {
    char: (_ESCAPE, code) for code, char in _EXTENSION.items()
}
_DIGITS = "0123456789*#abc"  # TS 23.040 9.1.2.3; 0xF fills up

GSM7, OCTETS, UCS2 = "gsm7", "octets", "ucs2"
DCS_GSM7, DCS_UCS2 = 0x00, 0x08
SINGLE_SEPTETS, PART_SEPTETS = 160, 153
SINGLE_UNITS, PART_UNITS = 70, 67
MOST_PARTS = 255
USER_DATA_OCTETS = 140
"""TP-UD is at most 140 octets, 9.2.3.24."""

STATUS_RECEIVED, STATUS_NOT_OBTAINABLE, STATUS_EXPIRED = 0x00, 0x43, 0x46
"""TP-ST, 9.2.3.15."""


class TpduError(ValueError):
    """A TPDU that breaks TS 23.040."""


@dataclass(frozen=True)
class Concatenation:
    """Information element 00 or 08 (9.2.3.24.1, 9.2.3.24.8): part `part` of `parts`."""

    reference: int
    parts: int
    part: int


@dataclass(frozen=True)
class UserData:
    """TP-DCS, TP-UDHI, TP-UDL and TP-UD together. `length` is TP-UDL: septets for GSM-7, else octets."""

    dcs: int
    length: int
    octets: bytes
    has_header: bool = False

    @property
    def alphabet(self) -> str:
        """`gsm7`, `octets` or `ucs2` (TS 23.038 clause 4); compressed and reserved ones count as octets."""
        if self.dcs & 0x80 == 0:
            return OCTETS if self.dcs & 0x20 else (GSM7, OCTETS, UCS2, OCTETS)[self.dcs >> 2 & 3]
        group = self.dcs >> 4
        if group == 0xF:
            return OCTETS if self.dcs & 4 else GSM7
        return {0xC: GSM7, 0xD: GSM7, 0xE: UCS2}.get(group, OCTETS)

    @property
    def header_octets(self) -> int:
        """Octets the user data header takes, its length octet included."""
        return self.octets[0] + 1 if self.has_header and self.octets else 0

    @property
    def text(self) -> str:
        """The text without its header; octets read as Latin-1. UCS-2 may hold half a surrogate pair."""
        start = self.header_octets
        if self.alphabet == GSM7:
            skip = -(-start * 8 // 7)
            return decode_septets(unpack_septets(self.octets, self.length)[skip:])
        if self.alphabet == UCS2:
            body = self.octets[start : start + (len(self.octets) - start) // 2 * 2]
            return body.decode("utf-16-be", "surrogatepass")
        return self.octets[start:].decode("latin-1")

    @property
    def concatenation(self) -> Concatenation | None:
        """The concatenation element, None where there is none or it makes no sense (then 9.2.3.24.1 says: ignore it)."""
        header = self.octets[1 : self.header_octets]
        while len(header) >= 2:
            kind, size = header[0], header[1]
            body, header = header[2 : 2 + size], header[2 + size :]
            if (kind, len(body)) in ((0x00, 3), (0x08, 4)):
                found = Concatenation(int.from_bytes(body[:-2], "big"), body[-2], body[-1])
                return found if 1 <= found.part <= found.parts else None
        return None


@dataclass(frozen=True)
class Submit:
    """SMS-SUBMIT (9.2.2.2): what a mobile hands to the service centre. `reference` is TP-MR.

    `validity_seconds`: how long the centre tries (TP-VP); None leaves it to the centre. Written in the relative format.
    """

    destination: str
    content: UserData
    reference: int = 0
    report_wanted: bool = False
    protocol: int = 0
    validity_seconds: int | None = None


@dataclass(frozen=True)
class Deliver:
    """SMS-DELIVER (9.2.2.1): what the service centre hands to a mobile. `sent_at` in seconds since 1970."""

    sender: str
    content: UserData
    sent_at: int
    offset_minutes: int = 420
    protocol: int = 0


@dataclass(frozen=True)
class StatusReport:
    """SMS-STATUS-REPORT (9.2.2.3) about the submit `reference` to `recipient`."""

    reference: int
    recipient: str
    sent_at: int
    done_at: int
    status: int
    offset_minutes: int = 420


def is_gsm7(text: str) -> bool:
    """Whether every character stands in the default alphabet or its extension."""
    return all(char in _SEPTETS_OF for char in text)


def encode_septets(text: str) -> list[int]:
    """Codes of the default alphabet, extension characters as two. Raises TpduError for any other character."""
    try:
        return [code for char in text for code in _SEPTETS_OF[char]]
    except KeyError as error:
        raise TpduError(f"{error.args[0]!r} is not in the GSM default alphabet") from None


def decode_septets(septets: list[int]) -> str:
    """Text of these codes; an unknown extension shows its basic character, a lone escape a space (TS 23.038 6.2.1.1)."""
    characters = []
    codes = iter(septets)
    for code in codes:
        if code != _ESCAPE:
            characters.append(_BASIC[code])
            continue
        extended = next(codes, _ESCAPE)
        characters.append(" " if extended == _ESCAPE else _EXTENSION.get(extended, _BASIC[extended]))
    return "".join(characters)


def split_text(text: str, reference: int = 0) -> list[UserData]:
    """User data of one message: one part when it fits, else parts of 153 septets or 67 UTF-16 units with an 8-bit reference.

    No part ends inside an extension pair or a surrogate pair. Raises TpduError when more than 255 parts were needed.
    """
    build: Callable[[list[int], bytes], UserData]
    if is_gsm7(text):
        units, single, part_size = [list(_SEPTETS_OF[char]) for char in text], SINGLE_SEPTETS, PART_SEPTETS
        build = _gsm7_content
    else:
        units, single, part_size = [_utf16_units(char) for char in text], SINGLE_UNITS, PART_UNITS
        build = _ucs2_content
    if sum(map(len, units)) <= single:
        return [build([code for unit in units for code in unit], b"")]
    pieces: list[list[int]] = [[]]
    for unit in units:
        if len(pieces[-1]) + len(unit) > part_size:
            pieces.append([])
        pieces[-1] += unit
    if len(pieces) > MOST_PARTS:
        raise TpduError(f"the text needs {len(pieces)} parts, {MOST_PARTS} is the most")
    headers = (bytes([5, 0, 3, reference & 0xFF, len(pieces), number]) for number in range(1, len(pieces) + 1))
    return [build(piece, header) for piece, header in zip(pieces, headers, strict=True)]


def join_texts(pieces: list[str]) -> str:
    """Texts of all parts in order as one; heals a surrogate pair that was cut between two parts."""
    return "".join(pieces).encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def octet_content(octets: bytes, dcs: int = 0x04, has_header: bool = False) -> UserData:
    """User data of an 8-bit message."""
    return UserData(dcs, len(octets), octets, has_header)


def encode_address(number: str) -> bytes:
    """Address field (9.1.2.5): `+62...` international, digits (`*#abc` too) unknown, anything else alphanumeric (11 at most)."""
    digits = number.removeprefix("+")
    if digits and all(digit in _DIGITS for digit in digits) and len(digits) <= 20:
        nibbles = [_DIGITS.index(digit) for digit in digits] + [0xF] * (len(digits) % 2)
        packed = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
        return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + packed
    septets = encode_septets(number)
    if not 1 <= len(septets) <= 11:
        raise TpduError("an alphanumeric address has 1 to 11 characters of the GSM default alphabet")
    return bytes([-(-len(septets) * 7 // 4), 0xD0]) + pack_septets(septets)


def encode_smsc(number: str) -> bytes:
    """Service-centre octets as AT commands carry them (27.005 3.1): length in octets, type, digits."""
    address = encode_address(number)
    return bytes([len(address) - 1]) + address[1:]


def encode_submit(submit: Submit) -> bytes:
    """The TPDU, with a relative validity period where one is asked for."""
    validity = b"" if submit.validity_seconds is None else bytes([_relative_validity(submit.validity_seconds)])
    first = 0x01 | bool(validity) << 4 | submit.report_wanted << 5 | submit.content.has_header << 6
    head = bytes([first, submit.reference]) + encode_address(submit.destination)
    content = submit.content
    return head + bytes([submit.protocol, content.dcs]) + validity + bytes([content.length]) + content.octets


def encode_deliver(deliver: Deliver) -> bytes:
    """The TPDU, with TP-MMS saying that no more messages wait."""
    head = bytes([0x04 | deliver.content.has_header << 6]) + encode_address(deliver.sender)
    stamp = encode_timestamp(deliver.sent_at, deliver.offset_minutes)
    content = deliver.content
    return head + bytes([deliver.protocol, content.dcs]) + stamp + bytes([content.length]) + content.octets


def encode_status_report(report: StatusReport) -> bytes:
    """The TPDU of a report on an SMS-SUBMIT."""
    stamps = [encode_timestamp(moment, report.offset_minutes) for moment in (report.sent_at, report.done_at)]
    head = bytes([0x06, report.reference]) + encode_address(report.recipient)
    return head + b"".join(stamps) + bytes([report.status])


def decode_submit(tpdu: bytes, now: float = 0.0) -> Submit:
    """Read what a mobile submitted at `now`, seconds since 1970. Raises TpduError where the TPDU is cut, too long or another."""
    octets = _Octets(tpdu)
    first = octets.one()
    if first & 3 != 1:
        raise TpduError("this is no SMS-SUBMIT")
    reference, destination = octets.one(), octets.address()
    protocol, dcs = octets.one(), octets.one()
    validity = _validity(first >> 3 & 3, octets, now)
    content = octets.content(dcs, bool(first & 0x40))
    return Submit(destination, content, reference, bool(first & 0x20), protocol, validity)


def decode_deliver(tpdu: bytes) -> Deliver:
    """Read an SMS-DELIVER. Raises TpduError where it is cut, too long or something else."""
    octets = _Octets(tpdu)
    first = octets.one()
    if first & 3 != 0:
        raise TpduError("this is no SMS-DELIVER")
    sender = octets.address()
    protocol, dcs = octets.one(), octets.one()
    sent_at, offset = decode_timestamp(octets.take(7))
    return Deliver(sender, octets.content(dcs, bool(first & 0x40)), sent_at, offset, protocol)


def decode_status_report(tpdu: bytes) -> StatusReport:
    """Read an SMS-STATUS-REPORT; what follows TP-ST is ignored. Raises TpduError where it is cut or something else."""
    octets = _Octets(tpdu)
    if octets.one() & 3 != 2:
        raise TpduError("this is no SMS-STATUS-REPORT")
    reference, recipient = octets.one(), octets.address()
    (sent_at, offset), (done_at, _) = decode_timestamp(octets.take(7)), decode_timestamp(octets.take(7))
    return StatusReport(reference, recipient, sent_at, done_at, octets.one(), offset)


def encode_timestamp(moment: int, offset_minutes: int) -> bytes:
    """Local time and zone in quarters of an hour (9.2.3.11)."""
    local = time.gmtime(moment + offset_minutes * 60)
    quarters = abs(offset_minutes) // 15
    numbers = (local.tm_year % 100, local.tm_mon, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, quarters)
    octets = bytearray(number % 10 << 4 | number // 10 for number in numbers)
    octets[6] |= 0x08 if offset_minutes < 0 else 0
    return bytes(octets)


def decode_timestamp(octets: bytes) -> tuple[int, int]:
    """Seconds since 1970 and minutes ahead of UTC. Raises TpduError when a field is no decimal number."""
    zone = octets[6] & 0xF7
    numbers = [(octet & 0xF) * 10 + (octet >> 4) for octet in (*octets[:6], zone)]
    if any(octet & 0xF > 9 or octet >> 4 > 9 for octet in (*octets[:6], zone)):
        raise TpduError("the time stamp holds something that is no digit")
    year, month, day, hour, minute, second, quarters = numbers
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise TpduError("the time stamp is no date")
    offset = quarters * (-15 if octets[6] & 0x08 else 15)
    moment = calendar.timegm((2000 + year - 100 * (year >= 90), month, day, hour, minute, second))
    return moment - offset * 60, offset


_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def _relative_validity(seconds: int) -> int:
    """TP-VP of the relative format (9.2.3.12.1) for at least so many seconds; 63 weeks at most."""
    if seconds <= 12 * _HOUR:
        return max(0, -(-seconds // (5 * _MINUTE)) - 1)
    if seconds <= _DAY:
        return 143 + -(-(seconds - 12 * _HOUR) // (30 * _MINUTE))
    if seconds <= 30 * _DAY:
        return 166 + -(-seconds // _DAY)
    return min(255, 192 + -(-seconds // (7 * _DAY)))


def seconds_of_relative(value: int) -> int:
    """What a TP-VP octet of the relative format means (9.2.3.12.1)."""
    if value <= 143:
        return (value + 1) * 5 * _MINUTE
    if value <= 167:
        return 12 * _HOUR + (value - 143) * 30 * _MINUTE
    return (value - 166) * _DAY if value <= 196 else (value - 192) * 7 * _DAY


def _validity(form: int, octets: _Octets, now: float) -> int | None:
    """TP-VP in seconds by TP-VPF (9.2.3.3): none, enhanced, relative, absolute."""
    if form == 0:
        return None
    if form == 2:
        return seconds_of_relative(octets.one())
    field = octets.take(7)
    if form == 3:
        return max(0, decode_timestamp(field)[0] - int(now))
    match field[0] & 7:  # 9.2.3.12.3
        case 1:
            return seconds_of_relative(field[1])
        case 2:
            return field[1]
        case 3:
            hours, minutes, seconds = ((octet & 0xF) * 10 + (octet >> 4) for octet in field[1:4])
            return hours * _HOUR + minutes * _MINUTE + seconds
        case _:
            return None


def _gsm7_content(septets: list[int], header: bytes) -> UserData:
    fill = -len(header) * 8 % 7
    length = (len(header) * 8 + fill) // 7 + len(septets)
    return UserData(DCS_GSM7, length, header + pack_septets(septets, fill), bool(header))


def _ucs2_content(units: list[int], header: bytes) -> UserData:
    octets = header + b"".join(unit.to_bytes(2, "big") for unit in units)
    return UserData(DCS_UCS2, len(octets), octets, bool(header))


def _utf16_units(char: str) -> list[int]:
    octets = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(octets[i : i + 2], "big") for i in range(0, len(octets), 2)]


def pack_septets(septets: list[int], fill: int = 0) -> bytes:
    """Septets packed from the lowest bit (TS 23.038 6.1.2.1) after `fill` bits that end the header at a septet boundary."""
    value = sum(septet << 7 * place for place, septet in enumerate(septets)) << fill
    return value.to_bytes(-(-(len(septets) * 7 + fill) // 8), "little")


def unpack_septets(octets: bytes, count: int) -> list[int]:
    """The first `count` septets of packed octets."""
    value = int.from_bytes(octets, "little")
    return [value >> 7 * place & 0x7F for place in range(count)]


class _Octets:
    """Reads a TPDU from the left; running out of octets is a TpduError."""

    def __init__(self, octets: bytes) -> None:
        self._left = octets

    def take(self, count: int) -> bytes:
        if len(self._left) < count:
            raise TpduError(f"the TPDU ends {count - len(self._left)} octets too early")
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def one(self) -> int:
        return self.take(1)[0]

    def address(self) -> str:
        length, kind = self.one(), self.one()
        if length > 20:
            raise TpduError("an address has at most 20 digits (9.1.2.5)")
        octets = self.take((length + 1) // 2)
        if kind >> 4 & 7 == 5:
            return decode_septets(unpack_septets(octets, length * 4 // 7))
        nibbles = [nibble for octet in octets for nibble in (octet & 0xF, octet >> 4)][:length]
        if 0xF in nibbles:
            raise TpduError("the address holds filler where a digit belongs")
        return ("+" if kind >> 4 & 7 == 1 else "") + "".join(_DIGITS[nibble] for nibble in nibbles)

    def content(self, dcs: int, has_header: bool) -> UserData:
        length = self.one()
        size = -(-length * 7 // 8) if UserData(dcs, 0, b"").alphabet == GSM7 else length
        if size > USER_DATA_OCTETS:
            raise TpduError(f"user data has {size} octets, {USER_DATA_OCTETS} is the most (9.2.3.24)")
        content = UserData(dcs, length, self.take(size), has_header)
        if self._left:
            raise TpduError(f"{len(self._left)} octets follow the user data")
        if content.header_octets > len(content.octets) or (has_header and not content.octets):
            raise TpduError("the user data header is longer than the user data")
        return content
