"""Create a cycle: its dates, the rubric versions all its cases will be scored on, and the margin agreed beforehand."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.holiday_calendar import holidays_from
from portal.cycles.commands.settings import checked_margin, checked_name, checked_order, checked_reviewers
from portal.domain.ladder_org import Policy
from portal.domain.problems import InvalidInput, Refused
from portal.domain.rubric_files import Library
from portal.models.audit import record
from portal.models.cycle import Cycle, CyclePin, MarginSetting
from portal.models.ladder import RubricVersion
from portal.models.person import Person

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 60
TAKEN = frozenset({"new"})  # addresses below /cycles that are not cycles


def create_cycle(
    s: Session,
    *,
    actor: Person,
    slug: str,
    name: str,
    opens_at: datetime,
    submit_by: datetime,
    review_by: datetime,
    decide_by: datetime,
    families: Sequence[str],
    library: Library,
    margin: float | None,
    min_reviewers: int | None,
    quorum: float | None = None,
    majority: float | None = None,
    appeal_days: int | None = None,
    at: datetime,
) -> Cycle:
    """A cycle that pins the current rubric of each family; what is None follows the organisation's policy.

    `margin` is in rubric points. Raises InvalidInput naming the field, Refused when the address is taken."""
    policy = library.org.policy
    holidays_from(policy.calendar, at.date())  # a calendar that nobody knows is refused here, not at the first letter
    cycle = Cycle(
        slug=_checked_slug(s, slug),
        name=checked_name(name),
        **checked_order(opens_at, submit_by, review_by, decide_by),
        **_numbers(policy, min_reviewers, quorum, majority, appeal_days),
        created_by_id=actor.id,
        created_at=at,
        pins=[_pin(s, library, family_id, at) for family_id in _checked_families(families, library)],
    )
    cycle.margins.append(
        MarginSetting(margin=checked_margin(policy.margin if margin is None else margin), set_by=actor, set_at=at)
    )
    s.add(cycle)
    s.flush()
    _record(s, cycle, actor, at)
    return cycle


def _numbers(
    policy: Policy, min_reviewers: int | None, quorum: float | None, majority: float | None, appeal_days: int | None
) -> dict[str, Any]:
    return {
        "min_reviewers": checked_reviewers(policy.min_reviewers if min_reviewers is None else min_reviewers),
        "quorum": _share("Quorum", policy.quorum if quorum is None else quorum, lowest=0.01, highest=1.0),
        "majority": _share("Majority", policy.majority if majority is None else majority, lowest=0.5, highest=0.99),
        "appeal_days": _days(policy.appeal_days if appeal_days is None else appeal_days),
    }


def _record(s: Session, cycle: Cycle, actor: Person, at: datetime) -> None:
    dates = [cycle.opens_at, cycle.submit_by, cycle.review_by, cycle.decide_by]
    pins = {pin.family_id: pin.rubric_version.content_hash for pin in cycle.pins}
    payload = {"dates": dates, "pins": pins, "margin": cycle.margin}
    record(s, actor=actor, action="cycle_created", thing=f"cycle:{cycle.id}", at=at, payload=payload)


def _checked_slug(s: Session, slug: str) -> str:
    slug = slug.strip()
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG or slug in TAKEN:
        raise InvalidInput(
            f"Address: {slug!r} cannot be one; write at most {LONGEST_SLUG} small letters, digits and single hyphens, "
            "as in spring-2026."
        )
    if s.scalar(select(Cycle.id).where(Cycle.slug == slug)):
        raise Refused(f"Address: another cycle has {slug!r} already; choose another.")
    return slug


def _checked_families(families: Sequence[str], library: Library) -> list[str]:
    unknown = sorted(set(families) - set(library.families))
    if unknown:
        known = ", ".join(sorted(library.families))
        raise InvalidInput(f"Ladders: there is none called {', '.join(unknown)}; there are {known}.")
    if not families:
        raise InvalidInput("Ladders: choose at least one; the cycle takes cases of these only.")
    return sorted(set(families))


def _share(field: str, value: float, *, lowest: float, highest: float) -> float:
    if not lowest <= value <= highest:
        raise InvalidInput(f"{field}: {value} is not possible; give a share from {lowest} to {highest}.")
    return value


def _days(value: int) -> int:
    if not 1 <= value <= 250:
        raise InvalidInput(f"Days to appeal: {value} is not possible; give 1 to 250 working days.")
    return value


def _pin(s: Session, library: Library, family_id: str, at: datetime) -> CyclePin:
    """The stored version with this content, or the first storing of it: the very text of the files."""
    content_hash = library.content_hash(family_id)
    version = s.get(RubricVersion, content_hash) or RubricVersion(
        content_hash=content_hash,
        family_id=family_id,
        family_version=library.families[family_id].version or "",
        org_text=library.org_text,
        family_text=library.texts[family_id],
        first_pinned_at=at,
    )
    return CyclePin(family_id=family_id, rubric_version=version)
