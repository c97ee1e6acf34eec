"""What the sender wants, from the reading of a message. Pure.

The order matters and is: nothing to read; the operator; a command; junk; emergency; zero report; report; a short answer; free
text. An emergency is never missed, junk never accepted, and everyday words alone are neither. Where it is unsure whether a
message is private, a person reads it.
"""

from __future__ import annotations

from gateway.reports.commands import SHORT_ANSWER, SHORT_CALL, answers_itself, find_command
from gateway.reports.decision import Decision, content, covered, placed, says, spans
from gateway.reports.gazetteer import OWN, VILLAGE
from gateway.reports.knowledge import Knowledge
from gateway.reports.peril import Peril, find_peril
from gateway.reports.reading import Reading
from gateway.reports.text import LINK, MONEY, NUMBER, PHONE, USSD, WORD
from gateway.reports.timing import NEGATIONS
from gateway.reports.understanding import Intent, Sender

__all__ = ["Decision", "decide", "is_machine"]

SHORT_CALM = 14
"""Words, politeness not counted, of the longest "... aman ..." that is a zero report without the keyword."""
FORMAL_CALM = 40
"""The same where a set phrase says it ("dalam keadaan aman dan kondusif")."""
SIGN_WEIGHT = 2
"""What a link, a USSD code or an amount of money weighs as a sign of junk."""
NEWS = 3
"""More words than these beside "tidak ada yang ribut", behind LAPOR, tell something."""
ASIDE = 10
"""Words of the longest message that opens with a yes or no of its own and still is an answer."""
UNCERTAIN = frozenset(["semoga", "moga", "apakah", "apa", "rencana", "belum"])
"""With one of these "aman" is a wish or a question, no zero report."""
CALM = frozenset(["aman", "kondusif"])
VOWELS = frozenset("aeiou")

Junk = dict[str, tuple[int, int]]
"""Weight by kind of junk: (all signs, strong signs)."""


def decide(reading: Reading, sender: Sender, knowledge: Knowledge) -> Decision:
    """The intent of a message that is not empty."""
    if is_machine(sender.number):
        return Decision(Intent.OPERATOR, "pengirim bukan nomor telepon orang")
    if sum(map(str.isalnum, reading.text)) * 4 < len(reading.text):
        return Decision(Intent.KACAU, "hampir tidak ada huruf atau angka")
    junk = _junk(reading, knowledge)
    peril = find_peril(reading, knowledge.perils)
    junky = max(junk["operator"][0], junk["spam"][0]) >= knowledge.junk_limit
    return (
        find_command(reading, sender, knowledge, peril, junky=junky)
        or _junk_decision(reading, knowledge, junk, peril)
        or _emergency(reading, knowledge, peril)
        or _zero(reading, knowledge, junk, peril)
        or _report(reading, junk, peril)
        or _answer(reading, knowledge, peril)
        or _rest(reading, knowledge, junk, peril)
    )


def is_machine(number: str) -> bool:
    """Short codes and names: never a person, never answered. '' is unknown and may be a person."""
    if not number:
        return False
    digits = number.lstrip("+").replace(" ", "").replace("-", "")
    return not digits.isdecimal() or len(digits) < 8


def _junk(reading: Reading, knowledge: Knowledge) -> Junk:
    kinds = [token.kind for token in reading.tokens]
    links, codes, money = kinds.count(LINK), kinds.count(USSD), kinds.count(MONEY)
    phones = min(kinds.count(PHONE), 1)
    weights = {}
    for signs in knowledge.junk:
        found = [weight for _, _, weight in signs.phrases.everywhere(reading.words)]
        extra = {
            "operator": links + 2 * codes,
            "spam": SIGN_WEIGHT * min(links, 1) + min(money, 2) + phones,
            "private": 0,
        }[signs.kind]
        weights[signs.kind] = (sum(found) + extra, found.count(2) + (codes if signs.kind == "operator" else 0))
    return weights


def _junk_decision(reading: Reading, knowledge: Knowledge, junk: Junk, peril: Peril) -> Decision | None:
    """Operator notices and fraud, unless the message clearly reports."""
    front = next((k for k in reading.keywords if k.first and k.intent in ("lapor", "nihil", "darurat")), None)
    village = any(m.name.kind == VILLAGE for m in reading.mentions)
    local = says(reading, knowledge, "politics")
    if front is not None and village:
        return None
    for kind, intent, name in (("operator", Intent.OPERATOR, "operator"), ("spam", Intent.SPAM, "penipuan atau iklan")):
        weight, strong = junk[kind]
        other = junk["spam" if kind == "operator" else "operator"]
        limit = knowledge.junk_limit + (SIGN_WEIGHT if front is not None and reading.jenis_direct else 0)
        limit += SIGN_WEIGHT * (village + local)
        if kind == "operator" and (other[1], other[0]) > (strong, weight):
            continue
        one_sure_sign = strong and len(reading.tokens) <= 12 and not (village or local or reading.jenis_direct)
        if weight >= limit or (one_sure_sign and not peril.dangers):
            return Decision(intent, f"tanda {name}: bobot {weight}")
    return None


def _emergency(reading: Reading, knowledge: Knowledge, peril: Peril) -> Decision | None:
    """DARURAT and SOS, a cry for help in danger, or a danger that presses; not behind LAPOR or NIHIL, which is urgent then."""
    words = reading.words
    for keyword in reading.keywords:
        if keyword.intent == "darurat" and _is_emergency_word(reading, knowledge, keyword.start, peril):
            return Decision(Intent.DARURAT, "kata DARURAT", acute=True)
    if words[:3] == ["s", "o", "s"]:
        return Decision(Intent.DARURAT, "kata SOS", acute=True)
    report = reading.keyword("lapor", first=True)
    asked_to_report = report is not None and words[report.start] in knowledge.perils.strong
    if (report is not None and not asked_to_report) or reading.keyword("nihil", first=True):
        return None
    if says(reading, knowledge, "jokes") and not reading.mentions:
        return None
    feared = reading.fase == "POTENSI" and not peril.acute
    if peril.emergency and not feared and not (asked_to_report and not peril.acute):
        return Decision(Intent.DARURAT, f"bahaya sekarang: {', '.join(peril.dangers[:3])}", acute=True)
    return _bare_call(reading, knowledge, peril)


def _is_emergency_word(reading: Reading, knowledge: Knowledge, start: int, peril: Peril) -> bool:
    """Whether DARURAT means one: not "lampu darurat", "nomor darurat berapa", "bahaya laten"."""
    words = reading.words
    if words[start] == "bahaya" and not (peril.dangers or reading.mentions or len(words) <= SHORT_CALL):
        return False
    found = knowledge.perils.not_emergency.everywhere(words)
    return not any(at <= start < at + length or start - 2 <= at < start for at, length, _ in found)


def _bare_call(reading: Reading, knowledge: Knowledge, peril: Peril) -> Decision | None:
    """ "tolong!", "tolong kampung laut": nothing but a call, and perhaps a place."""
    words, strong = reading.words, knowledge.perils.strong
    if sum(word in strong for word in words) > 1 and (placed(reading) or reading.jenis_certain):
        return Decision(Intent.DARURAT, "minta tolong berulang", acute=True)
    calls = {i for start, n, _ in knowledge.perils.calls.everywhere(words) for i in range(start, start + n)}
    if not peril.strongly or len(words) > SHORT_ANSWER + 4:
        return None
    named = {i for m in reading.mentions if m.name.kind != OWN for i in range(m.start, m.end)}
    polite = {i for start, n, _ in knowledge.skip.everywhere(words) for i in range(start, start + n)}
    left = [i for i, word in enumerate(words) if i not in calls | named | polite and word not in strong]
    alone = not named or words[0] in strong or reading.words[min(calls, default=0)] in strong
    return Decision(Intent.DARURAT, "hanya minta tolong", acute=True) if not left and alone else None


def _is_calm(reading: Reading) -> bool:
    """ "aman", "kondusif" or "nihil", not taken back."""
    return any(
        word in (*CALM, "nihil") and not (index and reading.words[index - 1] in NEGATIONS)
        for index, word in enumerate(reading.words)
    )


def _zero(reading: Reading, knowledge: Knowledge, junk: Junk, peril: Peril) -> Decision | None:
    event = reading.jenis_certain and reading.jenis != "DAMAI"
    nihil = next(
        (k for k in reading.keywords if k.intent == "nihil" and knowledge.keywords_any.at(reading.words, k.start)), None
    )
    if nihil is not None:
        around = (*reading.words[max(0, nihil.start - 1) : nihil.start], *reading.words[nihil.end : nihil.end + 1])
        labels = knowledge.counter.marks
        counted = (nihil.start > 0 and reading.tokens[nihil.start - 1].kind == NUMBER) or any(
            word in labels.words and word not in labels.people for word in around
        )
        if counted and not reading.mentions and len(content(reading, knowledge)) <= 2:
            return None  # "korban nihil" answers a question
        if nihil.first or not ((event and reading.keyword("lapor")) or (counted and reading.jenis_certain)):
            return Decision(Intent.NIHIL, "kata NIHIL")
        if counted:
            return None
    said = says(reading, knowledge, "nothing")
    told = reading.keyword("lapor", first=True) is not None and reading.jenis_direct  # "LAPOR 15 ... aman"
    if event or told or not (said or _is_calm(reading)) or "?" in reading.text or peril.dangers:
        return None
    asked = {token.word for token in reading.tokens if not token.repeated}  # "tidak ada apo2" asks nothing
    if len(content(reading, knowledge)) > (FORMAL_CALM if said else SHORT_CALM) or (UNCERTAIN & asked and not said):
        return None
    if (junk["private"][0] or junk["spam"][0] or says(reading, knowledge, "jokes")) and not placed(reading):
        return None
    if reading.keyword("lapor", first=True) and not _is_calm(reading) and _untold(reading, knowledge) > NEWS:
        return None  # "lapor ... 5 jam mati lampu tp tidak ada yg ribut"
    front = reading.keyword("nihil", first=True)
    if front or reading.mentions or {"situasi", "kondisi", "keadaan"} & set(reading.words):
        return Decision(Intent.NIHIL, "aman, tanpa kejadian")
    return None


def _untold(reading: Reading, knowledge: Knowledge) -> int:
    """Words beside the place, politeness and what says that nothing happened."""
    said = {i for start, end in spans(reading, knowledge, "nothing") for i in range(start, end)} | covered(reading)
    said |= {i for start, n, _ in knowledge.skip.everywhere(reading.words) for i in range(start, start + n)}
    return sum(i not in said for i in range(len(reading.words)))


def _report(reading: Reading, junk: Junk, peril: Peril) -> Decision | None:
    keyword = reading.keyword("lapor")
    if keyword is None:
        return None
    told = reading.jenis is not None or placed(reading)
    signs = max(weight for weight, _ in junk.values())
    if signs > SIGN_WEIGHT and not (placed(reading) or reading.jenis_certain or reading.where.doubts):
        return Decision(Intent.BEBAS, "kata LAPOR, tetapi mungkin iklan atau pesan pribadi", acute=bool(peril.acute))
    if keyword.first or told or reading.mentions:
        return Decision(Intent.LAPOR, "kata LAPOR", acute=bool(peril.acute) and not peril.over)
    return None


def _answer(reading: Reading, knowledge: Knowledge, peril: Peril) -> Decision | None:
    """A short answer to a question of ours: yes or no, a village, a number, a type, a phase, thanks."""
    words = reading.words
    if len(words) <= ASIDE and not (peril.dangers or reading.jenis_certain) and answers_itself(reading, knowledge):
        return Decision(Intent.KONFIRMASI, "jawaban ya, tidak atau belum")
    if len(words) > SHORT_ANSWER + 3:
        return None
    if words[0] == "yang" and placed(reading) and reading.jenis is None:
        return Decision(Intent.KONFIRMASI, "menyebut yang mana")
    answered = covered(reading) | reading.jenis_tokens | reading.fase_tokens
    spelled = knowledge.counter.countable.numerals.spelled_at(reading.tokens, words, 0) if words else None
    in_words = spelled is not None and all(
        word in knowledge.counter.marks.words or knowledge.skip.at(words, i) is not None
        for i, word in enumerate(words)
        if i >= spelled[1]
    )
    answered |= {i for i, token in enumerate(reading.tokens) if token.kind == NUMBER or in_words}
    if reading.jenis is None:
        answered |= {i for start, n, _ in knowledge.weak_types.everywhere(words) for i in range(start, start + n)}
    for phrases in (knowledge.results, knowledge.thanks, knowledge.counter.says):
        for start, length, _ in phrases.everywhere(words):
            answered |= set(range(start, start + length))
    for start, length, _ in knowledge.skip.everywhere(words):
        answered |= set(range(start, start + length))
    left = [word for i, word in enumerate(words) if i not in answered and word not in knowledge.counter.marks.words]
    none_hurt = "korban" in words and any(said == "none" for _, _, said in knowledge.counter.says.everywhere(words))
    kinds = [
        bool(reading.mentions),
        reading.jenis is not None or bool(reading.jenis_weak),
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


def _rest(reading: Reading, knowledge: Knowledge, junk: Junk, peril: Peril) -> Decision:
    """Free text: an event somebody tells of, a private message, or nothing readable."""
    weight, strong = junk["private"]
    event = reading.jenis_certain or bool(peril.dangers)
    joking = says(reading, knowledge, "jokes") and not reading.mentions
    pleading = bool(reading.secret) or says(reading, knowledge, "pleas")
    if junk["spam"][0] >= knowledge.junk_limit and not event and not reading.mentions:
        return Decision(Intent.SPAM, f"tanda penipuan atau iklan: bobot {junk['spam'][0]}")
    private = weight >= (2 * SIGN_WEIGHT if placed(reading) else SIGN_WEIGHT) and not (peril.dangers or pleading)
    if joking and weight and not pleading:
        return Decision(Intent.SALAH_KIRIM, "bercanda")
    if private and not (event and (reading.mentions or not strong)) and not (reading.mentions and not strong):
        return Decision(Intent.SALAH_KIRIM, f"tanda pesan pribadi: bobot {weight}")
    unreadable = reading.jenis is None and reading.where.village is None and _gibberish(reading, knowledge)
    if not unreadable and (event or reading.mentions or reading.jenis is not None):
        may_be = event or (not weight and placed(reading))
        return Decision(Intent.BEBAS, "cerita tanpa kata kunci", event=may_be, acute=bool(peril.acute) and not joking)
    if unreadable:
        return Decision(Intent.KACAU, "tidak ada kata yang dikenal")
    if (weight or joking) and not pleading and len(reading.words) <= 2 * SHORT_ANSWER:
        return Decision(Intent.SALAH_KIRIM, f"tanda pesan pribadi: bobot {weight}")
    return Decision(Intent.BEBAS, "pesan bebas, perlu dibaca orang")


def _gibberish(reading: Reading, knowledge: Knowledge) -> bool:
    """No word anybody would know: keyboard noise, digits, symbols."""
    words = [token for token in reading.tokens if token.kind == WORD]
    known = [t for t in words if knowledge.lexicon.knows(t.word) and not t.glued and len(t.chunk) > 2]
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
