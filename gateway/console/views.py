"""The pages. Each reads in one short transaction, closed before the page is written."""

from __future__ import annotations

from typing import Any, cast

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config import __version__
from gateway.store import modems, queries
from gateway.store.models import MessageState, OutgoingState
from gateway.store.records import MessageDetail, SyncFacts, Tally

from . import words
from .app import Desk
from .language import say as _
from .said import known_sentence
from .troubles import UNSENT_SECONDS, ModemShown, Trouble, all_troubles

pages = Blueprint("pages", __name__)
log = structlog.get_logger("waspada.console")

HOME_MESSAGES, HOME_REPORTS, HOME_OUTGOING = 8, 6, 6
PAGE_SIZE = 50
FILED_SIZE = 20
CHANGE_HEADER = "X-Waspada-Change"


@pages.get("/")
def home() -> str:
    """Everything on one page; `live` keeps it up to date."""
    return render_template("home.html", **_home())


@pages.get("/live")
def live() -> Response:
    """The changing part of the home page. 204 where `?known=` is still the newest state: nothing was rendered."""
    desk = _desk()
    with desk.store.read() as session:
        mark = _mark(desk, session)  # before reading: what changes meanwhile is fetched next time
    if request.args.get("known") == mark:
        return Response(status=204)
    answer = make_response(render_template("live.html", **_home()))
    answer.headers[CHANGE_HEADER] = mark
    return answer


@pages.get("/messages")
def messages() -> str:
    """All messages; filters stand in the address."""
    wish = {name: request.args.get(name, "").strip() for name in ("q", "state", "intent", "outcome")}
    with _desk().store.read() as session:
        page = queries.messages_page(
            session,
            text=wish["q"],
            state=wish["state"],
            intent=wish["intent"],
            outcome=wish["outcome"],
            number=_page_number(),
            size=PAGE_SIZE,
        )
    return render_template(
        "messages.html",
        page=page,
        wish=wish,
        states=words.MESSAGE,
        intents=words.INTENT,
        outcomes=words.OUTCOME,
        filters=_set(wish),
    )


@pages.get("/messages/<int:message_id>")
def message(message_id: int) -> str:
    """One message; numbers masked."""
    return _message_page(message_id, reveal=False)


@pages.post("/messages/<int:message_id>/reveal")
def reveal_message(message_id: int) -> str:
    """The same page with the sender's number. Asking is logged, without the number."""
    page = _message_page(message_id, reveal=True)
    log.info("number_shown", message=message_id)
    return page


@pages.get("/reports")
def reports() -> str:
    """All reports; filters stand in the address."""
    wish = {name: request.args.get(name, "").strip() for name in ("jenis", "desa", "level", "outcome", "state")}
    level = int(wish["level"]) if wish["level"] in ("0", "1", "2", "3", "4") else None
    with _desk().store.read() as session:
        page = queries.reports_page(
            session,
            jenis=wish["jenis"],
            place=wish["desa"],
            level=level,
            outcome=wish["outcome"],
            state=wish["state"],
            number=_page_number(),
            size=PAGE_SIZE,
        )
    return render_template(
        "reports.html",
        page=page,
        wish=wish,
        kinds=words.JENIS,
        levels=words.LEVEL,
        outcomes=words.OUTCOME,
        states=words.STATE,
        filters=_set(wish),
    )


@pages.get("/reports/<ticket>")
def report(ticket: str) -> str:
    """One report as it stands, everything that was said about it since, and the words it came from."""
    with _desk().store.read() as session:
        found = queries.report_by_ticket(session, ticket.upper())
        detail = queries.message_detail(session, found.message_id) if found else None
        history = queries.history(session, found.id) if found else ()
    if found is None or detail is None:
        abort(404)
    return render_template("report.html", report=found, detail=detail, history=history)


@pages.get("/outgoing")
def outgoing() -> str:
    """What we send, with a form for one SMS."""
    return _outgoing_page()


@pages.post("/outgoing")
def send() -> AnyResponse | tuple[str, int]:
    """Queue one SMS typed by the operator."""
    number, text = request.form.get("number", "").strip(), request.form.get("text", "").strip()
    complaint = ""
    if not number or not text:
        complaint = _("Isi nomor tujuan dan isi pesan.")
    else:
        try:
            queued = _desk().actions.send_sms(number, text)
        except ValueError as error:
            complaint = known_sentence(str(error))
    if complaint:
        return _outgoing_page(number=number, text=text, complaint=complaint), 422
    flash(_("Pesan %(id)d masuk antrean.", id=queued), "success")
    return redirect(url_for("pages.outgoing"))


@pages.get("/problems")
def problems() -> str:
    """What needs a person, the PDUs nobody could read, and below them what was kept but is no message."""
    desk = _desk()
    with desk.store.read() as session:
        pdus = queries.troubled_pdus(session)
        set_aside = queries.messages_page(session, state=MessageState.SET_ASIDE, size=PAGE_SIZE)
        filed = queries.filed_pdus(session, number=_page_number(), size=FILED_SIZE)
        troubles = _troubles(desk, session, queries.sync_facts(session), _tally(desk, session, 0))
    return render_template(
        "problems.html",
        troubles=troubles,
        pdus=pdus,
        set_aside=set_aside.rows,
        filed=filed,
        leafing="page" in request.args,
        shown=None,
    )


@pages.post("/pdus/<int:pdu_id>/reveal")
def reveal_pdu(pdu_id: int) -> str:
    """The whole hex of one PDU, in which a number can be read. Asking is logged."""
    with _desk().store.read() as session:
        pdu = queries.pdu_by_id(session, pdu_id)
    if pdu is None:
        abort(404)
    log.info("pdu_shown", pdu=pdu_id)
    return render_template("problems.html", troubles=[], pdus=[pdu], set_aside=[], shown=pdu_id)


@pages.post("/pdus/<int:pdu_id>/retry")
def retry_pdu(pdu_id: int) -> AnyResponse:
    """Try once more to decode a PDU."""
    _desk().actions.retry_pdu(pdu_id)
    flash(_("SMS mentah nomor %(id)d dibaca lagi.", id=pdu_id), "success")
    return redirect(url_for("pages.problems"))


@pages.post("/sync-now")
def sync_now() -> AnyResponse:
    """Start a sync."""
    _desk().actions.sync_now()
    flash(_("Sinkronisasi dimulai."), "success")
    return redirect(url_for("pages.home"))


@pages.get("/health")
def health() -> Response:
    """For other programs: states and counts only. `status` is `ok`, or `attention` where a person should look."""
    desk = _desk()
    with desk.store.read() as session:
        facts, tally = queries.sync_facts(session), _tally(desk, session, 0)
        troubles = _troubles(desk, session, facts, tally)
    return jsonify(
        status="attention" if troubles else "ok",
        version=__version__,
        modem=str(desk.board.modem.state),
        modems={key: str(status.state) for key, status in desk.board.modems.items()},
        sync=str(desk.board.sync.phase),
        enrolled=facts.enrolled,
        entries_waiting=facts.waiting,
        messages=tally.messages,
        reports=tally.reports,
        pdus_undecodable=tally.undecodable,
        pdus_set_aside=tally.pdus_set_aside,
        messages_set_aside=tally.messages_set_aside,
        outgoing=tally.outgoing_by_state,
    )


def _desk() -> Desk:
    return cast(Desk, current_app.extensions["waspada"])


def _mark(desk: Desk, session: Session) -> str:
    """Differs whenever the home page may: the board knows this process, the database what others wrote.

    It differs every minute, too: some troubles are made by time alone, such as a network sought for long.
    """
    return f"{desk.start}-{desk.board.change}-{queries.written_from_outside(session)}-{int(desk.clock() // 60)}"


def _home() -> dict[str, Any]:
    desk = _desk()
    with desk.store.read() as session:
        mark = _mark(desk, session)
        sync = desk.board.sync
        facts = queries.sync_facts(session)
        tally = _tally(desk, session, desk.times.start_of_day(desk.clock()))
        return {
            "mark": mark,
            "modems": _modems(desk, session),
            "sync": sync,
            "sync_sentence": known_sentence(sync.sentence, str(words.SYNC[sync.phase].help)),
            "facts": facts,
            "tally": tally,
            "troubles": _troubles(desk, session, facts, tally),
            "messages": queries.messages_page(session, size=HOME_MESSAGES).rows,
            "reports": queries.reports_page(session, size=HOME_REPORTS).rows,
            "outgoing": queries.outgoing_page(session, size=HOME_OUTGOING).rows,
            "unsent": tally.outgoing_by_state.get(OutgoingState.QUEUED, 0)
            + tally.outgoing_by_state.get(OutgoingState.ATTEMPTED, 0),
        }


def _message_page(message_id: int, reveal: bool) -> str:
    desk = _desk()
    with desk.store.read() as session:
        detail = queries.message_detail(session, message_id)
    if detail is None:
        abort(404)
    return render_template("message.html", detail=detail, reveal=reveal, unanswered=_why_unanswered(detail))


def _why_unanswered(detail: MessageDetail) -> str:
    """Why no answer was made for a message; '' where there is one (its row says what became of it)."""
    if detail.outgoing:
        return ""
    row = detail.row
    if row.state == MessageState.WAITING_PARTS:
        return _("Belum dijawab: bagian lain dari SMS panjang ini masih ditunggu.")
    if row.state == MessageState.READY:
        return _("Belum dijawab: pesan ini menunggu dibaca.")
    if row.unanswered:
        return known_sentence(row.unanswered)
    if row.state == MessageState.SET_ASIDE:
        return _("Tidak dijawab: pesan ini disisihkan untuk dibaca petugas.")
    return _("Tidak ada balasan untuk pesan ini.")


def _outgoing_page(number: str = "", text: str = "", complaint: str = "") -> str:
    state = request.args.get("state", "").strip()
    with _desk().store.read() as session:
        page = queries.outgoing_page(session, state=state, number=_page_number(), size=PAGE_SIZE)
    return render_template(
        "outgoing.html",
        page=page,
        wish={"state": state},
        states=words.OUTGOING,
        filters=_set({"state": state}),
        number=number,
        text=text,
        complaint=complaint,
    )


def _troubles(desk: Desk, session: Session, facts: SyncFacts, tally: Tally) -> list[Trouble]:
    return all_troubles(_modems(desk, session), desk.board.sync, facts, tally, desk.clock())


def _modems(desk: Desk, session: Session) -> list[ModemShown]:
    """Every modem with what is known of its SIM; before the first one has posted, what stands for all."""
    board = desk.board
    known, posted = modems.all_records(session), board.modems or {"modem": board.modem}
    shown = []
    for key, status in posted.items():
        row, name = known.get(key), board.names.get(key, key) if len(posted) > 1 else ""
        remembered = (row.balance, row.valid_until, row.changed_at) if row else ()
        shown.append(ModemShown(key, name, status, board.warnings.get(key, ()), *remembered))
    return shown


def _tally(desk: Desk, session: Session, since: int) -> Tally:
    return queries.tally(session, since, lately=int((desk.clock() - UNSENT_SECONDS) * 1000))


def _page_number() -> int:
    return request.args.get("page", 1, type=int)


def _set(wish: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in wish.items() if value}
