"""The published statement of a cycle, as everybody reads it, and how the estimate went over the cycles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.calibration import queries
from portal.calibration.policy import Published
from portal.cycles.fragments import frame
from portal.domain.ladder import Family
from portal.domain.measurement import SPEAKS
from portal.models.calibration import ALL_GRADES, PublishedStatement
from portal.web.database import session


def published_page(found: Published) -> dict[str, Any]:
    """Statements by ladder, each with its place in words; and, by ladder and grade, those of all cycles for the
    picture of how the difference went."""
    families = {family.id: family for family in queries.families_of(found.cycle)}
    told = [one for one in found.rows if not _is_one_grade_again(one, found.rows)]
    rows = [(families[one.family_id], place_of(families[one.family_id], one.grade), one) for one in told]
    silent: dict[str, list[Any]] = {}
    for row in rows:
        if withheld := row[2].content["withheld"]:
            silent.setdefault(withheld, []).append(row)
    return {
        **frame(found.cycle, now()),
        "statements": rows,
        "silent": sorted(silent.items()),
        "silent_headings": {
            "overtaken": _("Taken back"),
            "too_few": _("Too few cases"),
            "too_near": _("Too near to the statement before"),
        },
        "published": max((one for one in found.rows if not _was_over(one)), key=lambda one: one.id, default=None),
        "taken_back": max((one.published_at for one in found.rows if _was_over(one)), default=None),
        "until": {one.id: datetime.fromisoformat(one.content["before"]["at"]) for one in found.rows if _was_over(one)},
        "forest": [_bar(f"{family.name}, {place}", one) for family, place, one in rows if not one.content["withheld"]],
        "history": _history(found),
        "rate_words": rate_words(),
        "withheld_words": withheld_words(),
    }


def _is_one_grade_again(one: PublishedStatement, rows: Sequence[PublishedStatement]) -> bool:
    """A whole ladder that rests on the cases of one grade says what that grade says."""
    same = [x for x in rows if x.family_id == one.family_id and x.grade != ALL_GRADES and not x.content["withheld"]]
    return one.grade == ALL_GRADES and any(x.counts == one.counts for x in same)


def _was_over(one: PublishedStatement) -> bool:
    return "before" in one.content


def place_of(family: Family, grade: int) -> str:
    if grade == ALL_GRADES:
        return _("all grades")
    name = next((g.name for g in family.org.grades if g.rank == grade), "")
    return _("grade %(n)s, %(name)s", n=grade, name=name) if name else _("grade %(n)s", n=grade)


def rate_words() -> dict[str, str]:
    """What stands for a share of approvals that may not be given as a number."""
    shares = {f"{n}": _("about %(n)s %%", n=n) for n in range(10, 100, 10)}
    return shares | {
        "few": _("fewer than 10 %%"),
        "most": _("more than 90 %%"),
        "hidden": _("not given, as it would tell of fewer than five people"),
    }


def withheld_words() -> dict[str, str]:
    return {
        "overtaken": _(
            "Taken back: decisions that the statement rested on have changed, and what it said no longer holds. What "
            "can be said instead is given with the next statement; given now, the two side by side would tell of "
            "single people."
        ),
        "too_few": _("Fewer than ten decided cases on a track, so nothing is published of:"),
        "too_near": _(
            "Only a few cases were decided since the statement before, and the two side by side would tell of single "
            "people, so nothing new is published of:"
        ),
    }


def _bar(label: str, one: PublishedStatement) -> dict[str, Any]:
    """A row of the forest; a place without figures is a row without interval."""
    content = one.content
    if content["withheld"] or content["delta"] is None or content["reason"] not in SPEAKS:
        return {"label": label, "estimate": None, "inner": None, "outer": None, "note": _("no claim")}
    inner, outer = (tuple(content[key]) for key in ("envelope90", "envelope95"))
    return {"label": label, "estimate": round(content["delta"], 2) + 0.0, "inner": inner, "outer": outer, "note": None}


def _history(found: Published) -> list[dict[str, Any]]:
    """Per ladder and grade that more than one cycle has published, a row a cycle, the first first."""
    families = {family.id: family for family in queries.families_of(found.cycle)}
    before: dict[tuple[str, int], dict[str, PublishedStatement]] = {}
    for cycle_name, one in queries.published_until(session(), found.cycle):
        before.setdefault((one.family_id, one.grade), {})[cycle_name] = one
    return [
        {
            "title": f"{families[family_id].name}, {place_of(families[family_id], grade)}",
            "id": f"history-{family_id}-{grade}",
            "rows": [_bar(name, one) for name, one in rows.items()],
        }
        for (family_id, grade), rows in before.items()
        if family_id in families and len(rows) > 1
    ]
