"""Everything the portal holds about one person that they may know today, as one file: data as JSON, and their files.

It never says more than the pages do: of a case before its release nothing of reviews, votes or a decision; afterwards
the letter, never who reviewed."""

import io
import json
import zipfile
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portal.adapters.storage import Storage
from portal.cases import queries as cases
from portal.cases.policy import shown_state
from portal.decisions import queries as decisions
from portal.domain.case_flow import AFTER_RELEASE
from portal.models.appeal import Appeal
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.packet import Attachment, Evidence, PacketSection, SelfAssessment, Snapshot, Statement
from portal.models.person import Person
from portal.packets import queries as packets
from portal.packets.commands.referees import TOLD
from portal.packets.policy import can_open_need, can_read_feedback
from portal.records.own_words import columns, written
from portal.records.policy import can_see_openings
from portal.records.queries import openings_of
from portal.records.reasons import ACT as REASONS_ERASED

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
        "person": columns(person, leave=("password_hash", "chain", "version")),
        "roles": sorted(role.value for role in person.roles),
        "cases": [_case(s, case, person) for case in mine],
        "written": written(s, person),
        "acts": [
            {"at": line.at.isoformat(), "act": line.action, "on": line.thing, "why": line.reason}
            for line in s.scalars(_acts_of(person))
        ],
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "README.txt", ABOUT.encode())
        _put(archive, "about-you.json", json.dumps(data, ensure_ascii=False, indent=1, default=str).encode())
        for name, sha256 in files:
            _put_file(archive, name, sha256, storage)
    return out.getvalue()


def _acts_of(person: Person) -> Select[AuditEvent]:
    q = select(AuditEvent).where(AuditEvent.actor_id == person.id, AuditEvent.action != REASONS_ERASED)
    return q.options(joinedload(AuditEvent.said)).order_by(AuditEvent.sequence)


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED)


def _put_file(archive: zipfile.ZipFile, name: str, sha256: str, storage: Storage) -> None:
    """A file that is not in the store does not keep the others from its owner; it is named instead."""
    try:
        _put(archive, f"files/{name}", storage.get(sha256))
    except FileNotFoundError:
        _put(archive, f"files/{name}.missing.txt", b"This file is not in the store. Tell whoever runs the portal.\n")


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
        "comments": _comments(s, case),
        "feedback": _feedback(s, person, case),
        "justification": _justification(s, person, case),
        "opened_by": _openings(s, person, case),
        "letters": [one.letter.data for one in released if one.letter],
        "appeals": _all(s, Appeal, case, leave=("answered_by_id",)),
        "answers": [one.letter.data for one in case.appeals if one.answered_at and one.letter],
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
    return [columns(row, leave) for row in s.scalars(select(table).where(table.case_id == case.id).order_by(*keys))]


def _files(s: Session, case: Case) -> list[tuple[str, str]]:
    """Names that we made, and the stored bytes: letters that were released, and what the candidate attached."""
    letters = [one.letter for one in case.decisions if one.released_at and one.letter and one.letter.pdf_sha256]
    answers = [one.letter for one in case.appeals if one.answered_at and one.letter and one.letter.pdf_sha256]
    found = [(f"letter-{one.code}.pdf", str(one.pdf_sha256)) for one in letters]
    found += [(f"letter-{one.code}.pdf", str(one.pdf_sha256)) for one in answers]
    rows = s.scalars(select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id))
    return found + [(f"attachment-{row.id}.{row.kind.value}", row.sha256) for row in rows]


def _comments(s: Session, case: Case) -> list[dict[str, Any]]:
    """What the manager said of the draft, for the candidate alone."""
    return [{"section": c.section, "text": c.text, "at": c.written_at} for c in packets.comments(s, case)]


def _feedback(s: Session, person: Person, case: Case) -> list[dict[str, Any]]:
    """As the page has it: after the release, under a name drawn for the candidate, where the writer was told so."""
    if not can_read_feedback(person, case):
        return []
    told = [one for one in packets.feedback(s, case) if one.told == TOLD]
    return [{"from": one.pseudonym_for_candidate, "answers": one.answers, "not": one.reason_not_to} for one in told]


def _justification(s: Session, person: Person, case: Case) -> str:
    """Told to whom it kept waiting, and to nobody else it is about."""
    need = packets.need_of(s, case)
    return need.text.text if need.text and can_open_need(person, need) else ""


def _openings(s: Session, person: Person, case: Case) -> list[dict[str, Any]]:
    if not can_see_openings(person, case):
        return []
    return [{"by": one.part, "times": one.times, "while": one.stages} for one in openings_of(s, case)]
