"""Reads about decisions: a case with all its versions, and what the closed ballot allows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cases import queries as cases
from portal.decisions.policy import why_not_on_panel
from portal.domain import case_types
from portal.domain.case_flow import FROM_CALIBRATION
from portal.domain.voting import Tally
from portal.models.appeal import Appeal, AppealMember, AppealPanel
from portal.models.calibration import Ballot, BarCheck
from portal.models.calibration_session import PositionChange
from portal.models.case import Case
from portal.models.cycle import Committee, Cycle
from portal.models.decision import Decision, Outcome
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.packet import Attachment, Snapshot, Statement
from portal.models.person import Person, Role, RoleGrant
from portal.models.release import ReleaseItem

MOST_OFFERED, MOST_ASKED = 20, 500
ANSWER_LETTER = "appeal_letter"  # the outbox row that has the letter of an answer made
_DECIDED = (
    selectinload(Case.events),
    selectinload(Case.decisions).options(
        joinedload(Decision.recorded_by),
        joinedload(Decision.confirmed_by),
        joinedload(Decision.letter),
        joinedload(Decision.bar_check),
        selectinload(Decision.placed).joinedload(ReleaseItem.release),
    ),
    selectinload(Case.ballots).selectinload(Ballot.electors),
    selectinload(Case.appeals).options(
        selectinload(Appeal.panels).selectinload(AppealPanel.members).joinedload(AppealMember.person),
        joinedload(Appeal.letter),
    ),
)


def case(s: Session, *, case_id: str) -> Case | None:
    """One case with its decisions, ballots and appeals, and everything a policy asks of it."""
    if cases.case(s, case_id=case_id) is None:
        return None
    return s.scalar(select(Case).where(Case.id == case_id).options(*_DECIDED))


def held(s: Session, case: Case) -> Case:
    """The case as it is now with its decisions, ballots and appeals, its row locked until the end of the transaction:
    whoever writes a further version sees the one that another worker wrote a moment ago."""
    q = select(Case).where(Case.id == case.id).options(*_DECIDED).with_for_update(of=Case)
    return s.scalars(q, execution_options={"populate_existing": True}).one()


def cycle(s: Session, *, slug: str) -> Cycle | None:
    q = select(Cycle).where(Cycle.slug == slug)
    return s.scalar(q.options(selectinload(Cycle.committees).selectinload(Committee.seats)))


def closed_ballot(s: Session, case: Case) -> tuple[Ballot, Tally] | None:
    """The last ballot with its count, once it is closed; nobody sees a count before."""
    ballot = cases.last_ballot(s, case)
    return (ballot, cases.count(ballot)) if ballot and ballot.closed_at else None


def outcomes_of(case: Case, counted: Tally) -> tuple[Outcome, ...]:
    """What a closed ballot allows on a case of its type; a tie does not carry. What would be tried first is approved
    outright where the ladder's path has no trial."""
    crossing = cases.path_of(case)
    tried = bool(crossing and crossing.trial_months)
    return case_types.outcomes_of(case.case_type, carried=counted.carried, tried=tried)


def unmet_in(ballot: Ballot) -> list[dict[str, Any]]:
    """The unmet clauses of the bar in the position the committee saw, as it was frozen."""
    return list(ballot.position.get("unmet", []))


def last_check(s: Session, case: Case) -> BarCheck | None:
    q = select(BarCheck).where(
        BarCheck.cycle_id == case.cycle_id, BarCheck.grade == case.grade, BarCheck.family_id == case.family_id
    )
    return s.scalar(q.order_by(BarCheck.id.desc()).limit(1))


def last_snapshot(s: Session, case: Case) -> Snapshot | None:
    q = select(Snapshot).where(Snapshot.case_id == case.id)
    return s.scalar(q.order_by(Snapshot.number.desc()).limit(1))


def load_decisions(s: Session, found: list[Case]) -> None:
    """Fetch what the lists show of many cases in a fixed number of statements."""
    ids = [c.id for c in found if c.state in FROM_CALIBRATION]
    if ids:
        s.scalars(select(Case).where(Case.id.in_(ids)).options(*_DECIDED)).all()


def forbidden_names(case: Case) -> list[str]:
    """Names that no text for the candidate may hold: whoever scored or was asked for feedback."""
    return sorted({a.reviewer.name for a in case.assignments} | {r.person.name for r in case.referees})


def people_partners(s: Session) -> list[Person]:
    """All who hold the role and have not left, by name."""
    q = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id)
    q = q.where(RoleGrant.role == Role.PEOPLE_PARTNER, Person.active)
    return list(s.scalars(q.order_by(Person.name, Person.id)))


def eligible(s: Session, case: Case, actor: Person, name: str = "") -> list[Person]:
    """Who can be appointed to answer an appeal about the case, people at or above the level it asks for first, then by
    name; with `name` only those whose name or address holds it. Whoever cannot is not there at all, without a word why.
    At most MOST_OFFERED, out of the first MOST_ASKED."""
    levels = [level.id for level in cases.family_of(case).levels if (level.grade or 0) >= case.grade]
    senior = and_(Person.family_id == case.family_id, Person.level_id.in_(levels))
    q = select(Person).where(Person.active, Person.id != actor.id)
    if name.strip():
        wanted = name.strip()
        holds = [column.icontains(wanted, autoescape=True) for column in (Person.name, Person.email)]
        q = q.where(or_(*holds))
    q = q.order_by(case_when((senior, 0), else_=1), Person.name, Person.id).limit(MOST_ASKED)
    return [person for person in s.scalars(q) if why_not_on_panel(person, case) is None][:MOST_OFFERED]


def chosen(s: Session, case: Case, actor: Person, ids: Collection[str]) -> list[Person]:
    """Those of these people who can be appointed, by name."""
    q = select(Person).where(Person.id.in_(ids), Person.active, Person.id != actor.id)
    found = s.scalars(q.order_by(Person.name, Person.id))
    return [person for person in found if why_not_on_panel(person, case) is None]


def letter_key(appeal: Appeal) -> str:
    """The key of the outbox row that has the letter of an appeal's answer made."""
    return f"{ANSWER_LETTER}:{appeal.id}"


def letter_jobs(s: Session, case: Case) -> dict[int, OutboxRow]:
    """Appeal -> the row that makes its letter, of those that are not done: still to come, or given up."""
    keys = {letter_key(appeal): appeal.id for appeal in case.appeals if appeal.answered_at}
    q = select(OutboxRow).where(OutboxRow.key.in_(keys), OutboxRow.state != OutboxState.DONE)
    return {keys[row.key]: row for row in s.scalars(q)} if keys else {}


def changes_of(s: Session, case: Case, until: datetime) -> list[PositionChange]:
    """What the committee moved up to a moment, in the order it was moved."""
    q = select(PositionChange).where(PositionChange.case_id == case.id, PositionChange.at <= until)
    return list(s.scalars(q.order_by(PositionChange.id)))


def statement_of(s: Session, case: Case) -> Statement | None:
    """What the manager signed, as it was read at the vote."""
    q = select(Statement).where(Statement.case_id == case.id, Statement.signed_at.is_not(None))
    return s.scalar(q.order_by(Statement.signed_at.desc()).limit(1))


@dataclass(frozen=True)
class RecordFile:
    """A file of the packet as it was submitted, for the panel that reads the record."""

    case: Case
    attachment: Attachment


def record_file(s: Session, *, case_id: str, attachment_id: str) -> RecordFile | None:
    """None for a file that the last snapshot does not hold."""
    found = case(s, case_id=case_id)
    snapshot = last_snapshot(s, found) if found else None
    row = s.get(Attachment, attachment_id)
    if found is None or snapshot is None or row is None:
        return None
    rows = snapshot.content.get("evidence", ())
    named = {one["id"] for line in rows for one in line.get("attachments", ())}
    return RecordFile(found, row) if row.id in named and row.case_id == found.id else None
