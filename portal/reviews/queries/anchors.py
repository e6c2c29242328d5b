"""Anchor packets: those of a cycle, which of them somebody is asked to score, and what sealed scores say for the
measurement. Who scores one: whoever is asked to review a case of its family and grade."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.domain.anonymity import phrases, suspects
from portal.domain.case_flow import AFTER_RELEASE, State
from portal.domain.ladder import Family, Rubric
from portal.domain.rubric_files import read_pinned
from portal.models.anchor import AnchorPacket, AnchorReview, AnchorScore, AnchorState
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.reviews.queries.assignments import may_run
from portal.reviews.queries.sealed import Candidate, Reviewer, free_from

MOST_TO_COPY = 200
_LOADED = (joinedload(AnchorPacket.cycle), joinedload(AnchorPacket.rubric_version), selectinload(AnchorPacket.agreed))


@dataclass(frozen=True)
class AnchorLine:
    """An anchor packet in the list: how many of those asked have sealed their scores."""

    anchor: AnchorPacket
    asked: int
    sealed: int


@dataclass(frozen=True)
class AnchorSheet:
    """One sealed review of an anchor packet, as measurement sees it."""

    anchor_id: str
    track_kind: str
    level_id: str
    grade: int
    reviewer_id: str
    home: str
    values: dict[str, int | None]


def anchor(s: Session, *, slug: str, anchor_id: str) -> AnchorPacket | None:
    q = select(AnchorPacket).join(Cycle).where(Cycle.slug == slug, AnchorPacket.id == anchor_id)
    return s.scalar(q.options(*_LOADED))


def anchor_by_id(s: Session, *, anchor_id: str) -> AnchorPacket | None:
    return s.scalar(select(AnchorPacket).where(AnchorPacket.id == anchor_id).options(*_LOADED))


def anchors_of(s: Session, cycle: Cycle, keeper: Person) -> list[AnchorLine]:
    """The anchor packets of a cycle that this person may keep, with their counts, by family and grade. Three
    statements."""
    sealed = (
        select(func.count(AnchorReview.id))
        .where(AnchorReview.anchor_id == AnchorPacket.id, AnchorReview.sealed_at.is_not(None))
        .scalar_subquery()
    )
    asked = (
        select(func.count(func.distinct(Assignment.reviewer_id)))
        .join(Case, Case.id == Assignment.case_id)
        .where(*_peers())
        .correlate(AnchorPacket)
        .scalar_subquery()
    )
    q = select(AnchorPacket, asked, sealed).where(AnchorPacket.cycle_id == cycle.id).options(*_LOADED)
    q = q.where(~_stays_away(literal(keeper.id), literal(keeper.chain)))
    q = q.order_by(AnchorPacket.family_id, AnchorPacket.grade, AnchorPacket.title, AnchorPacket.id)
    return [AnchorLine(*row) for row in s.execute(q).unique()]


def _peers() -> tuple[ColumnElement[bool], ...]:
    """Assignments to cases of the anchor's family and grade, but of nobody with a conflict with the case it was copied
    from; joins Assignment, Case and AnchorPacket."""
    chain = select(Reviewer.chain).where(Reviewer.id == Assignment.reviewer_id).correlate(Assignment).scalar_subquery()
    return (
        ~_stays_away(Assignment.reviewer_id, chain),
        Case.cycle_id == AnchorPacket.cycle_id,
        Case.family_id == AnchorPacket.family_id,
        Case.grade == AnchorPacket.grade,
        Case._state != State.WITHDRAWN,
        Assignment.ended_at.is_(None),
        Assignment.waived_at.is_(None),
    )


def _stays_away(person_id: Any, chain: Any) -> ColumnElement[bool]:
    """The anchor packet was copied from a case that this person must stay away from; joins AnchorPacket."""
    source = select(Case.id).join(Candidate, Candidate.id == Case.candidate_id)
    source = source.where(Case.id == AnchorPacket.copied_from_id, ~free_from(person_id, chain))
    return source.correlate(AnchorPacket, Assignment).exists()


def anchors_due(s: Session, actor: Person, *, case: Case | None = None) -> list[AnchorPacket]:
    """Open anchor packets this person is asked to score and has not; with a case, those that come before it. One
    statement."""
    mine = aliased(AnchorReview)
    done = exists().where(mine.anchor_id == AnchorPacket.id, mine.reviewer_id == actor.id, mine.sealed_at.is_not(None))
    asked = (
        select(Assignment.id)
        .join(Case, Case.id == Assignment.case_id)
        .where(*_peers(), Assignment.reviewer_id == actor.id)
        .correlate(AnchorPacket)
        .exists()
    )
    q = select(AnchorPacket).where(AnchorPacket.state == AnchorState.OPEN, asked, ~done)
    if case is not None:
        place = (AnchorPacket.cycle_id, AnchorPacket.family_id, AnchorPacket.grade)
        here = zip(place, (case.cycle_id, case.family_id, case.grade), strict=True)
        q = q.where(AnchorPacket.comes_first, *(column == value for column, value in here))
    return list(s.scalars(q.options(joinedload(AnchorPacket.cycle)).order_by(AnchorPacket.title, AnchorPacket.id)))


def anchor_first(s: Session, case: Case, mine: Assignment) -> AnchorPacket | None:
    """The anchor packet this reviewer scores before their review of the case begins; none once it has begun."""
    if mine.review is not None:
        return None
    return next(iter(anchors_due(s, mine.reviewer, case=case)), None)


def asked_as(s: Session, found: AnchorPacket, actor: Person) -> str:
    """From which side this person is asked to review at the anchor's grade; nothing when they are not."""
    q = (
        select(Assignment.track_kind)
        .join(Case, Case.id == Assignment.case_id)
        .join(AnchorPacket, AnchorPacket.id == found.id)
        .where(*_peers(), Assignment.reviewer_id == actor.id)
    )
    return s.scalar(q.order_by(Assignment.id).limit(1)) or ""


def anchor_reviewers(s: Session, found: AnchorPacket) -> list[Person]:
    """Everybody asked to score it, by name. One statement."""
    asked = (
        select(Assignment.reviewer_id)
        .join(Case, Case.id == Assignment.case_id)
        .join(AnchorPacket, AnchorPacket.id == found.id)
        .where(*_peers())
    )
    return list(s.scalars(select(Person).where(Person.id.in_(asked)).order_by(Person.name, Person.id)))


def anchor_review(s: Session, found: AnchorPacket, actor: Person) -> AnchorReview | None:
    q = select(AnchorReview).where(AnchorReview.anchor_id == found.id, AnchorReview.reviewer_id == actor.id)
    return s.scalar(q.options(selectinload(AnchorReview.scores)))


def anchor_rubric(found: AnchorPacket) -> Rubric:
    return anchor_family(found).rubric(found.level_id)


def anchor_family(found: AnchorPacket) -> Family:
    return read_pinned(found.rubric_version.org_text, found.rubric_version.family_text)


def anchor_sheets(s: Session, *, cycle_id: str, family_id: str, grade: int | None = None) -> list[AnchorSheet]:
    """Every sealed review of the family's anchor packets, by packet and reviewer. They have no decision and are no
    case. One statement."""
    q = (
        select(
            AnchorPacket.id,
            AnchorPacket.track_kind,
            AnchorPacket.level_id,
            AnchorPacket.grade,
            AnchorReview.reviewer_id,
            AnchorReview.track_kind.label("home"),
            AnchorScore.competency_id,
            AnchorScore.value,
        )
        .join(AnchorReview, AnchorReview.anchor_id == AnchorPacket.id)
        .join(AnchorScore, AnchorScore.review_id == AnchorReview.id)
        .where(AnchorPacket.cycle_id == cycle_id, AnchorPacket.family_id == family_id)
        .where(AnchorReview.sealed_at.is_not(None))
        .order_by(AnchorPacket.id, AnchorReview.reviewer_id, AnchorScore.competency_id)
    )
    if grade is not None:
        q = q.where(AnchorPacket.grade == grade)
    found: dict[tuple[str, str], AnchorSheet] = {}
    for row in s.execute(q):
        place = (row.id, row.track_kind, row.level_id, row.grade, row.reviewer_id, row.home)
        sheet = found.setdefault((row.id, row.reviewer_id), AnchorSheet(*place, values={}))
        sheet.values[row.competency_id] = row.value
    return list(found.values())


def to_copy(s: Session, actor: Person) -> list[Case]:
    """Finished cases whose packets this person may read and copy, the newest first."""
    snapshot = exists().where(Snapshot.case_id == Case.id)
    q = select(Case).join(Candidate, Candidate.id == Case.candidate_id)
    q = q.where(Case._state.in_(AFTER_RELEASE), snapshot, may_run(actor))
    q = q.options(joinedload(Case.candidate), joinedload(Case.cycle), selectinload(Case.rubric_version))
    return list(s.scalars(q.order_by(Case.state_since.desc(), Case.id).limit(MOST_TO_COPY)))


def names_left(s: Session, text: str) -> list[str]:
    """What in the text may still tell whose packet it was: people's names, addresses, links. One statement."""
    known = list(s.scalars(select(Person.name).where(Person.name.in_(phrases(text)[:500])).order_by(Person.name)))
    return suspects(text, dict.fromkeys(known))


def names_around(s: Session, case: Case) -> dict[str, str]:
    """Everybody who may be named in a packet, and what stands for them: the candidate, their line, their team, their
    referees, their reviewers."""
    ids = {case.candidate_id, *case.candidate.managers_above, *(r.person_id for r in case.referees)}
    ids |= {a.reviewer_id for a in case.assignments}
    team = Person.manager_id.in_([case.candidate_id, *case.candidate.managers_above[-1:]])
    rows = s.execute(select(Person.id, Person.name).where(Person.id.in_(ids) | team).order_by(Person.id))
    return {name: "the candidate" if one == case.candidate_id else "a colleague" for one, name in rows}
