"""Ways that do not lead up: a switch of track each way and a conversion to advisor, all on trial; and a second try."""

from portal.demo import deciding, packets, reviewing
from portal.demo.play import Play, Script, Stage
from portal.domain.case_types import CaseType

CROSSED = (("staff", 5, CaseType.SWITCH), ("sem", 4, CaseType.SWITCH), ("director-pm", 1, CaseType.TO_ADVISOR))
REFUSED = ("pm", 5)
STRONG, WEAK = 3.6, 2.2


def decided(play: Play, stage: Stage) -> list[Script]:
    """Cases of the finished cycle, decided after the others and released with them; the last hears "not yet"."""
    scripts = [_until_the_vote(play, stage, *crossed) for crossed in CROSSED]
    scripts.append(_until_the_vote(play, stage, *REFUSED, CaseType.PROMOTION, WEAK))
    for number, script in enumerate(scripts):
        deciding.decide(script, 72 + number / 2)
    return scripts


def _until_the_vote(
    play: Play, stage: Stage, level: str, number: int, case_type: CaseType, strength: float = STRONG
) -> Script:
    script = Script(stage, play.org.at(level, number), strength=strength)
    scored = case_type is not CaseType.TO_ADVISOR
    packets.open_case(script, 8, case_type=case_type)
    packets.write(script, 12)
    packets.state(script, 25)
    packets.submit(script, 27)
    if scored:
        reviewing.assign(script, 38)
    reviewing.open_review(script, 40)
    if scored:
        reviewing.read(script, 42)
    reviewing.send(script, 58)
    deciding.vote(script, 64)
    return script


def second_try(play: Play, stage: Stage) -> None:
    """Whoever heard "not yet" asks again in the next cycle, and has begun to write."""
    script = Script(stage, play.org.at(*REFUSED))
    packets.open_case(script, 34, case_type=CaseType.RESUBMISSION)
    packets.write(script, 36, share=0.4, shared=False)
