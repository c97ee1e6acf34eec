"""How modems write USSD texts on the line (3GPP TS 27.007 7.15, TS 23.038 6.1.2.3). Pure."""

from __future__ import annotations

from modem.emulator import tpdu

DCS_GSM7, DCS_UCS2 = 15, 72


def encode(text: str, form: str) -> tuple[str, int]:
    """What stands between the quotes of +CUSD, and the <dcs> behind it. `form`: `plain`, `ucs2` or `packed`.

    A text the default alphabet does not hold goes out as UCS-2 in every form.
    """
    if form == "ucs2" or not tpdu.is_gsm7(text):
        return text.encode("utf-16-be").hex().upper(), DCS_UCS2
    if form == "packed":
        return pack(text).hex().upper(), DCS_GSM7
    return text, DCS_GSM7


def decode_request(typed: str, packed_only: bool) -> str:
    """The code somebody typed behind AT+CUSD=1. Raises ValueError where it has to be packed and is not."""
    if not packed_only:
        return typed
    return unpack(bytes.fromhex(typed))


def pack(text: str) -> bytes:
    """Septets packed for USSD: seven bits too many are filled with CR, which a receiver drops (TS 23.038 6.1.2.3.1)."""
    septets = tpdu.encode_septets(text)
    if len(septets) % 8 == 7 or (septets and len(septets) % 8 == 0 and septets[-1] == 0x0D):
        septets.append(0x0D)
    return tpdu.pack_septets(septets)


def unpack(octets: bytes) -> str:
    """The text of packed septets, without what fills them up: CR, or the zero bits of clients that do not care."""
    count = len(octets) * 8 // 7
    text = tpdu.decode_septets(tpdu.unpack_septets(octets, count))
    return text[:-1] if count % 8 == 0 and text[-1:] in ("\r", "@") else text
