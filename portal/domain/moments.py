"""How a moment is told where no page writes it: in mails, and in what a command answers to whoever acted."""

from datetime import datetime
from zoneinfo import ZoneInfo


def told(moment: datetime, timezone: str) -> str:
    """The moment by the clock of somebody in that zone, and the zone: “16 Mar 2026, 11:00 (Europe/Berlin)”."""
    return f"{moment.astimezone(ZoneInfo(timezone)):%d %b %Y, %H:%M} ({timezone})"
