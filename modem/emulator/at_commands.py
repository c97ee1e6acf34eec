"""The commands of the emulated modem that are not about SMS (3GPP TS 27.007, ITU-T V.250): name → forms → what it answers.

How lines are cut is in `at_syntax.py`, how they are echoed and ended in `at_server.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from modem.emulator import ussd
from modem.emulator.at_syntax import (
    READ,
    RUN,
    SET,
    TEST,
    AtError,
    Command,
    accepts,
    number,
    only,
    says,
    unquoted,
)
from modem.emulator.sms_commands import SMS_COMMANDS

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer

NOT_ALLOWED, PUK_NEEDED, WRONG_PIN, NO_NETWORK = 3, 12, 16, 30
"""+CME ERROR codes, 27.007 9.2.1."""
ERROR_TEXTS: Mapping[tuple[str, int | None], str] = {
    ("CME", 3): "operation not allowed",
    ("CME", 10): "SIM not inserted",
    ("CME", 11): "SIM PIN required",
    ("CME", 12): "SIM PUK required",
    ("CME", 14): "SIM busy",
    ("CME", 16): "incorrect password",
    ("CME", 30): "no network service",
}
"""What stands for a code with +CMEE=2 (27.007 9.1)."""


def _echo(server: AtServer, arguments: str) -> list[str]:
    server.registers.echo = bool(number(arguments, 0, 1, 0))
    return []


def _defaults(server: AtServer, arguments: str) -> list[str]:
    server.forget_settings()
    return []


def _errors(server: AtServer, arguments: str) -> list[str]:
    server.registers.verbose_errors = number(arguments, 0, 2, 0)
    return []


def _charset(server: AtServer, arguments: str) -> list[str]:
    if unquoted(arguments) not in ("GSM", "IRA"):
        raise AtError()
    server.registers.charset = unquoted(arguments)
    return []


def _pin_state(server: AtServer, arguments: str) -> list[str]:
    server.check_card()
    if server.unlocked:
        return ["+CPIN: READY"]
    return ["+CPIN: SIM PIN" if server.sim.pin_tries else "+CPIN: SIM PUK"]


def _enter_pin(server: AtServer, arguments: str) -> list[str]:
    server.check_card()
    if server.unlocked:
        raise AtError("CME", NOT_ALLOWED)
    if not server.sim.pin_tries:
        raise AtError("CME", PUK_NEEDED)
    if unquoted(arguments) != server.sim.pin:
        server.sim.pin_tries -= 1
        raise AtError("CME", WRONG_PIN)
    server.sim.pin_tries, server.unlocked = 3, True
    server.network.hand_over()
    return []


def _registration(name: str) -> Command:
    """+CREG, +CGREG, +CEREG (27.007 7.2, 10.1.20, 10.1.22)."""

    def read(server: AtServer, arguments: str) -> list[str]:
        mode = server.registers.registration.get(name, 0)
        place = server.cell if mode == 2 else ""
        return [f"{name}: {mode},{server.registration}{place}"]

    def write(server: AtServer, arguments: str) -> list[str]:
        server.registers.registration[name] = number(arguments, 0, 2, 0)
        return []

    return Command({READ: read, SET: write, TEST: says(f"{name}: (0-2)")})


def _operator(server: AtServer, arguments: str) -> list[str]:
    if not server.registered:
        return ["+COPS: 0"]
    shown = server.sim.imsi[:5] if server.registers.operator_format == 2 else server.personality.operator
    return [f'+COPS: 0,{server.registers.operator_format},"{shown}"']


def _choose_operator(server: AtServer, arguments: str) -> list[str]:
    mode, _, rest = arguments.partition(",")
    if number(mode, 0, 4) == 3:
        server.registers.operator_format = number(rest.partition(",")[0], 0, 2, 0)
    return []


def _functionality(server: AtServer, arguments: str) -> list[str]:
    level, _, restart = arguments.partition(",")
    chosen = number(level, 0, 4)
    if chosen not in (0, 1, 4):
        raise AtError()
    if restart.strip() == "1":
        server.restart_after_answer()
        return []
    server.registers.functionality = chosen
    server.network.hand_over()
    return []


def _ussd(server: AtServer, arguments: str) -> list[str]:
    mode, _, rest = arguments.partition(",")
    typed = unquoted(rest.partition(",")[0])
    if number(mode, 0, 2, 0) == 2 or not typed:
        return []
    if not server.registered:
        raise AtError("CME", NO_NETWORK)
    made = server.personality
    try:
        code = ussd.decode_request(typed, made.ussd_packed_only)
    except ValueError:
        raise AtError() from None
    answer = server.sim.answer_ussd(code)
    if answer is None:
        server.announce("+CUSD: 4", made.ussd_seconds)
    else:
        text, dcs = ussd.encode(answer, made.ussd)
        server.announce(f'+CUSD: 0,"{text}",{dcs}', made.ussd_seconds)
    return []


_manufacturer = Command({RUN: lambda server, _: [server.personality.manufacturer], TEST: accepts})
_model = Command({RUN: lambda server, _: [server.personality.model], TEST: accepts})
_revision = Command({RUN: lambda server, _: [server.personality.revision], TEST: accepts})
_imei = Command({RUN: lambda server, _: [server.personality.imei_prefix + server.personality.imei], TEST: accepts})

COMMANDS: Mapping[str, Command] = {
    # V.250
    "E": Command({RUN: _echo}),
    "Z": Command({RUN: _defaults}),
    "&F": Command({RUN: _defaults}),
    "V": Command({RUN: only("1")}),
    "Q": Command({RUN: only("", "0")}),
    "H": Command({RUN: accepts}),
    "I": Command({RUN: lambda server, _: [server.personality.manufacturer, server.personality.model]}),
    "S": Command({RUN: accepts}),
    "X": Command({RUN: accepts}),
    "&C": Command({RUN: accepts}),
    "&D": Command({RUN: accepts}),
    "&W": Command({RUN: accepts}),
    "+GMI": _manufacturer,
    "+GMM": _model,
    "+GMR": _revision,
    "+GSN": _imei,
    "+GCAP": Command({RUN: says("+GCAP: +CGSM")}),
    "+IFC": Command({SET: accepts, READ: says("+IFC: 2,2"), TEST: says("+IFC: (0,2),(0,2)")}),
    "+IPR": Command({SET: accepts, READ: says("+IPR: 0")}),
    # 27.007
    "+CGMI": _manufacturer,
    "+CGMM": _model,
    "+CGMR": _revision,
    "+CGSN": _imei,
    "+CIMI": Command({RUN: lambda server, _: [server.sim.imsi], TEST: accepts}, needs_sim=True),
    "+CNUM": Command({RUN: lambda server, _: [f'+CNUM: ,"{server.sim.number}",145']}, needs_sim=True),
    "+CMEE": Command(
        {SET: _errors, READ: lambda s, _: [f"+CMEE: {s.registers.verbose_errors}"], TEST: says("+CMEE: (0-2)")}
    ),
    "+CSCS": Command(
        {SET: _charset, READ: lambda s, _: [f'+CSCS: "{s.registers.charset}"'], TEST: says('+CSCS: ("GSM","IRA")')}
    ),
    "+CPIN": Command({READ: _pin_state, SET: _enter_pin, TEST: accepts}),
    "+CREG": _registration("+CREG"),
    "+CGREG": _registration("+CGREG"),
    "+CEREG": _registration("+CEREG"),
    "+CGATT": Command({READ: lambda s, _: [f"+CGATT: {int(s.registered)}"], SET: accepts, TEST: says("+CGATT: (0,1)")}),
    "+COPS": Command({READ: _operator, SET: _choose_operator}),
    "+CSQ": Command(
        {
            RUN: lambda s, _: [f"+CSQ: {s.personality.signal if s.registered else 99},99"],
            TEST: says("+CSQ: (0-31,99),(99)"),
        }
    ),
    "+CBC": Command({RUN: says("+CBC: 0,100"), TEST: says("+CBC: (0-3),(0-100)")}),
    "+CPAS": Command({RUN: says("+CPAS: 0")}),
    "+CFUN": Command(
        {
            SET: _functionality,
            READ: lambda s, _: [f"+CFUN: {s.registers.functionality}"],
            TEST: says("+CFUN: (0,1,4),(0,1)"),
        }
    ),
    "+CUSD": Command({SET: _ussd, READ: says("+CUSD: 1"), TEST: says("+CUSD: (0-2)")}, needs_sim=True),
    **SMS_COMMANDS,
}
