"""Anchor packets: the list for those who keep them, the form that writes one, the form that scores one, and how far
one's scores were from what was agreed."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases.queries import family_of
from portal.cycles.fragments import frame
from portal.domain.rubric_files import read_pinned
from portal.models.anchor import AnchorPacket, AnchorReview, AnchorState
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.reviews import queries
from portal.reviews.forms import AnchorForm, ReviewForm, anchor_form, choice_of, rationale_of, review_form
from portal.reviews.fragments.writing import points_of
from portal.reviews.policy import Asked
from portal.web.database import session
from portal.web.prose import prose


@dataclass(frozen=True)
class Distance:
    """One competency of a sealed anchor review: both scores as points of the scale, and how far apart they are."""

    name: str
    agreed: int
    mine: int | None
    why: str

    @property
    def apart(self) -> int | None:
        return None if self.mine is None else self.mine - self.agreed


def anchor_list(actor: Person, cycle: Cycle) -> dict[str, Any]:
    lines = queries.anchors_of(session(), cycle, actor)
    finished = queries.to_copy(session(), actor)
    return {
        **frame(cycle, now()),
        "lines": lines,
        "levels": {line.anchor.id: _level(line.anchor) for line in lines},
        "finished": [(case, family_of(case).level(case.to_level_id).title) for case in finished],
    }


def _level(anchor: AnchorPacket) -> str:
    return queries.anchor_family(anchor).level(anchor.level_id).title


def places(cycle: Cycle) -> list[tuple[str, str]]:
    """Every graded level of the cycle's ladders."""
    families = [read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text) for pin in cycle.pins]
    return [
        (
            f"{family.id}/{level.id}",
            _("%(family)s: %(level)s, grade %(n)s", family=family.name, level=level.title, n=level.grade),
        )
        for family in families
        for level in family.levels
        if level.grade is not None
    ]


def new_anchor(cycle: Cycle, form: AnchorForm, left: list[str] | None = None) -> dict[str, Any]:
    form.place.choices = places(cycle)
    return {**frame(cycle, now()), "form": form, "anchor": None, "blocks": (), "left": left or [], "preview": ""}


def one_anchor(anchor: AnchorPacket, form: AnchorForm | None = None) -> dict[str, Any]:
    """A packet as its keeper sees it: to write while it is a draft, to read afterwards."""
    rubric = queries.anchor_rubric(anchor)
    text = str(anchor.content["text"])
    form = form or anchor_form(rubric, formdata=None, data=_filled(anchor))
    return {
        **frame(anchor.cycle, now()),
        "anchor": anchor,
        "form": form,
        "rubric": rubric,
        "level": _level(anchor),
        "blocks": [(line, form[choice_of(line.id)], form[rationale_of(line.id)]) for line in rubric.competencies],
        "points": points_of(rubric),
        "agreed": {row.competency_id: row for row in anchor.agreed},
        "left": queries.names_left(session(), text),
        "preview": prose(text),
        "is_draft": anchor.state is AnchorState.DRAFT,
    }


def _filled(anchor: AnchorPacket) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": anchor.title,
        "text": anchor.content["text"],
        "comes_first": anchor.comes_first,
        "version": anchor.version,
    }
    for row in anchor.agreed:
        data |= {choice_of(row.competency_id): str(row.value), rationale_of(row.competency_id): row.why}
    return data


def scoring_anchor(asked: Asked, form: ReviewForm | None = None) -> dict[str, Any]:
    """The packet beside its form; once sealed, beside what was agreed."""
    anchor, review = asked.anchor, asked.review
    rubric = queries.anchor_rubric(anchor)
    form = form or review_form(rubric, [], formdata=None, data=_scored(review))
    sealed = review is not None and review.sealed_at is not None
    rows = _distances(asked) if sealed else []
    return {
        "anchor": anchor,
        "rubric": rubric,
        "form": form,
        "text": prose(str(anchor.content["text"])),
        "blocks": [_block(form, line, points_of(rubric)) for line in rubric.competencies],
        "sealed": sealed,
        "is_open": anchor.state is AnchorState.OPEN,
        "distances": rows,
        "sentence": _sentence(rows),
        "names": {point["value"]: point["name"] for point in points_of(rubric)},
    }


def _block(form: ReviewForm, line: Any, points: list[dict[str, Any]]) -> dict[str, Any]:
    options = list(form[choice_of(line.id)])
    return {
        "line": line,
        "score": form[choice_of(line.id)],
        "points": list(zip(options, points, strict=False)),
        "no_score": options[len(points) :],
        "why": form[rationale_of(line.id)],
        "cites": (),
        "other_cites": (),
    }


def _scored(review: AnchorReview | None) -> dict[str, Any]:
    data: dict[str, Any] = {"version": review.version if review else 0}
    for row in review.scores if review else ():
        given = row.no_score.value if row.no_score else ("" if row.value is None else str(row.value))
        data |= {choice_of(row.competency_id): given, rationale_of(row.competency_id): row.rationale}
    return data


def _distances(asked: Asked) -> list[Distance]:
    mine = {row.competency_id: row.value for row in asked.review.scores} if asked.review else {}
    agreed = {row.competency_id: row for row in asked.anchor.agreed}
    lines = queries.anchor_rubric(asked.anchor).competencies
    found = [(line, agreed[line.id]) for line in lines if line.id in agreed]
    return [Distance(line.name, row.value, mine.get(line.id), row.why) for line, row in found]


def _sentence(rows: list[Distance]) -> str:
    """How far one was on the whole, in words."""
    apart = [row.apart for row in rows if row.apart is not None]
    if not apart:
        return str(_("You gave no scores that could be compared."))
    mean = sum(apart) / len(apart)
    same = sum(not value for value in apart)
    if abs(mean) < 0.05:
        way = _("On the whole you scored as was agreed.")
    elif mean > 0:
        way = _("On the whole you scored %(n)s points higher than was agreed.", n=f"{mean:.1f}")
    else:
        way = _("On the whole you scored %(n)s points lower than was agreed.", n=f"{-mean:.1f}")
    return f"{way} {_('The same on %(n)s of %(all)s competencies.', n=same, all=len(apart))}"
