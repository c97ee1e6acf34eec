"""The pages central staff work with: situation, reports, one report, gateways."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from . import enrolment, queries, words
from .app import Office, office
from .language import say as _

pages = Blueprint("pages", __name__)

WINDOWS = (24, 72, 168, 720)
"""Hours one can look back on the situation page."""
DEFAULT_WINDOW = 168
MAX_NAME = 60
_NEWEST = 12


@pages.get("/")
def situation() -> str:
    """What is happening, where, and which laptops are silent."""
    place = office()
    place.projector.wake()
    with place.database.read() as session:
        return render_template("situation.html", **_situation(place, session))


@pages.get("/situation")
def situation_fragment() -> Response:
    """The moving part of the situation page; 204 while its mark is the one the browser knows."""
    place = office()
    with place.database.read() as session:
        facts = _situation(place, session)
        if request.args.get("known") == facts["mark"]:
            return Response(status=204)
        return Response(render_template("live.html", **facts), headers={"X-Waspada-Mark": facts["mark"]})


def _situation(place: Office, session: Session) -> dict[str, Any]:
    hours = request.args.get("hours", DEFAULT_WINDOW, int)
    hours = hours if hours in WINDOWS else DEFAULT_WINDOW
    since = place.now // 1000 - hours * 3600
    districts = queries.by_district(session, since)
    return {
        "hours": hours,
        "windows": {24: _("24 jam"), 72: _("3 hari"), 168: _("7 hari"), 720: _("30 hari")},
        "mark": f"{queries.mark(session)}-{hours}-{place.now // 60_000}",
        "map": place.map,
        "districts": districts,
        "nowhere": districts.get("", queries.DistrictSituation()),
        "levels": queries.by_level(session, since),
        "newest": queries.newest_reports(session, queries.Filters(), _NEWEST),
        "gateways": queries.gateways(session),
        "now": place.now,
        "silent_minutes": place.settings.central.silent_minutes,
    }


@pages.get("/reports")
def reports() -> str:
    """Reports by page; every filter stands in the address."""
    place = office()
    page = max(1, request.args.get("page", 1, int))
    chosen = {
        "kecamatan": request.args.get("kecamatan", ""),
        "jenis": request.args.get("jenis", ""),
        "level": str(request.args.get("level", 0, int) or ""),
        "since": request.args.get("since", ""),
    }
    filters = queries.Filters(
        kecamatan=chosen["kecamatan"],
        jenis=chosen["jenis"],
        level=int(chosen["level"] or 0),
        since=place.zone.day_start(chosen["since"]),
    )
    with place.database.read() as session:
        return render_template(
            "reports.html",
            reports=queries.newest_reports(session, filters, queries.PAGE_REPORTS, (page - 1) * queries.PAGE_REPORTS),
            total=queries.count_reports(session, filters),
            page=page,
            page_size=queries.PAGE_REPORTS,
            chosen={name: value for name, value in chosen.items() if value},
            kinds=sorted(words.kinds_of_event()),
        )


@pages.get("/reports/<int:gateway>/<ticket>")
def report(gateway: int, ticket: str) -> str:
    """One report with its message, its amendments and its copies."""
    with office().database.read() as session:
        found = queries.reports_of_ticket(session, gateway, ticket)
        if not found:
            abort(404)
        return render_template(
            "report.html",
            report=found[0],
            others=found[1:],
            message=queries.message_of(session, found[0]),
            reporter=queries.reporter_of(session, found[0]),
            amendments=queries.amendments_of(session, found[0]),
        )


@pages.get("/gateways")
def gateways() -> str:
    """All laptops."""
    return _gateways_page()


@pages.post("/gateways")
def new_gateway() -> ResponseReturnValue:
    """Issue an enrolment code; it is shown on this answer and nowhere else."""
    place = office()
    name = " ".join(request.form.get("name", "").split())
    if not 0 < len(name) <= MAX_NAME:
        return _gateways_page(
            name=name, mistake=_("Beri nama laptop, paling banyak %(most)s huruf.", most=MAX_NAME)
        ), 400
    code = enrolment.issue(place.database, name, place.settings.central.code_hours, place.now)
    return _gateways_page(code=code)


def _gateways_page(code: enrolment.Code | None = None, name: str = "", mistake: str = "") -> str:
    place = office()
    with place.database.read() as session:
        return render_template(
            "gateways.html",
            gateways=queries.gateways(session),
            name=name,
            mistake=mistake,
            max_name=MAX_NAME,
            code=code,
            address=request.url_root.rstrip("/"),
            now=place.now,
            silent_minutes=place.settings.central.silent_minutes,
        )
