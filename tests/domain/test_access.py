"""Verdicts, and problems that carry what a person needs."""

from portal.domain.access import allow, deny, hide
from portal.domain.problems import InvalidInput, StaleVersion


def test_a_verdict_is_true_only_when_allowed() -> None:
    assert (bool(allow("yes")), bool(deny("no")), bool(hide("nothing"))) == (True, False, False)
    assert (deny("no").hidden, hide("nothing").hidden) == (False, True)


def test_a_stale_version_keeps_both_texts() -> None:
    problem = StaleVersion("changed", mine={"Text": "a"}, theirs={"Text": "b"}, version=3)
    assert (problem.mine, problem.theirs, problem.version, str(problem)) == ({"Text": "a"}, {"Text": "b"}, 3, "changed")


def test_invalid_input_lists_every_problem() -> None:
    assert InvalidInput("bad rows", ("row 2", "row 5")).problems == ("row 2", "row 5")
