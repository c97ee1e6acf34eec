"""Making a modem ready: radio on, SIM unlocked, PDU mode, and who it is. Nothing here but AT+CMGF=0 has to succeed.

What lives here: the commands at the start and what a restarted modem forgets. What does not: where messages are kept
(`storages.py`) and how they are announced (`arrivals.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from . import codes
from .answers import digits, is_busy, refusal
from .at import Answer
from .at_line import OPTIONAL_SECONDS, AtLine
from .pin import Denial, Pin
from .types import Fault, ModemRefused, ModemSilent, PinNeeded, SimMissing

SIM_SECONDS = 30.0
"""How long a SIM may take to be ready after power-on or after its PIN."""
SIM_POLL_SECONDS = 0.5
_IMEI_DIGITS, _IMSI_DIGITS, _ICCID_DIGITS = 14, 14, 18
"""Least digits of each (TS 23.003 6.2, 2.2; ITU-T E.118)."""
_WRONG_PIN = (11, 16)
_NOT_READY = frozenset(["NOT READY", "BUSY", "SIM BUSY"])
_NO_SIM = frozenset(["NOT INSERTED", "NO SIM", "SIM NOT INSERTED", "REMOVED"])
_USABLE = frozenset(["READY", "", "SIM PIN2", "SIM PUK2"])
"""PIN2 guards fixed dialling numbers, not SMS."""

SIM_SLOW = "Kartu SIM belum siap; dicoba lagi sendiri."
PIN_MISSING = "SIM meminta PIN, tetapi berkas PIN belum ada. Isi pin_file di pengaturan, atau matikan PIN lewat ponsel."
PIN_UNREADABLE = (
    "Berkas PIN tidak dapat dipakai. Periksa isinya (4 sampai 8 angka) dan haknya, atau matikan PIN lewat ponsel."
)
PIN_REFUSED = "PIN ditolak kartu SIM dan tidak dicoba lagi. Betulkan isi berkas PIN."
PIN_IN_DOUBT = "PIN belum pasti benar dan tidak dicoba lagi. Buka kartu SIM dengan PIN di ponsel, atau matikan PIN."
PIN_LAST_TRY = "Tinggal satu percobaan PIN; Waspada tidak memakainya. Masukkan PIN yang benar lewat ponsel."
_DENIALS = {
    Denial.REFUSED: PIN_REFUSED,
    Denial.IN_DOUBT: PIN_IN_DOUBT,
    Denial.UNREADABLE: PIN_UNREADABLE,
}


@dataclass(frozen=True)
class Identity:
    """Who a modem is; None where it does not tell. `imei` and `imsi`: digits only."""

    manufacturer: str | None = None
    model: str | None = None
    imei: str | None = None
    imsi: str | None = None


def speak_plainly(at: AtLine) -> None:
    """No echo, errors with numbers, text as ASCII, operators by name: what every restart forgets."""
    at.optional("ATE0")
    at.optional("AT+CMEE=1")
    at.notice_echo()


def radio_on(at: AtLine) -> None:
    """Some sticks start with the radio off (27.007 8.2: 0 minimum, 4 flight mode)."""
    if (at.value("AT+CFUN?", "+CFUN") or "").split(",")[0].strip() in ("0", "4"):
        at.optional("AT+CFUN=1")


def pdu_mode(at: AtLine) -> None:
    """The one setting nobody can do without. Raises ModemRefused where the modem does not know it."""
    answer = at.command("AT+CMGF=0")
    if not answer.ok:
        raise refusal(answer, operator="Modem ini tidak mengenal mode PDU dan tidak dapat dipakai.")


def conveniences(at: AtLine) -> None:
    """Texts in ASCII instead of UCS-2, operators by name, the radio link kept between the parts of a long SMS (27.005 3.5.6)."""
    if at.lines('AT+CSCS="IRA"') is None:
        at.optional('AT+CSCS="GSM"')
    at.optional("AT+COPS=3,0")
    at.optional("AT+CMMS=2")


def identity(at: AtLine) -> Identity:
    """Maker, model, IMEI, IMSI."""
    imei = digits(at.lines("AT+CGSN"), _IMEI_DIGITS) or digits(at.lines("AT+GSN"), _IMEI_DIGITS)
    return Identity(_words(at, "AT+CGMI"), _words(at, "AT+CGMM"), imei, imsi(at))


def imsi(at: AtLine) -> str | None:
    """The SIM's identity, digits only; None while it is not ready."""
    return digits(at.lines("AT+CIMI"), _IMSI_DIGITS)


def _words(at: AtLine, command: str) -> str | None:
    lines = at.lines(command)
    return lines[0].split(":", 1)[-1].strip().strip('"') or None if lines else None


# -- the SIM and its PIN -------------------------------------------------------------------------------------------


def unlock(at: AtLine, pin: Pin | None) -> None:
    """Wait for the SIM and enter its PIN where it asks for it. Raises PinNeeded, SimMissing or ModemRefused."""
    asked = _sim_state(at)
    if asked in _USABLE:
        return
    if asked != "SIM PIN":
        raise _locked(asked)
    if pin is None:
        raise _pin_needed(PIN_MISSING)
    _enter(at, pin)
    if (asked := _sim_state(at, until_usable=True)) not in _USABLE:
        raise _locked(asked)


def check_sim(at: AtLine) -> None:
    """Raise PinNeeded or SimMissing where the SIM in use was taken away or locked."""
    answer = at.optional("AT+CPIN?")
    if answer is None:
        return
    if not answer.ok and isinstance(error := refusal(answer), PinNeeded | SimMissing):
        raise error
    asked = next(iter(answer.values("+CPIN")), "")
    if answer.ok and asked not in _USABLE and asked not in _NOT_READY:
        raise _locked(asked)


def _sim_state(at: AtLine, *, until_usable: bool = False) -> str:
    """What +CPIN? says, once it says something lasting; '' for a modem that does not know the question."""
    deadline = at.monotonic() + SIM_SECONDS
    patience = at.answer_seconds
    while True:
        try:
            answer = at.command("AT+CPIN?", patience)
        except ModemSilent:
            at.probe(in_doubt=True)
            if patience < at.answer_seconds:
                return ""
            patience = min(OPTIONAL_SECONDS, at.answer_seconds * 0.9)
            continue
        asked = _asked(answer)
        waits = asked in _NOT_READY or (until_usable and asked not in _USABLE)
        if not waits:
            return asked
        if at.monotonic() >= deadline:
            return asked
        at.pause(SIM_POLL_SECONDS)


def _asked(answer: Answer) -> str:
    if answer.ok:
        return next(iter(answer.values("+CPIN")), "")
    if is_busy(answer):
        return "SIM BUSY"
    if answer.final.startswith(("+CME", "+CMS")) and answer.code in (11, 311):
        return "SIM PIN"
    if isinstance(error := refusal(answer), PinNeeded | SimMissing):
        raise error
    return ""


def _enter(at: AtLine, pin: Pin) -> None:
    left, default = _tries_left(at)
    if left == 1:
        raise _pin_needed(PIN_LAST_TRY)
    card = digits(at.lines("AT+CCID"), _ICCID_DIGITS) or digits(at.lines("AT^ICCID?"), _ICCID_DIGITS) or ""
    chosen = pin.to_try(card, left is not None and left >= default)
    if isinstance(chosen, Denial):
        raise _pin_needed(_DENIALS[chosen])
    answer = at.command(f'AT+CPIN="{chosen}"', secret=chosen)
    if answer.ok:
        pin.accepted()
        return
    if is_busy(answer):
        pin.not_tried()
        raise refusal(answer, operator=SIM_SLOW)
    # Only a modem that is ready after all makes another error harmless, such as `not allowed` because no PIN was asked.
    wrong = answer.final.startswith("+CME") and answer.code in _WRONG_PIN
    try:
        state = "SIM PIN" if wrong else _asked(at.command("AT+CPIN?"))
    except ModemRefused:
        pin.refused()
        raise
    if state == "READY":
        pin.accepted()
        return
    pin.refused()
    raise _locked(state) if state == "SIM PUK" else _pin_needed(PIN_REFUSED)


def _tries_left(at: AtLine) -> tuple[int | None, int]:
    """Tries left and tries of an untouched card, by +CPINR (27.007 8.65); None where the modem does not tell."""
    value = at.value('AT+CPINR="SIM PIN"', "+CPINR") or ""
    numbers = [int(piece) for piece in (part.strip() for part in value.split(",")) if piece.isdigit()]
    return (numbers[0] if numbers else None), (numbers[1] if len(numbers) > 1 else 3)


def _pin_needed(operator: str) -> PinNeeded:
    return PinNeeded("AT+CPIN?", "SIM PIN", 11, fault=Fault.NO_SERVICE, operator=operator)


def _locked(asked: str) -> ModemRefused:
    """The error for what +CPIN? asks, other than a PIN that can be entered."""
    if asked in _NO_SIM:
        return SimMissing("AT+CPIN?", asked, 10, fault=Fault.NO_SERVICE)
    if asked in _NOT_READY:
        return ModemRefused("AT+CPIN?", asked, 14, fault=Fault.NO_SERVICE, operator=SIM_SLOW)
    if asked == "SIM PIN":
        return _pin_needed(PIN_IN_DOUBT)
    sentence = codes.PUK_ASKED if asked == "SIM PUK" else codes.SIM_LOCKED
    return PinNeeded("AT+CPIN?", asked, 12, fault=Fault.NO_SERVICE, operator=sentence)
