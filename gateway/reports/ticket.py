"""Report numbers people can type on a keypad: four characters such as K4PT. Pure; randomness comes in as an argument.

31 characters (no 0, O, 1, I, L). Three are drawn, the fourth checks them: the weighted sum modulo 31 catches every single
wrong character and every swap of neighbours. A ticket has at least one letter and one digit, so that no operator's filter
takes it for a one-time code and no parser for a count.
"""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 4
_WEIGHTS = (3, 5, 7, 1)
"""Not zero (one wrong character changes the sum) and neighbours differ (so does a swap), modulo the prime 31."""
_SUM = 8
"""Any constant would do; with this one K4PT, the example of every training sheet, is a valid ticket."""
_CONFUSED = {
    "0": "DQ", "O": "DQ", "1": "T7J", "I": "TJ7", "L": "T7J", "5": "S", "S": "5", "2": "Z", "Z": "2", "8": "B", "B": "8",
    "6": "G", "G": "6", "U": "V", "V": "U", "M": "N", "N": "M",
}  # fmt: skip


def make_ticket(draw: Callable[[int], int]) -> str:
    """A new ticket. `draw(n)` returns a number in 0..n-1 (`secrets.randbelow`)."""
    while True:
        values = [draw(len(ALPHABET)) for _ in range(LENGTH - 1)]
        check = (_SUM - sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=False))) % len(ALPHABET)
        ticket = "".join(ALPHABET[value] for value in [*values, check])
        if _mixed(ticket):
            return ticket


def is_ticket(text: str) -> bool:
    """Whether the text, in any case, is a ticket whose check character fits."""
    return looks_like_ticket(text) and _checks(text.upper())


def looks_like_ticket(text: str) -> bool:
    """Whether somebody may have meant a ticket: four letters and digits, both present; the check is not asked."""
    return len(text) == LENGTH and text.isascii() and text.isalnum() and _mixed(text)


def repair(text: str) -> str | None:
    """The only ticket that is one confusion (0/D, 5/S, 8/B, M/N …) away; the text itself where it is right; None if unclear."""
    typed = text.upper()
    if is_ticket(typed):
        return typed
    if len(typed) != LENGTH:
        return None
    found = {
        candidate
        for index, character in enumerate(typed)
        for other in _CONFUSED.get(character, "")
        if is_ticket(candidate := typed[:index] + other + typed[index + 1 :])
    }
    return found.pop() if len(found) == 1 else None


def _mixed(text: str) -> bool:
    return any(character.isdigit() for character in text) and any(character.isalpha() for character in text)


def _checks(text: str) -> bool:
    if any(character not in ALPHABET for character in text):
        return False
    total = sum(weight * ALPHABET.index(character) for weight, character in zip(_WEIGHTS, text, strict=True))
    return total % len(ALPHABET) == _SUM
