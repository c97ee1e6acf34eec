"""The table of a run: one line a figure, peers as ratios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

NEVER = math.inf
"""The value of what did not happen within the time of the measurement."""


@dataclass(frozen=True)
class Row:
    """One figure of one program. `value` in `unit`; `ours` is Waspada's figure for the same in the same run."""

    figure: str
    program: str
    value: float
    unit: str
    ours: float

    @property
    def ratio(self) -> str:
        """This program's figure divided by ours."""
        if self.value == NEVER:
            return "-"
        return "1" if self.value == self.ours else f"{self.value / self.ours:.2g}" if self.ours else "-"


def render(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| figure | program | value | ratio to Waspada |", "|---|---|---:|---:|"]
    for row in rows:
        value = "never" if row.value == NEVER else f"{row.value:.3g} {row.unit}"
        lines.append(f"| {row.figure} | {row.program} | {value} | {row.ratio} |")
    return "\n".join(lines)
