"""Language of the pages: `?lang=` (kept in a cookie), else the cookie, else `general.language`.

Source strings are Bahasa Indonesia; `translations/en` has the English ones. After changing a string run
`python -m gateway.console.language`, translate what is empty in the .po file, and run it again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, request, url_for
from flask_babel import Babel, get_locale, gettext
from flask_babel import ngettext as plural_gettext

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
COOKIE = "waspada_lang"
FOLDER = Path(__file__).parent
_YEAR_SECONDS = 365 * 24 * 3600


def install(app: Flask, default: str) -> None:
    """Make `gettext` work in the app's requests."""

    def chosen() -> str:
        for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
            if wish in LANGUAGES:
                return wish
        return default

    Babel(app, default_locale="id", locale_selector=chosen, default_translation_directories="translations")

    @app.after_request
    def _keep(response: Response) -> Response:
        wish = request.args.get("lang")
        if wish in LANGUAGES:
            response.set_cookie(COOKIE, wish, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True)
        response.headers["Content-Language"] = chosen()
        return response


def say(text: str, **values: object) -> str:
    """The text in the page's language, `%(name)s` filled in; the text itself where it has no translation."""
    return str(gettext(text, **values))


def ngettext(one: str, many: str, number: int) -> str:
    """`say` for a counted thing; `%(num)d` is the number."""
    return str(plural_gettext(one, many, number))


def code() -> str:
    """Language of the present page: `id` or `en`."""
    return str(get_locale() or "id")


def address_in(language: str) -> str:
    """Address of the present page in another language, filters kept; the home page where this one cannot be asked for."""
    if request.method != "GET" or request.url_rule is None:
        return url_for("pages.home", lang=language)
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'lang': language})}"


def update_catalogues() -> int:
    """Extract all strings, merge them into the English .po and compile it. Returns how many lack a translation."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    template = Catalog(charset="utf-8")
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    for file, line, words, comments, context in extract_from_dir(str(FOLDER), methods, keywords=keywords):
        template.add(words, None, [(Path(file).as_posix(), line)], auto_comments=comments, context=context)
    po = FOLDER / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with po.open("rb") as stream:
        catalogue = read_po(stream, locale="en")
    template.creation_date = catalogue.creation_date  # an unchanged catalogue stays the same file
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with po.open("wb") as stream:
        write_po(stream, catalogue, width=120, include_lineno=False, sort_output=True)
    with po.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, catalogue)
    empty = [message for message in catalogue if message.id and not all(_strings(message.string))]
    for message in empty:
        print(f"not translated: {message.id!r}", file=sys.stderr)
    return len(empty)


def _strings(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


if __name__ == "__main__":
    sys.exit(bool(update_catalogues()))
