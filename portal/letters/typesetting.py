"""From a letter's frozen data and its template to the page that becomes its PDF. Templates see plain data only, in a
sandbox, and what people wrote is text, never markup."""

import re
from functools import cache, partial
from typing import Any

import segno
from jinja2 import FunctionLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from portal.letters.language import FIRST, FOLDER, day, phrases, shipped
from portal.models.audit import canonical
from portal.models.letter import AppealLetter, Letter
from portal.settings import ROOT

ASSETS = ROOT / "static" / "letters"
PAPERS = {"a4": ("letter.css", "a4.css"), "letter": ("letter.css", "us-letter.css")}
FRAME = '{% extends "letter" %}'
"""Stands in front of every template, on its first line, so that line numbers stay those of the template."""
ANSWER_FRAME = '{% extends "appeal" %}'
"""The same for a letter that answers an appeal."""
_DARK = re.compile(rb"\x01+")


@cache
def environment(language: str) -> ImmutableSandboxedEnvironment:
    """The sandbox of one language: its frame, its way to write days, no loader for anything else."""

    def load(name: str) -> str | None:
        return (FOLDER / language / f"{name}.html").read_text("utf-8") if name in ("letter", "appeal") else None

    made = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.clear()
    made.filters["day"] = partial(day, language=language)
    return made


def language_in(data: dict[str, Any]) -> str:
    """The language a letter was frozen in; letters from before there were several are in English."""
    return str(data.get("language", FIRST))


@cache
def compiled(language: str, text: str, frame: str = FRAME) -> Template:
    """A template ready to be filled; of many letters with one template it is made once."""
    return environment(language).from_string(frame + text)


def frame_of(data: dict[str, Any]) -> str:
    """A letter about a decision and one that answers an appeal stand in frames of their own."""
    return ANSWER_FRAME if data["format"].startswith("appeal/") else FRAME


def stylesheets(data: dict[str, Any]) -> tuple[str, ...]:
    """The names of the letter's stylesheets among the assets, by the paper it is set on and its language."""
    language = language_in(data)
    return (*PAPERS[data["paper"]], *(() if language == FIRST else (f"{language}.css",)))


def record_of(data: dict[str, Any]) -> str:
    """The frozen data as the JSON that is hashed, attached to an archival PDF; empty for any other."""
    return canonical(data) if data.get("archive") else ""


def page(data: dict[str, Any], *, data_sha256: str, base_url: str, template: str | None = None) -> str:
    """The HTML of one letter. `base_url` is where the portal is reached; it stands in the address that verifies the
    letter, in print and as a QR code. Without a template it is the one that came with Evenbar."""
    language = language_in(data)
    text = shipped(language, data["outcome"]) if template is None else template
    return compiled(language, text, frame_of(data)).render(values(data, data_sha256=data_sha256, base_url=base_url))


def values(data: dict[str, Any], *, data_sha256: str, base_url: str) -> dict[str, Any]:
    """All that a template and the frame see."""
    base = base_url.rstrip("/")
    address = f"{base}/verify/{data['code']}"
    return {
        "letter": data,
        "kind": phrases(language_in(data))["kind"][data["case"]["type"]],
        "content_hash": _grouped(data_sha256),
        "rubric_hash": _grouped(data["rubric"]["hash"]),
        "address": address,
        "appeal": f"{base}{data['appeal']['path']}",
        "qr": _qr(address),
    }


def page_of(letter: Letter | AppealLetter, *, base_url: str) -> str:
    """The page of a letter with the template it was prepared with."""
    text = letter.template.text if letter.template else None
    return page(letter.data, data_sha256=letter.data_sha256, base_url=base_url, template=text)


def _grouped(digits: str) -> str:
    """A hash in groups of eight, so that it can be compared by eye and wraps."""
    return " ".join(digits[i : i + 8] for i in range(0, len(digits), 8))


def _qr(text: str) -> dict[str, Any]:
    """A QR code as the path of an SVG, to be stroked one wide: {"size": modules, "path": d}. Error correction M. One
    line for each run of dark modules: a tenth of the drawing that a square for each would be."""
    modules = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    lines = [f"M{run.start()} {y}.5h{len(run[0])}" for y, row in enumerate(modules) for run in _DARK.finditer(row)]
    return {"size": len(modules), "path": "".join(lines)}
