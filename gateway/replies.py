"""Answers by SMS: what was understood, said back in words, and at most one question. Pure.

Every answer fits one SMS: at most 160 characters of the GSM 7 bit default alphabet (TS 23.038 6.2.1), none of its extension
characters. No links; no run of more than three digits, because operators take those for one-time codes and drop the message:
longer numbers are written in groups. Free text of the sender is never quoted; the ticket is never cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from config.regions import Place
from gateway.reports.knowledge import Knowledge
from gateway.reports.labels import COUNTED
from gateway.reports.understanding import Intent, Outcome, Reply, Understanding
from modem.gsm7 import BASIC

LONGEST = 160
DIGITS_TOGETHER = 3
OFFERED = 3
"""So many villages are named in a question."""
SILENT = frozenset([Intent.OPERATOR, Intent.SPAM, Intent.SALAH_KIRIM, Intent.TERIMA])

_NAME = re.compile(r"[^A-Za-z .'-]")
_LONG_DIGITS = re.compile(r"\d{4,}")
_TICKET_SENTENCE = re.compile(r"(?:,? ?(?:No\. |as No\. ))\{ticket\}[.:]?")


def compose(
    understanding: Understanding,
    ticket: str | None,
    knowledge: Knowledge,
    language: str = "id",
    police_number: str = "110",
    repeats_ticket: str | None = None,
) -> Reply | None:
    """The answer to a message, or None where none must ever be sent.

    `ticket` is the number of the report made from this message (None where none was made); `repeats_ticket` that of an
    earlier report with the same words. `language` falls back to Bahasa Indonesia.
    """
    if understanding.outcome is Outcome.ABAIKAN or understanding.intent in SILENT:
        return None
    if repeats_ticket and understanding.intent is not Intent.DARURAT:
        return Reply(_fit(_texts(knowledge, language)["repeats"], {"ticket": repeats_ticket}), "repeats")
    if understanding.is_report and understanding.intent is not Intent.BEBAS:
        return _report(understanding, ticket, knowledge, language, police_number)
    return _other(understanding, ticket, knowledge, language)


def _texts(knowledge: Knowledge, language: str) -> Mapping[str, str]:
    replies = knowledge.files.replies
    return replies.get(language, replies["id"])


def _report(
    understanding: Understanding, ticket: str | None, knowledge: Knowledge, language: str, police_number: str
) -> Reply:
    form = next(
        (form for form in knowledge.files.forms if form.id == understanding.form), knowledge.forms[str(Intent.LAPOR)]
    )
    templates = form.replies.get(language, form.replies["id"])
    kind = {Outcome.TERIMA: "accepted", Outcome.KONFIRMASI: "check", Outcome.TRIASE: "triage"}.get(
        understanding.outcome, ""
    )
    if not kind:
        kind = f"ask_{understanding.missing[0]}" if understanding.missing else "accepted"
    template = templates.get(kind, templates["triage"])
    values = {
        "ticket": ticket or "",
        "jenis": understanding.fields.get("jenis") or _texts(knowledge, language)["unknown_jenis"],
        "police": grouped(police_number),
    }
    return Reply(_fit(template, values, _richness(understanding, knowledge, language)), f"{form.id}.{kind}")


def _richness(understanding: Understanding, knowledge: Knowledge, language: str) -> Iterator[dict[str, str]]:
    """What may be said, from everything down to the bare minimum; the first that fits is taken."""
    texts = _texts(knowledge, language)
    place = knowledge.region.by_code.get(understanding.fields.get("desa") or "")
    names = [place.title, place.name] if place else ["?"]
    counts = [
        texts[name].format(n=grouped(f"{understanding.fields[name]}"))
        for name in COUNTED
        if understanding.fields.get(name) is not None
    ]
    offered = _offered(understanding, knowledge)
    for name in names:
        at = texts["in_place"].format(place=name) if place else ""
        for said in range(len(counts), -1, -1):
            for count in range(min(OFFERED, len(offered)), -1, -1):
                listed = texts["or"].join(one.name for one in offered[:count])
                yield {
                    "place": name,
                    "at": at,
                    "counts": "".join(f", {one}" for one in counts[:said]),
                    "offer": texts["offer"].format(names=listed) if listed else "",
                }


def _offered(understanding: Understanding, knowledge: Knowledge) -> list[Place]:
    codes = [code for doubt in understanding.doubts if doubt.field == "desa" for code in doubt.candidates]
    return [knowledge.region.by_code[code] for code in dict.fromkeys(codes) if code in knowledge.region.by_code]


def _other(understanding: Understanding, ticket: str | None, knowledge: Knowledge, language: str) -> Reply | None:
    """Answers to what makes no report."""
    texts, fields, intent = _texts(knowledge, language), understanding.fields, understanding.intent
    named = fields.get("tiket") or ""
    values = {"ticket": named, "keyword": intent.upper(), "hasil": fields.get("hasil") or "", "who": ""}
    richness: list[dict[str, str]] = []
    if intent is Intent.BEBAS:
        kind, values["ticket"] = ("free", ticket) if ticket else ("free_plain", "")
    elif intent is Intent.BANTUAN:
        kind = "help"
    elif understanding.outcome is Outcome.TOLAK or intent in (Intent.KOSONG, Intent.KACAU):
        kind = "rejected"
    elif intent in (Intent.VERIF, Intent.TL) and understanding.outcome is Outcome.TRIASE:
        kind = "officers_only"
    elif "tiket" in understanding.missing:
        kind = "ask_tiket"
    elif intent is Intent.VERIF and understanding.missing:
        kind = "ask_hasil"
    elif intent is Intent.DAFTAR:
        kind = "ask_daftar" if understanding.missing else "daftar"
        name = _NAME.sub("", unicodedata.normalize("NFKD", fields.get("nama") or ""))
        richness = [{"who": f"{name[:40].strip()} "}] if name.strip() else []
    elif intent is Intent.KONFIRMASI:
        kind = "answer"
    else:
        kind = str(intent) if str(intent) in texts else "free_plain"
    return Reply(_fit(texts[kind], values, iter([*richness, {}])), kind)


def _fit(template: str, values: Mapping[str, str], richness: Iterator[dict[str, str]] | None = None) -> str:
    """The template filled with the richest values that fit one SMS."""
    if not values.get("ticket"):
        template = _TICKET_SENTENCE.sub("", template)
    text = ""
    for more in richness or iter([{}]):
        text = plain(template.format_map({**values, **more}))
        if len(text) <= LONGEST:
            return text
    return _cut(text, values.get("ticket", ""))


def _cut(text: str, ticket: str) -> str:
    """The text cut to one SMS, the ticket kept."""
    if not ticket or ticket in text[:LONGEST]:
        return text[:LONGEST].rstrip()
    end = f" No. {ticket}."
    return text[: LONGEST - len(end)].rstrip() + end


def plain(text: str) -> str:
    """Only characters of the GSM 7 bit default alphabet; accents are dropped, what remains foreign becomes nothing."""
    if any(character not in BASIC for character in text):
        text = "".join(c if c in BASIC else unicodedata.normalize("NFKD", c) for c in text)
        text = "".join(character for character in text if character in BASIC)
    return re.sub(r" {2,}", " ", text).strip()


def grouped(number: str) -> str:
    """Digits in groups of three, so that no filter takes them for a code: `081 274 000 111`, `1 200`."""
    if len(number) > DIGITS_TOGETHER and number.isdigit() and number[0] != "0" and len(number) < 7:
        head = len(number) % DIGITS_TOGETHER
        return " ".join(([number[:head]] if head else []) + [number[i : i + 3] for i in range(head, len(number), 3)])
    return _LONG_DIGITS.sub(
        lambda run: " ".join(run.group()[i : i + DIGITS_TOGETHER] for i in range(0, len(run.group()), DIGITS_TOGETHER)),
        number,
    )
