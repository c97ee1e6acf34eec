"""The GSM 7 bit alphabets (3GPP TS 23.038): what fits an SMS of 160 signs, what can be made to fit, and reading septets. Pure.

The national language tables (clause A) are those that phones sold here can be set to; a reader that lacks one ignores the
wish for it (TS 23.040 9.2.3.24.15), and so does this one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

ESCAPE = 0x1B
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet by code (6.2.1)."""
EXTENSIONS: Mapping[int, str] = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
"""Its extension table by the code behind the escape (6.2.1.1)."""
BASIC = frozenset(DEFAULT) - {"\x1b"}
EXTENSION = frozenset(EXTENSIONS.values())
"""Signs of the extension table: each takes two septets."""

TURKISH, SPANISH, PORTUGUESE = 1, 2, 3
SINGLE_SHIFT: Mapping[int, Mapping[int, str]] = {
    TURKISH: {
        **EXTENSIONS, 0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş",
    },
    SPANISH: {
        **EXTENSIONS, 0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú",
    },
    PORTUGUESE: {
        **EXTENSIONS, 0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x12: "Φ", 0x13: "Γ", 0x15: "Ω",
        0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê", 0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã",
        0x5C: "Õ", 0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â",
    },
}  # fmt: skip
"""National extension tables by language (A.2)."""


def _changed(changes: Mapping[int, str]) -> str:
    return "".join(changes.get(code, sign) for code, sign in enumerate(DEFAULT))


LOCKING_SHIFT: Mapping[int, str] = {
    TURKISH: _changed(
        {0x04: "€", 0x07: "ı", 0x0B: "Ğ", 0x0C: "ğ", 0x1C: "Ş", 0x1D: "ş", 0x40: "İ", 0x60: "ç"},
    ),
    PORTUGUESE: _changed({
        0x04: "ê", 0x06: "ú", 0x07: "í", 0x08: "ó", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x12: "ª",
        0x13: "Ç", 0x14: "À", 0x15: "∞", 0x16: "^", 0x17: "\\", 0x18: "€", 0x19: "Ó", 0x1A: "|", 0x1C: "Â", 0x1D: "â",
        0x1E: "Ê", 0x24: "º", 0x40: "Í", 0x5B: "Ã", 0x5C: "Õ", 0x5D: "Ú", 0x60: "~", 0x7B: "ã", 0x7C: "õ", 0x7D: "`",
    }),
}  # fmt: skip
"""National alphabets that stand in for the default one, by language (A.3)."""

SEPTETS_ONE = 160
SEPTETS_PART = 153
UCS2_ONE = 70
UCS2_PART = 67

_REPLACEMENTS: Mapping[str, str] = {
    sign: instead
    for signs, instead in (
        ("‘’‚‛′‵´`ʹʻʼʽ‹›", "'"),
        ("“”„‟″‶«»〝〞", '"'),
        ("‐‑‒–—―−⁃•‣∙·●◦▪▫■", "-"),
        ("…", "..."),
        ("⁄∕÷", "/"),
        ("→➔➜➝➞➡⇒⟶", "->"),
        ("←⬅⇐⟵", "<-"),
        ("↔⇔", "<->"),
        ("✓✔☑✅", "v"),
        ("✗✘✕✖❌×", "x"),
        ("≤", "<="),
        ("≥", ">="),
        ("≈", "~"),
        ("±", "+/-"),
        ("°", " derajat"),
        ("©", "(c)"),
        ("®", "(R)"),
        ("µμ", "u"),
        ("ł", "l"), ("Ł", "L"), ("đ", "d"), ("Đ", "D"), ("ı", "i"), ("œ", "oe"), ("Œ", "OE"),
        ("\t\v\x85", " "),
        ("\u2028\u2029", "\n"),
    )
    for sign in signs
}  # fmt: skip

_FRACTION = re.compile("(?<=[0-9])(?=[¼-¾⅐-⅞])")
_POWER = re.compile("(?<=[0-9])(?=[²³¹⁰⁴-⁹])")
"""Where a plain sign would make another number of it: 2½ is not 21/2, 10² not 102."""


def is_gsm7(text: str) -> bool:
    """Whether every sign is in the default alphabet or its extension."""
    return all(sign in BASIC or sign in EXTENSION for sign in text)


def transliterate(text: str) -> str:
    """The text in signs of the GSM alphabet, where plain signs say the same: a curly quote would double the price.

    All or nothing: where one sign has no plain form, or the plain text would take more SMS, the text comes back as it is.
    """
    if is_gsm7(text):
        return text
    apart = _FRACTION.sub(" ", _POWER.sub("^", text))
    plain = "".join(_plain(sign) for sign in unicodedata.normalize("NFC", apart))
    return plain if is_gsm7(plain) and _parts(plain) <= _parts(text) else text


def parts_needed(text: str) -> tuple[str, int]:
    """How a text leaves and how many SMS that takes: (`gsm7` or `ucs2`, parts), after `transliterate`."""
    sent = transliterate(text)
    return ("gsm7" if is_gsm7(sent) else "ucs2"), _parts(sent)


def unpack(octets: bytes, count: int, skip: int = 0) -> list[int]:
    """Septets packed from the lowest bit (6.1.2.1): `count` at most, as many as are there, without the first `skip`."""
    value = int.from_bytes(octets, "little")
    return [value >> 7 * place & 0x7F for place in range(skip, min(count, len(octets) * 8 // 7))]


def read(septets: Iterable[int], locking: int = 0, single: int = 0) -> str:
    """Text of these codes, with the tables of languages `locking` and `single` (0 the default ones).

    An escape to a sign the table lacks shows the basic sign; a lone one, or one before another, is a space (6.2.1.1).
    """
    alphabet, extensions = LOCKING_SHIFT.get(locking, DEFAULT), SINGLE_SHIFT.get(single, EXTENSIONS)
    signs = []
    codes = iter(septets)
    for code in codes:
        if code != ESCAPE:
            signs.append(alphabet[code])
            continue
        following = next(codes, ESCAPE)
        signs.append(" " if following == ESCAPE else extensions.get(following, alphabet[following]))
    return "".join(signs)


def _plain(sign: str) -> str:
    """This sign in signs of the alphabet; itself where there are none."""
    if sign in BASIC or sign in EXTENSION:
        return sign
    if sign in _REPLACEMENTS:
        return _REPLACEMENTS[sign]
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    if category in (
        "Cf",
        "Cc",
        "Mn",
    ):  # zero-width signs, controls, marks and variants with nothing of their own to show
        return ""
    apart = unicodedata.normalize("NFKD", sign)
    return sign if apart == sign else "".join(_plain(piece) for piece in apart)


def _parts(text: str) -> int:
    if is_gsm7(text):
        return _cut([2 if sign in EXTENSION else 1 for sign in text], SEPTETS_ONE, SEPTETS_PART)
    return _cut([2 if sign > "\uffff" else 1 for sign in text], UCS2_ONE, UCS2_PART)


def _cut(widths: Sequence[int], one: int, part: int) -> int:
    """Parts that signs of these widths fill, none of them cut in two."""
    if sum(widths) <= one:
        return 1
    parts, filled = 1, 0
    for width in widths:
        if filled + width > part:
            parts, filled = parts + 1, 0
        filled += width
    return parts
