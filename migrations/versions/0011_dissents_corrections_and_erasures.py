"""dissents corrections and erasures"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("correction", sa.Text(), nullable=False, server_default=""))
        batch_op.create_check_constraint(op.f("ck_decision_first_corrects_nothing"), "number > 1 OR correction = ''")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.alter_column("correction", server_default=None)
    with op.batch_alter_table("elector", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dissent", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("dissented_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_elector_dissent_has_a_time"), "(dissent = '') = (dissented_at IS NULL)"
        )
        batch_op.create_check_constraint(op.f("ck_elector_only_voters_dissent"), "dissent = '' OR choice IS NOT NULL")
    with op.batch_alter_table("elector", schema=None) as batch_op:
        batch_op.alter_column("dissent", server_default=None)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("erased_at")
    with op.batch_alter_table("elector", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_elector_only_voters_dissent"), type_="check")
        batch_op.drop_constraint(op.f("ck_elector_dissent_has_a_time"), type_="check")
        batch_op.drop_column("dissented_at")
        batch_op.drop_column("dissent")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_decision_first_corrects_nothing"), type_="check")
        batch_op.drop_column("correction")
