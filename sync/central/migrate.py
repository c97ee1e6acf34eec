"""Bring the central's database to the schema this version needs; safe with several starting processes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from .database import Database, DatabaseError

HEAD = "0002"
"""Newest revision in `migrations/versions`; a test compares."""
_LOCK = 0x57415350
"""Advisory lock of whoever changes the schema (PostgreSQL)."""


def upgrade(database: Database) -> None:
    """Create or upgrade the tables in one transaction. Raises DatabaseError for a database from a newer Waspada."""
    with database.write() as session:
        connection = session.connection()
        if database.is_postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        known = inspect(connection).has_table("alembic_version")
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
        if found == HEAD:
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
            raise DatabaseError(
                f"The central's database was written by another version of Waspada ({error}); install the newest version."
            ) from None
