"""What is before the committees a person sits on. Nobody learns here who has voted: a reader's own vote is all there is
of an open ballot."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.cycles.sight import free_of_conflict, is_away
from portal.decisions import queries as decisions
from portal.decisions.policy import seat_of
from portal.domain.case_flow import State
from portal.domain.voting import tally
from portal.models.appeal import Appeal, AppealMember, AppealPanel
from portal.models.calibration import Ballot, BarCheck, Elector, Standing
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle
from portal.models.decision import Decision
from portal.models.person import Person


@dataclass(frozen=True)
class OnTheTable:
    """A case in calibration, or decided or corrected and not yet released, as a member of its committee may know it.

    `eligible` and `cast` are counted once the ballot is closed, before that they are None."""

    case_id: str
    candidate: str
    family_id: str
    grade: int
    rubric_hash: str
    level_id: str
    track_kind: str
    state: State
    since: datetime
    slug: str
    cycle: str
    decide_by: datetime
    presides: bool
    opened_at: datetime | None
    closed_at: datetime | None
    quorum: float | None
    eligible: int | None
    cast: int | None
    may_vote: bool
    voted: bool
    checked: bool
    recorded_by_id: str | None
    confirmed_at: datetime | None

    @property
    def ballot_is_due(self) -> bool:
        """None was held, the last had no quorum, or the case came back since."""
        if self.opened_at is None:
            return True
        if self.closed_at is None:
            return False
        return self.opened_at < self.since or not self._quorum_met

    @property
    def _quorum_met(self) -> bool:
        counted = tally(
            votes_for=self.cast or 0,
            votes_against=0,
            abstentions=0,
            eligible=self.eligible or 0,
            recused=0,
            quorum=self.quorum or 1.0,
            majority=0.5,
        )
        return counted.quorum_met


def on_the_table(s: Session, actor: Person) -> list[OnTheTable]:
    """The cases of one's committees that are not yet released, without those one must stay away from."""
    mine, chair = aliased(Elector), aliased(Person)
    ballot = select(Ballot.id).where(Ballot.case_id == Case.id).order_by(Ballot.round.desc()).limit(1)
    decision = select(Decision.id).where(Decision.case_id == Case.id).order_by(Decision.number.desc()).limit(1)
    q = (
        select(*_columns(actor, chair, mine))
        .join(Case.candidate)
        .join(Case.cycle)
        .join(Committee, Committee.id == Case.committee_id)
        .join(chair, chair.id == Committee.chair_id)
        .join(CommitteeSeat, CommitteeSeat.committee_id == Committee.id)
        .outerjoin(Ballot, Ballot.id == ballot.correlate(Case).scalar_subquery())
        .outerjoin(mine, and_(mine.ballot_id == Ballot.id, mine.person_id == actor.id))
        .outerjoin(Decision, Decision.id == decision.correlate(Case).scalar_subquery())
        .where(
            CommitteeSeat.person_id == actor.id,
            or_(
                and_(Case._state.in_([State.IN_CALIBRATION, State.DECIDED]), Cycle.closed_at.is_(None)),
                a_correction_waits(),
            ),
            free_of_conflict(actor),
        )
        .order_by(Cycle.decide_by, Case.grade, Person.name, Case.id)
    )
    return [OnTheTable(*row) for row in s.execute(q)]


def a_correction_waits() -> ColumnElement[bool]:
    """The newest version of a released case's decision is a correction that was not released."""
    newest, later = aliased(Decision), aliased(Decision)
    followed = exists().where(later.case_id == newest.case_id, later.number > newest.number)
    waiting = select(newest.case_id).where(newest.released_at.is_(None), ~followed)
    return and_(Case._state.in_([State.RELEASED, State.CLOSED]), Case.id.in_(waiting))


def _columns(actor: Person, chair: type[Person], mine: type[Elector]) -> list[Any]:
    closed = Ballot.closed_at.is_not(None)
    return [
        Case.id,
        Person.name,
        Case.family_id,
        Case.grade,
        Case.rubric_hash,
        Case.to_level_id,
        Case.track_kind,
        Case._state,
        Case.state_since,
        Cycle.slug,
        Cycle.name,
        Cycle.decide_by,
        or_(Committee.chair_id == actor.id, and_(Committee.deputy_id == actor.id, is_away(chair))),
        Ballot.opened_at,
        Ballot.closed_at,
        Ballot.quorum,
        case((closed, _electors()), else_=None),
        case((closed, _electors(Elector.choice.is_not(None))), else_=None),
        and_(mine.standing.is_not(None), mine.standing == Standing.ELIGIBLE),
        mine.voted_at.is_not(None),
        _checked(),
        Decision.recorded_by_id,
        Decision.confirmed_at,
    ]


def _electors(*further: ColumnElement[bool]) -> ScalarSelect[int]:
    q = select(func.count()).where(Elector.ballot_id == Ballot.id, Elector.standing == Standing.ELIGIBLE, *further)
    return q.correlate(Ballot).scalar_subquery()


def _checked() -> ColumnElement[bool]:
    return exists().where(
        BarCheck.cycle_id == Case.cycle_id, BarCheck.grade == Case.grade, BarCheck.family_id == Case.family_id
    )


def cases_ahead(s: Session, actor: Person) -> list[Row[Any]]:
    """How many cases are on their way to a committee one chairs: cycle, committee, decide_by, count."""
    q = (
        select(Cycle.name.label("cycle"), Committee.name.label("committee"), Cycle.decide_by, func.count().label("n"))
        .select_from(Case)
        .join(Case.candidate)
        .join(Case.cycle)
        .join(Committee, Committee.id == Case.committee_id)
        .where(
            Committee.chair_id == actor.id,
            Case._state.in_([State.SUBMITTED, State.IN_REVIEW]),
            Cycle.closed_at.is_(None),
            free_of_conflict(actor),
        )
        .group_by(Cycle.name, Committee.name, Cycle.decide_by, Committee.grade_from)
        .order_by(Cycle.decide_by, Committee.grade_from)
    )
    return list(s.execute(q))


def appeals_to_answer(s: Session, actor: Person) -> list[Case]:
    """The cases under appeal on whose panel this person sits, and still may, by the day it was filed."""
    q = (
        select(Case.id)
        .join(Appeal, Appeal.case_id == Case.id)
        .join(AppealPanel, AppealPanel.appeal_id == Appeal.id)
        .join(AppealMember, AppealMember.panel_id == AppealPanel.id)
        .where(
            AppealMember.person_id == actor.id,
            Appeal.answered_at.is_(None),
            Case._state == State.UNDER_APPEAL,
        )
        .distinct()
    )
    found = [case for id_ in s.scalars(q) if (case := decisions.case(s, case_id=id_)) and seat_of(actor, case)]
    return sorted(found, key=lambda case: (case.appeals[-1].filed_at, case.id))
