"""For WSGI servers: `gunicorn 'sync.central.wsgi:create()'`. Settings come from the environment and `WASPADA_CONFIG`."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from config.regions import load_region
from config.settings import SettingError, load

from .app import create_central
from .database import open_database


def create() -> Flask:
    """The application over the database that `central.database` names. Raises SettingError without one."""
    file = os.environ.get("WASPADA_CONFIG")
    settings = load(Path(file) if file else None)
    if not settings.central.database:
        raise SettingError(
            "Setting central.database is empty; give the database's address in WASPADA_CENTRAL_DATABASE."
        )
    return create_central(open_database(settings.central.database), settings, load_region(settings.general.region))
