"""The contexts of this room's pages, and what the room puts on the page of a case."""

from portal.reviews.fragments.assigning import choosing, keeping
from portal.reviews.fragments.offered import cycle_tabs, offers, tabs
from portal.reviews.fragments.offline import looked_words, offline, sheet_for
from portal.reviews.fragments.reading import reading, sealing
from portal.reviews.fragments.waiting import waiting
from portal.reviews.fragments.writing import amending, evidence_of, saved_words, writing

__all__ = [
    "amending",
    "choosing",
    "cycle_tabs",
    "evidence_of",
    "keeping",
    "looked_words",
    "offers",
    "offline",
    "reading",
    "saved_words",
    "sealing",
    "sheet_for",
    "tabs",
    "waiting",
    "writing",
]
