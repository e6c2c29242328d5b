"""seals of the log, under a key that changes with every row"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NEW = {"audit_head": "key", "audit_event": "seal"}


def upgrade() -> None:
    for table, text in NEW.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
            batch_op.add_column(sa.Column(text, sa.String(length=64), nullable=False, server_default=""))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("epoch", server_default=None)
            batch_op.alter_column(text, server_default=None)


def downgrade() -> None:
    for table, text in NEW.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(text)
            batch_op.drop_column("epoch")
