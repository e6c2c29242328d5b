"""Rules on the third way: advisors, and a third track beside ICs and managers (P11)."""

from collections.abc import Iterator
from fractions import Fraction

from portal.domain.ladder import Bar, Family
from portal.domain.lint.finding import Rule, Said
from portal.domain.lint.subjects import levels_of, listed, written


def _ll60(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "advisor"):
        breaches = {
            "has reports": level.reports is not None and level.reports[1] > 0,
            "owns operations": level.owns_operations,
            "has no contract": not level.contract,
            "has a grade": level.grade is not None,
            "has a pay band": family.band(level.id) is not None,
        }
        found = [what for what, broken in breaches.items() if broken]
        detail = listed(found) if found else "a contract; no reports, operations, grade or band"
        yield "fail" if found else "pass", level.id, detail


def _ll61(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "advisor"):
        into = any(switch.to_level == level.id for switch in family.switches)
        ways = ((into, "into it"), (bool(family.switches_from(level.id)), "back from it"))
        missing = [way for found, way in ways if not found]
        detail = f"no conversion {listed(missing)}" if missing else "conversion in and out"
        yield "warn" if missing else "pass", level.id, detail


def _ll70(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "lead"):
        bar, peers = family.bar_for(level.id), family.peers(level.id)
        others = [(peer, family.bar_for(peer.id)) for peer in peers]
        if bar is None or not others or any(other is None for _, other in others):
            yield "unknown", level.id, "its bar, its peers or a peer's bar is not declared"
            continue
        mine = _insists_on(family, bar)
        same = [peer.id for peer, other in others if other is not None and _insists_on(family, other) == mine]
        detail = f"the same must-haves as {listed(same)}" if same else "must-haves of its own"
        yield "info" if same else "pass", level.id, detail


def _insists_on(family: Family, bar: Bar) -> frozenset[tuple[str, Fraction]]:
    """A bar's must-haves as (pillar, least score), so that competencies of different tracks can be compared."""
    musts = ((family.competency(must.competency).pillar, must.at_least) for must in bar.must_have)
    return frozenset((pillar, written(least)) for pillar, least in musts)


RULES = (
    Rule("LL60", "P11", "an advisor has a contract and no reports, operations, grade or band", _ll60),
    Rule("LL61", "P11", "conversion to advisor and back", _ll61),
    Rule("LL70", "P11", "a third track insists on something of its own", _ll70),
)
