"""The shipped words and names, compiled once for fast reading. Pure: `config.knowledge` reads the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from config.knowledge import EventType, Form, KnowledgeFiles, Marks
from config.regions import Region
from gateway.reports.affixes import inflected
from gateway.reports.counts import Counter
from gateway.reports.gazetteer import Gazetteer
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.moments import Calendar
from gateway.reports.peril import Perils
from gateway.reports.secrecy import Secrecy
from gateway.reports.signs import Signs, mutual_phrases, mutual_roots

if TYPE_CHECKING:
    from gateway.reports.own_fields import OwnForm

STRONG, WEAK = 2, 1
"""What a strong and a weak sign of junk weigh (config/vocabulary/junk.toml)."""
SHORTEST_CORRECTED = 5


@dataclass(frozen=True)
class JunkSigns:
    """Signs of one kind of junk: phrase → weight."""

    kind: str
    phrases: Phrases[int]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Everything `understand` and `compose` need. Immutable but for a bounded memory of words already read."""

    files: KnowledgeFiles
    lexicon: Lexicon
    gazetteer: Gazetteer
    counter: Counter
    types: dict[str, EventType]
    types_by_number: dict[int, str]
    strong_types: Phrases[str]
    weak_types: Phrases[str]
    signs: Signs
    keywords_any: Phrases[str]
    keywords_first: Phrases[str]
    secrecy: Secrecy
    phases: Phrases[str]
    when: Phrases[str]
    wants: frozenset[str]
    goes_on: frozenset[str]
    done: frozenset[str]
    over: frozenset[str]
    acts: frozenset[str]
    fears: frozenset[str]
    calendar: Calendar
    clock: frozenset[str]
    results: Phrases[str]
    statuses: Phrases[str]
    thanks: Phrases[bool]
    roles: Phrases[str]
    officers: frozenset[str]
    skip: Phrases[bool]
    polite: Phrases[bool]
    perils: Perils
    sayings: dict[str, Phrases[bool]]
    against: Phrases[bool]
    between: frozenset[str]
    danger: frozenset[str]
    acute: frozenset[str]
    calm: Phrases[bool]
    junk: tuple[JunkSigns, ...]
    junk_limit: int
    forms: dict[str, Form]
    countable: frozenset[str]

    def __repr__(self) -> str:
        return f"Knowledge({self.region.code})"  # the fields would fill a book, in every log and test report

    @property
    def region(self) -> Region:
        """The places this knowledge is about."""
        return self.files.region

    @cached_property
    def own_forms(self) -> dict[str, OwnForm]:
        """The forms with an intent of their own, by intent."""
        from gateway.reports.own_fields import compile_own_forms  # which needs what is read with the help of this

        return compile_own_forms(self.files.forms, self.lexicon, self.counter)


def compile_knowledge(files: KnowledgeFiles) -> Knowledge:
    """Knowledge from the files as read; about 150 ms and 20 MB, once per process."""
    voc = files.vocabulary
    after = voc.numbers.after
    digits = [word for word, value in voc.numbers.words.items() if 0 < value < 10]
    gazetteer = Gazetteer(files.region, files.places, (*after.hard, *after.soft), digits)
    types = {kind.code: kind for form in files.forms for kind in form.jenis}
    shipped = [kind for form in files.forms if not form.own for kind in form.jenis]
    lexicon = _lexicon(files, gazetteer, types)

    def phrases(groups: Iterable[tuple[str, Iterable[str]]]) -> Phrases[str]:
        return _phrases(lexicon, groups)

    def marked(words: Iterable[str]) -> Phrases[bool]:
        compiled: Phrases[bool] = Phrases()
        for phrase in words:
            compiled.add(_read(lexicon, phrase), True)
        return compiled

    def single(words: Iterable[str]) -> frozenset[str]:
        return frozenset(read[0] for word in words if len(read := _read(lexicon, word)) == 1)

    keywords = voc.keywords
    phase_groups = [("", voc.phases.not_.words), ("REDA", voc.phases.reda.words), ("TERJADI", voc.phases.terjadi.words)]
    return Knowledge(
        files=files,
        lexicon=lexicon,
        gazetteer=gazetteer,
        counter=Counter(voc.numbers, lexicon),
        types=types,
        types_by_number={kind.number: kind.code for kind in shipped},
        strong_types=phrases(
            [
                *(
                    (kind.code, (*kind.words, *kind.results, *mutual_phrases(kind, voc.words.roots)))
                    for kind in shipped
                ),
                *(("", form.neutral) for form in files.forms if not form.own),
            ]
        ),
        weak_types=phrases((kind.code, kind.weak) for kind in shipped),
        signs=Signs(shipped, voc.kinds, lexicon, voc.words.roots),
        keywords_any=phrases((intent, words.any) for intent, words in keywords.keywords.items()),
        keywords_first=phrases((intent, (*words.any, *words.first)) for intent, words in keywords.keywords.items()),
        secrecy=Secrecy(keywords.secret, lexicon),
        phases=phrases([*phase_groups, ("POTENSI", voc.phases.potensi.words)]),
        when=phrases([("past", voc.times.past), ("future", voc.times.future)]),
        wants=single(voc.phases.wants.words),
        goes_on=single(voc.phases.goes_on.words),
        done=single(voc.phases.done.words),
        over=single(voc.phases.over.words),
        acts=single(voc.phases.acts.words),
        fears=single(voc.phases.fears.words),
        calendar=Calendar(voc.times, lexicon),
        clock=single([*voc.times.clock, *voc.times.date]),
        results=phrases(keywords.results.items()),
        statuses=phrases(keywords.statuses.items()),
        thanks=marked(keywords.thanks.words),
        roles=phrases(keywords.roles.items()),
        officers=frozenset(keywords.officers["roles"]),
        skip=marked((*voc.words.skip.words, *voc.words.skip.greetings)),
        polite=marked((*voc.words.skip.polite, *voc.words.skip.greetings)),
        perils=Perils(voc.danger, lexicon),
        sayings={name: marked(getattr(voc.sayings, name)) for name in voc.sayings.__struct_fields__},
        against=marked(voc.danger.against),
        between=single(voc.danger.between),
        danger=single(voc.danger.danger),
        acute=single(voc.danger.acute),
        calm=marked(voc.danger.calm),
        junk=tuple(
            JunkSigns(kind, _weighed(lexicon, marks))
            for kind, marks in (("operator", voc.junk.operator), ("spam", voc.junk.spam), ("private", voc.junk.private))
        ),
        junk_limit=voc.junk.limit,
        forms={form.intent: form for form in files.forms},
        countable=frozenset(
            gazetteer.stems | {"m", "k", "md", "lb", "lr", "rt", "rw", "tps", "jam", "no", "nomor", "lapor"}
        ),
    )


def _read(lexicon: Lexicon, phrase: str) -> list[str]:
    return [lexicon.resolve(word)[0] for word in phrase.casefold().split()]


def _phrases(lexicon: Lexicon, groups: Iterable[tuple[str, Iterable[str]]]) -> Phrases[str]:
    compiled: Phrases[str] = Phrases()
    for meaning, phrases in groups:
        for phrase in phrases:
            compiled.add(_read(lexicon, phrase), meaning)
    return compiled


def _weighed(lexicon: Lexicon, marks: Marks) -> Phrases[int]:
    compiled: Phrases[int] = Phrases()
    for weight, phrases in ((STRONG, marks.strong), (WEAK, marks.weak)):
        for phrase in phrases:
            compiled.add(_read(lexicon, phrase), weight)
    return compiled


def _lexicon(files: KnowledgeFiles, gazetteer: Gazetteer, types: dict[str, EventType]) -> Lexicon:
    voc = files.vocabulary
    short = {other: word for word, others in voc.words.short.items() for other in others if other != word}
    corrected = {
        word
        for word in (
            *_split(phrase for kind in types.values() for phrase in (*kind.words, *kind.results)),
            *_split(voc.phases.reda.words),
            *_split(phrase for form in files.forms for phrase in (*form.keywords, *form.own_words)),
            *voc.danger.danger,
            *voc.danger.strong,
            *(
                "lapor",
                "nihil",
                "darurat",
                "koreksi",
                "ralat",
                "daftar",
                "bantuan",
                "verif",
                "format",
                "rahasia",
                "potensi",
            ),
            *("massa", "korban", "meninggal", "kondusif", "terkendali", "orang", "paslon"),
        )
        if len(word) >= SHORTEST_CORRECTED
    }
    places = gazetteer.words()
    listed = {
        *voc.words.common.words, *_split(voc.words.skip.words), *_split(voc.words.skip.greetings), *voc.words.short,
        *voc.numbers.words, *voc.numbers.tens, *voc.numbers.before.words, *voc.numbers.after.hard, *voc.numbers.after.soft,
        *voc.numbers.people.words, *_split(voc.numbers.vague.words), *_split(voc.numbers.about.words),
        *_split(voc.times.words), *voc.times.months,
        *_split((*voc.times.days, *voc.times.parts)),
        *_split(w for group in (*voc.times.weekdays, *voc.times.units.values()) for w in group),
        *_split((*voc.times.ago, *voc.times.ahead, *voc.times.half, *voc.times.around, *voc.times.now, *voc.times.just)),
        *_split(w for keyword in voc.keywords.keywords.values() for w in (*keyword.any, *keyword.first)),
        *_split(w for group in (*voc.keywords.results.values(), *voc.keywords.roles.values()) for w in group),
        *_split(voc.keywords.thanks.words),
        *_split(w for name in voc.keywords.secret.__struct_fields__ for w in getattr(voc.keywords.secret, name)),
        *_split(w for marks in (voc.junk.operator, voc.junk.spam, voc.junk.private) for w in (*marks.strong, *marks.weak)),
        *files.places.words.here, *files.places.words.away, *files.levels.weapons, *files.levels.organisers,
        *gazetteer.spellings(), "belas",
    }  # fmt: skip
    paired = {w for kind in types.values() for lists in (kind.pairs, *kind.crossed) for words in lists for w in words}
    phrased = {  # words of phrases and labels: known, but a form of a root is read as that root all the same
        *(word for labels in voc.numbers.labels.values() for word in _split(labels)),
        *_split((*voc.danger.threats, *voc.danger.pressing, *voc.danger.over, *voc.danger.official, *voc.danger.unarmed)),
        *_split(w for name in voc.sayings.__struct_fields__ for w in getattr(voc.sayings, name)),
        *_split((*voc.danger.ours, *voc.danger.carrying, *voc.danger.weapons, *voc.danger.against, *voc.danger.between)),
        *_split((*voc.danger.danger, *voc.danger.calls, *voc.danger.calm)),
    }  # fmt: skip
    for form, standard in inflected(voc.words.roots):
        if form != standard and form not in listed and form not in places:
            short.setdefault(form, standard)
    phases = (
        voc.phases.reda, voc.phases.terjadi, voc.phases.potensi,
        voc.phases.done, voc.phases.over, voc.phases.acts, voc.phases.fears,
    )  # fmt: skip
    listed |= phrased | paired | set(_split(w for phase in phases for w in phase.words))
    listed |= set(
        _split(w for kind in types.values() for w in (kind.code.casefold(), *kind.words, *kind.results, *kind.weak))
    )
    mutual = {root for kind in types.values() for root in mutual_roots(kind, voc.words.roots)}
    listed |= mutual | {f"{root}an" for root in mutual}
    listed -= set(short)
    segments = {word for keyword in voc.keywords.keywords.values() for word in (*keyword.any, *keyword.first)}
    segments |= {word for kind in types.values() for word in (*kind.words, kind.code.casefold())} | corrected
    everyday = {
        word for word in (*voc.words.common.words, *voc.words.short, *paired) if len(word) >= SHORTEST_CORRECTED
    }
    segments |= {name for name in gazetteer.spellings() if len(name) > SHORTEST_CORRECTED}
    segments |= {
        village.name.casefold() for village in files.region.villages
    }  # "rano" is short, and a whole word there
    return Lexicon(
        short,
        listed,
        corrected | places | everyday,
        {word for word in segments if word.isalpha()},
        voc.words.slips.words,
        voc.words.endings.words,
    )


def _split(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        yield from phrase.split()
