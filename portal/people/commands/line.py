"""Who works here and whom they report to: add, change, move in the line, mark a leaver, take back."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.audit import record
from portal.models.person import Person, SignInSession
from portal.people import queries
from portal.people.bound import refuse_while_bound
from portal.people.importing import why_not_a_name


def add_person(
    s: Session,
    *,
    actor: Person | None,
    email: str,
    name: str,
    at: datetime,
    manager: Person | None = None,
    family_id: str | None = None,
    level_id: str | None = None,
    since: date | None = None,
    timezone: str = "UTC",
    locale: str = "en",
) -> Person:
    """A new person. Raises InvalidInput naming the field, Refused when the address is taken."""
    email, name = checked_email(email), checked_name(name)
    if queries.by_email(s, email):
        raise Refused(f"Email: {email} already belongs to someone here.")
    person = Person(
        email=email,
        name=name,
        manager_id=manager.id if manager else None,
        chain=chain_below(manager),
        family_id=family_id,
        level_id=level_id,
        since=since,
        timezone=checked_zone(timezone),
        locale=locale,
        created_at=at,
    )
    s.add(person)
    s.flush()
    record(s, actor=actor, action="person_added", thing=f"person:{person.id}", at=at)
    return person


def change_person(
    s: Session,
    *,
    person: Person,
    actor: Person,
    name: str,
    manager: Person | None,
    family_id: str | None,
    level_id: str | None,
    since: date | None,
    timezone: str,
    version: int,
    at: datetime,
) -> None:
    """Correct what is known of a person. Raises StaleVersion when somebody else saved since `version` was read.

    Whom one reports to and at which level decide who must stay away from which case; so nobody changes these for
    themselves, and nobody moves a person out of, within, or into their own line."""
    place = {"family_id": family_id, "level_id": level_id, "since": since}
    new = {"name": checked_name(name), **place, "timezone": checked_zone(timezone)}
    old = {key: getattr(person, key) for key in new}
    moves = person.manager_id != (manager.id if manager else None)
    if version != person.version:
        mine, theirs = _in_words(new, manager), _in_words(old, person.manager)
        message = f"Someone else changed {person.name} since you opened the form."
        raise StaleVersion(message, mine=mine, theirs=theirs, version=person.version)
    if moves or (family_id, level_id) != (person.family_id, person.level_id):
        refuse_own_line(actor, person)
        refuse_while_bound(s, actor)
    if moves:
        _refuse_taking_in(actor, manager)
    for key, value in new.items():
        setattr(person, key, value)
    if moves:
        set_manager(s, actor=actor, person=person, manager=manager, at=at)
    s.flush()
    changed = ", ".join(key for key in new if new[key] != old[key])
    if changed:
        record(s, actor=actor, action="person_changed", thing=f"person:{person.id}", at=at, reason=changed, payload=new)


def refuse_own_line(actor: Person, person: Person) -> None:
    if actor.id == person.id or actor.is_above(person) or person.is_above(actor):
        raise NotPermitted(
            f"{person.name} is in your own reporting line, and cases hang on it: another people partner has to change "
            "manager and level."
        )


def _refuse_taking_in(actor: Person, manager: Person | None) -> None:
    """Whoever comes to report to a candidate has a conflict with their case, and a review by them no longer counts."""
    if manager is not None and (manager.id == actor.id or actor.is_above(manager)):
        raise NotPermitted("They would come to report to you: another people partner has to change the manager.")


def set_manager(s: Session, *, actor: Person, person: Person, manager: Person | None, at: datetime) -> None:
    """Move a person, and everyone below, in the reporting line. Refused when it would make a circle."""
    if manager and (manager.id == person.id or person.is_above(manager)):
        raise Refused(f"{manager.name} reports to {person.name}, directly or not: that would be a circle.")
    below = queries.subtree(s, person)
    old = f"{person.chain}{person.id}/"
    person.manager_id, person.chain = (manager.id if manager else None), chain_below(manager)
    for one in below:
        one.chain = f"{person.chain}{person.id}/" + one.chain.removeprefix(old)
    s.flush()
    record(s, actor=actor, action="manager_changed", thing=f"person:{person.id}", at=at)


def set_level(
    s: Session, *, actor: Person, person: Person, family_id: str, level_id: str, since: date, at: datetime
) -> None:
    """Where a person stands on a ladder from a day on; cases that are open keep the level they were opened from."""
    person.family_id, person.level_id, person.since = family_id, level_id, since
    s.flush()
    record(s, actor=actor, action="level_set", thing=f"person:{person.id}", at=at, reason=f"{family_id}: {level_id}")


def chain_below(manager: Person | None) -> str:
    return f"{manager.chain}{manager.id}/" if manager else "/"


def refuse_to_deactivate(s: Session, actor: Person, person: Person) -> None:
    """Somebody who leaves takes their reviews, votes and chair with them: never by who must stay away from a case."""
    if person.id == actor.id:
        raise Refused("Nobody deactivates themselves; ask another people partner.")
    if not person.active:
        raise Refused(f"{person.name} is marked as having left already.")
    if actor.is_above(person) or person.is_above(actor):
        raise NotPermitted(f"{person.name} is in your own reporting line: another people partner marks them as left.")
    refuse_while_bound(s, actor)


def deactivate(s: Session, *, actor: Person, person: Person, at: datetime) -> None:
    """Mark a leaver: signed out everywhere, at once. What they did stays on record."""
    refuse_to_deactivate(s, actor, person)
    person.active = False
    s.execute(delete(SignInSession).where(SignInSession.person_id == person.id))
    record(s, actor=actor, action="person_deactivated", thing=f"person:{person.id}", at=at)


def reactivate(s: Session, *, actor: Person, person: Person, at: datetime) -> None:
    """Take somebody back. They set a new password by invitation."""
    if person.active:
        raise Refused(f"{person.name} is here already.")
    refuse_while_bound(s, actor)
    person.active, person.password_hash = True, None
    s.flush()
    record(s, actor=actor, action="person_reactivated", thing=f"person:{person.id}", at=at)


def checked_name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("Name: say what the person is called.")
    if why := why_not_a_name(name.strip()):
        raise InvalidInput(f"Name: {why}.")
    return name.strip()


def checked_email(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as e:
        raise InvalidInput(f"Email: {e}") from None


def checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidInput(f"Time zone: {name!r} is not one; write it as in Europe/Berlin.") from None


def _in_words(values: Mapping[str, object], manager: Person | None) -> dict[str, str]:
    labels = {"name": "Name", "family_id": "Ladder", "level_id": "Level", "since": "Since", "timezone": "Time zone"}
    said = {labels[key]: str(value or "–") for key, value in values.items()}
    return said | {"Manager": manager.name if manager else "–"}
