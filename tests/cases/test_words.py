"""Steps are told in words, every one."""

from portal.cases.words import STEPS, step_in_words
from portal.domain.case_flow import Action, State
from tests.world import World


def test_every_step_has_words() -> None:
    assert set(STEPS) == set(Action)


def test_the_history_of_a_case_reads_as_people_speak(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    page = client(world.pia).get(f"/cases/{case.id}/history").text
    assert all(f"<td>{step_in_words(line.action)}</td>" in page for line in case.events)
    assert "send to calibration" not in page
