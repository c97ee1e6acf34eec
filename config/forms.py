"""A form (config/forms/*.toml, or a district's own): one kind of report with its words, fields, rules and answers.

`form_mistakes` finds what contradicts itself in one form, `shared_mistakes` what two forms contradict each other in.
docs/forms.md says how to write one.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from config.levels import LevelRule, LevelRules, rule_mistakes
from config.tables import Level, Mistake, Source, Table, Way, Word, Words

SHIPPED_INTENTS = ("lapor", "nihil", "darurat")
"""Intents whose forms come with Waspada; their words stand in vocabulary/keywords.toml."""
SHIPPED_FIELDS = (
    "jenis", "desa", "massa", "korban", "md", "luka", "hilang", "fase", "waktu_teks", "waktu", "pihak", "senjata", "ket",
)  # fmt: skip
"""Fields that every form may name and Waspada reads by itself."""
COMMAND_FIELDS = ("tiket", "hasil", "status", "peran", "nama")
"""Fields of commands such as VERIF and DAFTAR: no report has them."""
PLACEHOLDERS = ("ticket", "jenis", "place", "at", "counts", "what", "echo", "offer", "police")
"""What a reply template may hold in braces, besides the names of the form's own fields.

`{counts}` says all known counts and own fields, `{what}` type and place, `{echo}` all of it.
"""
REPLY_KINDS = ("accepted", "check", "triage")
"""Every form answers with these, and with `ask_FIELD` for each required field."""
LANGUAGES = ("id", "en")
LARGEST_NUMBER = 50_000

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,23}$")]
Label = Annotated[str, Meta(min_length=1, max_length=40)]


class EventType(Table, frozen=True):
    """One type of event (`jenis`)."""

    number: Annotated[int, Meta(ge=1, le=99)]
    code: Annotated[str, Meta(pattern=r"^[A-Z]{2,12}$")]
    name: str
    english: str
    level: Level
    words: Words
    """Certain signs of this type, single words or phrases."""
    results: Words = ()
    """Certain signs too, but of what is left afterwards ("kepala bocor"): where a deed is told, it says the type."""
    weak: Words = ()
    """Signs that count only directly behind the keyword, or when there is nothing stronger."""
    pairs: tuple[tuple[Word, Word], ...] = ()
    """Two words that together, in any order and near each other, say this type and beat single words."""
    crossed: tuple[tuple[Words, Words], ...] = ()
    """Two lists: each word of the first makes a pair with each of the second."""
    weight: Annotated[float, Meta(gt=0)] = 1.0
    """What its signs weigh beside those of other types: what was done to people more than what the quarrel is about."""
    mutual: Words = ()
    """Verb roots that, doubled or behind "saling" and "baku", say this type: "pukul" for "pukul-pukulan", "saling pukul"."""


class Field(Table, frozen=True, kw_only=True, tag_field="kind"):
    """A field of a form's own. `ask` is the question by language when it is required and missing: one sentence."""

    name: Name
    label: Label
    """What stands before its value in answers and on pages, Bahasa Indonesia."""
    english: Label
    ask: dict[str, str] = msgspec.field(default_factory=dict)


class NumberField(Field, frozen=True, kw_only=True, tag="number"):
    """A whole number beside a label ("tinggi air 80", "14 mengungsi"), before a unit ("80 cm"), or standing free."""

    labels: Words = ()
    units: dict[str, Annotated[float, Meta(gt=0)]] = msgspec.field(default_factory=dict)
    """Words behind the number, and what they multiply it by: { cm = 1, m = 100 }."""
    unit: str = ""
    """The unit in answers."""
    least: int = 0
    most: int = LARGEST_NUMBER
    free: bool = False
    """Takes the next number that nothing else claims; several such fields take them in the order of `fields`."""


class ChoiceField(Field, frozen=True, kw_only=True, tag="choice"):
    """One of a few values, each with the words that say it."""

    words: dict[Annotated[str, Meta(pattern=r"^[A-Z][A-Z_]{0,23}$")], Words]


class FlagField(Field, frozen=True, kw_only=True, tag="flag"):
    """Yes where one of its words stands, no where one is negated, unknown otherwise."""

    words: Words


class TextField(Field, frozen=True, kw_only=True, tag="text"):
    """What is typed behind a label, up to a comma, a full stop or the next thing that is recognised."""

    labels: Words


AnyField = NumberField | ChoiceField | FlagField | TextField


class Form(Table, frozen=True, kw_only=True):
    """One kind of report: its fields, what it cannot do without, its rules and its answers by language."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,31}$")]
    version: Annotated[int, Meta(ge=1)]
    intent: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,15}$")]
    name: str
    fields: Words
    required: Words
    replies: dict[str, dict[str, str]]
    english: str = ""
    keywords: Words = ()
    """Words and phrases that begin its messages; for an intent of its own only."""
    jenis: tuple[EventType, ...] = ()
    neutral: Words = ()
    """Phrases that hold a word of a type and mean none ("tokoh adat")."""
    field: tuple[AnyField, ...] = ()
    """Its own fields."""
    level: Level | None = None
    """Base level of a form without types; else levels.toml's `unknown_type`."""
    rule: tuple[LevelRule, ...] = ()
    """Its own level rules: with these, those of levels.toml are not asked."""
    urgent_from: Level = 4
    """Proposed level from which a report of an own intent must not wait."""

    @property
    def own(self) -> bool:
        """Whether it has an intent of its own, beside the shipped ones."""
        return self.intent not in SHIPPED_INTENTS

    @property
    def fields_by_name(self) -> dict[str, AnyField]:
        """Its own fields by name."""
        return {field.name: field for field in self.field}

    @property
    def own_words(self) -> Iterator[str]:
        """Every word or phrase of its own fields, keywords not among them."""
        for field in self.field:
            if isinstance(field, NumberField):
                yield from (*field.labels, *field.units)
            elif isinstance(field, ChoiceField):
                yield from (word for words in field.words.values() for word in words)
            elif isinstance(field, FlagField):
                yield from field.words
            else:
                yield from field.labels

    def with_questions(self) -> Form:
        """The form with an answer `ask_FIELD` made of each question of its fields, unless its replies have one already."""
        questions = {
            language: {f"ask_{one.name}": f"{{echo}}. {one.ask[language]}" for one in self.field if language in one.ask}
            for language in self.replies
        }
        merged = {language: {**questions[language], **said} for language, said in self.replies.items()}
        return msgspec.structs.replace(self, replies=merged)


def form_mistakes(source: Source, form: Form, rules: LevelRules, other_codes: Iterable[str] = ()) -> list[Mistake]:
    """What contradicts itself in one form. `other_codes` are the types of the other forms."""
    found = [*_field_mistakes(source, form), *_own_field_mistakes(source, form), *_type_mistakes(source, form, rules)]
    found += _reply_mistakes(source, form)
    if form.own and not form.keywords:
        said = f"a form with the intent {form.intent} needs words that begin its messages; list at least one"
        found.append(source.mistake(("keywords",), said))
    if not form.own and form.keywords:
        said = "the words of a shipped intent stand in vocabulary/keywords.toml; put them there"
        found.append(source.mistake(("keywords",), said))
    if form.level is not None and not rules.lowest <= form.level <= rules.highest:
        found.append(source.mistake(("level",), _out_of_range(form.level, rules)))
    codes = [kind.code for kind in form.jenis] or list(other_codes)
    fields = (*form.fields, *form.fields_by_name)
    return found + rule_mistakes(source, form.rule, rules, fields, codes)


def _out_of_range(level: int, rules: LevelRules) -> str:
    return f"level {level} is out of range; levels go from {rules.lowest} to {rules.highest}"


def _field_mistakes(source: Source, form: Form) -> Iterator[Mistake]:
    known = {*SHIPPED_FIELDS, *form.fields_by_name}
    for name in form.fields:
        if name in COMMAND_FIELDS:
            said = f"the field {name!r} belongs to commands, no report has it; take it out"
            yield source.mistake(("fields",), said, name)
        elif name not in known:
            said = f"there is no field {name!r}; correct it, or describe it in a [[field]] table"
            yield source.mistake(("fields",), said, name)
    for name in _repeated(form.fields):
        yield source.mistake(("fields",), f"{name!r} stands there twice; take one out", name)
    for name in form.required:
        if name not in form.fields:
            said = f"{name!r} is none of the form's fields; add it to fields or drop it"
            yield source.mistake(("required",), said, name)
    if form.own and "jenis" in form.fields and not form.jenis:
        yield source.mistake(("fields",), "'jenis' needs [[jenis]] tables; add them or take it out", "jenis")
    if form.own and form.jenis and "jenis" not in form.fields:
        yield source.mistake(("jenis", 0), "the form has types but no field 'jenis'; add it to fields")


def _own_field_mistakes(source: Source, form: Form) -> Iterator[Mistake]:
    names = [field.name for field in form.field]
    for number, field in enumerate(form.field):
        way: Way = ("field", number)
        if field.name in (*SHIPPED_FIELDS, *COMMAND_FIELDS):
            said = f"{field.name!r} is a field that Waspada reads by itself; name it in fields only, or choose another name"
            yield source.mistake((*way, "name"), said)
        if field.name not in form.fields:
            yield source.mistake((*way, "name"), f"{field.name!r} is not in the form's fields; add it there")
        if field.name in names[:number]:
            yield source.mistake((*way, "name"), f"{field.name!r} is described twice; take one out")
        for language in field.ask:
            if language not in form.replies:
                said = f"there are no replies in the language {language!r}; add them or take this out"
                yield source.mistake((*way, "ask", language), said)
        yield from _kind_mistakes(source, way, field)
    for (way, word), (_, first) in _words_twice(form):
        said = f"{word!r} already says {first}; a word can say one thing only, take one out"
        yield source.mistake(way, said, word)


def _kind_mistakes(source: Source, way: Way, field: AnyField) -> Iterator[Mistake]:
    if isinstance(field, NumberField):
        if not (field.labels or field.units or field.free):
            yield source.mistake(way, "nothing tells which number is meant; give labels, units or free = true")
        if field.least > field.most:
            yield source.mistake((*way, "least"), f"must not be above most ({field.most})")
    elif isinstance(field, ChoiceField):
        if not field.words or not all(field.words.values()):
            yield source.mistake((*way, "words"), "every value needs at least one word; add it")
    elif isinstance(field, FlagField) and not field.words:
        yield source.mistake((*way, "words"), "needs at least one word; add it")
    elif isinstance(field, TextField) and not field.labels:
        yield source.mistake((*way, "labels"), "needs at least one label; add it")


Said = tuple[Way, str]


def _words_twice(form: Form) -> Iterator[tuple[Said, tuple[Way, str]]]:
    """Words that stand for two things among a form's own fields: (where, word), (where first, for what)."""
    seen: dict[str, tuple[Way, str]] = {}
    for number, field in enumerate(form.field):
        groups: list[tuple[Way, str, Words]] = []
        if isinstance(field, NumberField | TextField):
            groups = [(("field", number, "labels"), field.name, field.labels)]
        elif isinstance(field, ChoiceField):
            groups = [
                (("field", number, "words", value), f"{field.name} {value}", w) for value, w in field.words.items()
            ]
        else:
            groups = [(("field", number, "words"), field.name, field.words)]
        for way, meaning, words in groups:
            for word in words:
                if word.casefold() in seen:
                    yield (way, word), seen[word.casefold()]
                seen.setdefault(word.casefold(), (way, meaning))


def _type_mistakes(source: Source, form: Form, rules: LevelRules) -> Iterator[Mistake]:
    for key in ("number", "code"):
        seen: set[object] = set()
        for number, kind in enumerate(form.jenis):
            value = getattr(kind, key)
            if value in seen:
                yield source.mistake(("jenis", number, key), f"{key} {value} is used twice; give each type its own")
            seen.add(value)
    for number, kind in enumerate(form.jenis):
        if not rules.lowest <= kind.level <= rules.highest:
            yield source.mistake(("jenis", number, "level"), _out_of_range(kind.level, rules))
    for key in ("words", "results", "weak"):
        owners: dict[str, str] = {}
        for number, kind in enumerate(form.jenis):
            for word in getattr(kind, key):
                first = owners.setdefault(word.casefold(), kind.code)
                if first != kind.code:
                    said = f"{word!r} already stands for {first}; a word can mean one type only, take one out"
                    yield source.mistake(("jenis", number, key), said, word)


def _reply_mistakes(source: Source, form: Form) -> Iterator[Mistake]:
    if "id" not in form.replies:
        yield source.mistake(("replies",), "there are no answers in Bahasa Indonesia; add a table [replies.id]")
    asked = {field.name: field.ask for field in form.field}
    for language, templates in form.replies.items():
        way: Way = ("replies", language)
        if language not in LANGUAGES:
            yield source.mistake(way, f"answers can be in {' or '.join(LANGUAGES)}; correct it")
        for kind in (*REPLY_KINDS, *(f"ask_{name}" for name in form.required)):
            name = kind.removeprefix("ask_")
            if kind not in templates and not (kind != name and language in asked.get(name, {})):
                yield source.mistake(way, f"the answer {kind} is missing; add it")
        for kind, template in templates.items():
            if kind.startswith("ask_") and kind[4:] not in form.fields:
                said = f"asks for {kind[4:]!r}, which is none of the form's fields; correct or drop it"
                yield source.mistake((*way, kind), said)
            yield from _template_mistakes(source, (*way, kind), template, form)
    for number, field in enumerate(form.field):
        for language, template in field.ask.items():
            yield from _template_mistakes(source, ("field", number, "ask", language), template, form)


def _template_mistakes(source: Source, way: Way, template: str, form: Form) -> Iterator[Mistake]:
    known = (*PLACEHOLDERS, *form.fields_by_name)
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        yield source.mistake(way, f"its braces do not fit together ({error}); correct them")
        return
    for name in names:
        if name not in known:
            said = f"{{{name}}} is no placeholder; use one of {', '.join(f'{{{one}}}' for one in known)}"
            yield source.mistake(way, said)


@dataclass(frozen=True)
class FormFile:
    """A form with the file it was read from."""

    form: Form
    source: Source


def shared_mistakes(files: Sequence[FormFile], keywords: Mapping[str, Iterable[str]]) -> list[Mistake]:
    """What two forms contradict each other in, named in the later one. `keywords` are those of keywords.toml by intent."""
    found: list[Mistake] = []
    for key in ("id", "intent"):
        first: dict[str, FormFile] = {}
        for one in files:
            value = getattr(one.form, key)
            before = first.setdefault(value, one)
            if before is not one:
                said = f"{key} {value} is already that of {before.source.file.name}; choose another"
                found.append(one.source.mistake((key,), said))
    owners = {word.casefold(): intent for intent, words in keywords.items() for word in words}
    for one in files:
        if one.form.own and one.form.intent in keywords:
            said = f"{one.form.intent} is a command of Waspada; choose another word"
            found.append(one.source.mistake(("intent",), said))
        for word in one.form.keywords:
            owner = owners.setdefault(word.casefold(), one.form.intent)
            if owner != one.form.intent:
                said = f"{word!r} is already a keyword of {owner}; choose another"
                found.append(one.source.mistake(("keywords",), said, word))
    codes: dict[str, FormFile] = {}
    for one in files:
        for number, kind in enumerate(one.form.jenis):
            before = codes.setdefault(kind.code, one)
            if before is not one:
                said = f"code {kind.code} is already used in {before.source.file.name}; choose another"
                found.append(one.source.mistake(("jenis", number, "code"), said))
    return found


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for number, name in enumerate(names) if name in names[:number]]
