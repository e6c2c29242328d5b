"""The ladder of one family: levels on tracks, the grades that make them peers, and the rubric a case is scored on.

Everything here is an immutable value read from the rubric files. A question about an id the ladder does not have raises
`NotOnLadder`; a question whose answer was never declared answers None, an empty tuple or "undeclared".
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from portal.domain.ladder_org import Axis, Grade, Org, Pillar, Policy, Scale, ScalePoint, Scope
from portal.domain.ladder_tables import (
    Band,
    Bar,
    Competency,
    Expectation,
    FamilyFile,
    FamilyTables,
    Level,
    MustHave,
    PeerClaim,
    Percentiles,
    Process,
    Split,
    Switch,
    Track,
)

__all__ = [
    "Axis",
    "Band",
    "Bar",
    "Competency",
    "Expectation",
    "Family",
    "FamilyFile",
    "Grade",
    "Level",
    "MustHave",
    "NotOnLadder",
    "Org",
    "PeerClaim",
    "PeerStatus",
    "Percentiles",
    "Pillar",
    "Policy",
    "Process",
    "Rubric",
    "RubricCompetency",
    "Scale",
    "ScalePoint",
    "Scope",
    "Split",
    "Switch",
    "Track",
]

PeerStatus = Literal["declared", "not_peers", "undeclared"]


class NotOnLadder(LookupError):
    """An id was asked for that this family does not have."""

    def __init__(self, family_id: str, what: str, wanted: str) -> None:
        super().__init__(f'the ladder "{family_id}" has no {what} "{wanted}"')


@dataclass(frozen=True)
class RubricCompetency:
    """One line of a rubric: the competency, what is expected at the level, and whether the bar insists on it."""

    id: str
    name: str
    about: str
    pillar: Pillar
    kind: str
    weight: float
    expectation: Expectation | None
    must_have: float | None


@dataclass(frozen=True)
class Rubric:
    """The competencies, scale and bar that one case is scored on. `grade` is the level's, None for an advisor."""

    family_id: str
    family_name: str
    level: Level
    track: Track
    grade: int | None
    scale: Scale | None
    bar: Bar | None
    pillars: tuple[Pillar, ...]
    competencies: tuple[RubricCompetency, ...]

    def competency(self, competency_id: str) -> RubricCompetency:
        """The line of this competency; raises `NotOnLadder` when the rubric has none."""
        found = next((line for line in self.competencies if line.id == competency_id), None)
        if found is None:
            raise NotOnLadder(self.family_id, f'competency for the level "{self.level.id}":', competency_id)
        return found


class Family(FamilyTables):
    """A family's ladder together with the organisation it belongs to."""

    org: Org

    @cached_property
    def _levels(self) -> dict[str, Level]:
        return {level.id: level for level in self.levels}

    @cached_property
    def _expectations(self) -> dict[tuple[str, str], Expectation]:
        return {(entry.competency, entry.level): entry for entry in self.expectations}

    def level(self, level_id: str) -> Level:
        """The level of this id; raises `NotOnLadder`."""
        if level_id not in self._levels:
            raise NotOnLadder(self.id, "level", level_id)
        return self._levels[level_id]

    def track(self, track_id: str) -> Track:
        """The track of this id; raises `NotOnLadder`."""
        found = next((track for track in self.tracks if track.id == track_id), None)
        if found is None:
            raise NotOnLadder(self.id, "track", track_id)
        return found

    def competency(self, competency_id: str) -> Competency:
        """The competency of this id; raises `NotOnLadder`."""
        found = next((entry for entry in self.competencies if entry.id == competency_id), None)
        if found is None:
            raise NotOnLadder(self.id, "competency", competency_id)
        return found

    def track_of(self, level_id: str) -> Track:
        """The track a level stands on."""
        return self.track(self.level(level_id).track)

    def levels_of(self, track_id: str) -> tuple[Level, ...]:
        """The levels of a track from the lowest grade up; levels without a grade come last, in the file's order."""
        mine = (level for level in self.levels if level.track == track_id)
        return tuple(sorted(mine, key=lambda level: (level.grade is None, level.grade or 0)))

    def competencies_of(self, track_id: str) -> tuple[Competency, ...]:
        """The competencies of a track, in the file's order."""
        return tuple(entry for entry in self.competencies if entry.track == track_id)

    def expectation(self, competency_id: str, level_id: str) -> Expectation | None:
        """What is expected of a competency at a level, if it was written."""
        return self._expectations.get((competency_id, level_id))

    def bar_for(self, level_id: str) -> Bar | None:
        """The bar a case must reach to enter a level, if one was written."""
        return next((bar for bar in self.bars if level_id in bar.applies_to), None)

    def band(self, level_id: str) -> Band | None:
        """The pay band of a level, if one was written."""
        return next((band for band in self.bands if band.level == level_id), None)

    def next_level(self, level_id: str) -> Level | None:
        """The level one promotion up: same track, next higher grade; None at the top or without a grade."""
        here = self.level(level_id)
        if here.grade is None:
            return None
        above = (level for level in self.levels_of(here.track) if (level.grade or 0) > (here.grade or 0))
        return next(above, None)

    def levels_at(self, grade: int) -> tuple[Level, ...]:
        """The levels of every track at one grade, in the file's order."""
        return tuple(level for level in self.levels if level.grade == grade)

    def grades(self) -> tuple[int, ...]:
        """The grades this family has levels at, lowest first."""
        return tuple(sorted({level.grade for level in self.levels if level.grade is not None}))

    def peers(self, level_id: str) -> tuple[Level, ...]:
        """The levels of other tracks that are declared peers of this one, in the file's order."""
        return tuple(other for other in self.levels if self.peer_status(level_id, other.id) == "declared")

    def peer_status(self, level_a: str, level_b: str) -> PeerStatus:
        """Whether two levels are declared peers, declared not to be, or nothing was declared (P3).

        A claim "not-peers" speaks first, then the grades: equal is a declaration, unequal a refusal. Where a grade is
        missing only an adopted claim declares. One track, and an advisor, never has peers.
        """
        a, b = self.level(level_a), self.level(level_b)
        if a.track == b.track or "advisor" in {self.track(a.track).kind, self.track(b.track).kind}:
            return "not_peers"
        claims = self._claims_about(level_a, level_b)
        if "not-peers" in claims:
            return "not_peers"
        if a.grade is not None and b.grade is not None:
            return "declared" if a.grade == b.grade else "not_peers"
        return "declared" if "adopted" in claims else "undeclared"

    def _claims_about(self, level_a: str, level_b: str) -> set[str]:
        return {claim.status for claim in self.peer_claims if level_a in claim.levels and level_b in claim.levels}

    def switches_from(self, level_id: str) -> tuple[Switch, ...]:
        """The crossings that leave a level, in the file's order."""
        return tuple(switch for switch in self.switches if switch.from_level == level_id)

    def rubric(self, level_id: str) -> Rubric:
        """What a case for this level is scored on; raises `NotOnLadder`."""
        level = self.level(level_id)
        bar = self.bar_for(level_id)
        return Rubric(
            family_id=self.id,
            family_name=self.name,
            level=level,
            track=self.track(level.track),
            grade=level.grade,
            scale=self.org.scale,
            bar=bar,
            pillars=self.org.pillars,
            competencies=tuple(self._line(entry, level_id, bar) for entry in self.competencies_of(level.track)),
        )

    def _line(self, entry: Competency, level_id: str, bar: Bar | None) -> RubricCompetency:
        return RubricCompetency(
            id=entry.id,
            name=entry.name,
            about=entry.about,
            pillar=self.org.pillar(entry.pillar) or Pillar(id=entry.pillar, name=entry.pillar),
            kind=entry.kind,
            weight=entry.weight,
            expectation=self.expectation(entry.id, level_id),
            must_have=bar.at_least(entry.id) if bar else None,
        )
