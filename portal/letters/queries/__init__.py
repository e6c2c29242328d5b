"""Reads about letters: what one is put together from, which are ready in a cycle, which were released, and what a code
stands for."""

from portal.letters.queries.batch import (
    PREPARE,
    RENDER,
    Batch,
    Job,
    Line,
    Stage,
    batch,
    is_being_set,
    jobs_of,
    prepare_key,
    render_key,
)
from portal.letters.queries.issued import (
    Genuine,
    Issued,
    is_superseded,
    issued_in,
    issued_of,
    tidy_code,
    verify,
)
from portal.letters.queries.planned import Planned, planned, release
from portal.letters.queries.small_panels import SmallPanel, small_panels
from portal.letters.queries.sources import latest_letter, letter, letter_place, next_cycle, release_day, sources_of
from portal.letters.queries.templates import (
    ANY,
    TemplatePlace,
    all_places,
    cases_to_show,
    in_force,
    template_place,
)

__all__ = [
    "ANY",
    "PREPARE",
    "RENDER",
    "Batch",
    "Genuine",
    "Issued",
    "Job",
    "Line",
    "Planned",
    "SmallPanel",
    "Stage",
    "TemplatePlace",
    "all_places",
    "batch",
    "cases_to_show",
    "in_force",
    "is_being_set",
    "is_superseded",
    "issued_in",
    "issued_of",
    "jobs_of",
    "latest_letter",
    "letter",
    "letter_place",
    "next_cycle",
    "planned",
    "prepare_key",
    "release",
    "release_day",
    "render_key",
    "small_panels",
    "sources_of",
    "template_place",
    "tidy_code",
    "verify",
]
