"""Dates as a calendar file (RFC 5545), written by the icalendar library: what to be reminded of and where to go, never
what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

TYPE = "text/calendar"


@dataclass(frozen=True)
class Deadline:
    """A moment to keep. The same `uid` in a later file replaces the entry in the reader's calendar."""

    uid: str
    at: datetime
    summary: str
    link: str


def uid_of(*parts: str) -> str:
    """A stable name for an entry that tells nothing of what it was made from."""
    return f"{sha256('|'.join(parts).encode()).hexdigest()[:32]}@evenbar"


def calendar_file(deadlines: Iterable[Deadline], *, at: datetime) -> bytes:
    """One entry a deadline, in the order given; private, never blocking time. `at` is when it is made."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    for name, value in (("prodid", "-//Evenbar//Deadlines//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, value)
    for one in deadlines:
        entry = Event()
        entry.add("uid", one.uid)
        entry.add("dtstamp", at.astimezone(UTC))
        entry.add("dtstart", one.at.astimezone(UTC))
        entry.add("summary", one.summary)
        entry.add("url", one.link)
        entry.add("class", "PRIVATE")
        entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
