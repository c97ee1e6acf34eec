"""`waspada modem`: what is plugged in, how the gateway's modem stands, and tools for whoever looks for a fault.

Numbers are shown only where `--numbers` asks for them; `shell` and a full transcript show what passes on the line.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import EndRequest, data_option, open_existing_store

if TYPE_CHECKING:
    from gateway.store.models import ModemRecord
    from modem.discovery import PortReport
    from modem.ports import PortFacts

SHOWN_DIGITS = 4
FOLLOW_SECONDS = 0.3
_baud_option = click.option("--baud", type=click.IntRange(300, 4_000_000), default=115_200, show_default=True)
_json_option = click.option("--json", "as_json", is_flag=True, help="Objects instead of a table.")
_numbers_option = click.option("--numbers", is_flag=True, help="Show IMEI and IMSI in full.")


@click.group()
def modem() -> None:
    """Find modems, see how they stand, talk to them, record and replay what they say."""


# -- scan ----------------------------------------------------------------------------------------------------------


@modem.command()
@click.argument("ports", metavar="[PORT]...", nargs=-1)
@_baud_option
@_json_option
@_numbers_option
@click.pass_context
def scan(ctx: click.Context, ports: tuple[str, ...], baud: int, as_json: bool, numbers: bool) -> None:
    """Ask every serial port, or the PORTs named, what it is; mark the one to use.

    A PORT may have wildcards. Nothing is changed, no PIN is tried, no message read. Exit code 1 where no port speaks SMS.
    """
    from modem.discovery import best
    from modem.discovery import scan as ask_all
    from modem.ports import PortFacts, known_ports

    known = known_ports(ports)
    known += [PortFacts(name) for name in ports if not known_ports((name,))]
    reports = ask_all([port for port in known if not port.left_out], baud=baud)
    chosen = best(reports)
    if as_json:
        click.echo(json.dumps([_row(report, report is chosen, numbers) for report in reports], indent=1))
    else:
        _print_scan(reports, chosen, [port for port in known if port.left_out], numbers)
    ctx.exit(0 if chosen is not None else 1)


def _row(report: PortReport, chosen: bool, numbers: bool) -> dict[str, Any]:
    return {
        "port": report.port.device,
        "by_id": report.port.by_id or None,
        "description": report.port.description or None,
        "chosen": chosen,
        "answers_at": report.answers,
        "speaks_sms": report.sms,
        "announces": report.announces,
        "manufacturer": report.manufacturer,
        "model": report.model,
        "imei": _shown(report.imei, numbers),
        "imsi": _shown(report.imsi, numbers),
        "sim": report.sim,
        "registration": report.registration,
        "operator": report.operator,
        "signal_percent": report.signal_percent,
        "sim_used": report.sim_used,
        "sim_capacity": report.sim_capacity,
        "held_by": list(report.held_by),
        "trouble": str(report.trouble) or None,
        "remark": report.remark or None,
    }


def _shown(number: str | None, numbers: bool) -> str | None:
    if number is None or numbers:
        return number
    return "*" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]


def _print_scan(
    reports: Sequence[PortReport], chosen: PortReport | None, left_out: Sequence[PortFacts], numbers: bool
) -> None:
    if reports:
        heads = ("", "port", "what", "IMEI", "AT", "SMS", "operator", "signal", "SIM", "remark")
        _print_table([heads, *(_cells(report, report is chosen, numbers) for report in reports)])
    reasons: dict[str, list[str]] = {}
    for port in left_out:
        reasons.setdefault(port.left_out, []).append(port.device)
    for reason, devices in reasons.items():
        names = devices[0] if len(devices) == 1 else f"{devices[0]} and {len(devices) - 1} more"
        click.echo(f"not asked: {names} ({reason}); name a port to ask it all the same")
    click.echo(_next_step(reports, chosen))


def _cells(report: PortReport, chosen: bool, numbers: bool) -> tuple[str, ...]:
    what = " ".join(piece for piece in (report.manufacturer, report.model) if piece)
    return (
        "*" if chosen else "",
        report.port.device,
        what or report.port.description or "?",
        _shown(report.imei, numbers) or "?",
        "yes" if report.answers else "no",
        "yes" if report.sms else "no",
        report.operator or (report.registration.value if report.registration else "?"),
        "?" if report.signal_percent is None else f"{report.signal_percent}%",
        "?" if report.sim_capacity is None else f"{report.sim_used}/{report.sim_capacity}",
        report.remark,
    )


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    rows = [tuple("".join(sign if sign.isprintable() else " " for sign in cell) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _next_step(reports: Sequence[PortReport], chosen: PortReport | None) -> str:
    from modem.discovery import Trouble

    if chosen is not None:
        step = f"Use {chosen.port.device}: waspada gateway --modem {chosen.port.by_id or chosen.port.device}"
        return f"{step}\nBut: {chosen.remark}." if chosen.remark else step
    for trouble in (Trouble.FORBIDDEN, Trouble.BUSY, Trouble.STUCK):
        if found := next((report for report in reports if report.trouble is trouble), None):
            return f"No port speaks SMS. {found.port.device}: {found.remark}."
    if reports:
        return "No port speaks SMS. Wait half a minute after plugging the modem in, then scan again; else see docs/modem.md."
    return "There is no port to ask. Plug the modem in; where it shows up as a drive, install usb-modeswitch (docs/modem.md)."


# -- status --------------------------------------------------------------------------------------------------------


@modem.command()
@data_option
@click.option("--port", help="Ask the modem on this port itself, which no gateway may be using.")
@_baud_option
@_json_option
@_numbers_option
def status(data: Path, port: str | None, baud: int, as_json: bool, numbers: bool) -> None:
    """How the gateway's modems stood last, with the age of that; or, with --port, what a modem says now."""
    rows = [_asked(port, baud, numbers)] if port else _remembered(data, numbers)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        for name, value in row.items():
            if value not in (None, "", []):
                click.echo(f"{name.replace('_', ' '):<16}{_words(value)}")
        click.echo()
    if not rows:
        click.echo("No modem is known here yet: start `waspada gateway`, or look for one with `waspada modem scan`.")
    elif not port and not rows[0]["gateway_runs"]:
        click.echo("No gateway is running here: this is how it stood when it ended. Start it with `waspada gateway`.")


def _words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _asked(port: str, baud: int, numbers: bool) -> dict[str, Any]:
    from modem.discovery import ask
    from modem.ports import facts_of, holders

    facts = facts_of(port)
    report = ask(facts, baud=baud, held_by=holders([facts.device]).get(facts.device, ()))
    if not report.answers:
        raise click.ClickException(f"{port}: {report.remark}.")
    row = _row(report, False, numbers)
    del row["chosen"], row["trouble"], row["held_by"]
    return row


def _remembered(data: Path, numbers: bool) -> list[dict[str, Any]]:
    import time

    from sqlalchemy import select

    from gateway.store.lock import gateway_runs
    from gateway.store.models import ModemRecord

    now = time.time()
    with open_existing_store(data) as store, store.read() as session:
        records = session.scalars(select(ModemRecord).order_by(ModemRecord.key))
        return [{**_record_row(record, now, numbers), "gateway_runs": gateway_runs(data)} for record in records]


def _record_row(record: ModemRecord, now: float, numbers: bool) -> dict[str, Any]:
    return {
        "modem": record.key,
        "state": record.state,
        "sentence": record.sentence,
        "since": _age(record.changed_at, now),
        "port": record.port,
        "operator": record.operator,
        "imei": _shown(record.imei or None, numbers),
        "imsi": _shown(record.imsi or None, numbers),
        "balance": record.balance,
        "valid_until": _day(record.valid_until),
        "credit_learnt": _age(record.credit_at, now),
    }


def _age(at: int | None, now: float) -> str | None:
    """How long ago a time in milliseconds was, in words."""
    if not at:
        return None
    minutes = int(max(0, now - at / 1000) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    return f"{days} d {hours} h ago" if days else f"{hours} h {minutes} min ago" if hours else f"{minutes} min ago"


def _day(at: int | None) -> str | None:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat() if at else None


# -- shell ---------------------------------------------------------------------------------------------------------


@modem.command()
@click.argument("port")
@_baud_option
@click.option(
    "--wait", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds an answer may take."
)
def shell(port: str, baud: int, wait: float) -> None:
    """Type AT commands to the modem on PORT and see what it says; Ctrl-D ends. Commands may come from a pipe.

    Lines the modem sends by itself begin with *. After AT+CMGS the sign > asks for the PDU. Errors are explained.
    """
    from modem.discovery import why_closed
    from modem.types import ModemAbsent

    from .modem_shell import talk

    try:
        talk(port, baud, wait)
    except ModemAbsent as error:
        raise click.ClickException(
            f"{port}: {why_closed(error)[1]}. `waspada modem scan` shows what is there."
        ) from None


# -- transcripts ---------------------------------------------------------------------------------------------------


@modem.command()
@data_option
@click.option("--modem", "key", default="modem", show_default=True, help="Which one: modem, modem.more.1 ...")
@click.option("--follow", is_flag=True, help="Go on showing what is added, until Ctrl-C.")
def log(data: Path, key: str, follow: bool) -> None:
    """Show what passed between the gateway and a modem, where it is recorded.

    The setting modem.transcript switches the recording on.
    """
    from modem.transcript import transcript_file

    path = transcript_file(data, key)
    if not path.is_file():
        others = ", ".join(sorted(file.stem.removeprefix("modem-") for file in data.glob("modem-*.log")))
        raise click.ClickException(
            f"There is no transcript {path}"
            + (f"; there are some of: {others} (--modem)." if others else ".")
            + ' Recording is switched on with WASPADA_MODEM_TRANSCRIPT=masked, or transcript = "masked" under [modem] in'
            " waspada.toml, before the gateway starts."
        )
    ended = EndRequest().ended if follow else None
    for text in added_text(path, ended):
        click.echo(text, nl=False)


def added_text(path: Path, ended: threading.Event | None) -> Iterator[str]:
    """What a file holds and then, until `ended`, what is added; None ends it at once. A file that begins anew is read anew."""
    size = 0
    while True:
        try:
            with path.open(encoding="ascii", errors="replace") as file:
                size = size if file.seek(0, 2) >= size else 0
                file.seek(size)
                text = file.read()
                size = file.tell()
        except FileNotFoundError:  # it is just being put aside
            text = ""
        if text:
            yield text
        if ended is None or ended.wait(FOLLOW_SECONDS):
            return


@modem.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--tcp", metavar="HOST:PORT", default="127.0.0.1:0", show_default=True, help="Where; port 0: any free one."
)
def replay(file: Path, tcp: str) -> None:
    """Serve the transcript FILE as a modem to one client, which must send what was sent when it was recorded.

    Prints `replay ready: modem on socket://HOST:PORT`. Exit code 1 at the first difference.
    """
    from modem.replay import Replay
    from modem.transcript import TranscriptError

    host, colon, port = tcp.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise click.UsageError("--tcp wants HOST:PORT, for example 127.0.0.1:0.")
    end = EndRequest()
    try:
        with Replay(file, host.strip("[]") or "127.0.0.1", int(port)) as served:
            click.echo(f"replay ready: modem on {served.address}")
            while not end.ended.is_set() and not served.wait(FOLLOW_SECONDS):
                pass
            served.finish()
    except TranscriptError as error:
        raise click.ClickException(str(error)) from None
    click.echo("replay: everything came as recorded")
