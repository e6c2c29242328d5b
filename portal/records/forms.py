"""What the log can be narrowed to."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import Length, Optional

from portal.records.queries import Asked
from portal.web.forms import Form, tidy

FIRST, LAST = date(1970, 1, 1), date(9998, 12, 31)  # days outside narrow nothing, and cannot be told in every zone


class LogForm(Form):
    """Sent by GET; what does not fit is left out rather than refused."""

    action = StringField(_l("Act"), [Length(max=60)], filters=[tidy])
    who = StringField(_l("Who"), [Length(max=100)], filters=[tidy])
    kind = StringField(_l("On"), [Length(max=40)], filters=[tidy])
    case = StringField(_l("Case"), [Length(max=12)], filters=[tidy])
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("To"), [Optional()])

    def asked(self, zone: ZoneInfo) -> Asked:
        """Days are those of the reader's zone, the last one taken whole. Acts may be written as the page shows them."""
        self.validate()
        kept = {f.name: f.data for f in self if f.data and not f.errors}
        since, until = (day if day and FIRST <= day <= LAST else None for day in (kept.get("since"), kept.get("until")))
        return Asked(
            action=kept.get("action", "").replace(" ", "_").lower(),
            who=kept.get("who", ""),
            kind=kept.get("kind", "").replace(" ", "_").lower(),
            case=kept.get("case", ""),
            since=datetime.combine(since, time.min, zone).astimezone(UTC) if since else None,
            until=datetime.combine(until + timedelta(days=1), time.min, zone).astimezone(UTC) if until else None,
        )

    @property
    def words(self) -> dict[str, Any]:
        """The filter as it stands in an address."""
        return {f.name: str(f.data) for f in self if f.data and not f.errors}
