"""The rows of one case, as plain data for the driver: its snapshot, its reviews and scores, its vote and decision."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.domain.case_flow import Action, State
from portal.models.calibration import Ballot, Choice, Elector, Standing
from portal.models.case import Assignment, Case, CaseEvent, CaseType
from portal.models.decision import Decision, Outcome
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import Review, Score

BAR = 2.7
PER_CASE = 3
STEPS = (
    ("senior", "se2"),
    ("em", "senior"),
    ("staff", "senior"),
    ("sem", "em"),
    ("principal", "staff"),
    ("director", "sem"),
)
Rows = dict[type, list[dict[str, Any]]]


class CaseRows:
    """The rows of one case. Every third is in review with one review unsealed, in calibration, or decided."""

    def __init__(self, cycle, family, candidate, to_level, from_level, reviewers, members, checks, at, chance, n):
        self.cycle, self.rubric, self.candidate = cycle, family.rubric(to_level), candidate
        self.reviewers, self.members, self.checks, self.at, self.chance, self.n = (
            reviewers,
            members,
            checks,
            at,
            chance,
            n,
        )
        self.state = (State.IN_REVIEW, State.IN_CALIBRATION, State.DECIDED)[(n // len(STEPS)) % 3]
        self.from_level = from_level
        self.quality = chance.gauss(BAR + 0.1, 0.6)

    def write(self, s: Session, rows: Rows) -> str:
        level, track = self.rubric.level, self.rubric.track
        case = Case(
            cycle=self.cycle,
            candidate=self.candidate,
            case_type=CaseType.PROMOTION,
            family_id="engineering",
            rubric_hash=self.cycle.pins[0].content_hash,
            from_level_id=self.from_level,
            to_level_id=level.id,
            track_id=track.id,
            track_kind=track.kind,
            grade=level.grade,
            committee=self.cycle.committees[0],
            _state=self.state,
            state_since=self.at,
            created_at=self.at,
        )
        s.add(case)
        s.flush()
        for model, row in self._rows(case):
            rows.setdefault(model, []).append(row)
        return case.id

    def _rows(self, case: Case) -> Iterator[tuple[type, dict[str, Any]]]:
        yield Snapshot, _snapshot(case, self.rubric, self.n + 1, self.at)
        step = {"by_id": case.candidate_id, "at": self.at, "note": "", "case_id": case.id}
        yield (
            CaseEvent,
            {"action": Action.SUBMIT, "source": State.DRAFT, "target": State.SUBMITTED, "id": self.n + 1, **step},
        )
        for k, reviewer in enumerate(self.reviewers):
            sealed = not (self.state is State.IN_REVIEW and k == 0)
            yield from self._review(case, reviewer, self.n * PER_CASE + k + 1, sealed)
        if self.state is State.DECIDED:
            yield from self._decision(case)

    def _review(self, case: Case, reviewer: Person, number: int, sealed: bool) -> Iterator[tuple[type, dict[str, Any]]]:
        side = "manager" if reviewer.level_id in ("sem", "director") else "ic"
        yield (
            Assignment,
            {
                "id": number,
                "case_id": case.id,
                "reviewer_id": reviewer.id,
                "track_kind": side,
                "pseudonym": f"Reviewer {number % PER_CASE}",
                "no_conflict_at": self.at,
                "assigned_by_id": self.cycle.created_by_id,
                "assigned_at": self.at,
            },
        )
        yield from self._scored(case, number, sealed)

    def _scored(self, case: Case, number: int, sealed: bool) -> Iterator[tuple[type, dict[str, Any]]]:
        times = {"started_at": self.at, "saved_at": self.at, "sealed_at": self.at if sealed else None}
        yield (
            Review,
            {
                "id": number,
                "assignment_id": number,
                "case_id": case.id,
                "snapshot_id": self.n + 1,
                "summary": "Clear results.",
                "version": 1,
                **times,
            },
        )
        for competency in self.rubric.competencies:
            value = min(4, max(0, round(self.chance.gauss(self.quality, 0.7))))
            yield (
                Score,
                {
                    "review_id": number,
                    "competency_id": competency.id,
                    "value": value,
                    "no_score": None,
                    "rationale": "The cited evidence shows it.",
                    "cites": [],
                },
            )

    def _decision(self, case: Case) -> Iterator[tuple[type, dict[str, Any]]]:
        carried = self.quality > BAR
        shown = min(4.0, max(0.0, self.quality))
        where = {"overall": shown, "lines": [], "unmet": []}
        by = self.members[0].id
        yield (
            Ballot,
            {
                "id": f"ballot{self.n:06}",
                "case_id": case.id,
                "round": 1,
                "quorum": 0.67,
                "majority": 0.5,
                "shown": shown,
                "position": where,
                "opened_at": self.at,
                "opened_by_id": by,
                "closed_at": self.at,
                "closed_by_id": by,
                "version": 1,
            },
        )
        yield from self._votes(carried)
        yield from self._outcome(case, carried, where)

    def _votes(self, carried: bool) -> Iterator[tuple[type, dict[str, Any]]]:
        for member in self.members:
            choice = Choice.FOR if carried else Choice.AGAINST
            yield (
                Elector,
                {
                    "ballot_id": f"ballot{self.n:06}",
                    "person_id": member.id,
                    "standing": Standing.ELIGIBLE,
                    "choice": choice,
                    "voted_at": self.at,
                },
            )

    def _outcome(self, case: Case, carried: bool, where: dict[str, Any]) -> Iterator[tuple[type, dict[str, Any]]]:
        by = self.members[0].id
        yield (
            Decision,
            {
                "id": f"decided{self.n:05}",
                "case_id": case.id,
                "number": 1,
                "ballot_id": f"ballot{self.n:06}",
                "bar_check_id": self.checks[case.grade],
                "outcome": Outcome.APPROVED if carried else Outcome.NOT_YET,
                "reasons": "As the reviews say.",
                "unmet": [],
                "position": where,
                "effective_on": self.at.date() if carried else None,
                "recorded_by_id": by,
                "recorded_at": self.at,
                "confirmed_by_id": self.members[1].id,
                "confirmed_at": self.at,
                "version": 1,
            },
        )


def _snapshot(case: Case, rubric: Any, number: int, at: datetime) -> dict[str, Any]:
    evidence = [
        {
            "id": f"row{k}",
            "competency": c.id,
            "claim": f"Shows {c.name}.",
            "contribution": "Led it.",
            "period": "2026",
            "link": "",
        }
        for k, c in enumerate(rubric.competencies)
    ]
    content = {
        "sections": {"summary": {"summary": "What changed, and why it mattered. " * 20}},
        "evidence": evidence,
        "self_assessment": {},
    }
    return {
        "id": number,
        "case_id": case.id,
        "number": 1,
        "content": content,
        "content_hash": "0" * 64,
        "taken_at": at,
        "taken_by_id": case.candidate_id,
    }
