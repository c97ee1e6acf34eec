"""What a message does to reports that are there already: the step of a conversation. Pure.

understanding + sender + earlier reports ─▶ Step: a new report, an answer, a correction, a status question ...

Who may do what (`_target`): the reporter everything with a report of their own but the officers' commands; a registered officer
asks for the status of any report, adds to it, corrects it, verifies, follows up and takes it; for all others no report exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.reports import amended, continuing
from gateway.reports.answers import cannot_say
from gateway.reports.knowledge import Knowledge
from gateway.reports.questions import HOUR, WITHDRAWN, echoed, open_question, question
from gateway.reports.recurring import CONTENT, same_event
from gateway.reports.steps import Act, Earlier, Limits, Refusal, Step
from gateway.reports.ticket import repair
from gateway.reports.understanding import Doubt, Intent, Outcome, Sender, Understanding

__all__ = ["Act", "Earlier", "Limits", "Refusal", "Step", "echoed", "next_step", "open_question", "question"]

MINUTE = 60_000
NEW, VERIFYING, HANDLED, CLOSED = "baru", "verifikasi", "ditangani", "selesai"
_OFFICERS_ACTS = frozenset([Act.VERIFY, Act.FOLLOW_UP, Act.TAKE])
_OFFICERS_TOO = frozenset([Act.STATUS, Act.ADD, Act.CORRECT])
"""What officers may do with other people's reports, besides their own commands."""
_ACT_OF_INTENT: dict[str, Act] = {
    Intent.SUSUL: Act.ADD, Intent.KOREKSI: Act.CORRECT, Intent.BATAL: Act.WITHDRAW, Intent.CEK: Act.STATUS,
    Intent.VERIF: Act.VERIFY, Intent.TL: Act.FOLLOW_UP, Intent.TERIMA: Act.TAKE, Intent.DAFTAR: Act.REGISTER,
}  # fmt: skip


def next_step(
    understanding: Understanding,
    text: str,
    sender: Sender,
    earlier: Sequence[Earlier],
    knowledge: Knowledge,
    now: int,
    limits: Limits,
    sent_at: int | None = None,
) -> Step:
    """What this message does.

    `earlier` are the sender's own reports of late and the one its ticket names, whoever sent that; times in milliseconds.
    `sender.role` must be '' for everybody who is not registered at present.
    """
    return _Conversation(understanding, text, sender, earlier, knowledge, now, limits, sent_at).step()


class _Conversation:
    """One message and the reports it may be about."""

    def __init__(
        self,
        found: Understanding,
        text: str,
        sender: Sender,
        earlier: Sequence[Earlier],
        knowledge: Knowledge,
        now: int,
        limits: Limits,
        sent_at: int | None,
    ) -> None:
        self.found, self.text, self.earlier, self.knowledge = found, text, earlier, knowledge
        self.now, self.limits, self.at = now, limits, now if sent_at is None else sent_at
        self.role = sender.role
        self.officer = sender.role in knowledge.officers
        self.own = sorted((one for one in earlier if one.own), key=lambda one: (one.at, one.message_id))
        self.asked = open_question(earlier, now, limits, sent_at)
        self.trace: list[str] = []
        self.doubts: list[Doubt] = []

    def step(self) -> Step:
        act = _ACT_OF_INTENT.get(self.found.intent)
        if act is Act.REGISTER:
            return Step(act)
        if self.found.intent in (Intent.KONFIRMASI, Intent.BEBAS) and (answered := self._answer()):
            return answered
        if (ticket := self._continued(act)) is not None:
            return ticket
        if act is not None:
            return self._command(act)
        if self.found.is_report:
            return self._replacing() or self._new()
        return self._unasked()

    # reports of their own

    def _new(self) -> Step:
        near = [one for one in self.own if abs(self.at - one.at) <= self.limits.replace_minutes * MINUTE]
        if near and self.found.intent != Intent.DARURAT and not self._same_words():
            self.trace.append(f"laporan baru; mungkin masih tentang {near[-1].ticket}")
        ask = self.found.missing[0] if self.found.outcome is Outcome.LENGKAPI and self.found.missing else ""
        return Step(Act.NEW, ask=ask, trace=tuple(self.trace))

    def _same_words(self) -> bool:
        words = self.text.casefold().split()
        return any(one.text.casefold().split() == words for one in self.own)

    def _replacing(self) -> Step | None:
        """The same report again within minutes, with other figures or other words."""
        if self.found.intent in (Intent.DARURAT, Intent.BEBAS) or not self.limits.replace_minutes or self._same_words():
            return None
        for one in reversed(self.own):
            if abs(self.at - one.at) > self.limits.replace_minutes * MINUTE or one.state in (WITHDRAWN, CLOSED):
                continue
            if (
                one.form == self.found.form
                and one.intent == self.found.intent
                and same_event(self.found, self.text, one)
            ):
                self.trace.append(
                    f"laporan yang sama dalam {self.limits.replace_minutes:g} menit: menggantikan {one.ticket}"
                )
                lacking = self.found.missing[:1] if self.found.outcome is Outcome.LENGKAPI else ()
                ask = next((name for name in lacking if name != one.asked), "")
                said = amended.said(self.found, self.text, one, self.knowledge, replace_text=True)
                overtaken = bool(said) and self.at < one.at
                if overtaken:
                    self.trace.append(
                        f"dikirim sebelum {one.ticket}, datang sesudahnya: tidak mengubahnya, untuk petugas"
                    )
                if overtaken or not said:
                    return Step(
                        Act.REPLACE, one.ticket, state=one.state, refusal=Refusal.NOTHING, trace=tuple(self.trace),
                        person=overtaken,
                    )  # fmt: skip
                return self._amend(Act.REPLACE, one, said, ask)
        return None

    def _unasked(self) -> Step:
        """Neither report nor command: an answer nobody waits for is read by a person, unless it says nothing."""
        found = self.found
        if found.secret and found.intent in _TALK and (one := self._last()[0]) is not None:
            return amended.for_a_person(self._hide(one))
        answers = found.intent == Intent.KONFIRMASI and found.outcome is not Outcome.ABAIKAN
        told = any(value is not None for name, value in found.fields.items() if name not in ("hasil", "tiket"))
        if answers and self.asked is not None:
            self.trace.append(
                f"tidak menjawab pertanyaan {self.asked.asked} untuk {self.asked.ticket}: ditanyakan lagi"
            )
            return self._ask_again(self.asked, person=told)
        if answers and told:
            self.trace.append("jawaban tanpa pertanyaan yang masih terbuka: untuk petugas")
        return Step(Act.NEW, trace=tuple(self.trace), person=answers and told)

    def _ask_again(self, one: Earlier, *, person: bool) -> Step:
        after = amended.after(one, {}, replace(self.found, doubts=()), self.text, self.knowledge, (), one.asked)
        return Step(
            Act.ANSWER, one.ticket, after=after, state=one.state, ask=one.asked, refusal=Refusal.NOTHING,
            trace=tuple(self.trace), person=person,
        )  # fmt: skip

    def _hide(self, one: Earlier) -> Step:
        """Nothing but the wish that nobody learns who reported."""
        self.trace.append(f"pelapor minta dirahasiakan: laporan {one.ticket}")
        self.found = replace(self.found, doubts=())
        return self._amend(Act.ADD, one, {})

    # answers

    def _answer(self) -> Step | None:
        one, found = self.asked, self.found
        if one is None or found.outcome is Outcome.ABAIKAN:
            return None
        if found.intent == Intent.BEBAS and not self._tells_again(one):
            return None
        name = one.asked
        unsure = [doubt for doubt in found.doubts if doubt.field == name]
        said = amended.said(found, self.text, one, self.knowledge)
        if found.fields.get(name) is None and not unsure:
            # It answers no question, so it takes nothing back that is known.
            said = {name_: value for name_, value in said.items() if name_ in CONTENT and one.fields.get(name_) is None}
            if not said:
                return None
        if any(amended.is_denial(doubt) and one.fields.get(name) in doubt.candidates for doubt in unsure):
            said[name] = None
        self.trace.append(f"jawaban atas pertanyaan {name} untuk {one.ticket}")
        return self._amend(Act.ANSWER, one, said, ask=self._next_question(one, unsure))

    def _tells_again(self, one: Earlier) -> bool:
        """Free text that says the event once more, now with what we asked for."""
        fields = self.found.fields
        other = {"desa": "jenis", "jenis": "desa"}.get(one.asked, "")
        same = fields.get(other) is None or fields[other] == one.fields.get(other)
        return self.found.is_report and bool(other) and same and fields.get(one.asked) is not None

    def _next_question(self, one: Earlier, unsure: Sequence[Doubt]) -> str:
        """After an answer: the next required field, each asked once; a place once more when candidates have come up."""
        name, found = one.asked, self.found
        if found.fields.get(name) is None and not cannot_say(found, name):
            offered = any(doubt.candidates for doubt in unsure)
            if (offered and not one.candidates) or any(amended.is_denial(doubt) for doubt in unsure):
                return name
            if not unsure:
                return ""  # it said something else: the question stays open and is not asked again
        required = amended.required(one.form, self.knowledge)
        later = required[required.index(name) + 1 :] if name in required else required
        known = {**one.fields, **{field_: value for field_, value in found.fields.items() if value is not None}}
        return next((field_ for field_ in later if known.get(field_) is None), "")

    # the rest of an earlier message

    def _continued(self, act: Act | None) -> Step | None:
        found, minutes = self.found, self.limits.continue_minutes
        says_so = continuing.says_so(self.text)
        free = found.intent in (Intent.BEBAS, Intent.KACAU, Intent.KONFIRMASI) and found.outcome is not Outcome.ABAIKAN
        # "(2/2) ... sudah pulang": what reads like a private message, but says that it goes on.
        named = says_so and (found.intent == Intent.SALAH_KIRIM or (act is Act.ADD and not found.fields.get("tiket")))
        if self.asked is not None and self.asked.asked == "jenis" and found.intent == Intent.SPAM:
            # Who tells how votes are bought writes what swindlers write.
            return self._hung_on(self.asked, f"mungkin jawaban atas pertanyaan jenis untuk {self.asked.ticket}")
        if not self.own or not minutes or not (free or named):
            return None
        one = max(self.own, key=lambda own: (own.message_id, own.at))
        if abs(self.at - one.at) > minutes * MINUTE or not continuing.continues(self.text):
            return None
        places = {report.fields.get("desa") for report in (one, found)} - {None}
        if found.is_report and not says_so and len(places) > 1:
            return None  # "terus di kampung laut ada bentrok juga": news of another place
        return self._hung_on(one, f"seperti lanjutan pesan laporan {one.ticket}")

    def _hung_on(self, one: Earlier, why: str) -> Step:
        """Its text added to a report; a person decides what it says."""
        self.trace.append(f"{why}: untuk petugas")
        step = self._amend(Act.CONTINUE, one, {"ket": amended.joined(one.fields.get("ket"), self.text.strip())})
        return amended.for_a_person(step)

    # commands

    def _command(self, act: Act) -> Step:
        if act in _OFFICERS_ACTS and not self.officer:
            if act is Act.TAKE and not self.found.fields.get("tiket"):
                return Step(Act.NEW)  # "terima" alone is politeness
            return self._refused(act, Refusal.OFFICERS)
        one, refusal = self._target(act)
        if one is None:
            return self._refused(act, refusal)
        if act is Act.STATUS:
            after = amended.after(one, {}, self.found, self.text, self.knowledge, ())
            return Step(act, one.ticket, after=after, state=one.state, trace=tuple(self.trace))
        if act is Act.WITHDRAW:
            return self._withdraw(one)
        if act in _OFFICERS_ACTS:
            return self._officers_word(act, one)
        return self._correct(one) if act is Act.CORRECT else self._add(one)

    def _target(self, act: Act) -> tuple[Earlier | None, Refusal]:
        """The report a command is about, or why there is none."""
        typed = str(self.found.fields.get("tiket") or "").upper()
        if not typed:
            return (None, Refusal.NO_TICKET) if act in _OFFICERS_ACTS else self._last()
        for one in self.earlier:
            if one.ticket == typed and (one.own or (self.officer and act in _OFFICERS_ACTS | _OFFICERS_TOO)):
                return one, Refusal.NONE
        meant = repair(typed)
        for one in self.own:
            if meant and meant != typed and one.ticket == meant:
                self.trace.append(f"tiket: {typed} dibaca {meant}, laporan pengirim sendiri")
                self.doubts.append(Doubt("tiket", f"{typed} dibaca {meant}", (meant,)))
                return one, Refusal.NONE
        return None, Refusal.UNKNOWN

    def _last(self) -> tuple[Earlier | None, Refusal]:
        limit = self.limits.correct_hours * HOUR
        lately = [one for one in self.own if self._age(one) <= limit]
        lately = [one for one in lately if one.at <= self.at] or lately  # not one that was sent after this
        lately = [one for one in lately if one.state != WITHDRAWN] or lately
        if not lately:
            return None, Refusal.NO_TICKET
        self.trace.append(f"tanpa nomor: dipakai laporan terakhir pengirim, {lately[-1].ticket}")
        return lately[-1], Refusal.NONE

    def _age(self, one: Earlier) -> int:
        """How old a report is to its sender: since it was sent, or since we told them its number."""
        told = abs(self.now - one.noted_at) if one.noted_at is not None else abs(self.at - one.at)
        return min(abs(self.at - one.at), told)

    def _refused(self, act: Act, refusal: Refusal, one: Earlier | None = None) -> Step:
        """Not done. Whoever wrote more than the bare command is read by a person."""
        self.trace.append(f"tidak dilakukan: {refusal}")
        content = any(
            value is not None for name, value in self.found.fields.items() if name not in ("tiket", "hasil", "status")
        )
        ticket = one.ticket if one else ""
        after = amended.after(one, {}, self.found, self.text, self.knowledge, ()) if one else None
        state = one.state if one else ""
        return Step(
            act, ticket, after=after, state=state, refusal=refusal, trace=tuple(self.trace), person=content,
            urgent=content and amended.is_grave(self.found, self.text, self.knowledge),
        )  # fmt: skip

    def _correct(self, one: Earlier) -> Step:
        changed = amended.said(self.found, self.text, one, self.knowledge)
        changed.pop("ket", None)
        ask = ""
        if amended.takes_place_back(self.text, one, self.found, self.knowledge):
            changed["desa"], ask = None, "desa"
        elif changed.get("desa") and amended.denies_place(self.text, self.knowledge):
            del changed["desa"]  # where it was not is not where it was
        if not changed:
            return self._unchanged(Act.CORRECT, one)
        if one.asked and changed.get(one.asked) is not None:  # as good as an answer: what is missing next?
            ask = next(iter(amended.missing(one.form, {**one.fields, **changed}, self.knowledge)), "")
        return self._amend(Act.CORRECT, one, changed, ask=ask)

    def _add(self, one: Earlier) -> Step:
        changed = amended.said(self.found, self.text, one, self.knowledge)
        ket = changed.pop("ket", None)
        details = any(self.found.fields.get(name) is not None for name in ("md", "luka", "hilang"))
        if details and (changed.get("korban") or 0) < (one.fields.get("korban") or 0):
            changed.pop("korban", None)  # the sum of the news alone; more victims are known
        for name in CONTENT:  # "warga lambur 2 ikut": an addition moves no event
            if name in changed and one.fields.get(name) is not None:
                self.doubts.append(Doubt(name, f"susulan menyebut {changed.pop(name)}"))
        for name, value in changed.items():
            before = one.fields.get(name)
            if isinstance(value, int) and isinstance(before, int) and not isinstance(value, bool) and value < before:
                self.doubts.append(Doubt(name, f"semula {before}, susulan menyebut {value}"))
        if ket:
            changed["ket"] = ket
        return self._amend(Act.ADD, one, changed) if changed else self._unchanged(Act.ADD, one)

    def _unchanged(self, act: Act, one: Earlier) -> Step:
        hides = self.found.secret and not one.secret and one.own
        return self._hide(one) if hides else self._refused(act, Refusal.NOTHING, one)

    def _withdraw(self, one: Earlier) -> Step:
        if one.state in (WITHDRAWN, CLOSED):
            return self._refused(Act.WITHDRAW, Refusal.NOTHING, one)
        step = self._amend(Act.WITHDRAW, one, {})
        grave = one.level >= self.knowledge.files.levels.highest or one.intent == Intent.DARURAT
        if one.level > 0:  # by whom, and why? somebody may have been made to
            self.trace.append("laporan yang dibatalkan tetap dibaca petugas")
        step = amended.moved(step, WITHDRAWN, self.trace)
        return amended.for_a_person(step, urgent=grave) if one.level > 0 or grave else step

    def _officers_word(self, act: Act, one: Earlier) -> Step:
        names = {Act.VERIFY: ("hasil", "ket"), Act.FOLLOW_UP: ("status", "ket"), Act.TAKE: ("ket",)}[act]
        word = {name: self.found.fields[name] for name in names if self.found.fields.get(name) is not None}
        if act is not Act.TAKE and not word.keys() & ({"hasil"} if act is Act.VERIFY else {"status", "ket"}):
            return self._refused(act, Refusal.NOTHING, one)
        state = one.state
        if act is Act.VERIFY:
            state = VERIFYING if one.state == NEW else one.state
        elif word.get("status") == "SELESAI":
            state = CLOSED
        elif one.state != CLOSED:
            state = HANDLED
        if one.own:
            self.trace.append("petugas ini juga pelapornya")
        person = self._is_named(one)
        after = amended.after(one, {}, self.found, self.text, self.knowledge, ())
        return Step(act, one.ticket, word, after, state, trace=tuple(self.trace), by="petugas", person=person)

    def _is_named(self, one: Earlier) -> bool:
        """Whether a report of somebody else speaks of this officer's office: he may be the one complained of."""
        named = not one.own and amended.names_role(self.role, one, self.knowledge)
        if named:
            self.trace.append(f"laporan ini menyebut {self.role}: perintah petugas itu dibaca petugas lain")
        return named

    def _amend(self, act: Act, one: Earlier, changed: dict[str, Any], ask: str = "") -> Step:
        # Of what may be the rest of a message only the text is taken: a person decides what it says.
        found = replace(self.found, doubts=()) if act is Act.CONTINUE else self.found
        after = amended.after(one, changed, found, self.text, self.knowledge, self.doubts, ask, lower=act in _MAY_LOWER)
        over = one.state in (WITHDRAWN, CLOSED)
        if over:
            self.trace.append(f"laporan {one.ticket} sudah {one.state}: kabar ini dibaca petugas")
        for name, value in changed.items():
            if name != "ket":
                self.trace.append(f"{name}: {_shown(one.fields.get(name))} menjadi {_shown(value)}")
        milder = after.level < one.level
        if milder:
            self.trace.append(f"tingkat turun dari {one.level} ke {after.level}: dibaca petugas")
        named = self._is_named(one)
        by = "pelapor" if one.own else "petugas"
        step = Step(
            act, one.ticket, changed, after, one.state, ask, trace=tuple(self.trace), by=by, urgent=after.urgent
        )
        return amended.for_a_person(step) if over or milder or named or (act is Act.ADD and after.urgent) else step


_TALK = (Intent.BEBAS, Intent.KONFIRMASI, Intent.KACAU)
_MAY_LOWER = frozenset([Act.CORRECT, Act.REPLACE])


def _shown(value: Any) -> str:
    return "tidak diketahui" if value is None else f"{value}"
