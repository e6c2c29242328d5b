"""The page of people who are kept apart."""

from typing import Any

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from wtforms import SelectChoice

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput
from portal.models.person import Person
from portal.people import commands, policy, queries
from portal.people.forms import KeepApartForm
from portal.people.routes.blueprint import me, people
from portal.web.database import session
from portal.web.fragments import refused


def _page(form: KeepApartForm) -> dict[str, Any]:
    cycles = queries.open_cycles(session())
    form.cycle.choices = [SelectChoice("", _("Always")), *(SelectChoice(c.slug, _in_cycle(c.name)) for c in cycles)]
    return {"form": form, "bonds": queries.bonds(session(), me())}


def _in_cycle(name: str) -> str:
    return str(_("In %(cycle)s: they compete for one role", cycle=name))


@people.get("/people/apart", load=None, access=policy.can_keep_apart)
def apart() -> ResponseReturnValue:
    return render_template("people/apart.html", **_page(KeepApartForm(formdata=None)))


@people.post("/people/apart", load=None, access=policy.can_keep_apart)
def keep_apart() -> ResponseReturnValue:
    form = KeepApartForm()
    page = _page(form)
    if not form.was_sent_and_is_valid():
        return refused("people/apart.html", **page)
    found = _people(form)
    cycle = next((c for c in queries.open_cycles(session()) if c.slug == form.cycle.data), None)
    try:
        if form.errors:
            raise InvalidInput("People: nothing was recorded.")
        reason = str(form.reason.data)
        commands.keep_apart(session(), people=found, actor=me(), reason=reason, cycle=cycle, at=now())
    except InvalidInput as problem:
        form.blame(problem)
        return refused("people/apart.html", **page)
    flash(_("Recorded. It counts at once, on every page."))
    return redirect(url_for("people.apart"), 303)


def _people(form: KeepApartForm) -> list[Person]:
    """The people named; an address nobody has is an error that names its line."""
    found, problems = [], []
    for number, address in enumerate(form.addresses, 1):
        person = queries.by_email(session(), address)
        if person is None:
            problems.append(_("Line %(n)s: nobody here has the address %(address)s.", n=number, address=address))
        elif person not in found:
            found.append(person)
    form.people.errors = tuple(problems)
    return found


def _bond_id(_s: Session, *, bond: str) -> str:
    return bond


@people.post("/people/apart/<string:bond>/end", load=_bond_id, access=policy.can_keep_apart)
def end_apart(bond: str) -> ResponseReturnValue:
    commands.end_apart(session(), bond=bond, actor=me(), at=now())
    flash(_("Ended. What was frozen meanwhile counts again where its writer is still assigned."))
    return redirect(url_for("people.apart"), 303)
