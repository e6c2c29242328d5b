"""The report on a past cycle: the agreed JSON, its numbers, its text, its exit codes."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from portal.domain.measurement import (
    CAVEAT,
    as_text,
    bar_difference,
    calibrate,
    cmh,
    compare_tracks,
    fisher,
    krippendorff_alpha,
    newcombe_diff,
)
from tests.domain.measurement.panels import Simulated, simulated

ENTRY = [
    "verdict", "reason", "sentence", "direction", "delta", "ci90", "ci95", "envelope90", "envelope95", "n", "approved",
    "bars", "readings", "connectivity", "severity", "agreement", "parity",
]  # fmt: skip


def written(folder: Path, c: Simulated, *, grade=None, shown: bool = True, homes: bool = True) -> tuple[Path, Path]:
    """The simulated cycle as two files; two competencies a review, half a point to either side of its overall."""
    names = ["ic", "manager"]
    grades = np.full(c.track.size, 4) if grade is None else grade
    lines = ["case,track,grade,approved,shown,committee,cycle"]
    for at, track in enumerate(c.track):
        outcome = "" if math.isnan(c.approved[at]) else f"{c.approved[at]:.0f}"
        lines.append(f"c{at:04d},{names[track]},{grades[at]},{outcome},{float(c.shown[at])!r},board,2024")
    if not shown:
        lines = [",".join(v if k != 4 else "" for k, v in enumerate(line.split(","))) for line in lines[1:]]
        lines.insert(0, "case,track,grade,approved,shown,committee,cycle")
    rows = ["case,reviewer,home,competency,pillar,score"]
    for case, person, y in zip(c.case, c.reviewer, c.y, strict=True):
        home = names[int(c.home[person])] if homes else ""
        rows += [f"c{case:04d},r{person:02d},{home},k{k},p{k},{float(y) + k - 0.5!r}" for k in (0, 1)]
    cases, scores = folder / "cases.csv", folder / "scores.csv"
    cases.write_text("\n".join(lines) + "\n", encoding="utf-8")
    scores.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return cases, scores


def test_the_report_has_the_agreed_shape_and_is_strict_json(tmp_path) -> None:
    code, report = calibrate(*written(tmp_path, simulated(60, people=20)))

    assert (code, list(report), list(report["grades"])) == (0, ["margin", "grades", "overall"], ["4"])
    entry = report["grades"]["4"]
    assert list(entry) == ENTRY and list(report["overall"]) == ENTRY
    assert list(entry["readings"]) == ["as_shown", "adjusted", "regressed"]
    assert list(entry["readings"]["adjusted"]) == ["verdict", "delta", "ci90", "ci95"]
    assert list(entry["connectivity"]) == ["components", "bridging_reviewers", "cross_share", "link_se"]
    assert list(entry["severity"][0]) == ["reviewer", "severity", "se", "n"]
    assert list(entry["agreement"]) == ["alpha", "lo", "hi", "reliability"]
    assert [len(entry["parity"]["difference"]), len(entry["bars"]["ic"])] == [3, 3]
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_numbers_are_those_of_the_functions(tmp_path) -> None:
    c = simulated(90, people=20, delta=0.3, home_effect=0.3, cross=0.3)
    _, report = calibrate(*written(tmp_path, c))
    found = compare_tracks(*c.positional, home=c.home, shown=c.shown, committee=["board"] * 180)
    entry = report["grades"]["4"]

    assert (entry["verdict"], entry["reason"], entry["direction"]) == (found.verdict, found.reason, found.direction)
    assert [entry["delta"], *entry["ci90"], *entry["envelope95"]] == pytest.approx(
        [found.delta, *found.ci90, *found.envelope95], abs=1e-6
    )
    assert entry["connectivity"]["link_se"] == pytest.approx(found.link_se)
    assert [row["severity"] for row in entry["severity"]] == pytest.approx(found.severity.severity.tolist(), abs=1e-6)
    passed = [int(c.approved[c.track == t].sum()) for t in (0, 1)]
    assert entry["approved"] == {"ic": passed[0], "manager": passed[1]}
    assert entry["parity"]["difference"] == pytest.approx(newcombe_diff(passed[1], 90, passed[0], 90))
    assert entry["parity"]["p"] == pytest.approx(fisher([[passed[1], 90 - passed[1]], [passed[0], 90 - passed[0]]]))
    assert entry["agreement"]["alpha"] == pytest.approx(krippendorff_alpha(c.y.reshape(-1, 3), "ordinal"))


def test_grades_are_answered_each_and_joined_as_strata(tmp_path) -> None:
    c, grade = simulated(120, people=20), np.tile(np.repeat([4, 10], 2), 60)
    _, report = calibrate(*written(tmp_path, c, grade=grade))
    tables = [
        [[int((c.approved[(c.track == t) & (grade == g)] == outcome).sum()) for outcome in (1, 0)] for t in (1, 0)]
        for g in (10, 4)
    ]

    assert list(report["grades"]) == ["4", "10"]
    assert [e["n"]["ic"] for e in (*report["grades"].values(), report["overall"])] == [60, 60, 120]
    assert report["overall"]["bars"] == {"ic": [None] * 3, "manager": [None] * 3}
    assert report["overall"]["parity"]["p"] == pytest.approx(cmh(tables).p)
    assert "at these grades taken together" in report["overall"]["sentence"]
    assert "at this grade" in report["grades"]["4"]["sentence"]


def test_bars_that_differ_exit_with_one(tmp_path) -> None:
    code, report = calibrate(*written(tmp_path, simulated(80, people=20, delta=1.1)))

    assert (code, report["overall"]["verdict"]) == (1, "not_equivalent")


def test_a_wider_margin_is_answered_with_it(tmp_path) -> None:
    code, report = calibrate(*written(tmp_path, simulated(80, people=20, delta=1.1)), margin=2.5)

    assert (code, report["margin"], report["overall"]["verdict"]) == (0, 2.5, "equivalent")


def test_under_the_gate_no_number_is_given(tmp_path) -> None:
    entry = calibrate(*written(tmp_path, simulated(3)))[1]["grades"]["4"]

    assert entry["reason"] == "too_few_decisions"
    assert [entry[k] for k in ("delta", "ci90", "ci95", "envelope90")] == [None, [None] * 2, [None] * 2, [None] * 2]
    assert entry["bars"]["manager"] == [None] * 3
    assert entry["readings"]["as_shown"]["delta"] is None


def test_a_reviewer_has_a_severity_from_five_reviews_up(tmp_path) -> None:
    rows = calibrate(*written(tmp_path, simulated(10, people=20)))[1]["overall"]["severity"]

    assert [row["reviewer"] for row in rows] == sorted(row["reviewer"] for row in rows)
    assert {row["n"] >= 5 for row in rows} == {True, False}
    assert all((row["severity"] is None) == (row["n"] < 5) for row in rows)


def test_agreement_needs_five_cases_with_two_reviews(tmp_path) -> None:
    alpha = [calibrate(*written(tmp_path, simulated(n)))[1]["overall"]["agreement"]["alpha"] for n in (2, 3)]

    assert alpha[0] is None and alpha[1] is not None


def test_without_the_shown_score_the_mean_of_competencies_stands_in_and_is_noted(tmp_path) -> None:
    c = simulated(60, people=20)
    told = calibrate(*written(tmp_path, c))[1]["overall"]
    filled = calibrate(*written(tmp_path, c, shown=False))[1]["overall"]

    assert filled["readings"]["as_shown"]["delta"] == pytest.approx(told["readings"]["as_shown"]["delta"], abs=1e-6)
    assert filled["sentence"].endswith("the mean of the reviews stands in.")


def test_without_homes_they_are_taken_from_what_reviewers_review(tmp_path) -> None:
    c = simulated(60, people=20, cross=0.1)
    answers = [calibrate(*written(tmp_path, c, homes=homes))[1]["overall"]["delta"] for homes in (True, False)]

    assert answers[0] == answers[1]


def test_panels_that_never_cross_are_refused_with_a_null_link(tmp_path) -> None:
    entry = calibrate(*written(tmp_path, simulated(60, people=20, cross=0.0)))[1]["overall"]

    assert (entry["verdict"], entry["reason"]) == ("not_enough_evidence", "no_link")
    assert (entry["connectivity"]["link_se"], entry["connectivity"]["bridging_reviewers"]) == (None, 0)


def test_anchors_have_no_grade_of_their_own(tmp_path) -> None:
    c = simulated(60, people=20, cross=0.0, anchor=True)
    _, report = calibrate(*written(tmp_path, c, grade=np.append(np.full(120, 4), 9)))

    assert (list(report["grades"]), report["grades"]["4"]["n"]["ic"]) == (["4"], 60)
    assert report["grades"]["4"]["reason"] != "no_link"


def test_several_grades_must_survive_each_other(tmp_path, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        "portal.domain.measurement.cycle_report.over_many_pairs", lambda found: seen.append(found) or found
    )
    calibrate(*written(tmp_path, simulated(40), grade=np.tile(np.repeat([4, 5], 2), 20)))

    assert [len(found) for found in seen] == [2]


def test_the_bar_alone_claims_nothing(tmp_path) -> None:
    c = simulated(80, people=20, delta=1.1)
    cases, _ = written(tmp_path, c)
    code, report = calibrate(cases, bar_only=True)
    a, b = c.track == 0, c.track == 1
    found = bar_difference(c.shown[a], c.approved[a], c.shown[b], c.approved[b])
    entry = report["overall"]

    assert (code, list(entry)) == (0, ENTRY)
    assert (entry["verdict"], entry["reason"]) == ("not_enough_evidence", "reviewers_unknown")
    assert [entry["delta"], *entry["ci95"]] == pytest.approx([found.delta, *found.ci95])
    assert "reviewers unknown: no claim of equivalence" in entry["sentence"]
    assert (entry["severity"], entry["connectivity"]["components"], entry["readings"]["adjusted"]) == ([], None, None)


def test_the_bar_alone_has_the_same_gate(tmp_path) -> None:
    cases, _ = written(tmp_path, simulated(3))

    assert calibrate(cases, bar_only=True)[1]["overall"]["reason"] == "too_few_decisions"


def test_problems_of_both_files_come_together(tmp_path) -> None:
    cases, scores = written(tmp_path, simulated(5))
    cases.write_text(cases.read_text().replace(",ic,", ",lead,", 1), encoding="utf-8")
    scores.write_text(scores.read_text() + "c0001,r00,ic,k9,p9,good\n", encoding="utf-8")
    code, report = calibrate(cases, scores)

    assert (code, list(report)) == (2, ["problems"])
    assert [(p["file"], p["row"], p["column"]) for p in report["problems"]] == [
        (str(cases), 2, "track"),
        (str(scores), 62, "score"),
    ]
    assert as_text(report).splitlines()[0] == f"{cases}, row 2, column track: 'lead' is not a track: ic or manager"


@pytest.mark.parametrize(
    ("given", "asked", "message"),
    [
        (1, {}, "is missing; name the file, or ask for --bar-only"),
        (2, {"bar_only": True}, "is not used with --bar-only; leave it out"),
        (2, {"margin": 0.0}, "must be a positive number of points, not 0.0"),
    ],
)
def test_usage_is_checked(tmp_path, given, asked, message) -> None:
    code, report = calibrate(*written(tmp_path, simulated(5))[:given], **asked)

    assert (code, [p["message"] for p in report["problems"]]) == (2, [message])
    assert as_text(report).endswith(message)


def test_the_text_has_a_block_per_grade_and_the_caveat(tmp_path) -> None:
    _, report = calibrate(*written(tmp_path, simulated(60, people=20), grade=np.tile(np.repeat([4, 5], 2), 30)))
    text = as_text(report)

    assert [block.splitlines()[0].split(":")[0] for block in text.split("\n\n")[:3]] == [
        "Grade 4",
        "Grade 5",
        "Overall",
    ]
    assert text.endswith(CAVEAT)
    assert report["grades"]["5"]["sentence"] in text


def test_the_text_of_the_bar_alone_knows_no_reviewers(tmp_path) -> None:
    text = as_text(calibrate(written(tmp_path, simulated(60))[0], bar_only=True)[1])

    assert "at the score shown" in text and "agreement (alpha): cannot be computed" in text
    assert "reviewers on both tracks" not in text


def test_scores_that_are_all_missing_are_answered_not_raised(tmp_path) -> None:
    cases, scores = written(tmp_path, simulated(5))
    scores.write_text("case,reviewer,competency,score\nc0000,r00,k0,\n", encoding="utf-8")
    code, report = calibrate(cases, scores)

    assert (code, report["overall"]["verdict"]) == (0, "not_enough_evidence")
    assert "reviewers on both tracks: 0\n" in as_text(report)
