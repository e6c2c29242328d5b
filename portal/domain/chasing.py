"""When somebody is reminded of what was asked of them, and when others are told: the organisation's rules, applied to
one task. Pure, so that asking twice gives the same answer, and the answer names the one reminder to send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rules:
    """Days before the due day on which to remind; days after it on which people partners are told."""

    remind_days: Sequence[int] = (7, 2)
    escalate_days: int = 3


@dataclass(frozen=True)
class Step:
    """One reminder of one task. `code` is part of what makes it unique."""

    code: str
    at: datetime
    escalates: bool = False


def steps(rules: Rules, asked: datetime, due: datetime) -> list[Step]:
    """Every reminder a task may lead to, in order. None before it was asked for; none twice for one day."""
    days = sorted(set(rules.remind_days) - {0}, reverse=True)
    before = [Step(f"before-{n}", due - timedelta(days=n)) for n in days]
    late = due + timedelta(days=rules.escalate_days)
    return [*(one for one in before if one.at > asked), Step("due", due), Step("late", late, escalates=True)]


def step_due(rules: Rules, asked: datetime, due: datetime, at: datetime) -> Step | None:
    """The newest reminder whose moment has come. Older ones that were missed (nothing ran meanwhile) are not made up
    for: one mail says what several would."""
    passed = [one for one in steps(rules, asked, due) if one.at <= at]
    return passed[-1] if passed else None
