"""The room while a session goes on, as one person sees it: the case on the table, or the request to step outside, and
what they may do now. The same state gives the same screen, however often the connection was lost in between."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.adapters.clock import now
from portal.calibration import policy, queries
from portal.calibration.commands.sitting.pre_vote import voters
from portal.calibration.forms import MinuteForm, SessionForm
from portal.calibration.policy import Room, Sitting
from portal.calibration.queries import Adjusted, Item
from portal.cases.policy import conflict
from portal.domain.ladder import Family
from portal.models.calibration import Choice
from portal.models.calibration_session import CalibrationSession, PositionChange, TableItem
from portal.models.case import Case
from portal.models.person import Person
from portal.web.database import session

NOTHING_ON = "none"


@dataclass(frozen=True)
class OnTable:
    """The case under discussion. `votes` are counts once they are shown, None before; `all_in` only says that everyone
    who may has answered."""

    item: Item
    table: TableItem
    adjusted: Adjusted | None
    mine: Choice | None
    may_vote: bool
    all_in: bool
    votes: dict[str, int] | None
    leaving: list[str]
    over: bool
    minutes: list[Any]
    changes: list[PositionChange]


def live_page(
    actor: Person,
    room: Room,
    family: Family,
    items: Sequence[Item],
    sessions: Sequence[CalibrationSession],
    adjusted: dict[str, Adjusted],
) -> dict[str, Any]:
    """The context of the room; `items` are the cases this person may see, in order."""
    at = now()
    live = queries.going_on(sessions)
    place: dict[str, Any] = {"cycle_id": room.cycle.id, "family_id": family.id, "grade": room.grade or 0}
    beat = queries.pulse(session(), actor, **place, at=at) if live else None
    away = live is not None and live.on_table is not None and bool(conflict(actor, live.on_table))
    sitting = Sitting(room.cycle, live) if live else None
    return {
        "cycle": room.cycle,
        "grade": room.grade,
        "family": family,
        "items": list(items),
        "live": live,
        "since": beat.token if beat else NOTHING_ON,
        "away": away,
        "on_table": None if away or live is None else _on_table(actor, live, items, adjusted, at),
        "may_lead": bool(policy.can_facilitate(actor, room)),
        "may_take_part": sitting is not None and bool(policy.can_take_part(actor, sitting)),
        "queue": [] if live is None or away else _queue(live, items),
        "pillar_spans": _pillar_spans(items),
        "session_form": SessionForm(formdata=None, data={"family": family.id, "box": 10}),
        "minute_form": MinuteForm(formdata=None),
        "general": [line for line in live.minutes if line.case_id is None] if live else [],
    }


def _on_table(
    actor: Person, live: CalibrationSession, items: Sequence[Item], adjusted: dict[str, Adjusted], at: datetime
) -> OnTable | None:
    item = next((i for i in items if i.case.id == live.on_table_id), None)
    table = live.item_of(live.on_table_id)
    if item is None or table is None:
        return None
    may = {person.id for person in voters(item.case)}
    given = {vote.person_id: vote.choice for vote in table.pre_votes}
    counts = Counter(choice.value for choice in given.values())
    return OnTable(
        item=item,
        table=table,
        adjusted=adjusted.get(item.case.id),
        mine=given.get(actor.id),
        may_vote=actor.id in may and table.revealed_at is None,
        all_in=bool(may) and may <= set(given),
        votes={choice.value: counts[choice.value] for choice in Choice} if table.revealed_at else None,
        leaving=leaving(item.case),
        over=at >= table.box_until,
        minutes=[line for line in live.minutes if line.case_id == item.case.id],
        changes=[change for change in live.changes if change.case_id == item.case.id],
    )


def _pillar_spans(items: Sequence[Item]) -> dict[tuple[str, str], tuple[float, float]]:
    """Lowest and highest mean of each pillar on each track, by (track kind, pillar id)."""
    found: dict[tuple[str, str], list[float]] = {}
    for item in items:
        for pillar in item.position.pillars:
            if pillar.mean is not None:
                found.setdefault((item.case.track_kind, pillar.id), []).append(pillar.mean)
    return {key: (min(means), max(means)) for key, means in found.items()}


def leaving(case: Case) -> list[str]:
    """Who of the committee must leave the room for this case, by name."""
    seats = case.committee.seats if case.committee else []
    return sorted(seat.person.name for seat in seats if conflict(seat.person, case))


def _queue(live: CalibrationSession, items: Sequence[Item]) -> list[dict[str, Any]]:
    """What is still to come and what was taken, in the agenda's order; cases that came later stand last."""
    place = {case_id: at for at, case_id in enumerate(live.agenda)}
    waiting = [i for i in items if i.outcome is None]
    ordered = sorted(waiting, key=lambda i: place.get(i.case.id, len(place)))
    return [{"item": i, "taken": live.item_of(i.case.id) is not None} for i in ordered]
