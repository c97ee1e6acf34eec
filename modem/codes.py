"""What the numbers behind `+CMS ERROR` and `+CME ERROR` mean, as two tables. Pure.

`CMS` (3GPP TS 27.005 3.2.5): 1 to 127 are the network's causes for refusing a submit (TS 24.011 annex E-2), 128 to 255 the
service centre's (TS 23.040 9.2.3.22), 300 and up the modem's own. `CME`: TS 27.007 9.2. The same number means one thing here and
another there. Makers add numbers of their own from 512 on; those are left out, for each maker means something else.

No credit: no standard has a cause for it. Prepaid networks answer with whatever their switch maps it to; users of such modems
report 8, 21, 38, 50 and 69 (we have no operator's word for it), and each has other reasons as well: 21 also comes for a short
code that takes no SMS, 38 for a real outage. So NO_CREDIT here is a suspicion that the balance has to confirm, it is always
worth another try, and one such refusal must not silence a modem. 10 bars the SIM, not the SMS, and is treated alike, as is 193
with a missing service centre. 500 (`unknown`) is reported too, for anything, and is called temporary. Some networks take the
SMS without credit and send an operator's notice instead: no code can tell that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .types import Fault

_T, _P, _C, _S, _N = Fault.TEMPORARY, Fault.PERMANENT, Fault.NO_CREDIT, Fault.NO_SERVICE, Fault.NO_SMSC


@dataclass(frozen=True)
class Meaning:
    """One code: what it says in English, which kind of refusal it is, and what the operator can do (Bahasa Indonesia, or '')."""

    words: str
    fault: Fault = Fault.TEMPORARY
    operator: str = ""


NO_CREDIT = "Operator menolak SMS; mungkin pulsa habis. Periksa pulsa."
BLOCKED = "Operator memblokir pengiriman dari kartu SIM ini. Periksa pulsa dan masa aktif kartu."
NO_SUCH_NUMBER = "Nomor tujuan tidak dikenal jaringan. Periksa nomornya."
NO_SIM = "SIM belum terpasang. Pasang kartu SIM."
PIN_ASKED = "SIM meminta PIN."
PUK_ASKED = "Kartu SIM terkunci (PUK). Buka dengan kode PUK di ponsel, atau hubungi operator."
SIM_LOCKED = "Modem terkunci untuk operator lain. Pakai kartu SIM operator itu atau modem lain."
SIM_BROKEN = "Kartu SIM rusak atau tidak terbaca. Periksa kartu SIM."
NO_NETWORK = "Tidak ada jaringan. Pindahkan modem ke tempat bersinyal."
NETWORK_SILENT = "Jaringan tidak menjawab; dicoba lagi sendiri."
NO_SMSC = "Nomor pusat SMS (SMSC) belum diatur di SIM."
DENIED = "Jaringan menolak kartu SIM. Periksa masa aktif kartu."
FULL = "Memori SMS penuh; Waspada mengosongkannya sendiri."

CMS: Mapping[int, Meaning] = {
    # TS 24.011 annex E-2
    1: Meaning("unassigned (unallocated) number", _P, NO_SUCH_NUMBER),
    8: Meaning("operator determined barring", _C, BLOCKED),
    10: Meaning("call barred", _C, BLOCKED),
    17: Meaning("network failure", _T, NETWORK_SILENT),
    21: Meaning("short message transfer rejected", _C, NO_CREDIT),
    22: Meaning("memory capacity exceeded"),
    27: Meaning("destination out of service"),
    28: Meaning("unidentified subscriber", _P, NO_SUCH_NUMBER),
    29: Meaning("facility rejected", _P),
    30: Meaning("unknown subscriber", _P, NO_SUCH_NUMBER),
    38: Meaning("network out of order", _C, NO_CREDIT),
    41: Meaning("temporary failure"),
    42: Meaning("congestion"),
    47: Meaning("resources unavailable, unspecified"),
    50: Meaning("requested facility not subscribed", _C, NO_CREDIT),
    69: Meaning("requested facility not implemented", _C, NO_CREDIT),
    81: Meaning("invalid short message reference value"),
    95: Meaning("invalid message, unspecified", _P),
    96: Meaning("invalid mandatory information", _P),
    97: Meaning("message type non-existent or not implemented", _P),
    98: Meaning("message not compatible with short message protocol state"),
    99: Meaning("information element non-existent or not implemented", _P),
    111: Meaning("protocol error, unspecified"),
    127: Meaning("interworking, unspecified"),
    # TS 23.040 9.2.3.22
    128: Meaning("telematic interworking not supported", _P),
    129: Meaning("short message type 0 not supported", _P),
    130: Meaning("cannot replace short message", _P),
    143: Meaning("unspecified TP-PID error", _P),
    144: Meaning("data coding scheme (alphabet) not supported", _P),
    145: Meaning("message class not supported", _P),
    159: Meaning("unspecified TP-DCS error", _P),
    160: Meaning("command cannot be actioned"),
    161: Meaning("command unsupported", _P),
    175: Meaning("unspecified TP-command error"),
    176: Meaning("TPDU not supported", _P),
    192: Meaning("SC busy"),
    193: Meaning(
        "no SC subscription", _N, "Kartu SIM ini tidak boleh memakai pusat SMS (SMSC) yang diatur. Periksa nomor SMSC."
    ),
    194: Meaning("SC system failure"),
    195: Meaning("invalid SME address", _P, NO_SUCH_NUMBER),
    196: Meaning("destination SME barred", _P),
    197: Meaning("SM rejected: duplicate SM", _P),
    198: Meaning("TP-VPF not supported", _P),
    199: Meaning("TP-VP not supported", _P),
    208: Meaning("(U)SIM SMS storage full", _T, FULL),
    209: Meaning("no SMS storage capability in (U)SIM"),
    210: Meaning("error in MS"),
    211: Meaning("memory capacity exceeded", _T, FULL),
    212: Meaning("(U)SIM application toolkit busy"),
    213: Meaning("(U)SIM data download error"),
    255: Meaning("unspecified error cause"),
    # TS 27.005 3.2.5
    300: Meaning("ME failure"),
    301: Meaning("SMS service of ME reserved"),
    302: Meaning("operation not allowed"),
    303: Meaning("operation not supported"),
    304: Meaning("invalid PDU mode parameter", _P),
    305: Meaning("invalid text mode parameter"),
    310: Meaning("(U)SIM not inserted", _S, NO_SIM),
    311: Meaning("(U)SIM PIN required", _S, PIN_ASKED),
    312: Meaning("PH-(U)SIM PIN required", _S, SIM_LOCKED),
    313: Meaning("(U)SIM failure", _S, SIM_BROKEN),
    314: Meaning("(U)SIM busy", _S),
    315: Meaning("(U)SIM wrong", _S, SIM_BROKEN),
    316: Meaning("(U)SIM PUK required", _S, PUK_ASKED),
    317: Meaning("(U)SIM PIN2 required", _S),
    318: Meaning("(U)SIM PUK2 required", _S),
    320: Meaning("memory failure"),
    321: Meaning("invalid memory index"),
    322: Meaning("memory full", _T, FULL),
    330: Meaning("SMSC address unknown", _N, NO_SMSC),
    331: Meaning("no network service", _S, NO_NETWORK),
    332: Meaning("network timeout", _S, NETWORK_SILENT),
    340: Meaning("no +CNMA acknowledgement expected"),
    500: Meaning("unknown error"),
}
CME: Mapping[int, Meaning] = {
    0: Meaning("phone failure"),
    1: Meaning("no connection to phone"),
    2: Meaning("phone-adaptor link reserved"),
    3: Meaning("operation not allowed"),
    4: Meaning("operation not supported"),
    5: Meaning("PH-SIM PIN required", _S, SIM_LOCKED),
    6: Meaning("PH-FSIM PIN required", _S, SIM_LOCKED),
    7: Meaning("PH-FSIM PUK required", _S, SIM_LOCKED),
    10: Meaning("SIM not inserted", _S, NO_SIM),
    11: Meaning("SIM PIN required", _S, PIN_ASKED),
    12: Meaning("SIM PUK required", _S, PUK_ASKED),
    13: Meaning("SIM failure", _S, SIM_BROKEN),
    14: Meaning("SIM busy", _S),
    15: Meaning("SIM wrong", _S, SIM_BROKEN),
    16: Meaning("incorrect password"),
    17: Meaning("SIM PIN2 required", _S),
    18: Meaning("SIM PUK2 required", _S),
    20: Meaning("memory full", _T, FULL),
    21: Meaning("invalid index"),
    22: Meaning("not found"),
    23: Meaning("memory failure"),
    24: Meaning("text string too long"),
    25: Meaning("invalid characters in text string"),
    26: Meaning("dial string too long"),
    27: Meaning("invalid characters in dial string"),
    30: Meaning("no network service", _S, NO_NETWORK),
    31: Meaning("network timeout", _S, NETWORK_SILENT),
    32: Meaning("network not allowed - emergency calls only", _S, DENIED),
    40: Meaning("network personalization PIN required", _S, SIM_LOCKED),
    41: Meaning("network personalization PUK required", _S, SIM_LOCKED),
    42: Meaning("network subset personalization PIN required", _S, SIM_LOCKED),
    43: Meaning("network subset personalization PUK required", _S, SIM_LOCKED),
    44: Meaning("service provider personalization PIN required", _S, SIM_LOCKED),
    45: Meaning("service provider personalization PUK required", _S, SIM_LOCKED),
    46: Meaning("corporate personalization PIN required", _S, SIM_LOCKED),
    47: Meaning("corporate personalization PUK required", _S, SIM_LOCKED),
    50: Meaning("incorrect parameters"),
    100: Meaning("unknown"),
    103: Meaning("illegal MS", _S, DENIED),
    106: Meaning("illegal ME", _S, "Jaringan menolak modem ini (IMEI). Daftarkan IMEI-nya atau pakai modem lain."),
    107: Meaning("GPRS services not allowed", _S),
    111: Meaning("PLMN not allowed", _S, DENIED),
    112: Meaning("location area not allowed", _S, DENIED),
    113: Meaning("roaming not allowed in this location area", _S, DENIED),
}


def _spoken(words: str) -> str:
    """Words without what makes differ by maker: case, `(U)`, `USIM` for `SIM`, signs between words."""
    plain = words.lower().replace("(u)sim", "sim").replace("usim", "sim")
    return "".join(sign for sign in plain if sign.isalnum())


_ALIASES = {
    "CMS": {
        "smscaddressunknown": 330,
        "nonetwork": 331,
        "unknown": 500,
        "invalidpduparameter": 304,
        "simnotpresent": 310,
    },
    "CME": {"nonetwork": 30, "unknownerror": 100, "simnotpresent": 10, "networknotallowedemergencycallsonly": 32},
}
_NUMBERS = {
    "CMS": {_spoken(meaning.words): number for number, meaning in reversed(list(CMS.items()))} | _ALIASES["CMS"],
    "CME": {_spoken(meaning.words): number for number, meaning in reversed(list(CME.items()))} | _ALIASES["CME"],
}


def number_of(family: str, text: str) -> int | None:
    """The code in what stands behind `+CMS ERROR:` or `+CME ERROR:` (`family` CMS or CME): digits, or the words of AT+CMEE=2."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text)
    return _NUMBERS[family].get(_spoken(text))


def meaning_of(final: str, code: int | None) -> Meaning:
    """What a final line and its code mean; a code no standard knows is a temporary refusal."""
    table = CMS if final.startswith("+CMS") else CME if final.startswith("+CME") else {}
    return table.get(code, Meaning("unknown")) if code is not None else Meaning("error without a code")
