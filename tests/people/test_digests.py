"""Digests: one mail instead of many, at the hour the reader chose, never twice, and nothing that no longer concerns
them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.outbox import Outbox
from portal.cases.jobs import still_concerns
from portal.domain.case_flow import State
from portal.models.case import ConflictSource, Recusal
from portal.models.outbox import MAIL, WAITS, OutboxRow, OutboxState, enqueue_mail, next_digest
from portal.models.person import MailPace
from portal.people import commands
from portal.people.jobs import Mailer, send_digests
from portal.settings import Settings
from tests.people.test_mail import Controller, postbox
from tests.world import NOW, World

__all__ = ["postbox"]


def rows(world: World) -> list[OutboxRow]:
    world.s.rollback()
    return list(world.s.scalars(select(OutboxRow).order_by(OutboxRow.id).execution_options(populate_existing=True)))


def ask(world: World, case: Any, key: str, *, by: datetime | None = None) -> None:
    path = f"/cases/{case.id}/review"
    enqueue_mail(world.s, to_id=world.rex.id, template="review_asked", key=key, at=now(), by=by, path=path, due="…")


@pytest.fixture
def asked(world: World, frozen_clock: Any) -> Any:
    """Rex wants one mail a day and is asked for two reviews."""
    commands.set_mail_pace(world.s, person=world.rex, pace=MailPace.DAILY, at=NOW)
    case = world.case("ada", State.IN_REVIEW)
    ask(world, case, "one")
    ask(world, case, "two")
    world.commit()
    return case


@pytest.mark.parametrize(
    ("pace", "at", "slot"),
    [
        (MailPace.DAILY, datetime(2026, 3, 16, 5, tzinfo=UTC), datetime(2026, 3, 16, 7, tzinfo=UTC)),
        (MailPace.DAILY, datetime(2026, 3, 16, 7, tzinfo=UTC), datetime(2026, 3, 17, 7, tzinfo=UTC)),
        (MailPace.DAILY, datetime(2026, 3, 28, 9, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (MailPace.WEEKLY, datetime(2026, 3, 16, 5, tzinfo=UTC), datetime(2026, 3, 16, 7, tzinfo=UTC)),
        (MailPace.WEEKLY, datetime(2026, 3, 16, 9, tzinfo=UTC), datetime(2026, 3, 23, 7, tzinfo=UTC)),
    ],
)
def test_a_digest_comes_at_eight_in_the_readers_zone(pace: MailPace, at: datetime, slot: datetime) -> None:
    assert next_digest(pace, "Europe/Berlin", at) == slot


def test_mails_of_a_day_become_one_with_a_link_and_no_content(
    world: World, engine: Engine, settings: Settings, postbox: Controller, asked: Any, frozen_clock: Any
) -> None:
    served = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{postbox.port}"})
    outbox = Outbox(engine, {MAIL: Mailer(engine, served, still_concerns)})
    assert (send_digests(engine, still_concerns), outbox.run_due()) == (0, 0)
    frozen_clock.move_to(NOW + timedelta(days=1))
    assert (send_digests(engine, still_concerns), outbox.run_due()) == (1, 1)
    [(to, subject, body)] = postbox.handler.received
    assert (to, subject) == ("rex@example.org", "What waits for you in Evenbar")
    assert body.splitlines()[4] == "http://localhost/"
    assert asked.id not in body
    assert world.ada.name not in body
    first, second, digest = rows(world)
    assert {first.bundle_id, second.bundle_id} == {digest.id}
    assert (first.note, digest.state) == ("in a digest", OutboxState.DONE)


def test_two_workers_make_one_digest(engine: Engine, asked: Any, frozen_clock: Any) -> None:
    frozen_clock.move_to(NOW + timedelta(days=1))
    assert [send_digests(engine), send_digests(engine)] == [1, 0]


def test_what_no_longer_concerns_the_reader_makes_no_digest(
    world: World, engine: Engine, asked: Any, frozen_clock: Any
) -> None:
    declared = {"source": ConflictSource.DECLARED, "reason": "", "declared_by_id": world.rex.id}
    asked.recusals.append(Recusal(person=world.rex, at=NOW, **declared))
    world.commit()
    frozen_clock.move_to(NOW + timedelta(days=1))
    assert send_digests(engine, still_concerns) == 0
    assert [row.note for row in rows(world)] == ["not needed any more"] * 2


def test_a_mail_that_cannot_wait_is_not_held_back(world: World, asked: Any) -> None:
    ask(world, asked, "soon", by=NOW + timedelta(hours=3))
    enqueue_mail(world.s, to_id=world.rex.id, template="ballot_open", key="k", at=NOW, path=f"/cases/{asked.id}/votes")
    world.commit()
    assert [row.kind for row in rows(world)] == [WAITS, WAITS, MAIL, MAIL]


def test_a_changed_choice_moves_what_waits(world: World, asked: Any) -> None:
    commands.set_mail_pace(world.s, person=world.rex, pace=MailPace.WEEKLY, at=NOW)
    world.commit()
    assert [row.due_at for row in rows(world)] == [datetime(2026, 3, 23, 8, tzinfo=UTC)] * 2
    commands.set_mail_pace(world.s, person=world.rex, pace=MailPace.EACH, at=NOW)
    world.commit()
    assert [(row.kind, row.due_at) for row in rows(world)] == [(MAIL, NOW)] * 2


def test_everybody_chooses_on_their_account(world: World, client: Any) -> None:
    browser = client(world.rex)
    assert browser.post("/account/mails", data={"pace": "weekly"}).status_code == 303
    chosen = re.search(r"<input[^>]*checked[^>]*>", browser.get("/account").text)
    assert chosen
    assert 'value="weekly"' in chosen[0]
    assert browser.post("/account/mails", data={"pace": "hourly"}).status_code == 422


def test_one_intent_is_written_once_by_two_at_the_same_moment(world: World, engine: Engine) -> None:
    """The second transaction looks before the first has committed, and still adds nothing."""
    enqueue_mail(world.s, to_id=world.ada.id, template="nominated", key="k", at=NOW, path="/")
    world.commit()
    with Session(engine) as other:
        twice = enqueue_mail(other, to_id=world.ada.id, template="nominated", key="k", at=NOW, path="/")
        other.commit()
    assert twice is None
    assert len(rows(world)) == 1
