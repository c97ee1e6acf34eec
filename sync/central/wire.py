"""What laptops talk to: `POST /sync/v1/frames` and `POST /sync/v1/enroll` (`docs/wire.md`, Endpoints)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from . import enrolment, ledger
from .app import office

wire = Blueprint("wire", __name__, url_prefix="/sync/v1")


@wire.post("/frames")
def frames() -> Response:
    """One frame in, its sealed reply out."""
    place = office()
    octets = request.get_data(cache=False)
    try:
        reply = ledger.ingest(place.database, octets, place.now)
    except ledger.UnknownGateway:
        return Response("unknown gateway\n", 403, mimetype="text/plain")
    except ledger.Unreadable:
        return Response("unreadable frame\n", 400, mimetype="text/plain")
    place.projector.wake()
    return Response(reply, mimetype="application/octet-stream")


@wire.post("/enroll")
def enroll() -> tuple[Response, int]:
    """`{"code", "key", "version"}` in, `{"gateway"}` out; refused with `{"sentence"}`."""
    place = office()
    question = request.get_json(silent=True)
    if not isinstance(question, dict):
        question = {}
    try:
        key = bytes.fromhex(str(question.get("key", "")))
    except ValueError:
        key = b""
    try:
        gateway = enrolment.redeem(place.database, str(question.get("code", "")), key, place.now)
    except enrolment.EnrolmentRefused as refused:
        return jsonify(sentence=str(refused)), 403
    return jsonify(gateway=gateway), 200
