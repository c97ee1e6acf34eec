"""The driver for everything that speaks AT over a serial line: `/dev/ttyUSB0`, `COM5`, `socket://HOST:PORT`.

Only AT+CMGF=0, AT+CMGL=4, AT+CMGD and AT+CMGS are assumed. Every other command may fail or stay silent, and then the
driver does without and does not ask again. One thread owns the driver; `wake` may come from any.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from .answers import (
    INVALID_INDEX,
    UNKNOWN_COMMAND_CODES,
    between_quotes,
    is_whole,
    notification,
    refusal,
    registration_state,
    signal_percent,
    store_fill,
)
from .at import Answer, Dialogue, Event, Prompt, Unsolicited
from .serial_line import SerialLine
from .types import (
    ModemAbsent,
    ModemRefused,
    ModemSilent,
    ModemState,
    ModemStatus,
    Notification,
    OutgoingPdu,
    PinNeeded,
    SendResult,
    SimMissing,
    StoredPdu,
)

PROBES = 3
PROBE_SECONDS = 2.0
PATIENCE_FACTOR = 8
"""Longest time for one answer, as a multiple of the silence allowed."""
PROMPT_SECONDS = 10.0
"""27.005 names no limit; slow phones show the prompt after some seconds."""
_NEW_MESSAGE_MODES = ("2,1,0,0,0", "2,1", "1,1,0,0,0")
"""Arguments of AT+CNMI (27.005 3.4.1) from the best to the most modest; `1` in second place = store and announce."""
SETTLE_SECONDS = 0.2
"""After a probe the line must be quiet this long: an answer that comes late to a command given up is none to the next."""
OPTIONAL_SECONDS = 5.0
"""Patience with commands we can do without."""


class SerialModem:
    """A modem on a serial line. Parameters: `port` as pyserial takes it; times in seconds."""

    def __init__(
        self,
        port: str,
        *,
        baud: int = 115_200,
        answer_seconds: float = 15.0,
        send_seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port = port
        self._baud = baud
        self._answer_seconds = answer_seconds
        self._send_seconds = send_seconds
        self._monotonic = monotonic
        self._line: SerialLine | None = None
        self._dialogue = Dialogue()
        self._pending: deque[Event] = deque()
        self._woken = False
        self._unanswered: set[str] = set()
        self._status = ModemStatus(ModemState.ABSENT, port=port)
        self.notifies = False
        """Whether the modem announces new messages; without it the store must be polled."""

    def open(self) -> None:
        """Open the port, wake the modem and set it up. Raises ModemAbsent, ModemSilent or ModemRefused."""
        self.close()
        self._dialogue = Dialogue()
        # A message that came directly is nowhere else: it outlives a line that broke before `wait` handed it out.
        self._pending = deque(event for event in self._pending if isinstance(event, Unsolicited) and event.pdu)
        self._unanswered.clear()
        self._line = SerialLine(self._port, self._baud, self._answer_seconds)
        self._probe()
        self._set_up()

    def close(self) -> None:
        """Close the port; never raises."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def status(self) -> ModemStatus:
        """Ask what the modem tells about itself. Raises ModemAbsent or ModemSilent where it tells nothing at all."""
        registration = self._ask("AT+CREG?", "+CREG")
        strength = self._ask("AT+CSQ", "+CSQ")
        operator = self._ask("AT+COPS?", "+COPS")
        store = self._ask("AT+CPMS?", "+CPMS")
        used, capacity = store_fill(store)
        state, sentence = registration_state(registration)
        if capacity is not None and used is not None and used >= capacity:
            state, sentence = ModemState.FULL, "Kartu SIM penuh; SMS baru tertahan di operator sampai ada tempat."
        self._status = ModemStatus(
            state=state,
            sentence=sentence,
            port=self._port,
            manufacturer=self._status.manufacturer,
            model=self._status.model,
            imei=self._status.imei,
            imsi=self._status.imsi,
            operator=between_quotes(operator),
            signal_percent=signal_percent(strength),
            sim_used=used,
            sim_capacity=capacity,
        )
        return self._status

    def list_stored(self, storage: str = "") -> list[StoredPdu]:
        """All messages of the store (27.005 4.1); slots are what the modem says.

        Announced lengths are not trusted, but what is shorter is read once more: a line that lost octets must not become the
        only copy of a message.
        """
        stored = self._list()
        if all(whole for _, whole in stored):
            return [pdu for pdu, _ in stored]
        again = {pdu.slot: pdu for pdu, whole in self._list() if whole}
        return [pdu if whole else again.get(pdu.slot, pdu) for pdu, whole in stored]

    def _list(self) -> list[tuple[StoredPdu, bool]]:
        """What the store holds, each with whether it is as long as it should be."""
        answer = self._command("AT+CMGL=4")
        if not answer.ok:
            if answer.code in (None, INVALID_INDEX):
                return []  # some modems answer ERROR for an empty store
            raise refusal(answer)
        stored: list[tuple[StoredPdu, bool]] = []
        slot: int | None = None
        length = ""
        for line in answer.lines:
            if line.startswith("+CMGL:"):
                fields = line[6:].split(",")
                first, length = fields[0].strip(), fields[-1].strip()
                slot = int(first) if first.isdigit() else None
            elif slot is not None:
                stored.append((StoredPdu(slot, line), is_whole(line, length)))
                slot = None
        return stored

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        """Delete slots one by one (27.005 3.5.4); an empty one is no error.

        Raises ModemRefused for the first other one, after the rest was tried: one bad slot must not let the SIM fill up.
        """
        refused: ModemRefused | None = None
        for pdu in stored:
            answer = self._command(f"AT+CMGD={pdu.slot}")
            if not answer.ok and answer.code != INVALID_INDEX:
                refused = refused or refusal(answer)
        if refused is not None:
            raise refused

    def send(self, pdu: OutgoingPdu) -> SendResult:
        """Submit one PDU (27.005 4.3). Raises ModemRefused with the network's code, ModemSilent where none came."""
        command = f"AT+CMGS={pdu.tpdu_octets}"
        self._write(self._dialogue.command(command, body=True))
        event = self._until((Prompt, Answer), PROMPT_SECONDS, command)
        if isinstance(event, Prompt):
            event = self._submit(pdu.hex, command)
        elif isinstance(event, Answer) and event.ok:
            raise ModemSilent(f"OK to {command} before its PDU: the answer to something else")
        assert isinstance(event, Answer)
        if not event.ok:
            raise refusal(event)
        reference = next(iter(event.values("+CMGS")), "").split(",")[0]
        return SendResult(int(reference) if reference.isdigit() else None)

    def _submit(self, body: str, command: str) -> Event:
        try:
            self._write(self._dialogue.body(body))
            return self._until((Answer,), self._send_seconds, command)
        except (ModemAbsent, ModemSilent) as error:
            error.submitted = True
            raise

    def ussd(self, code: str) -> str:
        """Ask the network with a USSD code (27.007 7.15) and return its text."""
        answer = self._command(f'AT+CUSD=1,"{code}",15')
        if not answer.ok:
            raise refusal(answer)
        deadline = self._monotonic() + self._send_seconds
        early = [event for event in self._pending if isinstance(event, Unsolicited) and event.name == "+CUSD"]
        text = early[-1].text if early else None
        while text is None:
            event = self._next_event(deadline)
            if event is None:
                raise ModemSilent(f"no answer from the network to {code}")
            if isinstance(event, Unsolicited) and event.name == "+CUSD":
                text = event.text
            else:
                self._pending.append(event)
        return between_quotes(text) or text

    def acknowledge(self) -> None:
        """Say that what was `delivered` is kept."""

    def reset(self) -> None:
        """Make the modem start anew."""
        self.close()

    def wait(self, timeout: float) -> Notification | None:
        """Sleep until something is announced, `wake` is called or `timeout` seconds pass."""
        deadline = self._monotonic() + timeout
        while True:
            while self._pending:
                if news := notification(self._pending.popleft()):
                    return news
            if self._woken:
                self._woken = False
                return Notification("woken")
            if self._monotonic() >= deadline:
                return None
            self._pending.extend(self._dialogue.feed(self._read(deadline, interruptible=True)))

    def wake(self) -> None:
        """End a running `wait`. The one method other threads may call."""
        self._woken = True
        line = self._line
        if line is not None:
            line.interrupt()

    # -- set-up ----------------------------------------------------------------------------------------------------

    def _probe(self) -> None:
        for _ in range(PROBES):
            self._write(self._dialogue.abandon() + b"\r")
            self._open_line().discard_input()
            try:
                if self._command("AT", PROBE_SECONDS).ok:
                    self._settle()
                    return
            except ModemSilent:
                continue
        raise ModemSilent(f"nothing on {self._port} answers AT")

    def _settle(self) -> None:
        now = self._monotonic()
        quiet_at, cap = now + SETTLE_SECONDS, now + PATIENCE_FACTOR * SETTLE_SECONDS
        while (now := self._monotonic()) < min(quiet_at, cap):
            if octets := self._read(quiet_at):
                self._pending.extend(self._dialogue.feed(octets))
                quiet_at = now + SETTLE_SECONDS

    def _set_up(self) -> None:
        self._try("ATE0")
        self._try("AT+CMEE=1")
        self._check_pin()
        answer = self._command("AT+CMGF=0")
        if not answer.ok:
            raise refusal(answer, operator="Modem ini tidak mengenal mode PDU dan tidak dapat dipakai.")
        self._try('AT+CPMS="SM","SM","SM"')
        self.notifies = any(self._try(f"AT+CNMI={mode}") is not None for mode in _NEW_MESSAGE_MODES)
        self._status = ModemStatus(
            ModemState.SEARCHING,
            "Modem siap, mencari jaringan.",
            port=self._port,
            manufacturer=self._identity("AT+CGMI"),
            model=self._identity("AT+CGMM"),
            imei=self._identity("AT+CGSN"),
            imsi=self._identity("AT+CIMI"),
        )

    def _check_pin(self) -> None:
        try:
            answer = self._command("AT+CPIN?", OPTIONAL_SECONDS)
        except ModemSilent:
            self._probe()
            return
        asked = next(iter(answer.values("+CPIN")), "")
        if answer.ok and asked not in ("READY", ""):
            raise PinNeeded(answer.command, asked, 11)
        if not answer.ok and isinstance(error := refusal(answer), PinNeeded | SimMissing):
            raise error

    def _identity(self, command: str) -> str | None:
        lines = self._try(command)
        return lines[0].split(":", 1)[-1].strip().strip('"') if lines else None

    # -- one command -----------------------------------------------------------------------------------------------

    def _command(self, command: str, seconds: float | None = None) -> Answer:
        self._write(self._dialogue.command(command))
        event = self._until((Answer,), seconds or self._answer_seconds, command)
        assert isinstance(event, Answer)
        return event

    def _try(self, command: str) -> tuple[str, ...] | None:
        """Lines of an optional command's answer; None where the modem refuses it or stays silent (never asked again).

        Raises ModemSilent where it does not answer a plain AT afterwards either.
        """
        if command in self._unanswered:
            return None
        try:
            answer = self._command(command, OPTIONAL_SECONDS)
        except ModemSilent:
            self._unanswered.add(command)
            self._probe()
            return None
        if not answer.ok:
            if answer.code in UNKNOWN_COMMAND_CODES:
                self._unanswered.add(command)
            return None
        return answer.lines

    def _ask(self, command: str, prefix: str) -> str | None:
        lines = self._try(command) or ()
        return next((line[len(prefix) + 1 :].strip() for line in lines if line.startswith(prefix + ":")), None)

    def _until(self, wanted: tuple[type[Event], ...], seconds: float, command: str) -> Event:
        """The next event of a wanted kind; others are kept for `wait`.

        A slow line is no silent modem (40 messages at 9600 baud take 15 s): every octet renews the patience, up to a cap.
        """
        deadline = self._monotonic() + seconds
        cap = self._monotonic() + PATIENCE_FACTOR * seconds
        found: Event | None = None
        while True:
            octets = self._read(deadline)
            for event in self._dialogue.feed(octets):
                if found is None and isinstance(event, wanted):
                    found = event
                else:
                    self._pending.append(event)
            if found is not None:
                return found
            now = self._monotonic()
            if octets and now < cap:
                deadline = max(deadline, min(now + seconds, cap))
            if now >= deadline:
                self._write(self._dialogue.abandon())
                raise ModemSilent(f"no answer to {command} within {seconds:g} s")

    def _next_event(self, deadline: float) -> Event | None:
        while self._monotonic() < deadline:
            events = self._dialogue.feed(self._read(deadline))
            if events:
                self._pending.extend(events[1:])
                return events[0]
        return None

    # -- octets ----------------------------------------------------------------------------------------------------

    def _read(self, deadline: float, *, interruptible: bool = False) -> bytes:
        left = max(0.0, deadline - self._monotonic())
        return self._open_line().read(left, interruptible=interruptible)

    def _write(self, octets: bytes) -> None:
        self._open_line().write(octets)

    def _open_line(self) -> SerialLine:
        if self._line is None:
            raise ModemAbsent(f"the port {self._port} is not open")
        return self._line
