"""`python -m bench.review_years DIR` writes CASES files for `evenbar calibrate --bar-only` and prints the commands."""

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parents[2] / "tests" / "data" / "reviews"
HEADER = ("case", "track", "grade", "approved", "shown", "committee", "cycle")
# Ratings run from 1 to 10: a bar somewhere in the middle, a slope per rating point less steep than on 0-4.
PRIOR = "5.5,2,0.92,0.8"
MARGIN = 0.5


class Paper(NamedTuple):
    """One paper: the mean of its ratings, whether it was accepted, its topic group."""

    name: str
    shown: float
    accepted: bool
    group: str


def papers(year: int) -> list[Paper]:
    """The papers of a year with at least one rating."""
    with (DATA / f"iclr{year}.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ratings"]]
    return [Paper(f"{year}-{row['case']}", _mean(row["ratings"]), row["accepted"] == "1", row["group"]) for row in rows]


def _mean(ratings: str) -> float:
    given = [float(one) for one in ratings.split(";")]
    return sum(given) / len(given)


def write(path: Path, a: Iterable[Paper], b: Iterable[Paper]) -> None:
    """CASES.csv with the first papers as track `ic` and the second as track `manager`, all of one grade."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for track, side in (("ic", a), ("manager", b)):
            out.writerows([p.name, track, "1", int(p.accepted), f"{p.shown:.4f}", "", ""] for p in side)


def pairs() -> dict[str, tuple[list[Paper], list[Paper]]]:
    """The comparisons of the worked example by file name."""
    years = {year: papers(year) for year in (2017, 2018, 2021, 2022)}
    groups = {name: [p for p in years[2021] if p.group == name] for name in ("rl", "nlp", "vision")}
    others = [p for p in years[2021] if p.group != "rl"]
    return {
        "2017-2018.csv": (years[2017], years[2018]),
        "2018-2021.csv": (years[2018], years[2021]),
        "2021-2022.csv": (years[2021], years[2022]),
        "2021-groups.csv": (others, groups["rl"]),
        "2021-small-groups.csv": (groups["nlp"], groups["vision"]),
        "2021-halves.csv": (years[2021][::2], years[2021][1::2]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.review_years")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, (a, b) in pairs().items():
        write(folder / name, a, b)
        print(f"evenbar calibrate {folder / name} --bar-only --margin {MARGIN} --prior {PRIOR}")


if __name__ == "__main__":
    main()
