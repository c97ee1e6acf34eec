"""`waspada emulate`: an emulated modem with its SMS network, and commands for one that runs.

Output is stable: scripts wait for the line `emulator ready: ...`. Numbers and texts are shown only by commands that ask for them.
"""

from __future__ import annotations

import datetime
import json
import random
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import EndRequest

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer
    from modem.emulator.lines import Line
    from modem.transcript import Recorder

OWN_NUMBER = "+6281215070001"
_LOG_OCTETS = 100_000_000
"""A transcript is cut here, the older part kept as FILE.old."""


@click.group(invoke_without_command=True)
@click.option(
    "--pty", type=click.Path(path_type=Path), metavar="LINK", help="Serve on a pseudo-terminal found under LINK."
)
@click.option("--tcp", metavar="HOST:PORT", help="Serve on TCP; port 0 lets the system choose.")
@click.option(
    "--personality",
    default="clean",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Make of modem: clean, chatty, slow, minimal, me, direct, huawei, odd, or a file of your own.",
)
@click.option("--capacity", type=click.IntRange(1, 1000), default=40, show_default=True, help="Slots of the SIM.")
@click.option("--number", default=OWN_NUMBER, show_default=True, help="The SIM's own number.")
@click.option("--imei", metavar="DIGITS", help="The modem's own number; without it the personality's.")
@click.option("--imsi", metavar="DIGITS", help="The SIM's identity; without it one of the operator's.")
@click.option("--pin", metavar="DIGITS", help="The SIM asks for this PIN.")
@click.option(
    "--operator",
    default="telkomsel",
    show_default=True,
    metavar="NAME",
    help="Whose SIM and network: telkomsel, indosat, xl or tri. Their words, code and sender.",
)
@click.option("--credit", type=click.IntRange(0), default=25_000, show_default=True, help="Credit in rupiah.")
@click.option("--tariff", type=click.IntRange(0), default=0, show_default=True, help="Rupiah an SMS costs.")
@click.option("--active-until", metavar="YYYY-MM-DD", help="Last day on which the SIM can send.")
@click.option("--baud", type=click.IntRange(300, 4_000_000), help="Answer no faster than a line of so many bit/s.")
@click.option(
    "--delay", type=(float, float), default=(0.0, 0.0), help="Shortest and longest seconds an SMS is under way."
)
@click.option("--loss", type=click.FloatRange(0, 1), default=0.0, help="Share of parts the network loses.")
@click.option("--duplication", type=click.FloatRange(0, 1), default=0.0, help="Share of parts that come twice.")
@click.option("--reordering", type=click.FloatRange(0, 1), default=0.0, help="Share of parts that are overtaken.")
@click.option("--seed", type=int, help="Repeat the same losses, duplicates and delays.")
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Append what passes on the line, numbers and texts too, to this transcript; PINs are masked.",
)
@click.option("--control", type=click.Path(path_type=Path), metavar="FILE", help="Write the control file here.")
@click.pass_context
def emulate(ctx: click.Context, /, **options: Any) -> None:
    """Emulate a GSM modem with a SIM in an SMS network, for any program that speaks AT."""
    if ctx.invoked_subcommand is None:
        _serve(**options)


def _serve(
    pty: Path | None, tcp: str | None, baud: int | None, log: Path | None, control: Path | None, **made_of: Any
) -> None:
    from modem.emulator.control import Control, ControlError
    from modem.emulator.lines import LineError

    server = _modem(**made_of)
    server.output.baud = baud
    end = EndRequest()
    try:
        with ExitStack() as stack:
            line = _line(server, pty, tcp)
            if log is not None:
                line.tap = stack.enter_context(_recorder(log, made_of["personality"]))
            stack.enter_context(line)
            channel = stack.enter_context(Control(server.network, server.sim, line, control))
            click.echo(
                f"emulator ready: modem on {line.address}, own number {server.sim.number}, control {channel.address}"
            )
            server.network.run(end.ended)
    except (LineError, ControlError) as error:
        raise click.ClickException(str(error)) from error


def _recorder(log: Path, personality: str) -> Recorder:
    from config import __version__
    from modem.transcript import Recorder

    about = f"waspada {__version__} emulator, personality {personality}"
    recorder = Recorder(log, masked=False, limit_octets=_LOG_OCTETS, about=about)
    if recorder.trouble:
        raise click.ClickException(
            f"{recorder.trouble[:1].upper()}{recorder.trouble[1:]}; name another file with --log."
        )
    return recorder


def _modem(
    *,
    personality: str,
    capacity: int,
    number: str,
    imei: str | None,
    imsi: str | None,
    pin: str | None,
    operator: str,
    credit: int,
    tariff: int,
    active_until: str | None,
    delay: tuple[float, float],
    loss: float,
    duplication: float,
    reordering: float,
    seed: int | None,
) -> AtServer:
    from modem.emulator.account import OPERATORS, Account
    from modem.emulator.at_server import AtServer
    from modem.emulator.network import Conditions, Network
    from modem.emulator.personalities import PersonalityError, load_personality
    from modem.emulator.subscribers import Sim

    try:
        make = load_personality(personality)
    except PersonalityError as error:
        raise click.UsageError(str(error)) from error
    if delay[0] < 0 or delay[1] < delay[0]:
        raise click.UsageError("--delay wants the shorter time first, and none below 0, for example 1 5.")
    if pin is not None and not (pin.isascii() and pin.isdecimal() and 4 <= len(pin) <= 8):
        raise click.UsageError("--pin wants 4 to 8 digits.")
    if operator not in OPERATORS:
        raise click.UsageError(f"There is no operator {operator}; there are: {', '.join(OPERATORS)}.")
    _check_number("--number", number)
    make = replace(make, operator=OPERATORS[operator].network, imei=_digits("--imei", imei) or make.imei)
    account = Account(credit, tariff, operator=operator)
    if active_until is not None:
        account.active_until = _day(active_until)
    network = Network(conditions=Conditions(delay, loss, duplication, reordering), randomness=random.Random(seed))
    identity = _digits("--imsi", imsi) or OPERATORS[operator].plmn + "1507000001"
    sim = network.add_sim(Sim(number, identity, capacity=capacity, pin=pin, account=account))
    return AtServer(sim, network, make)


def _check_number(option: str, number: str) -> None:
    if not (number.isascii() and number.removeprefix("+").isdecimal()):
        raise click.UsageError(f"{option} wants a telephone number, for example +6281215070001.")


def _digits(option: str, typed: str | None) -> str | None:
    if typed is not None and not (typed.isascii() and typed.isdecimal() and 14 <= len(typed) <= 16):
        raise click.UsageError(f"{option} wants 14 to 16 digits.")
    return typed


def _day(typed: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(typed)
    except ValueError:
        raise click.UsageError("--active-until wants a day, for example 2026-12-31.") from None


def _line(server: AtServer, pty: Path | None, tcp: str | None) -> Line:
    from modem.emulator.lines import LineError, PtyLine, TcpLine

    if (pty is None) == (tcp is None):
        raise click.UsageError("Name one line: --pty LINK or --tcp HOST:PORT.")
    if pty is not None:
        try:
            return PtyLine(server, pty)
        except LineError as error:
            raise click.ClickException(str(error)) from error
    host, colon, port = (tcp or "").rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise click.UsageError("--tcp wants HOST:PORT, for example 127.0.0.1:0.")
    return TcpLine(server, host.strip("[]") or "127.0.0.1", int(port))


_control_option = click.option(
    "--control", metavar="FILE|HOST:PORT", help="Which emulator; without it the one started last."
)


def _call(control: str | None, operation: str, **asked: Any) -> dict[str, Any]:
    from modem.emulator.control import ControlError, find_emulator

    try:
        return find_emulator(control).call(operation, **asked)
    except ControlError as error:
        raise click.ClickException(str(error)) from error


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@emulate.command()
@click.option("--from", "sender", required=True, metavar="NUMBER", help="Who sends: a number, a short code or a name.")
@click.option("--to", metavar="NUMBER", help="Who gets it; without it the emulated modem.")
@click.option("--parts", metavar="2,1,...", help="Parts of a long SMS as they leave; parts not named are left out.")
@_control_option
@click.argument("text")
def send(sender: str, to: str | None, parts: str | None, control: str | None, text: str) -> None:
    """Send TEXT from a phone to the modem of a running emulator."""
    try:
        order = [int(piece) for piece in parts.split(",")] if parts else None
    except ValueError:
        raise click.UsageError("--parts wants numbers with commas between them, for example 2,1.") from None
    answer = _call(control, "send", **{"from": sender}, to=to, text=text, parts=order)
    click.echo(f"sent: SMS {answer['id']}, {_where(answer)}")


def _where(answer: dict[str, Any]) -> str:
    if answer["state"] == "waiting":
        if not answer["plugged"]:
            return "waits at the network: the modem is unplugged"
        return "waits at the network: the SIM is full" if answer["full"] else "waits at the network"
    if answer["slots"]:
        return "in slot " + ", ".join(map(str, answer["slots"]))
    return str(answer["state"]).replace("_", " ")


@emulate.command()
@click.option("--json", "as_json", is_flag=True, help="A list of objects: to, sender, text, at, parts.")
@_control_option
def sent(as_json: bool, control: str | None) -> None:
    """Show what phones received from the modem."""
    texts = _call(control, "sent")["texts"]
    if as_json:
        _print_json(texts)
        return
    for row in texts:
        click.echo(f"{row['to']}\t{row['text']}")


@emulate.command()
@click.argument("hexadecimal", metavar="HEX")
@click.option("--storage", type=click.Choice(["SM", "ME"]), help="Put it into this store, past the network.")
@_control_option
def inject(hexadecimal: str, storage: str | None, control: str | None) -> None:
    """Put a PDU into the SIM as it is: service-centre octets first, readable or not."""
    try:
        bytes.fromhex(hexadecimal)
    except ValueError:
        raise click.UsageError("HEX wants pairs of the digits 0 to 9 and A to F.") from None
    answer = _call(control, "inject", hex=hexadecimal, storage=storage)
    click.echo(f"injected: SMS {answer['id']}, {_where(answer)}")


@emulate.command()
@click.argument("kind", type=click.Choice(["low_credit", "expiry", "grace", "promo"]))
@click.option("--from", "sender", metavar="NAME", help="Who sends: a name or a short code; without it the operator's.")
@_control_option
def notice(kind: str, sender: str | None, control: str | None) -> None:
    """Send a notice of the operator to the modem, in the operator's words."""
    answer = _call(control, "notice", kind=kind, **{"from": sender})
    click.echo(f"sent: SMS {answer['id']}, {_where(answer)}")


@emulate.command()
@click.argument("number")
@click.argument("switch", type=click.Choice(["on", "off"]))
@_control_option
def phone(number: str, switch: str, control: str | None) -> None:
    """Switch a phone on or off: what the modem sends it waits, and so does the delivery report."""
    _check_number("NUMBER", number)
    answer = _call(control, "phone", number=number, on=switch == "on")
    click.echo(f"{answer['number']} is {switch}")


@emulate.command()
@click.option("--balance", type=click.IntRange(0), help="Credit in rupiah.")
@click.option("--tariff", type=click.IntRange(0), help="Rupiah an SMS costs.")
@click.option("--active-until", metavar="YYYY-MM-DD", help="Last day on which the SIM can send.")
@_control_option
def account(balance: int | None, tariff: int | None, active_until: str | None, control: str | None) -> None:
    """Show or change the SIM's credit, tariff and validity."""
    if active_until is not None:
        _day(active_until)
    asked = {"balance": balance, "tariff": tariff, "active_until": active_until}
    answer = _call(control, "account", **{key: value for key, value in asked.items() if value is not None})
    click.echo(f"Rp{answer['balance']}, Rp{answer['tariff']} an SMS, active until {answer['active_until']}")


@emulate.command()
@click.argument("name", required=False)
@click.argument("which", required=False)
@click.option("--for", "seconds", type=float, metavar="SECONDS", help="End it after so long.")
@click.option("--count", type=int, metavar="N", help="End it after it happened so often.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the fault, such as low=2.")
@_control_option
def fault(
    name: str | None,
    which: str | None,
    seconds: float | None,
    count: int | None,
    settings: tuple[str, ...],
    control: str | None,
) -> None:
    """Begin the fault NAME, or end one: `clear` for all, `clear NAME` for one. Without NAME: list all there are.

    What is wrong is shown afterwards. docs/emulator.md says what each fault does and how it ends.
    """
    if name is None:
        _list_faults()
        return
    if which is not None and name != "clear":
        raise click.UsageError("Only `clear` takes a second name.")
    options = dict(setting.partition("=")[::2] for setting in settings)
    asked = {"name": name, "which": which, "for": seconds, "count": count, **options}
    answer = _call(control, "fault", **{key: value for key, value in asked.items() if value is not None})
    for row in answer["active"]:
        limits = [f"{row['seconds']:g} s left"] if row["seconds"] is not None else []
        limits += [f"{row['count']} times left"] if row["count"] is not None else []
        click.echo(", ".join([row["name"], *limits]))
    if not answer["active"]:
        click.echo("no fault")


def _list_faults() -> None:
    from modem.emulator.faults import FAULTS

    for name, kind in FAULTS.items():
        options = ", ".join(f"{key}={default}" for key, default in kind.options.items())
        click.echo(f"{name:14} {kind.meaning}" + (f" ({options})" if options else ""))


@emulate.command()
@click.option("--for", "seconds", type=float, metavar="SECONDS", help="Put it back after so long.")
@_control_option
def unplug(seconds: float | None, control: str | None) -> None:
    """Pull the modem's cable."""
    _call(control, "unplug", **{"for": seconds})
    click.echo("unplugged")


@emulate.command()
@click.option("--as", "name", metavar="LINK", help="Under another name, as a port that is numbered anew.")
@_control_option
def plug(name: str | None, control: str | None) -> None:
    """Put the modem's cable back."""
    answer = _call(control, "plug", **{"as": name})
    click.echo(f"plugged in on {answer['modem']}" if name else "plugged")


@emulate.command()
@click.option("--json", "as_json", is_flag=True, help="Everything: slots, and every SMS with where it is now.")
@_control_option
def status(as_json: bool, control: str | None) -> None:
    """Show the SIM's slots and what waits at the network."""
    found = _call(control, "status")
    if as_json:
        _print_json(found)
        return
    plugged = "plugged in" if found["plugged"] else "unplugged"
    click.echo(f"modem on {found['modem']}: {plugged}, {found['used']} of {found['capacity']} slots used")
    click.echo(f"{found['waiting']} waiting at the network, {len(found['sent_by_phones'])} SMS from phones")
    click.echo(f"{len(found['submitted_by_modem'])} SMS from the modem")
    if found["faults"]:
        click.echo("faults: " + ", ".join(row["name"] for row in found["faults"]))
