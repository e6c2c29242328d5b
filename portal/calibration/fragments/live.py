"""The room while a session goes on, as one person sees it: the case on the table, or the request to step outside, and
what they may do now. The same state gives the same screen, however often the connection was lost in between."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.calibration import policy, queries
from portal.calibration.forms import REASONS, MinuteForm, SessionForm
from portal.calibration.fragments.record import session_record
from portal.calibration.policy import Place
from portal.calibration.queries import Adjusted, Item, Protocol
from portal.calibration.queries.protocol import ChangeRow, ItemRow, MinuteRow, Seat, SessionRow
from portal.calibration.queries.pulse import AWAY, Line, Lying, token_of
from portal.calibration.queries.sessions import NOTHING
from portal.domain.case_flow import State
from portal.models.calibration import Choice
from portal.models.person import Person
from portal.web.database import session
from portal.web.filters import number

NOTHING_ON = "none"


@dataclass(frozen=True)
class OnTable:
    """The case under discussion. `votes` are counts once they are shown, None before; `given` of `may` members have
    said what they think, None for whoever does not lead."""

    item: Item
    table: ItemRow
    adjusted: Adjusted | None
    mine: Choice | None
    may_vote: bool
    may: int
    given: int | None
    votes: dict[str, int] | None
    leaving: list[str]
    seconds: int
    minutes: list[MinuteRow]
    changes: list[ChangeRow]
    pillars: list[dict[str, Any]]

    @property
    def over(self) -> bool:
        """Whether the time box is."""
        return self.seconds <= 0

    @property
    def left(self) -> int:
        """Minutes of the time box, begun ones counted."""
        return -(-self.seconds // 60)


@dataclass(frozen=True)
class Turn:
    """A case in the order of business; `leaving` must leave the room for it, known only for the next one."""

    item: Item
    taken: bool
    leaving: tuple[str, ...] = ()


def live_page(
    actor: Person, place: Place, family_id: str, items: Sequence[Item], protocol: Protocol, shown: dict[str, Adjusted]
) -> dict[str, Any]:
    """The context of the room; `items` are the cases this person may see, in order, `shown` their adjusted scores."""
    live = protocol.live
    inside = _inside(actor, place, live, items, protocol, shown)
    record = session_record(protocol, items) if live is None else None
    moved = record["said"] if record else []
    return {
        "slug": place.slug,
        "grade": place.grade,
        "family_id": family_id,
        "live": live,
        "may_lead": bool(policy.can_facilitate(actor, place)),
        "may_begin": any(i.case.state is State.IN_CALIBRATION for i in items),
        "may_take_part": bool(policy.can_speak(actor, place)),
        "session_form": SessionForm(formdata=None, data={"family": family_id, "box": 10}),
        "minute_form": _desk(live),
        "scale_top": top_of(items),
        "reasons": {reason: _(text) for reason, text in REASONS.items()},
        "general": [line for line in protocol.minutes if live and (line.session_id, line.case_id) == (live.id, None)],
        "moved": moved,
        **inside,
        "spoken": spoken(inside["on_table"], inside["away"]) + moved,
    }


def _inside(
    actor: Person,
    place: Place,
    live: SessionRow | None,
    items: Sequence[Item],
    protocol: Protocol,
    shown: dict[str, Adjusted],
) -> dict[str, Any]:
    """What stands in the room for whoever may be in it, and for whoever may not what would help the others on."""
    empty: dict[str, Any] = {"on_table": None, "queue": [], "next": None, "last": None, "seen": queries.stand(None)}
    empty |= {"away": False, "stranded": False, "since": NOTHING_ON}
    if live is None:
        return empty
    leads = actor.id in place.leaders
    if live.on_table_id is not None and all(i.case.id != live.on_table_id for i in items):
        seats = queries.seats_of(session(), live.id, [live.on_table_id]) if leads else []
        nobody = leads and not any(seat.votes and seat.person_id in place.leaders for seat in seats)
        return empty | {"away": True, "seen": AWAY, "since": AWAY, "stranded": nobody}
    queue = _queue(live, items, protocol)
    upcoming = next((one for one in queue if not one.taken), None) if leads else None
    asked = [live.on_table_id, upcoming.item.case.id if upcoming else None]
    seats = queries.seats_of(session(), live.id, [one for one in asked if one])
    table = protocol.item_of(live.id, live.on_table_id)
    lies = _on_table(actor, items, protocol, table, seats, shown, leads) if table else None
    return empty | {
        "on_table": lies,
        "queue": queue,
        "next": Turn(upcoming.item, False, tuple(_leaving(seats, upcoming.item.case.id))) if upcoming else None,
        "last": _last(live, items, protocol) if leads else None,
        "seen": queries.stand(table.case_id, table.box_until, table.revealed_at is not None) if table else NOTHING,
        "since": _token(live, items, protocol, seats, lies, leads),
    }


def _token(
    live: SessionRow,
    items: Sequence[Item],
    protocol: Protocol,
    seats: Sequence[Seat],
    lies: OnTable | None,
    leads: bool,
) -> str:
    """Of what is drawn here, as `queries.pulse` makes it of what would be."""
    lines = []
    for case in (i.case for i in items):
        item = protocol.item_of(live.id, case.id)
        line = Line(case.id, case.state, None, False, None)
        if item is not None:
            line = Line(case.id, case.state, item.box_until, item.revealed_at is not None, item.manager_present)
        line = line._replace(recusals=case.recusals if leads else 0)
        if lies is not None and lies.item.case.id == case.id:
            said = sum(seat.given is not None for seat in seats if seat.case_id == case.id)
            counts = (len(lies.minutes), len(lies.changes), case.recusals, case.rounds, case.closed)
            mine = lies.mine.value if lies.mine else None
            line = line._replace(on_table=Lying(lies.over, *counts, mine, said if leads else 0))
        lines.append(line)
    general = sum((m.session_id, m.case_id) == (live.id, None) for m in protocol.minutes)
    return token_of(live.id, general, lines)


def _on_table(
    actor: Person,
    items: Sequence[Item],
    protocol: Protocol,
    table: ItemRow,
    seats: Sequence[Seat],
    shown: dict[str, Adjusted],
    leads: bool,
) -> OnTable | None:
    item = next((i for i in items if i.case.id == table.case_id), None)
    if item is None:
        return None
    here = [seat for seat in seats if seat.case_id == table.case_id]
    may = {seat.person_id for seat in here if seat.votes}
    given = {seat.person_id: seat.given for seat in here if seat.given is not None}
    counts = Counter(choice.value for choice in given.values())
    return OnTable(
        item=item,
        table=table,
        adjusted=shown.get(item.case.id),
        mine=given.get(actor.id),
        may_vote=actor.id in may and table.revealed_at is None,
        may=len(may),
        given=len(may & set(given)) if leads else None,
        votes={choice.value: counts[choice.value] for choice in Choice} if table.revealed_at else None,
        leaving=_leaving(here, table.case_id),
        seconds=math.ceil((table.box_until - now()).total_seconds()),
        minutes=[m for m in protocol.minutes if (m.session_id, m.case_id) == (table.session_id, table.case_id)],
        changes=[c for c in protocol.changes if c.case_id == table.case_id],
        pillars=_pillars(item, items),
    )


def spoken(on_table: OnTable | None, away: bool) -> list[str]:
    """What a screen reader is told, each sentence once, when it is new: the case, what was shown, what was changed, and
    that the time is over. Minutes and the minutes left are read by who looks for them."""
    if away or on_table is None:
        return [_("Please leave the room for now.")] if away else []
    lines = [_("%(name)s is on the table.", name=on_table.item.case.candidate.name)]
    if votes := on_table.votes:
        told = {"f": votes["for"], "a": votes["against"], "n": votes["abstain"]}
        lines.append(_("Before the talk: %(f)s for, %(a)s against, %(n)s without a view.", **told))
    for change in on_table.changes:
        name = on_table.item.rubric.competency(change.competency_id).name
        lines.append(_("Changed: %(name)s to %(new)s.", name=name, new=number(change.new)))
    return [*lines, _("The time box is over.")] if on_table.over else lines


def top_of(items: Sequence[Item]) -> float:
    """The highest point of the scale."""
    scale = items[0].rubric.scale if items else None
    return max((point.value for point in scale.points), default=4) if scale else 4


def _leaving(seats: Sequence[Seat], case_id: str) -> list[str]:
    """Who of the committee must leave the room for this case, by name."""
    return [seat.name for seat in seats if seat.case_id == case_id and seat.active and seat.away]


def _pillars(item: Item, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Pillar by pillar: this case's mean, and on each track from the lowest case to the highest."""
    means: dict[tuple[str, str], list[float]] = {}
    for one in items:
        for pillar in one.position.pillars:
            if pillar.mean is not None:
                means.setdefault((one.case.track_kind, pillar.id), []).append(pillar.mean)
    kinds = dict.fromkeys(["ic", "manager", item.case.track_kind])
    return [
        {
            "name": pillar.name,
            "mean": pillar.mean,
            "lanes": [{"kind": kind, "span": _span(means.get((kind, pillar.id)))} for kind in kinds],
        }
        for pillar in item.position.pillars
    ]


def _desk(live: SessionRow | None) -> MinuteForm:
    """The field for minutes, by a name of its own for each case: what is unsent for one stays when the next comes."""
    form = MinuteForm(formdata=None)
    form.text.id = form.text.label.field_id = f"minutes-{live.on_table_id if live else ''}"
    return form


def _span(means: list[float] | None) -> tuple[float, float] | None:
    return (min(means), max(means)) if means else None


def _queue(live: SessionRow, items: Sequence[Item], protocol: Protocol) -> list[Turn]:
    """The undecided cases in order, those that came later last. In the order that was fixed when the session began, if
    all of it may be known; else as it would have been without the cases that may not: the gaps would tell."""
    waiting = [i for i in items if i.outcome is None]
    if set(live.agenda) <= {i.case.id for i in items}:
        place = {case_id: at for at, case_id in enumerate(live.agenda)}
        waiting.sort(key=lambda i: place.get(i.case.id, len(place)))
    else:
        waiting.sort(key=lambda i: i.case.id not in live.agenda)
    return [Turn(i, protocol.item_of(live.id, i.case.id) is not None) for i in waiting]


def _last(live: SessionRow, items: Sequence[Item], protocol: Protocol) -> Item | None:
    """The case that lay on the table before the one that does, of those this person may see."""
    seen = {i.case.id: i for i in items if i.outcome is None and i.case.id != live.on_table_id}
    taken = [one for one in protocol.items if one.session_id == live.id and one.case_id in seen]
    return seen[max(taken, key=lambda one: one.box_until).case_id] if taken else None
