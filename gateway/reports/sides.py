"""Who stands against whom, as typed: "pendukung 01 vs 02", "antara warga A dan warga B", "pemuda X lawan pemuda Y". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.reports.peril import armed
from gateway.reports.text import NUMBER, WORD

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge
    from gateway.reports.reading import Reading

LONGEST_SIDE = 6
"""Words of one side."""
_JOINS = frozenset(["dan", "dengan", "sama", "versus"])
_ENDS = frozenset(
    [
        "di", "ke", "pada", "karena", "gara", "soal", "masalah", "tentang", "saat", "waktu", "ketika", "sudah", "sedang", "masih",
        "lagi", "sampai", "rebutan", "akibat", "tadi", "kemarin", "saling", "ribut", "cekcok", "bentrok", "berkelahi", "massa",
        "korban", "jam", "pukul", "yang", "untuk", "terkait", "depan", "dekat", "ada", "tapi", "akan", "mau", "belum",
    ]
)  # fmt: skip


def find_sides(reading: Reading, knowledge: Knowledge) -> None:
    """Fill `sides` and `armed` of a reading."""
    reading.armed = armed(reading.words, knowledge.perils)
    found = _around_against(reading, knowledge) or _between(reading, knowledge)
    if found is not None:
        reading.sides = reading.typed(*found)
        reading.trace.append(f"pihak: {reading.sides}")


def _around_against(reading: Reading, knowledge: Knowledge) -> tuple[int, int] | None:
    """ "X lawan Y": what stands before and behind."""
    for start, length, _ in knowledge.against.everywhere(reading.words):
        first = _back(reading, knowledge, start)
        last = _on(reading, start + length)
        if first < start and last > start + length:
            return first, last
    return None


def _between(reading: Reading, knowledge: Knowledge) -> tuple[int, int] | None:
    """ "antara X dan Y", "antar pemuda"."""
    words = reading.words
    for index, word in enumerate(words):
        if word not in knowledge.between or (index + 1 < len(words) and words[index + 1] in knowledge.clock):
            continue
        join = next(
            (i for i in range(index + 2, min(len(words), index + LONGEST_SIDE + 2)) if words[i] in _JOINS), None
        )
        if (
            join is not None
            and _on(reading, index + 1, stop=join) == join
            and (last := _on(reading, join + 1)) > join + 1
        ):
            return index + 1, last
    return None


def _on(reading: Reading, start: int, stop: int | None = None) -> int:
    """Where the side that begins at `start` ends."""
    end = start
    limit = min(len(reading.words), start + LONGEST_SIDE) if stop is None else stop
    while end < limit and not (end > start and _cut(reading, end)) and not _ends(reading, end, start):
        end += 1
    return end


def _back(reading: Reading, knowledge: Knowledge, end: int) -> int:
    """Where the side that ends at `end` begins."""
    start = end
    taken = {i for keyword in reading.keywords for i in range(keyword.start, keyword.end)} | reading.jenis_tokens
    while start > 0 and end - start < LONGEST_SIDE and not _cut(reading, start):
        before = start - 1
        if _scene(reading, before, taken):
            break
        if before in taken or reading.words[before] in _ENDS or reading.words[before] in knowledge.between:
            break
        start = before
    return start


def _scene(reading: Reading, index: int, taken: set[int]) -> bool:
    """Whether the token ends the name of the place where it happened: directly behind the keyword or type, or "di"."""
    mention = next((m for m in reading.mentions if m.start <= index < m.end), None)
    if mention is None:
        return False
    return (
        mention.start == 0
        or mention.start - 1 in taken
        or reading.words[mention.start - 1] in ("di", "desa", "kelurahan")
    )


def _cut(reading: Reading, index: int) -> bool:
    """Whether a comma or full stop stands before this token."""
    if not 0 < index < len(reading.tokens):
        return False
    gap = reading.text[reading.tokens[index - 1].end : reading.tokens[index].start]
    return any(mark in gap for mark in ",;:!?()\n") or ". " in gap


def _ends(reading: Reading, index: int, start: int) -> bool:
    token = reading.tokens[index]
    if token.kind == NUMBER and index > start and not _is_candidate(reading.words[index - 1 : index]):
        return True
    return (token.kind not in (WORD, NUMBER)) or reading.words[index] in _ENDS


def _is_candidate(before: Sequence[str]) -> bool:
    return bool(before) and before[0] in (
        "paslon",
        "nomor",
        "urut",
        "calon",
        "pendukung",
        "kubu",
        "rt",
        "rw",
        "dusun",
        "parit",
    )
