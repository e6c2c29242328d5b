"""Who reviews which case: every seat filled, loads within bounds, conflicts never, and the tracks of each grade tied
together. Pure: plain data in and out; scipy is imported by what needs it."""

from portal.domain.assignment.links import Link, Stratum, holds, link, strata_of
from portal.domain.assignment.plan import Plan, Tied, assign
from portal.domain.assignment.problem import Bounds, Problem, Reviewer, WantedCase
from portal.domain.assignment.shortage import Shortage

__all__ = [
    "Bounds",
    "Link",
    "Plan",
    "Problem",
    "Reviewer",
    "Shortage",
    "Stratum",
    "Tied",
    "WantedCase",
    "assign",
    "holds",
    "link",
    "strata_of",
]
