"""A session of the committee: looking on, and each step of it. A screen asks every few seconds whether anything is new
and gets no content when nothing is."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.calibration import commands, policy, queries
from portal.calibration.commands import sitting as steps
from portal.calibration.forms import ChangeForm, ManagerForm, MinuteForm, PreVoteForm, SessionForm, TableForm
from portal.calibration.fragments import change_page, live_part, minutes_page
from portal.calibration.fragments.live import NOTHING_ON
from portal.calibration.policy import Place, Room, Sitting, SittingCase
from portal.calibration.queries.pulse import has_lost_a_case
from portal.calibration.routes.blueprint import ROOM, calibration, me
from portal.cases import queries as cases
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.calibration import Choice
from portal.models.calibration_session import ChangeReason
from portal.models.case import Case
from portal.people.queries import person
from portal.web.database import session
from portal.web.forms import Form
from portal.web.fragments import fragment, refused, wants_fragment

GRADE = f"{ROOM}/<int:grade>"
Step = TypeVar("Step", bound=Form)
SESSION = f"{GRADE}/sessions/<string:session_id>"


@calibration.get(f"{GRADE}/live", load=queries.place, access=policy.can_enter)
def live(place: Place) -> ResponseReturnValue:
    """204 when nothing is new since `since`; else the room as it is now. Whoever has to leave, or may come back, or
    must stay away from another case since, gets their whole page anew: the rest of it must not go on showing it."""
    family = request.args.get("family", "")
    where: dict[str, Any] = {"cycle_id": place.cycle_id, "family_id": family, "grade": place.grade}
    beat = queries.pulse(session(), me(), **where, leads=bool(policy.can_facilitate(me(), place)), at=now())
    before, after = request.args.get("since"), beat.token if beat else NOTHING_ON
    if before == after:
        return make_response("", 204)
    page = live_part(me(), place, family)
    part = fragment("calibration/_live.html", **page)
    if has_lost_a_case(before or "", after, (item.case.id for item in page["items"])):
        part.headers["HX-Refresh"] = "true"
    return part


@calibration.post(f"{GRADE}/sessions", load=queries.bare_room, access=policy.can_facilitate)
def begin(room: Room) -> ResponseReturnValue:
    form = SessionForm()
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Say which ladder, and between 1 and 120 minutes a case."))
    where: dict[str, Any] = {"cycle": room.cycle, "family_id": str(form.family.data), "grade": room.grade or 0}
    steps.begin_session(session(), **where, actor=me(), box_minutes=form.box.data or 0, at=now())
    flash(_("The session has begun. Everybody in the room sees the same screen from now on."))
    return redirect(url_for("calibration.grade", slug=room.cycle.slug, grade=room.grade, family=form.family.data), 303)


@calibration.post(f"{SESSION}/table", load=queries.sitting, access=policy.can_lead)
def put(at: Sitting) -> ResponseReturnValue:
    form = _sent(TableForm())
    case = _case(at, str(form.case.data)) if form.case.data else None
    return _moved(at, lambda: steps.put_on_table(session(), case=case, **_facilitated(at, form)))


@calibration.post(f"{SESSION}/reveal", load=queries.sitting, access=policy.can_lead)
def reveal(at: Sitting) -> ResponseReturnValue:
    form = _sent(TableForm())
    case = _case(at, str(form.case.data))
    return _moved(at, lambda: steps.reveal(session(), case=case, **_facilitated(at, form)))


@calibration.post(f"{SESSION}/end", load=queries.sitting, access=policy.can_lead)
def end(at: Sitting) -> ResponseReturnValue:
    form = _sent(TableForm())
    return _moved(at, lambda: steps.end_session(session(), **_facilitated(at, form)))


def _facilitated(at: Sitting, form: TableForm) -> dict[str, Any]:
    return {"live": at.live, "actor": me(), "seen": str(form.seen.data), "at": now()}


def _moved(at: Sitting, step: Callable[[], None]) -> ResponseReturnValue:
    """The room after a facilitator's step. To one who pressed from an older screen htmx brings the room as it is, with
    what they asked for; without it they get the page that lays both side by side."""
    try:
        step()
    except StaleVersion as late:
        if not wants_fragment():
            raise
        session().rollback()
        return _room(at, 409, late)
    return _shown(at)


@calibration.post(f"{SESSION}/pre-vote", load=queries.sitting, access=policy.can_take_part)
def pre_vote(at: Sitting) -> ResponseReturnValue:
    form = _sent(PreVoteForm())
    case, choice = _case(at, str(form.case.data)), Choice(form.choice.data)
    steps.pre_vote(session(), live=at.live, case=case, actor=me(), choice=choice, at=now())
    return _shown(at)


@calibration.post(f"{SESSION}/minutes", load=queries.sitting, access=policy.can_take_part)
def note(at: Sitting) -> ResponseReturnValue:
    form = _sent(MinuteForm())
    case = _case(at, str(form.case.data)) if form.case.data else None
    steps.note(session(), live=at.live, case=case, actor=me(), text=str(form.text.data or ""), at=now())
    return _shown(at, fresh=True)


@calibration.post(f"{SESSION}/manager", load=queries.sitting, access=policy.can_lead)
def manager(at: Sitting) -> ResponseReturnValue:
    form = _sent(ManagerForm())
    case = _case(at, str(form.case.data))
    steps.note_manager(session(), live=at.live, case=case, actor=me(), present=form.present.data == "yes", at=now())
    return _shown(at)


@calibration.get(f"{SESSION}/changes/<string:case_id>", load=queries.sitting_case, access=policy.can_change)
def change_form(at: SittingCase) -> ResponseReturnValue:
    return render_template("calibration/change.html", **change_page(at, None))


@calibration.post(f"{SESSION}/changes/<string:case_id>", load=queries.sitting_case, access=policy.can_change)
def change(at: SittingCase) -> ResponseReturnValue:
    form = ChangeForm()
    page = change_page(at, form)
    if not form.was_sent_and_is_valid():
        return refused("calibration/change.html", **page)
    try:
        steps.change_position(
            session(), live=at.sitting.live, case=at.case, actor=me(), proposed=_proposed(form), at=now()
        )
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("calibration/change.html", **page)
    flash(_("The change is recorded, with its reason and the evidence."))
    return redirect(_back(at.sitting), 303)


@calibration.post(f"{GRADE}/ballots", load=queries.bare_room, access=policy.can_facilitate)
def open_batch(room: Room) -> ResponseReturnValue:
    """Open the ballots of the cases on which the reviewers agree, all at once."""
    family = request.form.get("family", "")
    page = live_part(me(), room.place, family)
    opened = commands.open_unanimous(session(), items=page["items"], actor=me(), at=now())
    flash(_("Ballots opened: %(n)s.", n=opened))
    return redirect(url_for("calibration.grade", slug=room.cycle.slug, grade=room.grade, family=family), 303)


@calibration.get("/cases/<string:case_id>/minutes", load=cases.case, access=policy.can_read_minutes, reads="minutes")
def minutes(case: Case) -> ResponseReturnValue:
    return render_template("calibration/minutes.html", **minutes_page(case))


def _proposed(form: ChangeForm) -> steps.Proposed:
    proposer = person(session(), person_id=str(form.proposer.data))
    if proposer is None:
        raise InvalidInput(_("Proposer: Only a member of the committee proposes a change."))
    return steps.Proposed(
        competency_id=str(form.competency.data),
        new=form.new.data or 0.0,
        reason=ChangeReason(form.reason.data),
        note=str(form.note.data or ""),
        cites=list(form.cites.data or []),
        proposer=proposer,
    )


def _sent(form: Step) -> Step:
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Something is missing in what was sent. Load the page again and repeat your step."))
    return form


def _case(at: Sitting, case_id: str) -> Case:
    """A case of this session that the person may see here; any other is not there."""
    found = cases.case(session(), case_id=case_id)
    if found is None or found.cycle_id != at.cycle.id or not policy.in_room(me(), found):
        raise Refused(_("There is no such case on this agenda."))
    return found


def _back(at: Sitting) -> str:
    return url_for("calibration.grade", slug=at.cycle.slug, grade=at.live.grade, family=at.live.family_id)


def _shown(at: Sitting, *, fresh: bool = False) -> ResponseReturnValue:
    """The room after the step: the part to htmx, else the page again. `fresh`: the field for minutes comes empty."""
    if not wants_fragment():
        return redirect(_back(at), 303)
    session().flush()
    return _room(at, 200, fresh=fresh)


def _room(at: Sitting, status: int, late: StaleVersion | None = None, *, fresh: bool = False) -> ResponseReturnValue:
    page = live_part(me(), at.room.place, at.live.family_id)
    return fragment("calibration/_live.html", status=status, late=late, fresh=fresh, **page)
