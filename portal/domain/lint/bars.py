"""Rules on the bars as written: equally strict at a grade, none dominated, scope as the grade promises (P3).

These are the rules whose `unknown` forbids a claim that two bars are equivalent.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fractions import Fraction

from portal.domain.ladder import Bar, Family, Level, Scope
from portal.domain.lint.finding import Finding, Rule, Said
from portal.domain.lint.strictness import STRENGTHS, Stringency, strictness_ratio, stringency
from portal.domain.lint.subjects import levels_of, listed, pair, peer_pairs, plain, written

BAR_RULES = frozenset({"LL30", "LL31", "LL32", "LL33"})
_NO_PEERS = "no peers are declared, so no bars can be compared"


def bar_unknowns(findings: Iterable[Finding], level_ids: Collection[str] | None = None) -> tuple[Finding, ...]:
    """The findings that forbid a claim of equivalence: an `unknown` of a rule on the written bars.

    `level_ids` narrows to the subjects made of these levels only (a grade's, say); a finding on the whole family always
    counts. None takes all.
    """
    unknown = [found for found in findings if found.rule in BAR_RULES and found.status == "unknown"]
    if level_ids is None:
        return tuple(unknown)
    wanted = set(level_ids)
    families = {found.subject for found in unknown if found.detail == _NO_PEERS}
    return tuple(found for found in unknown if found.subject in families or set(found.subject.split("|")) <= wanted)


def _over_pairs(family: Family, say: Callable[[Level, Level], Said]) -> Iterator[Said]:
    pairs = peer_pairs(family)
    if not pairs:
        yield "unknown", family.id, _NO_PEERS
    for first, second in pairs:
        yield say(first, second)


def _ll30(family: Family) -> Iterator[Said]:
    def say(first: Level, second: Level) -> Said:
        one, other = stringency(family, first.id), stringency(family, second.id)
        if one is None or other is None:
            missing = listed(level.id for level, found in ((first, one), (second, other)) if found is None)
            return "unknown", pair(first, second), f"no bar, no scale or no weights to compute with for {missing}"
        return _compared(family, first, second, one, other)

    yield from _over_pairs(family, say)


def _compared(family: Family, first: Level, second: Level, one: Stringency, other: Stringency) -> Said:
    subject, (ratio, strength) = pair(first, second), strictness_ratio(one, other)
    shares = f"{float(one.share):.2%} and {float(other.share):.2%} of all score vectors clear the bars"
    at = "over all score vectors" if strength is None else f"for a candidate of strength {plain(strength)}"
    if one.share == 0 and other.share == 0:
        return "fail", subject, "neither bar can be cleared on this scale"
    if ratio is None:
        return "fail", subject, f"{shares}: one of them can never be cleared"
    policy = family.org.policy
    detail = f"{shares}; widest ratio {float(ratio):.2f} {at}"
    if ratio > written(policy.stringency_error):
        return "fail", subject, f"{detail}, more than {policy.stringency_error:g}"
    if ratio > written(policy.stringency_warn):
        return "warn", subject, f"{detail}, more than {policy.stringency_warn:g}"
    return "pass", subject, detail


Demands = Mapping[tuple[str, str], Fraction | None]
"""What a level demands, by (pillar, kind of demand); None where nothing is demanded."""


def _ll31(family: Family) -> Iterator[Said]:
    def say(first: Level, second: Level) -> Said:
        one, other = _demands(family, first), _demands(family, second)
        comparable = sorted(one.keys() & other.keys())
        if not any(pillar for pillar, _ in comparable):
            return "unknown", pair(first, second), "no bars and no proficiencies to compare on a shared pillar"
        return _dominance(first, second, [(key[0], one[key], other[key]) for key in comparable])

    yield from _over_pairs(family, say)


_Compared = tuple[str, Fraction | None, Fraction | None]


def _dominance(first: Level, second: Level, both: list[_Compared]) -> Said:
    """Who asks for more where; `both` holds (pillar, demand of the first, demand of the second), "" for the whole."""
    pillars = {pillar for pillar, _, _ in both if pillar}
    first_more = {pillar for pillar, one, other in both if _above(one, other)}
    second_more = {pillar for pillar, one, other in both if _above(other, one)}
    for level, more, less in ((first, first_more, second_more), (second, second_more, first_more)):
        if more and not less:
            where = listed(pillar or "the weighted mean" for pillar in sorted(more))
            count = f"{len(more & pillars)} of {len(pillars)} pillars"
            return "fail", pair(first, second), f"{level.title} asks for more on {count} and less on none: {where}"
    return "pass", pair(first, second), "neither bar dominates the other on the shared pillars"


def _above(one: Fraction | None, other: Fraction | None) -> bool:
    return one is not None and (other is None or one > other)


def _demands(family: Family, level: Level) -> Demands:
    """What a level demands on each pillar, by its bar and by its proficiencies, and the weighted mean under no pillar.

    A bar that is not written demands nothing that could be compared, so its keys are absent; a clause that a written
    bar leaves out is a demand of nothing. Several competencies of a pillar: highest must-have, mean proficiency.
    """
    pillars = {entry.pillar for entry in family.competencies_of(level.track)}
    demands: dict[tuple[str, str], Fraction | None] = {}
    for pillar in sorted(pillars):
        proficiency = _proficiency(family, level, pillar)
        if proficiency is not None:
            demands[pillar, "proficiency"] = proficiency
    bar = family.bar_for(level.id)
    if bar is not None:
        demands["", "weighted mean"] = _or_none(bar.weighted_mean)
        for pillar in sorted(pillars):
            demands[pillar, "floor"] = _floor(family, bar, pillar)
    return demands


def _or_none(number: float | None) -> Fraction | None:
    return None if number is None else written(number)


def _floor(family: Family, bar: Bar, pillar: str) -> Fraction | None:
    """The least score a bar lets pass on a pillar, by a must-have there or by the minimum of each."""
    musts = [must.at_least for must in bar.must_have if family.competency(must.competency).pillar == pillar]
    floors = [*musts, *([] if bar.minimum_each is None else [bar.minimum_each])]
    return max(map(written, floors), default=None)


def _proficiency(family: Family, level: Level, pillar: str) -> Fraction | None:
    """The mean proficiency a level expects on a pillar; None unless each of its competencies has one in the scale."""
    mine = [entry for entry in family.competencies_of(level.track) if entry.pillar == pillar]
    ranks = [_rank(family, entry.id, level.id) for entry in mine]
    known = [rank for rank in ranks if rank is not None]
    return Fraction(sum(known), len(known)) if known and len(known) == len(ranks) else None


def _rank(family: Family, competency_id: str, level_id: str) -> int | None:
    expectation = family.expectation(competency_id, level_id)
    word = expectation.proficiency if expectation else None
    order = [known.casefold() for known in family.org.scale.proficiency] if family.org.scale else []
    if word is None:
        return None
    if word.casefold() in order:
        return order.index(word.casefold())
    return int(word) if word in {"0", "1", "2", "3", "4"} else None


def _ll32(family: Family) -> Iterator[Said]:
    def say(first: Level, second: Level) -> Said:
        one, other = family.bar_for(first.id), family.bar_for(second.id)
        if one is None or other is None:
            return "unknown", pair(first, second), "a bar is not written"
        a, b = len(one.must_have), len(other.must_have)
        return "pass" if abs(a - b) <= 1 else "warn", pair(first, second), f"{a} and {b} must-haves"

    yield from _over_pairs(family, say)


def _ll33(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "ic", "lead", "manager"):
        grade = None if level.grade is None else family.org.grade(level.grade)
        if grade is None or grade.scope is None:
            yield "unknown", level.id, "its grade promises no scope"
        elif level.scope is None:
            yield "pass", level.id, f"the scope of grade {level.grade}"
        else:
            yield _scope_held(level, level.scope, grade.scope)


def _scope_held(level: Level, own: Scope, promised: Scope) -> Said:
    written_axes = {axis: value for axis, value in own if value is not None}
    promises = dict(promised)
    open_axes = [axis for axis in written_axes if promises[axis] is None]
    off = {axis: abs(value - promises[axis]) for axis, value in written_axes.items() if axis not in open_axes}
    if widest := max(off.values(), default=0):
        detail = listed(f"{axis} off by {steps}" for axis, steps in off.items() if steps)
        return "warn" if widest == 1 else "fail", level.id, f"{detail} from the scope of grade {level.grade}"
    if open_axes:
        return "unknown", level.id, f"grade {level.grade} promises nothing on {listed(open_axes)}"
    return "pass", level.id, f"the scope of grade {level.grade}"


_READINGS = f"all score vectors, and candidate strengths {plain(STRENGTHS[0])} to {plain(STRENGTHS[-1])}"

RULES = (
    Rule("LL30", "P3", f"the written bars at a grade are equally strict, over {_READINGS}", _ll30),
    Rule("LL31", "P3", "no bar asks for at least as much everywhere and more somewhere", _ll31),
    Rule("LL32", "P3", "the numbers of must-haves differ by at most one", _ll32),
    Rule("LL33", "P3", "a level's scope is its grade's", _ll33),
)
