"""where anchor packets come from"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("anchor_packet") as batch:
        batch.add_column(sa.Column("copied_from_id", sa.String(length=12), nullable=True))
        batch.create_foreign_key(
            op.f("fk_anchor_packet_copied_from_id_promotion_case"), "promotion_case", ["copied_from_id"], ["id"]
        )
        batch.create_index(op.f("ix_anchor_packet_copied_from_id"), ["copied_from_id"])


def downgrade() -> None:
    with op.batch_alter_table("anchor_packet") as batch:
        batch.drop_index(op.f("ix_anchor_packet_copied_from_id"))
        batch.drop_constraint(op.f("fk_anchor_packet_copied_from_id_promotion_case"), type_="foreignkey")
        batch.drop_column("copied_from_id")
