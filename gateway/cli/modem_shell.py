"""The dialogue of `waspada modem shell`: lines from a person or a pipe to a modem, and what the modem says back."""

from __future__ import annotations

import queue
import re
import sys
import threading

import click

from modem.at import Answer, Event, Stray, Unsolicited
from modem.at_line import AtLine
from modem.codes import meaning_of
from modem.discovery import exact_line

LISTEN_SECONDS = 0.1
"""How long the modem alone is listened to before the next look at what was typed."""
_ASKS_FOR_BODY = re.compile(r"\+CMG[SWC]=|\+CNMA=\d+,", re.I)
"""Commands with a prompt (27.005 3.5.1, 4.3 to 4.7)."""


def talk(port: str, baud: int, wait: float) -> None:
    """Until the typed lines end. Raises ModemAbsent when the port cannot be opened or vanishes."""
    with exact_line(port, baud, _show) as line:
        interactive = sys.stdin.isatty()
        if interactive:
            click.echo(f"{port} is open; type AT commands, end with Ctrl-D.")
        if not line.answers():
            click.echo("(nothing answers AT here)")
        typed = _typed_lines()
        while (command := _next(line, typed)) is not None:
            if command.strip():
                _give(line, command.strip(), typed, wait)


def _next(line: AtLine, typed: queue.Queue[str | None]) -> str | None:
    while True:
        try:
            return typed.get_nowait()
        except queue.Empty:
            line.listen(line.monotonic() + LISTEN_SECONDS)


def _give(line: AtLine, command: str, typed: queue.Queue[str | None], wait: float) -> None:
    if not command.isascii():
        click.echo("(a command has plain letters only)")
        return
    if command[:2].upper() not in ("AT", "A/"):  # a modem takes anything else for noise and says nothing (V.250 5.2.1)
        click.echo("(a command begins with AT)")
        return

    def body() -> str | None:
        click.echo("> ", nl=False)
        text = typed.get()
        if text is None:
            typed.put(None)  # the end, for whoever looks next
            return None
        return text.strip() if text.isascii() else None

    answer = line.ask(command, wait, body=body if _ASKS_FOR_BODY.search(command) else None)
    if answer is None:
        click.echo(f"(no answer within {wait:g} s)")
    else:
        _show(answer)


def _show(event: Event) -> None:
    match event:
        case Answer():
            for text in event.lines:
                click.echo(text)
            explained = "" if event.code is None else f"  ({meaning_of(event.final, event.code).words})"
            click.echo(f"{event.final}{explained}")
        case Unsolicited():
            click.echo(f"* {event.name}{': ' if event.text else ''}{event.text}")
            if event.pdu:
                click.echo(f"* {event.pdu}")
        case Stray():
            click.echo(f"* {event.line}")


def _typed_lines() -> queue.Queue[str | None]:
    """Lines of the standard input as they come, None at its end. A thread waits for them: a terminal cannot be polled
    on every system."""
    lines: queue.Queue[str | None] = queue.Queue()
    source = sys.stdin

    def read() -> None:
        for text in source:
            lines.put(text)
        lines.put(None)

    threading.Thread(target=read, name="typed", daemon=True).start()
    return lines
