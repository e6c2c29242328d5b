"""What every ladder of an organisation shares: grades, scope axes, pillars, the scale and the policy.

The classes are the shape of `rubrics/org.toml`: frozen, strict about types and closed to unknown keys, so a file
that loads holds exactly what was written. What is not written stays `None` or empty; nothing is guessed.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema


class Entry(BaseModel):
    """One table of a rubric file: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _text_of_version(value: object) -> object:
    """A version may be written `3`, `1.2` or `"2026-1"`; it is compared and shown as text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _one_or_many(value: object) -> object:
    """A single value where a list is allowed is a list of one."""
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _day(value: object) -> object:
    """A day may be a TOML date, or text `YYYY-MM-DD` or `YYYY-MM` (surveys are often dated by month)."""
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value):
        raise ValueError(f'expected a day such as 2026-04-01, got "{value}"')
    try:
        return date.fromisoformat(value if len(value) > 7 else f"{value}-01")
    except ValueError as impossible:
        raise ValueError(f'expected a day of the calendar, got "{value}"') from impossible


def _written_as(reader: Callable[[object], object], schema: dict[str, Any]) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(reader), WithJsonSchema(schema)


_STRING = {"type": "string"}
_TEXTS = {"anyOf": [_STRING, {"type": "array", "items": _STRING}]}
_GRADES = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Name = Annotated[str, StringConstraints(min_length=1)]
Ordinal = Annotated[int, Field(ge=0, le=6)]
Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Months = Annotated[int, Field(ge=0)]
Version = Annotated[str, *_written_as(_text_of_version, {"type": ["string", "number"]})]
Day = Annotated[date, *_written_as(_day, {"type": "string", "format": "date"})]
Texts = Annotated[tuple[str, ...], *_written_as(_one_or_many, _TEXTS)]
Ranks = Annotated[tuple[int, ...], *_written_as(_one_or_many, _GRADES)]


class Scope(Entry):
    """How far a promise reaches on four axes, ordinal 0-6; an axis that is not written is not claimed."""

    reach: Ordinal | None = None
    ambiguity: Ordinal | None = None
    horizon: Ordinal | None = None
    stakes: Ordinal | None = None


class Grade(Entry):
    """A promise about scope, never about a track. `executive`: no peer on an IC track is required."""

    rank: int
    name: Name
    scope: Scope | None = None
    executive: bool = False


class Axis(Entry):
    """One axis of scope, with a text for each of the ordinals 0-6."""

    id: Id
    name: Name
    anchors: Annotated[tuple[str, ...], Field(min_length=7, max_length=7)] | None = None


class Pillar(Entry):
    """What competencies of different tracks have in common, as one question."""

    id: Id
    name: Name
    asks: str = ""


class ScalePoint(Entry):
    """One score a reviewer may give, and the sentence that anchors it."""

    value: float
    name: Name
    anchor: str = ""


class Scale(Entry):
    """The scores a reviewer may give; `no_evidence` is the code for "cannot assess" and is never a low score.

    `proficiency` holds the ordered words of a source whose expectations name a proficiency instead of a number.
    """

    id: Id
    points: tuple[ScalePoint, ...] = ()
    no_evidence: str = "NE"
    proficiency: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """The scores, lowest first."""
        return tuple(sorted(point.value for point in self.points))

    def point(self, value: float) -> ScalePoint | None:
        """The point of exactly this value, if the scale has one."""
        return next((point for point in self.points if point.value == value), None)


class Policy(Entry):
    """The organisation's numbers, each with the default that holds when it is not written."""

    pay_tolerance: NotNegative = 0.05
    stringency_warn: Annotated[float, Field(ge=1)] = 1.5
    stringency_error: Annotated[float, Field(ge=1)] = 3.0
    near_duplicate: Share = 0.6
    sustained_months: Months = 6
    min_reviewers: Annotated[int, Field(ge=1)] = 3
    appeal_days: Annotated[int, Field(ge=1)] = 15
    appeal_panel: Annotated[int, Field(ge=1, le=15)] = 3
    quorum: Share = 0.67
    majority: Share = 0.5
    tie: Literal["not_approved", "vote_again"] = "not_approved"
    margin: Annotated[float, Field(gt=0)] = 0.5
    prior_bar_mean: float = 3.0
    prior_bar_sd: Annotated[float, Field(gt=0)] = 1.0
    prior_log_slope_mean: float = 1.79
    prior_log_slope_sd: Annotated[float, Field(gt=0)] = 0.8
    deferred_cycles: Annotated[int, Field(ge=0)] = 2
    calendar: str = "none"
    manager_brief: Literal["none", "outcome", "reasons"] = "none"
    manager_brief_hours: Annotated[int, Field(ge=1, le=168)] = 24
    time_in_level_months: Months | None = None
    remind_days: Ranks = (7, 2)
    escalate_days: Annotated[int, Field(ge=1)] = 3
    referee_days: Annotated[int, Field(ge=1)] = 14
    statement_days: Annotated[int, Field(ge=1)] = 7


class Org(Entry):
    """The whole organisation file."""

    file_format: Literal["ladder/1"] = Field("ladder/1", alias="schema")
    kind: Literal["org"]
    id: Id
    version: Version | None = None
    effective: Day | None = None
    published_to: Texts = ()
    grades: tuple[Grade, ...] = Field((), alias="grade")
    axes: tuple[Axis, ...] = Field((), alias="axis")
    pillars: tuple[Pillar, ...] = Field((), alias="pillar")
    scale: Scale | None = None
    policy: Policy = Policy()

    def grade(self, rank: int) -> Grade | None:
        """The grade of this rank, if the organisation declares it."""
        return next((grade for grade in self.grades if grade.rank == rank), None)

    def pillar(self, pillar_id: str) -> Pillar | None:
        """The pillar of this id, if the organisation declares it."""
        return next((pillar for pillar in self.pillars if pillar.id == pillar_id), None)

    def axis(self, axis_id: str) -> Axis | None:
        """The scope axis of this id, if the organisation declares it."""
        return next((axis for axis in self.axes if axis.id == axis_id), None)
