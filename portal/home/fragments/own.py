"""Lines about one's own case. What the committee does before release shows nowhere: a decided case reads as one that
is in calibration."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal.cases.queries import appeal_until, rubric_of
from portal.decisions.policy import appeal_against
from portal.domain.case_flow import Action, State
from portal.domain.packet import missing_sections, sections_for
from portal.home import queries
from portal.home.fragments.lines import Line, Zone, case_href, href
from portal.models.case import Case
from portal.models.person import Person
from portal.web.filters import day

HAT = "candidate"


class Candidate:
    def __init__(self, s: Session, actor: Person, at: datetime) -> None:
        self._actor, self._at = actor, at
        self._cases = queries.own_cases(s, actor)
        self._written = queries.sections_written(s, actor)
        drafting = any(one.case.state is State.DRAFT for one in self._cases)
        self._evidenced = queries.evidenced(s, actor) if drafting else {}
        self._openings = queries.openings(s, actor, at)

    @property
    def rubrics(self) -> list[str]:
        return [o.case.rubric_hash for o in self._cases] + [o.rubric_hash for o in self._openings]

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for one in self._cases:
            level = titles.level(one.case.rubric_hash, one.case.to_level_id)
            yield self._line(one, level)
        for opening in self._openings:
            above = titles.above(opening.rubric_hash, str(self._actor.level_id))
            if above:
                title = _("Open a case to %(level)s", level=above)
                why = _("packet due")
                yield Line(Zone.COMING, HAT, title, href("/cases/new"), (opening.name,), opening.submit_by, why)

    def _line(self, one: queries.Own, level: str) -> Line:
        case = one.case
        if case.state is State.DRAFT:
            return self._draft(one, level)
        if case.state in (State.SUBMITTED, State.IN_REVIEW, State.IN_CALIBRATION, State.DECIDED):
            meta = (case.cycle.name, _moving(case))
            title = _("Your case to %(level)s", level=level)
            return Line(Zone.COMING, HAT, title, case_href(case.id), meta, case.cycle.decide_by, _("decision due"))
        if case.state is State.UNDER_APPEAL:
            meta = (case.cycle.name, _("another panel looks at it"))
            return Line(Zone.COMING, HAT, _("Your appeal: %(level)s", level=level), case_href(case.id, "appeal"), meta)
        if case.state is State.WITHDRAWN:
            meta = (case.cycle.name, _("withdrawn"))
            title = _("Your case to %(level)s", level=level)
            return Line(Zone.DONE, HAT, title, case_href(case.id), meta, case.state_since)
        return self._letter(case, level)

    def _draft(self, one: queries.Own, level: str) -> Line:
        case = one.case
        why = _("packet due")
        if not case.accepted:
            title = _("Accept or decline your nomination to %(level)s", level=level)
            who = _("nominated by %(name)s", name=one.nominator or "–")
            return Line(Zone.NEEDS, HAT, title, case_href(case.id), (case.cycle.name, who), case.submit_by, why)
        if self._at >= case.submit_by:
            title = _("Your packet to %(level)s was not submitted in time", level=level)
            meta = (case.cycle.name, _("a people partner can grant more time"))
            return Line(Zone.NEEDS, HAT, title, case_href(case.id), meta, case.submit_by, why)
        if case.events and case.events[-1].action is Action.RETURN:
            title = _("Your packet to %(level)s came back: add what is missing", level=level)
            meta = (case.cycle.name, case.events[-1].note)
            return Line(Zone.NEEDS, HAT, title, case_href(case.id, "packet/edit"), meta, case.submit_by, why)
        title = _("Finish your packet to %(level)s", level=level)
        meta = (case.cycle.name, self._progress(case))
        return Line(Zone.NEEDS, HAT, title, case_href(case.id, "packet/edit"), meta, case.submit_by, why)

    def _progress(self, case: Case) -> str:
        """What is there, what is missing, what is next."""
        total = len(sections_for(case.grade, case.case_type))
        missing = missing_sections(case.grade, self._written.get(case.id, {}), case.case_type)
        if missing:
            done = total - len(missing)
            said = ngettext(
                "%(done)s of %(num)s section written", "%(done)s of %(num)s sections written", total, done=done
            )
            return _("%(said)s, next: %(section)s", said=said, section=_(missing[0]))
        shown = self._evidenced.get(case.id, set())
        bare = [
            line.name for line in rubric_of(case).competencies if line.must_have is not None and line.id not in shown
        ]
        if bare:
            return _("every section is written; no evidence yet for %(names)s", names=", ".join(bare))
        return _("everything that is asked for is there; submitting it is next")

    def _letter(self, case: Case, level: str) -> Line:
        """Released or closed: the letter to read, then the days in which an appeal is possible."""
        decision = next((d for d in reversed(case.decisions) if d.released_at), None)
        last_day = appeal_until(case, decision)
        released = decision.released_at if decision else None
        open_window = last_day is not None and self._at < last_day
        meta = (case.cycle.name,)
        place = case_href(case.id, "decision")
        if case.state is State.RELEASED and open_window:
            if case.acknowledged_at is None:
                title = _("Read the decision on your case to %(level)s", level=level)
                return Line(Zone.NEEDS, HAT, title, place, meta, last_day, _("appeal window ends"))
            if decision is not None and appeal_against(case, decision) is None:
                title, place = _("You may appeal: %(level)s", level=level), case_href(case.id, "appeal")
                return Line(Zone.COMING, HAT, title, place, meta, last_day, _("appeal window ends"))
        return Line(Zone.DONE, HAT, _("The decision on your case to %(level)s", level=level), place, meta, released)


def _moving(case: Case) -> str:
    state = case.state
    if state is State.SUBMITTED:
        return _("submitted on %(day)s, waiting for its reviewers", day=day(case.state_since))
    if state is State.IN_REVIEW:
        return _("in review")
    return _("in calibration")
