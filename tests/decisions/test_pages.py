"""The decision's and the appeal's pages, as each person opens and fills them."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.adapters.storage import Storage
from portal.domain.attachments import FileKind
from portal.domain.case_flow import State
from portal.models.calibration import Choice
from portal.models.case import Case
from portal.models.decision import Outcome
from portal.models.packet import Attachment, Evidence, Snapshot
from tests.world import NOW, World

REASONS = "Two pieces of evidence show it, and colleagues confirmed both."


def voted(world: World, *, carried: bool, scores: tuple[int, ...] = (3, 3, 3)) -> Case:
    case = world.case("ada", State.IN_CALIBRATION, scores=scores)
    world.ballot(case, dict.fromkeys(("kim", "lou", "nat"), Choice.FOR if carried else Choice.AGAINST))
    world.bar_check(case)
    world.commit()
    return case


def test_the_chair_records_and_a_second_member_confirms(world: World, client) -> None:
    case = voted(world, carried=False, scores=(2, 2, 3))
    kim, nat = client(world.kim), client(world.nat)
    page = kim.get(f"/cases/{case.id}/decision").text
    assert "Teaching and lifting: The bar insists on at least 3; the reviews give 2.33." in page
    assert 'value="approved"' not in page
    sent = {"seen": "0", "outcome": "not_yet", "unmet": ["must_have:teaching"], "reasons": REASONS}
    assert kim.post(f"/cases/{case.id}/decision", data=sent).status_code == 303
    assert "Confirm version 1" not in kim.get(f"/cases/{case.id}/decision").text
    assert "Confirm version 1" in nat.get(f"/cases/{case.id}/decision").text
    assert nat.post(f"/cases/{case.id}/decision/confirm", data={"seen": "1"}).status_code == 303
    world.fresh(case)
    made = case.decisions[-1]
    assert (case.state, made.outcome, made.confirmed_by.name) == (State.DECIDED, Outcome.NOT_YET, "Nat Weiss")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"outcome": "approved", "reasons": REASONS}, "so the outcome is not yet."),
        ({"outcome": "not_yet", "reasons": REASONS}, "Name at least one clause"),
        ({"outcome": "not_yet", "unmet": "must_have:teaching", "reasons": "no"}, "Say why, in words"),
        ({"reasons": REASONS}, "Choose the outcome."),
    ],
)
def test_a_contradiction_comes_back_with_the_reason_and_the_text(world: World, client, sent: Any, says: str) -> None:
    case = voted(world, carried=False, scores=(2, 2, 3))
    answer = client(world.kim).post(f"/cases/{case.id}/decision", data={"seen": "0", **sent})
    assert answer.status_code == 422
    assert says in answer.text
    assert sent["reasons"] in answer.text
    assert world.fresh(case).state is State.IN_CALIBRATION


def test_a_decision_written_in_a_second_tab_is_not_overwritten(world: World, client) -> None:
    case = voted(world, carried=True)
    kim = client(world.kim)
    first = {"seen": "0", "outcome": "approved", "reasons": REASONS, "effective_on": "2026-05-01"}
    kim.post(f"/cases/{case.id}/decision", data=first)
    answer = kim.post(f"/cases/{case.id}/decision", data={**first, "reasons": "Written in the other tab."})
    assert answer.status_code == 409
    assert "Written in the other tab." in answer.text
    assert REASONS in answer.text


def test_a_member_who_read_an_older_version_does_not_confirm_the_newer(world: World, client) -> None:
    case = voted(world, carried=True)
    kim, nat = client(world.kim), client(world.nat)
    sent = {"outcome": "deferred", "reasons": REASONS}
    kim.post(f"/cases/{case.id}/decision", data={"seen": "0", **sent})
    kim.post(f"/cases/{case.id}/decision", data={"seen": "1", "correction": "A clearer text.", **sent})
    assert nat.post(f"/cases/{case.id}/decision/confirm", data={"seen": "1"}).status_code == 409
    assert nat.post(f"/cases/{case.id}/decision/confirm", data={}).status_code == 422
    page = nat.get(f"/cases/{case.id}/decision").text
    assert "Earlier versions" in page
    assert "Confirm version 2" in page


def test_a_closed_step_says_what_is_missing(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    page = client(world.kim).get(f"/cases/{case.id}/decision").text
    assert "The ballot has not been held and closed." in page
    assert "The equivalence check has not been run at this grade." in page


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ada", {"outcome", "reasons"}),
        ("max", {"outcome", "reasons"}),
        ("rex", {"outcome"}),
        ("aud", set()),
        ("nat", {"outcome", "reasons", "names"}),
    ],
)
def test_after_release_everyone_reads_their_part(world: World, client, who: str, sees: set[str]) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    page = client(getattr(world, who)).get(f"/cases/{case.id}/decision").text
    signs = {"outcome": "approved", "reasons": "The evidence shows the bar was met", "names": "Kim Larsen"}
    assert {name for name, sign in signs.items() if sign in page} == sees


def test_the_list_of_a_cycle_leaves_out_ones_own_case(world: World, client) -> None:
    world.case("ada", State.DECIDED)
    world.case("mona", State.IN_CALIBRATION)
    world.case("theo", State.DECIDED)
    world.commit()
    url = "/cycles/spring-2026/decisions"
    for who, names in (("pia", {"Ada", "Mona", "Theo"}), ("theo", {"Ada", "Mona"}), ("nat", {"Ada", "Mona", "Theo"})):
        table = client(getattr(world, who)).get(url).text.partition("<tbody>")[2]
        assert {n for n in ("Ada", "Mona", "Theo") if n in table} == names
    assert client(world.sam).get(url).status_code == 404


def test_a_list_without_cases_says_what_to_do(world: World, client) -> None:
    assert "sent to calibration" in client(world.pia).get("/cycles/spring-2026/decisions").text


def test_the_candidate_acknowledges_from_the_case_page(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    ada = client(world.ada)
    assert "Acknowledge the letter" in ada.get(f"/cases/{case.id}").text
    assert ada.post(f"/cases/{case.id}/acknowledge").status_code == 303
    assert "Acknowledge the letter" not in ada.get(f"/cases/{case.id}").text


def filed(world: World, client) -> tuple[Case, str]:
    case = world.case("ada", State.RELEASED, outcome=Outcome.NOT_YET)
    world.commit()
    url = f"/cases/{case.id}/appeal"
    ada = client(world.ada)
    assert "until 6 Apr 2026" in ada.get(url).text
    assert ada.post(url, data={"ground": "procedure", "statement": "Too short"}).status_code == 422
    sent = {"ground": "procedure", "statement": "Nobody asked the second referee."}
    assert ada.post(url, data=sent).status_code == 303
    assert "The people partner appoints" in ada.get(url).text
    return case, url


def test_a_long_list_of_people_to_appoint_ends_and_says_how_to_find_the_rest(
    world: World, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = filed(world, client)
    pia, said = client(world.pia), "More may fit than are listed"
    page = pia.get(url).text
    everyone = page.count('name="member"')
    assert said not in page
    monkeypatch.setattr("portal.decisions.queries.MOST_OFFERED", 2)
    page = pia.get(url).text
    assert (everyone > 2, page.count('name="member"'), said in page) == (True, 2, True)
    page = pia.get(f"{url}?find=sam&member={world.dirk.id}").text
    assert (page.count('name="member"') >= 2, said in page) == (True, False)


def test_a_panel_is_chosen_in_two_steps_from_people_who_can_be_appointed(world: World, client) -> None:
    case, url = filed(world, client)
    pia, ids = client(world.pia), {who: getattr(world, who).id for who in ("dirk", "ron", "sam", "kim", "ivy")}
    assert "Appoint who answers the appeal" in pia.get(f"/cases/{case.id}").text
    page = pia.get(f"{url}?find=sam&member={ids['dirk']}&member={ids['kim']}").text
    assert ("Sam Ito, Software Engineer II, sam@example.org" in page, "Dirk Janssen, Director" in page) == (True, True)
    assert ("Kim Larsen" in page, "Choose 2 more" in page) == (False, True)
    near, unknown = ([*pia.get(f"{url}?find={name}").text.splitlines()] for name in ("kim", "zzz"))
    assert {line for line in set(near) ^ set(unknown) if "token" not in line} == {
        line for line in {*near, *unknown} if 'value="kim"' in line or 'value="zzz"' in line
    }
    chosen = {"member": [ids["dirk"], ids["ron"], ids["sam"]], "presides": ids["ron"], "seen": "0"}
    for wrong in ({"member": [ids["dirk"], ids["ron"], ids["kim"]]}, {"member": [ids["ron"], ids["dirk"], "none"]}):
        refused = pia.post(f"{url}/appoint", data={**chosen, **wrong})
        assert refused.status_code == 422
        assert "Choose from the people who are offered" in refused.text
    assert "Say who presides" in pia.post(f"{url}/appoint", data={**chosen, "presides": ""}).text
    assert "At least 3" in pia.post(f"{url}/appoint", data={**chosen, "member": [ids["ron"]]}).text
    assert client(world.ron).get(url).status_code == 404
    assert pia.post(f"{url}/appoint", data=chosen).status_code == 303
    page = pia.get(url).text
    assert "Ron Haddad (presides)" in page
    assert "Its vote is open and secret" in page
    assert "Ron Haddad" not in client(world.ada).get(url).text


def test_the_panel_reads_the_record_votes_and_answers(world: World, client) -> None:
    case, url = filed(world, client)
    members = [getattr(world, who).id for who in ("dirk", "ron", "sam")]
    client(world.pia).post(f"{url}/appoint", data={"member": members, "presides": members[0], "seen": "0"})
    dirk, ron, sam = (client(getattr(world, who)) for who in ("dirk", "ron", "sam"))
    record = dirk.get(url).text
    for part in ("Nobody asked the second referee.", "Summary by Reviewer 1.", "Calm under load.", "You preside."):
        assert part in record
    assert "Rex Tanaka" not in record
    assert dirk.get(f"/cases/{case.id}").status_code == 404
    assert ron.post(f"{url}/close").status_code == 403
    assert dirk.post(f"{url}/finding", data={}).status_code == 422
    for one in (dirk, ron, sam):
        assert one.post(f"{url}/finding", data={"finding": "look_again"}).status_code == 303
    assert "found that the decision stands" not in dirk.get(url).text
    assert dirk.post(f"{url}/close").status_code == 303
    assert "0 found that the decision stands, 3 that it must be looked at again" in ron.get(url).text
    assert "3 to look again" in client(world.pia).get(url).text
    answer = {"action": "send_back_to_review", "answer": "The second referee was not asked.", "look_again": ""}
    assert "Say what must be looked at again" in dirk.post(f"{url}/answer", data=answer).text
    answer["look_again"] = "The feedback of the second referee."
    assert dirk.post(f"{url}/answer", data={**answer, "action": "uphold"}).status_code == 422
    assert dirk.post(f"{url}/answer", data=answer).location == "/"
    assert dirk.get(url).status_code == 404
    page = client(world.ada).get(url).text
    assert ("The second referee was not asked." in page, "to be reviewed again" in page) == (True, True)
    assert "The feedback of the second referee." in client(world.rex).get(f"/cases/{case.id}/decision").text
    assert world.fresh(case).state is State.IN_REVIEW


def test_of_a_vote_without_a_quorum_no_page_shows_what_was_said(world: World, client) -> None:
    _, url = filed(world, client)
    members = [getattr(world, who).id for who in ("dirk", "ron", "sam")]
    pia, dirk = client(world.pia), client(world.dirk)
    pia.post(f"{url}/appoint", data={"member": members, "presides": members[0], "seen": "0"})
    client(world.ron).post(f"{url}/finding", data={"finding": "look_again"})
    dirk.post(f"{url}/close")
    for page in (pia.get(url).text, dirk.get(url).text):
        assert ("what they were is shown to nobody" in page, "did not answer" in page) == (True, False)
    assert "appeal_finding_counted" not in client(world.theo).get("/records").text


def test_a_member_steps_aside_and_the_people_partner_sees_that_another_panel_is_needed(world: World, client) -> None:
    case, url = filed(world, client)
    members = [getattr(world, who).id for who in ("dirk", "ron", "sam")]
    pia, sam = client(world.pia), client(world.sam)
    pia.post(f"{url}/appoint", data={"member": members, "presides": members[0], "seen": "0"})
    assert "Appoint who answers the appeal" not in pia.get(f"/cases/{case.id}").text
    assert sam.post(f"{url}/step-aside", data={"reason": "We are friends."}).location == "/"
    assert sam.get(url).status_code == 404
    assert "appoint another panel" in pia.get(url).text
    assert "Appoint who answers the appeal" in pia.get(f"/cases/{case.id}").text


def test_after_the_last_day_the_page_says_so(world: World, client, frozen_clock: Any) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    frozen_clock.move_to("2026-04-08T10:00:00+00:00")
    assert "The last day for an appeal has passed." in client(world.ada).get(f"/cases/{case.id}/appeal").text


def test_where_nobody_presides_the_page_of_the_decision_says_so(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    url = f"/cases/{case.id}/decision"
    assert "Nobody presides" not in client(world.pia).get(url).text
    world.fresh(case)
    for who in ("kim", "lou"):
        getattr(world, who).active = False
    world.commit()
    for who in (world.pia, world.nat):
        assert "Nobody presides" in client(who).get(url).text


def test_the_panel_alone_fetches_the_files_of_the_record(world: World, client, settings) -> None:
    case, url = filed(world, client)
    world.fresh(case)
    storage = Storage.from_url(settings.storage_url)
    pdf = b"%PDF-1.7 a plan"
    file = Attachment(
        case_id=case.id,
        evidence_id=world.s.scalars(select(Evidence.id).where(Evidence.case_id == case.id)).first(),
        name="plan.pdf",
        kind=FileKind.PDF,
        size=len(pdf),
        sha256=storage.put(pdf),
        added_at=NOW,
    )
    world.s.add(file)
    world.s.flush()
    snapshot = world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id)).one()
    rows = [dict(row) for row in snapshot.content["evidence"]]
    rows[0]["attachments"] = [{"id": file.id, "name": "plan.pdf"}]
    table = Snapshot.__table__
    world.s.execute(table.update().values(content={**snapshot.content, "evidence": rows}))
    world.commit()
    members = [getattr(world, who).id for who in ("dirk", "ron", "sam")]
    client(world.pia).post(f"{url}/appoint", data={"member": members, "presides": members[0], "seen": "0"})
    there = f"{url}/files/{file.id}"
    assert there in client(world.dirk).get(url).text
    assert {who for who, p in world.everyone.items() if client(p).get(there).status_code == 200} == {
        "dirk",
        "ron",
        "sam",
    }
    assert client(world.dirk).get(f"{url}/files/none").status_code == 404
