"""A published statement that no longer holds is taken back: everybody is told that it does not stand any more, and
nothing that two statements side by side would tell of one person."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.queries.overtaken import overtaken_statements
from portal.models.audit import record
from portal.models.calibration import PublishedStatement

OVERTAKEN = "overtaken"


def take_back_overtaken(s: Session, *, at: datetime) -> list[PublishedStatement]:
    """A new version, without a figure, of every published statement whose verdict is another one since a decision under
    it changed and was released. Where the verdict is the same nothing is published: the claim stands, and a sign would
    tell that somebody's decision was changed. The statement before stays on record, as what was said until now."""
    made = []
    for statement, check in overtaken_statements(s):
        before = {key: statement.content[key] for key in ("verdict", "margin")}
        made.append(
            PublishedStatement(
                cycle_id=statement.cycle_id,
                family_id=statement.family_id,
                grade=statement.grade,
                bar_check=check,
                content={
                    "verdict": "not_enough_evidence",
                    "withheld": OVERTAKEN,
                    "margin": check.margin,
                    "before": {**before, "at": statement.published_at.isoformat()},
                },
                counts=statement.counts,
                published_by=statement.published_by,
                published_at=at,
            )
        )
        s.add(made[-1])
        s.flush()
        payload = {"before": statement.id, "check": check.id, "family": statement.family_id, "grade": statement.grade}
        thing = f"cycle:{statement.cycle_id}"
        record(s, actor=None, action="statement_overtaken", thing=thing, at=at, payload=payload)
    return made
