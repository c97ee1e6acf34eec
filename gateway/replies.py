"""Answers by SMS: what was understood or done, said back in words, and at most one question. Pure.

Every answer fits one SMS: at most 160 characters of the GSM 7 bit default alphabet (TS 23.038 6.2.1), none of its extension
characters. No links; no run of more than three digits, because operators take those for one-time codes and drop the message:
longer numbers are written in groups. Free text of the sender is never quoted; the ticket is never cut. Answers to an
emergency or to violence name the police number. Answers about a RAHASIA report say that something was received, its ticket,
and nothing else: the phone may be in other hands.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.answering import RESULTS, Writer, typed_ticket
from gateway.reports.dialogue import Act, Refusal, Step
from gateway.reports.knowledge import Knowledge
from gateway.reports.understanding import Intent, Outcome, Reply, Understanding
from gateway.wording import fit, said_name

SILENT: Mapping[str, str] = {
    Intent.OPERATOR: "Pemberitahuan operator atau layanan; tidak pernah dibalas.",
    Intent.SPAM: "Penipuan atau iklan; tidak pernah dibalas.",
    Intent.SALAH_KIRIM: "Pesan pribadi atau salah kirim; tidak dibalas.",
    Intent.TERIMA: "Perintah TERIMA tanpa laporan; tidak dibalas.",
    Intent.KONFIRMASI: "Hanya ucapan terima kasih; tidak perlu dibalas.",
}
"""Why such a message gets no answer: a sentence for the operator. KONFIRMASI only where the outcome is `abaikan`."""
KEYWORDS = {
    Act.ANSWER: "RALAT", Act.CORRECT: "RALAT", Act.REPLACE: "RALAT", Act.ADD: "SUSUL", Act.CONTINUE: "SUSUL",
    Act.WITHDRAW: "BATAL", Act.STATUS: "CEK", Act.VERIFY: "VERIF", Act.FOLLOW_UP: "TL", Act.TAKE: "TERIMA",
}  # fmt: skip
"""How each act on a report is written."""
CLOSED = "SELESAI"
NO_OFFICE = ("warga", "tokoh")
"""Roles of people of whom nobody needs to know that they report."""

_OWN = (Act.ANSWER, Act.CORRECT, Act.REPLACE, Act.ADD, Act.CONTINUE, Act.WITHDRAW)
"""What people do to reports of their own: said back, unless RAHASIA."""


def compose(
    understanding: Understanding,
    ticket: str | None,
    knowledge: Knowledge,
    language: str = "id",
    police_number: str = "110",
    repeats_ticket: str | None = None,
) -> Reply | None:
    """The answer to a message, or None where none must ever be sent; `why_silent` says why.

    `ticket` is the number of the report made from this message (None where none was made); `repeats_ticket` that of an
    earlier report with the same words. `language` falls back to Bahasa Indonesia.
    """
    if why_silent(understanding):
        return None
    writer = Writer(knowledge, language, police_number)
    if understanding.is_report and understanding.secret:
        return writer.secret(understanding, repeats_ticket or ticket or "")
    if repeats_ticket and understanding.intent != Intent.DARURAT:
        return writer.say("repeats", repeats_ticket, about=understanding)
    if understanding.is_report and understanding.intent != Intent.BEBAS:
        return writer.report(understanding, ticket or "")
    return writer.other(understanding, ticket or "")


def compose_step(
    step: Step, understanding: Understanding, knowledge: Knowledge, language: str = "id", police_number: str = "110"
) -> Reply | None:
    """The answer to what a message did to a report that was there already, or why it was not done.

    None only where the message itself must never be answered (`why_silent`); "wrong number" is an answer to "still you?".
    """
    if step.act is Act.NEW:
        return compose(understanding, step.ticket or None, knowledge, language, police_number)
    if understanding.outcome is Outcome.ABAIKAN and step.act is not Act.STILL_YOU:
        return None
    return _Conversation(step, understanding, Writer(knowledge, language, police_number)).reply()


def compose_registered(role: str, village: str, knowledge: Knowledge, language: str = "id") -> Reply:
    """Told to somebody whose registration was approved. `village`: code of a village or kecamatan, or ''."""
    writer = Writer(knowledge, language, "")
    who = writer.person(role, village)
    named = writer.texts["registered_as"].format(who=who) if who else ""
    return Reply(fit(writer.texts["registered"], {}, [{"as": named}, {"as": ""}]), "registered")


def still_you(role: str, village: str, name: str, knowledge: Knowledge, language: str = "id") -> Reply:
    """Asks whether a number still belongs to a registered person.

    It may belong to a stranger now: of somebody who holds no office neither name nor village is said.
    """
    writer = Writer(knowledge, language, "")
    office = writer.person(role, village) if said_name(role) and role not in NO_OFFICE else ""
    called = said_name(name)
    known = [f"{office} ({called})"] * bool(office and called) + [office] * bool(office)
    richness = [{"who": who} for who in (*known, writer.texts["somebody"])]
    return Reply(fit(writer.texts["still_you"], {}, richness), "still_you")


def why_silent(understanding: Understanding) -> str:
    """Why a message gets no answer at all, a sentence for the operator; '' where it gets one."""
    intent = understanding.intent
    if understanding.outcome is not Outcome.ABAIKAN and (intent == Intent.KONFIRMASI or intent not in SILENT):
        return ""
    return SILENT.get(intent, "Pesan ini tidak memerlukan jawaban.")


class _Conversation:
    """The answer to one step of a conversation."""

    def __init__(self, step: Step, found: Understanding, writer: Writer) -> None:
        self.step, self.found, self.writer = step, found, writer
        self.ticket = step.ticket or typed_ticket(found)
        self.after = step.after

    def reply(self) -> Reply:
        act = self.step.act
        if self.step.refusal is Refusal.OFFICERS:
            return self.writer.say("officers_only")
        if act is Act.REGISTER:
            return self.writer.registration(self.found)
        if act is Act.STILL_YOU:
            return self._still()
        if self.step.refusal is Refusal.UNKNOWN:
            return self.writer.say("unknown" if self.ticket else "unknown_plain", self.ticket)
        if self.step.refusal is Refusal.NO_TICKET or not self.ticket:
            return self.writer.say("ask_tiket", keyword=KEYWORDS[act])
        if act in _OWN and self._secret():
            return self.writer.secret(self.after or self.found, self.ticket)
        if self.step.refusal is Refusal.NOTHING:
            return self._nothing()
        return self._done()

    def _secret(self) -> bool:
        return self.found.secret or (self.after is not None and self.after.secret)

    def _still(self) -> Reply:
        answers = {"YA": "still_ya", "TIDAK": "still_bukan"}
        return self.writer.say(answers.get(str(self.found.fields.get("hasil")), "still_late"))

    def _done(self) -> Reply:
        act, after = self.step.act, self.after
        if act is Act.STATUS:
            return self._status()
        if act is Act.VERIFY:
            result = str(self.found.fields.get("hasil"))
            return self._say("verif", hasil=result) if result in RESULTS else self._say("ask_hasil")
        if act is Act.FOLLOW_UP:
            return self._say("tl_selesai" if self.found.fields.get("status") == CLOSED else "tl")
        if act is Act.WITHDRAW:
            return self._say("batal", about=after)
        if act is Act.TAKE:
            return self._say("terima")
        if after is None:
            return self._say(
                {Act.CORRECT: "koreksi", Act.REPLACE: "koreksi", Act.ANSWER: "answer", Act.CONTINUE: "lanjutan"}.get(
                    act, "susul"
                )
            )
        if act is Act.ANSWER:
            return self.writer.report(after, self.ticket, self.step.ask)
        if act is Act.CONTINUE or not self.step.changed:
            return self._say("lanjutan" if act is Act.CONTINUE else "susul", about=after)
        return self._changed(after)

    def _changed(self, after: Understanding) -> Reply:
        """A report with other figures, in words, and what is still to be asked."""
        kind = {Act.CORRECT: "corrected", Act.REPLACE: "replaced"}.get(self.step.act, "added")
        form = self.writer.form(after)
        question = self.writer.question(self.step.ask, form) if self.step.ask else ""
        template = self.writer.texts[kind].replace("{next}", question or self.writer.texts["still_wrong"])
        return self.writer.filled(template, kind, self.ticket, after, form)

    def _status(self) -> Reply:
        texts = self.writer.texts
        state = texts.get(f"state_{self.step.state}", texts["state_other"])
        if self.after is None or self._secret():
            return self._say("cek_plain", state=state)
        return self._say("cek", about=self.after, state=state)

    def _nothing(self) -> Reply:
        act, after = self.step.act, self.after
        if act is Act.ANSWER and after is not None and self.step.ask:
            return self.writer.report(after, self.ticket, self.step.ask)
        if act in (Act.STATUS, Act.TAKE, Act.VERIFY):
            return self._done()
        if act is Act.CORRECT and after is not None and "massa" not in self.writer.form(after).fields:
            return self._say("nothing_desa", about=after)
        if act is Act.WITHDRAW and self.step.state == "selesai":
            return self._say("nothing_batal_closed", about=after)
        kinds = {
            Act.ADD: "nothing_susul", Act.CONTINUE: "lanjutan", Act.WITHDRAW: "nothing_batal", Act.FOLLOW_UP: "nothing_tl",
        }  # fmt: skip
        return self._say(kinds.get(act, "nothing"), about=after)

    def _say(self, key: str, *, about: Understanding | None = None, **values: str) -> Reply:
        return self.writer.say(key, self.ticket, about=about, **values)
