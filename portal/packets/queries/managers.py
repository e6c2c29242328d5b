"""What managers wrote: statements, and comments on a shared draft."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.models.case import Case
from portal.models.packet import DraftComment, Statement
from portal.models.person import Person


def comments(s: Session, case: Case) -> list[DraftComment]:
    """What managers said about the draft, the earliest first."""
    q = select(DraftComment).where(DraftComment.case_id == case.id).options(joinedload(DraftComment.writer))
    return list(s.scalars(q.order_by(DraftComment.written_at, DraftComment.id)))


def statement_by(s: Session, case: Case, writer: Person) -> Statement | None:
    return s.get(Statement, (case.id, writer.id))


def signed_statements(s: Session, case: Case) -> list[Statement]:
    """What managers stand by, the latest first: after a change of manager there may be two."""
    q = select(Statement).where(Statement.case_id == case.id, Statement.signed_at.is_not(None))
    return list(
        s.scalars(q.options(joinedload(Statement.writer)).order_by(Statement.signed_at.desc(), Statement.writer_id))
    )
