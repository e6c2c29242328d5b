"""The languages letters are written in: a folder of templates/letters each, with plain files for the words that follow
from the record and for the templates. A letter is in the candidate's language where there is one, else in English."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date

from portal.settings import ROOT

FOLDER = ROOT / "templates" / "letters"
FIRST = "en"
LANGUAGES = ("en", "de")


def language_of(locale: str) -> str:
    """The language of a letter to somebody with this locale: de_CH reads German."""
    found = locale.replace("-", "_").partition("_")[0].lower()
    return found if found in LANGUAGES else FIRST


@cache
def phrases(language: str) -> Mapping[str, Any]:
    """The words of one language, as they stand in its words.toml."""
    return tomllib.loads((FOLDER / language / "words.toml").read_text("utf-8"))


@cache
def shipped(language: str, outcome: str) -> str:
    """The template that came with Evenbar."""
    return (FOLDER / language / f"{outcome}.html").read_text("utf-8")


def day(iso: str, language: str) -> str:
    return format_date(date.fromisoformat(iso), str(phrases(language)["day"]), locale=language)
