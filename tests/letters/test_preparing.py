"""What a letter freezes, and that it is frozen from the record alone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.cases import queries as cases
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.letters.commands import DisagreesWithRecord, prepare, release
from portal.letters.language import phrases
from portal.models.audit import AuditEvent, digest
from portal.models.calibration import BarCheck
from portal.models.cycle import Cycle
from portal.models.decision import Outcome
from portal.models.outbox import OutboxRow
from tests.letters.stages import EFFECTIVE, REASONS, confirmed, prepared, ready, released, tomorrow
from tests.world import NOW, World


def test_an_approval_freezes_who_what_and_from_when(world: World) -> None:
    letter = prepared(world)
    data = letter.data
    assert (data["candidate"], data["manager"], data["outcome"]) == ("Ada Marchetti", "Max Brandt", "approved")
    assert data["from"] == {
        "title": "Senior Engineer",
        "track": "Individual contributor",
        "grade": 3,
        "grade_name": "Established",
    }
    assert (data["to"]["title"], data["to"]["grade"], data["reasons"]) == ("Staff Engineer", 4, REASONS)
    assert data["tally"] == {"for": 2, "against": 0, "abstain": 1, "absent": 1, "recused": 1}
    assert data["part"]["effective_on"] == EFFECTIVE.isoformat()
    assert [line["competency"] for line in data["part"]["expectations"]] == [
        c.name for c in world.rubric(letter.case).competencies
    ]
    assert data["strongest"]["claim"] == "Ada Marchetti shows ships what matters."
    assert letter.data_sha256 == digest(data)


def test_a_not_yet_explains_each_clause_and_says_nothing_of_budget(world: World) -> None:
    part = prepared(world, outcome=Outcome.NOT_YET).data["part"]
    assert [c["code"] for c in part["clauses"]] == ["weighted_mean", "must_have:direction", "must_have:teaching"]
    assert part["earliest"] is None
    assert part["support"][0] == "A mentor at or above the next level, met every month"
    assert set(part) == {"clauses", "earliest", "support"}


def test_a_not_yet_names_the_next_cycle_once_there_is_one(world: World) -> None:
    opens = NOW + timedelta(days=200)
    dates = {"submit_by": 10, "review_by": 20, "decide_by": 30}
    world.s.add(
        Cycle(
            slug="autumn-2026",
            name="Autumn 2026",
            opens_at=opens,
            **{name: opens + timedelta(days=days) for name, days in dates.items()},
            min_reviewers=3,
            quorum=0.67,
            majority=0.5,
            appeal_days=15,
            created_by_id=world.pia.id,
            created_at=NOW,
        )
    )
    part = prepared(world, outcome=Outcome.NOT_YET).data["part"]
    assert part["earliest"] == {"cycle": "Autumn 2026", "opens_on": opens.date().isoformat()}


def test_a_deferral_says_when_the_bar_was_met_and_nothing_of_gaps(world: World) -> None:
    data = prepared(world, "mona", Outcome.DEFERRED).data
    assert data["part"] == {
        "met_on": NOW.date().isoformat(),
        "cycles": 2,
        "role": "Senior Engineering Manager, Engineering",
    }
    assert "below the bar" not in {row["words"] for row in data["results"]}


def test_the_last_day_of_an_appeal_is_the_one_that_holds_after_release(world: World, storage, frozen_clock) -> None:
    world.ada.timezone = "Pacific/Auckland"
    case = released(world, storage)
    letter = case.decisions[-1].letter
    until = cases.appeal_until(case, case.decisions[-1])
    assert letter is not None
    assert until is not None
    assert date.fromisoformat(letter.data["appeal"]["last_day"]) == until.date()


def test_a_letter_is_dated_where_the_candidate_lives(world: World) -> None:
    world.ada.timezone = "Pacific/Auckland"
    late = NOW.replace(hour=23)
    letter = prepare(world.s, decision=confirmed(world), actor=world.pia, at=late)
    assert letter.data["issued_on"] == tomorrow().isoformat()


@pytest.mark.parametrize(
    ("figures", "said"),
    [({"n": {"ic": 10, "manager": 12}}, True), ({"n": {"ic": 9, "manager": 40}}, False), ({}, False)],
)
def test_a_comparison_of_the_bars_leaves_the_committee_from_ten_cases_a_track(
    world: World, figures, said: bool
) -> None:
    decision = confirmed(world)
    old = decision.bar_check
    row = {c.name: getattr(old, c.name) for c in BarCheck.__table__.columns if c.name != "id"}
    decision.bar_check = BarCheck(**{**row, "figures": figures, "sentence": "The bars are equivalent: +0.1."})
    letter = prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    assert letter.data["equivalence"] == (
        "The bars are equivalent: +0.1." if said else phrases("en")["equivalence"]["too_few"]
    )


def test_preparing_again_before_release_keeps_the_code_and_sets_anew(world: World, storage) -> None:
    letter = ready(world, storage)
    code, first = letter.code, letter.data_sha256
    again = prepare(world.s, decision=letter.decision, actor=world.pia, at=NOW + timedelta(days=1))
    assert again is letter
    assert (again.code, again.pdf_sha256, again.data["issued_on"]) == (code, None, tomorrow().isoformat())
    assert again.data_sha256 != first
    rows = world.s.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "render_letter").order_by(OutboxRow.id))
    assert [row["data"] for row in rows] == [first, again.data_sha256]


def test_what_is_not_confirmed_or_already_released_is_not_prepared(world: World, storage, frozen_clock) -> None:
    decision = confirmed(world)
    decision.confirmed_at = decision.confirmed_by_id = None
    with pytest.raises(Refused, match="not been confirmed"):
        prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    case = released(world, storage, "mona")
    with pytest.raises(Refused, match="a letter never changes after that"):
        prepare(world.s, decision=case.decisions[-1], actor=world.pia, at=NOW)


def test_a_letter_that_would_give_something_away_is_not_prepared(world: World) -> None:
    decision = confirmed(world)
    decision.reasons = "Rob Silva praised it, and the mean was 3.33."
    with pytest.raises(DisagreesWithRecord) as refused:
        prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    assert refused.value.problems == (
        "The letter gives away a score: 3.33. Record a corrected decision that leaves it out.",
        "The letter names Rob Silva, whose part in the case stays confidential."
        " Record a corrected decision that leaves it out.",
    )
    assert decision.letter is None


def test_a_corrected_decision_gets_a_letter_of_its_own(world: World, storage, frozen_clock) -> None:
    letter = ready(world, storage)
    case = letter.case
    made = confirmed_correction(world, case)
    with pytest.raises(DisagreesWithRecord, match="Nothing was released"):
        release(world.s, cases=[case], actor=world.pia, at=NOW)
    second = prepare(world.s, decision=made, actor=world.pia, at=NOW)
    assert second.code != letter.code
    assert (second.data["case"]["version"], case.state) == (2, State.DECIDED)


def confirmed_correction(world: World, case):
    from portal.decisions.commands import confirm, record_decision

    made = record_decision(
        world.s,
        case=case,
        actor=world.kim,
        outcome=Outcome.DEFERRED,
        reasons="No role is open after all, as we learnt this week.",
        unmet_codes=[],
        effective_on=None,
        correction="The role that was open when the committee met was given up since.",
        at=NOW,
    )
    confirm(world.s, decision=made, actor=world.nat, at=NOW)
    return made


def test_each_step_of_a_letter_is_in_the_audit_log(world: World, storage, frozen_clock) -> None:
    case = released(world, storage)
    actions = world.s.scalars(
        select(AuditEvent.action).where(AuditEvent.case_id == case.id).order_by(AuditEvent.sequence)
    )
    assert list(actions)[-4:] == ["letter_prepared", "letter_rendered", "case_release", "letter_released"]
