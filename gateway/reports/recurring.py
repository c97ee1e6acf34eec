"""Whether a report tells of the event that an earlier one of the same sender told of. Pure.

A report taken for a correction loses its own ticket and level: in doubt it is a report of its own, which a person can join.
"""

from __future__ import annotations

import re

from gateway.reports.labels import KORBAN, MASSA
from gateway.reports.steps import Earlier
from gateway.reports.understanding import Understanding

CONTENT = ("desa", "jenis")
_ANOTHER = frozenset(["lagi", "lg", "juga", "jg", "lain", "lainnya", "kedua", "satunya", "beda", "berbeda"])
"""Words that say that there is one more."""
_WORDS = re.compile(r"[^\W\d_]{2,}|\d+")


def same_event(found: Understanding, text: str, one: Earlier) -> bool:
    """Type and village equal, or one of them known only now, and nothing in words or figures that says otherwise."""
    news = 0
    for name in CONTENT:
        before, now = one.fields.get(name), found.fields.get(name)
        if before is None and now is not None:
            news += 1
        elif before != now:
            return False
    return news <= 1 and not (_says_another(text, one) or _tells_otherwise(found, one) or _other_figures(found, one))


def _says_another(text: str, one: Earlier) -> bool:
    return bool(_ANOTHER & (_words(text) - _words(one.text)))


def _tells_otherwise(found: Understanding, one: Earlier) -> bool:
    """Both tell something in free words, and less than half of it is the same, or other numbers: "dusun 1", "dusun 2"."""
    before, now = _words(one.fields.get("ket") or ""), _words(found.fields.get("ket") or "")
    if not before or not now:
        return False
    numbers = [{word for word in words if word.isdecimal()} for words in (before, now)]
    return 2 * len(before & now) < min(len(before), len(now)) or (all(numbers) and numbers[0] != numbers[1])


def _other_figures(found: Understanding, one: Earlier) -> bool:
    """Both figures are others and one of them is smaller: no slip, and no event that grew."""
    pairs = [(one.fields.get(name), found.fields.get(name)) for name in (MASSA, KORBAN)]
    changed = [(before, now) for before, now in pairs if before is not None and now is not None and before != now]
    return len(changed) > 1 and any(now < before for before, now in changed)


def _words(text: str) -> set[str]:
    return set(_WORDS.findall(text.casefold()))
