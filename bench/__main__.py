"""`python -m bench`: measure, print the table, and with `--write` keep it in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from pathlib import Path

from . import faults, laptop, understanding
from .table import Row, render

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
END = "<!-- end of table -->"
MEASURES = (
    laptop.arrival,
    laptop.polled,
    laptop.drain,
    laptop.long_drain,
    laptop.sending,
    laptop.replug,
    laptop.weight,
    laptop.poison,
)


def main() -> None:
    """Run everything that can run here; what is missing is named."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    parser.add_argument("--rounds", type=int, default=7, help="repetitions of each figure; the median counts")
    parser.add_argument("--faults", action="store_true", help="the table of faults instead (about ten minutes)")
    parser.add_argument("--understanding", action="store_true", help="how well and how fast messages are understood")
    parser.add_argument("--calibrate", action="store_true", help="measure config/confidence.toml anew")
    options = parser.parse_args()
    if options.calibrate:
        understanding.calibrate()
        return
    if options.understanding:
        command, table = "--understanding --write", understanding.report()
    else:
        _look_for_peers()
        command, table = (
            ("--faults --write", faults.table()) if options.faults else ("--write", _main_table(options.rounds))
        )
    print(f"\n{table}")
    if options.write:
        _keep(f'<!-- table: make bench ARGS="{command}" -->', table)


def _look_for_peers() -> None:
    if sys.platform == "win32":
        sys.exit("The peers need a PTY; run this on Linux.")
    for program in ("gammu-smsd", "smsd"):
        if not (shutil.which(program) or Path(f"/usr/sbin/{program}").exists()):
            print(f"NOT MEASURED: {program} is not installed (apt-get install gammu-smsd smstools)")


def _main_table(rounds: int) -> str:
    rows: list[Row] = []
    for measure in MEASURES:
        rows += measure(rounds)
    return render(rows)


def _keep(begin: str, table: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(END)
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    DOCUMENT.write_text(f"{head}{begin}\n\n{table}\n\nMeasured on: {machine}.\n{END}{tail}", encoding="utf-8")


main()
