"""One populated world with overlapping hats, and the means to put a case at any stage of its life.

The people live in two branches of one line, so that reviewers without a conflict exist:

    cleo ── vera ── dana ── max  ── ada (senior, candidate), ivy (senior), ron (staff)
         │       │       └─ mona (em, candidate)
         │       └─ dirk ── rae (sem) ── rex (staff), rob (staff)
         │               └─ kim (principal, chair), lou (principal, deputy), nat (sem), ola (staff), joe (director)
         └─ pia (people partner), theo (people partner and candidate), aud (auditor), opal (operator), sam (no part)
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import rubric_files
from portal.domain.case_flow import ROAD, Action, Facts, State
from portal.domain.case_types import APPROVALS, rubric_for, targets
from portal.domain.packet import sections_for
from portal.domain.scoring import position
from portal.models.audit import digest
from portal.models.base import seeded_ids
from portal.models.calibration import Ballot, BarCheck, Choice, Elector, Standing
from portal.models.case import Assignment, Case, CaseType
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.decision import Decision, Outcome
from portal.models.ladder import RubricVersion
from portal.models.packet import Evidence, PacketSection, Snapshot, Statement
from portal.models.person import Person, Role
from portal.models.review import Review, Score
from portal.people import commands as people
from portal.settings import ROOT

read_folder = cache(rubric_files.read_folder)  # the files do not change under a test
NOW = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
READY = Facts(
    reviewers_assigned=3,
    reviewers_needed=3,
    cross_track_reviewers=1,
    reviews_sealed=3,
    committee_named=True,
    ballot_closed=True,
    quorum_met=True,
    bar_checked=True,
    decision_confirmed=True,
    letter_ready=True,
    appeal_window_open=True,
)
_ORG = (
    # key, name, manager, level
    ("cleo", "Cleo Acheson", None, "cto"),
    ("vera", "Vera Lindqvist", "cleo", "vp"),
    ("dana", "Dana Osei", "vera", "director"),
    ("max", "Max Brandt", "dana", "sem"),
    ("ada", "Ada Marchetti", "max", "senior"),
    ("ivy", "Ivy Novak", "max", "senior"),
    ("ron", "Ron Haddad", "max", "staff"),
    ("mona", "Mona Fischer", "dana", "em"),
    ("dirk", "Dirk Janssen", "vera", "director"),
    ("rae", "Rae Okonkwo", "dirk", "sem"),
    ("rex", "Rex Tanaka", "rae", "staff"),
    ("rob", "Rob Silva", "rae", "staff"),
    ("kim", "Kim Larsen", "dirk", "principal"),
    ("lou", "Lou Petit", "dirk", "principal"),
    ("nat", "Nat Weiss", "dirk", "sem"),
    ("ola", "Ola Berg", "dirk", "staff"),
    ("joe", "Joe Walsh", "vera", "director"),
    ("pia", "Pia Romero", "cleo", None),
    ("theo", "Theo Vance", "cleo", "senior"),
    ("aud", "Aud Nilsen", "cleo", None),
    ("opal", "Opal Grant", "cleo", None),
    ("sam", "Sam Ito", "cleo", "se2"),
)
_ROLES = {"pia": [Role.PEOPLE_PARTNER], "theo": [Role.PEOPLE_PARTNER], "aud": [Role.AUDITOR], "opal": [Role.OPERATOR]}
_COMMITTEE = ("kim", "lou", "nat", "ola", "joe")
REVIEWERS = ("rex", "rob", "rae")


def build_world(s: Session, now: datetime = NOW) -> None:
    """People, one cycle in which cases can be opened, its committee. Cases are made by the tests that need them."""
    with seeded_ids(1):
        s.add(_cycle(build_people(s, now), now))
        s.flush()


def build_people(s: Session, now: datetime = NOW) -> dict[str, Person]:
    """Everybody of the drawing above, with their line, level and roles, and nothing else."""
    made: dict[str, Person] = {}
    for key, name, manager, level in _ORG:
        made[key] = people.add_person(
            s,
            actor=None,
            email=f"{key}@example.org",
            name=name,
            manager=made[manager] if manager else None,
            family_id="engineering" if level else None,
            level_id=level,
            at=now - timedelta(days=400),
        )
    for key, roles in _ROLES.items():
        for role in roles:
            people.grant(s, actor=None, person=made[key], role=role, at=now - timedelta(days=400))
    return made


def _cycle(made: dict[str, Person], now: datetime) -> Cycle:
    library = read_folder(ROOT / "rubrics")
    family = library.families["engineering"]
    version = RubricVersion(
        content_hash=library.content_hash("engineering"),
        family_id="engineering",
        family_version=str(family.version),
        org_text=library.org_text,
        family_text=library.texts["engineering"],
        first_pinned_at=now - timedelta(days=20),
    )
    cycle = Cycle(
        slug="spring-2026",
        name="Spring 2026",
        opens_at=now - timedelta(days=14),
        submit_by=now + timedelta(days=14),
        review_by=now + timedelta(days=35),
        decide_by=now + timedelta(days=56),
        min_reviewers=3,
        quorum=0.67,
        majority=0.5,
        appeal_days=15,
        created_by_id=made["pia"].id,
        created_at=now - timedelta(days=20),
        pins=[CyclePin(family_id="engineering", rubric_version=version)],
        margins=[MarginSetting(margin=0.5, set_by_id=made["pia"].id, set_at=now - timedelta(days=20))],
    )
    seats = [CommitteeSeat(person=made[key]) for key in _COMMITTEE]
    cycle.committees = [
        Committee(name="Grades 3 to 5", grade_from=3, grade_to=5, chair=made["kim"], deputy=made["lou"], seats=seats)
    ]
    return cycle


class World:
    """The populated world seen through one session: `world.ada` is a person, `world.case("ada", State.IN_REVIEW)` a
    case brought to that stage (commit is the test's own act: `world.commit()`)."""

    def __init__(self, s: Session, now: datetime = NOW) -> None:
        self.s, self.now = s, now

    def __getattr__(self, key: str) -> Person:
        found = self.s.scalar(select(Person).where(Person.email == f"{key}@example.org"))
        if found is None:
            raise AttributeError(key)
        return found

    @staticmethod
    def keys() -> tuple[str, ...]:
        return tuple(key for key, *_ in _ORG)

    @property
    def everyone(self) -> dict[str, Person]:
        return {key: getattr(self, key) for key, *_ in _ORG}

    @cached_property
    def cycle(self) -> Cycle:
        found = self.s.scalar(select(Cycle).where(Cycle.slug == "spring-2026"))
        assert found is not None
        return found

    @property
    def committee(self) -> Committee:
        return self.cycle.committees[0]

    def commit(self) -> None:
        self.s.commit()

    def fresh(self, thing: Any) -> Any:
        """The thing as the database has it now, after the app wrote."""
        self.s.rollback()
        self.s.refresh(thing)
        return thing

    def case(
        self,
        candidate: str = "ada",
        state: State = State.DRAFT,
        *,
        reviewers: tuple[str, ...] = REVIEWERS,
        scores: tuple[int, ...] = (3, 3, 3),
        outcome: Outcome = Outcome.APPROVED,
        case_type: CaseType = CaseType.PROMOTION,
        to: str | None = None,
    ) -> Case:
        """A case at `state`, to level `to` where its type leaves a choice. `scores` are what each reviewer gives on
        every competency; where nothing is scored, nobody reviews."""
        case = self._draft(getattr(self, candidate), case_type, to)
        if not case.scored:
            reviewers, scores = (), ()
        stages = ROAD[1 : ROAD.index(state) + 1] if state in ROAD else ()
        steps: dict[State, Any] = {
            State.SUBMITTED: lambda: self._submit(case),
            State.IN_REVIEW: lambda: self._review(case, reviewers),
            State.IN_CALIBRATION: lambda: self._seal_and_send(case, scores),
            State.DECIDED: lambda: self._decide(case, outcome),
            State.RELEASED: lambda: self._release(case),
            State.CLOSED: lambda: self._step(case, Action.CLOSE, None, Facts()),
        }
        for stage in stages:
            steps[stage]()
        if state is State.WITHDRAWN:
            self._step(case, Action.WITHDRAW, case.candidate)
        self.s.flush()
        return case

    def _step(self, case: Case, action: Action, by: Person | None, facts: Facts = READY) -> None:
        case.take(action, facts, by=by, at=self.now)
        self.s.flush()

    def _draft(self, candidate: Person, case_type: CaseType = CaseType.PROMOTION, to: str | None = None) -> Case:
        version = self.cycle.pins[0].rubric_version
        family = read_folder(ROOT / "rubrics").families["engineering"]
        own = str(candidate.level_id)
        target = next(x for x in targets(family, case_type, own) if to in (None, x.id))
        assert target.grade is not None
        track = family.track(target.track)
        case = Case(
            cycle=self.cycle,
            candidate=candidate,
            case_type=case_type,
            family_id="engineering",
            rubric_version=version,
            from_level_id=str(candidate.level_id),
            to_level_id=target.id,
            track_id=track.id,
            track_kind=track.kind,
            grade=target.grade,
            scored=bool(rubric_for(family, case_type, own, target.id).competencies),
            state_since=self.now,
            created_at=self.now,
        )
        self.s.add(case)
        self.s.flush()
        return case

    def rubric(self, case: Case) -> Any:
        family = read_folder(ROOT / "rubrics").families["engineering"]
        return rubric_for(family, case.case_type, case.from_level_id, case.to_level_id)

    def _submit(self, case: Case) -> None:
        name = case.candidate.name
        for section in sections_for(case.grade, case.case_type):
            texts = {f.code: f"{name} on {section.title.lower()}, {f.label.lower()}." for f in section.fields}
            self.s.add(PacketSection(case_id=case.id, code=section.code, texts=texts, saved_at=self.now))
        for competency in self.rubric(case).competencies:
            self.s.add(
                Evidence(
                    case_id=case.id,
                    competency_id=competency.id,
                    claim=f"{name} shows {competency.name.lower()}.",
                    contribution="Led it from the first sketch to the handover.",
                    period="2025",
                    added_at=self.now,
                )
            )
        self.s.flush()
        self._statement(case)
        content = self._content(case)
        self.s.add(
            Snapshot(
                case=case,
                number=1,
                content=content,
                content_hash=digest(content),
                taken_at=self.now,
                taken_by_id=case.candidate_id,
            )
        )
        case.committee = self.committee
        self._step(case, Action.SUBMIT, case.candidate)
        case.committee = self.committee

    def _content(self, case: Case) -> dict[str, Any]:
        sections = self.s.scalars(
            select(PacketSection).where(PacketSection.case_id == case.id).order_by(PacketSection.code)
        )
        rows = self.s.scalars(select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.id))
        return {
            "sections": {row.code: dict(row.texts) for row in sections},
            "evidence": [
                {
                    "id": row.id,
                    "competency": row.competency_id,
                    "claim": row.claim,
                    "contribution": row.contribution,
                    "period": row.period,
                    "link": row.link,
                }
                for row in rows
            ],
            "self_assessment": {},
        }

    def _statement(self, case: Case) -> None:
        writer = case.candidate.manager
        assert writer is not None
        self.s.add(
            Statement(
                case_id=case.id,
                writer_id=writer.id,
                strengths="Calm under load.",
                gaps="Writes too little down.",
                current_level="Has met every expectation for a year.",
                supports=True,
                saved_at=self.now,
                signed_at=self.now,
            )
        )
        self.s.flush()

    def _review(self, case: Case, reviewers: tuple[str, ...]) -> None:
        tracks = {"sem": "manager", "em": "manager", "director": "manager"}
        for number, key in enumerate(reviewers, 1):
            reviewer = getattr(self, key)
            case.assignments.append(
                Assignment(
                    reviewer=reviewer,
                    track_kind=tracks.get(str(reviewer.level_id), "ic"),
                    pseudonym=f"Reviewer {number}",
                    no_conflict_at=self.now,
                    assigned_by_id=self.pia.id,
                    assigned_at=self.now,
                )
            )
        self._step(case, Action.OPEN_REVIEW, self.pia)

    def _seal_and_send(self, case: Case, scores: tuple[int, ...]) -> None:
        for assignment, value in zip(case.assignments, scores, strict=True):
            self.seal(case, assignment, value)
        self._step(case, Action.SEND_TO_CALIBRATION, self.pia)

    def seal(self, case: Case, assignment: Assignment, value: int) -> Review:
        """A sealed review with the same value on every competency."""
        snapshot = self.s.scalar(select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number.desc()))
        assert snapshot is not None
        lines = [
            Score(competency_id=c.id, value=value, rationale=f"Seen by {assignment.pseudonym}.", cites=[])
            for c in self.rubric(case).competencies
        ]
        review = Review(
            assignment=assignment,
            case_id=case.id,
            snapshot=snapshot,
            summary=f"Summary by {assignment.pseudonym}.",
            started_at=self.now,
            saved_at=self.now,
            sealed_at=self.now,
            scores=lines,
        )
        self.s.add(review)
        self.s.flush()
        return review

    def ballot(self, case: Case, votes: dict[str, Choice | None], *, closed: bool = True) -> Ballot:
        """A ballot of the committee; who is not named is recused, None is absent."""
        reviews = [{x.competency_id: x.value for x in a.review.scores} for a in case.assignments if a.review]
        where = position(self.rubric(case), reviews)
        ballot = Ballot(
            round=len(case.ballots) + 1,
            quorum=0.67,
            majority=0.5,
            shown=where.overall,
            position=json.loads(json.dumps(asdict(where))),
            opened_at=self.now,
            opened_by_id=self.kim.id,
            closed_at=self.now if closed else None,
            closed_by_id=self.kim.id if closed else None,
        )
        for key in _COMMITTEE:
            choice = votes.get(key)
            ballot.electors.append(
                Elector(
                    person_id=getattr(self, key).id,
                    standing=Standing.ELIGIBLE if key in votes else Standing.RECUSED,
                    choice=choice,
                    voted_at=self.now if choice else None,
                )
            )
        case.ballots.append(ballot)
        self.s.flush()
        return ballot

    def bar_check(self, case: Case) -> BarCheck:
        check = BarCheck(
            cycle_id=case.cycle_id,
            grade=case.grade,
            family_id=case.family_id,
            margin=0.5,
            verdict="not_enough_evidence",
            sentence="The data cannot say.",
            figures={},
            inputs_hash=digest([]),
            run_by_id=self.kim.id,
            run_at=self.now,
        )
        self.s.add(check)
        self.s.flush()
        return check

    def _decide(self, case: Case, outcome: Outcome) -> None:
        choice = Choice.AGAINST if outcome in (Outcome.NOT_YET, Outcome.DECLINED) else Choice.FOR
        ballot = self.ballot(case, dict.fromkeys(_COMMITTEE, choice))
        check = self.bar_check(case)
        decision = Decision(
            number=1,
            ballot=ballot,
            bar_check=check,
            outcome=outcome,
            reasons="The evidence shows the bar was met on every clause.",
            unmet=[],
            position=ballot.position,
            effective_on=self.now.date() if outcome in APPROVALS else None,
            recorded_by_id=self.kim.id,
            recorded_at=self.now,
            confirmed_by_id=self.nat.id,
            confirmed_at=self.now,
        )
        case.decisions.append(decision)
        self._step(case, Action.DECIDE, self.kim)

    def _release(self, case: Case) -> None:
        case.decisions[-1].released_at = self.now
        self._step(case, Action.RELEASE, self.pia)
