"""Conflicts of interest: asked before the packet opens, final for the person, undone only by somebody else."""

import pytest
from sqlalchemy.exc import IntegrityError

from portal.cases import policy as case_policy
from portal.cases import queries as case_queries
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.audit import AuditEvent
from portal.models.case import ConflictSource
from portal.reviews import commands, queries
from tests.reviews.filling import saved, sealed, seat
from tests.world import NOW, World


def recuse(world: World, case, who: str, by: str | None = None, reason: str = "we share a flat"):
    person = getattr(world, who)
    actor = getattr(world, by) if by else person
    return commands.recuse(world.s, case=case, person=person, actor=actor, reason=reason, at=NOW)


def test_the_packet_opens_only_after_the_reviewer_has_answered(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    seat(case, world.rex).no_conflict_at = None
    world.commit()
    browser = client(world.rex)
    asked = browser.get(f"/cases/{case.id}/review")
    assert (asked.status_code, asked.location) == (303, f"/cases/{case.id}/review/before")
    page = browser.get(asked.location)
    assert "open the packet" in page.text
    assert "on result 1" not in page.text
    assert world.s.query(AuditEvent).filter(AuditEvent.action == "read").all() == []
    assert browser.post(f"/cases/{case.id}/review/no-conflict").location == f"/cases/{case.id}/review"
    assert "on result 1" in browser.get(f"/cases/{case.id}/review").text
    assert browser.get(f"/cases/{case.id}/review/before").location == f"/cases/{case.id}/review"
    world.fresh(case)
    reads = world.s.query(AuditEvent).filter(AuditEvent.action == "read").all()
    assert [(e.actor_id, e.thing) for e in reads] == [(world.rex.id, f"packet:{case.id}")]


def test_the_word_is_the_reviewers_own_and_given_once(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = seat(case, world.rex)
    row.no_conflict_at = None
    with pytest.raises(NotPermitted):
        commands.declare_no_conflict(world.s, assignment=row, actor=world.pia, at=NOW)
    commands.declare_no_conflict(world.s, assignment=row, actor=world.rex, at=NOW)
    commands.declare_no_conflict(world.s, assignment=row, actor=world.rex, at=NOW)
    said = world.s.query(AuditEvent).filter(AuditEvent.action == "no_conflict_declared").all()
    assert (row.no_conflict_at, len(said)) == (NOW, 1)


def test_there_is_nothing_to_answer_before_review_opens_or_after_a_recusal(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    row = commands.assign(world.s, case=case, reviewer=world.rex, actor=world.pia, at=NOW)
    with pytest.raises(Refused):
        commands.declare_no_conflict(world.s, assignment=row, actor=world.rex, at=NOW)


def test_a_recusal_removes_the_person_from_page_list_and_queue_at_once(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser = client(world.rex)
    assert browser.get(f"/cases/{case.id}").status_code == 200
    done = browser.post(f"/cases/{case.id}/conflict", data={"reason": "we share a flat"})
    assert (done.status_code, done.location) == (303, "/reviews")
    assert "You are recused." in browser.get("/reviews").text
    left = [f"/cases/{case.id}{part}" for part in ("", "/review", "/review/before", "/review/seal", "/reviews")]
    missing = browser.get("/cases/000000000000").data
    assert [(browser.get(url).status_code, browser.get(url).data == missing) for url in left] == [(404, True)] * 5
    assert "Ada Marchetti" not in browser.get("/reviews").text
    assert "Ada Marchetti" not in browser.get("/cases").text
    world.fresh(case)
    recusal = case.recusals[0]
    assert (recusal.source, recusal.reason) == (ConflictSource.DECLARED, "we share a flat")
    assert (seat(case, world.rex).ended_at, seat(case, world.rex).ended_reason) == (NOW, "recused")


def test_a_reason_is_optional_for_oneself_and_never_in_the_audit_log(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    assert recuse(world, case, "rex", reason="").reason == ""
    recuse(world, case, "rob", by="pia", reason="they quarrelled")
    lines = world.s.query(AuditEvent).filter(AuditEvent.action == "recused").order_by(AuditEvent.sequence)
    assert [(e.actor_id, e.thing, e.reason) for e in lines] == [
        (world.rex.id, f"person:{world.rex.id}", ""),
        (world.pia.id, f"person:{world.rob.id}", ""),
    ]


def test_somebody_elses_conflict_needs_a_reason(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    with pytest.raises(InvalidInput):
        recuse(world, case, "rex", by="pia", reason=" ")
    assert case.recusals == []


def test_a_candidate_cannot_be_recused_nor_anybody_twice(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    with pytest.raises(Refused, match="own case"):
        recuse(world, case, "ada", by="pia")
    recuse(world, case, "rex")
    with pytest.raises(Refused, match="recused from this case already"):
        recuse(world, case, "rex", by="pia")


def test_a_recusal_takes_every_hat(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION, reviewers=("kim", "rob", "rae"))
    assert case_policy.Hat.CHAIR in case_policy.hats(world.kim, case)
    recuse(world, case, "kim")
    assert case_policy.hats(world.kim, case) == {case_policy.Hat.CONFLICTED}
    assert case_queries.visible_to(world.s, world.kim) == []
    assert queries.queue(world.s, world.kim) == []


def test_a_sealed_review_of_a_recused_person_is_frozen_and_counts_no_more(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex, value=4)
    sealed(world, case, world.rob, value=2)
    assert len(queries.sealed_scores(world.s, case)) == 2
    recuse(world, case, "rex")
    assert [set(scores.values()) for scores in queries.sealed_scores(world.s, case)] == [{2}]
    assert [r.assignment.reviewer.name for r in queries.sealed_reviews(world.s, case)] == ["Rob Silva"]
    assert (review.sealed_at, queries.frozen_reviews(case)) == (NOW, 1)


def test_a_recused_reviewer_writes_no_more(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    recuse(world, case, "rex", by="pia")
    with pytest.raises(Refused, match="no longer yours"):
        saved(world, case, world.rex)


def test_nobody_lifts_their_own_recusal(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = recuse(world, case, "rex")
    with pytest.raises(NotPermitted):
        commands.lift_recusal(world.s, recusal=row, actor=world.rex, reason="mistake", at=NOW)
    row.lifted_at, row.lifted_by_id = NOW, world.rex.id
    with pytest.raises(IntegrityError):
        world.s.flush()


def test_somebody_else_lifts_it_once_and_says_why(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = recuse(world, case, "rex")
    with pytest.raises(InvalidInput):
        commands.lift_recusal(world.s, recusal=row, actor=world.pia, reason="", at=NOW)
    commands.lift_recusal(world.s, recusal=row, actor=world.pia, reason="wrong person", at=NOW)
    assert (row.lifted_by_id, row.lifted_reason, case.recused_ids) == (world.pia.id, "wrong person", frozenset())
    assert queries.queue(world.s, world.rex) == []
    with pytest.raises(Refused, match="lifted already"):
        commands.lift_recusal(world.s, recusal=row, actor=world.pia, reason="again", at=NOW)
    commands.assign(world.s, case=case, reviewer=world.rex, actor=world.pia, at=NOW)
    assert [task.candidate for task in queries.queue(world.s, world.rex)] == ["Ada Marchetti"]


def test_the_people_partner_keeps_the_list_of_conflicts(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    world.commit()
    browser, url = client(world.pia), f"/cases/{case.id}/conflicts"
    assert "Nobody is recused." in browser.get(url).text
    assert browser.post(url, data={"email": "nobody@example.org", "reason": "friends"}).status_code == 422
    assert browser.post(url, data={"email": "rex@example.org", "reason": ""}).status_code == 422
    assert browser.post(url, data={"email": "Rex@example.org", "reason": "friends"}).location == url
    page = browser.get(url).text
    assert "Rex Tanaka" in page
    assert "1 sealed review is frozen" in page
    lift = f"{url}/{world.rex.id}/lift"
    assert browser.get(lift).status_code == 200
    assert browser.post(lift, data={"reason": ""}).status_code == 422
    assert browser.post(lift, data={"reason": "wrong person"}).location == url
    assert "wrong person" in browser.get(url).text
    assert browser.post(lift, data={"reason": "wrong person"}).status_code == 404


def test_a_people_partner_who_records_their_own_conflict_leaves_the_case(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.theo), f"/cases/{case.id}/conflicts"
    assert browser.post(url, data={"email": "theo@example.org", "reason": "friends"}).location == "/reviews"
    assert browser.get(url).status_code == 404
    world.fresh(case)
    lift = f"{url}/{world.theo.id}/lift"
    assert (browser.get(lift).status_code, browser.post(lift, data={"reason": "mistake"}).status_code) == (404, 404)
    assert world.theo.id in case.recused_ids
