"""What was scored at a grade, by case and review: only reviews that count, as the reviews room counts them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.reviews.queries import measurement_rows


@dataclass(frozen=True)
class Sheet:
    """One sealed review: who wrote it, which track they come from, and a score by competency (None: not assessed)."""

    reviewer_id: str
    home: str
    values: Mapping[str, int | None]


Sheets = Mapping[str, list[Sheet]]
"""The reviews of each case, by case id; a case without one that counts is not in it."""


def sheets_at(s: Session, *, cycle_id: str, grade: int | None = None, also: Collection[str] = ()) -> Sheets:
    """Every review that counts at one grade of a cycle (and of the cycles `also`), or at all, in the order of case and
    reviewer. One statement."""
    values: dict[tuple[str, str, str], dict[str, int | None]] = {}
    for row in measurement_rows(s, cycle_id=cycle_id, grade=grade, also=also):
        values.setdefault((row.case_id, row.reviewer_id, row.home), {})[row.competency_id] = row.value
    found: dict[str, list[Sheet]] = {}
    for (case_id, reviewer_id, home), given in values.items():
        found.setdefault(case_id, []).append(Sheet(reviewer_id, home, given))
    return found
