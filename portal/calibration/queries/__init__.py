"""Reads of the calibration room: who meets in it, what is on the table, and what may be said about the two bars."""

from portal.calibration.queries.agenda import Item, agenda
from portal.calibration.queries.ballots import ballot_of, ballots_of, waiting_for
from portal.calibration.queries.checks import Reading, checks_of, evidence_hash, question_for, reading_of, readings_of
from portal.calibration.queries.evidence import CaseFacts, anchor_facts, facts_of, pooled
from portal.calibration.queries.figures import Adjusted, Figures, adjusted, measure
from portal.calibration.queries.protocol import Protocol, protocol_at, seats_of, settled_in
from portal.calibration.queries.published import last_checks, published_in, published_until
from portal.calibration.queries.pulse import Pulse, pulse
from portal.calibration.queries.rooms import (
    Gathered,
    bare_room,
    cases_at,
    families_of,
    gathered,
    grade_room,
    method_room,
    overview_room,
    place,
    published_room,
)
from portal.calibration.queries.scores import sheets_at
from portal.calibration.queries.sessions import (
    changes_of,
    minutes_of,
    position_now,
    settled,
    sitting,
    sitting_case,
    stand,
)
from portal.calibration.queries.table import CaseRow, case_rows

__all__ = [
    "Adjusted",
    "CaseFacts",
    "CaseRow",
    "Figures",
    "Gathered",
    "Item",
    "Protocol",
    "Pulse",
    "Reading",
    "adjusted",
    "agenda",
    "anchor_facts",
    "ballot_of",
    "ballots_of",
    "bare_room",
    "case_rows",
    "cases_at",
    "changes_of",
    "checks_of",
    "evidence_hash",
    "facts_of",
    "families_of",
    "gathered",
    "grade_room",
    "last_checks",
    "measure",
    "method_room",
    "minutes_of",
    "overview_room",
    "place",
    "pooled",
    "position_now",
    "protocol_at",
    "published_in",
    "published_room",
    "published_until",
    "pulse",
    "question_for",
    "reading_of",
    "readings_of",
    "seats_of",
    "settled",
    "settled_in",
    "sheets_at",
    "sitting",
    "sitting_case",
    "stand",
    "waiting_for",
]
