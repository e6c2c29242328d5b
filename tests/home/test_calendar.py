"""Calendar files: valid, one entry a date, the same entry each time, and not a word of whose case it is."""

from typing import Any

import pytest
from icalendar import Calendar

from portal.domain.case_flow import State
from tests.world import World


def entries(answer: Any) -> list[Any]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    assert (calendar["version"], calendar["prodid"]) == ("2.0", "-//Evenbar//Deadlines//EN")
    return list(calendar.walk("VEVENT"))


def test_a_cycle_has_four_dates(world: World, client: Any) -> None:
    answer = client(world.sam).get("/cycles/spring-2026/calendar.ics")
    cycle = world.cycle
    moments = [cycle.opens_at, cycle.submit_by, cycle.review_by, cycle.decide_by]
    assert [entry.decoded("dtstart") for entry in entries(answer)] == moments
    assert answer.headers["Content-Disposition"] == 'attachment; filename="evenbar-spring-2026.ics"'


def test_lines_end_and_fold_as_the_standard_says(world: World, client: Any) -> None:
    world.cycle.name = "Spring, with; a very long name " * 3
    world.commit()
    data = client(world.sam).get("/cycles/spring-2026/calendar.ics").data
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75


def test_my_dates_name_no_candidate(world: World, client: Any) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    answer = client(world.rex).get("/calendar.ics")
    [entry] = [e for e in entries(answer) if case.id in str(e["url"])]
    assert (str(entry["summary"]), entry.decoded("dtstart")) == ("Evenbar: Reviews: due", world.cycle.review_by)
    assert world.ada.name.encode() not in answer.data


def test_the_same_date_keeps_its_name(world: World, client: Any) -> None:
    world.case("ada", State.IN_REVIEW)
    world.commit()
    first, again = (entries(client(world.rex).get("/calendar.ics"))[0]["uid"] for _ in range(2))
    assert first == again


@pytest.mark.parametrize(("who", "dates"), [("ada", 2), ("max", 2), ("pia", 2)])
def test_a_draft_has_its_own_day_and_the_decisions(world: World, client: Any, who: str, dates: int) -> None:
    case = world.case("ada", State.DRAFT)
    world.commit()
    assert len(entries(client(getattr(world, who)).get(f"/cases/{case.id}/calendar.ics"))) == dates


def test_a_decision_does_not_show_in_the_dates(world: World, client: Any) -> None:
    before, after = world.case("ada", State.IN_CALIBRATION), world.case("mona", State.DECIDED)
    world.commit()
    counts = [
        len(entries(client(who).get(f"/cases/{case.id}/calendar.ics")))
        for who, case in ((world.ada, before), (world.mona, after))
    ]
    assert counts == [1, 1]


def test_no_date_ahead_is_said(world: World, client: Any) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    assert client(world.ada).get(f"/cases/{case.id}/calendar.ics").status_code == 409
    assert client(world.aud).get("/calendar.ics").status_code == 409


def test_others_find_no_dates_of_a_case(world: World, client: Any) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    assert client(world.sam).get(f"/cases/{case.id}/calendar.ics").status_code == 404
