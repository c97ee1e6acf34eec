"""What a modem's answers mean (3GPP TS 27.005, 27.007): numbers, states and sentences from their lines. Pure."""

from __future__ import annotations

from .at import Answer, Event, Unsolicited
from .types import DIRECT, Fault, ModemRefused, ModemState, Notification, PinNeeded, SimMissing, StoredPdu

INVALID_INDEX = 321
"""`+CMS ERROR` for a slot that is empty (27.005 3.2.5)."""
_SENTENCES = {
    10: "SIM belum terpasang. Pasang kartu SIM.",
    11: "SIM meminta PIN.",
    13: "Kartu SIM rusak atau tidak terbaca. Periksa kartu SIM.",
    30: "Tidak ada jaringan. Pindahkan modem ke tempat bersinyal.",
    310: "SIM belum terpasang. Pasang kartu SIM.",
    311: "SIM meminta PIN.",
    330: "Nomor pusat SMS (SMSC) belum diatur di SIM.",
    331: "Tidak ada jaringan. Pindahkan modem ke tempat bersinyal.",
    332: "Jaringan tidak menjawab; dicoba lagi sendiri.",
}
PERMANENT_CODES = frozenset([1, 8, 10, 28, 29, 30, 50, 69, 96, 97, 304, 305])
"""`+CMS ERROR` codes of a submit that will be refused again (24.011 annex E-2: unassigned number, barred …; 27.005)."""
UNKNOWN_COMMAND_CODES = frozenset([None, 3, 4, 302, 303])
"""Codes of a refusal that stands: the modem does not know the command. Others (SIM busy, no network) pass."""


def refusal(answer: Answer, *, operator: str | None = None) -> ModemRefused:
    """The error for an answer that is none of OK, with the sentence for its code."""
    # Below 300 the numbers of +CMS ERROR are causes of 24.011, not those of +CME ERROR.
    known = answer.final.startswith("+CME") or (answer.code or 0) >= 300
    sentence = operator or (sentence_for(answer.code) if known else None)
    kind = PinNeeded if _is(answer, _LOCKED) else SimMissing if _is(answer, _NO_SIM) else ModemRefused
    return kind(answer.command, answer.final, answer.code, fault=fault_of(answer), operator=sentence)


def fault_of(answer: Answer) -> Fault:
    """The kind of a refusal."""
    if _is(answer, _NO_SERVICE):
        return Fault.NO_SERVICE
    if answer.final.startswith("+CMS") and answer.code in PERMANENT_CODES:
        return Fault.PERMANENT
    return Fault.TEMPORARY


def _is(answer: Answer, codes: dict[str, frozenset[int]]) -> bool:
    return answer.code is not None and answer.code in codes.get(answer.final[:4], ())


# Numbers mean one thing in +CMS ERROR (27.005 3.2.5) and another in +CME ERROR (27.007 9.2.1): 30 is an unknown subscriber
# in the first, no network in the second.
_NO_SERVICE = {
    "+CMS": frozenset([310, 311, 312, 313, 314, 315, 316, 317, 318, 331, 332]),
    "+CME": frozenset([5, 10, 11, 12, 13, 14, 15, 17, 18, 30, 31, 32]),
}
_LOCKED = {"+CMS": frozenset([311, 312, 316, 317, 318]), "+CME": frozenset([5, 11, 12, 17, 18])}
_NO_SIM = {"+CMS": frozenset([310, 313, 315]), "+CME": frozenset([10, 13, 15])}


def sentence_for(code: int | None) -> str | None:
    """What the operator should know of a code; None where it says nothing more than that it was refused."""
    return _SENTENCES.get(code) if code is not None else None


def notification(event: Event) -> Notification | None:
    """What an unsolicited line means for the gateway; None where it means nothing."""
    if not isinstance(event, Unsolicited):
        return None
    if event.name in ("+CMTI", "+CDSI"):
        return Notification("arrived", storage=between_quotes(event.text) or "")
    if event.pdu and event.name in ("+CMT", "+CDS"):
        return Notification("delivered", stored=StoredPdu(None, event.pdu, DIRECT))
    return None


def is_whole(hex_: str, announced: str) -> bool:
    """Whether a PDU is hexadecimal and not shorter than announced (octets without those of the service centre)."""
    try:
        octets = bytes.fromhex(hex_)
    except ValueError:
        return False
    return not announced.isdigit() or len(octets) - 1 - octets[0] >= int(announced)


def between_quotes(text: str | None) -> str | None:
    """The first quoted piece: the operator's name in `+COPS: 0,0,"TELKOMSEL"`."""
    pieces = (text or "").split('"')
    return pieces[1] if len(pieces) > 2 else None


def signal_percent(strength: str | None) -> int | None:
    """0..100 of `+CSQ: rssi,ber`; None where it is unknown."""
    first = (strength or "").split(",")[0].strip()
    # 27.007 8.5: 0..31 in steps of 2 dB, 99 is unknown.
    return round(int(first) * 100 / 31) if first.isdigit() and int(first) <= 31 else None


def store_fill(store: str | None) -> tuple[int | None, int | None]:
    """Used and total slots of `+CPMS: "SM",3,40,…`; None where the modem does not tell."""
    pieces = [piece.strip() for piece in (store or "").split(",")]
    numbers = [int(piece) for piece in pieces if piece.isdigit()]
    return (numbers[0], numbers[1]) if len(numbers) >= 2 else (None, None)


def registration_state(registration: str | None) -> tuple[ModemState, str]:
    """The state and the sentence that `+CREG: n,stat` stands for."""
    pieces = (registration or "").split(",")
    state = pieces[1].strip() if len(pieces) > 1 else ""
    # 27.007 7.2: 1 home, 5 roaming, 3 denied, 0/2/4 not registered; a modem that does not tell may well work.
    if state == "3":
        return ModemState.DENIED, "Jaringan menolak kartu SIM. Periksa masa aktif kartu."
    if state in ("0", "2", "4"):
        return ModemState.SEARCHING, "Mencari jaringan. Pindahkan modem ke tempat bersinyal."
    return ModemState.READY, "Modem siap."
