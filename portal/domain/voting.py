"""Counting a ballot. Recused and absent are recorded; they are not votes. A tie does not approve."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True)
class Tally:
    """Counts of people. `needed` is how many of the eligible must vote for a quorum; an abstention is a vote cast."""

    votes_for: int
    votes_against: int
    abstentions: int
    absent: int
    recused: int
    needed: int
    quorum_met: bool
    carried: bool

    @property
    def tied(self) -> bool:
        """As many for as against, with a quorum. It does not approve; whether it is voted on again, the policy says."""
        return self.quorum_met and self.votes_for == self.votes_against

    @property
    def cast(self) -> int:
        return self.votes_for + self.votes_against + self.abstentions


def tally(
    *, votes_for: int, votes_against: int, abstentions: int, eligible: int, recused: int, quorum: float, majority: float
) -> Tally:
    """The result of a closed ballot.

    `quorum` is the share (0-1] of the eligible who must have voted, `majority` the share [0.5-1) of the votes for and
    against that the votes for must exceed. Raises ValueError when more votes are counted than people may vote."""
    cast = votes_for + votes_against + abstentions
    if min(votes_for, votes_against, abstentions, recused) < 0 or cast > eligible:
        raise ValueError("more votes than eligible members, or a negative count")
    needed = max(1, ceil(Fraction(str(quorum)) * eligible))
    met = eligible > 0 and cast >= needed
    deciding = votes_for + votes_against
    carried = met and votes_for > Fraction(str(majority)) * deciding
    return Tally(votes_for, votes_against, abstentions, eligible - cast, recused, needed, met, carried)
