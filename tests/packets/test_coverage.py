"""The matrix of evidence: what each competency has, and the questions a careful colleague would ask."""

import html

import pytest

from portal.models.case import Case
from portal.packets import commands
from portal.packets.coverage import Row, coverage
from tests.world import NOW, World

YEAR = 2026


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


def row(competency: str, **changed) -> Row:
    held = {"id": f"r-{competency}-{len(changed)}", "claim": f"Claim for {competency}.", "period": "2025", "link": ""}
    return Row(competency=competency, **{**held, **changed})


def matrix(world: World, case: Case, rows: list[Row], assessed: dict | None = None) -> dict:
    return {part.line.id: part for part in coverage(world.rubric(case), rows, assessed or {}, YEAR)}


def codes(part) -> list[str]:
    return [hint.code for hint in part.hints]


def ids(world: World, case: Case) -> list[str]:
    return [line.id for line in world.rubric(case).competencies]


def must(world: World, case: Case) -> str:
    return next(line.id for line in world.rubric(case).competencies if line.must_have is not None)


def test_each_competency_has_a_line_in_the_rubrics_order(world: World, case) -> None:
    first, second, *_ = ids(world, case)
    rows = [row(first, link="https://example.org"), row(first, id="x", period="Q1 2026", claim="Quite another story.")]
    found = matrix(world, case, rows, {second: 2.0})
    assert list(found) == ids(world, case)
    part = found[first]
    assert (part.rows, part.shown, part.periods, part.bare) == (2, 1, ("2025", "Q1 2026"), False)
    assert (found[second].bare, found[second].value) == (True, 2.0)


def test_an_attached_file_can_be_looked_up_too(world: World, case) -> None:
    first = ids(world, case)[0]
    assert matrix(world, case, [row(first, files=("ab",))])[first].shown == 1


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("March 2023", ["stale"]),
        ("2022 to 2024", []),
        ("2025", []),
        ("last spring", ["undated"]),
        ("Q1 20256", ["undated"]),
    ],
)
def test_old_and_undated_evidence_is_asked_about(world: World, case, period: str, expected: list[str]) -> None:
    first = ids(world, case)[0]
    assert codes(matrix(world, case, [row(first, period=period)])[first]) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"claim": "Took the queue from one team to four in a year, with a plan."}, ["doubled"]),
        ({"claim": "Nothing like it.", "link": "https://example.org/plan"}, ["doubled"]),
        ({"claim": "Nothing like it.", "files": ("ab",)}, ["doubled"]),
        ({"claim": "Nothing like it."}, []),
    ],
)
def test_the_same_thing_twice_is_asked_about_at_its_second_place(world: World, case, changed, expected) -> None:
    first, second, *_ = ids(world, case)
    claim = "Took the queue from one team to four in a year, with a plan."
    once = row(first, claim=claim, link="https://example.org/plan", files=("ab",))
    found = matrix(world, case, [once, row(second, **changed)])
    assert (codes(found[first]), codes(found[second])) == ([], expected)


def test_what_the_candidate_claims_of_themselves_is_held_against_the_bar(world: World, case) -> None:
    line = must(world, case)
    assert codes(matrix(world, case, [row(line)], {line: 2.0})[line]) == ["below_bar"]
    assert str(matrix(world, case, [row(line)], {line: 2.0})[line].hints[0]) == (
        "You place yourself at 2; the bar of this level asks for 3."
    )
    assert codes(matrix(world, case, [row(line)], {line: 3.0})[line]) == ["once_only"]
    assert codes(matrix(world, case, [], {line: 4.0})[line]) == ["once_only"]
    two = [row(line), row(line, id="b", claim="Quite another story.")]
    assert codes(matrix(world, case, two, {line: 3.0})[line]) == []


def test_the_editor_shows_the_matrix_and_must_haves_without_evidence_stand_out(world: World, case, client) -> None:
    line = must(world, case)
    for period in ("2021", "spring"):
        commands.add_evidence(
            world.s,
            case=case,
            actor=world.ada,
            competency_id=line,
            claim="Took the queue to four teams.",
            contribution="Wrote the plan.",
            period=period,
            at=NOW,
        )
    world.commit()
    browser = client(world.ada)
    page = html.unescape(browser.get(f"/cases/{case.id}/packet/edit").text)
    others = [c for c in world.rubric(case).competencies if c.must_have is not None and c.id != line]
    assert page.count("none, and it is required") == len(others)
    assert "“spring”: in which year was it?" in page
    assert "much the same as one for" in page
    part = browser.get(f"/cases/{case.id}/packet/coverage", headers={"HX-Request": "true"})
    assert html.unescape(part.text).strip() in page
    assert browser.get(f"/cases/{case.id}/packet/coverage").location.endswith("/packet/edit#coverage")
