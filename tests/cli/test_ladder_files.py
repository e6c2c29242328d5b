"""`evenbar rubrics …` from the command line: what is printed, on which stream, with which exit code."""

import json
from pathlib import Path

import pytest

from portal.cli import main

LADDERS = Path(__file__).parents[1] / "data" / "ladders"


@pytest.mark.parametrize(
    ("file_format", "source"),
    [("csv-matrix", "product-matrix.csv"), ("ft", "financial-times-engineering.yml"), ("monzo", "monzo")],
)
def test_what_was_imported_can_be_checked(file_format, source, tmp_path, capsys):
    assert main(["rubrics", "import", file_format, str(LADDERS / source), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.endswith(f"next: evenbar rubrics check {tmp_path / 'out'}\n")
    assert main(["rubrics", "check", str(tmp_path / "out"), "--format", "json"]) == 1
    written = {path.stem for path in (tmp_path / "out").iterdir()} - {"org"}
    assert json.loads(capsys.readouterr().out)["families"].keys() == written


def test_an_import_says_what_it_filled_in_and_what_it_wrote(tmp_path, capsys):
    source = tmp_path / "eng.csv"
    source.write_text("Competency,em\nTrust,Keeps promises.\n")
    options = ["--out", str(tmp_path / "out"), "--track-kind", "manager", "--kind", "trust=human"]
    assert main(["rubrics", "import", "csv-matrix", str(source), *options]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "eng: Grades, bars, pay bands, splits, reports and switches are not in the source and stay open.",
        "eng: The source gives no weights: each competency of a track weighs the same.",
        'eng: No pillar is said for any competency: written as "not-stated", which LL21 reports.',
        f"wrote {tmp_path}/out/org.toml",
        f"wrote {tmp_path}/out/eng.toml",
        f"next: evenbar rubrics check {tmp_path}/out",
    ]


def test_problems_go_to_stderr_with_exit_2(tmp_path, capsys):
    source = tmp_path / "eng.csv"
    source.write_text("Competency,em\nTrust,a,b\nCare,a,b\n")
    assert main(["rubrics", "import", "csv-matrix", str(source), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "evenbar: nothing was written, 2 problems:",
        f"evenbar: {source}, row 2: has 3 cells where the header has 2; put texts with commas in quotes",
        f"evenbar: {source}, row 3: has 3 cells where the header has 2; put texts with commas in quotes",
    ]


def test_a_second_import_into_the_folder_is_refused(tmp_path, capsys):
    command = ["rubrics", "import", "monzo", str(LADDERS / "monzo"), "--out", str(tmp_path)]
    assert main(command) == 0
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    capsys.readouterr()
    assert main(command) == 2
    expected = (
        f"evenbar: {tmp_path} holds engineering-backend.toml, org.toml, people.toml already; "
        "name a folder, new or without rubric files\n"
    )
    assert capsys.readouterr().err == expected
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


def test_an_option_of_another_shape_is_a_mistake_of_usage(tmp_path, capsys):
    command = ["rubrics", "import", "ft", "f.yml", "--out", str(tmp_path), "--level-track", "director=boss"]
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    expected = "argument --level-track: 'director=boss' is not LEVEL=KIND with one of ic, manager, lead, advisor"
    assert expected in capsys.readouterr().err
