"""First pass over a message: which words are keyword, ticket, type, place, phase, time. No decision about the intent. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.reports.gazetteer import Mention, Where
from gateway.reports.kinds import find_type
from gateway.reports.knowledge import Knowledge
from gateway.reports.lexicon import Phrases
from gateway.reports.sides import find_sides
from gateway.reports.text import Token, tokenise
from gateway.reports.ticket import is_ticket, looks_like_ticket, repair
from gateway.reports.timing import NEGATIONS, find_phase, find_times
from gateway.reports.understanding import Doubt, Sender

COMMANDS = frozenset(["susul", "koreksi", "batal", "cek", "verif", "tl", "terima"])
"""Intents that speak of a ticket."""


@dataclass(frozen=True)
class Keyword:
    """A keyword found: tokens `start` to `end` (excluded)."""

    intent: str
    start: int
    end: int
    first: bool
    """Nothing but greeting and politeness in front."""


@dataclass
class Reading:
    """What the words of one message are."""

    text: str
    tokens: list[Token]
    words: list[str]
    keywords: list[Keyword] = field(default_factory=list)
    ticket: str | None = None
    ticket_tokens: set[int] = field(default_factory=set)
    ticket_doubts: list[Doubt] = field(default_factory=list)
    secret: set[int] = field(default_factory=set)
    names: list[Mention] = field(default_factory=list)
    """Everything that could be a name of a place; `mentions` are those that are."""
    mentions: list[Mention] = field(default_factory=list)
    where: Where = field(default_factory=Where)
    jenis: str | None = None
    jenis_tokens: set[int] = field(default_factory=set)
    jenis_direct: bool = False
    jenis_certain: bool = False
    """A strong sign, not only a weak one."""
    jenis_weak: tuple[str, ...] = ()
    """Types that only weak signs speak for."""
    jenis_doubts: list[Doubt] = field(default_factory=list)
    fase: str | None = None
    fase_tokens: set[int] = field(default_factory=set)
    times: list[tuple[int, int]] = field(default_factory=list)
    when: str | None = None
    """What the time words mean (ISO 8601, local time); None where they say nothing or the time of sending is unknown."""
    sides: str | None = None
    """Who stands against whom, as typed."""
    armed: bool | None = None
    """Whether weapons are spoken of: True, or False where somebody says there are none."""
    trace: list[str] = field(default_factory=list)

    def keyword(self, intent: str, *, first: bool = False) -> Keyword | None:
        """The first keyword of an intent; with `first` only one in front."""
        return next((k for k in self.keywords if k.intent == intent and (k.first or not first)), None)

    def typed(self, start: int, end: int) -> str:
        """Tokens as they were typed."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""


def read(text: str, knowledge: Knowledge, sender: Sender, sent_at: datetime | None = None) -> Reading:
    """The reading of a cleaned text."""
    tokens = tokenise(text, knowledge.lexicon, knowledge.countable)
    reading = Reading(text, tokens, [token.word for token in tokens])
    _find_keywords(reading, knowledge)
    _find_secret(reading, knowledge)
    _find_ticket(reading)
    reading.names = knowledge.gazetteer.scan(tokens, text, knowledge.counter.marks.sure)
    _find_places(reading, knowledge)
    find_type(reading, knowledge)
    _find_places(reading, knowledge)  # once more: the type's place tells which names are directly behind it
    reading.where = knowledge.gazetteer.decide(reading.mentions, sender)
    find_phase(reading, knowledge)
    find_times(reading, knowledge, sent_at)
    find_sides(reading, knowledge)
    return reading


def skipped(words: Sequence[str], start: int, skip: Phrases[bool]) -> int:
    """The first word from `start` that is no greeting or politeness."""
    while start < len(words):
        found = skip.at(words, start)
        if found is None:
            break
        start += found[1]
    return start


def _find_keywords(reading: Reading, knowledge: Knowledge) -> None:
    words = reading.words
    front = skipped(words, 0, knowledge.skip)
    anywhere = list(knowledge.keywords_any.everywhere(words))
    behind_name = [0, front] if front < len(words) else [0]
    for start in dict.fromkeys(behind_name):
        found = knowledge.keywords_first.at(words, start) if words else None
        if found is not None:
            reading.keywords.append(Keyword(found[0], start, start + found[1], first=True))
            break
    taken = {index for keyword in reading.keywords for index in range(keyword.start, keyword.end)}
    for start, length, intent in anywhere:
        if start not in taken:
            reading.keywords.append(Keyword(intent, start, start + length, first=start == front))
    for index in knowledge.keywords_first.beginnings(words):
        found = knowledge.keywords_first.at(words, index)
        if found is None or found[0] not in COMMANDS or index in taken:
            continue
        after = _skip_number_words(words, index + found[1])
        ahead = (
            after < len(words) and looks_like_ticket(reading.tokens[after].chunk) and not reading.tokens[after].glued
        )
        behind = any(is_ticket(reading.tokens[at].chunk) for at in range(max(0, index - 2), index))
        if ahead or (behind and found[0] == "batal"):
            reading.keywords.append(Keyword(found[0], index, index + found[1], first=False))
    for keyword in reading.keywords:
        token = reading.tokens[keyword.start]
        if token.how:
            reading.trace.append(f"kata kunci: '{token.chunk}' dibaca {keyword.intent.upper()} ({token.how})")
        else:
            reading.trace.append(f"kata kunci: {keyword.intent.upper()}")


def _skip_number_words(words: Sequence[str], index: int) -> int:
    while index < len(words) and words[index] in ("nomor", "tiket", "laporan", "lapor", "kode", "ticket"):
        index += 1
    return index


def _find_secret(reading: Reading, knowledge: Knowledge) -> None:
    reading.secret = knowledge.secrecy.find(reading.words, NEGATIONS)
    if reading.secret:
        reading.trace.append("rahasia: diminta pengirim")


def _find_ticket(reading: Reading) -> None:
    command = next((k for k in reading.keywords if k.intent in COMMANDS), None)
    start = command.end if command and command.intent != "batal" else 0
    chunks: list[tuple[str, list[int]]] = []
    for index in range(start, len(reading.tokens)):
        if reading.tokens[index].glued and chunks:
            chunks[-1][1].append(index)
        else:
            chunks.append((reading.tokens[index].chunk, [index]))
    for position, (chunk, indexes) in enumerate(chunks):
        meant = (command and position <= 3) or _said_to_be_one(reading, indexes[0])
        if looks_like_ticket(chunk) and (is_ticket(chunk) or (meant and not _is_count_word(chunk))):
            _take_ticket(reading, chunk, indexes)
            return
        if command and position == 0 and len(chunks) > 1:
            joined, more = chunk + chunks[1][0], indexes + chunks[1][1]
            if is_ticket(joined):
                _take_ticket(reading, joined, more)
                return


def _said_to_be_one(reading: Reading, index: int) -> bool:
    """ "pak no DUR9 kemarin": a word for a ticket in front."""
    return index > 0 and reading.words[index - 1] in ("nomor", "tiket", "ticket", "laporan")


def _is_count_word(chunk: str) -> bool:
    return re.fullmatch(r"(?:\d+(?:md|lb|lr|org|an|rb|jt|km|kg|wib)|[mk]\d+|rt\d+|rw\d+)", chunk.casefold()) is not None


def _take_ticket(reading: Reading, chunk: str, indexes: list[int]) -> None:
    ticket = chunk.upper()
    if not is_ticket(ticket):
        better = repair(ticket)
        offered = (better,) if better else ()
        reading.ticket_doubts.append(
            Doubt("tiket", f"huruf periksa pada {ticket} tidak cocok, mungkin salah ketik", offered)
        )
    reading.ticket, reading.ticket_tokens = ticket, set(indexes)
    reading.trace.append(f"tiket: {ticket}")


def _find_places(reading: Reading, knowledge: Knowledge) -> None:
    anchors = {index for k in reading.keywords for index in range(k.start, k.end)} | reading.secret
    if reading.jenis_direct:
        anchors |= reading.jenis_tokens
    found = knowledge.gazetteer.judge(
        reading.names, reading.tokens, reading.text, frozenset(anchors), knowledge.counter.marks.sure
    )
    taken = reading.ticket_tokens | reading.secret
    keyed = {k.start for k in reading.keywords if k.first}
    reading.mentions = [
        m for m in found if not taken & set(range(m.start, m.end)) and not (m.start in keyed and m.end == m.start + 1)
    ]
    covered = {index for m in reading.mentions for index in range(m.start, m.end)}
    reading.keywords = [k for k in reading.keywords if not covered >= set(range(k.start, k.end))]
