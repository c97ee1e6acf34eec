"""When and how far: the phase of an event and the time words of a message. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.reports.knowledge import Knowledge
from gateway.reports.text import CLOCK, DATE, NUMBER, WORD

if TYPE_CHECKING:
    from gateway.reports.reading import Reading

NEGATIONS = frozenset(["tidak", "bukan", "tanpa", "belum", "nihil", "jangan"])


def _beside_event(reading: Reading, group: frozenset[str]) -> tuple[int, int] | None:
    """A word of the group directly before the event, or with "ada" between: "mau demo", "lagi ada ribut"."""
    words = reading.words
    for start in sorted(reading.jenis_tokens):
        for ahead in (start - 1, start - 2):
            if ahead >= 0 and words[ahead] in group and (ahead == start - 1 or words[start - 1] == "ada"):
                return ahead, ahead + 1
    return None


def _soon(reading: Reading, knowledge: Knowledge) -> tuple[int, int] | None:
    """ "mau demo", or a time to come and none that is past, with an event: what makes it a possibility."""
    words = reading.words
    if wanted := _beside_event(reading, knowledge.wants):
        return wanted
    said = [(start, length, when) for start, length, when in knowledge.when.everywhere(words)]
    if reading.jenis is None or reading.jenis == "DAMAI" or any(when == "past" for _, _, when in said):
        return None
    return next(((start, start + length) for start, length, _ in said), None)


def find_phase(reading: Reading, knowledge: Knowledge) -> None:
    """REDA, TERJADI or POTENSI, where the message says so."""
    found: dict[str, tuple[int, int]] = {}
    covered = {index for m in reading.mentions for index in range(m.start, m.end)}
    words = ["\0" if index in covered else word for index, word in enumerate(reading.words)]
    for start, length, phase in knowledge.phases.everywhere(words):
        if not phase or (phase == "REDA" and start and words[start - 1] in NEGATIONS):
            continue
        found.setdefault(phase, (start, start + length))
    for phase in ("REDA", "POTENSI", "TERJADI"):
        if phase in found:
            start, end = found[phase]
            reading.fase, reading.fase_tokens = phase, set(range(start, end))
            reading.trace.append(f"fase: '{reading.typed(start, end)}' dibaca {phase}")
            return
    if now := _beside_event(reading, knowledge.goes_on):
        reading.fase, reading.fase_tokens = "TERJADI", set(range(*now))
        reading.trace.append(f"fase: '{reading.typed(*now)}' dibaca TERJADI")
    elif soon := _soon(reading, knowledge):
        reading.fase = "POTENSI"
        reading.trace.append(f"fase: '{reading.typed(*soon)}' dibaca POTENSI")


def find_times(reading: Reading, knowledge: Knowledge) -> None:
    """Time words as typed; neighbouring pieces ("tadi malam jam 9") are one."""
    spans: list[tuple[int, int, bool]] = []
    index = 0
    while index < len(reading.tokens):
        end, weak = _time_at(reading, knowledge, index)
        if end > index:
            spans.append((index, end, weak))
            index = end
        else:
            index += 1
    joined: list[tuple[int, int, bool]] = []
    for start, end, weak in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end, joined[-1][2] and weak)
        else:
            joined.append((start, end, weak))
    reading.times = [(start, end) for start, end, weak in joined if not weak]


def _time_at(reading: Reading, knowledge: Knowledge, index: int) -> tuple[int, bool]:
    """Where the time beginning at `index` ends (`index` itself where there is none), and whether it is only a weak word."""
    token, words = reading.tokens[index], reading.words
    if token.kind in (DATE, CLOCK):
        return index + 1, False
    if token.kind == WORD and words[index] in knowledge.clock:
        end = index + 1
        while end < len(words) and end < index + 3 and reading.tokens[end].kind in (NUMBER, CLOCK, DATE):
            end += 1
            if end < len(words) and reading.text[reading.tokens[end - 1].end : reading.tokens[end].start] not in (
                ".",
                ":",
                "/",
            ):
                break
        if end == index + 1:
            return index, False
        while end < len(words) and words[end] in knowledge.months:
            end += 1
        return end, False
    if token.kind == NUMBER and index + 1 < len(words) and words[index + 1] in knowledge.months:
        return index + 2, False
    found = knowledge.times.at(words, index)
    if found is None or index in reading.secret:
        return index, False
    return index + found[1], found[0] == "weak"
