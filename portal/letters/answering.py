"""Verbs about the letter that answers an appeal: freeze it from the record, keep where its PDF lies."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.policy import conflict
from portal.decisions.commands import confidential_names
from portal.decisions.queries import letter_jobs, people_partners
from portal.domain.problems import Refused
from portal.letters import queries
from portal.letters.answers import compose_answer, problems_of_answer, reply_of
from portal.letters.commands import DisagreesWithRecord, keep_template, new_code
from portal.letters.contents import PLAIN, Style, zone_of
from portal.letters.language import language_of
from portal.letters.template_rules import why_not_filled
from portal.models.appeal import Appeal
from portal.models.audit import digest, record
from portal.models.base import new_id
from portal.models.letter import AppealLetter
from portal.models.outbox import OutboxState, enqueue_mail
from portal.models.person import Person


def prepare_answer(s: Session, *, appeal: Appeal, at: datetime, style: Style = PLAIN) -> AppealLetter:
    """Freeze the letter of an answered appeal, once; it is dated with the day of the answer. Raises DisagreesWithRecord
    with every problem."""
    if appeal.answered_at is None:
        raise Refused("This appeal has not been answered.")
    if appeal.letter is not None:
        return appeal.letter
    case = appeal.case
    place = queries.answer_place(s, reply_of(appeal), language_of(case.candidate.locale))
    template = keep_template(s, place, at)
    day = appeal.answered_at.astimezone(zone_of(case)).date()
    data = compose_answer(appeal, code=new_code(), template=template, issued_on=day, style=style)
    found = problems_of_answer(data, digest(data), appeal, forbidden_names=confidential_names(appeal))
    if unfit := why_not_filled(template.text, data, template.language):
        found += (f"Its template, {template.outcome} in {template.language}, version {template.number}: {unfit}",)
    if found:
        raise DisagreesWithRecord(f"The answer to {case.candidate.name} cannot be set.", found)
    letter = AppealLetter(
        id=new_id(),
        case=case,
        code=data["code"],
        data=data,
        data_sha256=digest(data),
        template=template,
        prepared_at=at,
    )
    appeal.letter = letter
    s.flush()
    _note(s, letter, "appeal_letter_prepared", at)
    return letter


def keep_answer(s: Session, *, letter: AppealLetter, pdf_sha256: str, at: datetime) -> None:
    """Note where the PDF lies."""
    letter.pdf_sha256, letter.rendered_at = pdf_sha256, at
    s.flush()
    _note(s, letter, "appeal_letter_rendered", at)


def retry_answer(s: Session, *, appeal: Appeal, actor: Person, at: datetime) -> None:
    """Have a letter that was given up made again, with all its attempts before it."""
    row = letter_jobs(s, appeal.case).get(appeal.id)
    if row is None or row.state is not OutboxState.FAILED:
        raise Refused("This letter is made already, or on its way.")
    row.state, row.due_at, row.attempts, row.last_error = OutboxState.PENDING, at, 0, ""
    s.flush()
    case, thing = appeal.case, f"appeal:{appeal.id}"
    record(s, actor=actor, action="appeal_letter_retried", thing=thing, at=at, case_id=case.id, stage=case.state.value)


def tell_of_failure(s: Session, *, appeal: Appeal, at: datetime) -> None:
    """The people partners without a conflict, once: the candidate waits for a letter that was given up."""
    path, key = f"/cases/{appeal.case_id}/appeal", f"appeal-letter-failed:{appeal.id}"
    for partner in people_partners(s):
        if not conflict(partner, appeal.case):
            enqueue_mail(s, to_id=partner.id, template="appeal_letter_failed", key=key, at=at, path=path)


def _note(s: Session, letter: AppealLetter, action: str, at: datetime) -> None:
    case, thing = letter.appeal.case, f"appeal_letter:{letter.id}"
    payload = {"data": letter.data_sha256, "pdf": letter.pdf_sha256}
    record(s, actor=None, action=action, thing=thing, at=at, case_id=case.id, stage=case.state.value, payload=payload)
