"""What is written so far, and the same as the plain data that a snapshot keeps."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.queries import rubric_of
from portal.domain.packet import sections_for
from portal.models.case import Case
from portal.models.packet import Attachment, Evidence, PacketSection, SelfAssessment


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


def _files(s: Session, case: Case) -> dict[str, list[Attachment]]:
    q = select(Attachment).where(Attachment.case_id == case.id, Attachment.removed_at.is_(None))
    found: dict[str, list[Attachment]] = {}
    for row in s.scalars(q.order_by(Attachment.added_at, Attachment.id)):
        found.setdefault(str(row.evidence_id), []).append(row)
    return found


def files_of(s: Session, evidence: Evidence) -> list[dict[str, Any]]:
    """The files in the draft of one row of evidence, as plain data."""
    q = select(Attachment).where(Attachment.evidence_id == evidence.id, Attachment.removed_at.is_(None))
    return [file_data(row) for row in s.scalars(q.order_by(Attachment.added_at, Attachment.id))]


def file_data(row: Attachment) -> dict[str, Any]:
    """A file as a snapshot names it; the bytes lie in the store under their hash."""
    return {"id": row.id, "name": row.name, "kind": row.kind.value, "size": row.size, "sha256": row.sha256}
