"""Reads of the packets room: the draft, what was frozen, statements, the justification, referees."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.cases.queries import case as load_case
from portal.cases.queries import rubric_of
from portal.domain.ladder import NotOnLadder
from portal.domain.packet import Section, section, sections_for
from portal.domain.rubric_files import read_pinned
from portal.models.calibration import Ballot
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision, Outcome
from portal.models.packet import (
    Attachment,
    BusinessJustification,
    DraftComment,
    Evidence,
    PacketSection,
    Referee,
    RefereeState,
    SelfAssessment,
    Snapshot,
    SnapshotAttachment,
    Statement,
)
from portal.models.person import Person

MOST_FOUND = 12


@dataclass(frozen=True)
class Draft:
    """What is written so far. `sections` by code, `assessed` by competency id; evidence in the rubric's order."""

    sections: dict[str, PacketSection]
    evidence: list[Evidence]
    assessed: dict[str, int | None]
    files: dict[str, list[Attachment]] = field(default_factory=dict)  # by row of evidence

    def texts(self, code: str) -> dict[str, str]:
        found = self.sections.get(code)
        return dict(found.texts) if found else {}

    def version(self, code: str) -> int:
        found = self.sections.get(code)
        return found.version if found else 0


@dataclass(frozen=True)
class PacketPlace:
    case: Case
    submitted: bool


@dataclass(frozen=True)
class SectionPlace:
    case: Case
    section: Section


@dataclass(frozen=True)
class EvidencePlace:
    case: Case
    evidence: Evidence


@dataclass(frozen=True)
class CommentPlace:
    case: Case
    comment: DraftComment


@dataclass(frozen=True)
class AttachmentPlace:
    """A file with what decides who may read it: whether it is in the draft, whether a snapshot holds it."""

    case: Case
    attachment: Attachment
    in_draft: bool
    submitted: bool


@dataclass(frozen=True)
class SnapshotPlace:
    """A snapshot and the one before it, if there is one."""

    case: Case
    snapshot: Snapshot
    earlier: Snapshot | None


@dataclass(frozen=True)
class NeedPlace:
    """The business justification, with what decides who may read it."""

    case: Case
    text: BusinessJustification | None
    ballot_closed: bool
    deferred: bool


def packet(s: Session, *, case_id: str) -> PacketPlace | None:
    case = load_case(s, case_id=case_id)
    return PacketPlace(case, last_number(s, case) > 0) if case else None


def section_place(s: Session, *, case_id: str, code: str) -> SectionPlace | None:
    case = load_case(s, case_id=case_id)
    found = section(case.grade, code) if case else None
    return SectionPlace(case, found) if case and found else None


def evidence_place(s: Session, *, case_id: str, evidence_id: str) -> EvidencePlace | None:
    case = load_case(s, case_id=case_id)
    row = s.scalar(select(Evidence).where(Evidence.case_id == case_id, Evidence.id == evidence_id))
    return EvidencePlace(case, row) if case and row else None


def attachment_place(s: Session, *, case_id: str, attachment_id: str) -> AttachmentPlace | None:
    case = load_case(s, case_id=case_id)
    row = s.scalar(select(Attachment).where(Attachment.case_id == case_id, Attachment.id == attachment_id))
    if case is None or row is None:
        return None
    frozen = exists().where(SnapshotAttachment.attachment_id == row.id)
    return AttachmentPlace(case, row, row.removed_at is None, bool(s.scalar(select(frozen))))


def comment_place(s: Session, *, case_id: str, comment_id: str) -> CommentPlace | None:
    case = load_case(s, case_id=case_id)
    row = s.scalar(select(DraftComment).where(DraftComment.case_id == case_id, DraftComment.id == comment_id))
    return CommentPlace(case, row) if case and row else None


def comments(s: Session, case: Case) -> list[DraftComment]:
    """What managers said about the draft, the earliest first."""
    q = select(DraftComment).where(DraftComment.case_id == case.id).options(joinedload(DraftComment.writer))
    return list(s.scalars(q.order_by(DraftComment.written_at, DraftComment.id)))


def snapshot_place(s: Session, *, case_id: str, number: int) -> SnapshotPlace | None:
    case = load_case(s, case_id=case_id)
    q = select(Snapshot).where(Snapshot.case_id == case_id, Snapshot.number.in_([number, number - 1]))
    found = {row.number: row for row in s.scalars(q.order_by(Snapshot.number))}
    return SnapshotPlace(case, found[number], found.get(number - 1)) if case and number in found else None


def need(s: Session, *, case_id: str) -> NeedPlace | None:
    case = load_case(s, case_id=case_id)
    return need_of(s, case) if case else None


def need_of(s: Session, case: Case) -> NeedPlace:
    closed = exists().where(Ballot.case_id == case.id, Ballot.closed_at.is_not(None))
    deferred = exists().where(
        Decision.case_id == case.id, Decision.released_at.is_not(None), Decision.outcome == Outcome.DEFERRED
    )
    ballot_closed, was_deferred = s.execute(select(closed, deferred)).one()
    text = s.get(BusinessJustification, case.id)
    return NeedPlace(case, text, ballot_closed, was_deferred)


def draft(s: Session, case: Case) -> Draft:
    """Everything in the draft, in four statements."""
    written = s.scalars(select(PacketSection).where(PacketSection.case_id == case.id).order_by(PacketSection.code))
    order = {c.id: n for n, c in enumerate(rubric_of(case).competencies)}
    rows = s.scalars(select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.added_at, Evidence.id))
    q = select(SelfAssessment.competency_id, SelfAssessment.value).where(SelfAssessment.case_id == case.id)
    return Draft(
        sections={row.code: row for row in written},
        evidence=sorted(rows, key=lambda row: order.get(row.competency_id, len(order))),
        assessed={competency: value for competency, value in s.execute(q.order_by(SelfAssessment.competency_id))},
        files=_files(s, case),
    )


def _files(s: Session, case: Case) -> dict[str, list[Attachment]]:
    q = select(Attachment).where(Attachment.case_id == case.id, Attachment.removed_at.is_(None))
    found: dict[str, list[Attachment]] = {}
    for row in s.scalars(q.order_by(Attachment.added_at, Attachment.id)):
        found.setdefault(str(row.evidence_id), []).append(row)
    return found


def draft_content(s: Session, case: Case) -> dict[str, Any]:
    """The draft as plain data, as a snapshot keeps it: only what the candidate wrote."""
    return content_of(case, draft(s, case))


def content_of(case: Case, written: Draft) -> dict[str, Any]:
    return {
        "sections": {
            asked.code: {f.code: written.texts(asked.code).get(f.code, "") for f in asked.fields}
            for asked in sections_for(case.grade, case.case_type)
        },
        "evidence": [
            {
                "id": row.id,
                "competency": row.competency_id,
                "claim": row.claim,
                "contribution": row.contribution,
                "period": row.period,
                "link": row.link,
                "attachments": [file_data(one) for one in written.files.get(row.id, ())],
            }
            for row in written.evidence
        ],
        "self_assessment": {c: v for c, v in written.assessed.items() if v is not None},
    }


def files_of(s: Session, evidence: Evidence) -> list[dict[str, Any]]:
    """The files in the draft of one row of evidence, as plain data."""
    q = select(Attachment).where(Attachment.evidence_id == evidence.id, Attachment.removed_at.is_(None))
    return [file_data(row) for row in s.scalars(q.order_by(Attachment.added_at, Attachment.id))]


def file_data(row: Attachment) -> dict[str, Any]:
    """A file as a snapshot names it; the bytes lie in the store under their hash."""
    return {"id": row.id, "name": row.name, "kind": row.kind.value, "size": row.size, "sha256": row.sha256}


def last_number(s: Session, case: Case) -> int:
    """The number of the latest snapshot, 0 before the first."""
    return s.scalar(select(func.max(Snapshot.number)).where(Snapshot.case_id == case.id)) or 0


def latest_snapshot(s: Session, case: Case) -> Snapshot | None:
    return s.scalar(select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number.desc()).limit(1))


def snapshots(s: Session, case: Case) -> list[Row[tuple[int, datetime, str]]]:
    """Number, time and content hash of each snapshot, the latest first; without the texts."""
    q = select(Snapshot.number, Snapshot.taken_at, Snapshot.content_hash).where(Snapshot.case_id == case.id)
    return list(s.execute(q.order_by(Snapshot.number.desc())))


def snapshot_numbered(s: Session, case: Case, number: int) -> Snapshot | None:
    return s.scalar(select(Snapshot).where(Snapshot.case_id == case.id, Snapshot.number == number))


def statement_by(s: Session, case: Case, writer: Person) -> Statement | None:
    return s.get(Statement, (case.id, writer.id))


def signed_statements(s: Session, case: Case) -> list[Statement]:
    """What managers stand by, the latest first: after a change of manager there may be two."""
    q = select(Statement).where(Statement.case_id == case.id, Statement.signed_at.is_not(None))
    return list(
        s.scalars(q.options(joinedload(Statement.writer)).order_by(Statement.signed_at.desc(), Statement.writer_id))
    )


def referees(s: Session, case: Case) -> list[Referee]:
    """Everyone asked, by name."""
    q = select(Referee).where(Referee.case_id == case.id).options(joinedload(Referee.person)).join(Referee.person)
    return list(s.scalars(q.order_by(Person.name, Referee.id)))


def feedback(s: Session, case: Case) -> list[Referee]:
    """What referees wrote, in the order of their pseudonyms; the names are not loaded."""
    q = select(Referee).where(Referee.case_id == case.id, Referee.state == RefereeState.ANSWERED)
    return list(s.scalars(q.order_by(Referee.pseudonym)))


def own_referee(s: Session, case: Case, person: Person) -> Referee | None:
    return s.scalar(select(Referee).where(Referee.case_id == case.id, Referee.person_id == person.id))


def found_people(s: Session, words: str) -> list[Person]:
    """People who are here and whose name or email holds the words, by name; at most a dozen."""
    wanted = words.strip().lower()
    if not wanted:
        return []
    match = or_(
        func.lower(Person.name).contains(wanted, autoescape=True), Person.email.contains(wanted, autoescape=True)
    )
    return list(
        s.scalars(select(Person).where(Person.active, match).order_by(Person.name, Person.id).limit(MOST_FOUND))
    )


def active_person(s: Session, person_id: str) -> Person | None:
    return s.scalar(select(Person).where(Person.id == person_id, Person.active))


def grade_of(cycle: Cycle, person: Person) -> int | None:
    """The grade of a person's level on the rubrics this cycle pinned; None where it is not known."""
    pin = next((p for p in cycle.pins if p.family_id == person.family_id), None)
    if pin is None or not person.level_id:
        return None
    try:
        return read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text).level(person.level_id).grade
    except NotOnLadder:
        return None
