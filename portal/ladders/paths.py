"""The ways forward from one level, as plain data: stay, up, across, advisor; what each asks, and where the person who
looks saw themselves last, pillar by pillar."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from portal.domain.ladder import Family, Level, Pillar, Rubric, RubricCompetency, Switch
from portal.ladders.queries import SelfView

Kind = Literal["stay", "up", "across", "advisor"]


@dataclass(frozen=True)
class Step:
    """One pillar of a way: what is asked now and there. `treated` says what a switch does with it ("" off a switch).

    `own` is the mean of one's own values (of a scale's points), `asked` what the bar asks here; None where not known.
    """

    pillar: Pillar
    now: tuple[RubricCompetency, ...]
    there: tuple[RubricCompetency, ...]
    treated: Literal["", "carried", "assessed"]
    asked: float | None
    own: float | None

    @property
    def gap(self) -> float | None:
        """How many points are missing; 0 when nothing is. None where a side is not known or nothing is assessed."""
        if self.asked is None or self.own is None or self.treated == "carried":
            return None
        return max(0.0, self.asked - self.own)


@dataclass(frozen=True)
class Way:
    kind: Kind
    rubric: Rubric
    switch: Switch | None
    steps: tuple[Step, ...]

    @property
    def level(self) -> Level:
        return self.rubric.level


def ways_from(family: Family, level: Level, own: SelfView | None) -> list[Way]:
    """Every way forward the ladder declares, staying first. `own` is None for anyone but the person at the level."""
    found = [_way(family, level, level, "stay", None, None)]
    above = family.next_level(level.id)
    if above is not None:
        found.append(_way(family, level, above, "up", None, own))
    crossings = [(switch, family.level(switch.to_level)) for switch in family.switches_from(level.id)]
    found += [_way(family, level, to, "across", s, own) for s, to in crossings if not _is_advisor(family, s, to)]
    found += [_way(family, level, to, "advisor", s, own) for s, to in crossings if _is_advisor(family, s, to)]
    return found


def _is_advisor(family: Family, switch: Switch, to: Level) -> bool:
    return switch.kind == "advisor" or family.track(to.track).kind == "advisor"


def _way(family: Family, start: Level, to: Level, kind: Kind, switch: Switch | None, own: SelfView | None) -> Way:
    here, there = family.rubric(start.id), family.rubric(to.id)
    return Way(kind, there, switch, tuple(_steps(here, there, switch, own)))


def _steps(here: Rubric, there: Rubric, switch: Switch | None, own: SelfView | None) -> Iterator[Step]:
    for pillar in there.pillars:
        now, then = _of(here, pillar), _of(there, pillar)
        if now or then:
            seen = own.by_pillar.get(pillar.id) if own else None
            yield Step(pillar, now, then, _treated(switch, pillar), _asked(there, then), seen)


def _of(rubric: Rubric, pillar: Pillar) -> tuple[RubricCompetency, ...]:
    return tuple(line for line in rubric.competencies if line.pillar.id == pillar.id)


def _treated(switch: Switch | None, pillar: Pillar) -> Literal["", "carried", "assessed"]:
    if switch is None:
        return ""
    if pillar.id in switch.carries:
        return "carried"
    return "assessed" if pillar.id in switch.assesses else ""


def _asked(rubric: Rubric, lines: tuple[RubricCompetency, ...]) -> float | None:
    """What the bar asks on a pillar: the highest must-have in it, else the mean that the whole has to reach."""
    if rubric.bar is None or not lines:
        return None
    musts = [line.must_have for line in lines if line.must_have is not None]
    return max(musts) if musts else rubric.bar.weighted_mean
