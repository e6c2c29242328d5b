"""What a people file would change: compared with who is known, before anything is written. Pure, so that a dry run and
the import itself cannot differ."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from portal.domain.ladder import Family, NotOnLadder
from portal.domain.problems import InvalidInput
from portal.models.person import Role
from portal.people.sheet import Line

_NONE: frozenset[Role] = frozenset()
_NOTHING: list[str] = []
_ROLES = frozenset(role.value for role in Role)
YES, NO = frozenset({"", "yes", "true", "1"}), frozenset({"no", "false", "0"})
_JOINING = str.maketrans("", "", "\u00a0\u202f\u200c\u200d")
_PLAIN_ADDRESS = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")


class Entry(NamedTuple):
    """A person as a row describes them, or as they are known; people are named by address, as in the file."""

    email: str
    name: str = ""
    manager_email: str = ""
    family: str = ""
    level: str = ""
    since: date | None = None
    active: bool = True
    roles: frozenset[Role] = frozenset()
    timezone: str = "UTC"
    locale: str = "en"


_BESIDES_EMAIL = Entry._fields[1:]


class Change(NamedTuple):
    """One row's effect. `before` is None for somebody new; `fields` are the columns that differ."""

    row: int
    before: Entry | None
    after: Entry
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """Who imports: their address ("" for the machine's own command line), whether roles are theirs to give, and the
    addresses of their own reporting line, which they may not re-arrange, and of it those to whom they may move nobody:
    themselves and whoever reports to them."""

    actor_email: str = ""
    may_grant: bool = True
    own_line: Collection[str] = ()
    below: Collection[str] = ()


@dataclass
class Comparison:
    """The changes of a file and its problems, each naming row and column."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def compare(
    lines: Sequence[Line],
    known: Mapping[str, Entry],
    ladders: Mapping[str, Family],
    rules: Rules,
    check_email: Callable[[str], str],
    check_zone: Callable[[str], str],
) -> Comparison:
    """Each row beside the person of that address. A column the file does not have stays as it is; an empty cell is
    empty. `check_email` and `check_zone` raise InvalidInput for what cannot be one."""
    result = Comparison()
    wanted: dict[str, tuple[int, Entry]] = {}
    reader = _Reader(ladders, check_email, lru_cache(maxsize=None)(check_zone))
    for line in lines:
        entry, problems = reader.entry(line, known)
        if entry.email in wanted:
            problems.append(f"email: {entry.email} is in row {wanted[entry.email][0]} already")
        if problems:
            result.problems += [f"row {line.number}: {problem}" for problem in problems]
        wanted.setdefault(entry.email, (line.number, entry))
    for number, entry in wanted.values():
        before = known.get(entry.email)
        fields = _differences(before, entry)
        if problems := _manager_problems(entry, known, wanted) + _right_problems(before, entry, fields, rules):
            result.problems += [f"row {number}: {problem}" for problem in problems]
        if fields:
            result.changes.append(Change(number, before, entry, fields))
        else:
            result.unchanged += 1
    if not result.problems:
        result.problems = _circles(known, wanted)
    return result


@dataclass(frozen=True)
class _Reader:
    ladders: Mapping[str, Family]
    check_email: Callable[[str], str]
    check_zone: Callable[[str], str]

    def entry(self, line: Line, known: Mapping[str, Entry]) -> tuple[Entry, list[str]]:
        """The person a row describes, and what is wrong with its cells, each problem starting with its column."""
        cells, problems = line.cells, list[str]()
        email = cells["email"].lower()
        before = known.get(email)
        if before is None and not _PLAIN_ADDRESS.fullmatch(email):
            email = self._checked(self.check_email, email, "email", problems)
        given: dict[str, Any] = {key: cells[key] for key in ("name", "family", "level") if key in cells}
        if "manager_email" in cells:
            given["manager_email"] = cells["manager_email"].lower()
        if "timezone" in cells:
            given["timezone"] = self._checked(self.check_zone, cells["timezone"] or "UTC", "timezone", problems)
        if "locale" in cells:
            given["locale"] = cells["locale"] or "en"
        given |= _typed(cells, problems)
        after = before._replace(**given) if before else Entry(email, **given)
        problems += _name_problems(after)
        if before is None or (before.family, before.level) != (after.family, after.level):
            problems += self._level_problems(after)
        return after, problems

    def _checked(self, check: Callable[[str], str], text: str, column: str, problems: list[str]) -> str:
        try:
            return check(text)
        except InvalidInput as e:
            problems.append(f"{column}: {e.message.partition(': ')[2]}")
            return text

    def _level_problems(self, entry: Entry) -> list[str]:
        if not entry.family and not entry.level:
            return []
        family = self.ladders.get(entry.family)
        if family is None:
            return [
                f"family: there is no ladder “{entry.family}”; there are {', '.join(sorted(self.ladders)) or 'none'}"
            ]
        try:
            family.level(entry.level)
        except NotOnLadder:
            levels = ", ".join(level.id for level in family.levels)
            return [f"level: “{entry.level}” is not on the ladder {entry.family}; there are {levels}"]
        return []


def _typed(cells: Mapping[str, str], problems: list[str]) -> dict[str, object]:
    """The cells that are not text: since, active, roles."""
    found: dict[str, object] = {}
    if "since" in cells:
        try:
            found["since"] = date.fromisoformat(cells["since"]) if cells["since"] else None
        except ValueError:
            problems.append(f"since: “{cells['since']}” is not a day; write it as in 2026-04-01")
    if "active" in cells:
        said = cells["active"].lower()
        if said not in YES and said not in NO:
            problems.append(f"active: “{cells['active']}” is neither yes nor no")
        found["active"] = said not in NO
    if "roles" in cells:
        words = cells["roles"].lower().replace(",", " ").replace(";", " ").split()
        unknown = sorted(set(words) - _ROLES) if words else []
        problems += [f"roles: there is no role “{w}”; there are {', '.join(Role)}" for w in unknown]
        found["roles"] = frozenset(Role(w) for w in words if w not in unknown) if words else _NONE
    return found


def why_not_a_name(name: str) -> str | None:
    """What cannot stand in a list, a letter or a warning as a name: line breaks and signs that cannot be seen, which
    turn the text beside them around or let two names look alike. Joiners and hard spaces belong to some spellings."""
    if not name.isprintable() and not name.translate(_JOINING).isprintable():
        return "holds a line break or a sign that cannot be seen; write it anew"
    return None if any(sign.isalpha() for sign in name) else "holds no letter"


def _name_problems(entry: Entry) -> list[str]:
    if entry.name and (why := why_not_a_name(entry.name)):
        return [f"name: {why}"]
    if 0 < len(entry.name) <= 200 and len(entry.email) <= 254 and len(entry.locale) <= 16:
        return _NOTHING
    longest = {"name": 200, "email": 254, "locale": 16}
    problems = [] if entry.name else ["name: say what the person is called"]
    return problems + [
        f"{key}: longer than {most} characters" for key, most in longest.items() if len(getattr(entry, key)) > most
    ]


def _manager_problems(entry: Entry, known: Mapping[str, Entry], wanted: Mapping[str, tuple[int, Entry]]) -> list[str]:
    manager = entry.manager_email
    if manager == entry.email and manager:
        return ["manager_email: nobody reports to themselves"]
    if manager and manager not in known and manager not in wanted:
        return [f"manager_email: nobody here or in this file has “{manager}”"]
    return []


def _differences(before: Entry | None, after: Entry) -> tuple[str, ...]:
    if before is None:
        return _BESIDES_EMAIL
    if before == after:
        return ()
    return tuple(name for name in _BESIDES_EMAIL if getattr(before, name) != getattr(after, name))


def _right_problems(before: Entry | None, after: Entry, fields: tuple[str, ...], rules: Rules) -> list[str]:
    problems = []
    if "roles" in fields and (before is not None or after.roles):
        if not rules.may_grant:
            problems.append("roles: only operators grant roles")
        elif after.email == rules.actor_email:
            problems.append("roles: nobody changes their own")
    moved = {"manager_email", "family", "level", "active"} & set(fields)
    if after.email == rules.actor_email and not after.active:
        problems.append("active: nobody deactivates themselves")
        moved.discard("active")  # said once is enough
    if before is not None and moved and after.email in rules.own_line:
        problems.append(f"{', '.join(sorted(moved))}: in your own reporting line; another people partner changes it")
    elif before is not None and "manager_email" in fields and after.manager_email in rules.below:
        problems.append("manager_email: they would come to report to you; another people partner changes it")
    return problems


def _circles(known: Mapping[str, Entry], wanted: Mapping[str, tuple[int, Entry]]) -> list[str]:
    """The rows that would make somebody report to themselves in the end."""
    manager = {email: entry.manager_email for email, entry in known.items()}
    manager |= {email: entry.manager_email for email, (_, entry) in wanted.items()}
    settled: set[str] = {""}
    problems = []
    for start in manager:
        path: dict[str, None] = {}
        here = start
        while here not in settled and here not in path:
            path[here] = None
            here = manager.get(here, "")
        if here not in settled:
            ring = list(path)[list(path).index(here) :]
            row = min((wanted[email][0] for email in ring if email in wanted), default=0)
            problems.append(f"row {row}: manager_email: a circle: {' → '.join([*ring, here])}")
        settled |= set(path)
    return problems
