"""Whether a message reads like the rest of an earlier one. Pure."""

from __future__ import annotations

import re

_SAYS_SO = re.compile(
    r"\s*(?:\W*(?:ini|mf|maaf|ijin|izin|pak|bu)\W+)*"
    r"(?:lanjut(?:an)?(?:nya|ny|x)?|sambung(?:an)?(?:nya|ny|x)?|smbungan|lnjutan|terusan(?:nya)?|tambahan sms tadi)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\s*[(\[]?\s*(?:bagian|part|hal|sms)?\s*([2-9])\s*(?:/|dari|of)\s*([2-9])\s*(?:[)\].:,-]|\s)\s*\D", re.IGNORECASE
)
_IN_MID_SENTENCE = re.compile(
    r"\s*(?:\.{2,}|…|,|\)|"
    r"(?:dan|dn|terus|trs|trus|lalu|kemudian|kmudian|karena|krn|karna|tapi|tp|tetapi|sehingga|shg|serta|juga|sedangkan|sdgkn|padahal|makanya|maka)\b(?!\s*[?]))"
)
"""Small letters on purpose: a new thought begins with a capital, where its writer uses them."""


def says_so(text: str) -> bool:
    """Whether the text says that it goes on ("lanjutannya pak ...", "sambungan: ...") or is numbered so ("(2/2) ...")."""
    numbered = _NUMBERED.match(text)
    if numbered is not None and int(numbered.group(1)) <= int(numbered.group(2)):
        return True
    return _SAYS_SO.match(text) is not None


def continues(text: str) -> bool:
    """Whether the text says that it goes on, or begins in the middle of a sentence."""
    return says_so(text) or _IN_MID_SENTENCE.match(text) is not None
