"""Places in a message: which names stand in it, and which village is meant. Pure.

A name is compared without blanks, in every spelling the region's alias.toml allows, longest first, so `Kp. Laut`,
`kampunglaut` and `KAM PUNG LAUT` are one. Deciding is careful: a wrong village is worse than none. Two villages that
could both be meant, a kecamatan alone, a place outside the district, a code nobody knows: no village, candidates in a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from rapidfuzz.distance import OSA

from config.knowledge import PlaceNames
from config.regions import Place, Region
from gateway.reports.lexicon import TYPO, VOWELS, Lexicon
from gateway.reports.text import CODE, NUMBER, WORD, Token
from gateway.reports.understanding import Doubt, Sender

VILLAGE, DISTRICT, SEVERAL, OUTSIDE, MAYBE_OUTSIDE, OWN, STRANGE_CODE = (
    "village", "district", "several", "outside", "maybe_outside", "own", "strange_code",
)  # fmt: skip
SHORTEST_MISSPELT = 9
"""Letters of the shortest name that is recognised with a wrong letter across its words."""
LONGEST_NAME = 6
"""Words of the longest name, a number at its end included."""
LABEL_REACH = 5
"""A label this near to a later number belongs to that one: `Lambur 1 massa kurang lebih 50`."""
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


@dataclass(frozen=True)
class Where:
    """The decision: a village or None, doubts, trace lines and the mention it rests on."""

    village: Place | None = None
    doubts: tuple[Doubt, ...] = ()
    trace: tuple[str, ...] = ()
    mention: Mention | None = None
    outside: bool = False
    candidates: tuple[str, ...] = ()


class Gazetteer:
    """All names of one region, compiled once."""

    def __init__(self, region: Region, names: PlaceNames, units: Sequence[str] = ()) -> None:
        self.region = region
        self._units = frozenset(units)
        self._words = names.words
        self._crossroads = frozenset(names.ordinary.crossroads)
        self._not_before = frozenset(names.ordinary.not_before)
        self._spellings = {word: frozenset((word, *other)) for word, other in names.spellings.items()}
        self._numerals = names.numerals
        self.by_short_code = {village.short_code: village for village in region.villages}
        self._names: dict[str, Name] = {}
        self._compile(names)
        self._joined = Lexicon({}, (), (name for name in self._names if len(name) >= SHORTEST_MISSPELT - 1), ())
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

    def find(
        self, tokens: Sequence[Token], text: str, anchors: frozenset[int], labels: frozenset[str]
    ) -> list[Mention]:
        """All mentions, left to right, longest first, not overlapping.

        `anchors` are the tokens of keyword and type; `labels` words that make the number before them a count.
        """
        mentions: list[Mention] = []
        position = 0
        while position < len(tokens):
            mention = self._at(tokens, text, position, labels, anchors)
            if mention is None:
                position += 1
                continue
            placed = self._placed(mention, tokens, anchors)
            if mentions and mentions[-1].end == position and placed.name.kind == DISTRICT:
                placed = replace(placed, district_said=True)  # "Rantau Rasau Berbak"
            mentions.append(placed)
            position = mention.end
        starts = {mention.start for mention in mentions if mention.name.kind == VILLAGE}
        return [
            mention
            for mention in mentions
            if self._holds(mention, tokens, text) and not (self._is_crossroads(mention) and mention.end in starts)
        ]

    def _is_crossroads(self, mention: Mention) -> bool:
        """A name that is also the word for a crossroads: before another village's name it is that ("simpang Pandan Jaya")."""
        return mention.name.ordinary and mention.name.label.casefold() in self._crossroads

    def _at(
        self, tokens: Sequence[Token], text: str, start: int, labels: frozenset[str], anchors: frozenset[int]
    ) -> Mention | None:
        first = tokens[start]
        if first.kind == CODE:
            return Mention(start, start + 1, self._full_code(first.word))
        labelled = start > 0 and start - 1 not in anchors and tokens[start - 1].word in labels
        if first.kind == NUMBER and len(first.word) == 4 and not first.glued and (first.word[0] == "0" or not labelled):
            village = self.by_short_code.get(first.word)
            if village is not None:
                return Mention(start, start + 1, Name(VILLAGE, (village.code,), village.name))
            if first.word[0] == "0":
                return Mention(start, start + 1, Name(STRANGE_CODE, (), first.word))
        if first.kind != WORD:
            return None
        for end in range(min(len(tokens), start + LONGEST_NAME), start, -1):
            span = tokens[start:end]
            if any(token.kind not in (WORD, NUMBER) for token in span):
                continue
            name = self._names.get("".join(token.word for token in span))
            if name is None and not any(token.glued for token in span):
                name = self._names.get("".join(token.chunk.casefold() for token in span))
            misspelt = False
            if name is None and end - start in (2, 3) and all(len(token.word) > 1 for token in span):
                name, misspelt = self._misspelt("".join(token.word for token in span)), True
            if name is not None and not (name.numbered and _is_count(tokens, text, start, end, labels, self._units)):
                return Mention(start, end, name, typo=misspelt or any(token.how == TYPO for token in span))
        return None

    def _misspelt(self, joined: str) -> Name | None:
        """A name of several words with one letter wrong ("kampung laud")."""
        if len(joined) < SHORTEST_MISSPELT or not joined.isalpha():
            return None
        read, how = self._joined.resolve(joined)
        name = self._names.get(read) if how in (TYPO, VOWELS) and OSA.distance(joined, read) == 1 else None
        return None if name is None or name.numbered else name  # "lambur iii" is neither I nor II

    def _full_code(self, digits: str) -> Name:
        code = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
        village = self.region.by_code.get(code)
        return Name(VILLAGE, (code,), village.name) if village else Name(STRANGE_CODE, (), code)

    def _placed(self, mention: Mention, tokens: Sequence[Token], anchors: frozenset[int]) -> Mention:
        """The mention with how clearly it says where."""
        before = mention.start - 1
        words = self._words
        district = before >= 0 and tokens[before].word in words.kecamatan
        clearness, stepped = PLAIN, False
        while before > 0 and tokens[before].number is not None and tokens[before - 1].word in words.numbered:
            before, clearness, stepped = before - 2, HERE, True
        while before >= 0 and tokens[before].word in words.here and before not in anchors:
            before, clearness, stepped = before - 1, HERE, True
        if before >= 0 and tokens[before].word in words.away and before not in anchors:
            clearness = HERE if stepped and tokens[before].word not in ("dekat", "perbatasan", "ke") else AWAY
            if (before == 0 or before - 1 in anchors) and tokens[before].word in ("dari", "di", "ke"):
                clearness = DIRECT
        elif before in anchors or (before >= 0 and tokens[before].number is not None and before - 1 in anchors):
            clearness = DIRECT
        elif before < 0 and mention.start <= 2:
            clearness = max(clearness, HERE)
        denied = mention.start > 0 and tokens[mention.start - 1].word == "bukan"
        return Mention(mention.start, mention.end, mention.name, mention.typo, clearness, district, denied)

    def _holds(self, mention: Mention, tokens: Sequence[Token], text: str) -> bool:
        """Whether an everyday word is a village here."""
        if not mention.name.ordinary:
            return True
        if mention.district_said:
            return True
        after = tokens[mention.end].word if mention.end < len(tokens) else ""
        counted = mention.end + 1 < len(tokens) and tokens[mention.end + 1].number is not None
        if after in self._not_before and not (after.isdigit() and counted):
            return False
        if mention.clearness >= DIRECT or (mention.start and tokens[mention.start - 1].word in self._words.desa):
            return True
        if mention.clearness >= HERE and mention.name.label.casefold() not in self._crossroads:
            return True
        return _alone(mention, tokens, text)

    def decide(self, mentions: Sequence[Mention], sender: Sender) -> Where:
        """The village that is meant."""
        villages = [mention for mention in mentions if mention.name.kind == VILLAGE]
        villages = [mention for mention in villages if not mention.denied] or villages
        outside = [mention for mention in mentions if mention.name.kind == OUTSIDE]
        if outside and max(m.clearness for m in outside) > max((m.clearness for m in villages), default=-1):
            villages = []
        if villages:
            return self._among(villages, mentions, sender)
        if outside:
            why = f"{outside[0].name.label} ada di luar kabupaten"
            return Where(None, (Doubt("desa", why),), (f"tempat: {why}",), outside[0], outside=True)
        unsure = [mention for mention in mentions if mention.name.kind in (SEVERAL, DISTRICT)]
        if unsure:
            return self._unsure(unsure, sender)
        for mention in mentions:
            if mention.name.kind == STRANGE_CODE:
                why = f"kode {mention.name.label} bukan kode desa"
                return Where(None, (Doubt("desa", why),), (f"tempat: {why}",), mention)
            if mention.name.kind == MAYBE_OUTSIDE:
                why = f"{mention.name.label} mungkin di luar kabupaten"
                return Where(None, (Doubt("desa", why),), (f"tempat: {why}",), mention, outside=True)
        return Where()

    def _among(self, villages: list[Mention], mentions: Sequence[Mention], sender: Sender) -> Where:
        best = max(mention.clearness for mention in villages)
        top = [mention for mention in villages if mention.clearness == best]
        codes = list(dict.fromkeys(mention.name.codes[0] for mention in top))
        if len(codes) > 1 and best != DIRECT:
            if sender.village in codes:
                chosen = next(mention for mention in top if mention.name.codes[0] == sender.village)
                return self._chosen(chosen, mentions, "tempat pengirim terdaftar menentukan")
            labels = ", ".join(self.region.by_code[code].name for code in codes)
            why = f"beberapa desa disebut: {labels}"
            return Where(
                None, (Doubt("desa", why, tuple(codes)),), (f"tempat: {why}",), top[0], candidates=tuple(codes)
            )
        return self._chosen(top[0], mentions, "")

    def _chosen(self, mention: Mention, mentions: Sequence[Mention], because: str) -> Where:
        village = self.region.by_code[mention.name.codes[0]]
        districts = [m for m in mentions if m.district_said and m.name.kind in (DISTRICT, SEVERAL)]
        for district in districts:
            codes = self._in_said_district(district)
            if codes and village.code not in codes:
                why = f"{village.name} tidak ada di kecamatan yang disebut"
                return Where(
                    None,
                    (Doubt("desa", why, (village.code,)),),
                    (f"tempat: {why}",),
                    mention,
                    candidates=(village.code,),
                )
        doubts = []
        if mention.typo:
            doubts.append(Doubt("desa", f"nama desa ditulis lain, dibaca {village.name}", (village.code,)))
        if mention.clearness == AWAY:
            doubts.append(Doubt("desa", f"{village.name} mungkin asal orangnya, bukan tempatnya", (village.code,)))
        line = f"tempat: {village.title} ({village.code})" + (f", {because}" if because else "")
        return Where(village, tuple(doubts), (line,), mention)

    def _in_said_district(self, mention: Mention) -> tuple[str, ...]:
        for district in self.region.districts:
            if district.name.casefold() == mention.name.label.casefold().removeprefix("kecamatan "):
                return self._villages(district.code)
        return mention.name.codes

    def _unsure(self, unsure: list[Mention], sender: Sender) -> Where:
        said = [mention for mention in unsure if mention.district_said]
        others = [mention for mention in unsure if not mention.district_said] or said
        mention = max(others, key=lambda m: m.clearness)
        candidates = self._in_said_district(mention) if mention.district_said else mention.name.codes
        if said and mention not in said:
            candidates = tuple(code for code in candidates if code in self._in_said_district(said[0])) or candidates
        inside = [code for code in candidates if code == sender.village]
        near = [code for code in candidates if sender.village and code.startswith(sender.village[:8])]
        settled = inside or (near if len(near) == 1 and mention.name.kind == SEVERAL and len(candidates) < 5 else [])
        if mention.name.kind == SEVERAL and settled:
            village = self.region.by_code[settled[0]]
            line = f"tempat: {mention.name.label} dibaca {village.title}, tempat pengirim terdaftar menentukan"
            return Where(village, (), (line,), mention)
        if len(candidates) == 1 and mention.name.kind == SEVERAL:
            village = self.region.by_code[candidates[0]]
            return Where(village, (), (f"tempat: {mention.name.label} dibaca {village.title}",), mention)
        ordered = tuple(inside) + tuple(code for code in candidates if code not in inside)
        what = "hanya kecamatan" if mention.name.kind == DISTRICT or mention.district_said else "dapat beberapa desa"
        why = f"{mention.name.label}: {what}"
        return Where(None, (Doubt("desa", why, ordered),), (f"tempat: {why}",), mention, candidates=ordered)


def _pieces(name: str) -> list[str]:
    return re.split(r"[\s-]+", name.casefold())


def _alone(mention: Mention, tokens: Sequence[Token], text: str) -> bool:
    """Whether the name fills everything between two separators, or the whole message."""
    before = text[: tokens[mention.start].start].rstrip(" ")
    after = text[tokens[mention.end - 1].end :].lstrip(" ")
    return before[-1:] in ("", "#", "*", ",", ";", "/", ":", "|") and after[:1] in (
        "",
        "#",
        "*",
        ",",
        ";",
        "/",
        "|",
        ".",
    )


def _is_count(
    tokens: Sequence[Token], text: str, start: int, end: int, labels: frozenset[str], units: frozenset[str]
) -> bool:
    """Whether the number at the end of a name is rather a count: `Lambur, 2 luka`, `Lambur 2 orang`."""
    last = tokens[end - 1]
    if end - start < 2 or last.glued:
        return False
    gap = text[tokens[end - 2].end : last.start]
    if any(mark in gap for mark in ",;=(") or ". " in gap or ": " in gap:
        return True
    if last.kind != NUMBER and last.word in ("i", "ii"):
        return False
    spelled = last.kind != NUMBER and len(last.word) > 2
    if end >= len(tokens) or tokens[end].word not in (labels | units if spelled else labels):
        return False
    if "," in text[last.end : tokens[end].start]:
        return False
    return all(token.number is None for token in tokens[end + 1 : end + LABEL_REACH])
