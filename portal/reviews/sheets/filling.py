"""From a review to its sheet and back: which review a sheet is of, and evidence by short labels."""

from collections.abc import Mapping

from portal.domain.ladder import Rubric
from portal.models.case import Case
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import NoScore, Review
from portal.reviews.sheets.sheet import Key, Line, Sheet

HASH = 16


def labels(snapshot: Snapshot) -> dict[str, str]:
    """E1, E2 … by evidence id, in the order of the packet. A snapshot never changes, so neither do its labels."""
    rows = snapshot.content.get("evidence", ())
    return {str(row["id"]): f"E{number}" for number, row in enumerate(rows, start=1)}


def key_of(case: Case, reviewer: Person, snapshot: Snapshot, review: Review | None) -> Key:
    return Key(
        case=case.id,
        reviewer=reviewer.email,
        snapshot=f"{snapshot.number} {snapshot.content_hash[:HASH]}",
        rubric=case.rubric_hash[:HASH],
        saved=str(review.version if review else 0),
    )


def sheet_of(case: Case, rubric: Rubric, reviewer: Person, snapshot: Snapshot, review: Review | None) -> Sheet:
    """What the form shows, as a sheet."""
    rows = {row.competency_id: row for row in review.scores} if review else {}
    named: Mapping[str, str] = labels(snapshot)
    lines = []
    for asked in rubric.competencies:
        row = rows.get(asked.id)
        if row is None:
            lines.append(Line(asked.id))
            continue
        cites = tuple(named[cited] for cited in row.cites if cited in named)
        lines.append(Line(asked.id, code_of(row.value, row.no_score), row.rationale, cites))
    return Sheet(key_of(case, reviewer, snapshot, review), tuple(lines), review.summary if review else "")


def code_of(value: int | None, no_score: NoScore | None) -> str:
    if no_score is not None:
        return no_score.value
    return "" if value is None else str(value)
