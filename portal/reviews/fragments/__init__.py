"""The contexts of this room's pages, and what the room puts on the page of a case."""

from portal.reviews.fragments.anchors import anchor_list, new_anchor, one_anchor, scoring_anchor
from portal.reviews.fragments.assigning import choosing, keeping
from portal.reviews.fragments.offered import cycle_tabs, offers, tabs
from portal.reviews.fragments.offline import looked_words, offline, sheet_for
from portal.reviews.fragments.planning import plan_page, search_form
from portal.reviews.fragments.planning import progress as search_progress
from portal.reviews.fragments.reading import reading, sealing
from portal.reviews.fragments.waiting import waiting
from portal.reviews.fragments.writing import amending, evidence_of, given, saved_words, writing

__all__ = [
    "amending",
    "anchor_list",
    "choosing",
    "cycle_tabs",
    "evidence_of",
    "given",
    "keeping",
    "looked_words",
    "new_anchor",
    "offers",
    "offline",
    "one_anchor",
    "plan_page",
    "reading",
    "saved_words",
    "scoring_anchor",
    "sealing",
    "search_form",
    "search_progress",
    "sheet_for",
    "tabs",
    "waiting",
    "writing",
]
