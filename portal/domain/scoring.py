"""Scores to a position against the bar.

A competency's score is the mean of what its reviewers gave; the overall is the weighted mean over the competencies that
were scored, weights renormalised. Missing is missing, never zero. Everything is computed in exact fractions, so a mean
of exactly 2.7 meets a bar of 2.7, and the order of reviews cannot matter; only what is shown is a float.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from statistics import stdev
from typing import Literal

from portal.domain.ladder import Rubric, RubricCompetency

Review = Mapping[str, float | None]
"""One review: a score by competency id; None, or no entry, is "cannot assess"."""

ClauseKind = Literal["weighted_mean", "minimum_each", "must_have"]
_Asked = tuple[ClauseKind, RubricCompetency | None, float | None, Fraction | None]


@dataclass(frozen=True)
class CompetencyScore:
    """What the reviews say about one competency, in points of the scale. `sd` is the sample's, from two scores up."""

    id: str
    name: str
    pillar: str
    weight: float
    mean: float | None
    count: int
    not_assessed: int
    low: float | None
    high: float | None
    sd: float | None

    @property
    def spread(self) -> float | None:
        """Highest less lowest score; None with fewer than two, where nobody could disagree."""
        return None if self.low is None or self.high is None or self.count < 2 else self.high - self.low


@dataclass(frozen=True)
class PillarScore:
    """The weighted mean of a pillar's scored competencies, None where none was scored."""

    id: str
    name: str
    mean: float | None


@dataclass(frozen=True)
class UnmetClause:
    """One thing the bar asks and the case does not show. `got` None means nobody could assess it."""

    kind: ClauseKind
    code: str
    competency: str | None
    name: str | None
    needed: float
    got: float | None
    sentence: str


@dataclass(frozen=True)
class Position:
    """Where a case stands. `meets_bar` is None without a bar or without a single score.

    `disagreement` is the widest spread over the competencies, `disagreement_sd` the largest standard deviation.
    """

    overall: float | None
    competencies: tuple[CompetencyScore, ...]
    pillars: tuple[PillarScore, ...]
    unmet: tuple[UnmetClause, ...]
    meets_bar: bool | None
    disagreement: float | None
    disagreement_sd: float | None


def competency_scores(rubric: Rubric, reviews: Sequence[Review]) -> tuple[CompetencyScore, ...]:
    """Each competency of the rubric, in its order, with what the reviews gave it.

    Raises ValueError for a score of a competency the rubric does not have: such a review was written on another rubric.
    """
    _refuse_strangers(rubric, reviews)
    return tuple(_competency_score(line, [review.get(line.id) for review in reviews]) for line in rubric.competencies)


def overall(rubric: Rubric, means: Mapping[str, float | None]) -> float | None:
    """The weighted mean of competency means, over those that are there; None when none (or none with weight) is."""
    exact = {competency: _written(mean) for competency, mean in means.items() if mean is not None}
    return _shown(_weighted(rubric.competencies, exact))


def review_overall(rubric: Rubric, review: Review) -> float | None:
    """One review's own overall, with the rubric's weights."""
    _refuse_strangers(rubric, [review])
    return overall(rubric, review)


def position(rubric: Rubric, reviews: Sequence[Review], settled: Mapping[str, float] | None = None) -> Position:
    """Where a case stands against the bar of its rubric.

    `reviews` are the first sealed scores of the reviewers without a conflict, one mapping each; `settled` are
    competencies whose mean the committee has changed since, with the new one. Raises ValueError as `competency_scores`
    does, for a settled competency as well.
    """
    moved = settled or {}
    _refuse_strangers(rubric, [moved])
    scores = tuple(_settled(score, moved) for score in competency_scores(rubric, reviews))
    means = _means(rubric, reviews) | {competency: _written(value) for competency, value in moved.items()}
    total = _weighted(rubric.competencies, means)
    unmet = _unmet(rubric, means, total)
    return Position(
        overall=_shown(total),
        competencies=scores,
        pillars=_pillars(rubric, means),
        unmet=unmet,
        meets_bar=None if rubric.bar is None or total is None else not unmet,
        disagreement=max((score.spread for score in scores if score.spread is not None), default=None),
        disagreement_sd=max((score.sd for score in scores if score.sd is not None), default=None),
    )


def _refuse_strangers(rubric: Rubric, reviews: Sequence[Review]) -> None:
    known = {line.id for line in rubric.competencies}
    if strangers := sorted({competency for review in reviews for competency in review} - known):
        where = f'the rubric of "{rubric.level.id}" in "{rubric.family_id}"'
        raise ValueError(f"{where} has no competency {', '.join(strangers)}; score a case on the rubric it has pinned")


def _competency_score(line: RubricCompetency, given: Sequence[float | None]) -> CompetencyScore:
    scores = sorted(score for score in given if score is not None)
    return CompetencyScore(
        id=line.id,
        name=line.name,
        pillar=line.pillar.id,
        weight=line.weight,
        mean=_shown(_mean(scores)),
        count=len(scores),
        not_assessed=len(given) - len(scores),
        low=scores[0] if scores else None,
        high=scores[-1] if scores else None,
        sd=stdev(scores) if len(scores) > 1 else None,
    )


def _settled(score: CompetencyScore, moved: Mapping[str, float]) -> CompetencyScore:
    """The same competency with the mean the committee settled on; what the reviewers gave stays beside it."""
    return replace(score, mean=moved[score.id]) if score.id in moved else score


def _mean(scores: Sequence[float]) -> Fraction | None:
    return sum(map(_written, scores), Fraction()) / len(scores) if scores else None


def _means(rubric: Rubric, reviews: Sequence[Review]) -> dict[str, Fraction]:
    """The exact mean of each competency that anybody scored."""
    given = {
        line.id: [score for review in reviews if (score := review.get(line.id)) is not None]
        for line in rubric.competencies
    }
    return {competency: mean for competency, scores in given.items() if (mean := _mean(scores)) is not None}


def _weighted(lines: Sequence[RubricCompetency], means: Mapping[str, Fraction]) -> Fraction | None:
    scored = [(_written(line.weight), means[line.id]) for line in lines if line.id in means]
    weight = sum(part for part, _ in scored)
    return sum((part * mean for part, mean in scored), Fraction()) / weight if weight else None


@lru_cache(maxsize=4096)
def _written(number: float) -> Fraction:
    """The number a person wrote: 2.7 is 27/10, not the nearest binary fraction."""
    return Fraction(str(number))


def _shown(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _pillars(rubric: Rubric, means: Mapping[str, Fraction]) -> tuple[PillarScore, ...]:
    """The pillars this rubric covers, in the organisation's order, then those it does not declare."""
    covered = {line.pillar.id: line.pillar for line in rubric.competencies}
    declared = {pillar.id: pillar for pillar in rubric.pillars if pillar.id in covered}
    return tuple(
        PillarScore(pillar.id, pillar.name, _shown(_weighted(_lines_of(rubric, pillar.id), means)))
        for pillar in (declared | covered).values()
    )


def _lines_of(rubric: Rubric, pillar_id: str) -> list[RubricCompetency]:
    return [line for line in rubric.competencies if line.pillar.id == pillar_id]


def _unmet(rubric: Rubric, means: Mapping[str, Fraction], total: Fraction | None) -> tuple[UnmetClause, ...]:
    """The clauses of the bar that are not met: the whole first, then the minimum of each, then the must-haves."""
    bar = rubric.bar
    if bar is None:
        return ()
    asked: list[_Asked] = [("weighted_mean", None, bar.weighted_mean, total)]
    asked += [
        ("minimum_each", line, bar.minimum_each, means[line.id]) for line in rubric.competencies if line.id in means
    ]
    asked += [("must_have", line, line.must_have, means.get(line.id)) for line in rubric.competencies]
    return tuple(
        _clause(kind, line, needed, got)
        for kind, line, needed, got in asked
        if needed is not None and _falls_short(got, needed)
    )


def _falls_short(got: Fraction | None, needed: float) -> bool:
    return got is None or got < _written(needed)


def _clause(kind: ClauseKind, line: RubricCompetency | None, needed: float, got: Fraction | None) -> UnmetClause:
    asked = {
        "weighted_mean": f"The bar asks for a weighted mean of at least {needed:g}",
        "minimum_each": f"The bar asks for at least {needed:g} on every competency",
        "must_have": f"The bar insists on at least {needed:g}",
    }[kind]
    subject = "" if line is None else f"{line.name}: "
    found = "not assessed" if got is None else f"the reviews give {_below(got, needed)}"
    return UnmetClause(
        kind=kind,
        code=kind if line is None else f"{kind}:{line.id}",
        competency=None if line is None else line.id,
        name=None if line is None else line.name,
        needed=needed,
        got=_shown(got),
        sentence=f"{subject}{asked}; {found}.",
    )


def _below(got: Fraction, needed: float) -> str:
    """The number with as many decimals, two at least, as it takes to see that it is below what is needed."""
    for decimals in range(2, 15):
        text = f"{float(got):.{decimals}f}"
        if Fraction(text) < _written(needed):
            return text
    return f"just below {needed:g}"
