"""When and how far: the phase of an event and the time words of a message. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.reports.labels import KORBAN
from gateway.reports.moments import Piece
from gateway.reports.text import NUMBER, WORD
from gateway.reports.when import resolve

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge
    from gateway.reports.reading import Reading

NEGATIONS = frozenset(["tidak", "bukan", "tanpa", "belum", "nihil", "jangan"])
HAPPENS, NOW = "terjadi", "sekarang"
"""Say that it goes on only by themselves: "terjadi bentrok" and "telah terjadi" tell what, "korban sekarang 7" how many."""


_OURSELVES = frozenset(["saya", "kami", "aku", "kita", "ulun", "abdi", "kulo", "izin"])
"""Who "mau ..." speaks of himself: what he wants to do is no event."""
_NO_WISH = NEGATIONS | {"kalau", "kalo", "klo", "klw", "kalu", "jika", "siapa", "apa", "bila", "biar", "supaya", "yang"}
_NO_NOW = NEGATIONS | {"ada", "sekali", "dua", "satu", "berapa", "apa", "belum", "datang", "kapan"}
"""In front of "lagi" these make it "again" or "one more"."""
_ENDED = frozenset(["selesai", "usai", "kelar", "rampung"])
_CULPRITS = frozenset(["pelaku", "tersangka", "terduga", "provokator", "pencuri", "maling", "orangnya"])
_TAKEN = frozenset(["ditangkap", "diamankan", "dicekel", "diringkus", "dibekuk"])
"""That a culprit is taken does not say that the event is over."""
_OUTBREAKS = frozenset(["meletus", "meledak", "pecah", "terjadi", "kejadian", "jadi", "kenapa"])
_ASKED_FOR = frozenset(["masih", "mau", "akan", "agar", "minta", "supaya", "mohon"])
"""Behind one of these rest is not there yet."""
_CEREMONY = frozenset(["ikrar", "deklarasi", "pemilu", "pilkada", "kampanye", "doa", "aksi", "rencana"])
"""With one of these "damai" says what sort of thing it is."""
_DONE_REACH, _FEAR_REACH = 3, 4
"""Words between "sudah" and "damai" and between "takut" and what is feared, with the word itself."""


def _beside_event(words: Sequence[str], group: frozenset[str], events: Sequence[int]) -> tuple[int, int] | None:
    """A word of the group directly before an event, or with "ada" between: "mau demo", "lagi ada ribut"."""
    for start in events:
        for ahead in (start - 1, start - 2):
            if ahead >= 0 and words[ahead] in group and (ahead == start - 1 or words[start - 1] == "ada"):
                return ahead, ahead + 1
    return None


def _before_act(
    words: Sequence[str], group: frozenset[str], knowledge: Knowledge, refused: frozenset[str]
) -> tuple[int, int] | None:
    """A word of the group directly before something people do, none of `refused` in front: "mau sebar", "lagi gali"."""
    if group.isdisjoint(words):
        return None
    for start in range(len(words) - 1):
        after = words[start + 1]
        if words[start] not in group or (start and words[start - 1] in refused):
            continue
        if (after in knowledge.acts or after in knowledge.danger) and knowledge.phases.at(words, start) is None:
            return start, start + 2
    return None


def _feared(words: Sequence[str], knowledge: Knowledge, deeds: Sequence[int]) -> tuple[int, int] | None:
    """ "takut malam ini dijarah": a fear shortly before a deed."""
    for start, word in enumerate(words):
        if word not in knowledge.fears:
            continue
        near = words[start + 1 : start + 1 + _FEAR_REACH]
        if any(start < deed <= start + _FEAR_REACH for deed in deeds) or not _OUTBREAKS.isdisjoint(near):
            return start, start + 1
    return None


def _is_over(words: Sequence[str], knowledge: Knowledge) -> tuple[int, int] | None:
    """ "sudah kami damaikan", "lah bedamai": rest behind a word for done, nothing between that takes it back."""
    if knowledge.over.isdisjoint(words):
        return None
    for index, word in enumerate(words):
        if word in _ENDED and index and (words[index - 1] in knowledge.acts or words[index - 1] in knowledge.danger):
            return index - 1, index + 1  # "demo selesai jam 3"
        if word not in knowledge.over or (word in _TAKEN and _CULPRITS & set(words[max(0, index - 5) : index])):
            continue
        for at in range(index - 1, max(-1, index - 1 - _DONE_REACH), -1):
            if words[at] in NEGATIONS or words[at] in _CEREMONY or words[at] in _ASKED_FOR:
                break
            if words[at] in knowledge.done:
                if not (at and words[at - 1] in NEGATIONS):
                    return at, index + 1
                break
    return None


def _deeds(reading: Reading, knowledge: Knowledge, words: Sequence[str]) -> list[int]:
    """Where something is done: the type's words, and every other word of a type or of danger."""
    found = set(reading.jenis_tokens)
    found |= {start for start, _, code in knowledge.strong_types.everywhere(words) if code}
    found |= {index for index, word in enumerate(words) if word in knowledge.danger}
    return sorted(found)


def _soon(reading: Reading, words: Sequence[str], knowledge: Knowledge, deeds: Sequence[int]) -> tuple[int, int] | None:
    """ "mau demo", or a time to come and none that is past, with an event: what makes it a possibility."""
    wanted = _beside_event(words, knowledge.wants, deeds)
    if wanted and not (wanted[0] and words[wanted[0] - 1] in _NO_WISH):
        return wanted
    said = [(start, length, when) for start, length, when in knowledge.when.everywhere(words)]
    if reading.jenis is None or any(when == "past" for _, _, when in said):
        return None
    return next(
        ((at, at + length) for at, length, _ in said if not (at and words[at - 1] in ("sampai", "tunggu"))), None
    )


def _stands_alone(reading: Reading, index: int) -> bool:
    """ "... 40 2 TERJADI": no word follows that it would introduce, and none of "telah", "yang" stands in front."""
    tokens = reading.tokens
    after = tokens[index + 1].kind if index + 1 < len(tokens) else ""
    if reading.words[index] == NOW:
        return after != NUMBER
    follows = after == WORD
    return not follows and (
        index == 0 or reading.words[index - 1] not in ("telah", "sudah", "yang", "pernah", "sempat")
    )


def _said(words: Sequence[str], knowledge: Knowledge) -> Iterator[tuple[int, int, str]]:
    """Phrases that say a phase; within one that takes a phase back ("sekarang sudah ...") another may begin ("sudah aman")."""
    for start, length, phase in knowledge.phases.everywhere(words):
        if phase:
            yield start, length, phase
            continue
        for inner in range(start + 1, start + length):
            found = knowledge.phases.at(words, inner)
            if found is not None and (found[0] == "REDA" or (found[0] and inner + found[1] > start + length)):
                yield inner, found[1], found[0]


def _is_not_yet(words: Sequence[str], start: int) -> bool:
    """ "masih terkendali", "belum ada tanda tanda bubar"."""
    if start and (words[start - 1] in NEGATIONS or words[start - 1] == "masih"):
        return True
    return "belum" in words[max(0, start - 3) : start] and "sudah" not in words[max(0, start - 3) : start + 1]


def _comes_back(words: Sequence[str], knowledge: Knowledge, over: int) -> tuple[int, int] | None:
    """ "sudah bubar tapi besok mau kumpul lagi": what the future brings counts for more than what is over."""
    later = [(at, length) for at, length, when in knowledge.when.everywhere(words) if when == "future" and at > over]
    if not later or knowledge.wants.isdisjoint(words[over:]):
        return None
    return later[0][0], later[0][0] + later[0][1]


def find_phase(reading: Reading, knowledge: Knowledge) -> None:
    """REDA, TERJADI or POTENSI, where the message says so."""
    found: dict[str, tuple[int, int]] = {}
    covered = {index for m in reading.mentions for index in range(m.start, m.end)}
    words = ["\0" if index in covered else word for index, word in enumerate(reading.words)]
    for start, length, phase in _said(words, knowledge):
        if phase == "REDA" and _is_not_yet(words, start):
            continue
        if words[start] == "masih" and length == 1 and start and words[start - 1] == KORBAN:
            continue  # "korban masih 0"
        if length == 1 and words[start] in (HAPPENS, NOW) and not _stands_alone(reading, start):
            continue
        found.setdefault(phase, (start, start + length))
    if "REDA" not in found and (over := _is_over(words, knowledge)):
        found["REDA"] = over
    if "REDA" in found and (again := _comes_back(words, knowledge, found["REDA"][1])):
        found = {"POTENSI": again}
    for phase in ("REDA", "POTENSI", "TERJADI"):
        if phase in found:
            _take_phase(reading, phase, found[phase])
            reading.fase_tokens = set(range(*found[phase]))
            return
    deeds = _deeds(reading, knowledge, words)
    if now := _beside_event(words, knowledge.goes_on, deeds) or _before_act(
        words, knowledge.goes_on, knowledge, _NO_NOW
    ):
        _take_phase(reading, "TERJADI", now)
        reading.fase_tokens = set(range(*now))
    elif soon := (
        _soon(reading, words, knowledge, deeds)
        or _before_act(words, knowledge.wants, knowledge, _NO_WISH | _OURSELVES)
        or _feared(words, knowledge, deeds)
    ):
        _take_phase(reading, "POTENSI", soon)


def _take_phase(reading: Reading, phase: str, span: tuple[int, int]) -> None:
    reading.fase = phase
    reading.trace.append(f"fase: '{reading.typed(*span)}' dibaca {phase}")


def find_times(reading: Reading, knowledge: Knowledge, sent_at: datetime | None = None) -> None:
    """Time words as typed, neighbouring pieces ("tadi malam jam 9") as one, and what they mean."""
    numerals = knowledge.counter.countable.numerals

    def spelled(index: int) -> tuple[int, int] | None:
        return numerals.spelled_at(reading.tokens, reading.words, index)

    taken = {i for m in reading.mentions for i in range(m.start, m.end)} | reading.secret | reading.ticket_tokens
    words = ["\0" if index in taken else word for index, word in enumerate(reading.words)]
    pieces = knowledge.calendar.pieces(reading.tokens, words, reading.text, spelled)
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and groups[-1][-1].end == piece.start:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    groups = [group for group in groups if not all(piece.weak for piece in group)]
    reading.times = [(group[0].start, group[-1].end) for group in groups]
    if sent_at is None or not groups:
        return
    ahead = {"POTENSI": True, "TERJADI": False, "REDA": False}.get(reading.fase or "")
    reading.when = resolve([piece for group in groups for piece in group], sent_at, ahead=ahead)
    if reading.when is not None:
        reading.trace.append(f"waktu: '{reading.typed(*reading.times[0])}' dibaca {reading.when}")
