"""Reports whose reporter asked to be hidden; all projections are folded anew from the ledger

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FOLDED_ANEW = ("message", "report", "amendment", "reporter", "health", "unfolded", "folded")


def upgrade() -> None:
    """Which of the old reports are secret stands only in the ledger."""
    for table in _FOLDED_ANEW:
        op.execute(sa.table(table).delete())
    for table in ("report", "amendment"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("secret", sa.Boolean(), nullable=False))
