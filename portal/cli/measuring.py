"""Commands that measure: the bars of any past cycle, from CSV files."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from portal.domain.measurement import BarPrior
from portal.domain.measurement.cycle_report import as_text, calibrate
from portal.domain.problems import InvalidInput


def add_to(commands: Any) -> None:
    measure = commands.add_parser("calibrate", help="compare the two bars of a past cycle from CSV files")
    measure.add_argument("cases", type=Path, metavar="CASES.csv")
    measure.add_argument("scores", type=Path, nargs="?", metavar="SCORES.csv")
    measure.add_argument("--margin", type=float, default=0.5, help="rubric points that still count as no difference")
    measure.add_argument("--prior", help="MEAN,SD,LOGSLOPE,SD", default="")
    measure.add_argument("--bar-only", action="store_true", help="only CASES with `shown`: no claim of equivalence")
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run=_calibrate)


def _calibrate(given: argparse.Namespace) -> int:
    code, report = calibrate(
        given.cases, given.scores, margin=given.margin, prior=_prior(given.prior), bar_only=given.bar_only
    )
    if "problems" in report:
        for problem in report["problems"]:
            print(_place(problem), file=sys.stderr)
        return code
    print(json.dumps(report, indent=2, ensure_ascii=False) if given.json else as_text(report))
    return 0  # what it found is an answer, not a failure


def _place(problem: dict[str, Any]) -> str:
    where = [problem["file"], f"row {problem['row']}" if problem["row"] else "", problem["column"] or ""]
    return f"{', '.join(w for w in where if w)}: {problem['message']}"


def _prior(text: str) -> BarPrior:
    if not text:
        return BarPrior()
    try:
        mean, sd, log_slope, log_slope_sd = (float(part) for part in text.split(","))
        return BarPrior(mean, sd, log_slope, log_slope_sd)
    except ValueError as e:
        raise InvalidInput(f"--prior: {text!r} is not MEAN,SD,LOGSLOPE,SD with positive spreads ({e})") from None
