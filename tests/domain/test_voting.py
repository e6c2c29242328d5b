"""Counting a ballot, over every small electorate."""

from collections import Counter
from fractions import Fraction
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


MEMBERS = ("for", "against", "abstain", "absent", "recused")
SHARES = (Fraction(1, 100), Fraction(1, 2), Fraction(67, 100), Fraction(1))


def by_hand(ballots: tuple[str, ...], quorum: Fraction, majority: Fraction) -> tuple[bool, bool, bool]:
    """The rules told as a story over the members one by one: (quorum met, carried, tied). No count is shared with the
    code under test, and shares are compared crosswise in whole numbers."""
    here = [b for b in ballots if b != "recused"]
    voted = [b for b in here if b != "absent"]
    quorate = bool(voted) and len(voted) * quorum.denominator >= quorum.numerator * len(here)
    pairs = list(voted)
    while "for" in pairs and "against" in pairs:  # strike out one of each side; what is left over leads
        pairs.remove("for")
        pairs.remove("against")
    tied = quorate and "for" not in pairs and "against" not in pairs
    deciding = [b for b in voted if b in ("for", "against")]
    share = sum(Fraction(b == "for") for b in deciding)
    carried = quorate and bool(deciding) and share * majority.denominator > majority.numerator * len(deciding)
    return quorate, carried, tied


@pytest.mark.parametrize("size", range(6))
def test_over_all_small_electorates_the_count_is_the_one_by_hand(size: int) -> None:
    for ballots in product(MEMBERS, repeat=size):
        number = Counter(ballots)
        for quorum, majority in product(SHARES, (Fraction(1, 2), Fraction(67, 100), Fraction(3, 4))):
            result = tally(
                votes_for=number["for"],
                votes_against=number["against"],
                abstentions=number["abstain"],
                eligible=size - number["recused"],
                recused=number["recused"],
                quorum=float(quorum),
                majority=float(majority),
            )
            assert (result.quorum_met, result.carried, result.tied) == by_hand(ballots, quorum, majority), ballots
            assert (result.cast, result.absent) == (size - number["recused"] - number["absent"], number["absent"])


def test_one_more_vote_for_never_harms_and_a_recusal_is_no_vote() -> None:
    for ballots in product(MEMBERS[:4], repeat=4):
        number = Counter(ballots)
        now = count(number["for"], number["against"], number["abstain"], eligible=4)
        for kind in ("against", "abstain", "absent"):
            if number[kind] and now.carried:
                less = number - Counter([kind])
                assert count(less["for"] + 1, less["against"], less["abstain"], eligible=4).carried
        if now.carried:
            assert not count(number["against"], number["for"], number["abstain"], eligible=4).carried


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
