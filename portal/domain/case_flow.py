"""The life of a case, as one table. Nothing else may decide what comes next; pages draw their buttons, and the
reasons a button is closed, from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.problems import Refused


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_CALIBRATION = "in_calibration"
    DECIDED = "decided"
    RELEASED = "released"
    UNDER_APPEAL = "under_appeal"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    SUBMIT = "submit"
    RETURN = "return"
    OPEN_REVIEW = "open_review"
    SEND_TO_CALIBRATION = "send_to_calibration"
    DECIDE = "decide"
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    SEND_BACK_TO_REVIEW = "send_back_to_review"
    SEND_BACK_TO_CALIBRATION = "send_back_to_calibration"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REVIVE = "revive"


# The straight road, in order; used for progress and for "from calibration on".
ROAD = (
    State.DRAFT,
    State.SUBMITTED,
    State.IN_REVIEW,
    State.IN_CALIBRATION,
    State.DECIDED,
    State.RELEASED,
    State.CLOSED,
)
AFTER_RELEASE = frozenset({State.RELEASED, State.UNDER_APPEAL, State.CLOSED})
FROM_CALIBRATION = frozenset({State.IN_CALIBRATION, State.DECIDED}) | AFTER_RELEASE
FROM_REVIEW = frozenset({State.IN_REVIEW}) | FROM_CALIBRATION
ENDED = frozenset({State.CLOSED, State.WITHDRAWN})


@dataclass(frozen=True)
class Facts:
    """What the table may ask about a case; gathered by one query, never fetched by the table.

    Counts are of people or reviews; the tuples hold names a person can read."""

    accepted: bool = True
    sections_missing: tuple[str, ...] = ()
    evidence_missing: tuple[str, ...] = ()
    deadline_passed: bool = False
    deadline: datetime | None = None
    reviewers_assigned: int = 0
    reviewers_needed: int = 0
    cross_track_reviewers: int = 0
    reviews_outstanding: int = 0
    reviews_sealed: int = 0
    committee_named: bool = False
    ballot_closed: bool = False
    quorum_met: bool = False
    bar_checked: bool = False
    decision_confirmed: bool = False
    letter_ready: bool = False
    version_waits: bool = False
    appeal_window_open: bool = False
    acknowledged: bool = False


@dataclass(frozen=True)
class Reason:
    """Why a step is closed: a code for tests, a sentence for translators, and the values that belong in it."""

    code: str
    sentence: str
    values: tuple[tuple[str, str | datetime], ...] = ()

    def __str__(self) -> str:
        """In English, moments in UTC; pages write both their reader's way."""
        return self.sentence % {k: f"{v:%d %b %Y, %H:%M} UTC" if isinstance(v, datetime) else v for k, v in self.values}


def _reason(code: str, sentence: str, **values: object) -> Reason:
    return Reason(code, sentence, tuple((k, v if isinstance(v, datetime) else str(v)) for k, v in values.items()))


Check = Callable[[Facts], Reason | None]


def nomination_accepted(f: Facts) -> Reason | None:
    return None if f.accepted else Reason("not_accepted", "The nomination has not been accepted by the candidate.")


def packet_complete(f: Facts) -> Reason | None:
    if not f.sections_missing:
        return None
    return _reason("sections_missing", "Still empty: %(sections)s.", sections=", ".join(f.sections_missing))


def must_haves_evidenced(f: Facts) -> Reason | None:
    if not f.evidence_missing:
        return None
    names = ", ".join(f.evidence_missing)
    return _reason("evidence_missing", "No evidence yet for the must-have: %(names)s.", names=names)


def within_deadline(f: Facts) -> Reason | None:
    if not f.deadline_passed:
        return None
    sentence = "The deadline passed on %(deadline)s. A people partner can grant an extension."
    return _reason("deadline_passed", sentence, deadline=f.deadline)


def enough_reviewers(f: Facts) -> Reason | None:
    missing = f.reviewers_needed - f.reviewers_assigned
    if missing <= 0:
        return None
    sentence = "%(assigned)s of %(needed)s reviewers are assigned; assign %(missing)s more."
    counts = {"assigned": f.reviewers_assigned, "needed": f.reviewers_needed, "missing": missing}
    return _reason("too_few_reviewers", sentence, **counts)


def crosses_tracks(f: Facts) -> Reason | None:
    if f.cross_track_reviewers or not f.reviewers_needed:  # nothing is scored, so nobody is asked
        return None
    return Reason("no_cross_track_reviewer", "No reviewer comes from the other track; assign at least one.")


def all_reviews_in(f: Facts) -> Reason | None:
    if not f.reviews_outstanding:
        return None
    sentence = "Reviews not sealed yet: %(count)s. Wait, or record a waiver."
    return _reason("reviews_outstanding", sentence, count=f.reviews_outstanding)


def some_review_in(f: Facts) -> Reason | None:
    if f.reviews_sealed or not f.reviewers_needed:
        return None
    return Reason("no_review", "No review has been sealed.")


def committee_is_named(f: Facts) -> Reason | None:
    if f.committee_named:
        return None
    return Reason("no_committee", "No committee is named for this grade. Name one in the cycle's committees.")


def ballot_is_closed(f: Facts) -> Reason | None:
    return None if f.ballot_closed else Reason("ballot_open", "The ballot has not been held and closed.")


def quorum_was_met(f: Facts) -> Reason | None:
    if f.quorum_met or not f.ballot_closed:  # before it is closed, that is reason enough
        return None
    return Reason("no_quorum", "Too few eligible members voted: there was no quorum.")


def bar_was_checked(f: Facts) -> Reason | None:
    if f.bar_checked:
        return None
    return Reason("bar_not_checked", "The equivalence check has not been run at this grade.")


def decision_is_confirmed(f: Facts) -> Reason | None:
    if f.decision_confirmed:
        return None
    return Reason("not_confirmed", "The decision has not been confirmed by a second committee member.")


def letter_is_ready(f: Facts) -> Reason | None:
    return None if f.letter_ready else Reason("no_letter", "The letter has not been prepared and checked.")


def a_version_waits(f: Facts) -> Reason | None:
    return None if f.version_waits else Reason("nothing_waits", "There is no corrected decision to release.")


def appeal_window_is_open(f: Facts) -> Reason | None:
    return None if f.appeal_window_open else Reason("appeal_over", "The last day for an appeal has passed.")


def nothing_to_wait_for(f: Facts) -> Reason | None:
    if f.acknowledged or not f.appeal_window_open:
        return None
    return Reason("appeal_open", "The candidate may still appeal and has not acknowledged the letter.")


@dataclass(frozen=True)
class Step:
    action: Action
    source: State
    target: State
    needs: tuple[Check, ...] = ()


S, A = State, Action
_CORRECTED = (a_version_waits, decision_is_confirmed, letter_is_ready)
_TO_CALIBRATION = (all_reviews_in, some_review_in, committee_is_named)
STEPS = (
    Step(A.SUBMIT, S.DRAFT, S.SUBMITTED, (nomination_accepted, packet_complete, must_haves_evidenced, within_deadline)),
    Step(A.RETURN, S.SUBMITTED, S.DRAFT),
    Step(A.RETURN, S.IN_REVIEW, S.DRAFT),
    Step(A.OPEN_REVIEW, S.SUBMITTED, S.IN_REVIEW, (enough_reviewers, crosses_tracks)),
    Step(A.SEND_TO_CALIBRATION, S.IN_REVIEW, S.IN_CALIBRATION, _TO_CALIBRATION),
    Step(A.DECIDE, S.IN_CALIBRATION, S.DECIDED, (ballot_is_closed, quorum_was_met, bar_was_checked)),
    Step(A.RELEASE, S.DECIDED, S.RELEASED, (decision_is_confirmed, letter_is_ready)),
    Step(A.RELEASE, S.RELEASED, S.RELEASED, _CORRECTED),
    Step(A.RELEASE, S.CLOSED, S.RELEASED, _CORRECTED),
    Step(A.ACKNOWLEDGE, S.RELEASED, S.RELEASED),
    Step(A.APPEAL, S.RELEASED, S.UNDER_APPEAL, (appeal_window_is_open,)),
    Step(A.APPEAL, S.CLOSED, S.UNDER_APPEAL, (appeal_window_is_open,)),
    Step(A.UPHOLD, S.UNDER_APPEAL, S.RELEASED),
    Step(A.SEND_BACK_TO_REVIEW, S.UNDER_APPEAL, S.IN_REVIEW),
    Step(A.SEND_BACK_TO_CALIBRATION, S.UNDER_APPEAL, S.IN_CALIBRATION),
    Step(A.CLOSE, S.RELEASED, S.CLOSED, (nothing_to_wait_for,)),
    *(Step(A.WITHDRAW, s, S.WITHDRAWN) for s in (S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.IN_CALIBRATION)),
    Step(A.REVIVE, S.WITHDRAWN, S.DRAFT, (within_deadline,)),
)
_BY_KEY = {(s.source, s.action): s for s in STEPS}


class IllegalStep(Refused):
    """There is no such arrow in the table."""


class StepBlocked(Refused):
    """The arrow exists, but its needs are not met; `reasons` says which."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(" ".join(str(r) for r in reasons))
        self.reasons = reasons


def steps_from(state: State) -> tuple[Step, ...]:
    return tuple(s for s in STEPS if s.source is state)


def step(state: State, action: Action) -> Step | None:
    return _BY_KEY.get((state, action))


def unmet(step: Step, facts: Facts) -> tuple[Reason, ...]:
    return tuple(r for check in step.needs if (r := check(facts)))


def advance(state: State, action: Action, facts: Facts) -> State:
    """The state after the action. Raises IllegalStep or StepBlocked."""
    found = step(state, action)
    if found is None:
        raise IllegalStep(f"“{words(action)}” is not possible while the case is {words(state)}.")
    if reasons := unmet(found, facts):
        raise StepBlocked(reasons)
    return found.target


def words(code: State | Action) -> str:
    return str(code).replace("_", " ")


def reached(state: State) -> Iterable[State]:
    """The states of the straight road up to this one, for the picture of progress."""
    where = State.RELEASED if state is State.UNDER_APPEAL else state
    return ROAD[: ROAD.index(where) + 1] if where in ROAD else ()


def diagram() -> str:
    """Mermaid text for docs/case-life.md; a house test keeps the page equal to it."""
    rows = [f"    {s.source} --> {s.target}: {s.action}" for s in STEPS]
    return "\n".join(["stateDiagram-v2", "    [*] --> draft", *rows])
