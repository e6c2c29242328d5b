"""Rules on the shape of a ladder: tracks, numbers of levels, grades, the fork, and claims about peers (P1, P3, P13)."""

from collections.abc import Iterator
from itertools import combinations

from portal.domain.ladder import Family, Level, PeerClaim
from portal.domain.lint.finding import Rule, Said
from portal.domain.lint.subjects import fork, levels_of, listed, pair, scored_tracks, tracks_of

_NO_FORK = "no manager level has a grade, so there is no fork to measure from"


def _ll10(family: Family) -> Iterator[Said]:
    missing = [kind for kind in ("ic", "manager") if not any(track.kind == kind for track in family.tracks)]
    detail = f"no track of kind {listed(missing)}" if missing else "both kinds of track are there"
    yield "fail" if missing else "pass", family.id, detail


def _ll11(family: Family) -> Iterator[Said]:
    for track in tracks_of(family, "ic", "manager"):
        few, many = (5, 7) if track.kind == "ic" else (4, 5)
        count = len(family.levels_of(track.id))
        yield "pass" if few <= count <= many else "warn", track.id, f"{count} levels; {few} to {many} are usual"


def _ll12(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "manager"):
        if level.grade is not None and (grade := family.org.grade(level.grade)) and grade.executive:
            yield "pass", level.id, f"grade {level.grade} is executive"
        else:
            yield _peered(family, level, "ic", "fail")


def _ll12b(family: Family) -> Iterator[Said]:
    opening = fork(family)
    if opening is None:
        yield "unknown", family.id, _NO_FORK
        return
    for level in levels_of(family, "ic"):
        if level.grade is None or level.grade > opening:
            yield _peered(family, level, "manager", "warn")


def _peered(family: Family, level: Level, kind: str, breach: str) -> Said:
    peers = [peer.title for peer in family.peers(level.id) if family.track_of(peer.id).kind == kind]
    if peers:
        return "pass", level.id, f"peers on a track of kind {kind}: {listed(peers)}"
    if level.grade is None:
        return "unknown", level.id, "no grade and no adopted claim, so its peers are undeclared"
    return (
        ("fail" if breach == "fail" else "warn"),
        level.id,
        f"no peer on a track of kind {kind} at grade {level.grade}",
    )


def _ll13(family: Family) -> Iterator[Said]:
    for track in scored_tracks(family):
        levels = family.levels_of(track.id)
        for index, level in enumerate(levels):
            yield _graded(family, level, [other for other in levels[:index] if other.grade == level.grade])


def _graded(family: Family, level: Level, below: list[Level]) -> Said:
    if level.grade is None:
        return "fail", level.id, "the level has no grade"
    if family.org.grades and family.org.grade(level.grade) is None:
        return "fail", level.id, f"the organisation declares no grade {level.grade}"
    if below:
        return "warn", level.id, f"{below[0].title} stands on the same track at the same grade {level.grade}"
    return "pass", level.id, f"grade {level.grade}"


def _ll14(family: Family) -> Iterator[Said]:
    opening = fork(family)
    if opening is None:
        yield "unknown", family.id, _NO_FORK
        return
    top = max(level.grade for level in levels_of(family, "manager") if level.grade is not None)
    leading = [level for level in levels_of(family, "ic") if level.feeder and _leads_to_both(family, level, opening)]
    feeders = [level.title for level in leading]
    if top <= opening:
        yield "warn", family.id, f"management opens at grade {opening} and has nothing above it"
    elif not feeders:
        yield "warn", family.id, f"no IC level marked feeder leads to both tracks at the fork (grade {opening})"
    else:
        detail = f"leading to both tracks: {listed(feeders)}; fork at grade {opening}, top at {top}"
        yield "pass", family.id, detail


def _leads_to_both(family: Family, level: Level, opening: int) -> bool:
    """Whether a level has an IC level above it and enters management, by a switch or from beside or below the fork."""
    crosses = any(family.track_of(switch.to_level).kind == "manager" for switch in family.switches_from(level.id))
    near = level.grade is not None and level.grade in {opening - 1, opening}
    return family.next_level(level.id) is not None and (crosses or near)


def _ll15(family: Family) -> Iterator[Said]:
    for claim in family.peer_claims:
        for first, second in combinations((family.level(level_id) for level_id in claim.levels), 2):
            yield _claim_held(claim, *_in_order(family, first, second))


def _in_order(family: Family, first: Level, second: Level) -> tuple[Level, Level]:
    order = {level.id: index for index, level in enumerate(levels_of(family, "ic", "lead", "manager", "advisor"))}
    return (first, second) if order[first.id] <= order[second.id] else (second, first)


def _claim_held(claim: PeerClaim, first: Level, second: Level) -> Said:
    grades = f"grades {first.grade or 'not declared'} and {second.grade or 'not declared'}"
    source = f" (source: {claim.source})" if claim.source else ""
    if claim.status != "adopted":
        word = "a disputed claim says that they are peers" if claim.status == "disputed" else "declared not to be peers"
        return "info", pair(first, second), f"{word}{source}; {grades}"
    if first.grade is None or second.grade is None:
        return "unknown", pair(first, second), f"claimed as peers{source}; {grades}"
    held = first.grade == second.grade
    return "pass" if held else "fail", pair(first, second), f"claimed as peers{source}; {grades}"


RULES = (
    Rule("LL10", "P1", "there is at least one IC and one manager track", _ll10),
    Rule("LL11", "P13", "5 to 7 IC and 4 to 5 management levels", _ll11),
    Rule("LL12", "P1 P3", "no manager grade without an IC peer, unless it is executive", _ll12),
    Rule("LL12b", "P1 P3", "no IC grade above the fork without a manager peer", _ll12b),
    Rule("LL13", "P3", "every level but an advisor's has a grade, none twice on a track", _ll13),
    Rule("LL14", "P3", "the fork opens below the top of management, and a feeder leads to both tracks", _ll14),
    Rule("LL15", "P3", "adopted claims about peers hold", _ll15),
)
