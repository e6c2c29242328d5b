"""The context of this room's pages, and what it offers on the pages of a case and a cycle."""

from portal.decisions.fragments.appeal import OUTCOME_WORDS, answer_form, answer_page, appeal_page, may_file, picked
from portal.decisions.fragments.decision import (
    cycle_tabs,
    decision_form,
    decision_page,
    offer_allowed,
    offers,
    record_reasons,
    tabs,
    waits_for,
)

__all__ = [
    "OUTCOME_WORDS",
    "answer_form",
    "answer_page",
    "appeal_page",
    "cycle_tabs",
    "decision_form",
    "decision_page",
    "may_file",
    "offer_allowed",
    "offers",
    "picked",
    "record_reasons",
    "tabs",
    "waits_for",
]
