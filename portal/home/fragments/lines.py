"""One line of work: what to do, where, by when; and how lines are put together under the hat they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from flask import request
from flask_babel import gettext as _

LONGEST = 8
LONG_AGO, FAR = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Zone(StrEnum):
    NEEDS = "needs"
    COMING = "coming"
    DONE = "done"


@dataclass(frozen=True)
class Line:
    """`due` is when it is to be done, or in the zone DONE when it was. `why` names what the date is."""

    zone: Zone
    hat: str
    title: str
    href: str
    meta: tuple[str, ...] = ()
    due: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Section:
    """The lines of one hat, the most urgent first; `more` is how many further ones the list of cases holds."""

    hat: str
    name: str
    lines: tuple[Line, ...]
    more: int


def case_href(case_id: str, part: str = "") -> str:
    """The page of a case, or a part of it: the addresses are part of the interface."""
    return f"{request.script_root}/cases/{case_id}" + (f"/{part}" if part else "")


def cycle_href(slug: str, part: str = "") -> str:
    return f"{request.script_root}/cycles/{slug}" + (f"/{part}" if part else "")


def href(path: str) -> str:
    return f"{request.script_root}{path}"


def sections(lines: Iterable[Line]) -> list[Section]:
    """By hat, in the order of a case's life."""
    by_hat: dict[str, list[Line]] = {}
    for line in lines:
        by_hat.setdefault(line.hat, []).append(line)
    return [_section(hat, by_hat[hat]) for hat in _names() if hat in by_hat]


def _section(hat: str, lines: list[Line]) -> Section:
    if lines[0].zone is Zone.DONE:
        ordered = sorted(lines, key=lambda line: (line.due or LONG_AGO, line.title), reverse=True)
    else:
        ordered = sorted(lines, key=lambda line: (line.due or FAR, line.title))
    return Section(hat, _names()[hat], tuple(ordered[:LONGEST]), max(0, len(ordered) - LONGEST))


def kind_of_date(line: Line) -> str:
    """What a date is, for a calendar that others may see: under which hat, and why; never whose case."""
    return f"{_names()[line.hat]}: {line.why}"


def _names() -> dict[str, str]:
    return {
        "candidate": _("My own case"),
        "manager": _("People who report to me"),
        "referee": _("Feedback I was asked for"),
        "reviewer": _("Reviews"),
        "committee": _("Committee"),
        "chair": _("In the chair"),
        "people_partner": _("Running the cycle"),
        "auditor": _("Checking the record"),
        "operator": _("Running the portal"),
    }
