"""Reads of the calibration room: who meets in it, what is on the table, and what may be said about the two bars."""

from portal.calibration.queries.agenda import Item, agenda
from portal.calibration.queries.ballots import ballot_of, ballots_of
from portal.calibration.queries.checks import Reading, checks_of, evidence_hash, question_for, reading_of, readings_of
from portal.calibration.queries.evidence import CaseFacts, facts_of, pooled
from portal.calibration.queries.figures import Figures, measure
from portal.calibration.queries.published import last_checks, published_in, published_until
from portal.calibration.queries.rooms import (
    cases_at,
    earlier_facts,
    families_of,
    grade_room,
    method_room,
    overview_room,
    published_room,
)
from portal.calibration.queries.scores import sheets_at

__all__ = [
    "CaseFacts",
    "Figures",
    "Item",
    "Reading",
    "agenda",
    "ballot_of",
    "ballots_of",
    "cases_at",
    "checks_of",
    "earlier_facts",
    "evidence_hash",
    "facts_of",
    "families_of",
    "grade_room",
    "last_checks",
    "measure",
    "method_room",
    "overview_room",
    "pooled",
    "published_in",
    "published_room",
    "published_until",
    "question_for",
    "reading_of",
    "readings_of",
    "sheets_at",
]
