"""From a letter's frozen data to the page that becomes its PDF. Templates see plain data only, in a sandbox, and what
people wrote is text, never markup."""

from datetime import date
from typing import Any

import segno
from babel.dates import format_date
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from portal.settings import ROOT

ASSETS = ROOT / "static" / "letters"
PAGES = {
    "approved": "letters/pdf/approved.html",
    "approved_on_trial": "letters/pdf/approved_on_trial.html",
    "declined": "letters/pdf/declined.html",
    "not_yet": "letters/pdf/not_yet.html",
    "deferred": "letters/pdf/deferred.html",
}
PAPERS = {"a4": ("letter.css", "a4.css"), "letter": ("letter.css", "us-letter.css")}


def _day(iso: str) -> str:
    return format_date(date.fromisoformat(iso), "d MMMM y", locale="en")


def _grouped(digits: str) -> str:
    """A hash in groups of eight, so that it can be compared by eye and wraps."""
    return " ".join(digits[i : i + 8] for i in range(0, len(digits), 8))


_environment = ImmutableSandboxedEnvironment(
    loader=FileSystemLoader(ROOT / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["day"] = _day


def stylesheets(data: dict[str, Any]) -> tuple[str, ...]:
    """The names of the letter's stylesheets among the assets, by the paper it is set on."""
    return PAPERS[data["paper"]]


def page(data: dict[str, Any], *, data_sha256: str, base_url: str) -> str:
    """The HTML of one letter. `base_url` is where the portal is reached; it stands in the address that verifies the
    letter, in print and as a QR code."""
    base = base_url.rstrip("/")
    address = f"{base}/verify/{data['code']}"
    return _environment.get_template(PAGES[data["outcome"]]).render(
        letter=data,
        content_hash=_grouped(data_sha256),
        rubric_hash=_grouped(data["rubric"]["hash"]),
        address=address,
        appeal=f"{base}{data['appeal']['path']}",
        qr=_qr(address),
    )


def _qr(text: str) -> dict[str, Any]:
    """A QR code as the path of an SVG: {"size": modules, "path": d}. Error correction M."""
    modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    squares = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark]
    return {"size": len(modules), "path": "".join(squares)}
