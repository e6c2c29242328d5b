"""Moving a position: the committee settles on another score of a competency, says why, and cites the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calibration.commands.open_ballot import why_not_open
from portal.calibration.commands.sitting.table import held_open, item_on_table, noted, refuse_if_away, touch
from portal.calibration.queries.sessions import position_now
from portal.cases.policy import conflict
from portal.cases.queries import last_ballot, rubric_of
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.calibration_session import CalibrationSession, ChangeReason, PositionChange
from portal.models.case import Case
from portal.models.packet import Snapshot
from portal.models.person import Person


@dataclass(frozen=True)
class Proposed:
    """What the committee settled on: a competency's new score in points, why, what was seen in which evidence, and who
    proposed it."""

    competency_id: str
    new: float
    reason: ChangeReason
    note: str
    cites: Sequence[str]
    proposer: Person


def change_position(
    s: Session, *, live: CalibrationSession, case: Case, actor: Person, proposed: Proposed, at: datetime
) -> PositionChange:
    """Record that the committee moved one competency of the case on the table.

    The reviewers' own scores stay as they were sealed, and so do the figures on the bars. Raises InvalidInput where a
    part is missing or wrong, Refused when another case is on the table or a ballot was opened on the position,
    NotPermitted when the proposer or the writer must stay away: the case's own manager never moves it."""
    live = held_open(s, live)
    refuse_if_away(actor, case)
    item_on_table(live, case)
    _refuse_proposer(case, proposed.proposer)
    if why_not_open(case, last_ballot(s, case)):
        raise Refused("A ballot was opened on this position; what the committee was shown does not change any more.")
    old = _old(s, case, proposed.competency_id, proposed.new)
    _refuse_unfounded(s, case, proposed.note, proposed.cites)
    change = PositionChange(session=live, case_id=case.id, old=old, by=actor, at=at, **_told(proposed))
    change.proposer = proposed.proposer
    s.add(change)
    touch(s, live, at)
    payload = {**_told(proposed), "old": old, "proposer": proposed.proposer.id}
    noted(s, live, case, actor, "position_changed", at, payload)
    return change


def _told(proposed: Proposed) -> dict[str, Any]:
    return {
        "competency_id": proposed.competency_id,
        "new": proposed.new,
        "reason": proposed.reason,
        "note": proposed.note.strip(),
        "cites": list(proposed.cites),
    }


def _refuse_proposer(case: Case, proposer: Person) -> None:
    if case.committee is None or proposer.id not in case.committee.member_ids:
        raise InvalidInput("Proposer: Only a member of the committee proposes a change.")
    if conflict(proposer, case):
        raise NotPermitted("Whoever must stay away from a case proposes no change to it; its manager never does.")


def _old(s: Session, case: Case, competency_id: str, new: float) -> float | None:
    rubric = rubric_of(case)
    score = next((c for c in position_now(s, case).competencies if c.id == competency_id), None)
    if score is None:
        raise InvalidInput(f"Competency: The rubric of this case has no competency “{competency_id}”.")
    top = max((point.value for point in rubric.scale.points), default=4.0) if rubric.scale else 4.0
    if not 0 <= new <= top:
        raise InvalidInput(f"New score: Give a number from 0 to {top:g}.")
    if score.mean == new:
        raise InvalidInput("New score: That is what it is already.")
    return score.mean


def _refuse_unfounded(s: Session, case: Case, note: str, cites: Sequence[str]) -> None:
    q = select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number.desc()).limit(1)
    snapshot = s.scalar(q)
    known = {str(row["id"]) for row in snapshot.content.get("evidence", [])} if snapshot else set()
    if not cites:
        raise InvalidInput("Evidence: Cite at least one piece of evidence of the packet.")
    if strangers := sorted(set(cites) - known):
        raise InvalidInput(f"Evidence: The packet has no evidence {', '.join(strangers)}.")
    if len(note.strip()) < 10:
        raise InvalidInput("What was seen: Say in a sentence what the committee saw in the evidence.")
