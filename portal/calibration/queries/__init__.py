"""Reads of the calibration room: who meets in it, what is on the table, and what may be said about the two bars."""

from portal.calibration.queries.agenda import Item, agenda
from portal.calibration.queries.ballots import ballot_of, ballots_of
from portal.calibration.queries.checks import Reading, checks_of, evidence_hash, question_for, reading_of, readings_of
from portal.calibration.queries.evidence import CaseFacts, anchor_facts, facts_of, pooled
from portal.calibration.queries.figures import Adjusted, Figures, adjusted, measure
from portal.calibration.queries.published import last_checks, published_in, published_until
from portal.calibration.queries.rooms import (
    cases_at,
    earlier_facts,
    families_of,
    grade_room,
    method_room,
    overview_room,
    published_room,
    watched_room,
)
from portal.calibration.queries.scores import sheets_at
from portal.calibration.queries.sessions import (
    Pulse,
    changes_of,
    going_on,
    minutes_of,
    position_now,
    pulse,
    sessions_at,
    settled,
    settled_in,
    sitting,
    sitting_case,
)

__all__ = [
    "Adjusted",
    "CaseFacts",
    "Figures",
    "Item",
    "Pulse",
    "Reading",
    "adjusted",
    "agenda",
    "anchor_facts",
    "ballot_of",
    "ballots_of",
    "cases_at",
    "changes_of",
    "checks_of",
    "earlier_facts",
    "evidence_hash",
    "facts_of",
    "families_of",
    "going_on",
    "grade_room",
    "last_checks",
    "measure",
    "method_room",
    "minutes_of",
    "overview_room",
    "pooled",
    "position_now",
    "published_in",
    "published_room",
    "published_until",
    "pulse",
    "question_for",
    "reading_of",
    "readings_of",
    "sessions_at",
    "settled",
    "settled_in",
    "sheets_at",
    "sitting",
    "sitting_case",
    "watched_room",
]
