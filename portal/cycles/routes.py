"""The list of cycles, a cycle's page with the people partner's cockpit, its settings, and its committees."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.adapters.rubrics import library_for
from portal.cycles import commands, policy, queries
from portal.cycles.forms import CommitteeForm, CycleForm, DatesForm, MarginForm, NewCommitteeForm
from portal.cycles.fragments import calendar_dates, frame, list_page, overview_page
from portal.domain.problems import InvalidInput, Refused
from portal.domain.rubric_files import Library, RubricFileErrors
from portal.models.cycle import Committee, Cycle
from portal.models.person import Person
from portal.people.queries import suggestions
from portal.web.calendar import calendar_answer
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

cycles = GuardedBlueprint("cycles", __name__, url_prefix="/cycles")
HALF_A_YEAR = timedelta(weeks=26)


def _me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def _library() -> Library:
    """The ladders a new cycle would pin. Broken files stop a cycle from being created, with the place to look."""
    folder: Path = current_app.config["SETTINGS"].rubrics
    try:
        return library_for(session(), folder=folder, on=now().date())
    except RubricFileErrors:
        raise Refused(
            _("The rubric files cannot be read, so nothing can be pinned. The page Ladders shows what is wrong.")
        ) from None


@cycles.get("", load=None, access=policy.can_see)
def index() -> ResponseReturnValue:
    return render_template("cycles/index.html", **list_page(_me(), now()))


@cycles.get("/<string:slug>", load=queries.cycle, access=policy.can_see)
def show(cycle: Cycle) -> ResponseReturnValue:
    return render_template("cycles/show.html", **overview_page(_me(), cycle, now()))


@cycles.get("/<string:slug>/calendar.ics", load=queries.cycle, access=policy.can_see)
def calendar(cycle: Cycle) -> ResponseReturnValue:
    return calendar_answer(calendar_dates(cycle), at=now(), name=f"evenbar-{cycle.slug}")


def _new_form(library: Library, **given: Any) -> CycleForm:
    form = CycleForm(**given)
    form.offer(library.org.policy.margin)
    form.families.choices = [(f.id, f.name) for f in library.families.values()]
    return form


@cycles.get("/new", load=None, access=policy.can_run)
def new() -> ResponseReturnValue:
    library = _library()
    start = {"margin": library.org.policy.margin, "min_reviewers": library.org.policy.min_reviewers}
    return render_template("cycles/new.html", form=_new_form(library, formdata=None, data=start))


@cycles.get("/<string:slug>/copy", load=queries.cycle, access=policy.can_run)
def copy(cycle: Cycle) -> ResponseReturnValue:
    """The form of a new cycle, filled from an old one, half a year later."""
    start = {key: getattr(cycle, key) + HALF_A_YEAR for key in ("opens_at", "submit_by", "review_by", "decide_by")}
    start |= {"margin": cycle.margin, "min_reviewers": cycle.min_reviewers}
    start |= {"families": [pin.family_id for pin in cycle.pins]}
    return render_template("cycles/new.html", form=_new_form(_library(), formdata=None, data=start))


@cycles.post("/new", load=None, access=policy.can_run)
def create() -> ResponseReturnValue:
    library = _library()
    form = _new_form(library)
    if not form.was_sent_and_is_valid():
        return refused("cycles/new.html", form=form)
    try:
        made = commands.create_cycle(
            session(),
            actor=_me(),
            slug=str(form.slug.data),
            name=str(form.name.data),
            **form.dates(),
            families=list(form.families.data or []),
            library=library,
            margin=form.margin.data,
            min_reviewers=form.min_reviewers.data,
            at=now(),
        )
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("cycles/new.html", form=form)
    flash(_("%(name)s is set up. Name its committees next, so that every grade has someone to decide.", name=made.name))
    return redirect(url_for("cycles.committees", slug=made.slug), 303)


def _settings_page(cycle: Cycle, dates: DatesForm | None = None, margin: MarginForm | None = None) -> dict[str, Any]:
    margin = margin or MarginForm(formdata=None, data={"margin": cycle.margin})
    margin.offer(cycle.margin)
    return {**frame(cycle, now()), "dates": dates or DatesForm(formdata=None, obj=cycle), "margin": margin}


@cycles.get("/<string:slug>/settings", load=queries.cycle, access=policy.can_run)
def settings(cycle: Cycle) -> ResponseReturnValue:
    return render_template("cycles/settings.html", **_settings_page(cycle))


@cycles.post("/<string:slug>/settings", load=queries.cycle, access=policy.can_run)
def set_dates(cycle: Cycle) -> ResponseReturnValue:
    form = DatesForm()
    if not form.was_sent_and_is_valid():
        return refused("cycles/settings.html", **_settings_page(cycle, dates=form))
    given: dict[str, Any] = {
        "name": str(form.name.data),
        "min_reviewers": form.min_reviewers.data,
        "version": form.version.data or 0,
    }
    try:
        commands.set_dates(session(), cycle=cycle, actor=_me(), **given, **form.dates(), at=now())
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("cycles/settings.html", **_settings_page(cycle, dates=form))
    flash(_("The dates are saved. Everyone sees them from now on."))
    return redirect(url_for("cycles.settings", slug=cycle.slug), 303)


@cycles.post("/<string:slug>/margin", load=queries.cycle, access=policy.can_run)
def set_margin(cycle: Cycle) -> ResponseReturnValue:
    form = MarginForm()
    form.offer(cycle.margin)
    if not form.was_sent_and_is_valid():
        return refused("cycles/settings.html", **_settings_page(cycle, margin=form))
    try:
        commands.set_margin(session(), cycle=cycle, actor=_me(), margin=form.margin.data, at=now())
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("cycles/settings.html", **_settings_page(cycle, margin=form))
    flash(_("The margin is set. Who set which margin when is shown beside every verdict."))
    return redirect(url_for("cycles.settings", slug=cycle.slug), 303)


@cycles.get("/<string:slug>/close", load=queries.cycle, access=policy.can_run)
def close_form(cycle: Cycle) -> ResponseReturnValue:
    return render_template("cycles/close.html", **frame(cycle, now()))


@cycles.post("/<string:slug>/close", load=queries.cycle, access=policy.can_run)
def close(cycle: Cycle) -> ResponseReturnValue:
    commands.close_cycle(session(), cycle=cycle, actor=_me(), at=now())
    flash(_("%(name)s is closed.", name=cycle.name))
    return redirect(url_for("cycles.show", slug=cycle.slug), 303)


def _committee_page(cycle: Cycle, form: CommitteeForm) -> dict[str, Any]:
    return {**frame(cycle, now()), "form": form, "suggestions": suggestions(session())}


@cycles.get("/<string:slug>/committees", load=queries.cycle, access=policy.can_run)
def committees(cycle: Cycle) -> ResponseReturnValue:
    return render_template("cycles/committees.html", **_committee_page(cycle, NewCommitteeForm(formdata=None)))


@cycles.post("/<string:slug>/committees", load=queries.cycle, access=policy.can_run)
def form_committee(cycle: Cycle) -> ResponseReturnValue:
    form = NewCommitteeForm()
    panel = _panel(form) if form.was_sent_and_is_valid() else None
    if panel is None:
        return refused("cycles/committees.html", **_committee_page(cycle, form))
    grades: dict[str, Any] = {"grade_from": form.grade_from.data, "grade_to": form.grade_to.data}
    try:
        made = commands.form_committee(session(), cycle=cycle, actor=_me(), **grades, **panel, at=now())
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("cycles/committees.html", **_committee_page(cycle, form))
    flash(_("“%(name)s” is named.", name=made.name))
    return redirect(url_for("cycles.committees", slug=cycle.slug), 303)


@cycles.get("/<string:slug>/committees/<string:committee_id>", load=queries.committee, access=policy.can_run)
def committee(committee: Committee) -> ResponseReturnValue:
    form = CommitteeForm(formdata=None, data=_as_typed(committee))
    return render_template("cycles/committee.html", committee=committee, **_committee_page(committee.cycle, form))


@cycles.post("/<string:slug>/committees/<string:committee_id>", load=queries.committee, access=policy.can_run)
def change_committee(committee: Committee) -> ResponseReturnValue:
    form = CommitteeForm()
    panel = _panel(form) if form.was_sent_and_is_valid() else None
    if panel is None:
        return refused("cycles/committee.html", committee=committee, **_committee_page(committee.cycle, form))
    version = form.version.data or 0
    try:
        commands.change_committee(session(), committee=committee, actor=_me(), **panel, version=version, at=now())
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("cycles/committee.html", committee=committee, **_committee_page(committee.cycle, form))
    flash(_("“%(name)s” is changed. Ballots that are open keep the people they were opened with.", name=committee.name))
    return redirect(url_for("cycles.committees", slug=committee.cycle.slug), 303)


def _panel(form: CommitteeForm) -> dict[str, Any] | None:
    """The people a form names, or None with the error at each address nobody here has."""
    typed = form.addresses()
    found = queries.people_by_email(session(), set(typed.values()))
    unknown = [field for field in form.seats if field.short_name in typed and typed[field.short_name] not in found]
    for field in unknown:
        field.errors = [_("Nobody here has this address.")]
    if unknown:
        return None
    people = {name: found[address] for name, address in typed.items()}
    return {
        "name": str(form.name.data),
        "chair": people["chair"],
        "deputy": people.get("deputy"),
        "members": list(people.values()),
    }


def _as_typed(committee: Committee) -> dict[str, Any]:
    officers = {committee.chair_id, committee.deputy_id}
    others = [seat.person.email for seat in committee.seats if seat.person_id not in officers]
    named = {f"member_{n}": email for n, email in enumerate(sorted(others), start=1)}
    deputy = committee.deputy.email if committee.deputy else ""
    chair = committee.chair.email
    return {"name": committee.name, "chair": chair, "deputy": deputy, **named, "version": committee.cycle.version}
