"""What each person of the main road does, said as they would say it. Every journey begins on the front page and uses
links, labels and buttons only; with and without script it is the same."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.journey import Visitor

CYCLE, SLUG = "Winter round", "winter-round"
SECONDS_FOR_LETTERS = 60
RESULTS = ("Result 1", "Result 2", "Result 3")


def moment(days: float) -> str:
    """So many days from now, as a person types it into a field for a day and a time."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}"


class PeoplePartner(Visitor):
    def sets_up_a_cycle(self, ladder: str = "Engineering") -> None:
        self.go("Cycles")
        self.follow("Set up the first cycle")
        self.type("Name", CYCLE)
        self.type("Address", SLUG)
        for label, days in (("Opens", -1), ("Submit by", 14), ("Review by", 35), ("Decide by", 56)):
            self.type(label, moment(days))
        self.choose(ladder)
        self.press("Set up the cycle")
        self.is_told(f"{CYCLE} is set up.")

    def names_a_committee(self, chair: str, deputy: str, *members: str) -> None:
        self.reads(f"Committees: {CYCLE}")
        self.type("Name", "Grades 3 to 5")
        self.type("Lowest grade", "3")
        self.type("Highest grade", "5")
        self.type("Chair", chair)
        self.type(re.compile("^Deputy"), deputy)
        for number, member in enumerate(members, start=1):
            self.type(re.compile(f"^Member {number}"), member)
        self.press("Name the committee")
        self.is_told("“Grades 3 to 5” is named.")

    def goes_to_reviewers_of(self, candidate: str) -> None:
        self.start(re.compile("^Assign reviewers"))
        if self.page.get_by_role("heading", level=1).inner_text().startswith("Assignments"):
            self.follow(candidate, self.page.get_by_role("main"))
        self.reads(f"Reviewers: {candidate}")

    def finds_no_way_to_ask(self, name: str, why: str) -> None:
        """Somebody in the reporting line is listed with the reason, and cannot be asked."""
        self.type("Find somebody by name", name)
        self.press("Find")
        row = self.part("Not available").get_by_role("row").filter(has_text=name)
        expect(row.get_by_role("cell")).to_have_text(why)
        expect(self.page.get_by_role("button", name=f"Ask {name}")).to_have_count(0)
        self.follow("Show everybody who fits")

    def asks_to_review(self, *names: str) -> None:
        for name in names:
            self.press(f"Ask {name}")
            self.is_told(f"{name} is asked to review this case.")

    def opens_the_review(self) -> None:
        self.press("Open the review")
        self.is_told("The review is open")

    def returns(self, candidate: str, part: str, why: str, *, until: str) -> None:
        self.go("Cases")
        self.follow(candidate, self.page.get_by_role("main"))
        self.follow("Return for evidence")
        self.choose(part)
        self.type("What is missing", why)
        self.type(re.compile("^Answer by"), until)
        self.press("Return to the candidate")
        self.is_told(f"{candidate} was asked for more")

    def sends_to_calibration(self, candidate: str) -> None:
        self.start(re.compile("^Send to calibration"))
        if self.page.get_by_role("heading", level=1).inner_text() == CYCLE:
            self.follow(candidate, self.page.get_by_role("main"))
        self.press("Send to calibration")
        self.is_told("before its committee now")

    def prepares_letters(self, count: int) -> None:
        self.start(re.compile("^Prepare letters"))
        self.press(f"Prepare {count} letters")
        self.is_told(f"Letters being made: {count}.")

    def waits_until_letters_are_set(self, count: int, *, script: bool) -> None:
        """With script the page tells by itself; without it a person reloads."""
        ready = self.page.get_by_text(f"{count} of {count} letters are set")
        for _ in range(SECONDS_FOR_LETTERS):
            if script or ready.is_visible():
                break
            self.page.wait_for_timeout(1000)
            self.page.reload()
        expect(ready).to_be_visible(timeout=SECONDS_FOR_LETTERS * 1000)

    def releases(self, sentence: str) -> None:
        self.follow("Review the release")
        self.press(sentence)
        self.is_told("Candidates and managers are being told.")


class Candidate(Visitor):
    def opens_a_case(self, level: str) -> None:
        self.start(f"Open a case to {level}")
        self.choose(re.compile(f"^to {level} "))
        self.press("Open the case")
        self.is_told("Your case is open.")
        self.follow("Write the packet")

    def writes_every_section(self) -> None:
        self._writes("Summary", {"Summary": "I lead what three teams build on, and the plan for it."})
        for result in RESULTS:
            texts = {
                "What changed": f"{result}: failed payments went from 4 % to 1 % between March and June.",
                "Why it mattered": "Customers could pay, and support had a quiet summer.",
                "My own contribution": "I found the cause, proposed the change and led two teams through it.",
                "How": "By writing the plan down first and asking those who would run it.",
            }
            self._writes(result, texts)
        self._writes("Scope at the next level", {"Scope": "Payments across four teams, a year ahead."})
        self._writes("Human skills", {"Examples": "I asked for feedback on a failed launch, and changed how I plan."})

    def _writes(self, section: str, texts: dict[str, str]) -> None:
        part = self.part(section)
        for label, text in texts.items():
            self.type(label, text, part)
        self.press(f"Save {section}", part)
        self.is_told(f"{section} is saved.")

    def shows(self, *competencies: str) -> None:
        """One row of evidence for each of these."""
        for name in competencies:
            self.follow(f"Add evidence for {name}")
            self.type("Claim", f"{name}: three teams follow the plan that I wrote.")
            self.type("My contribution", "I wrote it, and I changed it when it was wrong.")
            self.type("When", "March to June")
            self.press("Save evidence")
            expect(self.part(name).get_by_role("article", name="Evidence, March to June")).to_be_visible()

    def assesses_themselves(self, competency: str, point: str) -> None:
        part = self.part(competency)
        self.unfold(part)
        self.click(part.get_by_text("Where I see myself").first)
        self.choose(re.compile(f"^{point} · "), part)
        self.press(f"Save the self-assessment on {competency}", part)
        expect(part.get_by_label(re.compile(f"^{point} · "))).to_be_checked()

    def submits(self) -> None:
        self.follow("Submit the packet")
        self.press("Submit the packet")
        self.is_told("Your packet is submitted as snapshot")

    def adds_what_is_missing(self, level: str, section: str, texts: dict[str, str]) -> None:
        self.start(f"Your packet to {level} came back: add what is missing")
        self._writes(section, texts)

    def reads_the_decision(self, level: str) -> None:
        self.start(f"Read the decision on your case to {level}")
        self.tab("Letter")

    def downloads_the_letter(self, folder: Path) -> Path:
        return self.download("Download the letter (PDF)", folder)

    def takes_it_up_again(self) -> None:
        self.press("Take it up again")
        expect(self.page.get_by_role("link", name="Write the packet")).to_be_visible()

    def withdraws(self, why: str) -> None:
        self.start(re.compile("^Your case to"))
        self.follow("Withdraw")
        self.type("Why (optional)", why)
        self.press("Withdraw")
        self.is_told("The case is withdrawn.")


class Manager(Visitor):
    def signs_a_statement(self, candidate: str) -> None:
        self.start(f"Write your statement on {candidate}")
        self.type("Strengths", "Calm under load, and others become calm.")
        self.type("Gaps", "Writes too little down.")
        self.type("How they do at the current level", "Has met every expectation for a year.")
        self.choose("Yes")
        self.press("Sign the statement")
        self.is_told("You have signed your statement.")


class Reviewer(Visitor):
    def opens_the_packet(self, candidate: str) -> None:
        self.start(f"Say whether you have a conflict with {candidate}")
        self.press("I have no conflict: open the packet")
        self.reads(f"My review: {candidate}")

    def scores(self, points: dict[str, int], *, signed: str) -> None:
        """Competency -> point of the scale, each with a reason that ends in words by which it is known again."""
        for number, (name, point) in enumerate(points.items(), start=1):
            part = self.part(f"{number}. {name}")
            self.choose(re.compile(f"^{point} · "), part)
            self.type(re.compile("^Why: what in the packet shows it"), f"The second result shows it, {signed}.", part)

    def seals(self) -> None:
        self.press("Check and seal")
        self.reads(re.compile("^Seal my review"))
        self.press("Seal it")
        self.is_told("Sealed.")


class Member(Visitor):
    """Of the committee; the chair and the deputy are members too."""

    def runs_the_bar_check(self, grade: int) -> None:
        self.go("Cycles")
        self.follow(CYCLE, self.page.get_by_role("main"))
        self.tab("Calibration")
        self.follow(re.compile(f"^Grade {grade}"))
        self.reads(f"Grade {grade}, Engineering")
        self.press("Run the check and record it")
        expect(self.part("Recorded checks")).to_be_visible()

    def opens_the_ballot(self, candidate: str) -> None:
        self.start(f"Open the ballot on {candidate}")
        self.press("Open the ballot")
        expect(self.part("Round 1")).to_be_visible()

    def votes(self, candidate: str, choice: str) -> None:
        self.start(f"Vote on {candidate}")
        self.press(choice)
        self.is_told(f"Your vote: {choice}")

    def closes_the_ballot(self, candidate: str) -> None:
        self.start(f"Close the ballot on {candidate} once everyone has voted")
        self.follow("Close the ballot")
        self.press("Close and count")
        expect(self.part("Round 1").get_by_role("table", name="Single votes")).to_be_visible()

    def records(self, candidate: str, outcome: str, reasons: str, *, from_day: str = "", unmet: int = 0) -> None:
        """The outcome; for an approval the day it holds from, for a "not yet" the clauses the bar check left unmet."""
        self.start(f"Record the decision on {candidate}")
        self.choose(outcome)
        clauses = self.page.get_by_role("group", name="Clauses of the bar that were not met").get_by_role("checkbox")
        for number in range(unmet):
            self.clicks += 1
            clauses.nth(number).check()
        self.type("Reasons", reasons)
        if from_day:
            self.type("It holds from", from_day)
        self.press("Record version 1")
        expect(self.part(re.compile("^Version 1"))).to_be_visible()

    def confirms(self, candidate: str) -> None:
        self.start(f"Confirm the decision on {candidate}")
        self.press("Confirm version 1")
        expect(self.page.get_by_role("button", name="Confirm version 1")).to_have_count(0)
