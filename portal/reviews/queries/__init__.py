"""Reads about reviews. Each list is ordered; what a person may not know is left out here, not on the page."""

from portal.reviews.queries.assignments import board, cycle, load_by_person, may_run
from portal.reviews.queries.away import Away, away_from
from portal.reviews.queries.fitness import choices, standing_of, statement_writers
from portal.reviews.queries.packet import evidence_ids, sealed_reviews
from portal.reviews.queries.people import (
    assignment,
    case_for_saving,
    frozen_reviews,
    people_by_id,
    recusal,
)
from portal.reviews.queries.planning import (
    Ground,
    anchored,
    counted,
    ground,
    ids_by_email,
    latest_run,
    pairs_of,
    problem_of,
    run,
    runnable,
)
from portal.reviews.queries.queue import EVERYTHING, Place, Task, Wanted, place_in, queue, wanted
from portal.reviews.queries.sealed import measurement_rows, position_of, sealed_scores

__all__ = [
    "EVERYTHING",
    "Away",
    "Ground",
    "Place",
    "Task",
    "Wanted",
    "anchored",
    "assignment",
    "away_from",
    "board",
    "case_for_saving",
    "choices",
    "counted",
    "cycle",
    "evidence_ids",
    "frozen_reviews",
    "ground",
    "ids_by_email",
    "latest_run",
    "load_by_person",
    "may_run",
    "measurement_rows",
    "pairs_of",
    "people_by_id",
    "place_in",
    "position_of",
    "problem_of",
    "queue",
    "recusal",
    "run",
    "runnable",
    "sealed_reviews",
    "sealed_scores",
    "standing_of",
    "statement_writers",
    "wanted",
]
