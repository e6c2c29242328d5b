"""published statements"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.String(length=12), nullable=False),
        sa.Column("family_id", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("bar_check_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("published_by_id", sa.String(length=12), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bar_check_id"], ["bar_check.id"], name=op.f("fk_published_statement_bar_check_id_bar_check")
        ),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_published_statement_cycle_id_cycle")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_published_statement_published_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_statement")),
    )
    with op.batch_alter_table("published_statement", schema=None) as batch_op:
        batch_op.create_index("ix_published_statement_cycle_id", ["cycle_id"], unique=False)
        batch_op.create_index("ix_published_statement_family_id_grade", ["family_id", "grade"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("published_statement", schema=None) as batch_op:
        batch_op.drop_index("ix_published_statement_family_id_grade")
        batch_op.drop_index("ix_published_statement_cycle_id")

    op.drop_table("published_statement")
