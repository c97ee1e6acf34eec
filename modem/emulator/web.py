"""A page with a basic phone on it: type an SMS as a villager, read the answers as they come, play a scenario."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import Babel, gettext
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect

from modem.emulator import tpdu
from modem.emulator.network import Network
from modem.emulator.scenario import Message, ScenarioPlayer
from modem.emulator.subscribers import Phone

LANGUAGES = ("id", "en")
_LANGUAGE_COOKIE = "waspada_telepon_bahasa"
_LONGEST_TEXT = 1530
"""Ten parts: what basic phones let one type."""


def create_phone_page(
    network: Network,
    gateway_number: str,
    phones: Sequence[Phone],
    scenario: Sequence[Message] = (),
    links: Mapping[str, str] | None = None,
    language: str = "id",
    dialogue: Sequence[Message] = (),
) -> Flask:
    """The page as a Flask application.

    `phones` are those one may type on, `links` maps the names of other pages to their addresses, `language` is the first one;
    `dialogue` is a second scenario, a conversation on the phone of its first message.
    `app.extensions["scenario"]` is the `ScenarioPlayer`: stop it when the application ends.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_hex(32),
        SESSION_COOKIE_NAME="waspada_telepon",  # cookies do not know ports: the other demo pages have their own
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="id",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).with_name("translations")),
        MAX_CONTENT_LENGTH=65_536,
    )
    chosen = {phone.number: phone for phone in phones}
    player = app.extensions["scenario"] = ScenarioPlayer(network, gateway_number, scenario)
    Bootstrap5(app)
    CSRFProtect(app)
    Babel(app, locale_selector=lambda: _language(language))
    seconds = round(sum(message.delay for message in scenario))

    @app.get("/")
    def page() -> str:
        return render_template(
            "phone.html",
            phones=phones,
            gateway_number=gateway_number,
            links=links or {},
            language=_language(language),
            total=len(scenario),
            seconds=seconds,
            dialogue=len(dialogue),
            speaker=dialogue[0].sender if dialogue else "",
            longest=_LONGEST_TEXT,
        )

    @app.get("/bahasa/<code>")
    def choose_language(code: str) -> Response:
        if code not in LANGUAGES:
            abort(404)
        response = make_response(redirect(url_for("page")))
        response.set_cookie(_LANGUAGE_COOKIE, code, samesite="Lax", max_age=365 * 86_400)
        return response

    @app.get("/state")
    def state() -> Response:
        phone = chosen.get(request.args.get("phone", ""))
        with network.lock:
            received = {number: len(other.inbox) for number, other in chosen.items()}
            thread = _thread(phone) if phone else []
        progress = player.progress
        return jsonify(
            received=received,
            thread=thread,
            scenario={"running": progress.running, "sent": progress.sent, "total": progress.total},
        )

    @app.post("/send")
    def send() -> tuple[Response, int] | Response:
        phone, text = chosen.get(request.form.get("phone", "")), request.form.get("text", "").replace("\r\n", "\n")
        if phone is None:
            return jsonify(error=gettext("Pilih dulu telepon pengirim.")), 400
        if len(text) > _LONGEST_TEXT:
            return jsonify(error=gettext("Pesan terlalu panjang.")), 400
        try:
            sms = phone.send(text, gateway_number)
        except tpdu.TpduError:
            return jsonify(error=gettext("Pesan terlalu panjang.")), 400
        return jsonify(id=sms.id, parts=len(sms.parts))

    @app.post("/scenario/<action>")
    def play(action: str) -> Response:
        actions = {"start": player.start, "dialogue": lambda: player.start(dialogue), "stop": player.stop}
        if action not in actions:
            abort(404)
        actions[action]()
        return jsonify(running=player.progress.running)

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> tuple[Response, int]:
        return jsonify(error=gettext("Halaman ini sudah lama; muat ulang.")), 400

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _language(default: str) -> str:
    code = request.cookies.get(_LANGUAGE_COOKIE, default)
    return code if code in LANGUAGES else default


def _thread(phone: Phone) -> list[dict[str, Any]]:
    """What one person sees on the phone: own texts and answers, oldest first."""
    mine = [{"mine": True, "text": sms.text, "at": sms.at, "state": sms.state, "who": ""} for sms in phone.outbox]
    theirs = [{"mine": False, "text": got.text, "at": got.at, "state": "", "who": got.sender} for got in phone.inbox]
    return sorted(mine + theirs, key=lambda row: float(str(row["at"])))
