"""panels and letters of appeals"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATES = (
    "draft",
    "submitted",
    "in_review",
    "in_calibration",
    "decided",
    "released",
    "under_appeal",
    "closed",
    "withdrawn",
)


def upgrade() -> None:
    """Whoever was appointed alone becomes a panel of one: what was answered stays answered as it was."""
    before = _rows()
    op.drop_table("appeal")
    _appeal(*_answer_columns())
    _panels()
    _letters()
    _refill([_as_panel_answer(row) for row in before])
    for row in before:
        if row["appointed_id"]:
            _one_member(row)


def downgrade() -> None:
    """The member who presided is kept as the one appointed; letters and the others are lost."""
    q = sa.text(
        "SELECT a.*, m.person_id AS appointed_id, p.appointed_by_id AS appointed_by_id FROM appeal a"
        " LEFT JOIN appeal_panel p ON p.appeal_id = a.id AND p.number ="
        " (SELECT max(number) FROM appeal_panel WHERE appeal_id = a.id)"
        " LEFT JOIN appeal_member m ON m.panel_id = p.id AND m.place = 0"
    )
    before = [dict(row) for row in op.get_bind().execute(q).mappings()]
    for table in ("appeal_letter", "appeal_member", "appeal_panel", "appeal"):
        op.drop_table(table)
    _appeal(*_appointed_columns())
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_appointed_id"), ["appointed_id"], unique=False)
    _refill([_as_single_answer(row) for row in before])


def _rows() -> list[dict[str, Any]]:
    return [dict(row) for row in op.get_bind().execute(sa.text("SELECT * FROM appeal ORDER BY id")).mappings()]


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _person(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=12), nullable=nullable)


def _person_key(table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_{table}_{name}_person"))


def _appeal(*further: Any) -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("decision_id", sa.String(length=12), nullable=False),
        sa.Column("ground", _codes("appealground", "procedure", "missed_evidence", "conflict"), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        _moment("filed_at"),
        _person("answered_by_id", nullable=True),
        _moment("answered_at", nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        *further,
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_appeal_answerer_iff_answered")
        ),
        sa.CheckConstraint("(answered_at IS NULL) = (upheld IS NULL)", name=op.f("ck_appeal_answer_says_what")),
        _person_key("appeal", "answered_by_id"),
        sa.ForeignKeyConstraint(["case_id"], ["promotion_case.id"], name=op.f("fk_appeal_case_id_promotion_case")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_appeal_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeal_decision_id")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_case_id"), ["case_id"], unique=False)


def _answer_columns() -> tuple[Any, ...]:
    return (
        sa.Column("sent_back_to", _codes("sent_back_to", *_STATES), nullable=True),
        sa.Column("look_again", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(upheld IS NULL OR upheld) = (sent_back_to IS NULL)", name=op.f("ck_appeal_back_iff_not_upheld")
        ),
        sa.CheckConstraint("(sent_back_to IS NULL) = (look_again = '')", name=op.f("ck_appeal_back_says_what_for")),
    )


def _appointed_columns() -> tuple[Any, ...]:
    return (
        _person("appointed_id", nullable=True),
        _person("appointed_by_id", nullable=True),
        sa.CheckConstraint(
            "(appointed_id IS NULL) = (appointed_by_id IS NULL)", name=op.f("ck_appeal_appointed_by_someone")
        ),
        sa.CheckConstraint(
            "answered_by_id IS NULL OR answered_by_id = appointed_id", name=op.f("ck_appeal_answered_by_the_appointed")
        ),
        _person_key("appeal", "appointed_by_id"),
        _person_key("appeal", "appointed_id"),
    )


def _panels() -> None:
    op.create_table(
        "appeal_panel",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Double(), nullable=False),
        _person("appointed_by_id"),
        _moment("appointed_at"),
        _moment("closed_at", nullable=True),
        _person("closed_by_id", nullable=True),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_appeal_panel_closer_iff_closed")
        ),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_panel_appeal_id_appeal")),
        _person_key("appeal_panel", "appointed_by_id"),
        _person_key("appeal_panel", "closed_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_panel")),
        sa.UniqueConstraint("appeal_id", "number", name=op.f("uq_appeal_panel_appeal_id_number")),
    )
    op.create_table(
        "appeal_member",
        sa.Column("panel_id", sa.String(length=12), nullable=False),
        _person("person_id"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("finding", _codes("finding", "stands", "look_again", "abstain"), nullable=True),
        _moment("said_at", nullable=True),
        sa.CheckConstraint("(finding IS NULL) = (said_at IS NULL)", name=op.f("ck_appeal_member_finding_has_a_time")),
        sa.ForeignKeyConstraint(["panel_id"], ["appeal_panel.id"], name=op.f("fk_appeal_member_panel_id_appeal_panel")),
        _person_key("appeal_member", "person_id"),
        sa.PrimaryKeyConstraint("panel_id", "person_id", name=op.f("pk_appeal_member")),
        sa.UniqueConstraint("panel_id", "place", name=op.f("uq_appeal_member_panel_id_place")),
    )
    with op.batch_alter_table("appeal_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_member_person_id"), ["person_id"], unique=False)


def _letters() -> None:
    op.create_table(
        "appeal_letter",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=12), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("data_sha256", sa.String(length=64), nullable=False),
        sa.Column("template_id", sa.String(length=12), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        _moment("prepared_at"),
        _moment("rendered_at", nullable=True),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_letter_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["promotion_case.id"], name=op.f("fk_appeal_letter_case_id_promotion_case")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["letter_template.id"], name=op.f("fk_appeal_letter_template_id_letter_template")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_letter")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_appeal_letter_appeal_id")),
        sa.UniqueConstraint("code", name=op.f("uq_appeal_letter_code")),
    )
    with op.batch_alter_table("appeal_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_letter_case_id"), ["case_id"], unique=False)


def _as_panel_answer(row: dict[str, Any]) -> dict[str, Any]:
    """An answer that sent the case back said in its text what for."""
    back = row["upheld"] is not None and not row["upheld"]
    kept = {key: value for key, value in row.items() if not key.startswith("appointed")}
    return kept | {
        "sent_back_to": _went_back_to(row) if back else None,
        "look_again": row["answer"] if back else "",
        "version": 1,
    }


def _went_back_to(row: dict[str, Any]) -> str:
    q = sa.text(
        "SELECT target FROM case_event WHERE case_id = :case_id AND action LIKE 'send_back%' AND at = :at"
        " ORDER BY id DESC"
    )
    found = op.get_bind().execute(q, {"case_id": row["case_id"], "at": row["answered_at"]}).scalar()
    return str(found or "in_calibration")


def _as_single_answer(row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key not in ("sent_back_to", "look_again", "version")}
    return kept | {"answered_by_id": row["appointed_id"] if row["answered_by_id"] else None}


def _refill(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        names = sorted(row)
        marks = ", ".join(f":{name}" for name in names)
        op.get_bind().execute(sa.text(f"INSERT INTO appeal ({', '.join(names)}) VALUES ({marks})"), row)  # noqa: S608
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('appeal', 'id'), coalesce(max(id), 0) + 1, false) FROM appeal")


def _one_member(row: dict[str, Any]) -> None:
    """The id is the appeal's: unlike any other, since those are random."""
    at, answered = row["filed_at"], row["answered_at"]
    panel = f"appeal{row['id']:06d}"
    op.get_bind().execute(
        sa.text(
            "INSERT INTO appeal_panel (id, appeal_id, number, quorum, appointed_by_id, appointed_at, closed_at,"
            " closed_by_id, set_aside, version) VALUES (:id, :appeal, 1, 1, :by, :at, :closed, :closer, :aside, 1)"
        ),
        {
            "id": panel,
            "appeal": row["id"],
            "by": row["appointed_by_id"],
            "at": at,
            "closed": answered,
            "closer": row["answered_by_id"],
            "aside": False,
        },
    )
    finding = None if answered is None else "stands" if row["upheld"] else "look_again"
    op.get_bind().execute(
        sa.text(
            "INSERT INTO appeal_member (panel_id, person_id, place, finding, said_at)"
            " VALUES (:panel, :person, 0, :finding, :said)"
        ),
        {"panel": panel, "person": row["appointed_id"], "finding": finding, "said": answered},
    )
