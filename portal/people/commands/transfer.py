"""Take in a people file: all of it or nothing, a hundred thousand rows in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from portal.adapters.collector import collector_paused
from portal.domain.ladder import Family
from portal.domain.problems import InvalidInput
from portal.models.audit import record
from portal.models.base import new_ids
from portal.models.person import Person, Role, RoleGrant, SignInSession
from portal.people import queries
from portal.people.bound import MESSAGE, is_bound
from portal.people.commands.accounts import invite
from portal.people.commands.line import checked_email, checked_zone
from portal.people.importing import Change, Entry, Rules, compare
from portal.people.sheet import Line, all_at_once

INVITED_AT_ONCE = 500  # people of one statement
WEIGHTY = frozenset({"manager_email", "family", "level", "active", "roles"})  # may change who sits on a panel


@dataclass(frozen=True)
class Imported:
    """What a file changed, or would change: its rows' changes in file order, and how many rows changed nothing."""

    changes: tuple[Change, ...]
    unchanged: int

    @property
    def added(self) -> int:
        return sum(change.before is None for change in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.added


def import_people(
    s: Session,
    *,
    actor: Person | None,
    lines: Sequence[Line],
    ladders: Mapping[str, Family],
    at: datetime,
    dry_run: bool = False,
) -> Imported:
    """Add and change people by address; nobody is removed for not being in the file. `lines` come from `read_people`.

    Without an actor (the command line of the machine) roles may be granted and any line re-arranged. Raises
    InvalidInput with every problem of every row, and then nothing has changed."""
    with collector_paused():
        return _import(s, actor, lines, ladders, at, dry_run)


def invite_new(s: Session, *, actor: Person | None, outcome: Imported, at: datetime) -> int:
    """A mail with a way in for everybody whom a file has added; gives how many. Who was here before has one."""
    new = [change.after.email for change in outcome.changes if change.before is None and change.after.active]
    for start in range(0, len(new), INVITED_AT_ONCE):
        wanted = Person.email.in_(new[start : start + INVITED_AT_ONCE])
        for person in s.scalars(select(Person).where(wanted).order_by(Person.email)):
            invite(s, actor=actor, person=person, at=at)
    return len(new)


def _import(
    s: Session, actor: Person | None, lines: Sequence[Line], ladders: Mapping[str, Family], at: datetime, dry_run: bool
) -> Imported:
    ids, known = queries.known_people(s)
    rules = _rules(s, actor)
    found = compare(lines, known, ladders, rules, checked_email, checked_zone)
    if found.problems:
        raise all_at_once(found.problems)
    _refuse_while_bound(s, actor, found.changes)
    outcome = Imported(tuple(found.changes), found.unchanged)
    if not dry_run and outcome.changes:
        _apply(s, actor, outcome, ids, known, at)
    return outcome


def _rules(s: Session, actor: Person | None) -> Rules:
    if actor is None:
        return Rules()
    below = frozenset({actor.email, *(p.email for p in queries.subtree(s, actor))})
    line = below | frozenset(queries.emails_of(s, actor.managers_above))
    return Rules(actor.email, may_grant=actor.has(Role.OPERATOR), own_line=line, below=below)


def _refuse_while_bound(s: Session, actor: Person | None, changes: Sequence[Change]) -> None:
    """New people sit on no panel; those who are known may."""
    weighty = next((c for c in changes if c.before is not None and WEIGHTY & set(c.fields)), None)
    if actor is not None and weighty is not None and is_bound(s, actor):
        raise InvalidInput(f"Row {weighty.row}: {MESSAGE}")


def _apply(
    s: Session, actor: Person | None, outcome: Imported, ids: dict[str, str], known: dict[str, Entry], at: datetime
) -> None:
    after = known | {change.after.email: change.after for change in outcome.changes}
    new = [change.after.email for change in outcome.changes if change.before is None]
    ids |= dict(zip(new, new_ids(len(new)), strict=True))
    chains = _chains(after, ids)
    s.flush()
    added = [c.after for c in outcome.changes if c.before is None]
    if added:
        added.sort(key=lambda entry: chains[entry.email].count("/"))  # managers before those who report to them
        rows = [_row(e, ids, chains) | {"id": ids[e.email], "created_at": at, "version": 1} for e in added]
        s.connection().execute(insert(Person.__table__), rows)  # type: ignore[arg-type]
    _update(s, outcome, ids, chains, known)
    _sign_out(s, [ids[c.after.email] for c in outcome.changes if not c.after.active])
    s.expire_all()
    _note(s, actor, outcome, at)
    _set_roles(s, actor, outcome, ids, at)


def _chains(people: Mapping[str, Entry], ids: Mapping[str, str]) -> dict[str, str]:
    """The ids of all managers above, by address; walks up only as far as is not known yet."""
    chains: dict[str, str] = {}
    for start in people:
        path = []
        here = start
        while here and here not in chains:
            path.append(here)
            here = people[here].manager_email
        for email in reversed(path):
            manager = people[email].manager_email
            chains[email] = f"{chains[manager]}{ids[manager]}/" if manager else "/"
    return chains


def _row(entry: Entry, ids: Mapping[str, str], chains: Mapping[str, str]) -> dict[str, Any]:
    return {
        "email": entry.email,
        "name": entry.name,
        "manager_id": ids[entry.manager_email] if entry.manager_email else None,
        "chain": chains[entry.email],
        "family_id": entry.family or None,
        "level_id": entry.level or None,
        "since": entry.since,
        "active": entry.active,
        "timezone": entry.timezone,
        "locale": entry.locale,
    }


def _update(
    s: Session, outcome: Imported, ids: Mapping[str, str], chains: Mapping[str, str], known: Mapping[str, Entry]
) -> None:
    """The people whose own row changed, and those below someone who moved: their line changed with it."""
    table = Person.__table__
    own = {c.after.email: c.after for c in outcome.changes if c.before is not None and set(c.fields) != {"roles"}}
    if own:
        columns = [key for key in _row(next(iter(own.values())), ids, chains) if key != "email"]
        values: dict[str, Any] = {key: bindparam(f"new_{key}") for key in columns}
        rows = [
            {"of": ids[e.email], **{f"new_{k}": v for k, v in _row(e, ids, chains).items() if k != "email"}}
            for e in own.values()
        ]
        change = update(table).where(table.c.id == bindparam("of")).values(**values, version=table.c.version + 1)  # type: ignore[arg-type]
        s.connection().execute(change, rows)
    if any("manager_email" in c.fields for c in outcome.changes if c.before is not None):
        old = queries.chains(s)
        below = [{"of": ids[e], "new_chain": chains[e]} for e in known if old[ids[e]] != chains[e]]
        if below:
            move = update(table).where(table.c.id == bindparam("of")).values(chain=bindparam("new_chain"))  # type: ignore[arg-type]
            s.connection().execute(move, below)


def _sign_out(s: Session, person_ids: list[str]) -> None:
    for start in range(0, len(person_ids), 500):
        s.execute(delete(SignInSession).where(SignInSession.person_id.in_(person_ids[start : start + 500])))


def _note(s: Session, actor: Person | None, outcome: Imported, at: datetime) -> None:
    payload = [[c.after.email, c.fields] for c in outcome.changes]
    reason = f"{outcome.added} added, {outcome.changed} changed"
    record(s, actor=actor, action="people_imported", thing="people", at=at, reason=reason, payload=payload)


def _set_roles(s: Session, actor: Person | None, outcome: Imported, ids: Mapping[str, str], at: datetime) -> None:
    """Roles are few and weigh much: each given or taken is an event of its own."""
    for change in outcome.changes:
        before = change.before.roles if change.before else frozenset[Role]()
        if change.after.roles == before:
            continue
        person_id = ids[change.after.email]
        for role in sorted(change.after.roles - before):
            by = actor.id if actor else None
            s.add(RoleGrant(person_id=person_id, role=role, granted_at=at, granted_by_id=by))
            s.flush()
            record(s, actor=actor, action="role_granted", thing=f"person:{person_id}", at=at, reason=role.value)
        for role in sorted(before - change.after.roles):
            s.execute(delete(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role == role))
            record(s, actor=actor, action="role_revoked", thing=f"person:{person_id}", at=at, reason=role.value)
