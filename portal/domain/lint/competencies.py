"""Rules on what is scored: weights, pillars, and that each track has its own competencies (P4, P5, P6, P9, P10)."""

from collections.abc import Iterator
from fractions import Fraction
from typing import get_args

from portal.domain.ladder import Family
from portal.domain.ladder_tables import ImpactMode
from portal.domain.lint.finding import Rule, Said
from portal.domain.lint.subjects import (
    levels_of,
    listed,
    pair,
    plain,
    scored_tracks,
    total_weight,
    track_pairs,
    tracks_of,
)

_NO_COMPETENCIES = "the track has no competencies yet"
_GROWTH, _DIRECTION = "growth", "direction"
_WIDEST_DIRECTION_GAP = 15
_MOST_REPORTS_OF_AN_IC = 2


def _ll19(family: Family) -> Iterator[Said]:
    for track in scored_tracks(family):
        mine = family.competencies_of(track.id)
        if mine:
            total = total_weight(mine)
            yield "pass" if total == 100 else "fail", track.id, f"the weights sum to {plain(total)}, expected 100"
        else:
            yield "unknown", track.id, _NO_COMPETENCIES


def _ll21(family: Family) -> Iterator[Said]:
    declared = {pillar.id for pillar in family.org.pillars}
    for entry in family.competencies:
        if not declared:
            yield "unknown", entry.id, "the organisation declares no pillars"
        elif entry.pillar in declared:
            yield "pass", entry.id, f"pillar {entry.pillar}"
        else:
            yield "fail", entry.id, f'no pillar "{entry.pillar}" is declared; there are {listed(sorted(declared))}'


def _ll21b(family: Family) -> Iterator[Said]:
    for track in scored_tracks(family):
        covered = {entry.pillar for entry in family.competencies_of(track.id)}
        missing = [pillar.id for pillar in family.org.pillars if pillar.id not in covered]
        if not covered or not family.org.pillars:
            yield "unknown", track.id, _NO_COMPETENCIES if not covered else "the organisation declares no pillars"
        else:
            detail = f"no competency for {listed(missing)}" if missing else "every pillar is covered"
            yield "fail" if missing else "pass", track.id, detail


def _ll22(family: Family) -> Iterator[Said]:
    for track in scored_tracks(family):
        mine = family.competencies_of(track.id)
        weight = total_weight(entry for entry in mine if entry.kind == "human")
        if mine:
            yield (
                "pass" if 20 <= weight <= 60 else "warn",
                track.id,
                f"human skills weigh {plain(weight)}; 20 to 60 is sound",
            )
        else:
            yield "unknown", track.id, _NO_COMPETENCIES


def _ll23(family: Family) -> Iterator[Said]:
    for track in tracks_of(family, "ic"):
        mine = family.competencies_of(track.id)
        leading = [entry.name for entry in mine if entry.kind == "leadership" or entry.pillar == _GROWTH]
        if not mine:
            yield "unknown", track.id, _NO_COMPETENCIES
        elif leading:
            yield "pass", track.id, f"leadership is expected in {listed(leading)}"
        else:
            yield "fail", track.id, f"no competency of kind leadership and none of the pillar {_GROWTH}"


def _ll24(family: Family) -> Iterator[Said]:
    for track in tracks_of(family, "ic"):
        managing = [entry.id for entry in family.competencies_of(track.id) if entry.kind == "people-management"]
        for competency_id in managing:
            yield "fail", competency_id, f'the IC track "{track.id}" is scored on managing people'
        if not managing:
            yield "pass", track.id, "no competency of kind people-management"


def _ll24b(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "ic"):
        if level.reports is None:
            yield "unknown", level.id, "reports are not declared"
        else:
            most = level.reports[1]
            detail = f"up to {most} reports; an IC has at most {_MOST_REPORTS_OF_AN_IC}"
            yield "pass" if most <= _MOST_REPORTS_OF_AN_IC else "fail", level.id, detail


def _ll25(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "manager"):
        bar = family.bar_for(level.id)
        if bar is None:
            yield "unknown", level.id, "no bar is written"
            continue
        kinds = {family.competency(must.competency).kind for must in bar.must_have}
        if "people-management" in kinds:
            yield "pass", level.id, "managing people is a must-have"
        else:
            yield "fail", level.id, "no must-have of kind people-management, so a manager may pass without managing"


def _ll26(family: Family) -> Iterator[Said]:
    for track in tracks_of(family, "ic"):
        covered = {mode for entry in family.competencies_of(track.id) for mode in entry.covers}
        missing = [mode for mode in get_args(ImpactMode) if mode not in covered]
        if not covered:
            yield "unknown", track.id, "no competency says which impact modes it covers"
        else:
            detail = f"not covered: {listed(missing)}" if missing else "all four impact modes are covered"
            yield "fail" if missing else "pass", track.id, detail


def _direction(family: Family, track_id: str) -> Fraction:
    return total_weight(entry for entry in family.competencies_of(track_id) if entry.pillar == _DIRECTION)


def _ll27(family: Family) -> Iterator[Said]:
    for left, right in track_pairs(family):
        if not (family.org.pillar(_DIRECTION) and family.competencies_of(left.id) and family.competencies_of(right.id)):
            yield "unknown", pair(left, right), f"no pillar {_DIRECTION}, or a track without competencies"
            continue
        one, other = _direction(family, left.id), _direction(family, right.id)
        sound = one > 0 and other > 0 and abs(one - other) <= _WIDEST_DIRECTION_GAP
        detail = f"direction weighs {plain(one)} and {plain(other)}; both must, at most {_WIDEST_DIRECTION_GAP} apart"
        yield "pass" if sound else "fail", pair(left, right), detail


RULES = (
    Rule("LL19", "-", "the weights of a track sum to 100", _ll19),
    Rule("LL21", "P4", "every competency maps to a pillar", _ll21),
    Rule("LL21b", "P4", "every pillar is covered on every scored track", _ll21b),
    Rule("LL22", "P10", "human skills weigh 20 to 60 on every scored track", _ll22),
    Rule("LL23", "P5", "leadership is expected of ICs", _ll23),
    Rule("LL24", "P9", "no IC is scored on managing people", _ll24),
    Rule("LL24b", "P9", "an IC has at most two reports", _ll24b),
    Rule("LL25", "P5", "managers are promoted for managing people", _ll25),
    Rule("LL26", "P6", "all four modes of senior IC impact are covered", _ll26),
    Rule("LL27", "P5", "direction weighs on both tracks, about equally", _ll27),
)
