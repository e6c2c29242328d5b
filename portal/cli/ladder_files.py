"""Commands on rubric files: check a folder against the principles, or make one from a ladder written elsewhere."""

import argparse
from pathlib import Path
from typing import Any

from portal.cli import importing
from portal.domain.rubric_report import check_folder
from portal.settings import ROOT


def add_to(commands: Any) -> None:
    rubrics = commands.add_parser("rubrics", help="check or import rubric files")
    actions = rubrics.add_subparsers(dest="what", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="lint a folder of rubric files against the principles")
    check.add_argument("path", nargs="*", type=Path, help="folders; default: the rubrics that ship")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.set_defaults(run=_check)
    importing.add_to(actions)


def _check(given: argparse.Namespace) -> int:
    worst = 0
    for folder in given.path or [ROOT / "rubrics"]:
        code, report = check_folder(folder)
        print(report.as_json() if given.format == "json" else report.as_text())
        worst = max(worst, code)
    return worst
