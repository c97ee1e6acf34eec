"""Forms of verb roots: "dipukulin", "mukuli", "digepuk", "nggebuki" all tell that somebody was hit. Pure.

Indonesian and its neighbours build many forms of one root, people write the colloquial and regional ones, and no list has them
all. `inflected` builds them once, when the vocabulary is compiled: of each root its passive forms, read as "di" + the standard
root, and its active ones, read as the standard "me" form. Which of the two it is matters: "3 orang dipukul" are victims,
"3 orang memukul" are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_ENDINGS = ("", "i", "in", "kan", "ke", "no", "keun", "ake", "aken", "akan", "an")
_PASSIVE = {
    "di": _ENDINGS,
    "d": ("", "i", "in", "kan"),
    "dipun": ("", "i", "aken"),
    "na": ("", "i"),
    "ter": ("", "i"),
    "ta": ("",),
    "ke": ("", "an"),
}
_BARE_ENDINGS = ("i", "in", "kan", "keun", "akan", "ake", "no")
_NASALS = {
    "p": ("m", "m"), "b": ("mb", "b"), "f": ("mf", "f"), "t": ("n", "n"), "d": ("nd", "d"), "c": ("nc", "ny", "c"),
    "j": ("nj", "j"), "s": ("ny", "s"), "k": ("ng", "k"), "g": ("ngg", "g"), "h": ("ngh", "h"),
}  # fmt: skip
"""What the first letter of a root becomes behind the nasal: standard form first, then how it is said or heard."""
_VOWELS = frozenset("aeiou")


def passive(root: str) -> str:
    """The standard passive: "dipukul"."""
    return f"di{root}"


def active(root: str) -> str:
    """The standard active: "memukul", "membakar", "menyerang", "mengancam"."""
    return f"me{_nasal(root)[0]}"


def _nasal(root: str) -> tuple[str, ...]:
    """A root behind the nasal prefix, its standard form first; without "me" these are the colloquial forms."""
    first, rest = root[0], root[1:]
    if first in _VOWELS:
        return (f"ng{root}", f"nge{root}", root)
    if first in "lrwymn":
        return (root, f"nge{root}", f"ng{root}")
    return (*(begin + rest for begin in _NASALS.get(first, (first,))), f"nge{root}")


def inflected(roots: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """(form, standard form) of each standard root and of the roots that say the same; the standard forms themselves too."""
    for standard, others in roots.items():
        for root in (standard, *others):
            yield from ((form, passive(standard)) for form in _passives(root))
            yield from ((form, active(standard)) for form in _actives(root))


def _passives(root: str) -> Iterator[str]:
    for prefix, endings in _PASSIVE.items():
        if prefix != "d" or root[0] not in _VOWELS:
            yield from (f"{prefix}{root}{ending}" for ending in endings)


def _actives(root: str) -> Iterator[str]:
    for nasal in _nasal(root):
        prefixes = [""] if nasal.startswith("nge") else ["me", "ma"] if nasal == root else ["", "me", "ma"]
        yield from (f"{prefix}{nasal}{ending}" for prefix in prefixes for ending in _ENDINGS)
        yield f"pe{nasal}an"
    yield from (f"{root}{ending}" for ending in _BARE_ENDINGS)
