"""The driver for everything that speaks AT over a serial line: `/dev/ttyUSB0`, `COM5`, `socket://HOST:PORT`.

Only AT+CMGF=0, AT+CMGL=4, AT+CMGD and AT+CMGS are assumed. Every other command may fail or stay silent, and then the
driver does without and does not ask again. One thread owns the driver; `wake` and `interrupt` may come from any.

    at.py         bytes to events                   at_line.py    one command, one answer, the news meanwhile
    setup.py      PIN, PDU mode, identity           storages.py   list and delete
    arrivals.py   how new messages are announced    answers.py, codes.py, ussd.py   what answers mean
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from . import answers, setup, ussd
from .arrivals import Arrivals
from .at import Answer, Unsolicited
from .at_line import AtLine, Tap
from .codes import NO_SMSC
from .pin import Pin
from .storages import Storages
from .types import (
    Fault,
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemSilent,
    ModemState,
    ModemStatus,
    Notification,
    OutgoingPdu,
    SendResult,
    StoredPdu,
)

SETUP_TRIES = 3
"""A modem that is seen to start while it is set up is set up again, so often at most."""
RESET_SECONDS = 3.0
"""How long a modem may take to say OK to its reset."""
_DELIVERIES = ("+CMT", "+CDS")
"""What waits for +CNMA; a cell broadcast does not."""


class SerialModem:
    """A modem on a serial line. Parameters: `port` as pyserial takes it; times in seconds; `pin`: who knows the SIM's PIN;
    `tap`: told every octet that passes, PINs starred out."""

    def __init__(
        self,
        port: str,
        *,
        baud: int = 115_200,
        answer_seconds: float = 15.0,
        send_seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
        pin: Pin | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._send_seconds = send_seconds
        self._pin = pin
        self._at = AtLine(port, baud=baud, answer_seconds=answer_seconds, monotonic=monotonic, tap=tap)
        self._storages = Storages(self._at)
        self._arrivals = Arrivals(self._at)
        self._identity = setup.Identity()
        self._smsc: str | None = None
        self._from_before = 0
        self._unacknowledged = 0
        self._ussd_packed = False
        self.notifies = False
        """Whether the modem announces new messages; without it the store must be polled."""

    # -- opening and closing ---------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the port, wake the modem and set it up. Raises ModemAbsent, ModemSilent, PinNeeded, SimMissing or ModemRefused."""
        self._at.open()
        self._from_before = sum(event.name in _DELIVERIES for event in self._at.news)
        self._unacknowledged = 0
        self._smsc = None
        self._at.probe()
        for _ in range(SETUP_TRIES):
            self._forget_starts()
            self._set_up()
            if not any(answers.tells_restart(event) for event in self._at.news):
                break
        self._forget_starts()

    def close(self) -> None:
        """Close the port; never raises."""
        self._at.close()

    def reset(self) -> None:
        """Make the modem start anew, also one that does not answer; the line is closed afterwards. Never raises."""
        with contextlib.suppress(ModemError):
            if not self._at.is_open:
                self._at.open()
            self._at.give_up()
            self._at.command("AT+CFUN=1,1", RESET_SECONDS)  # 27.007 8.2: full functionality, after a reset
        self._at.close()

    def _set_up(self) -> None:
        self._storages = Storages(self._at)
        self._arrivals = Arrivals(self._at)
        setup.speak_plainly(self._at)
        setup.radio_on(self._at)
        setup.unlock(self._at, self._pin)
        setup.pdu_mode(self._at)
        setup.conveniences(self._at)
        self._storages.choose()
        self._arrivals.choose()
        self.notifies = self._arrivals.notifies
        self._identity = setup.identity(self._at)

    def _forget_starts(self) -> None:
        """What the modem said about a start that is behind us is no news."""
        started = [event for event in self._at.news if answers.tells_restart(event) or answers.hints_restart(event)]
        for event in started:
            self._at.news.remove(event)
        self._at.echo_came_back = False

    def _renew(self) -> None:
        """Make the settings again that a restarted modem would have forgotten."""
        setup.speak_plainly(self._at)
        self._at.optional("AT+CMGF=0")
        self._storages.renew()
        self._arrivals.renew()

    # -- how it is -------------------------------------------------------------------------------------------------

    def status(self) -> ModemStatus:
        """Ask what the modem tells about itself, and renew its settings. Raises ModemAbsent or ModemSilent where it is gone or
        mute, PinNeeded or SimMissing where its SIM was taken away."""
        self._renew()
        state, sentence = self._registration()
        if state is not ModemState.READY:
            setup.check_sim(self._at)
        if self._identity.imsi is None:
            self._identity = replace(self._identity, imsi=setup.imsi(self._at))
        if not self._smsc:
            self._smsc = self._service_centre()
            if self._smsc == "":
                sentence = NO_SMSC
        fill = self._storages.fill()
        if fill is not None and fill.used >= fill.capacity:
            state, sentence = ModemState.FULL, answers.FULL
        operator = self._at.value("AT+COPS?", "+COPS")
        return ModemStatus(
            state=state,
            sentence=sentence,
            port=self._at.port,
            manufacturer=self._identity.manufacturer,
            model=self._identity.model,
            imei=self._identity.imei,
            imsi=self._identity.imsi,
            operator=answers.between_quotes(operator),
            signal_percent=answers.signal_percent(self._at.value("AT+CSQ", "+CSQ")),
            sim_used=fill.used if fill else None,
            sim_capacity=fill.capacity if fill else None,
            smsc=self._smsc,
        )

    def _registration(self) -> tuple[ModemState, str]:
        """The network's state. A stick for LTE may be on no circuit-switched network and work all the same."""
        states = [answers.registration(self._at.value("AT+CREG?", "+CREG"))]
        for name in ("+CEREG", "+CGREG"):
            if answers.is_registered(states[-1]) or 3 in states:
                break
            states.append(answers.registration(self._at.value(f"AT{name}?", name)))
        return answers.registration_state(*states)

    def _service_centre(self) -> str | None:
        """Number of the service centre (27.005 3.3.1); '' where the SIM has none, None where the modem does not tell."""
        value = self._at.value("AT+CSCA?", "+CSCA")
        return None if value is None else (answers.between_quotes(value) or "").strip()

    # -- receiving -------------------------------------------------------------------------------------------------

    def list_stored(self, storage: str = "") -> list[StoredPdu]:
        """Everything in one store, or in all that the modem has; slots are what the modem says."""
        return self._storages.list_stored(storage)

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        """Delete these, each from its own store. Raises ModemRefused after the rest was tried."""
        self._storages.delete(stored)

    def acknowledge(self) -> None:
        """Say that what was `delivered` is kept (27.005 3.4.4). What came before the line was opened anew is not waited for."""
        if self._unacknowledged:
            self._unacknowledged -= 1
            self._arrivals.acknowledge()

    def wait(self, timeout: float) -> Notification | None:
        """Sleep until something is announced, `wake` is called or `timeout` seconds pass."""
        deadline = self._at.monotonic() + timeout
        while True:
            while self._at.news:
                if news := self._notification(self._at.news.popleft()):
                    return news
            if self._at.echo_came_back:
                self._at.echo_came_back = False
                return Notification("restarted")
            if self._at.woken:
                self._at.woken = False
                return Notification("woken")
            if self._at.monotonic() >= deadline:
                return None
            self._at.listen(deadline)

    def wake(self) -> None:
        """End a running `wait`. Other threads may call it."""
        self._at.wake()

    def interrupt(self) -> None:
        """See `Interruptible`."""
        self._at.interrupt()

    def _notification(self, event: Unsolicited) -> Notification | None:
        if answers.hints_restart(event) and not answers.tells_restart(event):
            self._renew()  # where it did begin anew, its echo gives it away now
            return None
        if event.name in _DELIVERIES and event.pdu:
            if self._from_before:
                self._from_before -= 1
            else:
                self._unacknowledged += 1
        return answers.notification(event)

    # -- sending ---------------------------------------------------------------------------------------------------

    def send(self, pdu: OutgoingPdu) -> SendResult:
        """Submit one PDU (27.005 4.3). Raises ModemRefused with the network's code, ModemSilent where none came."""
        command = f"AT+CMGS={pdu.tpdu_octets}"
        answer = self._at.prompt(command)
        if answer is None and self._at.echo_came_back:
            # It began anew and may be in text mode, where the length would be taken for the recipient.
            self._at.give_up()
            self._at.probe(in_doubt=True)
            self._renew()
            answer = self._at.prompt(command)
        if answer is None:
            answer = self._submit(pdu.hex, command)
        elif answer.ok:
            raise ModemSilent(f"OK to {command} before its PDU: the answer to something else")
        if not answer.ok:
            raise answers.refusal(answer)
        reference = next(iter(answer.values("+CMGS")), "").split(",")[0].strip()
        return SendResult(int(reference) if reference.isdigit() else None)

    def _submit(self, body: str, command: str) -> Answer:
        try:
            return self._at.body(body, self._send_seconds, command)
        except (ModemAbsent, ModemSilent) as error:
            error.submitted = True
            raise

    # -- USSD ------------------------------------------------------------------------------------------------------

    def ussd(self, code: str) -> str:
        """Ask the network with a USSD code (27.007 7.15) and return its text. Raises ModemRefused with a sentence where the
        network has none; a network that keeps silent is no silent modem."""
        while self._at.take("+CUSD") is not None:
            pass  # the late answer to an earlier code is not the answer to this one
        forms = (True,) if self._ussd_packed else (False, True)
        for packed in forms:
            answer = self._at.command(f'AT+CUSD=1,"{ussd.pack(code) if packed else code}",15')
            if not answer.ok:
                if answers.may_be_form(answer) and packed is not forms[-1]:
                    continue
                raise answers.refusal(answer)
            line = self._await_ussd(code)
            if packed is not forms[-1] and line.startswith("4"):
                continue  # some take a plain code, send rubbish to the network and pass on its `not supported`
            self._ussd_packed = packed
            return self._ussd_text(line, code, packed)
        raise AssertionError("the last form returns or raises")

    def _await_ussd(self, code: str) -> str:
        deadline = self._at.monotonic() + self._send_seconds
        while (event := self._at.take("+CUSD")) is None:
            if self._at.monotonic() >= deadline:
                self._at.optional("AT+CUSD=2")
                raise ModemRefused(
                    f'AT+CUSD=1,"{code}"', "nothing from the network", fault=Fault.TEMPORARY, operator=ussd.NO_ANSWER
                )
            self._at.listen(deadline)
        return event.text

    def _ussd_text(self, line: str, code: str, packed: bool) -> str:
        read = ussd.read(line, code, packed=packed)
        if read.expects_reply:
            self._at.optional("AT+CUSD=2")  # we never choose from a menu; an open session would refuse the next code
        return read.text
