"""Mails to people: the words come from templates/mail, the address from the directory at the time of sending. Whoever
chose digests gets one mail for all that waited."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.calendar_file import Deadline, calendar_file, uid_of
from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.mail import MailFailed, MailServer, send
from portal.adapters.outbox import NeverAgain
from portal.models.audit import digest
from portal.models.outbox import WAITS, OutboxRow, OutboxState, enqueue_mail
from portal.models.person import Person
from portal.settings import ROOT, Settings

StillWanted = Callable[[Session, OutboxRow], bool]
"""Whether a mail still concerns its reader; asked right before it goes out."""
NOT_NEEDED = "not needed any more"
HAS_LEFT = "has left"
IN_A_DIGEST = "in a digest"

_templates = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "mail"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text mails, never HTML
    keep_trailing_newline=False,
)


def always(_s: Session, _row: OutboxRow) -> bool:
    return True


class Mailer:
    """Sends one outbox row of kind `mail`: {"to": person id, "template": name, "values": {…}}.

    A mail whose reader has left, or whom it no longer concerns (a recusal, a finished task), is let go with a note."""

    def __init__(self, engine: Engine, settings: Settings, still_wanted: StillWanted = always) -> None:
        self._engine, self._settings, self._still_wanted = engine, settings, still_wanted

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        with Session(self._engine) as s:
            person = s.get(Person, payload["to"])
            row = s.scalar(select(OutboxRow).where(OutboxRow.key == key))
            note = _why_not(s, person, row, self._still_wanted)
            if person is None or note:
                _let_go(s, row, note)
                return
            name, address = person.name, person.email
        subject, body = compose(payload, name=name, base_url=self._settings.base_url)
        domain = self._settings.mail_from.rpartition("@")[2].rstrip(">")
        try:
            send(
                MailServer.from_url(self._settings.smtp_url),
                sender=self._settings.mail_from,
                to=address,
                subject=subject,
                body=body,
                message_id=f"<{digest(key)[:32]}@{domain}>",
                date=now(),
                calendar=_calendar(payload, key, subject, self._settings.base_url),
            )
        except MailFailed as e:
            if e.permanent:
                raise NeverAgain(str(e)) from e
            raise


def _why_not(s: Session, person: Person | None, row: OutboxRow | None, still_wanted: StillWanted) -> str:
    if person is None or not person.active:
        return HAS_LEFT
    return "" if row is None or still_wanted(s, row) else NOT_NEEDED


def _let_go(s: Session, row: OutboxRow | None, note: str) -> None:
    if row is not None:
        row.note = note
        s.commit()


def _calendar(payload: dict[str, Any], key: str, subject: str, base_url: str) -> bytes:
    """The day the mail speaks of, for the reader's calendar: its subject and link, as in the mail itself."""
    by = payload["values"].get("by")
    if by is None:
        return b""
    link = base_url.rstrip("/") + payload["values"].get("path", "/")
    entry = Deadline(
        uid_of(payload["values"].get("path", "/"), payload["to"]), datetime.fromisoformat(by), subject, link
    )
    return calendar_file([entry], at=now())


def compose(payload: dict[str, Any], *, name: str, base_url: str) -> tuple[str, str]:
    """Subject and body of a mail. The template's first line is the subject; a link is all it may carry."""
    values = {k: v for k, v in payload["values"].items() if k != "path"}
    link = base_url.rstrip("/") + payload["values"].get("path", "/")
    text = _templates.get_template(f"{payload['template']}.txt").render(name=name, link=link, **values)
    subject, _, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"


def send_digests(engine: Engine, still_wanted: StillWanted = always) -> int:
    """Turn what waits for a digest that is due into one mail a person; gives how many. Run by two workers at once, each
    waiting mail still goes into one digest: the rows are locked, and the digest's key is the moment it was due."""
    due = (OutboxRow.kind == WAITS, OutboxRow.state == OutboxState.PENDING, OutboxRow.due_at <= now())
    with Session(engine) as s:
        readers = list(s.scalars(select(OutboxRow.person_id).where(*due).distinct().order_by(OutboxRow.person_id)))
    return sum(_bundle(engine, str(reader), due, still_wanted) for reader in readers)


def _bundle(engine: Engine, reader: str, due: tuple[Any, ...], still_wanted: StillWanted) -> bool:
    at = now()
    with Session(engine) as s:
        begin_write(s)
        q = select(OutboxRow).where(*due, OutboxRow.person_id == reader).order_by(OutboxRow.due_at, OutboxRow.id)
        rows = list(s.scalars(q.with_for_update(skip_locked=True)))
        wanted = [row for row in rows if still_wanted(s, row)]
        mail = None
        if wanted:
            key = f"digest:{wanted[0].due_at:%Y%m%dT%H%M}:{wanted[0].id}"
            mail = enqueue_mail(s, to_id=reader, template="digest", key=key, at=at, path="/")
        for row in rows:
            row.state, row.done_at = OutboxState.DONE, at
            row.bundle_id, row.note = (mail.id, IN_A_DIGEST) if mail and row in wanted else (None, NOT_NEEDED)
        s.commit()
    return mail is not None
