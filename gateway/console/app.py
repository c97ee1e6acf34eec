"""The operator's console: `create_console` puts the pages together. Nothing on them comes from another machine."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, render_template
from flask_babel import get_locale
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from config.regions import Region
from config.settings import Settings
from gateway.board import Board
from gateway.store.database import Store
from gateway.store.models import Fact

from . import language, safety, show, words
from .actions import ConsoleActions
from .language import say as _
from .said import known_sentence, pdu_sentence

KEY_FACT = "console_key"
LONGEST_FORM = 64 * 1024
"""Octets of a request body; a form of ours is a few hundred."""


@dataclass(frozen=True)
class Desk:
    """What the pages work with; `app.extensions["waspada"]`. `clock`: seconds since 1970."""

    store: Store
    board: Board
    settings: Settings
    region: Region
    actions: ConsoleActions
    clock: Callable[[], float]
    start: str = field(default_factory=lambda: secrets.token_hex(4))
    """Tells the change counter of this start from that of the one before."""

    @property
    def times(self) -> show.Clock:
        """Writes times in the district's zone."""
        return show.Clock(self.settings.general.utc_offset_minutes)


def create_console(
    store: Store,
    board: Board,
    settings: Settings,
    region: Region,
    actions: ConsoleActions,
    *,
    clock: Callable[[], float] = time.time,
) -> Flask:
    """The Flask application. Reads from `store` and `board`, acts only through `actions`."""
    from . import history, people
    from .views import pages

    app = Flask("gateway.console")
    app.config.update(
        SECRET_KEY=_lasting_key(store),
        # Cookies are shared by all ports of a host: a name of our own keeps the central's pages out of our session.
        SESSION_COOKIE_NAME="waspada_console",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_TIME_LIMIT=None,  # a page stays open all day
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=LONGEST_FORM,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["waspada"] = Desk(store, board, settings, region, actions, clock)
    safety.guard(app, settings.console.host)  # before CSRF: a foreign name gets no further word
    language.install(app, settings.general.language)
    Bootstrap5(app)
    people.install(app)
    CSRFProtect(app)
    _install_words(app, app.extensions["waspada"])
    history.install(app, app.extensions["waspada"])
    _install_errors(app)
    app.register_blueprint(pages)
    return app


def _lasting_key(store: Store) -> bytes:
    """The key of sessions and form tokens; kept, so that a page left open survives a restart."""
    with store.read() as session:
        known = session.get(Fact, KEY_FACT)
    if known is not None:
        return known.value
    key = secrets.token_bytes(32)
    with store.write() as session:
        session.add(Fact(name=KEY_FACT, value=key))
    return key


def _install_words(app: Flask, desk: Desk) -> None:
    times, region = desk.times, desk.region
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        masked=show.masked,
        mask_pdu=show.mask_pdu,
        visible=show.visible,
        said=lambda sentence: show.visible(known_sentence(sentence)),
        pdu_said=lambda error: show.visible(pdu_sentence(error)),
        count=show.count,
        when=lambda moment: times.when(moment, desk.clock()),
        exact=times.exact,
        day=show.day,
        age=lambda moment: show.age(moment, desk.clock()),
        village=lambda code: show.village(region, code),
        candidate=lambda code: show.candidate(region, code),
    )
    app.jinja_env.globals.update(
        word=words.word,
        level_word=words.level_word,
        languages=language.LANGUAGES,
        address_in=language.address_in,
        get_locale=get_locale,
        region=region,
        count_fields=words.COUNT_FIELDS,
    )


def _install_errors(app: Flask) -> None:
    sentences: dict[int, Callable[[], str]] = {
        403: lambda: _(
            "Halaman ini hanya dilayani di laptop itu sendiri. Buka lewat alamat yang ditulis saat Waspada mulai."
        ),
        404: lambda: _("Halaman atau data itu tidak ada."),
        413: lambda: _("Isian terlalu panjang."),
    }

    @app.errorhandler(CSRFError)
    def _stale_form(_error: CSRFError) -> tuple[str, int]:
        sentence = _("Formulir ini sudah kedaluwarsa. Muat ulang halamannya, lalu ulangi.")
        return render_template("error.html", sentence=sentence), 400

    @app.errorhandler(HTTPException)
    def _refused(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        sentence = sentences[code]() if code in sentences else _("Permintaan tidak dapat dipenuhi.")
        return render_template("error.html", sentence=sentence), code

    @app.errorhandler(OverflowError)
    def _no_such_number(_error: OverflowError) -> tuple[str, int]:  # an id in the address larger than the database has
        return render_template("error.html", sentence=sentences[404]()), 404

    @app.errorhandler(OperationalError)
    def _database_away(_error: OperationalError) -> tuple[str, int]:
        sentence = _("Basis data sedang tidak dapat dibaca. Periksa ruang kosong di disk, lalu muat ulang.")
        return render_template("error.html", sentence=sentence), 503
