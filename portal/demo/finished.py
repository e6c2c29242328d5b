"""The finished cycle: forty cases on both tracks, decided, released, closed."""

from datetime import datetime

from portal.cycles import commands as cycles
from portal.demo import crossings, deciding, packets, reviewing, sitting
from portal.demo.play import Play, Script, Stage
from portal.domain.case_types import APPROVALS
from portal.models.appeal import AppealGround
from portal.models.person import Person
from portal.people import commands as people

# Who asked: level, which of those who stood there when it began.
ASKED = (
    ("se2", (0, 1, 2, 3)),
    ("senior", (2, 3, 4, 5, 6, 7, 8)),
    ("staff", (0, 3, 6, 9)),
    ("em", (0, 1, 2, 4, 5, 7, 8)),
    ("sem", (1, 3, 5, 7)),
    ("pm", (0, 1, 2)),
    ("senior-pm", (0, 1, 2, 4)),
    ("staff-pm", (0, 1)),
    ("gpm", (0, 1, 2, 3)),
)
# Near the bar, where decisions say most about it: with them both tracks of a grade hold enough for a verdict.
NEAR_THE_BAR = (
    ("senior", 20, 0.1),
    ("em", 13, -0.1),
    ("senior", 21, -0.45),
    ("em", 14, 0.1),
    ("senior", 22, 0.25),
    ("em", 15, -0.45),
    ("senior", 23, -0.25),
    ("em", 16, 0.25),
)
GAVE_UP = ("senior", 9)
BOTH_TRACKS = (("engineering", 4), ("engineering", 5), ("product", 5))
CHECKS = (*BOTH_TRACKS, ("engineering", 3), ("product", 3), ("product", 4))
# How strong the cases of one group are, in spreads from the mean: every group has some on both sides of the bar.
STRENGTHS = (0.9, -1.2, 0.6, -1.2, 1.2, 0.8, -1.3)
MEAN, SPREAD = 3.06, 0.42
RELEASE, CLOSED = 84, 106
DEFERRED = ("Luis Arango", "Gabriel Moreau", "Roza Akhmetova")  # they met the bar, and no role was open
CLEARLY = 3.55
OUTSIDER = "Tendai Moyo"  # had no part in the first decision, and never will have


def play_it(play: Play, stage: Stage, scale: float) -> list[Script]:
    """Write down all acts of the cycle; `scale` below 1 leaves out the last of each group."""
    scripts = [
        _script(stage, play.org.at(level, n), place)
        for level, numbers in ASKED
        for place, n in enumerate(numbers[: _part(numbers, scale)])
    ]
    if scale == 1:
        scripts += [_near(stage, play.org.at(level, n), strength) for level, n, strength in NEAR_THE_BAR]
    for number, script in enumerate(scripts):
        _until_the_vote(script, number)
    deciding.check_bars(stage, 71, CHECKS, "Priya Raman")
    for number, script in enumerate(scripts):
        deciding.decide(script, 72 + number % 5, deferred=script.candidate.name in DEFERRED)
    deciding.check_bars(stage, 79, BOTH_TRACKS, "Priya Raman")
    crossed = crossings.decided(play, stage)
    deciding.set_letters(stage, 80, [*scripts, *crossed], stage.day(RELEASE))
    deciding.release(stage, RELEASE, [*scripts, *crossed])
    stage.add(RELEASE + 12, lambda at: _promote(play, [*scripts, *crossed], at))
    for script in crossed:
        deciding.acknowledge(script, RELEASE + 2)
        deciding.close(script, CLOSED)
    for number, script in enumerate(scripts):
        _after_release(script, number)
    _withdrawn(stage)
    stage.add(CLOSED + 1, lambda at: cycles.close_cycle(play.s, cycle=stage.cycle, actor=play.partner, at=at))
    sitting.publish(stage, CLOSED + 2, "engineering")
    return scripts


def _part(numbers: tuple[int, ...], scale: float) -> int:
    return max(1, round(len(numbers) * scale))


def _script(stage: Stage, candidate: Person, place: int) -> Script:
    strength = CLEARLY if candidate.name in DEFERRED else MEAN + SPREAD * STRENGTHS[place]
    return Script(stage, candidate, strength=strength)


def _near(stage: Stage, candidate: Person, strength: float) -> Script:
    return Script(stage, candidate, strength=MEAN + SPREAD * strength)


def _until_the_vote(script: Script, number: int) -> None:
    # at the latest on day 27: a weekend takes it to day 29, a day before the deadline
    packets.prepare_packet(script, 1 + number % 6, 24 + number % 4, nominated=number % 6 == 0)
    reviewing.assign(script, 32)
    reviewing.open_review(script, 34)
    how_far = ["sealed", "sealed", "sealed"]
    if number in (5, 17, 29):
        how_far[0] = "recused"
    if number == 11:
        how_far[1] = "waived"
    reviewing.read(script, 36, tuple(how_far))
    reviewing.send(script, 56)
    if number in (3, 20):
        deciding.stand_aside(script, 57, "Priya Raman", "I have mentored the candidate for a year.")
    if number in (8, 14):
        deciding.stand_aside(script, 57, "Chidi Obi", "We are related by marriage.")
    deciding.vote(script, 60 + number % 9)


def _after_release(script: Script, number: int) -> None:
    if number % 3:
        deciding.acknowledge(script, RELEASE + 1 + number % 7)
    if number in (9, 22):
        deciding.appeal(script, RELEASE + 9, AppealGround.MISSED_EVIDENCE, presides=OUTSIDER)
        deciding.uphold(script, RELEASE + 15)
    deciding.close(script, CLOSED)


def _promote(play: Play, scripts: list[Script], at: datetime) -> None:
    """The new levels hold; the directory learns of them."""
    for script in scripts:
        case = script.case
        decision = case.decisions[-1]
        if decision.outcome in APPROVALS and decision.effective_on:
            people.set_level(
                play.s,
                actor=play.partner,
                person=case.candidate,
                family_id=case.family_id,
                level_id=case.to_level_id,
                since=decision.effective_on,
                at=at,
            )


def _withdrawn(stage: Stage) -> None:
    script = Script(stage, stage.play.org.at(*GAVE_UP))
    packets.prepare_packet(script, 3, 25)
    reviewing.assign(script, 32)
    packets.withdraw(script, 33, "I move to another team in May and would rather ask there.")
