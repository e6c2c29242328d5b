"""How a panel's answers to an appeal are counted, over every small panel there can be."""

from itertools import product

import pytest

from portal.domain.appeals import Finding, allowed, counted
from portal.domain.case_flow import Action

BACK = (Action.SEND_BACK_TO_CALIBRATION, Action.SEND_BACK_TO_REVIEW)
STANDS, AGAIN, ABSTAIN = Finding


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ((STANDS, STANDS, AGAIN), (Action.UPHOLD,)),
        ((STANDS, AGAIN, AGAIN), BACK),
        ((STANDS, AGAIN, ABSTAIN), BACK),
        ((ABSTAIN, ABSTAIN, ABSTAIN), BACK),
        ((STANDS, ABSTAIN, ABSTAIN), (Action.UPHOLD,)),
        ((STANDS, STANDS, None), ()),
    ],
)
def test_the_decision_stands_only_when_more_say_so_and_a_tie_goes_back(said: tuple, answers: tuple) -> None:
    assert allowed(counted(said, 0.67)) == answers


@pytest.mark.parametrize("size", range(1, 6))
def test_every_small_panel_has_one_answer_or_too_few_voices(size: int) -> None:
    for said in product((*Finding, None), repeat=size):
        count = counted(said, 0.67)
        stands, again = said.count(STANDS), said.count(AGAIN)
        cast = size - said.count(None)
        assert (count.votes_for, count.votes_against, count.cast, count.absent) == (stands, again, cast, size - cast)
        assert count.quorum_met == (cast * 100 >= 67 * size)
        assert allowed(count) == (() if not count.quorum_met else (Action.UPHOLD,) if stands > again else BACK)
