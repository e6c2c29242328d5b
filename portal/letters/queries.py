"""Reads about letters: what one is put together from, which are ready in a cycle, and what a code stands for."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.cases import queries as cases
from portal.decisions import queries as decisions
from portal.domain.case_flow import FROM_CALIBRATION, State
from portal.letters.contents import Sources, zone_of
from portal.letters.policy import can_release
from portal.models.audit import digest
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.person import Person

RENDER = "render_letter"
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_GROUPS, CODE_GROUP = 4, 4
_LOOKALIKES = str.maketrans("OIL", "011")


class Genuine(StrEnum):
    """All that a stranger learns of a code."""

    GENUINE = "genuine"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """Where one case stands on its way to a released letter."""

    UNDECIDED = "undecided"
    UNCONFIRMED = "unconfirmed"
    UNPREPARED = "unprepared"
    OTHER_DAY = "other_day"
    SETTING = "setting"
    FAILED = "failed"
    READY = "ready"
    RELEASED = "released"


PREPARABLE = frozenset({Stage.UNPREPARED, Stage.OTHER_DAY, Stage.FAILED})


@dataclass(frozen=True)
class Line:
    """One case of a batch; `trouble` is what the last attempt to set the letter said."""

    case: Case
    decision: Decision | None
    stage: Stage
    trouble: str = ""


@dataclass(frozen=True)
class Batch:
    """The cases a people partner releases in a cycle, by candidate; never their own, never a conflicted one."""

    lines: tuple[Line, ...]

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
        """How many letters are prepared and not yet released."""
        return len(self.at(Stage.READY, Stage.SETTING))

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many of each outcome are ready, in the order of Outcome, none left out that has any."""
        found = Counter(line.decision.outcome for line in self.at(Stage.READY) if line.decision)
        return {outcome: found[outcome] for outcome in Outcome if found[outcome]}

    @property
    def fingerprint(self) -> str:
        """What is ready, as one hash: a release names what was read, and anything else is refused."""
        letters = [case.decisions[-1].letter for case in self.ready]
        return digest(sorted([letter.id, letter.data_sha256] for letter in letters if letter))


@dataclass(frozen=True)
class Verified:
    """The answer to a code; day and hash only for a letter that was issued."""

    answer: Genuine
    issued_on: date | None = None
    data_sha256: str = ""


def sources_of(s: Session, decision: Decision) -> Sources:
    case = decision.case
    return Sources(
        decision=decision,
        tally=cases.count(decision.ballot),
        snapshot=decisions.last_snapshot(s, case),
        next_cycle=next_cycle(s, case.cycle),
    )


def next_cycle(s: Session, cycle: Cycle) -> Cycle | None:
    q = select(Cycle).where(Cycle.opens_at > cycle.opens_at).order_by(Cycle.opens_at, Cycle.id)
    return s.scalar(q.limit(1))


def release_day(case: Case, at: datetime) -> date:
    """The day a release at this moment falls on for the candidate, which is the day the letter is dated."""
    return at.astimezone(zone_of(case)).date()


def batch(s: Session, cycle: Cycle, actor: Person, at: datetime) -> Batch:
    """The letters of a cycle as this people partner may act on them at this moment."""
    found = [
        c for c in cases.visible_to(s, actor, cycle=cycle) if c.state in FROM_CALIBRATION and can_release(actor, c)
    ]
    decisions.load_decisions(s, found)
    failed = _failures(s)
    return Batch(tuple(_line(case, at, failed) for case in found))


def _line(case: Case, at: datetime, failed: dict[str, str]) -> Line:
    decision = case.decisions[-1] if case.decisions else None
    letter = decision.letter if decision else None
    trouble = failed.get(render_key(letter), "") if letter and not letter.pdf_sha256 else ""
    return Line(case, decision, _stage(case, decision, at, trouble), trouble)


def _stage(case: Case, decision: Decision | None, at: datetime, trouble: str) -> Stage:
    if decision is None or (decision.released_at and case.state is State.IN_CALIBRATION):
        return Stage.UNDECIDED
    if decision.released_at:
        return Stage.RELEASED
    if decision.confirmed_at is None:
        return Stage.UNCONFIRMED
    if decision.letter is None:
        return Stage.UNPREPARED
    return _stage_of_letter(decision.letter, release_day(case, at), trouble)


def _stage_of_letter(letter: Letter, today: date, trouble: str) -> Stage:
    if letter.data["issued_on"] != today.isoformat():
        return Stage.OTHER_DAY
    if letter.pdf_sha256:
        return Stage.READY
    return Stage.FAILED if trouble else Stage.SETTING


def render_key(letter: Letter) -> str:
    """The key of the outbox row that sets the letter as it was last prepared: preparing it again is another try."""
    return f"{RENDER}:{letter.id}:{letter.prepared_at.astimezone(UTC).isoformat()}"


def _failures(s: Session) -> dict[str, str]:
    """The last error by the key of the row that was given up."""
    q = select(OutboxRow.key, OutboxRow.last_error).where(
        OutboxRow.kind == RENDER, OutboxRow.state == OutboxState.FAILED
    )
    return {key: error for key, error in s.execute(q.order_by(OutboxRow.id))}


def letter(s: Session, *, letter_id: str) -> Letter | None:
    q = select(Letter).where(Letter.id == letter_id)
    return s.scalar(q.options(joinedload(Letter.decision).joinedload(Decision.case)))


def latest_letter(case: Case) -> Letter | None:
    """The letter of the newest decision, if it was prepared."""
    return case.decisions[-1].letter if case.decisions else None


def verify(s: Session, *, code: str) -> Verified:
    """What a code stands for. Only released letters are known; of these, one whose case has a later released decision
    is superseded."""
    q = select(Letter, Decision).join(Decision, Letter.decision_id == Decision.id)
    row = s.execute(q.where(Letter.code == tidy_code(code), Decision.released_at.is_not(None))).first()
    if row is None:
        return Verified(Genuine.UNKNOWN)
    found, decision = row
    later = select(Decision.id).where(
        Decision.case_id == decision.case_id, Decision.number > decision.number, Decision.released_at.is_not(None)
    )
    answer = Genuine.SUPERSEDED if s.scalar(later.limit(1)) else Genuine.GENUINE
    return Verified(answer, date.fromisoformat(found.data["issued_on"]), found.data_sha256)


def tidy_code(written: str) -> str:
    """A code as it is stored, however it was copied: case, spaces, dashes and look-alike letters do not matter."""
    plain = "".join(c for c in written.upper().translate(_LOOKALIKES) if c in CODE_LETTERS)[: CODE_GROUPS * CODE_GROUP]
    return "-".join(plain[i : i + CODE_GROUP] for i in range(0, len(plain), CODE_GROUP))
