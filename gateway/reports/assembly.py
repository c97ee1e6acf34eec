"""From what was read and decided to the result: fields, doubts, level and outcome of one message. Pure."""

from __future__ import annotations

from typing import Any

from config.knowledge import Form
from gateway.reports.counts import Counts
from gateway.reports.gazetteer import VILLAGE
from gateway.reports.intents import Decision, is_machine
from gateway.reports.knowledge import Knowledge
from gateway.reports.labels import COUNTED, KORBAN, MASSA
from gateway.reports.levels import base_level, is_urgent, propose_level
from gateway.reports.lexicon import Phrases
from gateway.reports.own_fields import OwnForm
from gateway.reports.own_numbers import OwnReading
from gateway.reports.reading import Keyword, Reading
from gateway.reports.rest import cut, rest
from gateway.reports.text import CODE, NUMBER
from gateway.reports.understanding import FIELDS, Doubt, Intent, Outcome, Sender, Understanding

REPORTS = (Intent.LAPOR, Intent.NIHIL, Intent.DARURAT)
EVENTS = (Intent.LAPOR, Intent.DARURAT, Intent.BEBAS)
WITH_TICKET = (Intent.SUSUL, Intent.KOREKSI, Intent.BATAL, Intent.CEK, Intent.VERIF, Intent.TL)
OVERRULED = (
    Intent.LAPOR,
    Intent.NIHIL,
    Intent.KONFIRMASI,
    Intent.BEBAS,
    Intent.KACAU,
    Intent.SALAH_KIRIM,
    Intent.BANTUAN,
)
"""What a form's own keyword in front overrules. Commands with a ticket and an emergency come first."""
JUNK = (Intent.OPERATOR, Intent.SPAM)
"""Overruled only where a village is named too."""
NOT_IN_A_NAME = frozenset(["desa", "kelurahan", "nama", "di", "kecamatan", "sebagai", "dari", "pak", "peran"])


def begun_form(reading: Reading, decision: Decision, sender: Sender, knowledge: Knowledge) -> OwnForm | None:
    """The form of its own that a message begins ("BANJIR ...", "LAPOR BANJIR ..."); its keyword is noted in the reading."""
    if not knowledge.own_forms or is_machine(sender.number):
        return None
    placed = any(mention.name.kind == VILLAGE for mention in reading.mentions)
    if decision.intent not in OVERRULED and not (decision.intent in JUNK and placed):
        return None
    front = next((keyword for keyword in reading.keywords if keyword.first), None)
    if front is None:
        return None
    if front.intent in knowledge.own_forms:
        return knowledge.own_forms[front.intent]
    if front.intent != Intent.LAPOR or front.end >= len(reading.words):
        return None
    for intent, form in knowledge.own_forms.items():
        found = form.begins.at(reading.words, front.end)
        if found is not None:
            reading.keywords.append(Keyword(intent, front.end, front.end + found[1], first=True))
            reading.trace.append(f"kata kunci: {intent.upper()}")
            return form
    return None


class Assembly:
    """Puts one message together. `reading`, `counts` and the result are all there is to know about it.

    `own` is the form with an intent of its own that the message begins, None for every other message.
    """

    def __init__(
        self, reading: Reading, decision: Decision, sender: Sender, knowledge: Knowledge, own: OwnForm | None = None
    ) -> None:
        self.reading, self.decision, self.sender, self.knowledge, self.own = reading, decision, sender, knowledge, own
        self.intent: str = own.form.intent if own else decision.intent
        self.form = self._form()
        self.fields: dict[str, Any] = dict.fromkeys(FIELDS)
        self.doubts: list[Doubt] = []
        why = f"kata {self.intent.upper()}" if own else decision.why
        self.trace = [f"maksud: {self.intent}, {why}", *reading.trace]
        self.counts = Counts()

    def result(self) -> Understanding:
        """The understanding."""
        fill = {
            Intent.LAPOR: self._event, Intent.DARURAT: self._event, Intent.BEBAS: self._event, Intent.NIHIL: self._nihil,
            Intent.SUSUL: self._amendment, Intent.KOREKSI: self._amendment, Intent.BATAL: self._ticket, Intent.CEK: self._ticket,
            Intent.TERIMA: self._ticket, Intent.VERIF: self._verification, Intent.TL: self._follow_up,
            Intent.DAFTAR: self._registration, Intent.KONFIRMASI: self._answer,
        }.get(Intent(self.intent)) if self.own is None else None  # fmt: skip
        if self.own is not None:
            self._own_report(self.own)
        elif fill is not None:
            fill()
        if self.form is not None:
            self._only_of(self.form)
        missing = self._missing()
        level, why = self._level()
        return Understanding(
            intent=self.intent,
            outcome=self._outcome(missing),
            fields=self.fields,
            missing=missing,
            doubts=tuple(self.doubts),
            trace=(*self.trace, *why),
            secret=bool(self.reading.secret),
            urgent=self._urgent(level),
            level=level,
            form=self.form.id if self.form else "",
            version=self.form.version if self.form else 0,
        )

    def _form(self) -> Form | None:
        """The form of the report this message makes; None where it makes none."""
        if self.own is not None:
            return self.own.form
        if self.intent in REPORTS:
            return self.knowledge.forms[self.intent]
        return self.knowledge.forms[Intent.LAPOR] if self.decision.event else None

    @property
    def _reports(self) -> bool:
        """Whether the sender means to report; free text is taken for a report only by a person."""
        return self.form is not None and self.intent != Intent.BEBAS

    # fields

    def _event(self) -> None:
        self._place()
        self.fields["jenis"] = self.reading.jenis
        self.doubts += self.reading.jenis_doubts
        if self.reading.jenis is None and self.reading.jenis_weak:
            self.fields["jenis"] = code = self.reading.jenis_weak[0]
            offered = self.reading.jenis_weak
            self.doubts.append(Doubt("jenis", f"hanya tanda lemah untuk {', '.join(offered)}", offered))
            self.trace.append(f"jenis: tidak ada kata yang pasti, dibaca {code}")
        self._count()
        self._phase_and_time()
        self.fields["ket"] = self._rest() if self.intent != Intent.BEBAS else cut(self.reading.text)

    def _own_report(self, own: OwnForm) -> None:
        """The report of a form with an intent of its own: the shipped fields it names, then its own."""
        form = own.form
        self._place()
        taken = self._not_counted() - self.reading.jenis_tokens - self._fraction_of_a_name(own)
        said = own.read(self.reading, taken)
        free_first = MASSA not in form.fields and KORBAN not in form.fields
        if free_first:
            counted = self.knowledge.counter.count(self.reading.tokens, self.reading.text, taken | said.used, set())
            labelled = {name for name in COUNTED if name in form.fields and counted.values[name] is not None}
            own.numbers.read_free(self.reading, taken | (counted.used if labelled else set()), said)
        if any(name in form.fields for name in COUNTED):
            behind = {mention.end - 1 for mention in self.reading.mentions}
            self._take_counts(taken | said.used, behind, form.fields)
        if not free_first:
            own.numbers.read_free(self.reading, taken | self.counts.used, said)
        self._take_own(said)
        self._number_of_a_name()
        self._phase_and_time()
        self.fields["ket"] = self._rest()

    def _fraction_of_a_name(self, own: OwnForm) -> set[int]:
        """The 1 of "Lambur 1,5 meter": it may end the name, but it begins a number; the village stays open."""
        mention = self.reading.where.mention
        if mention is None or not mention.name.numbered or not own.numbers.is_amount(self.reading, mention.end - 1):
            return set()
        label = mention.name.label
        self.fields["desa"] = None
        self.doubts.append(
            Doubt("desa", f"angka sesudah {label.rpartition(' ')[0]} termasuk ukuran", mention.name.codes)
        )
        self.trace.append(f"tempat: {label} tidak pasti, angkanya termasuk ukuran")
        return {mention.end - 1}

    def _take_own(self, said: OwnReading) -> None:
        self.fields.update(said.values)
        self.doubts += said.doubts
        self.trace += said.trace
        self.counts.used |= said.used

    def _only_of(self, form: Form) -> None:
        """Nothing but what the form has: what it does not name is not asked of anybody and not kept."""
        for name in FIELDS:
            if name not in form.fields:
                self.fields[name] = None

    def _nihil(self) -> None:
        self._place()
        villages = {village.code for village in self.knowledge.region.villages}
        if self.fields["desa"] is None and not self.reading.mentions and self.sender.village in villages:
            self.fields["desa"] = self.sender.village
            self.doubts.append(Doubt("desa", "tidak disebut, dipakai desa pengirim terdaftar", (self.sender.village,)))
            self.trace.append("tempat: tidak disebut, dipakai desa pengirim terdaftar")
        if self.reading.jenis_certain and self.reading.jenis not in ("DAMAI", None):
            self.doubts.append(
                Doubt("jenis", f"NIHIL, tetapi juga disebut {self.reading.jenis}", (self.reading.jenis or "",))
            )
        self._phase_and_time()
        self.fields["fase"] = None
        self.fields["ket"] = self._rest()

    def _amendment(self) -> None:
        self._ticket()
        self._place()
        if self.reading.jenis_certain:
            self.fields["jenis"] = self.reading.jenis
        self._count()
        self._phase_and_time()
        self.fields["ket"] = self._rest()

    def _ticket(self) -> None:
        self.fields["tiket"] = self.reading.ticket
        self.doubts += self.reading.ticket_doubts
        if self.intent in (Intent.BATAL, Intent.TERIMA):
            self.fields["ket"] = self._rest()

    def _verification(self) -> None:
        self._ticket()
        self.fields["hasil"] = self._first(self.knowledge.results, self._after_keyword())
        self._count()
        self._phase_and_time()
        self.fields["ket"] = self._rest()
        self._officers_only()

    def _follow_up(self) -> None:
        self._ticket()
        self.fields["status"] = self._last(self.knowledge.statuses)
        self._count()
        self._phase_and_time()
        self.fields["fase"] = None  # "sudah selesai didamaikan" is the follow-up's status
        self.fields["ket"] = self._rest()
        self._officers_only()

    def _registration(self) -> None:
        start = self._after_keyword()
        words = self.reading.words
        role = next(((s, n, r) for s, n, r in self.knowledge.roles.everywhere(words) if s >= start), None)
        used = set(range(start))
        if role is not None:
            self.fields["peran"] = role[2]
            used |= set(range(role[0], role[0] + role[1]))
            self.trace.append(f"peran: {role[2]}")
        self._place()
        for mention in self.reading.mentions:
            used |= set(range(mention.start, mention.end))
        name = [
            self.reading.typed(i, i + 1)
            for i in range(start, len(words))
            if i not in used and words[i] not in NOT_IN_A_NAME
            and self.reading.tokens[i].kind != CODE
        ]  # fmt: skip
        self.fields["nama"] = " ".join(name) or None

    def _answer(self) -> None:
        self._ticket()
        self._place()
        self.fields["jenis"] = self.reading.jenis
        self._count()
        self._phase_and_time()
        self.fields["hasil"] = self._first(self.knowledge.results, 0)

    def _place(self) -> None:
        where = self.reading.where
        self.fields["desa"] = where.village.code if where.village else None
        self.doubts += where.doubts
        self.trace += where.trace

    def _phase_and_time(self) -> None:
        self.fields["fase"] = self.reading.fase
        if self.reading.times:
            self.fields["waktu_teks"] = self.reading.typed(*self.reading.times[0])
        self.fields["waktu"] = self.reading.when
        self.fields["pihak"], self.fields["senjata"] = self.reading.sides, self.reading.armed

    # numbers

    def _not_counted(self) -> set[int]:
        """Tokens that are no count: ticket, type, keyword, time, place."""
        reading = self.reading
        taken = set(reading.ticket_tokens | reading.secret)
        taken |= {i for i in reading.jenis_tokens if reading.tokens[i].kind == NUMBER}
        taken |= {i for k in reading.keywords for i in range(k.start, k.end) if k.intent != Intent.NIHIL}
        fillers = self.knowledge.counter.marks.fillers  # "korban sekarang 7"
        taken |= {i for start, end in reading.times for i in range(start, end) if reading.words[i] not in fillers}
        return taken | {i for m in reading.mentions for i in range(m.start, m.end)}

    def _count(self) -> None:
        mentioned = {m.end - 1 for m in self.reading.mentions}
        behind = mentioned | self.reading.jenis_tokens if self.intent != Intent.KONFIRMASI else set()
        self._take_counts(self._not_counted(), behind, COUNTED)
        self._number_of_a_name()

    def _take_counts(self, taken: set[int], behind: set[int], names: tuple[str, ...]) -> None:
        self.counts = self.knowledge.counter.count(self.reading.tokens, self.reading.text, taken, behind)
        self.fields.update({name: value for name, value in self.counts.values.items() if name in names})
        self.doubts += [doubt for doubt in self.counts.doubts if doubt.field in names]
        self.trace += [line for line in self.counts.trace if line.partition(":")[0] in names]

    def _number_of_a_name(self) -> None:
        """Doubts where a number may end the name of a village or be a count: `Lambur 2 warga`, `Lambur 3`."""
        reading, mention, marks = self.reading, self.reading.where.mention, self.knowledge.counter.marks
        if mention is None or mention.name.kind != VILLAGE:
            return
        last, behind, name = reading.tokens[mention.end - 1], mention.end, mention.name
        ends_in_number = name.numbered and last.kind == NUMBER and not last.glued
        counted_alone = self._one_number() and behind in self.counts.used
        if ends_in_number and (counted_alone or marks.is_people(reading.words, behind)):
            self.doubts.append(Doubt("desa", f"angka {last.word} dibaca bagian nama {name.label}", name.codes))
        words = reading.words
        strange = behind < len(words) and reading.tokens[behind].kind == NUMBER and behind not in self.counts.used
        after = behind + 1
        strange = strange and (
            after >= len(words) or words[after] in marks.words or reading.tokens[after].kind == NUMBER
        )
        if strange and name.label.casefold() in self.knowledge.gazetteer.stems and len(words[behind]) == 1:
            why = f"tidak ada {name.label} {words[behind]}"
            self.fields["desa"] = None
            self.doubts.append(Doubt("desa", why, self.knowledge.gazetteer.family(name.label)))
            self.trace.append(f"tempat: {why}")

    def _one_number(self) -> bool:
        """Whether of the numbers that stand free only the first was said."""
        if self.own is None:
            return self.fields[MASSA] is not None and self.fields[KORBAN] is None
        free = self.own.free_fields
        return len(free) > 1 and sum(self.fields[name] is not None for name in free) == 1

    # words

    def _after_keyword(self) -> int:
        keyword = self.reading.keyword(self.intent)
        return keyword.end if keyword else 0

    def _rest(self) -> str | None:
        return rest(self.reading, self.knowledge, self.intent, self.counts.used)

    def _first(self, phrases: Phrases[str], start: int) -> str | None:
        skip = self.reading.ticket_tokens
        return next(
            (meaning for at, _, meaning in phrases.everywhere(self.reading.words) if at >= start and at not in skip),
            None,
        )

    def _last(self, phrases: Phrases[str]) -> str | None:
        words = self.reading.words
        found = [meaning for at, _, meaning in phrases.everywhere(words) if not (at and words[at - 1] == "belum")]
        return "SELESAI" if "SELESAI" in found else (found[-1] if found else None)

    def _officers_only(self) -> None:
        if self.sender.role not in self.knowledge.officers:
            self.doubts.append(Doubt("peran", f"{self.intent.upper()} hanya untuk petugas terdaftar"))

    # outcome

    def _missing(self) -> tuple[str, ...]:
        required: tuple[str, ...] = ()
        if self._reports and self.form is not None:
            required = self.form.required
        elif self.intent in WITH_TICKET:
            required = ("tiket", "hasil") if self.intent == Intent.VERIF else ("tiket",)
        elif self.intent == Intent.DAFTAR:
            required = ("peran", "desa", "nama")
        return tuple(name for name in required if self.fields[name] is None)

    def _outcome(self, missing: tuple[str, ...]) -> Outcome:
        if self.intent == Intent.BEBAS:
            return Outcome.TRIASE
        if self.intent == Intent.KONFIRMASI:
            only_thanks = all(self.fields[name] is None for name in ("desa", "jenis", "hasil", "fase", *COUNTED))
            unclear = self.reading.where.mention is not None and self.fields["desa"] is None
            return Outcome.ABAIKAN if only_thanks and not unclear else Outcome.LENGKAPI if unclear else Outcome.TERIMA
        if any(doubt.field == "peran" for doubt in self.doubts):
            return Outcome.TRIASE
        if self._reports and (self.reading.where.outside and self.fields["desa"] is None):
            return Outcome.TRIASE
        if self.intent == Intent.NIHIL and any(doubt.field == "jenis" for doubt in self.doubts):
            return Outcome.TRIASE
        if missing:
            return Outcome.LENGKAPI
        if self.intent == Intent.DAFTAR:
            return Outcome.TRIASE
        return Outcome.KONFIRMASI if self.doubts else Outcome.TERIMA

    def _level(self) -> tuple[int, tuple[str, ...]]:
        if self.own is None and self.intent not in EVENTS:
            return 0, ()
        if self.intent == Intent.BEBAS and self.fields["jenis"] is None:
            return 0, ()
        form = self.form or self.knowledge.forms[Intent.LAPOR]
        return propose_level(
            self.knowledge.files.levels,
            base_level(form, self.fields["jenis"], self.knowledge),
            self.fields,
            frozenset(self.reading.words),
            emergency=self.intent == Intent.DARURAT,
            own=form.rule,
        )

    def _urgent(self, level: int) -> bool:
        if self.own is None and self.intent not in EVENTS:
            return False
        emergency = self.intent == Intent.DARURAT or (self.own is None and self.decision.acute)
        return emergency or is_urgent(self.form, self.fields, level, self.knowledge.files.levels)
