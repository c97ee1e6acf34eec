"""What a message that is no report of its own says about the fields of a form's own: answer, correction, addition. Pure."""

from __future__ import annotations

from typing import Any

from config.forms import ChoiceField, FlagField, NumberField
from gateway.reports.knowledge import Knowledge
from gateway.reports.own_fields import OwnForm
from gateway.reports.own_numbers import OwnReading
from gateway.reports.reading import Reading
from gateway.reports.text import NUMBER


def own_form(form: str, knowledge: Knowledge) -> OwnForm | None:
    """The form of this id, where it is one with an intent and fields of its own."""
    return next((one for one in knowledge.own_forms.values() if one.form.id == form), None)


def lead(own: OwnForm, name: str) -> str:
    """What to put in front of an answer, so that it is read as this field; '' where it has no label."""
    labels = getattr(own.form.fields_by_name.get(name), "labels", ())
    return labels[0] if labels else ""


def read_own(own: OwnForm, reading: Reading) -> OwnReading:
    """The form's own fields as far as labels, units and words say them. Free numbers stay free."""
    taken = set(reading.ticket_tokens | reading.secret)
    taken |= {i for mention in reading.mentions for i in range(mention.start, mention.end)}
    taken |= {i for start, end in reading.times for i in range(start, end)}
    return own.read(reading, taken)


def alone(own: OwnForm, name: str, reading: Reading, start: int, said: str) -> tuple[Any, set[int]]:
    """The value of an asked field from an answer without label: its only number, YA or TIDAK. (None, …) where there is none."""
    one = own.form.fields_by_name.get(name)
    if isinstance(one, FlagField) and said:
        return said == "YA", set(range(start, len(reading.tokens)))
    if isinstance(one, ChoiceField) or not isinstance(one, NumberField):
        return None, set()
    numbers = [i for i in range(start, len(reading.tokens)) if reading.tokens[i].kind == NUMBER]
    value = reading.tokens[numbers[0]].number if len(numbers) == 1 else None
    return (value, {numbers[0]}) if value is not None and one.least <= value <= one.most else (None, set())
