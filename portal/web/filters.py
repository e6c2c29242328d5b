"""How times, numbers and codes are written: in the viewer's zone, with the zone named, by their locale."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_timedelta, get_timezone_gmt, get_timezone_name
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext
from flask_login import current_user
from markupsafe import Markup, escape

from portal.adapters.clock import now
from portal.domain.case_flow import Reason


def install(app: Flask) -> None:
    app.jinja_env.filters |= {
        "when": when,
        "day": day,
        "left": time_left,
        "number": number,
        "say": say,
        "lines": lines,
    }
    app.jinja_env.globals["viewer_zone"] = viewer_zone


def viewer_zone() -> ZoneInfo:
    name = current_user.timezone if current_user and current_user.is_authenticated else "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _locale() -> str:
    return str(get_locale() or "en")


def when(moment: datetime | None) -> Markup:
    """A moment as the viewer's clock shows it, the zone named, the exact UTC time in the markup."""
    if moment is None:
        return Markup("–")
    exact = moment.astimezone(UTC).isoformat(timespec="minutes")
    return Markup('<time datetime="{}">{}</time>').format(exact, in_words(moment))


def in_words(moment: datetime) -> str:
    """The same without markup, for a moment inside a sentence."""
    local = format_datetime(moment, "d MMM y, HH:mm", tzinfo=viewer_zone(), locale=_locale())
    return f"{local} {zone_name(moment)}"


def zone_name(moment: datetime) -> str:
    """The short name people know the viewer's zone by at that moment; where it has none, its distance from UTC."""
    local = moment.astimezone(viewer_zone())
    name = get_timezone_name(local, width="short", locale=_locale())
    return f"UTC{get_timezone_gmt(local, width='iso8601', locale=_locale())}" if name[0] in "+-" else name


def day(moment: datetime | date | None) -> str:
    if moment is None:
        return "–"
    if isinstance(moment, datetime):
        moment = moment.astimezone(viewer_zone()).date()
    return format_date(moment, "d MMM y", locale=_locale())


def time_left(moment: datetime) -> str:
    """“in 3 days” or “2 hours ago”, as of now."""
    return format_timedelta(moment - now(), add_direction=True, threshold=1.2, locale=_locale())


def number(value: float | None, places: int = 2) -> str:
    """A decimal by locale, below zero with a true minus (U+2212); what is missing is a dash, never a zero."""
    if value is None:
        return "–"
    return _decimal(round(value, places) or 0.0, places, str(_locale()))  # -0.0 is kept under the key of 0.0


@lru_cache(maxsize=4096)
def _decimal(value: float, places: int, locale: str) -> str:
    """A page of calibration writes some thousand of them, most of them the same."""
    text = format_decimal(value, format=f"0.{'0' * places}" if places else "0", locale=locale)
    return text.replace("-", "−")


def say(thing: Any) -> str:
    """A reason or a code as a sentence in the viewer's language."""
    if isinstance(thing, Reason):
        values = {k: in_words(v) if isinstance(v, datetime) else v for k, v in thing.values}
        return gettext(thing.sentence) % values
    return gettext(str(thing))


def lines(text: str) -> Markup:
    """Plain text with its line breaks, everything in it escaped."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())
