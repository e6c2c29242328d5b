"""amendments of sealed reviews"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("after_others", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 2", name=op.f("ck_amendment_number_from_two")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_amendment_review_id_review")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_amendment_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("review_id", "number", name=op.f("uq_amendment_review_id_number")),
    )
    op.create_table(
        "amended_score",
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column(
            "no_score",
            sa.Enum(
                "no_evidence",
                "outside_my_field",
                "unclear",
                name="noscore",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.CheckConstraint("(value IS NULL) <> (no_score IS NULL)", name=op.f("ck_amended_score_a_value_or_a_reason")),
        sa.CheckConstraint("value IS NULL OR value BETWEEN 0 AND 10", name=op.f("ck_amended_score_value_on_scale")),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_amended_score_amendment_id_amendment")
        ),
        sa.PrimaryKeyConstraint("amendment_id", "competency_id", name=op.f("pk_amended_score")),
    )


def downgrade() -> None:
    op.drop_table("amended_score")
    op.drop_table("amendment")
