"""The ways back: a case returned for evidence and submitted again, withdrawn, and taken up once more."""

import pytest
from playwright.sync_api import expect

from portal.domain.case_flow import State
from tests.browser.roles import Candidate, PeoplePartner, moment
from tests.world import World

WHY = "Say how far the plan reaches beyond your own team."


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_case_is_returned_submitted_again_and_withdrawn(populated: World, visit, script: bool) -> None:
    populated.case("ada", State.SUBMITTED)
    populated.commit()
    partner = visit(PeoplePartner, "pia", script=script)
    with partner.leg("return a case for evidence", clicks=5):
        partner.returns("Ada Marchetti", "Scope at the next level", WHY, until=moment(5)[:10])
    ada = visit(Candidate, "ada", script=script)
    with ada.leg("answer a return", clicks=5):
        ada.adds_what_is_missing("Staff Engineer", "Scope at the next level", {"Scope": "Four teams, for a year."})
        expect(ada.page.get_by_text(WHY)).to_be_visible()
        ada.submits()
        expect(ada.page.get_by_text("snapshot 2").first).to_be_visible()
    with ada.leg("withdraw", clicks=4):
        ada.withdraws("Another project needs me this quarter.")
    with ada.leg("take a withdrawn case up again", clicks=1):
        ada.takes_it_up_again()
