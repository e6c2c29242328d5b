"""Scores as words. A letter says where each pillar stood against the bar and what each unmet clause asks; it never says
a number that a reviewer gave."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from portal.domain.ladder import Rubric, RubricCompetency
from portal.letters.language import FIRST, phrases

ABOVE, AT, BELOW, NOT_ASSESSED = "above", "at", "below", "none"
_CLEARLY = Fraction(1, 2)  # of a rubric point over the mean that the bar asks for
_SIGNALS = 2


def pillar_words(rubric: Rubric, position: Mapping[str, Any], language: str = FIRST) -> list[dict[str, str]]:
    """[{"pillar", "words", "sign"}] in the position's order; the sign is "above", "at", "below" or "none".

    A bar has clauses about competencies and about the whole, none about a pillar; so a pillar is below the bar when a
    clause about one of its competencies is unmet, or when the clause about the whole is unmet and the pillar's mean
    lies under what that clause asks. Nothing else makes it so: a case that met the bar has no pillar below it."""
    means = {row["id"]: row["mean"] for row in position["pillars"]}
    known = {pillar.id: pillar for pillar in rubric.pillars}
    rows = [(known[id_], _pillar(rubric, position, id_, mean)) for id_, mean in means.items() if id_ in known]
    said = phrases(language)["pillar"]
    return [{"pillar": p.name, "words": said[sign], "sign": sign} for p, sign in rows]


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
    return ABOVE if _exact(mean) >= _exact(asked) + _CLEARLY else AT


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


def clause_words(
    rubric: Rubric, clauses: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, str]], language: str = FIRST
) -> list[Any]:
    """Each unmet clause as {"code", "title", "says", "expectation", "would_meet": […]}: what the bar asks, the target
    level's own sentence, what evidence would meet it. What holds for several clauses is explained with the first."""
    explained: set[str] = set()
    return [_clause(rubric, clause, results, language, explained) for clause in clauses]


def _clause(
    rubric: Rubric,
    clause: Mapping[str, Any],
    results: Sequence[Mapping[str, str]],
    language: str,
    explained: set[str],
) -> dict[str, Any]:
    if clause["competency"] is None:
        return _whole(clause, results, language)
    line = rubric.competency(clause["competency"])
    return {
        "code": clause["code"],
        "title": line.name,
        "says": _says(rubric, clause, language, explained),
        "expectation": line.expectation.text if line.expectation else line.about,
        "would_meet": _signals(line) or [line.expectation.text if line.expectation else line.about],
    }


def _says(rubric: Rubric, clause: Mapping[str, Any], language: str, explained: set[str]) -> str:
    """Why it counts, what is asked, what was missing; why and what the scale means only once in a letter."""
    said = phrases(language)["clause"]
    name, anchor = _point(rubric, clause["needed"])
    lead = "must_have" if clause["code"].startswith("must_have") else "minimum_each"
    asks = "asks" if anchor and name not in explained else "asks_too"
    why = said[f"{lead}_too" if lead in explained else lead]
    explained |= {lead, name}
    found = said["not_assessed" if clause["got"] is None else "not_reached"]
    return f"{why} {said[asks].format(point=name or said['point'], anchor=anchor)} {found}"


def _whole(clause: Mapping[str, Any], results: Sequence[Mapping[str, str]], language: str) -> dict[str, Any]:
    said = phrases(language)["clause"]
    below = [row["pillar"] for row in results if row["sign"] == BELOW]
    return {
        "code": clause["code"],
        "title": said["whole_title"],
        "says": said["whole"],
        "expectation": "",
        "would_meet": [said["stronger"].format(pillars=_listed(below, language))] if below else [],
    }


def _signals(line: RubricCompetency) -> list[str]:
    return list(line.expectation.signals[:_SIGNALS]) if line.expectation else []


def _point(rubric: Rubric, needed: float) -> tuple[str, str]:
    """The name and the anchor of the lowest point of the scale that satisfies the clause."""
    points = sorted(rubric.scale.points, key=lambda p: p.value) if rubric.scale else []
    found = next((p for p in points if p.value >= needed), None)
    return (found.name, found.anchor) if found else ("", "")


def _listed(names: Sequence[str], language: str) -> str:
    last = phrases(language)["and"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{last}{names[-1]}"


def cut(text: str, longest: int = 360) -> str:
    """A text of at most so many characters, ended at a word with an ellipsis when it is longer."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(",;:. ") + "…"
