"""The kinds of request there are, as one table: what is scored, who opens one, which outcomes it can have, whether it
is tried first, and whether it says anything about the bars. Then what follows for one person on one ladder: which
levels such a case can ask for, and why it cannot ask for another."""

from dataclasses import dataclass, replace
from enum import StrEnum

from portal.domain.ladder import Family, Level, Pillar, Rubric, RubricCompetency, Switch


class CaseType(StrEnum):
    PROMOTION = "promotion"
    OFF_CYCLE = "off_cycle"
    RESUBMISSION = "resubmission"
    SWITCH = "switch"
    STEP_DOWN = "step_down"
    TO_ADVISOR = "to_advisor"
    FROM_ADVISOR = "from_advisor"
    CONFIRMATION = "confirmation"


class Outcome(StrEnum):
    APPROVED = "approved"
    APPROVED_ON_TRIAL = "approved_on_trial"
    NOT_YET = "not_yet"
    DEFERRED = "deferred"
    DECLINED = "declined"


APPROVALS = frozenset({Outcome.APPROVED, Outcome.APPROVED_ON_TRIAL})


class Scored(StrEnum):
    """What reviewers score: the whole level asked for, the pillars the ladder's path assesses, or nothing."""

    LEVEL = "level"
    ASSESSED = "assessed"
    NOTHING = "nothing"


class Opener(StrEnum):
    PERSON = "person"
    PERSON_OR_MANAGER = "person_or_manager"
    PEOPLE_PARTNER = "people_partner"


@dataclass(frozen=True)
class Kind:
    """One row of the table. `carried` are the outcomes a ballot that carried allows, `not_carried` the one if not.
    `name` and `means` are gettext message ids. Only what is `compared` enters the measurement of the bars."""

    name: str
    means: str
    scored: Scored
    opener: Opener
    carried: tuple[Outcome, ...]
    not_carried: Outcome
    compared: bool = False
    tried: bool = False


_PROMOTED = (Outcome.APPROVED, Outcome.DEFERRED)
_TRIED = (Outcome.APPROVED_ON_TRIAL,)
KINDS: dict[CaseType, Kind] = {
    CaseType.PROMOTION: Kind(
        "Promotion",
        "To the next level on the same track. The whole rubric of that level is scored against its bar.",
        Scored.LEVEL,
        Opener.PERSON_OR_MANAGER,
        _PROMOTED,
        Outcome.NOT_YET,
        compared=True,
    ),
    CaseType.RESUBMISSION: Kind(
        "Resubmission",
        "The same promotion again after a “not yet”. The gaps named in the last letter stand beside the packet while "
        "you write.",
        Scored.LEVEL,
        Opener.PERSON_OR_MANAGER,
        _PROMOTED,
        Outcome.NOT_YET,
        compared=True,
    ),
    CaseType.SWITCH: Kind(
        "Switch of track",
        "The same grade and pay on another track, tried first, with a way home. Only what is new there is scored; what "
        "you showed already is carried over.",
        Scored.ASSESSED,
        Opener.PERSON_OR_MANAGER,
        _TRIED,
        Outcome.DECLINED,
        tried=True,
    ),
    CaseType.STEP_DOWN: Kind(
        "Step to a smaller role",
        "A level with a lower grade on the same track, by choice: nobody opens this for somebody else. Nothing is "
        "scored.",
        Scored.NOTHING,
        Opener.PERSON,
        (Outcome.APPROVED,),
        Outcome.DECLINED,
    ),
    CaseType.TO_ADVISOR: Kind(
        "Conversion to advisor",
        "Influence without reports or operations, under a contract, tried first, with a way back.",
        Scored.ASSESSED,
        Opener.PERSON_OR_MANAGER,
        _TRIED,
        Outcome.DECLINED,
        tried=True,
    ),
    CaseType.FROM_ADVISOR: Kind(
        "Back from advisor",
        "From advising into a graded role, tried first. Only what an advisor had no occasion to show is scored.",
        Scored.ASSESSED,
        Opener.PERSON_OR_MANAGER,
        _TRIED,
        Outcome.DECLINED,
        tried=True,
    ),
    CaseType.OFF_CYCLE: Kind(
        "Off-cycle promotion",
        "A promotion that cannot wait for the dates of a cycle, with a reason and a deadline of its own; rubric, bar "
        "and committee are the cycle's.",
        Scored.LEVEL,
        Opener.PEOPLE_PARTNER,
        _PROMOTED,
        Outcome.NOT_YET,
        compared=True,
    ),
    CaseType.CONFIRMATION: Kind(
        "Level confirmation",
        "Whether the level somebody holds is the right one, as after a hire: scored on that level's own rubric.",
        Scored.LEVEL,
        Opener.PEOPLE_PARTNER,
        (Outcome.APPROVED,),
        Outcome.NOT_YET,
    ),
}
COMPARED = frozenset(code for code, kind in KINDS.items() if kind.compared)
UPWARD = COMPARED
"""The types that ask for the next level up; the same ones say something about where its bar lies."""
AT_ONCE = (
    "A switch and a promotion at once are two cases: the switch asks whether you do the other work at your own grade, "
    "the promotion whether you reach the next one. Ask for one of them first."
)


def outcomes_of(case_type: CaseType, *, carried: bool, tried: bool = True) -> tuple[Outcome, ...]:
    """What a closed ballot on a case of this type allows. `tried` is False where the path has no trial: then what
    carried is approved outright."""
    kind = KINDS[case_type]
    if not carried:
        return (kind.not_carried,)
    return kind.carried if tried or not kind.tried else (Outcome.APPROVED,)


def path(family: Family, case_type: CaseType, own_id: str, target_id: str) -> Switch | None:
    """The crossing of the ladder that a case of this type takes; None for types without one, or where there is none."""
    if KINDS[case_type].scored is not Scored.ASSESSED:
        return None
    return next((s for s in _paths(family, case_type, own_id) if s.to_level == target_id), None)


def _paths(family: Family, case_type: CaseType, own_id: str) -> tuple[Switch, ...]:
    return tuple(s for s in family.switches_from(own_id) if _type_of(family, s) is case_type)


def _type_of(family: Family, switch: Switch) -> CaseType:
    if _is_advisor(family, switch.to_level):
        return CaseType.TO_ADVISOR
    return CaseType.FROM_ADVISOR if _is_advisor(family, switch.from_level) else CaseType.SWITCH


def _is_advisor(family: Family, level_id: str) -> bool:
    return family.track_of(level_id).kind == "advisor"


def targets(family: Family, case_type: CaseType, own_id: str) -> tuple[Level, ...]:
    """The levels a case of this type can ask for from this level, in the file's order."""
    return tuple(level for level in family.levels if not why_not(family, case_type, own_id, level.id))


def why_not(family: Family, case_type: CaseType, own_id: str, target_id: str) -> str:
    """Why a case of this type from one level to another cannot be opened, with the remedy; "" when it can.

    Raises NotOnLadder for a level the family does not have."""
    own, target = family.level(own_id), family.level(target_id)
    if case_type in UPWARD:
        return _not_upward(family, own, target)
    if case_type is CaseType.STEP_DOWN:
        return _not_down(family, own, target)
    if case_type is CaseType.CONFIRMATION:
        return _not_confirmed(family, own, target)
    return _not_across(family, case_type, own, target)


def _rises(own: Level, target: Level) -> bool:
    return own.grade is not None and target.grade is not None and target.grade > own.grade


def _not_upward(family: Family, own: Level, target: Level) -> str:
    above = family.next_level(own.id)
    if above is not None and above.id == target.id:
        return ""
    if own.track != target.track and _rises(own, target):
        return AT_ONCE
    if above is None:
        return f"There is no level above {own.title} on this track."
    return f"A promotion is to the next level on the same track: from {own.title} to {above.title}."


def _not_down(family: Family, own: Level, target: Level) -> str:
    if own.track != target.track:
        return "A smaller role is one on the same track. To another track there is the switch, at the same grade."
    if own.grade is None or target.grade is None:
        return "Levels without a grade are not larger or smaller than others."
    if target.grade < own.grade:
        return ""
    return f"{target.title} is not a smaller role than {own.title}."


def _not_confirmed(family: Family, own: Level, target: Level) -> str:
    if own.id != target.id:
        return f"A confirmation is of the level somebody holds: {own.title}."
    if own.grade is None or not family.competencies_of(own.track):
        return f"{own.title} has no grade or no rubric to be confirmed on."
    return ""


def _not_across(family: Family, case_type: CaseType, own: Level, target: Level) -> str:
    if case_type is CaseType.SWITCH and own.track != target.track and _rises(own, target):
        return AT_ONCE
    if path(family, case_type, own.id, target.id) is None:
        return _no_path(family, case_type, own, target)
    if case_type is CaseType.SWITCH and own.grade != target.grade:
        return f"A switch keeps the grade; {own.title} and {target.title} are not of one grade."
    return "" if grade_of(own, target) is not None else f"Neither {own.title} nor {target.title} has a grade."


def _no_path(family: Family, case_type: CaseType, own: Level, target: Level) -> str:
    titles = [family.level(s.to_level).title for s in _paths(family, case_type, own.id)]
    ways = f"From {own.title} it has: {', '.join(titles)}." if titles else f"From {own.title} it has none of this kind."
    return f"The ladder “{family.name}” has no such way from {own.title} to {target.title}. {ways}"


def grade_of(own: Level, target: Level) -> int | None:
    """The grade whose committee decides: the target's, or one's own where the target (an advisor) has none."""
    return target.grade if target.grade is not None else own.grade


def rubric_for(family: Family, case_type: CaseType, own_id: str, target_id: str) -> Rubric:
    """What a case is scored on: the rubric of the level asked for, a switch's narrowed to the pillars it assesses."""
    whole = family.rubric(target_id)
    scored = KINDS[case_type].scored
    if scored is Scored.LEVEL:
        return whole
    crossing = path(family, case_type, own_id, target_id)
    return _narrowed(whole, crossing.assesses if crossing else ())


def _narrowed(whole: Rubric, pillars: tuple[str, ...]) -> Rubric:
    lines = tuple(line for line in whole.competencies if line.pillar.id in pillars)
    kept = {line.id for line in lines}
    bar = whole.bar if lines else None
    if bar is not None:
        bar = bar.model_copy(update={"must_have": tuple(m for m in bar.must_have if m.competency in kept)})
    return replace(whole, competencies=lines, bar=bar)


@dataclass(frozen=True)
class Carried:
    """A pillar that is taken over as it stands, and the competencies of the level left behind that showed it."""

    pillar: Pillar
    lines: tuple[RubricCompetency, ...]


def carried_over(family: Family, case_type: CaseType, own_id: str, target_id: str) -> tuple[Carried, ...]:
    """What a switch or conversion carries, in the organisation's order of pillars; nothing for other types."""
    crossing = path(family, case_type, own_id, target_id)
    if crossing is None:
        return ()
    here = family.rubric(own_id)
    return tuple(
        Carried(pillar, tuple(line for line in here.competencies if line.pillar.id == pillar.id))
        for pillar in here.pillars
        if pillar.id in crossing.carries
    )
