"""What a save says of itself."""

from datetime import datetime

from babel.dates import format_datetime
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.models.unsent import UnsentText
from portal.web.filters import viewer_zone, zone_name


def saved_label(at: datetime) -> str:
    """“Saved at 14:02 CET” by the viewer's clock; with the day when it was another."""
    zone = viewer_zone()
    local = at.astimezone(zone)
    pattern = "HH:mm" if local.date() == now().astimezone(zone).date() else "d MMM, HH:mm"
    text = format_datetime(local, pattern, tzinfo=zone, locale=str(get_locale() or "en"))
    return _("Saved at %(time)s", time=f"{text} {zone_name(at)}")


def kept_label(row: UnsentText | None) -> str:
    """The same of a text that acts only once it is sent; nothing where nothing waits."""
    return _("%(saved)s, not sent yet", saved=saved_label(row.saved_at)) if row and row.texts else ""
