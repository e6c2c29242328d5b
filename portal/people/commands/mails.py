"""How often somebody wants mails, and trying again what did not get out."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.problems import Refused
from portal.models.audit import record
from portal.models.outbox import MAIL, WAITS, OutboxRow, OutboxState, next_digest
from portal.models.person import MailPace, MailPreference, Person


def set_mail_pace(s: Session, *, person: Person, pace: MailPace, at: datetime) -> None:
    """From now on; what waits already moves along to the new moment."""
    row = s.get(MailPreference, person.id)
    if row is None:
        s.add(MailPreference(person_id=person.id, pace=pace))
    else:
        row.pace = pace
    waiting = select(OutboxRow).where(
        OutboxRow.person_id == person.id, OutboxRow.kind == WAITS, OutboxRow.state == OutboxState.PENDING
    )
    for mail in s.scalars(waiting.order_by(OutboxRow.id).with_for_update()):
        if pace is MailPace.EACH:
            mail.kind, mail.due_at = MAIL, at
        else:
            mail.due_at = next_digest(pace, person.timezone, at)
    s.flush()
    record(s, actor=person, action="mail_pace_set", thing=f"person:{person.id}", at=at, reason=pace.value)


def retry_mail(s: Session, *, mail: OutboxRow, actor: Person, at: datetime) -> None:
    """Try a mail again now, with all its attempts before it. One that is out, or being sent, is left alone."""
    row = s.get(OutboxRow, mail.bundle_id) if mail.bundle_id else mail
    if row is None or row.state in (OutboxState.DONE, OutboxState.RUNNING):
        raise Refused("This mail is out already, or on its way.")
    row.state, row.due_at, row.lease_until, row.attempts = OutboxState.PENDING, at, None, 0
    s.flush()
    record(s, actor=actor, action="mail_retried", thing=f"mail:{row.id}", at=at)
