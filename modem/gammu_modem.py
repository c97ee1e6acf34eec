"""The driver for telephones that libgammu knows and that speak no usable AT, through python-gammu's state machine.

How it differs from `SerialModem`, which is the one to use wherever AT works:

- libgammu shows decoded SMS, never PDUs: `gammu_sms` writes each down as a PDU. Half a surrogate pair at the edge of a part and
  the exact type of an address are lost on the way.
- libgammu blocks, and its own patience is counted in tries, not seconds. A timer calls `Abort` when ours ends: the call comes
  back with ERR_ABORTED, every later one too, and the telephone must be opened anew, as after any ModemSilent.
- It tells kinds of errors, not the network's codes: `ModemRefused.code` stays None and `fault` is as fine as the kinds are.
- Opening takes four seconds and more, sending one: it waits between its steps.
- What it cannot decode cannot be read, and what cannot be read is not deleted: the status says that such SMS are there.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import gammu

from . import answers
from .gammu_errors import DECODING, EMPTY, PIN, error_for
from .gammu_machine import configure, ended_after, muted
from .gammu_sms import stored_hex, submission
from .pin import Denial, Pin
from .types import (
    DIRECT,
    Fault,
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemSilent,
    ModemState,
    ModemStatus,
    Notification,
    OutgoingPdu,
    PduError,
    PinNeeded,
    SendResult,
    StoredPdu,
)

OPEN_PATIENCE = 6
"""Longest time for opening, as a multiple of the silence allowed: it asks a dozen things, each with its own pauses."""
LOOK_SECONDS = 0.05
"""Pause between two looks at the line while waiting: libgammu cannot be woken by the arrival of octets."""
CLOSE_SECONDS = 2.0
LAST_SLOT = 255
"""How far slots are tried where the telephone counts in steps, and its size says too little."""
_ONE_FLAT_FOLDER = 0
"""libgammu's folder 0 shows all folders as one; its locations are unique in it."""
_NETWORK = {
    "RegistrationDenied": answers.registration_state(3),
    "NoNetwork": answers.registration_state(0),
    "RequestingNetwork": answers.registration_state(2),
}
"""libgammu's words for the states of 27.007 7.2; any other counts as registered."""
_READY = answers.registration_state()
_FULL = (ModemState.FULL, answers.FULL)
_UNREADABLE = "Ada SMS di HP yang tidak dapat dibaca Waspada. Baca dan hapus di HP itu."
_NO_STORE = 'HP ini tidak memberikan SMS-nya lewat libgammu. Pakai driver = "at" atau HP lain.'


class GammuModem:
    """A telephone behind libgammu.

    Parameters: `port` as libgammu takes it (a path, `COM5`, a Bluetooth address), `connection` and `model` as in gammurc
    (`at`, `fbus`, `bluephonet` …; '' lets libgammu find the model), `baud` for `at` only; times in seconds. `pin` is asked when
    the SIM wants its PIN, without saying which card it is or how many tries it has left: libgammu tells neither.
    """

    def __init__(
        self,
        port: str,
        *,
        baud: int = 115_200,
        connection: str = "at",
        model: str = "",
        answer_seconds: float = 15.0,
        send_seconds: float = 60.0,
        pin: Pin | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        make_machine: Callable[[], Any] = gammu.StateMachine,
    ) -> None:
        self._port = port
        self._connection = f"{connection}{baud}" if connection == "at" else connection
        self._model = model
        self._answer_seconds, self._send_seconds = answer_seconds, send_seconds
        self._pin = pin
        self._monotonic = monotonic
        self._make_machine = make_machine
        self._machine: Any = None
        self._pending: deque[Notification] = deque()
        self._woken = threading.Event()
        self._ussd: dict[str, Any] | None = None
        self._centre: str | None = None
        self._unreadable = False
        self._identity: dict[str, str | None] = {}
        self.notifies = False

    def open(self) -> None:
        """Open the telephone and prepare it. Raises ModemAbsent, ModemSilent, PinNeeded, SimMissing or ModemRefused."""
        self.close()
        # A message that came directly is nowhere else: it outlives a line that broke before `wait` handed it out.
        self._pending = deque(news for news in self._pending if news.stored)
        self._machine = self._make_machine()
        configure(self._machine, self._port, self._connection, self._model)
        try:
            self._call("Init", seconds=self._answer_seconds * OPEN_PATIENCE)
            self._unlock()
            if self._ask("GetSMSStatus") is None:
                raise ModemRefused("GetSMSStatus", "no SMS store", fault=Fault.PERMANENT, operator=_NO_STORE)
            self._prepare()
        except ModemError:
            self.close()
            raise

    def close(self) -> None:
        """Close it; never raises."""
        machine, self._machine = self._machine, None
        if machine is not None:
            # Without a callback nothing of Python's runs while python-gammu frees the machine, which it would not survive.
            machine.SetIncomingCallback(None)
            with contextlib.suppress(*DECODING), ended_after(CLOSE_SECONDS, machine):
                machine.Terminate()
            machine.Abort()  # where it could not terminate, it tries once more when it is freed: then without waiting

    def reset(self) -> None:
        """Make the telephone start anew; it is closed afterwards. Never raises."""
        with contextlib.suppress(ModemError):
            self._call("Reset", False)
        self.close()

    def _unlock(self) -> None:
        wanted = self._ask("GetSecurityStatus")
        if wanted is None:
            return
        answer = self._pin.to_try("", False) if self._pin and wanted == "PIN" else None
        if self._pin is None or answer is None or isinstance(answer, Denial):
            raise PinNeeded("GetSecurityStatus", str(wanted))
        try:
            self._call("EnterSecurityCode", "PIN", answer)
        except PinNeeded:
            self._pin.refused()
            raise
        except ModemRefused:  # the SIM is busy, or not there
            self._pin.not_tried()
            raise
        self._pin.accepted()

    def _prepare(self) -> None:
        model = self._ask("GetModel") or ("", "")
        self._identity = {
            "manufacturer": self._ask("GetManufacturer") or None,
            "model": model[1] or model[0] or None,
            "imei": self._ask("GetIMEI") or None,
            "imsi": self._ask("GetSIMIMSI") or None,
        }
        self._ask_for_centre()
        self._machine.SetIncomingCallback(self._happened)
        # Over AT only reports are announced: see `configure`.
        self.notifies = self._can("SetIncomingSMS", True) and not self._connection.startswith("at")
        self._can("SetIncomingUSSD", True)

    def _ask_for_centre(self) -> None:
        """The service centre's number; '' where the SIM has none, None where the telephone does not tell."""
        centre = self._ask("GetSMSC")
        self._centre = None if centre is None else str(centre.get("Number", "") or "")

    def status(self) -> ModemStatus:
        """Network, signal, store fill. Raises ModemAbsent, ModemSilent, PinNeeded or SimMissing where it tells nothing."""
        network = self._ask("GetNetworkInfo") or {}
        strength = (self._ask("GetSignalQuality") or {}).get("SignalPercent", -1)
        fullest = max(self._fill().values(), key=lambda fill: fill[0] / fill[1], default=None)
        if not self._centre:
            self._ask_for_centre()
        state, sentence = _NETWORK.get(network.get("State", ""), _READY)
        if fullest is not None and fullest[0] >= fullest[1]:
            state, sentence = _FULL
        if self._unreadable and state in (ModemState.READY, ModemState.FULL):
            sentence = _UNREADABLE
        return ModemStatus(
            state=state,
            sentence=sentence,
            port=self._port,
            operator=network.get("NetworkName") or None,
            signal_percent=strength if 0 <= strength <= 100 else None,
            sim_used=fullest[0] if fullest else None,
            sim_capacity=fullest[1] if fullest else None,
            smsc=self._centre,
            **self._identity,
        )

    def _fill(self) -> dict[str, tuple[int, int]]:
        """Used and all slots of each memory the telephone has."""
        told = self._ask("GetSMSStatus") or {}
        fills = {"SM": (told.get("SIMUsed", 0), told.get("SIMSize", 0))}
        fills["ME"] = (told.get("PhoneUsed", 0), told.get("PhoneSize", 0))
        return {memory: fill for memory, fill in fills.items() if fill[1] > 0}

    def list_stored(self, storage: str = "") -> list[StoredPdu]:
        """Everything received in one memory, or in all; drafts and sent messages are not ours to touch."""
        try:
            found, unreadable = self._walk(), False
        except _Unreadable:
            found, unreadable = self._scan()
        stored: list[StoredPdu] = []
        for sms in found:
            if sms["Type"] == "Submit" or storage not in ("", sms["Memory"]):
                continue
            try:
                stored.append(StoredPdu(sms["Location"], stored_hex(sms), sms["Memory"]))
            except PduError:
                unreadable = True
        self._unreadable = unreadable
        return stored

    def _walk(self) -> list[dict[str, Any]]:
        """All messages, asked for one after the other. Raises _Unreadable at the first that libgammu cannot decode."""
        found: dict[int, dict[str, Any]] = {}
        step: dict[str, Any] = {"Start": True}
        while True:
            entries = self._read("GetNextSMS", **step)
            if not entries or entries[0]["Location"] in found:  # the end, or a telephone that begins again
                return list(found.values())
            found |= {sms["Location"]: sms for sms in entries}
            step = {"Location": entries[0]["Location"]}

    def _scan(self) -> tuple[list[dict[str, Any]], bool]:
        """All messages slot by slot, past those that cannot be decoded; and whether there were such."""
        fills = self._fill()
        found: list[dict[str, Any]] = []
        unreadable = False
        for number, folder in enumerate(self._call("GetSMSFolders"), 1):
            used, size = fills.get(folder["Memory"], (0, 0))
            met = 0
            for slot in range(max(size, LAST_SLOT) + 1) if folder["Inbox"] else ():
                if met >= used:
                    break
                try:
                    entries = self._read("GetSMS", folder=number, Location=slot)
                except _Unreadable:
                    unreadable, met = True, met + 1
                else:
                    found, met = found + entries, met + len(entries)
        return found, unreadable

    def _read(self, name: str, *, folder: int = _ONE_FLAT_FOLDER, **place: Any) -> list[dict[str, Any]]:
        """One message (some telephones: with its other parts), [] where there is none. Raises _Unreadable."""
        try:
            entries: list[dict[str, Any]] = self._guarded(name, self._answer_seconds, Folder=folder, **place)
        except EMPTY:
            return []
        except DECODING as error:
            translated = error_for(name, error)
            if isinstance(translated, ModemRefused) and not isinstance(error, PIN):
                raise _Unreadable from None
            raise self._explained(translated, error) from None
        return entries

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        """Delete these, each by its location; a slot that is already empty is no error.

        Raises ModemRefused for the first other one, after the rest was tried.
        """
        refused: ModemRefused | None = None
        for pdu in stored:
            if pdu.slot is None:
                continue
            try:
                self._guarded("DeleteSMS", self._answer_seconds, Folder=_ONE_FLAT_FOLDER, Location=pdu.slot)
            except EMPTY:
                continue
            except DECODING as error:
                translated = self._explained(error_for("DeleteSMS", error), error)
                if type(translated) is not ModemRefused:
                    raise translated from None
                refused = refused or translated
        if refused is not None:
            raise refused

    def send(self, pdu: OutgoingPdu) -> SendResult:
        """Hand one PDU to the network and wait for its answer. An error with `submitted` set leaves the outcome open."""
        wanted = submission(pdu, self._centre or "")
        try:
            reference = self._call("SendSMS", wanted, seconds=self._send_seconds)
        except (ModemAbsent, ModemSilent) as error:
            # libgammu does not tell whether it still waited for the prompt or already for the network.
            error.submitted = self._machine is not None
            raise
        return SendResult(reference if isinstance(reference, int) and 0 <= reference <= 255 else None)

    def ussd(self, code: str) -> str:
        """Send a USSD code and return the network's text."""
        self._ussd = None
        with muted():
            self._call("DialService", code, seconds=self._send_seconds)
        deadline = self._monotonic() + self._send_seconds
        while self._ussd is None:
            if self._monotonic() >= deadline:
                raise ModemSilent("no answer from the network to the USSD code")
            with muted():
                self._look()
            time.sleep(LOOK_SECONDS)
        answer = self._ussd
        if not answer.get("Text"):
            raise ModemRefused("DialService", str(answer.get("Status", "")))
        return str(answer["Text"]).split("\0", 1)[0]

    def wait(self, timeout: float) -> Notification | None:
        """Sleep until something is announced, `wake` is called or `timeout` seconds pass. Looks twenty times a second."""
        deadline = self._monotonic() + timeout
        while True:
            if self._pending:
                return self._pending.popleft()
            if self._woken.is_set():
                self._woken.clear()
                return Notification("woken")
            self._look()
            left = deadline - self._monotonic()
            if not self._pending and left <= 0:
                return None
            if not self._pending:
                self._woken.wait(min(LOOK_SECONDS, left))

    def wake(self) -> None:
        """End a running `wait`. The one method other threads may call."""
        self._woken.set()

    def acknowledge(self) -> None:
        """Nothing: libgammu never asks a telephone to hold direct deliveries back until they are acknowledged."""

    def _look(self) -> None:
        """Let libgammu take what came. It reads nothing for ever from a port that is gone, so the port is looked at too."""
        if self._port.startswith("/") and not os.path.exists(self._port):
            raise ModemAbsent(f"the port {self._port} is gone")
        try:
            self._opened().ReadDevice(False)
        except DECODING as error:
            raise error_for("ReadDevice", error) from None

    def _happened(self, machine: Any, kind: str, event: dict[str, Any]) -> None:
        """libgammu's callback, in the thread that called it."""
        if kind == "USSD":
            self._ussd = event
        elif kind == "SMS" and "Text" not in event:
            if Notification("arrived") not in self._pending:  # one is enough: whoever hears it lists everything
                self._pending.append(Notification("arrived"))
        elif kind == "SMS":
            try:
                self._pending.append(Notification("delivered", stored=StoredPdu(None, stored_hex(event), DIRECT)))
            except PduError:
                self._unreadable = True

    # -- one call --------------------------------------------------------------------------------------------------

    def _opened(self) -> Any:
        if self._machine is None:
            raise ModemAbsent(f"the port {self._port} is not open")
        return self._machine

    def _guarded(self, name: str, seconds: float, *given: Any, **named: Any) -> Any:
        """One call of libgammu, ended after `seconds`. Raises its own errors, and ModemAbsent where nothing is open."""
        machine = self._opened()
        with ended_after(seconds, machine):
            return getattr(machine, name)(*given, **named)

    def _call(self, name: str, *given: Any, seconds: float | None = None) -> Any:
        try:
            return self._guarded(name, seconds or self._answer_seconds, *given)
        except DECODING as error:
            raise self._explained(error_for(name, error), error) from None

    def _explained(self, translated: ModemError, error: Exception) -> ModemError:
        """libgammu says "security error" for a locked SIM and for other things that are not allowed: ask which it is."""
        if isinstance(error, PIN):
            with contextlib.suppress(*DECODING):
                if wanted := self._guarded("GetSecurityStatus", self._answer_seconds):
                    return PinNeeded(str(translated.args[0]), str(wanted))
        return translated

    def _ask(self, name: str) -> Any:
        """What it tells; None where it refuses to."""
        try:
            return self._call(name)
        except PinNeeded:
            raise
        except ModemRefused as refused:
            if type(refused) is not ModemRefused:
                raise
            return None

    def _can(self, name: str, on: bool) -> bool:
        try:
            self._call(name, on)
        except ModemRefused:
            return False
        return True


class _Unreadable(Exception):
    """libgammu cannot decode a message."""
