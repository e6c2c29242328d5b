"""Reads a ladder against the principles: every rule, every subject, three-valued.

What is not declared is `unknown`, never a guess; no input makes a rule raise. The findings are the same on the ladder's
page, at the command line and behind the letter's line on equivalence.
"""

from portal.domain.ladder import Family
from portal.domain.lint import (
    bars,
    competencies,
    fairness,
    pay,
    structure,
    switches,
    third_way,
    wording,
    work,
)
from portal.domain.lint.bars import BAR_RULES, bar_unknowns
from portal.domain.lint.finding import Finding, Rule, Status
from portal.domain.lint.remedies import PRINCIPLES, REMEDIES, principle_sentences
from portal.domain.lint.strictness import STRENGTHS, Stringency, strictness_ratio, stringency

__all__ = [
    "BAR_RULES",
    "PRINCIPLES",
    "REMEDIES",
    "RULES",
    "STRENGTHS",
    "Finding",
    "Rule",
    "Status",
    "Stringency",
    "bar_unknowns",
    "check",
    "principle_sentences",
    "strictness_ratio",
    "stringency",
]

_GROUPS = (pay, structure, competencies, wording, bars, fairness, work, switches, third_way)

RULES: tuple[Rule, ...] = tuple(sorted((rule for group in _GROUPS for rule in group.RULES), key=lambda rule: rule.id))
"""Every rule, in the order of its id."""


def check(family: Family) -> list[Finding]:
    """Every rule's findings on a ladder, in the order of the rules; each rule speaks at least once."""
    return [finding for rule in RULES for finding in rule.findings(family)]
