"""The cycle in progress: cases at every step of the flow, so that each person finds something to do and no page is
empty."""

from portal.demo import anchoring, deciding, packets, reviewing, sitting
from portal.demo.play import Play, Script, Stage
from portal.models.appeal import AppealGround

STRONG, WEAK = 3.5, 2.35
CLARA, ESZTER, JONAS = "Clara Beaumont", "Eszter Varga", "Jonas Lindner"
CHECKED = (("engineering", 3), ("engineering", 4), ("product", 4))
CHECK, RELEASE = 36, 44
NOW = 49.99  # a quarter of an hour ago


def play_it(play: Play, stage: Stage) -> None:
    """Write down all acts of the cycle until today."""
    _drafts(stage)
    _submitted(stage)
    _in_review(stage)
    _in_calibration(stage)
    _decided(stage)
    _released(stage)
    deciding.check_bars(stage, CHECK, CHECKED, "Priya Raman")
    deciding.check_bars(stage, RELEASE + 1, CHECKED[1:2], "Priya Raman")
    anchoring.play_it(stage, RELEASE + 3)


def _script(stage: Stage, level: str, number: int, strength: float = 3.1) -> Script:
    return Script(stage, stage.play.org.at(level, number), strength=strength)


def _drafts(stage: Stage) -> None:
    half = _script(stage, "senior", 1)
    packets.open_case(half, 24)
    packets.write(half, 27, share=0.5)
    packets.attach(half, 40)
    packets.comment(half, 44, "result-1", "Strong. A reader will ask who else could have done it: say what was yours.")
    packets.ask_referees(half, 45, named=(ESZTER,), answered=0)
    packets.open_case(_script(stage, "se2", 5), 46)
    packets.open_case(_script(stage, "senior", 0), 44, nominated=True, accepted=False)
    full = _script(stage, "pm", 3)
    packets.open_case(full, 20)
    packets.write(full, 24, shared=False)
    own = _script(stage, "senior-pm", 3)
    packets.open_case(own, 30)
    packets.write(own, 32, share=0.3, shared=False)
    returned = _script(stage, "em", 3)
    packets.prepare_packet(returned, 10, 30)
    reason = "Say what you did yourself and what the leads did; and add where people grew, we found only one example."
    packets.send_back(returned, 45, section="Result 2", reason=reason)
    gone = _script(stage, "se2", 6)
    packets.prepare_packet(gone, 5, 24)
    packets.withdraw(gone, 33, "The second result needs another half-year to be one.")


def _packet(script: Script, day: float, submitted: float, *, stated: bool = True, referee: str = "") -> None:
    packets.open_case(script, day)
    packets.write(script, day + 1)
    named, answered = ((referee,), 0) if referee else ((), 2)
    packets.ask_referees(script, submitted - 5, named=named, answered=answered)
    if stated:
        packets.state(script, submitted - 3)
    packets.attach(script, submitted - 0.5)
    packets.submit(script, submitted)


def _submitted(stage: Stage) -> None:
    _packet(_script(stage, "em", 6), 22, 46, stated=False)
    some = _script(stage, "senior", 10)
    _packet(some, 20, 44, referee=ESZTER)
    reviewing.assign(some, 47, count=1)
    ready = _script(stage, "senior-pm", 5)
    _packet(ready, 18, 42)
    reviewing.assign(ready, 46)


def _in_review(stage: Stage) -> None:
    _reviewed(stage, "em", 9, (), named=(CLARA,), day=41)
    _reviewed(stage, "senior", 11, ("draft", "sealed", "free"), named=(CLARA,))
    _reviewed(stage, "staff", 1, ("free", "draft"), named=(CLARA,))
    _reviewed(stage, "em", 10, ("sealed", "sealed", "sealed"), named=(CLARA,))
    _reviewed(stage, "gpm", 4, ("sealed", "waived", "draft"))
    _reviewed(stage, "senior", 12, ("recused", "sealed", "draft"))


def _reviewed(
    stage: Stage, level: str, number: int, how_far: tuple[str, ...], *, named: tuple[str, ...] = (), day: float = 28
) -> Script:
    script = _script(stage, level, number)
    _packet(script, 6, day - 4)
    reviewing.assign(script, day - 2, named=named)
    reviewing.open_review(script, day)
    reviewing.read(script, day + 1, how_far)
    return script


def _calibrated(stage: Stage, level: str, number: int, strength: float = 3.1, day: float = 30) -> Script:
    """With every review sealed, before the committee."""
    script = _script(stage, level, number, strength)
    _packet(script, 1, day - 13)
    reviewing.assign(script, day - 12)
    reviewing.open_review(script, day - 11)
    reviewing.read(script, day - 10)
    reviewing.send(script, day)
    return script


def _in_calibration(stage: Stage) -> None:
    on_table = _calibrated(stage, "senior", 13, day=42)
    _calibrated(stage, "em", 11, day=42)
    sitting.in_session(on_table, NOW)
    for level, number, strength in (("senior", 14, 3.2), ("em", 12, 3.0), ("pm", 4, 3.3)):
        waiting = _calibrated(stage, level, number, strength, day=40)
        deciding.vote(waiting, 45, cast=0.6, close=False, but=(JONAS, "Priya Raman"))
    deciding.vote(_calibrated(stage, "senior", 15, STRONG), 33)
    deciding.vote(_calibrated(stage, "staff", 4), 34)


def _decided(stage: Stage) -> None:
    undecided = _calibrated(stage, "senior", 16, STRONG)
    deciding.vote(undecided, 33)
    deciding.decide(undecided, CHECK + 2, confirmed=False)
    confirmed = _calibrated(stage, "senior", 17, WEAK)
    deciding.vote(confirmed, 33)
    deciding.decide(confirmed, CHECK + 2)
    lettered = _calibrated(stage, "senior", 19, STRONG)
    deciding.vote(lettered, 33)
    deciding.decide(lettered, CHECK + 2)
    deciding.set_letters(stage, 48, [lettered])


def _released(stage: Stage) -> None:
    group = [
        _calibrated(stage, level, number, strength)
        for level, number, strength in (
            ("senior", 18, STRONG),
            ("se2", 8, WEAK),
            ("senior-pm", 6, WEAK),
            ("senior-pm", 7, WEAK),
        )
    ]
    for script in group:
        deciding.vote(script, 33)
        deciding.decide(script, CHECK + 2)
    deciding.edit_template(stage, 42)
    deciding.set_letters(stage, 42.5, group, stage.day(RELEASE))
    deciding.release(stage, RELEASE, group)
    _unread, read, appealed, answered = group
    deciding.acknowledge(read, RELEASE + 2)
    deciding.appeal(appealed, RELEASE + 3, AppealGround.MISSED_EVIDENCE)
    deciding.appeal(answered, RELEASE + 2, AppealGround.PROCEDURE, presides=ESZTER)
