"""`python -m bench`: measure, print the table, and with `--write` keep it in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from pathlib import Path

from . import laptop
from .table import Row, render

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- table: make bench ARGS=--write -->", "<!-- end of table -->"


def main() -> None:
    """Run everything that can run here; what is missing is named."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    parser.add_argument("--rounds", type=int, default=7, help="repetitions of each figure; the median counts")
    options = parser.parse_args()
    if sys.platform == "win32":
        sys.exit("The peers need a PTY; run this on Linux.")
    for program in ("gammu-smsd", "smsd"):
        if not (shutil.which(program) or Path(f"/usr/sbin/{program}").exists()):
            print(f"NOT MEASURED: {program} is not installed (apt-get install gammu-smsd smstools)")
    rows: list[Row] = []
    for measure in (laptop.arrival, laptop.drain, laptop.weight, laptop.poison):
        rows += measure(options.rounds)
    table = render(rows)
    print(f"\n{table}")
    if options.write:
        _keep(table)


def _keep(table: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    DOCUMENT.write_text(f"{head}{BEGIN}\n\n{table}\n\nMeasured on: {machine}.\n{END}{tail}", encoding="utf-8")


main()
