"""Mails: to whom they go, what they carry (a link, never content), and what a real server receives."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from icalendar import Calendar
from sqlalchemy import Engine, select

from portal.adapters.clock import now
from portal.adapters.outbox import Outbox
from portal.models.outbox import OutboxRow, OutboxState, enqueue_mail
from portal.people.commands.accounts import invite
from portal.people.jobs import Mailer, compose
from portal.settings import ROOT, Settings
from tests.world import World

TEMPLATES = sorted((ROOT / "templates" / "mail").glob("*.txt"))


class Postbox(Message):
    def __init__(self) -> None:
        super().__init__()
        self.received: list[tuple[str, str, str]] = []
        self.messages: list[EmailMessage] = []

    def handle_message(self, message) -> None:
        text = message.get_payload(0) if message.is_multipart() else message
        self.messages.append(message)
        self.received.append((message["To"], message["Subject"], text.get_payload(decode=True).decode()))


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
    return port


@pytest.fixture
def postbox() -> Iterator[Controller]:
    controller = Controller(Postbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


def test_a_mail_arrives_once_with_its_link(
    world: World, engine: Engine, settings: Settings, postbox: Controller
) -> None:
    for _ in range(2):
        enqueue_mail(world.s, to_id=world.ada.id, template="nominated", key="k", at=now(), path="/cases/abc")
    world.commit()
    served = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{postbox.port}"})
    assert Outbox(engine, {"mail": Mailer(engine, served)}).run_due() == 1
    [(to, subject, body)] = postbox.handler.received
    assert to == "ada@example.org"
    assert subject
    assert "http://localhost/cases/abc" in body
    assert [row.state for row in world.s.scalars(select(OutboxRow))] == [OutboxState.DONE]


def test_a_way_in_is_forgotten_once_it_was_sent(
    world: World, engine: Engine, settings: Settings, postbox: Controller
) -> None:
    token = invite(world.s, actor=world.pia, person=world.ada, at=now())
    world.commit()
    served = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{postbox.port}"})
    Outbox(engine, {"mail": Mailer(engine, served)}).run_due()
    assert token in postbox.handler.received[0][2]
    (row,) = world.s.scalars(select(OutboxRow))
    assert (row.state, row.payload) == (OutboxState.DONE, {"to": world.ada.id, "template": "invite", "values": {}})


def test_a_day_comes_along_as_a_calendar_file(
    world: World, engine: Engine, settings: Settings, postbox: Controller
) -> None:
    by = now() + timedelta(days=3)
    enqueue_mail(
        world.s, to_id=world.rex.id, template="review_asked", key="k", at=now(), by=by, path="/x", due="Friday"
    )
    world.commit()
    served = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{postbox.port}"})
    Outbox(engine, {"mail": Mailer(engine, served)}).run_due()
    [part] = [p for p in postbox.handler.messages[0].walk() if p.get_content_type() == "text/calendar"]
    [entry] = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert (part.get_filename(), str(entry["url"])) == ("evenbar.ics", "http://localhost/x")
    assert entry.decoded("dtstart") == by.replace(microsecond=0)


def test_a_leaver_gets_no_mail(world: World, engine: Engine, settings: Settings) -> None:
    world.ada.active = False
    enqueue_mail(world.s, to_id=world.ada.id, template="nominated", key="k", at=now(), path="/")
    world.commit()
    served = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    assert Outbox(engine, {"mail": Mailer(engine, served)}).run_due() == 1
    assert [row.state for row in world.s.scalars(select(OutboxRow))] == [OutboxState.DONE]


def test_a_server_that_does_not_answer_is_tried_again(world: World, engine: Engine, settings: Settings) -> None:
    enqueue_mail(world.s, to_id=world.ada.id, template="nominated", key="k", at=now(), path="/")
    world.commit()
    served = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    Outbox(engine, {"mail": Mailer(engine, served)}).run_due()
    [row] = world.s.scalars(select(OutboxRow))
    assert (row.state, row.attempts) == (OutboxState.PENDING, 1)
    assert "127.0.0.1:1" in row.last_error


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.stem)
def test_every_mail_is_a_subject_a_greeting_and_a_link(template: Path) -> None:
    names = set(re.findall(r"\{\{\s*(\w+)", template.read_text())) - {"name", "link"}
    payload = {"template": template.stem, "values": {"path": "/x", **dict.fromkeys(names, "…")}}
    subject, body = compose(payload, name="Ada", base_url="http://portal.example/")
    assert 5 < len(subject) < 80
    assert "Ada" in body
    assert body.count("http://portal.example/x") == 1
