"""What may be said, and what is withheld with its reason: gates, honest denominators, refusals."""

import json

import pytest

from portal.calibration.queries.evidence import CaseFacts, ReviewFacts, from_plain, pooled, to_plain
from portal.calibration.queries.figures import Figures, Question, measure

QUESTION = Question("at grade 4", 0.5, (3.0, 1.0, 1.79, 0.8), (("craft", "Craft"),))
CROSSING = (("rex", "ic"), ("rae", "manager"), ("rob", "ic"))


def fact(n: int, track: str, score: float, outcome: str | None, *, by: tuple = CROSSING, earlier=False) -> CaseFacts:
    marks = tuple(
        ReviewFacts(who, home, score + 0.1 * (at - 1), (("craft", score + 0.1 * (at - 1)),))
        for at, (who, home) in enumerate(by)
    )
    cycle = "Autumn 2025" if earlier else "Spring 2026"
    return CaseFacts(f"{track}-{n}", cycle, earlier, track, outcome, score if outcome else None, "panel", marks)


def track(name: str, approved: int, refused: int, **kwargs) -> list[CaseFacts]:
    """Approvals from 2.8 up, refusals below 2.6: a bar near 2.7."""
    high = [fact(n, name, 2.8 + 0.05 * (n % 8), "approved", **kwargs) for n in range(approved)]
    return high + [fact(approved + n, name, 2.6 - 0.05 * (n % 8), "not_yet", **kwargs) for n in range(refused)]


def figures(*facts: CaseFacts, question: Question = QUESTION) -> Figures:
    return measure(tuple(facts), question)


def test_the_denominator_is_every_decided_case_and_deferred_is_approved_on_merit() -> None:
    found = figures(
        fact(1, "ic", 3.0, "approved"),
        fact(2, "ic", 3.0, "deferred"),
        fact(3, "ic", 2.0, "not_yet"),
        fact(4, "ic", 3.0, None),
    )["tracks"]["ic"]
    assert {k: found[k] for k in ("cases", "decided", "approved", "deferred", "waiting")} == {
        "cases": 4,
        "decided": 3,
        "approved": 2,
        "deferred": 1,
        "waiting": 1,
    }
    assert found["rate"] == pytest.approx(2 / 3)
    assert found["interval"] == pytest.approx([0.0943, 0.9916], abs=1e-4)


def test_a_track_without_a_decision_has_no_rate() -> None:
    found = figures(fact(1, "ic", 3.0, None))
    assert found["tracks"]["ic"]["rate"] is None
    assert found["tracks"]["ic"]["interval"] is None
    assert found["difference"] is None


def test_earlier_cycles_are_in_the_bars_and_not_in_this_cycles_rates() -> None:
    found = figures(*track("ic", 3, 3), *track("manager", 3, 3), *track("ic", 5, 5, earlier=True))
    assert found["tracks"]["ic"]["decided"] == 6
    assert found["n"] == {"ic": 16, "manager": 6}
    assert found["cycles"] == ["Spring 2026", "Autumn 2025"]


@pytest.mark.parametrize(("approved", "refused"), [(2, 10), (10, 2), (0, 0)])
def test_under_three_approvals_and_three_refusals_a_track_has_no_bar(approved: int, refused: int) -> None:
    found = figures(*track("ic", 6, 6), *track("manager", approved, refused))
    assert (found["bars_shown"], found["verdict"], found["reason"]) == (
        False,
        "not_enough_evidence",
        "too_few_decisions",
    )
    for key in ("delta", "more_cases_at_least"):
        assert found[key] is None, key
    for key in ("ci90", "ci95", "envelope90", "envelope95"):
        assert found[key] == [None, None], key
    assert found["bars"] == {"ic": [None] * 3, "manager": [None] * 3}
    assert {r["delta"] for r in found["readings"].values()} == {None}


def test_the_sentence_of_a_refusal_says_why_and_what_would_help_and_no_number() -> None:
    found = figures(*track("ic", 6, 6), *track("manager", 2, 2))
    assert found["sentence"] == (
        "The data cannot say. A track has fewer than three approvals or fewer than three refusals. "
        "Pool cycles at this grade until each track has three approvals and three refusals."
    )
    assert found["remedy"] == "Pool cycles at this grade until each track has three approvals and three refusals."


def test_at_three_and_three_the_bars_are_shown() -> None:
    found = figures(*track("ic", 3, 3), *track("manager", 3, 3))
    assert found["bars_shown"] is True
    median, lo, hi = found["bars"]["ic"]
    assert lo < median < hi


def test_enough_decisions_at_one_bar_are_called_equivalent() -> None:
    found = figures(*track("ic", 30, 30), *track("manager", 30, 30))
    assert found["verdict"] == "equivalent"
    assert found["sentence"].startswith("The IC and manager bars at grade 4 are equivalent")


def test_without_a_crossing_reviewer_nothing_is_claimed() -> None:
    ic = track("ic", 30, 30, by=(("rex", "ic"), ("rob", "ic")))
    manager = track("manager", 30, 30, by=(("rae", "manager"), ("nat", "manager")))
    found = figures(*ic, *manager)
    assert (found["verdict"], found["reason"]) == ("not_enough_evidence", "no_link")
    assert (found["links"]["bridging_reviewers"], found["links"]["components"]) == (0, 2)


@pytest.mark.parametrize("reason", ["peers_undeclared", "not_peers", "written_bar_unknown"])
def test_what_stands_against_a_claim_comes_before_the_numbers(reason: str) -> None:
    question = Question("at grade 4", 0.5, QUESTION.prior, (), (("ic|manager", reason),))
    found = figures(*track("ic", 30, 30), *track("manager", 30, 30), question=question)
    assert (found["verdict"], found["reason"]) == ("not_enough_evidence", reason)


def test_agreement_waits_for_five_cases_with_two_reviews() -> None:
    four = [*track("ic", 2, 2), fact(9, "ic", 3.0, None, by=(("rex", "ic"),))]
    withheld = figures(*four)["agreement"]
    assert (withheld["shown"], withheld["cases"], withheld["needed"]) == (False, 4, 5)
    assert withheld["overall"] == {"alpha": None, "lo": None, "hi": None}
    assert withheld["pillars"] == [{"name": "Craft", "alpha": None, "lo": None, "hi": None}]
    shown = figures(*track("ic", 3, 2))["agreement"]
    assert shown["shown"] is True
    assert shown["overall"]["lo"] <= shown["overall"]["alpha"] <= shown["overall"]["hi"]


def test_no_case_at_all_is_said_and_not_computed() -> None:
    found = figures()
    assert (found["verdict"], found["reason"]) == ("not_enough_evidence", "too_few_decisions")
    assert found["links"]["reviewers"] == 0


def test_a_lead_track_is_compared_in_pairs_beside_the_main_one() -> None:
    found = figures(*track("ic", 3, 3), *track("manager", 3, 3), *track("lead", 3, 3))
    assert [p["pair"] for p in found["pairs"]] == [["ic", "lead"], ["manager", "lead"]]
    assert found["pairs"][1]["n"] == {"manager": 6, "lead": 6}
    assert set(found["tracks"]) == {"ic", "manager", "lead"}


def test_closed_cycles_are_pooled_only_as_an_aggregate() -> None:
    now = track("ic", 1, 0)
    few = track("ic", 2, 2, earlier=True)
    enough = track("ic", 3, 2, earlier=True)
    undecided = fact(99, "ic", 3.0, None, earlier=True)
    assert pooled(now, few) == tuple(now)
    assert pooled(now, [*enough, undecided]) == (*now, *enough)
    assert pooled(now, track("ic", 3, 2, earlier=True, by=CROSSING[:2])) == tuple(now)
    assert pooled(now, [*enough, *track("manager", 2, 2, earlier=True)]) == (*now, *enough)


def test_evidence_comes_back_from_storage_as_it_was() -> None:
    facts = (*track("ic", 2, 1), fact(7, "manager", 3.0, None))
    assert from_plain(json.loads(json.dumps(to_plain(facts)))) == facts
