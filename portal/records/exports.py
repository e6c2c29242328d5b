"""A cycle as tables to take away: cases, scores, ballots and decisions as far as this person may see each, the changes
of level that were released, for whoever runs the payroll, and counts that no case can be read from."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.calibration.policy import can_read_tally, can_read_votes
from portal.cases import queries as cases
from portal.cases.policy import Hat, hats, shown_state
from portal.decisions import queries as decisions
from portal.decisions.policy import Sight, sight
from portal.domain.access import Verdict, allow, hide
from portal.domain.case_types import APPROVALS, Outcome
from portal.models.calibration import Ballot, Elector, Standing
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.person import Person, Role
from portal.models.review import Review
from portal.reviews.policy import can_read_reviews, can_see_names

KEEPING = frozenset({Hat.PEOPLE_PARTNER, Hat.CHAIR, Hat.COMMITTEE})
COUNTING = KEEPING | {Hat.AUDITOR}
FLOOR = 5
FEW = "fewer than 5"
FORMATS = ("csv", "xlsx")
Row = tuple[str, ...]
RowsOf = Callable[[Session, Case, Person], Iterator[Row]]


@dataclass(frozen=True)
class Export:
    """One table of one cycle in one format; whose rows it holds, `rows_of` decides."""

    cycle: Cycle
    table: str
    format: str


@dataclass(frozen=True)
class Taken:
    """What is taken away: the rows, and which cases' text was read for them, as (id, stage)."""

    header: Row
    rows: list[Row]
    read: list[tuple[str, str]]


def export(s: Session, *, slug: str, table: str, fmt: str) -> Export | None:
    cycle = decisions.cycle(s, slug=slug)
    known = cycle is not None and table in TABLES and fmt in FORMATS
    return Export(cycle, table, fmt) if cycle and known else None


def can_export(actor: Person, cycle: Cycle) -> Verdict:
    """Take something of this cycle away; what, `tables_for` says."""
    return allow("decides, keeps or checks the cycle") if tables_for(actor, cycle) else hide("no part in this cycle")


def can_take(actor: Person, wanted: Export) -> Verdict:
    if wanted.table in tables_for(actor, wanted.cycle):
        return allow("as far as each case is theirs to see")
    return hide("not theirs to take away")


def tables_for(actor: Person, cycle: Cycle) -> tuple[str, ...]:
    """Which tables this person may ask for: an auditor only counts, a committee no payroll."""
    if actor.has(Role.PEOPLE_PARTNER):
        return tuple(TABLES)
    if any(actor.id in c.member_ids for c in cycle.committees):
        return tuple(name for name in TABLES if name != "payroll")
    return ("summary",) if actor.has(Role.AUDITOR) else ()


def taken(s: Session, wanted: Export, actor: Person) -> Taken:
    header, all_rows_of = TABLES[wanted.table]
    if wanted.table == "summary" and wanted.cycle.closed_at is None:
        return Taken(header, [], [])  # counts of today beside those of yesterday would tell of one case
    found = _theirs(s, wanted.cycle, actor, COUNTING if wanted.table == "summary" else KEEPING)
    decisions.load_decisions(s, found)
    rows = list(all_rows_of(s, found, actor))
    if wanted.table == "summary":
        return Taken(header, suppressed(rows), [])
    ids = {row[0] for row in rows}
    return Taken(header, rows, [(case.id, case.state.value) for case in found if case.id in ids])


def _theirs(s: Session, cycle: Cycle, actor: Person, worn: frozenset[Hat]) -> list[Case]:
    """The cases this person knows in one of these hats, by candidate: never their own, never a conflicted one."""
    return [case for case in cases.visible_to(s, actor, cycle=cycle) if hats(actor, case) & worn]


def _case_rows(s: Session, case: Case, actor: Person) -> Iterator[Row]:
    levels = (case.from_level_id, case.to_level_id, case.track_kind, str(case.grade))
    state = shown_state(actor, case).value
    yield case.id, case.candidate.name, case.family_id, case.case_type.value, *levels, state, case.rubric_hash


def _score_rows(s: Session, cases: list[Case], actor: Person) -> Iterator[Row]:
    """The first sealed scores, which the figures read; reviewers by name only for those who see their names. Three
    statements, however many cases there are."""
    open_to = [case for case in cases if can_read_reviews(actor, case)]
    q = select(Review).where(Review.case_id.in_([case.id for case in open_to]), Review.sealed_at.is_not(None))
    q = q.options(selectinload(Review.scores), joinedload(Review.assignment).joinedload(Assignment.reviewer))
    by_case: dict[str, list[Review]] = defaultdict(list)
    for review in s.scalars(q.order_by(Review.id)):
        by_case[review.case_id].append(review)
    for case in open_to:
        for review in by_case[case.id]:
            yield from _scores_of(review, named=can_see_names(actor, case))


def _scores_of(review: Review, *, named: bool) -> Iterator[Row]:
    asked = review.assignment
    who = asked.reviewer.name if named else asked.pseudonym
    for score in sorted(review.scores, key=lambda one: one.competency_id):
        given = "" if score.value is None else str(score.value)
        no_score = score.no_score.value if score.no_score else ""
        yield review.case_id, who, asked.track_kind, score.competency_id, given, no_score


def _ballot_rows(s: Session, found: list[Case], actor: Person) -> Iterator[Row]:
    """Closed ballots: single votes for those who keep the record of them, else one line of counts."""
    ids = [case.id for case in found]
    q = select(Ballot).where(Ballot.case_id.in_(ids)).order_by(Ballot.round)
    ballots = s.scalars(q.options(selectinload(Ballot.electors).joinedload(Elector.person))).all()
    place = {case_id: n for n, case_id in enumerate(ids)}
    for ballot in sorted(ballots, key=lambda one: (place[one.case_id], one.round)):
        if can_read_tally(actor, ballot):
            yield from _votes_in(ballot, actor)


def _votes_in(ballot: Ballot, actor: Person) -> Iterator[Row]:
    start = (ballot.case_id, str(ballot.round), ballot.closed_at.isoformat() if ballot.closed_at else "")
    if can_read_votes(actor, ballot):
        for elector in sorted(ballot.electors, key=lambda e: (e.person.name, e.person_id)):
            absent = "recused" if elector.standing is Standing.RECUSED else "absent"
            yield *start, elector.person.name, elector.choice.value if elector.choice else absent
    else:
        counted = cases.count(ballot)
        said = f"{counted.votes_for} for, {counted.votes_against} against, {counted.abstentions} abstained"
        yield *start, "", f"{said}, {counted.absent} absent, {counted.recused} recused"


def _each(rows_of: RowsOf) -> "AllRowsOf":
    """The rows of one case after the other, for a table that needs nothing but the cases."""
    return lambda s, found, actor: (row for case in found for row in rows_of(s, case, actor))


def _decision_rows(s: Session, case: Case, actor: Person) -> Iterator[Row]:
    for one in case.decisions:
        if sight(actor, one) is Sight.ALL:
            days = (one.recorded_at, one.confirmed_at, one.released_at)
            when = tuple(day.isoformat() if day else "" for day in days)
            unmet = " ".join(clause["code"] for clause in one.unmet)
            yield (
                case.id,
                str(one.number),
                one.outcome.value,
                *when,
                _effective(one),
                unmet,
                one.reasons,
                one.correction,
            )


def _payroll_rows(s: Session, case: Case, actor: Person) -> Iterator[Row]:
    """The change of level that stands: the last released version, if it approves."""
    released = [one for one in case.decisions if one.released_at]
    if not released or released[-1].outcome not in APPROVALS:
        return
    one, trial = released[-1], released[-1].outcome is Outcome.APPROVED_ON_TRIAL
    levels = (case.family_id, case.from_level_id, case.to_level_id, str(case.grade))
    code = one.letter.code if one.letter else ""
    yield case.id, case.candidate.email, case.candidate.name, *levels, _effective(one), "yes" if trial else "no", code


def _effective(one: Decision) -> str:
    return one.effective_on.isoformat() if one.effective_on else ""


def _summary_rows(s: Session, case: Case, actor: Person) -> Iterator[Row]:
    released = [one for one in case.decisions if one.released_at]
    if released:
        yield case.track_kind, released[-1].outcome.value


def suppressed(rows: list[Row]) -> list[Row]:
    """Released outcomes by track with their totals, cells of 1 to 4 hidden and what they could be worked out from."""
    import numpy as np

    from portal.domain.measurement import suppress

    counts = Counter(rows)
    tracks, outcomes = sorted({row[0] for row in rows}), [o.value for o in Outcome]
    if not tracks:
        return []
    table = np.array([[counts[track, outcome] for outcome in outcomes] for track in tracks])
    hidden = suppress(table, FLOOR)
    return [
        (track, outcome, FEW if hidden[i, j] else str(table[i, j]))
        for i, track in enumerate(tracks)
        for j, outcome in enumerate(outcomes)
    ]


AllRowsOf = Callable[[Session, list[Case], Person], Iterator[Row]]
_LEVELS = ("from_level", "to_level", "track", "grade")
TABLES: dict[str, tuple[Row, AllRowsOf]] = {
    "cases": (("case", "candidate", "family", "type", *_LEVELS, "state", "rubric"), _each(_case_rows)),
    "scores": (("case", "reviewer", "home", "competency", "score", "not_scored"), _score_rows),
    "ballots": (("case", "round", "closed_at", "member", "vote"), _ballot_rows),
    "decisions": (
        (
            "case",
            "version",
            "outcome",
            "recorded",
            "confirmed",
            "released",
            "effective_on",
            "unmet",
            "reasons",
            "corrects",
        ),
        _each(_decision_rows),
    ),
    "payroll": (
        ("case", "email", "name", "family", "from_level", "to_level", "grade", "effective_on", "on_trial", "letter"),
        _each(_payroll_rows),
    ),
    "summary": (("track", "outcome", "cases"), _each(_summary_rows)),
}
