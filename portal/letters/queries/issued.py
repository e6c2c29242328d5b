"""Letters that were released: those of a cycle or a case, and what a code stands for."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, false, func, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.cases import queries as cases
from portal.cases.listing import sees_decisions
from portal.decisions import queries as decisions
from portal.decisions.policy import may_decide
from portal.domain.case_flow import FROM_CALIBRATION
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import AppealLetter, Letter
from portal.models.person import Person

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_GROUPS, CODE_GROUP = 4, 4
_LOOKALIKES = str.maketrans("OIL", "011")


class Genuine(StrEnum):
    """All that a stranger learns of a code."""

    GENUINE = "genuine"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Issued:
    """One letter that was released, as plain values: they outlive the session of a request that is answered in pieces.
    `version` is the decision's; `superseded` says that a later decision was released."""

    case_id: str
    candidate: str
    level: str
    outcome: str
    version: int
    issued_on: str
    superseded: bool
    code: str
    pdf_sha256: str
    stage: str


def issued_in(s: Session, cycle: Cycle, actor: Person) -> list[Issued]:
    """The letters of a cycle that were released and that this person keeps by office or decided on, by candidate and
    version, superseded ones among them. Never of one's own case or a conflicted one."""
    found = [c for c in cases.visible_to(s, actor, cycle=cycle) if may_decide(actor, c)]
    decisions.load_decisions(s, found)
    return [one for case in found for one in issued_of(case) if one.pdf_sha256]


def count_issued(s: Session, cycle: Cycle, actor: Person) -> int:
    """How many letters `issued_in` gives. One statement."""
    q = select(func.count(Letter.id)).join(Decision, Decision.id == Letter.decision_id)
    q = q.join(Case, Case.id == Decision.case_id).join(Case.candidate)
    q = q.where(Case.cycle_id == cycle.id, Case._state.in_(FROM_CALIBRATION), sees_decisions(actor))
    return s.scalar(q.where(Decision.released_at.is_not(None), Letter.pdf_sha256.is_not(None))) or 0


def issued_of(case: Case) -> list[Issued]:
    """All letters of a case that were released, by version."""
    out = [d for d in case.decisions if d.released_at and d.letter]
    return [_issued(case, d, superseded=d is not out[-1]) for d in out]


def _issued(case: Case, decision: Decision, *, superseded: bool) -> Issued:
    letter = decision.letter
    assert letter is not None
    return Issued(
        case_id=case.id,
        candidate=letter.data["candidate"],
        level=letter.data["to"]["title"],
        outcome=decision.outcome.value,
        version=decision.number,
        issued_on=letter.data["issued_on"],
        superseded=superseded,
        code=letter.code,
        pdf_sha256=letter.pdf_sha256 or "",
        stage=case.state.value,
    )


def is_superseded(letter: Letter) -> bool:
    """Whether a later decision of its case was released."""
    mine = letter.decision
    return any(d.released_at and d.number > mine.number for d in letter.case.decisions)


def verify(s: Session, *, code: str) -> Genuine:
    """What a code stands for. Known are released letters, and those that answer an appeal; of the former, one whose
    case has a later released decision is superseded. One statement, whatever the answer is, so that the time it takes
    tells nothing."""
    later = aliased(Decision)
    after = exists().where(
        later.case_id == Decision.case_id, later.number > Decision.number, later.released_at.is_not(None)
    )
    q = select(after).select_from(Letter).join(Decision, Letter.decision_id == Decision.id)
    decided = q.where(Letter.code == tidy_code(code), Decision.released_at.is_not(None))
    answered = select(false()).where(AppealLetter.code == tidy_code(code))
    row = s.execute(union_all(decided, answered)).first()
    if row is None:
        return Genuine.UNKNOWN
    return Genuine.SUPERSEDED if row[0] else Genuine.GENUINE


def tidy_code(written: str) -> str:
    """A code as it is stored, however it was copied: case, spaces, dashes and look-alike letters do not matter."""
    plain = "".join(c for c in written.upper().translate(_LOOKALIKES) if c in CODE_LETTERS)[: CODE_GROUPS * CODE_GROUP]
    return "-".join(plain[i : i + CODE_GROUP] for i in range(0, len(plain), CODE_GROUP))
