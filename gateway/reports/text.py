"""From a text as typed to tokens. Pure.

`clean` makes look-alike characters alike; `tokenise` cuts into words and numbers with any separators, takes apart what
was glued together (`LAPORBENTROK`, `M14K0`, `3O`) and keeps whole what only looks like numbers (dates, times, money,
telephone numbers). Tokens remember where they stood, so that the rest can be quoted as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from gateway.reports.lexicon import Lexicon

LONGEST_TEXT = 1530
"""Characters read of one message: ten joined SMS of 153. Real ones are far below, and 100 kB must not cost more than this."""
MOST_MARKS = 2
"""Combining marks on one letter; no language people write here needs more."""

WORD, NUMBER, CODE, DATE, CLOCK, MONEY, PHONE, USSD, LINK, UNKNOWN = (
    "word", "number", "code", "date", "clock", "money", "phone", "ussd", "link", "unknown",
)  # fmt: skip


@dataclass(slots=True)
class Token:
    """One word or number. `start`/`end` are places in the cleaned text; `chunk` is what stood between two separators."""

    kind: str
    word: str
    start: int
    end: int
    chunk: str
    how: str = ""
    """How `word` was reached (see lexicon)."""
    number: int | None = None
    approximate: bool = False
    repeated: bool = False
    """Written with a 2 for reduplication: `rame2`."""
    glued: bool = False
    """No separator in front: same chunk as the token before."""


_SPACE = re.compile(r"[\s\u00a0]+")
_FOLD = str.maketrans({"’": "'", "`": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "×": "x"})

_PIECES = re.compile(
    r"""
    (?P<plain>(?!rp\b)[^\W\d_]++(?=[ ,]|$))  # nearly every word: before all the others that it cannot be
  | (?P<link>(?:https?://|www\.)\S+|\b[a-z0-9][a-z0-9-]{0,62}\.(?:com|net|xyz|co\.id|go\.id|or\.id|my\.id|ly|online|club|vip|top|asia)\b(?:/\S*)?)
  | (?P<ussd>\*\d\d[\d*]{0,60}\#)
  | (?P<code>(?<![\w.])15[ .]?07[ .]?\d\d[ .]?[1-3]\d{3}(?!\w))
  | (?P<money>\brp\.?\s*\d[\d.,]*\s*(?:rb|ribu|jt|juta|k)?\b)
  | (?P<phone>(?<!\w)(?:\(?\+?62|\(?0)[ .)-]{0,2}8[1-35-9]\d
      (?:(?:-?\d){6,10}|\d{0,2}\)?(?:[ .-]{0,2}\d{3,4}){2,3})(?!\w))
  | (?P<date>(?<![\w/.:-])(?:0?[1-9]|[12]\d|3[01])(?P<mark>[/.-])(?:0?[1-9]|1[0-2])(?P=mark)(?:20)?2\d(?![\w/:-]))
  | (?P<clock>(?<![\w:.,/#*-])(?:[01]?\d|2[0-3])(?P<colon>[:.])[0-5]\d(?![\w:,/#*]|\.\w|-\d))
  | (?P<thousand>(?<![\w.])[1-9]\d{0,2}(?:\.000)(?![\w]|\.\d))
  | (?P<chunk>[^\W_]+(?:'[^\W_]+)*)
  | (?P<unknown>(?<![^\s,;/\#*])\?+(?![^\s,;/\#*]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DIGITS_ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1", "|": "1"})
_ALIKE = re.compile(r"(?=.*\d)[0-9oil|]+")
_MARKED_PAIR = re.compile(r"m([0-9oil]+)k([0-9oil]+)")
_SPACED_LETTERS = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_]){3,}(?!\S)")
_DIGITS_IN_WORD = re.compile(r"(?=(?:[^a-z]*[a-z]){3})[013457]?[a-z]+(?:[013457][a-z]+)*")
_AS_LETTERS = [str.maketrans("013457", letters) for letters in ("oleast", "oieast")]
_TWICE = re.compile(r"([a-z]{2,})2(an|nya|in|lah|i|kan|x)?")
_ABOUT = re.compile(r"(\d[\do]*?)(?:o?an)")
_RUNS = re.compile(r"\d+|[^\d]+")


def clean(text: str) -> str:
    """Full-width, styled and accented letters made plain, invisible characters dropped, blanks collapsed."""
    plain = text[: 2 * LONGEST_TEXT]
    if plain.isascii():
        plain = plain.translate(_PLAIN_ASCII)
    else:
        normal = unicodedata.normalize("NFKC", _few_marks(plain))[: 2 * LONGEST_TEXT].translate(_FOLD)
        plain = "".join(map(_visible, normal))
    spaced = _SPACE.sub(" ", plain).strip()[:LONGEST_TEXT]
    return _SPACED_LETTERS.sub(lambda run: run.group().replace(" ", ""), spaced)


def _few_marks(text: str) -> str:
    """At most MOST_MARKS combining marks on a letter: sorting thousands of them takes the square of their number."""
    marks = 0
    kept = []
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _visible(character: str) -> str:
    """The character, a letter without its accent, a blank for what separates words, nothing for what cannot be seen."""
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Cs", "Co", "Cn"):
        return ""
    if category in ("Cc", "So", "Sk", "Zl", "Zp"):
        return " "
    letter = unicodedata.normalize("NFD", character)[0]
    return letter if letter.isascii() and letter.isalpha() else character


_PLAIN_ASCII = {code: _visible(chr(code).translate(_FOLD)) for code in range(128)}


def tokenise(text: str, lexicon: Lexicon, countable: AbstractSet[str]) -> list[Token]:
    """Tokens of a cleaned text. `countable` words may have a 2 glued to them that is a number (`lambur2`, `rt2`)."""
    tokens: list[Token] = []
    for match in _PIECES.finditer(text):
        kind = match.lastgroup or ""  # groups inside a kind close before it, so the last one is the kind
        raw = match.group()
        start, end = match.span()
        if kind == "plain" and len(folded := raw.casefold()) == len(raw):
            for piece, word, how in lexicon.words(folded):
                tokens.append(
                    Token(WORD, word, start, start + len(piece), raw, how, None, False, False, start > match.start())
                )
                start += len(piece)
        elif kind in ("plain", "chunk"):
            tokens.extend(_split(raw, start, lexicon, countable))
        elif kind == "clock" and match.group("colon") == "." and not _clock_word(tokens, text, end):
            whole, _, rest = raw.partition(".")
            for piece, at in ((whole, start), (rest, start + len(whole) + 1)):
                tokens.append(Token(NUMBER, piece, at, at + len(piece), piece, number=int(piece)))
        elif kind == "thousand":
            tokens.append(Token(NUMBER, raw, start, end, raw, number=int(raw.replace(".", ""))))
        else:
            word = re.sub(r"\D", "", raw) if kind == "code" else raw.casefold()
            tokens.append(Token(kind, word, start, end, raw))
    return tokens


def _clock_word(tokens: list[Token], text: str, end: int) -> bool:
    before = tokens[-1].word if tokens else ""
    return before in ("jam", "pukul") or text[end : end + 4].strip().casefold().startswith("wi")


def _split(raw: str, start: int, lexicon: Lexicon, countable: AbstractSet[str]) -> list[Token]:
    """The tokens of one run of letters and digits."""
    folded = raw.casefold()
    if len(folded) != len(raw):  # a letter that folds to two: places would no longer fit
        folded = raw.lower() if len(raw.lower()) == len(raw) else raw
    if folded.isalpha():
        return _words(folded, start, raw, lexicon)
    if folded.isdecimal() and folded.isascii():
        return [_number(folded, start, raw)]
    if _ALIKE.fullmatch(folded):
        return [_number(folded.translate(_DIGITS_ALIKE), start, raw, how="angka mirip huruf")]
    if not folded.isascii() or "'" in folded:
        return _words(folded, start, raw, lexicon)
    if pair := _MARKED_PAIR.fullmatch(folded):
        return _pair(pair, start, raw)
    if (twice := _TWICE.fullmatch(folded)) and lexicon.resolve(twice.group(1))[0] not in countable:
        word, how = lexicon.resolve(twice.group(1))
        if twice.group(2) == "an" and lexicon.knows(word + "an"):
            word += "an"
        return [Token(WORD, word, start, start + len(raw), raw, how=how, repeated=True)]
    if _DIGITS_IN_WORD.fullmatch(folded) and (read := _lettered(folded, lexicon)):
        return [Token(WORD, read, start, start + len(raw), raw, how="huruf mirip angka")]
    if about := _ABOUT.fullmatch(folded):
        token = _number(about.group(1).replace("o", "0"), start, raw)
        token.end, token.approximate = start + len(raw), True
        return [token]
    return _runs(folded, start, raw, lexicon)


def _lettered(folded: str, lexicon: Lexicon) -> str | None:
    """The word somebody wrote with digits for letters ("g3sek", "1apor")."""
    return next((word for table in _AS_LETTERS if lexicon.spells(word := folded.translate(table))), None)


def _pair(pair: re.Match[str], start: int, raw: str) -> list[Token]:
    tokens: list[Token] = []
    for label, group in (("m", 1), ("k", 2)):
        at = start + pair.start(group)
        tokens.append(Token(WORD, label, at - 1, at, raw, glued=group == 2))
        digits = pair.group(group).translate(_DIGITS_ALIKE)
        tokens.append(_number(digits, at, raw, glued=True))
    return tokens


def _number(digits: str, start: int, raw: str, how: str = "", glued: bool = False) -> Token:
    value = int(digits) if len(digits) <= 9 else None
    return Token(NUMBER, digits, start, start + len(digits), raw, how=how, number=value, glued=glued)


def _words(folded: str, start: int, raw: str, lexicon: Lexicon) -> list[Token]:
    tokens: list[Token] = []
    for piece, word, how in lexicon.words(folded):
        tokens.append(Token(WORD, word, start, start + len(piece), raw, how, glued=bool(tokens)))
        start += len(piece)
    return tokens


def _runs(folded: str, start: int, raw: str, lexicon: Lexicon) -> list[Token]:
    tokens: list[Token] = []
    for run in _RUNS.finditer(folded):
        piece, at = run.group(), start + run.start()
        before = tokens[-1] if tokens else None
        if piece.isdecimal() and piece.isascii():
            tokens.append(_number(piece, at, raw, glued=before is not None))
            continue
        if before is not None and before.number is not None and piece[0] == "o" and not lexicon.knows(piece):
            most = len(piece) - len(piece.lstrip("o"))
            zeros = next((n for n in range(1, most + 1) if piece[n:] == "an" or lexicon.knows(piece[n:])), most)
            tokens[-1] = before = _number(before.word + "0" * zeros, before.start, raw, how="angka mirip huruf")
            before.end = at + zeros
            piece, at = piece[zeros:], at + zeros
            if piece == "an":
                before.approximate, before.end = True, at + 2
                continue
        if piece:
            for token in _words(piece, at, raw, lexicon):
                token.glued = token.glued or before is not None
                tokens.append(token)
    return tokens
