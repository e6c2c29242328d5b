"""Change what a cycle runs by. A changed margin stays on record with who set it and when, beside every verdict."""

from datetime import datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from portal.domain.moments import told
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.audit import record
from portal.models.cycle import Cycle, MarginSetting
from portal.models.person import Person
from portal.people.bound import is_bound

DATES = {"opens_at": "Opens", "submit_by": "Submit by", "review_by": "Review by", "decide_by": "Decide by"}
LARGEST_MARGIN = 2.0
LONGEST_NAME = 120


def set_dates(
    s: Session,
    *,
    cycle: Cycle,
    actor: Person,
    name: str,
    opens_at: datetime,
    submit_by: datetime,
    review_by: datetime,
    decide_by: datetime,
    min_reviewers: int,
    version: int,
    at: datetime,
) -> None:
    """Name, dates and number of reviewers. Raises StaleVersion when somebody else saved since `version` was read.

    Whoever must stay away from one of its open cases changes the name alone: a deadline or a smaller panel would be
    theirs, too."""
    refuse_if_closed(cycle)
    new = {
        "name": checked_name(name),
        **checked_order(opens_at, submit_by, review_by, decide_by),
        "min_reviewers": checked_reviewers(min_reviewers),
    }
    old = {key: getattr(cycle, key) for key in new}
    if version != cycle.version:
        message = "Someone else changed this cycle since you opened the form."
        raise StaleVersion(
            message, mine=_in_words(new, actor.timezone), theirs=_in_words(old, actor.timezone), version=cycle.version
        )
    fields = [key for key in new if new[key] != old[key]]
    if set(fields) - {"name"} and is_bound(s, actor, cycle_id=cycle.id):
        raise NotPermitted(
            "You have to stay away from an open case of this cycle: another people partner changes its dates and panel."
        )
    for key, value in new.items():
        setattr(cycle, key, value)
    s.flush()
    changed = ", ".join(fields)
    record(s, actor=actor, action="cycle_changed", thing=f"cycle:{cycle.id}", at=at, reason=changed, payload=new)


def set_margin(s: Session, *, cycle: Cycle, actor: Person, margin: float, at: datetime) -> None:
    """A new margin, in rubric points. Allowed after opening, but it never hides the one agreed beforehand."""
    refuse_if_closed(cycle)
    margin, before = checked_margin(margin), cycle.margin
    if margin == before:
        raise Refused(f"The margin is {margin:g} already.")
    cycle.margins.append(MarginSetting(margin=margin, set_by=actor, set_at=at))
    s.flush()
    reason = f"from {before:g} to {margin:g}"
    record(s, actor=actor, action="margin_set", thing=f"cycle:{cycle.id}", at=at, reason=reason, payload=margin)


def refuse_if_closed(cycle: Cycle) -> None:
    if cycle.closed_at is not None:
        raise Refused(f"{cycle.name} was closed on {cycle.closed_at:%d %b %Y}; a closed cycle stays as it was.")


def checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput(f"Name: write 1 to {LONGEST_NAME} characters, as in Spring 2026.")
    return name


def checked_margin(margin: float) -> float:
    if not 0 < margin <= LARGEST_MARGIN:
        raise InvalidInput(
            f"Margin: {margin:g} is not possible; give more than 0 and at most {LARGEST_MARGIN:g} points."
        )
    return margin


def checked_reviewers(number: int) -> int:
    if not 1 <= number <= 9:
        raise InvalidInput(f"Reviewers per case: {number} is not possible; give 1 to 9.")
    return number


def checked_order(
    opens_at: datetime, submit_by: datetime, review_by: datetime, decide_by: datetime
) -> dict[str, datetime]:
    """The four dates by column. Raises InvalidInput naming every date that does not come after the one before it."""
    dates = dict(zip(DATES, (opens_at, submit_by, review_by, decide_by), strict=True))
    problems = tuple(
        f"{DATES[after]}: must come after “{DATES[before]}”."
        for before, after in pairwise(DATES)
        if dates[before] >= dates[after]
    )
    if problems:
        raise InvalidInput("The dates are not in order.", problems)
    return dates


def _in_words(values: dict[str, object], timezone: str) -> dict[str, str]:
    labels = {"name": "Name", "min_reviewers": "Reviewers per case", **DATES}
    return {
        labels[key]: told(value, timezone) if isinstance(value, datetime) else str(value)
        for key, value in values.items()
    }
