"""Whether the answers of a form can be sent: one SMS even with the longest village, no foreign sign, nothing that is stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.forms import AnyField, ChoiceField, FlagField, Form, NumberField
from config.knowledge import KnowledgeFiles
from config.tables import Mistake, Source, Way
from gateway.wording import DIGITS_TOGETHER, LONGEST, STOPPED, grouped, plain
from modem.gsm7 import BASIC

LONGEST_TICKET = "W8MW"
LONGEST_POLICE = "0812 345 678 901"
"""A mobile number, as `grouped` writes it."""
_STOPPED = re.compile(rf"\b(?:{'|'.join(STOPPED)})\b", re.IGNORECASE)
_DIGITS = re.compile(rf"\d{{{DIGITS_TOGETHER + 1},}}")


def fit_mistakes(source: Source, form: Form, known: KnowledgeFiles) -> Iterator[Mistake]:
    """What keeps an answer of a form from being sent, with its place in the form's file."""
    for language, templates in form.replies.items():
        for kind, template in templates.items():
            way = _written(source, form, language, kind)
            try:
                filled = template.format_map(shortest_values(form, known, language))
            except (KeyError, ValueError, IndexError):
                continue  # its braces are wrong, which `config.forms` tells
            strange = next((sign for sign in filled if sign not in BASIC), None)
            if strange is not None:
                said = f"{strange!r} is no sign of the SMS alphabet and would halve what one SMS holds; use a plain one"
                yield source.mistake(way, said)
            if stopped := _STOPPED.search(template):
                yield source.mistake(way, f"operators stop SMS with {stopped.group()!r}; use another word")
            if _DIGITS.search(template):
                yield source.mistake(
                    way, f"operators stop SMS with more than {DIGITS_TOGETHER} digits in a row; part them"
                )
            text = plain(filled)
            if len(text) > LONGEST:
                said = f"with the longest village it has {len(text)} characters, one SMS holds {LONGEST}; shorten it"
                yield source.mistake(way, said)


def shortest_values(form: Form, known: KnowledgeFiles, language: str) -> dict[str, str]:
    """The least an answer can say, with the longest names there are: counts and offered villages are left out first."""
    texts = known.replies.get(language, known.replies["id"])
    village = max((place.name for place in known.region.villages), key=len)
    codes = [kind.code for one in known.forms for kind in one.jenis]
    jenis = max((*codes, texts["unknown_jenis"]), key=len)
    at = texts["in_place"].format(place=village)
    what = f"{jenis if form.jenis else form.intent.upper()}{at}"
    own = {one.name: max((*_values(one), texts["not_said"]), key=len) for one in form.field}
    return {
        "ticket": LONGEST_TICKET, "jenis": jenis, "place": village, "at": at, "counts": "", "offer": "",
        "what": what, "echo": what, "police": LONGEST_POLICE, **own,
    }  # fmt: skip


def _values(field: AnyField) -> tuple[str, ...]:
    """The longest values a field of the form's own can have in an answer."""
    if isinstance(field, NumberField):
        return (f"{grouped(str(field.most))} {field.unit}".strip(),)
    return tuple(field.words) if isinstance(field, ChoiceField) else ("tidak",) if isinstance(field, FlagField) else ()


def _written(source: Source, form: Form, language: str, kind: str) -> Way:
    """Where an answer is written: among the replies, or as the question of a field."""
    names = [one.name for one in form.field]
    if kind in source.tables.get("replies", {}).get(language, {}) or kind.removeprefix("ask_") not in names:
        return "replies", language, kind
    return "field", names.index(kind.removeprefix("ask_")), "ask", language
