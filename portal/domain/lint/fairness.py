"""Rules on equal treatment: the same process, the same support, and a ladder that everybody can read (P13, P14)."""

import re
from collections.abc import Iterator

from portal.domain.ladder import Family, Process, Switch, Track
from portal.domain.lint.finding import Rule, Said, Status
from portal.domain.lint.subjects import listed, pair, track_pairs


def _ll36(family: Family) -> Iterator[Said]:
    for left, right in track_pairs(family):
        ours, theirs = _processes(family, left), _processes(family, right)
        said = [_burden(case_type, ours.get(case_type), theirs.get(case_type)) for case_type in ours | theirs]
        said += _trials(family, left, right)
        for status, detail in said or [_UNDECLARED]:
            yield status, pair(left, right), detail


_UNDECLARED: tuple[Status, str] = ("unknown", "no process is declared")


def _processes(family: Family, track: Track) -> dict[str, Process]:
    return {process.case_type: process for process in family.processes if process.track == track.id}


def _burden(case_type: str, one: Process | None, other: Process | None) -> tuple[Status, str]:
    if one is None or other is None:
        return "unknown", f"{case_type}: no process is declared on one of the tracks"
    asked = {
        "vacancy": (one.needs_vacancy, other.needs_vacancy),
        "interviews": (one.interviews, other.interviews),
        "steps": (len(one.steps) or None, len(other.steps) or None),
    }
    both = {name: pair for name, pair in asked.items() if None not in pair}
    unequal = [f"{name} {_word(a)} against {_word(b)}" for name, (a, b) in both.items() if a != b]
    undeclared = [name for name in asked if name not in both]
    if unequal:
        return "warn", f"{case_type}: {listed(unequal)}"
    if undeclared:
        return "unknown", f"{case_type}: {listed(undeclared)} not declared on both tracks"
    return "pass", f"{case_type}: the same burden"


def _word(value: int | bool | None) -> str:
    return {True: "needed", False: "not needed"}[value] if isinstance(value, bool) else str(value)


def _trials(family: Family, left: Track, right: Track) -> list[tuple[Status, str]]:
    """The trial of each crossing that is open both ways, one way against the other."""
    crossings = {(switch.from_level, switch.to_level): switch for switch in family.switches}
    there = [switch for switch in family.switches if _crosses(family, switch, left, right)]
    both = [(switch, crossings.get((switch.to_level, switch.from_level))) for switch in there]
    return [_trial(family, switch, back) for switch, back in both if back is not None]


def _crosses(family: Family, switch: Switch, left: Track, right: Track) -> bool:
    return family.track_of(switch.from_level) == left and family.track_of(switch.to_level) == right


def _trial(family: Family, there: Switch, back: Switch) -> tuple[Status, str]:
    ends = [family.level(end).title for end in (there.from_level, there.to_level)]
    name = f"switch between {ends[0]} and {ends[1]}"
    if there.trial_months is None or back.trial_months is None:
        return "unknown", f"{name}: the trial is not declared both ways"
    same = there.trial_months == back.trial_months
    detail = f"{name}: a trial of {there.trial_months} months there, {back.trial_months} back"
    return "pass" if same else "warn", detail


def _ll80(family: Family) -> Iterator[Said]:
    for left, right in track_pairs(family):
        ours, theirs = ({offer.casefold() for offer in track.support} for track in (left, right))
        if not ours and not theirs:
            yield "unknown", pair(left, right), "no support is declared"
        else:
            lacking = [
                f"{track.name} lacks {listed(sorted(gap))}"
                for track, gap in ((left, theirs - ours), (right, ours - theirs))
                if gap
            ]
            yield "warn" if lacking else "pass", pair(left, right), "; ".join(lacking) or "the same offers"


_EVERYBODY = re.compile(r"\b(all|every|everyone|everybody|whole|public)\b", re.IGNORECASE)


def _ll81(family: Family) -> Iterator[Said]:
    org = family.org
    missing = {
        "published to all staff": not any(_EVERYBODY.search(reader) for reader in org.published_to),
        "dated": org.effective is None,
        "versioned": org.version is None or family.version is None,
    }
    found = [what for what, lacking in missing.items() if lacking]
    detail = f"not {listed(found)}" if found else f"version {family.version}, effective {org.effective}"
    yield "warn" if found else "pass", family.id, detail


RULES = (
    Rule("LL36", "P14", "the process asks the same of candidates on both tracks", _ll36),
    Rule("LL80", "P14", "equal offers of support on every track", _ll80),
    Rule("LL81", "P13", "the ladder is published to all staff, dated and versioned", _ll81),
)
