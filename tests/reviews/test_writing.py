"""Writing a review: saved whole, never over newer text, bound to the packet, sealed once and for good."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.audit import AuditEvent
from portal.models.packet import Snapshot
from portal.models.review import NoScore, Review, Score
from portal.reviews import commands
from portal.reviews.commands import ScoreInput
from tests.reviews.filling import resubmit, saved, scores, sealed, seat, snapshots
from tests.world import NOW, World


def save(world: World, case, who: str = "rex", version: int = 0, summary: str = "", actor=None, **given: ScoreInput):
    lines = {line.id: line for line in world.rubric(case).competencies}
    keyed = {next(c for c in lines if c.startswith(short)): one for short, one in given.items()}
    person = getattr(world, who)
    return commands.save_review(
        world.s,
        assignment=seat(case, person),
        actor=actor or person,
        scores=keyed,
        summary=summary,
        version=version,
        at=NOW,
    )


def evidence(case_snapshot: Snapshot, competency: str) -> str:
    return next(row["id"] for row in case_snapshot.content["evidence"] if row["competency"] == competency)


def test_a_review_is_kept_as_far_as_it_goes(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    cited = evidence(snapshots(world, case)[0], "ships")
    review = save(world, case, ships=ScoreInput(3, None, "Result 1.", (cited,)), depth=ScoreInput(rationale="later"))
    assert [(r.competency_id, r.value, r.no_score, r.rationale, r.cites) for r in review.scores] == [
        ("depth", None, None, "later", []),
        ("ships", 3, None, "Result 1.", [cited]),
    ]
    assert (review.version, review.snapshot.number, review.sealed_at) == (1, 1, None)


def test_each_save_counts_even_when_only_a_score_changed(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    save(world, case, ships=ScoreInput(3))
    assert save(world, case, version=1, ships=ScoreInput(2)).version == 2


def test_what_cannot_be_assessed_is_missing_with_a_reason_and_never_a_number(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = save(world, case, ships=ScoreInput(None, NoScore.NO_EVIDENCE))
    assert [(r.value, r.no_score, r.given) for r in review.scores] == [(None, NoScore.NO_EVIDENCE, True)]
    review.scores[0].value = 2
    with pytest.raises(IntegrityError):
        world.s.flush()


def test_a_stale_save_overwrites_nothing_and_carries_both_texts(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    save(world, case, ships=ScoreInput(3, None, "first tab"))
    with pytest.raises(StaleVersion) as stale:
        save(world, case, summary="mine", ships=ScoreInput(2, None, "second tab"), depth=ScoreInput(1, None, "new"))
    assert stale.value.mine == {
        "Summary": "mine",
        "Ships what matters": "2\nsecond tab",
        "Engineering depth": "1\nnew",
    }
    assert stale.value.theirs == {"Summary": "", "Ships what matters": "3\nfirst tab", "Engineering depth": ""}
    assert stale.value.version == 1
    kept = world.s.scalar(select(Review))
    assert [(r.value, r.rationale) for r in kept.scores] == [(3, "first tab")]


def test_a_stale_save_of_the_same_text_is_no_conflict(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    cited = evidence(snapshots(world, case)[0], "ships")
    same = ScoreInput(None, NoScore.UNCLEAR, "a", (cited,))
    save(world, case, ships=same)
    assert save(world, case, version=0, ships=same).version == 1


def test_a_version_of_a_review_that_never_was_is_stale(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    with pytest.raises(StaleVersion) as stale:
        save(world, case, version=4, ships=ScoreInput(2, None, "text"))
    assert (stale.value.version, stale.value.theirs) == (0, {"Ships what matters": ""})


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (ScoreInput(9), "Ships what matters: 9 is not a point of the scale."),
        (ScoreInput(2, NoScore.UNCLEAR), "Ships what matters: give a score or say why there is none, not both."),
        (ScoreInput(2, cites=("zzz",)), "Ships what matters: it cites evidence that is not in this packet."),
        (ScoreInput(2, rationale="x" * 20_001), "Ships what matters: at most 20000 characters of rationale."),
    ],
)
def test_input_that_no_form_lets_through_is_refused_by_name(world: World, given: ScoreInput, why: str) -> None:
    case = world.case("ada", State.IN_REVIEW)
    with pytest.raises(InvalidInput) as refused:
        save(world, case, ships=given)
    assert refused.value.problems == (why,)
    assert world.s.scalar(select(Review)) is None


def test_a_competency_of_another_rubric_and_an_endless_summary_are_refused(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    given = {"results": ScoreInput(2)}
    with pytest.raises(InvalidInput) as refused:
        commands.save_review(
            world.s,
            assignment=seat(case, world.rex),
            actor=world.rex,
            scores=given,
            summary="x" * 20_001,
            version=0,
            at=NOW,
        )
    assert refused.value.problems == (
        "results: the rubric has no such competency.",
        "Summary: at most 20000 characters.",
    )


def test_only_its_reviewer_writes_after_clearing_conflicts_and_in_review(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    with pytest.raises(NotPermitted):
        save(world, case, actor=world.rob, ships=ScoreInput(2))
    seat(case, world.rex).no_conflict_at = None
    with pytest.raises(Refused, match="First say"):
        save(world, case, ships=ScoreInput(2))
    with pytest.raises(Refused, match="not in review"):
        save(world, world.case("ivy", State.IN_CALIBRATION), ships=ScoreInput(2))


def test_without_a_packet_there_is_nothing_to_review(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.s.execute(Snapshot.__table__.delete())
    with pytest.raises(Refused, match="no submitted packet"):
        save(world, case, ships=ScoreInput(2))


def test_no_save_binds_a_review_to_a_packet_nobody_looked_at(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    gone, stays = (evidence(snapshots(world, case)[0], c) for c in ("ships", "depth"))
    given = ScoreInput(3, None, "Shown.", (gone, stays))
    review = save(world, case, ships=given)
    new = resubmit(world, case, without="ships")
    review = save(world, case, version=1, ships=given)
    assert (review.snapshot.number, review.scores[0].cites) == (1, [gone, stays])
    commands.take_over(world.s, review=review, actor=world.rex, stands=True, at=NOW)
    assert (review.snapshot, review.scores[0].cites, review.version) == (new, [stays], 3)
    last = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (last.action, last.actor_id) == ("review_reaffirmed", world.rex.id)


def test_a_newer_packet_is_taken_over_once_and_by_its_reviewer(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = saved(world, case, world.rex)
    with pytest.raises(Refused, match="newest packet already"):
        commands.take_over(world.s, review=review, actor=world.rex, stands=True, at=NOW)
    resubmit(world, case)
    with pytest.raises(NotPermitted):
        commands.take_over(world.s, review=review, actor=world.rob, stands=True, at=NOW)
    commands.take_over(world.s, review=review, actor=world.rex, stands=False, at=NOW)
    assert review.snapshot.number == 2


def test_a_review_of_an_older_packet_is_not_sealed_unseen(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = saved(world, case, world.rex)
    resubmit(world, case)
    with pytest.raises(Refused, match="The packet has changed"):
        commands.seal(world.s, review=review, actor=world.rex, at=NOW)
    commands.take_over(world.s, review=review, actor=world.rex, stands=True, at=NOW)
    commands.seal(world.s, review=review, actor=world.rex, at=NOW)
    assert (review.sealed_at, review.snapshot.number) == (NOW, 2)


def test_a_seal_needs_every_competency_and_a_reason_for_every_score(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    given = scores(world, case)
    given |= {"ships": ScoreInput(3), "depth": ScoreInput(None, NoScore.OUTSIDE_MY_FIELD)}
    del given["teaching"]
    review = commands.save_review(
        world.s, assignment=seat(case, world.rex), actor=world.rex, scores=given, summary="", version=0, at=NOW
    )
    with pytest.raises(InvalidInput) as refused:
        commands.seal(world.s, review=review, actor=world.rex, at=NOW)
    assert refused.value.problems == (
        "Ships what matters: say why, and what in the packet shows it.",
        "Teaching and lifting: no score yet.",
    )
    assert review.sealed_at is None


def test_a_seal_locks_for_good(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    with pytest.raises(Refused, match="sealed"):
        saved(world, case, world.rex, value=1, version=review.version)
    with pytest.raises(Refused, match="sealed already"):
        commands.seal(world.s, review=review, actor=world.rex, at=NOW)
    assert {row.value for row in world.s.scalars(select(Score))} == {3}


def test_only_what_was_shown_is_sealed_and_only_by_its_writer(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = saved(world, case, world.rex)
    saved(world, case, world.rex, value=2, version=1)
    with pytest.raises(Refused, match="changed after this page"):
        commands.seal(world.s, review=review, actor=world.rex, at=NOW, version=1)
    with pytest.raises(NotPermitted):
        commands.seal(world.s, review=review, actor=world.rob, at=NOW, version=2)
    commands.seal(world.s, review=review, actor=world.rex, at=NOW, version=2)
    assert review.sealed_at == NOW
