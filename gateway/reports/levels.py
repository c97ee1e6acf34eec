"""The proposed level (tingkat) of a report, by the rules of levels.toml or of its form. Pure; a person sets the final one."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from config.forms import Form
from config.levels import Condition, LevelRule, LevelRules
from gateway.reports.text import clean, tokenise

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge

OVER = "REDA"
"""Phase in which violence no longer makes a report urgent. It lowers no level."""


def propose_level(
    rules: LevelRules,
    base: int | None,
    fields: Mapping[str, Any],
    words: Set[str],
    *,
    emergency: bool = False,
    second_nearby: bool = False,
    own: tuple[LevelRule, ...] = (),
) -> tuple[int, tuple[str, ...]]:
    """The level (lowest..highest) and one line of trace for each rule that moved it.

    `base` is the type's base level, None where the type is unknown; `words` are the message's words; `second_nearby` says
    that another report came from the same kecamatan within 24 hours (the caller knows, this function does not); `own` rules
    are asked instead of those of levels.toml.
    """
    level = rules.unknown_type if base is None else base
    trace = [f"tingkat: dasar {level}"]
    for rule in own or rules.rule:
        if not _holds(rule, fields, words, emergency, second_nearby):
            continue
        if rule.any and not any(_holds(one, fields, words, emergency, second_nearby) for one in rule.any):
            continue
        if rule.step is not None:
            level += rule.step
            trace.append(f"tingkat: +{rule.step}, {rule.why}")
        elif rule.minimum is not None and level < rule.minimum:
            level = rule.minimum
            trace.append(f"tingkat: paling rendah {level}, {rule.why}")
    return max(rules.lowest, min(rules.highest, level)), tuple(trace)


def relevel(
    fields: Mapping[str, Any],
    words: Set[str] | str,
    form: Form | str,
    emergency: bool,
    second_nearby: bool,
    knowledge: Knowledge,
) -> tuple[int, tuple[str, ...]]:
    """The level of a report as it stands now, after fields changed or other reports came: (level, trace).

    `words` are the words of its message or the text itself, `form` the form it follows or that form's id (an id nobody knows
    stands for the event form). A zero report has no level: (0, ()).
    """
    if isinstance(form, str):
        form = next((one for one in knowledge.files.forms if one.id == form), knowledge.forms["lapor"])
    if form.intent == "nihil":
        return 0, ()
    if isinstance(words, str):
        tokens = tokenise(clean(words), knowledge.lexicon, knowledge.countable)
        words = frozenset(token.word for token in tokens)
    base = base_level(form, fields.get("jenis"), knowledge)
    rules = knowledge.files.levels
    return propose_level(
        rules, base, fields, words, emergency=emergency, second_nearby=second_nearby, own=form.rule
    )  # fmt: skip


def base_level(form: Form, jenis: str | None, knowledge: Knowledge) -> int | None:
    """The level a report of this form and type starts from; None where neither says one."""
    kinds = {kind.code: kind.level for kind in form.jenis} if form.own else {}
    kind = knowledge.types.get(jenis or "")
    return kinds.get(jenis or "", form.level) if form.own else kind.level if kind else form.level


def is_urgent(form: Form | None, fields: Mapping[str, Any], level: int, rules: LevelRules) -> bool:
    """Whether a report must not wait: violence that is not over, dead or injured; for a form of its own, its level."""
    if form is not None and form.own:
        return level >= form.urgent_from
    violent = fields.get("jenis") in rules.urgent_types and fields.get("fase") != OVER
    return violent or any(fields.get(name) for name in rules.urgent_fields)


def _holds(
    condition: Condition, fields: Mapping[str, Any], words: Set[str], emergency: bool, second_nearby: bool
) -> bool:
    """Whether everything a condition names is so."""
    if condition.field and not _compares(condition, fields.get(condition.field)):
        return False
    code = fields.get("jenis")
    if (condition.types and code not in condition.types) or code in condition.not_types:
        return False
    if condition.emergency not in (None, emergency) or condition.second_nearby not in (None, second_nearby):
        return False
    return not condition.words or _says(condition.words, words)


def _compares(condition: Condition, value: Any) -> bool:
    if condition.at_least is not None and (value is None or not value >= condition.at_least):
        return False
    return condition.is_ in (None, value) and (condition.is_not is None or value != condition.is_not)


def _says(phrases: tuple[str, ...], words: Set[str]) -> bool:
    """Whether one of the phrases stands in the message: a single word, or all words of several."""
    return not words.isdisjoint(phrases) or any(" " in one and words >= set(one.split()) for one in phrases)
