"""Words that make a number a count, and of what: "massa 14", "2 orang luka", "K0". Pure."""

from __future__ import annotations

from collections.abc import Sequence

from config.knowledge import Numbers
from gateway.reports.lexicon import Lexicon, Phrases
from gateway.reports.text import Token

MASSA, KORBAN, DEAD, INJURED, LOST = COUNTED = ("massa", "korban", "md", "luka", "hilang")
TREATED = "treated"
"""Some of the injured ("1 dirujuk ke RS")."""
_BETWEEN = frozenset(
    [
        "yang", "jadi", "menjadi", "sudah", "telah", "sempat", "kami", "juga", "pada", "semua", "ikut", "mengalami", "dilaporkan",
        "terpaksa", "lah", "cuma", "hanya", "lainnya", "lain",
    ]
)  # fmt: skip
_LIMBS = frozenset(["bocor", "robek", "sobek", "patah", "retak", "copot"])
_AND = frozenset(["dan", "serta", "sama"])
_AT_FIRST = frozenset(["awalnya", "semula", "mulanya", "tadinya", "awal"])
"""In front of a number that a later one replaces: "awalnya 12, kini 40"."""
MOST_PERSONS = 3
"""Words for people between a number and what befell them: "2 orang anggota linmas luka"."""


def read(phrase: str, lexicon: Lexicon) -> list[str]:
    """The words of a phrase as the vocabulary writes them."""
    return [lexicon.resolve(word)[0] for word in phrase.split()]


def single(words: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """Words as listed and as the vocabulary writes them."""
    return frozenset(words) | {lexicon.resolve(word)[0] for word in words}


def broken(tokens: Sequence[Token], text: str, end: int) -> bool:
    """Whether a comma or full stop cuts the number from what follows."""
    if end >= len(tokens):
        return False
    gap = text[tokens[end - 1].end : tokens[end].start]
    return any(mark in gap for mark in ",;/#*|") or ". " in gap


class Labels:
    """The labels of counts, compiled once."""

    def __init__(self, numbers: Numbers, lexicon: Lexicon) -> None:
        self.fillers = frozenset(numbers.fillers.words)
        """May stand between a label and its number."""
        self._instead = single(numbers.instead.words, lexicon)
        self.people = single(numbers.people.words, lexicon)
        self.sure_people = single(numbers.people.sure, lexicon)
        self.persons = single(numbers.labels["persons"], lexicon) | self.people
        """People who may be hurt, crowd or not."""
        self.few = single(numbers.labels["few"], lexicon)
        self.officials = self.few - {"kami", "kito", "kita"}
        """Whose number is no crowd."""
        self.genders = single(numbers.labels["genders"], lexicon)
        self.struck = single([phrase for phrase in numbers.labels["victims"] if " " not in phrase], lexicon) - {KORBAN}
        """What is done to victims: "2 saksi dipukul"."""
        self.single = single(numbers.labels["single"], lexicon)
        """One person."""
        self.things = single(numbers.labels["things"], lexicon)
        """What is hit instead of a person: "rumah pak RT dilempari"."""
        self.assaults = single(numbers.labels["assaults"], lexicon)
        self.wounds = single(numbers.labels["wounds"], lexicon)
        """Signs of an injury that are no label of a number."""
        self.wounded = single(numbers.labels["wounded"], lexicon)
        """Wounds that only people have; of those counted in front."""
        self.bodies = single(numbers.labels["bodies"], lexicon)
        """Parts of the body, between people and their wound: "dua kepala bocor"."""
        self.damage = single(numbers.labels["damage"], lexicon)
        """In front of a number of things: "kacanya pecah 2"."""
        self.telephones = frozenset(numbers.labels["telephones"])
        self.phrases: Phrases[str] = Phrases()
        for name in (*COUNTED, TREATED):
            for phrase in numbers.labels[name]:
                self.phrases.add(read(phrase, lexicon), name)
        self.harms = frozenset(
            self.assaults
            | {read(phrase, lexicon)[0] for phrase in numbers.labels["victims"] if phrase != KORBAN}
            | {"kena"}
            | {read(phrase, lexicon)[0] for name in (DEAD, LOST) for phrase in numbers.labels[name]}
        )
        """First words of what befalls people."""
        self.words = frozenset(self.people | self.phrases.first_words() | single(numbers.labels["victims"], lexicon))
        """Words that make the number beside them a count."""
        letters = frozenset(label for label in self.words if len(label) == 1)  # the M of "Lambur 2 M. Yusuf"
        self.sure = frozenset((self.words - self.people - letters) | self.sure_people)
        """Those that do so even where the number could end the name of a village: "Lambur 2 orang", not "Lambur 2 warga"."""

    def is_people(self, words: Sequence[str], index: int) -> bool:
        """Whether a word for people stands at `index`."""
        return index < len(words) and words[index] in self.people

    def before(self, words: list[str], index: int) -> tuple[str, int] | None:
        """The label that ends directly before `index`, fillers like "sekitar" or "ada" between allowed: name and its start."""
        end = index
        for _ in range(4):
            if end > 1 and words[end - 1].isdigit() and (words[end - 2] == "bukan" or words[end] in self._instead):
                end -= 2 if words[end - 2] in ("bukan", "dari") else 1
            elif end and words[end - 1] in self.fillers:
                end -= 1
            elif end == index and end > 1 and words[end - 1] == "orang" and words[end - 2] in self.wounded:
                end -= 1  # "getihen wong telu"
        for start in range(max(0, end - 3), end):
            found = self.phrases.at(words, start) if words[start] else None
            if found is not None and start + found[1] == end:
                return found[0], start
        return None

    def after(self, words: list[str], index: int) -> tuple[str, int, int] | None:
        """The label directly behind `index`, words for people between allowed: name, start, end."""
        start, people = index, False
        while start < len(words) and start < index + MOST_PERSONS and words[start]:
            wound = self._wound_at(words, start + 1) if words[start] == "kena" else None
            if wound is not None:
                return INJURED, start, wound
            found = self.phrases.at(words, start)
            if found is not None and (found[0] != MASSA or not people) and not (people and words[start] in self.people):
                return found[0], start, start + found[1]
            if words[start] == MASSA:
                return MASSA, start, start + 1
            if (wound := self._wound_at(words, start)) is not None:
                return INJURED, start, wound
            if people and words[start] in _LIMBS and words[index - 2] in self.bodies:
                return INJURED, start, start + 1  # "kepala 2 orang bocor"
            if words[start] not in self.persons and words[start] not in _BETWEEN:
                return self._with_others(words, start) if people else None
            people = people or words[start] in self.persons
            start += 1
        if start >= len(words) or not words[start]:
            return None
        found = self.phrases.at(words, start)
        if found is not None and (found[0] != MASSA or start == index):
            return found[0], start, start + found[1]
        return self._with_others(words, start)

    def _wound_at(self, words: list[str], index: int) -> int | None:
        """The end of a wound that begins here: "bengkak", "kepala bocor", "bocor kepala", "giginya copot"."""
        if index >= len(words):
            return None
        word, after = words[index], words[index + 1] if index + 1 < len(words) else ""
        if word in self.wounded:
            return index + 1
        hurt = (word in self.bodies and after in self.wounds) or (word in self.wounds and after in self.bodies)
        return index + 2 if hurt else None

    def _with_others(self, words: list[str], index: int) -> tuple[str, int, int] | None:
        """The harm that "1 polisi dan 2 warga luka" tells of the first, too."""
        if index + 2 < len(words) and words[index] in _AND and words[index + 1].isdigit():
            found = self.after(words, index + 2)
            return found if found and found[0] in (DEAD, INJURED, LOST) else None
        return None

    def corrects(self, word: str) -> bool:
        """Whether the number behind this word takes the place of an earlier one."""
        return word in self._instead or word in ("benar", "betul", "tapi", "tetapi")

    def replaced(self, tokens: Sequence[Token], words: list[str], start: int, end: int) -> bool:
        """Whether a correction takes this number back: "bukan 14", "14 jadi 40"."""
        before = words[start - 1] if start else ""
        follows = end + 1 < len(words) and tokens[end + 1].number is not None
        later = any(token.number is not None for token in tokens[end:])
        if (
            (before in _AT_FIRST and later)
            or before == "bukan"
            or (end < len(words) and words[end] in self._instead and follows)
        ):
            return True
        at = end
        while at < len(words) and at < end + 2 and (words[at] in self.people or words[at] == "lagi"):
            at += 1
        if at < len(words) and words[at] == "yang" and at + 1 < len(words) and words[at + 1] in ("benar", "betul"):
            at += 1  # "51 orang yang benar 15"
        elif at == end:
            return False
        corrects = at < len(words) and (words[at] in self._instead or words[at] in ("benar", "betul"))
        return corrects and at + 1 < len(words) and tokens[at + 1].number is not None
