"""A released decision is corrected by a further version: confirmed again, with a letter that takes the place of the one
before, unknown to everybody else until then, and new days for an appeal only where something else was decided."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, update
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.cases.commands import move
from portal.cases.queries import appeal_until, facts_for
from portal.decisions import policy
from portal.decisions.commands import acknowledge, confirm, file_appeal, record_decision
from portal.decisions.jobs import close_due
from portal.decisions.queries import case as load_case
from portal.domain.case_flow import Action, State, StepBlocked
from portal.domain.case_types import CaseType
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.letters import queries
from portal.letters.commands import DisagreesWithRecord, prepare, release, render
from portal.letters.queries import Genuine, Stage
from portal.letters.typesetting import page_of
from portal.models.appeal import AppealGround
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from portal.models.trial import Trial
from tests.calibration.test_overtaken import check, checks
from tests.letters.stages import BASE, EFFECTIVE, REASONS, blank_pdf, released
from tests.world import NOW, World

WRONG = "The day from which the level holds was wrong in the first letter."
LATER = NOW + timedelta(days=2)
OTHER_DAY = date(2026, 6, 1)


def corrected(world: World, case: Case, **other: Any) -> Decision:
    newest = next(d for d in reversed(case.decisions) if d.released_at)
    given: dict[str, Any] = {
        "outcome": newest.outcome,
        "reasons": newest.reasons,
        "unmet_codes": [c["code"] for c in newest.unmet],
        "effective_on": newest.effective_on,
        "correction": WRONG,
        "actor": world.kim,
        "at": LATER,
    }
    return record_decision(world.s, case=case, **{**given, **other})


def issue(world: World, storage: Storage, case: Case, at: datetime = LATER) -> None:
    """Confirm, prepare, set and release the correction."""
    decision = case.decisions[-1]
    confirm(world.s, decision=decision, actor=world.nat, at=at)
    letter = prepare(world.s, decision=decision, actor=world.pia, at=at)
    render(world.s, letter=letter, storage=storage, at=at, base_url=BASE, render_with=blank_pdf)
    release(world.s, cases=[case], actor=world.pia, at=at)


def plain(letter: Letter | None) -> str:
    """The page of a letter with every space a plain one."""
    assert letter is not None
    return " ".join(page_of(letter, base_url=BASE).replace("&nbsp;", " ").split())


def appeal_in(letter: Letter | None) -> str:
    """What a letter says of an appeal."""
    return plain(letter).partition("<h2>If you disagree</h2> <p>")[2].partition("</p>")[0].strip()


def last_day(case: Case) -> date:
    until = appeal_until(case, next(d for d in reversed(case.decisions) if d.released_at))
    assert until is not None
    return until.date()


def test_a_correction_leaves_the_first_record_and_supersedes_its_letter(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    first = case.decisions[0]
    letter = first.letter
    before = (first.effective_on, first.reasons, first.released_at, letter.data_sha256, letter.pdf_sha256)
    corrected(world, case, effective_on=OTHER_DAY)
    frozen_clock.move_to(LATER)
    issue(world, storage, case)
    second = case.decisions[1]
    assert (first.effective_on, first.reasons, first.released_at, letter.data_sha256, letter.pdf_sha256) == before
    assert (case.state, second.number, second.released_at, second.effective_on) == (
        *(State.RELEASED, 2),
        *(LATER, OTHER_DAY),
    )
    assert queries.verify(world.s, code=letter.code) is Genuine.SUPERSEDED
    assert queries.verify(world.s, code=second.letter.code) is Genuine.GENUINE
    assert second.letter.data["supersedes"] == {
        "issued_on": "2026-03-16",
        "code": letter.code,
        "because": "correction",
        "why": WRONG,
    }
    page = plain(second.letter)
    assert all(said in page for said in (letter.code, WRONG, "16 March 2026"))


def test_another_decision_opens_new_days_for_an_appeal_other_words_do_not(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    assert last_day(case) == date(2026, 4, 6)
    corrected(world, case, reasons=REASONS + " All of them.")
    frozen_clock.move_to(LATER)
    issue(world, storage, case)
    assert (last_day(case), case.decisions[1].letter.data["appeal"]["last_day"]) == (date(2026, 4, 6), "2026-04-06")
    corrected(world, case, outcome=Outcome.DEFERRED, effective_on=None, at=LATER + timedelta(days=1))
    frozen_clock.move_to(LATER + timedelta(days=1))
    issue(world, storage, case, at=LATER + timedelta(days=1))
    assert (last_day(case), case.decisions[2].letter.data["appeal"]["last_day"]) == (date(2026, 4, 9), "2026-04-09")


def test_a_letter_with_other_words_promises_no_more_days_than_are_left(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    corrected(world, case, reasons=REASONS + " All of them.")
    frozen_clock.move_to(LATER)
    issue(world, storage, case)
    assert appeal_in(case.decisions[1].letter).startswith(
        "This letter decides the same as the one before, so the days for an appeal stay those that were named there. "
        "You can appeal until the end of <strong>6 April 2026</strong>: because of the procedure"
    )


def test_in_german_too_the_days_that_were_named_stay(world: World, storage, frozen_clock) -> None:
    world.ada.locale = "de_AT"
    case = released(world, storage)
    corrected(world, case, reasons=REASONS + " Alles davon.")
    frozen_clock.move_to(LATER)
    issue(world, storage, case)
    said = plain(case.decisions[1].letter)
    assert (
        "Sie können Einspruch einlegen bis zum Ablauf des <strong>6. April 2026</strong>: wegen des Verfahrens" in said
    )
    assert "innerhalb von" not in said


def test_a_letter_prepared_before_the_appeal_was_answered_is_not_released(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    made = corrected(world, case, reasons=REASONS + " All of them.", at=NOW)
    confirm(world.s, decision=made, actor=world.nat, at=NOW)
    letter = prepare(world.s, decision=made, actor=world.pia, at=NOW)
    render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE, render_with=blank_pdf)
    statement = "Nobody asked the second referee."
    file_appeal(world.s, case=case, actor=world.ada, ground=AppealGround.PROCEDURE, statement=statement, at=NOW)
    move(world.s, case=case, action=Action.UPHOLD, actor=world.dirk, at=NOW)
    case.appeals[-1].answered_at, case.appeals[-1].answered_by_id = NOW, world.dirk.id
    case.appeals[-1].upheld = True
    with pytest.raises(DisagreesWithRecord) as held:
        release(world.s, cases=[case], actor=world.pia, at=NOW)
    assert "What the letter says of an appeal is not what is open to the candidate now." in held.value.problems[0]


def test_after_other_words_there_is_no_second_appeal(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    given = {"actor": world.ada, "ground": AppealGround.PROCEDURE, "statement": "Nobody asked the second referee."}
    file_appeal(world.s, case=case, at=NOW, **given)
    move(world.s, case=case, action=Action.UPHOLD, actor=world.dirk, at=NOW)
    case.appeals[-1].answered_at, case.appeals[-1].answered_by_id = NOW, world.dirk.id
    case.appeals[-1].upheld = True
    corrected(world, case, reasons=REASONS + " All of them.")
    frozen_clock.move_to(LATER)
    issue(world, storage, case)
    with pytest.raises(Refused, match="an appeal against this decision already"):
        file_appeal(world.s, case=case, at=LATER, **given)
    assert appeal_in(case.decisions[1].letter) == (
        "This letter decides the same as the one before. There was an appeal against that, and it was answered; there "
        "is no further one."
    )
    corrected(world, case, effective_on=OTHER_DAY)
    issue(world, storage, case)
    assert appeal_in(case.decisions[2].letter).startswith(
        "You can appeal within 15 working days, that is until the end"
    )
    assert file_appeal(world.s, case=case, at=LATER, **given).decision is case.decisions[2]


def test_a_correction_after_the_last_day_says_that_the_days_are_over(
    world: World, storage, frozen_clock, engine
) -> None:
    case = released(world, storage)
    world.commit()
    after = NOW + timedelta(days=40)
    frozen_clock.move_to(after)
    assert close_due(engine) == 1
    case = world.fresh(case)
    corrected(world, case, reasons=REASONS + " All of them.", at=after)
    issue(world, storage, case, at=after)
    page = plain(case.decisions[1].letter)
    assert ("They ended on 6 April 2026" in page, "You can appeal within" in page) == (True, False)
    assert case.state is State.RELEASED
    world.commit()
    assert close_due(engine) == 1


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"correction": ""}, "Say what this version puts right"),
        ({"outcome": Outcome.NOT_YET, "effective_on": None}, "The ballot carried"),
        ({"correction": "Rob Silva had asked for it, wrongly."}, "name Rob Silva"),
        ({"correction": "They scored a 2, not a 3, on craft."}, "give away a score"),
        ({"effective_on": None}, "Say from which day it holds"),
    ],
)
def test_a_correction_is_bound_to_ballot_and_record(world: World, storage, other: Any, says: str, frozen_clock) -> None:
    case = released(world, storage)
    with pytest.raises(InvalidInput, match=says):
        corrected(world, case, **other)
    assert len(case.decisions) == 1


def test_a_correction_needs_a_second_member_and_a_checked_letter(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    assert not facts_for(world.s, case).version_waits
    made = corrected(world, case, effective_on=OTHER_DAY)
    with pytest.raises(NotPermitted):
        confirm(world.s, decision=made, actor=world.kim, at=LATER)
    with pytest.raises(StepBlocked) as blocked:
        move(world.s, case=case, action=Action.RELEASE, actor=world.pia, at=LATER)
    assert {reason.code for reason in blocked.value.reasons} == {"not_confirmed", "no_letter"}
    with pytest.raises(Refused, match="Version 2 replaced"):
        confirm(world.s, decision=case.decisions[0], actor=world.nat, at=LATER)


def test_without_a_correction_nothing_is_released_twice(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    with pytest.raises(StepBlocked) as blocked:
        move(world.s, case=case, action=Action.RELEASE, actor=world.pia, at=LATER)
    assert "nothing_waits" in {reason.code for reason in blocked.value.reasons}


def test_of_two_workers_who_correct_at_once_one_is_shown_what_the_other_wrote(
    world: World, storage, frozen_clock, engine
) -> None:
    case = released(world, storage)
    world.commit()
    found = [(s := Session(engine, expire_on_commit=False), load_case(s, case_id=case.id)) for _ in range(2)]
    for s, loaded in found:
        assert [d.number for d in loaded.decisions] == [1]
        s.commit()  # nothing is loaded anew before the command
    (first, one), (second, other) = found
    corrected(World(first), one, reasons=REASONS + " All of them.", seen=1)
    first.commit()
    with pytest.raises(StaleVersion) as refused:
        corrected(World(second), other, reasons=REASONS + " None of them.", seen=1)
    assert (refused.value.mine, refused.value.theirs) == (
        {"Reasons": REASONS + " None of them."},
        {"Reasons": REASONS + " All of them."},
    )
    first.close()
    second.close()


def test_while_an_appeal_waits_nothing_is_corrected_nor_released(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    made = corrected(world, case, effective_on=OTHER_DAY)
    confirm(world.s, decision=made, actor=world.nat, at=LATER)
    letter = prepare(world.s, decision=made, actor=world.pia, at=NOW)
    render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE, render_with=blank_pdf)
    statement = "Nobody asked the second referee."
    file_appeal(world.s, case=case, actor=world.ada, ground=AppealGround.PROCEDURE, statement=statement, at=NOW)
    assert case.appeals[-1].decision is case.decisions[0]
    (line,) = queries.batch(world.s, world.cycle, world.pia, NOW).lines
    assert line.stage is Stage.APPEALED
    with pytest.raises(DisagreesWithRecord) as held:
        release(world.s, cases=[case], actor=world.pia, at=NOW)
    assert "The case is under appeal" in held.value.problems[0]
    with pytest.raises(Refused, match="waits for its answer"):
        corrected(world, case)


def test_an_appeal_filed_in_the_same_second_is_seen_by_the_correction_that_waited_for_it(world: World, storage) -> None:
    case = released(world, storage)
    rows = inspect(Case).local_table
    world.s.execute(update(rows).where(rows.c.id == case.id).values(state=State.UNDER_APPEAL))  # by somebody else
    with pytest.raises(Refused, match="waits for its answer"):
        corrected(world, case)


def test_the_candidate_can_appeal_while_a_correction_waits_and_the_case_stays_as_it_was(
    world: World, storage, frozen_clock
) -> None:
    case = released(world, storage)
    before = (facts_for(world.s, case).appeal_window_open, last_day(case))
    corrected(world, case, outcome=Outcome.DEFERRED, effective_on=None)
    assert (facts_for(world.s, case).appeal_window_open, last_day(case)) == before
    seen = {k for k, p in world.everyone.items() if policy.newest_seen(p, case) is case.decisions[1]}
    assert seen == {"kim", "lou", "nat", "ola", "joe", "pia", "theo"}
    acknowledge(world.s, case=case, actor=world.ada, at=LATER)


def test_who_acknowledged_can_still_appeal_until_the_last_day(world: World, storage, frozen_clock, engine) -> None:
    case = released(world, storage)
    acknowledge(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    assert close_due(engine) == 1
    case = world.fresh(case)
    given = {"actor": world.ada, "ground": AppealGround.PROCEDURE, "statement": "Nobody asked the second referee."}
    file_appeal(world.s, case=case, at=NOW, **given)
    assert case.state is State.UNDER_APPEAL


def test_other_words_let_a_trial_go_on_another_day_begins_it_anew(world: World, storage, frozen_clock) -> None:
    case = released(world, storage, outcome=Outcome.APPROVED_ON_TRIAL, case_type=CaseType.SWITCH)
    trial = world.s.query(Trial).one()
    corrected(world, case, reasons=REASONS + " All of them.")
    frozen_clock.move_to(LATER)
    issue(world, storage, case)
    assert (trial.decision, trial.starts_on) == (case.decisions[1], EFFECTIVE)
    corrected(world, case, effective_on=OTHER_DAY)
    issue(world, storage, case)
    assert {(t.decision.number, t.starts_on) for t in world.s.query(Trial)} == {(2, EFFECTIVE), (3, OTHER_DAY)}


def test_a_correction_on_the_pages(world: World, storage, client) -> None:
    case = released(world, storage, outcome=Outcome.DEFERRED)
    world.commit()
    kim, nat, pia, ada = (client(getattr(world, who)) for who in ("kim", "nat", "pia", "ada"))
    url = f"/cases/{case.id}/decision"
    assert "Correct the released decision" in kim.get(url).text
    assert "Correct the released decision" not in nat.get(url).text
    sent = {"seen": "1", "outcome": "approved", "reasons": REASONS, "effective_on": "2026-06-01"}
    assert "Say what this version puts right" in kim.post(url, data=sent).text
    assert kim.post(url, data={**sent, "correction": "A role was open on that day."}).status_code == 303
    assert "Read and confirm the decision" in nat.get(f"/cases/{case.id}").text
    assert ("deferred" in ada.get(url).text, "approved" in ada.get(url).text) == (True, False)
    assert nat.post(f"{url}/confirm", data={"seen": "2"}).status_code == 303
    assert "Prepare and release letters of this cycle" in pia.get(f"/cases/{case.id}").text
    assert "to be prepared" in pia.get("/cycles/spring-2026/letters").text


def test_its_release_computes_the_checks_that_rest_on_it_again(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    check(world)
    corrected(world, case, outcome=Outcome.DEFERRED, effective_on=None)
    frozen_clock.move_to(LATER)
    assert len(checks(world)) == 1
    issue(world, storage, case)
    assert [one.figures["evidence"][0]["outcome"] for one in checks(world)] == ["approved", "deferred"]
