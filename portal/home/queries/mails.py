"""What became of each mail: to whom, which kind, how often tried, what stood in the way. Never what it says.

A mail about a case that the reader of this page has a conflict with, or owes a review of, is in no row and in no count:
it would tell who was asked about their own case. An operator who is no people partner looks after mails that do not get
out, and about a case sees only those."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from portal.models.case import Case
from portal.models.outbox import MAIL, WAITS, OutboxRow, OutboxState
from portal.models.person import Person, Role
from portal.reviews.queries import may_run
from portal.reviews.queries.sealed import Candidate

PAGE = 50


class Fate(StrEnum):
    WAITING = "waiting"
    DIGEST = "digest"
    TRIED = "tried"
    SENT = "sent"
    LET_GO = "let_go"
    FAILED = "failed"


@dataclass(frozen=True)
class Mail:
    """`template` is empty where its reader may not know the kind. `next_try` is None once settled."""

    id: int
    name: str
    email: str
    template: str
    fate: Fate
    note: str
    attempts: int
    last_error: str
    asked_at: datetime
    next_try: datetime | None
    done_at: datetime | None

    @property
    def can_retry(self) -> bool:
        return self.fate in (Fate.FAILED, Fate.TRIED)


@dataclass(frozen=True)
class MailPage:
    rows: tuple[Mail, ...]
    counts: dict[Fate, int]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


_bundle = aliased(OutboxRow)
_carrier_state = func.coalesce(_bundle.state, OutboxRow.state)
_attempts = func.coalesce(_bundle.attempts, OutboxRow.attempts)


def mails(s: Session, actor: Person, *, fate: Fate | None = None, page: int = 1) -> MailPage:
    """Newest first, a page at a time; counts by fate over all pages. Three statements."""
    found = _visible(actor)
    fates = _of(found, _fate().label("fate")).subquery()
    counted = select(fates.c.fate, func.count()).group_by(fates.c.fate)
    counts = {Fate(code): n for code, n in s.execute(counted)}
    if fate is not None:
        found = [*found, _fate() == fate.value]
    total = counts.get(fate, 0) if fate else sum(counts.values())
    number = min(max(1, page), max(1, -(-total // PAGE)))
    q = _of(found, *_columns()).order_by(OutboxRow.id.desc()).limit(PAGE).offset((number - 1) * PAGE)
    return MailPage(tuple(_mail(row, actor) for row in s.execute(q)), counts, total, number)


def mail(s: Session, actor: Person, mail_id: int) -> OutboxRow | None:
    """One mail of those this person sees."""
    found = s.scalar(_of([*_visible(actor), OutboxRow.id == mail_id], OutboxRow.id))
    return s.get(OutboxRow, found, with_for_update=True) if found else None


def _visible(actor: Person) -> list[ColumnElement[bool]]:
    partner = actor.has(Role.PEOPLE_PARTNER)
    stuck = and_(_carrier_state != OutboxState.DONE, _attempts > 0)
    about_case = and_(may_run(actor), or_(literal(partner), stuck))
    is_digest = OutboxRow.key.startswith("mail:digest:")
    return [OutboxRow.kind.in_([MAIL, WAITS]), ~is_digest, or_(OutboxRow.case_id.is_(None), about_case)]


def _of(conditions: list[ColumnElement[bool]], *columns: Any) -> Select[Any]:
    q = select(*columns).select_from(OutboxRow).outerjoin(Person, Person.id == OutboxRow.person_id)
    q = q.outerjoin(_bundle, _bundle.id == OutboxRow.bundle_id).outerjoin(Case, Case.id == OutboxRow.case_id)
    return q.outerjoin(Candidate, Candidate.id == Case.candidate_id).where(*conditions)


def _fate() -> Any:
    """One word for where a mail is; a bundled mail shares the fate of its digest."""
    done = _carrier_state == OutboxState.DONE
    let_go = and_(done, or_(and_(_bundle.id.is_(None), OutboxRow.note != ""), func.coalesce(_bundle.note, "") != ""))
    return case(
        (let_go, Fate.LET_GO.value),
        (done, Fate.SENT.value),
        (_carrier_state == OutboxState.FAILED, Fate.FAILED.value),
        (_attempts > 0, Fate.TRIED.value),
        (OutboxRow.kind == WAITS, Fate.DIGEST.value),
        else_=Fate.WAITING.value,
    )


def _columns() -> tuple[Any, ...]:
    return (
        OutboxRow.id,
        Person.name,
        Person.email,
        OutboxRow.payload,
        OutboxRow.case_id,
        _fate().label("fate"),
        func.coalesce(_bundle.note, OutboxRow.note).label("note"),
        _attempts.label("attempts"),
        func.coalesce(_bundle.last_error, OutboxRow.last_error).label("last_error"),
        OutboxRow.created_at,
        func.coalesce(_bundle.due_at, OutboxRow.due_at, type_=OutboxRow.due_at.type).label("due_at"),
        func.coalesce(_bundle.done_at, OutboxRow.done_at, type_=OutboxRow.due_at.type).label("done_at"),
    )


def _mail(row: Any, actor: Person) -> Mail:
    fate = Fate(row.fate)
    known = row.case_id is None or actor.has(Role.PEOPLE_PARTNER)
    settled = fate in (Fate.SENT, Fate.LET_GO, Fate.FAILED)
    return Mail(
        id=row.id,
        name=row.name or "–",
        email=row.email or "",
        template=str(row.payload.get("template", "")) if known else "",
        fate=fate,
        note=row.note or "",
        attempts=row.attempts,
        last_error="" if fate in (Fate.SENT, Fate.LET_GO) else row.last_error,
        asked_at=row.created_at,
        next_try=None if settled else row.due_at,
        done_at=row.done_at if settled else None,
    )
