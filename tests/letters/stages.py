"""Cases brought to a letter through the portal's own commands."""

from datetime import date, timedelta
from typing import Any

from portal.adapters.storage import Storage
from portal.decisions.commands import confirm, record_decision
from portal.domain.case_flow import State
from portal.domain.case_types import APPROVALS, CaseType
from portal.letters.commands import prepare, release, render
from portal.models.calibration import Choice
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from tests.world import NOW, World

PROMOTED = (Outcome.APPROVED, Outcome.NOT_YET, Outcome.DEFERRED)

REASONS = "Colleagues from three teams confirmed what the packet shows."
BASE = "https://evenbar.example.org"
AHEAD = timedelta(days=46)
EFFECTIVE = date(2026, 5, 1)


def confirmed(world: World, who: str = "ada", outcome: Outcome = Outcome.APPROVED, **other: Any) -> Decision:
    """Four members vote, ola is recused. A "not yet" cites every unmet clause but the minimum of each."""
    refused, at = outcome in (Outcome.NOT_YET, Outcome.DECLINED), other.pop("at", NOW)
    scores = other.pop("scores", (2, 2, 3) if refused else (3, 3, 4))
    kind = {"case_type": other.pop("case_type", CaseType.PROMOTION), "to": other.pop("to", None)}
    case = world.case(who, State.IN_CALIBRATION, scores=scores, **kind)
    votes = {"kim": Choice.AGAINST if refused else Choice.FOR, "lou": Choice.FOR, "nat": Choice.ABSTAIN, "joe": None}
    ballot = world.ballot(case, votes)
    world.bar_check(case)
    codes = [c["code"] for c in ballot.position["unmet"] if not c["code"].startswith("minimum")]
    made = record_decision(
        world.s,
        case=case,
        actor=world.kim,
        outcome=outcome,
        reasons=other.pop("reasons", REASONS),
        unmet_codes=codes if refused else [],
        effective_on=(at + AHEAD).date() if outcome in APPROVALS else None,
        at=at,
    )
    confirm(world.s, decision=made, actor=world.nat, at=at)
    return made


def prepared(world: World, who: str = "ada", outcome: Outcome = Outcome.APPROVED, **other: Any) -> Letter:
    return prepare(world.s, decision=confirmed(world, who, outcome, **other), actor=world.pia, at=NOW)


def blank_pdf(html: str, sheets: tuple[str, ...]) -> bytes:
    """Stands in where what is set does not matter: the bytes follow from the page."""
    return b"%PDF " + html.encode()


def ready(
    world: World, storage: Storage, who: str = "ada", outcome: Outcome = Outcome.APPROVED, **other: Any
) -> Letter:
    letter = prepared(world, who, outcome, **other)
    render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE, render_with=blank_pdf)
    return letter


def released(
    world: World, storage: Storage, who: str = "ada", outcome: Outcome = Outcome.APPROVED, **other: Any
) -> Case:
    case = ready(world, storage, who, outcome, **other).case
    release(world.s, cases=[case], actor=world.pia, at=NOW)
    return case


def tomorrow() -> date:
    return NOW.date() + timedelta(days=1)
