"""The AT side of an emulated modem: bytes of commands in, bytes of answers out. No port, no clock, no sleeping.

Commands follow 3GPP TS 27.005 (SMS, PDU mode only), 27.007 and ITU-T V.250; the table is in `at_commands.py`.
A new make of modem is a row of `personalities.py`, a command everybody may use is a row of that table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from modem.emulator.at_commands import COMMANDS
from modem.emulator.at_syntax import AtError, split_commands, tpdu_octets, without_smsc
from modem.emulator.network import Network
from modem.emulator.personalities import CLEAN, Personality
from modem.emulator.subscribers import PartState, Refused, Sim

_CTRL_Z, _ESCAPE, _BACKSPACE = 0x1A, 0x1B, 0x08
_LONGEST_LINE = 2048


@dataclass
class Registers:
    """What commands set and a reset forgets."""

    echo: bool
    storage: str
    verbose_errors: int = 0
    notify_mode: int = 0
    notify_arrivals: int = 0
    notify_broadcasts: int = 0
    notify_reports: int = 0
    registration: dict[str, int] = field(default_factory=dict)
    charset: str = "GSM"
    functionality: int = 1
    operator_format: int = 0
    service: int = 0


class AtServer:
    """One emulated modem with a SIM in it.

    `feed` takes what came over the line; answers and unsolicited lines gather until `take_output`. `on_output` is called, with
    the network locked, whenever there is something to take: use it only to wake whoever writes to the line.
    """

    def __init__(self, sim: Sim, network: Network, personality: Personality = CLEAN) -> None:
        self.sim: Sim = sim
        self.network: Network = network
        self.personality: Personality = personality
        self.registers: Registers
        self.on_output: Callable[[], None] | None = None
        self.powered = True
        self.connected = True
        """Whether somebody has the line open; unsolicited lines go nowhere otherwise."""
        self._output = bytearray()
        self._prompt: int | None = None
        self._reset()
        self.unlocked = sim.pin is None
        sim.equipment = self

    def feed(self, received: bytes) -> bytes:
        """Bytes from the line; returns everything there is to send back, as `take_output`."""
        with self.network.lock:
            for octet in received:
                self._take(octet)
            return self.take_output()

    def take_output(self) -> bytes:
        """What has to go out on the line since the last call."""
        with self.network.lock:
            output = bytes(self._output)
            self._output.clear()
            return output

    def open_line(self) -> None:
        """Somebody opened the line."""
        with self.network.lock:
            self.connected = True

    def hang_up(self) -> None:
        """The line was closed: a half command or an open prompt is dropped (DTR dropped, V.250 6.2.7), settings stay."""
        with self.network.lock:
            self.connected = False
            self._line.clear()
            self._prompt, self._busy = None, False
            self._held.clear()
            self._output.clear()

    def power(self, on: bool) -> None:
        """Cut or give power. Without it the network cannot reach the SIM; with it the modem starts with its defaults."""
        with self.network.lock:
            self.powered = on
            self._reset()
            self.unlocked = self.sim.pin is None
            if on:
                for line in self.personality.greeting:
                    self.announce(line)
                self.network.hand_over()

    def reset(self) -> None:
        """AT+CFUN=1,1: forget the settings and ask for the PIN again."""
        self._reset()
        self.unlocked = self.sim.pin is None

    def defaults(self) -> None:
        """ATZ and AT&F: forget the settings."""
        self.registers = Registers(self.personality.echo, self.personality.storages[0])

    def announce(self, line: str) -> None:
        """Send an unsolicited line; while a command or prompt is open it waits for the end of it."""
        if self._busy or self._prompt is not None:
            self._held.append(line)
        elif self.connected:
            self._output += f"\r\n{line}\r\n".encode("latin-1", "replace")
            if self.on_output is not None:
                self.on_output()

    @property
    def registered(self) -> bool:
        """Whether the modem is on the network."""
        return self.powered and self.unlocked and self.registers.functionality == 1

    def expect_pdu(self, octets: int) -> None:
        """AT+CMGS: the next thing on the line is a PDU whose TPDU has so many octets."""
        self._prompt = octets

    # Equipment: what the network asks of the modem its SIM is in

    def route(self, report: bool) -> PartState:
        """Where an arriving part goes, by the two +CNMI settings (27.005 3.4.1)."""
        setting = self.registers.notify_reports if report else self.registers.notify_arrivals
        if not self.registered:
            return PartState.WAITING
        if report and setting == 0:
            return PartState.LOST
        direct = setting == (1 if report else 2) or (setting == 3 and not report)
        return PartState.DIRECT if direct and self.connected else PartState.SLOT

    def stored(self, slot: int, report: bool) -> None:
        """Announce a stored part where +CNMI says so."""
        if report and self.registers.notify_reports == 2:
            self.announce(f'+CDSI: "{self.registers.storage}",{slot}')
        elif not report and self.registers.notify_arrivals == 1:
            self.announce(f'+CMTI: "{self.registers.storage}",{slot}')

    def direct(self, pdu: bytes, report: bool) -> None:
        """Hand a part straight to the line."""
        size = tpdu_octets(pdu)
        head = f"+CDS: {size}" if report else f"+CMT: ,{size}"
        self.announce(f"{head}\r\n{pdu.hex().upper()}")

    # The line

    def _reset(self) -> None:
        self.defaults()
        self._line = bytearray()
        self._prompt = None
        self._held: list[str] = []
        self._busy = False
        self._output.clear()

    def _take(self, octet: int) -> None:
        if not self.powered:
            return
        if self.registers.echo and octet not in (_ESCAPE, _CTRL_Z):
            self._output.append(octet)
        if octet == _ESCAPE:
            self._line.clear()
            if self._prompt is not None:
                self._end_prompt("OK")
        elif octet == _CTRL_Z and self._prompt is not None:
            self._submit(self._prompt)
        elif octet == _BACKSPACE:
            del self._line[-1:]
        elif octet == 0x0D and self._prompt is None:
            line = self._line.decode("latin-1").strip()
            self._line.clear()
            self._run(line)
        elif octet not in (0x0A, 0x0D, _CTRL_Z, 0) and len(self._line) < _LONGEST_LINE:
            self._line.append(octet)

    def _run(self, line: str) -> None:
        start = line.upper().find("AT")
        if start < 0:  # V.250 5.2.1: what does not begin with AT is no command line
            return
        self._busy = True
        try:
            for name, form, arguments in split_commands(line[start + 2 :]):
                self._one(name, form, arguments)
                if self._prompt is not None:
                    self._output += b"\r\n> "
                    return
            self._final("OK")
        except AtError as error:
            self._fail(error)

    def _one(self, name: str, form: str, arguments: str) -> None:
        fixed = self.personality.answers.get(name + form + arguments.upper())
        if fixed is not None:
            self._information([fixed])
            return
        command = COMMANDS.get(name)
        handler = None if name in self.personality.unknown or command is None else command.forms.get(form)
        if command is None or handler is None:
            raise AtError()
        if command.needs_sim and not self.unlocked:
            raise AtError("CMS", 311) if command.sms else AtError("CME", 11)
        self._information(handler(self, arguments))

    def _information(self, lines: list[str]) -> None:
        for line in lines:
            self._output += f"\r\n{line}\r\n".encode("latin-1", "replace")

    def _fail(self, error: AtError) -> None:
        if error.kind and (error.kind == "CMS" or self.registers.verbose_errors):
            self._final(f"+{error.kind} ERROR: {error.code}")
        else:
            self._final("ERROR")

    def _final(self, result: str) -> None:
        self._output += f"\r\n{result}\r\n".encode()
        self._busy, self._prompt = False, None
        held, self._held = self._held, []
        for line in held:
            self.announce(line)

    def _end_prompt(self, result: str) -> None:
        self._line.clear()
        self._final(result)

    def _submit(self, octets: int) -> None:
        try:
            if not self.registered:
                raise Refused(331, "no network service")
            pdu = bytes.fromhex(self._line.decode("latin-1").strip())
            reference = self.sim.submit(without_smsc(pdu, octets)).reference
        except ValueError:
            self._end_prompt("+CMS ERROR: 304")
        except Refused as refused:
            self._end_prompt(f"+CMS ERROR: {refused.code}")
        else:
            self._output += f"\r\n+CMGS: {reference}\r\n".encode()
            self._end_prompt("OK")
