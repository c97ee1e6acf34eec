"""What the sender wants, from the reading of a message. Pure.

The order matters and is: nothing to read; the operator; a command in front; junk; emergency; zero report; report; a short
answer; free text. An emergency is never missed, junk never accepted, and everyday words alone are neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.reports.gazetteer import OWN
from gateway.reports.knowledge import Knowledge
from gateway.reports.reading import COMMANDS, Keyword, Reading, skipped
from gateway.reports.text import LINK, MONEY, NUMBER, USSD, WORD
from gateway.reports.timing import NEGATIONS
from gateway.reports.understanding import Intent, Sender

SHORT_ANSWER = 5
"""Words of the longest answer to a question of ours."""
SHORT_CALL = 3
"""A bare "tolong!" or "bahaya pak" this short is an emergency by itself."""
SHORT_CALM = 14
"""Words, politeness not counted, of the longest "... aman ..." that is a zero report without the keyword."""
SIGN_WEIGHT = 2
"""What a link, a USSD code or an amount of money weighs as a sign of junk."""
UNCERTAIN = frozenset(["semoga", "moga", "apakah", "apa", "rencana", "belum"])
"""With one of these "aman" is a wish or a question, no zero report."""
VOWELS = frozenset("aeiou")


@dataclass(frozen=True)
class Decision:
    """An intent and why."""

    intent: Intent
    why: str
    event: bool = False
    """Free text that may be about an event: a person must see it as a report."""
    acute: bool = False
    """Free text with a word of mortal danger."""


def decide(reading: Reading, sender: Sender, knowledge: Knowledge) -> Decision:
    """The intent of a message that is not empty."""
    if is_machine(sender.number):
        return Decision(Intent.OPERATOR, "pengirim bukan nomor telepon orang")
    if not reading.tokens:
        return Decision(Intent.KACAU, "tidak ada huruf atau angka")
    junk = _junk(reading, knowledge)
    return (
        _command(reading, sender, knowledge, junk)
        or _junk_decision(reading, knowledge, junk)
        or _emergency(reading, knowledge)
        or _zero(reading, knowledge)
        or _report(reading)
        or _answer(reading, knowledge)
        or _rest(reading, knowledge, junk)
    )


def is_machine(number: str) -> bool:
    """Short codes and names: never a person, never answered. '' is unknown and may be a person."""
    if not number:
        return False
    digits = number.lstrip("+").replace(" ", "").replace("-", "")
    return not digits.isdecimal() or len(digits) < 8


def _junk(reading: Reading, knowledge: Knowledge) -> dict[str, tuple[int, int]]:
    """Weight by kind of junk: (all signs, strong signs)."""
    kinds = [token.kind for token in reading.tokens]
    links, codes, money = kinds.count(LINK), kinds.count(USSD), kinds.count(MONEY)
    weights = {}
    for signs in knowledge.junk:
        found = [weight for _, _, weight in signs.phrases.everywhere(reading.words)]
        extra = {"operator": links + 2 * codes, "spam": SIGN_WEIGHT * min(links, 1) + min(money, 2), "private": 0}[
            signs.kind
        ]
        weights[signs.kind] = (sum(found) + extra, found.count(2) + (codes if signs.kind == "operator" else 0))
    return weights


def _command(
    reading: Reading, sender: Sender, knowledge: Knowledge, junk: dict[str, tuple[int, int]]
) -> Decision | None:
    """Commands with a ticket anywhere, or in front."""
    for keyword in reading.keywords:
        if keyword.intent in COMMANDS and reading.ticket and (keyword.first or _near_ticket(reading, keyword)):
            return Decision(Intent(keyword.intent), "perintah dengan nomor laporan")
    asked = next((k for k in reading.keywords if k.intent == "bantuan" and k.end - k.start > 1), None)
    if asked is not None and not reading.mentions and not reading.jenis_certain:
        return Decision(Intent.BANTUAN, "menanyakan cara melapor")
    front = next((k for k in reading.keywords if k.first), None)
    if front is None:
        return _ticket_alone(reading, sender, knowledge)
    rest = len(reading.tokens) - front.end
    junky = max(junk["operator"][0], junk["spam"][0]) >= knowledge.junk_limit
    word = reading.words[front.start]
    content = _content(reading, knowledge, front.end)
    if front.intent == "koreksi" or (front.intent == "susul" and word in ("susul", "susulan", "menyusul")):
        accepted = not junky
    elif front.intent == "batal":
        accepted = rest <= SHORT_ANSWER
    elif front.intent == "cek":
        accepted = rest <= SHORT_ANSWER and all(w in ("lapor", "laporan", "nomor", "tiket", "status") for w in content)
    elif front.intent == "verif":
        accepted = rest <= SHORT_CALL
    elif front.intent == "tl":
        accepted = not junky
    elif front.intent == "terima":
        accepted = not content and "kasih" not in reading.words[front.end :]
    elif front.intent == "daftar":
        accepted = not junky and (rest == 0 or _names_role(reading, knowledge, front.end) or bool(reading.mentions))
    elif front.intent == "bantuan":
        accepted = not junky and not reading.mentions and not reading.jenis_certain and len(content) <= SHORT_ANSWER
        accepted = (
            accepted and not (set(reading.words) & knowledge.danger) and (rest == 0 or word != "info" or _asks(content))
        )
        accepted = accepted and not (set(reading.words) & {"sembako", "pulsa", "dana", "polisi", "uang"})
    elif front.intent == "susul":
        others = {k.intent for k in reading.keywords} - {"susul"}
        accepted = not junky and not others and (rest <= 1 or bool(reading.mentions) or reading.jenis_certain)
        accepted = accepted and not _calm(reading)
    else:
        return None
    return Decision(Intent(front.intent), "perintah di depan") if accepted else None


def _near_ticket(reading: Reading, keyword: Keyword) -> bool:
    reach = range(keyword.start - 2 if keyword.intent == "batal" else keyword.end, keyword.end + 4)
    return any(index in reach for index in reading.ticket_tokens)


def _ticket_alone(reading: Reading, sender: Sender, knowledge: Knowledge) -> Decision | None:
    """Only a ticket: the status is asked. With YA or TIDAK: an officer verifies, others answer. In front of news: an addition."""
    if reading.ticket is None or reading.ticket_doubts:
        return None
    others = [
        i
        for i in range(len(reading.tokens))
        if i not in reading.ticket_tokens and not knowledge.skip.at(reading.words, i)
    ]
    results = {
        i for start, length, _ in knowledge.results.everywhere(reading.words) for i in range(start, start + length)
    }
    if results and set(others) <= results:
        officer = sender.role in knowledge.officers
        return Decision(Intent.VERIF if officer else Intent.KONFIRMASI, "nomor laporan dengan ya, tidak atau belum")
    if len(others) <= 1 and reading.fase is None and not reading.jenis_certain and not reading.mentions:
        return Decision(Intent.CEK, "hanya nomor laporan")
    first = min(reading.ticket_tokens) == skipped(reading.words, 0, knowledge.skip)
    return Decision(Intent.SUSUL, "nomor laporan di depan kabar") if first and not reading.keywords else None


def _content(reading: Reading, knowledge: Knowledge, start: int) -> list[str]:
    words, index = [], start
    while index < len(reading.words):
        found = knowledge.skip.at(reading.words, index)
        if found is None:
            words.append(reading.words[index])
        index += found[1] if found else 1
    return words


def _names_role(reading: Reading, knowledge: Knowledge, start: int) -> bool:
    return any(position >= start for position, _, _ in knowledge.roles.everywhere(reading.words))


def _asks(content: Sequence[str]) -> bool:
    return not content or bool(
        {"lapor", "laporan", "format", "cara", "sms", "pelaporan", "apa", "gimana", "bagaimana"} & set(content)
    )


def _junk_decision(reading: Reading, knowledge: Knowledge, junk: dict[str, tuple[int, int]]) -> Decision | None:
    """Operator notices and fraud, unless the message clearly reports."""
    front = next((k for k in reading.keywords if k.first and k.intent in ("lapor", "nihil", "darurat")), None)
    placed = any(m.name.kind == "village" for m in reading.mentions)
    if front is not None and placed:
        return None
    for kind, intent, name in (("operator", Intent.OPERATOR, "operator"), ("spam", Intent.SPAM, "penipuan atau iklan")):
        weight, strong = junk[kind]
        other = junk["spam" if kind == "operator" else "operator"]
        limit = knowledge.junk_limit + (2 if front is not None and reading.jenis_direct else 0) + (2 if placed else 0)
        if kind == "operator" and (other[1], other[0]) > (strong, weight):
            continue
        one_sure_sign = strong and len(reading.tokens) <= 12 and not placed and not reading.jenis_direct
        if weight >= limit or (one_sure_sign and not _urgent(reading, knowledge)):
            return Decision(intent, f"tanda {name}: bobot {weight}")
    return None


def _urgent(reading: Reading, knowledge: Knowledge) -> bool:
    return bool(set(_dangers(reading, knowledge)) & knowledge.acute)


def _dangers(reading: Reading, knowledge: Knowledge) -> list[str]:
    """Danger words that no calm phrase ("ayam bakar") and no negation takes back."""
    calm = {i for start, length, _ in knowledge.calm.everywhere(reading.words) for i in range(start, start + length)}
    found = []
    for index, word in enumerate(reading.words):
        if word not in knowledge.danger or index in calm or reading.tokens[index].kind != WORD:
            continue
        before = reading.words[index - 1] if index else ""
        if before in NEGATIONS or (before == "ada" and index > 1 and reading.words[index - 2] in NEGATIONS):
            continue
        found.append(word)
    return found


def _emergency(reading: Reading, knowledge: Knowledge) -> Decision | None:
    words = reading.words
    for keyword in reading.keywords:
        if keyword.intent != "darurat":
            continue
        if words[keyword.start] == "bahaya" and not (
            _dangers(reading, knowledge) or reading.mentions or len(words) <= SHORT_CALL
        ):
            continue
        around = words[max(0, keyword.start - 2) : keyword.start]
        if not any(knowledge.not_emergency.at(around, i) for i in range(len(around))):
            return Decision(Intent.DARURAT, "kata DARURAT")
    if any(word == "s" for word in words[:1]) and words[:3] == ["s", "o", "s"]:
        return Decision(Intent.DARURAT, "kata SOS")
    report = reading.keyword("lapor", first=True)
    asked_to_report = report is not None and words[report.start] in knowledge.strong_calls
    if (report is not None and not asked_to_report) or reading.keyword("nihil", first=True):
        return None
    called = [word for word in words if word in knowledge.calls]
    called += ["panggilan"] * any(True for _ in knowledge.call_phrases.everywhere(words))
    dangers = _dangers(reading, knowledge)
    strong = [word for word in called if word in knowledge.strong_calls]
    if called and (set(dangers) & knowledge.acute or (strong and dangers and not asked_to_report)):
        return Decision(Intent.DARURAT, f"minta tolong dan bahaya: {', '.join([*called[:1], *dangers[:2]])}")
    others = [w for w in _content(reading, knowledge, 0) if w not in knowledge.calls]
    if (strong and words[0] in ("tolong", "bahaya", "gawat", "help")) or (strong and not others):
        places = {i for m in reading.mentions if m.name.kind != OWN for i in range(m.start, m.end)}
        left = [w for w in others if w not in {words[i] for i in places}]
        if not left and len(words) <= SHORT_ANSWER + 4:
            return Decision(Intent.DARURAT, "hanya minta tolong")
    return None


def _calm(reading: Reading) -> bool:
    """ "aman" or "kondusif", not taken back."""
    for index, word in enumerate(reading.words):
        if word in ("aman", "kondusif", "nihil") and not (index and reading.words[index - 1] in NEGATIONS):
            return True
    return False


def _zero(reading: Reading, knowledge: Knowledge) -> Decision | None:
    nihil = reading.keyword("nihil")
    event = reading.jenis_certain and reading.jenis != "DAMAI"
    if nihil is not None and reading.words[nihil.start] not in ("aman", "kondusif"):
        before = reading.words[nihil.start - 1] if nihil.start else ""
        after = reading.words[nihil.end] if nihil.end < len(reading.words) else ""
        counted = (nihil.start and reading.tokens[nihil.start - 1].kind == NUMBER) or "korban" in (before, after)
        if (
            counted and not reading.mentions and len(_content(reading, knowledge, 0)) <= 2
        ):  # "korban nihil" answers a question
            return None
        if nihil.first or not ((event and reading.keyword("lapor")) or (counted and reading.jenis_certain)):
            return Decision(Intent.NIHIL, "kata NIHIL")
        if counted:
            return None
    if event or not _calm(reading) or "?" in reading.text or set(_dangers(reading, knowledge)):
        return None
    asked = {token.word for token in reading.tokens if not token.repeated}  # "tidak ada apo2" asks nothing
    if len(_content(reading, knowledge, 0)) > SHORT_CALM or UNCERTAIN & asked:
        return None
    if (
        (nihil is not None and nihil.first)
        or reading.mentions
        or {"situasi", "kondisi", "keadaan"} & set(reading.words)
    ):
        return Decision(Intent.NIHIL, "aman, tanpa kejadian")
    return None


def _report(reading: Reading) -> Decision | None:
    keyword = reading.keyword("lapor")
    if keyword is None:
        return None
    if keyword.first or reading.jenis is not None or reading.mentions:
        return Decision(Intent.LAPOR, "kata LAPOR")
    return None


def _answer(reading: Reading, knowledge: Knowledge) -> Decision | None:
    """A short answer to a question of ours: yes or no, a village, a number, a type, a phase, thanks."""
    words = reading.words
    if len(words) > SHORT_ANSWER + 3:
        return None
    covered = {i for m in reading.mentions for i in range(m.start, m.end)} | reading.jenis_tokens | reading.fase_tokens
    spelled = knowledge.counter.countable.numerals.spelled_at(reading.tokens, words, 0) if words else None
    in_words = spelled is not None and spelled[1] == len(words)
    covered |= {i for i, token in enumerate(reading.tokens) if token.kind == NUMBER or in_words}
    for phrases in (knowledge.results, knowledge.thanks, knowledge.counter.says):
        for start, length, _ in phrases.everywhere(words):
            covered |= set(range(start, start + length))
    for start, length, _ in knowledge.skip.everywhere(words):
        covered |= set(range(start, start + length))
    left = [word for i, word in enumerate(words) if i not in covered and word not in knowledge.counter.marks.words]
    none_hurt = "korban" in words and any(said == "none" for _, _, said in knowledge.counter.says.everywhere(words))
    kinds = [
        bool(reading.mentions),
        reading.jenis is not None,
        in_words
        or none_hurt
        or any(token.kind == NUMBER for i, token in enumerate(reading.tokens) if not _in_mention(reading, i)),
        any(True for _ in knowledge.results.everywhere(words)),
        reading.fase is not None and reading.jenis is None,
        any(True for _ in knowledge.thanks.everywhere(words)),
    ]
    numbers = [t for t in reading.tokens if t.kind == NUMBER]
    if reading.fase is not None and kinds[3]:  # "tidak aman" is news
        return None
    if left or not any(kinds) or (sum(kinds[:3]) > 1 and not kinds[3]) or any(len(t.word) > 5 for t in numbers):
        return None
    if len(numbers) > 2 and not reading.mentions:
        return None
    return Decision(Intent.KONFIRMASI, "jawaban pendek")


def _in_mention(reading: Reading, index: int) -> bool:
    return any(m.start <= index < m.end for m in reading.mentions)


def _rest(reading: Reading, knowledge: Knowledge, junk: dict[str, tuple[int, int]]) -> Decision:
    """Free text: an event somebody tells of, a private message, or nothing readable."""
    weight, strong = junk["private"]
    dangers = _dangers(reading, knowledge)
    event = reading.jenis_certain or bool(dangers)
    if junk["spam"][0] >= knowledge.junk_limit and not event and not reading.mentions:
        return Decision(Intent.SPAM, f"tanda penipuan atau iklan: bobot {junk['spam'][0]}")
    private = (strong and weight >= 2) or weight >= 2
    if private and not (event and (reading.mentions or not strong)) and not (reading.mentions and not strong):
        return Decision(Intent.SALAH_KIRIM, f"tanda pesan pribadi: bobot {weight}")
    if event or reading.mentions or reading.jenis is not None:
        may_be = event or (not weight and any(mention.name.kind != OWN for mention in reading.mentions))
        acute = bool(set(dangers) & knowledge.acute)
        return Decision(Intent.BEBAS, "cerita tanpa kata kunci", event=may_be, acute=acute)
    if _gibberish(reading, knowledge):
        return Decision(Intent.KACAU, "tidak ada kata yang dikenal")
    if weight and len(reading.words) <= 2 * SHORT_ANSWER:
        return Decision(Intent.SALAH_KIRIM, f"tanda pesan pribadi: bobot {weight}")
    return Decision(Intent.BEBAS, "pesan bebas, perlu dibaca orang")


def _gibberish(reading: Reading, knowledge: Knowledge) -> bool:
    """No word anybody would know: keyboard noise, digits, symbols."""
    words = [token for token in reading.tokens if token.kind == WORD]
    known = [t for t in words if knowledge.lexicon.knows(t.word) and len(t.word) > 1]
    if known:
        return False
    odd = [t for t in words if not VOWELS & set(t.word) or len(t.word) > 14 or len(t.word) == 1 or _hard_to_say(t.word)]
    return len(odd) * 2 >= len(words) or len(words) <= 2


def _hard_to_say(word: str) -> bool:
    consonants = 0
    for letter in word:
        consonants = 0 if letter in VOWELS else consonants + 1
        if consonants > 3:
            return True
    return False
