"""Danger: what words tell of it, whether it presses, and whether somebody calls for help. Pure.

An emergency needs no keyword. It is one when somebody calls for help and tells of danger, or when a danger presses: it
happens now, to the sender himself, or nobody has come yet; and nothing says that it is over, hearsay or only feared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.knowledge import Danger
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import WORD
from gateway.reports.timing import NEGATIONS

if TYPE_CHECKING:
    from gateway.reports.reading import Reading

OWN_REACH = 4
"""So many words from a danger "kami" still means those in danger."""
CARRIED_REACH = 3
"""So many words behind "bawa" a weapon is still carried."""
SHOUTED = 2
"""A danger told so often in one message is a cry."""
MARKS = "!!"


def _phrases(phrases: Sequence[str], lexicon: Lexicon) -> Phrases[bool]:
    compiled: Phrases[bool] = Phrases()
    for phrase in phrases:
        compiled.add([lexicon.resolve(word)[0] for word in phrase.casefold().split()], True)
    return compiled


def _words(words: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    return frozenset(lexicon.resolve(word)[0] for word in words if " " not in word) | frozenset(words)


class Perils:
    """danger.toml, compiled once."""

    def __init__(self, danger: Danger, lexicon: Lexicon) -> None:
        self.danger = _words(danger.danger, lexicon)
        self.acute = _words(danger.acute, lexicon)
        self.calm = _phrases(danger.calm, lexicon)
        self.threats = _phrases(danger.threats, lexicon)
        self.carrying = _words(danger.carrying, lexicon)
        self.pressing = _phrases(danger.pressing, lexicon)
        self.ours = _words(danger.ours, lexicon)
        self.over = _phrases(danger.over, lexicon)
        self.official = _phrases(danger.official, lexicon)
        self.calls = _phrases(danger.calls, lexicon)
        self.strong = _words(danger.strong, lexicon)
        self.not_emergency = _phrases(danger.not_emergency, lexicon)
        self.weapons = _phrases(danger.weapons, lexicon)
        self.arms = _words(danger.weapons, lexicon)
        self.unarmed = _phrases(danger.unarmed, lexicon)


@dataclass(frozen=True)
class Peril:
    """The danger in one message."""

    dangers: tuple[str, ...] = ()
    """Words of danger that no calm phrase ("ayam bakar") and no negation takes back."""
    acute: tuple[str, ...] = ()
    """Those of mortal danger, and phrases that tell of danger by themselves."""
    called: bool = False
    """Somebody is called for help."""
    strongly: bool = False
    """With a word that is hardly anything else: "tolong"."""
    pressing: bool = False
    """It happens now, to the sender, or is shouted; and nothing says that it is over."""
    over: bool = False

    @property
    def emergency(self) -> bool:
        """Whether this is a cry for help in present danger, without any keyword."""
        return bool((self.acute and (self.called or self.pressing)) or (self.dangers and self.strongly))


def find_peril(reading: Reading, perils: Perils) -> Peril:
    """The danger a message tells of."""
    words = reading.words
    dangers, threats = _dangers(reading, perils), _threats(words, perils)
    calm = _covered(words, perils.calm) if dangers or threats else set()
    dangers = [i for i in dangers if i not in calm]
    acute = [i for i in dangers if words[i] in perils.acute]
    acute += [i for i in threats if i not in calm and i not in acute]
    over = reading.fase == "REDA" or bool(perils.over.everywhere(_open(reading)))
    pressing = not over and bool(acute) and _presses(reading, perils, acute)
    return Peril(
        dangers=tuple(words[i] for i in sorted({*dangers, *acute})),
        acute=tuple(words[i] for i in sorted(acute)),
        called=bool(perils.calls.everywhere(words)),
        strongly=not perils.strong.isdisjoint(words),
        pressing=pressing,
        over=over,
    )


def _covered(words: Sequence[str], phrases: Phrases[bool]) -> set[int]:
    return {i for start, length, _ in phrases.everywhere(words) for i in range(start, start + length)}


def _open(reading: Reading) -> list[str]:
    """The words, those of places blanked: a village may be called Rantau or Lambur, but also Telaga Dulu."""
    words = list(reading.words)
    for mention in reading.mentions:
        words[mention.start : mention.end] = ["\0"] * (mention.end - mention.start)
    return words


def _negated(words: Sequence[str], index: int) -> bool:
    before = words[index - 1] if index else ""
    if before in ("ada", "yang") and index > 1:
        before = words[index - 2] if words[index - 2] != "ada" or index < 3 else words[index - 3]
    return before in NEGATIONS and before != "belum"


def _dangers(reading: Reading, perils: Perils) -> list[int]:
    if perils.danger.isdisjoint(reading.words):
        return []
    return [
        i
        for i, word in enumerate(_open(reading))
        if word in perils.danger and reading.tokens[i].kind == WORD and not _negated(reading.words, i)
    ]


def _threats(words: Sequence[str], perils: Perils) -> list[int]:
    found = [start for start, _, _ in perils.threats.everywhere(words) if not _negated(words, start)]
    return found + _armed_at(words, perils)


def _armed_at(words: Sequence[str], perils: Perils) -> list[int]:
    """Weapons that somebody carries."""
    weapons = perils.weapons.everywhere(words)
    unarmed = _covered(words, perils.unarmed) if weapons else set()
    return [
        start
        for start, _, _ in weapons
        if start not in unarmed
        and any(word in perils.carrying for word in words[max(0, start - CARRIED_REACH) : start])
    ]


def _presses(reading: Reading, perils: Perils, acute: Sequence[int]) -> bool:
    words = reading.words
    if reading.fase == "POTENSI" and perils.strong.isdisjoint(words):
        return False
    if reading.fase == "TERJADI" or perils.pressing.everywhere(words):
        return True
    told = [words[i] for i in acute]
    if MARKS in reading.text or any(told.count(word) >= SHOUTED for word in told):
        return True
    if perils.official.everywhere(words):
        return False
    carried = _armed_at(words, perils)
    if carried and any(i not in carried and words[i] not in perils.arms for i in acute):
        return True  # "orang mengamuk bawa parang"
    return any(word in perils.ours for i in acute for word in words[max(0, i - OWN_REACH) : i + OWN_REACH + 1])


def armed(words: Sequence[str], perils: Perils) -> bool | None:
    """Whether weapons are spoken of: True, False where somebody says there are none, None where nothing is said."""
    weapons, unarmed = perils.weapons.everywhere(words), _covered(words, perils.unarmed)
    taken_back = unarmed | _covered(words, perils.calm) if weapons else unarmed
    if any(start not in taken_back and not _negated(words, start) for start, _, _ in weapons):
        return True
    return False if unarmed else None
