"""Counting a ballot, over every small electorate."""

from itertools import product

import pytest

from portal.domain.voting import tally


def count(votes_for: int, votes_against: int, abstentions: int = 0, eligible: int = 5, recused: int = 0, **rules):
    given = {"quorum": 0.67, "majority": 0.5} | rules
    return tally(
        votes_for=votes_for,
        votes_against=votes_against,
        abstentions=abstentions,
        eligible=eligible,
        recused=recused,
        **given,
    )


def test_a_majority_with_quorum_carries() -> None:
    result = count(3, 1, recused=1)
    assert (result.carried, result.quorum_met, result.absent, result.needed, result.cast) == (True, True, 1, 4, 4)


def test_a_tie_does_not_approve() -> None:
    assert not count(2, 2).carried


def test_without_a_quorum_nothing_is_carried() -> None:
    result = count(3, 0)
    assert (result.quorum_met, result.carried) == (False, False)


def test_an_abstention_counts_for_the_quorum_and_not_for_the_majority() -> None:
    result = count(2, 1, 1)
    assert (result.quorum_met, result.carried) == (True, True)


def test_nobody_eligible_is_no_quorum() -> None:
    result = count(0, 0, eligible=0, recused=3)
    assert (result.quorum_met, result.carried) == (False, False)


def test_only_abstentions_do_not_approve() -> None:
    assert not count(0, 0, 4).carried


def test_a_share_written_as_a_decimal_is_taken_at_its_word() -> None:
    assert count(7, 0, eligible=10, quorum=0.7).quorum_met


@pytest.mark.parametrize(("votes_for", "votes_against", "eligible"), [(3, 3, 5), (-1, 0, 5)])
def test_impossible_counts_are_refused(votes_for: int, votes_against: int, eligible: int) -> None:
    with pytest.raises(ValueError, match="more votes than eligible"):
        count(votes_for, votes_against, eligible=eligible)


def test_over_all_small_electorates_the_rules_hold() -> None:
    for eligible in range(6):
        for f, a, b in product(range(eligible + 1), repeat=3):
            if f + a + b > eligible:
                continue
            result = count(f, a, b, eligible=eligible)
            assert result.carried == (result.quorum_met and f > a)
            assert result.cast + result.absent == eligible
            if result.carried:
                assert not count(a, f, b, eligible=eligible).carried, "both sides cannot win"
