"""The tables of `config/vocabulary/*.toml` and of a region's `alias.toml`: words, numbers, phases, times, danger, junk, names."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from config.tables import Table, Words


class Keyword(Table, frozen=True):
    """Words of one intent: `any` anywhere, `first` only in front or with a ticket behind."""

    any: Words
    first: Words


class WordList(Table, frozen=True):
    """A plain list of words or phrases."""

    words: Words


class Secret(Table, frozen=True):
    """How somebody asks to stay unknown (gateway/reports/secrecy.py); `never` are phrases that only look like it."""

    words: Words
    forbids: Words
    """"jangan"; `forbids_directly` only beside a word of telling."""
    forbids_directly: Words
    tells: Words
    knows: Words
    shows: Words
    hides: Words
    names: Words
    """What is hidden: a name, a number, "siapa"."""
    myself: Words
    """Who is hidden."""
    never: Words = ()


class Keywords(Table, frozen=True):
    """keywords.toml"""

    keywords: dict[str, Keyword]
    secret: Secret
    results: dict[str, Words]
    statuses: dict[str, Words]
    thanks: WordList
    roles: dict[str, Words]
    officers: dict[str, Words]


class Skip(Table, frozen=True):
    """Greetings and politeness. `polite` may be cut from both ends of what is left, `words` only from the front."""

    words: Words
    polite: Words
    greetings: Words


class Everyday(Table, frozen=True):
    """words.toml"""

    short: dict[str, Words]
    slips: WordList
    """Groups of letters that stand for one another in a slip of finger or ear."""
    endings: WordList
    """What may hang on a word without changing it."""
    skip: Skip
    common: WordList
    roots: dict[str, Words] = msgspec.field(default_factory=dict)
    """Verb roots and those that say the same in other words or languages: all their forms are read as those of the first."""


class After(Table, frozen=True):
    """Units behind a number: `hard` always, `soft` unless the number ends the pair massa, korban; `glued` without a space."""

    hard: Words
    soft: Words
    glued: Words


class People(Table, frozen=True):
    """Words for people; `sure` ones make a number before them a count in any case."""

    words: Words
    sure: Words


class Numbers(Table, frozen=True):
    """numbers.toml"""

    words: dict[str, int]
    tens: dict[str, int]
    vague: WordList
    about: WordList
    before: WordList
    after: After
    fillers: WordList
    """Words that may stand between a label and its number."""
    instead: WordList
    """Between two numbers: the second replaces the first."""
    camps: WordList
    """Before a small number: the number of a candidate."""
    people: People
    labels: dict[str, Words]


class Phases(Table, frozen=True):
    """phases.toml"""

    reda: WordList
    terjadi: WordList
    potensi: WordList
    wants: WordList
    """Before an event these make it a possibility ("mau demo")."""
    goes_on: WordList
    """Before an event these say that it goes on ("lagi ribut")."""
    done: WordList
    """In front of a word of `over` these make it REDA ("sudah kami damaikan")."""
    over: WordList
    acts: WordList
    """Things people do, where the type's own words do not say it ("mau sebar ...")."""
    fears: WordList
    """In front of a deed these make it a possibility ("takut malam ini dijarah")."""
    not_: WordList = msgspec.field(name="not")


class Times(Table, frozen=True):
    """times.toml"""

    words: Words
    weak: Words
    past: Words
    """Times gone by, and `future` times to come: an event tomorrow is a possibility."""
    future: Words
    months: Words
    """Names and short names of the months."""
    clock: Words
    date: Words
    days: dict[str, int]
    """Phrase → days from today ("kemarin" -1)."""
    parts: dict[str, tuple[Annotated[int, Meta(ge=0, le=23)], Annotated[int, Meta(ge=0, le=30)]]]
    """Part of a day → its first hour and the hour it ends (above 24: in the next day)."""
    weekdays: tuple[Words, Words, Words, Words, Words, Words, Words]
    """Monday first."""
    units: dict[str, Words]
    """minute, hour, day, week, month and year, as people write them."""
    ago: Words
    """Behind a span of time ("2 jam lalu") or a day ("Jumat lalu"): before now."""
    ahead: Words
    """Behind one: after now ("minggu depan", "2 hari lagi")."""
    this: Words
    """Behind a part of the day: today ("malam ini")."""
    just: Words
    """Within the last hour."""
    now: Words
    half: Words
    """Before the next full hour: "setengah 10" is half past nine."""
    around: Words
    """Before a part of the day or a prayer: "habis magrib"."""


class Danger(Table, frozen=True):
    """danger.toml"""

    calls: Words
    strong: Words
    danger: Words
    acute: Words
    calm: Words
    not_emergency: Words
    threats: Words
    """Phrases that tell of danger by themselves ("bawa parang", "dikejar massa", "tenggelam")."""
    carrying: Words
    """In front of a weapon: somebody carries it."""
    pressing: Words
    """Words that say that it is now and that somebody is needed."""
    ours: Words
    """Who tells of himself and his own."""
    over: Words
    """Words that say that it is over, hearsay or only feared."""
    official: Words
    """Who speaks in a report to an authority: there danger is told, not cried."""
    weapons: Words
    unarmed: Words
    """Phrases that say that there are no weapons."""
    against: Words
    """Between the two sides of a conflict ("lawan", "vs")."""
    between: Words
    """In front of two sides that "dan" joins ("antara")."""


class Sayings(Table, frozen=True):
    """sayings.toml: what people say in place of a command."""

    annul: Words
    remove: Words
    never_mind: Words
    mine: Words
    asks: Words
    corrects: Words
    slip: Words
    takes: Words
    registers: Words
    helps: Words
    nothing: Words
    pleas: Words
    politics: Words
    jokes: Words


class Marks(Table, frozen=True):
    """Signs of one kind of junk: a strong one weighs 2, a weak one 1."""

    strong: Words
    weak: Words


class Junk(Table, frozen=True):
    """junk.toml"""

    limit: Annotated[int, Meta(ge=1)]
    operator: Marks
    spam: Marks
    private: Marks


Share = Annotated[float, Meta(ge=0, le=1)]


class Weights(Table, frozen=True):
    """What the signs of a type of event weigh beside one another."""

    pair: float
    phrase: float
    word: float
    result: float
    weak: float
    direct: float
    """Times this directly behind LAPOR."""
    first: float
    """Times this where it is told before every other sign; `peace_first` for a settlement."""
    peace_first: float
    further: Share
    """What each further sign of a type adds of its own weight."""
    claimed: Share
    """What is left of a word that a pair of another type explains."""
    fades: Share
    """What a pair loses with each word between."""
    doubtful: Share
    """The next type with this share of the best one's weight is a doubt."""
    reach: Annotated[int, Meta(ge=1)]
    """Words between the two of a pair, at most."""


class Context(Table, frozen=True):
    """Words after which what follows is not what happened: its cause, a fear, where or when it was, a threat."""

    name: str
    words: Words
    share: Share
    """What is left of the weight of a sign that follows."""
    reach: Annotated[int, Meta(ge=1)]
    """Words on which it holds, at most."""
    types: Words = ()
    """Types whose signs it touches; none: all."""
    becomes: str = ""
    """The type that such a sign tells of instead ("mau dibakar" threatens)."""
    passive: bool = False
    """Touches only what is done to somebody ("dibakar", not "membakar")."""


class Kinds(Table, frozen=True):
    """kinds.toml"""

    weights: Weights
    context: tuple[Context, ...]
    resumes: WordList
    """Words behind which a message tells again what happened."""


class Vocabulary(Table, frozen=True):
    """All of `config/vocabulary/`, one attribute a file."""

    keywords: Keywords
    words: Everyday
    numbers: Numbers
    phases: Phases
    times: Times
    danger: Danger
    junk: Junk
    sayings: Sayings
    kinds: Kinds


class Ordinary(Table, frozen=True):
    """Names that are everyday words, and what behind them takes them back."""

    names: Words
    aliases: Words
    not_before: Words
    crossroads: Words
    """Names that even behind "di" are everyday words ("di simpang")."""


class Names(Table, frozen=True):
    """A list of names."""

    names: Words
    weak: Words = ()


class PlaceWords(Table, frozen=True):
    """Words in front of a name."""

    here: Words
    desa: Words
    away: Words
    kecamatan: Words
    numbered: Words


class PlaceNames(Table, frozen=True):
    """alias.toml of a region: how people write its places."""

    spellings: dict[str, Words]
    numerals: dict[str, Words]
    aliases: dict[str, Words]
    ambiguous: dict[str, Words]
    ordinary: Ordinary
    own: Names
    outside: Names
    words: PlaceWords
