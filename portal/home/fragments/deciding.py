"""Lines for those who decide: votes to cast, decisions to confirm, and for the chair what a session waits for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal.decisions.policy import presides, seat_of
from portal.domain.case_flow import State
from portal.home import queries
from portal.home.fragments.lines import Line, Zone, case_href, cycle_href, href
from portal.models.case import Case
from portal.models.person import Person

COMMITTEE, CHAIR = "committee", "chair"
PATIENCE = timedelta(days=1)


class Deciding:
    """Committee, chair, second member, and whoever answers an appeal."""

    def __init__(self, s: Session, actor: Person, at: datetime) -> None:
        self._actor, self._at = actor, at
        self._table = queries.on_the_table(s, actor)
        self._ahead = queries.cases_ahead(s, actor)
        self._appeals = queries.appeals_to_answer(s, actor)

    @property
    def rubrics(self) -> list[str]:
        return [c.rubric_hash for c in self._table]

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for one in self._table:
            meta: tuple[str, ...] = (titles.level(one.rubric_hash, one.level_id), one.cycle)
            if one.state is not State.IN_CALIBRATION:
                yield self._decided(one, meta)
                continue
            mine, chairs = self._member(one, meta), list(self._chair(one, meta)) if one.presides else []
            if mine.zone is Zone.NEEDS or not chairs:
                yield mine
            yield from chairs
        yield from self._checks(titles)
        for row in self._ahead:
            title = ngettext("%(num)s case is on its way", "%(num)s cases are on their way", row.n)
            meta = (row.committee, row.cycle)
            yield Line(Zone.COMING, CHAIR, title, href("/cases"), meta, row.decide_by, _("decision due"))
        yield from (self._appeal(case) for case in self._appeals)

    def _appeal(self, case: Case) -> Line:
        """What the panel's member has to do next. Nobody learns here who else has answered."""
        name, place = case.candidate.name, case_href(case.id, "appeal")
        asked = (_("you were asked because you had no part in the first decision"),)
        seat, first = seat_of(self._actor, case), presides(case)
        mine = seat is not None and seat is first
        if seat is None or seat.panel.set_aside:
            title = _("The appeal of %(name)s waits for another panel", name=name)
            return Line(Zone.COMING, COMMITTEE, title, place, asked)
        if seat.panel.closed_at:
            title = _("Record what the panel answers to the appeal of %(name)s", name=name)
            waits = _("The appeal of %(name)s: the presiding member records the answer", name=name)
            return Line(Zone.NEEDS if mine else Zone.COMING, COMMITTEE, title if mine else waits, place, asked)
        if seat.finding is None:
            return Line(Zone.NEEDS, COMMITTEE, _("Answer the appeal of %(name)s", name=name), place, asked)
        if mine:
            title = _("Close the vote on the appeal of %(name)s once everyone has answered", name=name)
            return Line(Zone.COMING, COMMITTEE, title, place, asked)
        title = _("The appeal of %(name)s: you have answered", name=name)
        return Line(Zone.COMING, COMMITTEE, title, place, asked)

    def _member(self, one: queries.OnTheTable, meta: tuple[str, ...]) -> Line:
        by, place = _("decision due"), case_href(one.case_id, "votes")
        name = one.candidate
        if one.ballot_is_due:
            title, meta = _("Prepare for %(name)s", name=name), (*meta, _("no ballot is open yet"))
            return Line(Zone.COMING, COMMITTEE, title, case_href(one.case_id), meta, one.decide_by, by)
        if one.closed_at is not None:
            title, meta = _("The ballot on %(name)s", name=name), (*meta, _("closed; the decision is next"))
            return Line(Zone.COMING, COMMITTEE, title, place, meta, one.decide_by, by)
        if one.may_vote and not one.voted:
            return Line(Zone.NEEDS, COMMITTEE, _("Vote on %(name)s", name=name), place, meta, one.decide_by, by)
        said = _("the ballot is open; you are not among its voters")
        if one.voted:
            said = _("you have voted; the ballot is open")
        return Line(
            Zone.COMING, COMMITTEE, _("The ballot on %(name)s", name=name), place, (*meta, said), one.decide_by, by
        )

    def _decided(self, one: queries.OnTheTable, meta: tuple[str, ...]) -> Line:
        by, place = _("decision due"), case_href(one.case_id, "decision")
        title = _("The decision on %(name)s", name=one.candidate)
        if one.confirmed_at is not None:
            return Line(Zone.DONE, COMMITTEE, title, place, (*meta, _("confirmed")), one.confirmed_at)
        if one.recorded_by_id != self._actor.id and one.may_vote:
            title = _("Confirm the decision on %(name)s", name=one.candidate)
            return Line(Zone.NEEDS, COMMITTEE, title, place, meta, one.decide_by, by)
        said = _("waits for a second member to confirm")
        return Line(Zone.COMING, COMMITTEE, title, place, (*meta, said), one.decide_by, by)

    def _chair(self, one: queries.OnTheTable, meta: tuple[str, ...]) -> Iterator[Line]:
        by, name = _("decision due"), one.candidate
        votes = case_href(one.case_id, "votes")
        if one.ballot_is_due:
            yield Line(Zone.NEEDS, CHAIR, _("Open the ballot on %(name)s", name=name), votes, meta, one.decide_by, by)
        elif one.closed_at is None and one.opened_at is not None:
            everyone_may_have = one.voted or not one.may_vote  # the chair's own vote is the one they know of
            long_open = self._at - one.opened_at >= PATIENCE
            zone = Zone.NEEDS if everyone_may_have and long_open else Zone.COMING
            title = _("Close the ballot on %(name)s once everyone has voted", name=name)
            yield Line(zone, CHAIR, title, votes, meta, one.decide_by, by)
        elif one.checked:
            title = _("Record the decision on %(name)s", name=name)
            yield Line(Zone.NEEDS, CHAIR, title, case_href(one.case_id, "decision"), meta, one.decide_by, by)

    def _checks(self, titles: queries.Titles) -> Iterator[Line]:
        """One line a grade and ladder where a ballot is closed and nobody ran the check of the bars."""
        waiting = [
            c
            for c in self._table
            if c.presides and c.state is State.IN_CALIBRATION and not c.ballot_is_due and c.closed_at and not c.checked
        ]
        for one in {(c.slug, c.family_id, c.grade): c for c in waiting}.values():
            title = _("Run the check of both bars at grade %(grade)s", grade=one.grade)
            place = cycle_href(one.slug, f"calibration/{one.grade}")
            meta = (titles.family(one.rubric_hash), one.cycle, _("decisions wait for it"))
            yield Line(Zone.NEEDS, CHAIR, title, place, meta, one.decide_by, _("decision due"))
