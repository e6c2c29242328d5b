"""The committee in its room: a session that goes on now, and the statement of a cycle that is over."""

from datetime import datetime
from typing import Any

from portal.calibration import commands as calibration
from portal.calibration.commands import sitting as steps
from portal.calibration.commands.sitting.pre_vote import voters
from portal.demo.deciding import presiding
from portal.demo.play import Script, Stage
from portal.models.calibration import ALL_GRADES, Choice

SAID = (
    "The second result is larger than it reads: two teams build on it now.",
    "The evidence on direction covers one quarter; the level asks for a sustained view.",
)


def in_session(script: Script, day: float) -> None:
    """A session at the grade of this case, which lies on the table; most members have said what they think."""

    def sit(at: datetime) -> None:
        case, s = script.case, script.s
        lead = presiding(script)
        where: dict[str, Any] = {"cycle": case.cycle, "family_id": case.family_id, "grade": case.grade}
        live = steps.begin_session(s, **where, actor=lead, box_minutes=20, at=at)
        steps.put_on_table(s, live=live, case=case, actor=lead, seen=steps.seen_by(lead, live), at=at)
        members = sorted(voters(case), key=lambda person: person.email)
        for number, member in enumerate(members[:-1]):
            choice = (Choice.FOR, Choice.AGAINST, Choice.FOR)[number % 3]
            steps.pre_vote(s, live=live, case=case, actor=member, choice=choice, at=at)
        for member, text in zip(members, SAID, strict=False):
            steps.note(s, live=live, case=case, actor=member, text=text, at=at)

    script.add(day, sit)


def publish(stage: Stage, day: float, family_id: str) -> None:
    """After the cycle: the check over all grades of a ladder, and what everybody may read of it."""

    def act(at: datetime) -> None:
        s, partner = stage.play.s, stage.play.partner
        calibration.run_bar_check(s, cycle=stage.cycle, family_id=family_id, grade=ALL_GRADES, actor=partner, at=at)
        calibration.publish_statements(s, cycle=stage.cycle, actor=partner, at=at)

    stage.add(day, act)
