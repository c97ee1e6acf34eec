"""USSD texts as modems write them (3GPP TS 27.007 7.15, TS 23.038 5 and 6.1.2.3). Pure.

The standard has the modem translate to the terminal's alphabet; many hand over octets in hexadecimal instead, and some Huawei
sticks take codes no other way either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import gsm7
from .types import Fault, ModemRefused

_ANSWER = re.compile(r'\s*(\d)\s*(?:,\s*(?:"(.*)"|([^",]*))\s*(?:,\s*(\d{0,3})\s*)?)?$', re.DOTALL)
_HEX = re.compile(r"(?:[0-9A-F]{2})+$|(?:[0-9a-f]{2})+$")
_UCS2_ASCII = re.compile(r"(?:00[0-9A-Fa-f]{2}){3,}$")
_PACKED_LEAST = 10
"""Hexadecimal digits from which a text without a blank is taken for packed octets; shorter ones may be a number."""
_CARRIAGE_RETURN = 0x0D

NOT_SUPPORTED = "Operator tidak mengenal kode USSD ini. Periksa kode cek pulsa (balance_code) di pengaturan."
NO_ANSWER = "Operator tidak menjawab kode USSD; dicoba lagi nanti."
_WITHOUT_TEXT = {"2": NO_ANSWER, "3": NO_ANSWER, "4": NOT_SUPPORTED, "5": NO_ANSWER}
"""+CUSD <m> without a text: ended by the network, taken by another client, not supported, network time-out."""


@dataclass(frozen=True)
class UssdAnswer:
    """One +CUSD line. `expects_reply`: the network waits for a choice from its menu."""

    text: str
    expects_reply: bool


def read(line: str, code: str, *, packed: bool = False) -> UssdAnswer:
    """The network's text in what stands behind `+CUSD:`. `packed`: the modem was asked in hexadecimal and answers so.

    Raises ModemRefused with a sentence where it is a refusal.
    """
    found = _ANSWER.match(line)
    if found is None:
        return UssdAnswer(line.strip(), expects_reply=False)
    what, dcs = found[1], int(found[4] or 15)
    text = (found[2] if found[2] is not None else found[3] or "").strip()
    if not text and what in _WITHOUT_TEXT:
        fault = Fault.PERMANENT if what == "4" else Fault.TEMPORARY
        raise ModemRefused(f'AT+CUSD=1,"{code}"', f"+CUSD: {what}", fault=fault, operator=_WITHOUT_TEXT[what])
    return UssdAnswer(_text(text, dcs, packed), expects_reply=what == "1")


def pack(code: str) -> str:
    """A code in septets packed in hexadecimal, filled with CR where seven bits stay free (23.038 6.1.2.3.1)."""
    septets = [gsm7.DEFAULT.index(sign) for sign in code]
    if len(septets) % 8 == 7:
        septets.append(_CARRIAGE_RETURN)
    value = sum(septet << 7 * place for place, septet in enumerate(septets))
    return value.to_bytes(-(-len(septets) * 7 // 8), "little").hex().upper()


def _text(text: str, dcs: int, packed: bool) -> str:
    if not _HEX.match(text):
        return text
    octets = bytes.fromhex(text)
    alphabet = _alphabet(dcs)
    if alphabet == "octets":
        return octets.decode("latin-1")
    if alphabet == "ucs2" or (_UCS2_ASCII.match(text) and not packed):
        return octets[3 if dcs == 0x11 and _is_language(octets) else 0 :].decode("utf-16-be", "replace")
    # A balance of `250000` is hexadecimal too: only what has letters and some length is taken for octets unasked.
    if packed or (len(text) >= _PACKED_LEAST and not text.isdigit()):
        return gsm7.read(gsm7.unpack(octets, len(octets) * 8 // 7)).rstrip("\r")
    return text


def _is_language(octets: bytes) -> bool:
    """Whether a text begins with two letters of a language in septets, as dcs 0x11 has it: three octets in all with its CR."""
    return len(octets) % 2 == 1


def _alphabet(dcs: int) -> str:
    """Alphabet of a cell broadcast data coding scheme (23.038 clause 5): `gsm7`, `octets` or `ucs2`."""
    if dcs == 0x11:
        return "ucs2"
    group = dcs >> 4
    if group in (0x4, 0x5, 0x6, 0x7, 0x9):
        return {0: "gsm7", 1: "octets", 2: "ucs2"}.get(dcs >> 2 & 3, "gsm7")
    return "octets" if group == 0xF and dcs & 4 else "gsm7"
