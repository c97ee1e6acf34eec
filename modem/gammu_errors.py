"""libgammu's kinds of errors as errors of a modem. A kind that is in no table is a refusal that may pass."""

from __future__ import annotations

import gammu

from .types import Fault, ModemAbsent, ModemError, ModemRefused, ModemSilent, PinNeeded, SimMissing

EMPTY = (gammu.ERR_EMPTY, gammu.ERR_INVALIDLOCATION)
"""Nothing is in a slot, or no more messages follow."""
PIN = (gammu.ERR_SECURITYERROR,)
DECODING = (gammu.GSMError, ValueError, OverflowError, UnicodeError, SystemError)
"""All that a call of python-gammu raises: libgammu's errors, and its own where a value cannot be shown in Python."""

_GONE = (
    gammu.ERR_DEVICEOPENERROR,
    gammu.ERR_DEVICELOCKED,
    gammu.ERR_DEVICENOTEXIST,
    gammu.ERR_DEVICEBUSY,
    gammu.ERR_DEVICENOPERMISSION,
    gammu.ERR_DEVICENODRIVER,
    gammu.ERR_DEVICENOTWORK,
    gammu.ERR_DEVICEDTRRTSERROR,
    gammu.ERR_DEVICECHANGESPEEDERROR,
    gammu.ERR_DEVICEWRITEERROR,
    gammu.ERR_DEVICEREADERROR,
    gammu.ERR_NOTCONNECTED,
    gammu.ERR_COULDNT_CONNECT,
    gammu.ERR_COULDNT_RESOLVE,
)
_MUTE = (gammu.ERR_TIMEOUT, gammu.ERR_ABORTED, gammu.ERR_NOECHO, gammu.ERR_DEVICEPARITYERROR, gammu.ERR_WRONGCRC)
_MISCONFIGURED = (
    gammu.ERR_UNKNOWNCONNECTIONTYPESTRING,
    gammu.ERR_UNKNOWNMODELSTRING,
    gammu.ERR_OTHERCONNECTIONREQUIRED,
    gammu.ERR_SOURCENOTAVAILABLE,
    gammu.ERR_UNCONFIGURED,
)
_FAULTS: tuple[tuple[tuple[type[Exception], ...], Fault], ...] = (
    ((gammu.ERR_EMPTYSMSC, gammu.ERR_GETTING_SMSC), Fault.NO_SMSC),
    ((gammu.ERR_NOSERVICE, gammu.ERR_PHONEOFF), Fault.NO_SERVICE),
    ((gammu.ERR_NOTSUPPORTED, gammu.ERR_NOTIMPLEMENTED, gammu.ERR_INVALIDDATA, *_MISCONFIGURED), Fault.PERMANENT),
)
_SENTENCES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((gammu.ERR_DEVICENOPERMISSION,), "Waspada tidak berhak membuka modem. Masukkan pengguna ini ke grup dialout."),
    ((gammu.ERR_DEVICEBUSY, gammu.ERR_DEVICELOCKED), "Modem sedang dipakai program lain. Tutup program itu."),
    (_MISCONFIGURED, "libgammu tidak mengenal sambungan atau model HP ini. Periksa pengaturan modem."),
    (_FAULTS[0][0], "Nomor pusat SMS (SMSC) belum diatur di SIM."),
)


def error_for(command: str, error: Exception) -> ModemError:
    """The error of a modem for what `command` of python-gammu raised. Names only libgammu's kind: its texts may quote numbers."""
    kind = type(error).__name__
    sentence = next((text for kinds, text in _SENTENCES if isinstance(error, kinds)), None)
    if isinstance(error, _GONE):
        return ModemAbsent(f"{kind} from {command}", operator=sentence)
    if isinstance(error, _MUTE):
        return ModemSilent(f"{kind} from {command}")
    if isinstance(error, PIN):
        return PinNeeded(command, kind)
    if isinstance(error, gammu.ERR_NOSIM):
        return SimMissing(command, kind)
    fault = next((fault for kinds, fault in _FAULTS if isinstance(error, kinds)), Fault.TEMPORARY)
    return ModemRefused(command, kind, fault=fault, operator=sentence)
