"""The rules by which a panel answers an appeal: what a member can say, how it is counted, and which answers the count
allows."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from portal.domain.case_flow import Action
from portal.domain.voting import Tally, tally

MORE_THAN_HALF = 0.5
_BACK = (Action.SEND_BACK_TO_CALIBRATION, Action.SEND_BACK_TO_REVIEW)
ANSWERS = (Action.UPHOLD, *_BACK)


class Finding(StrEnum):
    """What one member of a panel says of the decision, in secret."""

    STANDS = "stands"
    LOOK_AGAIN = "look_again"
    ABSTAIN = "abstain"


class Reply(StrEnum):
    """What the letter that answers an appeal says."""

    STANDS = "appeal_stands"
    BACK = "appeal_back"


def counted(said: Iterable[Finding | None], quorum: float) -> Tally:
    """The count of a closed panel; None for a member who said nothing. What is voted on is that the decision stands.

    The quorum is a share of all who were appointed: of a panel that lost members another one is appointed. The decision
    stands when more say so than want it looked at again. As many on both sides send it back: that costs a second look
    and changes nothing by itself, while a decision that stands cannot be appealed again."""
    found = Counter(said)
    return tally(
        votes_for=found[Finding.STANDS],
        votes_against=found[Finding.LOOK_AGAIN],
        abstentions=found[Finding.ABSTAIN],
        eligible=sum(found.values()),
        recused=0,
        quorum=quorum,
        majority=MORE_THAN_HALF,
    )


def allowed(count: Tally) -> tuple[Action, ...]:
    """The answers that agree with a closed panel's count; none without a quorum."""
    if not count.quorum_met:
        return ()
    return (Action.UPHOLD,) if count.carried else _BACK
