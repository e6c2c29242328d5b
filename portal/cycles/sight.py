"""Who must stay away from which case, as a condition of a query. Lists and counts of every room start from it, so that
no number holds a case its reader has a conflict with. As a predicate on one case: `portal.cases.policy.conflict`."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.models.case import Assignment, Case, Recusal
from portal.models.packet import Referee, RefereeState, Statement
from portal.models.person import KeptApart, Person, Role


def free_of_conflict(actor: Person) -> ColumnElement[bool]:
    """The case is neither the actor's own nor one they must stay away from; joins Case.candidate as Person."""
    return and_(
        Case.candidate_id != actor.id,
        ~Person.chain.contains(f"/{actor.id}/", autoescape=True),
        Case.candidate_id.not_in(actor.managers_above),
        ~is_recused(literal(actor.id)),
        ~is_referee(literal(actor.id)),
        ~wrote_statement(literal(actor.id)),
        ~is_kept_apart(literal(actor.id)),
    )


def in_conflict(who: type[Person]) -> ColumnElement[bool]:
    """The person of an aliased row must stay away from the case; joins Case.candidate as Person."""
    return or_(
        who.id == Case.candidate_id,
        Person.chain.contains("/" + who.id + "/"),
        who.chain.contains("/" + Case.candidate_id + "/"),
        is_recused(who.id),
        is_referee(who.id),
        wrote_statement(who.id),
        is_kept_apart(who.id),
    )


def declines_open() -> Any:
    """How many reviewers of a case declined with nobody asked in their place since: Case.declines_open in the database.
    It is the most by which declines from one on outnumber those asked from then on."""
    one, other, asked = aliased(Assignment), aliased(Assignment), aliased(Assignment)
    declined = select(func.count(other.id)).where(
        other.case_id == one.case_id, other.declined_at >= one.declined_at, other.waived_at.is_(None)
    )
    since = select(func.count(asked.id)).where(
        asked.case_id == one.case_id, asked.ended_at.is_(None), asked.assigned_at >= one.declined_at
    )
    lack = declined.correlate(one).scalar_subquery() - since.correlate(one).scalar_subquery()
    q = select(func.max(lack)).where(one.case_id == Case.id, one.declined_at.is_not(None), one.waived_at.is_(None))
    found = q.correlate(Case).scalar_subquery()
    return case((found > 0, found), else_=0)


def is_away(chair: type[Person]) -> ColumnElement[bool]:
    """The chair of an aliased row cannot preside over the case: a conflict, or they have left."""
    return or_(in_conflict(chair), chair.active.is_(False))


def runs(actor: Person) -> ColumnElement[bool]:
    """The cases this person runs as a people partner: none without that role, and none they are in conflict with."""
    return and_(literal(actor.has(Role.PEOPLE_PARTNER)), free_of_conflict(actor))


def is_recused(person_id: Any) -> ColumnElement[bool]:
    in_force = and_(Recusal.lifted_at.is_(None), Recusal.pending.is_(False))
    found = exists().where(Recusal.case_id == Case.id, Recusal.person_id == person_id, in_force)
    return found.correlate_except(Recusal)  # of the very case asked about, however deep this stands in a query


def is_referee(person_id: Any) -> ColumnElement[bool]:
    found = exists().where(
        Referee.case_id == Case.id, Referee.person_id == person_id, Referee.state != RefereeState.DECLINED
    )
    return found.correlate_except(Referee)


def wrote_statement(person_id: Any) -> ColumnElement[bool]:
    found = exists().where(Statement.case_id == Case.id, Statement.writer_id == person_id)
    return found.correlate_except(Statement)


def is_kept_apart(person_id: Any) -> ColumnElement[bool]:
    here = or_(KeptApart.cycle_id.is_(None), KeptApart.cycle_id == Case.cycle_id)
    found = exists().where(KeptApart.person_id == Case.candidate_id, KeptApart.away_id == person_id, here)
    return found.where(KeptApart.ended_at.is_(None)).correlate_except(KeptApart)
