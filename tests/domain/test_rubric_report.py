"""What `evenbar rubrics check` says of a folder, and the exit code it says it with."""

import json

import pytest

from portal.domain.rubric_report import check_folder
from tests.domain.ladder_sample import family_values, org_values, row, toml


@pytest.fixture
def folder(tmp_path):
    def write(change=None):
        values = family_values()
        if change is not None:
            change(values)
        (tmp_path / "org.toml").write_text(toml(org_values()))
        (tmp_path / "eng.toml").write_text(toml(values))
        return tmp_path

    return write


def test_a_folder_without_a_fail_exits_0(folder):
    code, report = check_folder(folder())
    assert code == report.exit_code == 0
    assert report.as_text().startswith("eng: 0 fail, 0 warn, 0 unknown, 2 info, ")


def test_a_fail_exits_1_and_comes_first(folder):
    def plant(values):
        row(values, "competency", id="depth")["weight"] = 21
        row(values, "level", id="i3")["may_stay"] = False

    code, report = check_folder(folder(plant))
    assert code == 1
    assert report.as_text().splitlines()[1:3] == [
        "  fail    LL19  ic: the weights sum to 101, expected 100",
        "  warn    LL55  ic: no level is marked may_stay (P12)",
    ]


def test_the_findings_are_json_by_family_with_every_status(folder):
    _, report = check_folder(folder())
    families = json.loads(report.as_json())["families"]
    assert list(families) == ["eng"]
    assert families["eng"] == [found.as_dict() for found in report.findings["eng"]]
    assert {found["status"] for found in families["eng"]} == {"pass", "info"}


def test_a_file_that_does_not_load_exits_2_with_its_problems(folder):
    code, report = check_folder(folder(lambda values: row(values, "level", id="i1").pop("title")))
    assert code == report.exit_code == 2
    assert json.loads(report.as_json()) == {
        "problems": [{"file": "eng.toml", "table": "level", "id": "i1", "line": 24, "message": 'missing key "title"'}]
    }
    assert report.as_text() == 'eng.toml:24: [level] i1: missing key "title"'


def test_a_folder_that_is_not_there_exits_2(tmp_path):
    assert check_folder(tmp_path / "nowhere")[0] == 2
