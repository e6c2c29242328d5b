"""Which figures of a statement may leave the committee: enough cases on both tracks, no small cell, and nothing that
follows from two statements put side by side.
"""

from collections.abc import Iterable
from typing import NamedTuple

PUBLISHED_FROM = 10  # decided cases on each track
SMALLEST_CELL = 5
LEAST_STEP = 10  # decided cases by which a track must have grown since a statement that was published before


class Counts(NamedTuple):
    """Decided cases of one track, and how many of them were approved on merit."""

    decided: int
    approved: int


class Published(NamedTuple):
    """What may be said: the verdict and its intervals (`figures`), and of each track the rate in words (`rates`).

    `withheld` says why nothing is given: "too_few" or "too_near" (a statement given before differs by so few cases that
    the two together would tell of single people); "" when the figures may be given.
    """

    figures: bool
    withheld: str
    rates: tuple[str, str]


def publishable(ic: Counts, manager: Counts, before: Iterable[tuple[Counts, Counts]] = ()) -> Published:
    """Whether a statement over these counts may be published; `before` are the counts of the statements of the same
    place that were published already, IC first.

    A track that did not change since an earlier statement tells nothing; one that grew by one to nine cases would.
    """
    nothing = ("", "")
    if min(ic.decided, manager.decided) < PUBLISHED_FROM:
        return Published(False, "too_few", nothing)
    for earlier in before:
        for now, then in zip((ic, manager), earlier, strict=True):
            step = abs(now.decided - then.decided)
            if 0 < step < LEAST_STEP or (step == 0 and now.approved != then.approved):
                return Published(False, "too_near", nothing)
    return Published(True, "", (rate_in_words(ic), rate_in_words(manager)))


def rate_in_words(counts: Counts) -> str:
    """The share approved, to the nearest ten per cent; a code, never a number that names one person.

    "few" for fewer than 10 %, "most" for more than 90 %, "hidden" where one to four cases were approved or refused and
    the share would give their number away, else the share as "50".
    """
    refused = counts.decided - counts.approved
    share = counts.approved / counts.decided
    if share < 0.1:
        return "few"
    if share > 0.9:
        return "most"
    if min(counts.approved, refused) < SMALLEST_CELL:
        return "hidden"
    return f"{10 * round(10 * share):d}"
