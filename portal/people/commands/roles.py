"""Roles for the whole organisation: given and taken one at a time, each on record."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from portal.models.audit import record
from portal.models.person import Person, Role, RoleGrant
from portal.people.bound import refuse_while_bound


def grant(s: Session, *, actor: Person | None, person: Person, role: Role, at: datetime) -> None:
    if person.has(role):
        return
    person.grants.append(RoleGrant(role=role, granted_at=at, granted_by_id=actor.id if actor else None))
    s.flush()
    record(s, actor=actor, action="role_granted", thing=f"person:{person.id}", at=at, reason=role.value)


def revoke(s: Session, *, actor: Person, person: Person, role: Role, at: datetime) -> None:
    """Takes effect at the person's next request, in every tab they have open."""
    person.grants = [g for g in person.grants if g.role is not role]
    s.flush()
    record(s, actor=actor, action="role_revoked", thing=f"person:{person.id}", at=at, reason=role.value)


def set_roles(s: Session, *, actor: Person, person: Person, roles: Collection[Role], at: datetime) -> None:
    """Exactly these roles from now on; a role that stays is not touched. People partners and auditors review no case: a
    role that is given may take a reviewer away."""
    refuse_while_bound(s, actor)
    for role in Role:
        if role in roles:
            grant(s, actor=actor, person=person, role=role, at=at)
        elif person.has(role):
            revoke(s, actor=actor, person=person, role=role, at=at)
