"""Which competency has what: rows of evidence, how many of them can be looked up, when it was, and what a careful
colleague would ask about it. Questions only; nothing here closes a step."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.domain.case_flow import Reason
from portal.domain.ladder import Rubric, RubricCompetency

STALE_YEARS = 2
ALIKE = 0.8
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_WORD = re.compile(r"\w{3,}")
REPEATED = 3  # from this point of the scale on, once is not enough: “twice or more, unaided”


@dataclass(frozen=True)
class Row:
    """A row of evidence as the matrix reads it. `files` are the hashes of what is attached."""

    id: str
    competency: str
    claim: str
    period: str
    link: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Covered:
    """One line of the matrix. `shown` counts the rows with a link or a file; `periods` in the order of the rows."""

    line: RubricCompetency
    rows: int
    shown: int
    periods: tuple[str, ...]
    value: float | None
    hints: tuple[Reason, ...]

    @property
    def bare(self) -> bool:
        return not self.rows

    @property
    def must_have(self) -> bool:
        return self.line.must_have is not None


def coverage(
    rubric: Rubric, rows: Sequence[Row], assessed: Mapping[str, float | None], year: int
) -> tuple[Covered, ...]:
    """A line for each competency of the target level, in the rubric's order. `year`: when the cycle opened."""
    names = {line.id: line.name for line in rubric.competencies}
    twins = _twins(rows)
    return tuple(_covered(line, rows, assessed.get(line.id), year, names, twins) for line in rubric.competencies)


def _covered(
    line: RubricCompetency,
    rows: Sequence[Row],
    value: float | None,
    year: int,
    names: Mapping[str, str],
    twins: Mapping[str, Row],
) -> Covered:
    own = [row for row in rows if row.competency == line.id]
    found = (_below_the_bar(line, value), _once_only(own, value), *_stale(own, year), *_doubled(own, names, twins))
    return Covered(
        line=line,
        rows=len(own),
        shown=sum(bool(row.link or row.files) for row in own),
        periods=tuple(row.period for row in own),
        value=value,
        hints=tuple(hint for hint in found if hint),
    )


def _below_the_bar(line: RubricCompetency, value: float | None) -> Reason | None:
    if value is None or line.must_have is None or value >= line.must_have:
        return None
    values = (("value", f"{value:g}"), ("asked", f"{line.must_have:g}"))
    return Reason("below_bar", "You place yourself at %(value)s; the bar of this level asks for %(asked)s.", values)


def _once_only(own: Sequence[Row], value: float | None) -> Reason | None:
    if value is None or value < REPEATED or len(own) > 1:
        return None
    sentence = "You place yourself at %(value)s, which means more than once, with %(rows)s of evidence."
    return Reason("once_only", sentence, (("value", f"{value:g}"), ("rows", "one row" if own else "no row")))


def _stale(own: Sequence[Row], year: int) -> tuple[Reason | None, ...]:
    years = [int(found) for row in own for found in _YEAR.findall(row.period)]
    undated = next((row for row in own if not _YEAR.search(row.period)), None)
    newest = max(years, default=year)
    old = Reason("stale", "The newest of this is of %(year)s. Is there anything since?", (("year", str(newest)),))
    return (
        old if not undated and newest < year - STALE_YEARS else None,
        Reason("undated", "“%(period)s”: in which year was it?", (("period", undated.period),)) if undated else None,
    )


def _doubled(own: Sequence[Row], names: Mapping[str, str], twins: Mapping[str, Row]) -> tuple[Reason, ...]:
    sentence = "A row here says or shows much the same as one for %(name)s. Two different ones would weigh more."
    others = dict.fromkeys(names[twins[row.id].competency] for row in own if row.id in twins)
    return tuple(Reason("doubled", sentence, (("name", name),)) for name in others)


def _twins(rows: Sequence[Row]) -> dict[str, Row]:
    """For a row that repeats an earlier one, that one."""
    found: dict[str, Row] = {}
    for number, row in enumerate(rows):
        twin = next((other for other in rows[:number] if _alike(row, other)), None)
        if twin:
            found[row.id] = twin
    return found


def _alike(one: Row, other: Row) -> bool:
    if set(one.files) & set(other.files) or (one.link and one.link == other.link):
        return True
    mine, theirs = (set(_WORD.findall(row.claim.lower())) for row in (one, other))
    return bool(mine) and len(mine & theirs) / len(mine | theirs) >= ALIKE
