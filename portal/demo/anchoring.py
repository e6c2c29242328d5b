"""The anchor packet of the cycle in progress: written for managers at grade 4, agreed on, and scored by some of those
who review there."""

from datetime import datetime
from typing import Any

from portal.demo.play import Stage
from portal.models.anchor import AnchorPacket
from portal.reviews import commands, queries
from portal.reviews.commands import ScoreInput

TITLE, PLACE = "Anchor A", "engineering/sem"
TEXT = """## What changed
Two teams that shipped past each other came under one lead. In three quarters the time from a merged change to
customers went from nine days to two, and the on-call load halved.

## Own contribution
Drew the new boundary with both teams in the room, moved three people by their own wish, and took the first on-call
rotation. One hire did not work out; the role was changed after two months, which was a month too late.

## How people were brought along
Weekly one-to-ones with a written thread each; two engineers were put forward for promotion, one got it. Feedback from
both teams says that decisions are explained and can be argued with.
"""
AGREED = (3, 3, 2, 3, 3, 2)
WHY = "The packet shows it in one case over three quarters, and names what did not work."


def play_it(stage: Stage, day: float, *, scored_by: int = 3) -> None:
    """Written and opened on one day, scored on the next by the first who were asked at its grade."""
    stage.add(day, lambda at: _open(stage, at))
    stage.add(day + 1, lambda at: _score(stage, scored_by, at))


def _open(stage: Stage, at: datetime) -> None:
    s, partner = stage.play.s, stage.play.partner
    what: dict[str, Any] = {"title": TITLE, "text": TEXT, "comes_first": False}
    anchor = commands.write_anchor(s, cycle=stage.cycle, actor=partner, place=PLACE, at=at, **what)
    lines = queries.anchor_rubric(anchor).competencies
    agreed = {line.id: (AGREED[n % len(AGREED)], WHY) for n, line in enumerate(lines)}
    commands.change_anchor(s, anchor=anchor, actor=partner, version=anchor.version, agreed=agreed, at=at, **what)
    commands.open_anchor(s, anchor=anchor, actor=partner, at=at)


def _score(stage: Stage, people: int, at: datetime) -> None:
    s = stage.play.s
    (line,) = queries.anchors_of(s, stage.cycle, stage.play.partner)
    for number, person in enumerate(queries.anchor_reviewers(s, line.anchor)[:people]):
        scores = _scores(line.anchor, number)
        commands.save_anchor_scores(s, anchor=line.anchor, actor=person, scores=scores, version=0, seal=True, at=at)


def _scores(anchor: AnchorPacket, number: int) -> dict[str, ScoreInput]:
    """Near what was agreed, each reviewer a point lower somewhere else."""
    agreed = {row.competency_id: row.value for row in anchor.agreed}
    lines = enumerate(queries.anchor_rubric(anchor).competencies)
    lower = {line.id: int(at % 3 == number % 3) for at, line in lines}
    why = "Shown by the one example."
    return {key: ScoreInput(value=max(0, agreed[key] - less), rationale=why) for key, less in lower.items()}
