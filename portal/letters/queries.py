"""Reads about letters: what one is put together from, which are ready in a cycle, and what a code stands for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.cases import queries as cases
from portal.decisions import queries as decisions
from portal.letters.contents import Sources, zone_of
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import Letter

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_GROUPS, CODE_GROUP = 4, 4
_LOOKALIKES = str.maketrans("OIL", "011")


class Genuine(StrEnum):
    """All that a stranger learns of a code."""

    GENUINE = "genuine"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


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
