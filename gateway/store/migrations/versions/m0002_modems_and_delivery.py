"""Several modems with their SIM and credit; a row for each part sent, for its delivery report

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`outgoing.reference` was never read: the references now stand with the parts."""
    with op.batch_alter_table("outgoing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("modem", sa.String(length=32), server_default="", nullable=False))
        batch_op.drop_column("reference")
    with op.batch_alter_table("pdu", schema=None) as batch_op:
        batch_op.add_column(sa.Column("storage", sa.String(length=16), server_default="", nullable=False))
    op.create_table(
        "modem",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("imei", sa.String(length=20), nullable=False),
        sa.Column("imsi", sa.String(length=20), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("credit_at", sa.BigInteger(), nullable=True),
        sa.Column("credit_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "outgoing_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("modem", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("report_wanted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reported_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outgoing.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("outgoing_part", schema=None) as batch_op:
        batch_op.create_index("ix_outgoing_part_report", ["recipient", "reference"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_part_outgoing_id"), ["outgoing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_part_sent_at"), ["sent_at"], unique=False)
