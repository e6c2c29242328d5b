"""Where one case stands: pillar by pillar, competency by competency, and each clause of the written bar in words."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.calibration.queries import changes_of, settled
from portal.cases.fragments import frame
from portal.domain.ladder import Rubric
from portal.domain.scoring import Position, position
from portal.models.case import Case
from portal.reviews.queries import sealed_scores
from portal.web.database import session
from portal.web.filters import number


@dataclass(frozen=True)
class Clause:
    """One thing the written bar asks, and whether the reviews show it."""

    code: str
    met: bool
    sentence: str


def position_page(case: Case) -> dict[str, Any]:
    head = frame(case)
    rubric: Rubric = head["rubric"]
    reviews = sealed_scores(session(), case)
    where = position(rubric, reviews, settled(changes_of(session(), [case.id]).get(case.id, ())))
    scale = rubric.scale
    return {
        **head,
        "position": where,
        "reviews": len(reviews),
        "clauses": clauses(rubric, where),
        "strip": [_strip_row(rubric, score, reviews) for score in where.competencies],
        "top": max((p.value for p in scale.points), default=4) if scale else 4,
        "sentence": _sentence(where),
        "spread": _spread(where),
    }


def _strip_row(rubric: Rubric, score: Any, reviews: list[dict[str, int | None]]) -> dict[str, Any]:
    line = rubric.competency(score.id)
    floor = rubric.bar.minimum_each if rubric.bar else None
    asked = [a for a in (line.must_have, floor) if a is not None]
    return {
        "name": score.name,
        "pillar": line.pillar.name,
        "scores": sorted((r.get(score.id) for r in reviews), key=lambda v: (v is None, v or 0)),
        "mean": score.mean,
        "low": score.low,
        "high": score.high,
        "count": score.count,
        "not_assessed": score.not_assessed,
        "spread": score.spread,
        "at_least": max(asked) if asked else None,
        "must": line.must_have is not None,
    }


def clauses(rubric: Rubric, where: Position) -> list[Clause]:
    """Every clause of the bar: the unmet in the words of the measurement, the met beside them. Empty without a bar."""
    bar = rubric.bar
    if bar is None:
        return []
    unmet = [Clause(c.code, False, _(c.sentence)) for c in where.unmet]
    missing = {c.code for c in where.unmet}
    met = []
    if bar.weighted_mean is not None and "weighted_mean" not in missing:
        sentence = _("The bar asks for a weighted mean of at least %(n)s; the reviews give %(got)s.")
        met.append(Clause("weighted_mean", True, sentence % _pair(bar.weighted_mean, where.overall)))
    if bar.minimum_each is not None and not any(c.kind == "minimum_each" for c in where.unmet):
        sentence = _("The bar asks for at least %(n)s on every competency; the lowest mean is %(got)s.")
        lowest = min((c.mean for c in where.competencies if c.mean is not None), default=None)
        met.append(Clause("minimum_each", True, sentence % _pair(bar.minimum_each, lowest)))
    for line in rubric.competencies:
        if line.must_have is not None and f"must_have:{line.id}" not in missing:
            got = next(c.mean for c in where.competencies if c.id == line.id)
            sentence = _("%(name)s: the bar insists on at least %(n)s; the reviews give %(got)s.")
            met.append(
                Clause(f"must_have:{line.id}", True, sentence % {"name": line.name, **_pair(line.must_have, got)})
            )
    return [*unmet, *met]


def _pair(needed: float, got: float | None) -> dict[str, str]:
    return {"n": f"{needed:g}", "got": number(got)}


def _sentence(where: Position) -> str:
    if where.overall is None:
        return _("Nobody has assessed this case yet, so it has no position.")
    if where.meets_bar is None:
        return _("The overall is %(got)s; this level has no written bar.", got=number(where.overall))
    if where.meets_bar:
        return _("The overall is %(got)s and every clause of the written bar is met.", got=number(where.overall))
    if len(where.unmet) == 1:
        return _("The overall is %(got)s; one clause of the written bar is not met.", got=number(where.overall))
    n = len(where.unmet)
    return _("The overall is %(got)s; %(n)s clauses of the written bar are not met.", got=number(where.overall), n=n)


def _spread(where: Position) -> str:
    if where.disagreement is None:
        return _("No competency has two scores, so nobody could disagree.")
    if where.disagreement == 0:
        return _("The reviewers give the same score on every competency.")
    widest = [c.name for c in where.competencies if c.spread == where.disagreement]
    return _(
        "Reviewers are furthest apart, by %(n)s, on: %(names)s.", n=f"{where.disagreement:g}", names=", ".join(widest)
    )
