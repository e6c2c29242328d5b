"""What a reviewer reads: the packet as it was frozen."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.case import Case
from portal.models.packet import Snapshot


def latest_snapshot(s: Session, case: Case) -> Snapshot | None:
    q = select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number.desc()).limit(1)
    return s.scalar(q)


def evidence_ids(snapshot: Snapshot) -> frozenset[str]:
    """Ids of the evidence rows a review on this snapshot may cite."""
    return frozenset(str(row["id"]) for row in snapshot.content.get("evidence", ()))
