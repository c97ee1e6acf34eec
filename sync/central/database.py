"""The central's database: PostgreSQL, or SQLite for a trial. One class, so that the rest need not know which.

A writer on SQLite holds the write lock from its first statement (`BEGIN IMMEDIATE`); on PostgreSQL it locks rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from config import StartError

DATABASE_NAME = "central.sqlite"
_BUSY_MILLISECONDS = 10_000


class DatabaseError(StartError):
    """The database cannot be used; the text is one sentence that says why and what to do."""


class Database:
    """An open central database. `write` is one transaction, `read` a view whose changes are thrown away."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writers = engine.execution_options(waspada_write=True)

    @property
    def is_postgresql(self) -> bool:
        """Whether rows can be locked one by one."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back if it raises."""
        with Session(self._writers, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def sqlite_url(folder: Path) -> str:
    """Address of the trial database in a folder, which is made if need be. Raises DatabaseError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The data folder {folder} cannot be used ({error.strerror}); choose another with --data."
        ) from None
    return f"sqlite:///{folder / DATABASE_NAME}"


def open_database(url: str) -> Database:
    """Open a database and bring its tables to this version. Raises DatabaseError."""
    from .migrate import upgrade

    database = Database(_engine(url))
    try:
        upgrade(database)
    except DBAPIError as error:
        database.close()
        shown = make_url(url).render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseError(
            f"The database {shown} cannot be opened ({reason}); check address, rights and that it runs."
        ) from None
    except DatabaseError:
        database.close()
        raise
    return database


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            # hide_parameters: a failed statement would carry texts into the log (promise P9).
            engine = create_engine(parsed, connect_args={"check_same_thread": False}, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        if parsed.drivername == "postgresql+psycopg":
            return create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=16, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseError(
            f"central.database is no database address ({error}); write e.g. postgresql+psycopg://user@host/waspada."
        ) from None
    except ModuleNotFoundError:
        raise DatabaseError(
            "PostgreSQL needs the package psycopg; install waspada[central], or use --data for a trial with SQLite."
        ) from None
    raise DatabaseError(f"The central runs on postgresql+psycopg or sqlite, not on {parsed.drivername}.")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own; `_begin_sqlite` does
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", f"busy_timeout = {_BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("waspada_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
