"""What the number of victims is told of from afar: "keduanya lebam", "bukan 3 tapi 1", "korban ... kini jadi 6 orang". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.reports.labels import DEAD, INJURED, KORBAN, LOST, MASSA, Labels
from gateway.reports.numerals import Number
from gateway.reports.text import Token

ROLL_REACH, FAR_REACH, BACK_REACH, SAFE_REACH = 6, 8, 12, 4
"""Words from the dead to the electoral roll, from a number to "belum ketemu", back to its label, and to "selamat"."""
MOST_LOST = 10
FEW_CULPRITS = 4
"""So many who struck are no crowd yet: "dipukul 2 orang", but "dikeroyok 10 orang"."""
_ROLL = frozenset(
    [
        "undangan", "dpt", "nyoblos", "coblos", "mencoblos", "dicoblos", "terdaftar", "terdata", "milih", "memilih", "pemilih",
        "tanda", "c6", "hak", "formulir",
    ]
)  # fmt: skip
_ALL = frozenset(["kedua", "keduanya", "ketiga", "ketiganya", "semua", "semuanya", "kabeh", "sadaya", "sedoyo"])
_GREW = frozenset(["jadi", "menjadi", "bertambah", "nambah", "tambah"])
_INSTEAD = frozenset(["tapi", "tetapi", "melainkan"])
_CULPRITS = frozenset(["pelaku", "pelakunya", "tersangka", "terduga"])
_SAFE = frozenset(["selamat", "ketemu", "ditemukan", "kembali"])
Label = tuple[str, int]


def in_the_roll(words: Sequence[str], end: int, marks: Labels) -> bool:
    """Whether the people counted before `end` are dead voters: "14 orang sudah meninggal masih dapat undangan"."""
    for at in range(end, min(len(words), end + SAFE_REACH)):
        found = marks.phrases.at(words, at) if words[at] else None
        if found is not None and found[0] == DEAD:
            return not _ROLL.isdisjoint(words[at + 1 : at + 1 + ROLL_REACH])
    return False


def of_all(words: Sequence[str], values: Mapping[str, int | None], marks: Labels) -> dict[str, int]:
    """The harm that "keduanya lebam" or "luka ringan semua" tells of all victims, where their number is known."""
    total = values[KORBAN]
    if not total or total < 2 or _ALL.isdisjoint(words):
        return {}
    for at, word in enumerate(words):
        if word not in _ALL:
            continue
        behind = [harm for near in (at + 1, at + 2) if (harm := _harm_at(words, near, marks))]
        ahead = [harm for near in (at - 1, at - 2) if near >= 0 and (harm := _harm_at(words, near, marks))]
        harm = next(iter((*behind, *ahead)), None)
        if harm is not None and values[harm] is None:
            return {harm: total}
    return {}


def _harm_at(words: Sequence[str], index: int, marks: Labels) -> str | None:
    if index >= len(words) or not words[index]:
        return None
    if words[index] in marks.wounded:
        return INJURED
    found = marks.phrases.at(words, index)
    return found[0] if found is not None and found[0] in (DEAD, INJURED) else None


def far_label(
    tokens: Sequence[Token], words: Sequence[str], text: str, number: Number, marks: Labels
) -> tuple[Label | None, Label | None]:
    """The label before or behind a number that stands a few words away."""
    before = words[number.start - 1] if number.start else ""
    if before in _INSTEAD and "bukan" in words[max(0, number.start - 5) : number.start]:
        return _earlier(words, number.start, marks, 2), None
    if before in _GREW:
        found = _earlier(words, number.start, marks, 1)
        return (found if found is not None and found[0] != MASSA else None), None
    if before in ("benar", "betul"):
        return _earlier(words, number.start, marks, 1), None
    if number.value > MOST_LOST:
        return None, None
    for at in range(number.end, min(len(words), number.end + FAR_REACH)):
        if words[at].isdigit() or words[at] in marks.things or (at > number.end and _stops(tokens, text, at)):
            break
        found_here = marks.phrases.at(words, at) if words[at] else None
        if found_here is not None:
            return None, ((LOST, at) if found_here[0] == LOST else None)
    return None, None


def _earlier(words: Sequence[str], start: int, marks: Labels, numbers: int) -> Label | None:
    """The nearest label before `start`, at most so many numbers between."""
    for at in range(start - 1, max(-1, start - 1 - BACK_REACH), -1):
        if words[at].isdigit():
            numbers -= 1
            if numbers < 0:
                return None
        found = marks.phrases.at(words, at) if words[at] and words[at] not in _GREW else None
        if found is not None:
            return found[0], at
    return None


def _stops(tokens: Sequence[Token], text: str, index: int) -> bool:
    """Whether a sentence ends before the token."""
    return ". " in text[tokens[index - 1].end : tokens[index].start]


def recovered(words: Sequence[str], number: Number, marks: Labels) -> bool:
    """ "2 orang sudah ketemu selamat": neither crowd nor victims; nor are "dipukul 2 orang" and "pelaku 4 orang"."""
    before = words[number.start - 1] if number.start else ""
    struck = number.value <= FEW_CULPRITS and before in marks.struck and before.startswith("di")
    if before in _CULPRITS or (struck and marks.is_people(words, number.end)):
        return True
    near = words[number.end : number.end + SAFE_REACH]
    if near and near[0] in marks.people and not _SAFE.isdisjoint(near) and not {"belum", "tidak"} & set(near):
        return True
    return not marks.wounded.isdisjoint(words[max(0, number.start - 3) : number.start])
