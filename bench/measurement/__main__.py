"""`python -m bench.measurement [--quick]`: prints the tables; takes minutes, with --quick about one."""

import argparse
import datetime
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import scipy

from bench.measurement.trials import MARGIN, Row, Timing, bar_rows, chain_rows, error, file_timings, timings
from portal.domain.measurement import bar_difference, compare_tracks


def _heading() -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    now = datetime.datetime.now(datetime.UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC, commit {commit.strip() or 'unknown'}, Python {platform.python_version()}")
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, {platform.machine()}, {os.cpu_count()} cores\n")


def _table(title: str, rows: Iterable[Row]) -> None:
    print(title)
    for at, row in enumerate(rows):
        if at == 0:
            print(f"  {'':32s} {'trials':>6s} " + " ".join(f"{key:>16s}" for key in row.rates))
        cells = [f"{rate:.3f} +- {error(rate, row.trials):.3f}" for rate in row.rates.values()]
        print(f"  {row.name:32s} {row.trials:6d} " + " ".join(f"{cell:>16s}" for cell in cells), flush=True)
    print()


def _warm_up() -> None:
    warm = np.repeat([0.0, 1.0], 8)
    bar_difference(warm + 2, warm, warm + 2, warm, extra_sd=0.1)
    compare_tracks(np.repeat(np.arange(16), 2), np.tile([0, 1, 2, 3], 8), np.tile(warm, 2), np.tile([0, 1], 8), warm)


def _timing_table(title: str, rows: Iterable[Timing]) -> None:
    print(title)
    for t in rows:
        each = 1000 * t.median / t.reviews
        print(
            f"  {t.reviews:7d} reviews  {t.median:8.1f} ({t.spread:.1f})  anchor {t.anchor:7.2f}  "
            f"ratio {t.median / max(t.anchor, 1e-3):7.1f}  {each:6.2f} us a review",
            flush=True,
        )
    print()


def _cost(sizes: tuple[int, ...], repeats: int) -> None:
    _warm_up()
    _timing_table(
        f"Cost of compare_tracks, CPU ms, median of {repeats} (spread), anchor: sorting the same scores",
        timings(sizes, repeats),
    )
    with tempfile.TemporaryDirectory() as folder:
        _timing_table(
            "Cost of `evenbar calibrate` on files, six scores a review, CPU ms, median of 3 (spread), anchor: reading "
            "both files and doing nothing",
            file_timings(sizes, Path(folder), 3),
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.measurement")
    parser.add_argument("--quick", action="store_true", help="fewer trials and sizes: about a minute")
    parser.add_argument("--only", choices=("bar", "chain", "cost"), help="one of the three tables")
    parser.add_argument(
        "--home-effect", type=float, default=0.4, help="points by which reviewers at home on track 1 are milder"
    )
    parser.add_argument("--cases", type=int, nargs="+", help="cases per track in the full chain")
    parser.add_argument(
        "--differences", type=float, nargs="+", default=(0.0, MARGIN, 2 * MARGIN), help="between the bars, full chain"
    )
    parser.add_argument("--trials", type=int, default=0, help="at most so many a line of the full chain (1,200)")
    parser.add_argument(
        "--error", type=float, default=0.015, help="a line of the full chain ends once its rates are known as well"
    )
    return parser.parse_args()


def main() -> None:
    chosen = _arguments()
    _heading()
    sizes, slopes = (
        ((6, 24, 200), (3.0, 8.0, 40.0)) if chosen.quick else ((6, 12, 24, 50, 200, 2000), (3.0, 6.0, 15.0, 40.0))
    )
    chain = chosen.cases or ((24, 100) if chosen.quick else (12, 24, 50, 200))
    print(
        f"Margin {MARGIN}. False verdicts: 'equivalent' at delta 0.5 and 1.0, 'not equivalent' at delta 0.0 and 0.5.\n"
    )
    if chosen.only in (None, "bar"):
        _table("The bar alone, n cases per track", bar_rows(60 if chosen.quick else 1000, sizes, slopes))
    if chosen.only in (None, "chain"):
        most = chosen.trials or (40 if chosen.quick else 1200)
        _table(
            f"The full chain, n cases per track, home effect {chosen.home_effect:g} points",
            chain_rows(most, chain, chosen.home_effect, chosen.differences, chosen.error),
        )
    if chosen.only in (None, "cost"):
        _cost((1_000, 10_000) if chosen.quick else (1_000, 10_000, 100_000), 3 if chosen.quick else 7)


if __name__ == "__main__":
    main()
