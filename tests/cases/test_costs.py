"""What one case's page costs: the same however much hangs on the case."""

from datetime import timedelta

import pytest

from portal.cases import queries
from portal.domain.case_flow import State
from portal.models.case import ConflictSource, Extension, Recusal
from portal.models.packet import Referee
from tests.statements import statements
from tests.world import NOW, World

PEOPLE = ("sam", "ola", "joe")


def laden(world: World, n: int) -> str:
    """A case in review with `n` recusals, extensions and referees."""
    case = world.case("ada", State.IN_REVIEW)
    for number, who in enumerate(PEOPLE[:n]):
        person = getattr(world, who)
        said = {"person": person, "source": ConflictSource.DECLARED, "reason": "", "declared_by_id": person.id}
        case.recusals.append(Recusal(**said, at=NOW))
        until = NOW + timedelta(days=number + 30)
        case.extensions.append(Extension(until=until, reason="ill", granted_by_id=world.pia.id, granted_at=NOW))
        asked = {"proposed_by_id": world.ada.id, "proposed_at": NOW, "answers": {}}
        case.referees.append(Referee(person=person, pseudonym=f"R{number}", **asked))
    world.commit()
    return str(case.id)


@pytest.mark.parametrize("n", [1, 3])
def test_the_page_of_one_case_costs_twelve_statements(world: World, client, engine, n: int) -> None:
    case_id = laden(world, n)
    browser = client(world.pia)
    browser.get(f"/cases/{case_id}")
    with statements(engine) as page:
        assert browser.get(f"/cases/{case_id}").status_code == 200
    assert len(page) == 12


def test_rows_that_come_along_with_a_case_are_there_once(world: World) -> None:
    case_id = laden(world, 3)
    world.s.expunge_all()
    found = queries.case(world.s, case_id=case_id)
    assert found is not None
    assert [len(rows) for rows in (found.recusals, found.extensions, found.referees, found.assignments)] == [3, 3, 3, 3]


def test_the_facts_name_must_haves_without_evidence(world: World) -> None:
    case = world.case("ada", State.DRAFT)
    rubric = queries.rubric_of(case)
    must = [line.name for line in rubric.competencies if line.must_have is not None]
    evidence = world.s.query(queries.Evidence).filter_by(case_id=case.id)
    evidence.delete()
    assert list(queries.facts_for(world.s, case, NOW).evidence_missing) == must
