"""Searching for reviewers: what a proposal holds, whom it leaves out, that only its asker sees it, and how much of it
is applied."""

from collections.abc import Callable

import pytest

from portal.app import outbox_of
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.planning import AssignmentRun, RunState
from portal.reviews import commands, queries
from portal.reviews.commands import applying
from portal.reviews.jobs import PlanApplier, ReviewerSearch
from portal.reviews.policy import can_keep_run
from tests.conftest import Browser
from tests.statements import statements
from tests.world import NOW, World

Client = Callable[..., Browser]
BOARD = "/cycles/spring-2026/assignments"


def asked(
    world: World, *, who: str = "pia", most: int = 6, least: int = 0, only: tuple[str, ...] = ()
) -> AssignmentRun:
    actor = getattr(world, who)
    return commands.find_reviewers(world.s, cycle=world.cycle, actor=actor, most=most, least=least, asked=only, at=NOW)


def searched(world: World, engine, **how) -> AssignmentRun:
    run = asked(world, **how)
    world.commit()
    ReviewerSearch(engine)({"run": run.id}, "")
    world.s.refresh(run)
    return run


def proposed(world: World, run: AssignmentRun, case: Case) -> set[str]:
    names = {person.id: key for key, person in world.everyone.items()}
    assert run.result is not None
    return {names[person] for case_id, person in run.result["added"] if case_id == case.id}


@pytest.fixture
def two(world: World) -> tuple[Case, Case]:
    """One submitted case of either track."""
    return world.case("ada", State.SUBMITTED), world.case("mona", State.SUBMITTED)


def test_every_seat_is_filled_by_people_without_a_conflict(world: World, engine, two) -> None:
    run = searched(world, engine)
    assert (run.state, run.problem) == (RunState.DONE, "")
    assert not proposed(world, run, two[0]) & {"ada", "max"}
    assert "mona" not in proposed(world, run, two[1])
    for case in two:
        found = proposed(world, run, case)
        assert len(found) == 3
        assert not found & {"dana", "vera", "cleo", "pia", "theo", "aud"}
        kinds = {queries.standing_of(world.s, case, getattr(world, key)).track_kind for key in found}
        assert kinds == {"ic", "manager"}


def test_a_recused_person_and_a_statement_writer_are_left_out(world: World, engine, two) -> None:
    ada, _ = two
    line = {"source": ConflictSource.DECLARED, "reason": "", "declared_by_id": world.rae.id, "at": NOW}
    ada.recusals.append(Recusal(person=world.rae, **line))
    assert "rae" not in proposed(world, searched(world, engine), ada)


def test_only_those_named_are_asked_and_what_is_missing_is_said(world: World, engine, two) -> None:
    run = searched(world, engine, only=("rex@example.org", "rob@example.org"))
    ada, _ = two
    assert proposed(world, run, ada) <= {"rex", "rob"}
    assert run.result is not None
    sentences = [lack["sentence"] for lack in run.result["shortages"]]
    assert any(
        sentence.startswith("Ada Marchetti (grade 4) lacks a reviewer from another track") for sentence in sentences
    )


def test_after_a_decline_the_others_stay_and_only_the_seat_is_filled(world: World, engine, two) -> None:
    ada, _ = two
    for key in ("rex", "rae", "rob"):
        commands.assign(world.s, case=ada, reviewer=getattr(world, key), actor=world.pia, at=NOW)
    commands.unassign(world.s, assignment=ada.active_assignments[0], actor=world.pia, reason="no time", at=NOW)
    run = searched(world, engine)
    found = proposed(world, run, ada)
    assert len(found) == 1
    assert not found & {"rex", "rae", "rob"}


def test_a_people_partners_own_case_is_in_no_search_of_theirs(world: World, engine, two) -> None:
    own = world.case("theo", State.SUBMITTED)
    run = searched(world, engine, who="theo")
    assert run.result is not None
    assert own.id not in run.result["cases"]
    assert own.id in (searched(world, engine).result or {})["cases"]


def test_a_search_is_seen_by_nobody_but_its_asker(world: World, client: Client, engine, two) -> None:
    run = searched(world, engine)
    url = f"{BOARD}/searches/{run.id}"
    assert client(world.pia).get(url).status_code == 200
    assert [client(getattr(world, key)).get(url).status_code for key in ("theo", "kim", "rex", "ada")] == [404] * 4
    assert bool(can_keep_run(world.pia, run)) is True
    for verb in ("cancel", "apply"):
        assert client(world.theo).post(f"{url}/{verb}").status_code == 404


def test_bounds_and_addresses_that_make_no_sense_are_refused(world: World, two) -> None:
    with pytest.raises(InvalidInput, match="Most reviews each"):
        asked(world, most=2, least=3)
    with pytest.raises(InvalidInput, match=r"nobody here has nobody@example\.org"):
        asked(world, only=("nobody@example.org",))


def test_one_search_at_a_time(world: World, two) -> None:
    asked(world)
    with pytest.raises(Refused, match="under way already"):
        asked(world)


def test_a_stopped_search_stays_stopped_whatever_the_worker_does(world: World, engine, two) -> None:
    run = asked(world)
    commands.cancel(world.s, run=run, actor=world.pia, at=NOW)
    world.commit()
    ReviewerSearch(engine)({"run": run.id}, "")
    world.s.refresh(run)
    assert (run.state, run.result) == (RunState.CANCELLED, None)


def test_a_search_that_is_told_to_stop_half_way_keeps_nothing(world: World, engine, two, monkeypatch) -> None:
    run = asked(world)
    world.commit()

    def told_to_stop(problem, report, titles):
        commands.cancel(world.s, run=world.fresh(run), actor=world.pia, at=NOW)
        world.commit()
        report("links")
        raise AssertionError("it went on")

    monkeypatch.setattr("portal.reviews.jobs.assign", told_to_stop)
    ReviewerSearch(engine)({"run": run.id}, "")
    assert world.fresh(run).state is RunState.CANCELLED


def test_a_search_that_breaks_says_so_and_changes_nothing(world: World, engine, two, monkeypatch) -> None:
    run = asked(world)
    world.commit()

    def broken(problem, report, titles):
        raise ZeroDivisionError

    monkeypatch.setattr("portal.reviews.jobs.assign", broken)
    with pytest.raises(ZeroDivisionError):
        ReviewerSearch(engine)({"run": run.id}, "")
    found = world.fresh(run)
    assert (found.state, found.problem[:20]) == (RunState.FAILED, "The search broke off")


def test_the_ticked_cases_get_their_reviewers_and_the_others_wait(world: World, client: Client, engine, two) -> None:
    ada, mona = two
    run = searched(world, engine)
    browser, url = client(world.pia), f"{BOARD}/searches/{run.id}"
    assert browser.post(f"{url}/apply", data={"cases": [ada.id]}).status_code == 303
    world.s.rollback()
    assert (len(ada.active_assignments), len(mona.active_assignments)) == (3, 0)
    page = browser.get(url).text
    assert page.count('name="cases"') == 1
    assert browser.post(f"{url}/apply", data={"everything": "1"}).status_code == 303
    world.s.rollback()
    assert len(mona.active_assignments) == 3
    assert "There is nobody left to ask" in browser.get(url).text


def test_very_many_cases_are_asked_for_beside_the_request(
    world: World, client: Client, engine, two, monkeypatch
) -> None:
    run = searched(world, engine)
    monkeypatch.setattr(commands, "AT_ONCE", 1)
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    browser, url = client(world.pia), f"{BOARD}/searches/{run.id}"
    assert browser.post(f"{url}/apply", data={"everything": "1"}).status_code == 303
    assert "0 of 2 cases" in browser.get(url).text
    assert browser.get(f"{url}/progress").headers["HX-Refresh"] == "true"
    assert browser.post(f"{url}/apply", data={"everything": "1"}).status_code == 409
    world.s.rollback()
    assert commands.apply_some(world.s, run=world.fresh(run), at=NOW)
    world.commit()
    assert "1 of 2 cases" in browser.get(url).text
    assert sorted(len(case.active_assignments) for case in two) == [0, 3]
    world.s.rollback()
    for _ in range(2):
        PlanApplier(engine)({"run": run.id}, "")
    world.s.rollback()
    assert [len(world.fresh(case).active_assignments) for case in two] == [3, 3]
    assert "Asked in the background: 6 reviews." in browser.get(url).text


def test_an_order_is_given_by_whoever_asked_for_the_search(world: World, engine, two) -> None:
    run = searched(world, engine)
    with pytest.raises(Refused, match="no proposal to apply"):
        commands.order_plan(world.s, run=run, actor=world.theo, case_ids=[two[0].id], at=NOW)


def test_what_has_changed_since_is_looked_at_again(world: World, engine, two) -> None:
    ada, _ = two
    run = searched(world, engine)
    key = sorted(proposed(world, run, ada))[0]
    person = getattr(world, key)
    line = {"source": ConflictSource.DECLARED, "reason": "", "declared_by_id": person.id, "at": NOW}
    ada.recusals.append(Recusal(person=person, **line))
    world.s.flush()
    done, refusals = commands.apply_plan(world.s, run=run, actor=world.pia, case_ids=[ada.id], at=NOW)
    assert (done, refusals) == (
        2,
        [f"{person.name} cannot review this case. They are recused from this case."],
    )


def test_a_case_that_became_closed_to_the_asker_leaves_the_page(world: World, client: Client, engine, two) -> None:
    ada, _ = two
    run = searched(world, engine)
    line = {"source": ConflictSource.DECLARED, "reason": "", "declared_by_id": world.pia.id, "at": NOW}
    ada.recusals.append(Recusal(person=world.pia, **line))
    world.commit()
    page = client(world.pia).get(f"{BOARD}/searches/{run.id}").text
    assert "Ada Marchetti" not in page
    assert "How the tracks would be tied" not in page
    assert "Mona Fischer" in page


def test_from_the_form_to_the_proposal_by_reload_alone(world: World, client: Client, app, two) -> None:
    world.commit()
    browser = client(world.pia)
    assert 'name="most"' in browser.get(BOARD).text
    answer = browser.post(f"{BOARD}/search", data={"most": "6", "least": "0", "asked": ""})
    assert answer.status_code == 303
    waiting = browser.get(answer.location).text
    assert "Step 1 of 4" in waiting
    progress = f"{answer.location}/progress"
    assert browser.get(f"{progress}?since=0").status_code == 204
    outbox_of(app).run_due()
    assert browser.get(f"{progress}?since=0").headers["HX-Refresh"] == "true"
    done = browser.get(answer.location).text
    assert "Whom it would ask" in done
    assert "How the tracks would be tied" in done


def test_a_form_that_makes_no_sense_comes_back_with_what_was_typed(world: World, client: Client, two) -> None:
    world.commit()
    answer = client(world.pia).post(f"{BOARD}/search", data={"most": "6", "least": "0", "asked": "nobody@example.org"})
    assert answer.status_code == 422
    assert "nobody here has nobody@example.org" in answer.text.lower()
    assert ">nobody@example.org</textarea>" in answer.text.replace("\r\n", "")


@pytest.mark.parametrize("n", [1, 3])
def test_a_proposal_costs_the_same_at_any_length(world: World, client: Client, engine, n: int) -> None:
    for key in ("ada", "ivy", "ron")[:n]:
        world.case(key, State.SUBMITTED)
    run = searched(world, engine)
    browser, url = client(world.pia), f"{BOARD}/searches/{run.id}"
    browser.get(url)
    with statements(engine) as page:
        browser.get(url)
    with statements(engine) as made:
        queries.ground(world.s, world.cycle.id, world.pia)
    assert (len(page), len(made)) == (11, 11)
