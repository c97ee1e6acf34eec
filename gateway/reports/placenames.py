"""The names of a region's places, and where in a message they stand. Pure.

A name is compared without blanks, in every spelling the region's alias.toml allows, longest first, so `Kp. Laut`,
`kampunglaut` and `KAM PUNG LAUT` are one. What a name found means for the message is decided in gazetteer.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from config.knowledge import PlaceNames
from config.regions import Region
from gateway.reports.lexicon import SHORT, TYPO
from gateway.reports.spelling import Nearby
from gateway.reports.text import CODE, NUMBER, WORD, Token

VILLAGE, DISTRICT, SEVERAL, OUTSIDE, MAYBE_OUTSIDE, OWN, STRANGE_CODE = (
    "village", "district", "several", "outside", "maybe_outside", "own", "strange_code",
)  # fmt: skip
SHORTEST_MISSPELT = 9
"""Letters of the shortest name that is recognised with a wrong letter across its words."""
LONGEST_MISSPELT = 3
"""Words of the longest name that is looked for with a letter wrong."""
HALF_NAME = 4
"""Letters at one end of such a name that a single slip leaves alone, if it is at the other end."""
LONGEST_NAME = 6
"""Words of the longest name, a number at its end included."""
LABEL_REACH = 5
"""A label this near to a later number belongs to that one: `Lambur 1 massa kurang lebih 50`."""
_IN_NAMES = (WORD, NUMBER)
_ROMAN = re.compile(r"i{3,4}|l{3}|iv|vi{0,3}|ix|x")
DIRECT, HERE, PLAIN, AWAY = 3, 2, 1, 0
"""How clearly a name says where it happened: behind keyword or type; behind "di", "desa"; anywhere; behind "warga", "dari"."""


@dataclass(frozen=True)
class Name:
    """What one spelling stands for."""

    kind: str
    codes: tuple[str, ...]
    label: str
    ordinary: bool = False
    numbered: bool = False
    """Ends in a number that could be a count instead."""


@dataclass(frozen=True)
class Mention:
    """One name found in a message: tokens `start` to `end` (excluded)."""

    start: int
    end: int
    name: Name
    typo: bool = False
    clearness: int = PLAIN
    district_said: bool = False
    """"kec" stood in front."""
    denied: bool = False
    """"bukan" stood in front."""


class Scanner:
    """All names of one region, compiled once."""

    def __init__(
        self, region: Region, names: PlaceNames, units: Sequence[str] = (), digits: Sequence[str] = ()
    ) -> None:
        """`units` count something other than people behind a number; `digits` are words for 1 to 9."""
        self.region = region
        self._digits = frozenset(digits)
        self._units = frozenset(units)
        self._words = names.words
        self._crossroads = frozenset(names.ordinary.crossroads)
        self._not_before = frozenset(names.ordinary.not_before)
        self._spellings = {word: frozenset((word, *other)) for word, other in names.spellings.items()}
        self._numerals = names.numerals
        self.by_short_code = {village.short_code: village for village in region.villages}
        self._names: dict[str, Name] = {}
        self._compile(names)
        long = [name for name in self._names if len(name) >= SHORTEST_MISSPELT - 1]
        self._nearby = Nearby(long, 1)
        self._families = self._compile_families()
        self._endings = frozenset(ending for endings in self._numerals.values() for ending in endings)
        self._heads: dict[str, int] = {}  # by how a long name begins, and ends: a bit for each length of such names
        self._tails: dict[str, int] = {}
        for name in long:
            for ends, end in ((self._heads, name[:HALF_NAME]), (self._tails, name[-HALF_NAME:])):
                ends[end] = ends.get(end, 0) | 1 << len(name)
        self._beginnings = {name[:length] for name in self._names for length in range(1, len(name) + 1)}
        self.stems = {
            _pieces(village.name)[-2]
            for village in region.villages
            if _pieces(village.name)[-1].upper() in self._numerals
        }

    def _compile(self, names: PlaceNames) -> None:
        ordinary = {name.casefold() for name in (*names.ordinary.names, *names.ordinary.aliases)}
        for listed in names.own.names:
            self._add(listed, Name(OWN, (), listed))
        for listed in names.outside.names:
            self._add(listed, Name(OUTSIDE, (), listed.title()))
        for listed in names.outside.weak:
            self._add(listed, Name(MAYBE_OUTSIDE, (), listed.title()))
        for listed, codes in names.ambiguous.items():
            villages = tuple(dict.fromkeys(code for one in codes for code in self._villages(one)))
            kind = DISTRICT if all(code.count(".") == 2 for code in codes) else SEVERAL
            self._add(listed, Name(kind, villages, listed.title(), listed in ordinary))
        for village in self.region.villages:
            numbered = _pieces(village.name)[-1].upper() in self._numerals
            self._add(
                village.name,
                Name(VILLAGE, (village.code,), village.name, village.name.casefold() in ordinary, numbered),
            )
        for code, listed_names in names.aliases.items():
            for listed in listed_names:
                self._add(listed, Name(VILLAGE, (code,), self.region.by_code[code].name, listed in ordinary))
        for district in self.region.districts:
            villages = self._villages(district.code)
            self._add(district.name, Name(DISTRICT, villages, district.title, district.name.casefold() in ordinary))

    def _compile_families(self) -> dict[str, tuple[str, ...]]:
        """Names that villages share but for a number at the end, and the codes of those villages."""
        families: dict[str, tuple[str, ...]] = {}
        for village in self.region.villages:
            stem, _, number = village.name.rpartition(" ")
            if number.upper() in self._numerals:
                families[stem.casefold()] = self.family(stem)
        return families

    def _villages(self, code: str) -> tuple[str, ...]:
        """The villages of a kecamatan, or the village itself."""
        if self.region.by_code[code].is_village:
            return (code,)
        return tuple(village.code for village in self.region.villages if village.parent == code)

    def _add(self, name: str, meaning: Name) -> None:
        pieces = _pieces(name)
        choices = [
            self._choices(piece, len(pieces), last=index == len(pieces) - 1) for index, piece in enumerate(pieces)
        ]
        for chosen in product(*choices):
            self._names.setdefault("".join(chosen), meaning)

    def _choices(self, piece: str, of: int, *, last: bool) -> list[str]:
        if of == 1:
            return [piece]
        if last and piece.upper() in self._numerals:
            return list(self._numerals[piece.upper()])
        spellings = set(self._spellings.get(piece, (piece,)))
        if piece.endswith("a") and len(piece) > 3:
            spellings.add(piece[:-1] + "o")
        return sorted(spellings)

    def family(self, name: str) -> tuple[str, ...]:
        """The codes of all villages whose names begin with this one: Lambur, Lambur I, Lambur II."""
        return tuple(village.code for village in self.region.villages if village.name.startswith(name))

    def words(self) -> set[str]:
        """Single words of the names as the region writes them, and names of several words without blanks."""
        found: set[str] = set()
        for place in (*self.region.villages, *self.region.districts):
            pieces = [piece for piece in _pieces(place.name) if piece.upper() not in self._numerals]
            found.update(piece for piece in pieces if len(piece) > 3)
            if len(pieces) > 1:
                found.add("".join(pieces))
        for name in self._names.values():
            if name.kind in (OUTSIDE, MAYBE_OUTSIDE):
                found.update(piece for piece in _pieces(name.label) if len(piece) > 4)
        return found

    def spellings(self) -> set[str]:
        """Every spelling of every name, without blanks."""
        return set(self._names)

    def scan(self, tokens: Sequence[Token], text: str, labels: frozenset[str]) -> list[Mention]:
        """All names, left to right, longest first, not overlapping; not yet judged (see `judge`).

        `labels` are words that make the number beside them a count.
        """
        mentions: list[Mention] = []
        behind = 0
        for start in self._starts(tokens):
            if start >= behind and (mention := self._at(tokens, text, start, labels)):
                mentions.append(mention)
                behind = mention.end
        return mentions

    def _starts(self, tokens: Sequence[Token]) -> list[int]:
        """Where names may begin, misspelt ones too: a look at the ends of words that spares most of them the search."""
        names, beginnings, heads, tails = self._names, self._beginnings, self._heads, self._tails
        read = [token.word for token in tokens]
        typed = [token.chunk.casefold() for token in tokens]
        starts: set[int] = set()
        for words in (read, typed) if typed != read else (read,):
            for at, word in enumerate(words):
                head = tail = word
                if len(word) < HALF_NAME:
                    head, tail = "".join(words[at : at + HALF_NAME]), "".join(words[max(0, at - 2) : at + 1])
                if head[:HALF_NAME] in heads or (
                    word in beginnings and (word in names or word + "".join(words[at + 1 : at + 2]) in beginnings)
                ):
                    starts.add(at)
                if tail[-HALF_NAME:] in tails:
                    starts.update(range(max(0, at + 1 - LONGEST_MISSPELT), at + 1))
        starts.update(at for at, token in enumerate(tokens) if token.kind in (NUMBER, CODE))
        return sorted(starts)

    def _at(self, tokens: Sequence[Token], text: str, start: int, labels: frozenset[str]) -> Mention | None:
        first = tokens[start]
        if first.kind != WORD:
            name = self._code(first)
            if name is not None or first.word not in self._beginnings:
                return Mention(start, start + 1, name) if name else None
        for end, joined, typed in reversed(self._spans(tokens, start)):
            name = self._names.get(joined) or self._names.get(typed)
            misspelt = name is None
            if name is None and self._one_end_is_right(joined):
                name = self._misspelt(joined, tokens[start:end])
            if name is None and typed != joined and self._one_end_is_right(typed) and _repaired(tokens[start:end]):
                name = self._misspelt(typed, tokens[start:end])  # "andar jaya" is not "antar jaya"
            if name is not None and not (name.numbered and _is_count(tokens, text, start, end, labels, self._units)):
                typo = misspelt or any(t.how == TYPO for t in tokens[start:end])
                strange = self._strange_number(name, tokens, text, end)
                return Mention(start, end + (strange is not None), strange or name, typo=typo)
        return None

    def _strange_number(self, name: Name, tokens: Sequence[Token], text: str, end: int) -> Name | None:
        """The family of a name with a number no village of it has: `Lambur III`, `Parit Culum 3 20 0`."""
        family = self._families.get(name.label.casefold(), ()) if name.kind in (VILLAGE, SEVERAL) else ()
        if not family or end >= len(tokens) or text[tokens[end - 1].end : tokens[end].start].strip(" .-"):
            return None
        token = tokens[end]
        counted = all(t.kind == NUMBER for t in tokens[end + 1 : end + 3]) and len(tokens) > end + 2
        small = token.word in self._digits or (token.kind == NUMBER and len(token.word) == 1 and token.word != "0")
        if (small and counted) or (token.kind == WORD and _ROMAN.fullmatch(token.word)):
            return Name(SEVERAL, family, f"{name.label} {token.chunk}")
        return None

    def _spans(self, tokens: Sequence[Token], start: int) -> list[tuple[int, str, str]]:
        """Where a name beginning at `start` could end, and what stands there without blanks: as read, as typed ('' if glued)."""
        spans: list[tuple[int, str, str]] = []
        joined = typed = ""
        glued = False
        for end in range(start + 1, min(len(tokens), start + LONGEST_NAME) + 1):
            token = tokens[end - 1]
            if token.kind not in _IN_NAMES:
                break
            joined += token.word
            glued = glued or token.glued
            typed = "" if glued else typed + token.chunk.casefold()
            if end - start > LONGEST_MISSPELT and joined not in self._beginnings and typed not in self._beginnings:
                break
            spans.append((end, joined, typed))
        return spans

    def _code(self, token: Token) -> Name | None:
        """The place of a short or full code; one that begins with 0 and is none is strange."""
        if token.kind == CODE:
            return self._full_code(token.word)
        if token.kind != NUMBER or len(token.word) != 4 or token.glued:
            return None
        village = self.by_short_code.get(token.word)
        if village is not None:
            return Name(VILLAGE, (village.code,), village.name)
        return Name(STRANGE_CODE, (), token.word) if token.word[0] == "0" else None

    def _one_end_is_right(self, joined: str) -> bool:
        """Whether a misspelt name may stand there: a slip leaves one end alone, and the length but for one letter."""
        lengths = self._heads.get(joined[:HALF_NAME], 0) | self._tails.get(joined[-HALF_NAME:], 0)
        return bool(lengths) and bool(lengths >> (len(joined) - 1) & 0b111)

    def _misspelt(self, joined: str, span: Sequence[Token]) -> Name | None:
        """The name of several words that is one slip away: "kampung laud", "rantau rasu 2". Where it may be several, all."""
        number = span[-1].word if span[-1].word in self._endings else ""
        written = span[:-1] if number else span
        stem = joined.removesuffix(number)
        if (
            not written
            or len(written) > LONGEST_MISSPELT
            or (len(written) == 1 and joined == span[0].word)  # that was the lexicon's to read
            or len(stem) < SHORTEST_MISSPELT - 1
            or not stem.isalpha()
            or any(len(t.word) < 2 for t in written)
        ):
            return None
        near = [
            name
            for known, _ in self._nearby.of(stem, 1)
            if max(len(known), len(stem)) >= SHORTEST_MISSPELT
            and (name := self._names.get(known + number)) is not None
            and name.numbered == bool(number)  # "lambur iii" is neither I nor II
        ]
        different = {name.codes or name.label: name for name in near}
        if len(different) < 2:
            return near[0] if near else None
        codes = sorted({code for name in near if name.kind in (VILLAGE, SEVERAL) for code in name.codes})
        return Name(SEVERAL, tuple(codes), " ".join(token.chunk for token in span)) if codes else None

    def _full_code(self, digits: str) -> Name:
        code = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
        village = self.region.by_code.get(code)
        return Name(VILLAGE, (code,), village.name) if village else Name(STRANGE_CODE, (), code)


def _pieces(name: str) -> list[str]:
    return re.split(r"[\s-]+", name.casefold())


def _repaired(span: Sequence[Token]) -> bool:
    """Whether a word was read as another, perhaps wrongly; short forms are certain but for a word that stands for itself."""
    return any(token.how and (token.how != SHORT or len(span) == 1) for token in span)


def _is_count(
    tokens: Sequence[Token], text: str, start: int, end: int, labels: frozenset[str], units: frozenset[str]
) -> bool:
    """Whether the number at the end of a name is rather a count: `Lambur, 2 luka`, `Lambur 2 orang`."""
    last = tokens[end - 1]
    if end - start < 2 or last.glued:
        return False
    if last.kind != NUMBER and last.word in ("i", "ii"):
        return False
    gap = text[tokens[end - 2].end : last.start]
    if any(mark in gap for mark in ",;=(") or ". " in gap or ": " in gap:
        return True
    spelled = last.kind != NUMBER and len(last.word) > 2
    if end >= len(tokens) or tokens[end].word not in (labels | units if spelled else labels):
        return False
    if "," in text[last.end : tokens[end].start]:
        return False
    return all(token.number is None for token in tokens[end + 1 : end + LABEL_REACH])
