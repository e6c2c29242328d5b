"""drafts and releases of ladders"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ladder_draft",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("family_id", sa.String(length=60), nullable=False),
        sa.Column("base_hash", sa.String(length=64), nullable=False),
        sa.Column("org_text", sa.Text(), nullable=False),
        sa.Column("family_text", sa.Text(), nullable=False),
        sa.Column("started_by_id", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_ladder_draft_started_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_draft")),
        sa.UniqueConstraint("family_id", name=op.f("uq_ladder_draft_family_id")),
    )
    op.create_table(
        "ladder_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.String(length=60), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("published_by_id", sa.String(length=12), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_hash"],
            ["rubric_version.content_hash"],
            name=op.f("fk_ladder_release_content_hash_rubric_version"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_ladder_release_published_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_release")),
    )
    with op.batch_alter_table("ladder_release", schema=None) as batch_op:
        batch_op.create_index("ix_ladder_release_family_id_effective_on", ["family_id", "effective_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ladder_release", schema=None) as batch_op:
        batch_op.drop_index("ix_ladder_release_family_id_effective_on")

    op.drop_table("ladder_release")
    op.drop_table("ladder_draft")
