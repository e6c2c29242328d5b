"""The table of a case's life, held against its description."""

import itertools
from datetime import UTC, datetime

import pytest

from portal.domain import case_flow
from portal.domain.case_flow import (
    ENDED,
    STEPS,
    Action,
    Facts,
    IllegalStep,
    State,
    StepBlocked,
    advance,
    reached,
    step,
    steps_from,
    unmet,
    words,
)

READY = Facts(
    reviewers_assigned=3,
    reviewers_needed=3,
    cross_track_reviewers=1,
    reviews_sealed=3,
    committee_named=True,
    ballot_closed=True,
    quorum_met=True,
    bar_checked=True,
    decision_confirmed=True,
    letter_ready=True,
    version_waits=True,
    appeal_window_open=True,
    acknowledged=True,
)
NOTHING = Facts(
    accepted=False,
    sections_missing=("Summary", "Result 2"),
    evidence_missing=("Technical direction",),
    deadline_passed=True,
    deadline=datetime(2026, 5, 1, 12, tzinfo=UTC),
    reviewers_assigned=1,
    reviewers_needed=3,
    reviews_outstanding=2,
    appeal_window_open=True,
)


@pytest.mark.parametrize(("state", "action"), list(itertools.product(State, Action)))
def test_only_the_table_moves_a_case(state: State, action: Action) -> None:
    found = step(state, action)
    if found:
        assert advance(state, action, READY) is found.target
    else:
        with pytest.raises(IllegalStep, match=words(action)):
            advance(state, action, READY)


@pytest.mark.parametrize(
    ("state", "action", "reasons"),
    [
        (
            State.DRAFT,
            Action.SUBMIT,
            [
                "The nomination has not been accepted by the candidate.",
                "Still empty: Summary, Result 2.",
                "No evidence yet for the must-have: Technical direction.",
                "The deadline passed on 01 May 2026, 12:00 UTC. A people partner can grant an extension.",
            ],
        ),
        (
            State.SUBMITTED,
            Action.OPEN_REVIEW,
            [
                "1 of 3 reviewers are assigned; assign 2 more.",
                "No reviewer comes from the other track; assign at least one.",
            ],
        ),
        (
            State.IN_REVIEW,
            Action.SEND_TO_CALIBRATION,
            [
                "Reviews not sealed yet: 2. Wait, or record a waiver.",
                "No review has been sealed.",
                "No committee is named for this grade. Name one in the cycle's committees.",
            ],
        ),
        (
            State.IN_CALIBRATION,
            Action.DECIDE,
            [
                "The ballot has not been held and closed.",
                "The equivalence check has not been run at this grade.",
            ],
        ),
        (
            State.DECIDED,
            Action.RELEASE,
            [
                "The decision has not been confirmed by a second committee member.",
                "The letter has not been prepared and checked.",
            ],
        ),
        (State.RELEASED, Action.CLOSE, ["The candidate may still appeal and has not acknowledged the letter."]),
    ],
)
def test_a_closed_step_says_everything_that_is_missing(state: State, action: Action, reasons: list[str]) -> None:
    with pytest.raises(StepBlocked) as refused:
        advance(state, action, NOTHING)
    assert [str(r) for r in refused.value.reasons] == reasons


def test_a_closed_ballot_without_a_quorum_decides_nothing() -> None:
    with pytest.raises(StepBlocked, match="there was no quorum"):
        advance(State.IN_CALIBRATION, Action.DECIDE, Facts(ballot_closed=True, bar_checked=True))


def test_an_appeal_is_refused_after_its_last_day() -> None:
    with pytest.raises(StepBlocked, match="last day for an appeal has passed"):
        advance(State.RELEASED, Action.APPEAL, Facts(appeal_window_open=False))


def test_every_state_is_reached_and_every_end_is_meant() -> None:
    assert {State.DRAFT} | {s.target for s in STEPS} == set(State)
    assert [s for s in State if not steps_from(s)] == []
    assert {State.CLOSED, State.WITHDRAWN} == ENDED
    assert {s.action for s in steps_from(State.CLOSED)} == {Action.RELEASE, Action.APPEAL}


def test_a_step_without_needs_has_nothing_unmet() -> None:
    found = step(State.DRAFT, Action.WITHDRAW)
    assert found is not None
    assert unmet(found, NOTHING) == ()


def test_a_decision_ends_the_candidates_right_to_withdraw() -> None:
    assert step(State.DECIDED, Action.WITHDRAW) is None


@pytest.mark.parametrize(
    ("state", "count"), [(State.DRAFT, 1), (State.RELEASED, 6), (State.UNDER_APPEAL, 6), (State.WITHDRAWN, 0)]
)
def test_progress_along_the_road(state: State, count: int) -> None:
    assert len(list(reached(state))) == count


def test_two_steps_never_share_a_state_and_an_action() -> None:
    assert len({(s.source, s.action) for s in case_flow.STEPS}) == len(case_flow.STEPS)


def test_a_released_case_is_released_again_only_with_a_corrected_version_that_is_confirmed_and_set() -> None:
    for state in (State.RELEASED, State.CLOSED):
        with pytest.raises(StepBlocked) as blocked:
            advance(state, Action.RELEASE, Facts())
        assert [reason.code for reason in blocked.value.reasons] == ["nothing_waits", "not_confirmed", "no_letter"]


def test_the_picture_of_the_flow_begins_with_the_draft_and_has_an_arrow_for_each_step() -> None:
    first, start, *arrows = case_flow.diagram().splitlines()
    assert (first, start) == ("stateDiagram-v2", "    [*] --> draft")
    assert len(arrows) == len(case_flow.STEPS)
    assert "    draft --> submitted: submit" in arrows
