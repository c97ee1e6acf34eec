"""What a report says and how it came to say so, in words: labels and values of fields, and each change with who made it.

Fields that a form of the district's own defines are called as the form calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask

from config.forms import AnyField, Form, NumberField
from gateway.reports.understanding import FIELDS
from gateway.store.records import AmendmentRow

from . import language, show, words
from .app import Desk
from .language import say as _
from .words import Word, word

_OF_COMMANDS = ("hasil", "status", "tiket", "peran", "nama")
"""Fields of commands that stand in a history only."""
_HEAD = ("jenis", "desa")
"""What stands above the facts of a report already."""


@dataclass(frozen=True)
class Change:
    """One field before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One step of a report's history. `level` and `state` are None where they stayed."""

    at: int
    action: Word
    by: Word
    message_id: int | None
    ticket: str
    changes: tuple[Change, ...]
    said: tuple[tuple[str, str], ...]
    """What an officer's command said, by label."""
    level: tuple[int, int] | None
    state: tuple[Word, Word] | None


class Wording:
    """Words for fields and their values, from the forms in use and the region's names."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def _forms(self) -> Mapping[str, Form]:
        forms: Iterable[Form] = self._desk.actions.people.registry.knowledge.files.forms
        return {form.id: form for form in forms}

    @cached_property
    def _own(self) -> Mapping[str, AnyField]:
        return {field.name: field for form in self._forms.values() for field in form.field}

    def subject(self, form: str) -> str:
        """Name of a district's own form, which tells what its reports are about; '' for the shipped ones, which have types."""
        known = self._forms.get(form)
        if known is None or not known.own:
            return ""
        return known.english if language.code() == "en" and known.english else known.name

    def brief(self, form: str, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Label and value of the few facts that a list shows: what a district's own form asks for, beside the place."""
        known = self._forms.get(form)
        names = [name for name in known.fields if name in known.fields_by_name] if known else []
        return [(self.label(name), self.value(name, fields[name])) for name in names if fields.get(name) is not None]

    def label(self, name: str) -> str:
        """What a field is called; a name nobody knows stands for itself."""
        if name not in words.FIELD and (own := self._own.get(name)) is not None:
            return own.english if language.code() == "en" and own.english else own.label
        return str(word("field", name).text)

    def value(self, name: str, value: Any) -> str:
        """A value as people read it; unknown is `?`, which is not 0."""
        if value is None:
            return "?"
        if isinstance(value, bool):
            return _("ya") if value else _("tidak")
        if name == "desa":
            return show.candidate(self._desk.region, value)
        if name == "waktu":
            return show.spoken_time(str(value))
        if name in ("jenis", "fase"):
            return show.visible(str(word(name, str(value)).text))
        own = self._own.get(name)
        unit = own.unit if isinstance(own, NumberField) else ""
        return show.visible(f"{value} {unit}".strip())

    def facts(self, fields: Mapping[str, Any], *, counts: bool) -> list[tuple[str, str]]:
        """Label and value of what a report says beside type and place; `massa` and `korban` also while unknown, if `counts`."""
        always = ("massa", "korban") if counts else ()
        names = [name for name in dict.fromkeys((*FIELDS, *fields)) if name not in _HEAD]
        return [
            (self.label(name), self.value(name, fields.get(name)))
            for name in names
            if name in always or fields.get(name) not in (None, "")
        ]

    def told(self, row: AmendmentRow) -> Told:
        """One amendment in words."""
        names = [name for name in row.after if name in row.before and name not in _OF_COMMANDS]
        level = (row.level_before, row.level_after)
        state = (row.state_before, row.state_after)
        return Told(
            at=row.at,
            action=word("action", row.action),
            by=word("by", row.by),
            message_id=row.message_id,
            ticket=row.ticket,
            changes=tuple(
                Change(self.label(name), self.value(name, row.before[name]), self.value(name, row.after[name]))
                for name in names
            ),
            said=tuple(
                (self.label(name), self.value(name, value))
                for name, value in row.after.items()
                if name not in names and value not in (None, "")
            ),
            level=level if level[0] != level[1] else None,
            state=(word("state", state[0]), word("state", state[1])) if state[0] != state[1] else None,
        )


def install(app: Flask, desk: Desk) -> None:
    """Give the templates the words of reports."""
    wording = Wording(desk)
    app.jinja_env.globals.update(
        field_label=wording.label, field_value=wording.value, report_facts=wording.facts, told=wording.told,
        subject_of=wording.subject, brief_facts=wording.brief,
    )  # fmt: skip
