"""A short message as the answer to a question of ours that is still open. Pure.

The same words mean different things before and after a question: "14" is a crowd or the number of victims, "yg kedua" a village,
"gak tau pak" is that the reporter does not know, which is not zero and ends the asking. What is plainly something else (a new
report, an emergency, a command, junk, a private message) is never taken for an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.reports.counts import Counts
from gateway.reports.knowledge import Knowledge
from gateway.reports.labels import COUNTED
from gateway.reports.own_fields import OwnForm
from gateway.reports.own_said import alone, own_form, read_own
from gateway.reports.own_said import lead as own_lead
from gateway.reports.reading import Reading, read
from gateway.reports.text import NUMBER, PHONE, clean
from gateway.reports.timing import NEGATIONS
from gateway.reports.understanding import FIELDS, Doubt, Intent, Outcome, Question, Sender, Understanding

NOT_KNOWN = "pelapor tidak tahu"
"""Why of the doubt on a field its reporter cannot say: nobody asks for it again."""
DENIED = "disangkal pelapor"
"""Why of the doubt on a value that its reporter says is wrong."""
LONGEST, LONGEST_CHARACTERS = 24, 320
"""Words and characters of the longest answer."""
STRAY = 3
"""Words beside the answer that may mean nothing to us ("lambur 2 dekat masjid jami")."""
STRAY_IN_A_STORY = 12
"""The same where we asked what happened: people tell."""
OFFERED = 3
"""So many candidates are named in a question at most."""
_ELIGIBLE = frozenset([Intent.KONFIRMASI, Intent.BEBAS, Intent.KACAU])
_LEAD = {"jenis": "lapor", "desa": "desa"}
"""A word put in front, so that what follows is read as what we asked for; counts: their own name."""
_FILLING = frozenset(
    [
        "yang", "di", "ke", "dari", "itu", "ini", "nya", "desa", "kelurahan", "kecamatan", "kejadian", "lokasi", "tempat",
        "jumlah", "jenis", "nama", "namanya", "ada", "adalah", "nomor", "nomer", "no", "pak", "bu", "ya", "tadi", "cuma", "hanya",
        "saja", "sekitar", "kira", "orang", "warga", "massa", "korban", "maksud", "maksudnya", "saya", "kami", "sayo", "dan",
    ]
)  # fmt: skip
_ORDINALS = {"pertama": 1, "kesatu": 1, "kedua": 2, "ketiga": 3}
_SPELLED = {"satu": 1, "dua": 2, "tiga": 3}
_KNOWS = frozenset(["tahu", "tau", "tao", "paham", "pasti", "jelas", "ingat", "yakin"])
_CANNOT_SAY = frozenset(["entah", "entahlah", "lupa", "kurang", "embuh", "mboh"])
_NOT = NEGATIONS | {
    "gak",
    "ga",
    "gk",
    "nggak",
    "enggak",
    "dak",
    "idak",
    "ndak",
    "tak",
    "tdk",
    "kurang",
    "ora",
    "belum",
    "blm",
}


@dataclass
class _Answer:
    """What was read out of one answer."""

    fields: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(FIELDS))
    doubts: list[Doubt] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    fits: bool = False
    """It says something about what was asked, be it that the reporter does not know."""

    def put(self, name: str, value: Any, why: str) -> None:
        self.fields[name], self.fits = value, True
        self.trace.append(f"{name}: {why}")

    def doubt(self, name: str, why: str, candidates: Sequence[str] = ()) -> None:
        self.doubts.append(Doubt(name, why, tuple(candidates)))
        self.trace.append(f"{name}: {why}")
        self.fits = True


def as_answer(
    text: str,
    found: Understanding,
    sender: Sender,
    knowledge: Knowledge,
    asked: Question,
    sent_at: datetime | None = None,
) -> Understanding | None:
    """`text` read as the answer to `asked`; None where it is none. `found` is what it means without the question.

    A doubt with the why NOT_KNOWN says that the reporter cannot tell; one with DENIED takes the only candidate back. A place
    that is still unclear leaves the field empty, with a doubt and its candidates.
    """
    cleaned = clean(text)
    counted = asked.field in COUNTED
    bare_none = found.intent == Intent.NIHIL and counted and found.fields.get("desa") is None
    if (found.intent not in _ELIGIBLE and not bare_none) or not 0 < len(cleaned) <= LONGEST_CHARACTERS:
        return None
    own = own_form(asked.form, knowledge)
    lead = asked.field if counted else own_lead(own, asked.field) if own else _LEAD.get(asked.field, "")
    reading = read(f"{lead} {cleaned}".strip(), knowledge, sender, sent_at)
    start = len(lead.split())
    if not start < len(reading.tokens) <= LONGEST + start or _is_private(reading, knowledge, found):
        return None
    answer = _Answer(used=set(range(start)))
    _read_asked(answer, reading, start, found, knowledge, asked)
    if not answer.fits:
        return None
    _read_more(answer, reading, knowledge, asked)
    strays = list(_strays(answer, reading, knowledge))
    if len(strays) > (STRAY_IN_A_STORY if asked.field == "jenis" else STRAY):
        return None
    if found.form and (found.urgent or answer.fields["jenis"]) and asked.field != "jenis":
        return None  # news of its own
    if strays:
        answer.fields["ket"] = cleaned
    unclear = any(doubt.candidates and answer.fields.get(doubt.field) is None for doubt in answer.doubts)
    return Understanding(
        intent=Intent.KONFIRMASI,
        outcome=Outcome.LENGKAPI if unclear else Outcome.TERIMA,
        fields=answer.fields,
        doubts=tuple(answer.doubts),
        trace=(f"maksud: {Intent.KONFIRMASI}, jawaban atas pertanyaan {asked.field}", *answer.trace),
        secret=found.secret,
        urgent=found.urgent,
    )


def cannot_say(understanding: Understanding, name: str) -> bool:
    """Whether the reporter said that they do not know this."""
    return any(doubt.field == name and doubt.why == NOT_KNOWN for doubt in understanding.doubts)


def _is_private(reading: Reading, knowledge: Knowledge, found: Understanding) -> bool:
    """A sign of a private message, of a swindler or of a bystander's number: rather read by a person."""
    if found.intent == Intent.KONFIRMASI:
        return False
    if any(token.kind == PHONE for token in reading.tokens):
        return True
    # Who asks to be hidden does so among familiar words: "rahasia ya pak, lambur ii".
    kinds = [signs for signs in knowledge.junk if not (found.secret and signs.kind == "private")]
    return any(True for signs in kinds for _ in signs.phrases.everywhere(reading.words))


def _read_asked(
    answer: _Answer, reading: Reading, start: int, found: Understanding, knowledge: Knowledge, asked: Question
) -> None:
    said, own = _yes_or_no(reading, start, knowledge), own_form(asked.form, knowledge)
    if said and len(asked.candidates) == 1 and asked.field in ("jenis", "desa"):
        if said == "YA":
            answer.put(asked.field, asked.candidates[0], "dibenarkan pelapor")
        else:
            answer.doubt(asked.field, DENIED, asked.candidates)
        return
    if asked.field == "desa":
        _read_place(answer, reading, start, knowledge, asked)
    elif asked.field == "jenis" and own is None:
        _read_type(answer, reading, start, knowledge)
    elif asked.field in COUNTED:
        _read_count(answer, reading, start, knowledge, asked.field)
    elif own is not None:
        _read_own(answer, reading, start, own, asked.field, said)
    elif found.fields.get(asked.field) is not None:
        answer.put(asked.field, found.fields[asked.field], f"{found.fields[asked.field]}")
    if not answer.fits and _says_unknown(reading, start, knowledge):
        answer.used.update(range(len(reading.tokens)))
        answer.doubt(asked.field, NOT_KNOWN)


def _yes_or_no(reading: Reading, start: int, knowledge: Knowledge) -> str:
    """YA or TIDAK where the message says nothing else."""
    covered: set[int] = set()
    meanings = set()
    for at, length, meaning in knowledge.results.everywhere(reading.words):
        if at >= start:
            covered.update(range(at, at + length))
            meanings.add(meaning)
    rest = [word for at, word in _rest(reading, start, knowledge) if at not in covered]
    return meanings.pop() if len(meanings) == 1 and not rest and meanings <= {"YA", "TIDAK"} else ""


def _rest(reading: Reading, start: int, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    """Words that are neither politeness nor filling."""
    index = start
    while index < len(reading.words):
        found = knowledge.skip.at(reading.words, index)
        thanked = knowledge.thanks.at(reading.words, index)
        if found is None and thanked is None and reading.words[index] not in _FILLING:
            yield index, reading.words[index]
        index += max(found[1] if found else 1, thanked[1] if thanked else 1)


def _says_unknown(reading: Reading, start: int, knowledge: Knowledge) -> bool:
    rest = [word for _, word in _rest(reading, start, knowledge)]
    if any(said == "unknown" for _, _, said in knowledge.counter.says.everywhere(reading.words)):
        return True
    knows = [word for word in rest if word in _KNOWS]
    denied = [word for word in reading.words[start:] if word in _NOT]
    unsure = [word for word in rest if word in _CANNOT_SAY]
    return bool((knows and denied) or (unsure and len(rest) <= STRAY)) and not reading.mentions


# where


def _read_place(answer: _Answer, reading: Reading, start: int, knowledge: Knowledge, asked: Question) -> None:
    for mention in reading.mentions:
        answer.used.update(range(mention.start, mention.end))
    where, mentions = reading.where, reading.mentions
    if where.village is not None:
        code = where.village.code
        if all(mention.denied for mention in mentions) and (code in asked.candidates or not asked.candidates):
            answer.doubt("desa", DENIED, (code,))
        elif strange := _strange_number(reading, knowledge):
            answer.doubt("desa", strange, knowledge.gazetteer.family(where.village.name))
        else:
            answer.put("desa", code, f"{where.village.title} ({code})")
            answer.doubts += where.doubts
        return
    named = [code for mention in mentions for code in mention.name.codes]
    narrowed = tuple(code for code in asked.candidates if code in named) or where.candidates
    if not narrowed:
        narrowed = _chosen(answer, reading, start, knowledge, asked.candidates)
    if len(narrowed) == 1 and narrowed[0] in asked.candidates:
        place = knowledge.region.by_code[narrowed[0]]
        answer.put("desa", place.code, f"{place.title} ({place.code}), satu dari yang ditawarkan")
    elif narrowed or where.outside or (mentions and where.doubts):
        why = next((doubt.why for doubt in where.doubts), "belum jelas yang mana")
        answer.doubt("desa", why, narrowed)


def _strange_number(reading: Reading, knowledge: Knowledge) -> str:
    """ "lambur 3": why no village is meant, where the number behind a name belongs to no village of that family."""
    mention = reading.where.mention
    behind = mention.end if mention else len(reading.tokens)
    if mention is None or behind >= len(reading.tokens) or reading.tokens[behind].kind != NUMBER:
        return ""
    counted = behind + 1 < len(reading.words) and reading.words[behind + 1] in knowledge.counter.marks.words
    if counted or len(reading.words[behind]) > 1 or mention.name.label.casefold() not in knowledge.gazetteer.stems:
        return ""
    return f"tidak ada {mention.name.label} {reading.words[behind]}"


def _chosen(
    answer: _Answer, reading: Reading, start: int, knowledge: Knowledge, candidates: Sequence[str]
) -> tuple[str, ...]:
    """Which of the offered villages is pointed at by its place in our question, or by a word of its name."""
    rest = [(at, word) for at, word in _rest(reading, start, knowledge)]
    if not rest or not candidates:
        return ()
    numerals = {other: numeral for numeral, others in knowledge.files.places.numerals.items() for other in others}
    names = {code: knowledge.region.by_code[code].name.casefold().split() for code in candidates}
    word = rest[0][1]
    found: tuple[str, ...]
    if len(rest) == 1 and (number := _ordinal(word)):
        found = _by_number(number, word in _ORDINALS, names, numerals)
    else:
        found = tuple(
            code
            for code, pieces in names.items()
            if all(said in pieces or numerals.get(said, "").casefold() in pieces for _, said in rest)
        )
        found = found if len(found) == 1 else ()
    if found:
        answer.used.update(at for at, _ in rest)
    return found


def _ordinal(word: str) -> int:
    return _ORDINALS.get(word) or _SPELLED.get(word) or (int(word) if word.isdecimal() and len(word) == 1 else 0)


def _by_number(number: int, ordinal: bool, names: dict[str, list[str]], numerals: dict[str, str]) -> tuple[str, ...]:
    """The village a bare number means: that place in our question, unless the number may belong to a name."""
    codes = list(names)
    by_order = codes[number - 1 : number] if number <= OFFERED else []
    if ordinal or not any(pieces[-1].upper() in numerals.values() for pieces in names.values()):
        return tuple(by_order)
    by_name = [code for code, pieces in names.items() if numerals.get(f"{number}", "").casefold() == pieces[-1]]
    if len(by_name) == 1 and by_order in ([], by_name):
        return tuple(by_name)
    return tuple(dict.fromkeys([*by_order, *by_name]))


# what


def _read_type(answer: _Answer, reading: Reading, start: int, knowledge: Knowledge) -> None:
    code, tokens = reading.jenis, reading.jenis_tokens
    rest = list(_rest(reading, start, knowledge))
    if (
        code is None
        and len(rest) == 1
        and (token := reading.tokens[rest[0][0]]).kind == NUMBER
        and len(token.word) <= 2
    ):
        code, tokens = knowledge.types_by_number.get(token.number or 0), {rest[0][0]}
    weak = [] if code else [kind for kind in reading.jenis_weak if kind]
    if len(weak) == 1:
        code = weak[0]
        answer.doubts.append(Doubt("jenis", f"hanya tanda lemah untuk {code}", (code,)))
    if code is None:
        return
    answer.used |= tokens
    answer.doubts += reading.jenis_doubts
    typed = reading.typed(min(tokens), max(tokens) + 1) if tokens else reading.text
    answer.put("jenis", code, f"'{typed}' dibaca {code}")


# how many


def _read_count(answer: _Answer, reading: Reading, start: int, knowledge: Knowledge, name: str) -> None:
    counts = _count(reading, knowledge)
    value = counts.values[name]
    only_none = {"none"} == {said for _, _, said in knowledge.counter.says.everywhere(reading.words) if said}
    if value is None and only_none and not any(token.kind == NUMBER for token in reading.tokens):
        strays = [
            w for at, w in _rest(reading, start, knowledge) if w not in _NOT and w not in ("nihil", "kosong", "nol")
        ]
        sure = any(word in ("ada", "nihil", "kosong", "nol") for word in reading.words[start:])
        if not strays and sure:
            answer.used.update(range(len(reading.tokens)))
            answer.put(name, 0, "disebut tidak ada")
        return
    vague = any(doubt.field == name for doubt in counts.doubts)
    if value is None and not vague:
        return
    _take_counts(answer, counts)
    answer.fits = True


def _read_own(answer: _Answer, reading: Reading, start: int, own: OwnForm, name: str, yes: str) -> None:
    """A field of the form's own, and what else is said about such fields."""
    said = read_own(own, reading)
    if said.values.get(name) is None:
        said.values[name], used = alone(own, name, reading, start, yes)
        said.used |= used
    if said.values.get(name) is None:
        return
    answer.fields.update({field_: value for field_, value in said.values.items() if value is not None})
    answer.used |= said.used
    answer.doubts += said.doubts
    answer.trace += said.trace
    answer.fits = True


def _count(reading: Reading, knowledge: Knowledge) -> Counts:
    taken = set(reading.ticket_tokens | reading.secret)
    taken |= {i for i in reading.jenis_tokens if reading.tokens[i].kind == NUMBER}
    taken |= {i for mention in reading.mentions for i in range(mention.start, mention.end)}
    taken |= {i for start, end in reading.times for i in range(start, end)}
    return knowledge.counter.count(reading.tokens, reading.text, taken, set())


def _take_counts(answer: _Answer, counts: Counts) -> None:
    for name, value in counts.values.items():
        if value is not None:
            answer.fields[name] = value
    answer.used |= counts.used
    answer.trace += counts.trace
    answer.doubts += counts.doubts


def _read_more(answer: _Answer, reading: Reading, knowledge: Knowledge, asked: Question) -> None:
    """What else an answer says: "lambur 2, korbannya 3"."""
    if asked.field not in COUNTED and not answer.used >= set(range(len(reading.tokens))):
        numbered = {i for i in answer.used if reading.tokens[i].kind == NUMBER}
        counts = _count(reading, knowledge)
        if not counts.used & numbered:
            _take_counts(answer, counts)
    if asked.field != "desa" and answer.fields["desa"] is None:
        for mention in reading.mentions:
            answer.used.update(range(mention.start, mention.end))
        if reading.where.village is not None:
            answer.fields["desa"] = reading.where.village.code
            answer.trace += reading.where.trace
        answer.doubts += reading.where.doubts
    own = own_form(asked.form, knowledge)
    if asked.field != "jenis" and reading.jenis_certain and own is None:
        answer.fields["jenis"] = reading.jenis
        answer.used |= reading.jenis_tokens
    answer.fields["fase"], answer.fields["pihak"], answer.fields["senjata"] = reading.fase, reading.sides, reading.armed
    answer.used |= reading.fase_tokens
    if reading.times:
        answer.fields["waktu_teks"], answer.fields["waktu"] = reading.typed(*reading.times[0]), reading.when
    if own is not None:
        answer.fields.update({name: None for name in FIELDS if name not in (*own.form.fields, "ket")})


def _strays(answer: _Answer, reading: Reading, knowledge: Knowledge) -> Iterator[str]:
    """Words that nothing explains."""
    known = set(answer.used) | {i for start, end in reading.times for i in range(start, end)} | reading.secret
    for phrases in (knowledge.results, knowledge.counter.says):
        for start, length, _ in phrases.everywhere(reading.words):
            known.update(range(start, start + length))
    for index, word in _rest(reading, 0, knowledge):
        if index not in known and reading.tokens[index].kind != NUMBER and word not in knowledge.counter.marks.words:
            yield word
