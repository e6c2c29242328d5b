"""Lines for auditors and operators, and the first steps of a portal in which nothing has happened yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.home import queries
from portal.home.fragments.lines import Line, Zone, href
from portal.models.outbox import OutboxState
from portal.models.person import Person, Role
from portal.web.database import session

AUDITOR, OPERATOR = "auditor", "operator"
CHECK_WITHIN = timedelta(days=90)
PATIENCE = timedelta(minutes=15)


class Keeper:
    """Auditor and operator."""

    def __init__(self, s: Session, actor: Person, at: datetime) -> None:
        self._actor, self._at = actor, at
        self._closed = queries.closed_since(s, at - CHECK_WITHIN) if actor.has(Role.AUDITOR) else []
        self._queues = queries.waiting_outside(s) if actor.has(Role.OPERATOR) else []

    @property
    def rubrics(self) -> list[str]:
        return []

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        if self._actor.has(Role.AUDITOR):
            yield from self._auditor()
        if self._actor.has(Role.OPERATOR):
            yield from self._operator()

    def _auditor(self) -> Iterator[Line]:
        for row in self._closed:
            title = _("Check the record of %(cycle)s", cycle=row.name)
            meta = (_("from the first act to the last: was anything changed or cut?"),)
            due = row.closed_at + CHECK_WITHIN
            yield Line(Zone.NEEDS, AUDITOR, title, href("/records/verify"), meta, due, _("due"))
        yield Line(Zone.COMING, AUDITOR, _("Read who did what"), href("/records"), (_("acts and times, no text"),))

    def _operator(self) -> Iterator[Line]:
        for queue in self._queues:
            late = queue.state is OutboxState.FAILED or self._at - queue.oldest > PATIENCE
            said = _("given up") if queue.state is OutboxState.FAILED else _("waiting")
            title = _("Not yet out: %(kind)s (%(n)s)", kind=_(queue.kind), n=queue.count)
            meta = (said,)
            zone = Zone.NEEDS if late else Zone.COMING
            yield Line(zone, OPERATOR, title, href("/outbox"), meta, queue.oldest, _("oldest"))
        title = _("Check the record for tampering")
        yield Line(Zone.COMING, OPERATOR, title, href("/records/verify"), (_("walks the whole chain"),))


def beginnings_for(actor: Person) -> list[dict[str, Any]]:
    """The checklist of a new portal, for those who can go through it; empty once there is a cycle with a committee."""
    partner = actor.has(Role.PEOPLE_PARTNER)
    if not partner and not actor.has(Role.OPERATOR):
        return []
    have = queries.beginnings(session())
    if have.done:
        return []
    return [
        {
            "done": have.people > 1,
            "text": _("Bring in the people, with their levels and managers"),
            "href": href("/people"),
            "note": _("a file of people can be checked in a dry run before anything is written"),
        },
        {
            "done": have.cycles > 0,
            "text": _("Create a cycle: its dates, ladders and margin"),
            "href": href("/cycles/new") if partner else None,
            "note": _("the margin is agreed before anybody is scored") if partner else _("a people partner does this"),
        },
        {
            "done": have.committees > 0,
            "text": _("Name a committee that decides both tracks"),
            "href": href("/cycles") if partner else None,
            "note": _("at least three members, a chair and a deputy") if partner else _("a people partner does this"),
        },
    ]
