"""How tests fill in a review: the same score on every competency, as a command takes it or as a browser sends it."""

from portal.models.case import Assignment, Case
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
