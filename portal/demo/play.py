"""The stage of the demonstration: who is there, what time it is, and acts done in the order in which they happened, so
that the audit log reads like one that people wrote."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.demo.organisation import Organisation
from portal.demo.presses import Presses
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person

Act = Callable[[datetime], None]
SATURDAY = 5
A_LITTLE = timedelta(minutes=7)


class Agenda:
    """Acts with their moments; `run` does them by time, those of one moment in the order they were written down."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []

    def add(self, at: datetime, act: Act) -> None:
        self._acts.append((at, len(self._acts), act))

    def run(self) -> None:
        for at, _number, act in sorted(self._acts, key=lambda one: one[:2]):
            act(at)


@dataclass
class Play:
    """What every act needs. `load` counts the reviews and the feedback a person was asked for."""

    s: Session
    org: Organisation
    storage: Storage
    base_url: str
    presses: Presses
    seed: int
    now: datetime
    agenda: Agenda = field(default_factory=Agenda)
    load: Counter[str] = field(default_factory=Counter)

    @property
    def partner(self) -> Person:
        return self.org["Ines Carvalho"]

    def chance(self, *about: str) -> random.Random:
        """Chance of its own for each thing, so that one case more changes nothing in the others."""
        return random.Random(":".join([str(self.seed), *about]))  # noqa: S311 - reproducible on purpose


class Stage:
    """A cycle being played: its day 0 is the day it opens. The cycle itself exists once its first act was done."""

    def __init__(self, play: Play, slug: str, opens_at: datetime) -> None:
        self.play, self.slug, self.opens_at = play, slug, opens_at
        self._cycle: Cycle | None = None

    @property
    def cycle(self) -> Cycle:
        if self._cycle is None:
            raise LookupError(f"{self.slug} has not been created yet")
        return self._cycle

    @cycle.setter
    def cycle(self, cycle: Cycle) -> None:
        self._cycle = cycle

    def day(self, number: float) -> datetime:
        return self.opens_at + timedelta(days=number)

    def add(self, day: float, act: Act) -> None:
        self.play.agenda.add(self.day(day), act)


class Script:
    """One person's case as it is played. Its own acts never happen on a weekend, nor before one that came earlier."""

    def __init__(self, stage: Stage, candidate: Person, *, strength: float = 3.1) -> None:
        self.stage, self.candidate, self.strength = stage, candidate, strength
        self.play, self.s = stage.play, stage.play.s
        self.chance = stage.play.chance(stage.slug, candidate.email)
        self._case: Case | None = None
        self._last = stage.opens_at

    @property
    def case(self) -> Case:
        if self._case is None:
            raise LookupError(f"{self.candidate.name} has not opened a case yet")
        return self._case

    @case.setter
    def case(self, case: Case) -> None:
        self._case = case

    @property
    def manager(self) -> Person:
        manager = self.candidate.manager
        if manager is None:
            raise LookupError(f"{self.candidate.name} reports to nobody")
        return manager

    def add(self, day: float, act: Act) -> None:
        """Do it on that day of the cycle, or as soon after the last act as can be, but never in the future."""
        at = self.stage.day(day) + timedelta(minutes=self.chance.randrange(420))
        if at.weekday() >= SATURDAY:
            at += timedelta(days=2)
        at = max(min(at, self.play.now - timedelta(hours=2)), self._last + A_LITTLE)
        self._last = at
        self.play.agenda.add(at, act)
