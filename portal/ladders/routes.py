"""The ladders: all families, the peer map of one, one level, two levels side by side, and the ways forward from one."""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.domain.ladder import NotOnLadder, Rubric
from portal.ladders import policy, queries
from portal.ladders.fragments import compare_page, first_pair, level_page, map_page, paths_page
from portal.ladders.queries import Ladder
from portal.models.person import Person
from portal.web.database import session
from portal.web.routing import GuardedBlueprint

ladders = GuardedBlueprint("ladders", __name__, url_prefix="/ladders")


@dataclass(frozen=True)
class OneLevel:
    ladder: Ladder
    rubric: Rubric


@dataclass(frozen=True)
class TwoLevels:
    ladder: Ladder
    left: Rubric
    right: Rubric


def _me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].rubrics
    return folder


def _ladder(s: Session, *, family_id: str) -> Ladder | None:
    return queries.ladder(s, folder=_folder(), family_id=family_id, version=request.args.get("version"))


def _level(s: Session, *, family_id: str, level_id: str) -> OneLevel | None:
    found = _ladder(s, family_id=family_id)
    try:
        return OneLevel(found, found.family.rubric(level_id)) if found else None
    except NotOnLadder:
        return None


def _pair(s: Session, *, family_id: str) -> TwoLevels | None:
    found = _ladder(s, family_id=family_id)
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
    found = _ladder(s, family_id=family_id)
    if found is None or not found.family.levels:
        return None
    known = {level.id for level in found.family.levels}
    first = found.family.levels_of(found.family.levels[0].track)[0].id
    here = _me().level_id if _is_on(found) and _me().level_id in known else first
    return _level(s, family_id=family_id, level_id=request.args.get("from", str(here)))


def _is_on(ladder: Ladder) -> bool:
    return _me().family_id == ladder.family.id


@ladders.get("", load=None, access=policy.can_read)
def index() -> ResponseReturnValue:
    shelf = queries.shelf(session(), folder=_folder())
    may_repair = bool(policy.can_see_problems(_me()))
    return render_template("ladders/index.html", shelf=shelf, may_repair=may_repair)


@ladders.get("/<string:family_id>", load=_ladder, access=policy.can_read)
def show(ladder: Ladder) -> ResponseReturnValue:
    with_pay = bool(policy.can_see_bands(_me()))
    return render_template("ladders/show.html", **map_page(ladder, with_pay=with_pay, mine=_me().level_id))


@ladders.get("/<string:family_id>/levels/<string:level_id>", load=_level, access=policy.can_read)
def level(one: OneLevel) -> ResponseReturnValue:
    with_pay = bool(policy.can_see_bands(_me()))
    return render_template("ladders/level.html", **level_page(one.ladder, one.rubric, with_pay=with_pay))


@ladders.get("/<string:family_id>/compare", load=_pair, access=policy.can_read)
def compare(two: TwoLevels) -> ResponseReturnValue:
    with_pay = bool(policy.can_see_bands(_me()))
    return render_template("ladders/compare.html", **compare_page(two.ladder, two.left, two.right, with_pay=with_pay))


@ladders.get("/<string:family_id>/paths", load=_start, access=policy.can_read)
def paths(start: OneLevel) -> ResponseReturnValue:
    mine = _is_on(start.ladder) and _me().level_id == start.rubric.level.id
    own = queries.last_self_view(session(), _me()) if mine else None
    return render_template("ladders/paths.html", **paths_page(start.ladder, start.rubric.level, own=own, mine=mine))
