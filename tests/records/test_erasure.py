"""Erasing a person who left, or the texts of old cases: no word stays, the chain stays whole, figures stay."""

from datetime import timedelta

import pytest
from sqlalchemy import String, Text, select, text
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.cases.commands import move
from portal.decisions.commands.file_appeal import file_appeal
from portal.decisions.commands.record_decision import record_decision
from portal.domain.case_flow import Action, State
from portal.domain.problems import InvalidInput, Refused
from portal.letters.queries import Genuine, verify
from portal.models.anchor import AgreedScore, AnchorPacket, AnchorReview, AnchorScore, AnchorState
from portal.models.appeal import AppealGround
from portal.models.base import Base
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.packet import Evidence
from portal.models.review import Score
from portal.records import erasure
from portal.records.chain import verify as verify_chain
from portal.records.jobs import retain
from portal.settings import Settings
from tests.letters.stages import released
from tests.world import NOW, World

WHY = "asked for by the person"
LATER = NOW + timedelta(days=40)


@pytest.fixture
def closed(world: World, settings: Settings, frozen_clock) -> Case:
    case = released(world, Storage.from_url(settings.storage_url))
    case.acknowledged_at = NOW
    move(world.s, case=case, action=Action.CLOSE, actor=None, at=NOW)
    world.ada.active = False
    world.commit()
    return case


def everything(s: Session) -> str:
    """All that is stored but the log and what people wrote of nobody in particular."""
    left = (t for t in Base.metadata.sorted_tables if t.name not in ("audit_event", "rubric_version"))
    return "\n".join(str(tuple(row)) for table in left for row in s.execute(select(table)))


def test_no_word_of_the_person_is_left_and_the_chain_is_whole(world: World, closed: Case) -> None:
    code = closed.decisions[-1].letter.code
    said = ["Ada Marchetti", "ada@example.org", "Calm under load", "Seen by Reviewer", "Colleagues from three teams"]
    assert [word for word in said if word not in everything(world.s)] == []
    assert erasure.erase_person(world.s, person=world.ada, actor=world.opal, at=NOW, why=WHY) == 1
    world.commit()
    world.s.expire_all()
    assert [word for word in said if word in everything(world.s)] == []
    assert verify_chain(world.s).bad is None
    assert verify(world.s, code=code) is Genuine.GENUINE


def test_scores_and_votes_stay_for_the_figures(world: World, closed: Case) -> None:
    before = [row.value for row in world.s.scalars(select(Score).order_by(Score.review_id, Score.competency_id))]
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    after = [row.value for row in world.s.scalars(select(Score).order_by(Score.review_id, Score.competency_id))]
    assert (after, {e.choice for e in closed.ballots[-1].electors} != {None}) == (before, True)


def test_every_text_below_a_case_is_reached(world: World) -> None:
    """Whatever points at a case, directly or by another table, and holds free text is erased with it."""
    below, grows = {"promotion_case"}, True
    while grows:
        more = {t.name for t in Base.metadata.sorted_tables if {k.column.table.name for k in t.foreign_keys} & below}
        below, grows = below | more, not more <= below
    with_text = {t.name for t in Base.metadata.sorted_tables if any(isinstance(c.type, Text) for c in t.columns)}
    assert below & with_text - {table.name for table, _ in erasure._texts()} == {"audit_event", "outbox"} & below


def test_who_is_here_or_has_an_open_case_is_not_erased(world: World, closed: Case) -> None:
    person = {"actor": world.opal, "at": NOW}
    with pytest.raises(Refused, match="has not left"):
        erasure.erase_person(world.s, person=world.max, why=WHY, **person)
    with pytest.raises(InvalidInput, match="on what ground"):
        erasure.erase_person(world.s, person=world.ada, why=" ", **person)
    world.case("ivy", State.IN_REVIEW)
    world.ivy.active = False
    with pytest.raises(Refused, match="has not ended"):
        erasure.erase_person(world.s, person=world.ivy, why=WHY, **person)
    ada = world.ada
    erasure.erase_person(world.s, person=ada, why=WHY, **person)
    with pytest.raises(Refused, match="erased already"):
        erasure.erase_person(world.s, person=ada, why=WHY, **person)


def test_old_cases_go_by_policy_once_and_a_dry_run_only_counts(world: World, closed: Case, engine) -> None:
    closed.cycle.closed_at = NOW
    world.commit()
    assert [e.case for e in erasure.out_of_keeping(world.s, months=1, at=NOW + timedelta(days=29))] == []
    (found,) = erasure.out_of_keeping(world.s, months=1, at=LATER)
    assert (found.case, found.rows > 20) == (closed, True)
    world.s.rollback()
    assert retain(engine, months=1, at=LATER, dry_run=True) == 1
    assert "Calm under load" in everything(world.s)
    world.s.rollback()
    assert [retain(engine, months=1, at=LATER), retain(engine, months=1, at=LATER), retain(engine, months=0)] == [
        1,
        0,
        0,
    ]
    assert world.s.scalar(text("SELECT count(*) FROM statement WHERE strengths = '[erased]'")) == 1


def anchor_from(world: World, case: Case, state: AnchorState) -> AnchorPacket:
    """An anchor packet copied from the case, agreed on, and scored by Rex where it was opened."""
    place = {"family_id": "engineering", "level_id": "staff", "track_id": "ic", "track_kind": "ic", "grade": 4}
    anchor = AnchorPacket(
        **place,
        cycle=world.cycle,
        rubric_hash=case.rubric_hash,
        title="Anchor of Ada",
        content={"text": "Three teams of mine."},
        copied_from=case,
        state=state,
        kept_by_id=world.pia.id,
        created_at=NOW,
        opened_at=None if state is AnchorState.DRAFT else NOW,
        agreed=[AgreedScore(competency_id="depth", value=3, why="Three teams.")],
    )
    world.s.add(anchor)
    if state is not AnchorState.DRAFT:
        score = AnchorScore(competency_id="depth", value=2, rationale="Only one of three teams.")
        anchor.reviews.append(
            AnchorReview(reviewer_id=world.rex.id, track_kind="ic", saved_at=NOW, sealed_at=NOW, scores=[score])
        )
    world.s.flush()
    return anchor


def test_the_anchor_packets_copied_from_it_go_with_a_case(world: World, closed: Case) -> None:
    """Texts go, an open one closes, a draft is no more; what was sealed keeps counting."""
    opened, draft = anchor_from(world, closed, AnchorState.OPEN), anchor_from(world, closed, AnchorState.DRAFT)
    opened_id, draft_id = opened.id, draft.id
    world.commit()
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    world.commit()
    world.s.expire_all()
    left = world.s.get_one(AnchorPacket, opened_id)
    assert (left.state, left.title, left.content) == (AnchorState.CLOSED, "[erased]", {"text": "[erased]"})
    assert [(a.value, a.why) for a in left.agreed] == [(3, "[erased]")]
    assert [(x.value, x.rationale) for x in left.reviews[0].scores] == [(2, "[erased]")]
    assert world.s.get(AnchorPacket, draft_id) is None
    assert [word for word in ("hree teams", "Anchor of Ada") if word in everything(world.s)] == []


def failed(world: World, key: str, error: str, payload: dict[str, object], **columns: str) -> OutboxRow:
    row = OutboxRow(kind="x", key=key, payload=payload, due_at=NOW, created_at=NOW, last_error=error, **columns)
    world.s.add(row)
    return row


def test_why_a_letter_or_a_mail_failed_goes_with_the_case(world: World, closed: Case) -> None:
    """The reasons tell what the letter would have said; those of other cases stay."""
    decision = closed.decisions[-1]
    other = world.case("ivy", State.SUBMITTED)
    rows = [
        failed(world, "1", "quotes Rex", {"decision": decision.id}),
        failed(world, "2", "cannot set it", {"letter": decision.letter.id, "data": "x"}),
        failed(world, "3", "refused", {"to": "x"}, case_id=closed.id),
        failed(world, "4", "quotes Ron", {"decision": "another"}),
        failed(world, "5", "refused", {"to": "x"}, case_id=other.id),
    ]
    world.s.flush()
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    left = [erasure.ERASED] * 3 + ["quotes Ron", "refused"]
    assert [row.last_error for row in rows] == left


def test_whoever_is_erased_is_named_in_no_failure(world: World, closed: Case) -> None:
    rows = [
        failed(world, "1", "550 no such mailbox", {"to": "x"}, person_id=world.ada.id),
        failed(world, "2", "NeverAgain: the reasons name Ada Marchetti", {"decision": "another"}),
        failed(world, "3", "timed out", {"to": "x"}, person_id=world.max.id),
    ]
    world.s.flush()
    erasure.erase_person(world.s, person=world.ada, actor=None, at=NOW, why=WHY)
    assert [row.last_error for row in rows] == [erasure.ERASED] * 2 + ["timed out"]


def test_the_period_of_evidence_goes_and_every_other_short_column_holds_codes(world: World, closed: Case) -> None:
    evidence = world.s.scalars(select(Evidence).where(Evidence.case_id == closed.id)).first()
    evidence.period = "while Ada was on leave"
    world.s.flush()
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    assert set(world.s.scalars(select(Evidence.period).where(Evidence.case_id == closed.id))) == {""}


def test_what_is_held_in_short_columns_is_erased_or_is_no_free_text() -> None:
    """A column that is added shows up here: say in `_SHORT` that people write into it, or below that they do not."""
    tables = [t for t in Base.metadata.sorted_tables if erasure._hangs_on_case(t) and t.name not in erasure._GONE]
    short = {(t.name, c.name) for t in tables for c in t.columns if type(c.type) is String and not c.foreign_keys}
    own = ("id", "code", "hash", "sha256", "key", "kind", "seal")
    assert {f"{t}.{c}" for t, c in short - erasure._SHORT if c.rpartition("_")[2] not in own} == {
        "anchor_packet.title",  # marked by `_end_anchors`
        "assignment.pseudonym",
        "audit_event.action",
        "audit_event.stage",
        "audit_event.thing",
        "draft_comment.section",
        "outbox.note",
        "referee.pseudonym",
        "referee.pseudonym_for_candidate",
        "referee.told",
    }


def test_an_erased_case_is_written_about_no_more(world: World, closed: Case) -> None:
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    decision = closed.decisions[-1]
    with pytest.raises(Refused, match="were erased"):
        record_decision(
            world.s,
            case=closed,
            actor=world.kim,
            outcome=decision.outcome,
            reasons="A text that is new.",
            unmet_codes=[],
            effective_on=None,
            at=NOW,
            correction="Its reasons were not those of the committee.",
        )
    statement = "Nobody looked at the evidence of May."
    with pytest.raises(Refused, match="were erased"):
        file_appeal(world.s, case=closed, actor=world.ada, ground=AppealGround.PROCEDURE, statement=statement, at=NOW)
