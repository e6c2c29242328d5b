"""reasons beside the log

Down: a reason goes back into its row. The rows written since hash a code of it, so that the chain of a database that
was taken down no longer fits from the first of them on."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_reason",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=48), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"],
            ["audit_event.sequence"],
            name=op.f("fk_audit_reason_sequence_audit_event"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_reason")),
    )
    op.execute(
        "INSERT INTO audit_reason (sequence, salt, text) "
        "SELECT sequence, '', reason FROM audit_event WHERE reason <> ''"
    )
    with op.batch_alter_table("audit_event") as batch:
        batch.drop_column("reason")
        batch.add_column(sa.Column("reason_hash", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("audit_event") as batch:
        batch.alter_column("reason_hash", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("audit_event") as batch:
        batch.drop_column("reason_hash")
        batch.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE audit_event SET reason = (SELECT text FROM audit_reason WHERE audit_reason.sequence = "
        "audit_event.sequence) WHERE sequence IN (SELECT sequence FROM audit_reason)"
    )
    with op.batch_alter_table("audit_event") as batch:
        batch.alter_column("reason", server_default=None)
    op.drop_table("audit_reason")
