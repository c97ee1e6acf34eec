"""Kill a gateway or a central at a named point, again and again, with the radio network as referee.

Every SMS that a villager sent must stand in exactly one report at the central; no answer may leave twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from config.failpoint import VARIABLE
from tests.world import Central, Laptop, Program, laptop, until

KILLS = int(os.environ.get("CRASH_TEST_KILLS", "3"))
SETTLED_SECONDS = 20.0
BETWEEN_SECONDS = 0.4
"""Between two SMS while the victim lives."""
GATEWAY_POINTS = (
    "inbox.before_commit",
    "inbox.after_commit",
    "inbox.deleted",
    "inbox.decode.marked",
    "inbox.decode.before_commit",
    "message.before_commit",
    "message.after_commit",
    "outgoing.attempted",
    "outgoing.sent",
    "outgoing.part.kept",
    "sync.frame.before_send",
    "sync.ack.before_commit",
    "sync.ack.after_commit",
)
DIRECT_POINTS = ("inbox.before_commit", "inbox.after_commit", "inbox.direct.kept")
"""With a modem that stores nothing: an SMS is in no SIM until it is acknowledged."""
CENTRAL_POINTS = ("central.ingest.before_commit", "central.ingest.after_commit")


@dataclass(frozen=True)
class Result:
    """What killing at one point did."""

    point: str
    killed: int
    sent: int
    lost: int
    doubled: int
    answers_doubled: int
    wrong: bool = False


RESULTS: list[Result] = []


def kill_gateway(
    folder: Path,
    central: Central,
    point: str,
    script: tuple[str, ...] = ("-m", "gateway"),
    personality: str = "clean",
) -> Result:
    """Send, start, die at `point`; KILLS times; then live and count."""
    with laptop(folder, central, personality=personality) as site:
        texts: list[str] = []
        killed = 0
        for life in range(KILLS):
            _send(site, texts, 2)
            program = site.start(script, **{VARIABLE: f"{point}:{1 + life % 2}"})
            _send_until_dead(site, texts, program, point)
            killed += 1
        _send(site, texts, 1)
        site.start(script)
        named = point if personality == "clean" else f"{point} ({personality})"
        return _count(site, named, killed, texts, wrong=script != ("-m", "gateway"))


def kill_central(folder: Path, point: str) -> Result:
    """The same with the central as the victim, on a database of its own."""
    central = Central(folder / "central")
    try:
        with laptop(folder, central) as site:
            texts: list[str] = []
            killed = 0
            site.start()
            for life in range(KILLS):
                central.program.kill()
                central.start(**{VARIABLE: f"{point}:{1 + life % 2}"})
                _send_until_dead(site, texts, central.program, point)
                _send(site, texts, 1)
                killed += 1
                central.start()
            return _count(site, point, killed, texts)
    finally:
        central.program.close()


def _send(site: Laptop, texts: list[str], count: int) -> None:
    """Villagers report; every third message is a long one in several parts."""
    for _ in range(count):
        number = len(texts)
        text = f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian ke {number:03d}"
        if number % 3 == 2:
            text += " warga masih berkumpul di simpang jalan dan saling berteriak," * 3
        site.phone(f"+62812720{number % 4:05d}").send(text, site.sim.number)
        texts.append(text)


def _send_until_dead(site: Laptop, texts: list[str], program: Program, point: str) -> None:
    """Go on reporting until the victim has come to its point often enough."""

    def dead() -> bool:
        _send(site, texts, 1)
        try:
            program.process.wait(timeout=BETWEEN_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    until(dead, f"its death at {point}")
    assert program.process.returncode == -signal.SIGKILL
    program.close()


def _count(site: Laptop, point: str, killed: int, texts: list[str], *, wrong: bool = False) -> Result:
    def standing() -> Counter[str]:
        return Counter(row["text"] for row in site.central.reports(site.gateway) if row["duplicate_of"] is None)

    def complete() -> bool:
        return all(standing()[text] for text in texts)

    try:
        until(complete, "every SMS at the central", SETTLED_SECONDS)
        until(lambda: not site.sim.slots, "an empty SIM", SETTLED_SECONDS)
    except AssertionError:
        if not wrong:
            pass  # the figures below say what is missing
    found = standing()
    answers = Counter(text.text for phone in site.phones.values() for text in phone.inbox if "No." in text.text)
    result = Result(
        point=point,
        killed=killed,
        sent=len(texts),
        lost=sum(found[text] == 0 for text in texts),
        doubled=sum(max(0, found[text] - 1) for text in texts) + sum(text not in texts for text in found),
        answers_doubled=sum(count - 1 for count in answers.values()),
        wrong=wrong,
    )
    RESULTS.append(result)
    return result
