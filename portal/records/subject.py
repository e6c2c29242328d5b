"""Everything the portal holds about one person that they may know today, as one file: data as JSON, and their files.

It never says more than the pages do: of a case before its release nothing of reviews, votes or a decision; afterwards
the letter, never who reviewed."""

import io
import json
import zipfile
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.cases import queries as cases
from portal.cases.policy import shown_state
from portal.decisions import queries as decisions
from portal.domain.case_flow import AFTER_RELEASE
from portal.models.appeal import Appeal
from portal.models.audit import AuditEvent
from portal.models.base import Base
from portal.models.case import Case
from portal.models.packet import Attachment, Evidence, PacketSection, Referee, SelfAssessment, Snapshot, Statement
from portal.models.person import Person
from portal.models.review import Review

_MADE = (2000, 1, 1, 0, 0, 0)  # a fixed time, so that the same data give the same bytes
ABOUT = (
    "What this portal holds about you and what you wrote in it, as far as you may read it today. Opinions others gave "
    "on a case in progress open with its letter.\n"
)


def subject_file(s: Session, *, person: Person, storage: Storage) -> bytes:
    """A ZIP with `about-you.json` and, below `files/`, letters and attachments."""
    found = select(Case).where(Case.candidate_id == person.id).order_by(Case.created_at, Case.id)
    mine = [one for case_id in [c.id for c in s.scalars(found)] if (one := decisions.case(s, case_id=case_id))]
    files = [named for case in mine for named in _files(s, case)]
    data = {
        "person": _columns(person, leave=("password_hash", "chain", "version")),
        "roles": sorted(role.value for role in person.roles),
        "cases": [_case(s, case, person) for case in mine],
        "written": _written(s, person),
        "acts": [
            {"at": at.isoformat(), "act": action, "on": thing}
            for at, action, thing in s.execute(
                select(AuditEvent.at, AuditEvent.action, AuditEvent.thing)
                .where(AuditEvent.actor_id == person.id)
                .order_by(AuditEvent.sequence)
            )
        ],
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "README.txt", ABOUT.encode())
        _put(archive, "about-you.json", json.dumps(data, ensure_ascii=False, indent=1, default=str).encode())
        for name, sha256 in files:
            _put_file(archive, name, sha256, storage)
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED)


def _put_file(archive: zipfile.ZipFile, name: str, sha256: str, storage: Storage) -> None:
    """A file that is not in the store does not keep the others from its owner; it is named instead."""
    try:
        _put(archive, f"files/{name}", storage.get(sha256))
    except FileNotFoundError:
        _put(archive, f"files/{name}.missing.txt", b"This file is not in the store. Tell whoever runs the portal.\n")


def _columns(row: Base, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    return {c.key: getattr(row, c.key) for c in row.__mapper__.column_attrs if c.key not in (*leave, "_state")}


def _case(s: Session, case: Case, person: Person) -> dict[str, Any]:
    released = [one for one in case.decisions if one.released_at]
    return {
        "id": case.id,
        "cycle": case.cycle.name,
        "type": case.case_type.value,
        "from": case.from_level_id,
        "to": case.to_level_id,
        "opened": case.created_at,
        "state": shown_state(person, case).value,
        "sections": _all(s, PacketSection, case),
        "evidence": _all(s, Evidence, case),
        "self_assessment": _all(s, SelfAssessment, case),
        "snapshots": _all(s, Snapshot, case),
        "statements": _signed(s, case),
        "letters": [one.letter.data for one in released if one.letter],
        "appeals": _all(s, Appeal, case, leave=("answered_by_id",)),
        "more_time": [{"until": e.until, "reason": e.reason} for e in case.extensions],
        "last_day_of_appeal": cases.appeal_until(case, released[-1] if released else None),
    }


def _signed(s: Session, case: Case) -> list[dict[str, Any]]:
    """What the manager wrote and signed, from the release on."""
    if case.state not in AFTER_RELEASE:
        return []
    return [row for row in _all(s, Statement, case, leave=("writer_id",)) if row["signed_at"]]


def _all(s: Session, table: Any, case: Case, leave: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    keys = table.__mapper__.primary_key
    return [_columns(row, leave) for row in s.scalars(select(table).where(table.case_id == case.id).order_by(*keys))]


def _files(s: Session, case: Case) -> list[tuple[str, str]]:
    """Names that we made, and the stored bytes: letters that were released, and what the candidate attached."""
    letters = [one.letter for one in case.decisions if one.released_at and one.letter and one.letter.pdf_sha256]
    found = [(f"letter-{one.code}.pdf", str(one.pdf_sha256)) for one in letters]
    rows = s.scalars(select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id))
    return found + [(f"attachment-{row.id}.{row.kind.value}", row.sha256) for row in rows]


def _written(s: Session, person: Person) -> dict[str, Any]:
    """What this person wrote about others: their own words, not whom else they stand beside."""
    reviews = s.scalars(select(Review).where(Review.assignment.has(reviewer_id=person.id)).order_by(Review.id))
    statements = s.scalars(select(Statement).where(Statement.writer_id == person.id).order_by(Statement.case_id))
    feedback = s.scalars(select(Referee).where(Referee.person_id == person.id).order_by(Referee.id))
    hidden = ("version", "pseudonym", "pseudonym_for_candidate", "proposed_by_id")
    return {
        "reviews": [{**_columns(r), "scores": [_columns(score) for score in r.scores]} for r in reviews],
        "statements": [_columns(row) for row in statements],
        "feedback": [_columns(row, hidden) for row in feedback],
    }
