"""JSON for programs: `GET /api/v1/reports`, `GET /health`. Field names are stable."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

import config

from . import queries
from .app import office
from .models import Report
from .words import iso

api = Blueprint("api", __name__)

MAX_REPORTS = 10_000
DEFAULT_REPORTS = 1_000


@api.get("/api/v1/reports")
def reports() -> Response:
    """Reports in order of arrival. `limit`, `offset`, `gateway`, `kecamatan`, `jenis`, `level`, `duplicates=0` narrow it."""
    place = office()
    filters = queries.Filters(
        kecamatan=request.args.get("kecamatan", ""),
        jenis=request.args.get("jenis", ""),
        level=request.args.get("level", 0, int),
        gateway=request.args.get("gateway", None, int),
        duplicates=request.args.get("duplicates", "1") != "0",
    )
    limit = max(0, min(request.args.get("limit", DEFAULT_REPORTS, int), MAX_REPORTS))
    offset = max(0, request.args.get("offset", 0, int))
    with place.database.read() as session:
        rows = queries.reports_with_text(session, filters, limit, offset)
        return jsonify([_report(report, text) for report, text in rows])


@api.get("/health")
def health() -> tuple[Response, int]:
    """Whether the central works: `status` is ok; `behind` entries wait to be folded, `unfolded` cannot be."""
    with office().database.read() as session:
        return jsonify(status="ok", version=config.__version__, **queries.counts(session)), 200


def _report(report: Report, text: str | None) -> dict[str, Any]:
    duplicate = report.duplicate_epoch is not None
    return {
        "id": f"{report.gateway}-{report.epoch}-{report.number}",
        "gateway": report.gateway,
        "ticket": report.ticket,
        "form": report.form,
        "version": report.version,
        "jenis": report.jenis or None,
        "desa": report.desa or None,
        "kecamatan": report.kecamatan or None,
        "massa": report.fields.get("massa"),
        "korban": report.fields.get("korban"),
        "fields": report.fields,
        "level": report.level,
        "outcome": report.outcome,
        "missing": report.still_missing,
        "doubts": report.doubts,
        "repeats": report.repeats or None,
        "withdrawn": report.withdrawn,
        "reporter": f"{report.reporter:08x}" if report.reporter else None,
        "text": text,
        "sent_at": iso(report.sent_at),
        "received_at": iso(report.received_at),
        "central_received_at": iso(report.central_received_at / 1000),
        "duplicate_of": f"{report.gateway}-{report.duplicate_epoch}-{report.duplicate_number}" if duplicate else None,
    }
