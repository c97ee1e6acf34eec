"""Finding the modem: ask every serial port what it is, and choose the right one of the three or four ports of a stick.

What lives here: the questions, what the answers say of a port, and the choice. What does not: which ports there are
(`ports.py`), and using a modem (`serial_modem.py`).

The questions are gentle. They change nothing that outlives the modem's power, enter no PIN, read and delete no message:
listing would mark new messages as read, so the fill is asked for instead. A port that another program has open is left
alone.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .answers import between_quotes, digits, registration, registration_state, signal_percent, store_fills
from .at import Answer, Event, Unsolicited
from .at_line import AtLine
from .ports import AUTO, PortFacts, candidates, exists, holders, natural
from .types import ModemAbsent, ModemSilent, ModemState

COMMAND_SECONDS = 2.0
"""Patience with one question; a port that does not even answer AT is left after 3 s (`AtLine.answers`)."""
ASK_SECONDS = 25.0
"""Patience with a whole port. A thread that hangs in the system beyond it (a dead USB driver) is left behind."""
FORGET_SECONDS = 60.0
"""How long a port that was no modem is not asked again while the list of ports stays the same."""
STILL_SECONDS = 0.2
STILL_TRIES = 10
"""The ports of a stick appear one after the other: a list that changed is read again until it stands still."""


class Trouble(StrEnum):
    """Why a port told nothing."""

    NONE = ""
    GONE = "gone"
    BUSY = "busy"
    FORBIDDEN = "forbidden"
    SILENT = "silent"
    STUCK = "stuck"
    """The system itself does not come back from it."""


@dataclass(frozen=True)
class PortReport:
    """What a port answered; None is not told."""

    port: PortFacts
    trouble: Trouble = Trouble.NONE
    remark: str = ""
    """What is wrong and what to do, one English sentence; '' where all is well."""
    held_by: tuple[str, ...] = ()
    """Programs that have it open, as `NAME (PID)`."""
    answers: bool = False
    """Whether AT is answered with OK."""
    sms: bool = False
    """Whether it takes AT+CMGF=0 (27.005 3.2.3): what speaks no SMS has no PDU mode."""
    announces: bool = False
    """Whether it knows AT+CNMI (27.005 3.4.1)."""
    chatters: bool = False
    """Whether it sent an unsolicited line while it was asked."""
    manufacturer: str | None = None
    model: str | None = None
    imei: str | None = None
    imsi: str | None = None
    sim: str | None = None
    """Answer to AT+CPIN? (27.007 8.3): `READY`, `SIM PIN` …, or `missing`."""
    registration: ModemState | None = None
    operator: str | None = None
    signal_percent: int | None = None
    sim_used: int | None = None
    sim_capacity: int | None = None


Ask = Callable[[PortFacts], PortReport]


def ask(port: PortFacts, *, baud: int = 115_200, held_by: tuple[str, ...] = ()) -> PortReport:
    """Ask one port what it is. Takes 3 s where nothing answers; never raises a modem's error."""
    if held_by:
        return PortReport(port, Trouble.BUSY, _held(held_by), held_by)
    chatter: list[Event] = []
    try:
        with exact_line(port.device, baud, chatter.append) as line:
            if not line.answers():
                return PortReport(port, Trouble.SILENT, "nothing answers AT here: no modem, or not its command port")
            report = _interview(line, port)
    except ModemSilent as error:
        return PortReport(port, Trouble.SILENT, str(error))
    except ModemAbsent as error:
        trouble, remark = why_closed(error)
        return PortReport(port, trouble, remark)
    return replace(report, chatters=any(isinstance(event, Unsolicited) for event in chatter))


def exact_line(port: str, baud: int, heard: Callable[[Event], None]) -> AtLine:
    """A line for somebody who waits for each answer just so long. Opening it raises ModemAbsent."""
    return AtLine(port, baud=baud, answer_seconds=COMMAND_SECONDS, heard=heard, patience_factor=1)


def scan(
    ports: Sequence[PortFacts], *, ask: Ask | None = None, seconds: float = ASK_SECONDS, baud: int = 115_200
) -> list[PortReport]:
    """Ask all ports at the same time, each for `seconds` at most; the reports stand in the order of `ports`.

    Ports of one stick too: its firmware keeps a port's command while it works on another's (Huawei ME909u application
    guide, 1.3.2).
    """
    asks = ask or _asker(ports, baud)
    reports: dict[str, PortReport] = {}

    def ask_one(port: PortFacts) -> None:
        reports[port.device] = asks(port)

    threads = [threading.Thread(target=ask_one, args=(port,), name="scan", daemon=True) for port in ports]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    stuck = f"no answer from the system itself within {seconds:g} s; unplug it and plug it in again"
    return [reports.get(port.device) or PortReport(port, Trouble.STUCK, stuck) for port in ports]


def best(reports: Iterable[PortReport], imei: str | None = None) -> PortReport | None:
    """The port to use, of the modem with this IMEI where one is given; None where none speaks SMS.

    Several ports of a stick speak SMS, but only one of them gets the unsolicited lines (+CMTI). Which one:

    1. one that knows +CNMI before one that does not;
    2. one that sent an unsolicited line while it was asked: what was seen counts more than any rule;
    3. one whose name says that it is for commands (`PCUI`, `AT`) before one that says nothing, before one that says that
       it is for dialling or diagnosis (`Modem`, `DIAG`, `GPS`, `NMEA`; Huawei ME909u application guide 1.3.1: PCUI is for
       commands only, MODEM for data as well, DIAG for neither);
    4. by maker: Huawei announces on its last port (asterisk-chan-dongle's table of command ports `pdiscovery.c`: the
       highest interface of every Huawei stick; python-gsmmodem issues 23 and 41: none on ttyUSB0, all on the last);
       Quectel and SIMCom on interface 2, their AT port, where 3 is for dialling (Quectel Linux USB driver guide;
       AT+QURCCFG="urcport" is `usbat` as shipped; ModemManager's 77-mm-simtech-port-types.rules); of other makers (ZTE
       orders its ports differently from product to product in ModemManager's rules) the lowest;
    5. the lower name, so that the choice is always the same.
    """
    usable = [report for report in reports if report.sms]
    imeis = {report.port.usb_device: report.imei for report in usable if report.imei and report.port.usb_device}
    if imei is not None:
        usable = [report for report in usable if (report.imei or imeis.get(report.port.usb_device)) == imei]
    return min(usable, key=_rank, default=None)


def _rank(report: PortReport) -> tuple[bool, bool, int, int, tuple[tuple[int, str], ...]]:
    return (
        not report.announces,
        not report.chatters,
        _by_name(report.port),
        _by_maker(report.port),
        natural(report.port.device),
    )


_FOR_COMMANDS = re.compile(r"\bpc ?ui\b|pcui|\bAT\b|\bcommand", re.I)
_FOR_OTHER_THINGS = re.compile(r"modem\b|diag|gps|nmea|voice|audio|application interface", re.I)


def _by_name(port: PortFacts) -> int:
    told = f"{port.interface_name} {port.description}"
    if _FOR_COMMANDS.search(told):
        return 0
    return 2 if _FOR_OTHER_THINGS.search(told) else 1


_LAST_ANNOUNCES = frozenset([0x12D1])
"""Makers (USB vendor) whose last port gets the unsolicited lines: Huawei."""
_SECOND_ANNOUNCES = frozenset([0x2C7C, 0x1E0E])
"""Makers whose interface 2 gets them: Quectel, SIMCom."""


def _by_maker(port: PortFacts) -> int:
    number = port.interface or 0
    if port.vid in _LAST_ANNOUNCES:
        return -number
    return (number if number != 2 else -1) if port.vid in _SECOND_ANNOUNCES else number


class PortFinder:
    """Which port to open now, for one modem of the settings. Not thread-safe: one thread owns it.

    `port` is the setting (`auto` or a name), `patterns` where auto looks. `list_ports`, `ask_all`, `is_there` and `sleep`
    stand in for the system in tests.
    """

    def __init__(
        self,
        port: str,
        patterns: Sequence[str] = (),
        *,
        baud: int = 115_200,
        list_ports: Callable[[Sequence[str]], list[PortFacts]] = candidates,
        ask_all: Callable[[Sequence[PortFacts]], list[PortReport]] | None = None,
        is_there: Callable[[str, Collection[str]], bool] = exists,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._port, self._patterns = port, tuple(patterns)
        self._list_ports, self._is_there, self._sleep = list_ports, is_there, sleep
        self._ask_all = ask_all or (lambda ports: scan(ports, baud=baud))
        self._listed: tuple[PortFacts, ...] | None = None
        self._known: dict[str, tuple[float, PortReport]] = {}

    def find(
        self, now: float, *, imei: str | None = None, taken: Collection[str] = (), in_use: Collection[str] = ()
    ) -> str | None:
        """The port to open; None where there is none for now. Raises nothing; asks ports only where it must.

        A named port is used as long as it is there; when it is gone (renamed by a replug), the port where the modem with
        the remembered `imei` answers. For `auto` that port too, else the best of all. `now`: seconds of a clock that only
        goes forward. `taken`: IMEIs of other modems; `in_use`: ports they have open, by any of their names, which are not
        asked. Another port of the same USB device is most likely the same modem: it is used only where an IMEI says otherwise.
        """
        ports = self._ports()
        named = self._port != AUTO
        if named and self._is_there(self._port, {port.device for port in ports}):
            return self._port
        if named and imei is None:
            return None
        busy = [port for port in ports if _names_of(port) & set(in_use)]
        self._ask_unknown([port for port in ports if port not in busy], now)
        known = [report for _, report in self._known.values()]
        others = [*busy, *(report.port for report in known if report.imei in taken)]
        busy_devices = {port.usb_device for port in others if port.usb_device}
        free = [
            report
            for report in known
            if report.port not in busy
            and report.imei not in taken
            and (report.port.usb_device not in busy_devices or (report.imei and taken))
        ]
        found = best(free, imei) if imei else None
        if found is None and not named:
            found = best(free)
        return found.port.device if found else None

    def _ports(self) -> list[PortFacts]:
        ports = self._list()
        if self._listed is not None and tuple(ports) != self._listed:
            for _ in range(STILL_TRIES):
                before = ports
                self._sleep(STILL_SECONDS)
                ports = self._list()
                if ports == before:
                    break
        if tuple(ports) != self._listed:
            self._known.clear()  # a name may be another device's now
            self._listed = tuple(ports)
        return ports

    def _list(self) -> list[PortFacts]:
        try:
            return self._list_ports(self._patterns)
        except OSError:  # a device that went away while it was looked at
            return []

    def _ask_unknown(self, ports: Sequence[PortFacts], now: float) -> None:
        unknown = [port for port in ports if self._is_stale(port, now)]
        if unknown:
            self._known.update({report.port.device: (now, report) for report in self._ask_all(unknown)})

    def _is_stale(self, port: PortFacts, now: float) -> bool:
        asked_at, report = self._known.get(port.device, (now, None))
        return report is None or (not report.sms and now - asked_at >= FORGET_SECONDS)


def _names_of(port: PortFacts) -> set[str]:
    return {port.device, port.by_id, os.path.realpath(port.device)} - {""}


# -- asking --------------------------------------------------------------------------------------------------------


def _asker(ports: Sequence[PortFacts], baud: int) -> Ask:
    held = holders(port.device for port in ports)
    return lambda port: ask(port, baud=baud, held_by=held.get(port.device, ()))


def _interview(line: AtLine, port: PortFacts) -> PortReport:
    def question(command: str) -> Answer | None:
        answer = line.ask(command, COMMAND_SECONDS)
        if answer is None and not line.answers(1):
            raise ModemSilent(f"it stopped answering at {command}; unplug it and plug it in again")
        return answer

    def told(command: str, prefix: str) -> str | None:
        answer = question(command)
        return next(iter(answer.values(prefix)), None) if answer is not None and answer.ok else None

    question("ATE0")
    question("AT+CMEE=1")  # codes instead of a bare ERROR tell a missing SIM from a locked one
    sms = _is_ok(question("AT+CMGF=0"))
    fills = store_fills(told("AT+CPMS?", "+CPMS")) if sms else []
    registered = registration(told("AT+CREG?", "+CREG"))
    sim = _sim(question("AT+CPIN?"))
    return PortReport(
        port,
        remark=_remark(sms, sim),
        answers=True,
        sms=sms,
        announces=sms and _is_ok(question("AT+CNMI=?")),
        manufacturer=_identity(question("AT+CGMI")),
        model=_identity(question("AT+CGMM")),
        imei=_number(question("AT+CGSN")),
        imsi=_number(question("AT+CIMI")),
        sim=sim,
        registration=None if registered is None else registration_state(registered)[0],
        operator=between_quotes(told("AT+COPS?", "+COPS")),
        signal_percent=signal_percent(told("AT+CSQ", "+CSQ")),
        sim_used=fills[0].used if fills else None,
        sim_capacity=fills[0].capacity if fills else None,
    )


def _is_ok(answer: Answer | None) -> bool:
    return answer is not None and answer.ok


def _identity(answer: Answer | None) -> str | None:
    if answer is None or not answer.ok or not answer.lines:
        return None
    return answer.lines[0].split(":", 1)[-1].strip().strip('"') or None


_SHORTEST_IDENTITY = 14


def _number(answer: Answer | None) -> str | None:
    """IMEI or IMSI (27.007 5.4, 5.6)."""
    return digits(answer.lines, _SHORTEST_IDENTITY) if answer is not None and answer.ok else None


_SIM_STATES = {10: "missing", 11: "SIM PIN", 12: "SIM PUK", 13: "missing", 15: "missing"}
"""What +CME ERROR codes (27.007 9.2.1) say of the SIM."""


def _sim(answer: Answer | None) -> str | None:
    if answer is None:
        return None
    if answer.ok:
        return next(iter(answer.values("+CPIN")), None)
    return _SIM_STATES.get(answer.code) if answer.code is not None and answer.final.startswith("+CME") else None


def _remark(sms: bool, sim: str | None) -> str:
    if not sms:
        return "answers AT but has no PDU mode: no port for SMS"
    if sim == "missing":
        return "no SIM is in it, or it cannot be read"
    if sim not in (None, "READY"):
        return f"the SIM asks for its {sim.removeprefix('SIM ')}: write it into the file named by modem.pin_file"
    return ""


def _held(programs: Sequence[str]) -> str:
    names = ", ".join(programs)
    if any(program.startswith("ModemManager") for program in programs):
        return f"{names} has it open: install docs/udev/60-waspada-modem.rules, or stop it"
    return f"{names} has it open; end that program, or ask the running gateway with `waspada modem status`"


def why_closed(error: ModemAbsent) -> tuple[Trouble, str]:
    """Why a port cannot be opened, and what to do, in a few words."""
    text = str(error)
    number = getattr(error.__context__, "errno", None)
    if number == 2 or "FileNotFound" in text or "No such file" in text:
        return Trouble.GONE, "there is no such port"
    if number in (11, 16) or re.search(r"busy|lock", text, re.I) or "PermissionError(13" in text:
        return Trouble.BUSY, "another program has it open, perhaps ModemManager or a running gateway; end it"
    if "Inappropriate ioctl" in text:
        return Trouble.GONE, "it is no serial port"
    if number == 13 or "Permission denied" in text:
        return Trouble.FORBIDDEN, "not allowed: `sudo usermod -aG dialout $USER`, then log out and in again"
    return Trouble.GONE, text
