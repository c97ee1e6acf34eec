"""`waspada settings`: what is in force, and where each value comes from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .common import data_option, one_sentence, settings_file


@click.command()
@data_option
@click.option("--config", "config", type=click.Path(dir_okay=False, path_type=Path), help="Settings file (TOML).")
@click.option("--json", "as_json", is_flag=True, help="A list of objects instead of a table.")
@click.option("--example", is_flag=True, help="Print a settings file with every setting, its meaning and its default.")
def settings(data: Path, config: Path | None, as_json: bool, example: bool) -> None:
    """Print the settings in force with their source: flag, environment, file or default."""
    from config.settings import effective, example_file

    if example:
        click.echo(example_file(), nl=False)
        return
    with one_sentence():
        rows = effective(settings_file(data, config))[1]
    if as_json:
        listed = [
            {"name": row.setting.name, "value": row.value, "source": row.source, "environment": row.setting.environment}
            for row in rows
        ]
        click.echo(json.dumps(listed, indent=1))
        return
    width = max(len(row.setting.name) for row in rows)
    for row in rows:
        value = ", ".join(row.value) if isinstance(row.value, tuple) else str(row.value)
        click.echo(f"{row.setting.name.ljust(width)}  {value or '-':<14}  {row.source:<10}  {row.setting.help}")
