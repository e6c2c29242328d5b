"""Where a cycle stands, and what a case in it waits for, since when and for whom. Pure: the queries bring the rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.case_flow import Reason, State

NEAR = timedelta(days=7)


class Phase(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    REVIEWING = "reviewing"
    DECIDING = "deciding"
    OVERDUE = "overdue"
    CLOSED = "closed"


class Turn(StrEnum):
    """Who moves a waiting case on."""

    PEOPLE_PARTNER = "people partner"
    CANDIDATE = "candidate"
    REVIEWERS = "reviewers"
    CHAIR = "chair"
    COMMITTEE = "committee"
    APPEAL_PANEL = "appeal panel"


@dataclass(frozen=True)
class Dates:
    opens_at: datetime
    submit_by: datetime
    review_by: datetime
    decide_by: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class CaseRow:
    """One case as the cockpit reads it. Reviews and reviewers count those without a conflict; times are UTC.

    `review_due` is the first day by which an outstanding review is asked for; `overdue` counts the outstanding ones
    whose own day has passed; `declined` counts declines with nobody asked instead; `decision` is the last one: when it
    was recorded, whether a second member confirmed it and its letter exists; `leaves` is the moment its release was
    ordered for."""

    id: str
    candidate: str
    track_kind: str
    to_level: str
    grade: int
    state: State
    since: datetime
    submit_by: datetime
    accepted: bool = True
    scored: bool = True
    committee_named: bool = False
    assigned: int = 0
    crossing: int = 0
    outstanding: int = 0
    review_due: datetime | None = None
    overdue: int = 0
    sealed: int = 0
    declined: int = 0
    ballot_opened: datetime | None = None
    ballot_closed: datetime | None = None
    decided: datetime | None = None
    confirmed: datetime | None = None
    letter_ready: bool = False
    leaves: datetime | None = None


@dataclass(frozen=True)
class Wait:
    row: CaseRow
    what: Reason
    whose: Turn
    since: datetime
    late: bool = False


def phase(dates: Dates, at: datetime) -> Phase:
    """The part of its life a cycle is in, by its dates."""
    if dates.closed_at is not None:
        return Phase.CLOSED
    ends = (
        (dates.opens_at, Phase.PLANNED),
        (dates.submit_by, Phase.OPEN),
        (dates.review_by, Phase.REVIEWING),
        (dates.decide_by, Phase.DECIDING),
    )
    return next((name for end, name in ends if at < end), Phase.OVERDUE)


def waits(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    """What the case waits for, or None while it is on its way with nobody late. `needed` is reviewers per case."""
    asked = _ASK.get(row.state)
    return asked(row, dates, needed, at) if asked else None


def _wait(
    row: CaseRow,
    code: str,
    sentence: str,
    whose: Turn,
    since: datetime | None = None,
    late: bool = False,
    values: Mapping[str, object] | None = None,
) -> Wait:
    words = tuple((key, str(value)) for key, value in (values or {}).items())
    return Wait(row, Reason(code, sentence, words), whose, since or row.since, late)


def _draft(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    if not row.accepted:
        return _wait(row, "nomination", "The nomination waits to be accepted.", Turn.CANDIDATE)
    if at > row.submit_by:
        sentence = "Not submitted, and the deadline has passed. More time can be granted."
        return _wait(row, "draft_late", sentence, Turn.CANDIDATE, row.submit_by, late=True)
    if row.submit_by - at <= NEAR:
        return _wait(row, "draft_near", "Still a draft, and the deadline is near.", Turn.CANDIDATE)
    return None


def _submitted(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    late = at > dates.review_by
    if row.scored and row.assigned < needed:
        sentence, values = (
            "%(assigned)s of %(needed)s reviewers assigned.",
            {"assigned": row.assigned, "needed": needed},
        )
        return _wait(row, "reviewers_missing", sentence, Turn.PEOPLE_PARTNER, late=late, values=values)
    if row.scored and not row.crossing:
        sentence = "No reviewer comes from the other track."
        return _wait(row, "crossing_missing", sentence, Turn.PEOPLE_PARTNER, late=late)
    return _wait(row, "review_ready", "The review can be opened.", Turn.PEOPLE_PARTNER, late=late)


def _in_review(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    late = at > dates.review_by
    if row.declined:
        sentence = "Reviews declined, with nobody asked instead: %(count)s."
        return _wait(row, "declined", sentence, Turn.PEOPLE_PARTNER, late=late, values={"count": row.declined})
    if row.overdue:
        due = row.review_due or dates.review_by
        sentence, values = "Reviews overdue: %(count)s.", {"count": row.overdue}
        return _wait(row, "reviews_overdue", sentence, Turn.REVIEWERS, due, late=True, values=values)
    if row.outstanding:
        return None
    if row.scored and not row.sealed:
        return _wait(row, "no_review", "Nobody is left to review it.", Turn.PEOPLE_PARTNER, late=late)
    if not row.committee_named:
        return _wait(row, "no_committee", "No committee is named for its grade.", Turn.PEOPLE_PARTNER, late=late)
    return _wait(
        row, "calibration_ready", "All reviews are in; it can go to calibration.", Turn.PEOPLE_PARTNER, late=late
    )


def _in_calibration(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    late = at > dates.decide_by
    if row.ballot_opened is not None:
        return _wait(row, "ballot_open", "A ballot is open.", Turn.COMMITTEE, row.ballot_opened, late)
    if row.ballot_closed is not None and row.ballot_closed >= row.since:
        sentence = "The ballot is closed; the decision waits to be recorded."
        return _wait(row, "decision_missing", sentence, Turn.CHAIR, row.ballot_closed, late)
    return _wait(row, "ballot_missing", "To be calibrated and voted on.", Turn.CHAIR, late=late)


def _decided(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    late = at > dates.decide_by
    if row.leaves is not None:
        return None
    if row.confirmed is None:
        sentence = "The decision waits for a second committee member."
        return _wait(row, "not_confirmed", sentence, Turn.COMMITTEE, row.decided, late)
    if not row.letter_ready:
        return _wait(row, "no_letter", "The letter has to be prepared.", Turn.PEOPLE_PARTNER, row.confirmed, late)
    return _wait(row, "release_ready", "Ready to be released.", Turn.PEOPLE_PARTNER, row.confirmed, late)


def _under_appeal(row: CaseRow, dates: Dates, needed: int, at: datetime) -> Wait | None:
    return _wait(row, "appeal", "An appeal waits for its answer.", Turn.APPEAL_PANEL)


_ASK: Mapping[State, Callable[[CaseRow, Dates, int, datetime], Wait | None]] = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.IN_REVIEW: _in_review,
    State.IN_CALIBRATION: _in_calibration,
    State.DECIDED: _decided,
    State.UNDER_APPEAL: _under_appeal,
}
