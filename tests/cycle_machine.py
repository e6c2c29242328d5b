"""Whole cycles at random: several people and cases, the portal's own commands, helpful steps and disturbances in any
order; after every one of them, what must always be true is looked at anew."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.database import make_engine
from portal.adapters.storage import Storage
from portal.calibration import policy as calibration_policy
from portal.cases import commands as cases
from portal.cases import policy as case_policy
from portal.cases import queries as case_queries
from portal.cases.listing import Asked, page_for
from portal.cases.policy import Hat, conflict, hats
from portal.decisions import commands as decisions
from portal.decisions import policy as decision_policy
from portal.domain.case_flow import STEPS, Action, State
from portal.domain.problems import Problem
from portal.models.appeal import AppealGround
from portal.models.audit import AuditHead, digest
from portal.models.calibration import Standing
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.packet import RefereeState, Snapshot
from portal.models.person import Person
from portal.models.review import Amendment, Review
from portal.people import commands as people_commands
from portal.records import chain as records
from portal.reviews import commands as reviews
from portal.reviews import policy as review_policy
from portal.reviews import queries as review_queries
from portal.reviews.commands import ScoreInput
from tests.cycle_walk import Walk
from tests.world import NOW, World

CANDIDATES = ("ada", "mona", "ivy")
ARROWS = {(step.source, step.action, step.target) for step in STEPS}
# What a person with a conflict may still be: a party to the case, never somebody who acts on it.
STILL = {Hat.CANDIDATE, Hat.MANAGER, Hat.REFEREE, Hat.CONFLICTED}
WORDS = "Because it has to be said on record."
which = st.integers(0, 2)
anybody = st.integers(0, 21)
value = st.integers(0, 4)


class WholeCycles(RuleBasedStateMachine):
    """`template` is a migrated database with the people and the cycle of tests/world.py; each run works on a copy."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(self.template, folder / "evenbar.db")
        engine = make_engine(f"sqlite:///{folder}/evenbar.db")
        self.stack.callback(engine.dispose)
        self.s = self.stack.enter_context(Session(engine, expire_on_commit=False))
        self.world = World(self.s)
        self.at = NOW
        self.people: list[Person] = [getattr(self.world, key) for key in self.world.everyone]
        self.walk = Walk(self.s, self.people, Storage.from_url(f"file://{folder}/store"))
        self.cases: list[Case] = []
        self.frozen: dict[tuple[str, Any], str] = {}
        self.head: tuple[int, str] = (0, "")
        self.turn = 0

    def teardown(self) -> None:
        self.stack.close()

    def attempt(self, act: Callable[[], object]) -> None:
        """As a request does: commit what succeeded, undo what was refused."""
        self.at += timedelta(minutes=1)
        self.turn += 1
        try:
            act()
            self.s.commit()
        except Problem:
            self.s.rollback()
        self.s.expire_all()

    # What people do

    @initialize(first=st.integers(0, 75), second=st.integers(0, 40), given=value)
    def begin(self, first: int, second: int, given: int) -> None:
        """Three cases of both tracks, two of them some way along their road."""
        for key in CANDIDATES:
            person = getattr(self.world, key)
            self.attempt(lambda p=person: self.open(p, p))
        for case, steps in zip(self.cases, (first, second), strict=False):
            for _ in range(steps):
                self.attempt(lambda c=case: self.walk.step(c, self.at, given))

    def open(self, candidate: Person, actor: Person) -> None:
        case = cases.open_case(self.s, actor=actor, candidate=candidate, cycle=self.world.cycle, at=self.at)
        self.cases = [c for c in self.cases if c.candidate_id != candidate.id] + [case]

    @rule(case=which, given=value, steps=st.integers(1, 4))
    def go_on(self, case: int, given: int, steps: int) -> None:
        for _ in range(steps):
            self.attempt(lambda: self.walk.step(self.cases[case], self.at, given))

    @rule(days=st.integers(1, 12))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(case=which, who=anybody, by=anybody)
    def recuse(self, case: int, who: int, by: int) -> None:
        found, person, actor = self.cases[case], self.people[who], self.people[by]
        if person is actor:
            allowed = review_policy.can_declare(actor, found)
        else:
            allowed = review_policy.can_keep_conflicts(actor, found)
        if allowed:
            said = {"case": found, "person": person, "actor": actor, "reason": WORDS, "at": self.at}
            self.attempt(lambda: reviews.recuse(self.s, **said))

    @rule(case=which)
    def recuse_the_chair(self, case: int) -> None:
        """The step that changes most: another person presides from here on."""
        found = self.cases[case]
        if found.committee and review_policy.can_declare(found.committee.chair, found):
            chair = found.committee.chair
            said = {"case": found, "person": chair, "actor": chair, "reason": WORDS, "at": self.at}
            self.attempt(lambda: reviews.recuse(self.s, **said))

    @rule(case=which, by=anybody)
    def confirm_a_recusal(self, case: int, by: int) -> None:
        """What somebody else reported takes effect by a second person's word."""
        actor = self.people[by]
        for row in self.cases[case].recusals:
            if row.pending and review_policy.can_confirm(actor, row):
                said = {"recusal": row, "actor": actor, "at": self.at}
                self.attempt(lambda said=said: reviews.confirm_recusal(self.s, **said))

    @rule(case=which, who=anybody, by=anybody)
    def lift_a_recusal(self, case: int, who: int, by: int) -> None:
        person, actor = self.people[who], self.people[by]
        for row in self.cases[case].recusals:
            if row.lifted_at is None and row.person_id == person.id and review_policy.can_lift(actor, row):
                said = {"recusal": row, "actor": actor, "reason": WORDS, "at": self.at}
                self.attempt(lambda said=said: reviews.lift_recusal(self.s, **said))

    @rule(case=which, who=anybody)
    def assign(self, case: int, who: int) -> None:
        found = self.cases[case]
        if keeper := self.walk.who(review_policy.can_assign, found):
            said = {"case": found, "reviewer": self.people[who], "actor": keeper, "at": self.at}
            self.attempt(lambda: reviews.assign(self.s, **said))

    @rule(case=which, number=which, verb=st.sampled_from(["unassign", "waive"]))
    def send_a_reviewer_away(self, case: int, number: int, verb: str) -> None:
        found = self.cases[case]
        keeper = self.walk.who(review_policy.can_assign, found)
        if keeper and number < len(found.active_assignments):
            said = {"assignment": found.active_assignments[number], "actor": keeper, "reason": WORDS, "at": self.at}
            self.attempt(lambda: getattr(reviews, verb)(self.s, **said))

    @rule(case=which, number=which, given=value)
    def save_a_review(self, case: int, number: int, given: int) -> None:
        found = self.cases[case]
        if number < len(found.active_assignments):
            mine = found.active_assignments[number]
            self.attempt(lambda: self.walk.save(found, mine, self.at, given))

    @rule(case=which, number=which, given=value)
    def amend(self, case: int, number: int, given: int) -> None:
        found = self.cases[case]
        if number >= len(found.active_assignments):
            return
        mine = found.active_assignments[number]
        if mine.review is None or not review_policy.can_amend(mine.reviewer, found):
            return
        scores = {line.competency_id: ScoreInput(given, None, "Read again.") for line in mine.review.scores}
        said = {"review": mine.review, "actor": mine.reviewer, "scores": scores, "summary": "Other.", "reason": WORDS}
        version = reviews.version_number(mine.review)
        self.attempt(lambda: reviews.amend(self.s, **said, version=version, at=self.at))

    @rule(case=which)
    def stand_by_a_review(self, case: int) -> None:
        for mine in self.cases[case].active_assignments:
            if mine.review and review_policy.can_amend(mine.reviewer, self.cases[case]):
                version = reviews.version_number(mine.review)
                said = {"review": mine.review, "actor": mine.reviewer, "version": version, "at": self.at}
                self.attempt(lambda said=said: reviews.affirm(self.s, **said))
                return

    @rule(case=which)
    def return_for_evidence(self, case: int) -> None:
        found = self.cases[case]
        if keeper := self.walk.who(case_policy.can_return, found):
            until = self.at + timedelta(days=5)
            said = {"actor": keeper, "sections": ["Summary"], "reason": WORDS, "until": until, "at": self.at}
            self.attempt(lambda: cases.return_for_evidence(self.s, case=found, **said))

    @rule(case=which, verb=st.sampled_from(["withdraw", "revive"]))
    def turn_back(self, case: int, verb: str) -> None:
        found = self.cases[case]
        if getattr(case_policy, f"can_{verb}")(found.candidate, found):
            act = getattr(cases, verb)
            self.attempt(lambda: act(self.s, case=found, actor=found.candidate, at=self.at))

    @rule(case=which)
    def appeal(self, case: int) -> None:
        found = self.cases[case]
        if decision_policy.can_file(found.candidate, found):
            said = {"actor": found.candidate, "ground": AppealGround.PROCEDURE, "statement": WORDS, "at": self.at}
            self.attempt(lambda: decisions.file_appeal(self.s, case=found, **said))

    @rule(case=which)
    def correct_the_decision(self, case: int) -> None:
        if self.cases[case].state is State.DECIDED:
            self.attempt(lambda: self.walk.record(self.cases[case], self.at))

    @rule(case=which)
    def close(self, case: int) -> None:
        """What the worker does by itself once nobody waits for the case any more."""
        found = self.cases[case]
        self.attempt(lambda: cases.move(self.s, case=found, action=Action.CLOSE, actor=None, at=self.at))

    @rule(case=which)
    def open_another(self, case: int) -> None:
        candidate = self.cases[case].candidate
        self.attempt(lambda: self.open(candidate, candidate))

    @rule(who=anybody, manager=anybody)
    def move_in_the_line(self, who: int, manager: int) -> None:
        said = {"actor": self.world.pia, "person": self.people[who], "manager": self.people[manager], "at": self.at}
        self.attempt(lambda: people_commands.set_manager(self.s, **said))

    # What must be true whatever happened

    @invariant()
    def the_chain_is_whole_and_only_grows(self) -> None:
        chain = records.verify(self.s)
        assert chain.bad is None, chain.why
        length, head = self.head
        assert chain.length >= length
        assert length == 0 or records.continues(self.s, sequence=length, event_hash=head)
        last = self.s.get(AuditHead, 1)
        assert last is not None
        self.head = (last.sequence, last.event_hash)

    @invariant()
    def nobody_with_a_conflict_has_a_part(self) -> None:
        for case in self.cases:
            for person in self.people:
                if self.must_stay_away(person, case):
                    assert conflict(person, case), (person.name, case.id)
                if conflict(person, case):
                    assert hats(person, case) <= STILL
                    assert not any(rule(person, case) for rule in ACTS)

    def must_stay_away(self, person: Person, case: Case) -> bool:
        """The plainest reading of the rules: oneself, the line above and below, referees, the recused."""
        lines = {p.id: p.manager_id for p in self.people}
        asked = {r.person_id for r in case.referees if r.state is not RefereeState.DECLINED}
        recused = {r.person_id for r in case.recusals if r.lifted_at is None and not r.pending}
        one, other = person.id, case.candidate_id
        return one == other or _above(lines, one, other) or _above(lines, other, one) or one in asked | recused

    @invariant()
    def what_was_sealed_frozen_or_released_stays(self) -> None:
        now = {("snapshot", row.id): row.content_hash for row in self.s.scalars(select(Snapshot))}
        assert all(digest(row.content) == row.content_hash for row in self.s.scalars(select(Snapshot)))
        for review in self.s.scalars(select(Review).where(Review.sealed_at.is_not(None))):
            now["review", review.id] = digest([_plain(review), str(review.sealed_at)])
        for row in self.s.scalars(select(Amendment)):
            now["amendment", row.id] = digest([_plain(row), row.reason, row.number])
        for made in self.s.scalars(select(Decision).where(Decision.released_at.is_not(None))):
            letter = made.letter
            assert letter is not None
            said = [made.outcome, made.reasons, made.unmet, made.position, letter.data_sha256, letter.pdf_sha256]
            now["decision", made.id] = digest([str(part) for part in said])
        assert {key: now.get(key) for key in self.frozen} == self.frozen
        self.frozen = now

    @invariant()
    def states_follow_the_table(self) -> None:
        for case in self.s.scalars(select(Case)):
            state = State.DRAFT
            for event in case.events:
                assert event.source is state
                assert (event.source, event.action, event.target) in ARROWS
                state = event.target
            assert case.state is state

    @invariant()
    def what_is_hidden_stays_hidden(self) -> None:
        for case in self.cases:
            for person in self.people:
                self._look(person, case)
        if self.cases:
            person = self.people[self.turn % len(self.people)]
            everything = list(self.s.scalars(select(Case)))
            listed = {row.id: row.state for row in page_for(self.s, person, Asked()).rows}
            seen = {c.id: case_policy.shown_state(person, c) for c in everything if case_policy.can_see(person, c)}
            assert listed == seen, person.name
            owed = {task.case_id for task in review_queries.queue(self.s, person)}
            assert owed == {c.id for c in everything if review_policy.can_review(person, c)}, person.name

    def _look(self, person: Person, case: Case) -> None:
        worn = hats(person, case)
        if review_policy.owes_review(person, case) and Hat.REVIEWER in worn:
            assert review_policy.can_read_reviews(person, case).hidden
        if worn & {Hat.CANDIDATE, Hat.CONFLICTED} or not worn:
            assert review_policy.can_read_reviews(person, case).hidden
            assert calibration_policy.can_see_position(person, case).hidden
            assert case.state is not State.DECIDED or case_policy.shown_state(person, case) is State.IN_CALIBRATION
            for ballot in case.ballots:
                assert not calibration_policy.can_read_tally(person, ballot)
        for ballot in case.ballots:
            assert ballot.closed_at or not calibration_policy.can_read_votes(person, ballot)

    @invariant()
    def numbers_are_what_one_counts(self) -> None:
        for case in self.cases:
            free = [a for a in case.assignments if a.ended_at is None and not conflict(a.reviewer, case)]
            sealed = [a.review for a in free if a.review and a.review.sealed_at]
            facts = case_queries.facts_for(self.s, case, self.at)
            assert (facts.reviewers_assigned, facts.reviews_sealed) == (len(free), len(sealed))
            first = sorted([{x.competency_id: x.value for x in review.scores} for review in sealed], key=str)
            assert sorted(review_queries.sealed_scores(self.s, case), key=str) == first
            rows = review_queries.measurement_rows(self.s, cycle_id=case.cycle_id, states=list(State))
            assert len([r for r in rows if r.case_id == case.id]) == sum(len(one) for one in first)
            for ballot in case.ballots:
                self._count(ballot)

    def _count(self, ballot: Any) -> None:
        tally = case_queries.count(ballot)
        may = [e for e in ballot.electors if e.standing is Standing.ELIGIBLE]
        said = [str(e.choice) for e in may if e.choice is not None]
        assert (tally.votes_for, tally.votes_against) == (said.count("for"), said.count("against"))
        assert not any(e.choice for e in ballot.electors if e.standing is Standing.RECUSED)

    @invariant()
    @precondition(lambda self: bool(self.cases))
    def one_open_case_a_person(self) -> None:
        over = {State.RELEASED, State.CLOSED, State.WITHDRAWN}
        held = [c.candidate_id for c in self.s.scalars(select(Case)) if c.state not in over]
        assert len(held) == len(set(held))


ACTS = (
    review_policy.can_assign,
    review_policy.can_read_reviews,
    review_policy.can_write,
    review_policy.can_amend,
    review_policy.can_keep_conflicts,
    calibration_policy.can_open_ballot,
    decision_policy.can_record,
    decision_policy.can_confirm,
    decision_policy.can_appoint,
    case_policy.can_run,
    case_policy.can_return,
)


def _above(lines: dict[str, str | None], one: str, other: str) -> bool:
    """Whether `one` is somewhere above `other`."""
    at = lines[other]
    while at is not None:
        if at == one:
            return True
        at = lines[at]
    return False


def _plain(row: Review | Amendment) -> list[Any]:
    scores = [[x.competency_id, x.value, str(x.no_score), x.rationale, x.cites] for x in row.scores]
    return [row.summary, row.snapshot_id, scores]
