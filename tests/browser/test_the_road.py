"""The whole road in a browser: from an empty portal to two letters, one on each track, with and without script."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date
from playwright.sync_api import expect
from sqlalchemy import select

from portal.adapters.clock import now
from portal.cases.queries import count, rubric_of
from portal.domain.working_days import add_working_days
from portal.models.case import Case
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.models.person import Person
from tests.browser.conftest import Served
from tests.browser.roles import CYCLE, Candidate, Manager, Member, PeoplePartner, Reviewer
from tests.letters.pdf_text import text_of

ADA, MONA = "Ada Marchetti", "Mona Fischer"
STAFF, SENIOR_MANAGER = "Staff Engineer", "Senior Engineering Manager"
# What the three reviewers give, in the rubric's order. Mona's second must-have, "Running people well", stays below 3.
IC = ("Ships what matters", "Technical direction", "Engineering depth", "Teaching and lifting")
IC += ("Influence without authority", "Self-knowledge")
MANAGING = ("Results through a team", "Where the group is going", "Running people well", "Building careers")
MANAGING += ("Trust and climate", "Technical judgement kept honest")
REVIEWERS = {"rex": "Rex Tanaka", "rob": "Rob Silva", "rae": "Rae Okonkwo"}
GIVEN = {
    ADA: {"rex": (4, 3, 3, 3, 3, 3), "rob": (3, 3, 4, 3, 3, 3), "rae": (4, 4, 3, 3, 4, 3)},
    MONA: {"rex": (3, 3, 2, 3, 3, 3), "rob": (4, 3, 2, 3, 3, 3), "rae": (3, 3, 3, 4, 3, 3)},
}
VOTES = {
    ADA: {"kim": "For", "lou": "For", "nat": "For", "ola": "For", "joe": "Against"},
    MONA: {"kim": "Against", "lou": "Against", "nat": "For", "ola": "Against", "joe": "Abstain"},
}
REASONS = {
    ADA: "Three teams follow the plan that Ada wrote, and it held when payments failed.",
    MONA: "The results are there. What the packet does not show yet is how hard talks are held.",
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_two_cases_walk_the_road_to_their_letters(company, served: Served, visit, tmp_path: Path, script: bool) -> None:
    partner = visit(PeoplePartner, "pia", script=script)
    _set_up(partner)
    ada, mona = visit(Candidate, "ada", script=script), visit(Candidate, "mona", script=script)
    _submit(ada, STAFF, must_haves=("Technical direction", "Teaching and lifting"))
    _submit(mona, SENIOR_MANAGER, must_haves=("Where the group is going", "Running people well"))
    for manager, candidate in (("max", ADA), ("dana", MONA)):
        visit(Manager, manager, script=script).signs_a_statement(candidate)
    _assign(partner, served)
    _review({key: visit(Reviewer, key, script=script) for key in REVIEWERS}, served)
    for candidate in (ADA, MONA):
        partner.sends_to_calibration(candidate)
    _decide({key: visit(Member, key, script=script) for key in VOTES[ADA]})
    for candidate in (ada, mona):
        _knows_nothing_yet(candidate)
    with partner.leg("release letters", clicks=5):
        partner.prepares_letters(2)
        partner.waits_until_letters_are_set(2, script=script)
        partner.releases("Release 2 letters: 1 approved, 1 not yet")
    _gets_the_letter(ada, STAFF, served, tmp_path)
    _gets_the_letter(mona, SENIOR_MANAGER, served, tmp_path)


def _set_up(partner: PeoplePartner) -> None:
    with partner.leg("set up a cycle", clicks=5):
        partner.sets_up_a_cycle()
        members = [f"{key}@example.org" for key in ("nat", "ola", "joe")]
        partner.names_a_committee("kim@example.org", "lou@example.org", *members)


def _submit(candidate: Candidate, level: str, *, must_haves: tuple[str, ...]) -> None:
    with candidate.leg("submit a packet", clicks=20):
        candidate.opens_a_case(level)
        candidate.writes_every_section()
        candidate.shows(*must_haves)
        candidate.assesses_themselves(must_haves[0], "3")
        candidate.submits()


def _assign(partner: PeoplePartner, served: Served) -> None:
    """Three reviewers each, of both tracks; Ada's own manager cannot be asked, neither by hand nor by a forged form."""
    with partner.leg("assign reviewers to two cases", clicks=16):
        partner.goes_to_reviewers_of(ADA)
        partner.finds_no_way_to_ask("Max Brandt", f"{ADA} is in their reporting line.")
        _is_refused(partner, _id_of(served, "max"))
        partner.asks_to_review(*REVIEWERS.values())
        partner.opens_the_review()
        partner.goes_to_reviewers_of(MONA)
        partner.asks_to_review(*REVIEWERS.values())
        partner.opens_the_review()


def _is_refused(partner: PeoplePartner, person_id: str) -> None:
    token = partner.page.locator("input[name=csrf_token]").first.get_attribute("value")
    forged = {"csrf_token": str(token), "idempotency_token": "f" * 32, "person": person_id}
    answer = partner.page.request.post(partner.page.url, form=forged, headers={"Referer": partner.page.url})
    assert answer.status == 409
    assert f"{ADA} is in their reporting line." in answer.text()


def _review(reviewers: dict[str, Reviewer], served: Served) -> None:
    """One after the other; whoever has not sealed sees nothing of those who have."""
    for candidate, names in ((ADA, IC), (MONA, MANAGING)):
        for key, reviewer in reviewers.items():
            with reviewer.leg("score a case", clicks=11):
                reviewer.opens_the_packet(candidate)
                _sees_nothing_of_others(reviewer)
                reviewer.scores(dict(zip(names, GIVEN[candidate][key], strict=True)), signed=f"{key} says so")
                reviewer.seals()
    assert "rex says so" in reviewers["rae"].text(), "after sealing the others' reviews are open"


def _sees_nothing_of_others(reviewer: Reviewer) -> None:
    assert "says so" not in reviewer.text()
    assert reviewer.page.get_by_role("link", name="Reviews", exact=True).count() == 0
    assert reviewer.page.request.get(f"{reviewer.page.url}s").status == 404


def _decide(members: dict[str, Member]) -> None:
    chair, second = members["kim"], members["lou"]
    with chair.leg("hold a session on two cases", clicks=34):
        chair.runs_the_bar_check(4)
        for candidate in (ADA, MONA):
            chair.opens_the_ballot(candidate)
        for key, member in members.items():
            for candidate in (ADA, MONA):
                member.votes(candidate, VOTES[candidate][key])
        for candidate in (ADA, MONA):
            chair.closes_the_ballot(candidate)
        begins = f"{now() + timedelta(days=30):%Y-%m-%d}"
        chair.records(ADA, "Approved", REASONS[ADA], from_day=begins)
        chair.records(MONA, "Not yet", REASONS[MONA], unmet=1)
    for candidate in (ADA, MONA):
        second.confirms(candidate)


def _knows_nothing_yet(candidate: Candidate) -> None:
    candidate.start(re.compile("^Your case to"))
    expect(candidate.page.get_by_text("in calibration", exact=True).first).to_be_visible()
    assert candidate.page.get_by_role("link", name=re.compile("Decision|Letter")).count() == 0


def _gets_the_letter(candidate: Candidate, level: str, served: Served, folder: Path) -> None:
    candidate.reads_the_decision(level)
    file = candidate.downloads_the_letter(folder)
    _agrees_with_the_record(text_of(file.read_bytes()), file.name, candidate.email, served)
    candidate.follow("Check it")
    expect(candidate.page.get_by_text("This letter is genuine.")).to_be_visible()


def _agrees_with_the_record(text: str, name: str, email: str, served: Served) -> None:
    """Every fact of the letter looked up in the tables, none taken from the letter's own data."""
    with served.session() as s:
        letter = s.scalar(select(Letter).join(Case).join(Case.candidate).where(Person.email == email))
        assert letter is not None
        case, decision, tally = letter.case, letter.decision, count(letter.decision.ballot)
        rubric, candidate = rubric_of(case), case.candidate
        assert decision.released_at is not None
        last_day = add_working_days(decision.released_at.date(), case.cycle.appeal_days)
        members = "1 member" if tally.votes_for == 1 else f"{tally.votes_for} members"
        said = {Outcome.APPROVED: "is approved", Outcome.NOT_YET: "is not approved yet"}[decision.outcome]
        stands = [
            candidate.name,
            f"Your promotion to {rubric.level.title} {said}",
            rubric.track.name,
            f"grade {case.grade}",
            CYCLE,
            decision.reasons,
            f"{members} voted for it, {tally.votes_against or 'none'} against",
            f"within 15 working days, that is until the end of {format_date(last_day, 'd MMMM y', locale='en')}",
            letter.code,
        ]
        stands += [rubric.competency(c["competency"]).name for c in decision.unmet]
        if decision.effective_on:
            stands.append(format_date(decision.effective_on, "d MMMM y", locale="en"))
        means = [decision.position["overall"], *(c["mean"] for c in decision.position["competencies"])]
        means += [p["mean"] for p in decision.position["pillars"]]
        secrets = [*REVIEWERS.values(), *(f"{Decimal(str(m)):.2f}" for m in means), "says so"]
    assert name == f"evenbar-letter-{letter.code}.pdf"
    assert [fact for fact in stands if fact not in text] == []
    assert [secret for secret in secrets if secret in text] == []


def _id_of(served: Served, key: str) -> str:
    with served.session() as s:
        return s.scalars(select(Person.id).where(Person.email == f"{key}@example.org")).one()
