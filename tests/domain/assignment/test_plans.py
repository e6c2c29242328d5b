"""What a plan weighs, keeps and says: preference, balance, links between tracks, and obstacles in words."""

from collections.abc import Iterable

import numpy as np
import pytest

from portal.domain.assignment import Bounds, Problem, Reviewer, WantedCase, assign, link, strata_of
from portal.domain.assignment.flow import fill


def case(n: int, track: str = "ic", *, grade: int = 4, needed: int = 2, family: str = "engineering") -> WantedCase:
    return WantedCase(f"c{n}", f"Case {n}", family, grade, track, needed)


def person(n: int, track: str = "ic", *, grade: int = 4, family: str = "engineering") -> Reviewer:
    return Reviewer(f"r{n}", f"Person {n}", family, grade, track)


def problem(
    cases: Iterable[WantedCase],
    people: Iterable[Reviewer],
    *,
    most: int = 9,
    least: int = 0,
    barred: Iterable[tuple[int, int, int]] = (),
    reasons: tuple[str, ...] = ("They report to Max.", "They are recused from this case."),
    **more: object,
) -> Problem:
    wanted, asked = tuple(cases), tuple(people)
    bar = np.zeros((len(wanted), len(asked)), dtype=np.int64)
    for i, r, why in barred:
        bar[i, r] = why
    return Problem(wanted, asked, Bounds(most, least), bar, reasons, **more)  # type: ignore[arg-type]


def seated(given: Problem) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {c.id: set() for c in given.cases}
    for i, r in assign(given).added:
        found[given.cases[i].id].add(given.reviewers[r].id)
    return found


def test_people_of_the_family_and_at_the_grade_come_first() -> None:
    people = [person(0, family="law"), person(1), person(2, "manager", grade=3), person(3, "manager")]
    assert seated(problem([case(0)], people)) == {"c0": {"r1", "r3"}}


def test_work_is_spread_evenly() -> None:
    given = problem([case(n) for n in range(6)], [person(n, ("ic", "manager")[n % 2]) for n in range(6)])
    assert assign(given).loads == (2, 2, 2, 2, 2, 2)


def test_everybody_gets_the_least_where_there_is_enough() -> None:
    law = [person(n, ("ic", "manager")[n % 2], family="law") for n in range(4, 6)]
    given = problem(
        [case(n) for n in range(4)], [*(person(n, ("ic", "manager")[n % 2]) for n in range(4)), *law], least=1
    )
    assert min(assign(given).loads) == 1


def test_after_a_decline_only_the_empty_seat_is_filled() -> None:
    people = [person(0), person(1, "manager"), person(2, "manager")]
    given = problem([case(0)], people, kept=((0, 0),), barred=[(0, 1, 2)])
    assert assign(given).added == ((0, 2),)


def test_a_case_with_only_its_own_track_gets_one_more() -> None:
    people = [person(0), person(1), person(2, "manager")]
    assert assign(problem([case(0)], people, kept=((0, 0), (0, 1)))).added == ((0, 2),)


def siloed() -> Problem:
    """Cheapest is to keep either track's cases to two closed groups, because the others are strangers to the family."""
    cases = [case(n, ("ic", "manager")[n // 2]) for n in range(4)]
    people = [person(0), person(1, "manager"), person(2), person(3, "manager")]
    barred = [(i, r, 1) for i in (0, 1) for r in (2, 3)] + [(i, r, 1) for i in (2, 3) for r in (0,)]
    return problem(cases, people, barred=barred)


def test_tracks_are_tied_even_where_that_costs_more() -> None:
    given = siloed()
    (stratum,) = strata_of(given)
    plan = assign(given)
    assert plan.ties[0].link.components == 1
    assert plan.ties[0].link.bridges >= 1
    assert link(given, stratum, fill(given, lambda: None).chosen).reviews == 8


def test_two_people_bridge_and_every_group_is_joined() -> None:
    cases = [case(n, ("ic", "manager")[n % 2], needed=2) for n in range(10)]
    people = [person(n, ("ic", "manager")[n % 2]) for n in range(10)]
    plan = assign(problem(cases, people, most=3))
    (tie,) = plan.ties
    assert (tie.holds, tie.link.components, tie.link.bridges >= 2) == (True, 1, True)
    assert plan.shortages == ()


def test_where_nobody_can_cross_the_grade_is_named_and_an_anchor_offered() -> None:
    cases = [case(0), case(1, "manager")]
    people = [person(0), person(1, "manager"), person(2), person(3, "manager")]
    barred = [(0, 2, 1), (0, 3, 1), (1, 0, 1), (1, 1, 1)]
    (lack,) = assign(problem(cases, people, barred=barred), titles=lambda f, g: f"{f} grade {g}").shortages
    assert lack.sentence == (
        "At engineering grade 4 the tracks cannot be tied together: nobody may review both IC and manager cases."
    )
    assert lack.remedy == "Have everybody there score one anchor packet first, or widen who may be asked."
    assert lack.anchor == ("engineering", 4)


def test_an_anchor_packet_ties_what_nobody_can() -> None:
    cases = [case(0), case(1, "manager")]
    people = [person(0), person(1, "manager"), person(2), person(3, "manager")]
    barred = [(0, 2, 1), (0, 3, 1), (1, 0, 1), (1, 1, 1)]
    plan = assign(problem(cases, people, barred=barred, anchored=frozenset({("engineering", 4)})))
    assert (plan.shortages, plan.ties[0].holds, plan.ties[0].anchored) == ((), True, True)


def test_the_binding_constraint_is_said_in_words() -> None:
    people = [person(0), *(person(n, "manager") for n in range(1, 6))]
    barred = [(0, n, 1) for n in (1, 2, 3)] + [(0, 4, 2), (0, 5, 2)]
    (lack,) = assign(problem([case(0)], people, barred=barred)).shortages
    assert lack.sentence == (
        "Case 0 (grade 4) lacks a reviewer from another track: of 5 people of another track at grade 3 or above "
        "3 cannot (they report to Max); 2 cannot (they are recused from this case)."
    )
    assert lack.remedy == "Widen who may be asked, or check whether a recorded conflict still holds."


def test_who_is_full_is_named_with_the_bound_that_would_help() -> None:
    people = [person(0), person(1), person(2), person(3, "manager")]
    lacks = assign(problem([case(0), case(1)], people, most=1)).shortages
    assert [lack.remedy for lack in lacks] == [
        "Allow 2 reviews each (Person 3 could then be asked), or widen who may be asked."
    ]
    assert "1 already has 1 reviews, the most allowed" in lacks[0].sentence


def test_with_nobody_high_enough_it_says_so() -> None:
    (lack,) = assign(problem([case(0)], [])).shortages
    assert lack.sentence == (
        "Case 0 (grade 4) lacks a reviewer from another track: no people of another track at grade 3 or above are left "
        "to ask."
    )


def test_work_can_be_stopped_between_its_stages() -> None:
    class Stopped(Exception):
        pass

    def stop(stage: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        assign(problem([case(0)], [person(0)]), stop)


def test_a_table_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="bar has shape"):
        Problem((case(0),), (), Bounds(1), np.zeros((2, 2), dtype=np.int64))
