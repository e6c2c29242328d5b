"""What the log can be narrowed to: codes of acts and kinds, offered in words."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import Length, Optional

from portal.records.queries import Asked, Occurring
from portal.records.words import act_in_words, kind_in_words
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
        """Days are those of the reader's zone, the last one taken whole."""
        self.validate()
        kept = {f.name: f.data for f in self if f.data and not f.errors}
        since, until = (day if day and FIRST <= day <= LAST else None for day in (kept.get("since"), kept.get("until")))
        return Asked(
            action=kept.get("action", ""),
            who=kept.get("who", ""),
            kind=kept.get("kind", ""),
            case=kept.get("case", ""),
            since=datetime.combine(since, time.min, zone).astimezone(UTC) if since else None,
            until=datetime.combine(until + timedelta(days=1), time.min, zone).astimezone(UTC) if until else None,
        )

    def offered(self, occurring: Occurring) -> dict[str, list[tuple[str, str]]]:
        """What the two lists hold, as codes with their words: what occurs, and what was asked for whether it does or
        not, so that the form says what it did."""
        asked = {f.name: {f.data} if f.data and not f.errors else set() for f in (self.action, self.kind)}
        return {
            "action": _by_words(occurring.acts | asked["action"], act_in_words),
            "kind": _by_words(occurring.kinds | asked["kind"], kind_in_words),
        }

    @property
    def words(self) -> dict[str, Any]:
        """The filter as it stands in an address."""
        return {f.name: str(f.data) for f in self if f.data and not f.errors}


def _by_words(codes: Iterable[str], words: Callable[[str], str]) -> list[tuple[str, str]]:
    return sorted(((code, words(code)) for code in codes), key=lambda one: (one[1].casefold(), one[0]))
