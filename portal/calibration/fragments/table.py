"""The table of a grade's cases: so many to a page, and its words looked up once and not for every row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal.calibration.queries import Item

ROWS = 250


@dataclass(frozen=True)
class Agenda:
    """One page of it: the cases from `first` to `last`, counted from 1; `url` gives the address of another page."""

    items: Sequence[Item]
    page: int
    pages: int
    first: int
    last: int
    url: Callable[[int], str]
    words: dict[str, str]


def agenda_of(items: Sequence[Item], slug: str, grade: int, family_id: str, page: int) -> Agenda:
    """A page that is not there is the last one."""
    pages = max(1, -(-len(items) // ROWS))
    at = min(max(page, 1), pages)
    shown = items[(at - 1) * ROWS : at * ROWS]

    def url(number: int) -> str:
        return url_for("calibration.grade", slug=slug, grade=grade, family=family_id, page=number)

    first = (at - 1) * ROWS + 1
    return Agenda(shown, at, pages, first, first + len(shown) - 1, url, _words())


def _words() -> dict[str, str]:
    """What a row says, with places for its numbers."""
    return {
        "unscored": _("nothing is scored"),
        "unassessed": _("not assessed"),
        "reviewed": _("%(n)s as reviewed"),
        "adjusted": _("adjusted %(n)s (%(lo)s – %(hi)s)"),
        "bar": _("bar %(n)s"),
        "met": _("every clause met"),
        "no_bar": _("no written bar"),
        "unmet_one": _("1 clause not met"),
        "unmet": _("%(n)s clauses not met"),
        "to": _("To"),
        "position": _("Position"),
        "disagreement": _("Disagreement"),
        "look": _("Look at"),
        "decision": _("Decision"),
    }
