"""A trial from its letter to its end: it begins with the release, runs its time, and leads home until its day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.adapters.storage import Storage
from portal.cases.commands import open_case
from portal.cycles.commands import create_cycle
from portal.domain.case_flow import Action, Facts, State
from portal.domain.case_types import CaseType, Outcome
from portal.domain.problems import InvalidInput, Refused
from portal.domain.rubric_files import read_folder
from portal.home.queries.own import openings
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.trial import Trial, TrialEnd
from portal.settings import ROOT
from portal.trials import policy, queries
from portal.trials.commands import begin, confirm, go_home
from tests.letters.stages import released
from tests.world import World

STARTS, ENDS, HOME = date(2026, 5, 1), date(2026, 10, 31), date(2027, 4, 30)
LATE = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
SHOWED = "Two people grew, and the team ships."


@pytest.fixture
def switched(world: World, tmp_path) -> Case:
    storage = Storage.from_url(f"file://{tmp_path}/letters")
    case = released(world, storage, "ada", Outcome.APPROVED_ON_TRIAL, case_type=CaseType.SWITCH)
    world.commit()
    return case


def trial_of(world: World, case: Case) -> Trial:
    found = queries.trial(world.s, case_id=case.id)
    assert found is not None
    return found


def test_it_begins_with_the_release_and_has_the_days_of_the_letter(world: World, switched: Case) -> None:
    trial = trial_of(world, switched)
    assert (trial.starts_on, trial.ends_on, trial.return_until) == (STARTS, ENDS, HOME)
    assert trial.home_level_id == "senior"
    letter = switched.decisions[-1].letter
    assert letter.data["part"]["trial"] == {
        "starts_on": "2026-05-01",
        "ends_on": "2026-10-31",
        "return_until": "2027-04-30",
    }


def test_no_other_outcome_begins_one(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    assert begin(world.s, decision=case.decisions[-1], actor=world.pia, at=world.now) is None
    assert queries.trial(world.s, case_id=case.id) is None
    assert queries.trial(world.s, case_id="nothing") is None


def test_its_end_is_recorded_with_reason_and_actor_and_both_are_told(world: World, switched: Case) -> None:
    trial = trial_of(world, switched)
    end = confirm(world.s, trial=trial, actor=world.pia, reason=SHOWED, at=LATE)
    assert (end.outcome, end.effective_on, end.by) == (TrialEnd.CONFIRMED, date(2026, 11, 1), world.pia)
    event = world.s.scalars(select(AuditEvent).where(AuditEvent.action == "trial_confirmed")).one()
    assert event.actor_id == world.pia.id
    mails = world.s.scalars(select(OutboxRow).where(OutboxRow.key.startswith("mail:trial-"))).all()
    assert {m.payload["to"] for m in mails} == {world.ada.id, world.max.id}


def test_a_trial_runs_its_time(world: World, switched: Case) -> None:
    early = LATE - timedelta(days=30)
    with pytest.raises(Refused, match="runs until 31 Oct 2026; it can be confirmed from 01 Oct 2026 on"):
        confirm(world.s, trial=trial_of(world, switched), actor=world.pia, reason=SHOWED, at=early)


def test_an_end_without_a_reason_is_none(world: World, switched: Case) -> None:
    with pytest.raises(InvalidInput, match="Say what the trial showed"):
        confirm(world.s, trial=trial_of(world, switched), actor=world.pia, reason="Fine.", at=LATE)


def test_it_is_confirmed_once(world: World, switched: Case) -> None:
    trial = trial_of(world, switched)
    confirm(world.s, trial=trial, actor=world.pia, reason=SHOWED, at=LATE)
    with pytest.raises(Refused, match="confirmed already"):
        confirm(world.s, trial=trial, actor=world.pia, reason=SHOWED, at=LATE)


def test_the_way_home_needs_no_reason_and_stays_open_after_it_was_confirmed(world: World, switched: Case) -> None:
    trial = trial_of(world, switched)
    confirm(world.s, trial=trial, actor=world.pia, reason=SHOWED, at=LATE)
    at = datetime(2027, 4, 30, 12, 0, tzinfo=UTC)
    end = go_home(world.s, trial=trial, actor=world.ada, reason="", effective_on=date(2027, 5, 1), at=at)
    assert [e.outcome for e in trial.ends] == [TrialEnd.CONFIRMED, TrialEnd.RETURNED]
    assert trial.end is end
    with pytest.raises(Refused, match="the person went home"):
        go_home(world.s, trial=trial, actor=world.ada, reason="", effective_on=date(2027, 5, 1), at=at)


def test_after_its_last_day_the_way_home_is_closed(world: World, switched: Case) -> None:
    at = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="was open until 30 Apr 2027"):
        go_home(
            world.s, trial=trial_of(world, switched), actor=world.ada, reason="", effective_on=date(2027, 6, 1), at=at
        )


def test_a_partner_who_records_it_says_what_was_agreed_and_the_day_lies_ahead(world: World, switched: Case) -> None:
    trial = trial_of(world, switched)
    with pytest.raises(InvalidInput, match="what was agreed"):
        go_home(world.s, trial=trial, actor=world.pia, reason="", effective_on=ENDS, at=LATE)
    with pytest.raises(InvalidInput, match="lies ahead"):
        go_home(world.s, trial=trial, actor=world.ada, reason="", effective_on=date(2026, 10, 1), at=LATE)


def test_what_was_decided_stays(world: World, switched: Case) -> None:
    end = confirm(world.s, trial=trial_of(world, switched), actor=world.pia, reason=SHOWED, at=LATE)
    end.reason = "Rewritten."
    with pytest.raises(RuntimeError, match="never changes"):
        world.s.flush()


def test_no_case_is_opened_while_a_trial_is_undecided(world: World, switched: Case) -> None:
    world.ada.level_id = "em"
    with pytest.raises(Refused, match="on trial"):
        open_case(world.s, actor=world.ada, candidate=world.ada, cycle=world.cycle, at=world.now)
    confirm(world.s, trial=trial_of(world, switched), actor=world.pia, reason=SHOWED, at=LATE)
    assert (
        open_case(world.s, actor=world.ada, candidate=world.ada, cycle=world.cycle, at=world.now).to_level_id == "sem"
    )


def test_the_front_page_offers_no_case_while_a_trial_is_undecided(world: World, switched: Case) -> None:
    days = [LATE + timedelta(days=n) for n in (-1, 14, 35, 56)]
    dates = dict(zip(("opens_at", "submit_by", "review_by", "decide_by"), days, strict=True))
    library = read_folder(ROOT / "rubrics")
    named = {"slug": "autumn-2026", "name": "Autumn 2026", "families": ["engineering"], "library": library}
    create_cycle(world.s, actor=world.pia, at=LATE, margin=None, min_reviewers=None, **named, **dates)
    world.ada.level_id = "em"
    assert openings(world.s, world.ada, LATE) == []
    confirm(world.s, trial=trial_of(world, switched), actor=world.pia, reason=SHOWED, at=LATE)
    assert [opening.name for opening in openings(world.s, world.ada, LATE)] == ["Autumn 2026"]


def test_a_decision_that_takes_its_place_ends_the_trial_of_the_first(world: World, switched: Case) -> None:
    before = switched.decisions[-1]
    assert [line.case_id for line in queries.kept_in_mind(world.s, world.pia, LATE)] == [switched.id]
    later = type(before)(
        number=2,
        ballot=before.ballot,
        bar_check=before.bar_check,
        outcome=Outcome.DECLINED,
        reasons="After the appeal the committee looked again.",
        unmet=[],
        position=before.position,
        recorded_by_id=world.kim.id,
        recorded_at=world.now,
        confirmed_by_id=world.nat.id,
        confirmed_at=world.now,
        released_at=world.now,
    )
    switched.decisions.append(later)
    world.s.flush()
    assert queries.trial(world.s, case_id=switched.id) is None
    assert queries.kept_in_mind(world.s, world.pia, LATE) == []


def test_who_may_know_of_it_and_who_ends_it(world: World, switched: Case) -> None:
    trial = trial_of(world, switched)
    people = world.everyone
    seen = {key for key, person in people.items() if policy.can_see(person, trial)}
    assert seen == {"ada", "max", "pia", "theo", "kim", "lou", "nat", "ola", "joe"}
    assert {k for k, p in people.items() if policy.can_confirm(p, trial)} == {"pia", "theo"}
    assert {k for k, p in people.items() if policy.can_return(p, trial)} == {"ada", "pia", "theo"}
    assert not policy.can_confirm(world.max, trial).hidden
    assert not policy.can_return(world.max, trial).hidden
    assert policy.can_confirm(world.rex, trial).hidden
    assert policy.can_return(world.rex, trial).hidden


def test_the_page_opens_for_them_and_is_not_there_for_others(world: World, client, switched: Case) -> None:
    path = f"/cases/{switched.id}/trial"
    answers = {key: client(person).get(path).status_code for key, person in world.everyone.items()}
    assert {k for k, code in answers.items() if code == 200} == {
        "ada",
        "max",
        "pia",
        "theo",
        "kim",
        "lou",
        "nat",
        "ola",
        "joe",
    }
    assert set(answers.values()) == {200, 404}
    world.s.rollback()
    other = world.case("mona", State.RELEASED)
    world.commit()
    assert client(world.pia).get(f"/cases/{other.id}/trial").status_code == 404


def test_a_partner_confirms_on_the_page(world: World, client, switched: Case, frozen_clock) -> None:
    path = f"/cases/{switched.id}/trial"
    assert "it can be confirmed from 1 Oct 2026 on" in client(world.pia).get(path).text
    frozen_clock.move_to(LATE)
    browser = client(world.pia)
    assert "Record how the trial ended" in browser.get(f"/cases/{switched.id}").text
    refused = browser.post(f"{path}/confirm", data={"reason": "Fine."})
    assert refused.status_code == 422
    assert browser.post(f"{path}/confirm", data={"reason": SHOWED}).status_code == 303
    page = browser.get(path).text
    assert SHOWED in page
    assert "The directory should say Engineering Manager by now." in page
    assert client(world.max).post(f"{path}/confirm", data={"reason": SHOWED}).status_code == 403
    assert client(world.rex).post(f"{path}/confirm", data={"reason": SHOWED}).status_code == 404


def test_one_goes_home_on_the_page(world: World, client, switched: Case) -> None:
    path = f"/cases/{switched.id}/trial"
    browser = client(world.ada)
    assert "you owe nobody a reason" in browser.get(path).text
    assert browser.post(f"{path}/home", data={"effective_on": ""}).status_code == 422
    early = browser.post(f"{path}/home", data={"effective_on": "2026-03-01"})
    assert early.status_code == 422
    assert "Choose a day that lies ahead" in early.text
    assert browser.post(f"{path}/home", data={"effective_on": "2026-06-01"}).status_code == 303
    page = browser.get(path).text
    assert "back home" in page
    assert 'name="effective_on"' not in page
    assert "should say" not in client(world.pia).get(path).text


def test_after_the_end_is_overdue_it_says_so(world: World, client, switched: Case, frozen_clock) -> None:
    frozen_clock.move_to(datetime(2026, 11, 5, tzinfo=UTC))
    assert "overdue: no decision is recorded" in client(world.pia).get(f"/cases/{switched.id}/trial").text


def test_its_dates_stand_on_the_front_pages(world: World, client, switched: Case, frozen_clock) -> None:
    switched.take(Action.ACKNOWLEDGE, Facts(), by=world.ada, at=world.now)
    switched.acknowledged_at = world.now
    world.commit()
    assert "Your trial as Engineering Manager" in client(world.ada).get("/").text
    frozen_clock.move_to(LATE)
    assert "Decide the trial of Ada Marchetti as Engineering Manager" in client(world.pia).get("/").text
    frozen_clock.move_to(datetime(2026, 11, 5, tzinfo=UTC))
    assert "overdue" in client(world.theo).get("/").text
    assert "trial" not in client(world.rex).get("/").text
