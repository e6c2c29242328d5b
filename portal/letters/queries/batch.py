"""The letters of a cycle on their way out: where each stands, what its jobs say."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases import queries as cases
from portal.decisions import queries as decisions
from portal.domain.case_flow import FROM_CALIBRATION, State
from portal.letters.policy import can_release
from portal.letters.queries.sources import release_day
from portal.models.audit import digest
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.person import Person

PREPARE, RENDER = "prepare_letter", "render_letter"


class Stage(StrEnum):
    """Where one case stands on its way to a released letter."""

    UNDECIDED = "undecided"
    UNCONFIRMED = "unconfirmed"
    PREPARING = "preparing"
    UNPREPARED = "unprepared"
    OTHER_DAY = "other_day"
    SETTING = "setting"
    FAILED = "failed"
    READY = "ready"
    PLANNED = "planned"
    RELEASED = "released"
    APPEALED = "appealed"


PREPARABLE = frozenset({Stage.UNPREPARED, Stage.OTHER_DAY, Stage.FAILED})
ON_THE_WAY = frozenset({Stage.PREPARING, Stage.SETTING})


@dataclass(frozen=True)
class Job:
    """A letter's outbox row; `trouble` is what the last try said, `given_up` that there is no next one."""

    kind: str
    given_up: bool
    trouble: str
    due_at: datetime


@dataclass(frozen=True)
class Line:
    """One case of a batch; `trouble` is what the last attempt to set the letter said."""

    case: Case
    decision: Decision | None
    stage: Stage
    trouble: str = ""


@dataclass(frozen=True)
class Batch:
    """The cases a people partner releases in a cycle, by candidate; never their own, never a conflicted one.
    `waiting_since` is when the letter that waits longest could have been taken up."""

    lines: tuple[Line, ...]
    waiting_since: datetime | None = None

    def at(self, *stages: Stage) -> list[Line]:
        return [line for line in self.lines if line.stage in stages]

    @property
    def ready(self) -> list[Case]:
        return [line.case for line in self.at(Stage.READY)]

    @property
    def to_prepare(self) -> list[Decision]:
        return [line.decision for line in self.at(*PREPARABLE) if line.decision]

    @property
    def rendered(self) -> int:
        return len(self.at(Stage.READY))

    @property
    def total(self) -> int:
        """How many letters are set or on their way to it, and not yet released."""
        return len(self.at(Stage.READY, *ON_THE_WAY))

    @property
    def on_the_way(self) -> int:
        return len(self.at(*ON_THE_WAY))

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many of each outcome are ready, in the order of Outcome, none left out that has any."""
        found = Counter(line.decision.outcome for line in self.at(Stage.READY) if line.decision)
        return {outcome: found[outcome] for outcome in Outcome if found[outcome]}

    def only(self, case_ids: Collection[str]) -> "Batch":
        """The same with these cases alone; all of them when none is named."""
        return Batch(tuple(line for line in self.lines if line.case.id in case_ids)) if case_ids else self

    @property
    def fingerprint(self) -> str:
        """What is ready, as one hash: a release names what was read, and anything else is refused."""
        letters = [case.decisions[-1].letter for case in self.ready]
        return digest(sorted([letter.id, letter.data_sha256] for letter in letters if letter))


def batch(s: Session, cycle: Cycle, actor: Person, at: datetime) -> Batch:
    """The letters of a cycle as this people partner may act on them at this moment."""
    found = [
        c for c in cases.visible_to(s, actor, cycle=cycle) if c.state in FROM_CALIBRATION and can_release(actor, c)
    ]
    decisions.load_decisions(s, found)
    rows = jobs_of(s)
    lines = tuple(_line(case, at, rows) for case in found)
    due = [job.due_at for line in lines if line.stage in ON_THE_WAY for job in _jobs(line.decision, at, rows)]
    return Batch(lines, min(due, default=None))


def _line(case: Case, at: datetime, rows: dict[str, Job]) -> Line:
    decision = case.decisions[-1] if case.decisions else None
    jobs = _jobs(decision, at, rows)
    trouble = next((job.trouble for job in jobs if job.trouble), "")
    return Line(case, decision, _stage(case, decision, at, jobs), trouble)


def _jobs(decision: Decision | None, at: datetime, rows: dict[str, Job]) -> list[Job]:
    """What is still to be done for this letter, or was given up: preparing it, setting it."""
    if decision is None:
        return []
    letter = decision.letter
    keys = [prepare_key(decision, release_day(decision.case, at))]
    if letter and not letter.pdf_sha256:
        keys.append(render_key(letter))
    return [rows[key] for key in keys if key in rows]


def _stage(case: Case, decision: Decision | None, at: datetime, jobs: list[Job]) -> Stage:
    if decision is None or case.state is State.IN_CALIBRATION:
        return Stage.UNDECIDED
    if case.state is State.UNDER_APPEAL and decision.released_at is None:
        return Stage.APPEALED
    if decision.released_at:
        return Stage.RELEASED
    if decision.confirmed_at is None:
        return Stage.UNCONFIRMED
    if decision.planned is not None:
        return Stage.PLANNED
    if any(job.given_up for job in jobs):
        return Stage.FAILED
    if any(job.kind == PREPARE for job in jobs):
        return Stage.PREPARING
    return _stage_of_letter(decision.letter, release_day(case, at))


def _stage_of_letter(letter: Letter | None, today: date) -> Stage:
    if letter is None:
        return Stage.UNPREPARED
    if letter.data["issued_on"] != today.isoformat():
        return Stage.OTHER_DAY
    return Stage.READY if letter.pdf_sha256 else Stage.SETTING


def prepare_key(decision: Decision, day: date) -> str:
    """The key of the outbox row that prepares the letter of a decision for a release on that day."""
    return f"{PREPARE}:{decision.id}:{day.isoformat()}"


def render_key(letter: Letter) -> str:
    """The key of the outbox row that sets the letter as it was last prepared: preparing it again is another try."""
    return f"{RENDER}:{letter.id}:{letter.prepared_at.astimezone(UTC).isoformat()}"


def is_being_set(s: Session, letter: Letter) -> bool:
    """Whether the letter, as it was last prepared, is set or its setting is still to come."""
    q = select(OutboxRow.id).where(OutboxRow.key == render_key(letter), OutboxRow.state != OutboxState.FAILED)
    return bool(letter.pdf_sha256) or s.scalar(q) is not None


def jobs_of(s: Session) -> dict[str, Job]:
    """What is not done yet of preparing and setting letters, by the key of its outbox row."""
    q = select(OutboxRow.key, OutboxRow.kind, OutboxRow.state, OutboxRow.last_error, OutboxRow.due_at)
    q = q.where(OutboxRow.kind.in_((PREPARE, RENDER)), OutboxRow.state != OutboxState.DONE).order_by(OutboxRow.id)
    return {
        key: Job(kind, state is OutboxState.FAILED, error.removeprefix("NeverAgain: "), due)
        for key, kind, state, error, due in s.execute(q)
    }
