"""Adjusted p-values against R's p.adjust and their defining properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.measurement import benjamini_hochberg, holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_benjamini_and_hochberg_step_up() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_an_undefined_p_is_no_test() -> None:
    assert holm([0.02, np.nan, 0.03]) == pytest.approx([0.04, np.nan, 0.04], nan_ok=True)
    assert benjamini_hochberg([np.nan]) == pytest.approx([np.nan], nan_ok=True)
    assert holm([]).tolist() == []


@given(p_values)
def test_adjusting_never_makes_a_p_smaller_nor_changes_the_order(p) -> None:
    by_holm, by_share = holm(p), benjamini_hochberg(p)

    assert (by_holm >= by_share - 1e-12).all() and (by_share >= np.array(p) - 1e-12).all() and (by_holm <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(by_holm[order]) >= 0).all() and (np.diff(by_share[order]) >= 0).all()


@given(p_values, st.randoms())
def test_each_p_keeps_its_place(p, random) -> None:
    order = list(range(len(p)))
    random.shuffle(order)

    assert holm([p[k] for k in order]) == pytest.approx(holm(p)[order])


def test_a_p_over_one_is_named() -> None:
    with pytest.raises(ValueError, match="p must lie between 0 and 1"):
        holm([0.5, 1.5])
