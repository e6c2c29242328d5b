"""Conflicts of interest: asked before the packet opens, final for the person, undone only by somebody else."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.cases import policy as case_policy
from portal.cases import queries as case_queries
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.audit import AuditEvent
from portal.models.case import ConflictSource
from portal.models.outbox import OutboxRow
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
    lines = (
        world.s.query(AuditEvent)
        .filter(AuditEvent.action.in_(["recused", "conflict_reported"]))
        .order_by(AuditEvent.sequence)
    )
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
    recuse(world, case, "rex")
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


def test_two_others_lift_it_and_say_why(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = recuse(world, case, "rex")

    def lift(who: str, reason: str) -> bool:
        return commands.lift_recusal(world.s, recusal=row, actor=getattr(world, who), reason=reason, at=NOW)

    with pytest.raises(InvalidInput):
        lift("pia", "")
    assert lift("pia", "wrong person") is False
    assert case.recused_ids == {world.rex.id}
    with pytest.raises(Refused, match="another person"):
        lift("pia", "really")
    with pytest.raises(NotPermitted, match="conflict"):
        lift("dana", "I want him back")
    assert lift("kim", "I agree") is True
    assert (row.lifted_by_id, row.lifted_reason, case.recused_ids) == (
        world.kim.id,
        "wrong person / I agree",
        frozenset(),
    )
    assert queries.queue(world.s, world.rex) == []
    with pytest.raises(Refused, match="lifted already"):
        lift("theo", "again")
    commands.assign(world.s, case=case, reviewer=world.rex, actor=world.pia, at=NOW)
    assert [task.candidate for task in queries.queue(world.s, world.rex)] == ["Ada Marchetti"]


def test_a_report_has_no_effect_before_it_is_confirmed_by_another(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = recuse(world, case, "rex", by="pia", reason="they quarrelled")
    assert (row.pending, case.recused_ids) == (True, frozenset())
    assert [task.candidate for task in queries.queue(world.s, world.rex)] == ["Ada Marchetti"]
    with pytest.raises(Refused, match="reported already"):
        recuse(world, case, "rex", by="theo")
    with pytest.raises(NotPermitted, match="You reported it"):
        commands.confirm_recusal(world.s, recusal=row, actor=world.pia, at=NOW)
    with pytest.raises(NotPermitted, match="confirms nobody"):
        commands.confirm_recusal(world.s, recusal=row, actor=world.dana, at=NOW)
    commands.confirm_recusal(world.s, recusal=row, actor=world.theo, at=NOW)
    assert (row.confirmed_by_id, case.recused_ids) == (world.theo.id, {world.rex.id})
    assert queries.queue(world.s, world.rex) == []
    with pytest.raises(Refused, match="no report"):
        commands.confirm_recusal(world.s, recusal=row, actor=world.rex, at=NOW)


def test_declaring_what_was_reported_confirms_it(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = recuse(world, case, "rex", by="pia")
    assert recuse(world, case, "rex") is row
    assert (row.confirmed_by_id, case.recused_ids) == (world.rex.id, {world.rex.id})


def test_a_report_is_dismissed_by_one(world: World) -> None:
    row = recuse(world, world.case("ada", State.IN_REVIEW), "rex", by="pia")
    assert commands.lift_recusal(world.s, recusal=row, actor=world.theo, reason="hearsay", at=NOW) is True


def mails(world: World, template: str) -> list[str]:
    rows = world.s.scalars(select(OutboxRow).order_by(OutboxRow.id))
    return [row.payload["to"] for row in rows if row.payload["template"] == template]


def test_only_who_knows_of_the_case_is_asked_by_mail(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    recuse(world, case, "rex", by="pia")
    recuse(world, case, "sam", by="pia")
    assert mails(world, "conflict_reported") == [world.rex.id]
    assert [row.asked for row in queries.away_from(world.s, world.rex)] == [True]
    assert queries.away_from(world.s, world.sam) == []


def test_the_person_confirms_on_their_own_page_and_keeps_their_frozen_review(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    recuse(world, case, "rex", by="pia")
    world.commit()
    browser, frozen = client(world.rex), f"/conflicts/{case.id}/review"
    assert browser.get(frozen).status_code == 404
    assert "Ada Marchetti" in browser.get("/conflicts").text
    assert browser.post(f"/cases/{case.id}/conflicts/{world.rex.id}/confirm").location == "/conflicts"
    page = browser.get(frozen)
    assert (page.status_code, "no figure counts it" in page.text) == (200, True)
    assert "Rob Silva" not in page.text
    assert browser.get(f"/cases/{case.id}").status_code == 404
    assert client(world.rob).get(frozen).status_code == 404
    assert client(world.ada).get(frozen).status_code == 404


def test_nobody_confirms_for_a_stranger(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    recuse(world, case, "rex", by="pia")
    world.commit()
    url = f"/cases/{case.id}/conflicts/{world.rex.id}/confirm"
    assert [client(getattr(world, who)).post(url).status_code for who in ("rob", "max", "ada", "sam")] == [404] * 4


@pytest.mark.parametrize("who", ["ada", "max", "rob"])
def test_no_refusal_tells_who_reviews_or_is_recused(world: World, client, who: str) -> None:
    """The same answer for a reviewer, a recused person and somebody who is neither."""
    case = world.case("ada", State.IN_REVIEW)
    recuse(world, case, "rae")
    world.commit()
    browser = client(getattr(world, who))
    for person in (world.rex, world.rae, world.sam):
        for page in (f"reviewers/{person.id}/remove", f"reviewers/{person.id}/waive", f"conflicts/{person.id}/lift"):
            assert browser.get(f"/cases/{case.id}/{page}").status_code == 404


def test_an_open_tab_is_told_at_its_next_question(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, still = client(world.rex), f"/cases/{case.id}/still?since=0"
    assert (browser.get(still).status_code, f'data-still="{still}"' in browser.get(f"/cases/{case.id}").text) == (
        204,
        True,
    )
    assert browser.post(f"/cases/{case.id}/conflict", data={"reason": ""}).status_code == 303
    assert browser.get(still).status_code == 404


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
    assert ("waiting to be confirmed" in page, "review is frozen" in page) == (True, False)
    assert client(world.kim).post(f"{url}/{world.rex.id}/confirm").location == url
    assert "1 sealed review is frozen" in browser.get(url).text
    lift = f"{url}/{world.rex.id}/lift"
    assert browser.get(lift).status_code == 200
    assert browser.post(lift, data={"reason": ""}).status_code == 422
    assert browser.post(lift, data={"reason": "wrong person"}).location == url
    assert "asks to lift it: wrong person" in browser.get(url).text
    assert client(world.theo).post(lift, data={"reason": "yes"}).location == url
    assert "wrong person / yes" in browser.get(url).text
    assert browser.post(lift, data={"reason": "wrong person"}).status_code == 404


def test_the_last_review_is_told_once_to_those_who_run_the_case(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    sealed(world, case, world.rob)
    assert mails(world, "reviews_in") == []
    sealed(world, case, world.rae)
    assert mails(world, "reviews_in") == [world.pia.id, world.theo.id]
    recuse(world, case, "rob")
    assert len(mails(world, "reviews_in")) == 2


def test_a_recusal_may_be_what_was_still_outstanding(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    sealed(world, case, world.rob)
    recuse(world, case, "rae")
    assert mails(world, "reviews_in") == [world.pia.id, world.theo.id]


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
