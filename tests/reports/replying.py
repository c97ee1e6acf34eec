"""What the tests of answers share: understandings made by hand, and what every answer must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from config.regions import load_region
from gateway import wording
from gateway.replies import compose, compose_step
from gateway.reports.dialogue import Act, Step
from gateway.reports.knowledge import Knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import FIELDS, Intent, Outcome, Reply, Sender, Understanding
from gateway.wording import LONGEST, STOPPED
from modem.gsm7 import BASIC

FORMS = {Intent.LAPOR: "event", Intent.NIHIL: "nihil", Intent.DARURAT: "emergency"}
LANGUAGES = ("id", "en")
VILLAGES = [village.code for village in load_region("15.07").villages]
LONGEST_VILLAGES = tuple(sorted(VILLAGES, key=lambda code: len(load_region("15.07").by_code[code].title))[-3:])
TICKET = "W8MW"
LONGEST_POLICE = "+62812740001112"
MANY: dict[str, Any] = dict.fromkeys(("massa", "korban", "md", "luka", "hilang"), 50_000)
LINK = re.compile(r"https?|www|\w\.\w|://", re.IGNORECASE)
NASTY = ["x" * 40, "Muhammad Fathurrahman Al Banjari bin Abdullah", "😀😀😀", "=HYPERLINK(1)", "www.judi.com", "0812 7400 0111",
         "@#%&{ticket}", "Dana Selamat", "S.Pd.I", "\x00\u202e", "Ñandú Ægir", ""]  # fmt: skip


def found(intent: str = Intent.LAPOR, outcome: Outcome = Outcome.TERIMA, **more: Any) -> Understanding:
    """An understanding with these fields; `missing`, `doubts`, `secret`, `urgent` and `form` go where they belong."""
    rest = {name: more.pop(name) for name in ("missing", "doubts", "secret", "urgent") if name in more}
    form = more.pop("form", FORMS.get(intent, ""))  # type: ignore[call-overload]
    return Understanding(intent, outcome, {**dict.fromkeys(FIELDS), **more}, form=form, version=1, **rest)


@contextmanager
def nothing_is_cut() -> Iterator[None]:
    def cut(text: str, ticket: str) -> str:
        raise AssertionError(f"{len(text)}: {text}")

    with patch.object(wording, "_cut", cut):
        yield


def check(reply: Reply | None, ticket: str = "") -> None:
    assert reply is not None
    text = reply.text
    assert 15 < len(text) <= LONGEST, (len(text), text)
    assert set(text) <= BASIC, text
    assert not re.search(r"\d{4}", text), text
    assert not LINK.search(text), text
    assert "{" not in text, text
    assert text.count("?") <= 1, text
    assert text[-1] in ".?", text
    assert not re.search(r" [.,?:]|\(\)|\?\?|  ", text), text
    assert not re.search(rf"\b({'|'.join(STOPPED)})\b", text, re.IGNORECASE), text
    assert ticket in text, text
    assert len(reply.kind) <= 32 + len(".ask_")


def answer(knowledge: Knowledge, text: str, ticket: str | None = "K4PT", **options: Any) -> str | None:
    reply = compose(understand(text, Sender("+6281274000111"), knowledge), ticket, knowledge, **options)
    return reply.text if reply else None


def stepped(knowledge: Knowledge, act: Act, said: Understanding | None = None, **about: Any) -> str:
    options = {name: about.pop(name) for name in ("language", "police_number") if name in about}
    step = Step(act, **{"ticket": "K4PT", **about})
    reply = compose_step(step, said or found("koreksi"), knowledge, **options)
    assert reply is not None
    return reply.text


REPORT: dict[str, Any] = {"jenis": "GESEK", "desa": "15.07.01.2012", "massa": 40}
SECRET: dict[str, Any] = {**REPORT, "jenis": "SERANG", "md": 2, "secret": True}
