"""The table of a run: one line a figure, peers as ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
        return "1" if self.value == self.ours else f"{self.value / self.ours:.2g}" if self.ours else "-"


def render(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| figure | program | value | ratio to Waspada |", "|---|---|---:|---:|"]
    lines += [f"| {row.figure} | {row.program} | {row.value:.3g} {row.unit} | {row.ratio} |" for row in rows]
    return "\n".join(lines)
