"""The page of the mails: each one's fate, for those who may know of it; and an operator's second try."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.case_flow import State
from portal.home import queries
from portal.home.queries import Fate
from portal.models.outbox import OutboxRow, OutboxState, enqueue_mail
from portal.models.person import Role
from portal.people import commands
from tests.statements import statements
from tests.world import NOW, World


def mail(world: World, to: str = "rex", template: str = "review_asked", path: str = "/", **columns: Any) -> OutboxRow:
    values = {"due": "…"} if template == "review_asked" else {}
    key = f"{template}:{to}:{path}"
    to_id = getattr(world, to).id
    row = enqueue_mail(world.s, to_id=to_id, template=template, key=key, at=NOW, path=path, **values)
    assert row is not None
    for name, value in columns.items():
        setattr(row, name, value)
    world.s.flush()
    return row


def test_each_fate_has_its_word(world: World) -> None:
    mail(world, path="/1")
    mail(world, path="/2", attempts=2, last_error="421 busy", due_at=NOW + timedelta(minutes=5))
    mail(world, path="/3", state=OutboxState.FAILED, attempts=8, last_error="550 unknown")
    mail(world, path="/4", state=OutboxState.DONE, attempts=1, done_at=NOW)
    mail(world, path="/5", state=OutboxState.DONE, attempts=1, done_at=NOW, note="has left")
    found = queries.mails(world.s, world.pia)
    assert [(m.fate, m.last_error, m.can_retry) for m in found.rows] == [
        (Fate.LET_GO, "", False),
        (Fate.SENT, "", False),
        (Fate.FAILED, "550 unknown", True),
        (Fate.TRIED, "421 busy", True),
        (Fate.WAITING, "", False),
    ]
    assert found.counts == dict.fromkeys((Fate.LET_GO, Fate.SENT, Fate.FAILED, Fate.TRIED, Fate.WAITING), 1)
    assert [m.attempts for m in queries.mails(world.s, world.pia, fate=Fate.FAILED).rows] == [8]


def test_the_page_names_recipient_kind_and_error(world: World, client: Any) -> None:
    mail(world, state=OutboxState.FAILED, attempts=8, last_error="550 unknown user")
    world.commit()
    page = client(world.pia).get("/outbox").text
    assert [word in page for word in ("Rex Tanaka", "Review asked for", "550 unknown user", "given up")] == [True] * 4
    assert "/retry" not in page


@pytest.mark.parametrize("who", ["ada", "rex", "kim", "aud", "sam"])
def test_nobody_else_finds_the_page(world: World, client: Any, who: str) -> None:
    assert client(getattr(world, who)).get("/outbox").status_code == 404


def test_a_people_partner_sees_no_mail_about_their_own_case(world: World) -> None:
    mail(world, path=f"/cases/{world.case('theo', State.IN_REVIEW).id}/review")
    assert [len(queries.mails(world.s, p).rows) for p in (world.theo, world.pia)] == [0, 1]
    assert queries.mails(world.s, world.theo).counts == {}


def test_a_people_partner_who_owes_a_review_sees_no_mail_about_that_case(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW, reviewers=("rex", "rob", "pia"))
    mail(world, path=f"/cases/{case.id}/review")
    assert len(queries.mails(world.s, world.pia).rows) == 0


def test_an_operator_sees_of_cases_only_what_is_stuck_and_not_which_kind(world: World) -> None:
    path = f"/cases/{world.case('ada', State.IN_REVIEW).id}/review"
    row = mail(world, path=path)
    assert queries.mails(world.s, world.opal).rows == ()
    row.attempts = 1
    world.s.flush()
    assert [m.template for m in queries.mails(world.s, world.opal).rows] == [""]


def test_an_operator_is_told_how_many_wait_unlisted(world: World, client: Any) -> None:
    case = world.case("ada", State.IN_REVIEW)
    mail(world, path=f"/cases/{case.id}", case_id=case.id)
    mail(world, to="sam", template="invite", path="/invite/x")
    world.commit()
    waiting = sum(queue.count for queue in queries.waiting_outside(world.s))
    listed = queries.mails(world.s, world.opal).total
    page = client(world.opal).get("/outbox").text
    assert f"{waiting - listed} more mail{'s' if waiting - listed > 1 else ''}" in page
    assert "not listed" not in client(world.pia).get("/outbox").text


def test_an_operator_tries_a_failed_mail_again(world: World, client: Any) -> None:
    row = mail(world, template="invite", state=OutboxState.FAILED, attempts=8, last_error="550")
    world.commit()
    assert client(world.opal).post(f"/outbox/{row.id}/retry").status_code == 303
    assert (world.fresh(row).state, row.attempts, row.due_at) == (OutboxState.PENDING, 0, NOW)
    assert client(world.pia).post(f"/outbox/{row.id}/retry").status_code == 403
    assert client(world.rex).post(f"/outbox/{row.id}/retry").status_code == 404


def test_what_is_out_is_not_sent_again(world: World, client: Any) -> None:
    row = mail(world, template="invite", state=OutboxState.DONE, done_at=NOW)
    world.commit()
    assert client(world.opal).post(f"/outbox/{row.id}/retry").status_code == 409


def test_a_mail_an_operator_may_not_know_of_cannot_be_retried(world: World, client: Any) -> None:
    commands.grant(world.s, actor=None, person=world.ada, role=Role.OPERATOR, at=NOW)
    path = f"/cases/{world.case('ada', State.IN_REVIEW).id}/review"
    row = mail(world, path=path, state=OutboxState.FAILED, attempts=8)
    world.commit()
    assert client(world.ada).post(f"/outbox/{row.id}/retry").status_code == 404
    assert world.s.scalar(select(OutboxRow.attempts).where(OutboxRow.id == row.id)) == 8


def test_the_cost_does_not_grow_with_the_mails(world: World, engine: Any) -> None:
    for number in range(3):
        mail(world, path=f"/{number}")
    pia = world.pia
    assert pia.roles
    with statements(world.s.get_bind()) as few:
        queries.mails(world.s, pia)
    for number in range(50):
        mail(world, path=f"/more/{number}")
    with statements(world.s.get_bind()) as many:
        assert len(queries.mails(world.s, pia).rows) == queries.PAGE
    assert (len(few), len(many)) == (2, 2)
