"""Reads about reviews. Each list is ordered; what a person may not know is left out here, not on the page."""

from portal.reviews.queries.fitness import standing_of, statement_writers
from portal.reviews.queries.packet import evidence_ids, latest_snapshot
from portal.reviews.queries.sealed import measurement_rows, position_of, sealed_scores

__all__ = [
    "evidence_ids",
    "latest_snapshot",
    "measurement_rows",
    "position_of",
    "sealed_scores",
    "standing_of",
    "statement_writers",
]
