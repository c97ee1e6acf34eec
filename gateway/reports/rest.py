"""What is left of a message when every field has taken its words: the free text (`ket`), as it was typed. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from gateway.reports.knowledge import Knowledge
from gateway.reports.reading import Reading
from gateway.reports.text import UNKNOWN
from gateway.reports.understanding import Intent

LARGEST_KET = 600
"""Characters of free text kept in `ket`; the whole message is kept elsewhere."""
_CALM = ("aman", "kondusif")
_PHASES = ("reda", "potensi", "terjadi")


def cut(text: str) -> str | None:
    """The beginning of a text; None where nothing is left."""
    return text[:LARGEST_KET].strip() or None


def rest(reading: Reading, knowledge: Knowledge, intent: str, counted: AbstractSet[int]) -> str | None:
    """What was typed behind the fields at the front, without time words, RAHASIA and the goodbye.

    `counted` are the tokens that counts and a form's own fields took.
    """
    head = _head(reading, knowledge, intent, counted)
    end = len(reading.tokens)
    while end > head:
        goodbye = _goodbye(reading, knowledge, head, end)
        if goodbye is None:
            break
        end = goodbye
    dropped = reading.secret | {i for start, stop in reading.times[:1] for i in range(start, stop)}
    pieces: list[str] = []
    run = head
    for index in range(head, end + 1):
        if index == end or index in dropped:
            if run < index:
                pieces.append(_quoted(reading, run, index))
            run = index + 1
    return cut(" ".join(piece for piece in pieces if piece))


def _head(reading: Reading, knowledge: Knowledge, intent: str, counted: AbstractSet[int]) -> int:
    """The first token that no field took: there the free text begins."""
    taken = _taken(reading, intent) | counted
    marks = knowledge.counter.marks.words
    index = 0
    while index < len(reading.tokens):
        word = reading.words[index]
        found = knowledge.skip.at(reading.words, index)
        label = word in marks and (index + 1 in taken or index - 1 in counted)
        phase = index in reading.fase_tokens and word in _PHASES
        if index in taken or label or phase or word in ("kecamatan", "=", "unknown"):
            index += 1
        elif found is not None:
            index += found[1]
        elif reading.tokens[index].kind == UNKNOWN:
            index += 1
        else:
            break
    return index


def _taken(reading: Reading, intent: str) -> set[int]:
    """Tokens of keyword, ticket, type, time and place."""
    taken = set(reading.ticket_tokens | reading.secret)
    taken |= {i for k in reading.keywords if k.first or k.intent == intent for i in range(k.start, k.end)}
    taken |= {i for start, end in reading.times for i in range(start, end)}
    if intent == Intent.LAPOR and reading.jenis_direct:
        taken |= reading.jenis_tokens
    where = reading.where.mention
    if where is not None:
        taken |= set(range(where.start, where.end))
    if intent != Intent.DARURAT:
        taken |= {i for m in reading.mentions if m.district_said or m.name.kind == "own" for i in range(m.start, m.end)}
    if intent == Intent.NIHIL and all(reading.words[k.start] in _CALM for k in reading.keywords):
        taken |= {i for i, word in enumerate(reading.words) if word in _CALM}
    return taken


def _goodbye(reading: Reading, knowledge: Knowledge, head: int, end: int) -> int | None:
    """Where a polite phrase begins that ends the tokens up to `end`."""
    for start in range(max(head, end - 3), end):
        found = knowledge.polite.at(reading.words, start)
        if found is not None and start + found[1] == end:
            return start
    return None


def _quoted(reading: Reading, start: int, end: int) -> str:
    """Tokens as typed; the last ones with whatever sign ends the message."""
    tokens = reading.tokens
    stop = None if end == len(tokens) else tokens[end - 1].end
    return reading.text[tokens[start].start : stop].strip(" ,;:#*/-|")
