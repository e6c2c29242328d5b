"""What a reviewer says once the packet has moved on, or the review is sealed: their scores stand, or here are others.

An unsealed review is bound anew; a sealed one stays as it is and gets a version beside it, which is in no figure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.cases.queries import rubric_of
from portal.domain.problems import InvalidInput, Refused
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import AmendedScore, Amendment, Review, Score
from portal.models.unsent import UnsentForm, UnsentText
from portal.packets.commands.unsent import keep_unsent
from portal.packets.queries import latest_snapshot
from portal.reviews import queries
from portal.reviews.commands.trail import leave_line
from portal.reviews.commands.writing import ScoreInput, check, gaps, locked, plain, refuse_unless_writable


def take_over(s: Session, *, review: Review, actor: Person, stands: bool, at: datetime) -> None:
    """The writer of an unsealed review has looked at the newest packet: the review rests on it from now on, as it is
    (`stands`) or to be revised. Citations of evidence that is no longer in the packet fall away."""
    refuse_unless_writable(review.assignment, actor)
    locked(s, review.assignment)
    if review.sealed_at is not None:
        raise Refused("This review is sealed. Say there whether it stands on the new packet.")
    snapshot = _newer(s, review.snapshot, review)
    kept = queries.evidence_ids(snapshot)
    review.snapshot, review.saved_at = snapshot, at
    flag_modified(review, "saved_at")
    for row in review.scores:
        row.cites = [cited for cited in row.cites if cited in kept]
    s.flush()
    action = "review_reaffirmed" if stands else "review_reopened"
    leave_line(s, case=review.assignment.case, actor=actor, action=action, at=at, payload=plain(review))


def _newer(s: Session, bound: Snapshot, review: Review) -> Snapshot:
    latest = latest_snapshot(s, review.assignment.case)
    if latest is None or latest.id == bound.id:
        raise Refused("The review rests on the newest packet already.")
    return latest


def latest_version(review: Review) -> Review | Amendment:
    """What its writer says now: the last amendment, or the sealed review itself."""
    return review.amendments[-1] if review.amendments else review


def version_number(review: Review) -> int:
    """1 for the sealed review, then that of its last amendment."""
    return review.amendments[-1].number if review.amendments else 1


def amend(
    s: Session,
    *,
    review: Review,
    actor: Person,
    scores: Mapping[str, ScoreInput],
    summary: str,
    reason: str,
    version: int,
    at: datetime,
) -> Amendment:
    """A new version of a sealed review, marked with what its writer could read by then. `version` is the number of the
    version that was shown; competencies not in `scores` keep what they have.

    Measurement goes on reading the sealed review."""
    _refuse_unless_amendable(s, review, actor, version)
    snapshot = latest_snapshot(s, review.assignment.case) or review.snapshot
    rubric, shown = rubric_of(review.assignment.case), latest_version(review)
    check(rubric, scores, queries.evidence_ids(snapshot), summary)
    kept = queries.evidence_ids(snapshot)
    whole = {row.competency_id: _as_input(row, kept) for row in shown.scores} | dict(scores)
    missing = list(gaps(rubric, whole))
    if not reason.strip():
        missing.append("Reason: say what made you change your mind; it stands beside the new version.")
    if missing:
        raise InvalidInput("The new version is not complete yet.", tuple(missing))
    before = {row.competency_id: _as_input(row, kept) for row in shown.scores}
    if whole == before and summary == shown.summary:
        raise InvalidInput("Nothing differs from the version before.")
    return _add(s, review, snapshot, whole, summary, reason=reason.strip(), stands=False, actor=actor, at=at)


def keep_amendment(
    s: Session, *, review: Review, actor: Person, typed: Mapping[str, Any], version: int, kept: int, at: datetime
) -> UnsentText:
    """What the writer of a sealed review is putting down for its next version; in no figure, and read by nobody else.
    Raises StaleVersion, and Refused once no version can be added."""
    _refuse_unless_amendable(s, review, actor, version)
    case = review.assignment.case
    return keep_unsent(s, case=case, writer=actor, form=UnsentForm.AMENDMENT, texts=typed, seen=kept, at=at)


def affirm(s: Session, *, review: Review, actor: Person, version: int, at: datetime) -> Amendment:
    """The writer has looked at the packet as it is now, and the review holds for it: a version without changes."""
    _refuse_unless_amendable(s, review, actor, version)
    shown = latest_version(review)
    snapshot = _newer(s, shown.snapshot, review)
    kept = queries.evidence_ids(snapshot)
    whole = {row.competency_id: _as_input(row, kept) for row in shown.scores}
    return _add(s, review, snapshot, whole, shown.summary, reason="", stands=True, actor=actor, at=at)


def _refuse_unless_amendable(s: Session, review: Review, actor: Person, version: int) -> None:
    refuse_unless_writable(review.assignment, actor)
    locked(s, review.assignment)
    s.refresh(review, ["amendments"])
    if review.sealed_at is None:
        raise Refused("The review is not sealed yet; it can simply be changed.")
    if version != version_number(review):
        raise Refused("There is a newer version of your review. Look at it, then say what should change.")


def _as_input(row: Score | AmendedScore, kept: frozenset[str]) -> ScoreInput:
    return ScoreInput(row.value, row.no_score, row.rationale, tuple(cited for cited in row.cites if cited in kept))


def _add(
    s: Session,
    review: Review,
    snapshot: Snapshot,
    scores: Mapping[str, ScoreInput],
    summary: str,
    *,
    reason: str,
    stands: bool,
    actor: Person,
    at: datetime,
) -> Amendment:
    case = review.assignment.case
    others = [a for a in case.assignments if a.review and a.review.sealed_at and a.review is not review]
    made = Amendment(
        number=version_number(review) + 1,
        snapshot=snapshot,
        stands=stands,
        after_others=bool(others),
        reason=reason,
        summary=summary,
        at=at,
        scores=[
            AmendedScore(
                competency_id=competency,
                value=one.value,
                no_score=one.no_score,
                rationale=one.rationale,
                cites=list(one.cites),
            )
            for competency, one in sorted(scores.items())
        ],
    )
    review.amendments.append(made)
    s.flush()
    action = "review_stands" if stands else "review_amended"
    leave_line(s, case=case, actor=actor, action=action, at=at, reason="", payload=plain(made))
    return made
