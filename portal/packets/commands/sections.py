"""The candidate writes the draft: sections, the self-assessment, and whether the manager may read along."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.queries import rubric_of
from portal.domain.case_flow import State
from portal.domain.packet import Section, section
from portal.domain.problems import InvalidInput
from portal.models.case import Case
from portal.models.packet import PacketSection, SelfAssessment
from portal.models.person import Person
from portal.packets.commands.keeping import checked, hold, refuse_stale, refuse_unless
from portal.packets.commands.noting import note

DRAFT = frozenset({State.DRAFT})
NOT_A_DRAFT = "The packet cannot be changed"


def save_section(
    s: Session, *, case: Case, actor: Person, code: str, texts: Mapping[str, str], version: int, at: datetime
) -> PacketSection:
    """Keep what was written in one section. `version` is the one the writer saw, 0 before the first save.

    Fields the section does not have are ignored, fields not sent keep their text. The same text again is no change,
    whatever version it was sent with. Raises StaleVersion with both texts, Refused after submission."""
    hold(s, case)
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    asked = section(case.grade, code, case.case_type)
    if asked is None:
        raise InvalidInput(f"This packet has no section “{code}”.")
    row = s.get(PacketSection, (case.id, code), populate_existing=True)
    before = dict(row.texts) if row else {}
    after = {f.code: checked(f.label, texts.get(f.code, before.get(f.code, ""))) for f in asked.fields}
    if row is not None and after == before:
        return row
    refuse_stale(version, row.version if row else 0, mine=_labelled(asked, after), theirs=_labelled(asked, before))
    if row is None:
        row = PacketSection(case_id=case.id, code=code, texts=after, saved_at=at)
        s.add(row)
    else:
        row.texts, row.saved_at = after, at
    s.flush()
    thing = f"section:{case.id}:{code}"
    note(s, case=case, actor=actor, action="section_saved", thing=thing, at=at, payload=after)
    return row


def _labelled(asked: Section, texts: Mapping[str, str]) -> dict[str, str]:
    return {f.label: texts.get(f.code, "") for f in asked.fields}


def assess_self(s: Session, *, case: Case, actor: Person, values: Mapping[str, int | None], at: datetime) -> None:
    """Keep where the candidate sees themselves, by competency id; None takes an answer back.

    Competencies that are not named keep their answer. Raises InvalidInput for one the rubric or the scale lacks."""
    hold(s, case)
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    rubric = rubric_of(case)
    known = {c.id for c in rubric.competencies}
    points = rubric.scale.values if rubric.scale else ()
    for competency_id, value in values.items():
        if competency_id not in known:
            raise InvalidInput(f"The rubric of this case has no competency “{competency_id}”.")
        if value is not None and value not in points:
            raise InvalidInput(f"The scale has no point {value}.")
    q = select(SelfAssessment).where(SelfAssessment.case_id == case.id).order_by(SelfAssessment.competency_id)
    rows = {row.competency_id: row for row in s.scalars(q)}
    changed = {c: v for c, v in values.items() if c not in rows or rows[c].value != v}
    for competency_id, value in changed.items():
        if competency_id in rows:
            rows[competency_id].value, rows[competency_id].saved_at = value, at
        else:
            s.add(SelfAssessment(case_id=case.id, competency_id=competency_id, value=value, saved_at=at))
    s.flush()
    if changed:
        note(s, case=case, actor=actor, action="self_assessed", at=at, payload=changed)


def share_draft(s: Session, *, case: Case, actor: Person, shared: bool, at: datetime) -> None:
    """Let the manager read the draft, or no longer."""
    hold(s, case)
    refuse_unless(case, DRAFT, "Sharing cannot be changed")
    if case.shared_with_manager == shared:
        return
    case.shared_with_manager = shared
    s.flush()
    action = "draft_shared" if shared else "draft_unshared"
    note(s, case=case, actor=actor, action=action, at=at)
