"""First pass over a message: which words are keyword, ticket, type, place, phase, time. No decision about the intent. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.reports.gazetteer import Mention, Where
from gateway.reports.knowledge import Knowledge
from gateway.reports.lexicon import TYPO, Phrases
from gateway.reports.sides import find_sides
from gateway.reports.text import CLOCK, CODE, NUMBER, Token, tokenise
from gateway.reports.ticket import is_ticket, looks_like_ticket, repair
from gateway.reports.timing import NEGATIONS, find_phase, find_times
from gateway.reports.understanding import Doubt, Sender

COMMANDS = frozenset(["susul", "koreksi", "batal", "cek", "verif", "tl", "terima"])
"""Intents that speak of a ticket."""
ASIDE = frozenset(["DAMAI", "LAIN"])
"""Types that are not what the message is about where another is spoken of: a drunkard in a clash, a clash that was settled."""
OCCASIONS = ASIDE | {"MASSA", "TPS"}
"""Types that often only tell where or when: "di depan TPS baliho dirobek"."""
PAIR_REACH = 6
"""Words of a pair ("baliho ... dirobek") stand at most so far apart, names of places between them not counted."""


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
    _find_type(reading, knowledge)
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
    for index in range(len(words)):
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
    for start, length, meant in knowledge.secret.everywhere(reading.words):
        if meant and not (length == 1 and start and reading.words[start - 1] in NEGATIONS):
            reading.secret.update(range(start, start + length))
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


def _find_type(reading: Reading, knowledge: Knowledge) -> None:
    """The type of event: behind the keyword, then a pair of words, then the first strong word; weak ones are only noted."""
    words = reading.words
    open_words = _open_words(reading, knowledge)
    hits = knowledge.strong_types.everywhere(open_words)
    for start, length, code in hits:
        if not code:  # a neutral phrase: nothing in it speaks for a type
            open_words[start : start + length] = ["\0"] * length
    strong = [hit for hit in hits if hit[2] and not _negated(words, hit[0])]
    direct = _direct_index(reading, knowledge)
    if _type_by_number(reading, knowledge, direct, bool(strong)):
        return
    weak = [
        hit
        for hit in knowledge.weak_types.everywhere(open_words)
        if not (_negated(words, hit[0]) or _tells_clock(reading, hit[0]) or _is_label(reading, hit, strong, knowledge))
    ]
    reading.jenis_weak = tuple(dict.fromkeys(hit[2] for hit in weak))
    behind = [hit for hit in [*strong, *weak] if hit[0] == direct and not _is_label(reading, hit, strong, knowledge)]
    chosen = behind[0] if behind else None
    if chosen in weak and strong and words[direct].upper() != chosen[2]:  # "panwas dipukul": the deed, not the person
        chosen = None
    reading.jenis_direct = chosen is not None
    written_out = chosen is not None and words[chosen[0]].upper() == chosen[2]
    pair = None if written_out else _pair(open_words, knowledge)
    if pair is not None and _negated(words, min(pair[:2])):  # "tidak ada bagi2 uang"
        pair = None
    if pair is not None and _pair_decides(pair, chosen, strong):
        reading.jenis, reading.jenis_tokens, reading.jenis_certain = pair[2], set(), True
        reading.jenis_direct = direct in pair[:2]
        reading.trace.append(f"jenis: '{words[pair[0]]} ... {words[pair[1]]}' dibaca {pair[2]}")
        return
    if chosen is None:
        peaceless = (
            [hit for hit in strong if hit[2] not in ASIDE] or [hit for hit in strong if hit[2] != "DAMAI"] or strong
        )
        chosen = next(iter(peaceless), None)
        others = dict.fromkeys(hit[2] for hit in peaceless)
        if len(others) > 1:
            reading.jenis_doubts.append(Doubt("jenis", "beberapa jenis disebut", tuple(others)))
    if chosen is not None:
        _take_type(reading, chosen, certain=chosen in strong or reading.jenis_direct)


def _take_type(reading: Reading, chosen: tuple[int, int, str], *, certain: bool) -> None:
    start, length, code = chosen
    reading.jenis, reading.jenis_tokens, reading.jenis_certain = code, set(range(start, start + length)), certain
    how, typed = reading.tokens[start].how, reading.typed(start, start + length)
    reading.trace.append(f"jenis: '{typed}' dibaca {code}" + (f" ({how})" if how else ""))
    if how == TYPO and not reading.jenis_direct:
        reading.jenis_doubts.append(Doubt("jenis", f"'{typed}' dibaca {code}", (code,)))


def _open_words(reading: Reading, knowledge: Knowledge) -> list[str]:
    """The words, those of places, tickets, keywords and harmless phrases ("ayam bakar") blanked."""
    words = reading.words
    taken = {index for m in reading.mentions for index in range(m.start, m.end)} | reading.ticket_tokens
    taken |= {index for k in reading.keywords for index in range(k.start, k.end)}
    for start, length, _ in knowledge.calm.everywhere(words):
        named = knowledge.strong_types.at(words, start)  # "serangan fajar" is no danger, but a type
        if length > 1 and (named is None or named[1] < length):
            taken |= set(range(start, start + length))
    return ["\0" if index in taken else word for index, word in enumerate(words)]


def _pair_decides(
    pair: tuple[int, int, str], chosen: tuple[int, int, str] | None, strong: Sequence[tuple[int, int, str]]
) -> bool:
    """Whether a pair beats the type behind the keyword, or a single word elsewhere."""
    if chosen is not None:
        return chosen[0] in pair[:2] or chosen[2] in ("RUSAK", "APK", "NETRAL", "LAIN")
    deeds = [hit for hit in strong if hit[2] != pair[2] and hit[2] not in OCCASIONS]
    if pair[2] == "NETRAL":  # what was done says more than who did it
        return not any(hit[2] not in (pair[2], "MASSA") for hit in strong)
    return not any(hit[0] + hit[1] <= min(pair[:2]) for hit in deeds)  # what is told first is what the message is about


def _negated(words: Sequence[str], start: int) -> bool:
    at = start - 1
    while at > 0 and words[at] in ("ada", "terjadi", "yang", "sampai", "lagi", "saling"):
        at -= 1
    before = words[at] if at >= 0 else ""
    return before in NEGATIONS and not (before == "belum" and at > 0 and words[at - 1] == "sampai")


def _tells_clock(reading: Reading, index: int) -> bool:
    """ "pukul 22.15" hits nobody."""
    behind = reading.tokens[index + 1 : index + 2]
    return reading.words[index] == "pukul" and bool(behind) and behind[0].kind in (NUMBER, CLOCK)


def _direct_index(reading: Reading, knowledge: Knowledge) -> int:
    """The token where a type stands directly behind the keyword; -1 without a keyword."""
    keyword = reading.keyword("lapor") or reading.keyword("darurat") or reading.keyword("nihil")
    correction = reading.keyword("koreksi") or reading.keyword("susul")
    at_the_end = keyword is not None and keyword.start > 0 and keyword.end >= len(reading.words)
    if at_the_end or (keyword is None and correction is None):
        front = skipped(reading.words, 0, knowledge.skip)
        number = front < len(reading.words) and reading.tokens[front].kind == NUMBER
        return front if number or front == len(reading.words) - 1 else -1  # one word alone answers "what happened?"
    index = keyword.end if keyword else correction.end if correction else 0
    while index < len(reading.words):
        mention = next((m for m in reading.mentions if m.start == index and m.name.kind != "own"), None)
        found = knowledge.skip.at(reading.words, index)
        if index in reading.secret or index in reading.ticket_tokens:
            index += 1
        elif mention is not None:
            index = mention.end
        elif reading.tokens[index].kind == CODE:
            index += 1
        elif found is not None and found[0]:
            index += found[1]
        elif any(k.start == index for k in reading.keywords):
            index = next(k.end for k in reading.keywords if k.start == index)
        else:
            break
    return index


def _type_by_number(reading: Reading, knowledge: Knowledge, index: int, has_words: bool) -> bool:
    """`LAPOR 07 0415 14 0`: a number in the place of the type."""
    tokens = reading.tokens
    if not 0 <= index < len(tokens) or tokens[index].kind != NUMBER or len(tokens[index].word) > 2:
        return False
    code = knowledge.types_by_number.get(tokens[index].number or 0)
    after = reading.words[index + 1] if index + 1 < len(tokens) else ""
    placed_after = any(m.start in (index + 1, index + 2) for m in reading.mentions)
    placed_before = any(m.end == index for m in reading.mentions)
    said = index > 0 and reading.words[index - 1] in ("jenis", "kode")
    if code is None or after in knowledge.counter.marks.words or tokens[index].approximate:
        return False
    if placed_before and not said:
        numbers = 0
        while index + numbers < len(tokens) and tokens[index + numbers].kind == NUMBER:
            numbers += 1
        if has_words or numbers < 3:
            return False
    elif not placed_after and not said and (has_words or not reading.keyword("lapor")):
        return False
    reading.jenis, reading.jenis_tokens, reading.jenis_direct, reading.jenis_certain = code, {index}, True, True
    reading.trace.append(f"jenis: nomor {tokens[index].word} dibaca {code}")
    return True


def _is_label(
    reading: Reading, hit: tuple[int, int, str], strong: Sequence[tuple[int, int, str]], knowledge: Knowledge
) -> bool:
    """Whether "massa" only labels a number here."""
    start, length, _ = hit
    if reading.words[start] != "massa" or length > 1:
        return False
    behind = start + 1
    while behind < len(reading.tokens) and reading.words[behind] in knowledge.counter.marks.fillers:
        behind += 1
    after = reading.tokens[behind] if behind < len(reading.tokens) else None
    before = reading.tokens[start - 1] if start else None
    is_number = after is not None and after.kind == NUMBER and len(after.word) != 4
    others = [s for s in strong if s[0] != start]
    if is_number and reading.keyword("lapor") is None:
        return True
    return (is_number and bool(others)) or (before is not None and before.kind == NUMBER) or (
        bool(others) and before is not None and before.word in ("jumlah", "oleh")
    )  # fmt: skip


def _pair(words: Sequence[str], knowledge: Knowledge) -> tuple[int, int, str] | None:
    open_indexes = [index for index, word in enumerate(words) if word != "\0"]
    places = [(reached, index) for reached, index in enumerate(open_indexes) if words[index] in knowledge.paired]
    for position, (at, one) in enumerate(places):
        for reached, other in places[position + 1 :]:
            if reached - at <= PAIR_REACH:
                code = knowledge.pairs.get(frozenset((words[one], words[other])))
                if code is not None and not _negated(words, one):
                    return one, other, code
    return None
