"""Reading: all families, the peer map of one, one level, two levels side by side, and the ways forward from one."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.domain.ladder import NotOnLadder, Rubric
from portal.ladders import policy, queries
from portal.ladders.drafting import changes_page
from portal.ladders.fragments import compare_page, first_pair, level_page, map_page, paths_page
from portal.ladders.queries import Ladder
from portal.ladders.routes.blueprint import folder, ladders, load_ladder, me, today
from portal.models.ladder import LadderRelease, releases
from portal.web.database import session


@dataclass(frozen=True)
class OneLevel:
    ladder: Ladder
    rubric: Rubric


@dataclass(frozen=True)
class TwoLevels:
    ladder: Ladder
    left: Rubric
    right: Rubric


def _level(s: Session, *, family_id: str, level_id: str) -> OneLevel | None:
    found = load_ladder(s, family_id=family_id)
    try:
        return OneLevel(found, found.family.rubric(level_id)) if found else None
    except NotOnLadder:
        return None


def _pair(s: Session, *, family_id: str) -> TwoLevels | None:
    found = load_ladder(s, family_id=family_id)
    chosen = first_pair(found.family) if found else None
    if found is None or chosen is None:
        return None
    left, right = request.args.get("left", chosen[0]), request.args.get("right", chosen[1])
    try:
        return TwoLevels(found, found.family.rubric(left), found.family.rubric(right))
    except NotOnLadder:
        return None


def _start(s: Session, *, family_id: str) -> OneLevel | None:
    """The level the ways set out from: the one asked for, else one's own, else the lowest on the ladder."""
    found = load_ladder(s, family_id=family_id)
    if found is None or not found.family.levels:
        return None
    known = {level.id for level in found.family.levels}
    first = found.family.levels_of(found.family.levels[0].track)[0].id
    here = me().level_id if _is_on(found) and me().level_id in known else first
    return _level(s, family_id=family_id, level_id=request.args.get("from", str(here)))


def _is_on(ladder: Ladder) -> bool:
    return me().family_id == ladder.family.id


def news(family_id: str) -> LadderRelease | None:
    """The release people should know of: the one that takes effect last, coming or in force."""
    return next(iter(releases(session(), family_id)), None)


@ladders.get("", load=None, access=policy.can_read)
def index() -> ResponseReturnValue:
    shelf = queries.shelf(session(), folder=folder(), on=today())
    may_edit = bool(policy.can_edit(me()))
    return render_template(
        "ladders/index.html",
        shelf=shelf,
        may_repair=bool(policy.can_see_problems(me())),
        may_edit=may_edit,
        otherwise=queries.pinned_otherwise(session(), shelf.ladders) if may_edit and not shelf.problems else [],
        news={ladder.family.id: news(ladder.family.id) for ladder in shelf.ladders},
        drafts=queries.drafts(session()) if may_edit else [],
    )


@ladders.get("/<string:family_id>", load=load_ladder, access=policy.can_read)
def show(ladder: Ladder) -> ResponseReturnValue:
    with_pay = bool(policy.can_see_bands(me()))
    page = map_page(ladder, with_pay=with_pay, mine=me().level_id)
    may_edit = bool(policy.can_edit(me())) and not ladder.asked
    return render_template("ladders/show.html", **page, news=news(ladder.family.id), may_edit=may_edit)


@ladders.get("/<string:family_id>/levels/<string:level_id>", load=_level, access=policy.can_read)
def level(one: OneLevel) -> ResponseReturnValue:
    with_pay = bool(policy.can_see_bands(me()))
    return render_template("ladders/level.html", **level_page(one.ladder, one.rubric, with_pay=with_pay))


@ladders.get("/<string:family_id>/compare", load=_pair, access=policy.can_read)
def compare(two: TwoLevels) -> ResponseReturnValue:
    with_pay = bool(policy.can_see_bands(me()))
    return render_template("ladders/compare.html", **compare_page(two.ladder, two.left, two.right, with_pay=with_pay))


@ladders.get("/<string:family_id>/paths", load=_start, access=policy.can_read)
def paths(start: OneLevel) -> ResponseReturnValue:
    mine = _is_on(start.ladder) and me().level_id == start.rubric.level.id
    own = queries.last_self_view(session(), me()) if mine else None
    return render_template("ladders/paths.html", **paths_page(start.ladder, start.rubric.level, own=own, mine=mine))


@ladders.get("/<string:family_id>/changes", load=load_ladder, access=policy.can_edit)
def changes(ladder: Ladder) -> ResponseReturnValue:
    """What differs between the version asked for and the one in force; bands included, so not for everyone."""
    current = queries.ladder(session(), folder=folder(), on=today(), family_id=ladder.family.id)
    return render_template("ladders/changes.html", **changes_page(ladder, current))
