"""unsent texts"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsent_text",
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("writer_id", sa.String(length=12), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "feedback", "comment", "amendment", name="form", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["promotion_case.id"], name=op.f("fk_unsent_text_case_id_promotion_case")),
        sa.ForeignKeyConstraint(["writer_id"], ["person.id"], name=op.f("fk_unsent_text_writer_id_person")),
        sa.PrimaryKeyConstraint("case_id", "writer_id", "form", name=op.f("pk_unsent_text")),
    )


def downgrade() -> None:
    op.drop_table("unsent_text")
