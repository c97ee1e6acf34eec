"""A report as it stands after something was said about it: fields, doubts, what is missing, level. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from config.forms import Form
from gateway.reports.answers import DENIED, NOT_KNOWN
from gateway.reports.knowledge import Knowledge
from gateway.reports.levels import is_urgent, relevel
from gateway.reports.own_said import own_form, read_own
from gateway.reports.reading import read
from gateway.reports.text import clean, tokenise
from gateway.reports.understanding import Doubt, Intent, Outcome, Sender, Understanding

if TYPE_CHECKING:
    from gateway.reports.steps import Earlier, Step

OF_COMMANDS = frozenset(["tiket", "hasil", "status", "peran", "nama"])
"""Fields that belong to a command, never to a report."""
LARGEST_KET = 1200
"""Characters of free text of a report with all that was added; every message is kept whole elsewhere."""
BETWEEN = " / "


def said(
    found: Understanding, text: str, one: Earlier, knowledge: Knowledge, *, replace_text: bool = False
) -> dict[str, Any]:
    """What a message says otherwise than the report `one`: field → value, of its form's fields only.

    Free text is added to what is there, or replaces it.
    """
    before, form = one.fields, _form(one.form, knowledge)
    own = own_form(one.form, knowledge)
    told = dict(found.fields)
    if own is not None and found.intent != Intent.KONFIRMASI and not found.is_report:
        told.update(read_own(own, read(clean(text), knowledge, Sender())).values)
    changed = {
        name: value
        for name, value in told.items()
        if value is not None and name != "ket" and value != before.get(name) and (form is None or name in form.fields)
    }
    ket = found.fields.get("ket")
    if ket and ket not in (before.get("ket") or ""):
        changed["ket"] = ket if replace_text else joined(before.get("ket"), ket)
    return changed


def joined(before: str | None, more: str) -> str:
    """Free text with what was added later."""
    return (f"{before}{BETWEEN}{more}" if before else more)[:LARGEST_KET].strip()


def overlay(fields: Mapping[str, Any], before: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with one amendment applied (again): `before` and `changed` are its `before` and `after`.

    Text that was added is added to the present text, so that a part that came late is not lost behind it.
    """
    result = {**fields, **{name: value for name, value in changed.items() if name not in OF_COMMANDS}}
    old, new = before.get("ket"), changed.get("ket")
    if isinstance(old, str) and isinstance(new, str) and new.startswith(old + BETWEEN):
        result["ket"] = joined(fields.get("ket"), new[len(old + BETWEEN) :])
    return result


def required(form: str, knowledge: Knowledge) -> tuple[str, ...]:
    """What a form cannot do without, the field to ask first in front."""
    found = _form(form, knowledge)
    return found.required if found else ()


def _form(form: str, knowledge: Knowledge) -> Form | None:
    return next((one for one in knowledge.files.forms if one.id == form), None)


def missing(form: str, fields: Mapping[str, Any], knowledge: Knowledge) -> tuple[str, ...]:
    """Required fields that are unknown."""
    return tuple(name for name in required(form, knowledge) if fields.get(name) is None)


def is_denial(doubt: Doubt) -> bool:
    """Whether the reporter took a value back."""
    return doubt.why == DENIED


def after(
    one: Earlier,
    changed: Mapping[str, Any],
    found: Understanding,
    text: str,
    knowledge: Knowledge,
    more: Sequence[Doubt],
    ask: str = "",
    *,
    lower: bool = False,
) -> Understanding:
    """The report `one` with `changed` fields, as an Understanding; `found` is the message that says so, `more` further doubts.

    The level is proposed anew from fields and words; only a correction may lower it.
    """
    fields = {**one.fields, **changed}
    lacking = missing(one.form, fields, knowledge)
    doubts = _doubts(one, changed, found, more, fields)
    level, why = one.level, tuple[str, ...]()
    if changed:
        told = (
            fields if lower else {**fields, **_known(found)}
        )  # what is added may be graver than what is changed by it
        level, why = propose(one.intent, one.form, told, (text, one.text), knowledge)
        level = level if lower else max(level, one.level, found.level)
    form = _form(one.form, knowledge)
    rise = level if level > one.level else 0
    return Understanding(
        intent=one.intent,
        outcome=_outcome(one, changed, lacking, doubts, fields, ask),
        fields=fields,
        missing=((ask,) if ask else ()) + tuple(name for name in lacking if name != ask),
        doubts=doubts,
        trace=why,
        secret=one.secret or found.secret,
        urgent=bool(changed) and is_grave(found, text, knowledge, form, rise),
        level=level,
        form=one.form,
        version=form.version if form else 0,
    )


def _doubts(
    one: Earlier, changed: Mapping[str, Any], found: Understanding, more: Sequence[Doubt], fields: Mapping[str, Any]
) -> tuple[Doubt, ...]:
    news = [doubt for doubt in (*found.doubts, *more) if doubt.field not in OF_COMMANDS]
    renewed = {*changed, *(doubt.field for doubt in news)}
    if found.intent == Intent.KONFIRMASI and one.asked and found.fields.get(one.asked) is not None:
        renewed.add(one.asked)  # confirmed as it stands
    kept = [doubt for doubt in one.doubts if doubt.field not in renewed]
    for doubt in news:
        if not is_denial(doubt):
            kept.append(doubt)
        elif fields.get(doubt.field) is None:
            kept.append(replace(doubt, candidates=()))  # it is not offered again
    return tuple(kept)


def _outcome(
    one: Earlier,
    changed: Mapping[str, Any],
    lacking: Collection[str],
    doubts: Iterable[Doubt],
    fields: Mapping[str, Any],
    ask: str,
) -> Outcome:
    before = Outcome(one.outcome) if one.outcome else Outcome.TERIMA
    if before is Outcome.TRIASE and not (
        "desa" in changed and fields.get("desa") is not None and one.intent != Intent.BEBAS
    ):
        return before
    if ask:
        return Outcome.LENGKAPI
    if lacking:  # nobody will be asked any more
        return (
            Outcome.TRIASE
            if any(doubt.why == NOT_KNOWN for doubt in doubts) or one.asked not in lacking
            else Outcome.LENGKAPI
        )
    return Outcome.KONFIRMASI if list(doubts) else Outcome.TERIMA


def propose(
    intent: str,
    form: str,
    fields: Mapping[str, Any],
    texts: Iterable[str],
    knowledge: Knowledge,
    *,
    second_nearby: bool = False,
) -> tuple[int, tuple[str, ...]]:
    """The level of a report with these fields, and why; `texts` are its message and what was added to it."""
    if intent == Intent.BEBAS and fields.get("jenis") is None:
        return 0, ()
    words = _words(texts, knowledge)
    return relevel(fields, words, form, intent == Intent.DARURAT, second_nearby, knowledge)


def _words(texts: Iterable[str], knowledge: Knowledge) -> frozenset[str]:
    return frozenset(
        token.word for text in texts for token in tokenise(clean(text), knowledge.lexicon, knowledge.countable)
    )


def _known(found: Understanding) -> dict[str, Any]:
    return {name: value for name, value in found.fields.items() if value is not None and name not in OF_COMMANDS}


def is_grave(found: Understanding, text: str, knowledge: Knowledge, form: Form | None = None, rise: int = 0) -> bool:
    """Whether what a message says must not wait: somebody hurt, violence, a word of mortal danger.

    `form` and `rise` (the new level, 0 where it did not rise) are those of the report it is about.
    """
    acute = not _words([text], knowledge).isdisjoint(knowledge.acute)
    return found.urgent or acute or is_urgent(form, _known(found), rise, knowledge.files.levels)


def names_role(role: str, one: Earlier, knowledge: Knowledge) -> bool:
    """Whether the report's message speaks of an office ("kapolsek ikut kampanye")."""
    words = [token.word for token in tokenise(clean(one.text), knowledge.lexicon, knowledge.countable)]
    return any(meaning == role for _, _, meaning in knowledge.roles.everywhere(words))


def takes_place_back(text: str, one: Earlier, found: Understanding, knowledge: Knowledge) -> bool:
    """ "RALAT bukan lambur": the village is wrong, and no other one is named clearly."""
    stands = one.fields.get("desa")
    if stands is None:
        return False
    if found.fields.get("desa") is None:
        named = [code for doubt in found.doubts if doubt.field == "desa" for code in doubt.candidates]
        return bool(named) and stands not in named
    return found.fields["desa"] == stands and denies_place(text, knowledge)


def denies_place(text: str, knowledge: Knowledge) -> bool:
    """Whether a text names places only to say that it is not there: "bukan lambur"."""
    mentions = read(clean(text), knowledge, Sender()).mentions
    return bool(mentions) and all(mention.denied for mention in mentions)


def moved(step: Step, state: str, trace: Sequence[str]) -> Step:
    """The step with another state of its report."""
    return replace(step, state=state, trace=tuple(trace))


def for_a_person(step: Step, *, urgent: bool = False) -> Step:
    """The step, with its report and message marked for a person."""
    urgent = urgent or step.urgent
    report = step.after and replace(step.after, outcome=Outcome.TRIASE, urgent=urgent)
    return replace(step, after=report, person=True, urgent=urgent)
