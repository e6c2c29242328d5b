"""The calibration room's pages: a cycle's grades, one grade across tracks, a case's position, and its ballot."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.calibration import commands, policy, queries
from portal.calibration.forms import CheckForm, DissentForm, VoteForm
from portal.calibration.fragments import (
    close_page,
    forecast_page,
    grade_page,
    method_page,
    overview_page,
    position_page,
    published_page,
    votes_page,
)
from portal.calibration.policy import Published, Room
from portal.calibration.routes.blueprint import ROOM, calibration, me
from portal.cases import queries as cases
from portal.domain.problems import InvalidInput
from portal.models.calibration import ALL_GRADES, Ballot, Choice
from portal.models.case import Case
from portal.web.database import session
from portal.web.fragments import answer, refused
from portal.web.routing import signed_in

VOTES = "/cases/<string:case_id>/votes"


@calibration.get(ROOM, load=queries.method_room, access=policy.can_enter)
def overview(room: Room) -> ResponseReturnValue:
    return render_template("calibration/overview.html", **overview_page(me(), room))


@calibration.post(f"{ROOM}/check", load=queries.overview_room, access=policy.can_check)
def check_all(room: Room) -> ResponseReturnValue:
    """The whole ladder, each grade a stratum of its own."""
    form = CheckForm()
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Say which ladder to check."))
    family = str(form.family.data)
    commands.run_bar_check(session(), cycle=room.cycle, family_id=family, grade=ALL_GRADES, actor=me(), at=now())
    flash(_("The check over all grades is recorded."))
    return redirect(url_for("calibration.overview", slug=room.cycle.slug), 303)


@calibration.post(f"{ROOM}/publish", load=queries.method_room, access=policy.can_publish)
def publish(room: Room) -> ResponseReturnValue:
    commands.publish_statements(session(), cycle=room.cycle, actor=me(), at=now())
    flash(_("The statement is published. Everybody who signs in can read it."))
    return redirect(url_for("calibration.published", slug=room.cycle.slug), 303)


@calibration.get(f"{ROOM}/forecast", load=queries.method_room, access=policy.can_publish)
def forecast(room: Room) -> ResponseReturnValue:
    return render_template("calibration/forecast.html", **forecast_page(me(), room))


@calibration.get("/cycles/<string:slug>/equivalence", load=queries.published_room, access=policy.can_read_statement)
def published(found: Published) -> ResponseReturnValue:
    return render_template("calibration/published.html", **published_page(found))


@calibration.get("/cycles/<string:slug>/equivalence/method", load=queries.method_room, access=signed_in)
def method(room: Room) -> ResponseReturnValue:
    return render_template("calibration/method.html", **method_page(room))


@calibration.get(f"{ROOM}/<int:grade>", load=queries.bare_room, access=policy.can_enter)
def grade(room: Room) -> ResponseReturnValue:
    page = request.args.get("page", 1, type=int)
    return render_template("calibration/grade.html", **grade_page(me(), room, request.args.get("family", ""), page))


@calibration.post(f"{ROOM}/<int:grade>/check", load=queries.grade_room, access=policy.can_check)
def check(room: Room) -> ResponseReturnValue:
    form = CheckForm()
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Say which ladder to check."))
    family = str(form.family.data)
    commands.run_bar_check(session(), cycle=room.cycle, family_id=family, grade=room.grade or 0, actor=me(), at=now())
    flash(_("The check is recorded. It stays as it is; run it again after more decisions."))
    return redirect(url_for("calibration.grade", slug=room.cycle.slug, grade=room.grade, family=family), 303)


@calibration.get("/cases/<string:case_id>/position", load=cases.case, access=policy.can_see_position, reads="position")
def position(case: Case) -> ResponseReturnValue:
    return render_template("calibration/position.html", **position_page(case))


@calibration.get(VOTES, load=cases.case, access=policy.can_see_position)
def votes(case: Case) -> ResponseReturnValue:
    return render_template("calibration/votes.html", **votes_page(me(), case))


@calibration.post(VOTES, load=cases.case, access=policy.can_open_ballot)
def open_ballot(case: Case) -> ResponseReturnValue:
    commands.open_ballot(session(), case=case, actor=me(), at=now())
    flash(_("The ballot is open. Everyone who may vote has been told."))
    return _to_votes(case)


@calibration.post(f"{VOTES}/mine", load=queries.ballot_of, access=policy.can_cast)
def cast(ballot: Ballot) -> ResponseReturnValue:
    form = VoteForm()
    if not form.was_sent_and_is_valid():
        return refused("calibration/votes.html", **votes_page(me(), ballot.case, form))
    commands.cast(session(), ballot=ballot, actor=me(), choice=Choice(form.choice.data), at=now())
    page = votes_page(me(), ballot.case)
    return answer("calibration/_ballot.html", back=url_for("calibration.votes", case_id=ballot.case_id), **page)


@calibration.post(f"{VOTES}/dissent", load=queries.ballot_of, access=policy.can_dissent)
def dissent(ballot: Ballot) -> ResponseReturnValue:
    text = str(DissentForm().text.data or "")
    commands.dissent(session(), ballot=ballot, actor=me(), text=text, at=now())
    flash(_("Your dissent is on record for the chair and the people partner."))
    return _to_votes(ballot.case)


@calibration.get(f"{VOTES}/close", load=queries.ballot_of, access=policy.can_close)
def close_form(ballot: Ballot) -> ResponseReturnValue:
    if ballot.closed_at is not None:
        return _to_votes(ballot.case)
    return render_template("calibration/close.html", **close_page(me(), ballot))


@calibration.post(f"{VOTES}/close", load=queries.ballot_of, access=policy.can_close)
def close(ballot: Ballot) -> ResponseReturnValue:
    commands.close_ballot(session(), ballot=ballot, actor=me(), at=now())
    flash(_("The ballot is closed and counted."))
    return _to_votes(ballot.case)


def _to_votes(case: Case) -> ResponseReturnValue:
    return redirect(url_for("calibration.votes", case_id=case.id), 303)
