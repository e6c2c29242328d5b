"""Rules on how working time divides between people, craft and organisation (P8)."""

from collections.abc import Iterator

from portal.domain.ladder import Family, Level
from portal.domain.lint.finding import Rule, Said, Status, worst
from portal.domain.lint.subjects import fork, levels_of, listed, plain, tracks_of, written

_MOST_PEOPLE_WORK = 20
_LEAST_CRAFT = 25
_LEAST_MANAGING = 50
_NO_SPLIT = "the split of the work is not declared"


def _ll40(family: Family) -> Iterator[Said]:
    opening = fork(family)
    if opening is None:
        yield "unknown", family.id, "no manager level has a grade, so there is no fork to measure from"
        return
    for level in levels_of(family, "ic"):
        if level.grade is None or level.split is None:
            yield "unknown", level.id, _NO_SPLIT if level.grade is not None else "the level has no grade"
        elif level.grade >= opening:
            sound = level.split.people <= _MOST_PEOPLE_WORK
            detail = f"{plain(level.split.people)} % people work; at most {_MOST_PEOPLE_WORK} from the fork up"
            yield "pass" if sound else "fail", level.id, detail


def _ll41(family: Family) -> Iterator[Said]:
    for track in tracks_of(family, "manager"):
        first = [level for level in family.levels_of(track.id) if level.first_line]
        if not first:
            yield "unknown", track.id, "no level is marked first_line"
        for level in first:
            (craft, about_craft), (span, about_span) = (
                _craft_kept(level),
                _span_held(level, family.next_level(level.id)),
            )
            yield worst(craft, span), level.id, f"{about_craft}; {about_span}"


def _craft_kept(level: Level) -> tuple[Status, str]:
    if level.split is None:
        return "unknown", _NO_SPLIT
    detail = f"{plain(level.split.craft)} % craft, at least {_LEAST_CRAFT}"
    return "pass" if level.split.craft >= _LEAST_CRAFT else "warn", detail


def _span_held(level: Level, above: Level | None) -> tuple[Status, str]:
    if above is None:
        return "pass", "no level above to compare the span with"
    if level.reports is None or above.reports is None:
        return "unknown", f"reports are not declared for both {level.title} and {above.title}"
    mine, theirs = level.reports[1], above.reports[1]
    return "pass" if mine <= theirs else "warn", f"up to {mine} reports, {above.title} up to {theirs}"


def _ll42(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "manager"):
        if level.first_line:
            continue
        if level.split is None:
            yield "unknown", level.id, _NO_SPLIT
        else:
            managing = written(level.split.people) + written(level.split.org)
            detail = f"{plain(managing)} % people and organisation, at least {_LEAST_MANAGING}"
            yield "pass" if managing >= _LEAST_MANAGING else "warn", level.id, detail


def _ll43(family: Family) -> Iterator[Said]:
    for level in levels_of(family, "ic", "lead", "manager", "advisor"):
        if level.split is not None:
            shares = (level.split.people, level.split.craft, level.split.org)
            total = sum(written(share) for share in shares)
            detail = f"{listed(plain(share) for share in shares)} sum to {plain(total)}, expected 100"
            yield "pass" if total == 100 else "fail", level.id, detail
        elif family.track_of(level.id).kind != "advisor":
            yield "unknown", level.id, _NO_SPLIT


RULES = (
    Rule("LL40", "P8", "ICs from the fork up have at most 20 % people work", _ll40),
    Rule("LL41", "P8", "first-line managers keep a quarter of craft and no wider span than the next level", _ll41),
    Rule("LL42", "P8", "managers above the first line mostly manage", _ll42),
    Rule("LL43", "-", "splits sum to 100", _ll43),
)
