"""The directory, and the pages on which it is kept: add, edit, roles, invitations, leavers."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.person import Person
from portal.people import commands, policy, queries
from portal.people.forms import NewPersonForm, PersonForm, RolesForm
from portal.people.fragments import directory_page, person_page, places
from portal.people.routes.blueprint import me, people
from portal.web.database import session
from portal.web.fragments import refused


@people.get("/people", load=None, access=policy.can_see_directory)
def index() -> ResponseReturnValue:
    return render_template("people/index.html", **directory_page(me(), request.args))


@people.get("/people/<string:person_id>", load=queries.person, access=policy.can_see)
def show(person: Person) -> ResponseReturnValue:
    return render_template("people/show.html", **person_page(me(), person))


def _page(form: PersonForm, person: Person | None = None) -> dict[str, Any]:
    """What both forms show. Choices are set before the form is validated."""
    form.place.choices = places(person)
    return {"form": form, "person": person, "suggestions": queries.suggestions(session())}


@people.get("/people/new", load=None, access=policy.can_keep_people)
def new() -> ResponseReturnValue:
    start = {"timezone": me().timezone, "invite": True}
    return render_template("people/new.html", **_page(NewPersonForm(formdata=None, data=start)))


@people.post("/people/new", load=None, access=policy.can_keep_people)
def add() -> ResponseReturnValue:
    form = NewPersonForm()
    page = _page(form)
    given = _described(form) if form.was_sent_and_is_valid() else None
    if given is None:
        return refused("people/new.html", **page)
    try:
        person = commands.add_person(session(), actor=me(), email=str(form.email.data), **given, at=now())
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("people/new.html", **page)
    if form.invite.data:
        commands.invite(session(), actor=me(), person=person, at=now())
    flash(_("%(name)s is added.", name=person.name))
    return redirect(url_for("people.show", person_id=person.id), 303)


@people.get("/people/<string:person_id>/edit", load=queries.person, access=policy.can_keep_people)
def edit(person: Person) -> ResponseReturnValue:
    manager = person.manager.email if person.manager else ""
    place = f"{person.family_id}/{person.level_id}" if person.level_id else ""
    form = PersonForm(formdata=None, obj=person, manager_email=manager, place=place)
    return render_template("people/edit.html", **_page(form, person))


@people.post("/people/<string:person_id>/edit", load=queries.person, access=policy.can_keep_people)
def change(person: Person) -> ResponseReturnValue:
    form = PersonForm()
    page = _page(form, person)
    given = _described(form) if form.was_sent_and_is_valid() else None
    if given is None:
        return refused("people/edit.html", **page)
    try:
        commands.change_person(session(), person=person, actor=me(), **given, version=form.version.data or 0, at=now())
    except (InvalidInput, Refused, NotPermitted) as e:
        form.blame(e)
        return refused("people/edit.html", **page)
    flash(_("Saved."))
    return redirect(url_for("people.show", person_id=person.id), 303)


def _described(form: PersonForm) -> dict[str, Any] | None:
    """What a valid form says of a person, or None with the error at a manager nobody knows."""
    address = str(form.manager_email.data or "").strip()
    manager = queries.by_email(session(), address) if address else None
    if address and (manager is None or not manager.active):
        form.manager_email.errors = (_("Nobody here has this address."),)
        return None
    family_id, level_id = form.family_and_level
    return {
        "name": str(form.name.data),
        "manager": manager,
        "family_id": family_id,
        "level_id": level_id,
        "since": form.since.data,
        "timezone": str(form.timezone.data),
    }


@people.get("/people/<string:person_id>/roles", load=queries.person, access=policy.can_grant_roles)
def roles(person: Person) -> ResponseReturnValue:
    form = RolesForm(formdata=None, data={"roles": sorted(person.roles)})
    return render_template("people/roles.html", person=person, form=form)


@people.post("/people/<string:person_id>/roles", load=queries.person, access=policy.can_grant_roles)
def set_roles(person: Person) -> ResponseReturnValue:
    form = RolesForm()
    if not form.was_sent_and_is_valid():
        return refused("people/roles.html", person=person, form=form)
    commands.set_roles(session(), actor=me(), person=person, roles=form.roles.data or [], at=now())
    flash(_("The roles are set; they count from the next page %(name)s opens.", name=person.name))
    return redirect(url_for("people.show", person_id=person.id), 303)


@people.post("/people/<string:person_id>/invite", load=queries.person, access=policy.can_keep_people)
def invite(person: Person) -> ResponseReturnValue:
    if not person.active:
        raise Refused(_("%(name)s has left; take them back first.", name=person.name))
    commands.invite(session(), actor=me(), person=person, at=now())
    flash(_("An invitation is on its way to %(email)s. It can be used once, within seven days.", email=person.email))
    return redirect(url_for("people.show", person_id=person.id), 303)


@people.get("/people/<string:person_id>/deactivate", load=queries.person, access=policy.can_keep_people)
def deactivate_form(person: Person) -> ResponseReturnValue:
    commands.refuse_to_deactivate(session(), me(), person)
    return render_template("people/deactivate.html", person=person)


@people.post("/people/<string:person_id>/deactivate", load=queries.person, access=policy.can_keep_people)
def deactivate(person: Person) -> ResponseReturnValue:
    commands.deactivate(session(), actor=me(), person=person, at=now())
    flash(_("%(name)s is marked as having left and is signed out everywhere.", name=person.name))
    return redirect(url_for("people.show", person_id=person.id), 303)


@people.post("/people/<string:person_id>/reactivate", load=queries.person, access=policy.can_keep_people)
def reactivate(person: Person) -> ResponseReturnValue:
    commands.reactivate(session(), actor=me(), person=person, at=now())
    flash(_("%(name)s is back. Send an invitation, so that they can choose a new password.", name=person.name))
    return redirect(url_for("people.show", person_id=person.id), 303)
