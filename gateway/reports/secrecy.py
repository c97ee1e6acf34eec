"""Whether the sender asks to stay unknown, in whatever words: "jangan bagi tahu siapa siapa", "nama saya jangan keluar". Pure.

Set phrases come first (`words` and `never` of `[secret]` in keywords.toml); then three rules over lists of the same table: a word
that forbids shortly before one of telling; before one of knowing or showing, where somebody who may know or a name is meant; and
a word of hiding beside a name.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.words import Secret
from gateway.reports.labels import single
from gateway.reports.lexicon import Lexicon, Phrases

TELL_REACH, SHOW_REACH, NAME_REACH, KNOW_REACH = 3, 4, 4, 6
"""Words from the one that forbids to the one of telling, showing or knowing, and from there to a name."""
_REFUSES = frozenset(
    ["mau", "ingin", "usah", "minta", "mohon", "tolong", "biar", "supaya", "agar", "berani", "harap", "perlu"]
)
"""Beside "tidak" these make a wish of it: "tidak mau nama saya keluar", not "nama saya tidak keluar di DPT"."""
_ENDS = frozenset(["boleh", "silakan", "silahkan"])
_DENIES = "tidak"
_QUOTED = frozenset(["katanya", "suruh", "menyuruh", "disuruh", "nyuruh", "ngancam", "ancam", "mengancam", "dilarang"])
"""What somebody else forbids: "katanya jangan cerita ke panwas"."""


class Secrecy:
    """The words of `[secret]`, compiled once."""

    def __init__(self, secret: Secret, lexicon: Lexicon) -> None:
        self._asked: Phrases[bool] = Phrases()
        for meant, phrases in ((False, secret.never), (True, secret.words)):
            for phrase in phrases:
                self._asked.add([lexicon.resolve(word)[0] for word in phrase.casefold().split()], meant)
        self._forbids, self._doubtful = single(secret.forbids, lexicon), single(secret.forbids_directly, lexicon)
        self._tells, self._knows = single(secret.tells, lexicon), single(secret.knows, lexicon)
        self._shows, self._hides = single(secret.shows, lexicon), single(secret.hides, lexicon)
        self._names, self._myself = single(secret.names, lexicon), single(secret.myself, lexicon)
        self._triggers = self._forbids | self._doubtful | self._hides | {_DENIES}

    def find(self, words: Sequence[str], negations: frozenset[str]) -> set[int]:
        """The words that ask for secrecy; empty where nothing does."""
        found: set[int] = set()
        taken: set[int] = set()
        for start, length, meant in self._asked.everywhere(words):
            span = range(start, start + length)
            if not meant:
                taken.update(span)
            elif not (length == 1 and start and words[start - 1] in negations) and not (
                words[start] in self._forbids and not _QUOTED.isdisjoint(words[max(0, start - 3) : start])
            ):
                found.update(span)
        if found or self._triggers.isdisjoint(words):
            return found
        for start, word in enumerate(words):
            quoted = not _QUOTED.isdisjoint(words[max(0, start - 3) : start])
            if (
                word in self._triggers
                and start not in taken
                and not quoted
                and (end := self._asks_at(words, start)) is not None
            ):
                return set(range(start, end))
        return found

    def _asks_at(self, words: Sequence[str], start: int) -> int | None:
        """The end of a wish for secrecy that begins at `start`."""
        word = words[start]
        if word in self._hides:
            return self._near_name(words, start, start + 1)
        wish = word in self._forbids or (
            word == _DENIES and not _REFUSES.isdisjoint(words[max(0, start - 2) : start + 2])
        )
        reach = TELL_REACH if wish else 1 if word in self._doubtful else 0
        for at in range(start + 1, min(len(words), start + 1 + KNOW_REACH) if reach else start):
            far = at - start
            if words[at] in _ENDS:
                return None
            if far <= reach and words[at] in self._tells and word != _DENIES:
                return at + 1
            if words[at] in self._knows and wish and word != _DENIES and self._known_of(words, start, at):
                return at + 1
            shown = (far <= SHOW_REACH and words[at] in self._shows) or words[at] in self._tells
            if shown and (end := self._near_name(words, start, at + 1)) is not None:
                return end
        return None

    def _known_of(self, words: Sequence[str], start: int, at: int) -> bool:
        """ "jangan sampai kelompok itu tahu saya cerita": what must not be known is something of the sender's."""
        end = at == len(words) - 1
        return end or at - start <= 2 or not self._myself.isdisjoint(words[start + 1 : at + 1 + NAME_REACH])

    def _near_name(self, words: Sequence[str], start: int, end: int) -> int | None:
        """`end` where a name, or the sender himself, stands around."""
        beside = (*words[max(0, start - NAME_REACH) : start], *words[start + 1 : end + NAME_REACH])
        return end if not self._names.isdisjoint(beside) else None
