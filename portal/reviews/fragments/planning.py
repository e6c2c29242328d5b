"""The proposal of a search for reviewers: how far it is, whom it would ask for which case, who would have how much, how
the tracks are tied, and what it could not have. And the form that starts one."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases import policy as case_policy
from portal.cycles.fragments import frame
from portal.domain.ladder import Family
from portal.models.case import Case
from portal.models.person import Person
from portal.models.planning import AssignmentRun
from portal.reviews import queries
from portal.reviews.commands import is_applying
from portal.reviews.forms import FindForm
from portal.reviews.jobs import STAGES
from portal.reviews.queries.assignments import Board
from portal.reviews.queries.queue import pinned_families
from portal.web.database import session

PAGE = 100


@dataclass(frozen=True)
class ProposedCase:
    """A case with who reviews it already, who would be asked, and whether that suffices."""

    id: str
    candidate: str
    track_kind: str
    level: str
    grade: int
    kept: tuple[str, ...]
    added: tuple[str, ...]
    missing: int


@dataclass(frozen=True)
class ProposedLoad:
    name: str
    before: int
    added: int

    @property
    def total(self) -> int:
        return self.before + self.added


def search_form(board: Board) -> FindForm:
    """The form as first shown: nobody gets more than somebody has already, or than six."""
    most = max([6, *(load.asked for load in board.loads)])
    return FindForm(formdata=None, data={"most": min(most, 40), "least": 0, "asked": ""})


def progress(run: AssignmentRun) -> dict[str, Any]:
    """What the page shows while a search is under way."""
    words = {
        "gathering": _("Looking up cases, people and conflicts"),
        "seats": _("Filling seats"),
        "links": _("Tying the tracks together"),
        "precision": _("Working out how precise the comparison could be"),
        "done": _("Done"),
    }
    stages = [{"name": words[name], "state": _stand(at, run)} for at, name in enumerate(STAGES[:-1])]
    return {"run": run, "stages": stages, "reached": run.stage, "of": len(STAGES) - 1}


def _stand(at: int, run: AssignmentRun) -> str:
    return "done" if at < run.stage else "current" if at == run.stage else "next"


def plan_page(actor: Person, run: AssignmentRun, *, page: int = 1) -> dict[str, Any]:
    """Everything of a search, as far as its cases are still this person's to run."""
    shown = {**frame(run.cycle, now()), **progress(run), "plan": None, "applied": run.request.get("applying")}
    if is_applying(run):
        return shown
    return shown | {"plan": _plan(actor, run, run.result, page)} if run.result is not None else shown


def _plan(actor: Person, run: AssignmentRun, result: dict[str, Any], page: int) -> dict[str, Any]:
    s = session()
    cases = {case.id: case for case in queries.runnable(s, run.cycle_id, actor) if case.id in set(result["cases"])}
    gone = len(result["cases"]) - len(cases)
    added: dict[str, list[str]] = defaultdict(list)
    for case_id, person_id in result["added"]:
        if case_id in cases and not any(a.reviewer_id == person_id for a in cases[case_id].active_assignments):
            added[case_id].append(person_id)
    seated = {a.reviewer_id for case in cases.values() for a in queries.counted(case)}
    people = queries.people_by_id(s, seated | set(result["people"]))
    families = pinned_families(s, {case.rubric_hash for case in cases.values()})
    rows = [_row(case, added[case.id], people, families) for case in cases.values() if added[case.id]]
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(1, page), pages)
    return {
        "rows": rows[(page - 1) * PAGE : page * PAGE],
        "total": len(rows),
        "seats": sum(map(len, added.values())),
        "page": page,
        "pages": pages,
        "gone": gone,
        "loads": (loads := _loads(queries.load_by_person(s, run.cycle_id, actor), added, people)),
        "idle": len(result["people"]) - len(loads),
        "shortages": [lack for lack in result["shortages"] if set(lack["cases"]) <= set(cases)],
        "ties": [] if gone else [_tie(tie, families) for tie in result["ties"]],
        "margin": run.cycle.margin,
        "gap": result["gap"],
        "seconds": result["seconds"],
    }


def _row(case: Case, added: list[str], people: dict[str, Person], families: dict[str, Family]) -> ProposedCase:
    kept = [a for a in queries.counted(case) if not case_policy.conflict(people[a.reviewer_id], case)]
    return ProposedCase(
        id=case.id,
        candidate=case.candidate.name,
        track_kind=case.track_kind,
        level=families[case.rubric_hash].level(case.to_level_id).title,
        grade=case.grade,
        kept=tuple(sorted(people[a.reviewer_id].name for a in kept)),
        added=tuple(sorted(people[person_id].name for person_id in added)),
        missing=max(0, case.reviewers_needed - len(kept) - len(added)),
    )


def _loads(before: dict[str, int], added: dict[str, list[str]], people: dict[str, Person]) -> list[ProposedLoad]:
    """Everybody asked who has or would get a review in this cycle, most first."""
    new = Counter(person_id for given in added.values() for person_id in given)
    found = [ProposedLoad(people[i].name, before.get(i, 0), new[i]) for i in {*new, *before} if i in people]
    return sorted(found, key=lambda load: (-load.total, load.name))


def _tie(tie: dict[str, Any], families: dict[str, Family]) -> dict[str, Any]:
    names = {family.id: family.name for family in families.values()}
    return {**tie, "family_name": names.get(tie["family"], tie["family"])}
