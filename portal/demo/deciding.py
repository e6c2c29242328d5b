"""The committee's side: votes that follow the evidence without being ruled by it, decisions, letters, appeals."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.calibration import commands as calibration
from portal.cases import commands as cases
from portal.cases.policy import conflict
from portal.cases.queries import count, refused_without_a_gap
from portal.decisions import commands as decisions
from portal.decisions.queries import eligible, outcomes_of
from portal.demo.phrases import voice
from portal.demo.play import Script, Stage
from portal.demo.reviewing import opens_packet
from portal.domain.appeals import Finding
from portal.domain.case_flow import Action, State
from portal.domain.case_types import APPROVALS
from portal.letters import commands as letters
from portal.letters.answering import keep_answer, prepare_answer
from portal.letters.queries import release_day, template_place
from portal.letters.typesetting import page_of, stylesheets
from portal.models.appeal import AppealGround
from portal.models.calibration import Ballot, Choice, Elector, Standing
from portal.models.decision import Outcome
from portal.models.person import Person
from portal.reviews import commands as reviews

DOUBT, ABSTAIN, ABSENT = 0.17, 0.04, 0.2  # points, share of votes, share of ballots with somebody away
FEWEST = 3
WHOM_TO_ASK = (
    "{% block closing %}\n<p>Questions about your new level? Ask your manager first, or write to the people partner of "
    "{{ letter.case.cycle }}.</p>\n{% endblock %}"
)
MISSED_MUST_HAVE = 0.22


def stand_aside(script: Script, day: float, name: str, reason: str) -> None:
    """A member of the committee declares a conflict."""

    def act(at: datetime) -> None:
        person = script.play.org[name]
        reviews.recuse(script.s, case=script.case, person=person, actor=person, reason=reason, at=at)

    script.add(day, act)


def presiding(script: Script) -> Person:
    committee = script.case.committee
    if committee is None:
        raise LookupError(f"no committee covers grade {script.case.grade}")
    if conflict(committee.chair, script.case) and committee.deputy:
        return committee.deputy
    return committee.chair


def vote(script: Script, day: float, *, cast: float = 1.0, close: bool = True, but: tuple[str, ...] = ()) -> None:
    """Open the ballot, let a share of the members vote (none of `but`), and close it."""

    def open_it(at: datetime) -> None:
        calibration.open_ballot(script.s, case=script.case, actor=presiding(script), at=at)

    def vote_all(at: datetime) -> None:
        ballot = script.case.ballots[-1]
        eligible = [e for e in _eligible(ballot) if e.person.name not in but]
        voters = eligible[: round(cast * len(eligible))]
        if len(voters) > FEWEST and script.chance.random() < ABSENT:
            voters.remove(script.chance.choice(voters))
        for n, elector in enumerate(voters):
            choice, when = _choice(script, ballot, elector), at + timedelta(minutes=n)
            opens_packet(script, elector.person, at)
            calibration.cast(script.s, ballot=ballot, actor=elector.person, choice=choice, at=when)

    def close_it(at: datetime) -> None:
        ballot = script.case.ballots[-1]
        calibration.close_ballot(script.s, ballot=ballot, actor=presiding(script), at=at)
        if refused_without_a_gap(ballot):
            _vote_again(script, at + timedelta(hours=1))

    script.add(day, open_it)
    script.add(day + 0.1, vote_all)
    if close:
        script.add(day + 0.3, close_it)


def _vote_again(script: Script, at: datetime) -> None:
    """Nobody could name what was missing, so the committee talked it over."""
    chair = presiding(script)
    ballot = calibration.open_ballot(script.s, case=script.case, actor=chair, at=at)
    for n, elector in enumerate(_eligible(ballot), 1):
        when = at + timedelta(minutes=n)
        calibration.cast(script.s, ballot=ballot, actor=elector.person, choice=Choice.FOR, at=when)
    calibration.close_ballot(script.s, ballot=ballot, actor=chair, at=at + timedelta(minutes=30))


def _eligible(ballot: Ballot) -> list[Elector]:
    found = [e for e in ballot.electors if e.standing is Standing.ELIGIBLE]
    return sorted(found, key=lambda e: e.person.email)


def _choice(script: Script, ballot: Ballot, elector: Elector) -> Choice:
    """Above the bar for, below it against; a member's own eye and missed must-haves move the line a little."""
    chance = script.play.chance("vote", script.stage.slug, script.candidate.email, elector.person.email)
    if chance.random() < ABSTAIN:
        return Choice.ABSTAIN
    if not script.case.scored:
        return Choice.FOR
    missed = sum(clause["code"].startswith("must_have") for clause in ballot.position["unmet"])
    lead = (ballot.shown or 0.0) - 2.7 - MISSED_MUST_HAVE * missed + chance.gauss(0, DOUBT)
    return Choice.FOR if lead > 0 else Choice.AGAINST


def check_bars(stage: Stage, day: float, grades: Sequence[tuple[str, int]], chair: str) -> None:
    """Run the check of both bars for each ladder and grade."""

    def act(at: datetime) -> None:
        for family_id, grade in grades:
            calibration.run_bar_check(
                stage.play.s,
                cycle=stage.cycle,
                family_id=family_id,
                grade=grade,
                actor=stage.play.org[chair],
                at=at,
            )

    stage.add(day, act)


def decide(script: Script, day: float, *, deferred: bool = False, confirmed: bool = True) -> None:
    """Record what the ballot says; `deferred` where it carried, the bar was met and no role is open."""

    def record(at: datetime) -> None:
        outcome, unmet = _outcome(script, deferred)
        decisions.record_decision(
            script.s,
            case=script.case,
            actor=presiding(script),
            outcome=outcome,
            reasons=voice(f"decision.{outcome.value}", script.chance),
            unmet_codes=unmet,
            effective_on=(at + timedelta(days=30)).date().replace(day=1) if outcome in APPROVALS else None,
            at=at,
        )

    def confirm(at: datetime) -> None:
        decision = script.case.decisions[-1]
        electors = _eligible(decision.ballot)
        second = next(e.person for e in electors if e.person_id != decision.recorded_by_id)
        decisions.confirm(script.s, decision=decision, actor=second, at=at)

    script.add(day, record)
    if confirmed:
        script.add(day + 0.5, confirm)


def _outcome(script: Script, deferred: bool) -> tuple[Outcome, list[str]]:
    ballot = script.case.ballots[-1]
    unmet = [clause["code"] for clause in ballot.position["unmet"]]
    allowed = outcomes_of(script.case, count(ballot))
    if len(allowed) == 1:
        return allowed[0], [] if count(ballot).carried else unmet[:3]
    if deferred and not unmet:
        return Outcome.DEFERRED, []
    return Outcome.APPROVED, []


def set_letters(stage: Stage, day: float, scripts: Sequence[Script], release_at: datetime | None = None) -> None:
    """Prepare the letters, dated for the day of their release (today if none is given), and set them together."""
    play = stage.play

    def act(at: datetime) -> None:
        prepared = []
        for script in scripts:
            day_of_release = release_day(script.case, release_at or play.now)
            decision = script.case.decisions[-1]
            prepared.append(
                letters.prepare(play.s, decision=decision, actor=play.partner, at=at, release_on=day_of_release)
            )
        pages = [(page_of(one, base_url=play.base_url), stylesheets(one.data)) for one in prepared]
        pdfs = play.presses.set_all(pages)
        for letter in prepared:
            letters.render(
                play.s,
                letter=letter,
                storage=play.storage,
                at=at,
                base_url=play.base_url,
                render_with=lambda html, _sheets: pdfs[html],
            )

    stage.add(day, act)


def edit_template(stage: Stage, day: float) -> None:
    """The people partner writes whom to ask into the letters of approved promotions, as the next version."""
    play = stage.play

    def act(at: datetime) -> None:
        place = template_place(play.s, language="en", outcome=Outcome.APPROVED.value, case_type="promotion")
        if place is None:
            raise LookupError("there is no template for an approved promotion")
        letters.save_template(
            play.s,
            place=place,
            actor=play.partner,
            text=f"{place.text.rstrip()}\n{WHOM_TO_ASK}\n",
            reason="People asked whom to turn to with questions about their new level.",
            version=place.written,
            at=at,
        )

    stage.add(day, act)


def release(stage: Stage, day: float, scripts: Sequence[Script]) -> None:
    """All at once, as it is done."""

    def act(at: datetime) -> None:
        found = [script.case for script in scripts]
        letters.release(stage.play.s, cases=found, actor=stage.play.partner, at=at)

    stage.add(day, act)


def acknowledge(script: Script, day: float) -> None:
    act = decisions.acknowledge
    script.add(day, lambda at: act(script.s, case=script.case, actor=script.candidate, at=at))


def appeal(script: Script, day: float, ground: AppealGround, *, presides: str = "") -> None:
    """File an appeal; with `presides` a panel is appointed the day after, and all but its last member answer."""

    def file(at: datetime) -> None:
        statement = voice(f"appeal.{ground.value}", script.chance)
        decisions.file_appeal(
            script.s, case=script.case, actor=script.candidate, ground=ground, statement=statement, at=at
        )

    def appoint(at: datetime) -> None:
        first, partner = script.play.org[presides], script.play.partner
        others = [p for p in eligible(script.s, script.case, partner) if p is not first]
        people = [first, *others[: decisions.needed(script.case) - 1]]
        decisions.appoint(script.s, appeal=script.case.appeals[-1], people=people, actor=partner, at=at)

    def say(at: datetime) -> None:
        _say(script, slice(None, -1), at)

    script.add(day, file)
    if presides:
        script.add(day + 1, appoint)
        script.add(day + 2, say)


def _say(script: Script, which: slice, at: datetime) -> None:
    waiting = script.case.appeals[-1]
    for member in waiting.panels[-1].members[which]:
        decisions.say(script.s, appeal=waiting, actor=member.person, finding=Finding.STANDS, at=at)


def uphold(script: Script, day: float) -> None:
    """The last member answers, the vote is closed, and the decision stands."""

    def act(at: datetime) -> None:
        waiting = script.case.appeals[-1]
        _say(script, slice(-1, None), at)
        first = waiting.panels[-1].members[0].person
        decisions.close_panel(script.s, appeal=waiting, actor=first, at=at)
        answer = (
            "We read the packet, the reviews and what calibration changed with the second result in mind. It was read "
            "and weighed; the clause asks for more than one occasion, and the packet shows one. The decision stands."
        )
        decisions.answer_appeal(script.s, appeal=waiting, actor=first, action=Action.UPHOLD, answer=answer, at=at)
        _set_answer(script, at)

    script.add(day, act)


def _set_answer(script: Script, at: datetime) -> None:
    play = script.play
    letter = prepare_answer(script.s, appeal=script.case.appeals[-1], at=at)
    html = page_of(letter, base_url=play.base_url)
    pdf = play.presses.set_all([(html, stylesheets(letter.data))])[html]
    keep_answer(script.s, letter=letter, pdf_sha256=play.storage.put(pdf), at=at)


def close(script: Script, day: float) -> None:
    """The portal closes a case whose candidate may no longer appeal, or has acknowledged the letter."""

    def act(at: datetime) -> None:
        if script.case.state is State.RELEASED:
            cases.move(script.s, case=script.case, action=Action.CLOSE, actor=None, at=at)

    script.add(day, act)
