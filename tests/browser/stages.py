"""A populated portal for looking at: a case at each stage of its life, and the address of every main page with the
person who should see it."""

from dataclasses import dataclass

from portal.adapters.clock import now
from portal.domain.case_flow import State
from portal.letters import commands as letters
from portal.models.case import Case
from tests.world import World

CYCLE = "/cycles/spring-2026"


@dataclass(frozen=True)
class Sight:
    """One page as one person sees it; `key` is "" for a visitor who is not signed in."""

    name: str
    key: str
    path: str


def populate(world: World) -> dict[str, Case]:
    """One case a stage, by the name of the stage; in calibration there are two, with an open and a closed ballot."""
    cases = {
        "draft": world.case("ivy"),
        "submitted": world.case("sam", State.SUBMITTED),
        "in review": world.case("theo", State.IN_REVIEW),
        "open ballot": world.case("ada", State.IN_CALIBRATION, scores=(3, 4, 2)),
        "decided": world.case("mona", State.DECIDED),
        "released": world.case("ron", State.RELEASED),
    }
    world.ballot(cases["open ballot"], dict.fromkeys(("kim", "lou", "nat", "ola", "joe")), closed=False)
    world.seal(cases["in review"], cases["in review"].assignments[1], 3)
    decision = cases["decided"].decisions[-1]
    letters.prepare(world.s, decision=decision, actor=world.pia, at=now())
    world.commit()
    return cases


def sights(cases: dict[str, Case]) -> list[Sight]:
    """Every main page, each with somebody who may open it."""
    at = {name: f"/cases/{case.id}" for name, case in cases.items()}
    rows = [
        ("sign-in", "", "/sign-in"),
        ("check a letter", "", "/verify"),
        ("nothing here", "sam", "/no-such-page"),
        *((f"my work of {key}", key, "/") for key in ("pia", "ivy", "kim", "rex", "max", "opal")),
        ("cases", "pia", "/cases"),
        ("open a case", "max", "/cases/new"),
        *((f"case page, {name}", "pia", path) for name, path in at.items() if name != "draft"),
        ("own case page", "ivy", at["draft"]),
        ("withdraw", "ivy", f"{at['draft']}/withdraw"),
        ("return", "pia", f"{at['submitted']}/return"),
        ("history", "pia", f"{at['in review']}/history"),
        ("packet editor", "ivy", f"{at['draft']}/packet/edit"),
        ("new evidence", "ivy", f"{at['draft']}/packet/evidence/new"),
        ("packet", "pia", f"{at['submitted']}/packet"),
        ("referees", "ivy", f"{at['draft']}/referees"),
        ("statement", "max", f"{at['draft']}/statement"),
        ("review queue", "rex", "/reviews"),
        ("scoring form", "rex", f"{at['in review']}/review"),
        ("declare a conflict", "rex", f"{at['in review']}/conflict"),
        ("reviews side by side", "pia", f"{at['open ballot']}/reviews"),
        ("assignments", "pia", f"{CYCLE}/assignments"),
        ("reviewers", "pia", f"{at['submitted']}/reviewers"),
        ("conflicts", "pia", f"{at['in review']}/conflicts"),
        ("calibration", "kim", f"{CYCLE}/calibration"),
        ("calibration of a grade", "kim", f"{CYCLE}/calibration/4"),
        ("position", "kim", f"{at['open ballot']}/position"),
        ("votes", "nat", f"{at['open ballot']}/votes"),
        ("votes, counted", "kim", f"{at['decided']}/votes"),
        ("decision", "kim", f"{at['decided']}/decision"),
        ("decisions", "kim", f"{CYCLE}/decisions"),
        ("letters", "pia", f"{CYCLE}/letters"),
        ("letter", "pia", f"{at['decided']}/letter"),
        ("release letters", "pia", f"{CYCLE}/letters/release"),
        ("appeal", "ron", f"{at['released']}/appeal"),
        ("ladders", "sam", "/ladders"),
        ("ladder map", "sam", "/ladders/engineering"),
        ("level", "sam", "/ladders/engineering/levels/staff"),
        ("compare", "sam", "/ladders/engineering/compare?a=staff&b=sem"),
        ("cycles", "pia", "/cycles"),
        ("new cycle", "pia", "/cycles/new"),
        ("cycle cockpit", "pia", CYCLE),
        ("cycle settings", "pia", f"{CYCLE}/settings"),
        ("committees", "pia", f"{CYCLE}/committees"),
        ("people", "pia", "/people"),
        ("account", "sam", "/account"),
        ("sessions", "sam", "/account/sessions"),
        ("records", "aud", "/records"),
        ("chain", "aud", "/records/verify"),
    ]
    return [Sight(*row) for row in rows]
