"""Sheets that came back: looked at with every problem at once, then taken in whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.queries import rubric_of
from portal.domain.ladder import Rubric
from portal.domain.problems import InvalidInput
from portal.models.case import Assignment, Case
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import NoScore, Review
from portal.packets.queries import latest_snapshot
from portal.reviews import policy, queries
from portal.reviews.commands.writing import LONGEST, ScoreInput, save_review
from portal.reviews.sheets import SUMMARY, Filled, Line, Sheet
from portal.reviews.sheets.filling import key_of, labels, sheet_of

NOT_YOURS = "there is no review of yours to write under this case; download a sheet from My reviews."


@dataclass(frozen=True)
class Change:
    """One field that a sheet would change, in its own words."""

    competency: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Looked:
    """What a sheet would do. With problems, each with its cell or line, it does nothing."""

    sheet: Sheet
    case: Case | None
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    case: Case
    mine: Assignment
    snapshot: Snapshot
    rubric: Rubric

    @property
    def review(self) -> Review | None:
        return self.mine.review


def look_at(s: Session, *, actor: Person, filled: Filled) -> Looked:
    """Compare a sheet with the review it is of. Nothing is written."""
    sheet = filled.sheet
    place, why = _place_of(s, actor, sheet)
    if place is None:
        return Looked(sheet, None, problems=(_at(filled, "", "case", why),))
    if wrong := _of_another(place, actor, filled):
        return Looked(sheet, place.case, problems=wrong)
    problems = (*_of_another_rubric(place.rubric, filled), *_misfilled(place, filled))
    before = sheet_of(place.case, place.rubric, actor, place.snapshot, place.review)
    return Looked(sheet, place.case, () if problems else _changes(place.rubric, before, sheet), problems)


def _place_of(s: Session, actor: Person, sheet: Sheet) -> tuple[_Place | None, str]:
    """Where the sheet belongs, or why nowhere; of a case that is not theirs it says no more than of none."""
    case = queries.case_for_saving(s, case_id=sheet.key.case[:12])
    verdict = policy.can_write(actor, case) if case else None
    if case is None or verdict is None or verdict.hidden:
        return None, NOT_YOURS
    mine, snapshot = policy.own_assignment(actor, case), latest_snapshot(s, case)
    if not verdict or mine is None or snapshot is None:
        return None, verdict.why
    if first := queries.anchor_first(s, case, mine):
        return None, f"first score the anchor packet “{first.title}” under My reviews; the case opens after it."
    return _Place(case, mine, snapshot, rubric_of(case)), ""


def _of_another(place: _Place, actor: Person, filled: Filled) -> tuple[str, ...]:
    """A sheet for another person, packet or rubric, or made before the review was last saved."""
    sent, now = filled.sheet.key, key_of(place.case, actor, place.snapshot, place.review)
    if sent.reviewer != now.reviewer:
        return (_at(filled, "", "reviewer", "the sheet was made for another person; download your own."),)
    if sent.snapshot != now.snapshot:
        remedy = "look at what changed, download a new sheet and copy over what still holds."
        return (_at(filled, "", "snapshot", f"the packet is at snapshot {place.snapshot.number} now; {remedy}"),)
    if sent.rubric != now.rubric:
        return (_at(filled, "", "rubric", "the sheet is of another rubric; download a new one."),)
    kept = sheet_of(place.case, place.rubric, actor, place.snapshot, place.review)
    same = (kept.lines, kept.summary) == (filled.sheet.lines, filled.sheet.summary)
    if sent.saved != now.saved and not same:
        remedy = "download a new sheet, so that nothing newer is overwritten."
        return (_at(filled, "", "saved", f"your review was saved after this sheet was made; {remedy}"),)
    return ()


def _of_another_rubric(rubric: Rubric, filled: Filled) -> list[str]:
    asked, there = [line.id for line in rubric.competencies], [line.competency for line in filled.sheet.lines]
    found = [
        _at(filled, code, "score", f"the rubric has no competency “{code}”; take it out.")
        for code in there
        if code not in asked
    ]
    return found + [f"{code}: it is missing; put it back, empty if need be." for code in asked if code not in there]


def _misfilled(place: _Place, filled: Filled) -> list[str]:
    points = [str(int(p.value)) for p in place.rubric.scale.points] if place.rubric.scale else []
    known = set(labels(place.snapshot).values())
    words = [*points, *(code.value for code in NoScore)]
    found = []
    for line in filled.sheet.lines:
        if line.score and line.score not in words:
            said = f"“{line.score}” is not a score; write one of {', '.join(words)}, or nothing."
            found.append(_at(filled, line.competency, "score", said))
        for cited in line.cites:
            if cited not in known:
                has = f"its evidence is E1 to E{len(known)}" if known else "it has none"
                found.append(_at(filled, line.competency, "cites", f"the packet has no evidence “{cited}”; {has}."))
        if len(line.why) > LONGEST:
            found.append(_at(filled, line.competency, "why", f"at most {LONGEST} characters; shorten it."))
    if len(filled.sheet.summary) > LONGEST:
        found.append(_at(filled, SUMMARY, "why", f"at most {LONGEST} characters; shorten it."))
    return found


def _at(filled: Filled, competency: str, what: str, said: str) -> str:
    place = filled.place(competency, what)
    return f"{place}: {said}" if place else said


def _changes(rubric: Rubric, before: Sheet, after: Sheet) -> tuple[Change, ...]:
    names = {line.id: line.name for line in rubric.competencies}
    was = {line.competency: line for line in before.lines}
    found = []
    for line in after.lines:
        old = was[line.competency]
        pairs = (
            ("score", old.score, line.score),
            ("why", old.why, line.why),
            ("cites", " ".join(old.cites), " ".join(line.cites)),
        )
        found += [Change(names[line.competency], what, a, b) for what, a, b in pairs if a != b]
    if before.summary != after.summary:
        found.append(Change("", "Summary", before.summary, after.summary))
    return tuple(found)


def take_in(s: Session, *, actor: Person, sheets: Sequence[Filled], at: datetime) -> list[Case]:
    """Write every sheet as its review, or none: InvalidInput names what has come to stand against one.

    The cases that changed, in the order of the sheets."""
    looked = [look_at(s, actor=actor, filled=filled) for filled in sheets]
    if problems := [problem for one in looked for problem in one.problems]:
        raise InvalidInput("Nothing was taken in; since you looked at the sheets something changed.", tuple(problems))
    changed = []
    for one in looked:
        if one.case is not None and one.changes:
            _write(s, one.case, one.sheet, actor, at)
            changed.append(one.case)
    return changed


def _write(s: Session, case: Case, sheet: Sheet, actor: Person, at: datetime) -> None:
    snapshot, mine = latest_snapshot(s, case), policy.own_assignment(actor, case)
    assert snapshot is not None
    assert mine is not None
    ids = {label: cited for cited, label in labels(snapshot).items()}
    scores = {line.competency: _as_input(line, ids) for line in sheet.lines}
    version = mine.review.version if mine.review else 0
    save_review(s, assignment=mine, actor=actor, scores=scores, summary=sheet.summary, version=version, at=at)


def _as_input(line: Line, ids: dict[str, str]) -> ScoreInput:
    cites = tuple(ids[label] for label in line.cites)
    if line.score and not line.score.isdecimal():
        return ScoreInput(None, NoScore(line.score), line.why, cites)
    return ScoreInput(int(line.score) if line.score else None, None, line.why, cites)
