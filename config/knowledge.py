"""What Waspada knows of messages, read from the shipped TOML files: forms, vocabulary, names of places, levels, replies.

Everything is typed; a mistake raises `KnowledgeError`, whose one sentence names the file, the key and what is wrong.
`load_knowledge` reads the lot; `gateway.reports.knowledge.compile_knowledge` turns it into something fast.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from config import StartError
from config.regions import REGIONS_FOLDER, Region, load_region

CONFIG_FOLDER = Path(__file__).parent

Words = tuple[str, ...]
Level = Annotated[int, Meta(ge=0, le=9)]


class KnowledgeError(StartError):
    """A form or vocabulary file that cannot be used. The text is complete: print it and stop."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all tables: a key nobody knows is a mistake, not a wish."""


class EventType(Table, frozen=True):
    """One type of event (`jenis`)."""

    number: Annotated[int, Meta(ge=1, le=99)]
    code: Annotated[str, Meta(pattern=r"^[A-Z]{2,12}$")]
    name: str
    english: str
    level: Level
    words: Words
    """Certain signs of this type, single words or phrases."""
    weak: Words = ()
    """Signs that count only directly behind the keyword, or when there is nothing stronger."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Two words that together, in any order and near each other, say this type and beat single words."""
    crossed: tuple[tuple[Words, Words], ...] = ()
    """Two lists: each word of the first makes a pair with each of the second."""


class Form(Table, frozen=True):
    """One kind of report: its fields, what it cannot do without, and its answers by language."""

    id: Annotated[str, Meta(pattern=r"^[a-z_]+$")]
    version: Annotated[int, Meta(ge=1)]
    intent: str
    name: str
    fields: Words
    required: Words
    replies: dict[str, dict[str, str]]
    jenis: tuple[EventType, ...] = ()
    neutral: Words = ()
    """Phrases that hold a word of a type and mean none ("tokoh adat")."""


class Keyword(Table, frozen=True):
    """Words of one intent: `any` anywhere, `first` only in front or with a ticket behind."""

    any: Words
    first: Words


class WordList(Table, frozen=True):
    """A plain list of words or phrases."""

    words: Words


class Keywords(Table, frozen=True):
    """keywords.toml"""

    keywords: dict[str, Keyword]
    secret: WordList
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
    not_: WordList = msgspec.field(name="not")


class Times(Table, frozen=True):
    """times.toml"""

    words: Words
    weak: Words
    past: Words
    """Times gone by, and `future` times to come: an event tomorrow is a possibility."""
    future: Words
    months: Words
    clock: Words
    date: Words


class Danger(Table, frozen=True):
    """danger.toml"""

    calls: Words
    strong: Words
    danger: Words
    acute: Words
    calm: Words
    not_emergency: Words


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


class Vocabulary(Table, frozen=True):
    """All of `config/vocabulary/`, one attribute a file."""

    keywords: Keywords
    words: Everyday
    numbers: Numbers
    phases: Phases
    times: Times
    danger: Danger
    junk: Junk


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


class LevelRules(Table, frozen=True):
    """levels.toml: the numbers behind the proposed level."""

    lowest: Level
    highest: Level
    unknown_type: Level
    crowd: Annotated[int, Meta(ge=1)]
    crowd_step: Level
    weapon_step: Level
    organiser_step: Level
    repeat_step: Level
    injured_at_least: Level
    dead_at_least: Level
    emergency_at_least: Level
    violent_crowd: Annotated[int, Meta(ge=1)]
    violent_crowd_at_least: Level
    violent_types: Words
    peaceful_types: Words
    weapons: Words
    organisers: Words


class KnowledgeFiles(Table, frozen=True):
    """Everything understanding and answering need, as read."""

    region: Region
    places: PlaceNames
    forms: tuple[Form, ...]
    vocabulary: Vocabulary
    levels: LevelRules
    replies: dict[str, dict[str, str]]


def load_knowledge(
    region: str = "15.07", folder: Path = CONFIG_FOLDER, regions_folder: Path = REGIONS_FOLDER
) -> KnowledgeFiles:
    """All files for one region. Raises KnowledgeError (or RegionError for the region's own lists)."""
    vocabulary = {
        name: read_table(folder / "vocabulary" / f"{name}.toml", kind)
        for name, kind in _VOCABULARY_FILES.items()
    }  # fmt: skip
    forms = tuple(load_form(file) for file in sorted((folder / "forms").glob("*.toml")))
    if not any(form.jenis for form in forms):
        raise KnowledgeError(f"{folder / 'forms'}: no form has a [[jenis]] table; put event.toml back.")
    places = read_table(regions_folder / region / "alias.toml", PlaceNames)
    loaded = load_region(region, regions_folder)
    for table, codes in (("aliases", places.aliases), ("ambiguous", _flat(places.ambiguous))):
        for code in codes:
            if code not in loaded.by_code:
                raise KnowledgeError(f"{regions_folder / region / 'alias.toml'}: {table}: there is no place {code}.")
    return KnowledgeFiles(
        region=loaded,
        places=places,
        forms=forms,
        vocabulary=Vocabulary(**vocabulary),  # type: ignore[arg-type]
        levels=read_table(folder / "levels.toml", LevelRules),
        replies=read_table(folder / "replies.toml", dict[str, dict[str, str]]),
    )


def load_form(file: Path) -> Form:
    """One form. Raises KnowledgeError where it is malformed or contradicts itself."""
    form = read_table(file, Form)
    for name in form.required:
        if name not in form.fields:
            raise KnowledgeError(
                f"{file}: required: {name!r} is none of the form's fields; add it to fields or drop it."
            )
    for key in ("number", "code"):
        values = [str(getattr(kind, key)) for kind in form.jenis]
        for value in values:
            if values.count(value) > 1:
                raise KnowledgeError(f"{file}: jenis: {key} {value} is used twice; give each type its own.")
    return form


Read = TypeVar("Read")

_VOCABULARY_FILES: dict[str, type[Table]] = {
    "keywords": Keywords,
    "words": Everyday,
    "numbers": Numbers,
    "phases": Phases,
    "times": Times,
    "danger": Danger,
    "junk": Junk,
}


def read_table(file: Path, kind: type[Read]) -> Read:
    """One TOML file as `kind`. Raises KnowledgeError naming file, key and mistake."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), kind)
    except FileNotFoundError:
        raise KnowledgeError(f"{file} is missing; put it back from the release.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{file} cannot be read ({error}); mend its rights or its content.") from None
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{file} is no valid TOML: {error}; mend that line.") from None
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        key = where.strip("`.").lstrip(".") or "the file itself"
        raise KnowledgeError(f"{file}: {key}: {what[:1].lower()}{what[1:]}.") from None


def _flat(table: dict[str, Words]) -> list[str]:
    return [code for codes in table.values() for code in codes]
