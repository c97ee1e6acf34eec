"""Writes the generated pages of docs/: `make docs`. A test compares them with what the code says."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent


MORE_MODEMS = """
Further modems stand at the end of the file, each with a line `[[modem.more]]` of its own and any of `name`, `port`, `driver`,
`baud`, `number`, `role`, `prefixes`, `pin_file` and `balance_code` below it; the other settings of `[modem]` hold for all:

```toml
[modem]
name = "utama"
port = "/dev/serial/by-id/usb-HUAWEI_Mobile-if00-port0"
number = "+6281272000001"
prefixes = ["+62811", "+62812", "+62813"]

[[modem.more]]
name = "cadangan"
port = "auto"
number = "+6281772000002"

[[modem.more]]
name = "hanya terima"
port = "COM7"
role = "receive"
```

In messages they are called `modem`, `modem.more.1`, `modem.more.2`. They cannot be set by the environment.
"""


def settings_page() -> str:
    """docs/settings.md from `config/sections.py`."""
    from config.settings import all_settings

    lines = [
        "# Settings",
        "",
        "Made by `make docs` from `config/sections.py`. Precedence: flag, environment, file (`waspada.toml` in the data",
        "folder, or `--config`, or the variable `WASPADA_CONFIG`), default. `waspada settings` prints what is in force and",
        "where it comes from; `waspada settings --example` prints a file with all of them. A wrong one stops the start with",
        "one sentence.",
    ]
    section = ""
    for setting in all_settings():
        name, key = setting.name.split(".")
        if name != section:
            lines += MORE_MODEMS.rstrip().split("\n") if section == "modem" else []
            lines += ["", f"## [{name}]", "", "| setting | default | meaning | environment |", "|---|---|---|---|"]
            section = name
        default = ", ".join(setting.default) if isinstance(setting.default, tuple) else setting.default
        lines.append(
            f"| `{key}` | {f'`{default}`' if default != '' else '(empty)'} | {setting.help} | `{setting.environment}` |"
        )
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """docs/commands.md from the commands' own help."""
    import click

    from gateway.cli import main

    lines = ["# Commands", "", "Made by `make docs` from the commands' own help."]

    def tell(command: click.Command, path: str, parent: click.Context | None) -> None:
        name = path.rpartition(" ")[2]
        context = command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=100)
        if parent is not None:
            lines.extend(["", f"## `{path}`", "", "```text", command.get_help(context), "```"])
        if isinstance(command, click.Group):
            for inner_name in command.list_commands(context):
                inner = command.get_command(context, inner_name)
                if inner is not None:
                    tell(inner, f"{path} {inner_name}", context)

    tell(main, "waspada", None)
    return "\n".join(lines) + "\n"


PAGES = {"settings.md": settings_page, "commands.md": commands_page}


def main() -> None:
    """Write them."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    for variable in [name for name in os.environ if name.startswith("WASPADA_")]:
        del os.environ[variable]
    main()
