"""Taking numbers and texts out of what passes between a driver and its modem, so that it may be shown to others. Pure.

What lives here: which parts of a line are private, and what stands in their place. Everything keeps its length and its
shape, PDUs stay decodable: a masked transcript can be replayed. What is not known is masked rather than shown.
What does not: cutting octets into lines, and files (`transcript.py`).
"""

from __future__ import annotations

import re

LONGEST_DIGITS = 5
"""Runs of more digits than this may be part of a number, an IMEI or an IMSI, and are masked wherever they stand."""

_SECRET = re.compile(r"([+^*%](?:CPIN2?|CPWD|CLCK|CPINC?|EPIN)\w*=)(.*)", re.I | re.S)
"""Commands that carry a PIN or a PUK (27.007 8.3, 7.4, 7.5): what follows is masked also where nothing else is."""
_NAMED = re.compile(r"([+^*%&$#!][A-Z][A-Z0-9_]*): ?(.*)", re.S)
_FINAL = re.compile(
    r"(?:OK|ERROR|ABORTED|COMMAND NOT SUPPORT(?:ED)?|TOO MANY PARAMETERS|NO CARRIER|BUSY|NO ANSWER|\+CM[ES] ERROR: ?\d+)$"
)
_BANNERS = frozenset(["RING", "RDY", "Call Ready", "SMS Ready", "SMS DONE", "PB DONE", "NORMAL POWER DOWN", "START"])
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){7,}$")
_QUOTED = re.compile(r'"([^"]*)"?')
_BEFORE_PDU = frozenset(["+CMGL", "+CMGR", "+CMT", "+CDS", "+CBM"])
"""Names of lines that a PDU (or, in text mode, a text) follows, 27.005 3.4, 4.1, 4.2."""
_PLAIN_QUOTES = frozenset(["+COPS", "+CREG", "+CGREG", "+CEREG"])
_PLAIN_WORDS = frozenset(["+CPIN", "+GCAP", "+CPAS"])
_SAFE_WORDS = frozenset(["SM", "ME", "MT", "SR", "BM", "TA", "GSM", "UCS2", "IRA", "HEX", "PCCP437", "8859-1"])
"""Storages (27.005 3.2.3) and character sets (27.007 5.5)."""
_IDENTITY = re.compile(r"AT(?:\+C?GM[IMR]|I\d?|\+CLAC|\+CGMR)$", re.I)
_PUBLIC_CODE = re.compile(r"\*\d{2,3}(?:\*\d{1,2})*#$")
"""A USSD code that says nothing of anybody, such as *888#; longer ones may carry numbers or PINs."""


def hide(text: str) -> str:
    """Every digit becomes 0 and every letter x."""
    return "".join("0" if sign.isdigit() else "x" if sign.isalnum() else sign for sign in text)


def hide_long_digits(text: str) -> str:
    """Runs of digits longer than LONGEST_DIGITS become zeros."""
    return re.sub(rf"\d{{{LONGEST_DIGITS + 1},}}", lambda run: "0" * len(run[0]), text)


def hide_secrets(line: str) -> str:
    """A PIN or PUK in a command, also in its echo and where it is starred out already. Done to every transcript."""
    return _SECRET.sub(lambda found: found[1] + hide(found[2]).replace("*", "0"), line)


class Masker:
    """Masks the lines of one dialogue, in the order they passed. What a line means depends on those before it."""

    def __init__(self) -> None:
        self._command = ""
        self._prompted = False
        self._header = ""
        """Name of the last line that a message follows; other lines may come in between."""
        self._open_quote = False

    def sent(self, line: str, *, body: bool = False) -> str:
        """A line to the modem without its end. `body`: it ended with Ctrl-Z."""
        if body:
            self._prompted = False
            return mask_pdu(line) if _HEX.match(line) else hide(line)
        if line[:2].upper() != "AT":
            return hide(line)
        self._command, self._header = line, ""
        return _command(line)

    def received(self, line: str) -> str:
        """A line from the modem without its end."""
        if self._open_quote:
            return self._rest_of_quote(line)
        if line in (">", "> "):
            self._prompted = True
            return line
        if self._header and _HEX.match(line):
            header, self._header = self._header, ""
            return "0" * len(line) if header == "+CBM" else mask_pdu(line)
        if _FINAL.match(line):
            self._header, self._prompted = "", False
            return line
        if named := _NAMED.match(line):
            space = line[len(named[1]) + 1 : len(line) - len(named[2])]
            return f"{named[1]}:{space}{self._value(named[1], named[2])}"
        if self._header or (self._prompted and not _HEX.match(line)):
            return hide(line)
        if self._prompted:
            return mask_pdu(line)
        if line in _BANNERS or not line.strip():
            return line
        if line[:2].upper() == "AT":
            return _command(line)
        return hide_long_digits(line) if _IDENTITY.match(self._command) else hide(line)

    def _value(self, name: str, value: str) -> str:
        if name in _BEFORE_PDU:
            self._header = name
        if name == "+CUSD":
            return self._ussd(value)
        if name in _PLAIN_WORDS:
            return hide_long_digits(value)
        pieces = re.split(r'("[^"]*"?)', value)
        for at, piece in enumerate(pieces):
            if piece.startswith('"'):
                pieces[at] = piece if name in _PLAIN_QUOTES else _quoted(piece)
            else:
                pieces[at] = re.sub(r"[^\W\d_]", "x", piece)
        return hide_long_digits("".join(pieces))

    def _ussd(self, value: str) -> str:
        """`0,"text",15` (27.007 7.15); the text may have line breaks, and some modems leave out the quotes."""
        status, comma, rest = value.partition(",")
        if not comma:
            return status if re.fullmatch(r"\d{0,2}", status) else hide(status)
        text, coding = rest, ""
        if found := re.search(r",\d{1,3}$", rest):
            text, coding = rest[: found.start()], found[0]
        self._open_quote = text.count('"') == 1 and not coding
        return hide_long_digits(status) + comma + _letters(text) + coding

    def _rest_of_quote(self, line: str) -> str:
        text, quote, tail = line.rpartition('"')
        if not quote:
            return _letters(line)
        self._open_quote = False
        return _letters(text) + quote + (tail if re.fullmatch(r",\d{1,3}|", tail) else hide(tail))


def _letters(text: str) -> str:
    """A text in letters of the same length; a text in hexadecimal UCS-2 stays one."""
    inner = text.strip('"')
    if len(inner) >= 4 and re.fullmatch(r"(?:[0-9A-Fa-f]{4})+", inner):
        return text.replace(inner, "0078" * (len(inner) // 4))
    return re.sub(r'[^\s"]', "x", text)


def _command(line: str) -> str:
    line = hide_secrets(line)
    return hide_long_digits(_QUOTED.sub(lambda found: _quoted(found[0]), line))


def _quoted(quoted: str) -> str:
    inner = quoted.strip('"')
    return quoted if inner in _SAFE_WORDS or _PUBLIC_CODE.match(inner) else hide(quoted)


# -- PDUs (TS 23.040 9.2.2) ----------------------------------------------------------------------------------------

_DELIVER, _SUBMIT, _STATUS_REPORT = 0, 1, 2
_ALPHANUMERIC = 0b101
_STAMP_OCTETS = 7
_VALIDITY_OCTETS = {0: 0, 1: 7, 2: 1, 3: 7}
"""Length of TP-VP by TP-VPF (9.2.3.3)."""
_HEADER_KEPT = frozenset([0x00, 0x04, 0x05, 0x08, 0x24, 0x25])
"""User data elements that carry no text or number: parts, ports, languages (9.2.3.24)."""


def mask_pdu(hex_: str) -> str:
    """A PDU, service-centre octets first, with other digits in its addresses and another text of the same length.

    What cannot be followed to its end becomes zeros.
    """
    try:
        return _Pdu(bytes.fromhex(hex_)).masked().hex().upper()
    except (ValueError, IndexError):
        return "0" * len(hex_)


class _Pdu:
    """Walks through a PDU and masks as it goes. Raises IndexError where it ends too early."""

    def __init__(self, octets: bytes) -> None:
        self._octets = bytearray(octets)
        self._at = 0

    def masked(self) -> bytes:
        smsc_octets = self._take()
        if smsc_octets:
            self._digits(smsc_octets - 1)
        first = self._take()
        kind = first & 0x03
        if kind == _STATUS_REPORT:
            self._status_report()
        elif kind == _DELIVER:
            self._address()
            self._text_from(self._coding(), bool(first & 0x40), _STAMP_OCTETS)
        elif kind == _SUBMIT:
            self._at += 1
            self._address()
            self._text_from(self._coding(), bool(first & 0x40), _VALIDITY_OCTETS[first >> 3 & 0x03])
        else:
            raise ValueError("a kind of TPDU that no modem shows")
        return bytes(self._octets)

    def _take(self) -> int:
        self._at += 1
        return self._octets[self._at - 1]

    def _coding(self) -> int:
        self._at += 1  # TP-PID
        return self._take()

    def _address(self) -> None:
        """Digits, type, digits in pairs; a name is packed GSM-7 (9.1.2.5)."""
        digits = self._take()
        octets = (digits + 1) // 2
        if self._octets[self._at] >> 4 & 0x07 == _ALPHANUMERIC:
            self._at += 1
            self._replace(octets, _packed(digits * 4 // 7, octets))
        else:
            self._digits(octets)

    def _digits(self, octets: int) -> None:
        """A type of address, then digits in pairs: each becomes 0, the filler F stays."""
        self._at += 1
        pairs = self._octets[self._at : self._at + octets]
        self._replace(octets, bytes((pair & 0xF0 if pair >> 4 == 0xF else 0) for pair in pairs))

    def _replace(self, octets: int, by: bytes) -> None:
        if self._at + octets > len(self._octets):
            raise IndexError("it ends too early")
        self._octets[self._at : self._at + octets] = by[:octets].ljust(octets, b"\0")
        self._at += octets

    def _status_report(self) -> None:
        self._at += 1  # TP-MR
        self._address()
        self._at += 2 * _STAMP_OCTETS + 1  # times and TP-ST
        if self._at > len(self._octets):
            raise IndexError("it ends too early")
        self._replace(len(self._octets) - self._at, b"")

    def _text_from(self, coding: int, has_header: bool, skipped: int) -> None:
        self._at += skipped
        units = self._take()
        rest = len(self._octets) - self._at
        seven_bit = _alphabet(coding) == 7
        octets = (units * 7 + 7) // 8 if seven_bit else units
        if rest < octets:
            raise IndexError("it ends too early")
        header = self._header(octets) if has_header else 0
        body = octets - header
        if seven_bit:
            first = (header * 8 + 6) // 7
            self._replace(body, _packed(units - first, body, fill=first * 7 - header * 8))
        else:
            self._replace(body, (b"\0x" if _alphabet(coding) == 16 else b"xx") * (body // 2 + 1))
        self._replace(len(self._octets) - self._at, b"")

    def _header(self, octets: int) -> int:
        """Keeps what joins the parts; returns the header's length with its own length octet."""
        length = self._octets[self._at] + 1
        if length > octets:
            raise ValueError("a header longer than the user data")
        at, end = self._at + 1, self._at + length
        while at + 1 < end:
            element, size = self._octets[at], self._octets[at + 1]
            if element not in _HEADER_KEPT or at + 2 + size > end:
                self._octets[at + 2 : min(at + 2 + size, end)] = bytes(min(size, end - at - 2))
            at += 2 + size
        self._at = end
        return length


def _alphabet(coding: int) -> int:
    """Bits of a sign by TP-DCS (TS 23.038 4): 7, 8 or 16; compressed text counts as octets."""
    group = coding >> 4
    if group < 0b1000:
        return 8 if coding & 0x20 else {0: 7, 1: 8, 2: 16}.get(coding >> 2 & 0x03, 7)
    if group == 0b1110:
        return 16
    return 8 if group == 0b1111 and coding & 0x04 else 7


def _packed(signs: int, octets: int, fill: int = 0) -> bytes:
    """So many letters x in GSM-7, packed (TS 23.038 6.1.2.1) behind `fill` bits."""
    bits = 0
    for number in range(max(0, signs)):
        bits |= ord("x") << (fill + 7 * number)
    return (bits & ((1 << 8 * octets) - 1)).to_bytes(octets, "little")
