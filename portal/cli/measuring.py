"""Commands that check and measure: rubric files, and the bars of any past cycle."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from portal.domain.measurement import BarPrior
from portal.domain.measurement.cycle_report import as_text, calibrate
from portal.domain.problems import InvalidInput
from portal.domain.rubric_report import check_folder
from portal.settings import ROOT


def add_to(commands: Any) -> None:
    rubrics = commands.add_parser("rubrics", help="check rubric files").add_subparsers(dest="what", required=True)
    check = rubrics.add_parser("check", help="lint a folder of rubric files against the principles")
    check.add_argument("path", nargs="*", type=Path, help="folders; default: the rubrics that ship")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.set_defaults(run=_check)
    measure = commands.add_parser("calibrate", help="compare the two bars of a past cycle from CSV files")
    measure.add_argument("cases", type=Path, metavar="CASES.csv")
    measure.add_argument("scores", type=Path, nargs="?", metavar="SCORES.csv")
    measure.add_argument("--margin", type=float, default=0.5, help="rubric points that still count as no difference")
    measure.add_argument("--prior", help="MEAN,SD,LOGSLOPE,SD", default="")
    measure.add_argument("--bar-only", action="store_true", help="only CASES with `shown`: no claim of equivalence")
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run=_calibrate)
