"""What people partners are told by mail while reviews are under way: that the last one is in, that somebody cannot do
theirs. To each who runs the case: nobody with a conflict, nobody who owes a review of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.policy import Hat, conflict, hats
from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.person import Person, Role
from portal.people.queries import holders
from portal.reviews.policy import is_sealed, owes_review


def keepers(s: Session, case: Case) -> list[Person]:
    """The people partners who run this case, by name."""
    found = holders(s, Role.PEOPLE_PARTNER)
    return [p for p in found if Hat.PEOPLE_PARTNER in hats(p, case) and not owes_review(p, case)]


def tell_if_all_in(s: Session, *, case: Case, at: datetime) -> bool:
    """Tell once, for one stretch of review, that no review is outstanding any more."""
    if case.state is not State.IN_REVIEW or case.declines_open:
        return False
    asked = [a for a in case.active_assignments if not conflict(a.reviewer, case)]
    if not any(is_sealed(a) for a in asked) or any(a.waived_at is None and not is_sealed(a) for a in asked):
        return False
    for person in keepers(s, case):
        key = f"reviews-in:{case.id}:{case.state_since:%Y%m%d%H%M%S}"
        enqueue_mail(s, to_id=person.id, template="reviews_in", key=key, at=at, path=f"/cases/{case.id}")
    return True
