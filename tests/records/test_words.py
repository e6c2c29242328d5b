"""The log's page in words: every act the portal writes has a phrase, lists hold what their reader's lines hold, and a
case is named to whom it is open."""

import pytest

from portal.domain.case_flow import State
from portal.models.audit import BEFORE, record
from portal.models.person import Role
from portal.people import commands as people
from portal.records import queries
from portal.records.exports import TABLES
from portal.records.words import ACTS, KINDS, READ, act_in_words, kind_in_words
from tests.records.acts_written import ANY, readings, written
from tests.statements import statements
from tests.two_worlds import masked
from tests.world import NOW, World

OPENED = readings() | {f"export_{table}" for table in TABLES}


def note(world: World, who: str, action: str, thing: str, case=None, stage: str = "") -> None:
    case_id = case.id if case else None
    record(
        world.s, actor=getattr(world, who), action=action, thing=thing, at=NOW, case_id=case_id, stage=stage, reason=""
    )


def test_every_act_that_is_written_has_a_phrase_and_no_other_does() -> None:
    assert written("action") | {BEFORE} == ACTS.keys()  # one is written by a migration


def test_every_paper_that_is_opened_has_a_phrase_and_no_other_does() -> None:
    assert READ.keys() == OPENED


def test_every_kind_of_thing_has_a_word_and_no_other_does() -> None:
    named = {thing.partition(":")[0] for thing in written("thing")} - {ANY}
    assert named | OPENED | {"audit_log"} == KINDS.keys()


def test_the_search_for_acts_follows_constants_conditions_f_strings_and_what_is_passed_on() -> None:
    found = written("action")
    told = {"audit_key_started", "case_put_on_table", "table_cleared", "trial_returned", "packet_reminded", "minuted"}
    assert told - found == set()


def test_an_act_of_another_version_is_told_by_its_code() -> None:
    assert (act_in_words("case_merged"), kind_in_words("old_thing")) == ("case merged", "old thing")


def test_a_reading_says_what_was_opened() -> None:
    assert act_in_words("read", "packet:x") == "opened the packet"
    assert act_in_words("read") == "read confidential papers"


def test_the_lists_hold_what_occurs_in_the_lines_of_their_reader(world: World) -> None:
    own, other = world.case("theo"), world.case("ada")
    before = queries.occurring_for(world.s, world.theo)
    note(world, "pia", "hidden_act", f"hidden:{own.id}", own)
    assert queries.occurring_for(world.s, world.theo) == before
    note(world, "pia", "open_act", f"open:{other.id}", other)
    after = queries.occurring_for(world.s, world.theo)
    assert (after.acts - before.acts, after.kinds - before.kinds) == ({"open_act"}, {"open"})
    assert queries.occurring_for(world.s, world.sam) == queries.Occurring(frozenset(), frozenset())


def test_a_thing_without_an_id_is_its_own_kind(world: World) -> None:
    note(world, "sam", "people_imported", "people")
    assert queries.occurring_for(world.s, world.sam).kinds == {"people"}
    found = queries.events_for(world.s, world.sam, asked=queries.Asked(kind="people"))
    assert [row.thing for row in found] == ["people"]


def test_the_page_offers_acts_in_words_and_keeps_the_choice(world: World, client) -> None:
    note(world, "sam", "review_sealed", "review:x")
    note(world, "sam", "read", "minutes:y")
    world.commit()
    page = client(world.sam).get("/records?action=review_sealed").text
    options = '<option value="read">read confidential papers</option>'
    assert f'{options}<option value="review_sealed" selected>sealed a review</option>' in page
    assert '<option value="minutes">minutes</option><option value="review">review</option>' in page
    assert ">sealed a review</td>" in page
    assert ">opened the minutes</td>" not in page


def test_an_act_that_is_hidden_is_as_one_that_never_was(world: World, client) -> None:
    own = world.case("theo", State.SUBMITTED)
    people.grant(world.s, actor=None, person=world.theo, role=Role.AUDITOR, at=NOW)
    world.commit()
    browser = client(world.theo)
    asked = ("/records", "/records?action=ballot_opened", "/records?kind=ballot")
    before = [masked(browser.get(page).data) for page in asked]
    world.s.rollback()
    note(world, "pia", "ballot_opened", "ballot:z", own)
    world.commit()
    assert [masked(browser.get(page).data) for page in asked] == before


def test_a_case_is_a_link_under_its_candidates_name_to_whom_it_is_open(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    note(world, "rex", "review_saved", "review:own", case)
    note(world, "sam", "review_saved", "review:strangers", case)
    note(world, "rex", "no_conflict_declared", "person:rex", case)
    note(world, "rex", "case_return", f"case:{case.id}", case)
    world.commit()
    page, link = client(world.rex).get("/records").text, f'case of <a href="/cases/{case.id}">{world.ada.name}</a></td>'
    assert [f">{before}{link}" in page for before in ("review · ", "person <code>rex</code> · ", "")] == [True] * 3
    page = client(world.sam).get("/records").text
    assert (">review <code>strangers</code></td>" in page, case.id in page) == (True, False)


@pytest.mark.parametrize("candidates", [("ada",), ("ada", "theo", "sam")])
def test_the_page_reads_count_lines_lists_and_names_once_each(world: World, client, engine, candidates) -> None:
    for who in candidates:
        note(world, "pia", "review_saved", "review:x", world.case(who))
    world.commit()
    browser = client(world.aud)
    with statements(engine) as seen:
        browser.get("/records")
    assert len([one for one in seen if "audit_event" in one or "promotion_case" in one]) == 4
