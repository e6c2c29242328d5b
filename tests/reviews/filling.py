"""How tests fill in a review: the same score on every competency, as a command takes it or as a browser sends it; and
how a packet comes back changed."""

from sqlalchemy import select

from portal.domain.case_flow import Action
from portal.models.audit import digest
from portal.models.case import Assignment, Case
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import NoScore, Review
from portal.reviews import commands
from portal.reviews.commands import ScoreInput
from tests.world import NOW, World


def scores(world: World, case: Case, value: int = 3, why: str = "Shown in result 1.") -> dict[str, ScoreInput]:
    return {line.id: ScoreInput(value, None, why) for line in world.rubric(case).competencies}


def seat(case: Case, person: Person) -> Assignment:
    return next(a for a in case.assignments if a.reviewer_id == person.id)


def saved(world: World, case: Case, person: Person, *, value: int = 3, version: int = 0) -> Review:
    given = scores(world, case, value)
    return commands.save_review(
        world.s,
        assignment=seat(case, person),
        actor=person,
        scores=given,
        summary="Solid.",
        version=version,
        at=NOW,
    )


def sealed(world: World, case: Case, person: Person, *, value: int = 3) -> Review:
    review = saved(world, case, person, value=value)
    commands.seal(world.s, review=review, actor=person, at=NOW)
    return review


def sent(world: World, case: Case, *, value: object = 3, why: str = "Shown in result 1.", version: int = 0) -> dict:
    """The form as a browser without script sends it."""
    data: dict = {"version": str(version), "summary": "Solid."}
    for line in world.rubric(case).competencies:
        data[f"{line.id}--score"] = value.value if isinstance(value, NoScore) else str(value)
        data[f"{line.id}--why"] = why
    return data


def snapshots(world: World, case: Case) -> list[Snapshot]:
    return list(world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number)))


def resubmit(world: World, case: Case, *, without: str = "", summary: str = "") -> Snapshot:
    """Returned, and submitted again without the evidence of one competency, or with another summary."""
    old = snapshots(world, case)[-1]
    content = {**old.content, "evidence": [e for e in old.content["evidence"] if e["competency"] != without]}
    if summary:
        content["sections"] = {**content["sections"], "summary": {"text": summary}}
    world._step(case, Action.RETURN, world.pia)
    world._step(case, Action.SUBMIT, case.candidate)
    taken = {"taken_at": NOW, "taken_by_id": case.candidate_id}
    new = Snapshot(case=case, number=old.number + 1, content=content, content_hash=digest(content), **taken)
    world.s.add(new)
    case.committee = world.committee
    world._step(case, Action.OPEN_REVIEW, world.pia)
    return new
