"""The AT side of an emulated modem: bytes of commands in, bytes of answers out. No port, no sleeping.

Commands follow 3GPP TS 27.005 (SMS), 27.007 and ITU-T V.250; the tables are in `at_commands.py` and `sms_commands.py`.
A new make of modem is a file in `personalities/`, a command everybody may use is a row of a table, a fault a row of `faults.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from modem.emulator.answers import AnswerWriter
from modem.emulator.arrivals import Arrivals
from modem.emulator.at_commands import COMMANDS, ERROR_TEXTS
from modem.emulator.at_syntax import AtError, NoAnswer, split_commands
from modem.emulator.faults import Faults, Troubles
from modem.emulator.network import Network
from modem.emulator.output import TimedOutput
from modem.emulator.personalities import CLEAN, Personality
from modem.emulator.registers import Registers
from modem.emulator.sms_commands import format_direct
from modem.emulator.stores import MessageStore
from modem.emulator.subscribers import Part, PartState, Sim

if TYPE_CHECKING:
    from modem.emulator.lines import Line

_CTRL_Z, _ESCAPE, _BACKSPACE = 0x1A, 0x1B, 0x08
_LONGEST_LINE = 2048
_BOOTING = "_booting"
_MUTE = ("hang", "deep_hang", _BOOTING)
_ENDED_BY_POWER = (*_MUTE, "sim_busy")

NOT_SEARCHING, REGISTERED, SEARCHING, DENIED = 0, 1, 2, 3
"""<stat> of +CREG, 27.007 7.2."""


class AtServer:
    """One emulated modem with a SIM in it.

    `feed` takes what came over the line; answers and unsolicited lines gather until `take_output`, which gives what is due by
    `clock` (seconds, any beginning). `on_output` is called, with the network locked, whenever there is something to take: use it
    only to wake whoever writes to the line. `faults` makes it fail on command.
    """

    def __init__(
        self,
        sim: Sim,
        network: Network,
        personality: Personality = CLEAN,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sim: Sim = sim
        self.network: Network = network
        self.personality: Personality = personality
        self.clock = clock
        self.registers: Registers
        self.on_output: Callable[[], None] | None = None
        self.cable: Line | None = None
        """The line it hangs on, which sets this."""
        self.powered = True
        self.connected = True
        """Whether somebody has the line open; unsolicited lines go nowhere otherwise."""
        self.output = TimedOutput(clock)
        self.troubles = Troubles(clock)
        self.faults = Faults(self)
        self.arrivals = Arrivals(self)
        self.stores: dict[str, MessageStore] = {}
        self._answer = AnswerWriter(personality, self.troubles, self.output)
        self._next_noise = 0.0
        self._later: list[tuple[float, str]] = []
        self._body_wanted: Callable[[str], list[str]] | None = None
        self._insert(sim)
        self._start()
        self._told_registration = self.registration
        self._reached = self.registered

    def feed(self, received: bytes) -> bytes:
        """Bytes from the line; returns everything there is to send back, as `take_output`."""
        with self.network.lock:
            for octet in received:
                self._take(octet)
            return self.take_output()

    def take_output(self) -> bytes:
        """What has to go out on the line now and was not taken yet."""
        with self.network.lock:
            self.look_around()
            return self.output.take()

    def seconds_to_next(self) -> float | None:
        """How long until `take_output` may have more without any `feed`; None when nothing has a time."""
        with self.network.lock:
            now = self.clock()
            times = [self.output.seconds_to_next(), self.troubles.seconds_to_next(), self.arrivals.seconds_to_next()]
            times += [max(0.0, due - now) for due, _ in self._later]
            times.append(self.network.seconds_to_next())
            if self._chats:
                times.append(max(0.0, self._next_noise - now))
            return min((seconds for seconds in times if seconds is not None), default=None)

    def look_around(self) -> None:
        """Let happen what is due: late lines, vendor chatter, ends of faults, deliveries, changes of registration."""
        with self.network.lock:
            self.troubles.end_overdue()
            self.arrivals.look_around()
            self.network.hand_over_due()
            now = self.clock()
            due, self._later = (
                [line for moment, line in self._later if moment <= now],
                [(moment, line) for moment, line in self._later if moment > now],
            )
            for line in due:
                self.announce(line)
            if self._chats and now >= self._next_noise:
                self._next_noise = now + self.personality.noise_seconds
                self.announce(self._answer.chatter())
            self._tell_registration()
            reached, self._reached = self._reached, self.registered
            if self._reached and not reached:
                self.network.hand_over()

    def open_line(self) -> None:
        """Somebody opened the line."""
        with self.network.lock:
            self.connected = True

    def hang_up(self) -> None:
        """The line was closed: a half command or an open prompt is dropped (DTR dropped, V.250 6.2.7), settings stay."""
        with self.network.lock:
            self.connected = False
            self._line.clear()
            self._body_wanted, self._busy = None, False
            self._held.clear()
            self._answer.forget()
            self.output.clear()
            self.arrivals.withdraw()

    def power(self, on: bool) -> None:
        """Cut or give power. Without it the network cannot reach the SIM; with it the modem starts with its defaults."""
        with self.network.lock:
            self.output.clear()
            self._switch(on)

    def restart(self) -> None:
        """A brown-out or AT+CFUN=1,1: as `power`, while the line stays."""
        with self.network.lock:
            self.power(False)
            self.power(True)

    def forget_settings(self) -> None:
        """ATZ, AT&F, or by itself: everything commands have set is as after power-on."""
        with self.network.lock:
            first = self.personality.storages[0]
            self.registers = Registers(self.personality.echo, [first] * 3)

    def swap_sim(self, number: str, imsi: str, pin: str | None = None) -> Sim:
        """Put another SIM in; the old one stays on the network, where nothing reaches it. Returns the new one."""
        with self.network.lock:
            old = self.sim
            old.equipment, old.removed = None, True
            known = self.network.sims.get(self.network.full_number(number))
            sim = known or self.network.add_sim(Sim(number, imsi, capacity=old.capacity, pin=pin))
            self._insert(sim)
            self.unlocked = sim.pin is None
            self.network.hand_over()
            return sim

    def place(self, storage: str, hexadecimal: str) -> Part:
        """Put these octets into a store as if they had been there before: not over the network, and unannounced.

        Raises ValueError when they are no octets, the storage does not exist or is full.
        """
        with self.network.lock:
            store = self.stores.get(storage)
            if store is None:
                raise ValueError(f"There is no storage {storage!r}; there are: {', '.join(self.stores)}.")
            part = self.network.raw_part(self.sim, hexadecimal)
            part.slot = store.put(part)
            if part.slot is None:
                raise ValueError(f"The storage {storage} is full.")
            part.state = PartState.SLOT
            return part

    def announce(self, line: str, delay: float = 0.0) -> None:
        """Send an unsolicited line, `delay` seconds from now; while a command or prompt is open it waits for the end of it."""
        if delay:
            self._later.append((self.clock() + delay, line))
        elif self._busy or self._body_wanted is not None:
            self._held.append(line)
        elif self.connected and self.powered and not self.troubles.on(*_MUTE):
            self._answer.say(line)
        if self.on_output is not None:
            self.on_output()

    @property
    def registration(self) -> int:
        """<stat> of +CREG."""
        if not self.unlocked or self.registers.functionality != 1 or self.troubles.on("sim_out"):
            return NOT_SEARCHING
        if self.troubles.on("denied"):
            return DENIED
        return SEARCHING if self.troubles.on("no_network", "sim_busy") else REGISTERED

    @property
    def registered(self) -> bool:
        """Whether the modem is on the network, and the network reaches it."""
        return self.powered and self.registration == REGISTERED and not self.troubles.on(*_MUTE)

    def expect_body(self, take: Callable[[str], list[str]]) -> None:
        """The command goes on with a body up to Ctrl-Z; `take` gets it and returns the lines of the answer."""
        self._body_wanted = take

    def check_card(self, sms: bool = False) -> None:
        """Raises AtError or NoAnswer while the SIM is out or busy; `sms`: with codes of +CMS."""
        busy = self.troubles.strikes("sim_busy")
        if busy is not None and busy["silent"]:
            raise NoAnswer
        if busy is not None:
            raise AtError("CMS", 314) if sms else AtError("CME", 14)
        if self.troubles.on("sim_out"):
            raise AtError("CMS", 310) if sms else AtError("CME", 10)

    @property
    def cell(self) -> str:
        """Area and cell behind +CREG <stat>, where it is on the network."""
        return ',"1507","0A3F"' if self.registration == REGISTERED else ""

    def restart_after_answer(self) -> None:
        """AT+CFUN=1,1: OK, and then it begins anew."""
        self._restarting = True

    def slot_number(self, slot: int) -> str:
        """A slot's number as this make writes it."""
        return str(slot).zfill(self.personality.slot_digits)

    def format_direct(self, part: Part, size: int) -> str:
        """The lines of a direct delivery, +CMT or +CDS."""
        return format_direct(self, part, size)

    # Inside

    def _insert(self, sim: Sim) -> None:
        self.sim = sim
        sim.removed, sim.equipment = False, self.arrivals
        made = self.personality
        for name in made.storages:
            if name not in self.stores or name == "SM":
                capacity = made.capacities.get(name, sim.capacity)
                card = sim.store if name == "SM" else MessageStore(name, capacity)
                card.capacity, card.first, card.step = capacity, made.first_slot, made.slot_step
                self.stores[name] = card

    def _start(self) -> None:
        self.forget_settings()
        self._line = bytearray()
        self._body_wanted = None
        self._held: list[str] = []
        self._later.clear()
        self._busy = False
        self._answer.forget()
        self._restarting = False
        self.unlocked = self.sim.pin is None
        self._next_noise = self.clock() + self.personality.noise_seconds

    def _switch(self, on: bool) -> None:
        self.powered = on
        self.arrivals.withdraw()
        self.troubles.end(*_ENDED_BY_POWER)
        self._start()
        if on:
            self._boot()

    def _boot(self) -> None:
        made = self.personality
        if made.boot_seconds:
            self.troubles.start(_BOOTING, made.boot_seconds)
        if made.sim_ready_seconds:
            busy = made.boot_seconds + made.sim_ready_seconds
            self.troubles.start("sim_busy", busy, silent=made.sim_busy_silent)
        for line in made.greeting:
            self.announce(line, made.boot_seconds)
        self._told_registration = self.registration
        self.network.hand_over()

    @property
    def _chats(self) -> bool:
        return bool(self.personality.noise and self.personality.noise_seconds and self.connected and self.powered)

    def _tell_registration(self) -> None:
        now = self.registration
        if now == self._told_registration:
            return
        self._told_registration = now
        if mode := self.registers.registration.get("+CREG"):
            self.announce(f"+CREG: {now}{self.cell if mode == 2 else ''}")

    def _take(self, octet: int) -> None:
        if not self.powered or self.troubles.on("deep_hang", _BOOTING):
            return
        if self.troubles.on("hang"):
            self._take_hung(octet)
            return
        if self.registers.echo and octet not in (_ESCAPE, _CTRL_Z):
            self.output.put(bytes([octet]))
        if octet == _ESCAPE:
            self._line.clear()
            if self._body_wanted is not None:
                self._body_wanted = None
                self._final("OK")
        elif octet == _CTRL_Z and self._body_wanted is not None:
            self._take_body(self._body_wanted)
        elif octet == _BACKSPACE:
            del self._line[-1:]
        elif octet == 0x0D and self._body_wanted is None:
            line = self._line.decode("latin-1").strip()
            self._line.clear()
            self._run(line)
        elif self._keeps(octet) and len(self._line) < _LONGEST_LINE:
            self._line.append(octet)

    def _keeps(self, octet: int) -> bool:
        """A text may hold line ends and code 0, which is `@`; commands and PDUs hold neither."""
        if self._body_wanted is not None and self.registers.text_mode:
            return bool(self._line) or octet != 0x0A  # LF behind the CR of the command belongs to that
        return octet not in (0x0A, 0x0D, _CTRL_Z, 0)

    def _take_hung(self, octet: int) -> None:
        """A hung modem still restarts when it is told to: that is the difference to a deep hang."""
        if octet not in (0x0D, 0x0A, _ESCAPE):
            self._line[:] = (self._line + bytes([octet]))[-_LONGEST_LINE:]
            return
        asked, self._line = bytes(self._line).upper(), bytearray()
        if octet == 0x0D and asked.endswith(b"AT+CFUN=1,1"):
            self.restart()

    def _run(self, line: str) -> None:
        start = line.upper().find("AT")
        if start < 0:  # V.250 5.2.1: what does not begin with AT is no command line
            return
        self._busy = True
        try:
            for name, form, arguments in split_commands(line[start + 2 :]):
                self._one(name, form, arguments)
                if self._body_wanted is not None:
                    self._answer.prompt()
                    return
            self._final("OK")
            if self._restarting:
                self._switch(False)
                self._switch(True)
        except NoAnswer:
            self._answer.forget()
            self._final("")
        except AtError as error:
            self._fail(error)

    def _one(self, name: str, form: str, arguments: str) -> None:
        fixed = self.personality.answers.get(name + form + arguments.upper())
        if fixed is not None:
            self._answer.add([fixed] if fixed else [])
            return
        command = COMMANDS.get(name)
        handler = None if name in self.personality.unknown or command is None else command.forms.get(form)
        if command is None or handler is None:
            raise AtError(unknown=True)
        if command.needs_sim:
            self.check_card(command.sms)
            if not self.unlocked:
                raise AtError("CMS", 311) if command.sms else AtError("CME", 11)
        self._answer.add(handler(self, arguments))

    def _fail(self, error: AtError) -> None:
        verbose = self.registers.verbose_errors
        if error.final:
            self._final(error.final)
        elif error.unknown:
            self._final(self.personality.unknown_answer)
        elif error.kind and self.personality.error_codes and (error.kind == "CMS" or verbose):
            told = ERROR_TEXTS.get((error.kind, error.code)) if verbose == 2 else None
            self._final(f"+{error.kind} ERROR: {told or error.code}")
        else:
            self._final("ERROR")

    def _final(self, result: str) -> None:
        if result:
            self._answer.end(result)
        self._busy, self._body_wanted = False, None
        self._line.clear()
        held, self._held = self._held, []
        for line in held:
            self.announce(line)

    def _take_body(self, take: Callable[[str], list[str]]) -> None:
        body = self._line.decode("latin-1")
        self._line.clear()
        self._body_wanted, self._busy = None, True
        try:
            self._answer.add(take(body))
        except AtError as error:
            self._fail(error)
        else:
            self._final("OK")
