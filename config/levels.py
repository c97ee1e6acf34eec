"""levels.toml and the `[[rule]]` tables of a form: the rules behind the level (tingkat) that Waspada proposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from config.tables import Level, Mistake, Source, Table, Way, Words

Sentence = Annotated[str, Meta(min_length=3, max_length=80)]


class Condition(Table, frozen=True, kw_only=True):
    """Everything named must hold. A condition that names nothing is a mistake."""

    field: str = ""
    """With `at_least`, `is` or `is_not`: the field that is looked at. An unknown field (None) is neither at least nor is."""
    at_least: int | None = None
    is_: str | int | bool | None = msgspec.field(default=None, name="is")
    is_not: str | int | bool | None = None
    types: Words = ()
    """The type of event is one of these: codes, or names of lists in [types]."""
    not_types: Words = ()
    words: Words = ()
    """One of these stands in the message: words or phrases, or names of lists in [words]."""
    emergency: bool | None = None
    second_nearby: bool | None = None
    """Another report came from the same kecamatan within 24 hours."""


class LevelRule(Condition, frozen=True, kw_only=True):
    """One rule: where its conditions hold it adds `step`, or lifts the level to `minimum`."""

    why: Sentence
    """What the trace tells, Bahasa Indonesia."""
    step: Annotated[int, Meta(ge=1, le=9)] | None = None
    minimum: Level | None = None
    any: tuple[Condition, ...] = ()
    """Besides, at least one of these must hold."""


class LevelRules(Table, frozen=True):
    """levels.toml"""

    lowest: Level
    highest: Level
    unknown_type: Level
    """Base where the type of event is not known."""
    urgent_types: Words
    """Types that must not wait unless they are over; codes or names of lists in [types]."""
    urgent_fields: Words
    """Counts that from 1 on must not wait."""
    types: dict[str, Words]
    """Named lists of types of event."""
    words: dict[str, Words]
    """Named lists of words."""
    rule: tuple[LevelRule, ...]

    @property
    def weapons(self) -> Words:
        """Words for weapons."""
        return self.words.get("weapons", ())

    @property
    def organisers(self) -> Words:
        """Words for those who hold the election."""
        return self.words.get("organisers", ())

    @property
    def violent_types(self) -> Words:
        """Types of violence between people."""
        return self.types.get("violent", ())

    def written_out(self) -> LevelRules:
        """The same with every named list in its rules replaced by what it stands for."""
        return msgspec.structs.replace(
            self,
            urgent_types=_listed(self.urgent_types, self.types),
            rule=tuple(self.spell(rule) for rule in self.rule),
        )

    def spell(self, rule: LevelRule) -> LevelRule:
        """A rule with the named lists of these rules written out."""
        return msgspec.structs.replace(
            _spelled(rule, self), any=tuple(_spelled(condition, self) for condition in rule.any)
        )


Named = TypeVar("Named", bound=Condition)


def _spelled(condition: Named, rules: LevelRules) -> Named:
    return msgspec.structs.replace(
        condition,
        types=_listed(condition.types, rules.types),
        not_types=_listed(condition.not_types, rules.types),
        words=_listed(condition.words, rules.words),
    )


def _listed(names: Words, lists: Mapping[str, Words]) -> Words:
    return tuple(dict.fromkeys(one for name in names for one in lists.get(name, (name,))))


def level_mistakes(source: Source, rules: LevelRules, fields: Iterable[str], codes: Iterable[str]) -> list[Mistake]:
    """What contradicts itself in levels.toml. `fields` are the shipped ones, `codes` all types of the forms."""
    found: list[Mistake] = []
    if rules.lowest > rules.highest:
        found.append(source.mistake(("lowest",), f"must not be above highest ({rules.highest})"))
    if not rules.lowest <= rules.unknown_type <= rules.highest:
        found.append(source.mistake(("unknown_type",), f"must lie between {rules.lowest} and {rules.highest}"))
    known = set(fields)
    for name in rules.urgent_fields:
        if name not in known:
            found.append(source.mistake(("urgent_fields",), f"there is no field {name!r}; correct it", name))
    for way, listed in ((("urgent_types",), rules.urgent_types), *((("types", n), c) for n, c in rules.types.items())):
        found += _unknown_types(source, way, listed, rules, codes)
    return found + rule_mistakes(source, rules.rule, rules, known, codes)


def rule_mistakes(
    source: Source, listed: Iterable[LevelRule], rules: LevelRules, fields: Iterable[str], codes: Iterable[str]
) -> list[Mistake]:
    """What is wrong in [[rule]] tables, of levels.toml or of a form."""
    found: list[Mistake] = []
    known = set(fields)
    for number, rule in enumerate(listed):
        way: Way = ("rule", number)
        if (rule.step is None) == (rule.minimum is None):
            found.append(source.mistake(way, "needs either step or minimum; write one of them"))
        if rule.minimum is not None and not rules.lowest <= rule.minimum <= rules.highest:
            said = f"{rule.minimum} is out of range; levels go from {rules.lowest} to {rules.highest}"
            found.append(source.mistake((*way, "minimum"), said))
        if not rule.any and _is_empty(rule):
            found.append(
                source.mistake(way, "holds always, because it names no condition; add one or set the base level")
            )
        conditions: list[tuple[Way, Condition]] = [(way, rule)]
        conditions += [((*way, "any", index), condition) for index, condition in enumerate(rule.any)]
        for place, condition in conditions:
            found += _condition_mistakes(source, place, condition, rules, known, codes)
            if condition is not rule and _is_empty(condition):
                found.append(source.mistake((*way, "any"), "one of its conditions is empty; fill it or take it out"))
    return found


def _is_empty(condition: Condition) -> bool:
    said = (condition.field, condition.types, condition.not_types, condition.words)
    return not any(said) and condition.emergency is None and condition.second_nearby is None


def _condition_mistakes(
    source: Source, way: Way, condition: Condition, rules: LevelRules, fields: set[str], codes: Iterable[str]
) -> list[Mistake]:
    found: list[Mistake] = []
    compared = [value for value in (condition.at_least, condition.is_, condition.is_not) if value is not None]
    if condition.field and condition.field not in fields:
        found.append(source.mistake((*way, "field"), f"there is no field {condition.field!r} here; correct it"))
    if bool(condition.field) != bool(compared):
        found.append(source.mistake((*way, "field"), "field goes with at_least, is or is_not; write both"))
    for key in ("types", "not_types"):
        found += _unknown_types(source, (*way, key), getattr(condition, key), rules, codes)
    return found


def _unknown_types(
    source: Source, way: Way, listed: Iterable[str], rules: LevelRules, codes: Iterable[str]
) -> list[Mistake]:
    known = {*codes, *rules.types}
    return [
        source.mistake(way, f"there is no type {name!r} and no list of that name; correct it", name)
        for name in listed
        if name not in known
    ]
