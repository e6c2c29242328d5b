"""Releasing: one step with the counts named, all or none, mails without content, never one's own case."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.adapters.storage import Storage
from portal.app import outbox_of
from portal.domain.case_flow import State, StepBlocked
from portal.letters import policy, queries
from portal.letters.commands import DisagreesWithRecord, release
from portal.letters.jobs import release_due
from portal.letters.queries import Stage
from portal.models.case import ConflictSource, Recusal
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow
from portal.people.jobs import compose
from tests.letters.stages import confirmed, prepared, ready, released
from tests.world import NOW, World

URL = "/cycles/spring-2026/letters"


@pytest.fixture
def three_ready(world: World, storage: Storage) -> World:
    ready(world, storage, "ada", Outcome.APPROVED)
    ready(world, storage, "mona", Outcome.NOT_YET)
    ready(world, storage, "ivy", Outcome.APPROVED)
    world.commit()
    return world


def fingerprint(page: str) -> str:
    return page.partition('name="fingerprint" value="')[2].partition('"')[0]


def test_the_second_step_names_how_many_of_what(three_ready: World, client) -> None:
    page = client(three_ready.pia).get(f"{URL}/release").text
    assert "Release 3 letters: 2 approved, 1 not yet" in page
    assert page.count("<li>Ada Marchetti</li>") == 1


def test_a_release_opens_the_letters_and_tells_candidate_and_manager(
    three_ready: World, client, engine, frozen_clock: Any
) -> None:
    pia, ada = client(three_ready.pia), client(three_ready.ada)
    sent = {"fingerprint": fingerprint(pia.get(f"{URL}/release").text)}
    assert pia.post(f"{URL}/release", data=sent).status_code == 303
    assert release_due(engine) == 0
    frozen_clock.move_to(NOW + timedelta(minutes=10))
    assert (release_due(engine), release_due(engine)) == (3, 0)
    three_ready.s.rollback()
    letter = three_ready.s.scalar(select(Letter).where(Letter.case.has(candidate_id=three_ready.ada.id)))
    assert letter is not None
    rows = three_ready.s.scalars(select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id))
    told = [row.payload for row in rows if row.payload["template"] == "letter_released"]
    names = {p.id: key for key, p in three_ready.everyone.items()}
    assert sorted(names[row["to"]] for row in told) == ["ada", "dana", "ivy", "max", "max", "mona"]
    assert ada.get(f"/cases/{letter.case_id}/letter").status_code == 200
    assert pia.post(f"{URL}/release", data=sent).status_code == 409


def test_the_mail_holds_a_link_and_no_content(three_ready: World) -> None:
    cases = batch(three_ready, "pia").ready
    assert release(three_ready.s, cases=cases, actor=three_ready.pia, at=NOW) == 3
    rows = three_ready.s.scalars(select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id))
    texts = [compose(r.payload, name="X", base_url="http://here") for r in rows if "letter" in r.payload["template"]]
    assert {subject for subject, _ in texts} == {"A decision letter is ready"}
    assert len({body.replace(body.split("/cases/")[1][:12], "") for _, body in texts}) == 1


def test_what_changed_since_the_page_was_read_is_not_released(three_ready: World, client, storage: Storage) -> None:
    pia = client(three_ready.pia)
    sent = {"fingerprint": fingerprint(pia.get(f"{URL}/release").text)}
    three_ready.s.rollback()
    ready(three_ready, storage, "ron")
    three_ready.commit()
    for given in (sent, {}):
        assert pia.post(f"{URL}/release", data=given).status_code == 409
    assert {line.stage for line in batch(three_ready, "pia").lines} == {Stage.READY}


def batch(world: World, who: str) -> queries.Batch:
    return queries.batch(world.s, world.cycle, getattr(world, who), NOW)


def test_nobody_releases_their_own_or_a_conflicted_case(world: World, storage: Storage) -> None:
    own, other = ready(world, storage, "theo").case, ready(world, storage, "ada").case
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": world.pia.id}
    other.recusals.append(Recusal(person=world.pia, at=NOW, **declared))
    world.s.flush()
    assert [line.case for line in batch(world, "theo").lines] == [other]
    assert [line.case for line in batch(world, "pia").lines] == [own]
    assert (policy.can_release(world.theo, own).allowed, policy.can_release(world.pia, other).hidden) == (False, True)
    assert {k for k, p in world.everyone.items() if policy.can_release(p, own)} == {"pia"}
    assert {k for k, p in world.everyone.items() if policy.can_run(p, world.cycle)} == {"pia", "theo"}


def test_where_each_case_stands(world: World, storage: Storage, frozen_clock: Any) -> None:
    world.case("sam", State.IN_CALIBRATION)
    confirmed(world, "ron")
    prepared(world, "ivy")
    ready(world, storage, "ada")
    waiting = confirmed(world, "theo")
    waiting.confirmed_at = waiting.confirmed_by_id = None
    released(world, storage, "mona")
    stages = {line.case.candidate.name.split()[0]: line.stage for line in batch(world, "pia").lines}
    assert stages == {
        "Ada": Stage.READY,
        "Ivy": Stage.SETTING,
        "Mona": Stage.RELEASED,
        "Ron": Stage.UNPREPARED,
        "Sam": Stage.UNDECIDED,
        "Theo": Stage.UNCONFIRMED,
    }
    found = batch(world, "pia")
    assert (found.rendered, found.total, found.counts) == (1, 2, {Outcome.APPROVED: 1})


def test_a_letter_of_yesterday_is_prepared_again_and_not_released(
    three_ready: World, client, app, frozen_clock: Any
) -> None:
    frozen_clock.move_to("2026-03-17T10:00:00+00:00")
    pia = client(three_ready.pia)
    assert "dated another day" in pia.get(URL).text
    assert "No letter is ready" in pia.get(f"{URL}/release").text
    case = three_ready.s.scalars(select(Letter).order_by(Letter.id)).first().case
    with pytest.raises(DisagreesWithRecord) as refused:
        release(three_ready.s, cases=[case], actor=three_ready.pia, at=NOW.replace(day=17))
    assert "has to be prepared again for 2026-03-17" in refused.value.problems[0]
    three_ready.s.rollback()
    assert pia.post(f"{URL}/prepare").status_code == 303
    outbox_of(app).run_due()
    three_ready.s.expire_all()
    issued = {letter.data["issued_on"] for letter in three_ready.s.scalars(select(Letter))}
    assert issued == {"2026-03-17"}


def test_without_a_confirmed_decision_or_a_set_letter_the_step_is_closed(world: World, storage: Storage) -> None:
    letter = prepared(world)
    with pytest.raises(StepBlocked, match="The letter has not been prepared and checked"):
        release(world.s, cases=[letter.case], actor=world.pia, at=NOW)
    case = world.case("mona", State.DECIDED)
    with pytest.raises(DisagreesWithRecord) as refused:
        release(world.s, cases=[case], actor=world.pia, at=NOW)
    assert refused.value.problems == ("Mona Fischer: its letter has not been prepared.",)


def test_preparing_names_what_cannot_be_and_goes_on_with_the_rest(world: World, client, app) -> None:
    confirmed(world, "ada")
    confirmed(world, "mona").reasons = "Rex Tanaka thought so."
    world.commit()
    pia = client(world.pia)
    pia.post(f"{URL}/prepare")
    page = pia.get(URL).text
    assert "Letters being made: 2." in page
    assert "0 of 2 letters are set" in page
    outbox_of(app).run_due()
    page = pia.get(URL).text
    assert "The letter to Mona Fischer cannot be prepared. The letter names Rex Tanaka" in page
    assert "1 of 1 letter is set" in page


def test_progress_is_a_part_of_the_page_and_silent_when_nothing_is_new(world: World, client) -> None:
    prepared(world)
    world.commit()
    pia = client(world.pia)
    part = pia.get(f"{URL}/progress").text
    assert part.strip() in pia.get(URL).text
    assert pia.get(f"{URL}/progress?since=0").status_code == 204
    assert pia.get(f"{URL}/progress?since=1").status_code == 200


def test_a_new_release_asks_for_a_new_acknowledgement(world: World, storage: Storage, frozen_clock: Any) -> None:
    letter = ready(world, storage)
    letter.case.acknowledged_at = NOW
    release(world.s, cases=[letter.case], actor=world.pia, at=NOW)
    assert letter.case.acknowledged_at is None
