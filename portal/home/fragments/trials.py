"""Lines about trials: for whoever is on one until the way home closes, for the people partner until it is decided."""

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.domain.trials import Standing
from portal.home import queries
from portal.home.fragments.lines import Line, Zone, case_href
from portal.models.person import Person
from portal.trials.queries import Line as Trial
from portal.trials.queries import kept_in_mind


class Trials:
    def __init__(self, s: Session, actor: Person, at: datetime) -> None:
        self._zone = ZoneInfo(actor.timezone)
        self._found = kept_in_mind(s, actor, at)

    @property
    def rubrics(self) -> list[str]:
        return [one.rubric_hash for one in self._found]

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for one in self._found:
            level = titles.level(one.rubric_hash, one.to_level_id)
            yield self._own(one, level) if one.own else self._kept(one, level)

    def _own(self, one: Trial, level: str) -> Line:
        place = case_href(one.case_id, "trial")
        home = _("way home open until %(day)s", day=format_date(one.return_until))
        if one.standing is Standing.CONFIRMED:
            title = _("You are confirmed as %(level)s", level=level)
            return Line(
                Zone.COMING, "candidate", title, place, (home,), self._end(one.return_until), _("way home ends")
            )
        title = _("Your trial as %(level)s", level=level)
        return Line(Zone.COMING, "candidate", title, place, (home,), self._end(one.ends_on), _("trial ends"))

    def _kept(self, one: Trial, level: str) -> Line:
        place, due, why = case_href(one.case_id, "trial"), self._end(one.ends_on), _("trial ends")
        if one.standing in (Standing.DUE, Standing.OVERDUE):
            title = _("Decide the trial of %(name)s as %(level)s", name=one.candidate, level=level)
            meta = (_("overdue"),) if one.standing is Standing.OVERDUE else ()
            return Line(Zone.NEEDS, "people_partner", title, place, meta, due, why)
        title = _("Trial of %(name)s as %(level)s", name=one.candidate, level=level)
        return Line(Zone.COMING, "people_partner", title, place, (), due, why)

    def _end(self, day: date) -> datetime:
        return datetime.combine(day, time.max, tzinfo=self._zone)
