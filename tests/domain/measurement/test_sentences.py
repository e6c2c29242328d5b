"""The verdicts as people read them: numbers of the case, the reason before the number, a remedy after it."""

from dataclasses import replace

import pytest

from portal.domain.measurement import (
    CAVEAT,
    REASONS,
    bar_difference,
    compare_tracks,
    points,
    refused,
    remedy,
    sentence,
    why,
)
from portal.domain.measurement.sentences import NOTES
from tests.domain.measurement.panels import simulated

PLAIN = bar_difference([3.0], [1], [3.0], [1])
EQUIVALENT = replace(
    PLAIN, verdict="equivalent", reason="inside_margin", delta=0.1, ci90=(-0.2, 0.4), n_a=24, n_b=22, notes=()
)
APART = replace(
    PLAIN, verdict="not_equivalent", reason="outside_margin", direction="b_higher", delta=1.0, ci95=(0.6, 1.4)
)
WIDE = replace(PLAIN, reason="interval_too_wide", delta=-0.1, ci95=(-0.9, 0.7), more_cases_at_least=20, direction=None)


def test_equivalent_bars() -> None:
    assert sentence(EQUIVALENT) == (
        "The IC and manager bars at this level are equivalent: they differ by less than 0.5 rubric point "
        "(estimate +0.1, 90 % interval −0.2 to +0.4; 24 and 22 cases)."
    )


def test_cycles_and_a_detectable_difference_are_told() -> None:
    assert sentence(replace(EQUIVALENT, direction="b_higher", delta=0.2), cycles=["2024", "2025"]).endswith(
        "24 and 22 cases, cycles 2024, 2025). A small difference is detectable: the manager bar is higher by about 0.2."
    )
    assert "22 cases, cycle 2025)" in sentence(EQUIVALENT, cycles=["2025"])


def test_other_names_and_places_can_be_given() -> None:
    said = sentence(EQUIVALENT, labels=("engineer", "lead"), place="at grade 4")

    assert said.startswith("The engineer and lead bars at grade 4 are equivalent")


def test_a_number_is_not_rounded_onto_the_margin_it_lies_inside_of() -> None:
    said = sentence(replace(EQUIVALENT, ci90=(-0.2, 0.47)))

    assert "90 % interval −0.20 to +0.47" in said
    assert "to +0.4996;" in sentence(replace(EQUIVALENT, ci90=(-0.2, 0.4996)))


def test_numbers_that_differ_look_different_and_zero_has_no_sign() -> None:
    assert "estimate 0.00, 90 % interval −0.01 to +0.01" in sentence(
        replace(EQUIVALENT, delta=-0.002, ci90=(-0.01, 0.01))
    )


def test_bars_that_differ() -> None:
    assert sentence(APART) == (
        "The manager bar is higher by 0.6 to 1.4 points (95 % interval), more than the 0.5 agreed beforehand."
    )
    lower = replace(APART, delta=-1.0, ci95=(-1.4, -0.6), direction="a_higher")
    assert sentence(lower).startswith("The IC bar is higher by 0.6 to 1.4 points")


def test_too_little_evidence_says_what_it_would_take() -> None:
    assert sentence(WIDE) == (
        "The data cannot say. They are compatible with differences from −0.9 to +0.7 (95 % interval). Even if the bars "
        "are identical, at least about 20 more cases per track would be needed. Pool cycles at "
        "this grade, or wait for more cases."
    )


def test_one_more_case_is_no_cases() -> None:
    said = sentence(replace(WIDE, more_cases_at_least=1))

    assert "at least about one more case per track would be needed." in said


def test_a_direction_is_told_where_there_is_one() -> None:
    said = sentence(replace(WIDE, delta=0.5, ci95=(0.1, 0.9), direction="b_higher", more_cases_at_least=0))

    assert "They point to a higher manager bar. Pool cycles" in said
    assert "more cases per track" not in said


def test_a_refusal_gives_the_reason_and_the_remedy_and_no_number() -> None:
    found = compare_tracks(*simulated(40, cross=0.0).positional, committee=[""] * 80)

    assert sentence(replace(found, notes=())) == (
        "The data cannot say. No reviewer scored both tracks, so stricter reviewing and a higher bar cannot be told "
        "apart. Ask two reviewers to cross, or have everybody score one anchor packet."
    )


def test_three_readings_speak_with_their_envelope() -> None:
    c = simulated(80, people=20)
    found = compare_tracks(*c.positional, home=c.home, shown=c.shown)
    wider = replace(found, envelope90=(-0.33, 0.44), notes=())

    assert "90 % interval −0.3 to +0.4;" in sentence(wider)


def test_readings_that_disagree_give_range_reason_and_remedy() -> None:
    said = sentence(replace(WIDE, reason="readings_disagree", more_cases_at_least=0))

    assert said == " ".join(
        [
            "The data cannot say. They are compatible with differences from −0.9 to +0.7 (95 % interval).",
            why("readings_disagree"),
            remedy("readings_disagree"),
        ]
    )


def test_without_reviewers_the_difference_is_told_but_nothing_claimed() -> None:
    said = sentence(refused(APART, "reviewers_unknown"))

    assert said == (
        "At the scores shown the manager bar lies about 1.0 point above the IC bar (manager less IC, 95 % interval "
        "+0.6 to +1.4); reviewers unknown: no claim of equivalence."
    )


@pytest.mark.parametrize("note", sorted(NOTES))
def test_notes_are_printed_after_the_verdict(note) -> None:
    assert sentence(replace(EQUIVALENT, notes=(note,))) == f"{sentence(EQUIVALENT)} {NOTES[note]}"


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence_and_a_remedy(reason) -> None:
    assert why(reason).endswith(".")
    assert remedy(reason).endswith(".") or reason == "inside_margin"


def test_lengths_are_written_as_people_say_them() -> None:
    assert [points(v) for v in (0.25, 0.5, 1.0, 1.5)] == [
        "0.25 rubric point",
        "0.5 rubric point",
        "1 rubric point",
        "1.5 rubric points",
    ]


def test_the_caveat_says_what_cannot_be_shown() -> None:
    assert CAVEAT == (
        "This compares decisions at equal rubric scores. "
        "It cannot show that a 4 on one rubric is worth a 4 on the other."
    )
