"""case types and trials"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TYPES = ["promotion", "off_cycle", "resubmission", "switch", "step_down", "to_advisor", "from_advisor", "confirmation"]
OUTCOMES = ["approved", "approved_on_trial", "not_yet", "deferred", "declined"]


def _among(column: str, codes: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


def upgrade() -> None:
    with op.batch_alter_table("promotion_case", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_promotion_case_casetype"), type_="check")
        batch_op.drop_constraint(op.f("ck_promotion_case_level_changes"), type_="check")
        batch_op.add_column(sa.Column("scored", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("previous_case_id", sa.String(length=12), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_promotion_case_previous_case_id_promotion_case"), "promotion_case", ["previous_case_id"], ["id"]
        )
        batch_op.create_check_constraint(op.f("ck_promotion_case_casetype"), _among("case_type", TYPES))
        batch_op.create_check_constraint(
            op.f("ck_promotion_case_level_changes"), "(case_type = 'confirmation') = (from_level_id = to_level_id)"
        )
        batch_op.create_check_constraint(
            op.f("ck_promotion_case_previous_iff_again"),
            "(case_type = 'resubmission') = (previous_case_id IS NOT NULL)",
        )
    with op.batch_alter_table("promotion_case", schema=None) as batch_op:
        batch_op.alter_column("scored", server_default=None)
        batch_op.alter_column("reason", server_default=None)
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_decision_outcome"), type_="check")
        batch_op.drop_constraint(op.f("ck_decision_effective_iff_approved"), type_="check")
        batch_op.create_check_constraint(op.f("ck_decision_outcome"), _among("outcome", OUTCOMES))
        batch_op.create_check_constraint(
            op.f("ck_decision_effective_iff_approved"),
            "(outcome IN ('approved', 'approved_on_trial')) = (effective_on IS NOT NULL)",
        )
    _trials()


def _trials() -> None:
    op.create_table(
        "trial",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("decision_id", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("return_until", sa.Date(), nullable=False),
        sa.Column("home_level_id", sa.String(length=60), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on < ends_on AND ends_on <= return_until", name=op.f("ck_trial_days_in_order")),
        sa.ForeignKeyConstraint(["case_id"], ["promotion_case.id"], name=op.f("fk_trial_case_id_promotion_case")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_trial_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_trial_decision_id")),
    )
    with op.batch_alter_table("trial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trial_case_id"), ["case_id"], unique=False)
    op.create_table(
        "trial_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.String(length=12), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("confirmed", "returned", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_trial_decision_by_id_person")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_trial_decision_trial_id_trial")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_decision")),
        sa.UniqueConstraint("trial_id", "outcome", name=op.f("uq_trial_decision_trial_id_outcome")),
    )


def downgrade() -> None:
    op.drop_table("trial_decision")
    with op.batch_alter_table("trial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trial_case_id"))
    op.drop_table("trial")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_decision_outcome"), type_="check")
        batch_op.drop_constraint(op.f("ck_decision_effective_iff_approved"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_decision_outcome"), _among("outcome", ["approved", "not_yet", "deferred"])
        )
        batch_op.create_check_constraint(
            op.f("ck_decision_effective_iff_approved"), "(outcome = 'approved') = (effective_on IS NOT NULL)"
        )
    with op.batch_alter_table("promotion_case", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_promotion_case_previous_iff_again"), type_="check")
        batch_op.drop_constraint(op.f("ck_promotion_case_casetype"), type_="check")
        batch_op.drop_constraint(op.f("ck_promotion_case_level_changes"), type_="check")
        batch_op.drop_constraint(op.f("fk_promotion_case_previous_case_id_promotion_case"), type_="foreignkey")
        batch_op.drop_column("previous_case_id")
        batch_op.drop_column("reason")
        batch_op.drop_column("scored")
        batch_op.create_check_constraint(op.f("ck_promotion_case_casetype"), _among("case_type", ["promotion"]))
        batch_op.create_check_constraint(op.f("ck_promotion_case_level_changes"), "from_level_id <> to_level_id")
