"""The pages about people: who wants to be registered, who is, and lists to import. Acts through `Desk.actions.people`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import structlog
from flask import Blueprint, Flask, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as AnyResponse

from gateway.registry import lists, sheet
from gateway.registry.importing import Plan
from gateway.registry.people import Entry
from gateway.store.models import ReporterStatus

from .app import Desk
from .language import say as _
from .said import known_sentence
from .words import Tone, Word

people = Blueprint("people", __name__, url_prefix="/people")
log = structlog.get_logger("waspada.console")

PAGE_SIZE = 50
LONGEST_UPLOAD = sheet.LARGEST_OCTETS + 64 * 1024
"""Octets of the import form: the largest list, and what a browser wraps around it."""
PROBLEMS_SHOWN = 300

STATUS: dict[str, Word] = {
    ReporterStatus.REGISTERED: Word(lazy_gettext("terdaftar"), Tone.GOOD),
    ReporterStatus.DOUBTFUL: Word(
        lazy_gettext("ragu"), Tone.WARN, lazy_gettext("Ditanya lewat SMS dan belum menjawab; hak petugas ditahan.")
    ),
    ReporterStatus.GONE: Word(
        lazy_gettext("berhenti"), Tone.BAD, lazy_gettext("Nomor ini bukan lagi milik orang yang dulu terdaftar.")
    ),
    ReporterStatus.GUEST: Word(lazy_gettext("belum didaftarkan"), Tone.CALM, lazy_gettext("Siapa pun boleh melapor.")),
}
REASONS: dict[str, Word] = {
    "identitas": Word(lazy_gettext("memastikan siapa orangnya")),
    "laporan": Word(lazy_gettext("menelepon soal laporannya")),
    "data": Word(lazy_gettext("membetulkan data")),
}
"""Why somebody wants to see a number; logged with the asking."""
EFFECT: dict[str, Word] = {
    "baru": Word(lazy_gettext("baru"), Tone.GOOD),
    "ubah": Word(lazy_gettext("diubah"), Tone.WARN),
    "sama": Word(lazy_gettext("tetap")),
}


def install(app: Flask) -> None:
    """Register the pages, the words they need, and the larger upload of one of them. Before the guard of forms (CSRF)."""

    @app.before_request
    def _allow_a_list() -> None:
        if request.path == "/people/import":
            request.max_content_length = LONGEST_UPLOAD

    app.jinja_env.globals.update(people_to_decide=_count_to_decide, standing_of=_standing_of)
    app.register_blueprint(people)


@people.get("")
def index() -> str:
    """Wishes that wait, then everybody; filters stand in the address."""
    return _index()


@people.post("/requests/<int:registration>/approve")
def approve(registration: int) -> AnyResponse | tuple[str, int]:
    """Accept a wish as corrected on the page."""
    complaint = _unchecked() or _refused(lambda: _desk().actions.people.approve(registration, _entry()))
    if complaint:
        return _index(complaint, registration), 422
    flash(_("Orang ini terdaftar. Kabar lewat SMS masuk antrean."), "success")
    return redirect(url_for("people.index"))


@people.post("/requests/<int:registration>/reject")
def reject(registration: int) -> AnyResponse | tuple[str, int]:
    """Refuse a wish; the sender is told nothing."""
    reason = request.form.get("reason", "")
    if complaint := _refused(lambda: _desk().actions.people.reject(registration, reason)):
        return _index(complaint, registration), 422
    flash(_("Pendaftaran ditolak. Pengirimnya tidak diberi kabar."), "success")
    return redirect(url_for("people.index"))


@people.post("/requests/<int:registration>/reveal")
def reveal_request(registration: int) -> str | tuple[str, int]:
    """The number of somebody who wants to be registered, to call them. Asking is logged, without the number."""
    if not (reason := _reason()):
        return _index(_no_reason(), registration), 422
    log.info("registration_number_shown", registration=registration, reason=reason)
    return _index(revealed=registration)


@people.post("")
def add() -> AnyResponse | tuple[str, int]:
    """Register a number that the operator typed."""
    complaint = _unchecked()
    pseudonym: list[int] = []
    if not complaint:
        number = request.form.get("number", "")
        complaint = _refused(lambda: pseudonym.append(_desk().actions.people.register(number, _entry())))
    if complaint:
        return _index(complaint), 422
    flash(_("Orang ini terdaftar."), "success")
    return redirect(url_for("people.person", pseudonym=pseudonym[0]))


@people.get("/<int:pseudonym>")
def person(pseudonym: int) -> str:
    """One person; the number masked."""
    return _person(pseudonym)


@people.post("/<int:pseudonym>/reveal")
def reveal(pseudonym: int) -> str | tuple[str, int]:
    """The same page with the number. Asking is logged with its reason, without the number."""
    if not (reason := _reason()):
        return _person(pseudonym, complaint=_no_reason()), 422
    page = _person(pseudonym, reveal=True)
    log.info("person_number_shown", person=f"{pseudonym:08x}", reason=reason)
    return page


@people.post("/<int:pseudonym>/change")
def change(pseudonym: int) -> AnyResponse | tuple[str, int]:
    """Correct what stands there."""
    with _desk().store.read() as session:
        before = lists.person_by_pseudonym(session, pseudonym)
    same_role = before is not None and before.role == request.form.get("role", "")
    complaint = "" if same_role else _unchecked()
    complaint = complaint or _refused(lambda: _desk().actions.people.change(pseudonym, _entry()))
    if complaint:
        return _person(pseudonym, complaint=complaint), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for("people.person", pseudonym=pseudonym))


@people.post("/<int:pseudonym>/confirm")
def confirm(pseudonym: int) -> AnyResponse | tuple[str, int]:
    """Somebody made sure that the number is still theirs."""
    if complaint := _refused(lambda: _desk().actions.people.confirm(pseudonym)):
        return _person(pseudonym, complaint=complaint), 422
    flash(_("Dicatat: nomor ini masih miliknya."), "success")
    return redirect(url_for("people.person", pseudonym=pseudonym))


@people.post("/<int:pseudonym>/leave")
def leave(pseudonym: int) -> AnyResponse | tuple[str, int]:
    """The number is no longer theirs, or the operator saw that they said so."""
    if complaint := _refused(lambda: _desk().actions.people.leave(pseudonym)):
        return _person(pseudonym, complaint=complaint), 422
    flash(_("Dicatat: nomor ini bukan miliknya lagi."), "success")
    return redirect(url_for("people.index"))


@people.get("/import")
def import_form() -> str:
    """Choose a list."""
    return _import_page()


@people.post("/import")
def preview() -> str | tuple[str, int]:
    """What importing the chosen list would do. Nothing is written."""
    octets = b""
    if file := request.files.get("file"):
        with file.stream:  # a larger one lies in a file of its own until it is closed
            octets = file.stream.read(sheet.LARGEST_OCTETS + 1)
    if not octets:
        return _import_page(complaint=_("Pilih satu berkas CSV atau XLSX.")), 422
    found: list[tuple[str, Plan]] = []
    if complaint := _refused(lambda: found.append(_desk().actions.people.preview(octets))):
        return _import_page(complaint=complaint), 422
    return _import_page(*found[0])


@people.post("/import/apply")
def apply_import() -> AnyResponse | tuple[str, int]:
    """Import the list that was previewed: its good rows."""
    word, done = request.form.get("word", ""), list[Plan]()
    checked = bool(request.form.get("checked"))
    if complaint := _refused(lambda: done.append(_desk().actions.people.import_previewed(word, checked=checked))):
        return _import_page(complaint=complaint), 422
    planned = done[0]
    flash(
        _("%(new)d orang didaftarkan, %(changed)d diubah, %(refused)d baris ditolak.", new=planned.counted("baru"),
          changed=planned.counted("ubah"), refused=len(planned.refused)),
        "success",
    )  # fmt: skip
    return redirect(url_for("people.index"))


def _desk() -> Desk:
    return cast(Desk, current_app.extensions["waspada"])


def _index(complaint: str = "", registration: int = 0, revealed: int = 0) -> str:
    """`registration`: the wish a complaint is about; `revealed`: the wish whose number is shown."""
    wish = {name: request.args.get(name, "").strip() for name in ("q", "status", "role", "desa")}
    desk = _desk()
    with desk.store.read() as session:
        requests = lists.requests(session)
        page = lists.people_page(
            session, status=wish["status"], role=wish["role"], place=wish["desa"], text=wish["q"],
            number=request.args.get("page", 1, type=int), size=PAGE_SIZE,
        )  # fmt: skip
    return render_template(
        "people.html",
        requests=requests,
        page=page,
        wish=wish,
        filters={name: value for name, value in wish.items() if value},
        complaint=complaint,
        complained=registration,
        revealed=revealed,
        **_choices(),
    )


def _person(pseudonym: int, *, reveal: bool = False, complaint: str = "") -> str:
    with _desk().store.read() as session:
        row = lists.person_by_pseudonym(session, pseudonym)
    if row is None:
        abort(404)
    return render_template("people_person.html", row=row, reveal=reveal, complaint=complaint, **_choices())


def _import_page(word: str = "", planned: Plan | None = None, complaint: str = "") -> str:
    return render_template(
        "people_import.html", word_to_apply=word, planned=planned, complaint=complaint, effects=EFFECT,
        columns=tuple(sheet.COLUMNS), most=sheet.MOST_ROWS, megabytes=sheet.LARGEST_OCTETS // 1024 // 1024,
        problems_shown=PROBLEMS_SHOWN,
    )  # fmt: skip


def _choices() -> dict[str, Any]:
    desk = _desk().actions.people
    return {
        "roles": {role: Word(role) for role in sorted(desk.roles)},
        "officers": [role for role in sorted(desk.roles) if desk.is_officer(role)],
        "reasons": REASONS,
        "statuses": STATUS,
        "entered": request.form if request.method == "POST" else {},
    }


def _entry() -> Entry:
    form = request.form
    return Entry(form.get("role", ""), form.get("village", ""), form.get("name", ""), form.get("language", "id"))


def _unchecked() -> str:
    """A complaint where a role with rights was chosen and nobody says that they called the person."""
    role = request.form.get("role", "")
    if not _desk().actions.people.is_officer(role) or request.form.get("checked"):
        return ""
    return _("Peran %(role)s boleh memakai VERIF dan TL. Telepon dulu orangnya, lalu beri tanda bahwa identitasnya sudah "
             "diperiksa.", role=role)  # fmt: skip


def _refused(act: Callable[[], object]) -> str:
    """Do it; the sentence where it was refused, else ''."""
    try:
        act()
    except ValueError as error:
        return known_sentence(str(error))
    return ""


def _reason() -> str:
    reason = request.form.get("reason", "")
    return reason if reason in REASONS else ""


def _no_reason() -> str:
    return _("Pilih dulu untuk apa nomor itu diperlukan.")


def _count_to_decide() -> int:
    """The number beside the link on every page; nothing where the database is away, for the page that says so has it, too."""
    try:
        with _desk().store.read() as session:
            return lists.to_decide(session)
    except OperationalError:
        return 0


def _standing_of(number: str) -> Word | None:
    """How to mark a sender; None for who is registered. Read once for a page."""
    if "standing" not in g:
        with _desk().store.read() as session:
            g.standing = lists.standing(session)
    status = g.standing.get(number, ReporterStatus.GUEST)
    return None if status == ReporterStatus.REGISTERED else STATUS.get(status)
