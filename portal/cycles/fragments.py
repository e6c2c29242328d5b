"""The contexts of the cycle pages, and the parts of a cycle that each room adds to its pages."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from portal.adapters.rubrics import library_for
from portal.cycles import policy, queries
from portal.cycles.standing import CaseRow, Dates, Phase, Turn, Wait, phase, waits
from portal.domain.case_flow import ENDED, FROM_CALIBRATION, ROAD, State
from portal.domain.ladder import Family
from portal.domain.rubric_files import RubricFileErrors, read_pinned
from portal.ladders.queries import moved_on
from portal.models.cycle import Committee, Cycle
from portal.models.ladder import RubricVersion
from portal.models.person import Person
from portal.web.database import session
from portal.web.filters import when
from portal.web.offers import Tab

MOST_SHOWN = 50  # of what waits; late ones and those that wait longest come first
SHOWN_STATES = (*ROAD[:-1], State.UNDER_APPEAL, State.CLOSED, State.WITHDRAWN)


def tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    yield Tab(_("Overview"), url_for("cycles.show", slug=cycle.slug))
    if policy.can_run(actor, cycle):
        yield Tab(_("Settings"), url_for("cycles.settings", slug=cycle.slug))
        yield Tab(_("Committees"), url_for("cycles.committees", slug=cycle.slug))


def dates_of(cycle: Cycle) -> Dates:
    return Dates(cycle.opens_at, cycle.submit_by, cycle.review_by, cycle.decide_by, cycle.closed_at)


def calendar_dates(cycle: Cycle) -> list[tuple[str, str, datetime]]:
    """Its four dates, for a calendar file; every one signed in may know them."""
    here = url_for("cycles.show", slug=cycle.slug)
    names = (_("cycle opens"), _("packets due"), _("reviews due"), _("decisions due"))
    moments = (cycle.opens_at, cycle.submit_by, cycle.review_by, cycle.decide_by)
    return [(here, f"{name}, {cycle.name}", moment) for name, moment in zip(names, moments, strict=True)]


def phase_words(found: Phase) -> str:
    return {
        Phase.PLANNED: _("not open yet"),
        Phase.OPEN: _("open for packets"),
        Phase.REVIEWING: _("in review"),
        Phase.DECIDING: _("in calibration and decision"),
        Phase.OVERDUE: _("past its last date"),
        Phase.CLOSED: _("closed"),
    }[found]


def frame(cycle: Cycle, at: datetime) -> dict[str, Any]:
    """What the head of every page about one cycle shows."""
    found = phase(dates_of(cycle), at)
    return {"cycle": cycle, "phase": found, "phase_words": phase_words(found), "steps": _steps(cycle, found)}


def _steps(cycle: Cycle, found: Phase) -> list[dict[str, Any]]:
    """The dates as a line: what lies behind, where it stands, what comes."""
    order = (Phase.PLANNED, Phase.OPEN, Phase.REVIEWING, Phase.DECIDING)
    names = (_("Opens"), _("Submit by"), _("Review by"), _("Decide by"))
    moments = (cycle.opens_at, cycle.submit_by, cycle.review_by, cycle.decide_by)
    here = order.index(found) if found in order else len(order)
    stands = ["done" if n < here else "current" if n == here else "next" for n in range(len(order))]
    return [{"name": n, "state": stand, "note": when(m)} for n, stand, m in zip(names, stands, moments, strict=True)]


def list_page(actor: Person, at: datetime) -> dict[str, Any]:
    s = session()
    runs = bool(policy.can_run(actor))
    counts = queries.counts_by_cycle(s, actor) if runs else {}
    rows = []
    for cycle in queries.listed(s):
        found = phase(dates_of(cycle), at)
        rows.append((cycle, found, phase_words(found), counts.get(cycle.id, 0)))
    return {"rows": rows, "may_run": runs}


def overview_page(actor: Person, cycle: Cycle, at: datetime) -> dict[str, Any]:
    """Dates and rubrics for everyone; who runs the cycle also gets its cockpit."""
    runs = bool(policy.can_run(actor, cycle))
    families = {
        pin.family_id: read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text) for pin in cycle.pins
    }
    page = {**frame(cycle, at), "may_run": runs, "families": families}
    if not runs:
        return page
    return page | _cockpit(actor, cycle, families, at) | {"moved_on": _moved_on(cycle, at)}


def _moved_on(cycle: Cycle, at: datetime) -> list[tuple[RubricVersion, str]]:
    """Ladders that have changed since an open cycle pinned them; broken files are told of on the page Ladders."""
    if cycle.closed_at is not None:
        return []
    try:
        library = library_for(session(), folder=current_app.config["SETTINGS"].rubrics, on=at.date())
    except RubricFileErrors:
        return []
    return moved_on(library, {pin.family_id: pin.rubric_version for pin in cycle.pins})


def _cockpit(actor: Person, cycle: Cycle, families: dict[str, Family], at: datetime) -> dict[str, Any]:
    rows = queries.case_rows(session(), cycle, actor, at=at)
    dates = dates_of(cycle)
    found = [wait for row in rows if (wait := waits(row, dates, cycle.min_reviewers, at))]
    found.sort(key=lambda wait: (not wait.late, wait.since, wait.row.candidate, wait.row.id))
    mine = [w for w in found if w.whose is Turn.PEOPLE_PARTNER]
    others = [w for w in found if w.whose is not Turn.PEOPLE_PARTNER]
    return {
        "total": len(rows),
        "mine": [_item(w) for w in mine[:MOST_SHOWN]],
        "others": [_item(w) for w in others[:MOST_SHOWN]],
        "waiting": {"mine": len(mine), "others": len(others)},
        "kind_words": {"ic": _("IC"), "lead": _("Lead"), "manager": _("Manager"), "advisor": _("Advisor")},
        "table": _by_state_and_track(rows),
        "progress": _progress(rows),
        "titles": {level.id: level.title for family in families.values() for level in family.levels},
        "gaps": _grades_without_committee(cycle, rows),
        "headless": [] if cycle.closed_at else [c for c in cycle.committees if is_headless(c)],
    }


def _item(wait: Wait) -> dict[str, Any]:
    whose = {
        Turn.PEOPLE_PARTNER: _("your turn"),
        Turn.CANDIDATE: _("the candidate's turn"),
        Turn.REVIEWERS: _("the reviewers' turn"),
        Turn.CHAIR: _("the chair's turn"),
        Turn.COMMITTEE: _("the committee's turn"),
        Turn.APPEAL_PANEL: _("the appeal panel's turn"),
    }[wait.whose]
    return {"row": wait.row, "what": wait.what, "whose": whose, "since": wait.since, "late": wait.late}


def _by_state_and_track(rows: list[CaseRow]) -> dict[str, Any]:
    """Counts for a table: a line a state, a column a track, totals at both ends."""
    kinds = sorted({row.track_kind for row in rows}, key=lambda kind: ("ic", "lead", "manager", "advisor").index(kind))
    counted = Counter((row.state, row.track_kind) for row in rows)
    lines = [(state, [counted[state, kind] for kind in kinds]) for state in SHOWN_STATES]
    return {
        "kinds": kinds,
        "lines": [(state, counts, sum(counts)) for state, counts in lines if sum(counts) or state in ROAD[:-1]],
        "totals": [sum(counted[state, kind] for state in SHOWN_STATES) for kind in kinds],
    }


def _progress(rows: list[CaseRow]) -> list[tuple[str, int, int]]:
    """Submissions, reviews and decisions: how many are done of how many. Withdrawn cases are out."""
    alive = [row for row in rows if row.state is not State.WITHDRAWN]
    submitted = [row for row in alive if row.state is not State.DRAFT]
    decided = [row for row in submitted if row.state in FROM_CALIBRATION and row.state is not State.IN_CALIBRATION]
    return [
        (_("Packets submitted"), len(submitted), len(alive)),
        (
            _("Reviews sealed"),
            sum(row.sealed for row in submitted),
            sum(row.sealed + row.outstanding for row in submitted),
        ),
        (_("Cases decided"), len(decided), len(submitted)),
    ]


def _grades_without_committee(cycle: Cycle, rows: list[CaseRow]) -> list[int]:
    """Grades with open cases that nobody is named to decide."""
    wanted = {row.grade for row in rows if row.state not in ENDED}
    return sorted(grade for grade in wanted if not any(c.covers(grade) for c in cycle.committees))


def is_headless(committee: Committee) -> bool:
    """Whether nobody is left to preside: the chair has left, and no deputy stands in."""
    deputy = committee.deputy
    return not committee.chair.active and (deputy is None or not deputy.active)
