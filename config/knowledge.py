"""What Waspada knows of messages, read from TOML files: forms, vocabulary, names of places, levels, replies.

The shipped files lie beside this one; a district may keep a folder of its own with the same layout, whose files replace
shipped ones of the same name and add forms. Everything is typed; a mistake raises `KnowledgeError`, whose one sentence names
file, line, key and what is wrong. `gateway.reports.knowledge.compile_knowledge` turns it into something fast.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from config.forms import SHIPPED_FIELDS, EventType, Form, FormFile, form_mistakes, shared_mistakes
from config.levels import LevelRules, level_mistakes
from config.regions import REGIONS_FOLDER, Region, load_region
from config.tables import KnowledgeError, Level, Mistake, Source, Table, Words, read_table
from config.words import (
    After,
    Context,
    Danger,
    Everyday,
    Junk,
    Keyword,
    Keywords,
    Kinds,
    Marks,
    Names,
    Numbers,
    Ordinary,
    People,
    Phases,
    PlaceNames,
    PlaceWords,
    Sayings,
    Secret,
    Skip,
    Times,
    Vocabulary,
    WordList,
)

__all__ = [
    "After",
    "Context",
    "Danger",
    "EventType",
    "Everyday",
    "Form",
    "Junk",
    "Keyword",
    "Keywords",
    "Kinds",
    "KnowledgeError",
    "KnowledgeFiles",
    "Level",
    "LevelRules",
    "Marks",
    "Names",
    "Numbers",
    "Ordinary",
    "People",
    "Phases",
    "PlaceNames",
    "PlaceWords",
    "Sayings",
    "Secret",
    "Skip",
    "Table",
    "Times",
    "Vocabulary",
    "WordList",
    "Words",
    "examine_knowledge",
    "load_form",
    "load_knowledge",
    "read_table",
]

CONFIG_FOLDER = Path(__file__).parent
OWN_FOLDER = "knowledge"
"""Folder in the data folder that holds a district's own files."""


class KnowledgeFiles(Table, frozen=True):
    """Everything understanding and answering need, as read."""

    region: Region
    places: PlaceNames
    forms: tuple[Form, ...]
    vocabulary: Vocabulary
    levels: LevelRules
    replies: dict[str, dict[str, str]]
    confidence: dict[str, dict[str, float]]
    """By field and basis: the share of readings that were right (gateway/reports/confidence.py)."""


def load_knowledge(
    region: str = "15.07",
    folder: Path = CONFIG_FOLDER,
    regions_folder: Path = REGIONS_FOLDER,
    *,
    own: Path | None = None,
    forms: Iterable[Path] = (),
) -> KnowledgeFiles:
    """All files for one region. Raises KnowledgeError with the first mistake (or RegionError for the region's own lists).

    `own` is a district's folder (`knowledge` in the data folder), it need not exist; `forms` are further form files.
    """
    known, mistakes = examine_knowledge(region, folder, regions_folder, own=own, forms=forms)
    if known is None:
        raise KnowledgeError(mistakes[0])
    return known


def examine_knowledge(
    region: str = "15.07",
    folder: Path = CONFIG_FOLDER,
    regions_folder: Path = REGIONS_FOLDER,
    *,
    own: Path | None = None,
    forms: Iterable[Path] = (),
) -> tuple[KnowledgeFiles | None, list[str]]:
    """Everything for one region, or None and a sentence for each mistake. Arguments as `load_knowledge`; raises RegionError."""
    reader = _Reader(own if own is not None and own.is_dir() else None)
    loaded = load_region(region, regions_folder)
    reader.strangers(region)
    vocabulary = {
        name: reader.table(folder / "vocabulary" / f"{name}.toml", f"vocabulary/{name}.toml", kind)
        for name, kind in _VOCABULARY_FILES.items()
    }
    levels = reader.table(folder / "levels.toml", "levels.toml", LevelRules)
    confidence = reader.table(folder / "confidence.toml", "confidence.toml", dict[str, dict[str, float]])
    shipped = folder / "replies.toml"
    replies = reader.table(shipped, "replies.toml", dict[str, dict[str, str]])
    if replies is not None and reader.source("replies.toml", shipped).file != shipped:
        reader.found(
            reply_mistakes(reader.source("replies.toml", shipped), replies, read_table(shipped, type(replies)))
        )
    alias = f"regions/{region}/alias.toml"
    places = reader.table(regions_folder / region / "alias.toml", alias, PlaceNames)
    if places is not None:
        source = reader.source(alias, regions_folder / region / "alias.toml")
        reader.found(_place_mistakes(source, places, loaded))
    files = reader.forms(folder / "forms", forms)
    keywords = vocabulary["keywords"]
    if levels is not None and isinstance(keywords, Keywords):
        reader.found(sorted(_form_mistakes(files, levels, keywords), key=lambda one: (str(one.file), one.place)))
        codes = [kind.code for one in files for kind in one.form.jenis]
        reader.found(
            level_mistakes(reader.source("levels.toml", folder / "levels.toml"), levels, SHIPPED_FIELDS, codes)
        )
    if not any(one.form.jenis for one in files if not one.form.own) and not reader.mistakes:
        reader.mistakes.append(f"{folder / 'forms'}: no form has a [[jenis]] table; put event.toml back.")
    if reader.mistakes or levels is None or places is None or replies is None or confidence is None:
        return None, reader.mistakes
    return KnowledgeFiles(
        region=loaded,
        places=places,
        forms=tuple(_finished(one.form, levels) for one in files),
        vocabulary=_with_forms(Vocabulary(**vocabulary), files),  # type: ignore[arg-type]
        levels=levels.written_out(),
        replies=replies,
        confidence=confidence,
    ), []


def load_form(file: Path) -> Form:
    """One form by itself. Raises KnowledgeError where it is malformed."""
    return read_table(file, Form).with_questions()


class _Reader:
    """Reads each file from the district's folder where it is there, else the shipped one; gathers all mistakes."""

    def __init__(self, own: Path | None) -> None:
        self.own = own
        self.mistakes: list[str] = []
        self._sources: dict[Path, Source] = {}

    def source(self, name: str, shipped: Path) -> Source:
        """The file of this name. Raises KnowledgeError where it cannot be read."""
        mine = self.own / name if self.own else None
        file = mine if mine is not None and mine.is_file() else shipped
        if file not in self._sources:
            self._sources[file] = Source(file)
        return self._sources[file]

    def table(self, shipped: Path, name: str, kind: type[Known]) -> Known | None:
        """The file as `kind`; None, and its mistakes noted, where it is malformed."""
        try:
            source = self.source(name, shipped)
        except KnowledgeError as error:
            self.mistakes.append(str(error))
            return None
        table, mistakes = source.read(kind)
        self.found(mistakes)
        return table

    def found(self, mistakes: Iterable[Mistake]) -> None:
        """Note mistakes."""
        self.mistakes += [str(mistake) for mistake in mistakes]

    def forms(self, folder: Path, more: Iterable[Path]) -> list[FormFile]:
        """All forms: shipped, the district's, further ones; a later file replaces an earlier one of the same name."""
        listed = {file.name: file for file in sorted(folder.glob("*.toml"))}
        if self.own:
            listed.update({file.name: file for file in sorted((self.own / "forms").glob("*.toml"))})
        listed.update({file.name: file for file in more})
        files = []
        for file in listed.values():
            form = self.table(file, f"forms/{file.name}" if file not in more else "", Form)
            if form is not None:
                files.append(FormFile(form, self._sources[file]))
        return files

    def strangers(self, region: str) -> None:
        """Files in the district's folder that nothing would read: a misspelt name must not pass in silence."""
        if self.own is None:
            return
        known = {f"vocabulary/{name}.toml" for name in _VOCABULARY_FILES} | {"levels.toml", "replies.toml"}
        for file in sorted(self.own.rglob("*.toml")):
            name = file.relative_to(self.own).as_posix()
            place = file.relative_to(self.own).parts
            alias = len(place) == 3 and place[0] == "regions" and place[2] == "alias.toml"
            if name not in known and not alias and not (len(place) == 2 and place[0] == "forms"):
                said = "Waspada reads no file of that name; it reads forms/*.toml, regions/CODE/alias.toml"
                self.mistakes.append(f"{file}: {said}, {', '.join(sorted(known))}.")


def _form_mistakes(files: list[FormFile], levels: LevelRules, keywords: Keywords) -> Iterator[Mistake]:
    for one in files:
        others = [kind.code for other in files if not other.form.own for kind in other.form.jenis]
        yield from form_mistakes(one.source, one.form, levels, others)
    words = {intent: (*keyword.any, *keyword.first) for intent, keyword in keywords.keywords.items()}
    yield from shared_mistakes(files, words)


def _finished(form: Form, levels: LevelRules) -> Form:
    spelled = msgspec.structs.replace(form, rule=tuple(levels.spell(rule) for rule in form.rule))
    return spelled.with_questions()


def _with_forms(vocabulary: Vocabulary, files: list[FormFile]) -> Vocabulary:
    """The vocabulary with the words of the forms' own intents and fields: they are keywords, and never misspellings."""
    own = {one.form.intent: Keyword(any=(), first=one.form.keywords) for one in files if one.form.own}
    words = [word for one in files for phrase in one.form.own_words for word in phrase.casefold().split()]
    if not own and not words:
        return vocabulary
    keywords = msgspec.structs.replace(vocabulary.keywords, keywords={**vocabulary.keywords.keywords, **own})
    common = WordList(words=(*vocabulary.words.common.words, *dict.fromkeys(words)))
    everyday = msgspec.structs.replace(vocabulary.words, common=common)
    return msgspec.structs.replace(vocabulary, keywords=keywords, words=everyday)


def reply_mistakes(
    source: Source, replies: Mapping[str, Mapping[str, str]], shipped: Mapping[str, Mapping[str, str]]
) -> Iterator[Mistake]:
    """What a replies.toml of a district lacks, or names in braces that the shipped answer of that kind does not have."""
    for language, templates in shipped.items():
        if language not in replies:
            yield source.mistake(
                (language,), f"the answers in the language {language!r} are missing; copy them from the release"
            )
            continue
        for kind, template in templates.items():
            if kind not in replies[language]:
                yield source.mistake((language,), f"the answer {kind} is missing; copy it from the release")
                continue
            try:
                strange = sorted(_placeholders(replies[language][kind]) - _placeholders(template))
            except ValueError as error:
                said = f"its braces do not fit together ({error}); correct them"
                yield source.mistake((language, kind), said)
                continue
            if strange:
                said = f"{{{strange[0]}}} is no placeholder of this answer; take it out or correct it"
                yield source.mistake((language, kind), said)


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _place_mistakes(source: Source, places: PlaceNames, region: Region) -> Iterator[Mistake]:
    for code in places.aliases:
        if code not in region.by_code:
            yield source.mistake(("aliases", code), f"there is no place {code}; correct it")
    for name, codes in places.ambiguous.items():
        for code in codes:
            if code not in region.by_code:
                yield source.mistake(("ambiguous", name), f"there is no place {code}; correct it", code)


Known = TypeVar("Known")

_VOCABULARY_FILES: dict[str, type[Table]] = {
    "keywords": Keywords,
    "words": Everyday,
    "numbers": Numbers,
    "phases": Phases,
    "times": Times,
    "danger": Danger,
    "junk": Junk,
    "sayings": Sayings,
    "kinds": Kinds,
}
