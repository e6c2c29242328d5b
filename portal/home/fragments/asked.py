"""Lines about what others ask of the reader: as manager, as referee, as reviewer."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.domain.case_flow import AFTER_RELEASE, State
from portal.home import queries
from portal.home.fragments.lines import Line, Zone, case_href
from portal.models.packet import RefereeState
from portal.models.person import Person


class Manager:
    HAT = "manager"

    def __init__(self, s: Session, actor: Person) -> None:
        self._reports = queries.reports_cases(s, actor)

    @property
    def rubrics(self) -> list[str]:
        return [r.rubric_hash for r in self._reports]

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for r in self._reports:
            yield self._line(r, titles.level(r.rubric_hash, r.level_id))

    def _line(self, r: queries.Report, level: str) -> Line:
        meta: tuple[str, ...] = (level, r.cycle)
        if r.state is State.DRAFT:
            meta += (_("may be read by you"),) if r.shared else ()
            title = _("%(name)s is writing a packet", name=r.candidate)
            if not r.accepted:
                title = _("%(name)s has not accepted the nomination yet", name=r.candidate)
            return Line(Zone.COMING, self.HAT, title, case_href(r.case_id), meta, r.submit_by, _("packet due"))
        if r.state in (State.SUBMITTED, State.IN_REVIEW) and r.signed_at is None:
            title = _("Write your statement on %(name)s", name=r.candidate)
            if r.saved_at is not None:
                title = _("Sign your statement on %(name)s", name=r.candidate)
            return Line(Zone.NEEDS, self.HAT, title, case_href(r.case_id, "statement"), meta, r.review_by, _("due"))
        if r.state in AFTER_RELEASE:
            title = _("The decision on %(name)s", name=r.candidate)
            return Line(Zone.DONE, self.HAT, title, case_href(r.case_id, "decision"), meta, r.released_at)
        meta += (_("in review") if r.state is State.IN_REVIEW else _("on its way"),)
        title = _("The case of %(name)s", name=r.candidate)
        return Line(Zone.COMING, self.HAT, title, case_href(r.case_id), meta, r.decide_by, _("decision due"))


class Referee:
    HAT = "referee"

    def __init__(self, s: Session, actor: Person) -> None:
        self._asked = queries.feedback_asked(s, actor)

    @property
    def rubrics(self) -> list[str]:
        return []

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for f in self._asked:
            place = case_href(f.case_id, "feedback")
            meta: tuple[str, ...] = (f.cycle,)
            if f.state is RefereeState.ANSWERED:
                title = _("Your feedback on %(name)s", name=f.candidate)
                yield Line(Zone.DONE, self.HAT, title, place, meta, f.answered_at)
            else:
                title = _("Give feedback on %(name)s", name=f.candidate)
                meta += (_("five minutes; a no is fine too"),)
                yield Line(Zone.NEEDS, self.HAT, title, place, meta, f.review_by, _("due"))


class Reviewer:
    HAT = "reviewer"

    def __init__(self, s: Session, actor: Person) -> None:
        self._reviews = queries.reviews_asked(s, actor)

    @property
    def rubrics(self) -> list[str]:
        return [r.rubric_hash for r in self._reviews]

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for r in self._reviews:
            yield self._line(r, titles.level(r.rubric_hash, r.level_id))

    def _line(self, r: queries.Reviewing, level: str) -> Line:
        meta: tuple[str, ...] = (level, r.cycle)
        place = case_href(r.case_id, "review")
        if r.sealed_at is not None:
            title = _("Your sealed review of %(name)s", name=r.candidate)
            return Line(Zone.DONE, self.HAT, title, place, meta, r.sealed_at)
        if r.no_conflict_at is None:
            title = _("Say whether you have a conflict with %(name)s", name=r.candidate)
            meta, place = (*meta, _("then the packet opens")), case_href(r.case_id, "review/before")
        elif r.saved_at is None:
            title = _("Review %(name)s", name=r.candidate)
            meta += (_("not begun"),)
        else:
            title = _("Finish and seal your review of %(name)s", name=r.candidate)
            meta += (_("scored so far: %(n)s", n=r.given),)
        return Line(Zone.NEEDS, self.HAT, title, place, meta, r.review_by, _("due"))
