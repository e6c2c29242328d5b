"""What a lint rule is and what it says: one finding per subject, three-valued, with the principle it stands for."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from portal.domain.ladder import Family

Status = Literal["pass", "warn", "fail", "info", "unknown"]
Said = tuple[Status, str, str]
"""What a rule's function says of one subject: status, subject, detail."""


@dataclass(frozen=True)
class Finding:
    """One rule's word on one subject. `unknown`: what the rule needs was not declared."""

    rule: str
    status: Status
    subject: str
    detail: str
    principle: str

    def as_dict(self) -> dict[str, str]:
        """The finding as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Rule:
    """A rule: its id, the principles it stands for ("-" for none), what it states, and the function that examines."""

    id: str
    principle: str
    statement: str
    examine: Callable[[Family], Iterable[Said]]

    def findings(self, family: Family) -> list[Finding]:
        """What the rule finds in a ladder; a rule with nothing to speak about passes on the family as a whole."""
        said = list(self.examine(family)) or [("pass", family.id, "nothing on this ladder for this rule to look at")]
        return [Finding(self.id, status, subject, detail, self.principle) for status, subject, detail in said]


def worst(*statuses: Status) -> Status:
    """The most serious of several statuses: a breach speaks before what is missing, what is missing before a pass."""
    order: tuple[Status, ...] = ("fail", "warn", "unknown", "info", "pass")
    return min(statuses, key=order.index, default="pass")
