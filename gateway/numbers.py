"""Phone numbers: one way to write them, who may be answered, and keeping them out of what leaves the laptop."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

import phonenumbers

HOME = "ID"
COUNTRY = "62"
SHORTEST_SUBSCRIBER = 8
"""Digits; what is shorter is a service's short code."""
LONGEST_E164 = 15
LONGEST_WRITTEN = 60
"""Characters of one number with everything people write around it; what is longer is a text."""
MASK = "[nomor]"

_MOBILE = re.compile(r"8[1-35-9]\d{7,10}")
"""National part of an Indonesian mobile number (numbering plan as in libphonenumber 9.0.43)."""
_RUN = re.compile(r"[(+]{0,2}\d(?:[\W_]{0,3}\d)*")
"""Digits with at most three signs between two of them: in it a number may hide, with other figures before and behind."""
_GROUP = re.compile(r"\+?\d+")
_GROUPS_TOGETHER = 12
_BARE = 9
"""Digits of a mobile number without its zero at the least; what is shorter and stands alone counts people."""
_PERSONAL = 11
"""Digits in a row that nothing but a telephone number, a NIK (16) or an account has; a village's code has ten."""
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_FLOAT = re.compile(r"(\d{8,})[.,]0+")
_BETWEEN = re.compile(r"[/,;|&\n]|\b(?:atau|dan|or|and)\b", re.IGNORECASE)
_LETTERS_FOR_DIGITS = re.compile(r"(?<=\d)[OoIl]+(?=[\d-])|(?<![^\W\d_])[Oo](?=8\d)")
_DIGITS_MEANT = str.maketrans("OoIl", "0011")
_LOOKALIKE = re.compile(r"(?<=\d)[OoIl]+|[OoIl]+(?=\d)")

NOT_A_NUMBER = "Nomor tidak dikenali. Tulis seperti 0812xxxxxxx atau +62812xxxxxxx."
TWO_NUMBERS = "Ada dua nomor di sini. Tulis satu nomor saja; nomor kedua di baris sendiri."
SHORTENED = "Excel menyingkat nomor ini. Jadikan kolomnya Teks, lalu tulis lagi nomornya."
FIXED_LINE = "Ini nomor telepon tetap dan tidak dapat menerima SMS. Tulis nomor ponsel."
SHORT_CODE = "Ini nomor layanan atau nama, bukan nomor ponsel orang. Tulis nomor ponsel."
WRONG_LENGTH = "Angka nomor ponsel ini kurang atau lebih. Periksa nomornya."


class NumberError(ValueError):
    """Writing that is not one number of a person's phone; the text is the sentence to show."""


def normal(number: str, *, is_number: bool = True) -> str:
    """A subscriber's number as E.164; anything else (short code, name) as it came. For addresses the network gave."""
    if not is_number or sum(sign.isdigit() for sign in number) < SHORTEST_SUBSCRIBER:
        return number
    number = "+" + number[2:] if number.startswith("00") else number
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_subscriber(number: str) -> bool:
    """Whether a normalised number belongs to a person's phone, so that an answer makes sense."""
    return number.startswith("+") and number[1:].isdigit() and len(number) > SHORTEST_SUBSCRIBER


def is_home(number: str) -> bool:
    """Whether a normalised number is an Indonesian one."""
    return number.startswith("+" + COUNTRY)


def check_recipient(number: str) -> str:
    """A number as people write it, as E.164. Raises NumberError (a ValueError) with the sentence to show.

    Takes `+62 812-7400-0111`, `0062…`, `62…`, `0812 7400 0111`, `(0812) 74000111`, `812…` (the zero lost in Excel), the slip
    `+62 0812…`, a float of Excel (`81274000111.0`), full-width digits, O for 0 and l for 1 between digits, invisible signs,
    and words around it (`WA 0812… (pribadi)`). A foreign number needs its + or 00. Two numbers, fixed lines, short codes and
    names are refused: none of them is one person's phone.
    """
    plain = _plain(number)
    if len(plain) > LONGEST_WRITTEN or not plain:
        raise NumberError(NOT_A_NUMBER)
    plain = _whole(plain)
    pieces = [_signs(piece) for piece in _BETWEEN.split(plain)]
    pieces = [piece for piece in pieces if piece.strip("+")]
    if len(pieces) > 1:
        readings = {found for piece in pieces if (found := _mobile(piece))}
        joined = pieces[0] + "".join(piece.replace("+", "") for piece in pieces[1:])
        if readings and not (len(readings) == 1 and all(_mobile(piece) for piece in pieces)):
            raise NumberError(TWO_NUMBERS)
        return readings.pop() if readings else _one(joined, plain)
    return _one(pieces[0] if pieces else "", plain)


def written(number: str) -> str:
    """An E.164 number as people at home write it, in groups: `0812-7400-0111`. No spreadsheet takes it for a number."""
    digits = "0" + number[3:] if is_home(number) else "00" + number[1:]
    groups = [digits[i : i + 4] for i in range(0, len(digits), 4)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return "-".join(groups)


def mask_in_text(text: str) -> str:
    """The text without telephone numbers and identity numbers: they stay on the laptop (promise P9).

    Mobile numbers in every way people write them, behind letters (`hp0812…`), with any signs between the digits, with O for
    0, each digit alone; numbers of other countries with a +.
    """
    folded = _LETTERS_FOR_DIGITS.sub(
        lambda run: run.group().translate(_DIGITS_MEANT), "".join(_digit_or_sign(sign) for sign in text)
    )
    pieces, end = [], 0
    for run in _RUN.finditer(folded):
        for first, last in _numbers_in(run.group()):
            pieces += [text[end : run.start() + first], MASK]
            end = run.start() + last
    return "".join([*pieces, text[end:]])


def _numbers_in(run: str) -> Iterator[tuple[int, int]]:
    """Where the numbers begin and end in a run of digits and signs."""
    groups = [(found.group(), *found.span()) for found in _GROUP.finditer(run)]
    at = 0
    while at < len(groups):
        several = _together([group for group, _, _ in groups[at : at + _GROUPS_TOGETHER]])
        if several:
            first = groups[at][1]
            yield first - run[:first].endswith("("), groups[at + several - 1][2]
        at += several or 1


def _together(groups: Sequence[str]) -> int:
    """How many of these groups, from the first on, make one number; the most that do, 0 where none do."""
    if groups[0][0] not in "+068" and len(groups[0]) < _PERSONAL:
        return 0
    lengths = list(accumulate(len(group.lstrip("+")) for group in groups))
    fitting = [n for n, length in enumerate(lengths, start=1) if n == 1 or _BARE <= length <= LONGEST_E164 + 1]
    return next((n for n in reversed(fitting) if _is_private(groups[:n])), 0)


def _is_private(groups: Sequence[str]) -> bool:
    """Whether these groups of digits make one telephone or identity number."""
    first, *others = groups
    signs = "".join((first, *others))
    digits = signs.lstrip("+")
    if not others and len(digits) >= _PERSONAL:
        return True
    if len(digits) < _BARE or "+" in signs[1:] or (first == "0" and not others[0].startswith("8")):
        return False
    if any(len(group) == 1 for group in others[1:]) and any(len(group) > 1 for group in groups):
        return False  # counts stand between the figures: `0811 14 0 120`
    if len(others) > 1 and len(others[0]) <= 2 and len(others[1]) == 4 and others[1].startswith("20"):
        return False  # a date: `08-12-2026 19.30`
    if signs.startswith("+") and not digits.startswith(COUNTRY):
        return len(digits) <= LONGEST_E164
    marked = signs.startswith("+") or digits.startswith(("0", COUNTRY))
    return bool(_mobile(signs)) and (marked or not others)


def _digit_or_sign(sign: str) -> str:
    """One character for one: any script's digit as ASCII, invisible signs as a blank, the rest as it is."""
    if sign.isascii():
        return sign
    value = unicodedata.decimal(sign, None)
    if value is not None:
        return str(value)
    folded = unicodedata.normalize("NFKC", sign)
    if len(folded) == 1 and folded in "+-()./":
        return folded
    return " " if unicodedata.category(sign) == "Cf" else sign


def _plain(text: str) -> str:
    """Without invisible signs; digits and letters of every width as ASCII."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign in "\n\t")
    folded = unicodedata.normalize("NFKC", kept)
    return "".join(_digit_or_sign(sign) for sign in folded).strip(" \t\n'\"")


def _whole(plain: str) -> str:
    """What a spreadsheet made of a long number, undone."""
    if found := _SCIENTIFIC.fullmatch(plain):
        first, rest, power = found[1], found[2] or "", int(found[3])
        if len(rest.rstrip("0")) < power - 2 or power > 15:
            raise NumberError(SHORTENED)
        return str(int(Decimal(f"{first}.{rest or 0}e{power}")))
    found = _FLOAT.fullmatch(plain)
    return found[1] if found else plain


def _signs(piece: str) -> str:
    """Digits of a piece, with a + in front where it had one; words around them dropped."""
    piece = _LOOKALIKE.sub(lambda run: run.group().translate(_DIGITS_MEANT), piece)
    digits = "".join(sign for sign in piece if sign.isdigit())
    start = re.search(r"[+\d]", piece)
    return ("+" if start and start.group() == "+" else "") + digits


def _mobile(signs: str) -> str | None:
    """The E.164 number of an Indonesian mobile phone, or None. `signs`: digits, perhaps with a + in front."""
    digits = signs.lstrip("+")
    if digits.startswith("00") and not signs.startswith("+"):
        digits = digits[2:]
    national = digits.removeprefix(COUNTRY) if digits.startswith((COUNTRY + "8", COUNTRY + "0")) else digits
    if signs.startswith("+") and national == digits:
        return None
    national = national.removeprefix("0")
    return f"+{COUNTRY}{national}" if _MOBILE.fullmatch(national) else None


def _one(signs: str, plain: str) -> str:
    """The number these signs make; `plain` is the whole writing."""
    digits = signs.lstrip("+")
    if len(digits) < SHORTEST_SUBSCRIBER:
        raise NumberError(SHORT_CODE if any(sign.isalnum() for sign in plain) else NOT_A_NUMBER)
    if found := _mobile(signs):
        return found
    if len(digits) >= 2 * (SHORTEST_SUBSCRIBER + 1) and _two_in_a_row(digits):
        raise NumberError(TWO_NUMBERS)
    international = signs.startswith("+") or digits.startswith("00")
    at_home = digits.removeprefix("00").startswith(COUNTRY) if international else True
    try:
        parsed = phonenumbers.parse("+" + digits.removeprefix("00") if international else digits, HOME)
    except phonenumbers.NumberParseException:
        raise NumberError(NOT_A_NUMBER) from None
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise NumberError(FIXED_LINE)
    if at_home:
        looks_mobile = str(parsed.national_number).startswith("8")
        raise NumberError(WRONG_LENGTH if looks_mobile else NOT_A_NUMBER)
    if kind not in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE):
        raise NumberError(NOT_A_NUMBER)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _two_in_a_row(digits: str) -> bool:
    """Whether the digits are two mobile numbers written one behind the other."""
    return any(_mobile(digits[:at]) and _mobile(digits[at:]) for at in range(9, len(digits) - 8))
