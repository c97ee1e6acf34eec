"""`waspada pdu decode`: read raw SMS PDUs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from modem.types import ReceivedSms


@click.group()
def pdu() -> None:
    """Work with raw SMS PDUs."""


@pdu.command()
@click.argument("hex_", metavar="[HEX]", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def decode(hex_: str | None, as_json: bool) -> None:
    """Decode a received PDU as AT+CMGL gives it (service-centre octets first); without HEX, every line of stdin.

    A line that cannot be read is reported with its number and the others go on; the exit code is then 1.
    """
    from modem.pdu import decode as decode_pdu
    from modem.types import PduError

    lines: Iterable[str] = [hex_] if hex_ is not None else sys.stdin
    failed = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _row(decode_pdu(line))
        except PduError as error:
            failed = True
            row = {"error": str(error)}
            click.echo(f"line {number}: {error}", err=True)
        if as_json:
            click.echo(json.dumps(row))
        elif "error" not in row:
            click.echo("\n".join(f"{name:<12}{value}" for name, value in row.items() if value is not None) + "\n")
    if failed:
        raise SystemExit(1)


def _row(sms: ReceivedSms) -> dict[str, Any]:
    from modem.parts import mend_surrogates

    zone = timezone(timedelta(minutes=sms.sent_offset)) if abs(sms.sent_offset) < 24 * 60 else UTC
    sent = None if sms.sent_at is None else datetime.fromtimestamp(sms.sent_at, zone).isoformat()
    return {
        "kind": sms.kind,
        "sender": sms.sender,
        "sender_is_number": sms.sender_is_number,
        "text": mend_surrogates(sms.text),
        "sent_at": sent,
        "coding": sms.coding,
        "smsc": sms.smsc,
        "reference": sms.reference,
        "part": sms.part,
        "parts": sms.parts,
        "octets": sms.octets.hex() or None,
        "port": sms.port,
        "message_reference": sms.message_reference,
        "delivery_status": sms.delivery_status,
    }
