"""One answer in one language: templates, and what is known of a report, put together. Pure.

What a template may hold in braces: config/replies.toml and docs/forms.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.forms import AnyField, ChoiceField, FlagField, Form, NumberField
from config.regions import Place
from gateway.reports.knowledge import Knowledge
from gateway.reports.labels import COUNTED, DEAD, INJURED
from gateway.reports.ticket import looks_like_ticket
from gateway.reports.understanding import Intent, Outcome, Reply, Understanding
from gateway.wording import fit, grouped, said_name

OFFERED = 3
"""So many villages are named in a question."""
RESULTS = ("YA", "TIDAK", "BELUM")


class Writer:
    """Puts what is known into the words of one language."""

    def __init__(self, knowledge: Knowledge, language: str, police_number: str) -> None:
        replies = knowledge.files.replies
        self.knowledge = knowledge
        self.language = language if language in replies else "id"
        self.texts: Mapping[str, str] = replies[self.language]
        self._police = grouped(police_number)

    # whole answers

    def report(self, about: Understanding, ticket: str, ask: str | None = None) -> Reply:
        """A report said back in its form's own words, with the question for `ask` ('': none; None: what is missing first)."""
        form = self.form(about)
        templates = form.replies.get(self.language, form.replies["id"])
        kind = {Outcome.KONFIRMASI: "check", Outcome.TRIASE: "triage"}.get(about.outcome, "accepted")
        if about.outcome is Outcome.LENGKAPI and about.missing:
            kind = "triage"
            ask = about.missing[0] if ask is None else ask
        if ask:
            kind = f"ask_{ask}"
        template = templates.get(kind, templates["triage"])
        if "{place}" in template and self.place(about) is None:
            kind, template = "triage", templates["triage"]
        if ticket and "{ticket}" not in template:
            template += " No. {ticket}."
        return self.filled(template, f"{form.id}.{kind}", ticket, about, form)

    def secret(self, about: Understanding, ticket: str) -> Reply:
        """Nothing of the content; only an unknown village is asked for, because nobody could help without it."""
        asks = "desa" in about.missing and about.outcome is Outcome.LENGKAPI
        return self.say("secret_ask_desa" if asks else "secret", ticket)

    def other(self, found: Understanding, ticket: str) -> Reply:
        """The answer to what is no report with a form of its own."""
        intent, named = found.intent, typed_ticket(found)
        if intent == Intent.BEBAS:
            return self._free(found, ticket)
        if intent == Intent.DAFTAR:
            return self.registration(found)
        if intent == Intent.BANTUAN:
            return self.say("help")
        if found.outcome is Outcome.TOLAK or intent in (Intent.KOSONG, Intent.KACAU):
            return self.say("rejected")
        if intent in (Intent.VERIF, Intent.TL) and found.outcome is Outcome.TRIASE:
            return self.say("officers_only")
        if intent == Intent.KONFIRMASI:
            told = any(value is not None for name, value in found.fields.items() if name != "hasil")
            return self.say("unasked" if told or found.doubts else "answer")
        if intent not in self.texts:
            return self._free(found, ticket)
        if not named or "tiket" in found.missing:
            return self.say("ask_tiket", keyword=intent.upper())
        if intent == Intent.VERIF and found.fields.get("hasil") not in RESULTS:
            return self.say("ask_hasil", named)
        state, result = self.texts["state_other"], str(found.fields.get("hasil"))
        return self.say("cek_plain" if intent == Intent.CEK else intent, named, state=state, hasil=result)

    def _free(self, found: Understanding, ticket: str) -> Reply:
        kind = "free" if ticket else "free_plain"
        return self.say(f"{kind}_danger" if self.dangerous(found) else kind, ticket, about=found)

    def registration(self, found: Understanding) -> Reply:
        """A wish to be registered was taken down, or how to write one."""
        if found.missing or found.outcome is Outcome.TOLAK:
            return self.say("ask_daftar")
        name = said_name(found.fields.get("nama") or "")
        richness = [{"who": f"{name} "}] * bool(name) + [{"who": ""}]
        return Reply(fit(self.texts["daftar"], {}, richness), "daftar")

    def say(self, key: str, ticket: str = "", *, about: Understanding | None = None, **values: str) -> Reply:
        """One of the texts that belong to no form. `about` gives it echo, place and counts, and the police where due."""
        return self.filled(self.texts[key], key, ticket, about, self.form(about) if about else None, **values)

    def filled(
        self, template: str, kind: str, ticket: str, about: Understanding | None, form: Form | None, **values: str
    ) -> Reply:
        """A template with the richest values that fit; the police number behind it where it is due."""
        if about is not None and self.dangerous(about) and "{police}" not in template:
            template += self.texts["danger"]
        known = {"ticket": ticket, "police": self._police, **values}
        richness = self._richness(about, form) if about is not None and form is not None else iter([{}])
        return Reply(fit(template, known, richness), kind)

    # what goes into them

    def form(self, about: Understanding) -> Form:
        """The form of a report; the one for events where it is gone."""
        forms = self.knowledge.files.forms
        return next((form for form in forms if form.id == about.form), self.knowledge.forms[Intent.LAPOR])

    def place(self, about: Understanding) -> Place | None:
        """Where it is about, as far as known."""
        return self.knowledge.region.by_code.get(about.fields.get("desa") or "")

    def dangerous(self, about: Understanding) -> bool:
        """Whether the police number must be named: an emergency, violence, or somebody hurt."""
        fields, violent = about.fields, self.knowledge.files.levels.violent_types
        hurt = any(_is_count(fields.get(name)) and fields[name] > 0 for name in (DEAD, INJURED))
        return about.urgent or hurt or about.intent == Intent.DARURAT or fields.get("jenis") in violent

    def person(self, role: str, village: str) -> str:
        """A role and its place in words, as far as known: `KADES Desa Lambur II`."""
        place = self.knowledge.region.by_code.get(village)
        return " ".join(filter(None, (said_name(role).upper(), place.title if place else "")))

    def question(self, field: str, form: Form) -> str:
        """The question for one field, with a place for `{offer}`."""
        own = form.fields_by_name.get(field)
        if own is not None:
            asked = own.ask.get(self.language) or own.ask.get("id")
            return asked or self.texts["question_field"].replace("{label}", _braced(self._label(own)))
        return self.texts.get(f"question_{field}", "") or self.texts["still_wrong"]

    def _label(self, field: AnyField) -> str:
        return field.label if self.language == "id" else field.english

    def _value(self, field: AnyField, value: object) -> str:
        """The value of a form's own field in words; '' where it is unknown, or free text, which is never said back."""
        if isinstance(field, NumberField) and _is_count(value):
            return f"{grouped(str(value))} {field.unit}".strip()
        if isinstance(field, ChoiceField) and value in field.words:
            return str(value)
        if isinstance(field, FlagField) and isinstance(value, bool):
            return self.texts["yes" if value else "no"]
        return ""

    def _jenis(self, about: Understanding) -> str:
        jenis = about.fields.get("jenis")
        return str(jenis) if jenis in self.knowledge.types else ""

    def _head(self, about: Understanding, form: Form) -> str:
        """What the report is about, in one or two words: `GESEK`, `NIHIL`, `DARURAT SERANG`."""
        jenis = self._jenis(about)
        if form.jenis:
            return jenis or self.texts["unknown_jenis"]
        return f"{form.intent.upper()} {jenis}".strip()

    def _said(self, about: Understanding, form: Form) -> list[str]:
        """Counts and the form's own fields, as far as known: `massa 14`, `tinggi air 80 cm`."""
        counts = [
            self.texts[name].format(n=grouped(str(about.fields[name])))
            for name in COUNTED
            if _is_count(about.fields.get(name))
        ]
        own = [(field, self._value(field, about.fields.get(field.name))) for field in form.field]
        return counts + [self._label(field) + self._behind(field, value) for field, value in own if value]

    def _behind(self, field: AnyField, value: str) -> str:
        if isinstance(field, FlagField):
            return "" if value == self.texts["yes"] else f": {value}"
        return f" {value}"

    def _offered(self, about: Understanding) -> list[Place]:
        by_code = self.knowledge.region.by_code
        codes = [code for doubt in about.doubts if doubt.field == "desa" for code in doubt.candidates]
        return [by_code[code] for code in dict.fromkeys(codes) if code in by_code]

    def _richness(self, about: Understanding, form: Form) -> Iterator[dict[str, str]]:
        """What may be said, from everything down to the bare minimum; the first that fits is taken."""
        place, counts, offered = self.place(about), self._said(about, form), self._offered(about)[:OFFERED]
        head = self._head(about, form)
        own = {
            field.name: self._value(field, about.fields.get(field.name)) or self.texts["not_said"]
            for field in form.field
        }
        wheres = [(place.title, place.title), (place.name, place.name), (place.name, "")] if place else [("", "")]
        for name, located in wheres:
            at = self.texts["in_place"].format(place=located) if located else ""
            for said in range(len(counts), -1, -1):
                listed = "".join(f", {one}" for one in counts[:said])
                for count in range(len(offered), -1, -1):
                    names = self.texts["or"].join(one.name for one in offered[:count])
                    yield {
                        **own,
                        "jenis": self._jenis(about) or self.texts["unknown_jenis"],
                        "place": name,
                        "at": at,
                        "counts": listed,
                        "what": f"{head}{at}",
                        "echo": f"{head}{at}{listed}",
                        "offer": self.texts["offer"].format(names=names) if names else "",
                    }


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _braced(text: str) -> str:
    """Text that goes into a template as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def typed_ticket(found: Understanding) -> str:
    """The ticket the sender typed, where it may be one; '' keeps any other text of theirs out of the answer."""
    typed = str(found.fields.get("tiket") or "").upper()
    return typed if looks_like_ticket(typed) else ""
