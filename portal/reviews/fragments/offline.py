"""What a sheet has to read, taken from what the scoring form shows its reviewer and nothing else; and the page that
gives sheets out and takes them in."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.cases.queries import rubric_of
from portal.domain.ladder import Rubric, RubricCompetency
from portal.domain.packet import sections_for
from portal.models.case import Case
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import NoScore
from portal.packets import queries as packets
from portal.reviews import policy, queries
from portal.reviews.commands import Looked
from portal.reviews.fragments.writing import evidence_of, points_of
from portal.reviews.sheets import Matter, Sheet, write_text
from portal.reviews.sheets.filling import labels, sheet_of
from portal.web.database import session
from portal.web.filters import when


def sheet_for(actor: Person, case: Case) -> tuple[Sheet, Matter]:
    """The form of one's own open review, filled in as far as it is saved, with what it shows to be read."""
    mine, snapshot = policy.own_assignment(actor, case), packets.latest_snapshot(session(), case)
    assert mine is not None
    assert snapshot is not None
    rubric = rubric_of(case)
    due = mine.due_at or case.cycle.review_by
    return sheet_of(case, rubric, actor, snapshot, mine.review), matter(case, rubric, snapshot, due)


def matter(case: Case, rubric: Rubric, snapshot: Snapshot, due: datetime) -> Matter:
    named, evidence = labels(snapshot), evidence_of(snapshot)
    scores = (*(str(p["value"]) for p in points_of(rubric)), *(code.value for code in NoScore))
    about = (
        _(
            "%(name)s, to %(level)s, %(cycle)s",
            name=case.candidate.name,
            level=rubric.level.title,
            cycle=case.cycle.name,
        ),
        _("Due %(when)s; packet: snapshot %(n)s", when=when(due).striptags(), n=snapshot.number),
        _("A score is one of %(words)s. Evidence is cited by its label, as in E1 E3.", words=", ".join(scores)),
    )
    return Matter(
        about=about,
        asked={line.id: (line.name, _expected(rubric, line), _anchors(rubric)) for line in rubric.competencies},
        claims={line.id: _claims(line, evidence, named) for line in rubric.competencies},
        packet=(*_sections(case, snapshot), *_evidence(rubric, snapshot, named), *_feedback(case)),
        scores=scores,
        summary=_("Summary"),
        hints=(
            _("Fill in score, why and cites; leave the rest as it is. Then send it back under My reviews, Offline."),
        ),
    )


def _expected(rubric: Rubric, line: RubricCompetency) -> str:
    if line.expectation is None:
        return ""
    expected = line.expectation
    heading = _("Expected of %(level)s", level=rubric.level.title)
    signs = [_("It looks like: %(sign)s", sign=sign) for sign in expected.signals]
    signs += [_("Not: %(sign)s", sign=sign) for sign in expected.counter_signals]
    return "\n".join([f"{heading}: {expected.text}", *signs])


def _anchors(rubric: Rubric) -> tuple[str, ...]:
    return tuple(f"{p['value']} · {_(p['name'])}: {p['anchor']}" for p in points_of(rubric))


def _claims(line: RubricCompetency, evidence: list[dict[str, Any]], named: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{named[row['id']]}: {row['claim']}" for row in evidence if row["competency"] == line.id)


def _sections(case: Case, snapshot: Snapshot) -> list[tuple[str, str, str]]:
    kept = snapshot.content["sections"]
    return [
        (_(section.title), _(field.label), kept.get(section.code, {}).get(field.code, ""))
        for section in sections_for(case.grade, case.case_type)
        for field in section.fields
    ]


def _evidence(rubric: Rubric, snapshot: Snapshot, named: dict[str, str]) -> list[tuple[str, str, str]]:
    names = {line.id: line.name for line in rubric.competencies}
    fields = (
        ("claim", _("Claim")),
        ("contribution", _("Own contribution")),
        ("period", _("When")),
        ("link", _("Link")),
    )
    found = [
        (f"{named[row['id']]} · {names.get(row['competency'], '')}", label, str(row[code]))
        for row in evidence_of(snapshot)
        for code, label in fields
        if row.get(code)
    ]
    said = snapshot.content["self_assessment"]
    points = {p["value"]: _(p["name"]) for p in points_of(rubric)}
    return found + [
        (_("Self-assessment"), names[line.id], f"{said[line.id]} · {points.get(said[line.id], '')}")
        for line in rubric.competencies
        if said.get(line.id) is not None
    ]


def _feedback(case: Case) -> list[tuple[str, str, str]]:
    """What colleagues say, under their pseudonyms."""
    titles = {section.code: _(section.title) for section in sections_for(case.grade, case.case_type)}
    found = []
    for row in packets.feedback(session(), case):
        found += [(row.pseudonym, titles.get(code, code), text) for code, text in sorted(row.answers.items()) if text]
        found.append((row.pseudonym, _("A reason not to"), row.reason_not_to))
    return found


def offline(
    actor: Person, kept: queries.Wanted, files: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """The page: reviews that can be taken along, those whose packet is not open yet, and what was found in sheets."""
    tasks = [task for task in queries.queue(session(), actor) if task.is_open and kept.takes(task)]
    good = [file for file in files or [] if not file["problems"] and file["looked"].changes]
    return {
        "ready": [task for task in tasks if task.cleared],
        "closed": [task for task in tasks if not task.cleared],
        "kept": kept,
        "files": files,
        "good": good,
        "message": "",
        "problems": (),
        **more,
    }


def looked_words(name: str, looked: Looked | None, problems: tuple[str, ...]) -> dict[str, Any]:
    """One file of an upload as the page shows it; `text` is what is sent once more to be taken in."""
    text = write_text(looked.sheet) if looked and not problems else ""
    return {"name": name, "looked": looked, "problems": problems, "text": text}
