"""A letter that does not say what the record says is caught, whatever was changed, and nothing of the batch leaves."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from portal.adapters.storage import Storage
from portal.decisions.queries import forbidden_names
from portal.domain.case_flow import State
from portal.letters import queries
from portal.letters.checks import clause_exists, problems_of
from portal.letters.commands import DisagreesWithRecord, release
from portal.models.audit import digest
from portal.models.calibration import Choice, Standing
from portal.models.decision import Outcome
from portal.models.letter import Letter
from tests.letters.stages import PROMOTED, prepared, ready
from tests.world import NOW, World

Data = dict[str, Any]


def problems(world: World, letter: Letter, data: Data | None = None) -> list[str]:
    data = data or letter.data
    sources = queries.sources_of(world.s, letter.decision)
    return list(problems_of(data, digest(data), sources, forbidden_names=forbidden_names(letter.case)))


@pytest.mark.parametrize("outcome", PROMOTED)
@pytest.mark.parametrize("who", ["ada", "mona"])
def test_a_letter_straight_from_the_record_has_no_problem(world: World, who: str, outcome: Outcome) -> None:
    assert problems(world, prepared(world, who, outcome)) == []


def put(value: Any, *path: Any) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        place: Any = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


TAMPERED = {
    "tally": (put(9, "tally", "for"), "The tally in the letter, 9 for, 0 against, 1 abstain, 1 absent, 1 recused"),
    "recusals": (put(0, "tally", "recused"), "The tally in the letter"),
    "a name": (put("Ada Marchesi", "candidate"), "The names differ from the directory: Ada Marchetti, Max Brandt."),
    "the manager": (put("", "manager"), "The names differ from the directory"),
    "the level": (
        put("Principal Engineer", "to", "title"),
        "The level “Principal Engineer” is not the one on the case",
    ),
    "the grade": (put(5, "to", "grade"), "The level “Staff Engineer” is not the one on the case"),
    "the rubric": (put("0" * 64, "rubric", "hash"), "another rubric than the one"),
    "the outcome": (put("deferred", "outcome"), "The letter says “deferred”, the decision “approved”."),
    "the reasons": (put("They were great.", "reasons"), "The reasons are not those of the decision."),
    "a part": (put({"met_on": "2026-03-16"}, "part"), "a part that belongs to another outcome"),
    "the last day": (put("2026-04-30", "appeal", "last_day"), "The last day for an appeal would be 2026-04-06"),
    "the effective day": (put("2026-01-01", "part", "effective_on"), "The day from which the level holds"),
    "the two bars": (put("The bars are equal.", "equivalence"), "The line about the two bars"),
    "the evidence": (put("Saved the company.", "strongest", "claim"), "The evidence quoted is not what was submitted."),
    "a raw score": (put("at 3.33", "results", 0, "words"), "The letter gives away a score: 3.33."),
    "a reviewer": (put("said rae okonkwo", "results", 0, "words"), "The letter names Rae Okonkwo"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_each_change_is_caught(world: World, what: str) -> None:
    change, says = TAMPERED[what]
    letter = prepared(world)
    data = deepcopy(letter.data)
    change(data)
    assert [p for p in problems(world, letter, data) if says in p], problems(world, letter, data)


def test_a_change_after_freezing_is_caught_by_the_hash(world: World) -> None:
    letter = prepared(world)
    data = letter.data | {"paper": "letter"}
    sources = queries.sources_of(world.s, letter.decision)
    found = problems_of(data, letter.data_sha256, sources, forbidden_names=[])
    assert found == (
        "The frozen text was changed after it was prepared: its hash does not fit. Prepare the letter again.",
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("must_have:heading", "part", "clauses", 1, "code"), "The rubric of this case has no clause"),
        (put("minimum_each:depth", "part", "clauses", 1, "code"), "The clauses in the letter are not those"),
        (put("Leads the company.", "part", "clauses", 1, "expectation"), "The expectation quoted for “Technical"),
    ],
)
def test_a_clause_the_rubric_or_the_decision_does_not_have_is_caught(world: World, change, says: str) -> None:
    letter = prepared(world, outcome=Outcome.NOT_YET)
    data = deepcopy(letter.data)
    change(data)
    assert [p for p in problems(world, letter, data) if says in p], problems(world, letter, data)


def test_which_clauses_a_rubric_has(world: World) -> None:
    rubric = world.rubric(prepared(world).case)
    real = ["weighted_mean", "minimum_each:depth", "must_have:teaching"]
    made_up = ["weighted_mean:depth", "minimum_each:heading", "must_have:depth", "must_have", "best_of:depth"]
    assert [c for c in [*real, *made_up] if clause_exists(rubric, c)] == real


def test_a_vote_changed_after_the_letter_was_set_stops_the_whole_release(
    world: World, storage: Storage, frozen_clock
) -> None:
    first, second = ready(world, storage, "ada"), ready(world, storage, "mona")
    kim = next(e for e in second.decision.ballot.electors if e.person_id == world.kim.id)
    kim.choice = Choice.ABSTAIN
    assert kim.standing is Standing.ELIGIBLE
    world.s.flush()
    with pytest.raises(DisagreesWithRecord) as refused:
        release(world.s, cases=[first.case, second.case], actor=world.pia, at=NOW)
    assert [p.split(":")[0] for p in refused.value.problems] == ["Mona Fischer"]
    assert (first.case.state, first.decision.released_at) == (State.DECIDED, None)
