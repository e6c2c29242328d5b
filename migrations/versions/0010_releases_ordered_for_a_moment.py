"""releases ordered for a moment"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_release",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("cycle_id", sa.String(length=12), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by_id", sa.String(length=12), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("brief_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "brief_shows",
            sa.Enum("outcome", "reasons", name="brief", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(brief_at IS NULL) = (brief_shows IS NULL)", name=op.f("ck_letter_release_brief_says_what")
        ),
        sa.CheckConstraint("brief_at IS NULL OR brief_at <= moment", name=op.f("ck_letter_release_brief_is_ahead")),
        sa.CheckConstraint("moment >= ordered_at", name=op.f("ck_letter_release_not_in_the_past")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_letter_release_cycle_id_cycle")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["person.id"], name=op.f("fk_letter_release_ordered_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_release")),
    )
    with op.batch_alter_table("letter_release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_release_cycle_id"), ["cycle_id"], unique=False)

    op.create_table(
        "letter_release_item",
        sa.Column("release_id", sa.String(length=12), nullable=False),
        sa.Column("decision_id", sa.String(length=12), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data_sha256", sa.String(length=64), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_by_id", sa.String(length=12), nullable=True),
        sa.Column("briefed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("briefed_id", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "NOT live OR (taken_back_at IS NULL AND trouble = '')",
            name=op.f("ck_letter_release_item_live_is_untouched"),
        ),
        sa.CheckConstraint(
            "(briefed_at IS NULL) = (briefed_id IS NULL)", name=op.f("ck_letter_release_item_brief_has_a_reader")
        ),
        sa.CheckConstraint(
            "(taken_back_at IS NULL) = (taken_back_by_id IS NULL)",
            name=op.f("ck_letter_release_item_taken_back_by_someone"),
        ),
        sa.CheckConstraint(
            "taken_back_at IS NULL OR taken_back_at < moment", name=op.f("ck_letter_release_item_taken_back_in_time")
        ),
        sa.ForeignKeyConstraint(["briefed_id"], ["person.id"], name=op.f("fk_letter_release_item_briefed_id_person")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_letter_release_item_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["letter_release.id"], name=op.f("fk_letter_release_item_release_id_letter_release")
        ),
        sa.ForeignKeyConstraint(
            ["taken_back_by_id"], ["person.id"], name=op.f("fk_letter_release_item_taken_back_by_id_person")
        ),
        sa.PrimaryKeyConstraint("release_id", "decision_id", name=op.f("pk_letter_release_item")),
    )
    with op.batch_alter_table("letter_release_item", schema=None) as batch_op:
        batch_op.create_index(
            "uq_letter_release_item_one_live",
            ["decision_id"],
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        )


def downgrade() -> None:
    with op.batch_alter_table("letter_release_item", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_letter_release_item_one_live", sqlite_where=sa.text("live"), postgresql_where=sa.text("live")
        )

    op.drop_table("letter_release_item")
    with op.batch_alter_table("letter_release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_release_cycle_id"))

    op.drop_table("letter_release")
