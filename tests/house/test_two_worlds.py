"""Two worlds that differ in one secret. Everyone who may not know it finds the same bytes everywhere; whoever may, sees
the difference."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.adapters.database import backup
from portal.adapters.storage import Storage
from portal.decisions.commands import appoint, file_appeal, record_decision, say
from portal.decisions.commands import confirm as confirm_decision
from portal.domain.appeals import Finding
from portal.domain.attachments import FileKind
from portal.domain.case_flow import Action, State
from portal.domain.case_types import CaseType
from portal.letters.commands import prepare
from portal.letters.releases import order
from portal.models.anchor import AgreedScore, AnchorPacket, AnchorScore
from portal.models.appeal import AppealGround, AppealMember
from portal.models.calibration import Choice, Elector
from portal.models.case import Assignment, Case, CaseEvent, ConflictSource, Recusal
from portal.models.decision import Decision, Outcome
from portal.models.packet import (
    Attachment,
    BusinessJustification,
    DraftComment,
    Evidence,
    PacketSection,
    Referee,
    RefereeState,
    Snapshot,
    SnapshotAttachment,
    Statement,
)
from portal.models.review import Review, Score
from portal.models.trial import Trial
from portal.models.unsent import UnsentText
from portal.packets.commands.referees import TOLD, keep_feedback, propose_referee
from portal.packets.queries import file_data
from portal.reviews.commands import ScoreInput, amend, open_anchor, save_anchor_scores, write_anchor
from portal.reviews.queries import anchor_rubric
from portal.settings import Settings
from portal.trials.commands import begin, confirm
from tests.conftest import Browser
from tests.house.access import known_ids
from tests.kept import Kept
from tests.two_worlds import addresses, differing
from tests.world import NOW, World

Change = Callable[[Session, Case], None]


@pytest.fixture(scope="session")
def kept_twin(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept") / "twin", Browser)


@pytest.fixture
def twin(kept_twin: Kept, engine: Engine, settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """`twin(change, case)` is the portal on a copy of this world in which one thing was changed."""
    with ExitStack() as stack:

        def copy(change: Change, case: Case) -> Flask:
            (tmp_path / "twin").mkdir()
            kept_twin.lead_to(tmp_path / "twin")
            file = kept_twin.folder / "evenbar.db"
            backup(engine, file)
            url = f"sqlite:///{file}"
            other = kept_twin.engine(url)
            stack.callback(other.dispose)
            with Session(other) as s:
                found = s.get(Case, case.id)
                assert found is not None
                change(s, found)
                s.commit()
            return kept_twin.portal(settings.model_copy(update={"database_url": url}), other)

        yield copy


def another_score(s: Session, case: Case) -> None:
    review = s.scalars(select(Review.id).where(Review.case_id == case.id).order_by(Review.id)).first()
    s.execute(update(Score).where(Score.review_id == review).values(value=0, rationale="Nothing of it is there."))


def no_review(s: Session, case: Case) -> None:
    for review in s.scalars(select(Review).where(Review.case_id == case.id)):
        s.delete(review)


def an_amendment(s: Session, case: Case) -> None:
    review = s.scalars(select(Review).where(Review.case_id == case.id).order_by(Review.id)).first()
    assert review is not None
    reason, given = "The last result convinced me.", {"ships": ScoreInput(2, None, "Less than it seems.")}
    amend(
        s,
        review=review,
        actor=review.assignment.reviewer,
        scores=given,
        summary="",
        reason=reason,
        version=1,
        at=NOW,
    )


def another_reviewer(s: Session, case: Case) -> None:
    first = s.scalars(select(Assignment).where(Assignment.case_id == case.id).order_by(Assignment.id)).first()
    joe = World(s).joe
    assert first is not None
    first.reviewer_id = joe.id


def another_vote(s: Session, case: Case) -> None:
    ballot = case.ballots[-1].id
    s.execute(
        update(Elector).where(Elector.ballot_id == ballot, Elector.choice == Choice.FOR).values(choice=Choice.AGAINST)
    )


def fewer_votes(s: Session, case: Case) -> None:
    kim = World(s).kim.id
    s.execute(update(Elector).where(Elector.person_id != kim).values(choice=None, voted_at=None))


def another_decision(s: Session, case: Case) -> None:
    values = {"outcome": Outcome.NOT_YET, "effective_on": None, "reasons": "The bar was missed on two clauses."}
    s.execute(update(Decision).where(Decision.case_id == case.id).values(**values))


def no_decision(s: Session, case: Case) -> None:
    began = s.scalar(select(CaseEvent.at).where(CaseEvent.case_id == case.id, CaseEvent.target == State.IN_CALIBRATION))
    s.execute(update(Case).where(Case.id == case.id).values(_state=State.IN_CALIBRATION, state_since=began))
    for row in [*case.decisions, *(e for e in case.events if e.action is Action.DECIDE)]:
        s.execute(row.__table__.delete().where(row.__table__.c.id == row.id))


def an_ordered_release(s: Session, case: Case) -> None:
    """The whole cycle leaves tomorrow: ordered by the people partner, letters dated anew."""
    pia = World(s).pia
    order(s, cycle=case.cycle, cases=[case], actor=pia, moment=NOW + timedelta(days=1), at=NOW)


def a_correction(s: Session, case: Case) -> None:
    """Another outcome that the ballot allows, recorded by the chair and confirmed, and not released."""
    world = World(s)
    given = {"unmet_codes": [], "effective_on": None, "at": NOW, "correction": "No role was open on that day."}
    reasons = "The bar was met, and colleagues from three teams confirmed it."
    made = record_decision(s, case=case, actor=world.kim, outcome=Outcome.DEFERRED, reasons=reasons, **given)
    confirm_decision(s, decision=made, actor=world.nat, at=NOW)


def before_its_panel(world: World) -> Case:
    case = world.case("ada", State.RELEASED)
    statement = "Nobody asked the second referee."
    given = {"ground": AppealGround.PROCEDURE, "statement": statement, "at": NOW}
    appeal = file_appeal(world.s, case=case, actor=world.ada, **given)
    people = [world.dirk, world.ron, world.sam]
    appoint(world.s, appeal=appeal, people=people, actor=world.pia, at=NOW)
    for person in people[1:]:
        say(world.s, appeal=appeal, actor=person, finding=Finding.STANDS, at=NOW)
    return case


def another_finding(s: Session, case: Case) -> None:
    sam = World(s).sam.id
    s.execute(update(AppealMember).where(AppealMember.person_id == sam).values(finding=None, said_at=None))


def another_draft(s: Session, case: Case) -> None:
    s.add(PacketSection(case_id=case.id, code="summary", texts={"text": "A quite different story."}, saved_at=NOW))


def another_statement(s: Session, case: Case) -> None:
    s.execute(
        update(Statement).where(Statement.case_id == case.id).values(strengths="None worth naming.", supports=False)
    )


def with_feedback(world: World) -> Case:
    case = world.case("ada", State.IN_REVIEW)
    said = {"answers": {"result-1": "She cut the queue in half."}, "reason_not_to": "Too early.", "told": TOLD}
    by = {"proposed_by_id": world.ada.id, "proposed_at": NOW, "answered_at": NOW}
    state, name = RefereeState.ANSWERED, "Referee X7Q"
    row = Referee(person=world.ola, pseudonym=name, pseudonym_for_candidate="Colleague Q1", state=state, **said, **by)
    case.referees.append(row)
    world.s.flush()
    return case


def another_feedback(s: Session, case: Case) -> None:
    s.execute(update(Referee).where(Referee.case_id == case.id).values(reason_not_to="Never listens to anybody."))


def with_feedback_begun(world: World) -> Case:
    """Asked of rex, who has written half of it and sent nothing."""
    case = world.case("ada")
    row = propose_referee(world.s, case=case, actor=world.ada, person=world.rex, at=NOW)
    said = {"answers": {"result-1": "She cut"}, "reason_not_to": "", "kept": 0}
    keep_feedback(world.s, referee=row, actor=world.rex, at=NOW, **said)
    return case


def another_beginning(s: Session, case: Case) -> None:
    s.execute(update(UnsentText).where(UnsentText.case_id == case.id).values(texts={"reason_not_to": "Never."}))


def a_recusal(s: Session, case: Case) -> None:
    """Of a committee member before calibration: nobody finds the case missing from their pages."""
    joe = World(s).joe
    s.add(
        Recusal(
            case_id=case.id, person_id=joe.id, source=ConflictSource.DECLARED, reason="", declared_by_id=joe.id, at=NOW
        )
    )
    s.flush()


def a_justification(s: Session, case: Case) -> None:
    writer = case.candidate.manager_id
    s.add(BusinessJustification(case_id=case.id, writer_id=writer, text="We lose the client without it.", saved_at=NOW))


def another_file(s: Session, case: Case) -> None:
    s.execute(update(Attachment).where(Attachment.case_id == case.id).values(name="layoffs.pdf", sha256="1" * 64))
    for snapshot in s.scalars(select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.id)).all():
        content = json.loads(json.dumps(snapshot.content).replace("plan.pdf", "layoffs.pdf"))
        s.execute(update(Snapshot).where(Snapshot.id == snapshot.id).values(content=content))


def another_comment(s: Session, case: Case) -> None:
    s.execute(update(DraftComment).where(DraftComment.case_id == case.id).values(text="This will never do."))


def shared_with_a_comment(world: World) -> Case:
    case = world.case("ada")
    case.shared_with_manager = True
    said = {"section": "summary", "writer": world.max, "text": "Say what changed.", "written_at": NOW}
    world.s.add(DraftComment(case_id=case.id, **said))
    return case


def draft_with_a_file(world: World) -> Case:
    case = world.case("ada")
    row = Evidence(
        case_id=case.id,
        competency_id=world.rubric(case).competencies[0].id,
        claim="Took the queue.",
        contribution="Wrote the plan.",
        period="2025",
        added_at=NOW,
    )
    world.s.add(row)
    world.s.flush()
    world.s.add(attached(case, row))
    return case


def in_review_with_a_file(world: World) -> Case:
    case = world.case("ada", State.IN_REVIEW)
    row = world.s.scalars(select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.id)).first()
    snapshot = world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id)).one()
    assert row is not None
    file = attached(case, row)
    world.s.add(file)
    world.s.flush()
    world.s.add(SnapshotAttachment(snapshot_id=snapshot.id, attachment_id=file.id))
    content = json.loads(json.dumps(snapshot.content))
    content["evidence"][0]["attachments"] = [file_data(file)]
    world.s.execute(update(Snapshot).where(Snapshot.id == snapshot.id).values(content=content))
    return case


def attached(case: Case, row: Evidence) -> Attachment:
    held = {"name": "plan.pdf", "kind": FileKind.PDF, "size": 9, "sha256": "0" * 64, "added_at": NOW}
    return Attachment(case_id=case.id, evidence_id=row.id, **held)


def in_review_with_one_sealed(world: World) -> Case:
    case = world.case("ada", State.IN_REVIEW)
    world.seal(case, case.assignments[0], 4)
    return case


def with_an_open_ballot(world: World) -> Case:
    case = world.case("ada", State.IN_CALIBRATION)
    world.ballot(case, dict.fromkeys(("kim", "lou", "nat", "ola", "joe"), Choice.FOR), closed=False)
    return case


def with_a_letter_set(world: World) -> Case:
    case = world.case("ada", State.DECIDED)
    letter = prepare(world.s, decision=case.decisions[-1], actor=world.pia, at=NOW)
    store = Path(str(world.s.get_bind().url.database)).with_name("store")
    letter.pdf_sha256, letter.rendered_at = Storage.from_url(f"file://{store}").put(b"%PDF"), NOW
    world.s.flush()
    return case


def ordered_for_tomorrow(world: World) -> Case:
    case = with_a_letter_set(world)
    an_ordered_release(world.s, case)
    return case


def on_trial(world: World) -> Case:
    case = world.case("ada", State.RELEASED, case_type=CaseType.SWITCH, outcome=Outcome.APPROVED_ON_TRIAL)
    begin(world.s, decision=case.decisions[-1], actor=world.pia, at=NOW)
    return case


def the_end_of_a_trial(s: Session, case: Case) -> None:
    trial = s.scalars(select(Trial).where(Trial.case_id == case.id)).one()
    confirm(s, trial=trial, actor=World(s).pia, reason="Two people grew.", at=NOW + timedelta(days=170))


def asked_outside_the_dates(world: World) -> Case:
    """Off-cycle and in review; why it could not wait is not for those who review it."""
    case = world.case("ada", State.IN_REVIEW, case_type=CaseType.OFF_CYCLE)
    case.reason = "An offer from outside."
    return case


def another_reason(s: Session, case: Case) -> None:
    case.reason = "A team is being closed."


def at(state: State) -> Callable[[World], Case]:
    return lambda world: world.case("ada", state)


# One of each kind; who stands as they do would only be asked the same again.
ASKED = ("ada", "max", "ivy", "dana", "rex", "rae", "kim", "lou", "nat", "pia", "theo", "aud", "opal", "sam")
PANEL = {"kim", "lou", "nat", "ola", "joe"}
# The auditor reads the log of acts, and so learns that somebody read or sealed; never what.
LOG = {"aud"}
ASSIGNING = {"rex", "kim", "pia", "theo", *LOG}
READERS = {"ada", "max", "rex", "rae", "kim", "pia", "theo"}
REFEREED = {"kim", "pia", "theo", "rex", "rae", "ola"}


def with_an_anchor_scored(world: World) -> Case:
    """In review, with an open anchor packet of its grade that rex has scored."""
    case = world.case("ada", State.IN_REVIEW)
    what: dict[str, Any] = {"title": "Anchor A", "text": "Somebody led it.", "comes_first": False}
    anchor = write_anchor(world.s, cycle=world.cycle, actor=world.pia, place="engineering/staff", at=NOW, **what)
    lines = anchor_rubric(anchor).competencies
    anchor.agreed = [AgreedScore(competency_id=line.id, value=3, why="So.") for line in lines]
    open_anchor(world.s, anchor=anchor, actor=world.pia, at=NOW)
    given = {line.id: ScoreInput(value=2) for line in lines}
    save_anchor_scores(world.s, anchor=anchor, actor=world.rex, scores=given, version=0, seal=True, at=NOW)
    return case


def another_anchor_score(s: Session, case: Case) -> None:
    s.execute(update(AnchorScore).values(value=4))


def with_an_anchor_copied_from_theo(world: World) -> Case:
    """In review at the grade of an open anchor packet that was Theo's: he keeps anchor packets, and not this one."""
    theos, case = world.case("theo", State.CLOSED), with_an_anchor_scored(world)
    anchor = world.s.scalars(select(AnchorPacket)).one()
    anchor.copied_from = theos
    return case


def another_anchor_text(s: Session, case: Case) -> None:
    anchor = s.scalars(select(AnchorPacket)).one()
    anchor.title, anchor.content = "Anchor B", {"text": "Somebody else led it."}
    for row in anchor.agreed:
        row.value, row.why = 2, "Not so."


def another_day(s: Session, case: Case) -> None:
    mine = next(a for a in case.assignments if a.reviewer_id == World(s).rex.id)
    mine.due_at = NOW + timedelta(days=50)


SECRETS: dict[str, tuple[Callable[[World], Case], Change, set[str], set[str]]] = {
    # name: the world, the change, who may know, of them who must see a difference
    "a score": (in_review_with_one_sealed, another_score, {"rex", "kim", "pia", "theo"}, {"rex", "kim", "pia"}),
    "a later version": (
        in_review_with_one_sealed,
        an_amendment,
        {"rex", "kim", "pia", "theo", *LOG},
        {"rex", "kim", "pia"},
    ),
    "that a review is sealed": (in_review_with_one_sealed, no_review, ASSIGNING, {"rex", "pia"}),
    "who reviews": (at(State.IN_REVIEW), another_reviewer, {*ASSIGNING, "joe"}, {"rex", "pia"}),
    "a vote": (with_an_open_ballot, another_vote, PANEL, PANEL),
    "a score of an anchor packet": (with_an_anchor_scored, another_anchor_score, {"rex"}, {"rex"}),
    "an anchor packet that was one's own": (
        with_an_anchor_copied_from_theo,
        another_anchor_text,
        {"rex", "rob", "rae", "pia"},
        {"rex", "pia"},
    ),
    "by when one reviewer is asked": (at(State.IN_REVIEW), another_day, {"rex", "pia", "theo"}, {"rex", "pia"}),
    "who has voted": (with_an_open_ballot, fewer_votes, PANEL - {"kim"}, {"lou", "nat"}),
    "which decision": (at(State.DECIDED), another_decision, {*PANEL, "pia", "theo"}, {"kim", "nat", "pia"}),
    "that there is a decision": (at(State.DECIDED), no_decision, {*PANEL, "pia", "theo", *LOG}, {"kim", "pia"}),
    "that a release is ordered": (with_a_letter_set, an_ordered_release, {*PANEL, "pia", "theo", *LOG}, {"kim", "pia"}),
    "which decision waits for its moment": (
        ordered_for_tomorrow,
        another_decision,
        {*PANEL, "pia", "theo"},
        {"kim", "pia"},
    ),
    "that a correction waits": (at(State.RELEASED), a_correction, {*PANEL, "pia", "theo", *LOG}, {"kim", "nat", "pia"}),
    "what a panel's member says": (before_its_panel, another_finding, {"sam"}, {"sam"}),
    "how a trial ended": (
        on_trial,
        the_end_of_a_trial,
        {"ada", "max", *PANEL, "pia", "theo", *LOG, "opal"},  # an operator counts the mails that wait
        {"ada", "max", "pia"},
    ),
    "why it could not wait": (
        asked_outside_the_dates,
        another_reason,
        {"ada", "max", "pia", "theo"},
        {"ada", "max", "pia"},
    ),
    "a draft": (at(State.DRAFT), another_draft, {"ada"}, {"ada"}),
    "a file in a draft": (draft_with_a_file, another_file, {"ada"}, {"ada"}),
    "a file that was submitted": (in_review_with_a_file, another_file, READERS, READERS - {"theo"}),
    "a comment on a draft": (shared_with_a_comment, another_comment, {"ada", "max"}, {"ada", "max"}),
    "a statement": (at(State.IN_REVIEW), another_statement, {"max", "kim", "pia", "theo"}, {"max", "pia"}),
    "what a referee says": (with_feedback, another_feedback, REFEREED, {"kim", "pia", "rex"}),
    "what a referee has not sent": (with_feedback_begun, another_beginning, {"rex"}, {"rex"}),
    "that somebody is recused": (at(State.IN_REVIEW), a_recusal, {"kim", "pia", "theo", "joe", *LOG}, {"kim", "pia"}),
    "a justification": (at(State.IN_REVIEW), a_justification, {"max", "kim", "pia", "theo"}, {"max", "pia"}),
}


@pytest.mark.parametrize("secret", SECRETS)
def test_nobody_learns_what_they_may_not_know(world: World, app: Flask, twin, secret: str) -> None:
    build, change, may_know, must_see = SECRETS[secret]
    case = build(world)
    world.commit()
    ids = known_ids(world, case)
    other = twin(change, case)
    also = addresses(app, ids)
    for key in sorted({*ASKED, *must_see} - (may_know - must_see)):
        here, there = (a.test_client().sign_in(getattr(world, key)) for a in (app, other))
        told = next(differing(here, there, also), None)
        if key in must_see:
            assert told, f"{key} should see a difference: {secret}"
        else:
            assert told is None, f"{key} can tell: {secret}"
