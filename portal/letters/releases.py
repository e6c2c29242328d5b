"""Releasing at a moment: ordered and on record first, taken back until the moment, carried out at it. Before it nothing
that a candidate can see differs; after it nothing is taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from portal.cases.queries import family_of
from portal.decisions import queries as decisions
from portal.decisions.policy import can_leave
from portal.decisions.queries import forbidden_names
from portal.domain.ladder_org import Policy
from portal.domain.problems import InvalidInput, Refused
from portal.letters import queries
from portal.letters.checks import problems_of
from portal.letters.commands import DisagreesWithRecord, prepare, problems_before_release, release_one
from portal.models.audit import record
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import Letter
from portal.models.outbox import enqueue_mail
from portal.models.person import Person
from portal.models.release import Brief, Release, ReleaseItem

AT_A_TIME = 100  # letters in one transaction: others can write in between, and an interruption costs little


def order(
    s: Session,
    *,
    cycle: Cycle,
    cases: Sequence[Case],
    actor: Person,
    moment: datetime,
    at: datetime,
    brief_hours: int = 0,
) -> Release:
    """Put on record that these letters leave at `moment`, all or none, each checked against the record first.

    A letter that is dated another day is dated anew and set again meanwhile. `brief_hours` ahead of the moment each
    candidate's manager is told, as far as the organisation's policy allows. Raises DisagreesWithRecord."""
    if moment < at:
        raise InvalidInput("The moment has passed. Choose one that lies ahead.")
    shows = brief_of(cases, brief_hours) if brief_hours else None
    letters = [_held(s, case) for case in cases]
    _refuse_disagreement(s, letters)
    brief_at = max(at, moment - timedelta(hours=brief_hours)) if shows else None
    made = Release(
        cycle=cycle, moment=moment, ordered_by=actor, ordered_at=at, brief_at=brief_at, brief_shows=shows, items=[]
    )
    s.add(made)
    for letter in letters:
        _place(s, made, letter, actor, at)
    return made


def brief_of(cases: Sequence[Case], hours: int) -> Brief:
    """What managers may read that long ahead, by the policy of every case. Raises InvalidInput where it forbids it."""
    policies = [policy_of(case) for case in cases]
    if any(p.manager_brief == "none" for p in policies):
        raise InvalidInput("The organisation's policy does not tell managers ahead (policy.manager_brief).")
    longest = min(p.manager_brief_hours for p in policies)
    if not 1 <= hours <= longest:
        raise InvalidInput(f"Managers are told at most {longest} hours ahead (policy.manager_brief_hours).")
    return min((Brief(p.manager_brief) for p in policies), key=list(Brief).index)


def policy_of(case: Case) -> Policy:
    return family_of(case).org.policy


def _held(s: Session, case: Case) -> Letter:
    """The letter of a case that may be placed in a release, its decision locked against a second order."""
    letter = queries.latest_letter(case)
    if letter is None:
        raise Refused(f"The letter to {case.candidate.name} has not been prepared.")
    s.scalar(select(Decision.id).where(Decision.id == letter.decision_id).with_for_update())
    s.refresh(letter.decision, ["placed"])
    if letter.decision.planned or letter.decision.released_at:
        raise Refused(f"The letter to {case.candidate.name} is on its way already. Nothing was ordered.")
    if letter.pdf_sha256 is None or letter.decision.confirmed_at is None:
        raise Refused(f"The letter to {case.candidate.name} is not confirmed and set. Nothing was ordered.")
    return letter


def _refuse_disagreement(s: Session, letters: Sequence[Letter]) -> None:
    found = tuple(
        f"{letter.case.candidate.name}: {problem}"
        for letter in letters
        for problem in problems_of(
            letter.data,
            letter.data_sha256,
            queries.sources_of(s, letter.decision),
            forbidden_names=forbidden_names(letter.case),
        )
    )
    if found:
        raise DisagreesWithRecord("Nothing was ordered: a letter does not agree with the record.", found)


def _place(s: Session, made: Release, letter: Letter, actor: Person, at: datetime) -> None:
    day = queries.release_day(letter.case, made.moment)
    if letter.data["issued_on"] != day.isoformat():
        prepare(s, decision=letter.decision, actor=actor, at=at, release_on=day)
    item = ReleaseItem(release=made, decision=letter.decision, moment=made.moment, data_sha256=letter.data_sha256)
    item.live, item.trouble = True, ""
    s.add(item)
    s.flush()
    _note(s, item, "release_ordered", actor, at, {"moment": made.moment, "brief_at": made.brief_at})


def take_back(s: Session, *, release: Release, cases: Sequence[Case], actor: Person, at: datetime) -> int:
    """Keep these cases' letters from leaving; gives how many. Refused from the moment on."""
    found = _locked(s, release.id)
    if at >= found.moment:
        raise Refused("The moment has come. What was released is never taken back; an appeal is the way to change it.")
    ids = {case.id for case in cases}
    waiting = [item for item in found.items if item.live and item.decision.case_id in ids]
    if not waiting:
        raise Refused("Nothing of this release waits any more: it was taken back already.")
    for item in waiting:
        item.live, item.taken_back_at, item.taken_back_by_id = False, at, actor.id
        s.flush()
        _note(s, item, "release_taken_back", actor, at, {"moment": found.moment})
    return len(waiting)


def carry_out(s: Session, *, release: Release, at: datetime, limit: int = AT_A_TIME) -> int:
    """Release up to `limit` of its letters, from the moment on; gives how many left or were held back.

    One that does not agree with the record any more is held back with the reason, and who ordered the release is told.
    One that is not set yet, or is dated another day because the moment was missed, waits for the next call."""
    found = _locked(s, release.id)
    if at < found.moment:
        return 0
    settled = 0
    for item in found.items:
        if item.live and settled < limit:
            settled += _leave(s, item, at)
    return settled


def _leave(s: Session, item: ReleaseItem, at: datetime) -> bool:
    """One letter at its moment: True when it left or was held back, False while it waits to be set."""
    case = decisions.case(s, case_id=item.decision.case_id)
    letter = item.decision.letter
    if case is None or letter is None:
        raise LookupError(f"the letter of decision {item.decision_id} is gone")
    by = item.release.ordered_by
    if letter.data_sha256 == item.data_sha256 and letter.data["issued_on"] != queries.release_day(case, at).isoformat():
        item.data_sha256 = _dated_anew(s, item, at)
        return False
    if letter.pdf_sha256 is None:
        return False
    item.live = False
    s.flush()
    if trouble := _trouble(s, item, letter, at):
        _hold_back(s, item, trouble, at)
        return True
    release_one(s, case=case, actor=by, at=at)
    return True


def _dated_anew(s: Session, item: ReleaseItem, at: datetime) -> str:
    return prepare(s, decision=item.decision, actor=item.release.ordered_by, at=at).data_sha256


def _trouble(s: Session, item: ReleaseItem, letter: Letter, at: datetime) -> str:
    if letter.data_sha256 != item.data_sha256:
        return "Another letter was prepared since the release was ordered."
    return " ".join(problems_before_release(s, letter, at))


def _hold_back(s: Session, item: ReleaseItem, trouble: str, at: datetime) -> None:
    item.trouble = trouble
    s.flush()
    by = item.release.ordered_by
    _note(s, item, "release_held_back", by, at, {"trouble": trouble})
    path, key = f"/cycles/{item.release.cycle.slug}/letters", f"held-back:{item.release_id}"
    enqueue_mail(s, to_id=by.id, template="release_held_back", key=key, at=at, path=path)


def brief(s: Session, *, release: Release, at: datetime) -> int:
    """Tell each candidate's manager ahead, once; gives how many. From here on they may read what the policy lets them,
    until the letter leaves or is taken back. Nobody is told of a correction while an appeal keeps it here."""
    found = _locked(s, release.id)
    if found.brief_at is None or at < found.brief_at:
        return 0
    told = 0
    for item in found.items:
        manager_id = item.decision.case.candidate.manager_id
        if item.live and item.briefed_at is None and manager_id and can_leave(item.decision.case):
            item.briefed_at, item.briefed_id = at, manager_id
            s.flush()
            _note(s, item, "manager_briefed", found.ordered_by, at, {"manager": manager_id, "shows": found.brief_shows})
            path, key = f"/cases/{item.decision.case_id}/decision", f"brief:{found.id}:{item.decision_id}"
            enqueue_mail(s, to_id=manager_id, template="manager_briefed", key=key, at=at, path=path)
            told += 1
    return told


def due(s: Session, at: datetime) -> list[str]:
    """Ids of the releases that have something to do now, the earliest first."""
    waits = ReleaseItem.live.is_(True)
    has_manager = (
        exists()
        .where(Decision.id == ReleaseItem.decision_id, Case.id == Decision.case_id)
        .where(Person.id == Case.candidate_id, Person.manager_id.is_not(None))
    )
    brief_waits = (Release.brief_at <= at) & ReleaseItem.briefed_at.is_(None) & has_manager
    q = select(Release.id).join(ReleaseItem).where(waits, (Release.moment <= at) | brief_waits)
    return list(s.scalars(q.group_by(Release.id, Release.moment).order_by(Release.moment, Release.id)))


def _locked(s: Session, release_id: str) -> Release:
    """The release as it is now, its row locked: an order to take back and the carrying out come one after the other."""
    loaded = selectinload(Release.items).joinedload(ReleaseItem.decision).joinedload(Decision.case)
    q = (
        select(Release)
        .where(Release.id == release_id)
        .with_for_update(of=Release)
        .options(loaded, selectinload(Release.ordered_by))
    )
    return s.scalars(q, execution_options={"populate_existing": True}).one()


def _note(s: Session, item: ReleaseItem, action: str, actor: Person, at: datetime, payload: dict[str, Any]) -> None:
    case = item.decision.case
    record(
        s,
        actor=actor,
        action=action,
        thing=f"release:{item.release_id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        payload={"decision": item.decision_id, "letter": item.data_sha256, **payload},
    )
