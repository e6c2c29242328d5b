"""A calendar file as an answer: a download of dates with links back to the portal."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from flask import Response, current_app, make_response
from flask_babel import gettext as _

from portal.adapters.calendar_file import TYPE, Deadline, calendar_file, uid_of
from portal.domain.problems import Refused

Dates = Iterable[tuple[str, str, datetime]]
"""Where in the portal, what the date is, when."""


def calendar_answer(dates: Dates, *, at: datetime, name: str = "evenbar") -> Response:
    """The dates as `NAME.ics`. Addresses are absolute, below the one people type into their browser."""
    base = current_app.config["SETTINGS"].base_url.rstrip("/")
    prefix = urlsplit(base).path.rstrip("/")
    entries = [
        Deadline(uid_of(path, what), when, f"Evenbar: {what}", base + path.removeprefix(prefix))
        for path, what, when in dates
    ]
    if not entries:
        raise Refused(_("No date lies ahead that could go into a calendar."))
    answer = make_response(calendar_file(entries, at=at))
    answer.headers["Content-Type"] = f"{TYPE}; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer
