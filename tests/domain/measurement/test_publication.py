"""What may be published: floors, shares in words, and no differencing between two statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.measurement import Counts, publishable, rate_in_words

ten = Counts(10, 5)


@pytest.mark.parametrize(("ic", "manager"), [(Counts(9, 5), ten), (ten, Counts(9, 5)), (Counts(0, 0), Counts(0, 0))])
def test_under_ten_on_a_track_nothing_is_given(ic: Counts, manager: Counts) -> None:
    assert publishable(ic, manager) == (False, "too_few", ("", ""))


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        (Counts(20, 0), "few"),
        (Counts(20, 1), "few"),
        (Counts(20, 20), "most"),
        (Counts(20, 19), "most"),
        (Counts(20, 3), "hidden"),
        (Counts(20, 17), "hidden"),
        (Counts(20, 5), "20"),
        (Counts(20, 10), "50"),
        (Counts(30, 8), "30"),
    ],
)
def test_a_share_is_a_word_or_a_round_number(counts: Counts, word: str) -> None:
    assert rate_in_words(counts) == word


@given(st.integers(10, 60), st.data())
def test_no_share_of_nought_or_a_hundred_per_cent_and_no_small_cell(decided: int, data: st.DataObject) -> None:
    approved = data.draw(st.integers(0, decided))
    word = rate_in_words(Counts(decided, approved))
    assert word in ("few", "most", "hidden") or (5 <= approved <= decided - 5 and word not in ("0", "100"))


@pytest.mark.parametrize(
    ("now", "withheld"),
    [
        (Counts(10, 5), ""),
        (Counts(10, 6), "too_near"),
        (Counts(11, 5), "too_near"),
        (Counts(19, 9), "too_near"),
        (Counts(20, 9), ""),
    ],
)
def test_a_statement_near_an_earlier_one_is_withheld(now: Counts, withheld: str) -> None:
    assert publishable(now, ten, [(ten, ten)]).withheld == withheld


@given(st.lists(st.integers(10, 60), min_size=2, max_size=6))
def test_no_two_published_statements_differ_by_one_to_nine_cases(sizes: list[int]) -> None:
    given_out: list[tuple[Counts, Counts]] = []
    for size in sizes:
        now = (Counts(size, size // 2), Counts(30, 15))
        if publishable(*now, given_out).figures:
            given_out.append(now)
    steps = {abs(a[0].decided - b[0].decided) for a in given_out for b in given_out}
    assert not steps & set(range(1, 10))
