"""What a case waits for, since when and for whom, read off one row; and the phase of a cycle by its dates."""

from datetime import timedelta
from typing import Any

import pytest

from portal.cycles.standing import CaseRow, Dates, Phase, Turn, phase, waits
from portal.domain.case_flow import State
from tests.world import NOW

DATES = Dates(
    opens_at=NOW - timedelta(days=14),
    submit_by=NOW + timedelta(days=14),
    review_by=NOW + timedelta(days=35),
    decide_by=NOW + timedelta(days=56),
)
HOUR = timedelta(hours=1)


def row(state: State, **facts: Any) -> CaseRow:
    given: dict[str, Any] = {"since": NOW - timedelta(days=3), "submit_by": DATES.submit_by}
    return CaseRow("c1", "Ada", "ic", "staff", 4, state, **(given | facts))


READY = {"assigned": 3, "crossing": 1, "sealed": 3, "committee_named": True}
SINCE = NOW - timedelta(days=3)
EARLIER, LATER = NOW - timedelta(days=5), NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("found", "code", "whose", "since"),
    [
        (row(State.DRAFT, accepted=False), "nomination", Turn.CANDIDATE, SINCE),
        (row(State.DRAFT, submit_by=NOW + timedelta(days=7)), "draft_near", Turn.CANDIDATE, SINCE),
        (row(State.DRAFT, submit_by=NOW - HOUR), "draft_late", Turn.CANDIDATE, NOW - HOUR),
        (row(State.SUBMITTED, assigned=2, crossing=1), "reviewers_missing", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.SUBMITTED, assigned=3), "crossing_missing", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.SUBMITTED, assigned=3, crossing=1), "review_ready", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.IN_REVIEW, **READY), "calibration_ready", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.IN_REVIEW, **(READY | {"committee_named": False})), "no_committee", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.IN_REVIEW, **(READY | {"declined": 1})), "declined", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.IN_REVIEW, assigned=0, sealed=0), "no_review", Turn.PEOPLE_PARTNER, SINCE),
        (row(State.IN_CALIBRATION), "ballot_missing", Turn.CHAIR, SINCE),
        (row(State.IN_CALIBRATION, ballot_opened=LATER), "ballot_open", Turn.COMMITTEE, LATER),
        (row(State.IN_CALIBRATION, ballot_closed=LATER), "decision_missing", Turn.CHAIR, LATER),
        (row(State.IN_CALIBRATION, ballot_closed=EARLIER), "ballot_missing", Turn.CHAIR, SINCE),
        (row(State.DECIDED, decided=LATER), "not_confirmed", Turn.COMMITTEE, LATER),
        (row(State.DECIDED, decided=EARLIER, confirmed=LATER), "no_letter", Turn.PEOPLE_PARTNER, LATER),
        (
            row(State.DECIDED, decided=EARLIER, confirmed=LATER, letter_ready=True),
            "release_ready",
            Turn.PEOPLE_PARTNER,
            LATER,
        ),
        (row(State.UNDER_APPEAL), "appeal", Turn.APPEAL_PANEL, SINCE),
    ],
)
def test_what_a_case_waits_for(found: CaseRow, code: str, whose: Turn, since: Any) -> None:
    wait = waits(found, DATES, 3, NOW)
    assert wait is not None
    assert (wait.what.code, wait.whose, wait.since) == (code, whose, since)
    assert wait.late is (code == "draft_late")


@pytest.mark.parametrize(
    "found",
    [
        row(State.DRAFT),
        row(State.IN_REVIEW, assigned=3, outstanding=2, sealed=1),
        row(State.RELEASED),
        row(State.CLOSED),
        row(State.WITHDRAWN),
    ],
)
def test_what_is_on_its_way_waits_for_nothing(found: CaseRow) -> None:
    assert waits(found, DATES, 3, NOW) is None


def test_reviews_are_overdue_after_their_date_and_say_how_many() -> None:
    after = DATES.review_by + HOUR
    wait = waits(row(State.IN_REVIEW, assigned=3, outstanding=3, overdue=2), DATES, 3, after)
    assert wait is not None
    assert (wait.what.code, str(wait.what), wait.whose) == ("reviews_overdue", "Reviews overdue: 2.", Turn.REVIEWERS)
    assert (wait.since, wait.late) == (DATES.review_by, True)


@pytest.mark.parametrize(
    ("found", "end"),
    [
        (row(State.SUBMITTED), DATES.review_by),
        (row(State.IN_REVIEW, **READY), DATES.review_by),
        (row(State.IN_CALIBRATION), DATES.decide_by),
        (row(State.DECIDED), DATES.decide_by),
    ],
)
def test_a_step_is_late_once_its_date_has_passed(found: CaseRow, end: Any) -> None:
    on_time, late = waits(found, DATES, 3, end), waits(found, DATES, 3, end + HOUR)
    assert on_time is not None
    assert late is not None
    assert (on_time.late, late.late) == (False, True)


def test_an_extension_moves_the_deadline_of_one_draft() -> None:
    after = DATES.submit_by + HOUR
    assert waits(row(State.DRAFT, submit_by=after + timedelta(days=30)), DATES, 3, after) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (DATES.opens_at - HOUR, Phase.PLANNED),
        (DATES.opens_at, Phase.OPEN),
        (DATES.submit_by, Phase.REVIEWING),
        (DATES.review_by, Phase.DECIDING),
        (DATES.decide_by, Phase.OVERDUE),
    ],
)
def test_the_phase_follows_the_dates(at: Any, expected: Phase) -> None:
    assert phase(DATES, at) is expected


def test_a_closed_cycle_is_closed_whatever_the_date() -> None:
    dates = Dates(DATES.opens_at, DATES.submit_by, DATES.review_by, DATES.decide_by, closed_at=NOW)
    assert phase(dates, NOW) is Phase.CLOSED
