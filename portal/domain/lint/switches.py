"""Rules on changing tracks: both ways, at the same grade, with a trial and a way home; staying is fine (P7, P12)."""

from collections.abc import Iterator

from portal.domain.ladder import Family, Level, Switch
from portal.domain.lint.finding import Rule, Said, worst
from portal.domain.lint.subjects import listed, pair, peer_pairs, tracks_of

_NO_PEERS = "no peers are declared, so there is nothing to switch between"


def _ways(family: Family, first: Level, second: Level) -> tuple[bool, bool]:
    there = any(switch.to_level == second.id for switch in family.switches_from(first.id))
    back = any(switch.to_level == first.id for switch in family.switches_from(second.id))
    return there, back


def _ll50(family: Family) -> Iterator[Said]:
    pairs = peer_pairs(family)
    if not pairs:
        yield "unknown", family.id, _NO_PEERS
    for first, second in pairs:
        there, back = _ways(family, first, second)
        ways = ((there, first, second), (back, second, first))
        missing = [f"from {start.title} to {end.title}" for found, start, end in ways if not found]
        detail = f"no switch {listed(missing)}" if missing else "switchable both ways"
        yield "warn" if missing else "pass", pair(first, second), detail


def _ll50b(family: Family) -> Iterator[Said]:
    pairs = peer_pairs(family)
    both = [f"{first.title} and {second.title}" for first, second in pairs if all(_ways(family, first, second))]
    if not pairs:
        yield "unknown", family.id, _NO_PEERS
    elif both:
        yield "pass", family.id, f"switchable both ways: {listed(both)}"
    else:
        yield "fail", family.id, "no pair of peers is switchable both ways"


def is_conversion(family: Family, switch: Switch) -> bool:
    """Whether a switch enters or leaves an advisor's level, which has no grade to keep and no pillars to carry."""
    kinds = {family.track_of(switch.from_level).kind, family.track_of(switch.to_level).kind}
    return switch.kind == "advisor" or "advisor" in kinds


def _between_tracks(family: Family) -> list[tuple[str, Switch]]:
    """The switches that are not conversions, each with its subject `from->to`."""
    mine = (switch for switch in family.switches if not is_conversion(family, switch))
    return [(f"{switch.from_level}->{switch.to_level}", switch) for switch in mine]


def _ll51(family: Family) -> Iterator[Said]:
    for subject, switch in _between_tracks(family):
        before, after = family.level(switch.from_level).grade, family.level(switch.to_level).grade
        if before is None or after is None:
            yield "unknown", subject, "a grade is not declared"
        else:
            yield "pass" if before == after else "fail", subject, f"grade {before} to grade {after}"


def _ll52(family: Family) -> Iterator[Said]:
    for subject, switch in _between_tracks(family):
        months = (("trial", switch.trial_months), ("return", switch.return_months))
        status = worst(*("unknown" if span is None else "pass" if span else "fail" for _, span in months))
        yield status, subject, listed(f"{name}: {_span(span)}" for name, span in months)


def _span(months: int | None) -> str:
    return "not declared" if months is None else f"{months} months"


def _ll53(family: Family) -> Iterator[Said]:
    pillars = {pillar.id for pillar in family.org.pillars}
    for subject, switch in _between_tracks(family):
        carried, assessed = set(switch.carries), set(switch.assesses)
        faults = {
            "both carried and assessed": carried & assessed,
            "neither carried nor assessed": pillars - carried - assessed,
            "not a declared pillar": (carried | assessed) - pillars,
        }
        found = [f"{what}: {listed(sorted(which))}" for what, which in faults.items() if which]
        if not pillars or not carried | assessed:
            yield "unknown", subject, "what is carried and what is assessed is not declared"
        else:
            yield "warn" if found else "pass", subject, "; ".join(found) or "every pillar is either carried or assessed"


def _ll54(family: Family) -> Iterator[Said]:
    pairs = peer_pairs(family)
    if not pairs:
        yield "unknown", family.id, _NO_PEERS
        return
    crossed = [(first, second) for first, second in pairs if any(_ways(family, first, second))]
    open_at = {first.grade if first.grade is not None else second.grade for first, second in crossed}
    grades = {grade for grade in open_at if grade is not None}
    if None in open_at and len(grades) < 2:
        yield "unknown", family.id, "switches join levels without a grade"
    else:
        detail = f"switching at grades {listed(map(str, sorted(grades)))}" if grades else "no switch between peers"
        yield "pass" if len(grades) >= 2 else "warn", family.id, detail


def _ll55(family: Family) -> Iterator[Said]:
    for track in tracks_of(family, "ic"):
        staying = [level.title for level in family.levels_of(track.id) if level.may_stay]
        detail = f"staying is fine at {listed(staying)}" if staying else "no level is marked may_stay"
        yield "pass" if staying else "warn", track.id, detail


RULES = (
    Rule("LL50", "P7", "each pair of peers is switchable both ways", _ll50),
    Rule("LL50b", "P7", "at least one pair of peers is switchable both ways", _ll50b),
    Rule("LL51", "P7", "a switch keeps the grade", _ll51),
    Rule("LL52", "P7", "a switch has a trial and a way home", _ll52),
    Rule("LL53", "P7", "a switch carries or assesses every pillar, never both", _ll53),
    Rule("LL54", "P7", "switching is open at two or more grades", _ll54),
    Rule("LL55", "P12", "there is an IC level where staying is fine", _ll55),
)
