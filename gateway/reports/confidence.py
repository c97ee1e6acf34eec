"""How sure a reading is: for each known field what it rests on, and how often such a reading was right. Pure.

The shares stand in `config/confidence.toml`; `python -m bench --calibrate` measures them on labelled messages that nobody
read while the rules were written, and docs/benchmarks.md shows stated beside observed shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.reports.counts import Counts
from gateway.reports.gazetteer import AWAY, DIRECT, HERE
from gateway.reports.labels import COUNTED
from gateway.reports.lexicon import TYPO, VOWELS
from gateway.reports.reading import Reading
from gateway.reports.understanding import Intent, Understanding

_JUNK = (Intent.OPERATOR, Intent.SPAM, Intent.SALAH_KIRIM, Intent.KOSONG, Intent.KACAU)


def basis(found: Understanding, reading: Reading, counts: Counts) -> dict[str, str]:
    """What the intent and each known field of a message rest on."""
    rests = {"intent": _intent(found, reading)}
    for name, rule in (("jenis", _jenis), ("desa", _desa), ("fase", _fase), ("tiket", _tiket)):
        if found.fields.get(name) is not None:
            rests[name] = rule(found, reading)
    for name in COUNTED:
        if found.fields.get(name) is not None:
            doubted = any(doubt.field == name for doubt in found.doubts)
            rests[name] = counts.how.get(name, "free") + ("_doubted" if doubted else "")
    return rests


def rated(found: Understanding, rests: Mapping[str, str], measured: Mapping[str, Mapping[str, float]]) -> Understanding:
    """The understanding with its basis and the measured shares; what was never measured has none."""
    shares = {name: share for name, rest in rests.items() if (share := measured.get(name, {}).get(rest)) is not None}
    return replace(found, basis=dict(rests), confidence=shares)


def _intent(found: Understanding, reading: Reading) -> str:
    if found.intent in _JUNK:
        return "junk"
    if found.intent == Intent.BEBAS:
        return "event_told" if found.is_report else "free_text"
    keyword = reading.keyword(found.intent)
    if keyword is None:
        return "emergency_told" if found.intent == Intent.DARURAT else "words"
    if reading.tokens and reading.tokens[min(keyword.start, len(reading.tokens) - 1)].how:
        return "keyword_misspelt"
    return "keyword" if keyword.first else "keyword_inside"


def _jenis(found: Understanding, reading: Reading) -> str:
    if any(doubt.field == "jenis" for doubt in found.doubts):
        return "doubted"
    if not reading.jenis_tokens:
        return "pair"
    first = min(reading.jenis_tokens)
    if reading.jenis_direct:
        written = reading.words[first].upper() == found.fields["jenis"] and not reading.tokens[first].how
        return "code" if written or reading.tokens[first].number is not None else "direct"
    return "told" if found.intent == Intent.BEBAS else "inside"


def _desa(found: Understanding, reading: Reading) -> str:
    mention = reading.where.mention
    if mention is None:
        return "registered"
    if any(doubt.field == "desa" for doubt in found.doubts):
        return "doubted"
    if len(mention.name.codes) > 1:
        return "registered"
    first = reading.tokens[mention.start]
    if first.number is not None or first.kind == "code":
        return "code"
    if mention.typo or any(reading.tokens[i].how in (TYPO, VOWELS) for i in range(mention.start, mention.end)):
        return "misspelt"
    return {DIRECT: "name_direct", HERE: "name_here", AWAY: "name_away"}.get(mention.clearness, "name")


def _fase(found: Understanding, reading: Reading) -> str:
    return "word" if reading.fase_tokens else "time"


def _tiket(found: Understanding, reading: Reading) -> str:
    return "doubted" if reading.ticket_doubts else "checked"
