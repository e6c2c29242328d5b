"""Whoever releases is told where so few wrote or voted that the candidate can tell who it was; writers are told before
they write, without learning how many they are."""

import pytest

from portal.adapters.storage import Storage
from portal.domain.case_flow import State
from portal.letters.queries import small_panels
from portal.models.case import Case
from portal.models.packet import Referee, RefereeState
from portal.packets.commands.referees import TOLD
from tests.letters.stages import ready
from tests.statements import statements
from tests.world import NOW, World


def answered(world: World, case: Case, who: str, *, told: str = TOLD) -> None:
    case.referees.append(
        Referee(
            person=getattr(world, who),
            pseudonym=f"Referee {who.upper()}",
            state=RefereeState.ANSWERED,
            answers={"result-1": "Seen."},
            reason_not_to="None yet.",
            proposed_by_id=case.candidate_id,
            proposed_at=NOW,
            answered_at=NOW,
            told=told,
        )
    )
    world.s.flush()


def few(world: World, case: Case) -> tuple[int, int, int] | None:
    found = small_panels(world.s, [case])
    return (found[0].referees, found[0].reviewers, found[0].voters) if found else None


def test_one_or_two_feedbacks_tell_their_writer_and_three_do_not(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    answered(world, case, "rob", told="")
    assert few(world, case) is None
    answered(world, case, "kim")
    answered(world, case, "lou")
    assert few(world, case) == (2, 0, 0)
    answered(world, case, "nat")
    assert few(world, case) is None


def test_few_reviews_and_few_votes_are_named_on_the_page_that_releases(world: World, storage: Storage, client) -> None:
    case = ready(world, storage).case
    ready(world, storage, "ivy")
    case.assignments[0].ended_at = NOW
    nat = next(e for e in case.ballots[-1].electors if e.person_id == world.nat.id)
    nat.choice = nat.voted_at = None
    world.s.flush()
    assert few(world, case) == (0, 2, 2)
    world.commit()
    page = client(world.pia).get("/cycles/spring-2026/letters/release").text
    named = page.partition("So few wrote or voted here")[2].partition("</ul>")[0]
    assert "Ada Marchetti: 2 reviews behind the words of the letter. 2 votes in the tally.</li>" in named
    assert "Ivy Novak" not in named


def test_the_number_of_statements_does_not_depend_on_the_cases(world: World, engine) -> None:
    cases = [world.case("ada", State.DECIDED), world.case("ivy", State.DECIDED)]
    with statements(engine) as one:
        small_panels(world.s, cases[:1])
    with statements(engine) as two:
        small_panels(world.s, cases)
    assert (len(one), len(two)) == (3, 3)


@pytest.mark.parametrize("others", [(), ("kim", "lou", "nat")])
def test_a_referee_is_told_in_words_that_count_nobody(world: World, client, others: tuple[str, ...]) -> None:
    case = world.case("ada", State.SUBMITTED)
    answered(world, case, "rob")
    for who in others:
        answered(world, case, who)
    world.commit()
    assert (
        "Where fewer than three answer, a random name hides nobody"
        in client(world.rob).get(f"/cases/{case.id}/feedback").text
    )


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (3, "Where fewer than three review a case, a random name hides nobody."),
        (2, "This cycle asks for 2 reviews of a case: with so few, a random name hides nobody."),
    ],
)
def test_a_reviewer_is_told_before_the_packet_opens(world: World, client, needed: int, said: str) -> None:
    world.cycle.min_reviewers = needed
    case = world.case("ada", State.IN_REVIEW)
    case.assignments[0].no_conflict_at = None
    world.commit()
    assert said in client(case.assignments[0].reviewer).get(f"/cases/{case.id}/review/before").text
