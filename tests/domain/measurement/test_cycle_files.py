"""Reading a past cycle: what counts as CASES and SCORES, and every problem with its place."""

import math
from pathlib import Path

import pytest

from portal.domain.measurement import Problem, read_cases, read_scores

CASES = """case,track,grade,approved,shown,committee,cycle
ada,ic,4,1,3.2,tech,2024
bob,manager,4,0,,tech,2024
key,ic,4,,,,
"""
SCORES = """case,reviewer,home,competency,pillar,score
ada,ann,ic,depth,craft,3
ada,ben,manager,depth,craft,
bob,ann,,depth,craft,2.5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cases.csv").write_text(CASES, encoding="utf-8")
    (tmp_path / "scores.csv").write_text(SCORES, encoding="utf-8")
    return tmp_path


def cases_problems(folder: Path, text: str, **asked) -> list[tuple[int | None, str | None, str]]:
    (folder / "cases.csv").write_text(text, encoding="utf-8")
    cases, problems = read_cases(folder / "cases.csv", **asked)
    assert cases is None
    assert {p.file for p in problems} == {str(folder / "cases.csv")}
    return [(p.row, p.column, p.message) for p in problems]


def scores_problems(folder: Path, text: str) -> list[tuple[int | None, str | None, str]]:
    cases, _ = read_cases(folder / "cases.csv")
    (folder / "scores.csv").write_text(text, encoding="utf-8")
    scores, problems = read_scores(folder / "scores.csv", cases)
    assert scores is None
    return [(p.row, p.column, p.message) for p in problems]


def test_cases_are_read_with_their_gaps(folder) -> None:
    cases, problems = read_cases(folder / "cases.csv")

    assert problems == []
    assert (cases.names, cases.track.tolist(), cases.grade) == (("ada", "bob", "key"), [0, 1, 0], ("4", "4", "4"))
    assert cases.approved.tolist()[:2] == [1.0, 0.0] and math.isnan(cases.approved[2])
    assert cases.shown[0] == 3.2 and math.isnan(cases.shown[1])
    assert (cases.committee, cases.cycle) == (("tech", "tech", ""), ("2024", "2024", ""))


def test_scores_are_read_with_their_gaps(folder) -> None:
    scores, problems = read_scores(folder / "scores.csv", read_cases(folder / "cases.csv")[0])

    assert problems == []
    assert (scores.case.tolist(), scores.reviewer.tolist(), scores.reviewers) == ([0, 0, 1], [0, 1, 0], ("ann", "ben"))
    assert scores.home.tolist() == [0.0, 1.0]  # told once is enough
    assert scores.score[0] == 3.0 and math.isnan(scores.score[1]) and scores.competency.tolist() == [0, 0, 0]


def test_optional_columns_may_be_absent_and_spreadsheets_may_leave_marks(folder) -> None:
    text = "\ufeffcase, track,grade,approved\n ada ,IC,4,1\nbob,Manager,5,0\n\n\n"
    (folder / "cases.csv").write_text(text, encoding="utf-8")
    cases, problems = read_cases(folder / "cases.csv")

    assert (problems, cases.names, cases.track.tolist()) == ([], ("ada", "bob"), [0, 1])
    assert (cases.committee, math.isnan(cases.shown[0])) == (("", ""), True)


def test_every_bad_cell_of_cases_is_told_at_once(folder) -> None:
    text = CASES + "ada,lead,,maybe,high,,\n,ic,4,1,nan,,\n"

    assert sorted(cases_problems(folder, text), key=str) == sorted(
        [
            (5, "track", "'lead' is not a track: ic or manager"),
            (5, "grade", "is empty; a grade is needed"),
            (5, "approved", "'maybe' is not 1, 0 or empty (no decision)"),
            (5, "shown", "'high' is not a number or empty"),
            (5, "case", "the case stands in row 2 already"),
            (6, "case", "is empty; a name for the case is needed"),
            (6, "shown", "'nan' is not a number or empty"),
        ],
        key=str,
    )


def test_a_case_told_twice_is_told_with_its_own_row(folder) -> None:
    text = CASES + ",ic,4,1,,,\nada,ic,4,1,,,\n"

    assert (6, "case", "the case stands in row 2 already") in cases_problems(folder, text)


def test_every_bad_cell_of_scores_is_told_at_once(folder) -> None:
    text = SCORES + "zoe,ann,manager,depth,craft,3\nada,ann,ic,depth,craft,4\nbob,,lead,,craft,x\n"

    assert sorted(scores_problems(folder, text), key=str) == sorted(
        [
            (5, "case", "'zoe' is not a case of the cases file"),
            (5, "home", "reviewer 'ann' has another home in an earlier row"),
            (6, "competency", "this score of case, reviewer and competency stands in row 2 already"),
            (7, "reviewer", "is empty; a reviewer is needed"),
            (7, "competency", "is empty; a competency is needed"),
            (7, "home", "'lead' is not a home track: ic, manager or empty"),
            (7, "score", "'x' is not a number or empty (not assessed)"),
        ],
        key=str,
    )


def test_scores_are_checked_even_when_cases_cannot_be_read(folder) -> None:
    (folder / "scores.csv").write_text(SCORES.replace("2.5", "much"), encoding="utf-8")
    scores, problems = read_scores(folder / "scores.csv", None)

    assert scores is None
    assert [(p.row, p.column) for p in problems] == [(4, "score")]


def test_a_missing_column_is_named_with_the_header_that_is_expected(folder) -> None:
    assert cases_problems(folder, CASES.replace("grade", "level", 1)) == [
        (1, "grade", "column is missing; the header must be case,track,grade,approved,shown,committee,cycle"),
        (1, "level", "unknown column while grade is missing: is it misspelt?"),
    ]


def test_a_misspelt_optional_column_is_not_silently_lost(folder) -> None:
    assert cases_problems(folder, CASES.replace("committee", "comittee", 1)) == [
        (1, "comittee", "unknown column while committee is missing: is it misspelt?")
    ]


def test_further_columns_beside_a_full_header_are_left_alone(folder) -> None:
    (folder / "cases.csv").write_text(CASES.replace("\n", ",x\n"), encoding="utf-8")

    assert read_cases(folder / "cases.csv")[1] == []


def test_a_column_told_twice_is_refused(folder) -> None:
    assert (1, "cycle", "column appears twice") in cases_problems(folder, CASES.replace("committee", "cycle", 1))


def test_a_row_of_another_width_is_told(folder) -> None:
    assert cases_problems(folder, CASES + "dan,ic,4\n") == [(5, None, "has 3 cells where the header has 7")]


@pytest.mark.parametrize("text", ["", "case,track,grade,approved\n"])
def test_an_empty_file_is_told(folder, text) -> None:
    assert cases_problems(folder, text)[0][2] in (
        "column is missing; the header must be case,track,grade,approved,shown,committee,cycle",
        "holds no rows below the header",
    )


def test_a_file_that_cannot_be_read_is_told(folder) -> None:
    (folder / "latin.csv").write_bytes("case,track\nad\xe9,ic\n".encode("latin-1"))
    missing, latin = (read_cases(folder / name)[1] for name in ("nowhere.csv", "latin.csv"))

    assert [p.message[:29] for p in (*missing, *latin)] == ["cannot be read as CSV in UTF-"] * 2
    assert missing[0] == Problem(str(folder / "nowhere.csv"), None, None, missing[0].message)


def test_without_scores_every_decision_needs_the_overall_shown(folder) -> None:
    assert cases_problems(folder, CASES, shown_needed=True) == [
        (3, "shown", "is empty; without scores every decided case needs the overall shown")
    ]
    assert cases_problems(folder, "case,track,grade,approved\nada,ic,4,1\n", shown_needed=True)[0][:2] == (1, "shown")
