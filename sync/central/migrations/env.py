"""Alembic's entry: runs on the connection that `migrate.upgrade` opened, inside its transaction."""

from alembic import context

from sync.central.models import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
