"""The contexts of the ladder pages, and a ladder's numbers in words."""

from collections import Counter
from itertools import combinations
from typing import Any, NamedTuple

from flask_babel import format_decimal
from flask_babel import gettext as _

from portal.domain.ladder import Band, Family, Grade, Level, Pillar, Rubric, RubricCompetency, Scope, Switch, Track
from portal.domain.lint import REMEDIES, Finding, principle_sentences
from portal.ladders import queries
from portal.ladders.paths import Way, ways_from
from portal.ladders.queries import Ladder, SelfView

READING_ORDER = ("fail", "warn", "unknown", "info", "pass")  # of findings: what is broken first


class Crossing(NamedTuple):
    """A switch as seen from one of its ends: `back` when one may also come the other way; `pair` is how the two stand
    side by side."""

    switch: Switch
    to: Level
    back: bool
    pair: tuple[str, str]


class Pair(NamedTuple):
    left: Level
    right: Level
    status: str


class Rung(NamedTuple):
    level: Level
    crossings: list[Crossing]
    band: Band | None


class Row(NamedTuple):
    """One grade of the peer map: the rungs by track, in the order of the columns, and how its levels stand as peers."""

    grade: Grade
    cells: list[tuple[Track, list[Rung]]]
    pairs: list[Pair]


class Read(NamedTuple):
    """A finding as people read it: what it is about, the principles behind it, and the remedy unless all is well."""

    finding: Finding
    subject: str
    principles: tuple[str, ...]
    remedy: str


class PillarRow(NamedTuple):
    pillar: Pillar
    left: list[RubricCompetency]
    right: list[RubricCompetency]


def map_page(ladder: Ladder, *, with_pay: bool, mine: str | None) -> dict[str, Any]:
    """`mine` is the id of the reader's own level, marked on the map."""
    family = ladder.family
    tracks = [t for t in family.tracks if any(level.grade is not None for level in family.levels_of(t.id))]
    found = queries.findings(ladder, with_pay=with_pay)
    return {
        "ladder": ladder,
        "family": family,
        "tracks": tracks,
        "rows": [_row(family, rank, tracks, with_pay) for rank in reversed(family.grades())],
        "beside": [_rung(family, level, with_pay) for level in family.levels if level.grade is None],
        "pair": first_pair(family),
        "claims": [claim for claim in family.peer_claims if claim.status != "adopted"],
        "findings": [read_finding(family, f) for f in sorted(found, key=_by_weight)],
        "scale": pay_scale(family) if with_pay else {},
        "counts": _counts(found),
        "with_pay": with_pay,
        "mine": mine,
    }


def read_finding(family: Family, finding: Finding) -> Read:
    remedy = "" if finding.status == "pass" else REMEDIES[finding.rule]
    return Read(finding, subject_in_words(family, finding), principle_sentences(finding.principle), remedy)


def pay_scale(family: Family) -> dict[str | None, float]:
    """The highest 90th percentile (or median) of a currency: what the full width of a pay bar stands for."""
    top: dict[str | None, float] = {}
    for band in family.bands:
        top[band.currency] = max(top.get(band.currency, 0), band.base.p90 or band.base.p50 or 0)
    return {currency: most for currency, most in top.items() if most > 0}


def _by_weight(finding: Finding) -> int:
    return READING_ORDER.index(finding.status)


def subject_in_words(family: Family, finding: Finding) -> str:
    """The subject with titles for ids: "staff|sem" becomes "Staff Engineer, Senior Engineering Manager". An id that is
    a level's and a track's at once stays as it is: the rule alone knows which it means."""
    levels = {level.id: level.title for level in family.levels}
    for sign, words in (("->", " → "), ("|", ", ")):
        parts = finding.subject.split(sign)
        if len(parts) > 1:
            return words.join(levels.get(part, part) for part in parts)
    tracks = {track.id: track.name for track in family.tracks}
    if finding.subject in levels and finding.subject in tracks:
        return finding.subject
    return (levels | tracks | {family.id: family.name}).get(finding.subject, finding.subject)


def _counts(found: list[Finding]) -> list[tuple[str, int]]:
    counted: Counter[str] = Counter(f.status for f in found)
    return [(status, counted[status]) for status in READING_ORDER if counted[status]]


def _row(family: Family, rank: int, tracks: list[Track], with_pay: bool) -> Row:
    here = family.levels_at(rank)
    cells = [(t, [_rung(family, level, with_pay) for level in here if level.track == t.id]) for t in tracks]
    pairs = [Pair(a, b, family.peer_status(a.id, b.id)) for a, b in combinations(here, 2) if a.track != b.track]
    return Row(family.org.grade(rank) or Grade(rank=rank, name=_("Not named")), cells, pairs)


def _rung(family: Family, level: Level, with_pay: bool) -> Rung:
    return Rung(level, crossings(family, level), family.band(level.id) if with_pay else None)


def crossings(family: Family, level: Level) -> list[Crossing]:
    """Where one may switch to from a level, and whether the same crossing is open in the other direction."""
    back = {switch.from_level for switch in family.switches if switch.to_level == level.id}
    return [
        Crossing(switch, to := family.level(switch.to_level), to.id in back, side_by_side(family, level, to))
        for switch in family.switches_from(level.id)
    ]


def side_by_side(family: Family, one: Level, other: Level) -> tuple[str, str]:
    """Two levels' ids as they stand on a page: the track that the file names first on the left, wherever one came
    from."""
    order = [track.id for track in family.tracks]
    left, right = sorted((one, other), key=lambda level: (order.index(level.track), level.grade or 0))
    return left.id, right.id


def first_pair(family: Family) -> tuple[str, str] | None:
    """The two levels shown side by side when nobody chose: the lowest declared peers, else any two; None if alone."""
    ranked = sorted(family.levels, key=lambda level: level.grade or 0)
    pairs = list(combinations(ranked, 2))
    peers = (pair for pair in pairs if family.peer_status(pair[0].id, pair[1].id) == "declared")
    found = next(peers, pairs[0] if pairs else None)
    return (found[0].id, found[1].id) if found else None


def level_page(ladder: Ladder, rubric: Rubric, *, with_pay: bool) -> dict[str, Any]:
    family, level = ladder.family, rubric.level
    steps = family.levels_of(level.track)
    here = steps.index(level)
    return {
        "ladder": ladder,
        "family": family,
        "rubric": rubric,
        "level": level,
        "below": steps[here - 1] if here else None,
        "above": steps[here + 1] if here + 1 < len(steps) else None,
        "grade": family.org.grade(level.grade) if level.grade is not None else None,
        "scope": scope_in_words(family, level),
        "peers": [(peer, side_by_side(family, level, peer)) for peer in family.peers(level.id)],
        "crossings": crossings(family, level),
        "pillars": [(pillar, lines) for pillar in rubric.pillars if (lines := _of_pillar(rubric, pillar))],
        "bar": bar_in_words(rubric),
        "band": family.band(level.id) if with_pay else None,
        "kinds": kinds(),
    }


def compare_page(ladder: Ladder, left: Rubric, right: Rubric, *, with_pay: bool) -> dict[str, Any]:
    family = ladder.family
    sides = [_side(family, rubric, with_pay) for rubric in (left, right)]
    pillars = [PillarRow(p, _of_pillar(left, p), _of_pillar(right, p)) for p in left.pillars]
    ways = [*family.switches_from(left.level.id), *family.switches_from(right.level.id)]
    both = {left.level.id, right.level.id}
    return {
        "ladder": ladder,
        "family": family,
        "sides": sides,
        "pillars": [row for row in pillars if row.left or row.right],
        "status_of_pair": family.peer_status(left.level.id, right.level.id),
        "claims": [claim for claim in family.peer_claims if both <= set(claim.levels)],
        "ways": [(w, family.level(w.from_level), family.level(w.to_level)) for w in ways if w.to_level in both],
        "pillar_names": {pillar.id: pillar.name for pillar in left.pillars},
        "claim_words": {"adopted": _("Adopted"), "disputed": _("Disputed"), "not-peers": _("Said not to be peers")},
        "with_pay": with_pay,
        "scale": pay_scale(family) if with_pay else {},
        "kinds": kinds(),
    }


def paths_page(ladder: Ladder, level: Level, *, own: SelfView | None, mine: bool) -> dict[str, Any]:
    """`own` is what the reader said of themselves, and only set when they look from their own level (`mine`)."""
    family = ladder.family
    ways = ways_from(family, level, own)
    return {
        "ladder": ladder,
        "family": family,
        "level": level,
        "track": family.track(level.track),
        "mine": mine,
        "own": own,
        "ways": [(way, bar_in_words(way.rubric), way_title(way)) for way in ways],
        "pillar_names": {pillar.id: pillar.name for pillar in family.org.pillars},
    }


def way_title(way: Way) -> str:
    return {
        "stay": _("Stay: %(title)s", title=way.level.title),
        "up": _("Up: %(title)s", title=way.level.title),
        "across": _("Across: %(title)s", title=way.level.title),
        "advisor": _("Advisor: %(title)s", title=way.level.title),
    }[way.kind]


def _side(family: Family, rubric: Rubric, with_pay: bool) -> dict[str, Any]:
    return {
        "rubric": rubric,
        "level": rubric.level,
        "track": rubric.track,
        "bar": bar_in_words(rubric),
        "scope": scope_in_words(family, rubric.level),
        "band": family.band(rubric.level.id) if with_pay else None,
    }


def _of_pillar(rubric: Rubric, pillar: Pillar) -> list[RubricCompetency]:
    return [line for line in rubric.competencies if line.pillar.id == pillar.id]


def bar_in_words(rubric: Rubric) -> list[str]:
    """What a case must reach to enter the level, one sentence a clause; empty when no bar was written."""
    bar = rubric.bar
    if bar is None:
        return []
    said = []
    if bar.weighted_mean is not None:
        said.append(_("The weighted mean of all competencies is at least %(n)s.", n=figure(bar.weighted_mean)))
    if bar.minimum_each is not None:
        said.append(_("No competency is below %(point)s.", point=_point(rubric, bar.minimum_each)))
    for must in bar.must_have:
        name, point = rubric.competency(must.competency).name, _point(rubric, must.at_least)
        said.append(_("%(name)s is at least %(point)s, whatever the rest is.", name=name, point=point))
    return said


def _point(rubric: Rubric, value: float) -> str:
    point = rubric.scale.point(value) if rubric.scale else None
    return f"{figure(value)} (“{point.name}”)" if point else figure(value)


def scope_in_words(family: Family, level: Level) -> list[tuple[str, str]]:
    """The scope a level promises, an axis a line: its own where it overrides, else its grade's."""
    grade = family.org.grade(level.grade) if level.grade is not None else None
    scope = level.scope or (grade.scope if grade else None) or Scope()
    said = []
    for axis in family.org.axes:
        ordinal = getattr(scope, axis.id, None)
        if ordinal is not None:
            said.append((axis.name, axis.anchors[ordinal] if axis.anchors else figure(ordinal)))
    return said


def figure(value: float) -> str:
    """A number by locale with at most two decimals, none where there is none to show."""
    return format_decimal(value, format="#,##0.##")


def kinds() -> dict[str, str]:
    return {
        "functional": _("functional skill"),
        "human": _("human skill"),
        "leadership": _("leadership"),
        "people-management": _("managing people"),
    }
