"""Faults and how each program comes through them: seconds until everything is stored again, and what was lost.

Each program collects from an emulated modem; a fault begins, SMS are sent to the modem while it lasts, it ends (or not: then the
program has to end it), two more SMS follow. Counted is what the program has stored.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from modem.emulator.lines import PtyLine

from .rigs import GAMMU, Collector, Radio, available, collecting, wait_for

FAULT_SECONDS = 8.0
SETTLED_SECONDS = 3.0
"""So long each program has after its first SMS to learn what modem it has."""
LIMIT_SECONDS = 75.0
TOGETHER = 9
"""Measured at the same time, each on its own modem: they mostly wait."""
DURING, AFTER = 5, 2


@dataclass(frozen=True)
class Case:
    """One fault. `end` is None where the program has to get over it alone; then time counts from the beginning."""

    name: str
    begin: Callable[[Radio], None]
    end: Callable[[Radio], None] | None


@dataclass(frozen=True)
class Outcome:
    """`seconds` until all SMS were stored, None where that did not happen in time; `stored` of `sent`."""

    seconds: float | None
    stored: int
    sent: int

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s" if self.seconds is not None else f"never: {self.stored} of {self.sent} stored"


def _fault(name: str, label: str) -> Case:
    return Case(label, lambda radio: radio.server.faults.start(name), lambda radio: radio.server.faults.clear(name))


def _forever(name: str, label: str) -> Case:
    return Case(label, lambda radio: radio.server.faults.start(name), None)


def _replug_elsewhere(radio: Radio) -> None:
    line = radio.line
    assert isinstance(line, PtyLine)
    line.plug_as(str(line.link.with_name("modem-other-name")))


CASES = (
    Case("cable pulled and put back", lambda radio: radio.line.unplug(), lambda radio: radio.line.plug()),
    Case("cable pulled, back under another port name", lambda radio: radio.line.unplug(), _replug_elsewhere),
    _forever("hang", "hung until it is reset (AT+CFUN=1,1)"),
    _fault("hang", "hung for 8 s"),
    _forever("brown_out", "brown-out: modem restarts by itself"),
    _forever("lost_settings", "modem forgets its settings without a word"),
    _fault("half_answers", "answers break off"),
    _fault("garbage", "noise on the line"),
    _fault("sim_busy", "SIM busy"),
    _fault("sim_out", "SIM out and in"),
    _fault("no_network", "no network"),
    _fault("refuse_delete", "SIM refuses to delete"),
)


def _one(case: Case, collector: Collector, folder: Path) -> Outcome:
    radio = Radio(folder)
    sent = 1 + DURING + AFTER
    with collecting(collector, folder, radio.port):
        radio.phone.send("pemanasan", radio.sim.number)
        wait_for(lambda: collector.stored(folder) == 1 and not radio.sim.slots, f"first SMS by {collector.name}")
        time.sleep(SETTLED_SECONDS)
        begun = time.perf_counter()
        case.begin(radio)
        for number in range(DURING):
            radio.phone.send(f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}", radio.sim.number)
        if case.end is not None:
            time.sleep(FAULT_SECONDS)
            begun = time.perf_counter()
            case.end(radio)
        for number in range(AFTER):
            radio.phone.send(f"NIHIL LAMBUR {number}", radio.sim.number)
        try:
            wait_for(lambda: collector.stored(folder) >= sent, case.name, seconds=LIMIT_SECONDS)
            seconds: float | None = time.perf_counter() - begun
        except TimeoutError:
            seconds = None
        stored = min(collector.stored(folder), sent)
    radio.line.unplug()
    return Outcome(seconds, stored, sent)


def _in_a_folder(pair: tuple[Case, Collector]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        return _one(*pair, Path(folder))


def table() -> str:
    """Run every case with every program that is installed; Markdown."""
    collectors = [
        collector for collector in available() if collector is not GAMMU
    ]  # as shipped it is too slow to wait for
    lines = [
        "| fault | " + " | ".join(collector.name for collector in collectors) + " |",
        "|---|" + "---:|" * len(collectors),
    ]
    pairs = [(case, collector) for case in CASES for collector in collectors]
    with ThreadPoolExecutor(TOGETHER) as together:
        outcomes = together.map(_in_a_folder, pairs)
        for case in CASES:
            cells = [str(next(outcomes)) for _ in collectors]
            print(f"  {case.name}: {' / '.join(cells)}", flush=True)
            lines.append(f"| {case.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
