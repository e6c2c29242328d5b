"""The words of the demonstration: results, claims and opinions written by hand, told with different figures."""

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"
TRACKS = {
    ("engineering", "ic"): "engineering_ic",
    ("engineering", "em"): "engineering_em",
    ("product", "ic"): "product_ic",
    ("product", "people"): "product_people",
}
PARTS = ("changed", "mattered", "contribution", "how")
_SENTENCE = re.compile(r"(^|[.?!] )([a-z])")


@dataclass(frozen=True)
class Claim:
    competency: str
    claim: str
    contribution: str


@dataclass(frozen=True)
class Result:
    """One thing that is different because of somebody's work: the four fields of a result section, and its claims."""

    fields: Mapping[str, str]
    claims: tuple[Claim, ...]


@cache
def table(name: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8"))


def told(text: str, **values: str) -> str:
    """The text with its names and figures in place; every sentence begins with a capital letter."""
    return _SENTENCE.sub(lambda m: m[1] + m[2].upper(), text.format(**values))


def results(family_id: str, track_id: str, grade: int, count: int, chance: random.Random) -> list[Result]:
    """Different results of the right reach for a target grade."""
    fitting = [s for s in table(TRACKS[family_id, track_id])["story"] if grade in s["grades"]]
    return [_told_story(story, chance) for story in chance.sample(fitting, count)]


def _told_story(story: Mapping[str, Any], chance: random.Random) -> Result:
    values = chance.choice(story["fill"])
    claims = [Claim(c, told(claim, **values), told(own, **values)) for c, (claim, own) in story["shows"].items()]
    return Result({part: told(story[part], **values) for part in PARTS}, tuple(claims))


def spare_claim(family_id: str, track_id: str, competency: str, chance: random.Random) -> Claim:
    """A claim on a competency that no result showed."""
    claim, own = chance.choice(table(TRACKS[family_id, track_id])["spare"][competency])
    return Claim(competency, claim, own)


def voice(path: str, chance: random.Random, name: str = "") -> str:
    """One of the sentences under a key of voices.toml, as in `statement.gaps`."""
    found: Any = table("voices")
    for key in path.split("."):
        found = found[key]
    choices: Sequence[str] = found
    return told(chance.choice(choices), name=name, first=name.split(" ")[0])
