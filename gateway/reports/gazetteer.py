"""Places in a message: which of the names that stand in it say where, and which village is meant. Pure.

Deciding is careful: a wrong village is worse than none. Two villages that could both be meant, a kecamatan alone, a place
outside the district, a code nobody knows: no village, candidates in a doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.regions import Place
from gateway.reports.placenames import (
    AWAY,
    DIRECT,
    DISTRICT,
    HERE,
    MAYBE_OUTSIDE,
    OUTSIDE,
    OWN,
    PLAIN,
    SEVERAL,
    STRANGE_CODE,
    VILLAGE,
    Mention,
    Name,
    Scanner,
)  # fmt: skip
from gateway.reports.text import NUMBER, Token
from gateway.reports.understanding import Doubt, Sender

__all__ = [
    "AWAY", "DIRECT", "DISTRICT", "HERE", "MAYBE_OUTSIDE", "OUTSIDE", "OWN", "PLAIN", "SEVERAL", "STRANGE_CODE", "VILLAGE",
    "Gazetteer", "Mention", "Name", "Where",
]  # fmt: skip


@dataclass(frozen=True)
class Where:
    """The decision: a village or None, doubts, trace lines and the mention it rests on."""

    village: Place | None = None
    doubts: tuple[Doubt, ...] = ()
    trace: tuple[str, ...] = ()
    mention: Mention | None = None
    outside: bool = False
    candidates: tuple[str, ...] = ()


class Gazetteer(Scanner):
    """The names of one region, and what they mean in a message."""

    def judge(
        self,
        scanned: Sequence[Mention],
        tokens: Sequence[Token],
        text: str,
        anchors: frozenset[int],
        labels: frozenset[str],
    ) -> list[Mention]:
        """Those of the scanned names that are places here, and how clearly each says where. `anchors`: keyword and type."""
        mentions: list[Mention] = []
        for mention in scanned:
            if tokens[mention.start].kind == NUMBER and self._is_labelled(tokens, mention.start, anchors, labels):
                continue
            placed = self._placed(mention, tokens, anchors)
            if mentions and mentions[-1].end == mention.start and placed.name.kind == DISTRICT:
                placed = replace(placed, district_said=True)  # "Rantau Rasau Berbak"
            mentions.append(placed)
        starts = {mention.start for mention in mentions if mention.name.kind == VILLAGE}
        return [
            mention
            for mention in mentions
            if self._holds(mention, tokens, text) and not (self._is_crossroads(mention) and mention.end in starts)
        ]

    @staticmethod
    def _is_labelled(tokens: Sequence[Token], index: int, anchors: frozenset[int], labels: frozenset[str]) -> bool:
        """Whether a number that could be a short code is counted: `massa 1002`, but not `LAPOR MASSA 1002`."""
        behind = index - 1
        return behind >= 0 and tokens[index].word[0] != "0" and behind not in anchors and tokens[behind].word in labels

    def _is_crossroads(self, mention: Mention) -> bool:
        """A name that is also the word for a crossroads: before another village's name it is that ("simpang Pandan Jaya")."""
        return mention.name.ordinary and mention.name.label.casefold() in self._crossroads

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
        before = tokens[mention.start - 1].word if mention.start else ""
        if before in self._words.desa:
            return True
        if mention.name.label.casefold() in self._crossroads:
            # "ribut di simpang" leads to a crossroads, "LAPOR GESEK di Simpang 14 0" does not
            led_to = before in self._words.here or before in self._words.away
            card = mention.end < len(tokens) and tokens[mention.end].kind == NUMBER
            if card and tokens[mention.end].approximate:  # "di simpang 200an", but not "LAPOR MASSA simpang 200an org"
                card = before not in self._words.here and mention.end + 1 < len(tokens)
                led_to = not card
            return (mention.clearness >= DIRECT and (card or not led_to)) or _alone(mention, tokens, text)
        if mention.clearness >= HERE:
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
        beside = [m for m in mentions if m.name.kind == VILLAGE and 0 <= m.start - mention.end <= 1 and not m.denied]
        others = dict.fromkeys(m.name.codes[0] for m in beside if m.name.codes[0] != village.code)
        if others:
            names = " dan ".join(self.region.by_code[code].name for code in (village.code, *others))
            doubts.append(Doubt("desa", f"{names} disebut bersama", (village.code, *others)))
        outside = next((m.name.label for m in mentions if m.name.kind == OUTSIDE), None)
        if outside is not None:
            doubts.append(Doubt("desa", f"{outside} ada di luar kabupaten, mungkin asal orangnya", (village.code,)))
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
        if len(candidates) == 1 and mention.name.kind == SEVERAL and not mention.typo:
            village = self.region.by_code[candidates[0]]
            return Where(village, (), (f"tempat: {mention.name.label} dibaca {village.title}",), mention)
        only_districts = mention.name.kind == DISTRICT or mention.district_said
        labels = dict.fromkeys(m.name.label for m in unsure) if only_districts else (mention.name.label,)
        if len(labels) > 1:
            candidates = tuple(code for m in unsure for code in self._in_said_district(m))
        ordered = tuple(dict.fromkeys((*inside, *(code for code in near if code in candidates), *candidates)))
        why = f"{' dan '.join(labels)}: {'hanya kecamatan' if only_districts else 'dapat beberapa desa'}"
        return Where(None, (Doubt("desa", why, ordered),), (f"tempat: {why}",), mention, candidates=ordered)


_BEFORE_ALONE = frozenset(["", "#", "*", ",", ";", "/", ":", "|"])
_AFTER_ALONE = frozenset(["", "#", "*", ",", ";", "/", "|", ".", "!"])
_SENTENCE_ENDS = frozenset([".", "!", "?", ")"])
"""Behind one of these a name that ends the message says where: "... disobek semua. bangun karya"."""


def _alone(mention: Mention, tokens: Sequence[Token], text: str) -> bool:
    """Whether the name fills everything between two separators or sentences, or the whole message."""
    before = text[: tokens[mention.start].start].rstrip(" ")
    after = text[tokens[mention.end - 1].end :].lstrip(" ")
    ended = not after.strip(" .!")
    return (before[-1:] in _BEFORE_ALONE or (ended and before[-1:] in _SENTENCE_ENDS)) and after[:1] in _AFTER_ALONE
