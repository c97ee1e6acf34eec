"""Bring a database to the schema this version needs. Alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from .models import Base

if TYPE_CHECKING:
    from .database import Store

HEAD = "0003"
"""Newest revision in `migrations/versions`; a test compares."""


def upgrade(store: Store) -> None:
    """Create or upgrade the tables in one transaction. Raises StoreError for a database from a newer Waspada.

    A new database is made from the models at once (a test holds them equal to the migrations): Alembic takes 12 MB, and a
    laptop would carry them until its next start.
    """
    from .database import StoreError

    with store.write() as session:
        connection = session.connection()
        known = inspect(connection).has_table("alembic_version")
        if not known:
            Base.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
            return
        if connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
            return
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"The database {store.path} was written by another version of Waspada ({error}); install the newest version."
            ) from None
