"""`python -m bench.measurement [--quick]`: prints the tables; takes minutes, with --quick about one."""

import argparse
import datetime
import os
import platform
import subprocess
from collections.abc import Iterable

import numpy as np
import scipy

from bench.measurement.trials import MARGIN, Row, bar_rows, chain_rows, error, timings
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


def _timing_table(sizes: tuple[int, ...], repeats: int) -> None:
    warm = np.repeat([0.0, 1.0], 8)
    bar_difference(warm + 2, warm, warm + 2, warm, extra_sd=0.1)
    compare_tracks(np.repeat(np.arange(16), 2), np.tile([0, 1, 2, 3], 8), np.tile(warm, 2), np.tile([0, 1], 8), warm)
    print(f"Cost of compare_tracks, CPU ms, median of {repeats} (spread), anchor: sorting the same scores")
    for t in timings(sizes, repeats):
        each = 1000 * t.median / t.reviews
        print(
            f"  {t.reviews:7d} reviews  {t.median:8.1f} ({t.spread:.1f})  anchor {t.anchor:7.2f}  "
            f"ratio {t.median / max(t.anchor, 1e-3):7.1f}  {each:6.2f} us a review",
            flush=True,
        )
    print()


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
    parser.add_argument("--trials", type=int, default=0, help="of the full chain, instead of 400 (40 with --quick)")
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
        _table(
            f"The full chain, n cases per track, home effect {chosen.home_effect:g} points",
            chain_rows(chosen.trials or (40 if chosen.quick else 400), chain, chosen.home_effect, chosen.differences),
        )
    if chosen.only in (None, "cost"):
        _timing_table((1_000, 10_000, 100_000), 3 if chosen.quick else 7)


if __name__ == "__main__":
    main()
