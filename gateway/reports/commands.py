"""Commands about reports that are there, registration and help: by keyword, and in everyday words. Pure.

"CEK K4PT", and just as well "laporan saya yang tadi gimana pak nomornya K4PT". A ticket tells that an earlier report is spoken
of; the words around it tell what is wanted. Without a ticket only words that can hardly mean anything else are commands.
"""

from __future__ import annotations

from gateway.reports.decision import (
    Decision,
    content,
    covered,
    first_content,
    near,
    placed,
    says,
    spans,
    stands_alone,
)
from gateway.reports.knowledge import Knowledge
from gateway.reports.peril import Peril
from gateway.reports.reading import COMMANDS, Keyword, Reading
from gateway.reports.text import NUMBER
from gateway.reports.understanding import Intent, Sender

SHORT_ANSWER = 5
"""Words of the longest answer to a question of ours."""
SHORT_CALL = 3
LONGEST_ASIDE = 16
"""Words of the longest message that corrects something without saying which report."""
LONGEST_QUESTION = 18
"""Words of the longest question about a report, or about how to report."""
REACH = 4
"""Words between "laporan" and what is wanted with it."""
_REPORT_WORDS = frozenset(["lapor", "laporan", "nomor", "tiket", "status", "ticket", "kode"])
_ADDS = ("susul", "susulan", "menyusul")


def find_command(
    reading: Reading, sender: Sender, knowledge: Knowledge, peril: Peril, *, junky: bool
) -> Decision | None:
    """A command with a ticket anywhere, a command in front, or one in everyday words. `junky`: it reads like an advertisement."""
    for keyword in reading.keywords:
        if keyword.intent in COMMANDS and reading.ticket and (keyword.first or _near_ticket(reading, keyword)):
            return Decision(Intent(keyword.intent), "perintah dengan nomor laporan")
    if asked := _help(reading, knowledge, peril):
        return asked
    front = next((k for k in reading.keywords if k.first), None)
    if front is not None and (decided := _in_front(front, reading, knowledge, peril, junky)):
        return decided
    told = front is not None and front.intent in ("nihil", "darurat")
    if reading.ticket is not None and not junky and not told:
        decided = _about_ticket(reading, sender, knowledge, told=front is not None)
        if decided is not None:
            return decided
    return None if junky else _in_words(reading, knowledge, peril)


def _near_ticket(reading: Reading, keyword: Keyword) -> bool:
    reach = range(keyword.start - 2 if keyword.intent == "batal" else keyword.end, keyword.end + 4)
    return any(index in reach for index in reading.ticket_tokens)


def _help(reading: Reading, knowledge: Knowledge, peril: Peril) -> Decision | None:
    """ "cara lapor gimana pak": how to report is asked, nothing is."""
    asked = any(k.intent == "bantuan" and k.end - k.start > 1 for k in reading.keywords)
    asked = asked or says(reading, knowledge, "helps")
    long = len(content(reading, knowledge)) > LONGEST_QUESTION
    told = reading.jenis_certain and not {"kalau", "kalo", "jika", "bila"}.intersection(reading.words)
    if asked and not long and not placed(reading) and not told and not peril.acute:
        return Decision(Intent.BANTUAN, "menanyakan cara melapor")
    return None


def _in_front(front: Keyword, reading: Reading, knowledge: Knowledge, peril: Peril, junky: bool) -> Decision | None:
    """A keyword in front, where what follows fits it: "status", "tambah", "format" are everyday words too."""
    rest = len(reading.tokens) - front.end
    word = reading.words[front.start]
    behind = content(reading, knowledge, front.end)
    if front.intent == "koreksi" or (front.intent == "susul" and word in _ADDS):
        accepted = not junky
    elif front.intent == "batal":
        accepted = rest <= SHORT_ANSWER or bool(_REPORT_WORDS.intersection(behind[:3]))
    elif front.intent == "cek":
        accepted = rest <= SHORT_ANSWER and all(w in _REPORT_WORDS for w in behind)
    elif front.intent == "verif":
        accepted = rest <= SHORT_CALL
    elif front.intent == "tl":
        accepted = not junky
    elif front.intent == "terima":
        accepted = not behind and "kasih" not in reading.words[front.end :]
    elif front.intent == "daftar":
        accepted = not junky and (rest == 0 or _names_role(reading, knowledge, front.end) or placed(reading))
    elif front.intent == "bantuan":
        accepted = not junky and _asks_help(word, rest, behind, reading, knowledge, peril)
    elif front.intent == "susul":
        others = {k.intent for k in reading.keywords} - {"susul"}
        accepted = not junky and not others and (rest <= 1 or placed(reading) or reading.jenis_certain)
    else:
        accepted = False
    return Decision(Intent(front.intent), "perintah di depan") if accepted else None


def _asks_help(word: str, rest: int, behind: list[str], reading: Reading, knowledge: Knowledge, peril: Peril) -> bool:
    if reading.mentions or reading.jenis_certain or peril.dangers or len(behind) > SHORT_ANSWER:
        return False
    asks = {"lapor", "laporan", "format", "cara", "sms", "pelaporan", "apa", "gimana", "bagaimana"}
    if rest and word == "info" and behind and not asks.intersection(behind):
        return False
    return not {"sembako", "pulsa", "dana", "polisi", "uang"}.intersection(reading.words)


def _names_role(reading: Reading, knowledge: Knowledge, start: int) -> bool:
    return any(position >= start for position, _, _ in knowledge.roles.everywhere(reading.words))


def _about_ticket(reading: Reading, sender: Sender, knowledge: Knowledge, *, told: bool) -> Decision | None:
    """What somebody wants who names a ticket. `told`: behind LAPOR, where only a clear wish makes it a command."""
    officer = sender.role in knowledge.officers
    ticket = (min(reading.ticket_tokens), max(reading.ticket_tokens) + 1)
    doubtful = bool(reading.ticket_doubts)
    others = [
        i for i in range(len(reading.tokens))
        if i not in reading.ticket_tokens and not knowledge.skip.at(reading.words, i)
    ]  # fmt: skip
    results = {i for start, n, _ in knowledge.results.everywhere(reading.words) for i in range(start, start + n)}
    named = {i for i in others if reading.words[i] in _REPORT_WORDS}
    if not doubtful and results and set(others) <= results | named:
        return Decision(Intent.VERIF if officer else Intent.KONFIRMASI, "nomor laporan dengan ya, tidak atau belum")
    if says(reading, knowledge, "annul", "never_mind") or any(
        near(ticket, span, REACH) for span in spans(reading, knowledge, "remove")
    ):
        return Decision(Intent.BATAL, "nomor laporan dan minta dibatalkan")
    if says(reading, knowledge, "takes") and (officer or reading.fase is None):
        return Decision(Intent.TERIMA, "nomor laporan, petugas menangani")
    if officer and any(True for _ in knowledge.statuses.everywhere(reading.words)) and not told:
        return Decision(Intent.TL, "nomor laporan dengan hasil tindak lanjut dari petugas")
    if officer and results and not told:
        return Decision(Intent.VERIF, "nomor laporan, petugas membenarkan atau tidak")
    asks = "?" in reading.text or says(reading, knowledge, "asks")
    if asks and not reading.jenis_certain and not placed(reading):
        return Decision(Intent.CEK, "menanyakan nomor laporan")
    if says(reading, knowledge, "corrects") and not told:
        return Decision(Intent.KOREKSI, "nomor laporan dan pembetulan")
    if doubtful:
        return None
    if len(others) <= 1 + len(named) and not (reading.fase or reading.jenis_certain or placed(reading)):
        return Decision(Intent.CEK, "hanya nomor laporan")
    left = set(others) - named - results - covered(reading)
    if not left and not told and _single_answer(reading):
        return Decision(Intent.KONFIRMASI, "nomor laporan dengan jawaban")
    first = min(reading.ticket_tokens) == first_content(reading.words, knowledge)
    if told or (reading.keywords and not first):
        return None
    news = reading.jenis is not None or reading.fase is not None or placed(reading)
    return Decision(Intent.SUSUL, "nomor laporan dengan kabar") if first or news else None


def _single_answer(reading: Reading) -> bool:
    return len(reading.mentions) == 1 or any(
        token.kind == NUMBER for i, token in enumerate(reading.tokens) if i not in reading.ticket_tokens
    )


def _in_words(reading: Reading, knowledge: Knowledge, peril: Peril) -> Decision | None:
    """Commands without keyword and ticket."""
    if peril.acute and peril.pressing:
        return None
    said = content(reading, knowledge)
    if says(reading, knowledge, "registers") and _registers(reading, knowledge):
        return Decision(Intent.DAFTAR, "minta didaftar")
    about = [(i, i + 1) for i, word in enumerate(reading.words) if word == "laporan"]
    mine = spans(reading, knowledge, "mine")
    deed = reading.jenis_certain and placed(reading)
    if says(reading, knowledge, "never_mind") and not deed:
        return Decision(Intent.BATAL, "tidak jadi melapor")
    if about and not deed:
        if any(near(one, span, 2 * REACH) for one in about for span in spans(reading, knowledge, "annul")):
            return Decision(Intent.BATAL, "minta laporan dibatalkan")
        if any(near(one, span, 1) for one in (*about, *mine) for span in spans(reading, knowledge, "remove")):
            return Decision(Intent.BATAL, "minta laporan dihapus")
    if len(said) <= LONGEST_QUESTION and not deed and not peril.acute:
        asked = (mine and says(reading, knowledge, "asks")) or _wonders(reading, knowledge, about)
        if asked:
            return Decision(Intent.CEK, "menanyakan laporan")
    if says(reading, knowledge, "slip") and len(said) <= LONGEST_ASIDE and not peril.acute and not _tells(reading):
        return Decision(Intent.KOREKSI, "membetulkan yang tadi")
    return None


def _tells(reading: Reading) -> bool:
    """Whether LAPOR or NIHIL stands in front: then a slip is corrected within the report itself."""
    fronts = [k for k in reading.keywords if k.first and k.intent in ("lapor", "nihil", "darurat")]
    return any(reading.words[k.start] != "laporan" for k in fronts)


def _registers(reading: Reading, knowledge: Knowledge) -> bool:
    role = any(True for _ in knowledge.roles.everywhere(reading.words))
    reporter = "pelapor" in reading.words
    return (role and placed(reading)) or ((role or reporter or placed(reading)) and not reading.jenis_certain)


def _wonders(reading: Reading, knowledge: Knowledge, about: list[tuple[int, int]]) -> bool:
    """ "kabar laporan gimana", "laporan sudah diproses belum"."""
    if reading.jenis_certain or placed(reading):
        return False
    asks = spans(reading, knowledge, "asks")
    strong = len(asks) > 1 or "?" in reading.text
    return strong and any(near(one, span, REACH) for one in about for span in asks)


def answers_itself(reading: Reading, knowledge: Knowledge) -> bool:
    """Whether the message opens with yes, no, not yet or thanks standing by itself: "bukan pak, bukan di situ"."""
    start = first_content(reading.words, knowledge)
    if start >= len(reading.words):
        return False
    found = knowledge.results.at(reading.words, start)
    if found is None:
        return False
    end = start + found[1]
    again = knowledge.results.at(reading.words, end) if end < len(reading.words) else None
    return stands_alone(reading, knowledge, end) or (again is not None and again[0] == found[0])
