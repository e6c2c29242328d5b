"""The tables of a family file: tracks, levels, competencies, expectations, bars, bands, switches, processes, claims.

Each class is the shape of one table, as written; `portal.domain.ladder` puts them together and answers questions.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from portal.domain.ladder_org import Day, Entry, Id, Months, Name, NotNegative, Ranks, Scope, Texts, Version

TrackKind = Literal["ic", "manager", "lead", "advisor"]
CompetencyKind = Literal["functional", "human", "leadership", "people-management"]
ImpactMode = Literal["cross-team-technical", "mentoring", "strategic-decisions", "cross-functional-influence"]
ClaimStatus = Literal["adopted", "disputed", "not-peers"]


def _contract(value: object) -> object:
    """A contract is described in words; `true` says that there is one."""
    return {True: "yes", False: ""}[value] if isinstance(value, bool) else value


def _proficiency(value: object) -> object:
    """A proficiency is an ordinal 0-4 or a word of the scale; both are kept as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= 4:
            raise ValueError("expected an ordinal from 0 to 4, or a word of [scale].proficiency")
        return str(value)
    return value


Contract = Annotated[str, BeforeValidator(_contract), WithJsonSchema({"type": ["string", "boolean"]})]
_ORDINAL_OR_WORD = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 4}, {"type": "string"}]}
Proficiency = Annotated[str, BeforeValidator(_proficiency), WithJsonSchema(_ORDINAL_OR_WORD)]


class Track(Entry):
    """A way up (or beside): `ic`, `manager`, `lead` (leads people's work without reports) or `advisor`."""

    id: Id
    kind: TrackKind
    name: Name
    support: Texts = ()


class Split(Entry):
    """How the working time divides, in percent: people, craft, organisation."""

    people: NotNegative
    craft: NotNegative
    org: NotNegative


class Level(Entry):
    """A rung. Without a grade it has no peers; an advisor names grades its scope is like instead."""

    id: Id
    track: Id
    title: Name
    grade: int | None = None
    scope_like_grade: Ranks = ()
    split: Split | None = None
    reports: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    feeder: bool = False
    may_stay: bool = False
    first_line: bool = False
    scope: Scope | None = None
    contract: Contract = ""
    owns_operations: bool = False

    @model_validator(mode="after")
    def _reports_in_order(self) -> "Level":
        if self.reports is not None and self.reports[0] > self.reports[1]:
            raise ValueError(f"reports: expected [fewest, most], got {list(self.reports)}")
        return self


class Competency(Entry):
    """What one track is scored on; weights are percent of the track's score."""

    id: Id
    track: Id
    pillar: Id
    kind: CompetencyKind
    weight: NotNegative
    name: Name
    about: str = ""
    covers: tuple[ImpactMode, ...] = ()


class Expectation(Entry):
    """What can be observed of one competency at one level."""

    id: Id
    competency: Id
    level: Id
    text: str = ""
    signals: Texts = ()
    counter_signals: Texts = ()
    proficiency: Proficiency | None = None


class MustHave(Entry):
    """A competency no strength elsewhere makes up for."""

    competency: Id
    at_least: float


class Bar(Entry):
    """What a case must reach to enter the levels it applies to; a clause that is not written is not asked."""

    track: Id
    applies_to: Annotated[tuple[Id, ...], Field(min_length=1)]
    weighted_mean: float | None = None
    minimum_each: float | None = None
    must_have: tuple[MustHave, ...] = ()

    def at_least(self, competency_id: str) -> float | None:
        """The score this bar demands of a must-have competency; None where it is not one."""
        return next((must.at_least for must in self.must_have if must.competency == competency_id), None)


class Percentiles(Entry):
    """Base pay of a survey, in the band's currency per year."""

    p25: NotNegative | None = None
    p50: NotNegative | None = None
    p75: NotNegative | None = None
    p90: NotNegative | None = None


class Band(Entry):
    """Pay of a level and the survey it was read from, so that like is compared with like."""

    level: Id
    currency: str | None = None
    source: str | None = None
    surveyed: Day | None = None
    region: str | None = None
    base: Percentiles = Percentiles()
    bonus_target: NotNegative | None = None
    equity_p50: NotNegative | None = None


class Switch(Entry):
    """A crossing from one level to another: its trial, its way home, and which pillars are carried or assessed."""

    from_level: Id = Field(alias="from")
    to_level: Id = Field(alias="to")
    trial_months: Months | None = None
    return_months: Months | None = None
    carries: tuple[Id, ...] = ()
    assesses: tuple[Id, ...] = ()
    kind: str = ""


class Process(Entry):
    """What a kind of case asks of a candidate on one track."""

    case_type: Name
    track: Id
    steps: Texts = ()
    needs_vacancy: bool | None = None
    interviews: Annotated[int, Field(ge=0)] | None = None


class PeerClaim(Entry):
    """Somebody's statement about which levels are peers, with its source."""

    levels: Annotated[tuple[Id, ...], Field(min_length=2)]
    source: str = ""
    status: ClaimStatus = "adopted"


class FamilyTables(Entry):
    """Everything a family file holds except the organisation it belongs to."""

    file_format: Literal["ladder/1"] = Field("ladder/1", alias="schema")
    kind: Literal["family"]
    id: Id
    name: Name
    version: Version | None = None
    tracks: tuple[Track, ...] = Field((), alias="track")
    levels: tuple[Level, ...] = Field((), alias="level")
    competencies: tuple[Competency, ...] = Field((), alias="competency")
    expectations: tuple[Expectation, ...] = Field((), alias="expectation")
    bars: tuple[Bar, ...] = Field((), alias="bar")
    bands: tuple[Band, ...] = Field((), alias="band")
    switches: tuple[Switch, ...] = Field((), alias="switch")
    processes: tuple[Process, ...] = Field((), alias="process")
    peer_claims: tuple[PeerClaim, ...] = Field((), alias="peer_claim")


class FamilyFile(FamilyTables):
    """The whole family file, as written: the organisation by its id."""

    org: Id
