"""Scores as words. A letter says where each pillar stood against the bar and what each unmet clause asks; it never says
a number that a reviewer gave."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from portal.domain.ladder import Rubric, RubricCompetency

CLEARLY_ABOVE = "clearly above the bar"
AT = "at the bar"
BELOW = "below the bar"
NOT_ASSESSED = "could not be assessed"
SIGNS = {CLEARLY_ABOVE: "above", AT: "at", BELOW: "below", NOT_ASSESSED: "none"}
_CLEARLY = Fraction(1, 2)  # of a rubric point over the mean that the bar asks for
_SIGNALS = 2


def pillar_words(rubric: Rubric, position: Mapping[str, Any]) -> list[dict[str, str]]:
    """[{"pillar", "words", "sign"}] in the position's order; the sign is "above", "at", "below" or "none".

    A bar has clauses about competencies and about the whole, none about a pillar; so a pillar is below the bar when a
    clause about one of its competencies is unmet, or when the clause about the whole is unmet and the pillar's mean
    lies under what that clause asks. Nothing else makes it so: a case that met the bar has no pillar below it."""
    means = {row["id"]: row["mean"] for row in position["pillars"]}
    known = {pillar.id: pillar for pillar in rubric.pillars}
    rows = [(known[id_], _pillar(rubric, position, id_, mean)) for id_, mean in means.items() if id_ in known]
    return [{"pillar": p.name, "words": words, "sign": SIGNS[words]} for p, words in rows]


def _pillar(rubric: Rubric, position: Mapping[str, Any], pillar: str, mean: float | None) -> str:
    if mean is None:
        return NOT_ASSESSED
    unmet = position["unmet"]
    mine = {line.id for line in rubric.competencies if line.pillar.id == pillar}
    if any(clause["competency"] in mine for clause in unmet):
        return BELOW
    asked = rubric.bar.weighted_mean if rubric.bar else None
    if asked is None:
        return AT
    if any(clause["code"] == "weighted_mean" for clause in unmet) and _exact(mean) < _exact(asked):
        return BELOW
    return CLEARLY_ABOVE if _exact(mean) >= _exact(asked) + _CLEARLY else AT


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


def clause_words(
    rubric: Rubric, clauses: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, str]]
) -> list[Any]:
    """Each unmet clause as {"code", "title", "says", "expectation", "would_meet": […]}: what the bar asks, the target
    level's own sentence, and what evidence would meet it."""
    return [_clause(rubric, clause, results) for clause in clauses]


def _clause(rubric: Rubric, clause: Mapping[str, Any], results: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    if clause["competency"] is None:
        return _whole(clause, results)
    line = rubric.competency(clause["competency"])
    asked = _point(rubric, clause["needed"])
    says = f"{_lead(clause)} It asks for “{asked[0]}”. {_found(clause)}"
    return {
        "code": clause["code"],
        "title": line.name,
        "says": says,
        "expectation": line.expectation.text if line.expectation else line.about,
        "would_meet": [*_signals(line), *([asked[1]] if asked[1] else [])],
    }


def _lead(clause: Mapping[str, Any]) -> str:
    if clause["code"].startswith("must_have"):
        return "The bar insists on this; strength elsewhere does not make up for it."
    return "The bar sets a minimum for every competency."


def _found(clause: Mapping[str, Any]) -> str:
    if clause["got"] is None:
        return "The evidence did not allow anyone to assess it."
    return "The evidence did not reach that."


def _whole(clause: Mapping[str, Any], results: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    below = [row["pillar"] for row in results if row["words"] == BELOW]
    return {
        "code": clause["code"],
        "title": "The evidence as a whole",
        "says": "The bar also looks at all competencies together, each by its weight. Together they did not reach it.",
        "expectation": "",
        "would_meet": [f"Stronger evidence on {_listed(below)}."] if below else [],
    }


def _signals(line: RubricCompetency) -> list[str]:
    return list(line.expectation.signals[:_SIGNALS]) if line.expectation else []


def _point(rubric: Rubric, needed: float) -> tuple[str, str]:
    """The name and the anchor of the lowest point of the scale that satisfies the clause."""
    points = sorted(rubric.scale.points, key=lambda p: p.value) if rubric.scale else []
    found = next((p for p in points if p.value >= needed), None)
    return (found.name, found.anchor) if found else ("the level of the bar", "")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def cut(text: str, longest: int = 360) -> str:
    """A text of at most so many characters, ended at a word with an ellipsis when it is longer."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(",;:. ") + "…"
