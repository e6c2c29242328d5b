"""Writing a review: saved whole with a version, bound to the packet it was begun on until its writer has looked at a
newer one, sealed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import flag_modified

from portal.cases.policy import conflict
from portal.cases.queries import rubric_of
from portal.domain.case_flow import State
from portal.domain.ladder import Rubric
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.case import Assignment
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import AmendedScore, Amendment, NoScore, Review, Score
from portal.packets.queries import latest_snapshot
from portal.reviews import queries
from portal.reviews.commands.before import refuse_before_anchor
from portal.reviews.commands.notices import tell_if_all_in
from portal.reviews.commands.trail import leave_line

LONGEST = 20_000


@dataclass(frozen=True)
class ScoreInput:
    """What a reviewer gives one competency so far: a point of the scale, or why there is none, or neither yet."""

    value: int | None = None
    no_score: NoScore | None = None
    rationale: str = ""
    cites: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        return self.value is not None or self.no_score is not None


def save_review(
    s: Session,
    *,
    assignment: Assignment,
    actor: Person,
    scores: Mapping[str, ScoreInput],
    summary: str,
    version: int,
    at: datetime,
) -> Review:
    """Keep the whole form as it stands; competencies not in `scores` keep what they have.

    `version` is that of the review the person was looking at, 0 before the first save. A stale one that would
    overwrite other text raises StaleVersion with both. The first save binds the review to the latest snapshot; a newer
    one is taken over by `take_over` alone, so that no form left open binds it to a packet nobody has looked at."""
    refuse_unless_writable(assignment, actor)
    snapshot = latest_snapshot(s, assignment.case)
    if snapshot is None:
        raise Refused("There is no submitted packet to review.")
    refuse_before_anchor(s, assignment)
    rubric = rubric_of(assignment.case)
    review = locked(s, assignment)
    check(rubric, scores, _citable(review, snapshot), summary)
    if review is not None and review.sealed_at is not None:
        raise Refused("This review is sealed; a sealed review is not changed.")
    if version != (review.version if review else 0):
        if review is not None and not _differences(rubric, review, scores, summary)[0]:
            return review
        raise _stale(rubric, review, scores, summary)
    if review is None:
        review = Review(assignment=assignment, case_id=assignment.case_id, started_at=at, scores=[], snapshot=snapshot)
        s.add(review)
    review.summary, review.saved_at = summary, at
    if review.id is not None:
        flag_modified(review, "saved_at")  # so that the version counts even when only a score changed
    _write(review, scores)
    s.flush()
    leave_line(s, case=assignment.case, actor=actor, action="review_saved", at=at, payload=plain(review))
    return review


def refuse_unless_writable(assignment: Assignment, actor: Person) -> None:
    case = assignment.case
    if assignment.reviewer_id != actor.id:
        raise NotPermitted("Only its reviewer writes a review.")
    if assignment.ended_at is not None or conflict(actor, case):
        raise Refused("This review is no longer yours to write.")
    if assignment.waived_at is not None:
        raise Refused("You were released from this review.")
    if case.state is not State.IN_REVIEW:
        raise Refused("This case is not in review.")
    if assignment.no_conflict_at is None:
        raise Refused("First say whether you have a conflict of interest.")


def locked(s: Session, assignment: Assignment) -> Review | None:
    """The review with its scores as they are now; whoever saves at the same moment waits here."""
    q = select(Review).where(Review.assignment_id == assignment.id).options(joinedload(Review.scores))
    q = q.with_for_update(of=Review).execution_options(populate_existing=True)
    if review := s.scalars(q).unique().one_or_none():
        return review
    s.execute(select(Assignment.id).where(Assignment.id == assignment.id).with_for_update())
    return s.scalars(q).unique().one_or_none()


def _citable(review: Review | None, snapshot: Snapshot) -> frozenset[str]:
    """Evidence of the latest packet, and of the one the person may still have open."""
    before = queries.evidence_ids(review.snapshot) if review else frozenset()
    return queries.evidence_ids(snapshot) | before


def check(rubric: Rubric, scores: Mapping[str, ScoreInput], citable: frozenset[str], summary: str) -> None:
    """Refuse what no form lets through, naming every competency at fault: InvalidInput."""
    known = {line.id for line in rubric.competencies}
    problems = [f"{strange}: the rubric has no such competency." for strange in sorted(set(scores) - known)]
    for line in rubric.competencies:
        if line.id in scores:
            problems += [f"{line.name}: {why}" for why in _faults(rubric, scores[line.id], citable)]
    if len(summary) > LONGEST:
        problems.append(f"Summary: at most {LONGEST} characters.")
    if problems:
        raise InvalidInput("The review was not saved.", tuple(problems))


def _faults(rubric: Rubric, given: ScoreInput, citable: frozenset[str]) -> list[str]:
    found = []
    points = rubric.scale.values if rubric.scale else ()
    if given.value is not None and given.value not in points:
        found.append(f"{given.value} is not a point of the scale.")
    if given.value is not None and given.no_score is not None:
        found.append("give a score or say why there is none, not both.")
    if set(given.cites) - citable:
        found.append("it cites evidence that is not in this packet.")
    if len(given.rationale) > LONGEST:
        found.append(f"at most {LONGEST} characters of rationale.")
    return found


def _write(review: Review, scores: Mapping[str, ScoreInput]) -> None:
    rows = {row.competency_id: row for row in review.scores}
    for competency, given in sorted(scores.items()):
        row = rows.get(competency)
        if row is None:
            row = Score(competency_id=competency)
            review.scores.append(row)
        row.value, row.no_score, row.rationale = given.value, given.no_score, given.rationale
        row.cites = list(given.cites)


def _stale(rubric: Rubric, review: Review | None, scores: Mapping[str, ScoreInput], summary: str) -> StaleVersion:
    mine, theirs = _differences(rubric, review, scores, summary)
    message = "This review was saved elsewhere after you opened it. Nothing was overwritten; here are both texts."
    return StaleVersion(message, mine=mine, theirs=theirs, version=review.version if review else 0)


def _differences(
    rubric: Rubric, review: Review | None, scores: Mapping[str, ScoreInput], summary: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Where what was sent is not what is kept, by the label of the field."""
    rows = {row.competency_id: row for row in review.scores} if review else {}
    pairs = {"Summary": (summary, review.summary if review else "")}
    for line in rubric.competencies:
        if line.id in scores:
            pairs[line.name] = (_said(scores[line.id]), _said(rows.get(line.id)))
    changed = {label: pair for label, pair in pairs.items() if pair[0] != pair[1]}
    return {label: pair[0] for label, pair in changed.items()}, {label: pair[1] for label, pair in changed.items()}


def _said(given: ScoreInput | Score | None) -> str:
    if given is None:
        return ""
    code = "" if given.value is None else str(given.value)
    if given.no_score is not None:
        code = given.no_score.value.replace("_", " ")
    cited = f"cites {len(given.cites)}" if given.cites else ""
    return "\n".join(part for part in (code, given.rationale, cited) if part)


def plain(review: Review | Amendment) -> dict[str, object]:
    """What was given, as plain data for the audit log's hash."""
    rows: Sequence[Score | AmendedScore] = review.scores
    lines = sorted(rows, key=lambda row: row.competency_id)
    return {
        "summary": review.summary,
        "scores": [[r.competency_id, r.value, r.no_score, r.rationale, list(r.cites)] for r in lines],
    }


def unfinished(rubric: Rubric, review: Review | None) -> tuple[str, ...]:
    """What still stands between a review and its seal, one sentence each, in the rubric's order."""
    return gaps(rubric, {row.competency_id: row for row in review.scores} if review else {})


def gaps(rubric: Rubric, rows: Mapping[str, ScoreInput | Score | AmendedScore]) -> tuple[str, ...]:
    missing = []
    for line in rubric.competencies:
        row = rows.get(line.id)
        if row is None or not row.given:
            missing.append(f"{line.name}: no score yet.")
        elif row.value is not None and not row.rationale.strip():
            missing.append(f"{line.name}: say why, and what in the packet shows it.")
    return tuple(missing)


def seal(s: Session, *, review: Review, actor: Person, at: datetime, version: int | None = None) -> None:
    """Lock the review for good. With `version`, only what the person was shown is sealed."""
    assignment = review.assignment
    if review.sealed_at is not None:
        raise Refused("This review is sealed already.")
    refuse_unless_writable(assignment, actor)
    current = locked(s, assignment)
    case = assignment.case
    if version is not None and current is not None and current.version != version:
        raise Refused("The review was changed after this page was opened. Look at it again, then seal it.")
    latest = latest_snapshot(s, case)
    if latest is not None and latest.id != review.snapshot_id:
        raise Refused("The packet has changed. Look at what is new and say whether your scores stand, then seal.")
    if missing := unfinished(rubric_of(case), review):
        raise InvalidInput("The review is not complete yet.", missing)
    review.sealed_at = at
    s.flush()
    leave_line(s, case=case, actor=actor, action="review_sealed", at=at, payload=plain(review))
    tell_if_all_in(s, case=case, at=at)
