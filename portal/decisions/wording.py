"""What a text that reaches the candidate must not hold: a raw score, or the name of someone who scored or advised."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from portal.domain.problems import InvalidInput
from portal.settings import ROOT

_DECIMAL = re.compile(r"(?<![\d.,])\d{1,2}[.,]\d+(?![\d.,]*\d)")
_SPOKEN = re.compile(r"\bscor(?:e|ed|es|ing)\b(?:\s+\w+){0,4}?\s+\d\b|\b\d\s*(?:/|out of)\s*\d\b", re.IGNORECASE)
_PLACES = (Decimal("0.1"), Decimal("0.01"), Decimal("0.001"))


def raw_scores(text: str, position: Mapping[str, Any]) -> tuple[str, ...]:
    """The scores a text gives away, as written in it.

    A decimal counts when it is a mean of this case's frozen position, rounded to one, two or three places; a number
    that the bar itself names is public. An integer counts when the words around it make it a score ("scored a 2",
    "3 out of 4")."""
    means = _means(position)
    public = {_exact(clause["needed"]) for clause in position.get("unmet", ()) if clause.get("needed") is not None}
    shown = {mean.quantize(place) for mean in means for place in _PLACES} - public
    found = [m[0] for m in _DECIMAL.finditer(text) if _exact(m[0].replace(",", ".")) in shown]
    return tuple([*found, *(m[0] for m in _SPOKEN.finditer(text))])


def names_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Which of the names stand in the text, however they are capitalised."""
    folded = text.casefold()
    return tuple(name for name in names if name.casefold() in folded)


def unsaid(text: str) -> list[str]:
    """The words of money and places in a text, in any language letters are written in: a "not yet" never says them."""
    folded = text.casefold()
    return [word for word in _unsaid_words() if word in folded]


@cache
def _unsaid_words() -> tuple[str, ...]:
    files = sorted((ROOT / "templates" / "letters").glob("*/words.toml"))
    found = (word for file in files for word in tomllib.loads(file.read_text("utf-8"))["unsaid"]["words"])
    return tuple(dict.fromkeys(found))


def refuse_given_away(where: str, text: str, position: Mapping[str, Any], names: Iterable[str]) -> None:
    """InvalidInput for a text that the candidate will read and that says a score or a confidential name."""
    if scores := raw_scores(text, position):
        raise InvalidInput(f"The {where} and give away a score: {', '.join(scores)}. Say it in words.")
    if found := names_in(text, names):
        raise InvalidInput(
            f"The {where} and name {', '.join(found)}. Leave out who reviewed or was asked for feedback."
        )


def _means(position: Mapping[str, Any]) -> set[Decimal]:
    rows = [*position.get("competencies", ()), *position.get("pillars", ())]
    values = [position.get("overall"), *(row.get("mean") for row in rows)]
    return {_exact(value) for value in values if value is not None}


def _exact(value: Any) -> Decimal:
    return Decimal(str(value))
