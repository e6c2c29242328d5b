"""Reads about cases: one with all that policies ask of it, the list a person may see, and the facts the flow asks."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.adapters.clock import now
from portal.adapters.holiday_calendar import holidays_from
from portal.cases.policy import conflict
from portal.cycles.sight import free_of_conflict, is_away
from portal.domain.case_flow import AFTER_RELEASE, FROM_CALIBRATION, FROM_REVIEW, Facts, State
from portal.domain.case_types import KINDS, Carried, Outcome, carried_over, path, rubric_for
from portal.domain.ladder import Family, Rubric, Switch
from portal.domain.packet import missing_sections
from portal.domain.rubric_files import read_pinned
from portal.domain.voting import Tally, tally
from portal.domain.working_days import add_working_days
from portal.models.audit import TEXTS_ERASED, AuditEvent
from portal.models.calibration import Ballot, BarCheck, Choice, Standing
from portal.models.case import Assignment, Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle
from portal.models.decision import Decision
from portal.models.ladder import RubricVersion
from portal.models.letter import Letter
from portal.models.packet import Evidence, PacketSection
from portal.models.person import Person, Role

_ASKED = (
    joinedload(Case.candidate).joinedload(Person.manager),
    joinedload(Case.cycle),
    joinedload(Case.rubric_version),
    joinedload(Case.committee).options(
        joinedload(Committee.chair), joinedload(Committee.deputy), selectinload(Committee.seats)
    ),
    selectinload(Case.assignments).options(joinedload(Assignment.reviewer), joinedload(Assignment.review)),
    selectinload(Case.referees),
)
_LOADED = (*_ASKED, selectinload(Case.recusals), selectinload(Case.extensions))
_ALONE = (*_ASKED, joinedload(Case.recusals), joinedload(Case.extensions))  # of one case there are none or a few


def case(s: Session, *, case_id: str) -> Case | None:
    """One case with everything a policy asks of it."""
    return s.scalars(select(Case).where(Case.id == case_id).options(*_ALONE)).unique().one_or_none()


def rubric_of(case: Case) -> Rubric:
    """What the case is scored on: pinned when it was opened, whatever the files say today, and of a switch only the
    pillars that its path assesses."""
    return rubric_for(family_of(case), case.case_type, case.from_level_id, case.to_level_id)


def family_of(case: Case) -> Family:
    """The ladder as it was pinned when the case was opened."""
    return read_pinned(case.rubric_version.org_text, case.rubric_version.family_text)


def carried_of(case: Case) -> tuple[Carried, ...]:
    """The pillars a switch or conversion takes over unscored, with what showed them on the level left behind."""
    return carried_over(family_of(case), case.case_type, case.from_level_id, case.to_level_id)


def path_of(case: Case) -> Switch | None:
    """The ladder's crossing that the case takes, with its months of trial and return; None for other types."""
    return path(family_of(case), case.case_type, case.from_level_id, case.to_level_id)


def from_title(case: Case) -> str:
    """The title of the level the candidate comes from, as the pinned rubric has it."""
    return family_of(case).level(case.from_level_id).title


def visible_to(s: Session, actor: Person, *, cycle: Cycle | None = None) -> list[Case]:
    """The cases whose existence this person may know, by candidate: the list side of `policy.can_see`."""
    q = select(Case).join(Case.candidate).where(sees(actor)).options(*_LOADED).order_by(Person.name, Case.id)
    if cycle is not None:
        q = q.where(Case.cycle_id == cycle.id)
    return list(s.scalars(q))


def sees(actor: Person) -> ColumnElement[bool]:
    """The condition under which `actor` may know of a case; joins Case.candidate as Person."""
    free = free_of_conflict(actor)
    reviewing = exists().where(
        Assignment.case_id == Case.id, Assignment.reviewer_id == actor.id, Assignment.ended_at.is_(None)
    )
    deciding = exists().where(CommitteeSeat.committee_id == Case.committee_id, CommitteeSeat.person_id == actor.id)
    office = literal(actor.has(Role.PEOPLE_PARTNER) or actor.has(Role.AUDITOR))
    return or_(
        Case.candidate_id == actor.id,
        Person.manager_id == actor.id,
        and_(
            free,
            or_(
                office,
                and_(reviewing, Case._state.in_(FROM_REVIEW)),
                and_(deciding, Case._state.in_(FROM_CALIBRATION)),
                and_(deciding, presides(actor), Case._state.not_in([State.DRAFT, State.WITHDRAWN])),
            ),
        ),
    )


def level_titles(s: Session, hashes: Iterable[str]) -> dict[tuple[str, str], str]:
    """Titles by (rubric hash, level id), for tables of cases."""
    versions = s.scalars(select(RubricVersion).where(RubricVersion.content_hash.in_(set(hashes))))
    return {
        (v.content_hash, level.id): level.title
        for v in versions
        for level in read_pinned(v.org_text, v.family_text).levels
    }


def presides(actor: Person) -> ColumnElement[bool]:
    """Chairs the case's committee, or is its deputy while the chair is away from it; joins Case.candidate."""
    chair = aliased(Person)
    return exists().where(
        Committee.id == Case.committee_id,
        chair.id == Committee.chair_id,
        or_(Committee.chair_id == actor.id, and_(Committee.deputy_id == actor.id, is_away(chair))),
    )


def is_erased(s: Session, case: Case) -> bool:
    """Whether its texts were erased: from then on nothing is written about it any more."""
    q = select(AuditEvent.sequence).where(AuditEvent.case_id == case.id, AuditEvent.action == TEXTS_ERASED)
    return s.scalar(q.limit(1)) is not None


def open_case_of(s: Session, person_id: str) -> Case | None:
    over = [State.RELEASED, State.CLOSED, State.WITHDRAWN]
    return s.scalar(select(Case).where(Case.candidate_id == person_id, Case._state.not_in(over)))


def committee_for(s: Session, cycle_id: str, grade: int) -> Committee | None:
    q = select(Committee).where(
        Committee.cycle_id == cycle_id, Committee.grade_from <= grade, Committee.grade_to >= grade
    )
    return s.scalar(q.order_by(Committee.grade_from, Committee.id).limit(1))


def facts_for(s: Session, case: Case, at: datetime | None = None) -> Facts:
    """What the flow table may ask about this case at a moment (now, if none is given), gathered in a fixed number of
    statements."""
    at = at or now()
    free = [a for a in case.active_assignments if a.reviewer.active and not conflict(a.reviewer, case)]
    outstanding = [a for a in free if not (a.review and a.review.sealed_at) and a.waived_at is None]
    ballot = last_ballot(s, case)
    if ballot and case.state is State.IN_CALIBRATION and ballot.opened_at < case.state_since:
        ballot = None  # held before an appeal sent the case back; the committee votes again
    counted = count(ballot) if ballot and ballot.closed_at else None
    versions = _decisions(s, case)
    decision, pdf = versions[-1] if versions else (None, None)
    last_day = appeal_until(case, next((one for one, _ in reversed(versions) if one.released_at), None))
    committee_named, bar_checked, shown = _around(s, case)
    return Facts(
        accepted=case.accepted,
        sections_missing=missing_sections(case.grade, _written(s, case), case.case_type),
        evidence_missing=_must_haves_without(case, shown),
        deadline_passed=at > case.submit_by,
        deadline=case.submit_by,
        reviewers_assigned=len(free),
        reviewers_needed=case.reviewers_needed,
        cross_track_reviewers=sum(a.track_kind != case.track_kind for a in free),
        reviews_outstanding=len(outstanding) + case.declines_open,
        reviews_sealed=sum(bool(a.review and a.review.sealed_at) for a in free),
        committee_named=committee_named,
        ballot_closed=counted is not None,
        quorum_met=bool(counted and counted.quorum_met),
        bar_checked=bar_checked,
        decision_confirmed=bool(decision and decision.confirmed_at),
        letter_ready=pdf is not None,
        version_waits=bool(decision and decision.released_at is None),
        appeal_window_open=last_day is not None and at < last_day,
        acknowledged=case.acknowledged_at is not None,
    )


def appeal_until(case: Case, decision: Decision | None) -> datetime | None:
    """The end (exclusive) of the last day for an appeal, in the candidate's zone; None before release. A correction
    that decides the same leaves it where it was."""
    opened = decision.appealed_as.released_at if decision else None
    if opened is None or case.state not in AFTER_RELEASE:
        return None
    zone = ZoneInfo(case.candidate.timezone)
    last = last_appeal_day(case, opened.astimezone(zone).date())
    return datetime.combine(last, time.max, tzinfo=zone)


def last_appeal_day(case: Case, released_on: date) -> date:
    """So many working days after the release, which does not count itself, by the organisation's calendar as it was
    pinned with the case."""
    holidays = holidays_from(family_of(case).org.policy.calendar, released_on)
    return add_working_days(released_on, case.cycle.appeal_days, holidays)


def last_ballot(s: Session, case: Case) -> Ballot | None:
    q = select(Ballot).where(Ballot.case_id == case.id).options(selectinload(Ballot.electors))
    return s.scalar(q.order_by(Ballot.round.desc()).limit(1))


def refused_without_a_gap(ballot: Ballot) -> bool:
    """A closed ballot that did not carry although the committee saw every clause of the bar as met: no "not yet" can be
    recorded on it, for it would name nothing."""
    counted, kind = count(ballot), KINDS[ballot.case.case_type]
    refused = counted.quorum_met and not counted.carried and kind.not_carried is Outcome.NOT_YET
    return refused and not ballot.position.get("unmet")


def count(ballot: Ballot) -> Tally:
    """The tally of a ballot. Callers make sure that it is closed before they show it."""
    eligible = [e for e in ballot.electors if e.standing is Standing.ELIGIBLE]
    return tally(
        votes_for=sum(e.choice is Choice.FOR for e in eligible),
        votes_against=sum(e.choice is Choice.AGAINST for e in eligible),
        abstentions=sum(e.choice is Choice.ABSTAIN for e in eligible),
        eligible=len(eligible),
        recused=len(ballot.electors) - len(eligible),
        quorum=ballot.quorum,
        majority=ballot.majority,
    )


def _decisions(s: Session, case: Case) -> list[tuple[Decision, str | None]]:
    """Every version with the name of its letter's PDF, where that is set; the newest last."""
    q = (
        select(Decision, Letter.pdf_sha256)
        .outerjoin(Letter, Letter.decision_id == Decision.id)
        .where(Decision.case_id == case.id)
        .order_by(Decision.number)
    )
    return [(one, pdf) for one, pdf in s.execute(q)]


def _written(s: Session, case: Case) -> dict[str, dict[str, str]]:
    q = select(PacketSection.code, PacketSection.texts).where(PacketSection.case_id == case.id)
    return {code: texts for code, texts in s.execute(q)}


def _must_haves_without(case: Case, shown: frozenset[str]) -> tuple[str, ...]:
    return tuple(c.name for c in rubric_of(case).competencies if c.must_have is not None and c.id not in shown)


def _around(s: Session, case: Case) -> tuple[bool, bool, frozenset[str]]:
    """Whether a committee is named for the grade, whether the bar was checked there, and the competencies that have
    evidence. One statement."""
    named = exists().where(
        Committee.cycle_id == case.cycle_id, Committee.grade_from <= case.grade, Committee.grade_to >= case.grade
    )
    checked = exists().where(
        BarCheck.cycle_id == case.cycle_id, BarCheck.grade == case.grade, BarCheck.family_id == case.family_id
    )
    ids = func.aggregate_strings(Evidence.competency_id, ",")
    shown = select(ids).where(Evidence.case_id == case.id).scalar_subquery()
    committee_named, bar_checked, found = s.execute(select(named, checked, shown)).one()
    return committee_named, bar_checked, frozenset(filter(None, (found or "").split(",")))
