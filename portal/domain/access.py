"""What a policy answers: yes or no, why, and whether the thing may even be known to exist."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    why: str
    hidden: bool = False

    def __bool__(self) -> bool:
        return self.allowed


def allow(why: str) -> Verdict:
    return Verdict(True, why)


def deny(why: str) -> Verdict:
    """Refused, with a reason the person may read (403)."""
    return Verdict(False, why)


def hide(why: str) -> Verdict:
    """Refused as if the thing did not exist (404); the reason is for tests and logs only."""
    return Verdict(False, why, hidden=True)
