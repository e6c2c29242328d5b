"""The demonstration: the same twice, at every step of the flow, and true to every rule of the house."""

from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.cases.policy import conflict
from portal.cases.queries import count, rubric_of
from portal.demo.organisation import COMMITTEES
from portal.demo.phrases import TRACKS, table
from portal.demo.seed import seed_if_empty
from portal.domain.case_flow import State
from portal.domain.case_types import CaseType
from portal.domain.rubric_files import read_folder
from portal.models.audit import AuditEvent
from portal.models.base import Base
from portal.models.calibration import Ballot, Standing
from portal.models.case import Assignment, Case
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from portal.models.packet import BusinessJustification, Referee, RefereeState, Snapshot, Statement
from portal.models.person import Person
from portal.models.review import Review
from portal.models.trial import Trial
from portal.records.chain import verify
from portal.settings import ROOT
from tests.demo.conftest import SCALE, Demonstration, make_demonstration
from tests.world import NOW


@pytest.fixture
def s(demonstration: Demonstration):
    with Session(demonstration.engine) as session:
        yield session


def dump(made: Demonstration) -> dict[str, list[tuple]]:
    with made.engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        return {t.name: sorted(map(tuple, connection.execute(t.select())), key=repr) for t in tables}


def test_the_same_twice_gives_the_same_twice(demonstration: Demonstration, tmp_path: Path) -> None:
    again = make_demonstration(tmp_path)
    first, second = dump(demonstration), dump(again)
    again.engine.dispose()
    of_visits = {"sign_in_session", "audit_event", "audit_head", "audit_reason"}
    assert [name for name in first if name not in of_visits and first[name] != second[name]] == []
    made = len(second["audit_event"])
    assert made > 1000
    assert sorted(first["audit_event"])[:made] == sorted(second["audit_event"])


def test_a_second_run_keeps_what_is_there(demonstration: Demonstration) -> None:
    before = dump(demonstration)
    made = seed_if_empty(
        demonstration.engine, storage=demonstration.storage, base_url="http://localhost", now=NOW, scale=SCALE
    )
    assert (made, dump(demonstration)) == (False, before)


def test_every_state_has_a_case(s: Session) -> None:
    assert set(s.scalars(select(Case._state))) == set(State)


def test_every_outcome_was_decided_on_and_both_tracks_asked(s: Session) -> None:
    assert set(s.scalars(select(Decision.outcome))) == set(Outcome) - {Outcome.DECLINED}
    assert set(s.scalars(select(Case.track_kind))) == {"ic", "manager", "advisor"}


def test_there_is_a_trial_each_way_one_of_an_advisor_and_a_second_try(s: Session) -> None:
    tried = s.scalars(select(Trial).order_by(Trial.id))
    assert sorted((t.case.case_type.value, t.case.track_kind, len(t.ends)) for t in tried) == [
        ("switch", "ic", 0),
        ("switch", "manager", 0),
        ("to_advisor", "advisor", 0),
    ]
    again = s.scalars(select(Case).where(Case.case_type == CaseType.RESUBMISSION)).one()
    assert again.previous_case_id is not None


def test_nobody_reviews_decides_or_refers_against_a_conflict(s: Session) -> None:
    for case in s.scalars(select(Case)):
        assert [a.reviewer.name for a in case.active_assignments if conflict(a.reviewer, case)] == []
        voters = [e.person for b in case.ballots for e in b.electors if e.choice]
        assert [p.name for p in voters if conflict(p, case)] == []


def test_the_packet_of_a_submitted_case_covers_its_rubric(s: Session) -> None:
    for snapshot in s.scalars(select(Snapshot).options(selectinload(Snapshot.case))):
        case = snapshot.case
        rubric = rubric_of(case)
        assert {row["competency"] for row in snapshot.content["evidence"]} == {c.id for c in rubric.competencies}


def test_every_released_decision_has_its_letter_with_the_tally_of_its_votes(
    s: Session, demonstration: Demonstration
) -> None:
    released = list(s.scalars(select(Decision).where(Decision.released_at.is_not(None))))
    assert len(released) > 10
    for decision in released:
        counted = count(decision.ballot)
        assert decision.letter is not None
        assert decision.letter.data["tally"]["for"] == counted.votes_for
        assert decision.letter.data["tally"]["against"] == counted.votes_against
        assert counted.carried == (decision.outcome is not Outcome.NOT_YET)
        assert decision.letter.pdf_sha256 is not None
        assert demonstration.storage.get(decision.letter.pdf_sha256).startswith(b"%PDF")


def test_sealed_reviews_are_complete_and_disagree_like_people(s: Session) -> None:
    spreads = set()
    for review in s.scalars(select(Review).where(Review.sealed_at.is_not(None))):
        assert all(score.given and score.rationale for score in review.scores)
        spreads.add(round(sum(score.value or 0 for score in review.scores) / len(review.scores), 1))
    assert len(spreads) > 5


def test_the_record_is_whole_and_in_the_order_of_time(s: Session) -> None:
    chain = verify(s)
    assert chain.bad is None
    times = list(s.scalars(select(AuditEvent.at).order_by(AuditEvent.sequence)))
    backwards = [(a, b) for a, b in pairwise(times) if a > b]
    assert backwards == []


def test_nothing_happens_after_today(s: Session) -> None:
    for column in (AuditEvent.at, Case.state_since, Ballot.opened_at, Letter.prepared_at, Statement.saved_at):
        assert max(s.scalars(select(column))) <= NOW


def test_conflicts_recusals_and_waivers_occur(s: Session) -> None:
    assert s.scalars(select(Assignment).where(Assignment.ended_at.is_not(None))).first() is not None
    assert s.scalars(select(Assignment).where(Assignment.waived_at.is_not(None))).first() is not None
    standings = {e.standing for b in s.scalars(select(Ballot)) for e in b.electors}
    assert standings == set(Standing)
    assert set(s.scalars(select(Referee.state))) == set(RefereeState) - {RefereeState.PROPOSED}


def test_the_business_justification_is_kept_for_stated_cases(s: Session) -> None:
    assert set(s.scalars(select(BusinessJustification.case_id))) == set(s.scalars(select(Statement.case_id)))


def test_about_130_people_have_believable_places(s: Session) -> None:
    people = list(s.scalars(select(Person)))
    assert 120 <= len(people) <= 140
    library = read_folder(ROOT / "rubrics")
    levels = {level.id for family in library.families.values() for level in family.levels}
    assert {p.level_id for p in people if p.level_id} <= levels
    assert len({p.timezone for p in people}) >= 5
    members = {name for _, _, names in COMMITTEES for name in names}
    assert members <= {p.name for p in people}


def test_the_texts_name_competencies_that_the_shipped_ladders_have() -> None:
    library = read_folder(ROOT / "rubrics")
    for (family_id, track_id), name in TRACKS.items():
        known = {c.id for c in library.families[family_id].competencies_of(track_id)}
        shown = {c for story in table(name)["story"] for c in story["shows"]}
        assert shown == known == set(table(name)["spare"])
