"""Signs of the types of event in a message: words, phrases, and pairs of an object and what was done to it. Pure.

`kinds.py` weighs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.knowledge import Context, EventType, Kinds
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import CLOCK, NUMBER
from gateway.reports.timing import NEGATIONS

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge
    from gateway.reports.reading import Reading

BLANK = "\0"
"""Stands for a word that names a place, a ticket or a keyword: no sign of a type."""
LACKS = frozenset(["LAIN", "TPS"])
"""Types of what is missing: "jembatan tidak diperbaiki", "logistik tidak datang"."""
EACH_OTHER = ("saling", "baku", "silih", "podo", "pating", "adu")
BESIDE = frozenset(
    ["dekat", "depan", "muka", "muko", "belakang", "samping", "sebelah", "dari", "ke", "seberang", "arah"]
)
"""In front of a word: it says where."""
LONGER = 4
"""Letters of the shortest passive verb, less one: "diam" is none."""
OWNS = 2
"""So many words behind another object a word may belong to it: "rumah panwas", "mobil tim panwas"."""
FURTHER = 4
"""Words by which such an object counts as further off."""
NEAR = 6
"""Words of a pair so near each other belong together even over the end of a sentence."""
_BETWEEN_NOT = frozenset(["ada", "terjadi", "yang", "sampai", "lagi", "saling", "pernah"])


@dataclass(slots=True)
class Sign:
    """Something that speaks for a type."""

    code: str
    start: int
    end: int
    """Behind its last word; the two words of a pair are its first and its last."""
    weight: float
    strong: bool
    pair: bool = False
    why: str = ""

    def holds(self, index: int) -> bool:
        """Whether a word is part of it."""
        return index in (self.start, self.end - 1) if self.pair else self.start <= index < self.end


class Signs:
    """The words, phrases and pairs of all types, compiled once."""

    def __init__(
        self, types: Sequence[EventType], kinds: Kinds, lexicon: Lexicon, roots: Mapping[str, Sequence[str]]
    ) -> None:
        self.weights = kinds.weights
        self.type_weights = {kind.code: kind.weight for kind in types}
        self.contexts: Phrases[tuple[Context, ...]] = Phrases()
        by_phrase: dict[tuple[str, ...], list[Context]] = {}
        for context in kinds.context:
            for phrase in context.words:
                by_phrase.setdefault(tuple(_read(lexicon, phrase)), []).append(context)
        for read, contexts in by_phrase.items():
            self.contexts.add(read, tuple(contexts))
        self.resumes = frozenset(_read(lexicon, word)[0] for word in kinds.resumes.words)
        self.crossings: list[str] = []
        self._sides: dict[str, list[int]] = {}
        for kind in types:
            for ones, others in (*kind.crossed, *(((one,), (other,)) for one, other in kind.pairs)):
                self._add(kind.code, ones, others, lexicon)
        self.results = frozenset(tuple(_read(lexicon, phrase)) for kind in types for phrase in kind.results)
        self.doubled = {root: kind.code for kind in types for root in mutual_roots(kind, roots)}

    def _add(self, code: str, ones: Iterable[str], others: Iterable[str], lexicon: Lexicon) -> None:
        bit = 1 << len(self.crossings)
        self.crossings.append(code)
        for side, words in enumerate((ones, others)):
            for word in words:
                self._sides.setdefault(_read(lexicon, word)[0], [0, 0])[side] |= bit

    def sides(self, word: str) -> list[int] | None:
        """Of which crossed lists a word is on the one and on the other side, as bits; None where it is of none."""
        return self._sides.get(word)

    def crossed(self, one: list[int], other: list[int]) -> Iterator[str]:
        """The types for which two words make a pair."""
        bits = (one[0] & other[1]) | (one[1] & other[0])
        while bits:
            lowest = bits & -bits
            yield self.crossings[lowest.bit_length() - 1]
            bits ^= lowest


def mutual_roots(kind: EventType, roots: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The verb roots that done to each other say this type, with those that say the same."""
    for root in kind.mutual:
        yield root
        yield from roots.get(root, ())


def mutual_phrases(kind: EventType, roots: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """ "pukul pukulan", "saling pukul", "baku pukul" of each such root."""
    for root in mutual_roots(kind, roots):
        yield f"{root} {root}an"
        yield from (f"{word} {root}" for word in EACH_OTHER)


def _read(lexicon: Lexicon, phrase: str) -> list[str]:
    return [lexicon.resolve(word)[0] for word in phrase.casefold().split()]


def open_words(reading: Reading, knowledge: Knowledge) -> list[str]:
    """The words, those of places, tickets, keywords and harmless phrases ("ayam bakar") blanked."""
    words = list(reading.words)
    taken = {index for m in reading.mentions for index in range(m.start, m.end)} | reading.ticket_tokens
    taken.update(index for k in reading.keywords for index in range(k.start, k.end))
    for start, length, _ in knowledge.calm.everywhere(words):
        named = knowledge.strong_types.at(words, start)  # "serangan fajar" is no danger, but a type
        if length > 1 and (named is None or named[1] < length):
            taken.update(range(start, start + length))
    for index in taken:
        words[index] = BLANK
    return words


def strong_signs(reading: Reading, knowledge: Knowledge, words: list[str]) -> list[Sign]:
    """Certain words and phrases; words of neutral phrases are blanked."""
    weights, signs = knowledge.signs.weights, []
    for start, length, code in knowledge.strong_types.everywhere(words):
        if not code:
            words[start : start + length] = [BLANK] * length
        elif not _negated(reading.words, start):
            weight = weights.phrase if length > 1 else weights.word
            if tuple(words[start : start + length]) in knowledge.signs.results:
                weight = weights.result
            signs.append(Sign(code, start, start + length, weight, strong=True))
    for index, token in enumerate(reading.tokens):
        if token.repeated and token.chunk[-2:].casefold() == "an":
            doubled = knowledge.signs.doubled.get(token.word.removesuffix("an")) if words[index] != BLANK else None
            if doubled is not None and not any(sign.start == index for sign in signs):
                signs.append(Sign(doubled, index, index + 1, weights.phrase, strong=True))
    return signs


def weak_signs(reading: Reading, knowledge: Knowledge, words: Sequence[str], strong: Sequence[Sign]) -> list[Sign]:
    signs = [
        Sign(code, start, start + length, knowledge.signs.weights.weak, strong=False)
        for start, length, code in knowledge.weak_types.everywhere(words)
        if not _negated(reading.words, start) and not _tells_clock(reading, start)
    ]
    return [sign for sign in signs if not _is_label(reading, sign, strong, knowledge)]


def paired_signs(reading: Reading, knowledge: Knowledge, words: Sequence[str], strong: Sequence[Sign]) -> list[Sign]:
    """Objects with what was done to them; of a word that makes several pairs the nearest counts in full."""
    signs = knowledge.signs
    found = sorted(_crossings(words, signs))
    claimed: dict[int, str] = {}
    pairs = []
    whole = [(sign.start, sign.end, sign.code) for sign in strong if sign.end - sign.start > 1]
    for apart, one, other, code in found:
        if any(start <= one and other < end and named != code for start, end, named in whole):
            continue  # "bakar ban" is listed as it stands
        if _negated(reading.words, one) or (code not in LACKS and _negated(reading.words, other)):
            continue
        if _parted(reading, one, other, apart) or _tells_clock(reading, one) or _tells_clock(reading, other):
            continue
        weight = signs.weights.pair * (1 - signs.weights.fades * min(apart - 1, signs.weights.reach))
        if any(claimed.setdefault(index, code) != code for index in (one, other)):
            weight *= signs.weights.claimed
        pairs.append(Sign(code, one, other + 1, weight, strong=True, pair=True))
    return pairs


def _crossings(words: Sequence[str], signs: Signs) -> Iterator[tuple[int, int, int, str]]:
    """(words apart, first, second, type) of every two words that make a pair.

    An object that another one in front of it owns ("rumah panwas dilempari"), or that only says where ("di tugu"), counts as
    standing further off.
    """
    places: list[tuple[int, int, list[int]]] = []
    reached = 0
    for index, word in enumerate(words):
        if word != BLANK:
            sides = signs.sides(word)
            if sides is not None:
                places.append((index, reached, sides))
            reached += 1
    for position in range(1, len(places)):
        other, behind, others = places[position]
        for one, ahead, sides in reversed(places[:position][-signs.weights.reach :]):
            apart = behind - ahead
            if apart > signs.weights.reach:
                break
            if _is_elsewhere(words, one) or (_is_elsewhere(words, other) and words[one].startswith("di")):
                continue
            for code in signs.crossed(sides, others):
                yield apart + FURTHER * _is_aside(words, places, one, others, signs, code), one, other, code


def _is_elsewhere(words: Sequence[str], index: int) -> bool:
    """Whether a word only says where: "di depan masjid", "dipukul di warung"."""
    before = words[index - 1] if index else ""
    return before in BESIDE or (
        before == "di" and not words[index].startswith("di") and index > 1 and _deed(words[index - 2])
    )


def _deed(word: str) -> bool:
    return len(word) > LONGER and word.startswith("di")


def _is_aside(
    words: Sequence[str],
    places: Sequence[tuple[int, int, list[int]]],
    one: int,
    others: list[int],
    signs: Signs,
    code: str,
) -> bool:
    if (one and words[one - 1] == "di") or words[one].startswith("di"):  # "di tugu"; "dirusak ... baliho"
        return True
    return any(
        0 < one - head <= OWNS and any(owner != code for owner in signs.crossed(sides, others))
        for head, _, sides in places
    )


def _parted(reading: Reading, one: int, other: int, apart: int) -> bool:
    """Whether a sentence ends between two words that are not near each other."""
    gap = reading.text[reading.tokens[one].end : reading.tokens[other].start]
    return apart > NEAR and any(f"{mark} " in gap for mark in ".!?;")


def _negated(words: Sequence[str], start: int) -> bool:
    at = start - 1
    while at > 0 and words[at] in _BETWEEN_NOT:
        at -= 1
    before = words[at] if at >= 0 else ""
    return before in NEGATIONS and not (before == "belum" and at > 0 and words[at - 1] == "sampai")


def _tells_clock(reading: Reading, index: int) -> bool:
    """ "pukul 22.15" hits nobody."""
    behind = reading.tokens[index + 1 : index + 2]
    return reading.words[index] == "pukul" and bool(behind) and behind[0].kind in (NUMBER, CLOCK)


def _is_label(reading: Reading, sign: Sign, strong: Sequence[Sign], knowledge: Knowledge) -> bool:
    """Whether "massa" only labels a number here."""
    start = sign.start
    if reading.words[start] != "massa" or sign.end > start + 1:
        return False
    behind = start + 1
    while behind < len(reading.tokens) and reading.words[behind] in knowledge.counter.marks.fillers:
        behind += 1
    after = reading.tokens[behind] if behind < len(reading.tokens) else None
    before = reading.tokens[start - 1] if start else None
    is_number = after is not None and after.kind == NUMBER and len(after.word) != 4
    others = any(one.start != start for one in strong)
    if is_number and reading.keyword("lapor") is None:
        return True
    return (is_number and others) or (before is not None and before.kind == NUMBER) or (
        others and before is not None and before.word in ("jumlah", "oleh")
    )  # fmt: skip
