"""The table of AT commands the emulated modem knows: name → forms → what it answers.

Here lives what a command means; how lines are cut, echoed and ended lives in `at_server.py`. A handler gets the server and the
arguments as typed and returns its information lines; it raises `AtError` to end the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modem.emulator.at_syntax import AtError, tpdu_octets

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer

Handler = Callable[["AtServer", str], list[str]]

INVALID_INDEX = 321
NOT_ALLOWED = 302
"""+CMS ERROR codes, 27.005 3.2.5."""
WRONG_PIN, PUK_NEEDED = 16, 12
"""+CME ERROR codes, 27.007 9.2.1."""
READ, SET, TEST, RUN = "?", "=", "=?", ""


@dataclass(frozen=True)
class Command:
    """One command. `needs_sim`: refused while the SIM asks for its PIN; `sms`: refusals are +CMS errors."""

    forms: Mapping[str, Handler]
    needs_sim: bool = False
    sms: bool = False


def _says(*lines: str) -> Handler:
    return lambda server, arguments: list(lines)


_accepts = _says()


def _number(text: str, low: int, high: int, default: int | None = None) -> int:
    text = text.strip()
    if not text and default is not None:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise AtError()
    return int(text)


def _unquoted(text: str) -> str:
    return text.strip().strip('"')


def _only(*allowed: str) -> Handler:
    """A setting of which one value is possible: taken in silence; anything else is an error."""

    def handler(server: AtServer, arguments: str) -> list[str]:
        if arguments not in allowed:
            raise AtError()
        return []

    return handler


def _echo(server: AtServer, arguments: str) -> list[str]:
    server.registers.echo = bool(_number(arguments, 0, 1, 0))
    return []


def _defaults(server: AtServer, arguments: str) -> list[str]:
    server.defaults()
    return []


def _errors(server: AtServer, arguments: str) -> list[str]:
    server.registers.verbose_errors = _number(arguments, 0, 2, 0)
    return []


def _charset(server: AtServer, arguments: str) -> list[str]:
    if _unquoted(arguments) not in ("GSM", "IRA"):
        raise AtError()
    server.registers.charset = _unquoted(arguments)
    return []


def _pin_state(server: AtServer, arguments: str) -> list[str]:
    if server.unlocked:
        return ["+CPIN: READY"]
    return ["+CPIN: SIM PIN" if server.sim.pin_tries else "+CPIN: SIM PUK"]


def _enter_pin(server: AtServer, arguments: str) -> list[str]:
    if server.unlocked:
        raise AtError("CME", 3)
    if not server.sim.pin_tries:
        raise AtError("CME", PUK_NEEDED)
    if _unquoted(arguments) != server.sim.pin:
        server.sim.pin_tries -= 1
        raise AtError("CME", WRONG_PIN)
    server.sim.pin_tries, server.unlocked = 3, True
    server.network.hand_over()
    return []


def _registration(name: str) -> Command:
    """+CREG, +CGREG, +CEREG (27.007 7.2, 10.1.20, 10.1.22)."""

    def read(server: AtServer, arguments: str) -> list[str]:
        mode = server.registers.registration.get(name, 0)
        place = ',"1507","0A3F"' if mode == 2 and server.registered else ""
        return [f"{name}: {mode},{int(server.registered)}{place}"]

    def write(server: AtServer, arguments: str) -> list[str]:
        server.registers.registration[name] = _number(arguments, 0, 2, 0)
        return []

    return Command({READ: read, SET: write, TEST: _says(f"{name}: (0-2)")})


def _operator(server: AtServer, arguments: str) -> list[str]:
    if not server.registered:
        return ["+COPS: 0"]
    shown = server.sim.imsi[:5] if server.registers.operator_format == 2 else server.personality.operator
    return [f'+COPS: 0,{server.registers.operator_format},"{shown}"']


def _choose_operator(server: AtServer, arguments: str) -> list[str]:
    mode, _, rest = arguments.partition(",")
    if _number(mode, 0, 4) == 3:
        server.registers.operator_format = _number(rest.partition(",")[0], 0, 2, 0)
    return []


def _functionality(server: AtServer, arguments: str) -> list[str]:
    level, _, restart = arguments.partition(",")
    chosen = _number(level, 0, 4)
    if chosen not in (0, 1, 4):
        raise AtError()
    if restart.strip() == "1":
        server.reset()
    server.registers.functionality = chosen
    server.network.hand_over()
    return []


def _storages(server: AtServer) -> str:
    return "(" + ",".join(f'"{name}"' for name in server.personality.storages) + ")"


def _read_storage(server: AtServer, arguments: str) -> list[str]:
    one = f'"{server.registers.storage}",{len(server.sim.slots)},{server.sim.capacity}'
    return [f"+CPMS: {one},{one},{one}"]


def _choose_storage(server: AtServer, arguments: str) -> list[str]:
    names = [_unquoted(name) for name in arguments.split(",")]
    if not all(name in server.personality.storages for name in names) or len(names) > 3:
        raise AtError("CMS", NOT_ALLOWED)
    server.registers.storage = names[0]
    one = f"{len(server.sim.slots)},{server.sim.capacity}"
    return [f"+CPMS: {one},{one},{one}"]


def _notifications(server: AtServer, arguments: str) -> list[str]:
    if not server.personality.notifies:
        raise AtError()
    fields = (arguments.split(",") + [""] * 5)[:5]
    mode, arrivals, broadcast, reports, _ = (
        _number(text, 0, most, 0) for text, most in zip(fields, (2, 3, 3, 2, 1), strict=True)
    )
    registers = server.registers
    registers.notify_mode, registers.notify_broadcasts = mode, broadcast
    registers.notify_arrivals, registers.notify_reports = arrivals, reports
    return []


def _read_notifications(server: AtServer, arguments: str) -> list[str]:
    if not server.personality.notifies:
        raise AtError()
    registers = server.registers
    settings = (registers.notify_mode, registers.notify_arrivals, registers.notify_broadcasts, registers.notify_reports)
    return ["+CNMI: " + ",".join(map(str, settings)) + ",0"]


def _test_notifications(server: AtServer, arguments: str) -> list[str]:
    if not server.personality.notifies:
        raise AtError()
    return ["+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)"]


def _service(server: AtServer, arguments: str) -> list[str]:
    server.registers.service = _number(arguments, 0, 1)
    return ["+CSMS: 1,1,1"]


def _list(server: AtServer, arguments: str) -> list[str]:
    wanted = _number(arguments, 0, 4, 0)
    lines = []
    for number, slot in sorted(server.sim.slots.items()):
        if wanted in (slot.status, 4):
            lines.append(
                f"+CMGL: {number},{slot.status},,{tpdu_octets(slot.part.pdu)}\r\n{slot.part.pdu.hex().upper()}"
            )
            slot.status = 1
    return lines


def _read(server: AtServer, arguments: str) -> list[str]:
    slot = server.sim.slots.get(_number(arguments, 0, 9999))
    if slot is None:
        raise AtError("CMS", INVALID_INDEX)
    status, slot.status = slot.status, 1
    return [f"+CMGR: {status},,{tpdu_octets(slot.part.pdu)}\r\n{slot.part.pdu.hex().upper()}"]


def _delete(server: AtServer, arguments: str) -> list[str]:
    index, _, flag = arguments.partition(",")
    slots = server.sim.slots
    match _number(flag, 0, 4, 0):
        case 0:
            number = _number(index, 0, 9999)
            if not 1 <= number <= server.sim.capacity:
                raise AtError("CMS", INVALID_INDEX)
            server.sim.delete([number])
        case 4:
            server.sim.delete(list(slots))
        case _:
            server.sim.delete([number for number, slot in slots.items() if slot.status == 1])
    return []


def _test_delete(server: AtServer, arguments: str) -> list[str]:
    return ["+CMGD: (" + ",".join(map(str, sorted(server.sim.slots))) + "),(0-4)"]


def _send(server: AtServer, arguments: str) -> list[str]:
    server.expect_pdu(_number(arguments, 1, 255))
    return []


def _ussd(server: AtServer, arguments: str) -> list[str]:
    mode, _, rest = arguments.partition(",")
    code = _unquoted(rest.partition(",")[0])
    if _number(mode, 0, 2, 0) < 2 and code:
        if not server.registered:
            raise AtError("CME", 30)
        answer = server.sim.ussd.get(code)
        server.announce("+CUSD: 4" if answer is None else f'+CUSD: 0,"{answer}",15')
    return []


_manufacturer = Command({RUN: lambda server, _: [server.personality.manufacturer], TEST: _accepts})
_model = Command({RUN: lambda server, _: [server.personality.model], TEST: _accepts})
_revision = Command({RUN: lambda server, _: [server.personality.revision], TEST: _accepts})
_imei = Command({RUN: lambda server, _: [server.personality.imei], TEST: _accepts})

COMMANDS: Mapping[str, Command] = {
    # V.250
    "E": Command({RUN: _echo}),
    "Z": Command({RUN: _defaults}),
    "&F": Command({RUN: _defaults}),
    "V": Command({RUN: _only("1")}),
    "Q": Command({RUN: _only("", "0")}),
    "H": Command({RUN: _accepts}),
    "I": Command({RUN: lambda server, _: [server.personality.manufacturer, server.personality.model]}),
    "S": Command({RUN: _accepts}),
    "X": Command({RUN: _accepts}),
    "&C": Command({RUN: _accepts}),
    "&D": Command({RUN: _accepts}),
    "&W": Command({RUN: _accepts}),
    "+GMI": _manufacturer,
    "+GMM": _model,
    "+GMR": _revision,
    "+GSN": _imei,
    "+GCAP": Command({RUN: _says("+GCAP: +CGSM")}),
    "+IFC": Command({SET: _accepts, READ: _says("+IFC: 2,2"), TEST: _says("+IFC: (0,2),(0,2)")}),
    "+IPR": Command({SET: _accepts, READ: _says("+IPR: 0")}),
    # 27.007
    "+CGMI": _manufacturer,
    "+CGMM": _model,
    "+CGMR": _revision,
    "+CGSN": _imei,
    "+CIMI": Command({RUN: lambda server, _: [server.sim.imsi], TEST: _accepts}, needs_sim=True),
    "+CNUM": Command({RUN: lambda server, _: [f'+CNUM: ,"{server.sim.number}",145']}, needs_sim=True),
    "+CMEE": Command(
        {SET: _errors, READ: lambda s, _: [f"+CMEE: {s.registers.verbose_errors}"], TEST: _says("+CMEE: (0-2)")}
    ),
    "+CSCS": Command(
        {SET: _charset, READ: lambda s, _: [f'+CSCS: "{s.registers.charset}"'], TEST: _says('+CSCS: ("GSM","IRA")')}
    ),
    "+CPIN": Command({READ: _pin_state, SET: _enter_pin, TEST: _accepts}),
    "+CREG": _registration("+CREG"),
    "+CGREG": _registration("+CGREG"),
    "+CGATT": Command(
        {READ: lambda s, _: [f"+CGATT: {int(s.registered)}"], SET: _accepts, TEST: _says("+CGATT: (0,1)")}
    ),
    "+COPS": Command({READ: _operator, SET: _choose_operator}),
    "+CSQ": Command(
        {
            RUN: lambda s, _: [f"+CSQ: {s.personality.signal if s.registered else 99},99"],
            TEST: _says("+CSQ: (0-31,99),(99)"),
        }
    ),
    "+CBC": Command({RUN: _says("+CBC: 0,100"), TEST: _says("+CBC: (0-3),(0-100)")}),
    "+CPAS": Command({RUN: _says("+CPAS: 0")}),
    "+CFUN": Command(
        {
            SET: _functionality,
            READ: lambda s, _: [f"+CFUN: {s.registers.functionality}"],
            TEST: _says("+CFUN: (0,1,4),(0,1)"),
        }
    ),
    "+CUSD": Command({SET: _ussd, READ: _says("+CUSD: 1"), TEST: _says("+CUSD: (0-2)")}, needs_sim=True),
    # 27.005
    "+CSMS": Command(
        {SET: _service, READ: lambda s, _: [f"+CSMS: {s.registers.service},1,1,1"], TEST: _says("+CSMS: (0,1)")}
    ),
    "+CNMA": Command({RUN: _accepts, SET: _accepts}),
    "+CMMS": Command({SET: _only("0", "1", "2"), READ: _says("+CMMS: 0"), TEST: _says("+CMMS: (0-2)")}),
    "+CMGF": Command({SET: _only("0"), READ: _says("+CMGF: 0"), TEST: _says("+CMGF: (0)")}),
    "+CSCA": Command({READ: lambda s, _: [f'+CSCA: "{s.network.smsc}",145']}, needs_sim=True, sms=True),
    "+CPMS": Command(
        {
            SET: _choose_storage,
            READ: _read_storage,
            TEST: lambda s, _: [f"+CPMS: {_storages(s)},{_storages(s)},{_storages(s)}"],
        },
        needs_sim=True,
        sms=True,
    ),
    "+CNMI": Command({SET: _notifications, READ: _read_notifications, TEST: _test_notifications}, sms=True),
    "+CMGL": Command({SET: _list, RUN: _list, TEST: _says("+CMGL: (0-4)")}, needs_sim=True, sms=True),
    "+CMGR": Command({SET: _read, TEST: _accepts}, needs_sim=True, sms=True),
    "+CMGD": Command({SET: _delete, TEST: _test_delete}, needs_sim=True, sms=True),
    "+CMGS": Command({SET: _send, TEST: _accepts}, needs_sim=True, sms=True),
}
