"""What a policy answers to everybody in the world about one thing: whom it allows, whom it refuses and with which
sentence. Whoever is in neither does not learn that the thing exists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.domain.access import Verdict
from tests.world import World


@dataclass
class Verdicts:
    allowed: set[str] = field(default_factory=set)
    denied: dict[str, str] = field(default_factory=dict)


def verdicts(world: World, ask: Callable[..., Verdict], *thing: Any) -> Verdicts:
    found = Verdicts()
    for key, person in world.everyone.items():
        verdict = ask(person, *thing)
        if verdict.allowed:
            found.allowed.add(key)
        elif not verdict.hidden:
            found.denied[key] = verdict.why
    return found


def only(allowed: set[str], why: str = "", denied: set[str] = frozenset()) -> Verdicts:
    """These are allowed; those are refused with one sentence; to everybody else it is not there."""
    return Verdicts(set(allowed), dict.fromkeys(sorted(denied), why))
