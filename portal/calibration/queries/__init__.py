"""Reads of the calibration room: who meets in it, what is on the table, and what may be said about the two bars."""

from portal.calibration.queries.ballots import ballot_of, ballots_of
from portal.calibration.queries.checks import Reading, checks_of, reading_of
from portal.calibration.queries.evidence import CaseFacts, facts_of, pooled
from portal.calibration.queries.figures import measure
from portal.calibration.queries.rooms import case, grade_room, overview_room

__all__ = [
    "CaseFacts",
    "Reading",
    "ballot_of",
    "ballots_of",
    "case",
    "checks_of",
    "facts_of",
    "grade_room",
    "measure",
    "overview_room",
    "pooled",
    "reading_of",
]
