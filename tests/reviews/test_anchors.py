"""Anchor packets: written and copied without names, scored before the cases of their grade, compared with what was
agreed, and never a case."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.calibration import commands as calibration
from portal.calibration.queries.evidence import anchor_facts, from_plain, to_plain
from portal.cases.queries import family_of
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.anchor import AnchorPacket, AnchorReview, AnchorState
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.review import NoScore, Review
from portal.reviews import commands, queries
from portal.reviews.commands import ScoreInput
from portal.reviews.forms import choice_of, rationale_of
from portal.reviews.policy import Asked, can_keep_anchors, can_score_anchor
from tests.conftest import Browser
from tests.reviews.filling import saved, sent
from tests.world import NOW, World

Client = Callable[..., Browser]
LIST = "/cycles/spring-2026/anchors"


def written(
    world: World, *, place: str = "engineering/staff", text: str = "Somebody led it.", first: bool = True
) -> AnchorPacket:
    return commands.write_anchor(
        world.s, cycle=world.cycle, actor=world.pia, place=place, title="Anchor A", text=text, comes_first=first, at=NOW
    )


def agree(world: World, anchor: AnchorPacket, value: int = 3, *, version: int | None = None) -> None:
    lines = queries.anchor_rubric(anchor).competencies
    commands.change_anchor(
        world.s,
        anchor=anchor,
        actor=world.pia,
        title=anchor.title,
        text=str(anchor.content["text"]),
        comes_first=anchor.comes_first,
        version=anchor.version if version is None else version,
        agreed={line.id: (value, "It was so.") for line in lines},
        at=NOW,
    )


def opened(world: World, **how) -> AnchorPacket:
    anchor = written(world, **how)
    agree(world, anchor)
    commands.open_anchor(world.s, anchor=anchor, actor=world.pia, at=NOW)
    return anchor


def scored(world: World, anchor: AnchorPacket, who: str, value: int = 2, *, seal: bool = True) -> AnchorReview:
    lines = queries.anchor_rubric(anchor).competencies
    review = queries.anchor_review(world.s, anchor, getattr(world, who))
    return commands.save_anchor_scores(
        world.s,
        anchor=anchor,
        actor=getattr(world, who),
        scores={line.id: ScoreInput(value=value) for line in lines},
        version=review.version if review else 0,
        seal=seal,
        at=NOW,
    )


@pytest.fixture
def ada(world: World) -> Case:
    return world.case("ada", State.IN_REVIEW)


def test_a_packet_takes_its_place_from_the_ladder(world: World) -> None:
    anchor = written(world)
    assert (anchor.grade, anchor.track_kind, anchor.state) == (4, "ic", AnchorState.DRAFT)


@pytest.mark.parametrize(
    ("place", "said"),
    [("law/x", "takes no cases of the ladder"), ("engineering/king", "there is no “king”")],
)
def test_a_place_that_is_none_is_refused(world: World, place: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        written(world, place=place)


def test_it_opens_only_with_every_score_agreed_and_no_name_left(world: World) -> None:
    anchor = written(world, text="Rex Tanaka led it.")
    with pytest.raises(InvalidInput, match="Names are left in it: Rex Tanaka"):
        commands.open_anchor(world.s, anchor=anchor, actor=world.pia, at=NOW)
    bare = written(world)
    with pytest.raises(InvalidInput, match="No score was agreed on yet for: "):
        commands.open_anchor(world.s, anchor=bare, actor=world.pia, at=NOW)
    agree(world, bare)
    commands.open_anchor(world.s, anchor=bare, actor=world.pia, at=NOW)
    with pytest.raises(Refused, match="does not change under them"):
        agree(world, bare)


def test_two_tabs_lose_nothing(world: World) -> None:
    anchor = written(world)
    agree(world, anchor)
    with pytest.raises(StaleVersion) as stale:
        agree(world, anchor, version=0)
    assert stale.value.theirs == {"Packet": "Somebody led it."}


def test_a_copy_has_no_names_and_that_it_was_read_is_on_record(world: World, client: Client) -> None:
    case = world.case("ivy", State.CLOSED)
    world.commit()
    page = client(world.pia).post(f"{LIST}/copy", data={"case": case.id})
    assert page.status_code == 200
    text = page.text.partition('name="text"')[2].partition("</textarea>")[0]
    assert "## Summary" in text
    assert "Ivy" not in text
    assert "Novak" not in text
    world.s.rollback()
    seen = world.s.scalars(select(AuditEvent.thing).where(AuditEvent.case_id == case.id)).all()
    assert f"packet:{case.id}" in seen


def test_only_a_finished_case_without_a_conflict_is_copied(world: World, client: Client, ada: Case) -> None:
    own = world.case("theo", State.CLOSED)
    world.commit()
    assert client(world.pia).post(f"{LIST}/copy", data={"case": ada.id}).status_code == 409
    assert client(world.theo).post(f"{LIST}/copy", data={"case": own.id}).status_code == 409


def test_those_who_review_at_its_grade_are_asked(world: World, ada: Case) -> None:
    anchor = opened(world)
    assert [found.id for found in queries.anchors_due(world.s, world.rex)] == [anchor.id]
    assert queries.anchors_due(world.s, world.kim) == []
    with pytest.raises(NotPermitted):
        scored(world, anchor, "kim")


def test_the_case_opens_only_after_the_packet(world: World, client: Client, ada: Case) -> None:
    anchor = opened(world)
    world.commit()
    browser = client(world.rex)
    answer = browser.get(f"/cases/{ada.id}/review")
    assert (answer.status_code, answer.location) == (303, f"/anchors/{anchor.id}")
    assert "Anchor A" in browser.get("/reviews").text
    data = {"version": "0", "then": "seal"}
    for line in queries.anchor_rubric(anchor).competencies:
        data |= {choice_of(line.id): "2", rationale_of(line.id): "Seen."}
    assert browser.post(f"/anchors/{anchor.id}", data=data).status_code == 303
    feedback = browser.get(f"/anchors/{anchor.id}").text
    assert "you scored 1.0 points lower than was agreed" in feedback
    assert "It was so." in feedback
    assert browser.get(f"/cases/{ada.id}/review").status_code == 200
    assert "Anchor A" not in browser.get("/reviews").text


def test_no_way_round_by_a_form_or_a_sheet(world: World, client: Client, ada: Case) -> None:
    world.commit()
    browser, taken = client(world.rex), {"case": ada.id, "kind": "txt"}
    sheet = browser.post("/reviews/sheets/download", data=taken).text
    world.s.rollback()
    anchor = opened(world)
    world.commit()
    first = "core the anchor packet “Anchor A” under My reviews"
    posted = browser.post(f"/cases/{ada.id}/review", data=sent(world, ada))
    assert (posted.status_code, first in posted.text) == (422, True)
    assert "Shown in result 1.</textarea>" in posted.text
    asked = browser.post("/reviews/sheets/download", data=taken)
    assert (asked.status_code, first in asked.text) == (422, True)
    applied = browser.post("/reviews/sheets/apply", data={"sheet-0": sheet})
    assert (applied.status_code, first in applied.text) == (422, True)
    world.s.rollback()
    assert world.s.query(Review).count() == 0
    scored(world, anchor, "rex")
    world.commit()
    assert browser.post(f"/cases/{ada.id}/review", data=sent(world, ada)).status_code == 303


def test_a_review_that_has_begun_goes_on(world: World, client: Client, ada: Case) -> None:
    saved(world, ada, world.rex)
    opened(world)
    world.commit()
    assert client(world.rex).post(f"/cases/{ada.id}/review", data=sent(world, ada, version=1)).status_code == 303


def test_one_that_does_not_come_first_holds_nobody_up(world: World, client: Client, ada: Case) -> None:
    opened(world, first=False)
    world.commit()
    assert client(world.rex).get(f"/cases/{ada.id}/review").status_code == 200


def test_what_was_agreed_is_closed_until_one_has_sealed(world: World, client: Client, ada: Case) -> None:
    anchor = opened(world)
    scored(world, anchor, "rex", seal=False)
    world.commit()
    assert "It was so." not in client(world.rex).get(f"/anchors/{anchor.id}").text


def test_a_seal_needs_every_competency_and_is_final(world: World, ada: Case) -> None:
    anchor = opened(world)
    with pytest.raises(InvalidInput, match="Still without a score or a reason"):
        commands.save_anchor_scores(world.s, anchor=anchor, actor=world.rex, scores={}, version=0, seal=True, at=NOW)
    scored(world, anchor, "rex")
    with pytest.raises(Refused, match="are sealed"):
        scored(world, anchor, "rex")


def test_who_keeps_them_and_who_sees_them(world: World, client: Client, ada: Case) -> None:
    draft, anchor = written(world), opened(world)
    world.commit()
    keepers = [client(getattr(world, key)).get(LIST).status_code for key in ("pia", "theo", "kim", "rex", "ada")]
    assert keepers == [200, 200, 404, 404, 404]
    keys = ("rex", "rae", "pia", "kim", "ada", "max")
    seen = [client(getattr(world, key)).get(f"/anchors/{anchor.id}").status_code for key in keys]
    assert seen == [200, 200, 404, 404, 404, 404]
    assert client(world.rex).get(f"/anchors/{draft.id}").status_code == 404
    assert bool(can_keep_anchors(world.rex)) is False


def test_closed_it_is_open_to_those_who_scored_it(world: World, ada: Case) -> None:
    anchor = opened(world)
    review = scored(world, anchor, "rex")
    commands.close_anchor(world.s, anchor=anchor, actor=world.pia, at=NOW)
    assert bool(can_score_anchor(world.rex, Asked(anchor, "ic", review))) is True
    assert bool(can_score_anchor(world.rae, Asked(anchor, "manager", None))) is False
    with pytest.raises(Refused, match="not open for scores"):
        scored(world, anchor, "rae")
    with pytest.raises(Refused, match="is not open"):
        commands.close_anchor(world.s, anchor=anchor, actor=world.pia, at=NOW)


def test_nobodys_scores_show_on_anybody_elses_page(world: World, client: Client, ada: Case) -> None:
    anchor = opened(world)
    world.commit()
    rae, pia = client(world.rae), client(world.pia)
    world.s.rollback()
    scored(world, anchor, "rex", seal=False)
    world.commit()
    world.s.rollback()
    before = rae.get(f"/anchors/{anchor.id}").text, pia.get(LIST).text
    assert "Rex Tanaka" not in before[0] + pia.get(f"{LIST}/{anchor.id}").text
    assert "0 of 3" in before[1]


def test_they_tie_the_tracks_and_are_no_case(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    anchor = opened(world, place="engineering/sem")
    for who, value in (("rex", 2), ("rae", 3), ("rob", 2)):
        scored(world, anchor, who, value)
    check = calibration.run_bar_check(
        world.s, cycle=world.cycle, family_id="engineering", grade=4, actor=world.kim, at=NOW
    )
    figures = check.figures
    assert figures["links"]["bridging_reviewers"] == 3
    assert (figures["links"]["reviews"], figures["tracks"]["manager"]["cases"]) == (6, 0)
    assert (figures["tracks"]["ic"]["cases"], figures["agreement"]["cases"]) == (1, 1)
    kept = [row["case"] for row in figures["evidence"]]
    assert kept == [case.id, f"anchor:{anchor.id}"]


def test_evidence_with_anchors_survives_being_kept(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    anchor = opened(world)
    review = scored(world, anchor, "rex")
    review.scores[0].value, review.scores[0].no_score = None, NoScore.UNCLEAR
    world.s.flush()
    sheets = queries.anchor_sheets(world.s, cycle_id=world.cycle.id, family_id="engineering", grade=4)
    facts = anchor_facts(family_of(case), sheets)
    assert [(f.anchor, f.track, len(f.reviews)) for f in facts] == [(True, "ic", 1)]
    assert from_plain(to_plain(facts)) == facts
    assert queries.anchor_sheets(world.s, cycle_id=world.cycle.id, family_id="engineering", grade=5) == []


def test_no_number_of_cases_counts_them(world: World, client: Client, ada: Case) -> None:
    before = world.s.scalar(select(func.count(Case.id)))
    anchor = opened(world)
    scored(world, anchor, "rex")
    assert world.s.scalar(select(func.count(Case.id))) == before
    assert [task.case_id for task in queries.queue(world.s, world.rex)] == [ada.id]
    assert queries.sealed_scores(world.s, ada) == []


def test_a_draft_is_written_corrected_and_opened_on_the_web(world: World, client: Client, ada: Case) -> None:
    world.commit()
    browser = client(world.pia)
    form = {"title": "Anchor B", "place": "engineering/staff", "text": "With Rex Tanaka.", "comes_first": "y"}
    made = browser.post(LIST, data=form)
    assert made.status_code == 303
    page = browser.get(made.location).text
    assert "This may still tell who it is" in page
    assert "Rex Tanaka" in page
    world.s.rollback()
    anchor = world.s.scalars(select(AnchorPacket)).one()
    data = {"title": "Anchor B", "text": "With Rex Tanaka.", "version": str(anchor.version), "then": "open"}
    for line in queries.anchor_rubric(anchor).competencies:
        data |= {choice_of(line.id): "3", rationale_of(line.id): "So."}
    refused = browser.post(made.location, data=data)
    assert (refused.status_code, "Names are left in it" in refused.text) == (422, True)
    assert browser.post(made.location, data=data | {"text": "With a colleague."}).status_code == 303
    assert world.fresh(anchor).state is AnchorState.OPEN
    assert "it stays as it is now" in browser.get(made.location).text
    assert browser.post(f"{made.location}/close").status_code == 303
    wrong = browser.post(LIST, data=form | {"place": "law/x"})
    assert (wrong.status_code, "takes no cases of the ladder" in wrong.text) == (422, True)


def copied(world: World, source: Case, *, open_it: bool = True) -> AnchorPacket:
    """An anchor packet for the grade of the cases in review, copied from somebody's finished case."""
    anchor = written(world)
    anchor.copied_from = source
    if open_it:
        agree(world, anchor)
        commands.open_anchor(world.s, anchor=anchor, actor=world.pia, at=NOW)
    world.s.flush()
    return anchor


def test_the_form_that_copies_keeps_where_it_came_from(world: World, client: Client) -> None:
    case = world.case("ivy", State.CLOSED)
    world.commit()
    browser = client(world.pia)
    filled = browser.post(f"{LIST}/copy", data={"case": case.id})
    assert f'name="copied_from" type="hidden" value="{case.id}"' in filled.text
    data = {"title": "B", "place": "engineering/staff", "text": "Led it.", "copied_from": case.id}
    shown = browser.get(browser.post(LIST, data=data).location).text
    assert case.id not in shown
    world.s.rollback()
    assert world.s.scalars(select(AnchorPacket.copied_from_id)).all() == [case.id]


def test_a_copy_of_what_may_not_be_copied_is_refused(world: World, client: Client, ada: Case) -> None:
    own = world.case("theo", State.CLOSED)
    world.commit()
    data = {"title": "B", "place": "engineering/staff", "text": "Led it."}
    sent_ids = [(world.pia, ada.id), (world.theo, own.id), (world.pia, "nothing")]
    answers = [client(who).post(LIST, data=data | {"copied_from": one}).status_code for who, one in sent_ids]
    assert answers == [409, 409, 409]
    world.s.rollback()
    assert world.s.scalars(select(AnchorPacket)).all() == []


def test_nobody_scores_their_own_packet_or_one_they_must_stay_away_from(world: World, client: Client) -> None:
    """Rob was the candidate and Rae is his manager: neither is asked; Rex is."""
    case = world.case("ada", State.IN_REVIEW)
    anchor = copied(world, world.case("rob", State.CLOSED, reviewers=("kim", "lou", "nat")))
    world.commit()
    assert queries.anchors_due(world.s, world.rob) == queries.anchors_due(world.s, world.rae) == []
    assert [one.id for one in queries.anchors_due(world.s, world.rex)] == [anchor.id]
    assert queries.anchor_reviewers(world.s, anchor) == [world.rex]
    assert [line.asked for line in queries.anchors_of(world.s, world.cycle, world.pia)] == [1]
    for who in (world.rob, world.rae):
        assert client(who).get(f"/anchors/{anchor.id}").status_code == 404
        assert client(who).get(f"/cases/{case.id}/review").status_code == 200
    with pytest.raises(NotPermitted):
        scored(world, anchor, "rob")


def test_its_candidate_does_not_find_it_among_those_they_keep(world: World, client: Client) -> None:
    anchor = copied(world, world.case("theo", State.CLOSED))
    world.commit()
    seen = [client(who).get(f"{LIST}/{anchor.id}").status_code for who in (world.pia, world.theo)]
    assert seen == [200, 404]
    assert anchor.id in client(world.pia).get(LIST).text
    assert anchor.id not in client(world.theo).get(LIST).text


def test_the_packet_opens_after_the_anchor(world: World, client: Client, ada: Case) -> None:
    mine = next(a for a in ada.assignments if a.reviewer_id == world.rex.id)
    mine.no_conflict_at = None
    anchor = opened(world)
    world.commit()
    browser = client(world.rex)
    assert browser.get(f"/cases/{ada.id}/packet").status_code == 403
    asked = browser.get(f"/cases/{ada.id}/review/before").text
    assert f"/anchors/{anchor.id}" in asked
    assert "open the packet" not in asked
    assert browser.post(f"/cases/{ada.id}/review/no-conflict").status_code == 422
    world.s.rollback()
    scored(world, anchor, "rex")
    world.commit()
    assert browser.post(f"/cases/{ada.id}/review/no-conflict").status_code == 303
    assert browser.get(f"/cases/{ada.id}/packet").status_code == 200


def test_a_conflict_can_be_declared_before_the_anchor(world: World, client: Client, ada: Case) -> None:
    next(a for a in ada.assignments if a.reviewer_id == world.rex.id).no_conflict_at = None
    opened(world)
    world.commit()
    assert client(world.rex).post(f"/cases/{ada.id}/conflict", data={"reason": "Friends."}).location == "/reviews"
