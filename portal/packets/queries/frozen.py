"""What was frozen at each submission."""

from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.models.case import Case
from portal.models.packet import Snapshot


def last_number(s: Session, case: Case) -> int:
    """The number of the latest snapshot, 0 before the first."""
    return s.scalar(select(func.max(Snapshot.number)).where(Snapshot.case_id == case.id)) or 0


def latest_snapshot(s: Session, case: Case) -> Snapshot | None:
    return s.scalar(select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number.desc()).limit(1))


def snapshots(s: Session, case: Case) -> list[Row[tuple[int, datetime, str]]]:
    """Number, time and content hash of each snapshot, the latest first; without the texts."""
    q = select(Snapshot.number, Snapshot.taken_at, Snapshot.content_hash).where(Snapshot.case_id == case.id)
    return list(s.execute(q.order_by(Snapshot.number.desc())))


def snapshot_numbered(s: Session, case: Case, number: int) -> Snapshot | None:
    return s.scalar(select(Snapshot).where(Snapshot.case_id == case.id, Snapshot.number == number))
