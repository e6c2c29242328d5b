"""One helpful step at a time: what the people of a cycle would do next with a case, through the portal's own commands.

Each step first asks the policy that a route would ask; a step that somebody should be able to take and may not is a
failure of the walk, not something to step around."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.calibration import commands as calibration
from portal.calibration import policy as calibration_policy
from portal.cases import commands as cases
from portal.cases import policy as case_policy
from portal.cases import queries as case_queries
from portal.decisions import commands as decisions
from portal.decisions import policy as decision_policy
from portal.decisions import queries as decision_queries
from portal.domain.access import Verdict
from portal.domain.appeals import Finding, allowed
from portal.domain.case_flow import Action, State
from portal.domain.packet import sections_for
from portal.letters import commands as letters
from portal.letters import policy as letter_policy
from portal.models.appeal import Appeal
from portal.models.calibration import Ballot, Choice, Standing
from portal.models.case import Assignment, Case
from portal.models.decision import Outcome
from portal.models.person import Person
from portal.packets import commands as packets
from portal.packets import policy as packet_policy
from portal.packets import queries as packet_queries
from portal.packets.queries import latest_snapshot
from portal.reviews import commands as reviews
from portal.reviews import policy as review_policy
from portal.reviews import queries as review_queries
from portal.reviews.commands import ScoreInput

REASONS = "Colleagues from three teams confirmed what the packet shows."
Rule = Callable[[Person, Case], Verdict]


def blank_pdf(html: str, sheets: tuple[str, ...]) -> bytes:
    """Stands in where what is set does not matter: the bytes follow from the page."""
    return b"%PDF " + html.encode()


class Walk:
    """The next step of one case. `value` is what reviewers give and how the committee votes: 3 and more is for."""

    def __init__(self, s: Session, people: list[Person], storage: Storage) -> None:
        self.s, self.people, self.storage = s, people, storage

    def who(self, rule: Rule, case: Case, among: Iterable[Person] | None = None) -> Person | None:
        """Somebody whom the policy lets, the same each time."""
        return next((p for p in among or self.people if p.active and rule(p, case)), None)

    def step(self, case: Case, at: datetime, value: int) -> None:
        """Take the next helpful step, if there is one and somebody may take it."""
        steps = {
            State.DRAFT: self._write,
            State.SUBMITTED: self._fill_the_panel,
            State.IN_REVIEW: self._review,
            State.IN_CALIBRATION: self._decide,
            State.DECIDED: self._release,
            State.RELEASED: self._acknowledge,
            State.UNDER_APPEAL: self._answer,
        }
        if act := steps.get(case.state):
            act(case, at, value)

    def _write(self, case: Case, at: datetime, _value: int) -> None:
        candidate = case.candidate
        if not case.accepted:
            cases.accept_nomination(self.s, case=case, actor=candidate, at=at)
            return
        if at > case.submit_by:
            if keeper := self.who(case_policy.can_run, case):
                until = at + timedelta(days=5)
                cases.extend(self.s, case=case, actor=keeper, until=until, reason="more time", at=at)
            return
        assert packet_policy.can_edit(candidate, case)
        draft = packet_queries.draft(self.s, case)
        if draft.evidence:
            packets.submit(self.s, case=case, actor=candidate, at=at)
            return
        for section in sections_for(case.grade, case.case_type):
            texts = {field.code: f"{candidate.name} on {field.label.lower()}." for field in section.fields}
            version = draft.version(section.code)
            who = {"case": case, "actor": candidate, "at": at}
            packets.save_section(self.s, code=section.code, texts=texts, version=version, **who)
        for line in case_queries.rubric_of(case).competencies:
            said = {"claim": f"It shows {line.name.lower()}.", "contribution": "I led it.", "period": "2025"}
            packets.add_evidence(self.s, case=case, actor=candidate, competency_id=line.id, at=at, **said)

    def _fill_the_panel(self, case: Case, at: datetime, value: int) -> None:
        keeper = self.who(review_policy.can_assign, case)
        if keeper is None:
            return
        facts = case_queries.facts_for(self.s, case, at)
        if facts.reviewers_assigned >= facts.reviewers_needed and facts.cross_track_reviewers:
            reviews.open_review(self.s, case=case, actor=keeper, at=at)
            return
        panel = case.committee.member_ids if case.committee else frozenset()
        free = [c for c in review_queries.choices(self.s, case, keeper) if not c.fitness.refusal]
        spare = [c.person for c in free if c.person.id not in panel] or [c.person for c in free]
        if spare:
            reviews.assign(self.s, case=case, reviewer=spare[value % len(spare)], actor=keeper, at=at)

    def _review(self, case: Case, at: datetime, value: int) -> None:
        open_ones = [
            a
            for a in case.active_assignments
            if a.waived_at is None
            and not review_policy.is_sealed(a)
            and a.reviewer.active
            and review_policy.can_review(a.reviewer, case)
        ]
        if open_ones:
            self._write_review(case, open_ones[0], at, value)
            return
        keeper = self.who(review_policy.can_assign, case)
        facts = case_queries.facts_for(self.s, case, at)
        if keeper is None:
            return
        if not facts.reviews_sealed:
            self._fill_the_panel_again(case, keeper, at)
        elif not facts.reviews_outstanding and facts.committee_named:
            reviews.send_to_calibration(self.s, case=case, actor=keeper, at=at)

    def _fill_the_panel_again(self, case: Case, keeper: Person, at: datetime) -> None:
        free = [c.person for c in review_queries.choices(self.s, case, keeper) if not c.fitness.refusal]
        if free:
            reviews.assign(self.s, case=case, reviewer=free[0], actor=keeper, at=at)

    def _write_review(self, case: Case, mine: Assignment, at: datetime, value: int) -> None:
        person, review = mine.reviewer, mine.review
        if mine.no_conflict_at is None:
            reviews.declare_no_conflict(self.s, assignment=mine, actor=person, at=at)
            return
        assert review_policy.can_write(person, case)
        if review is None:
            self.save(case, mine, at, value)
            return
        latest = latest_snapshot(self.s, case)
        if latest is not None and latest.id != review.snapshot_id:
            reviews.take_over(self.s, review=review, actor=person, stands=True, at=at)
            return
        reviews.seal(self.s, review=review, actor=person, at=at, version=review.version)

    def save(self, case: Case, mine: Assignment, at: datetime, value: int) -> None:
        lines = case_queries.rubric_of(case).competencies
        scores = {line.id: ScoreInput(value, None, "The packet shows it.") for line in lines}
        version = mine.review.version if mine.review else 0
        who = {"assignment": mine, "actor": mine.reviewer, "version": version, "at": at}
        reviews.save_review(self.s, scores=scores, summary="Solid.", **who)

    def _decide(self, case: Case, at: datetime, value: int) -> None:
        ballot = case_queries.last_ballot(self.s, case)
        held = ballot is not None and ballot.opened_at >= case.state_since
        again = ballot is not None and ballot.closed_at and self._leads_nowhere(ballot)
        if ballot is None or not held or again:
            if chair := self.who(calibration_policy.can_open_ballot, case):
                calibration.open_ballot(self.s, case=case, actor=chair, at=at)
            return
        if ballot.closed_at is None:
            self._vote(case, at, value)
            return
        facts = case_queries.facts_for(self.s, case, at)
        if not facts.bar_checked:
            partner = next(p for p in self.people if p.name == "Pia Romero")
            where = {"cycle": case.cycle, "family_id": case.family_id, "grade": case.grade}
            calibration.run_bar_check(self.s, actor=partner, at=at, **where)
            return
        self.record(case, at)

    def _leads_nowhere(self, ballot: Ballot) -> bool:
        return not case_queries.count(ballot).quorum_met or case_queries.refused_without_a_gap(ballot)

    def _vote(self, case: Case, at: datetime, value: int) -> None:
        ballot = case_queries.last_ballot(self.s, case)
        assert ballot is not None
        people = {p.id: p for p in self.people}
        waiting = [e for e in ballot.electors if e.standing is Standing.ELIGIBLE and e.choice is None]
        for elector in waiting:
            voter = people[elector.person_id]
            if calibration_policy.can_cast(voter, ballot):
                choice = (Choice.AGAINST, Choice.ABSTAIN, Choice.AGAINST, Choice.FOR, Choice.FOR)[value]
                calibration.cast(self.s, ballot=ballot, actor=voter, choice=choice, at=at)
                return
        closer = next((p for p in self.people if calibration_policy.can_close(p, ballot)), None)
        if closer:
            calibration.close_ballot(self.s, ballot=ballot, actor=closer, at=at)

    def record(self, case: Case, at: datetime) -> None:
        chair = self.who(decision_policy.can_record, case)
        found = decision_queries.closed_ballot(self.s, case)
        if chair is None or found is None:
            return
        ballot, counted = found
        clauses = decision_queries.unmet_in(ballot)
        codes = [] if counted.carried else [c["code"] for c in clauses]
        outcome = Outcome.APPROVED if counted.carried else Outcome.NOT_YET
        day = (at + timedelta(days=30)).date() if counted.carried else None
        said = {"reasons": REASONS, "unmet_codes": codes, "effective_on": day}
        decisions.record_decision(self.s, case=case, actor=chair, outcome=outcome, at=at, **said)

    def _release(self, case: Case, at: datetime, _value: int) -> None:
        decision = case.decisions[-1]
        if decision.confirmed_at is None:
            if second := self.who(decision_policy.can_confirm, case):
                decisions.confirm(self.s, decision=decision, actor=second, at=at)
            return
        partner = self.who(letter_policy.can_release, case)
        if partner is None:
            return
        letter = decision.letter
        if letter is None or letters.problems_before_release(self.s, letter, at):
            letter = letters.prepare(self.s, decision=decision, actor=partner, at=at)
        if letter.pdf_sha256 is None:
            letters.render(self.s, letter=letter, storage=self.storage, at=at, render_with=blank_pdf)
            return
        letters.release(self.s, cases=[case], actor=partner, at=at)

    def _acknowledge(self, case: Case, at: datetime, _value: int) -> None:
        if case.acknowledged_at is None and decision_policy.can_acknowledge(case.candidate, case):
            decisions.acknowledge(self.s, case=case, actor=case.candidate, at=at)

    def _answer(self, case: Case, at: datetime, value: int) -> None:
        appeal = decision_policy.open_appeal(case)
        assert appeal is not None
        panel = appeal.panel
        if panel is None or not decisions.can_come_to_a_result(panel):
            self._appoint(appeal, at)
            return
        if panel.closed_at is None:
            for n, member in enumerate(panel.members):
                if decision_policy.seat_of(member.person, case):
                    finding = list(Finding)[(value + n) % len(Finding)]
                    decisions.say(self.s, appeal=appeal, actor=member.person, finding=finding, at=at)
            first = decision_policy.presides(case)
            assert first is not None
            decisions.close_panel(self.s, appeal=appeal, actor=first.person, at=at)
            return
        self._record_answer(appeal, at, value)

    def _appoint(self, appeal: Appeal, at: datetime) -> None:
        case = appeal.case
        partner = self.who(decision_policy.can_appoint, case)
        outside = [p for p in self.people if p is not partner and not decision_policy.why_not_on_panel(p, case)]
        if partner and len(outside) >= decisions.needed(case):
            decisions.appoint(self.s, appeal=appeal, people=outside[: decisions.needed(case)], actor=partner, at=at)

    def _record_answer(self, appeal: Appeal, at: datetime, value: int) -> None:
        first, panel = decision_policy.presides(appeal.case), appeal.panel
        assert first is not None and panel is not None
        possible = allowed(decisions.result_of(panel))
        action = possible[value % len(possible)]
        said = "We read the packet and the reviews from the first page to the last."
        again = "" if action is Action.UPHOLD else "The second result, once more from the first page."
        who = {"appeal": appeal, "actor": first.person, "at": at}
        decisions.answer_appeal(self.s, action=action, answer=said, look_again=again, **who)
