"""Referees: who can be asked, what they are told, what they write and who reads it."""

import pytest
from sqlalchemy import select

from portal.domain.case_flow import Action, State
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.packets import commands, queries
from tests.packets.test_editor import statements_of
from tests.world import NOW, READY, World

SAID = {"answers": {"result-1": "She cut the queue in half."}, "reason_not_to": "Has not yet led a second team."}
GROWN = ("rob", "rex", "rae", "kim", "lou", "nat", "ola")


@pytest.fixture(autouse=True)
def _clock(frozen_clock) -> None:
    """The clock stands at NOW."""


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


def ask(world: World, case: Case, person: Person | None = None) -> Referee:
    return commands.propose_referee(world.s, case=case, actor=world.ada, person=person or world.rob, at=NOW)


def answer(world: World, row: Referee, version: int = 1, **changed: object) -> Referee:
    return commands.answer_referee(
        world.s, referee=row, actor=row.person, version=version, at=NOW, **{**SAID, **changed}
    )


def answered_case(world: World, state: State) -> Case:
    """A case at a stage with an answer by rob."""
    case = world.case("ada", state, reviewers=("rex", "rae", "nat"))
    row = Referee(
        person=world.rob,
        pseudonym="Referee X7Q",
        state=RefereeState.ANSWERED,
        proposed_by_id=world.ada.id,
        proposed_at=NOW,
        answered_at=NOW,
        told="candidate_after_release",
        **SAID,
    )
    case.referees.append(row)
    world.commit()
    return case


def test_asking_writes_the_mail_a_line_on_record_and_a_name_drawn_at_random(world: World, case) -> None:
    row = ask(world, case)
    assert (row.state, row.person_id, row.proposed_by_id) == (RefereeState.INVITED, world.rob.id, world.ada.id)
    assert row.pseudonym.startswith("Referee ")
    mail = world.s.scalars(select(OutboxRow)).one()
    assert mail.payload == {
        "to": world.rob.id,
        "template": "referee",
        "values": {
            "path": f"/cases/{case.id}/feedback",
            "due": "30 Mar 2026, 10:00 (UTC)",
            "by": "2026-03-30T10:00:00+00:00",
        },
    }
    assert ask(world, case) is row
    q = select(AuditEvent.action).where(AuditEvent.action == "referee_asked")
    assert list(world.s.scalars(q)) == ["referee_asked"]


def test_pseudonyms_are_never_shared(world: World, case, monkeypatch) -> None:
    drawn = iter(["abc", "abc", "xyz"])
    monkeypatch.setattr("portal.packets.commands.referees.new_id", lambda: next(drawn))
    names = [ask(world, case, world.rob).pseudonym, ask(world, case, world.rex).pseudonym]
    assert names == ["Referee ABC", "Referee XYZ"]


def test_the_not_eligible_and_a_seventh_are_refused(world: World, case) -> None:
    with pytest.raises(Refused, match="Max Brandt cannot be asked: Ada Marchetti is in the reporting line"):
        ask(world, case, world.max)
    for key in GROWN[:6]:
        ask(world, case, getattr(world, key))
    with pytest.raises(Refused, match="6 people are asked already"):
        ask(world, case, getattr(world, GROWN[6]))


def test_after_the_reviews_open_nobody_more_is_asked(world: World) -> None:
    with pytest.raises(Refused, match="in review"):
        ask(world, world.case("ada", State.IN_REVIEW))


def test_an_answer_is_kept_may_change_and_is_never_overwritten(world: World, case) -> None:
    row = answer(world, ask(world, case))
    assert (row.state, row.answered_at, row.answers) == (RefereeState.ANSWERED, NOW, SAID["answers"])
    assert answer(world, row, version=1).version == 2
    assert answer(world, row, version=2, reason_not_to="Too soon.").reason_not_to == "Too soon."
    with pytest.raises(StaleVersion) as refused:
        answer(world, row, version=2, reason_not_to="Stale.")
    assert (refused.value.mine, refused.value.theirs) == (
        {"A reason not to": "Stale."},
        {"A reason not to": "Too soon."},
    )


@pytest.mark.parametrize(
    ("changed", "said"), [({"answers": {}}, "at least one result"), ({"reason_not_to": " "}, "a reason not to")]
)
def test_an_answer_needs_a_result_and_a_reason_not_to(world: World, case, changed: dict, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        answer(world, ask(world, case), **changed)


def test_while_reviews_run_a_first_answer_is_taken_but_none_is_changed(world: World) -> None:
    row = answered_case(world, State.IN_REVIEW).referees[0]
    with pytest.raises(Refused, match="no longer collected"):
        answer(world, row, reason_not_to="Another.")
    row.state, row.answered_at, row.answers = RefereeState.INVITED, None, {}
    world.s.flush()
    assert answer(world, row, version=2).state is RefereeState.ANSWERED


def test_declining_says_why_to_the_people_partner_only(world: World, case, client) -> None:
    row = ask(world, case)
    with pytest.raises(InvalidInput, match="Say why"):
        commands.decline_referee(world.s, referee=row, actor=world.rob, reason=" ", at=NOW)
    commands.decline_referee(world.s, referee=row, actor=world.rob, reason="Never worked together.", at=NOW)
    world.commit()
    shown = {
        key: "Never worked together." in client(getattr(world, key)).get(f"/cases/{case.id}/referees").text
        for key in ("ada", "max", "pia")
    }
    assert shown == {"ada": False, "max": False, "pia": True}
    assert "You declined" in client(world.rob).get(f"/cases/{case.id}/feedback").text


def test_who_has_answered_does_not_decline(world: World, case) -> None:
    row = answer(world, ask(world, case))
    with pytest.raises(Refused, match="answered already"):
        commands.decline_referee(world.s, referee=row, actor=world.rob, reason="After all.", at=NOW)


def test_the_grade_of_a_person_is_read_from_the_rubrics_the_cycle_pinned(world: World) -> None:
    grades = {key: queries.grade_of(world.cycle, getattr(world, key)) for key in ("rob", "joe", "cleo", "pia")}
    assert grades == {"rob": 4, "joe": 5, "cleo": 7, "pia": None}
    stranger = world.sam
    stranger.level_id = "level-that-was-renamed"
    assert queries.grade_of(world.cycle, stranger) is None


def test_the_candidate_finds_colleagues_and_reads_why_some_cannot_be_asked(world: World, case, client) -> None:
    browser, path = client(world.ada), f"/cases/{case.id}/referees"
    page = browser.get(path + "?q=ro").text
    assert "Ask Rob Silva" in page
    assert "Ron Haddad" in page
    assert "Ask Pia Romero" not in page
    assert "Pia Romero has no level on a ladder of this cycle." in page
    assert browser.post(path, data={"person_id": world.rob.id, "state": "answered"}).location == path
    page = browser.get(path + "?q=rob").text
    assert "1 of 3 to 6 referees are asked." in page
    assert "Ask 2 more." in page
    assert "Asked already." in page
    assert "from another job family" in page
    assert "Nobody here has" in browser.get(path + "?q=zzz").text


def test_the_completion_asks_for_another_family_and_stops_nothing(world: World, case, client) -> None:
    for person in (world.rob, world.rex, world.kim):
        ask(world, case, person)
    world.commit()
    browser, said = client(world.ada), "One referee should come from another job family. You can submit without."
    assert said in browser.get(f"/cases/{case.id}/packet/edit").text
    world.s.rollback()
    world.kim.family_id = "product"
    world.commit()
    assert said not in browser.get(f"/cases/{case.id}/packet/edit").text


@pytest.mark.parametrize("who", ["nobody", "max"])
def test_what_is_not_on_the_list_is_not_asked(world: World, case, client, who: str) -> None:
    person_id = world.max.id if who == "max" else "nobody"
    answer_ = client(world.ada).post(f"/cases/{case.id}/referees", data={"person_id": person_id})
    assert answer_.status_code == (409 if who == "max" else 422)
    world.s.rollback()
    assert list(world.s.scalars(select(Referee))) == []


def test_a_referee_sees_the_question_and_nothing_of_the_case(world: World, case, client) -> None:
    ask(world, case)
    world.commit()
    browser = client(world.rob)
    page = browser.get(f"/cases/{case.id}/feedback").text
    assert "Who reads what you write" in page
    assert [
        w
        for w in ("Staff", "draft", "grade", "Spring 2026", "Individual")
        if w in page.split("<main")[1].split("</main")[0]
    ] == []
    others = [browser.get(f"/cases/{case.id}{rest}").status_code for rest in ("", "/packet", "/referees", "/statement")]
    assert others == [404] * 4


def test_a_referee_answers_and_may_change_it(world: World, case, client) -> None:
    ask(world, case)
    world.commit()
    browser, path = client(world.rob), f"/cases/{case.id}/feedback"
    data = {
        "result-1": "Cut waits.",
        "reason_not_to": "Too early.",
        "version": 1,
        "pseudonym": "Rob",
        "state": "invited",
    }
    assert browser.post(path, data=data).location == path
    page = browser.get(path).text
    assert "Save my answer" in page
    assert "Cut waits.</textarea>" in page.replace("\r", "")
    world.s.rollback()
    row = world.s.scalars(select(Referee)).one()
    assert (row.state, row.answers) == (RefereeState.ANSWERED, {"result-1": "Cut waits."})
    assert row.pseudonym != "Rob"
    stale = browser.post(path, data={**data, "reason_not_to": "Second tab."})
    assert stale.status_code == 409
    assert '<pre class="prose">Too early.</pre>' in stale.text


def test_a_referee_is_told_of_names_before_they_are_sent(world: World, case, client) -> None:
    ask(world, case)
    world.commit()
    browser, path = client(world.rob), f"/cases/{case.id}/feedback"
    data = {"result-1": "I, Rob, saw it with Kim Larsen.", "reason_not_to": "Too early.", "version": 1}
    asked = browser.post(path, data=data)
    assert asked.status_code == 422
    assert "It tells that you wrote it: Rob." in asked.text
    assert "It names Kim Larsen." in asked.text
    assert "I, Rob, saw it with Kim Larsen.</textarea>" in asked.text
    assert world.s.scalars(select(Referee.state)).one() is RefereeState.INVITED
    assert browser.post(path, data={**data, "named": "Rob; Kim Larsen"}).status_code == 303


@pytest.mark.parametrize("data", [{"reason_not_to": "x"}, {"result-1": "x"}])
def test_an_answer_that_cannot_be_kept_is_shown_again(world: World, case, client, data: dict) -> None:
    ask(world, case)
    world.commit()
    page = client(world.rob).post(f"/cases/{case.id}/feedback", data={**data, "version": 1})
    assert page.status_code == 422
    assert "There is something to put right" in page.text


def test_a_referee_declines_with_a_reason_on_the_page(world: World, case, client) -> None:
    ask(world, case)
    world.commit()
    browser, path = client(world.rob), f"/cases/{case.id}/feedback"
    assert browser.post(f"{path}/decline", data={"reason": ""}).status_code == 422
    assert browser.post(f"{path}/decline", data={"reason": "No time."}).status_code == 303
    world.s.rollback()
    assert world.s.scalars(select(Referee.state)).one() is RefereeState.DECLINED


def test_when_feedback_is_over_the_page_says_so_and_shows_ones_own_words(world: World, client) -> None:
    case = answered_case(world, State.IN_CALIBRATION)
    page = client(world.rob).get(f"/cases/{case.id}/feedback").text
    assert "She cut the queue in half." in page
    assert "calibration" not in page
    world.s.rollback()
    row = case.referees[0]
    row.state, row.answered_at, row.answers = RefereeState.INVITED, None, {}
    world.commit()
    assert "is no longer collected" in client(world.rob).get(f"/cases/{case.id}/feedback").text


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        (State.SUBMITTED, {"pia", "kim"}),
        (State.IN_REVIEW, {"pia", "kim", "rex"}),
        (State.IN_CALIBRATION, {"pia", "kim", "rex", "ola"}),
        (State.RELEASED, {"ada", "pia", "kim", "rex", "ola"}),
    ],
)
def test_what_referees_wrote_is_read_under_a_pseudonym(world: World, client, state: State, readers: set[str]) -> None:
    case = answered_case(world, state)
    pages = {
        key: client(getattr(world, key)).get(f"/cases/{case.id}/referees").text
        for key in ("ada", "max", "pia", "kim", "rex", "ola", "sam", "aud")
    }
    assert {key for key, page in pages.items() if "She cut the queue in half." in page} == readers
    assert {key for key, page in pages.items() if "Rob Silva" in page} == {"ada", "max", "pia"}


def test_the_number_of_statements_on_the_referee_page_is_constant(world: World, case, client, engine) -> None:
    browser, path = client(world.pia), f"/cases/{case.id}/referees"
    world.s.rollback()
    ask(world, case)
    world.commit()
    browser.get(path)
    few = statements_of(engine, lambda: browser.get(path))
    world.s.rollback()
    for key in GROWN[1:4]:
        answer(world, ask(world, case, getattr(world, key)))
    world.commit()
    assert statements_of(engine, lambda: browser.get(path)) == few


def test_the_candidate_knows_a_referee_by_another_name_than_the_panel(world: World, client) -> None:
    case = answered_case(world, State.RELEASED)
    row = case.referees[0]
    url, names = f"/cases/{case.id}/referees", (row.pseudonym, row.pseudonym_for_candidate)
    pages = [client(person).get(url).text for person in (world.kim, world.ada)]
    assert [[name in page for name in names] for page in pages] == [[True, False], [False, True]]


def test_the_candidate_reads_only_what_its_writer_was_told_they_would(world: World, client) -> None:
    case = answered_case(world, State.RELEASED)
    case.referees[0].told = ""
    world.commit()
    words = "cut the queue in half"
    readers = (world.kim, world.ada)
    assert [words in client(person).get(f"/cases/{case.id}/referees").text for person in readers] == [True, False]


@pytest.mark.parametrize("who", ["ada", "max"])
def test_nobody_unseats_a_reviewer_by_asking_them_as_a_referee(world: World, client, who: str) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    answer = client(getattr(world, who)).post(f"/cases/{case.id}/referees", data={"person_id": world.rex.id})
    assert (answer.status_code, "A people partner can ask another one." in answer.text) == (403, True)
    world.s.refresh(case)
    assert case.referees == []


def test_a_people_partner_asks_in_place_of_who_declined_but_no_reviewer(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    case.take(Action.RETURN, READY, by=world.pia, at=NOW, note="Say more on result 2.")
    world.commit()
    partner = client(world.pia)
    refused = partner.post(f"/cases/{case.id}/referees", data={"person_id": world.rex.id})
    assert (refused.status_code, "is asked to review this case." in refused.text) == (409, True)
    assert partner.post(f"/cases/{case.id}/referees", data={"person_id": world.ola.id}).status_code == 303
