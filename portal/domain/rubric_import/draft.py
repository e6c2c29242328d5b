"""A ladder as a source tells it: levels, competencies and what is expected where, with None for what was not said.

Every source comes down to this one shape; `portal.domain.rubric_import.compose` turns it into rubric files.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from portal.domain.ladder_tables import CompetencyKind, TrackKind

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Cell:
    """What is expected of one competency at one level."""

    text: str
    id: str | None = None
    signals: tuple[str, ...] = ()
    proficiency: str | None = None


@dataclass(frozen=True)
class DraftLevel:
    """A level; `said` tells whether the source, or the person who imports, named its kind of track."""

    id: str
    title: str
    kind: TrackKind
    said: bool


@dataclass(frozen=True)
class DraftCompetency:
    """A row of the matrix: `cells` by level id, on whichever tracks those levels stand."""

    id: str
    name: str
    cells: Mapping[str, Cell]
    pillar: str | None = None
    about: str = ""
    kind: CompetencyKind | None = None
    weight: float | None = None


@dataclass(frozen=True)
class DraftFamily:
    """One family; `peers` are pairs of level ids (IC first) with what they have in common in the source."""

    id: str
    name: str
    source: str
    levels: tuple[DraftLevel, ...]
    competencies: tuple[DraftCompetency, ...]
    peers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Draft:
    """Everything one import brings: pillars as name by id, proficiency words from the lowest up."""

    org_id: str
    pillars: Mapping[str, str]
    families: tuple[DraftFamily, ...]
    proficiency: tuple[str, ...] = ()


def identifier(name: str) -> str:
    """An id made of a name: lower case, words joined by hyphens; "" where the name has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))
