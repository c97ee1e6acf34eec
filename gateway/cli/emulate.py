"""`waspada emulate`: an emulated modem with its SMS network, and commands for one that runs.

Output is stable: scripts wait for the line `emulator ready: ...`. Numbers and texts are shown only by commands that ask for them.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import EndRequest

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer
    from modem.emulator.lines import Line

OWN_NUMBER = "+6281215070001"


@click.group(invoke_without_command=True)
@click.option(
    "--pty", type=click.Path(path_type=Path), metavar="LINK", help="Serve on a pseudo-terminal found under LINK."
)
@click.option("--tcp", metavar="HOST:PORT", help="Serve on TCP; port 0 lets the system choose.")
@click.option("--capacity", type=click.IntRange(1, 1000), default=40, show_default=True, help="Slots of the SIM.")
@click.option("--number", default=OWN_NUMBER, show_default=True, help="The SIM's own number.")
@click.option("--pin", help="The SIM asks for this PIN.")
@click.option("--personality", default="clean", show_default=True, help="Make of modem: clean, chatty, me or minimal.")
@click.option(
    "--delay", type=(float, float), default=(0.0, 0.0), help="Shortest and longest seconds an SMS is under way."
)
@click.option("--loss", type=click.FloatRange(0, 1), default=0.0, help="Share of parts the network loses.")
@click.option("--duplication", type=click.FloatRange(0, 1), default=0.0, help="Share of parts that come twice.")
@click.option("--reordering", type=click.FloatRange(0, 1), default=0.0, help="Share of parts that are overtaken.")
@click.option("--seed", type=int, help="Repeat the same losses, duplicates and delays.")
@click.option("--control", type=click.Path(path_type=Path), metavar="FILE", help="Write the control file here.")
@click.pass_context
def emulate(ctx: click.Context, /, **options: Any) -> None:
    """Emulate a GSM modem with a SIM in an SMS network, for any program that speaks AT."""
    if ctx.invoked_subcommand is None:
        _serve(**options)


def _serve(
    pty: Path | None,
    tcp: str | None,
    capacity: int,
    number: str,
    pin: str | None,
    personality: str,
    delay: tuple[float, float],
    loss: float,
    duplication: float,
    reordering: float,
    seed: int | None,
    control: Path | None,
) -> None:
    from modem.emulator.at_server import AtServer
    from modem.emulator.control import Control, ControlError
    from modem.emulator.lines import LineError
    from modem.emulator.network import Conditions, Network
    from modem.emulator.personalities import PERSONALITIES
    from modem.emulator.subscribers import Sim

    if personality not in PERSONALITIES:
        raise click.UsageError(f"There is no personality {personality}; there are: {', '.join(PERSONALITIES)}.")
    if not number.lstrip("+").isdecimal():
        raise click.UsageError("--number wants a telephone number, for example +6281215070001.")
    conditions = Conditions(delay, loss, duplication, reordering)
    network = Network(conditions=conditions, randomness=random.Random(seed))
    sim = network.add_sim(Sim(number, capacity=capacity, pin=pin))
    end = EndRequest()
    try:
        with (
            _line(AtServer(sim, network, PERSONALITIES[personality]), pty, tcp) as line,
            Control(network, sim, line, control) as channel,
        ):
            click.echo(f"emulator ready: modem on {line.address}, own number {sim.number}, control {channel.address}")
            network.run(end.ended)
    except (LineError, ControlError) as error:
        raise click.ClickException(str(error)) from error


def _line(server: AtServer, pty: Path | None, tcp: str | None) -> Line:
    from modem.emulator.lines import PtyLine, TcpLine

    if (pty is None) == (tcp is None):
        raise click.UsageError("Name one line: --pty LINK or --tcp HOST:PORT.")
    if pty is not None:
        return PtyLine(server, pty)
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
@_control_option
def inject(hexadecimal: str, control: str | None) -> None:
    """Put a PDU into the SIM as it is: service-centre octets first, readable or not."""
    answer = _call(control, "inject", hex=hexadecimal)
    click.echo(f"injected: SMS {answer['id']}, {_where(answer)}")


@emulate.command()
@_control_option
def unplug(control: str | None) -> None:
    """Pull the modem's cable."""
    _call(control, "unplug")
    click.echo("unplugged")


@emulate.command()
@_control_option
def plug(control: str | None) -> None:
    """Put the modem's cable back."""
    _call(control, "plug")
    click.echo("plugged")


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
