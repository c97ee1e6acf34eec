"""The central's web application: `create_central` puts wire, pages and API together."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, current_app, render_template, request
from flask_babel import get_locale
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from config.regions import Region
from config.settings import Settings
from sync.frame import MAX_FRAME_OCTETS

from . import language, words
from .background import ProjectorThread
from .database import Database
from .language import say as _
from .map import SchematicMap, draw
from .models import Fact

_EXTENSION = "waspada_central"
_KEY_FACT = "session_key"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Office:
    """What requests work with. `clock`: seconds since 1970."""

    database: Database
    settings: Settings
    region: Region
    map: SchematicMap
    projector: ProjectorThread
    clock: Callable[[], float]

    @property
    def zone(self) -> words.Zone:
        """Writes times in the district's zone."""
        return words.Zone(self.settings.general.utc_offset_minutes)

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return int(self.clock() * 1000)


def office() -> Office:
    """The present request's office."""
    found: Office = current_app.extensions[_EXTENSION]
    return found


def create_central(
    database: Database, settings: Settings, region: Region, *, clock: Callable[[], float] = time.time
) -> Flask:
    """The Flask application over an open database. `close_central` ends its background thread."""
    from .api import api
    from .pages import pages
    from .wire import wire

    app = Flask("sync.central")
    app.config.update(
        SECRET_KEY=_lasting_key(database),
        # Cookies are shared by all ports of a host: a name of our own keeps the console's pages out of our session.
        SESSION_COOKIE_NAME="waspada_central",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=MAX_FRAME_OCTETS,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    found = Office(database, settings, region, draw(region), ProjectorThread(database), clock)
    app.extensions[_EXTENSION] = found
    language.install(app, settings.general.language)
    Bootstrap5(app)
    protection = CSRFProtect(app)
    protection.exempt(wire)  # a sealed frame and a one-time code need no cookie and use none
    _install_words(app, found)
    _install_answers(app)
    for blueprint in (wire, pages, api):
        app.register_blueprint(blueprint)
    return app


def close_central(app: Flask) -> None:
    """End the background thread; the database stays open."""
    found: Office = app.extensions[_EXTENSION]
    found.projector.stop()


def _lasting_key(database: Database) -> bytes:
    """The key of sessions and form tokens, shared by all workers on one database."""
    with database.write() as session:
        fact = session.get(Fact, (0, _KEY_FACT), with_for_update=True)
        if fact is None:
            fact = Fact(gateway=0, name=_KEY_FACT, value=secrets.token_bytes(32))
            session.add(fact)
        return fact.value


def _install_words(app: Flask, found: Office) -> None:
    def place_name(code: str) -> str:
        place = found.region.by_code.get(code)
        return place.title if place else code or "?"

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        count=words.count,
        exact=found.zone.exact,
        exact_ms=lambda moment: found.zone.exact(moment / 1000),
        age=lambda moment: words.age(found.clock() - moment),
        age_ms=lambda moment: words.age(found.clock() - moment / 1000),
        place=place_name,
    )
    app.jinja_env.globals.update(
        kind_name=words.kind_name,
        level_word=words.level_word,
        form_word=words.form_word,
        field_word=words.field_word,
        has_counts=words.has_counts,
        own_fields=words.own_fields,
        health_words=words.health_words,
        action_word=words.action_word,
        value_word=lambda name, value: words.value_word(name, value, place_name),
        languages=language.LANGUAGES,
        address_in=language.address_in,
        get_locale=get_locale,
        region=found.region,
    )


def _install_answers(app: Flask) -> None:
    @app.after_request
    def _add_headers(response: Response) -> Response:
        if request.blueprint == "wire":
            return response  # a laptop pays for every octet
        response.headers.update(_HEADERS)
        if not request.path.startswith(("/static/", "/bootstrap/")):
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(CSRFError)
    def _stale_form(_error: CSRFError) -> tuple[str, int]:
        sentence = _("Formulir ini sudah kedaluwarsa. Muat ulang halamannya, lalu ulangi.")
        return render_template("error.html", sentence=sentence), 400

    @app.errorhandler(HTTPException)
    def _refused(error: HTTPException) -> tuple[str, int] | HTTPException:
        if request.path.startswith(("/sync/", "/api/")):
            return error
        sentence = _("Halaman atau data itu tidak ada.") if error.code == 404 else _("Permintaan tidak dapat dipenuhi.")
        return render_template("error.html", sentence=sentence), error.code or 500

    @app.errorhandler(OperationalError)
    def _database_away(_error: OperationalError) -> Response:
        return Response("database away\n", 503, {"Retry-After": "30"}, mimetype="text/plain")
