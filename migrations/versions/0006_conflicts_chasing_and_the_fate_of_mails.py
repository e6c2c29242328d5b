"""conflicts, chasing and the fate of mails"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def upgrade() -> None:
    op.create_table(
        "mail_preference",
        sa.Column("person_id", sa.String(length=12), nullable=False),
        sa.Column(
            "pace",
            sa.Enum("each", "daily", "weekly", name="mailpace", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_preference_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_preference")),
    )
    op.create_table(
        "kept_apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bond", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.String(length=12), nullable=False),
        sa.Column("away_id", sa.String(length=12), nullable=False),
        sa.Column("cycle_id", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.String(length=12), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_kept_apart_ender_iff_ended")),
        sa.CheckConstraint("person_id <> away_id", name=op.f("ck_kept_apart_two_people")),
        sa.ForeignKeyConstraint(["away_id"], ["person.id"], name=op.f("fk_kept_apart_away_id_person")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_kept_apart_cycle_id_cycle")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_kept_apart_ended_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_apart_person_id_person")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_kept_apart_recorded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_apart")),
    )
    with op.batch_alter_table("kept_apart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_apart_away_id"), ["away_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_apart_bond"), ["bond"], unique=False)
        batch_op.create_index("ix_kept_apart_person_id_away_id", ["person_id", "away_id"], unique=False)

    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("case_id", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("bundle_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=40), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_outbox_bundle_id"), ["bundle_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_person_id"), ["person_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_outbox_person_id_person"), "person", ["person_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_outbox_bundle_id_outbox"), "outbox", ["bundle_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_case_id_promotion_case"), "promotion_case", ["case_id"], ["id"]
        )

    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by_id", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("lift_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("lift_asked_by_id", sa.String(length=12), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_recusal_lift_asked_by_id_person"), "person", ["lift_asked_by_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_recusal_confirmed_by_id_person"), "person", ["confirmed_by_id"], ["id"]
        )

    with op.batch_alter_table("referee", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("pseudonym_for_candidate", sa.String(length=40), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("told", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))

    _name_referees_for_candidates()
    _address_mails()
    with op.batch_alter_table("referee", schema=None) as batch_op:
        batch_op.alter_column("pseudonym_for_candidate", server_default=None)
        batch_op.alter_column("told", server_default=None)


def _name_referees_for_candidates() -> None:
    referee = sa.table(
        "referee", sa.column("id"), sa.column("pseudonym_for_candidate"), sa.column("state"), sa.column("told")
    )
    bind = op.get_bind()
    for (row_id,) in bind.execute(sa.select(referee.c.id)).all():
        name = "Colleague " + "".join(secrets.choice(LETTERS) for _ in range(4))
        bind.execute(sa.update(referee).where(referee.c.id == row_id).values(pseudonym_for_candidate=name))
    bind.execute(sa.update(referee).where(referee.c.state == "answered").values(told="candidate_after_release"))


def _address_mails() -> None:
    """Mails written before name their reader and their case in the payload only."""
    outbox = sa.table(
        "outbox", *(sa.column(n) for n in ("id", "kind", "person_id", "case_id")), sa.column("payload", sa.JSON)
    )
    known = sa.table("promotion_case", sa.column("id"))
    bind = op.get_bind()
    cases = set(bind.scalars(sa.select(known.c.id)))
    for row in bind.execute(sa.select(outbox.c.id, outbox.c.payload).where(outbox.c.kind == "mail")).all():
        parts = str(row.payload.get("values", {}).get("path", "")).split("/")
        case_id = parts[2] if len(parts) > 2 and parts[1] == "cases" and parts[2] in cases else None
        values = {"person_id": row.payload.get("to"), "case_id": case_id}
        bind.execute(sa.update(outbox).where(outbox.c.id == row.id).values(**values))


def downgrade() -> None:
    with op.batch_alter_table("referee", schema=None) as batch_op:
        batch_op.drop_column("due_at")
        batch_op.drop_column("told")
        batch_op.drop_column("pseudonym_for_candidate")

    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_recusal_confirmed_by_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_recusal_lift_asked_by_id_person"), type_="foreignkey")
        batch_op.drop_column("lift_asked_by_id")
        batch_op.drop_column("lift_asked_at")
        batch_op.drop_column("confirmed_by_id")
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("pending")

    op.drop_table("mail_preference")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_outbox_case_id_promotion_case"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_outbox_bundle_id_outbox"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_outbox_person_id_person"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_outbox_person_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_case_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_bundle_id"))
        batch_op.drop_column("note")
        batch_op.drop_column("bundle_id")
        batch_op.drop_column("case_id")
        batch_op.drop_column("person_id")

    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_column("due_at")
        batch_op.drop_column("declined_at")

    with op.batch_alter_table("kept_apart", schema=None) as batch_op:
        batch_op.drop_index("ix_kept_apart_person_id_away_id")
        batch_op.drop_index(batch_op.f("ix_kept_apart_bond"))
        batch_op.drop_index(batch_op.f("ix_kept_apart_away_id"))

    op.drop_table("kept_apart")
