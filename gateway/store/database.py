"""The laptop's database: SQLite with the settings that survive a power cut, read back at every start.

Writers take the write lock when they begin (`BEGIN IMMEDIATE`), so a transaction never fails half-way for a lock it
did not have; readers see one consistent state. Rollback journal, not WAL: see `docs/decisions/002-sqlite-journal.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from config import StartError

DATABASE_NAME = "waspada.sqlite"
BUSY_MILLISECONDS = 10_000
"""How long a writer waits for another; far above any transaction of ours."""
_PRAGMAS: tuple[tuple[str, str, Any], ...] = (
    ("journal_mode", "DELETE", "delete"),
    ("synchronous", "EXTRA", 3),
    ("busy_timeout", str(BUSY_MILLISECONDS), BUSY_MILLISECONDS),
    ("foreign_keys", "ON", 1),
)


class StoreError(StartError):
    """The data folder or database cannot be used; the text says why and what to do."""


class Store:
    """The open database. Use `write` for a transaction that changes something and `read` for one that does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / DATABASE_NAME
        self._engine = _engine(self.path)
        self._writers = self._engine.execution_options(waspada_write=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back if it raises."""
        with Session(self._writers, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; changes made in it are thrown away."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def open_store(folder: Path) -> Store:
    """Open the database in `folder`, creating folder, database and tables and upgrading older ones.

    Raises StoreError where the folder cannot be written, the file is no database of ours, or SQLite does not take the
    safe settings.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            folder.chmod(0o700)
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be used ({error.strerror}); choose another with --data."
        ) from None
    store = Store(folder)
    try:
        from .migrate import upgrade

        upgrade(store)
    except (DatabaseError, OperationalError) as error:
        store.close()
        raise StoreError(
            f"The database {store.path} cannot be opened ({error.orig}); check the folder's rights and free space, "
            "or move the file away and restore a back-up."
        ) from None
    except StoreError:
        store.close()
        raise
    return store


def _engine(path: Path) -> Engine:
    # hide_parameters: a failed statement would carry numbers and texts into the log (promise P9).
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own; `_begin` does
    for name, wanted, expected in _PRAGMAS:
        connection.execute(f"PRAGMA {name} = {wanted}").close()
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise StoreError(
                f"SQLite refuses the setting {name} = {wanted} (it says {found}); this disk cannot hold the data safely."
            )


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("waspada_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
