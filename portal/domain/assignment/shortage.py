"""What stands in the way, in words: which cases lack whom, what rules out those who could, and what would help."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from portal.domain.assignment.links import Link, Stratum
from portal.domain.assignment.problem import Bools, Ints, Problem

NAMES = {"ic": "IC", "manager": "manager", "lead": "lead", "advisor": "advisor"}
_MOST_REASONS = 4


class Shortage(NamedTuple):
    """One thing that could not be had: a sentence, what would help, and the cases it is about. `anchor` tells that an
    anchor packet for this family and grade would do."""

    sentence: str
    remedy: str
    cases: tuple[str, ...]
    anchor: tuple[str, int] | None = None


def empty_seats(problem: Problem, chosen: Bools) -> list[Shortage]:
    """Cases that lack reviewers, each with what rules out those who stand high enough."""
    missing = problem.need - chosen.sum(axis=1)
    crossing = problem.crosses | (chosen & problem.other).any(axis=1)
    load = problem.load + chosen.sum(axis=0)
    return [
        _empty(problem, int(at), int(missing[at]), bool(crossing[at]), chosen, load) for at in np.flatnonzero(missing)
    ]


def _empty(problem: Problem, at: int, missing: int, crossing: bool, chosen: Bools, load: Ints) -> Shortage:
    case = problem.cases[at]
    high = np.array([r.grade >= case.grade - 1 for r in problem.reviewers], dtype=np.bool_)
    asked = problem.held[at] | chosen[at]
    could = high & ~asked & (problem.other[at] if not crossing else np.ones_like(high))
    whom = "reviewer from another track" if not crossing else _count(missing, "reviewer")
    people = "people of another track" if not crossing else "people"
    why = _why(problem, at, could, load)
    where = f"{case.label} (grade {case.grade}) lacks {'a ' if not crossing else ''}{whom}"
    if not could.any():
        return Shortage(
            f"{where}: no {people} at grade {case.grade - 1} or above are left to ask.",
            f"Widen who may be asked: more people at grade {case.grade - 1} or above.",
            (case.id,),
        )
    sentence = f"{where}: of {_count(int(could.sum()), people)} at grade {case.grade - 1} or above {why}."
    return Shortage(sentence, _remedy(problem, at, could, load), (case.id,))


def _why(problem: Problem, at: int, could: Bools, load: Ints) -> str:
    """Counts by reason, the most frequent first."""
    counted = Counter(problem.reasons[n - 1].rstrip(".") for n in problem.bar[at][could & (problem.bar[at] > 0)])
    parts = [f"{n} cannot ({reason[:1].lower()}{reason[1:]})" for reason, n in counted.most_common(_MOST_REASONS)]
    if rest := sum(n for _, n in counted.most_common()[_MOST_REASONS:]):
        parts.append(f"{rest} cannot for other reasons")
    if full := int((could & (problem.bar[at] == 0) & (load >= problem.bounds.most)).sum()):
        parts.append(f"{full} already {'has' if full == 1 else 'have'} {problem.bounds.most} reviews, the most allowed")
    return "; ".join(parts) or "none could be fitted in beside the other cases"


def _remedy(problem: Problem, at: int, could: Bools, load: Ints) -> str:
    full = could & (problem.bar[at] == 0) & (load >= problem.bounds.most)
    if full.any():
        names = _names([problem.reviewers[int(r)].name for r in np.flatnonzero(full)])
        return f"Allow {problem.bounds.most + 1} reviews each ({names} could then be asked), or widen who may be asked."
    return "Widen who may be asked, or check whether a recorded conflict still holds."


def loose(problem: Problem, stratum: Stratum, found: Link, title: str) -> Shortage:
    """A stratum whose tracks no assignment ties together; `title` names it."""
    first, second = (NAMES[track] for track in stratum.tracks)
    able = _bridging(problem, stratum)
    who = _names([problem.reviewers[r].name for r in able])
    if not able:
        cause = f"nobody may review both {first} and {second} cases"
    elif found.components > 1:
        cause = (
            f"its cases fall into {found.components} groups that share no reviewer; only {who} may review both tracks"
        )
    else:
        cause = f"{_count(found.bridges, 'person', 'people')} would review both tracks; only {who} may"
    remedy = "Have everybody there score one anchor packet first, or widen who may be asked."
    ids = tuple(problem.cases[at].id for at in stratum.cases)
    return Shortage(f"At {title} the tracks cannot be tied together: {cause}.", remedy, ids, stratum.place)


def _bridging(problem: Problem, stratum: Stratum) -> list[int]:
    """People who may review, or do review, cases of both tracks."""
    able = (problem.free & (problem.room > 0)[None, :]) | problem.held
    sides = [able[stratum.cases[side]].any(axis=0) for side in (stratum.second, ~stratum.second)]
    return [int(r) for r in np.flatnonzero(sides[0] & sides[1])]


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one}" if n == 1 or one.startswith("people") else f"{n} {many or one + 's'}"
