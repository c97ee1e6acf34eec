"""`understand`: one message in, one `Understanding` out. Pure: the same text, sender and knowledge give the same result.

text ─clean▶ tokens ─read▶ keyword, ticket, type, place, phase, time ─decide▶ intent ─count▶ numbers ─▶ fields, outcome
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.reports.answers import as_answer
from gateway.reports.assembly import Assembly, begun_form
from gateway.reports.confidence import basis, rated
from gateway.reports.intents import decide, is_machine
from gateway.reports.knowledge import Knowledge
from gateway.reports.reading import read
from gateway.reports.text import LONGEST_TEXT, clean
from gateway.reports.understanding import FIELDS, Intent, Outcome, Question, Sender, Understanding

UNANSWERED = (Intent.OPERATOR, Intent.SPAM, Intent.SALAH_KIRIM)


def understand(
    text: str,
    sender: Sender,
    knowledge: Knowledge,
    sent_at: datetime | None = None,
    asked: Question | None = None,
) -> Understanding:
    """Read one message.

    `sender.village` decides between places of the same name. `sent_at` is the service-centre time in the local time zone:
    "tadi malam" is counted from it; None keeps time words as typed only. `asked` is a question of ours that is still open:
    a short message that fits is its answer (`konfirmasi`). Never raises, whatever the text.
    """
    found = _understand(text, sender, knowledge, sent_at)
    if asked is not None and (answer := as_answer(text, found, sender, knowledge, asked, sent_at)) is not None:
        found = replace(answer, basis={}, confidence={})  # how often answers are read rightly was not measured
    if len(text.strip()) <= LONGEST_TEXT:
        return found
    return replace(found, trace=(f"teks: hanya {LONGEST_TEXT} huruf pertama dibaca", *found.trace))


def _understand(text: str, sender: Sender, knowledge: Knowledge, sent_at: datetime | None) -> Understanding:
    cleaned = clean(text)
    if not cleaned:
        if is_machine(sender.number):
            return _plain(Intent.OPERATOR, Outcome.ABAIKAN, "pengirim bukan nomor telepon orang")
        if text.strip(" \t\r\n\0\ufeff\u200b\u00a0"):
            return _plain(Intent.KACAU, Outcome.TOLAK, "tidak ada huruf atau angka")
        return _plain(Intent.KOSONG, Outcome.TOLAK, "pesan kosong")
    measured = knowledge.files.confidence
    reading = read(cleaned, knowledge, sender, sent_at)
    decision = decide(reading, sender, knowledge)
    own = begun_form(reading, decision, sender, knowledge)
    if own is None and decision.intent in UNANSWERED:
        return rated(_plain(decision.intent, Outcome.ABAIKAN, decision.why), {"intent": "junk"}, measured)
    if own is None and decision.intent is Intent.KACAU:
        return rated(_plain(decision.intent, Outcome.TOLAK, decision.why), {"intent": "junk"}, measured)
    assembly = Assembly(reading, decision, sender, knowledge, own)
    found = assembly.result()
    return rated(found, basis(found, reading, assembly.counts), measured)


def _plain(intent: Intent, outcome: Outcome, why: str) -> Understanding:
    return Understanding(intent, outcome, dict.fromkeys(FIELDS), trace=(f"maksud: {intent}, {why}",))
