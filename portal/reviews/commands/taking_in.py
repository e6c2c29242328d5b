"""Take in an assignment file: every row looked at first, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.models.audit import record
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.people.sheet import Line, all_at_once
from portal.reviews import queries
from portal.reviews.commands.assigning import seat
from portal.reviews.policy import fitness

NOBODY = "-"  # no id is this


@dataclass(frozen=True)
class Row:
    """What one row would do: `warning` says what speaks against it without forbidding it."""

    number: int
    candidate: str
    reviewer: str
    warning: str


@dataclass(frozen=True)
class TakenIn:
    """Rows that ask somebody new, in file order, and how many are as the file says already."""

    rows: tuple[Row, ...]
    unchanged: int


def take_in_assignments(
    s: Session, *, cycle: Cycle, actor: Person, lines: Sequence[Line], at: datetime, dry_run: bool = False
) -> TakenIn:
    """Ask who a file names, beside whoever is asked already; nobody is taken off for not being in it.

    Raises InvalidInput with every problem of every row, and then nothing has changed. A case that is not this person's
    to run is for them no case of the cycle."""
    emails = {line.cells["reviewer_email"].lower() for line in lines}
    ids = queries.ids_by_email(s, emails)
    found = queries.ground(s, cycle.id, actor, asked=sorted(ids.values()) or [NOBODY])
    reader = _Reader(found, ids)
    for line in lines:
        reader.look(line)
    if reader.problems:
        raise all_at_once(reader.problems)
    if not dry_run and reader.pairs:
        for case, person in reader.pairs:
            writers = found.writers.get(case.id, frozenset())
            standing = found.standing(person)
            seat(s, case=case, reviewer=person, standing=standing, writer_ids=writers, actor=actor, at=at)
        reason = f"{len(reader.pairs)} asked"
        record(s, actor=actor, action="assignments_imported", thing=f"cycle:{cycle.id}", at=at, reason=reason)
    return TakenIn(tuple(reader.rows), reader.unchanged)


class _Reader:
    def __init__(self, found: queries.Ground, ids: dict[str, str]) -> None:
        self._found, self._ids = found, ids
        self._cases = {case.id: case for case in found.cases}
        self._people = {person.id: person for person in found.people}
        self._seen: dict[tuple[str, str], int] = {}
        self.rows: list[Row] = []
        self.pairs: list[tuple[Case, Person]] = []
        self.problems: list[str] = []
        self.unchanged = 0

    def look(self, line: Line) -> None:
        case = self._cases.get(line.cells["case"])
        person = self._people.get(self._ids.get(line.cells["reviewer_email"].lower(), ""))
        if case is None:
            self._blame(line, f"case: no case before or in review has the id “{line.cells['case']}”")
        if person is None:
            self._blame(line, f"reviewer_email: nobody here has “{line.cells['reviewer_email']}”")
        if case is not None and person is not None:
            self._pair(line, case, person)

    def _pair(self, line: Line, case: Case, person: Person) -> None:
        first = self._seen.setdefault((case.id, person.id), line.number)
        if first != line.number:
            self._blame(line, f"the same is in row {first} already")
        elif any(a.reviewer_id == person.id for a in queries.counted(case)):
            self.unchanged += 1
        else:
            self._ask(line, case, person)

    def _ask(self, line: Line, case: Case, person: Person) -> None:
        fit = fitness(person, case, self._found.standing(person), self._found.writers.get(case.id, ()))
        if fit.refusal:
            self._blame(line, f"{person.name} cannot review this case. {fit.refusal}")
            return
        self.pairs.append((case, person))
        self.rows.append(Row(line.number, case.candidate.name, person.name, fit.warning))

    def _blame(self, line: Line, problem: str) -> None:
        self.problems.append(f"row {line.number}: {problem}")
