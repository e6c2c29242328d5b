"""The ballot of a case as one person may see it: their own vote while it is open, counts once it is closed, single
votes for those who keep the record."""

from dataclasses import dataclass
from typing import Any

from portal.calibration import policy, queries
from portal.calibration.commands.open_ballot import why_not_open
from portal.calibration.forms import DissentForm, VoteForm
from portal.calibration.queries.checks import checked_at
from portal.cases.fragments import frame
from portal.cases.policy import can_run, hats, presiding
from portal.cases.queries import count
from portal.domain.case_flow import State
from portal.domain.voting import Tally
from portal.models.calibration import Ballot, Elector, Standing
from portal.models.case import Case
from portal.models.person import Person
from portal.web.database import session


@dataclass(frozen=True)
class Round:
    """One ballot. `tally` and `votes` are None where this person may not know them."""

    ballot: Ballot
    eligible: int
    needed: int
    mine: Elector | None
    may_cast: bool
    may_close: bool
    may_dissent: bool
    tally: Tally | None
    votes: list[Elector] | None


def votes_page(actor: Person, case: Case, form: VoteForm | None = None) -> dict[str, Any]:
    """Rounds with the last first. `why_closed` says why no ballot can be opened now; None when it can."""
    ballots = queries.ballots_of(session(), case)
    rounds = [_round(actor, ballot) for ballot in reversed(ballots)]
    return {
        **frame(case),
        "rounds": rounds,
        "form": form or VoteForm(formdata=None),
        "dissent": DissentForm(formdata=None),
        "may_open": bool(policy.can_open_ballot(actor, case)),
        "nobody_presides": case.committee is not None and presiding(case) is None,
        "may_name": bool(can_run(actor, case)),
        "check_missing": case.state is State.IN_CALIBRATION and not checked_at(session(), case),
        "may_check": bool(hats(actor, case) & policy.TELLERS),
        "waiting": queries.waiting_for(session(), actor, case) if _has_voted(rounds) else None,
        "why_closed": why_not_open(case, ballots[-1] if ballots else None),
    }


def _has_voted(rounds: list[Round]) -> bool:
    """On the ballot that is open: only then is it time for the next one."""
    return any(one.may_cast and one.mine and one.mine.choice for one in rounds)


def _may_dissent(actor: Person, ballot: Ballot) -> bool:
    place = policy.elector_of(actor, ballot)
    deciding = ballot.case.state in (State.IN_CALIBRATION, State.DECIDED)
    return bool(deciding and place and not place.dissent and policy.can_dissent(actor, ballot))


def close_page(actor: Person, ballot: Ballot) -> dict[str, Any]:
    return {**frame(ballot.case), "round": _round(actor, ballot)}


def _round(actor: Person, ballot: Ballot) -> Round:
    open_still = ballot.closed_at is None
    named = sorted(ballot.electors, key=lambda e: (e.person.name, e.person_id))
    eligible = sum(e.standing is Standing.ELIGIBLE for e in ballot.electors)
    return Round(
        ballot=ballot,
        eligible=eligible,
        needed=count(ballot).needed,
        mine=policy.elector_of(actor, ballot),
        may_cast=open_still and bool(policy.can_cast(actor, ballot)),
        may_close=open_still and bool(policy.can_close(actor, ballot)),
        may_dissent=_may_dissent(actor, ballot),
        tally=count(ballot) if policy.can_read_tally(actor, ballot) else None,
        votes=named if policy.can_read_votes(actor, ballot) else None,
    )
