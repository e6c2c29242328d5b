"""Mails to people: the words come from templates/mail, the address from the directory at the time of sending."""

from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.mail import MailFailed, MailServer, send
from portal.adapters.outbox import NeverAgain
from portal.models.audit import digest
from portal.models.person import Person
from portal.settings import ROOT, Settings

_templates = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "mail"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text mails, never HTML
    keep_trailing_newline=False,
)


class Mailer:
    """Sends one outbox row of kind `mail`: {"to": person id, "template": name, "values": {…}}."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        with Session(self._engine) as s:
            person = s.get(Person, payload["to"])
            if person is None or not person.active:
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
            )
        except MailFailed as e:
            if e.permanent:
                raise NeverAgain(str(e)) from e
            raise


def compose(payload: dict[str, Any], *, name: str, base_url: str) -> tuple[str, str]:
    """Subject and body of a mail. The template's first line is the subject; a link is all it may carry."""
    values = {k: v for k, v in payload["values"].items() if k != "path"}
    link = base_url.rstrip("/") + payload["values"].get("path", "/")
    text = _templates.get_template(f"{payload['template']}.txt").render(name=name, link=link, **values)
    subject, _, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"
