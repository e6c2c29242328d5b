"""`python -m bench.lint`: what it costs to lint five families of forty levels each, beside parsing their files.

The ladders are made up to be as heavy as a real one is: twenty grades with a peer pair each, six competencies a track
with weights in whole percents, a text of its own for every competency and level, a bar of its own and a pay band for
every level, switches both ways. Every repetition gets other ladders, so that nothing is answered from a cache.
"""

import argparse
import datetime
import os
import platform
import random
import statistics
import subprocess
import time
import tomllib
from collections.abc import Callable, Sequence
from typing import Any

import pydantic

from portal.domain import lint
from portal.domain.ladder import Family
from portal.domain.rubric_files import read_family, read_org
from portal.domain.toml_text import document

FAMILIES, GRADES = 5, 20
GOAL_SECONDS = 2.0
PILLARS = ("outcomes", "direction", "craft", "growth", "conduct", "reach")
KINDS = {"ic": "functional", "manager": "people-management"}
WORDS = (
    "team",
    "plan",
    "result",
    "review",
    "design",
    "customer",
    "risk",
    "measure",
    "teach",
    "decide",
    "propose",
    "test",
)


def org_text() -> str:
    scale = {"id": "five", "points": [{"value": n, "name": f"Point {n}"} for n in range(5)]}
    values = {
        "schema": "ladder/1",
        "kind": "org",
        "id": "acme",
        "grade": [{"rank": n, "name": f"Grade {n}", "scope": {"reach": n % 7}} for n in range(1, GRADES + 1)],
        "pillar": [{"id": pillar, "name": pillar.title()} for pillar in PILLARS],
        "scale": scale,
    }
    return document(values)


def family_text(name: str, chance: random.Random) -> str:
    """A family of twenty grades on two tracks."""
    tracks = [{"id": kind, "kind": kind, "name": kind} for kind in KINDS]
    values: dict[str, Any] = {"schema": "ladder/1", "kind": "family", "id": name, "name": name, "org": "acme"}
    values |= {"track": tracks, "level": [], "competency": [], "expectation": [], "bar": [], "band": [], "switch": []}
    for kind in KINDS:
        cuts = [0, *sorted(chance.sample(range(5, 96), len(PILLARS) - 1)), 100]
        for pillar, low, high in zip(PILLARS, cuts[:-1], cuts[1:], strict=True):
            values["competency"].append(_competency(kind, pillar, high - low, chance))
        for grade in range(1, GRADES + 1):
            _add_level(values, kind, grade, chance)
    for grade in range(1, GRADES + 1):
        for there, back in (("ic", "manager"), ("manager", "ic")):
            values["switch"].append({"from": f"{there}{grade}", "to": f"{back}{grade}", "trial_months": 6})
    return document(values)


def _competency(kind: str, pillar: str, weight: int, chance: random.Random) -> dict[str, Any]:
    about = " ".join(chance.choices(WORDS, k=20))
    return {
        "id": f"{pillar}-{kind}",
        "track": kind,
        "pillar": pillar,
        "kind": "human" if pillar == "conduct" else KINDS[kind],
        "weight": weight,
        "name": f"{pillar} of {kind}",
        "about": about,
    }


def _add_level(values: dict[str, Any], kind: str, grade: int, chance: random.Random) -> None:
    level = f"{kind}{grade}"
    people = 15 if kind == "ic" else 60
    values["level"].append(
        {
            "id": level,
            "track": kind,
            "title": level,
            "grade": grade,
            "split": {"people": people, "craft": 80 - people, "org": 20},
            "reports": [0, 1] if kind == "ic" else [2, 8],
        }
    )
    values["expectation"] += [
        {
            "id": f"{pillar}-{level}",
            "competency": f"{pillar}-{kind}",
            "level": level,
            "text": " ".join(chance.choices(WORDS, k=30)),
        }
        for pillar in PILLARS
    ]
    musts = [{"competency": f"{pillar}-{kind}", "at_least": 3} for pillar in PILLARS[:2]]
    mean = round(chance.uniform(2.4, 3), 2)
    values["bar"].append(
        {"track": kind, "applies_to": [level], "weighted_mean": mean, "minimum_each": 1, "must_have": musts}
    )
    pay = {"p50": 50_000 + 5_000 * grade, "p90": 60_000 + 5_000 * grade}
    values["band"].append({"level": level, "currency": "EUR", "source": "made up", "region": "all", "base": pay})


def seconds(work: Callable[[list[str]], object], ladders: Sequence[list[str]]) -> list[float]:
    """CPU seconds for each set of families."""
    spent = []
    for texts in ladders:
        start = time.process_time()
        work(texts)
        spent.append(time.process_time() - start)
    return spent


def _read(texts: list[str]) -> list[Family]:
    org = read_org(org_text(), "org.toml")
    return [read_family(org, text, "family.toml") for text in texts]


def _heading() -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    now = datetime.datetime.now(datetime.UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC, commit {commit.strip() or 'unknown'}, Python {platform.python_version()}")
    print(f"pydantic {pydantic.VERSION}, {platform.machine()}, {os.cpu_count()} cores\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lint")
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    chance = random.Random(1)
    ladders = [[family_text(f"family-{n}", chance) for n in range(FAMILIES)] for _ in range(repeats + 1)]
    findings = sum(len(lint.check(family)) for family in _read(ladders.pop()))
    _heading()
    print(f"{FAMILIES} families of {2 * GRADES} levels, {findings} findings; CPU seconds, n = {repeats}")
    print(f"  {'':26s} {'median':>8s} {'spread':>8s} {'ratio':>8s}")
    anchor = 0.0
    for name, work in (
        ("anchor: TOML parsed", lambda texts: [tomllib.loads(text) for text in texts]),
        ("read into ladders", _read),
        ("read and linted", lambda texts: [lint.check(family) for family in _read(texts)]),
    ):
        spent = seconds(work, ladders)
        middle = statistics.median(spent)
        anchor = anchor or middle
        print(f"  {name:26s} {middle:8.3f} {max(spent) - min(spent):8.3f} {middle / anchor:8.1f}", flush=True)
    verdict = "met" if middle <= GOAL_SECONDS else "missed"
    print(f"\nGoal: read and linted in {GOAL_SECONDS:g} s: {verdict}")


if __name__ == "__main__":
    main()
