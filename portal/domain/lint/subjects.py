"""What the rules speak about: peer pairs, track pairs, the fork, and how a subject is written."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations

from portal.domain.ladder import Competency, Family, Level, Track
from portal.domain.ladder_tables import TrackKind

_ORDER: dict[str, int] = {"ic": 0, "lead": 1, "manager": 2, "advisor": 3}


def tracks_of(family: Family, *kinds: TrackKind) -> tuple[Track, ...]:
    """The tracks of some kinds, IC first, then lead, then manager."""
    return tuple(
        sorted((track for track in family.tracks if track.kind in kinds), key=lambda track: _ORDER[track.kind])
    )


def scored_tracks(family: Family) -> tuple[Track, ...]:
    """The tracks whose cases are scored: all but advisors."""
    return tracks_of(family, "ic", "lead", "manager")


def levels_of(family: Family, *kinds: TrackKind) -> tuple[Level, ...]:
    """The levels of the tracks of some kinds, track by track, lowest first."""
    return tuple(level for track in tracks_of(family, *kinds) for level in family.levels_of(track.id))


def pair(first: Level | Track, second: Level | Track) -> str:
    """How a pair is written: `ic|manager`."""
    return f"{first.id}|{second.id}"


def peer_pairs(family: Family) -> tuple[tuple[Level, Level], ...]:
    """Every pair of declared peers, the IC (or else the lead) first; advisors have none."""
    return tuple(
        (first, second)
        for left, right in track_pairs(family)
        for first in family.levels_of(left.id)
        for second in family.levels_of(right.id)
        if family.peer_status(first.id, second.id) == "declared"
    )


def track_pairs(family: Family) -> tuple[tuple[Track, Track], ...]:
    """Every pair of scored tracks of different kinds, in the order IC, lead, manager."""
    pairs = combinations(scored_tracks(family), 2)
    return tuple((left, right) for left, right in pairs if left.kind != right.kind)


def fork(family: Family) -> int | None:
    """The grade at which management opens: the lowest of the manager levels'; None without a graded one."""
    return min((level.grade for level in levels_of(family, "manager") if level.grade is not None), default=None)


def total_weight(competencies: Iterable[Competency]) -> Fraction:
    """The weights together, exactly as written."""
    return sum((written(entry.weight) for entry in competencies), Fraction())


def written(number: float) -> Fraction:
    """The number a person wrote: 0.05 is 1/20, not the nearest binary fraction."""
    return Fraction(str(number))


def plain(number: Fraction | float) -> str:
    """A number for a sentence: whole where it is whole, else at most two decimals."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def listed(words: Iterable[str]) -> str:
    """Words for a sentence."""
    return ", ".join(words)
