"""What the sessions of a grade did, once they are over: how far they moved each track, and whether to its middle."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.calibration.queries import Item, Protocol
from portal.domain.measurement import direction_and_centrality, own_manager_effect
from portal.web.filters import number


def session_record(protocol: Protocol, items: Sequence[Item]) -> dict[str, Any] | None:
    """What the sessions did that are over, from the cases this person may see: minutes, changes, direction and
    centrality."""
    found = {one.id for one in protocol.over}
    if not found:
        return None
    seen = {i.case.id: i for i in items}
    return {
        "last": protocol.over[0],
        "changes": [c for c in protocol.changes if c.session_id in found and c.case_id in seen],
        "minutes": [m for m in protocol.minutes if m.session_id in found and (m.case_id is None or m.case_id in seen)],
        "names": {case_id: i.case.candidate.name for case_id, i in seen.items()},
        "competencies": {line.id: line.name for i in items for line in i.rubric.competencies},
        **_shifts({one.case_id: one.manager_present for one in protocol.items if one.session_id in found}, items),
    }


def _shifts(taken: Mapping[str, bool | None], items: Sequence[Item]) -> dict[str, Any]:
    sides = {"ic": 0, "manager": 1}
    rows = [i for i in items if i.case.id in taken and i.case.track_kind in sides and i.raw is not None]
    old, new = [i.raw or 0.0 for i in rows], [i.position.overall or 0.0 for i in rows]
    shifts = direction_and_centrality(old, new, [sides[i.case.track_kind] for i in rows])
    there = [math.nan if (p := taken[i.case.id]) is None else float(p) for i in rows]
    effect = own_manager_effect([b - a for a, b in zip(old, new, strict=True)], there)
    return {"shifts": dict(zip(sides, shifts, strict=True)), "effect": effect, "said": _said(shifts, effect)}


def _said(shifts: Sequence[Any], effect: Any) -> list[str]:
    """“This room moved IC cases by 0.00 and manager cases by -0.20.” and what belongs to it."""
    names = (_("IC"), _("manager"))
    parts = [
        _(
            "%(track)s cases by %(by)s (%(changed)s of %(cases)s changed)",
            track=name,
            by=_signed(x.direction),
            changed=x.changed,
            cases=x.cases,
        )
        for name, x in zip(names, shifts, strict=True)
        if x.cases
    ]
    if not parts:
        return [_("No case with a score was on the table.")]
    said = [_("This room moved %(parts)s, in rubric points.", parts=_(" and ").join(parts))]
    said += [_middle(name, x) for name, x in zip(names, shifts, strict=True) if x.changed]
    if not math.isnan(effect.lo):
        said.append(
            _(
                "With the own manager in the room a case moved by %(d)s more than without (95 %% interval %(lo)s to "
                "%(hi)s).",
                d=_signed(effect.estimate),
                lo=_signed(effect.lo),
                hi=_signed(effect.hi),
            )
        )
    return said


def _middle(name: str, shift: Any) -> str:
    if shift.centrality >= 0:
        return _(
            "%(track)s cases came %(n)s nearer to their middle.",
            track=name[:1].upper() + name[1:],
            n=number(shift.centrality),
        )
    return _(
        "%(track)s cases moved %(n)s apart from their middle.",
        track=name[:1].upper() + name[1:],
        n=number(-shift.centrality),
    )


def _signed(value: float) -> str:
    text = number(abs(value))
    return f"+{text}" if round(value, 2) > 0 else f"−{text}" if round(value, 2) < 0 else text
