"""One victim without a number: "suami saya ditikam", "Sdr Rusli, 47 th, disiram air keras", "wong mati gantung diri". Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.reports.labels import DEAD, INJURED, KORBAN, LOST, Labels, broken
from gateway.reports.lexicon import Phrases
from gateway.reports.text import Token

REACH = 4
"""Words between the person and what befell him: "ketua PPS desa kami kemarin dipukul"."""
_NOT_DONE = frozenset(
    [
        "mau",
        "akan",
        "hendak",
        "hampir",
        "nyaris",
        "jangan",
        "kalau",
        "kalo",
        "tidak",
        "belum",
        "bisa",
        "takut",
        "nak",
        "sebelum",
        "isu",
        "kabar",
        "hoaks",
        "ancam",
        "diancam",
        "ancaman",
    ]
)
_MANY = frozenset(
    ["para", "beberapa", "sejumlah", "banyak", "semua", "kami", "kita", "warga", "orang", "massa", "anak anak"]
)
_CALLED = frozenset(["pak", "bapak", "bu", "ibu", "bang", "abang", "mas", "mbak", "kak"])
"""Who is written to: no victim without a word behind that says whose he is."""
_WHOSE = frozenset(["saya", "kami", "ku", "aku", "kita", "ulun", "abdi", "kulo"])
_AGE_UNITS = frozenset(["th", "thn", "tahun"])
_AGED = frozenset(["umur", "usia", "berumur", "berusia"])
_STRUCK = "kena"


def single_victim(
    tokens: Sequence[Token], words: list[str], text: str, marks: Labels, says: Phrases[str]
) -> dict[str, int]:
    """korban 1, and md, luka or hilang 1 where the words say which; empty where no one person is hurt.

    A number of people anywhere near says more, and so does a word for many.
    """
    if marks.harms.isdisjoint(words):
        return {}
    ages = _ages(tokens, words, text)
    if ages:
        words = ["" if index in ages else word for index, word in enumerate(words)]
    blanked = [word or "\0" for word in words]
    for start, _, said in says.everywhere(blanked):
        if said != "victims" or words[start] == KORBAN or (start and words[start - 1] in _NOT_DONE):
            continue
        if _person_before(tokens, words, text, marks, start, ages) is not None:
            return {KORBAN: 1, **_harm(words, marks)}
    for start, word in enumerate(words):
        if word in marks.assaults and any(one in marks.single for one in words[start + 1 : start + 1 + REACH]):
            many = any(one.isdigit() or one in _MANY for one in words[start + 1 : start + 2 + REACH])
            doubted = start and words[start - 1] in _NOT_DONE
            return {} if many or doubted else {KORBAN: 1, **_harm(words, marks)}  # "penikaman an. Sahrul"
        if word == _STRUCK and _is_hit(tokens, words, text, marks, start, ages):
            return {KORBAN: 1, INJURED: 1}
    return _gone(tokens, words, text, marks, blanked, ages)


def _ages(tokens: Sequence[Token], words: Sequence[str], text: str) -> set[int]:
    """Tokens of an age: "47 th", "umur 14", "(52)"."""
    found: set[int] = set()
    for index, word in enumerate(words):
        if not word.isdigit():
            continue
        if index + 1 < len(words) and words[index + 1] in _AGE_UNITS:
            found |= {index, index + 1}
        elif index and words[index - 1] in _AGED:
            found |= {index - 1, index}
        elif text[: tokens[index].start].endswith("(") and text[tokens[index].end :].startswith(")"):
            found.add(index)
    return found


def _is_hit(tokens: Sequence[Token], words: list[str], text: str, marks: Labels, start: int, ages: set[int]) -> bool:
    """ "yang kena budak umur 14", "kawan kena di kaki": who was hit, without a word for how."""
    behind = words[start + 1 : start + 3]
    if start and words[start - 1] == "yang":
        return any(word in marks.single and word not in _CALLED for word in behind)
    body = any(word in marks.bodies for word in words[start + 1 : start + 4])
    return body and _person_before(tokens, words, text, marks, start, ages) is not None


def _gone(
    tokens: Sequence[Token], words: list[str], text: str, marks: Labels, blanked: list[str], ages: set[int]
) -> dict[str, int]:
    """One person dead or missing: "suami saya belum pulang", "ada orang mati"."""
    for start, _, name in marks.phrases.everywhere(blanked):
        if name not in (DEAD, LOST) or (start and words[start - 1] in _NOT_DONE):
            continue
        if any(index in ages for index in range(start - 3, start + 3)):  # "sudah 2 tahun meninggal"
            continue
        person = _person_before(tokens, words, text, marks, start, ages)
        if person is None or (words[person] in _CALLED and words[person + 1] not in _WHOSE):
            continue
        return {KORBAN: 1, name: 1}
    return {}


def _person_before(
    tokens: Sequence[Token], words: list[str], text: str, marks: Labels, verb: int, ages: set[int]
) -> int | None:
    """The one person directly before a verb of harm, if there is one."""
    left = REACH
    for at in range(verb - 1, -1, -1):
        if broken(tokens, text, at + 1) and not ages & {at, at + 1}:
            return None
        if not words[at] or words[at].isdigit():
            if words[at] and words[at - 1] != "tps":
                return None
            continue
        if words[at] == "tps" and words[at + 1].isdigit():
            continue
        if words[at] == "orang" and at == verb - 1 and not tokens[at].repeated:
            found = marks.phrases.at(words, verb)
            dead = found is not None and found[0] == DEAD
            return at if _is_one(words, at) or (dead and at and words[at - 1] == "ada") else None
        if words[at] in _MANY or words[at] in marks.things or not left:
            return None
        if words[at] in _CALLED and not (at + 1 < verb <= at + 3 and words[at + 1] not in ("", "ada", "yang")):
            return None
        if words[at] in marks.single:
            one = not tokens[at].repeated or (at and words[at - 1] == "ada")  # "ada nenek2 didorong"
            before = words[max(0, at - 2) : at]
            many = any(word.isdigit() or word in _MANY or word in marks.things or word in _NOT_DONE for word in before)
            return at if one and not many else None
        if tokens[at].repeated:
            return None
        left -= 1
    return None


def _is_one(words: list[str], at: int) -> bool:
    """ "orang dibacok di jalan": no number and no word for many in front; "ada orang dibacok" may be several."""
    before = words[at - 1] if at else ""
    return (
        not before.isdigit()
        and before not in _MANY
        and before not in ("ada", "yang", "banyak", "kelompok", "dua", "tiga", "antar")
    )


def _harm(words: list[str], marks: Labels) -> dict[str, int]:
    said = {name for _, _, name in marks.phrases.everywhere([word or "\0" for word in words])}
    if DEAD in said:
        return {DEAD: 1}
    if LOST in said:
        return {}
    wounded = INJURED in said or not marks.wounds.isdisjoint(words)
    return {INJURED: 1} if wounded else {}
