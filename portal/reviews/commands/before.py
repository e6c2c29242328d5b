"""What stands before a case opens to its reviewer: the anchor packets of its grade."""

from sqlalchemy.orm import Session

from portal.domain.problems import InvalidInput
from portal.models.case import Assignment
from portal.reviews import queries


def refuse_before_anchor(s: Session, assignment: Assignment) -> None:
    """Raises InvalidInput while an anchor packet waits that this reviewer scores before the case."""
    if first := queries.anchor_first(s, assignment.case, assignment):
        raise InvalidInput(f"Score the anchor packet “{first.title}” under My reviews first; this case opens after it.")
