"""Naming the panel that answers an appeal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.queries import family_of
from portal.decisions.commands.panel import held, result_of
from portal.decisions.policy import presides, why_not_on_panel
from portal.domain.problems import InvalidInput, Refused
from portal.models.appeal import Appeal, AppealMember, AppealPanel
from portal.models.audit import record
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.person import Person

NOT_OFFERED = "Choose from the people who are offered: somebody else was named, or cannot answer this appeal any more."


def appoint(
    s: Session, *, appeal: Appeal, people: Sequence[Person], actor: Person, at: datetime, seen: int | None = None
) -> AppealPanel:
    """The panel that answers from now on; the first of `people` presides. What an earlier panel said and did not answer
    with never counts.

    `seen` is how many panels the writer knew of. All must be outside the first panel and without a conflict, as many as
    the organisation's policy asks for. Why somebody cannot be chosen is not said: it would tell who is near the case.
    A panel that has come to a result is not replaced."""
    appeal = held(s, appeal)
    if appeal.answered_at is not None:
        raise Refused("This appeal has been answered.")
    if seen is not None and seen != len(appeal.panels):
        raise Refused("Another panel was appointed while you chose yours. Read the page again.")
    _refuse_second_choice(appeal)
    _refuse_unfit(appeal.case, people, actor)
    if appeal.panel is not None:
        appeal.panel.set_aside = True
    made = AppealPanel(
        number=len(appeal.panels) + 1,
        quorum=appeal.case.cycle.quorum,
        appointed_by_id=actor.id,
        appointed_at=at,
        members=[AppealMember(person=person, place=place) for place, person in enumerate(people)],
    )
    appeal.panels.append(made)
    s.flush()
    _tell(s, made, actor, at)
    return made


def needed(case: Case) -> int:
    """How many members a panel has at least, by the organisation's policy as it was pinned with the case."""
    return family_of(case).org.policy.appeal_panel


def _refuse_second_choice(appeal: Appeal) -> None:
    panel = appeal.panel
    if panel is not None and panel.closed_at and result_of(panel).quorum_met and presides(appeal.case):
        raise Refused("The panel has come to a result; its presiding member records the answer.")


def _refuse_unfit(case: Case, people: Sequence[Person], actor: Person) -> None:
    if len({person.id for person in people}) < needed(case):
        raise InvalidInput(f"A panel has at least {needed(case)} members.")
    if actor in people or any(why_not_on_panel(person, case) for person in people):
        raise InvalidInput(NOT_OFFERED)


def _tell(s: Session, made: AppealPanel, actor: Person, at: datetime) -> None:
    case = made.appeal.case
    record(
        s,
        actor=actor,
        action="appeal_panel_appointed",
        thing=f"appeal:{made.appeal_id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        payload={"number": made.number, "members": [member.person.id for member in made.members]},
    )
    for member in made.members:
        path, key = f"/cases/{case.id}/appeal", f"appeal-appointed:{made.id}"
        enqueue_mail(s, to_id=member.person.id, template="appeal_to_answer", key=key, at=at, path=path)
