"""Ladders that name a proficiency per expectation and have no bar: one profile may still ask for more (LL31)."""

import pytest

from portal.domain import lint
from tests.domain.ladder_sample import family, row

WORDS = ["Awareness", "Working knowledge", "Expert"]
IC = ("results", "vision", "depth", "teaching", "empathy")
MANAGER = ("team-results", "aim", "running", "careers", "climate")


def profiles(ic, manager, *, words=WORDS):
    """LL31 on a ladder without bars, whose levels i4 and m4 expect these proficiencies."""

    def change(values):
        values["bar"] = []
        for competencies, level, proficiencies in ((IC, "i4", ic), (MANAGER, "m4", manager)):
            for competency, proficiency in zip(competencies, proficiencies, strict=True):
                if proficiency is not None:
                    row(values, "expectation", id=f"{competency}-{level}")["proficiency"] = proficiency

    ladder = family(change, org=lambda values: values["scale"].update(proficiency=words))
    return {found.subject: (found.status, found.detail) for found in lint.check(ladder) if found.rule == "LL31"}[
        "i4|m4"
    ]


def test_a_profile_that_asks_for_more_and_nowhere_less_dominates():
    ic = ["Awareness"] * 5
    manager = ["Expert", "Working knowledge", "Awareness", "Awareness", "Awareness"]
    detail = "Manager m4 asks for more on 2 of 5 pillars and less on none: direction, outcomes"
    assert profiles(ic, manager) == ("fail", detail)
    assert profiles(manager, ic) == ("fail", detail.replace("Manager m4", "Title i4"))


def test_profiles_that_ask_for_more_in_turn_do_not_dominate():
    assert profiles([0, 4, 2, 2, 2], [4, 0, 2, 2, 2])[0] == "pass"


def test_the_scale_orders_its_words_whatever_their_case():
    assert profiles(["EXPERT"] * 5, ["awareness"] * 5)[0] == "fail"


@pytest.mark.parametrize("manager", [["Guru"] * 5, [None] * 5])
def test_a_word_the_scale_does_not_order_and_no_word_at_all_are_unknown(manager):
    assert profiles(["Expert"] * 5, manager)[0] == "unknown"


def test_pillars_told_on_both_sides_are_compared_and_others_left_out():
    assert profiles([3, None, 2, 2, 2], [3, 4, None, 2, 2]) == (
        "pass",
        "neither bar dominates the other on the shared pillars",
    )
