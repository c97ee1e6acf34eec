"""The command `waspada`: the one place that puts all parts together. A command's module is imported when it is used."""

from __future__ import annotations

import importlib
import sys

import click

from config import __version__

_COMMANDS = {
    "demo": "demo:demo",
    "gateway": "run:gateway",
    "central": "central:central",
    "enroll": "enroll:enroll",
    "emulate": "emulate:emulate",
    "messages": "listing:messages",
    "reports": "listing:reports",
    "reporters": "reporters:reporters",
    "send": "send:send",
    "understand": "understand:understand",
    "forms": "forms:forms",
    "modem": "modem:modem",
    "pdu": "pdu:pdu",
    "settings": "settings:settings",
}


class _LazyGroup(click.Group):
    """Knows its commands by name and imports the one that is called: `waspada pdu` starts without Flask or SQLAlchemy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of the help page."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        return command


@click.group(cls=_LazyGroup)
@click.version_option(__version__, prog_name="waspada")
def main() -> None:
    """Waspada: SMS early warning that works without a network.

    Start with `waspada demo`. Every command explains itself with --help.
    """
    # Old Windows consoles and LANG=C would otherwise end a command at the first sign they cannot show.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
