"""After the seal, and once the packet moved on: what is said later stands beside the review, and in no figure."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.calibration.queries.scores import sheets_at
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.review import AmendedScore, Amendment, NoScore, Review
from portal.reviews import commands, policy, queries
from portal.reviews.commands import ScoreInput
from tests.reviews.filling import resubmit, saved, scores, sealed, seat, sent
from tests.world import NOW, World


def amended(world: World, case: Case, who: str = "rex", *, value: int = 1, version: int = 1, reason: str = "Seen 2."):
    review = seat(case, getattr(world, who)).review
    return commands.amend(
        world.s,
        review=review,
        actor=getattr(world, who),
        scores=scores(world, case, value, "Seen again."),
        summary="Other now.",
        reason=reason,
        version=version,
        at=NOW,
    )


def figures(world: World, case: Case) -> tuple:
    """Every number that is made of reviews: the case's position, the rows of measurement, the sheets of the agenda."""
    rows = [tuple(row) for row in queries.measurement_rows(world.s, cycle_id=case.cycle_id, states=list(State))]
    return (
        queries.sealed_scores(world.s, case),
        queries.position_of(world.s, case),
        rows,
        sheets_at(world.s, cycle_id=case.cycle_id, grade=case.grade),
    )


def test_an_amendment_changes_no_figure(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for who, value in (("rex", 4), ("rob", 2), ("rae", 3)):
        sealed(world, case, getattr(world, who), value=value)
    before = figures(world, case)
    made = amended(world, case, value=0)
    assert figures(world, case) == before
    assert {row.value for row in made.scores} == {0}
    assert {row.value for row in made.review.scores} == {4}


def test_it_says_whether_others_were_open_to_its_writer(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    assert not amended(world, case).after_others
    sealed(world, case, world.rob)
    second = amended(world, case, value=2, version=2)
    assert (second.number, second.after_others, second.snapshot.number) == (3, True, 1)


def test_what_is_not_said_again_keeps_what_it_was(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    given = {"ships": ScoreInput(None, NoScore.UNCLEAR, "Two stories do not fit.")}
    made = commands.amend(
        world.s,
        review=review,
        actor=world.rex,
        scores=given,
        summary="Solid.",
        reason="Read it twice.",
        version=1,
        at=NOW,
    )
    now = {row.competency_id: (row.value, row.no_score) for row in made.scores}
    assert now.pop("ships") == (None, NoScore.UNCLEAR)
    assert set(now.values()) == {(3, None)}


def test_a_version_needs_a_reason_a_difference_and_every_score(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    with pytest.raises(InvalidInput) as refused:
        amended(world, case, reason=" ")
    assert refused.value.problems == ("Reason: say what made you change your mind; it stands beside the new version.",)
    given = {"ships": ScoreInput(), "depth": ScoreInput(2)}
    who = {"review": review, "actor": world.rex, "version": 1, "at": NOW, "reason": "Seen."}
    with pytest.raises(InvalidInput) as refused:
        commands.amend(world.s, scores=given, summary="", **who)
    assert refused.value.problems == (
        "Ships what matters: no score yet.",
        "Engineering depth: say why, and what in the packet shows it.",
    )
    with pytest.raises(InvalidInput, match="Nothing differs"):
        commands.amend(world.s, scores=scores(world, case), summary="Solid.", **who)
    assert review.amendments == []


def test_only_its_writer_after_the_seal_and_in_review(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    saved(world, case, world.rex)
    with pytest.raises(Refused, match="not sealed yet"):
        amended(world, case)
    commands.seal(world.s, review=seat(case, world.rex).review, actor=world.rex, at=NOW)
    with pytest.raises(NotPermitted):
        commands.affirm(world.s, review=seat(case, world.rex).review, actor=world.rob, version=1, at=NOW)
    with pytest.raises(Refused, match="There is a newer version"):
        amended(world, case, version=4)
    for state in (State.IN_CALIBRATION, State.DECIDED):
        later = world.case({State.IN_CALIBRATION: "ivy", State.DECIDED: "mona"}[state], state)
        with pytest.raises(Refused, match="not in review"):
            amended(world, later)


def test_the_policy_gives_one_answer_for_all_that_follows_the_review(world: World) -> None:
    before, after = (world.case(key, state) for key, state in (("ada", State.IN_CALIBRATION), ("ivy", State.DECIDED)))
    assert policy.can_amend(world.rex, before) == policy.can_amend(world.rex, after)
    assert policy.can_amend(world.sam, before).hidden
    case = world.case("mona", State.IN_REVIEW)
    assert not policy.can_amend(world.rex, case)
    world.seal(case, case.assignments[0], 3)
    assert policy.can_amend(world.rex, case)


def test_a_recused_reviewer_adds_nothing(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    commands.recuse(world.s, case=case, person=world.rex, actor=world.rex, reason="", at=NOW)
    with pytest.raises(Refused, match="no longer yours"):
        commands.amend(world.s, review=review, actor=world.rex, scores={}, summary="", reason="x", version=1, at=NOW)


@pytest.mark.parametrize("wrong", [{"value": None, "no_score": None}, {"value": 2, "no_score": NoScore.UNCLEAR}])
def test_the_database_holds_a_value_or_a_reason_and_never_both(world: World, wrong: dict) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    made = amended(world, case)
    world.s.add(AmendedScore(amendment_id=made.id, competency_id="other", rationale="", cites=[], **wrong))
    with pytest.raises(IntegrityError):
        world.s.flush()


def test_what_was_sealed_or_amended_never_changes(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    made = amended(world, case)
    world.commit()
    for thing, name, value in (
        (review, "summary", "x"),
        (review, "sealed_at", None),
        (review.scores[0], "value", 0),
        (made, "reason", "x"),
        (made.scores[0], "value", 0),
    ):
        setattr(thing, name, value)
        with pytest.raises(RuntimeError, match="never changes"):
            world.s.flush()
        world.s.rollback()


def test_a_sealed_review_stands_on_a_newer_packet_by_its_writers_word(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    who = {"review": review, "actor": world.rex, "at": NOW}
    with pytest.raises(Refused, match="newest packet already"):
        commands.affirm(world.s, version=1, **who)
    resubmit(world, case, summary="A clearer summary.")
    made = commands.affirm(world.s, version=1, **who)
    assert (made.stands, made.snapshot.number, review.snapshot.number) == (True, 2, 1)
    assert {row.value for row in made.scores} == {3}
    with pytest.raises(Refused, match="Say there"):
        commands.take_over(world.s, stands=True, **who)


def test_adding_a_version_mails_nobody(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    before = world.s.query(OutboxRow).count()
    amended(world, case)
    assert world.s.query(OutboxRow).count() == before


def test_a_version_is_added_on_a_page_and_read_under_its_mark(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for who in ("rex", "rob"):
        sealed(world, case, getattr(world, who))
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review/amend"
    assert "Add a version" in browser.get(f"/cases/{case.id}/review").text
    assert browser.get(url).status_code == 200
    data = sent(world, case, value=1, why="Weaker than it reads.", version=1)
    refused = browser.post(url, data=data)
    assert refused.status_code == 422
    assert "Weaker than it reads." in refused.text
    assert browser.post(url, data=data | {"reason": "x" * 20_001}).status_code == 422
    done = browser.post(url, data=data | {"reason": "The third review names what I missed."})
    assert (done.status_code, done.location) == (303, f"/cases/{case.id}/reviews")
    for reader in (world.rex, world.rob, world.pia):
        page = client(reader).get(f"/cases/{case.id}/reviews").text
        parts = ("after seeing others", "The third review names what I missed.", "3 · Reached unaided", "Weaker than")
        assert [part in page for part in parts] == [True] * 4
    stale = browser.post(url, data=data | {"reason": "Again."})
    assert (stale.status_code, "There is a newer version of your review" in stale.text) == (422, True)


def test_nobody_else_finds_the_way_to_a_version(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    world.commit()
    for who in ("ada", "max", "sam", "kim", "pia", "aud"):
        browser = client(getattr(world, who))
        missing = browser.get("/cases/000000000000/review/amend").data
        answer = browser.get(f"/cases/{case.id}/review/amend")
        assert (answer.status_code, answer.data == missing) == (404, True)
        assert browser.post(f"/cases/{case.id}/review/affirm", data={"version": "1"}).status_code == 404
    assert client(world.rob).get(f"/cases/{case.id}/review/amend").status_code == 403


def test_a_changed_packet_is_shown_word_by_word_and_answered(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    saved(world, case, world.rex)
    resubmit(world, case, summary="A clearer summary.")
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    assert "packet changed" in browser.get("/reviews").text
    page = browser.get(url).text
    assert "It is snapshot 2 now; your review rests on snapshot 1." in page
    assert "A clearer summary." in page
    assert "<del>" in page
    assert "The packet has changed" in browser.get(f"{url}/seal").text
    data = sent(world, case, value=2, version=1)
    browser.post(url, data=data)
    assert "My scores stand" in browser.get(url).text
    answer = browser.post(url, data=data | {"version": "2", "then": "stands"})
    assert (answer.status_code, answer.location) == (303, url)
    assert "My scores stand" not in browser.get(url).text
    world.s.rollback()
    review = world.s.scalar(select(Review))
    assert (review.snapshot.number, {row.value for row in review.scores}) == (2, {2})


def test_revising_leads_back_to_the_form(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    saved(world, case, world.rex)
    resubmit(world, case, summary="A clearer summary.")
    world.commit()
    url = f"/cases/{case.id}/review"
    answer = client(world.rex).post(url, data=sent(world, case, version=1) | {"then": "revise"})
    assert answer.location == f"{url}#scoring"


def test_a_sealed_review_is_affirmed_on_the_page(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    resubmit(world, case, summary="A clearer summary.")
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    assert "packet changed" in browser.get("/reviews?only=changed").text
    assert "A clearer summary." in browser.get(url).text
    assert browser.post(f"{url}/affirm", data={"version": "1"}).location == url
    assert "The review stands on this snapshot; nothing was changed." in browser.get(url).text
    assert "packet changed" not in browser.get("/reviews").text
    world.s.rollback()
    assert world.s.scalar(select(Amendment)).stands


def test_the_queue_keeps_its_filter_from_review_to_review(world: World, client) -> None:
    cases = [world.case(key, State.IN_REVIEW) for key in ("ada", "ivy", "mona")]
    world.commit()
    browser = client(world.rex)
    page = browser.get("/reviews?track=ic").text
    assert ["Ada Marchetti" in page, "Mona Fischer" in page] == [True, False]
    place = f"/cases/{cases[1].id}/review?only=open&track=ic"
    assert f'href="{place.replace("&", "&amp;")}"' in browser.get("/reviews?only=open&track=ic").text
    page = browser.get(place).text
    assert "Review 2 of 2" in page
    onward = browser.post(
        f"/cases/{cases[0].id}/review?only=open&track=ic", data=sent(world, cases[0]) | {"then": "next"}
    )
    assert onward.location == place
    assert "None of your reviews fits this filter." in browser.get("/reviews?only=sealed").text
    assert "Mona Fischer" in browser.get("/reviews?only=nonsense").text


def test_the_review_at_hand_keeps_its_place_when_it_leaves_the_filter(world: World) -> None:
    cases = [world.case(key, State.IN_REVIEW) for key in ("ada", "ivy", "mona")]
    sealed(world, cases[1], world.rex)
    tasks = queries.queue(world.s, world.rex)
    assert queries.place_in(tasks, cases[1].id, queries.Wanted("open")) == queries.Place(2, 3, cases[0].id, cases[2].id)
    assert queries.place_in(tasks, cases[2].id, queries.Wanted("open")).total == 2


AUTOSAVE = {"X-Autosave": "1", "Accept": "application/json"}


def test_a_next_version_is_kept_as_it_is_typed_and_counts_only_once_it_is_sent(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    review = sealed(world, case, world.rex)
    sealed(world, case, world.rob)
    world.commit()
    browser, path = client(world.rex), f"/cases/{case.id}/review/amend"
    line = world.rubric(case).competencies[0].id
    data = {
        "version": "1",
        "kept": "0",
        f"{line}--score": "1",
        f"{line}--why": "Seen again.",
        "reason": "The last result",
    }
    kept = browser.post(path, data=data, headers=AUTOSAVE)
    assert (kept.status_code, kept.json["fields"]) == (200, {"kept": 1})
    world.s.rollback()
    world.fresh(review)
    assert review.amendments == []
    page = browser.get(path).text
    assert ("The last result" in page, "Seen again." in page, "not sent yet" in page) == (True, True, True)
    assert "The last result" not in client(world.rob).get(f"/cases/{case.id}/reviews").text
    older = browser.post(path, data={**data, "reason": "Older tab."}, headers=AUTOSAVE)
    assert older.status_code == 409


def test_an_older_tab_is_shown_both_and_what_was_sent_waits_no_more(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    world.commit()
    browser, path = client(world.rex), f"/cases/{case.id}/review/amend"
    whole = {"version": "1", "reason": "The last result convinced me.", "summary": "Other now."}
    for name, one in scores(world, case, 1, "Seen again.").items():
        whole |= {f"{name}--score": str(one.value), f"{name}--why": one.rationale}
    browser.post(path, data={**whole, "reason": "From the other tab.", "kept": "0"}, headers=AUTOSAVE)
    page = browser.post(path, data={**whole, "kept": "0"})
    assert (page.status_code, whole["reason"] in page.text) == (422, True)
    assert "Saved there: From the other tab." in page.text
    assert browser.post(path, data={**whole, "kept": "1"}).status_code == 303
    assert "From the other tab." not in browser.get(path).text
