"""Recording a change to a position, and reading the protocol of one case."""

from typing import Any

from wtforms.fields.choices import SelectChoice

from portal.calibration import queries
from portal.calibration.commands.sitting.pre_vote import voters
from portal.calibration.forms import REASONS, ChangeForm
from portal.calibration.policy import SittingCase
from portal.cases.fragments import frame
from portal.models.case import Case
from portal.packets.queries import latest_snapshot
from portal.web.database import session
from portal.web.filters import number


def change_page(at: SittingCase, form: ChangeForm | None) -> dict[str, Any]:
    """The form with the case's competencies as they stand, its evidence, and those who may propose."""
    s, case = session(), at.case
    shown = form or ChangeForm(formdata=None)
    where = queries.position_now(s, case)
    snapshot = latest_snapshot(s, case)
    rows = snapshot.content.get("evidence", []) if snapshot else []
    names = {c.id: c.name for c in where.competencies}
    shown.competency.choices = [
        SelectChoice(value=c.id, label=f"{c.name}: {number(c.mean)}") for c in where.competencies
    ]
    shown.cites.choices = [
        SelectChoice(value=str(r["id"]), label=f"{names.get(r['competency'], '')}: {r['claim']}") for r in rows
    ]
    shown.proposer.choices = [
        SelectChoice(value=p.id, label=p.name) for p in sorted(voters(case), key=lambda p: p.name)
    ]
    return {**frame(case), "live": at.sitting.live, "cycle": at.sitting.cycle, "form": shown}


def minutes_page(case: Case) -> dict[str, Any]:
    """What was said of a case in the room and what was changed, in order."""
    head, snapshot = frame(case), latest_snapshot(session(), case)
    changes = queries.changes_of(session(), [case.id]).get(case.id, [])
    return {
        **head,
        "lines": queries.minutes_of(session(), case),
        "changes": changes,
        "claims": {str(r["id"]): r["claim"] for r in snapshot.content.get("evidence", [])} if snapshot else {},
        "names": {line.id: line.name for line in head["rubric"].competencies},
        "reasons": {reason.value: text for reason, text in REASONS.items()},
    }
