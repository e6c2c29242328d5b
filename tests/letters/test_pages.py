"""The letter's page, its download, and the public check of a code, as each person gets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from portal.adapters.storage import Storage
from portal.domain.case_flow import State
from portal.letters.queries import tidy_code
from portal.models.audit import AuditEvent
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from portal.models.person import SignInSession
from portal.web.limits import RateLimit
from tests.letters.stages import PROMOTED, prepared, ready, released
from tests.world import NOW, World

READERS = {"ada", "max", "kim", "lou", "nat", "ola", "joe", "pia", "theo"}


@pytest.mark.parametrize("page", ["letter", "letter.pdf"])
def test_after_release_the_parties_and_the_panel_read_it(
    world: World, client, storage: Storage, frozen_clock: Any, page: str
) -> None:
    case = released(world, storage)
    world.commit()
    statuses = {k: client(p).get(f"/cases/{case.id}/{page}").status_code for k, p in world.everyone.items()}
    assert {k for k, code in statuses.items() if code == 200} == READERS
    assert {code for k, code in statuses.items() if k not in READERS} == {404}


def test_before_release_only_those_who_decide_and_release_read_it(world: World, client, storage: Storage) -> None:
    case = ready(world, storage).case
    world.commit()
    statuses = {k: client(p).get(f"/cases/{case.id}/letter").status_code for k, p in world.everyone.items()}
    assert {k for k, code in statuses.items() if code == 200} == READERS - {"ada", "max"}
    assert "Not released." in client(world.pia).get(f"/cases/{case.id}/letter").text


def test_the_download_is_an_attachment_in_a_sandbox_with_a_name_that_says_nothing(
    world: World, client, storage: Storage, frozen_clock: Any
) -> None:
    case = released(world, storage)
    letter = case.decisions[-1].letter
    world.commit()
    answer = client(world.ada).get(f"/cases/{case.id}/letter.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="evenbar-letter-{letter.code}.pdf"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == storage.get(letter.pdf_sha256)


def test_a_letter_still_being_set_has_a_page_and_no_download(world: World, client) -> None:
    case = prepared(world).case
    world.commit()
    pia = client(world.pia)
    assert "The PDF is being set" in pia.get(f"/cases/{case.id}/letter").text
    assert pia.get(f"/cases/{case.id}/letter.pdf").status_code == 409


@pytest.mark.parametrize("outcome", PROMOTED)
def test_the_page_says_what_the_letter_says(
    world: World, client, storage: Storage, frozen_clock: Any, outcome: Outcome
) -> None:
    case = released(world, storage, "ada", outcome)
    letter = case.decisions[-1].letter
    world.commit()
    page = client(world.ada).get(f"/cases/{case.id}/letter").text
    parts = {
        Outcome.APPROVED: [letter.data["part"].get("effective_on") and "1 May 2026", "first six months"],
        Outcome.NOT_YET: ["Teaching and lifting", "A course, guide or clinic that other people now run"],
        Outcome.DEFERRED: ["Staff Engineer, Engineering"],
    }
    said = [letter.decision.reasons, letter.code, letter.data_sha256, "6 Apr 2026", *parts[outcome]]
    assert [line for line in said if line not in page] == []
    assert [n for n in ("Rex Tanaka", "Kim Larsen", "2.33") if n in page] == []


def test_reading_anothers_letter_is_noted_and_ones_own_is_not(
    world: World, client, storage: Storage, frozen_clock: Any
) -> None:
    case = released(world, storage)
    world.commit()
    client(world.ada).get(f"/cases/{case.id}/letter")
    client(world.nat).get(f"/cases/{case.id}/letter")
    world.s.rollback()
    reads = world.s.execute(select(AuditEvent.actor_id, AuditEvent.thing).where(AuditEvent.action == "read")).all()
    assert [tuple(r) for r in reads] == [(world.nat.id, f"letter:{case.id}")]


def verdict(client, code: str) -> tuple[int, str]:
    answer = client().get(f"/verify/{code}")
    words = {"genuine": "This letter is genuine.", "superseded": "superseded", "unknown": "No letter has this code."}
    return answer.status_code, next(name for name, sign in words.items() if sign in answer.text)


def test_a_stranger_learns_of_a_code_that_it_is_genuine_and_nothing_else(
    world: World, client, storage: Storage, frozen_clock: Any
) -> None:
    letter = released(world, storage).decisions[-1].letter
    world.commit()
    assert verdict(client, letter.code) == (200, "genuine")
    assert verdict(client, letter.code.lower().replace("-", "").replace("0", "o").replace("1", "l")) == (200, "genuine")
    page = client().get(f"/verify/{letter.code}").text
    secrets = ("Ada", "Marchetti", "approved", "Staff", letter.case_id, "2026", letter.data_sha256)
    assert [word for word in secrets if word in page] == []


def test_an_unreleased_letter_is_as_unknown_as_a_made_up_code(world: World, client, storage: Storage) -> None:
    letter = ready(world, storage)
    world.commit()
    made_up = "0000-1111-2222-3333"
    assert verdict(client, letter.code) == (200, "unknown")
    assert client().get(f"/verify/{letter.code}").data == client().get(f"/verify/{made_up}").data


def test_known_and_unknown_codes_get_answers_of_one_shape(
    world: World, client, engine, storage: Storage, frozen_clock: Any
) -> None:
    genuine = released(world, storage).decisions[-1].letter
    world.commit()
    shapes = []
    for code in (genuine.code, "0000-1111-2222-3333"):
        with counted(engine) as statements:
            answer = client().get(f"/verify/{code}")
        shapes.append((answer.status_code, len(answer.data), sorted(answer.headers.keys()), len(statements)))
    assert shapes[0] == shapes[1]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements run inside."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_codes_are_checked_so_often_and_then_later(world: World, client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.letters.routes.verification.checks", RateLimit(most=2, seconds=60))
    statuses = [client().get("/verify/0000-1111-2222-3333").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_letter_with_a_later_one_is_superseded(world: World, client, storage: Storage, frozen_clock: Any) -> None:
    case = released(world, storage)
    first = case.decisions[-1]
    values = {c.name: getattr(first, c.name) for c in Decision.__table__.columns if c.name not in ("id", "number")}
    later = Decision(**{**values, "number": 2, "released_at": None, "version": 1})
    case.decisions.append(later)
    world.commit()
    assert verdict(client, first.letter.code) == (200, "genuine")
    later.released_at = NOW + timedelta(days=30)
    world.commit()
    assert verdict(client, first.letter.code) == (200, "superseded")


def test_a_check_writes_nothing_and_starts_no_session(world: World, client) -> None:
    def count() -> int:
        return world.s.scalar(select(func.count()).select_from(SignInSession)) or 0

    before = count()
    answer = client().get("/verify/0000-1111-2222-3333")
    world.s.rollback()
    assert (count(), answer.headers.getlist("Set-Cookie")) == (before, [])


def test_a_code_typed_from_paper_leads_to_its_address(world: World, client) -> None:
    answer = client().get("/verify?code=abcd efgh jkmn pqrs")
    assert (answer.status_code, answer.location) == (303, "/verify/ABCD-EFGH-JKMN-PQRS")
    assert client().get("/verify").status_code == 200
    assert client().get("/verify?code=%E2%9C%93").status_code == 200


@pytest.mark.parametrize(
    ("written", "code"),
    [("abcdefghjkmnpqrs", "ABCD-EFGH-JKMN-PQRS"), ("OIL0", "0110"), ("z" * 99, "ZZZZ-ZZZZ-ZZZZ-ZZZZ"), ("'; --", "")],
)
def test_codes_are_read_however_they_are_copied(written: str, code: str) -> None:
    assert tidy_code(written) == code


def test_codes_are_long_and_never_alike(world: World) -> None:
    codes = {prepared(world, who).code for who in ("ada", "mona", "ivy", "ron")}
    assert len(codes) == 4
    assert {tidy_code(c) for c in codes} == codes


def test_the_people_partner_is_led_to_the_letters(world: World, client) -> None:
    waiting = world.case("ada", State.DECIDED)
    waiting.decisions[-1].confirmed_at = waiting.decisions[-1].confirmed_by_id = None
    confirmed = world.case("mona", State.DECIDED)
    world.commit()
    pia = client(world.pia)
    assert "has not been confirmed by a second committee member" in pia.get(f"/cases/{waiting.id}").text
    assert "Prepare and release letters of this cycle" in pia.get(f"/cases/{confirmed.id}").text


def test_an_empty_cycle_says_what_comes_first(world: World, client) -> None:
    pia = client(world.pia)
    assert "once decisions are recorded and confirmed" in pia.get("/cycles/spring-2026/letters").text
    assert "No letter is ready." in pia.get("/cycles/spring-2026/letters/release").text
    assert world.s.scalar(select(func.count()).select_from(Letter)) == 0
