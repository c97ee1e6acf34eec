"""`understand`: one message in, one `Understanding` out. Pure: the same text, sender and knowledge give the same result.

text ─clean▶ tokens ─read▶ keyword, ticket, type, place, phase, time ─decide▶ intent ─count▶ numbers ─▶ fields, outcome
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from config.knowledge import Form
from gateway.reports.counts import Counts
from gateway.reports.gazetteer import VILLAGE
from gateway.reports.intents import Decision, decide, is_machine
from gateway.reports.knowledge import Knowledge
from gateway.reports.labels import COUNTED
from gateway.reports.levels import propose_level
from gateway.reports.reading import Reading, read
from gateway.reports.text import CODE, LONGEST_TEXT, NUMBER, clean
from gateway.reports.understanding import FIELDS, Doubt, Intent, Outcome, Question, Sender, Understanding

REPORTS = (Intent.LAPOR, Intent.NIHIL, Intent.DARURAT)
EVENTS = (Intent.LAPOR, Intent.DARURAT, Intent.BEBAS)
WITH_TICKET = (Intent.SUSUL, Intent.KOREKSI, Intent.BATAL, Intent.CEK, Intent.VERIF, Intent.TL)
UNANSWERED = (Intent.OPERATOR, Intent.SPAM, Intent.SALAH_KIRIM)
NOT_IN_A_NAME = frozenset(["desa", "kelurahan", "nama", "di", "kecamatan", "sebagai", "dari", "pak", "peran"])
LARGEST_KET = 600
"""Characters of free text kept in `ket`; the whole message is kept elsewhere."""


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
    found = _understand(text, sender, knowledge, sent_at, asked)
    if len(text.strip()) <= LONGEST_TEXT:
        return found
    return replace(found, trace=(f"teks: hanya {LONGEST_TEXT} huruf pertama dibaca", *found.trace))


def _understand(
    text: str, sender: Sender, knowledge: Knowledge, sent_at: datetime | None, asked: Question | None
) -> Understanding:
    cleaned = clean(text)
    if not cleaned:
        if is_machine(sender.number):
            return _plain(Intent.OPERATOR, Outcome.ABAIKAN, "pengirim bukan nomor telepon orang")
        if text.strip(" \t\r\n\0\ufeff\u200b\u00a0"):
            return _plain(Intent.KACAU, Outcome.TOLAK, "tidak ada huruf atau angka")
        return _plain(Intent.KOSONG, Outcome.TOLAK, "pesan kosong")
    reading = read(cleaned, knowledge, sender, sent_at)
    decision = decide(reading, sender, knowledge)
    if decision.intent in UNANSWERED:
        return _plain(decision.intent, Outcome.ABAIKAN, decision.why)
    if decision.intent is Intent.KACAU:
        return _plain(decision.intent, Outcome.TOLAK, decision.why)
    return _Assembly(reading, decision, sender, knowledge).result()


def _plain(intent: Intent, outcome: Outcome, why: str) -> Understanding:
    return Understanding(intent, outcome, dict.fromkeys(FIELDS), trace=(f"maksud: {intent}, {why}",))


class _Assembly:
    """Fields, doubts and outcome of one message that means something to us."""

    def __init__(self, reading: Reading, decision: Decision, sender: Sender, knowledge: Knowledge) -> None:
        self.reading, self.decision, self.sender, self.knowledge = reading, decision, sender, knowledge
        self.intent = decision.intent
        self.fields: dict[str, Any] = dict.fromkeys(FIELDS)
        self.doubts: list[Doubt] = []
        self.trace = [f"maksud: {self.intent}, {decision.why}", *reading.trace]
        self.counts = Counts()

    def result(self) -> Understanding:
        fill = {
            Intent.LAPOR: self._event, Intent.DARURAT: self._event, Intent.BEBAS: self._event, Intent.NIHIL: self._nihil,
            Intent.SUSUL: self._amendment, Intent.KOREKSI: self._amendment, Intent.BATAL: self._ticket, Intent.CEK: self._ticket,
            Intent.TERIMA: self._ticket, Intent.VERIF: self._verification, Intent.TL: self._follow_up,
            Intent.DAFTAR: self._registration, Intent.KONFIRMASI: self._answer,
        }.get(self.intent)  # fmt: skip
        if fill is not None:
            fill()
        missing = self._missing()
        level, why = self._level()
        form = self._form()
        return Understanding(
            intent=self.intent,
            outcome=self._outcome(missing),
            fields=self.fields,
            missing=missing,
            doubts=tuple(self.doubts),
            trace=(*self.trace, *why),
            secret=bool(self.reading.secret),
            urgent=self._urgent(),
            level=level,
            form=form.id if form else "",
            version=form.version if form else 0,
        )

    def _form(self) -> Form | None:
        """The form of the report this message makes; None where it makes none."""
        if self.intent in REPORTS:
            return self.knowledge.forms[str(self.intent)]
        return self.knowledge.forms[str(Intent.LAPOR)] if self.decision.event else None

    # fields

    def _event(self) -> None:
        self._place()
        self.fields["jenis"] = self.reading.jenis
        self.doubts += self.reading.jenis_doubts
        if self.intent is not Intent.DARURAT and self.reading.jenis is None and len(self.reading.jenis_weak) == 1:
            self.fields["jenis"] = code = self.reading.jenis_weak[0]
            self.doubts.append(Doubt("jenis", f"hanya tanda lemah untuk {code}", (code,)))
            self.trace.append(f"jenis: tidak ada kata yang pasti, dibaca {code}")
        self._count()
        self._phase_and_time()
        self.fields["ket"] = (
            self._rest(self._head()) if self.intent is not Intent.BEBAS else self._cut(self.reading.text)
        )

    def _nihil(self) -> None:
        self._place()
        if self.fields["desa"] is None and not self.reading.mentions and self.sender.village in self._villages():
            self.fields["desa"] = self.sender.village
            self.doubts.append(Doubt("desa", "tidak disebut, dipakai desa pengirim terdaftar", (self.sender.village,)))
            self.trace.append("tempat: tidak disebut, dipakai desa pengirim terdaftar")
        if self.reading.jenis_certain and self.reading.jenis not in ("DAMAI", None):
            self.doubts.append(
                Doubt("jenis", f"NIHIL, tetapi juga disebut {self.reading.jenis}", (self.reading.jenis or "",))
            )
        self._phase_and_time()
        self.fields["fase"] = None
        self.fields["ket"] = self._rest(self._head())

    def _villages(self) -> dict[str, object]:
        return {village.code: village for village in self.knowledge.region.villages}

    def _amendment(self) -> None:
        self._ticket()
        self._place()
        if self.reading.jenis_certain:
            self.fields["jenis"] = self.reading.jenis
        self._count()
        self._phase_and_time()
        self.fields["ket"] = self._rest(self._head())

    def _ticket(self) -> None:
        self.fields["tiket"] = self.reading.ticket
        self.doubts += self.reading.ticket_doubts
        if self.intent in (Intent.BATAL, Intent.TERIMA):
            self.fields["ket"] = self._rest(self._head())

    def _verification(self) -> None:
        self._ticket()
        self.fields["hasil"] = self._first(self.knowledge.results, self._after_keyword())
        self.fields["ket"] = self._rest(self._head())
        self._officers_only()

    def _follow_up(self) -> None:
        self._ticket()
        self.fields["status"] = self._last(self.knowledge.statuses)
        self.fields["ket"] = self._rest(self._head())
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

    def _count(self) -> None:
        reading = self.reading
        taken = set(reading.ticket_tokens | reading.secret)
        taken |= {i for i in reading.jenis_tokens if reading.tokens[i].kind == NUMBER}
        taken |= {i for k in reading.keywords for i in range(k.start, k.end) if k.intent != "nihil"}
        fillers = self.knowledge.counter.marks.fillers  # "korban sekarang 7"
        taken |= {i for start, end in reading.times for i in range(start, end) if reading.words[i] not in fillers}
        places = {i for m in reading.mentions for i in range(m.start, m.end)}
        behind = {m.end - 1 for m in reading.mentions} | reading.jenis_tokens if self._is_card() else set()
        self.counts = self.knowledge.counter.count(reading.tokens, reading.text, taken | places, behind)
        self.fields.update(self.counts.values)
        self.doubts += self.counts.doubts
        self.trace += self.counts.trace
        self._number_of_a_name()

    def _number_of_a_name(self) -> None:
        """Doubts where a number may end the name of a village or be a count: `Lambur 2 warga`, `Lambur 3`."""
        reading, mention = self.reading, self.reading.where.mention
        if mention is None or mention.name.kind != VILLAGE:
            return
        last, behind = reading.tokens[mention.end - 1], mention.end
        name = mention.name
        if name.numbered and last.kind == NUMBER and not last.glued:
            alone = self.fields["massa"] is not None and self.fields["korban"] is None and behind in self.counts.used
            if alone or self.knowledge.counter.marks.is_people(reading.words, behind):
                self.doubts.append(Doubt("desa", f"angka {last.word} dibaca bagian nama {name.label}", name.codes))
        counter, words = self.knowledge.counter, reading.words
        strange = behind < len(words) and reading.tokens[behind].kind == NUMBER and behind not in self.counts.used
        after = behind + 1
        strange = strange and (
            after >= len(words) or words[after] in counter.marks.words or reading.tokens[after].kind == NUMBER
        )
        if strange and name.label.casefold() in self.knowledge.gazetteer.stems and len(reading.words[behind]) == 1:
            family = self.knowledge.gazetteer.family(name.label)
            why = f"tidak ada {name.label} {reading.words[behind]}"
            self.fields["desa"] = None
            self.doubts.append(Doubt("desa", why, family))
            self.trace.append(f"tempat: {why}")

    def _is_card(self) -> bool:
        return self.intent is not Intent.KONFIRMASI

    def _phase_and_time(self) -> None:
        self.fields["fase"] = self.reading.fase
        if self.reading.times:
            self.fields["waktu_teks"] = self.reading.typed(*self.reading.times[0])
        self.fields["waktu"] = self.reading.when
        self.fields["pihak"], self.fields["senjata"] = self.reading.sides, self.reading.armed

    # free text

    def _after_keyword(self) -> int:
        keyword = self.reading.keyword(str(self.intent))
        return keyword.end if keyword else 0

    def _head(self) -> int:
        """The first token that no field took: there the free text begins."""
        reading = self.reading
        taken = set(reading.ticket_tokens | reading.secret | self.counts.used)
        taken |= {i for k in reading.keywords if k.first or k.intent == str(self.intent) for i in range(k.start, k.end)}
        taken |= {i for start, end in reading.times for i in range(start, end)}
        if self.intent is Intent.LAPOR and reading.jenis_direct:
            taken |= reading.jenis_tokens
        where = reading.where.mention
        if where is not None:
            taken |= set(range(where.start, where.end))
        if self.intent is not Intent.DARURAT:
            taken |= {
                i for m in reading.mentions if m.district_said or m.name.kind == "own" for i in range(m.start, m.end)
            }
        if self.intent is Intent.NIHIL and all(
            reading.words[k.start] in ("aman", "kondusif") for k in reading.keywords
        ):
            taken |= {i for i, word in enumerate(reading.words) if word in ("aman", "kondusif")}
        index = 0
        while index < len(reading.tokens):
            found = self.knowledge.skip.at(reading.words, index)
            labelled = index + 1 in taken and reading.words[index] in self.knowledge.counter.marks.words
            counted = index - 1 in self.counts.used and reading.words[index] in self.knowledge.counter.marks.words
            phase = index in reading.fase_tokens and reading.words[index] in ("reda", "potensi", "terjadi")
            if index in taken or labelled or counted or phase or reading.words[index] in ("kecamatan", "=", "unknown"):
                index += 1
            elif found is not None:
                index += found[1]
            elif reading.tokens[index].kind == "unknown":
                index += 1
            else:
                break
        return index

    def _rest(self, head: int) -> str | None:
        """What was typed from token `head` on, without time words, RAHASIA and the goodbye."""
        reading = self.reading
        end = len(reading.tokens)
        while end > head:
            start = next(
                (
                    i
                    for i in range(max(head, end - 3), end)
                    if (f := self.knowledge.polite.at(reading.words, i)) and i + f[1] == end
                ),
                None,
            )
            if start is None:
                break
            end = start
        dropped = reading.secret | {i for start, stop in reading.times[:1] for i in range(start, stop)}
        pieces: list[str] = []
        run = head
        for index in range(head, end + 1):
            if index == end or index in dropped:
                if run < index:
                    pieces.append(self._quoted(run, index, last=index == len(reading.tokens)))
                run = index + 1
        return self._cut(" ".join(piece for piece in pieces if piece))

    def _quoted(self, start: int, end: int, *, last: bool) -> str:
        tokens = self.reading.tokens
        stop = tokens[end - 1].end
        text = self.reading.text[tokens[start].start : stop]
        if last:
            text = self.reading.text[tokens[start].start :]
        return text.strip(" ,;:#*/-|")

    def _cut(self, text: str) -> str | None:
        return text[:LARGEST_KET].strip() or None

    # outcome

    def _first(self, phrases: Any, start: int) -> str | None:
        skip = self.reading.ticket_tokens
        return next(
            (meaning for at, _, meaning in phrases.everywhere(self.reading.words) if at >= start and at not in skip),
            None,
        )

    def _last(self, phrases: Any) -> str | None:
        found = [meaning for _, _, meaning in phrases.everywhere(self.reading.words)]
        return "SELESAI" if "SELESAI" in found else (found[-1] if found else None)

    def _officers_only(self) -> None:
        if self.sender.role not in self.knowledge.officers:
            self.doubts.append(Doubt("peran", f"{self.intent.upper()} hanya untuk petugas terdaftar"))

    def _missing(self) -> tuple[str, ...]:
        required: tuple[str, ...] = ()
        if self.intent in REPORTS:
            required = self.knowledge.forms[str(self.intent)].required
        elif self.intent in WITH_TICKET:
            required = ("tiket", "hasil") if self.intent is Intent.VERIF else ("tiket",)
        elif self.intent is Intent.DAFTAR:
            required = ("peran", "desa", "nama")
        return tuple(name for name in required if self.fields[name] is None)

    def _outcome(self, missing: tuple[str, ...]) -> Outcome:
        if self.intent is Intent.BEBAS:
            return Outcome.TRIASE
        if self.intent is Intent.KONFIRMASI:
            only_thanks = all(self.fields[name] is None for name in ("desa", "jenis", "hasil", "fase", *COUNTED))
            unclear = self.reading.where.mention is not None and self.fields["desa"] is None
            return Outcome.ABAIKAN if only_thanks and not unclear else Outcome.LENGKAPI if unclear else Outcome.TERIMA
        if any(doubt.field == "peran" for doubt in self.doubts):
            return Outcome.TRIASE
        if self.intent in REPORTS and (self.reading.where.outside and self.fields["desa"] is None):
            return Outcome.TRIASE
        if self.intent is Intent.NIHIL and any(doubt.field == "jenis" for doubt in self.doubts):
            return Outcome.TRIASE
        if missing:
            return Outcome.LENGKAPI
        if self.intent is Intent.DAFTAR:
            return Outcome.TRIASE
        return Outcome.KONFIRMASI if self.doubts else Outcome.TERIMA

    def _level(self) -> tuple[int, tuple[str, ...]]:
        if self.intent not in EVENTS or (self.intent is Intent.BEBAS and self.fields["jenis"] is None):
            return 0, ()
        kind = self.knowledge.types.get(self.fields["jenis"] or "")
        return propose_level(
            self.knowledge.files.levels,
            kind.level if kind else None,
            self.fields,
            frozenset(self.reading.words),
            emergency=self.intent is Intent.DARURAT,
        )

    def _urgent(self) -> bool:
        if self.intent is Intent.DARURAT:
            return True
        if self.intent not in EVENTS:
            return False
        violent = self.fields["jenis"] in self.knowledge.files.levels.violent_types and self.fields["fase"] != "REDA"
        return violent or self.decision.acute or bool(self.fields["md"]) or bool(self.fields["luka"])
