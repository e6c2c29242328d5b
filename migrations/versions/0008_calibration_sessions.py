"""calibration sessions"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibration_session",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("cycle_id", sa.String(length=12), nullable=False),
        sa.Column("family_id", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=160), nullable=False),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("box_minutes", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.String(length=12), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_table_id", sa.String(length=12), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_calibration_session_closer_iff_closed")
        ),
        sa.CheckConstraint(
            "(on_table_id IS NULL) OR (closed_at IS NULL)",
            name=op.f("ck_calibration_session_table_cleared_when_closed"),
        ),
        sa.CheckConstraint("box_minutes BETWEEN 1 AND 120", name=op.f("ck_calibration_session_box_sensible")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_calibration_session_closed_by_id_person")
        ),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_calibration_session_cycle_id_cycle")),
        sa.ForeignKeyConstraint(
            ["on_table_id"], ["promotion_case.id"], name=op.f("fk_calibration_session_on_table_id_promotion_case")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["person.id"], name=op.f("fk_calibration_session_opened_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_session")),
    )
    with op.batch_alter_table("calibration_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calibration_session_cycle_id"), ["cycle_id"], unique=False)
        batch_op.create_index(
            "uq_calibration_session_one_open",
            ["cycle_id", "family_id", "grade"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "minute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_minute_by_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["promotion_case.id"], name=op.f("fk_minute_case_id_promotion_case")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["calibration_session.id"], name=op.f("fk_minute_session_id_calibration_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minute")),
    )
    with op.batch_alter_table("minute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minute_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_minute_session_id"), ["session_id"], unique=False)

    op.create_table(
        "position_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("competency_id", sa.String(length=60), nullable=False),
        sa.Column("old", sa.Double(), nullable=True),
        sa.Column("new", sa.Double(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "evidence_overlooked",
                "evidence_misread",
                "anchor_misapplied",
                "outside_level",
                "unlike_its_peers",
                name="changereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.Column("proposer_id", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("old IS NULL OR old <> new", name=op.f("ck_position_change_something_changes")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_position_change_by_id_person")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["promotion_case.id"], name=op.f("fk_position_change_case_id_promotion_case")
        ),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_position_change_proposer_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["calibration_session.id"], name=op.f("fk_position_change_session_id_calibration_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_change")),
    )
    with op.batch_alter_table("position_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_position_change_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_position_change_session_id"), ["session_id"], unique=False)

    op.create_table(
        "pre_vote",
        sa.Column("session_id", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.String(length=12), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("for", "against", "abstain", name="choice", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["promotion_case.id"], name=op.f("fk_pre_vote_case_id_promotion_case")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pre_vote_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["calibration_session.id"], name=op.f("fk_pre_vote_session_id_calibration_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "case_id", "person_id", name=op.f("pk_pre_vote")),
    )
    op.create_table(
        "table_item",
        sa.Column("session_id", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("box_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manager_present", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["promotion_case.id"], name=op.f("fk_table_item_case_id_promotion_case")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["calibration_session.id"], name=op.f("fk_table_item_session_id_calibration_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "case_id", name=op.f("pk_table_item")),
    )


def downgrade() -> None:
    op.drop_table("table_item")
    op.drop_table("pre_vote")
    with op.batch_alter_table("position_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_position_change_session_id"))
        batch_op.drop_index(batch_op.f("ix_position_change_case_id"))

    op.drop_table("position_change")
    with op.batch_alter_table("minute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minute_session_id"))
        batch_op.drop_index(batch_op.f("ix_minute_case_id"))

    op.drop_table("minute")
    with op.batch_alter_table("calibration_session", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_calibration_session_one_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_calibration_session_cycle_id"))

    op.drop_table("calibration_session")
